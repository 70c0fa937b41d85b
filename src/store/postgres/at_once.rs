//! A whole group in one question: the way to the server and back costs more than what it does.
//!
//! A group is planned on what is known, and what is not known is assumed to be as its callers saw
//! it. The server takes the lock, checks every assumption and writes, or writes nothing. Then the
//! group is planned again on what the record says.
//!
//! Invariant: no refusal rests on an assumption. What a batch assumes lets it pass, and counts for
//! those behind it only in so far as the group then stands or falls with it.

use std::convert::Infallible;

use events::{Guard, LedgerId, PersonId, Position, StreamId};
use foldhash::HashSet;
use sqlx::{PgConnection, Row};

use super::append::{Group, keep_progress, lock_word};
use super::fault::{Fault, damaged};
use super::known::Known;
use super::recent::Recent;
use super::values::integer;
use crate::store::plan::{Kept, Present};
use crate::store::{Batch, Head};

/// Whether everything was as assumed, and the group is written. Nothing is asked that the keys of
/// the tables see to: they refuse a receipt that is there, and a stream's first event that is.
///
/// Each statement of it sees what was committed before that statement, since it changes things and
/// the transaction reads what is committed: so what comes after the lock sees what came before it.
/// Few statements, because each costs the server about as much as the row that it writes.
/// `OFFSET 0` keeps the planner, which thinks that a young table is empty, from reading all of it.
///
/// It is a step of the schema. Whoever changes it adds a step that drops it and makes it again, and
/// leaves nothing where this one stood, so that ledgers that are there get the new one too.
pub(super) const FUNCTION: &str = "DROP FUNCTION IF EXISTS record_at_once;
CREATE FUNCTION record_group(
    its_ledger uuid, its_lock integer, head bigint, head_time text,
    unanswered text[],
    quiet text[], quiet_since bigint[],
    ending text[], ending_since bigint[],
    old_families text[], old_ids text[], old_versions bigint[], old_since bigint[],
    positions bigint[], families text[], ids text[], sequences bigint[],
    kinds text[], versions text[], payloads text[], envelopes text[],
    times text[], days text[], salts bytea[], leaves bytea[],
    touched text[], touched_at bigint[],
    linked text[], linked_to text[],
    keys text[], body_salts bytea[], body_hashes bytea[], answers text[],
    new_head bigint, new_head_time text, new_frontier bytea
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $body$BEGIN
    PERFORM pg_advisory_xact_lock('ledgers'::regclass::oid::int, its_lock);
    IF NOT EXISTS (SELECT FROM ledgers WHERE ledger = its_ledger AND position = head
            AND recorded_at IS NOT DISTINCT FROM head_time)
        OR EXISTS (SELECT FROM generate_series(1, cardinality(unanswered)) AS i
            CROSS JOIN LATERAL (SELECT FROM receipts
                WHERE ledger = its_ledger AND key = unanswered[i] OFFSET 0) AS kept)
        OR EXISTS (SELECT FROM generate_series(1, cardinality(quiet)) AS i
            CROSS JOIN LATERAL (SELECT position FROM guards
                WHERE ledger = its_ledger AND guard = quiet[i] OFFSET 0) AS kept
            WHERE kept.position > quiet_since[i])
        OR EXISTS (SELECT FROM generate_series(1, cardinality(ending)) AS i
            CROSS JOIN LATERAL (SELECT stream FROM guard_streams
                WHERE ledger = its_ledger AND guard = ending[i] OFFSET 0) AS link
            CROSS JOIN LATERAL (SELECT position FROM events WHERE ledger = its_ledger
                AND aggregate_type = split_part(link.stream, ':', 1)
                AND aggregate_id = split_part(link.stream, ':', 2)
                ORDER BY sequence DESC LIMIT 1) AS tip
            WHERE tip.position > ending_since[i])
        OR EXISTS (SELECT FROM generate_series(1, cardinality(old_ids)) AS i
            LEFT JOIN LATERAL (SELECT sequence, position FROM events WHERE ledger = its_ledger
                AND aggregate_type = old_families[i] AND aggregate_id = old_ids[i]
                ORDER BY sequence DESC LIMIT 1) AS tip ON true
            WHERE coalesce(tip.sequence, 0) <> old_versions[i]
                OR coalesce(tip.position, 0) > old_since[i])
    THEN
        RETURN false;
    END IF;
    WITH kept_events AS (
        INSERT INTO events (ledger, position, aggregate_type, aggregate_id, sequence,
            event_type, event_version, payload, metadata, recorded_at, effective, salt, leaf)
        SELECT its_ledger, positions[i], families[i], ids[i], sequences[i],
            kinds[i], versions[i], payloads[i]::json, envelopes[i]::json, times[i], days[i],
            salts[i], leaves[i]
        FROM generate_series(1, cardinality(positions)) AS i),
    kept_guards AS (
        INSERT INTO guards (ledger, guard, position)
        SELECT its_ledger, touched[i], touched_at[i]
        FROM generate_series(1, cardinality(touched)) AS i
        ON CONFLICT (ledger, guard) DO UPDATE SET position = excluded.position),
    kept_links AS (
        INSERT INTO guard_streams (ledger, guard, stream)
        SELECT its_ledger, linked[i], linked_to[i]
        FROM generate_series(1, cardinality(linked)) AS i
        ON CONFLICT DO NOTHING),
    kept_receipts AS (
        INSERT INTO receipts (ledger, key, body_salt, body_hash, receipt)
        SELECT its_ledger, keys[i], body_salts[i], body_hashes[i], answers[i]
        FROM generate_series(1, cardinality(keys)) AS i)
    UPDATE ledgers SET position = new_head, recorded_at = new_head_time, frontier = new_frontier
        WHERE ledger = its_ledger;
    RETURN true;
END$body$";

/// Its name, and what it does.
pub(super) fn function() -> (&'static str, &'static str) {
    ("record_group", FUNCTION.split("$body$").nth(1).expect("it has a body"))
}

/// What the server is asked.
const CALL: &str = "SELECT record_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
    $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, \
    $32, $33, $34, $35, $36)";

/// What a batch is checked against: what is known, and for a group that is planned on assumptions
/// what that batch assumes.
pub(super) struct Seen<'a> {
    pub(super) known: &'a Known,
    pub(super) assuming: Option<&'a Batch>,
}

impl Present for Seen<'_> {
    type Fault = Infallible;

    fn kept(&self, key: &str) -> Result<Option<Kept>, Infallible> {
        Ok(self.known.kept_of(key))
    }

    fn touched_at(&self, guard: &Guard) -> Result<Position, Infallible> {
        Ok(self.known.touched_at(guard).unwrap_or_default())
    }

    fn version(&self, stream: StreamId) -> Result<u64, Infallible> {
        let expected = || {
            let mut events = self.assuming?.appends.iter().flat_map(|append| &append.events);
            events.find(|new| new.stream == stream).map(|new| new.sequence.saturating_sub(1))
        };
        Ok(self.known.version(stream).or_else(expected).unwrap_or(0))
    }

    fn lines(&self, source: &str) -> Result<Option<u64>, Infallible> {
        Ok(self.known.lines_of(source))
    }
}

/// What a group assumes of the record as it stands before it.
#[derive(Default)]
pub(super) struct Assumed {
    /// The keys of refused batches that were not answered: a key comes first.
    keys: Vec<String>,
    /// The guards that are not touched later than this.
    untouched: Vec<(Guard, Position)>,
    /// The streams that have this version; not those that are taken for new.
    versions: Vec<(StreamId, u64)>,
}

impl Assumed {
    /// Of a batch that is refused, and leaves no receipt.
    pub(super) fn no_answer(&mut self, batch: &Batch) {
        self.keys.extend(batch.appends.iter().map(|append| append.key.clone()));
    }

    /// What lets a batch pass that is not known, neither to the writer nor, as of a head since
    /// which the writer knows every touch, to readers. Where another server recorded before that
    /// head, the group is refused for its own. To be asked before what the batch does is known.
    pub(super) fn assume(&mut self, batch: &Batch, known: &Known, recent: &Recent) {
        let mut met = HashSet::default();
        for append in &batch.appends {
            for (guard, looked_at) in &append.looked {
                let read =
                    |(touched_at, as_of)| touched_at <= *looked_at && known.reaches_back_to(as_of);
                if !known.tells_of(guard, *looked_at) && !recent.touched_at(guard).is_some_and(read)
                {
                    self.untouched.push((guard.clone(), *looked_at));
                    if let (Guard::Person(person), Position(0)) = (guard, *looked_at) {
                        self.assume_new(*person, known);
                    }
                }
            }
            for new in &append.events {
                let expected = new.sequence.saturating_sub(1);
                let read = |(version, as_of)| version == expected && known.reaches_back_to(as_of);
                if met.insert(new.stream)
                    && expected > 0
                    && known.version(new.stream).is_none()
                    && !recent.version(new.stream).is_some_and(read)
                {
                    self.versions.push((new.stream, expected));
                }
            }
        }
    }

    /// That nothing at all is known about somebody whom a batch takes for new: more than it rests
    /// on, so that nobody has to ask afterwards.
    fn assume_new(&mut self, person: PersonId, known: &Known) {
        for guard in Guard::about_person(person).into_iter().skip(1) {
            if !known.tells_of(&guard, Position(0)) {
                self.untouched.push((guard, Position(0)));
            }
        }
    }

    /// It was so at this head: guards that are not touched since need not be asked about again,
    /// and there is nothing behind those that never were. Where the writer forgot what was done
    /// meanwhile, it knows of no touch since, and has to ask.
    pub(super) fn held(self, head: Position, known: &mut Known, recent: &Recent) {
        for (guard, until) in self.untouched {
            if until == Position::default() {
                recent.keep_never_touched(&guard, head);
            }
            if known.reaches_back_to(head) {
                known.keep_untouched(guard, until);
            }
        }
    }
}

/// Writes a group if the record is at its head and everything is as assumed; `false` when nothing
/// was written because it is not. Outside a transaction it is durable then.
pub(super) async fn append(
    conn: &mut PgConnection,
    ledger: LedgerId,
    head: &Head,
    assumed: &Assumed,
    group: &Group,
) -> Result<bool, Fault> {
    let of = |wanted: fn(&Guard) -> bool| -> (Vec<String>, Vec<i64>) {
        let guards = assumed.untouched.iter().filter(|(guard, _)| wanted(guard));
        guards.map(|(guard, since)| (guard.to_string(), integer(since.0))).unzip()
    };
    let (quiet, quiet_since) =
        of(|guard| guard.own_stream().is_none() && !guard.ends_with_its_streams());
    let (ending, ending_since) =
        of(|guard| guard.own_stream().is_none() && guard.ends_with_its_streams());
    let versions = assumed.versions.iter().map(|(stream, version)| (*stream, Some(*version), None));
    let own = assumed
        .untouched
        .iter()
        .filter_map(|(guard, since)| guard.own_stream().map(|stream| (stream, None, Some(*since))));
    let old: Vec<(StreamId, Option<u64>, Option<Position>)> = versions.chain(own).collect();
    let asked = sqlx::query(CALL)
        .bind(ledger.0)
        .bind(lock_word(ledger))
        .bind(integer(head.position.0))
        .bind(head.recorded_at.map(events::record::instant_text))
        .bind(&assumed.keys)
        .bind(quiet)
        .bind(quiet_since)
        .bind(ending)
        .bind(ending_since)
        .bind(old.iter().map(|(stream, ..)| stream.family.as_str()).collect::<Vec<_>>())
        .bind(old.iter().map(|(stream, ..)| stream.id.to_string()).collect::<Vec<_>>())
        .bind(old.iter().map(|(_, version, _)| version.map(integer)).collect::<Vec<_>>())
        .bind(old.iter().map(|(.., since)| since.map(|at| integer(at.0))).collect::<Vec<_>>());
    // The answer counts only once the server is ready again: what fails at the commit comes last.
    let rows = group.bind_rows(asked).fetch_all(conn).await?;
    let answer = rows.first().ok_or_else(|| damaged("no answer to a group"))?;
    Ok(answer.try_get(0)?)
}

/// Writes a group in a transaction that has held the lock since it read the head, in front of
/// which everything was asked.
pub(super) async fn keep(
    conn: &mut PgConnection,
    ledger: LedgerId,
    head: &Head,
    group: &Group,
) -> Result<(), Fault> {
    if !append(conn, ledger, head, &Assumed::default(), group).await? {
        return Err(damaged("the head moved while it was held"));
    }
    for progress in &group.progress {
        keep_progress(conn, ledger, progress).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use events::{BranchId, Event, MembershipEvent, MembershipId, PersonId};
    use uuid::Uuid;

    use super::*;
    use crate::store::{Append, Frame, Looked, NewEvent};

    fn batch(sequence: u64, looked_at: u64) -> Batch {
        let (person, home) = (PersonId(Uuid::from_u128(1)), BranchId(Uuid::from_u128(2)));
        let (effective, precision) = (jiff::civil::date(2020, 1, 1), None);
        let (state, previous) = (None, None);
        let event =
            MembershipEvent::Admitted { effective, precision, person, home, state, previous };
        let stream = MembershipId(Uuid::from_u128(3)).into();
        let append = Append {
            key: "key".to_owned(),
            body: Vec::new(),
            frame: Frame::default(),
            looked: vec![(Guard::MembersOf(home), Position(looked_at))],
            events: vec![NewEvent::new(stream, sequence, Event::from(event))],
            notes: Vec::new(),
        };
        Batch { appends: vec![append], progress: None }
    }

    #[test]
    fn what_is_not_known_is_assumed_and_asked_about() {
        let (known, batch) = (Known::default(), batch(5, 7));
        let stream = batch.appends[0].events[0].stream;
        let assuming = Seen { known: &known, assuming: Some(&batch) };
        assert_eq!(assuming.version(stream), Ok(4));
        assert_eq!(Seen { known: &known, assuming: None }.version(stream), Ok(0));
        let mut assumed = Assumed::default();
        assumed.no_answer(&batch);
        assumed.assume(&batch, &known, &Recent::default());
        assert_eq!(assumed.keys, ["key"]);
        assert_eq!(assumed.versions, [(stream, 4)]);
        assert_eq!(assumed.untouched, batch.appends[0].looked);
    }

    #[test]
    fn what_readers_know_is_not_assumed_if_the_writer_knows_of_every_touch_since() {
        let batch = batch(5, 7);
        let append = &batch.appends[0];
        let ((guard, _), stream) = (append.looked[0].clone(), append.events[0].stream);
        for (since, touched_at, version, asked) in
            [(9, 7, 4, (0, 0)), (9, 8, 4, (1, 0)), (9, 7, 5, (0, 1)), (10, 7, 4, (1, 1))]
        {
            let (mut known, recent) = (Known::default(), Recent::default());
            known.begin(Position(since));
            let looked = Looked { position: Position(touched_at), streams: Vec::new() };
            recent.keep_look(&guard, &looked, Position(9));
            recent.keep_tip(stream, (version, Position(4)), Position(9));
            let mut assumed = Assumed::default();
            assumed.assume(&batch, &known, &recent);
            assert_eq!((assumed.untouched.len(), assumed.versions.len()), asked);
        }
    }

    #[test]
    fn a_stream_that_is_taken_for_new_is_not_asked_about() {
        let mut assumed = Assumed::default();
        assumed.assume(&batch(1, 7), &Known::default(), &Recent::default());
        assert_eq!((assumed.untouched.len(), assumed.versions.len()), (1, 0));
    }

    #[test]
    fn what_held_is_asked_about_again_where_the_writer_forgot_since() {
        for (begun_at, asked) in [(None, 1), (Some(9), 1), (Some(8), 0)] {
            let (mut known, recent) = (Known::default(), Recent::default());
            known.begin(Position(8));
            let mut assumed = Assumed::default();
            assumed.assume(&batch(1, 7), &known, &recent);
            known.forget();
            if let Some(head) = begun_at {
                known.begin(Position(head));
            }
            assumed.held(Position(8), &mut known, &recent);
            let mut again = Assumed::default();
            again.assume(&batch(1, 7), &known, &recent);
            assert_eq!(again.untouched.len(), asked, "{begun_at:?}");
        }
    }

    #[test]
    fn who_is_taken_for_new_is_asked_about_whole() {
        let person = PersonId(Uuid::from_u128(1));
        let [own, others @ ..] = Guard::about_person(person);
        let mut batch = batch(1, 0);
        for (looked_at, asked) in [(0, 1 + others.len()), (7, 1)] {
            batch.appends[0].looked = vec![(own.clone(), Position(looked_at))];
            let mut assumed = Assumed::default();
            assumed.assume(&batch, &Known::default(), &Recent::default());
            assert_eq!(assumed.untouched.len(), asked);
        }
    }

    #[test]
    fn there_is_nothing_behind_what_was_never_touched() {
        for (looked_at, told) in [(0, Some(Looked::default())), (7, None)] {
            let (mut known, recent, batch) =
                (Known::default(), Recent::default(), batch(1, looked_at));
            let mut assumed = Assumed::default();
            assumed.assume(&batch, &known, &recent);
            assumed.held(Position(8), &mut known, &recent);
            assert_eq!(recent.looked(&batch.appends[0].looked[0].0), told);
        }
    }

    #[test]
    fn what_held_is_not_asked_about_again() {
        let mut known = Known::default();
        known.begin(Position(8));
        let mut assumed = Assumed::default();
        assumed.assume(&batch(1, 7), &known, &Recent::default());
        assumed.held(Position(8), &mut known, &Recent::default());
        for (looked_at, asked) in [(6, 1), (7, 0), (8, 0)] {
            let mut again = Assumed::default();
            again.assume(&batch(1, looked_at), &known, &Recent::default());
            assert_eq!(again.untouched.len(), asked, "looked at {looked_at}");
        }
    }
}
