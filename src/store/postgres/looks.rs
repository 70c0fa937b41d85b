//! What is behind guards, asked together: whoever asks one question about a person mostly asks the
//! others next, many callers ask at the same time, and the way to the server costs more than the
//! answers.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::{Guard, Position, StreamId};
use sqlx::Row;
use tokio::sync::oneshot;

use super::fault::{Fault, damaged};
use super::reader::Reader;
use super::recent::{NOWHERE, Recent, Tip, look_of};
use super::values::{position, unsigned};
use crate::store::Looked;

/// Guards that were last touched where their streams end; guards whose last touch is kept; and
/// where streams end. All as of one moment, with the head. `OFFSET 0` keeps the planner, which
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
    UNION ALL SELECT head.position, NULL, tip.position, asked.family || ':' || asked.id, \
        tip.sequence \
    FROM ledgers AS head CROSS JOIN unnest($4::text[], $5::text[]) AS asked (family, id) \
    LEFT JOIN LATERAL (SELECT sequence, position FROM events WHERE ledger = $1 \
        AND aggregate_type = asked.family AND aggregate_id = asked.id \
        ORDER BY sequence DESC LIMIT 1) AS tip ON true \
    WHERE head.ledger = $1";

/// What is behind guards, where their own streams end, and where the head was at that moment.
pub(super) struct Looks {
    pub(super) head: Position,
    pub(super) looks: Vec<(Guard, Looked)>,
    pub(super) tips: Vec<(StreamId, Tip)>,
}

/// A look that waits to be asked, and who waits for it.
type Waiting = (Guard, oneshot::Sender<Looked>);

/// Looks of callers of this process. While one question is under way those that come are
/// gathered, and asked in the next one.
#[derive(Default)]
pub(super) struct Together {
    waiting: Mutex<Vec<Waiting>>,
    asking: tokio::sync::Mutex<()>,
}

impl Together {
    /// What is behind a guard, asked of the server after this was called. What is learnt is kept.
    pub(super) async fn look(
        &self,
        reader: &Reader,
        recent: &Recent,
        guard: &Guard,
    ) -> Result<Looked, Fault> {
        loop {
            let (told, mut answer) = oneshot::channel();
            self.waiting().push((guard.clone(), told));
            let asking = self.asking.lock().await;
            let waiting = match answer.try_recv() {
                Ok(looked) => return Ok(looked),
                Err(oneshot::error::TryRecvError::Empty) => std::mem::take(&mut *self.waiting()),
                // Whoever asked for it as well did not come to an end.
                Err(oneshot::error::TryRecvError::Closed) => continue,
            };
            ask(reader, recent, waiting).await?;
            drop(asking);
            if let Ok(looked) = answer.try_recv() {
                return Ok(looked);
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for all of them in one question, and tells everybody.
async fn ask(reader: &Reader, recent: &Recent, waiting: Vec<Waiting>) -> Result<(), Fault> {
    let guards: BTreeSet<Guard> = waiting.iter().flat_map(|(guard, _)| with_it(guard)).collect();
    let guards: Vec<Guard> = guards.into_iter().collect();
    let Looks { head, looks, tips } = reader.looks(&guards).await?;
    for (stream, tip) in tips {
        recent.keep_tip(stream, tip, head);
    }
    for (guard, looked) in looks.iter().filter(|(guard, _)| guard.own_stream().is_none()) {
        recent.keep_look(guard, looked, head);
    }
    let looks: HashMap<Guard, Looked> = looks.into_iter().collect();
    for (guard, told) in waiting {
        // Whoever no longer waits has lost nothing.
        let _ = told.send(looks.get(&guard).cloned().unwrap_or_default());
    }
    Ok(())
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
    Guard::about_person(*person).into()
}

impl Reader {
    /// What is behind guards.
    pub(super) async fn looks(&self, guards: &[Guard]) -> Result<Looks, Fault> {
        let own: Vec<StreamId> = guards.iter().filter_map(Guard::own_stream).collect();
        let texts = |ending: bool| -> Vec<String> {
            let others = guards.iter().filter(|guard| guard.own_stream().is_none());
            let wanted = others.filter(|guard| guard.ends_with_its_streams() == ending);
            wanted.map(ToString::to_string).collect()
        };
        let asked = sqlx::query(LOOKS)
            .bind(self.ledger.0)
            .bind(texts(true))
            .bind(texts(false))
            .bind(own.iter().map(|stream| stream.family.as_str()).collect::<Vec<_>>())
            .bind(own.iter().map(|stream| stream.id.to_string()).collect::<Vec<_>>());
        let mut found: HashMap<String, Looked> = HashMap::new();
        let mut tips: HashMap<StreamId, Tip> =
            own.iter().map(|stream| (*stream, NOWHERE)).collect();
        let mut head = None;
        for row in self.by_key(asked).await? {
            head = Some(position(row.try_get(0)?)?);
            let Some(at) = row.try_get(2)? else { continue };
            let at = position(at)?;
            let stream = row.try_get::<&str, _>(3)?.parse();
            let stream = stream.map_err(|_| damaged("a guard's stream cannot be read"))?;
            let Some(guard) = row.try_get::<Option<String>, _>(1)? else {
                tips.insert(stream, (unsigned(row.try_get(4)?)?, at));
                continue;
            };
            let looked = found.entry(guard).or_default();
            looked.position = looked.position.max(at);
            looked.streams.push(stream);
        }
        let head = head.ok_or_else(|| damaged("the ledger has no head"))?;
        let own_look = |stream| look_of(stream, tips.get(&stream).copied().unwrap_or(NOWHERE));
        let looks = guards.iter().map(|guard| {
            let looked = match guard.own_stream() {
                Some(stream) => own_look(stream),
                None => found.remove(&guard.to_string()).unwrap_or_default(),
            };
            (guard.clone(), looked)
        });
        let looks = looks.collect();
        Ok(Looks { head, looks, tips: tips.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use events::{BranchId, PersonId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_asked_with_a_guard_has_it() {
        let (person, branch) = (PersonId(Uuid::from_u128(1)), BranchId(Uuid::from_u128(2)));
        for guard in [
            Guard::Person(person),
            Guard::MembershipsOf(person),
            Guard::EmploymentsOf(person),
            Guard::Branch(branch),
            Guard::MembersOf(branch),
        ] {
            assert!(with_it(&guard).contains(&guard), "{guard}");
        }
    }
}
