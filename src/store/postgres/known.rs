//! What a group of batches is checked against: fetched in one question, then kept up to date in
//! memory while the group is planned.
//!
//! Invariant: it is as the record stood at the head that the writer last saw, or will stand after
//! the groups that are under way and being planned. Where the head is elsewhere, because another
//! server recorded, all of it is forgotten; so it is when a transaction does not come to its end.
//! Whatever was touched since it was forgotten last is in it.

use std::collections::{BTreeMap, BTreeSet};

use events::{Guard, LedgerId, Position, StreamId};
use foldhash::{HashMap, HashSet};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::fault::{Fault, damaged};
use super::values::{blob, position, unsigned};
use crate::store::Batch;
use crate::store::plan::{Kept, Plan};

/// Beyond so many streams, guards and links it forgets, to bound its memory.
const HELD_MAX: usize = 300_000;

/// All that a group asks, in one question. What is looked up in `events` is where streams end.
/// `OFFSET 0` keeps the planner, which thinks that a young table is empty, from reading all of it.
const LOOK_UP: &str = "SELECT 1 AS what, kept.key AS name, body_salt, body_hash, receipt, \
        NULL::bigint AS number, NULL::bigint AS position \
    FROM unnest($2::text[]) AS asked (key) CROSS JOIN LATERAL (SELECT * FROM receipts \
        WHERE ledger = $1 AND key = asked.key OFFSET 0) AS kept \
    UNION ALL SELECT 2, kept.guard, NULL, NULL, NULL, NULL, kept.position \
    FROM unnest($3::text[]) AS asked (guard) CROSS JOIN LATERAL (SELECT * FROM guards \
        WHERE ledger = $1 AND guard = asked.guard OFFSET 0) AS kept \
    UNION ALL SELECT 3, asked.family || ':' || asked.id, NULL, NULL, NULL, tip.sequence, \
        tip.position FROM unnest($4::text[], $5::text[]) AS asked (family, id) \
    CROSS JOIN LATERAL (SELECT sequence, position FROM events WHERE ledger = $1 \
        AND aggregate_type = asked.family AND aggregate_id = asked.id \
        ORDER BY sequence DESC LIMIT 1) AS tip \
    UNION ALL SELECT 4, source, NULL, NULL, NULL, lines, NULL \
    FROM imports WHERE ledger = $1 AND source = ANY($6::text[]) \
    UNION ALL SELECT 5, link.guard, NULL, NULL, NULL, NULL, max(tip.position) \
    FROM unnest($7::text[]) AS asked (guard) CROSS JOIN LATERAL (SELECT * FROM guard_streams \
        WHERE ledger = $1 AND guard = asked.guard OFFSET 0) AS link \
    CROSS JOIN LATERAL (SELECT position FROM events \
        WHERE ledger = $1 AND aggregate_type = split_part(link.stream, ':', 1) \
        AND aggregate_id = split_part(link.stream, ':', 2) \
        ORDER BY sequence DESC LIMIT 1) AS tip GROUP BY link.guard";

/// Where a stream ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tip {
    version: u64,
    position: Position,
}

/// What is known of the record.
#[derive(Default)]
pub(super) struct Known {
    /// Where the head was when all of it was forgotten last, once that is known again.
    since: Option<Position>,
    tips: HashMap<StreamId, Tip>,
    touched: HashMap<Guard, Position>,
    /// Guards that are not touched later than this, whenever they were.
    untouched: HashMap<Guard, Position>,
    links: HashSet<(Guard, StreamId)>,
    /// Of the keys that this group asked for.
    kept: HashMap<String, Kept>,
    /// Of the sources that this group asked for.
    lines: HashMap<String, u64>,
}

/// What a group did beside its events: written once, at its end.
#[derive(Default)]
pub(super) struct Done {
    /// The guards to be moved, each with its last touch.
    pub(super) touched: BTreeMap<String, Position>,
    /// Links between guards and streams that may be new.
    pub(super) links: BTreeSet<(String, String)>,
}

impl Known {
    /// The last touch of a guard, if it is known; zero if it is known that there was none.
    pub(super) fn touched_at(&self, guard: &Guard) -> Option<Position> {
        match guard.own_stream() {
            Some(stream) => self.tips.get(&stream).map(|tip| tip.position),
            None => self.touched.get(guard).copied(),
        }
    }

    /// Whether it is known if a guard is touched later than this.
    pub(super) fn tells_of(&self, guard: &Guard, since: Position) -> bool {
        self.touched_at(guard).is_some()
            || self.untouched.get(guard).is_some_and(|until| *until <= since)
    }

    /// Keeps that a guard is not touched later than this.
    pub(super) fn keep_untouched(&mut self, guard: Guard, since: Position) {
        self.untouched.insert(guard, since);
    }

    /// The version of a stream, if it is known; zero if it is known not to be there.
    pub(super) fn version(&self, stream: StreamId) -> Option<u64> {
        self.tips.get(&stream).map(|tip| tip.version)
    }

    /// The answer that was given to a key of this group.
    pub(super) fn kept_of(&self, key: &str) -> Option<Kept> {
        self.kept.get(key).cloned()
    }

    /// How many lines are applied of a source of this group.
    pub(super) fn lines_of(&self, source: &str) -> Option<u64> {
        self.lines.get(source).copied()
    }

    /// Whether nothing that is not in it was touched after this position.
    pub(super) fn reaches_back_to(&self, position: Position) -> bool {
        self.since.is_some_and(|since| since <= position)
    }

    /// A group begins, at this head.
    pub(super) fn begin(&mut self, head: Position) {
        let guards = self.touched.len() + self.untouched.len();
        if self.tips.len() + guards + self.links.len() > HELD_MAX {
            self.forget();
        }
        self.since.get_or_insert(head);
        self.kept.clear();
        self.lines.clear();
    }

    /// Asks for whatever the batches need and is not known yet.
    pub(super) async fn fetch(
        &mut self,
        conn: &mut PgConnection,
        ledger: LedgerId,
        head: Position,
        batches: &[Batch],
    ) -> Result<(), Fault> {
        self.begin(head);
        let asked = self.asked(batches);
        if asked.is_empty() {
            return Ok(());
        }
        let rows = asked.ask(conn, ledger).await?;
        // What is not found is not there: known as well.
        self.tips.extend(asked.streams.iter().map(|stream| (*stream, Tip::default())));
        let guards = asked.guards.iter().chain(&asked.ending);
        self.touched.extend(guards.map(|guard| (guard.clone(), Position(0))));
        let mut by_name: HashMap<String, Guard> = HashMap::default();
        for guard in asked.guards.into_iter().chain(asked.ending) {
            by_name.insert(guard.to_string(), guard);
        }
        for row in &rows {
            self.take_row(row, &by_name)?;
        }
        Ok(())
    }

    fn take_row(&mut self, row: &PgRow, guards: &HashMap<String, Guard>) -> Result<(), Fault> {
        let name: String = row.try_get(1)?;
        let at = || -> Result<Position, Fault> { position(row.try_get(6)?) };
        match row.try_get(0)? {
            1 => {
                let receipt = || serde_json::from_str(row.try_get(4).ok()?).ok();
                let kept = || {
                    let (body_salt, body_hash) = (blob(row, 2)?, blob(row, 3)?);
                    Some(Kept { body_salt, body_hash, receipt: receipt()? })
                };
                let kept = kept().ok_or_else(|| damaged("a receipt cannot be read"))?;
                self.kept.insert(name, kept);
            }
            3 => {
                let stream = name.parse().map_err(|_| damaged("a stream cannot be read"))?;
                let tip = Tip { version: unsigned(row.try_get(5)?)?, position: at()? };
                self.tips.insert(stream, tip);
            }
            4 => {
                self.lines.insert(name, unsigned(row.try_get(5)?)?);
            }
            2 | 5 => {
                if let Some(guard) = guards.get(&name) {
                    self.touched.insert(guard.clone(), at()?);
                }
            }
            _ => return Err(damaged("an answer to no question")),
        }
        Ok(())
    }

    fn asked(&self, batches: &[Batch]) -> Asked {
        let mut asked = Asked::default();
        for batch in batches {
            asked.sources.extend(batch.progress.iter().map(|progress| progress.source.clone()));
            for append in &batch.appends {
                asked.keys.insert(append.key.clone());
                let streams = append.events.iter().map(|new| new.stream);
                let own = append.looked.iter().filter_map(|(guard, _)| guard.own_stream());
                let unknown = streams.chain(own).filter(|it| !self.tips.contains_key(it));
                asked.streams.extend(unknown);
                for (guard, _) in &append.looked {
                    if guard.own_stream().is_some() || self.touched.contains_key(guard) {
                        continue;
                    }
                    let ending = guard.ends_with_its_streams();
                    let to = if ending { &mut asked.ending } else { &mut asked.guards };
                    to.insert(guard.clone());
                }
            }
        }
        asked
    }

    /// Takes in what was planned, and notes what of it is to be written at the group's end.
    pub(super) fn take(&mut self, plan: &Plan, done: &mut Done) {
        for written in &plan.written {
            let position = written.record.position;
            let tip = Tip { version: written.columns.sequence, position };
            self.tips.insert(written.stream, tip);
            for guard in &written.touched {
                if guard.own_stream().is_some() {
                    continue; // it stands where its stream ends
                }
                if !guard.ends_with_its_streams() {
                    done.touched.insert(guard.to_string(), position);
                }
                // One that was not asked for is not known just because it was touched, and yet no
                // touch of it can be later than this one.
                self.touched.insert(guard.clone(), position);
                if self.links.insert((guard.clone(), written.stream)) {
                    done.links.insert((guard.to_string(), written.stream.to_string()));
                }
            }
        }
        let kept = plan.kept.iter();
        self.kept.extend(kept.map(|kept| (kept.receipt.key.clone(), kept.clone())));
        if let Some(progress) = &plan.progress {
            self.lines.insert(progress.source.clone(), progress.lines);
        }
    }

    /// Forgets all of it.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What is not known.
#[derive(Default)]
struct Asked {
    keys: BTreeSet<String>,
    /// Guards whose last touch is kept.
    guards: HashSet<Guard>,
    /// Guards that were last touched where the last of their streams ends.
    ending: HashSet<Guard>,
    streams: HashSet<StreamId>,
    sources: BTreeSet<String>,
}

impl Asked {
    fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.guards.is_empty()
            && self.ending.is_empty()
            && self.streams.is_empty()
            && self.sources.is_empty()
    }

    async fn ask(&self, conn: &mut PgConnection, ledger: LedgerId) -> Result<Vec<PgRow>, Fault> {
        let texts = |guards: &HashSet<Guard>| -> Vec<String> {
            guards.iter().map(ToString::to_string).collect()
        };
        let families: Vec<&str> = self.streams.iter().map(|it| it.family.as_str()).collect();
        let ids: Vec<String> = self.streams.iter().map(|it| it.id.to_string()).collect();
        let asked = sqlx::query(LOOK_UP)
            .bind(ledger.0)
            .bind(self.keys.iter().collect::<Vec<_>>())
            .bind(texts(&self.guards))
            .bind(families)
            .bind(ids)
            .bind(self.sources.iter().collect::<Vec<_>>())
            .bind(texts(&self.ending));
        Ok(asked.fetch_all(conn).await?)
    }
}
