//! Which requests a fault with a probability applies to.

use http::Request;

use crate::{Fault, Faults, contract::Contract};

/// For each of so many requests, whether the fault applies to it.
fn applied(seed: u64, fault: &str, requests: usize) -> Vec<bool> {
    let fault: Fault = fault.parse().unwrap();
    let faults = Faults::new(Contract::shipped(), seed, vec![fault]).unwrap();
    let (head, ()) = Request::get("/api/v1/me").body(()).unwrap().into_parts();
    let mut before = 0;
    let mut next = || {
        let _ = faults.next_for(&head);
        let applied = faults.armed()[0].applied;
        std::mem::replace(&mut before, applied) != applied
    };
    (0..requests).map(|_| next()).collect()
}

#[test]
fn the_seed_alone_decides_and_the_share_is_the_probability() {
    let fault = "*:status=500:probability=0.2";
    let first = applied(7, fault, 10_000);
    assert_eq!(first, applied(7, fault, 10_000));
    // Counts and positions by SplitMix64, calculated apart from this crate.
    for (seed, expected) in [(0, 1_968), (7, 1_985), (8, 2_004)] {
        let applied = applied(seed, fault, 10_000);
        let count = applied.iter().filter(|applied| **applied).count();
        assert_eq!(count, expected, "{seed}");
    }
    let positions = first.iter().enumerate().filter(|(_, applied)| **applied);
    let positions: Vec<_> = positions.map(|(request, _)| request).take(12).collect();
    assert_eq!(positions, [0, 1, 2, 4, 5, 9, 12, 17, 19, 21, 22, 27]);
}
