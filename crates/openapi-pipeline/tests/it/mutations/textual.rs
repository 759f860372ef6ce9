//! Mutations of a document as text.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One change of a text.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    Remove(Index, u8),
    Insert(Index, &'static str),
    /// One token many times.
    Repeat(Index, &'static str, u16),
    /// A piece of the text once more somewhere else.
    Copy(Index, u8, Index),
    Flip(Index, u8),
    Cut(Index),
    /// YAML in front whose every anchor holds so many aliases of the one before.
    Bomb {
        levels: u8,
        each: u8,
    },
}

pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let token = || select(TOKENS);
    prop_oneof![
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, length)| Mutation::Remove(at, length)),
        3 => (any::<Index>(), token()).prop_map(|(at, token)| Mutation::Insert(at, token)),
        1 => (any::<Index>(), token(), 1..500_u16).prop_map(|(at, token, times)| Mutation::Repeat(at, token, times)),
        1 => (any::<Index>(), any::<u8>(), any::<Index>()).prop_map(|(from, length, to)| Mutation::Copy(from, length, to)),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        1 => any::<Index>().prop_map(Mutation::Cut),
        1 => (1..12_u8, 1..12_u8).prop_map(|(levels, each)| Mutation::Bomb { levels, each }),
    ]
}

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "\\ud800",
    "\n",
    "\r",
    "\t",
    " ",
    "  ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!binary ",
    "!!set ",
    "!x ",
    "|",
    ">-\n",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "#",
    "@",
    "`",
    "NaN",
    ".nan",
    ".inf",
    "-.inf",
    "1e999",
    "-1e-999",
    "0x7f",
    "0o17",
    "1_000",
    "99999999999999999999999999",
    "~",
    "null",
    "yes",
    "\u{feff}",
    "\u{2028}",
    "\0",
    "é",
    "🦀",
    "$ref: '#/a'\n",
    "\"$ref\": \"#\",",
    "{\"a\":",
    "[[[[",
    "a: [*a, &a b]\n",
];

impl Mutation {
    pub(crate) fn apply(&self, text: &mut Vec<u8>) {
        let at = |index: &Index, text: &Vec<u8>| index.index(text.len() + 1);
        let insert = |text: &mut Vec<u8>, at: usize, what: &[u8]| {
            text.splice(at..at, what.iter().copied());
        };
        match self {
            Self::Remove(index, length) => {
                let start = at(index, text);
                let end = text.len().min(start + usize::from(*length));
                text.drain(start..end);
            }
            Self::Insert(index, token) => insert(text, at(index, text), token.as_bytes()),
            Self::Repeat(index, token, times) => {
                insert(
                    text,
                    at(index, text),
                    token.repeat(usize::from(*times)).as_bytes(),
                );
            }
            Self::Copy(from, length, to) => {
                let start = at(from, text);
                let end = text.len().min(start + usize::from(*length));
                let piece = text[start..end].to_vec();
                insert(text, at(to, text), &piece);
            }
            Self::Flip(index, bits) => {
                let place = at(index, text);
                if let Some(byte) = text.get_mut(place) {
                    *byte ^= bits;
                }
            }
            Self::Cut(index) => text.truncate(at(index, text)),
            Self::Bomb { levels, each } => {
                let mut bomb = "x-0: &a0 [boom]\n".to_owned();
                for level in 1..=*levels {
                    let aliases = vec![format!("*a{}", level - 1); usize::from(*each)];
                    bomb.push_str(&format!("x-{level}: &a{level} [{}]\n", aliases.join(", ")));
                }
                insert(text, 0, bomb.as_bytes());
            }
        }
    }
}
