//! Golden samples are added, and neither changed nor taken away.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Complaints;

/// Samples that are not as the checked-in list of their hashes says.
pub(super) fn kept() -> Complaints {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("events/samples");
    let sums = std::fs::read_to_string(samples.join("SHA256SUMS")).expect("the list of hashes");
    let mut found = BTreeMap::new();
    for directory in ["", "example/"] {
        for entry in std::fs::read_dir(samples.join(directory)).expect("the samples") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.file_name().and_then(|name| name.to_str()).expect("ASCII");
                found.insert(format!("{directory}{name}"), std::fs::read(&path).expect("a sample"));
            }
        }
    }
    differences(&sums, &found)
}

fn differences(sums: &str, found: &BTreeMap<String, Vec<u8>>) -> Complaints {
    let listed = sums.lines().filter_map(|line| line.split_once("  "));
    let listed: BTreeMap<_, _> = listed.map(|(sum, name)| (name, sum)).collect();
    let mut complaints = Vec::new();
    for (name, bytes) in found {
        let sum =
            Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        match listed.get(name.as_str()) {
            None => complaints.push(format!("{name}: not listed; add it: {sum}  {name}")),
            Some(listed) if *listed != sum => complaints.push(format!("{name}: was changed")),
            Some(_) => {}
        }
    }
    let gone = listed.keys().filter(|name| !found.contains_key(**name));
    complaints.extend(gone.map(|name| format!("{name}: was taken away")));
    complaints
}

#[test]
fn changed_missing_and_unlisted_samples_are_found() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let sums = format!("{empty}  a.json\n{empty}  b.json\n{empty}  c.json\n");
    let found = [("a.json", ""), ("b.json", "{}"), ("d.json", "")];
    let found = found.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let expected = [
        "b.json: was changed".to_owned(),
        format!("d.json: not listed; add it: {empty}  d.json"),
        "c.json: was taken away".to_owned(),
    ];
    assert_eq!(differences(&sums, &BTreeMap::from(found)), expected);
}
