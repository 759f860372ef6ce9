//! The stages of a generation, for whoever measures them.

use std::fmt;

/// One stage, in the order in which a document passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Text to a checked document, and the names chosen by hand.
    Load,
    /// Any dialect to one; before the overlay and after it.
    Normalise,
    /// Stable names.
    Name,
    /// What the guides promise.
    Overlay,
    /// OpenAPI 3.1 to 3.0.3.
    Lower,
    /// What the generator takes, and tables of what it does not generate.
    Shape,
    /// The generator, with typify in it.
    Generate,
    /// Tokens of the generator to syntax, docs and fields mended.
    Parse,
    /// Syntax to text.
    Print,
    /// The contract's own texts and the lock.
    Contract,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Load => "load",
            Self::Normalise => "normalise",
            Self::Name => "name",
            Self::Overlay => "overlay",
            Self::Lower => "lower",
            Self::Shape => "shape",
            Self::Generate => "generate",
            Self::Parse => "parse",
            Self::Print => "print",
            Self::Contract => "contract",
        })
    }
}
