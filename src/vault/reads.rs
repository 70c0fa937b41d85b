//! The log of reads: who saw what of whom, and what for. It only grows.

use events::{Instant, PersonId};
use rusqlite::Row;
use uuid::Uuid;

use super::error::{Flaw, Trouble, VaultError};
use super::file::File;
use super::keys::Keys;
use super::personal::Field;

/// Who is about to read personal data, what for, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The account that reads.
    pub actor: String,
    /// What for, in words that can be seen. It is kept in clear for ever, so it names no person.
    pub purpose: String,
    /// The time by the caller's clock.
    pub at: Instant,
}

/// A read as it was recorded before it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRead {
    /// Its number: 1, 2, 3 … without a gap.
    pub number: u64,
    /// Who read, what for, and when.
    pub reader: Reader,
    /// Which fields.
    pub fields: Vec<Field>,
    /// Of whom.
    pub persons: Vec<PersonId>,
}

/// Records a read; it is durable when this returns.
pub(super) fn record(
    file: &File,
    keys: &Keys,
    reader: &Reader,
    persons: &[PersonId],
    fields: &[Field],
) -> Result<(), VaultError> {
    if events::Text::parse(&reader.purpose).is_err() {
        return Err(VaultError::NoPurpose);
    }
    let fields: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
    let persons: Vec<u8> = persons.iter().flat_map(|person| *person.0.as_bytes()).collect();
    file.write(|connection| {
        let sql = "INSERT INTO reads (ledger, number, at, actor, purpose, fields, persons)
            SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6
            FROM reads WHERE ledger = ?1";
        connection.prepare_cached(sql)?.execute((
            keys.ledger(),
            reader.at.as_microsecond(),
            &reader.actor,
            &reader.purpose,
            fields.join(","),
            &persons,
        ))?;
        Ok(())
    })
}

/// The last `limit` reads, the latest first.
pub(super) fn list(
    file: &File,
    keys: &Keys,
    limit: usize,
) -> Result<Vec<RecordedRead>, VaultError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    file.read(|connection| {
        let sql = "SELECT number, at, actor, purpose, fields, persons FROM reads
            WHERE ledger = ?1 ORDER BY number DESC LIMIT ?2";
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_and_then((keys.ledger(), limit), recorded)?.collect()
    })
}

fn recorded(row: &Row<'_>) -> Result<RecordedRead, Trouble> {
    let misfit = || Trouble::Flawed(None, Flaw::Value);
    let at = Instant::from_microsecond(row.get(1)?).map_err(|_| misfit())?;
    let fields: String = row.get(4)?;
    let fields = fields.split(',').filter(|code| !code.is_empty()).map(Field::parse);
    let persons: Vec<u8> = row.get(5)?;
    let (persons, []) = persons.as_chunks::<16>() else { return Err(misfit()) };
    Ok(RecordedRead {
        number: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| misfit())?,
        reader: Reader { actor: row.get(2)?, purpose: row.get(3)?, at },
        fields: fields.collect::<Option<_>>().ok_or_else(misfit)?,
        persons: persons.iter().map(|id| PersonId(Uuid::from_bytes(*id))).collect(),
    })
}
