//! The rows of persons, their fields and their handles. Everything here runs in a transaction.

use std::collections::BTreeMap;

use events::PersonId;
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::error::{Flaw, Trouble, VaultError};
use super::index::{self, Wanted};
use super::keys::{DataKey, Keys, Slot};
use super::personal::{Field, Personal};

/// Someone on the way into the vault.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The random id that the ledger will use.
    pub person: PersonId,
    /// How a source knows the person; its handle becomes the field [`Field::Handle`].
    pub known_as: Option<KnownAs>,
    /// The other fields.
    pub fields: BTreeMap<Field, Personal<String>>,
}

/// The name or number by which a source knows a person, unique within the source.
#[derive(Debug, Clone)]
pub struct KnownAs {
    /// The name under which the source is imported.
    pub source: String,
    /// Its handle.
    pub handle: Personal<String>,
}

/// A person's rows as they were found, and the key to them.
pub(super) struct Opened {
    key: DataKey,
    sealed: BTreeMap<Field, (u32, Vec<u8>)>,
}

/// What is kept of a person.
pub(super) enum Found {
    Opened(Opened),
    Erased,
}

/// The person whom a source knows by a handle.
pub(super) fn by_handle(
    connection: &Connection,
    keys: &Keys,
    source: &str,
    handle: &str,
) -> Result<Option<PersonId>, Trouble> {
    let sql = "SELECT person FROM handles WHERE ledger = ?1 AND handle_hash = ?2";
    let key = (keys.ledger(), keys.handle_hash(source, handle));
    Ok(connection.prepare_cached(sql)?.query_row(key, |row| row.get(0).map(id)).optional()?)
}

/// The others who have the identity number of a person.
pub(super) fn doubles(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<Vec<PersonId>, Trouble> {
    let sql = "SELECT DISTINCT other.person FROM identity_hashes AS own
        JOIN identity_hashes AS other
            ON other.ledger = own.ledger AND other.number_hash = own.number_hash
        WHERE own.ledger = ?1 AND own.person = ?2 AND other.person <> ?2
        ORDER BY other.person";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map((keys.ledger(), person.0.as_bytes()), |row| row.get(0).map(id))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives a person another name, and keeps the one before.
pub(super) fn rename(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
    name: &Personal<String>,
) -> Result<(), Trouble> {
    if let Some(Found::Opened(opened)) = find(connection, keys, person)? {
        let texts = opened.reveal(keys, person, &[Field::Name, Field::FormerNames])?;
        if let Some(before) = texts.get(&Field::Name).filter(|before| *before != name) {
            let former = texts.get(&Field::FormerNames).map(Personal::reveal);
            let former = former.into_iter().chain([before.reveal()]);
            let former = former.map(String::as_str).collect::<Vec<_>>().join("\n");
            set(connection, keys, person, Field::FormerNames, &Personal::new(former))?;
        }
    }
    set(connection, keys, person, Field::Name, name)
}

/// Those in whose name, former name or handle all that is wanted occurs, in the order of their ids.
pub(super) fn search(
    connection: &Connection,
    keys: &Keys,
    wanted: &Wanted,
) -> Result<Vec<PersonId>, Trouble> {
    let mut found = index::candidates(connection, keys, wanted)?;
    let mut flawed = None;
    found.retain(|&person| match searched(connection, keys, person) {
        Ok(texts) => {
            texts.values().flat_map(|text| text.reveal().lines()).any(|text| wanted.takes(text))
        }
        Err(trouble) => {
            flawed.get_or_insert(trouble);
            false
        }
    });
    flawed.map_or(Ok(found), Err)
}

/// What a person is found by.
fn searched(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<BTreeMap<Field, Personal<String>>, Trouble> {
    match find(connection, keys, person)? {
        Some(Found::Opened(opened)) => opened.reveal(keys, person, &index::SEARCHED),
        Some(Found::Erased) | None => Ok(BTreeMap::new()),
    }
}

/// Writes the index of names for everybody. Who is not as written is left out: that one's flaw is
/// told to whoever reads it, and must not keep the vault shut.
pub(super) fn index_all(connection: &Connection, keys: &Keys) -> Result<(), Trouble> {
    for person in list(connection, keys)? {
        match searched(connection, keys, person) {
            Ok(texts) => index::keep(connection, keys, person, &texts)?,
            Err(Trouble::Flawed(..)) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(())
}

/// Everyone who was not erased.
pub(super) fn list(connection: &Connection, keys: &Keys) -> Result<Vec<PersonId>, Trouble> {
    let sql = "SELECT person FROM persons WHERE ledger = ?1 AND wrapped_key IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([keys.ledger()], |row| row.get(0).map(id))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts a person in who has never been there.
pub(super) fn put(connection: &Connection, keys: &Keys, new: &NewPerson) -> Result<(), Trouble> {
    let person = new.person;
    if new.fields.contains_key(&Field::Handle) {
        return Err(VaultError::HandleFixed(person).into());
    }
    let mut texts = new.fields.clone();
    if let Some(KnownAs { handle, .. }) = &new.known_as {
        texts.insert(Field::Handle, handle.clone());
    }
    let key = DataKey::fresh()?;
    let versions: Vec<(Field, u32)> = texts.keys().map(|&field| (field, 1)).collect();
    let wrapped = keys.wrap(&key, person, &versions)?;
    let sql = "INSERT INTO persons (ledger, person, wrapped_key) VALUES (?1, ?2, ?3)
        ON CONFLICT DO NOTHING";
    let row = (keys.ledger(), person.0.as_bytes(), wrapped);
    if connection.prepare_cached(sql)?.execute(row)? == 0 {
        return Err(VaultError::AlreadyKnown(person).into());
    }
    if let Some(KnownAs { source, handle }) = &new.known_as {
        let sql = "INSERT INTO handles (ledger, handle_hash, person) VALUES (?1, ?2, ?3)
            ON CONFLICT DO NOTHING";
        let row = (keys.ledger(), keys.handle_hash(source, handle.reveal()), person.0.as_bytes());
        if connection.prepare_cached(sql)?.execute(row)? == 0 {
            return Err(VaultError::HandleTaken(person).into());
        }
    }
    for (&field, text) in &texts {
        number(connection, keys, person, field, text)?;
        write_field(connection, keys, &key, Slot { person, field, version: 1 }, text)?;
    }
    index::keep(connection, keys, person, &texts)
}

/// Writes a field's next version over the one before, and binds the person's key to it.
pub(super) fn set(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
    field: Field,
    text: &Personal<String>,
) -> Result<(), Trouble> {
    if field == Field::Handle {
        return Err(VaultError::HandleFixed(person).into());
    }
    let opened = match find(connection, keys, person)? {
        Some(Found::Opened(opened)) => opened,
        Some(Found::Erased) => return Err(VaultError::Erased(person).into()),
        None => return Err(VaultError::Unknown(person).into()),
    };
    number(connection, keys, person, field, text)?;
    if index::SEARCHED.contains(&field) {
        let mut texts = opened.reveal(keys, person, &index::SEARCHED)?;
        texts.insert(field, text.clone());
        index::keep(connection, keys, person, &texts)?;
    }
    let Opened { key, sealed } = opened;
    let mut versions = versions(&sealed);
    let version = versions.entry(field).and_modify(|version| *version += 1).or_insert(1);
    write_field(connection, keys, &key, Slot { person, field, version: *version }, text)?;
    let versions: Vec<(Field, u32)> = versions.into_iter().collect();
    let wrapped = keys.wrap(&key, person, &versions)?;
    let sql = "UPDATE persons SET wrapped_key = ?3 WHERE ledger = ?1 AND person = ?2";
    let row = (keys.ledger(), person.0.as_bytes(), wrapped);
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Keeps the hash of an identity number in place of the one before, if that is what the text is.
fn number(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
    field: Field,
    text: &Personal<String>,
) -> Result<(), Trouble> {
    if field != Field::IdentityNumber {
        return Ok(());
    }
    let (ledger, person) = (keys.ledger(), person.0.as_bytes());
    let sql = "DELETE FROM identity_hashes WHERE ledger = ?1 AND person = ?2";
    connection.prepare_cached(sql)?.execute((ledger, person))?;
    let sql = "INSERT INTO identity_hashes (ledger, number_hash, person) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((ledger, keys.number_hash(text.reveal()), person))?;
    Ok(())
}

fn write_field(
    connection: &Connection,
    keys: &Keys,
    key: &DataKey,
    slot: Slot,
    text: &Personal<String>,
) -> Result<(), Trouble> {
    let sql = "INSERT INTO fields (ledger, person, field, version, sealed)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET version = excluded.version, sealed = excluded.sealed";
    connection.prepare_cached(sql)?.execute((
        keys.ledger(),
        slot.person.0.as_bytes(),
        slot.field.as_str(),
        slot.version,
        keys.seal(key, slot, text.reveal())?,
    ))?;
    Ok(())
}

/// What is kept of a person; `None` if the vault never knew one.
pub(super) fn find(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<Option<Found>, Trouble> {
    let place = (keys.ledger(), person.0.as_bytes());
    let sql = "SELECT wrapped_key FROM persons WHERE ledger = ?1 AND person = ?2";
    let wrapped: Option<Option<Vec<u8>>> =
        connection.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
    let Some(wrapped) = wrapped else { return Ok(None) };
    let Some(wrapped) = wrapped else { return Ok(Some(Found::Erased)) };
    let sql = "SELECT field, version, sealed FROM fields WHERE ledger = ?1 AND person = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(place)?;
    let mut sealed = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let code: String = row.get(0)?;
        let field = Field::parse(&code).ok_or(Trouble::Flawed(Some(person), Flaw::Value))?;
        sealed.insert(field, (row.get(1)?, row.get(2)?));
    }
    let versions: Vec<(Field, u32)> = versions(&sealed).into_iter().collect();
    let key = keys.unwrap_key(&wrapped, person, &versions)?;
    Ok(Some(Found::Opened(Opened { key, sealed })))
}

fn versions(sealed: &BTreeMap<Field, (u32, Vec<u8>)>) -> BTreeMap<Field, u32> {
    sealed.iter().map(|(&field, (version, _))| (field, *version)).collect()
}

impl Opened {
    /// Decrypts those of the fields that the person has.
    pub(super) fn reveal(
        &self,
        keys: &Keys,
        person: PersonId,
        fields: &[Field],
    ) -> Result<BTreeMap<Field, Personal<String>>, Trouble> {
        let mut texts = BTreeMap::new();
        for &field in fields {
            if let Some((version, sealed)) = self.sealed.get(&field) {
                let slot = Slot { person, field, version: *version };
                texts.insert(field, Personal::new(keys.open(&self.key, slot, sealed)?));
            }
        }
        Ok(texts)
    }
}

/// Destroys a person's key and rows and leaves the tombstone, even of one who was never there:
/// erasures are replayed over a vault that was restored from before the person came.
pub(super) fn erase(connection: &Connection, keys: &Keys, person: PersonId) -> Result<(), Trouble> {
    delete_rows(connection, keys, person)?;
    let sql = "INSERT INTO persons (ledger, person, wrapped_key) VALUES (?1, ?2, NULL)
        ON CONFLICT DO UPDATE SET wrapped_key = NULL";
    let row = (keys.ledger(), person.0.as_bytes());
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Removes a person as if it had never been put in.
pub(super) fn remove(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<(), Trouble> {
    delete_rows(connection, keys, person)?;
    let sql = "DELETE FROM persons WHERE ledger = ?1 AND person = ?2";
    let row = (keys.ledger(), person.0.as_bytes());
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn delete_rows(connection: &Connection, keys: &Keys, person: PersonId) -> Result<(), Trouble> {
    index::forget(connection, keys, person)?;
    for sql in [
        "DELETE FROM fields WHERE ledger = ?1 AND person = ?2",
        "DELETE FROM handles WHERE ledger = ?1 AND person = ?2",
        "DELETE FROM identity_hashes WHERE ledger = ?1 AND person = ?2",
    ] {
        let row = (keys.ledger(), person.0.as_bytes());
        connection.prepare_cached(sql)?.execute(row)?;
    }
    Ok(())
}

fn id(bytes: [u8; 16]) -> PersonId {
    PersonId(Uuid::from_bytes(bytes))
}
