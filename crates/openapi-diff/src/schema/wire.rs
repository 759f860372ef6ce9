//! How values are written.

use super::Step;
use super::types::Types;

/// How a value is written in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wire {
    /// As JSON: a number is no string.
    Json,
    /// As text: every number is a string too.
    Text,
    /// As text, an array item by item: an array of one item is written like that item.
    Exploded,
    /// As the fields of a form.
    Form,
    /// As one field of a form: like `Exploded`, but objects are JSON.
    Field,
    /// As an object parameter of style `deepObject`.
    DeepObject,
    /// As a value of that object. OpenAPI does not say how its types are told apart.
    InDeepObject,
}

impl Wire {
    /// How the values inside are written.
    pub(super) const fn inside(self, step: Step<'_>) -> Self {
        match (self, step) {
            (Self::Form, Step::Property(_) | Step::Matching(_) | Step::Other)
            | (Self::Field, Step::Item | Step::TupleItem(_)) => Self::Field,
            (Self::Json | Self::Form | Self::Field, _) => Self::Json,
            (Self::Text | Self::Exploded, _) => Self::Text,
            (Self::DeepObject | Self::InDeepObject, _) => Self::InDeepObject,
        }
    }

    pub(super) const fn is_text(self) -> bool {
        !matches!(self, Self::Json | Self::Form | Self::DeepObject)
    }

    /// The types of all values that are written like values of these types.
    pub(super) fn readable(self, types: Types) -> Types {
        if self.is_text() && types.contains(Types::STRING) {
            types | Types::SCALAR
        } else {
            types
        }
    }

    /// The types whose keywords hold for what is written: text can be matched with a pattern.
    pub(super) fn written(self, types: Types) -> Types {
        if self.is_text() && types.intersects(Types::SCALAR) {
            types | Types::STRING
        } else {
            types
        }
    }

    /// Whether one item of these types is written like an array of it.
    pub(super) fn writes_item_as_array(self, item: Types) -> bool {
        match self {
            Self::Exploded | Self::Field => true,
            // Text may hold the delimiter; numbers do not.
            Self::Text => !item.contains(Types::STRING),
            _ => false,
        }
    }
}
