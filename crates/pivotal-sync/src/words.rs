//! Enums that are words in the database and in JSON, and numbers with a noun.

/// A number of things: `1 record`, `2 records`.
pub(crate) fn number(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )* }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        $(#[$about])*
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$doc])* #[serde(rename = $word)] $variant, )*
        }

        impl $name {
            /// The word in the database and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(
                value: rusqlite::types::ValueRef<'_>,
            ) -> rusqlite::types::FromSqlResult<Self> {
                match value.as_str()? {
                    $( $word => Ok(Self::$variant), )*
                    other => {
                        let unknown = format!("the word {other:?} is unknown");
                        Err(rusqlite::types::FromSqlError::Other(unknown.into()))
                    }
                }
            }
        }
    };
}

pub(crate) use words;
