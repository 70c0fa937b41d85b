//! Which member holds which key post at which host?

use std::collections::{HashMap, HashSet};

use events::Date;
use serde::Serialize;

use crate::employments::EmploymentRow;
use crate::hosts::HostRow;
use crate::likenesses::GoesBy;
use crate::memberships::MembershipRow;
use crate::table::Row;

/// One key post at one host, and one member who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyPostEntry {
    /// The host's code.
    pub host: String,
    /// Its name.
    pub name: String,
    /// The code of the post.
    pub post: String,
    /// The id by which the member goes; absent where no member holds it.
    pub person: Option<String>,
    /// Since when.
    pub since: Option<Date>,
}

/// Every key post at the hosts that operate, with a line for each member who holds it, by code. Who
/// holds it and is no member is not told: the record is about members. Persons who are merged are
/// one here, as `goes_by` says.
///
/// The rows are those that hold on D.
#[must_use]
pub fn key_posts(
    hosts: &[Row],
    employments: &[Row],
    memberships: &[Row],
    goes_by: &GoesBy<'_>,
) -> Vec<KeyPostEntry> {
    let members: HashSet<&str> =
        memberships.iter().map(|row| goes_by.id(MembershipRow::of(row).person)).collect();
    let mut held: HashMap<(&str, &str), Vec<(&str, Date)>> = HashMap::new();
    for row in employments {
        let EmploymentRow { host, person, post, .. } = EmploymentRow::of(row);
        let person = goes_by.id(person);
        if let Some(post) = post.filter(|_| members.contains(person)) {
            held.entry((host, post)).or_default().push((person, row.valid_from));
        }
    }
    let mut entries = Vec::new();
    for host in HostRow::of_day(hosts) {
        for post in host.key_posts.unwrap_or_default().split_whitespace() {
            let mut holders = held.get(&(host.host, post)).cloned().unwrap_or_default();
            holders.sort_unstable();
            holders.dedup_by_key(|(person, _)| *person);
            let entry = |holder: Option<(&str, Date)>| KeyPostEntry {
                host: host.code.to_owned(),
                name: host.name.to_owned(),
                post: post.to_owned(),
                person: holder.map(|(person, _)| person.to_owned()),
                since: holder.map(|(_, since)| since),
            };
            if holders.is_empty() {
                entries.push(entry(None));
            }
            entries.extend(holders.into_iter().map(|holder| entry(Some(holder))));
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Employments, Hosts, Likenesses, Memberships};

    #[test]
    fn a_key_post_is_held_by_members_or_by_none() {
        let history = [
            formed(1, A, "Alpha", None),
            host_registered(1, H1, 30),
            admitted(1, M1, P1, A),
            employed(2, H1, P1, Some("editor")),
            employed(3, H1, P2, Some("editor")),
        ];
        let told = |history: &[Happened]| {
            let mut hosts = given::<Hosts>(history).known();
            hosts.iter_mut().for_each(|row| row.cells[7] = crate::table::cell("editor owner"));
            let likenesses = given::<Likenesses>(history).known();
            let entries = key_posts(
                &hosts,
                &given::<Employments>(history).known(),
                &given::<Memberships>(history).known(),
                &GoesBy::of(&likenesses),
            );
            let told = |it: KeyPostEntry| (it.post, it.person, it.since);
            entries.into_iter().map(told).collect::<Vec<_>>()
        };
        let nobody = |post: &str| (post.to_owned(), None, None);
        let editor = ("editor".to_owned(), Some(P1.to_string()), Some(day(2)));
        assert_eq!(told(&history), [editor.clone(), nobody("owner")]);
        let merged = [&history[..], &[compared(4, P2, P1, Found::Merged)]].concat();
        assert_eq!(told(&merged), [editor, nobody("owner")]);
        let elsewhere = [&history[..3], &history[4..], &merged[5..]].concat();
        let editor = ("editor".to_owned(), Some(P1.to_string()), Some(day(3)));
        assert_eq!(told(&elsewhere), [editor, nobody("owner")]);
        assert_eq!(told(&history[..3]), [nobody("editor"), nobody("owner")]);
    }
}
