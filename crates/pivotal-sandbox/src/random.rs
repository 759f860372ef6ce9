//! Seeded random numbers, and the IDs made from them.

use serde::{Deserialize, Serialize};

/// A SplitMix64 generator: the same seed gives the same numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    pub(crate) fn next(&mut self) -> u64 {
        let mixed = mix(self.0);
        self.0 = self.0.wrapping_add(GAMMA);
        mixed
    }

    /// A number below `bound`, which must not be 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product has no bias towards small numbers, as a remainder has.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True with this probability: never at 0, always at 1.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        // A float between 0 and 1 has 53 bits.
        ((self.next() >> 11) as f64) / ((1_u64 << 53) as f64) < probability
    }
}

/// The step of SplitMix64.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Scatters a number: neighbours come out far apart.
pub(crate) fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(GAMMA);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Characters of an ID after its leading `c`.
const ID_LENGTH: usize = 24;
/// Of those, how many hold the running number; the others are scattered.
const ID_COUNTER: usize = 8;

/// Makes IDs like `cl9bn00of0000g7l8gcq8c4xk`: a `c` and 24 letters or digits, so that no opaque ID
/// can be taken for a `display_id`. The same seed gives the same IDs. Evidence: example (the form),
/// decided (how they are made).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdSequence {
    seed: u64,
    issued: u64,
}

impl IdSequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, issued: 0 }
    }

    pub(crate) fn next(&mut self) -> String {
        let number = self.issued;
        self.issued = number.wrapping_add(1);
        let scattered = mix(number.wrapping_add(self.seed.rotate_left(32)));
        let mut id = String::with_capacity(ID_LENGTH + 1);
        id.push('c');
        push_base36(&mut id, number, ID_COUNTER);
        push_base36(&mut id, mix(self.seed ^ mix(number)), ID_LENGTH / 3);
        push_base36(&mut id, scattered, ID_LENGTH - ID_COUNTER - ID_LENGTH / 3);
        id
    }
}

/// Appends the lowest `digits` digits of a number in base 36.
fn push_base36(id: &mut String, number: u64, digits: usize) {
    for position in (0..digits as u32).rev() {
        let digit = number / 36_u64.pow(position) % 36;
        id.push(char::from_digit(digit as u32, 36).expect("a remainder of 36 is a base-36 digit"));
    }
}
