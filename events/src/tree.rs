//! JSON of any shape as it is written: keys in their order, each of them once, and no floats.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One value. A general JSON library would sort keys and take the last of two equal ones, so that
/// other bytes would pass for the recorded ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// Nothing.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A whole number from zero on.
    Number(u64),
    /// A number below zero.
    Negative(i64),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Tree>),
    /// Values by key, in their order.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// The text that an object has under a key.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        let Self::Object(fields) = self else { return None };
        match fields.iter().find(|(name, _)| name == key) {
            Some((_, Self::Text(text))) => Some(text),
            Some(_) | None => None,
        }
    }

    /// Its bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a tree has string keys and no floats, so it is JSON")
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Negative(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Grower)
    }
}

struct Grower;

impl<'de> Visitor<'de> for Grower {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without floats and without a key twice")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree, E> {
        Ok(u64::try_from(number).map_or(Tree::Negative(number), Tree::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut fields: Vec<(String, Tree)> = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Tree>()? {
            if fields.iter().any(|(other, _)| *other == key) {
                return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
            }
            fields.push((key, value));
        }
        Ok(Tree::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back_in_its_order() {
        let text = r#"{"b":[1,-2,null,true],"a":{"z":"é","y":""}}"#;
        let tree: Tree = serde_json::from_str(text).unwrap();
        assert_eq!(String::from_utf8(tree.to_bytes()).unwrap(), text);
        assert_eq!((tree.text("b"), tree.text("c")), (None, None));
    }

    #[test]
    fn floats_and_keys_that_come_twice_are_refused() {
        for text in [r#"{"a":1.0}"#, r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#] {
            assert!(serde_json::from_str::<Tree>(text).is_err(), "{text}");
        }
    }
}
