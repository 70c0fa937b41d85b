//! The tables of guards, and what they have yet to take in.
//!
//! Which guard an event touches follows from the event. So the tables may stand at an earlier
//! position than the record: what comes after it is read from the events themselves. The process
//! that records has it in memory, see [`super::recent`]; others work it out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use events::{Guard, Position, StreamId};
use rusqlite::OptionalExtension;

use super::append::Ledger;
use super::fault::Fault;
use super::group::{Done, Touched};
use super::values::{integer, position};
use crate::store::{KeptGuards, Looked};

/// How many events the tables stay behind at most, but for what one commit adds.
pub(super) const BEHIND_MAX: u64 = 8_192;

/// What the tables have yet to take in when this is done too.
pub(super) fn with(mut pending: BTreeMap<Guard, Touched>, done: &Done) -> BTreeMap<Guard, Touched> {
    for (guard, touched) in &done.touched {
        pending.entry(guard.clone()).or_default().add(touched.clone());
    }
    pending
}

impl Ledger<'_> {
    /// A guard, given what the tables have yet to take in of it.
    pub(super) fn look(&self, guard: &Guard, pending: &Touched) -> Result<Looked, Fault> {
        // The position first: a touch in between then counts as not looked at.
        let position = self.touched_at(guard)?.max(pending.position);
        if position == Position(0) {
            return Ok(Looked::default());
        }
        let mut streams = self.streams_behind(guard)?;
        let known: HashSet<StreamId> = streams.iter().copied().collect();
        streams.extend(pending.streams.iter().filter(|stream| !known.contains(stream)));
        Ok(Looked { position, streams })
    }

    /// A guard, for who is not the one that records. Of one moment only where the caller sees to
    /// it.
    pub(super) fn look_beside(&self, guard: &Guard) -> Result<Looked, Fault> {
        let pending = self.pending(self.head()?.position)?.remove(guard);
        self.look(guard, &pending.unwrap_or_default())
    }

    /// The last touch of a guard that the tables know of; zero if they know of none.
    pub(super) fn touched_at(&self, guard: &Guard) -> Result<Position, Fault> {
        const SQL: &str = "SELECT position FROM guards WHERE guard = ?1";
        if guard.ends_with_its_streams() {
            let mut last = Position(0);
            for stream in self.streams_behind(guard)? {
                last = last.max(self.tip(stream)?.position);
            }
            return Ok(last);
        }
        let mut statement = self.conn.prepare_cached(SQL)?;
        let found = statement.query_row([guard.to_string()], |row| row.get(0)).optional()?;
        found.map_or(Ok(Position(0)), position)
    }

    /// All streams that ever touched a guard, as far as the tables know; its own one, where it has
    /// one.
    fn streams_behind(&self, guard: &Guard) -> Result<Vec<StreamId>, Fault> {
        const SQL: &str = "SELECT stream FROM guard_streams WHERE guard = ?1";
        if let Some(stream) = guard.own_stream() {
            return Ok(vec![stream]);
        }
        let mut statement = self.conn.prepare_cached(SQL)?;
        let mut rows = statement.query([guard.to_string()])?;
        let mut streams = Vec::new();
        while let Some(row) = rows.next()? {
            let stream = row.get_ref(0)?.as_str().ok().and_then(|text| text.parse().ok());
            let what = "a guard's stream cannot be read";
            streams.push(stream.ok_or(Fault::Damaged { position: None, what })?);
        }
        Ok(streams)
    }

    /// The position that the tables stand at.
    pub(super) fn guards_at(&self) -> Result<Position, Fault> {
        const SQL: &str = "SELECT guards_at FROM ledgers WHERE ledger = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let found = statement.query_row([self.id.0.as_bytes()], |row| row.get(0)).optional()?;
        found.map_or(Ok(Position(0)), position)
    }

    /// What the events up to a position touched that the tables do not know of. Of one moment only
    /// where the caller sees to it.
    pub(super) fn pending(&self, until: Position) -> Result<BTreeMap<Guard, Touched>, Fault> {
        let after = self.guards_at()?;
        if after > until {
            let (position, what) = (Some(until.next().0), "the guards are further than the events");
            return Err(Fault::Damaged { position, what });
        }
        let mut pending: BTreeMap<Guard, Touched> = BTreeMap::new();
        let unread = Fault::Damaged { position: Some(after.next().0), what: "it is no event" };
        for recorded in self.recorded(after, until)?.map_err(|_| unread)? {
            let (position, stream) = (recorded.position, recorded.stream);
            for guard in events::guard::touched(stream, recorded.event.as_ref()) {
                if guard.own_stream().is_none() {
                    let touched = Touched { position, streams: [stream].into() };
                    pending.entry(guard).or_default().add(touched);
                }
            }
        }
        Ok(pending)
    }

    /// Has the tables take in what they lack up to a position.
    pub(super) fn enter(
        &self,
        pending: &BTreeMap<Guard, Touched>,
        until: Position,
    ) -> Result<(), Fault> {
        const GUARD: &str = "INSERT INTO guards (guard, position) VALUES (?1, ?2) \
            ON CONFLICT (guard) DO UPDATE SET position = excluded.position";
        const LINK: &str = "INSERT INTO guard_streams (guard, stream) VALUES (?1, ?2) \
            ON CONFLICT DO NOTHING";
        const AT: &str = "UPDATE ledgers SET guards_at = ?2 WHERE ledger = ?1";
        let mut moved = self.conn.prepare_cached(GUARD)?;
        let mut linked = self.conn.prepare_cached(LINK)?;
        for (guard, touched) in pending {
            let text = guard.to_string();
            if !guard.ends_with_its_streams() {
                moved.execute((&text, integer(touched.position.0)))?;
            }
            for stream in &touched.streams {
                linked.execute((&text, stream.to_string()))?;
            }
        }
        let at = (self.id.0.as_bytes(), integer(until.0));
        self.conn.prepare_cached(AT)?.execute(at)?;
        Ok(())
    }

    /// All guards as the tables have them, and what these have yet to take in.
    pub(super) fn kept_guards(&self) -> Result<KeptGuards, Fault> {
        const GUARDS: &str = "SELECT guard, position FROM guards ORDER BY guard";
        const LINKS: &str = "SELECT guard, stream FROM guard_streams ORDER BY guard, stream";
        let mut guards: BTreeMap<String, Position> = BTreeMap::new();
        let mut statement = self.conn.prepare_cached(GUARDS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            guards.insert(row.get(0)?, position(row.get(1)?)?);
        }
        let mut statement = self.conn.prepare_cached(LINKS)?;
        let mut links = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<BTreeSet<(String, String)>, _>>()?;
        for (guard, touched) in self.pending(self.head()?.position)? {
            let text = guard.to_string();
            let streams = touched.streams.iter().map(|stream| (text.clone(), stream.to_string()));
            links.extend(streams);
            if !guard.ends_with_its_streams() {
                guards.insert(text, touched.position);
            }
        }
        Ok((guards.into_iter().collect(), links.into_iter().collect()))
    }
}
