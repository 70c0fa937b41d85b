//! How a kind gains a version, by example: `ExampleFormed` had no level, and now it has one.

#![expect(unreachable_pub, reason = "the macro declares families that all crates read")]

use serde::{Deserialize, Serialize};

use super::{Family, Kind, family, tag};
use crate::values::{Code, Date, Text};

family! {
    /// What a family looks like after one of its kinds changed its shape.
    ExampleEvent as Branch {
        /// Something was formed.
        901 Formed("ExampleFormed.v2") {
            /// Its name.
            name: Text,
            /// Its level. Version 1 knew one level only, and did not say so.
            level: Code,
        }
        /// It ceased to be.
        902 Dissolved("ExampleDissolved.v1") {}
    }
    upcast {
        901 "ExampleFormed.v1" from FormedV1,
    }
}

/// Version 1 as it was written, field by field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormedV1 {
    effective: Date,
    name: Text,
}

impl From<FormedV1> for ExampleEvent {
    fn from(FormedV1 { effective, name }: FormedV1) -> Self {
        let level = Code::parse("local").expect("a code");
        Self::Formed { effective, precision: None, name, level }
    }
}

const V1: &[u8] = include_bytes!("../../samples/example/901-ExampleFormed.v1.json");
const V2: &[u8] = include_bytes!("../../samples/example/901-ExampleFormed.v2.json");

fn formed(level: &str) -> ExampleEvent {
    ExampleEvent::Formed {
        effective: jiff::civil::date(1998, 5, 1),
        precision: None,
        name: Text::parse("Zürich Nord").unwrap(),
        level: Code::parse(level).unwrap(),
    }
}

#[test]
fn both_versions_read_as_todays() {
    assert_eq!(serde_json::from_slice::<ExampleEvent>(V1).unwrap(), formed("local"));
    assert_eq!(serde_json::from_slice::<ExampleEvent>(V2).unwrap(), formed("regional"));
}

#[test]
fn an_untouched_repository_reads_both_too() {
    for (bytes, level) in [(V1, "local"), (V2, "regional")] {
        let tree: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(serde_json::from_value::<ExampleEvent>(tree).unwrap(), formed(level));
    }
}

#[test]
fn each_version_keeps_its_own_canonical_bytes() {
    assert_eq!(ExampleEvent::rewritten(V1).unwrap(), V1);
    assert_eq!(ExampleEvent::rewritten(V2).unwrap(), V2);
    let blanks = [b" ", V1].concat();
    assert_eq!(ExampleEvent::rewritten(&blanks).unwrap(), V1);
}

#[test]
fn only_todays_version_is_written() {
    let written = serde_json::to_vec(&formed("regional")).unwrap();
    assert_eq!(written, V2);
    assert_eq!(tag(&written), Some(("ExampleFormed", 2)));
    assert_eq!(tag(V1), Some(("ExampleFormed", 1)));
}

#[test]
fn the_former_version_stays_as_strict_as_it_was() {
    let text = std::str::from_utf8(V1).unwrap();
    for extra in [r#","level":"local"}"#, r#","name":"Twice"}"#] {
        let more = text.replace('}', extra);
        assert!(serde_json::from_str::<ExampleEvent>(&more).is_err(), "{more}");
    }
}

#[test]
fn numbers_and_versions_come_from_the_declaration() {
    let kind = |name, number, version| Kind { number, name, version };
    let today = [kind("ExampleFormed", 901, 2), kind("ExampleDissolved", 902, 1)];
    assert_eq!(ExampleEvent::KINDS, today);
    assert_eq!(ExampleEvent::FORMER, [kind("ExampleFormed", 901, 1)]);
    assert_eq!(formed("local").kind(), today[0]);
    assert_eq!(Kind::tagged(1, "A.v120").version, 120);
}
