//! Who has the same identity number, what people were called before, and finding them by it.

use super::*;

fn numbered(n: u64, number: &str) -> NewPerson {
    let mut new = someone(n);
    new.fields.insert(Field::IdentityNumber, personal(number));
    new
}

#[test]
fn the_same_number_is_found_however_it_is_spaced_and_forgotten_with_the_person() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[numbered(1, "756.1234-x"), numbered(2, "756 1234 X"), numbered(3, "9")]).unwrap();
    assert_eq!(vault.doubles(person(1)).unwrap(), [person(2)]);
    assert_eq!(vault.doubles(person(3)).unwrap(), []);
    assert!(!place.bytes().windows(8).any(|bytes| bytes == b"756.1234"), "in clear");
    vault.set_field(person(3), Field::IdentityNumber, &personal("7561234x")).unwrap();
    assert_eq!(vault.doubles(person(3)).unwrap().len(), 2);
    vault.erase(&[person(1), person(2)]).unwrap();
    assert_eq!(vault.doubles(person(3)).unwrap(), []);
    assert_eq!(place.column("SELECT number_hash FROM identity_hashes").len(), 1);
}

#[test]
fn a_vault_of_the_version_before_gains_what_it_lacks() {
    let place = Place::new();
    place.create().put(&[someone(1)]).unwrap();
    let older = "DROP TABLE identity_hashes; DROP TABLE name_tokens; DROP TABLE tokens_of;
        PRAGMA user_version = 1";
    place.dig(older).unwrap();
    let mut vault = place.open().unwrap();
    vault.put(&[numbered(2, "5"), numbered(3, "5")]).unwrap();
    assert_eq!(vault.doubles(person(2)).unwrap(), [person(3)]);
    drop(vault);
    let vault = place.open().unwrap();
    assert_eq!(vault.doubles(person(3)).unwrap(), [person(2)]);
    assert_eq!(vault.search(&reader(), "canary-name-1-").unwrap(), [person(1)]);
    drop(vault);
    place.dig("UPDATE persons SET wrapped_key = x'00'").unwrap();
    place.dig("DROP TABLE name_tokens; DROP TABLE tokens_of; PRAGMA user_version = 2").unwrap();
    let vault = place.open().expect("a flawed row does not keep the vault shut");
    assert_eq!(vault.search(&reader(), "canary-name-1-").unwrap(), []);
}

#[test]
fn a_person_is_found_by_the_name_now_and_before() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[someone(1), someone(2)]).unwrap();
    vault.rename(person(1), &personal("Rosa Adler")).unwrap();
    vault.rename(person(1), &personal("Rosa Berg")).unwrap();
    vault.rename(person(1), &personal("Rosa Berg")).unwrap();
    let found = |text: &str| vault.search(&reader(), text).unwrap();
    assert_eq!(found("rosa b"), [person(1)]);
    assert_eq!(found("ADLER"), [person(1)]);
    assert_eq!(found("canary-name-1-"), [person(1)]);
    assert_eq!(found("canary handle 2"), [person(2)]);
    assert_eq!(found("canary-name").len(), 2);
    assert_eq!(found("canary-phone"), [], "only names are looked through");
    let reads = vault.reads(2).unwrap();
    assert_eq!(reads[0].persons, [], "that there was a search is recorded, whatever it finds");
    assert_eq!(reads[1].persons.len(), 2, "whom a search finds is recorded");
    let fields = [Field::Name, Field::FormerNames];
    let answers = vault.read(&reader(), &[person(1)], &fields).unwrap();
    let Some(Answer::Fields(texts)) = answers.get(&person(1)) else { panic!("{answers:?}") };
    assert_eq!(texts[&Field::FormerNames].reveal(), "canary-name-1-\nRosa Adler");
    vault.erase(&[person(1)]).unwrap();
    assert_eq!(vault.search(&reader(), "rosa").unwrap(), []);
    let left = |table: &str| place.column(&format!("SELECT DISTINCT person FROM {table}"));
    assert_eq!(left("name_tokens"), [person(2).0.as_bytes().to_vec()]);
    assert_eq!(left("tokens_of"), [person(2).0.as_bytes().to_vec()]);
}

#[test]
fn a_name_that_is_set_anew_is_no_longer_found_by_the_one_before() {
    let place = Place::new();
    let mut vault = place.create();
    vault.put(&[someone(1), someone(2)]).unwrap();
    vault.set_field(person(1), Field::Name, &personal("王小明")).unwrap();
    assert_eq!(vault.search(&reader(), "小明").unwrap(), [person(1)]);
    assert_eq!(vault.search(&reader(), "name").unwrap(), [person(2)]);
    assert_eq!(vault.search(&reader(), "canary-handle-1").unwrap(), [person(1)]);
    // A token that somebody slipped in makes a candidate, and never an answer.
    let forged = "INSERT INTO name_tokens SELECT ledger, token, (SELECT max(person) FROM persons)
        FROM name_tokens ON CONFLICT DO NOTHING;
        INSERT INTO name_tokens SELECT ledger, token, (SELECT min(person) FROM persons)
        FROM name_tokens WHERE true ON CONFLICT DO NOTHING";
    place
        .dig(&forged.replacen("FROM name_tokens ON", "FROM name_tokens WHERE true ON", 1))
        .unwrap();
    assert_eq!(vault.search(&reader(), "小明").unwrap(), [person(1)]);
}

/// How many persons are searched: `ROLLBOOK_TEST_PERSONS`, or ten thousand.
fn persons() -> u64 {
    let given = std::env::var("ROLLBOOK_TEST_PERSONS").ok();
    given.and_then(|given| given.parse().ok()).unwrap_or(10_000)
}

/// Ten thousand, so that the suite stays quick; `--nocapture` prints how long a search takes: 7 ms
/// among 100,000. The bound leaves room for a busy machine, and none for opening every name.
#[test]
fn a_search_goes_to_the_few_who_may_match() {
    let place = Place::new();
    let mut vault = place.create();
    for thousand in 0..persons() / 1_000 {
        let people: Vec<_> = (0..1_000).map(|n| someone(thousand * 1_000 + n)).collect();
        vault.put(&people).unwrap();
    }
    vault.rename(person(7_777), &personal("Rosa Berg")).unwrap();
    let vault = place.open().unwrap();
    for text in ["Rosa Berg", "canary-name-7777-", "nobody"] {
        let start = Instant::now();
        let found = vault.search(&reader(), text).unwrap();
        let taken = start.elapsed();
        println!("{taken:?} for {text} among {}: {} found", persons(), found.len());
        assert_eq!(found.len(), usize::from(text != "nobody"));
        assert!(taken < Duration::from_millis(200), "{taken:?}");
    }
}
