//! What a page of a list holds.

use jiff::Timestamp;
use pivotal_api::{Contact, ContactList, Customer, CustomerList, Onboarding, OnboardingList};

/// A response that is one page of a list.
///
/// Implemented for the responses of the contract's lists.
pub trait List: Send + 'static {
    /// What it lists.
    type Row: Row;

    /// The rows of this page, newest first.
    fn rows(&self) -> &[Self::Row];

    /// The rows of this page, newest first, by value.
    fn into_rows(self) -> Vec<Self::Row>;

    /// Whether older rows follow. It alone tells; the number of rows does not.
    fn has_more(&self) -> bool;

    /// Where the next page begins.
    fn next_cursor(&self) -> Option<&str>;
}

/// A row of a list.
pub trait Row: Send + Unpin + 'static {
    /// When it was created, which is what lists are ordered by.
    fn created_at(&self) -> Timestamp;
}

macro_rules! lists {
    ($($list:ident of $row:ident),* $(,)?) => {$(
        impl List for $list {
            type Row = $row;

            fn rows(&self) -> &[$row] {
                &self.data
            }

            fn into_rows(self) -> Vec<$row> {
                self.data
            }

            fn has_more(&self) -> bool {
                self.has_more
            }

            fn next_cursor(&self) -> Option<&str> {
                self.next_cursor.as_deref()
            }
        }

        impl Row for $row {
            fn created_at(&self) -> Timestamp {
                self.created_at
            }
        }
    )*};
}

lists! {
    ContactList of Contact,
    CustomerList of Customer,
    OnboardingList of Onboarding,
}
