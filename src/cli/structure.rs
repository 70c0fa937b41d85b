//! Questions about branches and posts: how they stand, and what falls due.

use projections::questions::{KeyPostEntry, PostEntry, StandingEntry};
use serde::Serialize;

use super::output::{Align, Output};
use super::place::Place;
use super::{Exit, Failure, Run};
use crate::ledger::Mode;

/// `rollbook posts`, and with `--at-hosts` those at hosts.
pub(super) async fn posts(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let vacant = run.matches.get_flag("vacant");
    if run.matches.get_flag("at-hosts") {
        let mut entries = ledger.key_posts(&run.actor, place.at).await?;
        entries.retain(|entry| !vacant || entry.person.is_none());
        return list(output, &place, entries, KEY_POSTS);
    }
    let mut entries = ledger.holders(&run.actor, place.at).await?;
    entries.retain(|entry| !vacant || entry.person.is_none());
    list(output, &place, entries, POSTS)
}

/// How a list is told: the heads, a row, and the key of its definition.
type Told<'a, T> = (&'a [(&'a str, Align)], fn(&Output<'_>, T) -> Vec<String>, &'a str);

const POSTS: Told<'_, PostEntry> = (
    &[
        ("head-branch", Align::Left),
        ("head-role", Align::Left),
        ("head-person", Align::Left),
        ("head-since", Align::Left),
        ("head-term", Align::Left),
        ("head-state", Align::Left),
    ],
    |output, entry| {
        let state = match (&entry.person, &entry.acting) {
            (None, Some(_)) => "post-acting".to_owned(),
            (Some(_), _) | (None, None) => format!("post-{}", entry.state),
        };
        vec![
            entry.branch,
            entry.role,
            entry.person.or(entry.acting).unwrap_or_default(),
            entry.since.map(|day| day.to_string()).unwrap_or_default(),
            entry.term_until.unwrap_or_default(),
            output.text(&state, &[]),
        ]
    },
    "definition-posts",
);

const KEY_POSTS: Told<'_, KeyPostEntry> = (
    &[
        ("head-host", Align::Left),
        ("head-name", Align::Left),
        ("head-role", Align::Left),
        ("head-person", Align::Left),
        ("head-since", Align::Left),
    ],
    |output, entry| {
        let person = entry.person.unwrap_or_else(|| output.text("post-no-member", &[]));
        let since = entry.since.map(|day| day.to_string()).unwrap_or_default();
        vec![entry.host, entry.name, entry.post, person, since]
    },
    "definition-key-posts",
);

fn list<T: Serialize>(
    output: &mut Output<'_>,
    place: &Place,
    entries: Vec<T>,
    (heads, row, definition): Told<'_, T>,
) -> Result<Exit, Failure> {
    if output.is_json() {
        output.json_list(&entries)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    let rows = entries.into_iter().map(|entry| row(output, entry)).collect();
    output.table(heads, rows)?;
    output.remark(definition, &[]);
    Ok(Exit::Ok)
}

/// `rollbook branches`.
pub(super) async fn branches(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let mut entries = ledger.standing(&run.actor, place.at).await?;
    if run.matches.get_flag("due") {
        entries.retain(|entry| !entry.due.is_empty());
    }
    if output.is_json() {
        output.json_list(&entries)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if entries.is_empty() {
        output.remark("empty-branches", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-branch", Align::Left),
        ("head-name", Align::Left),
        ("head-kind", Align::Left),
        ("head-state", Align::Left),
        ("head-members", Align::Right),
        ("head-falls-due", Align::Left),
    ];
    let row = |entry: StandingEntry| {
        let due = entry.due.iter().map(|due| output.text(&format!("standing-due-{due}"), &[]));
        let due = due.collect::<Vec<_>>().join(&output.text("separator", &[]));
        let phase = output.text(&format!("phase-{}", entry.phase), &[]);
        let members = entry.members.to_string();
        vec![entry.branch, entry.name, entry.kind, phase, members, due]
    };
    let rows = entries.into_iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-branches", &[]);
    Ok(Exit::Ok)
}
