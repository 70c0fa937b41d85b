//! The golden samples: every kind and version ever released must decode for ever, to this meaning.
//!
//! A sample is the exact canonical payload, named `NUMBER-KindName.vVERSION[.variant].json`.
//! Samples are added and never changed; `SHA256SUMS` beside them says so.

mod expected;
mod expected_of_branches;
mod frozen;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::family::{kinds, released, tag};
use crate::{Envelope, Event, FamilyName};
use expected::expected;

/// One sample on disk.
struct Sample {
    name: String,
    bytes: Vec<u8>,
}

impl Sample {
    /// The kind that its file name states: number, name, version.
    fn stated(&self) -> (u16, &str, u16) {
        let (number, rest) = self.name.split_once('-').expect("NUMBER-KindName.vVERSION");
        let (name, rest) = rest.split_once(".v").expect("KindName.vVERSION");
        let version = rest.split_once('.').map_or(rest, |(version, _)| version);
        (number.parse().expect("a number"), name, version.parse().expect("a version"))
    }

    fn family(&self) -> FamilyName {
        match self.stated().0 / 100 {
            1 => FamilyName::Ledger,
            2 => FamilyName::Person,
            3 => FamilyName::Membership,
            4 => FamilyName::Branch,
            5 => FamilyName::Post,
            6 => FamilyName::Policy,
            7 => FamilyName::Host,
            8 => FamilyName::Relation,
            // Corrections of any family: the samples are of memberships.
            13 => FamilyName::Membership,
            10 => FamilyName::Transfer,
            11 => FamilyName::Reorganisation,
            12 => FamilyName::Clock,
            hundred => panic!("{}: no family has the numbers from {hundred}00", self.name),
        }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }

    fn refuses(&self, changed: &str) {
        assert_ne!(self.text(), changed, "{}: nothing was changed", self.name);
        let read = Event::decode(self.family(), changed.as_bytes());
        assert!(read.is_err(), "{}: was taken: {changed}", self.name);
    }
}

fn bytes(name: &str) -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    std::fs::read(samples.join(format!("{name}.json"))).expect("a sample")
}

fn samples() -> Vec<Sample> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let names = std::fs::read_dir(samples).expect("the samples").filter_map(|entry| {
        let name = entry.expect("an entry").file_name().into_string().expect("ASCII");
        name.strip_suffix(".json").map(str::to_owned)
    });
    let payloads = names.filter(|name| !name.starts_with("envelope."));
    let mut found: Vec<_> = payloads.map(|name| Sample { bytes: bytes(&name), name }).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(found.len() >= released().len(), "the samples are not where they should be");
    found
}

#[test]
fn every_released_kind_and_version_has_a_sample() {
    let samples = samples();
    let stated: BTreeSet<_> = samples.iter().map(Sample::stated).collect();
    let released = released().into_iter().map(|kind| (kind.number, kind.name, kind.version));
    assert_eq!(stated, released.collect());
}

#[test]
fn every_sample_means_what_it_meant() {
    let mut expected: BTreeMap<_, _> = expected().into_iter().collect();
    for sample in samples() {
        let meant = expected.remove(sample.name.as_str());
        let meant = meant.unwrap_or_else(|| panic!("{}: nothing says what it means", sample.name));
        let read = Event::decode(sample.family(), &sample.bytes);
        assert_eq!(read.expect("a sample decodes for ever"), meant, "{}", sample.name);
        assert_eq!(meant.family(), sample.family(), "{}", sample.name);
        // In another order the kind is found where it is, and the meaning is the same.
        let tree: serde_json::Value = serde_json::from_slice(&sample.bytes).expect("JSON");
        let last = format!(",\"kind\":{}}}", tree["kind"]);
        let kind = format!("\"kind\":{},", tree["kind"]);
        let moved = sample.text().replacen(&kind, "", 1);
        let moved = format!("{}{last}", moved.strip_suffix('}').expect("an object"));
        let read = Event::decode(sample.family(), moved.as_bytes());
        assert_eq!(read.expect("the same"), meant, "{moved}");
    }
    assert!(expected.is_empty(), "no such sample: {:?}", expected.keys());
}

#[test]
fn every_sample_is_what_its_file_name_says() {
    for sample in samples() {
        let (number, name, version) = sample.stated();
        assert_eq!(tag(&sample.bytes), Some((name, version)), "{}", sample.name);
        let event = Event::decode(sample.family(), &sample.bytes).expect("a sample decodes");
        assert_eq!((event.kind().number, event.kind().name), (number, name), "{}", sample.name);
    }
}

#[test]
fn every_sample_is_written_again_byte_for_byte() {
    for sample in samples() {
        let again = Event::rewritten(sample.family(), &sample.bytes).expect("a sample decodes");
        assert_eq!(String::from_utf8(again).unwrap(), sample.text(), "{}", sample.name);
    }
}

#[test]
fn todays_samples_are_what_is_written_today() {
    let today = kinds();
    for sample in samples() {
        let (number, _, version) = sample.stated();
        if today.iter().any(|kind| (kind.number, kind.version) == (number, version)) {
            let event = Event::decode(sample.family(), &sample.bytes).expect("a sample decodes");
            assert_eq!(event.payload(), sample.bytes, "{}", sample.name);
        }
    }
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    for sample in samples() {
        for (brace, _) in sample.text().match_indices('{') {
            let (before, after) = sample.text().split_at(brace + 1);
            sample.refuses(&format!("{before}\"surprise\":\"x\",{after}"));
        }
    }
}

#[test]
fn duplicate_keys_are_refused_at_every_depth() {
    for sample in samples() {
        let keys = sample.text().match_indices("\":").map(|(colon, _)| {
            let start = sample.text()[..colon].rfind('"').expect("a key begins");
            (start, &sample.text()[start..=colon])
        });
        for (start, key) in keys {
            let (before, after) = sample.text().split_at(start);
            sample.refuses(&format!("{before}{key}:null,{after}"));
            let value = value_at(&after[key.len() + 1..]);
            sample.refuses(&format!("{before}{key}:{value},{after}"));
        }
    }
}

/// The JSON value with which a text begins.
fn value_at(text: &str) -> String {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    values.next().expect("a value").expect("JSON").to_string()
}

#[test]
fn floats_are_refused() {
    let mut tried = 0;
    for sample in samples() {
        for number in [":1,", ":92,"].into_iter().filter(|number| sample.text().contains(number)) {
            let float = number.replace(',', ".0,");
            sample.refuses(&sample.text().replace(number, &float));
            tried += 1;
        }
    }
    assert!(tried >= 3, "the samples hold whole numbers");
}

#[test]
fn invisible_characters_are_refused() {
    for (name, word) in [
        ("101-LedgerOpened.v1", "union"),
        ("401-BranchFormed.v1", "Zürich"),
        ("401-BranchFormed.v1", "zh-nord"),
        ("401-BranchFormed.v1", "Sektion"),
        ("501-PostTaken.v1", "secretary"),
        ("601-PolicyAdopted.v1", "model"),
        ("601-PolicyAdopted.v2", "model"),
        ("701-HostRegistered.v1", "Sonne"),
        ("701-HostRegistered.v1", "software"),
    ] {
        let sample = Sample { name: name.to_owned(), bytes: bytes(name) };
        for bad in ["\\u0000", "\\n", "\\u007f", "\u{202e}", "\u{200b}"] {
            sample.refuses(&sample.text().replace(word, &format!("{word}{bad}{word}")));
        }
    }
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    for sample in samples() {
        let date = sample.text().split("\"effective\":\"").nth(1).expect("a date");
        sample.refuses(&sample.text().replace(&date[..10], "2023-02-29"));
    }
}

#[test]
fn a_newer_version_is_named() {
    for sample in samples() {
        let (_, name, version) = sample.stated();
        if released().iter().any(|kind| (kind.name, kind.version) == (name, version + 1)) {
            continue;
        }
        let newer = format!("{name}.v{}", version + 1);
        let changed = sample.text().replace(&format!("{name}.v{version}"), &newer);
        let error = Event::decode(sample.family(), changed.as_bytes()).expect_err("too new");
        assert!(error.to_string().contains(&newer), "{error}");
    }
}

#[test]
fn envelopes_are_written_again_byte_for_byte() {
    for name in ["envelope.v1", "envelope.v1.minimal"] {
        let golden = bytes(name);
        let envelope: Envelope = serde_json::from_slice(&golden).expect("an envelope");
        assert_eq!(envelope.to_bytes(), golden, "{name}");
    }
}

#[test]
fn an_envelope_is_one_flat_object_of_strings_with_known_keys_once() {
    let golden = String::from_utf8(bytes("envelope.v1")).expect("UTF-8");
    let flat: BTreeMap<String, String> = serde_json::from_str(&golden).expect("strings only");
    assert_eq!(flat.len(), 17);
    for (key, value) in &flat {
        let more = |more: &str| golden.replacen('{', &format!("{{{more},"), 1);
        for bad in [
            more(&format!("\"{key}\":\"{value}\"")),
            more(&format!("\"{key}s\":\"x\"")),
            golden.replace(&format!("\"{key}\":\"{value}\""), &format!("\"{key}\":7")),
        ] {
            assert!(serde_json::from_str::<Envelope>(&bad).is_err(), "was taken: {bad}");
        }
    }
}
