//! Events as readers meet them, a block at a time.
//!
//! The server joins the events of a piece of a block into one text, of two lines each: a row for
//! each event would cost more than to find it and to read it, and texts that the processor's cache
//! does not hold cost more than those that it does. Canonical bytes have no line break in them.
//! Where a piece does not come apart as it was put together, somebody altered it by hand, and the
//! block's rows are read one by one.

use events::{Position, Recorded};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::fault::Fault;
use super::reader::Reader;
use super::values::{bytes, integer, position};
use crate::store::{StoreError, no_event};

/// How many positions are asked for at once.
const BLOCK: u64 = 10_000;

/// How many positions a piece of a block has.
const PIECE: u64 = 256;

/// What stands between two events of a piece, and in each between its envelope and its payload.
const BREAK: char = '\n';

/// Events, or the first one that is none.
pub(super) type Decoded = Result<Vec<Recorded>, StoreError>;

impl Reader {
    /// The events after a position up to another one, decoded where they lie.
    pub(super) async fn recorded(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Decoded, Fault> {
        let mut events = Vec::new();
        let mut after = after;
        while after < until {
            let end = until.min(Position(after.0.saturating_add(BLOCK)));
            let mut block = self.block(after, end).await?;
            // Missing ones are left out, and whoever asks for all there is must come to an end.
            let ended = block.as_ref().is_ok_and(Vec::is_empty);
            match &mut block {
                Ok(block) if events.is_empty() => events = std::mem::take(block),
                Ok(block) => events.append(block),
                Err(_) => return Ok(block),
            }
            after = end;
            if ended && after < until {
                match self.next(after).await? {
                    Some(next) if next <= until => after = Position(next.0 - 1),
                    Some(_) | None => break,
                }
            }
        }
        Ok(Ok(events))
    }

    async fn block(&self, after: Position, until: Position) -> Result<Decoded, Fault> {
        // To write both into one text costs the server less than to make a text of each first.
        const SQL: &str = "SELECT piece.* FROM generate_series($2::bigint, $3 - 1, $4) AS after \
            CROSS JOIN LATERAL (SELECT array_agg(position), \
                string_agg(concat_ws(E'\\n', metadata, payload), E'\\n') \
                FROM (SELECT position, metadata, payload FROM events WHERE ledger = $1 \
                    AND position > after AND position <= least(after + $4, $3) \
                    ORDER BY position) AS ordered) AS piece";
        let asked = sqlx::query(SQL).bind(self.ledger.0).bind(integer(after.0));
        let rows = self.all(asked.bind(integer(until.0)).bind(integer(PIECE))).await?;
        let mut pieces = Vec::with_capacity(rows.len());
        for row in &rows {
            let positions: Option<Vec<i64>> = row.try_get(0)?;
            pieces.extend(positions.map(|positions| (positions, bytes(row, 1))));
        }
        let mut block = Vec::new();
        for (positions, joined) in &pieces {
            match apart(positions, *joined) {
                Some(piece) => block.extend(piece),
                None => return self.one_by_one(after, until).await,
            }
        }
        if block.is_sorted_by(|(before, ..), (after, ..)| before < after) {
            decoded(block.into_iter())
        } else {
            self.one_by_one(after, until).await
        }
    }

    async fn one_by_one(&self, after: Position, until: Position) -> Result<Decoded, Fault> {
        const SQL: &str = "SELECT position, metadata, payload FROM events \
            WHERE ledger = $1 AND position > $2 AND position <= $3 ORDER BY position";
        let asked = sqlx::query(SQL).bind(self.ledger.0).bind(integer(after.0));
        let rows = self.all(asked.bind(integer(until.0))).await?;
        let lying = |row| -> Result<_, Fault> {
            let at = PgRow::try_get(row, 0)?;
            let damaged =
                || Fault::Damaged { position: u64::try_from(at).ok(), what: "the row is no event" };
            let envelope = bytes(row, 1).ok_or_else(damaged)?;
            Ok((at, envelope, bytes(row, 2).ok_or_else(damaged)?))
        };
        decoded(rows.iter().map(lying).collect::<Result<Vec<_>, Fault>>()?.into_iter())
    }

    /// The first position after another one at which there is an event.
    async fn next(&self, after: Position) -> Result<Option<Position>, Fault> {
        const SQL: &str = "SELECT min(position) FROM events WHERE ledger = $1 AND position > $2";
        let asked = sqlx::query(SQL).bind(self.ledger.0).bind(integer(after.0));
        let rows = self.all(asked).await?;
        let found: Option<i64> = rows.first().map(|row| row.try_get(0)).transpose()?.flatten();
        found.map(position).transpose()
    }
}

/// A position, an envelope and a payload.
type Lying<'a> = (i64, &'a [u8], &'a [u8]);

/// A piece's events, if it comes apart as it was put together: in the order of positions.
fn apart<'a>(
    positions: &'a [i64],
    joined: Option<&'a [u8]>,
) -> Option<impl ExactSizeIterator<Item = Lying<'a>>> {
    // As text, since a character is found many bytes at a time there.
    let lines = std::str::from_utf8(joined?).ok()?.split(BREAK);
    let lines: Vec<&[u8]> = lines.map(str::as_bytes).collect();
    let in_order = positions.windows(2).all(|pair| pair[0] < pair[1]);
    (in_order && lines.len() == 2 * positions.len()).then(|| {
        (0..positions.len())
            .map(move |index| (positions[index], lines[2 * index], lines[2 * index + 1]))
    })
}

fn decoded<'a>(block: impl ExactSizeIterator<Item = Lying<'a>>) -> Result<Decoded, Fault> {
    let mut events = Vec::with_capacity(block.len());
    for (at, envelope, payload) in block {
        let at = position(at)?;
        match events::record::read(at, envelope, payload) {
            Ok(event) => events.push(event),
            Err(error) => return Ok(Err(no_event(at, error))),
        }
    }
    Ok(Ok(events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_comes_apart_as_it_was_put_together_or_not_at_all() {
        let piece = |positions: &[i64], joined: &str| -> Option<Vec<String>> {
            let apart = apart(positions, Some(joined.as_bytes()))?;
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
            Some(apart.map(|(at, one, two)| format!("{at}{}{}", text(one), text(two))).collect())
        };
        let pieces = Some(vec!["3ac".to_owned(), "5bd".to_owned()]);
        assert_eq!(piece(&[3, 5], "a\nc\nb\nd"), pieces);
        for (positions, joined) in [
            (&[5, 3][..], "a\nc\nb\nd"),
            (&[3, 3], "a\nc\nb\nd"),
            (&[3], "a\nc\nb\nd"),
            (&[3, 5], "a\nc\nb\n{}\nd"),
            (&[3, 5], "a\nc\nb"),
        ] {
            assert_eq!(piece(positions, joined), None);
        }
        assert_eq!(apart(&[3], None).map(|apart| apart.len()), None);
        assert_eq!(apart(&[3], Some(b"\xff\n{}")).map(|apart| apart.len()), None);
    }
}
