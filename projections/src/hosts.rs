//! Which hosts operate, of which kind, owned by whom and how large?

use std::collections::BTreeMap;

use events::{Code, Event, HostEvent, HostId, Recorded, Text};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id, in_order};

/// One row for each stretch of a host's life without a change.
pub const TABLE: &Table = &Table {
    name: "hosts",
    version: 1,
    question: "Which hosts operate, of which kind, owned by whom and how large?",
    columns: &[
        Column::id("host").indexed(),
        Column::text("code").indexed(),
        Column::text("name"),
        Column::text("kind"),
        Column::text("ownership"),
        Column::number("staff"),
        Column::text("area").optional(),
        Column::text("key_posts").optional(),
    ],
};

/// Which hosts operate, of which kind, owned by whom and how large?
pub enum Hosts {}

/// What a host is for a while.
#[derive(Clone, PartialEq)]
pub struct Standing {
    code: Code,
    name: Text,
    kind: Code,
    ownership: Code,
    staff: u32,
    area: Option<Code>,
    key_posts: Vec<Code>,
}

impl Intervals for Hosts {
    const TABLE: &'static Table = TABLE;
    type Change = HostEvent;
    type Key = HostId;
    type Fact = Standing;

    fn change(event: &Recorded) -> Option<(HostId, &HostEvent)> {
        let Event::Host(change) = &event.event else { return None };
        match change {
            HostEvent::Registered { .. } | HostEvent::Changed { .. } | HostEvent::Closed { .. } => {
                Some((HostId(event.stream.id), change))
            }
            HostEvent::Employed { .. } | HostEvent::EmploymentEnded { .. } => None,
        }
    }

    fn step(before: Option<&Standing>, change: &HostEvent) -> Option<Standing> {
        match change {
            HostEvent::Registered {
                code,
                name,
                host_kind,
                ownership,
                staff,
                area,
                key_posts,
                ..
            } => Some(Standing {
                code: code.clone(),
                name: name.clone(),
                kind: host_kind.clone(),
                ownership: ownership.clone(),
                staff: *staff,
                area: area.clone(),
                key_posts: key_posts.clone(),
            }),
            HostEvent::Changed { name, host_kind, ownership, staff, area, key_posts, .. } => {
                let before = before?.clone();
                Some(Standing {
                    code: before.code,
                    name: name.clone().unwrap_or(before.name),
                    kind: host_kind.clone().unwrap_or(before.kind),
                    ownership: ownership.clone().unwrap_or(before.ownership),
                    staff: staff.unwrap_or(before.staff),
                    area: area.clone().or(before.area),
                    key_posts: key_posts.clone().unwrap_or(before.key_posts),
                })
            }
            HostEvent::Closed { .. } => None,
            HostEvent::Employed { .. } | HostEvent::EmploymentEnded { .. } => before.cloned(),
        }
    }

    fn cells(host: HostId, standing: &Standing) -> Vec<Cell> {
        let Standing { code, name, kind, ownership, staff, area, key_posts } = standing;
        let key_posts: Vec<&str> = key_posts.iter().map(Code::as_str).collect();
        vec![
            id(host),
            cell(code),
            cell(name),
            cell(kind),
            cell(ownership),
            cell(staff),
            area.as_ref().into(),
            (!key_posts.is_empty()).then(|| key_posts.join(" ")).into(),
        ]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostRow<'a> {
    /// The host's id.
    pub host: &'a str,
    /// The code that people use for it; never changes and is nobody else's.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The code of its kind.
    pub kind: &'a str,
    /// The code of who owns it.
    pub ownership: &'a str,
    /// How many people work there.
    pub staff: u64,
    /// The code of its area, where it has one.
    pub area: Option<&'a str>,
    /// The codes of the posts that a member should hold, separated by blanks.
    pub key_posts: Option<&'a str>,
}

impl<'a> HostRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [host, code, name, kind, ownership, staff, area, key_posts] = row.columns();
        Self {
            host: host.text(),
            code: code.text(),
            name: name.text(),
            kind: kind.text(),
            ownership: ownership.text(),
            staff: staff.number(),
            area: area.as_text(),
            key_posts: key_posts.as_text(),
        }
    }

    /// Reads rows that hold on one day, by code. A host that changed on a day of which any moment
    /// counts has several; its last one stands for it.
    #[must_use]
    pub fn of_day(rows: &'a [Row]) -> Vec<Self> {
        let last: BTreeMap<&str, Self> =
            in_order(rows).into_iter().map(Self::of).map(|host| (host.code, host)).collect();
        last.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_host_is_registered_changed_and_closed() {
        let history = [host_registered(1, H1, 30), host_staffed(3, H1, 60), host_closed(7, H1)];
        given::<Hosts>(&history).now(&[
            "01..03 known 2.. by 1-2: #51 51 Host 51 software private 30 - -",
            "03..07 known 3.. by 2-3: #51 51 Host 51 software private 60 - -",
        ]);
    }

    #[test]
    fn a_late_change_of_one_attribute_leaves_later_ones_of_others() {
        let history =
            [host_registered(1, H1, 30), host_owned(5, H1, "state"), host_staffed(3, H1, 60)];
        given::<Hosts>(&history).now(&[
            "01..03 known 3.. by 1-3: #51 51 Host 51 software private 30 - -",
            "05.. known 3.. by 2: #51 51 Host 51 software state 60 - -",
            "03..05 known 3.. by 3-2: #51 51 Host 51 software private 60 - -",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Hosts>();
    }
}
