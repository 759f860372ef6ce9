//! Opaque ids.

use crate::random::mix;

/// Characters of an id after its leading `c`.
const LENGTH: usize = 24;
/// Of those, how many count; the others scatter.
const COUNTED: usize = 8;

/// Makes ids like `cl9bn00of0000g7l8gcq8c4xk`: a `c` and 24 letters or digits, never all digits, so
/// that no opaque id can be taken for a display_id. The same seed gives the same ids. Evidence:
/// example (the form), decided (the making).
#[derive(Debug)]
pub(crate) struct IdSequence {
    seed: u64,
    made: u64,
}

impl IdSequence {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    pub(crate) fn next(&mut self) -> String {
        let number = self.made;
        self.made += 1;
        let mut id = String::with_capacity(LENGTH + 1);
        id.push('c');
        push_base36(&mut id, number, COUNTED);
        push_base36(&mut id, mix(self.seed ^ mix(number)), LENGTH / 3);
        push_base36(
            &mut id,
            mix(number.wrapping_add(self.seed.rotate_left(32))),
            LENGTH - COUNTED - LENGTH / 3,
        );
        id
    }
}

/// The lowest `digits` digits of a number to the base 36.
fn push_base36(id: &mut String, number: u64, digits: usize) {
    for place in (0..digits as u32).rev() {
        let digit = number / 36_u64.pow(place) % 36;
        id.push(
            char::from_digit(digit as u32, 36)
                .expect("a remainder of 36 is a digit to the base 36"),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::IdSequence;

    #[test]
    fn ids_are_distinct_alike_in_form_and_repeat_with_the_seed() {
        let ids = |seed| {
            let mut sequence = IdSequence::new(seed);
            (0..5_000).map(|_| sequence.next()).collect::<Vec<_>>()
        };
        let first = ids(7);
        assert_eq!(first, ids(7));
        assert_eq!(
            first.iter().chain(&ids(8)).collect::<HashSet<_>>().len(),
            10_000
        );
        for id in first {
            assert_eq!(id.len(), 25);
            assert!(
                id.starts_with('c')
                    && id
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
                "{id}"
            );
        }
    }
}
