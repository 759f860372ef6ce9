//! Enums that are words in the database and in JSON.

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
