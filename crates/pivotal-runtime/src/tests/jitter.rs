//! The random numbers that spread retries.

use crate::retry::Jitter;

#[test]
fn one_seed_gives_one_sequence_that_fills_the_range_evenly() {
    let (one, other) = (Jitter::new(Some(7)), Jitter::new(Some(7)));
    let mut tenths = [0u32; 10];
    for _ in 0..10_000 {
        let number = one.next();
        assert_eq!(number, other.next());
        tenths[(number * 10.0) as usize] += 1;
    }
    let even = tenths.iter().all(|count| (900..1100).contains(count));
    assert!(even, "{tenths:?}");
    assert_ne!(Jitter::new(None).next(), Jitter::new(None).next());
}
