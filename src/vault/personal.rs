//! What the vault holds: which fields, and a wrapper that keeps their texts out of logs.

use std::fmt;

/// Something personal. It has a redacting `Debug`, no `Display` and no `Serialize`, so that it
/// comes out only where [`Personal::reveal`] is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps it.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Shows it. Every use of this word is a place where personal data leaves our care.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<personal>")
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $Field:ident = $code:literal,)*) => {
        /// What can be kept of a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])* $Field,)*
        }

        impl Field {
            /// Every field, in order.
            pub const ALL: &[Self] = &[$(Self::$Field,)*];

            /// The code under which it is stored: stable for ever.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Field => $code,)*
                }
            }
        }
    };
}

fields! {
    /// The number or name by which a source knows the person.
    Handle = "handle",
    /// The name.
    Name = "name",
    /// The names before, a line each, the oldest first.
    FormerNames = "former_names",
    /// The year of birth.
    BirthYear = "birth_year",
    /// The number of an identity document.
    IdentityNumber = "identity_number",
    /// The telephone number.
    Phone = "phone",
    /// The mail address.
    Email = "email",
}

impl Field {
    /// The field of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == code)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let name = Some(Personal::new("Rosa".to_owned()));
        assert_eq!(format!("{name:?}"), "Some(<personal>)");
        assert_eq!(format!("{:#?}", Personal::new(7)), "<personal>");
    }

    #[test]
    fn every_code_is_parsed_back() {
        for &field in Field::ALL {
            assert_eq!(Field::parse(field.as_str()), Some(field));
        }
        assert_eq!(Field::parse("shoe_size"), None);
    }
}
