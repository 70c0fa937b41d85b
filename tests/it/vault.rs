//! The vault through its public door; where the text speaks of tampering, also with a spade.

mod identity;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use events::{LedgerId, PersonId};
use rollbook::ledger::Location;
use rollbook::vault::{Answer, Field, KnownAs, NewPerson, Personal, Reader, Vault, VaultError};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const LEDGER: LedgerId = LedgerId(Uuid::from_u128(7));

/// A vault's files in a directory of their own.
struct Place {
    directory: TempDir,
    vault: PathBuf,
    key: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let Location { vault, key, .. } = Location::at(&directory.path().join("rollbook.db"));
        Self { vault, key, directory }
    }

    fn create(&self) -> Vault {
        Vault::create(&self.vault, &self.key, LEDGER).expect("a new vault")
    }

    fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.vault, &self.key, LEDGER)
    }

    /// What somebody who holds the file can do to it, and what the triggers still refuse.
    fn dig(&self, sql: &str) -> rusqlite::Result<()> {
        Connection::open(&self.vault).expect("the file").execute_batch(sql)
    }

    /// Every byte in every file of the directory.
    fn bytes(&self) -> Vec<u8> {
        let entries = fs::read_dir(self.directory.path()).expect("the directory");
        let read = |path: PathBuf| fs::read(path).expect("a file");
        entries.flat_map(|entry| read(entry.expect("an entry").path())).collect()
    }

    fn column(&self, sql: &str) -> Vec<Vec<u8>> {
        let connection = Connection::open(&self.vault).expect("the file");
        let mut statement = connection.prepare(sql).expect("a statement");
        let rows = statement.query_map((), |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("bytes")
    }
}

/// Spread like random ids, so that the rows move about in the file as they do in earnest.
fn person(n: u64) -> PersonId {
    let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    PersonId(Uuid::from_u64_pair(mixed, mixed.rotate_left(32)))
}

fn personal(text: impl Into<String>) -> Personal<String> {
    Personal::new(text.into())
}

fn someone(n: u64) -> NewPerson {
    let fields = [
        (Field::Name, personal(format!("canary-name-{n}-"))),
        (Field::Phone, personal(format!("canary-phone-{n}-"))),
        (Field::BirthYear, personal("1970")),
    ];
    NewPerson {
        person: person(n),
        known_as: Some(KnownAs {
            source: "roll".to_owned(),
            handle: personal(format!("canary-handle-{n}-")),
        }),
        fields: BTreeMap::from(fields),
    }
}

fn handle(n: u64) -> String {
    format!("canary-handle-{n}-")
}

fn reader() -> Reader {
    Reader {
        actor: "registrar".to_owned(),
        purpose: "roll call".to_owned(),
        at: "2026-01-02T03:04:05.000006Z".parse().expect("an instant"),
    }
}

/// A field in clear; nothing if the person has none.
fn text(vault: &Vault, n: u64, field: Field) -> Result<Option<String>, VaultError> {
    let answers = vault.read(&reader(), &[person(n)], &[field])?;
    Ok(match answers.get(&person(n)) {
        Some(Answer::Fields(fields)) => fields.get(&field).map(|text| text.reveal().clone()),
        Some(Answer::Erased) => Some("erased".to_owned()),
        None => None,
    })
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn what_was_put_in_is_read_back_after_reopening() {
    let place = Place::new();
    place.create().put(&[someone(1), someone(2)]).unwrap();
    let mut vault = place.open().unwrap();
    assert_eq!(vault.person_of("roll", &handle(2)).unwrap(), Some(person(2)));
    assert_eq!(vault.person_of("other", &handle(2)).unwrap(), None);
    let found = vault.persons_of("roll", &[&handle(2), "nobody", &handle(1)]).unwrap();
    assert_eq!(found, [Some(person(2)), None, Some(person(1))]);
    assert_eq!(text(&vault, 1, Field::Name).unwrap().unwrap(), "canary-name-1-");
    assert_eq!(text(&vault, 1, Field::Handle).unwrap().unwrap(), handle(1));
    assert_eq!(text(&vault, 1, Field::Email).unwrap(), None);
    assert_eq!(text(&vault, 3, Field::Name).unwrap(), None);
    vault.set_field(person(1), Field::Name, &personal("Rosa")).unwrap();
    vault.set_field(person(1), Field::Email, &personal("rosa@example.org")).unwrap();
    drop(vault);
    let vault = place.open().unwrap();
    assert_eq!(text(&vault, 1, Field::Name).unwrap().unwrap(), "Rosa");
    assert_eq!(text(&vault, 1, Field::Email).unwrap().unwrap(), "rosa@example.org");
    assert_eq!(vault.persons().unwrap().len(), 2);
}

#[test]
fn files_are_made_once_and_for_their_owner_alone() {
    let place = Place::new();
    let vault = place.create();
    assert!(!format!("{vault:?}").contains(fs::read_to_string(&place.key).unwrap().trim()));
    let exists = Vault::create(&place.vault, &place.key, LEDGER);
    assert!(matches!(exists, Err(VaultError::Exists(_))));
    let key = fs::read(&place.key).unwrap();
    let other_vault = place.directory.path().join("other.vault");
    drop(Vault::create(&other_vault, &place.key, LEDGER).expect("one key opens several vaults"));
    assert_eq!(fs::read(&place.key).unwrap(), key);
    #[cfg(unix)]
    for path in [&place.vault, &place.key] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_does_not_belong_together_does_not_open() {
    let place = Place::new();
    assert!(matches!(place.open(), Err(VaultError::NoVault(_))));
    drop(place.create());
    let other = Vault::open(&place.vault, &place.key, LedgerId(Uuid::from_u128(8)));
    assert!(matches!(other, Err(VaultError::OtherLedger { found: LEDGER, .. })));

    fs::write(&place.key, "00".repeat(32)).unwrap();
    assert!(matches!(place.open(), Err(VaultError::WrongKey(_))));
    fs::write(&place.key, b"\xff\xff").unwrap();
    assert!(matches!(place.open(), Err(VaultError::MalformedKey(_))));
    fs::remove_file(&place.key).unwrap();
    assert!(matches!(place.open(), Err(VaultError::NoKey(_))));

    let place = Place::new();
    drop(place.create());
    place.dig("PRAGMA user_version = 99").unwrap();
    assert!(matches!(place.open(), Err(VaultError::NewerSchema { found: 99, known: 3, .. })));
    place.dig("PRAGMA application_id = 1").unwrap();
    assert!(matches!(place.open(), Err(VaultError::NotAVault(_))));
    fs::write(&place.vault, "no database at all").unwrap();
    assert!(matches!(place.open(), Err(VaultError::NotAVault(_))));
}

#[test]
fn a_batch_is_put_in_whole_or_not_at_all() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[someone(1)]).unwrap();

    let again = vault.put(&[someone(2), someone(1)]);
    assert!(matches!(again, Err(VaultError::AlreadyKnown(id)) if id == person(1)));
    let taken = NewPerson { person: person(3), ..someone(1) };
    let taken = vault.put(&[someone(2), taken]);
    assert!(matches!(taken, Err(VaultError::HandleTaken(id)) if id == person(3)));
    let mut loose = someone(3);
    loose.fields.insert(Field::Handle, personal("12"));
    let loose = vault.put(&[someone(2), loose]);
    assert!(matches!(loose, Err(VaultError::HandleFixed(id)) if id == person(3)));

    assert_eq!(vault.persons().unwrap(), [person(1)]);
    assert_eq!(vault.person_of("roll", &handle(2)).unwrap(), None);
    let unknown = vault.set_field(person(2), Field::Name, &personal("Rosa"));
    assert!(matches!(unknown, Err(VaultError::Unknown(_))));
    let handle = vault.set_field(person(1), Field::Handle, &personal("12"));
    assert!(matches!(handle, Err(VaultError::HandleFixed(_))));
}

#[test]
fn tampered_rows_are_found() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[someone(1), someone(2)]).unwrap();
    vault.set_field(person(1), Field::Phone, &personal("1")).unwrap();
    let before = format!(
        "CREATE TABLE old_fields AS SELECT * FROM fields;
         CREATE TABLE old_persons AS SELECT * FROM persons;
         CREATE TABLE one AS SELECT x'{}' AS id, x'{}' AS other;",
        person(1).0.simple(),
        person(2).0.simple()
    );
    place.dig(&before).unwrap();
    vault.set_field(person(1), Field::Phone, &personal("2")).unwrap();
    let tamperings = [
        // a byte too many, a field of somebody else, another field of the same person
        "UPDATE fields SET sealed = CAST(sealed || x'00' AS BLOB) WHERE field = 'phone'",
        "UPDATE fields SET sealed = (SELECT sealed FROM fields, one
            WHERE person = other AND field = 'phone') WHERE field = 'phone'",
        "UPDATE fields SET sealed = (SELECT sealed FROM fields, one
            WHERE person = id AND field = 'name') WHERE field = 'phone'",
        // the text before, with this version and with its own
        "UPDATE fields SET sealed = (SELECT sealed FROM old_fields, one
            WHERE person = id AND field = 'phone') WHERE field = 'phone'",
        "INSERT OR REPLACE INTO fields SELECT old_fields.* FROM old_fields, one
            WHERE person = id AND field = 'phone'",
        // a field taken away, a key set back, a key of somebody else, values of no kind
        "DELETE FROM fields WHERE field = 'birth_year'",
        "INSERT OR REPLACE INTO persons SELECT * FROM old_persons",
        "UPDATE persons SET wrapped_key = (SELECT max(wrapped_key) FROM persons)",
        "UPDATE fields SET field = 'shoe_size' WHERE field = 'phone'",
        "UPDATE fields SET version = -1 WHERE field = 'phone'",
    ];
    for tampering in tamperings {
        place
            .dig(
                "CREATE TABLE kept_fields AS SELECT * FROM fields;
             CREATE TABLE kept_persons AS SELECT * FROM persons;",
            )
            .unwrap();
        place.dig(tampering).unwrap();
        let found: Vec<_> = [1, 2].map(|n| text(&vault, n, Field::Phone)).into();
        assert!(
            found.iter().any(|found| matches!(found, Err(VaultError::Corrupt { .. }))),
            "not found: {tampering}"
        );
        place
            .dig(
                "DELETE FROM fields; INSERT INTO fields SELECT * FROM kept_fields;
             DELETE FROM persons; INSERT INTO persons SELECT * FROM kept_persons;
             DROP TABLE kept_fields; DROP TABLE kept_persons;",
            )
            .unwrap();
        assert_eq!(text(&vault, 1, Field::Phone).unwrap().unwrap(), "2");
    }
}

#[test]
fn a_read_is_recorded_before_it_is_answered() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[someone(1)]).unwrap();

    let idle = Reader { purpose: " \t".to_owned(), ..reader() };
    assert!(matches!(vault.read(&idle, &[person(1)], &[Field::Name]), Err(VaultError::NoPurpose)));
    assert!(matches!(vault.resolve(&idle, "roll", &handle(1)), Err(VaultError::NoPurpose)));
    assert!(vault.reads(10).unwrap().is_empty());

    vault.read(&reader(), &[person(1), person(2)], &[Field::Name, Field::Phone]).unwrap();
    assert_eq!(vault.resolve(&reader(), "roll", &handle(1)).unwrap(), Some(person(1)));
    assert_eq!(vault.resolve(&reader(), "roll", "nobody").unwrap(), None);
    let reads = vault.reads(2).unwrap();
    assert_eq!((reads[0].number, reads[1].number), (3, 2));
    assert_eq!((reads[0].persons.len(), &reads[1].persons), (0, &vec![person(1)]));
    let first = vault.reads(10).unwrap().pop().unwrap();
    assert_eq!(first.reader, reader());
    assert_eq!(first.persons, [person(1), person(2)]);
    assert_eq!(first.fields, [Field::Name, Field::Phone]);

    place
        .dig("CREATE TRIGGER mute BEFORE INSERT ON reads BEGIN SELECT RAISE(ABORT, 'mute'); END")
        .unwrap();
    let muted = vault.read(&reader(), &[person(1)], &[Field::Name]);
    assert!(matches!(muted, Err(VaultError::Failed { .. })));
    assert!(vault.resolve(&reader(), "roll", &handle(1)).is_err());
}

#[test]
fn recorded_reads_stay_as_they_are() {
    let place = Place::new();
    let vault = place.create();
    vault.read(&reader(), &[person(1)], &[Field::Name]).unwrap();
    let refused = [
        "UPDATE reads SET actor = 'nobody'",
        "DELETE FROM reads",
        "INSERT OR REPLACE INTO reads SELECT ledger, number, 0, '', '', '', x'' FROM reads",
        "INSERT INTO reads SELECT ledger, number + 2, 0, '', '', '', x'' FROM reads",
    ];
    for sql in refused {
        assert!(place.dig(sql).is_err(), "{sql}");
    }
    assert_eq!(vault.reads(10).unwrap()[0].reader, reader());
}

#[test]
fn an_erased_person_reads_erased_and_leaves_no_trace() {
    let place = Place::new();
    let mut vault = place.create();
    let people: Vec<_> = (0..2_000).map(someone).collect();
    for batch in people.chunks(100) {
        vault.put(batch).unwrap();
    }
    for n in (0..2_000).step_by(3) {
        vault.set_field(person(n), Field::Phone, &personal("canary-new-phone")).unwrap();
    }
    assert!(!contains(&place.bytes(), b"canary"));

    let erased: Vec<u64> = (0..2_000).step_by(20).collect();
    let mut traces = Vec::new();
    for id in erased.iter().map(|&n| person(n).0.simple()) {
        for (column, table) in
            [("wrapped_key", "persons"), ("sealed", "fields"), ("handle_hash", "handles")]
        {
            let sql = format!("SELECT {column} FROM {table} WHERE person = x'{id}'");
            traces.extend(place.column(&sql));
        }
    }
    assert_eq!(traces.len(), erased.len() * 6);
    let ids: Vec<_> = erased.iter().map(|&n| person(n)).collect();
    vault.erase(&ids).unwrap();
    vault.erase(&ids[..1]).unwrap();

    // Every sixteen bytes in the files, to look the traces up in.
    let bytes = place.bytes();
    let windows: std::collections::HashSet<&[u8]> = bytes.windows(16).collect();
    let left = traces.iter().filter(|trace| windows.contains(&trace[..16])).count();
    assert_eq!(left, 0, "of {} traces", traces.len());
    assert!(!contains(&bytes, b"canary"));

    assert_eq!(text(&vault, 0, Field::Name).unwrap().unwrap(), "erased");
    assert_eq!(vault.person_of("roll", &handle(0)).unwrap(), None);
    assert_eq!(text(&vault, 1, Field::Name).unwrap().unwrap(), "canary-name-1-");
    assert_eq!(vault.persons().unwrap().len(), 1_900);
    let late = vault.set_field(person(0), Field::Name, &personal("Rosa"));
    assert!(matches!(late, Err(VaultError::Erased(_))));
    assert!(matches!(vault.put(&[someone(0)]), Err(VaultError::AlreadyKnown(_))));
}

#[test]
fn erasures_can_be_replayed_over_a_vault_that_never_knew_the_person() {
    let place = Place::new();
    let mut vault = place.create();
    vault.erase(&[person(1)]).unwrap();
    assert_eq!(text(&vault, 1, Field::Name).unwrap().unwrap(), "erased");
    assert!(vault.persons().unwrap().is_empty());
}

#[test]
fn whom_no_event_names_gives_way_to_somebody_else_or_stays() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[someone(1), someone(2)]).unwrap();
    vault.replace(person(2), &[someone(3)]).unwrap();
    assert_eq!(vault.persons().unwrap(), sorted([person(1), person(3)]));
    assert_eq!(text(&vault, 2, Field::Name).unwrap(), None);
    vault.put(&[someone(2)]).unwrap();
    let taken = vault.replace(person(2), &[someone(1)]);
    assert!(matches!(taken, Err(VaultError::AlreadyKnown(_))), "{taken:?}");
    assert_eq!(vault.persons().unwrap(), sorted([person(1), person(2), person(3)]));
}

fn sorted<const N: usize>(mut people: [PersonId; N]) -> [PersonId; N] {
    people.sort();
    people
}

#[test]
fn a_second_opener_reads_while_the_first_writes() {
    let place = Place::new();
    let mut first = place.create();
    let second = place.open().unwrap();
    for n in 0..20 {
        first.put(&[someone(n)]).unwrap();
        assert_eq!(second.person_of("roll", &handle(n)).unwrap(), Some(person(n)));
        assert!(text(&second, n, Field::Name).unwrap().is_some());
    }
    assert_eq!(first.reads(100).unwrap().len(), 20);
}

/// How long it takes is the machine's matter; that it takes no longer among many is ours. Who went
/// through all who are there, for each person, would be many times slower at the end.
#[test]
fn persons_are_looked_up_and_put_in_among_many_as_among_few() {
    let place = Place::new();
    let mut vault = place.create();
    let people: Vec<_> = (0..20_000).map(someone).collect();
    let mut taken = Vec::new();
    for batch in people.chunks(1_000) {
        let start = Instant::now();
        let known = batch.iter().filter_map(|new| new.known_as.as_ref());
        let handles: Vec<&str> = known.map(|known| known.handle.reveal().as_str()).collect();
        assert_eq!(vault.persons_of("roll", &handles).unwrap(), vec![None; 1_000]);
        vault.put(batch).unwrap();
        taken.push(start.elapsed());
    }
    let median = |taken: &[Duration]| {
        let mut taken = taken.to_vec();
        taken.sort();
        taken[taken.len() / 2]
    };
    let (few, many) = (median(&taken[..5]), median(&taken[15..]));
    println!("a thousand took {few:?} among the first, {many:?} among the last");
    assert!(many < few * 4, "{taken:?}");
    let ids: Vec<_> = people.iter().map(|new| new.person).collect();
    assert_eq!(vault.read(&reader(), &ids, &[Field::Name]).unwrap().len(), 20_000);
}
