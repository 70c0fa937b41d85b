//! What is behind guards, asked together: whoever asks one question about a person mostly asks the
//! others next, and the way to the server costs more than the answers.

use std::collections::HashMap;

use events::{Guard, Position, StreamId};
use sqlx::Row;

use super::fault::{Fault, damaged};
use super::reader::Reader;
use super::recent::Tip;
use super::values::{position, unsigned};
use crate::store::Looked;

/// Guards that were last touched where their streams end; guards whose last touch is kept; and
/// where one stream ends. All as of one moment, with the head. `OFFSET 0` keeps the planner, which
/// thinks that a young table is empty, from reading all of it once instead of a key at a time.
const LOOKS: &str = "SELECT head.position, asked.guard, touch.position, touch.stream, NULL::bigint \
    FROM ledgers AS head CROSS JOIN unnest($2::text[]) AS asked (guard) \
    LEFT JOIN LATERAL (SELECT tip.position, link.stream FROM guard_streams AS link \
        CROSS JOIN LATERAL (SELECT position FROM events WHERE ledger = $1 \
            AND aggregate_type = split_part(link.stream, ':', 1) \
            AND aggregate_id = split_part(link.stream, ':', 2) \
            ORDER BY sequence DESC LIMIT 1) AS tip \
        WHERE link.ledger = $1 AND link.guard = asked.guard OFFSET 0) AS touch ON true \
    WHERE head.ledger = $1 \
    UNION ALL SELECT head.position, asked.guard, touch.position, touch.stream, NULL \
    FROM ledgers AS head CROSS JOIN unnest($3::text[]) AS asked (guard) \
    LEFT JOIN LATERAL (SELECT kept.position, link.stream FROM guards AS kept \
        JOIN guard_streams AS link ON link.ledger = kept.ledger AND link.guard = kept.guard \
        WHERE kept.ledger = $1 AND kept.guard = asked.guard OFFSET 0) AS touch ON true \
    WHERE head.ledger = $1 \
    UNION ALL SELECT head.position, NULL, tip.position, NULL, tip.sequence \
    FROM ledgers AS head LEFT JOIN LATERAL (SELECT sequence, position FROM events \
        WHERE ledger = $1 AND aggregate_type = $4 AND aggregate_id = $5 \
        ORDER BY sequence DESC LIMIT 1) AS tip ON true \
    WHERE head.ledger = $1";

/// What is behind guards, where one stream ends, and where the head was at that moment.
pub(super) struct Looks {
    pub(super) head: Position,
    pub(super) looks: Vec<(Guard, Looked)>,
    pub(super) tip: Option<(StreamId, Tip)>,
}

/// A guard, and those that are mostly asked about with it.
pub(super) fn with_it(guard: &Guard) -> Vec<Guard> {
    let (Guard::Person(person)
    | Guard::IdentityOf(person)
    | Guard::MembershipsOf(person)
    | Guard::PostsHeldBy(person)
    | Guard::TransfersOf(person)) = guard
    else {
        return vec![guard.clone()];
    };
    vec![
        Guard::Person(*person),
        Guard::IdentityOf(*person),
        Guard::MembershipsOf(*person),
        Guard::PostsHeldBy(*person),
        Guard::TransfersOf(*person),
    ]
}

impl Reader {
    /// What is behind guards. Of those with a stream of their own there may be one.
    pub(super) async fn looks(&self, guards: &[Guard]) -> Result<Looks, Fault> {
        let own = guards.iter().find_map(|guard| Some((guard, guard.own_stream()?)));
        let texts = |ending: bool| -> Vec<String> {
            let others = guards.iter().filter(|guard| guard.own_stream().is_none());
            let wanted = others.filter(|guard| guard.ends_with_its_streams() == ending);
            wanted.map(ToString::to_string).collect()
        };
        let asked = sqlx::query(LOOKS)
            .bind(self.ledger.0)
            .bind(texts(true))
            .bind(texts(false))
            .bind(own.map(|(_, stream)| stream.family.as_str()))
            .bind(own.map(|(_, stream)| stream.id.to_string()));
        let mut found: HashMap<String, Looked> = HashMap::new();
        let (mut head, mut tip) = (None, (0, Position(0)));
        for row in self.by_key(asked).await? {
            head = Some(position(row.try_get(0)?)?);
            let Some(at) = row.try_get(2)? else { continue };
            let at = position(at)?;
            let Some(guard) = row.try_get::<Option<String>, _>(1)? else {
                tip = (unsigned(row.try_get(4)?)?, at);
                continue;
            };
            let looked = found.entry(guard).or_default();
            looked.position = looked.position.max(at);
            let stream = row.try_get::<&str, _>(3)?.parse();
            looked.streams.push(stream.map_err(|_| damaged("a guard's stream cannot be read"))?);
        }
        let head = head.ok_or_else(|| damaged("the ledger has no head"))?;
        let own_look = |stream| match tip {
            (0, _) => Looked::default(),
            (_, position) => Looked { position, streams: vec![stream] },
        };
        let looks = guards.iter().map(|guard| {
            let looked = match guard.own_stream() {
                Some(stream) => own_look(stream),
                None => found.remove(&guard.to_string()).unwrap_or_default(),
            };
            (guard.clone(), looked)
        });
        let looks = looks.collect();
        Ok(Looks { head, looks, tip: own.map(|(_, stream)| (stream, tip)) })
    }
}

#[cfg(test)]
mod tests {
    use events::{BranchId, PersonId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_asked_with_a_guard_has_it_and_one_stream_of_its_own_at_most() {
        let (person, branch) = (PersonId(Uuid::from_u128(1)), BranchId(Uuid::from_u128(2)));
        for guard in [
            Guard::Person(person),
            Guard::MembershipsOf(person),
            Guard::EmploymentsOf(person),
            Guard::Branch(branch),
            Guard::MembersOf(branch),
        ] {
            let together = with_it(&guard);
            assert!(together.contains(&guard), "{guard}");
            let own = together.iter().filter(|guard| guard.own_stream().is_some());
            assert!(own.count() <= 1, "{guard}");
        }
    }
}
