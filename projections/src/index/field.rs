//! The field in memory: hosts, the branches that are there, who covers whom and who answers for
//! whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use events::policy::CoverageRules;

use super::columns::{Edges, Ids, Point, Rectangles, Texts, known};
use crate::branches::BranchRow;
use crate::coverings::{CoveringRow, PRIMARY};
use crate::hosts::HostRow;
use crate::projection::Op;
use crate::questions::coverage::{CountCell, DIMENSIONS, HostCell, HostCounts, band};
use crate::questions::field::LINES;
use crate::relations::{ACCEPTED, RelationRow};
use crate::table::Row;

/// The field.
#[derive(Debug)]
pub(super) struct Field {
    texts: Texts,
    hosts: Rectangles<Host>,
    branches: Rectangles<Branch>,
    coverings: Rectangles<Covers>,
    relations: Rectangles<Answers>,
}

/// Which table a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Branches,
    Coverings,
    Hosts,
    Relations,
}

#[derive(Debug, Clone, Copy)]
struct Host {
    body: u32,
    code: u32,
    kind: u32,
    ownership: u32,
    area: u32,
    staff: u64,
}

/// What a branch is, by the numbers of its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) body: u32,
    pub(super) code: u32,
    pub(super) name: u32,
    kind: u32,
}

#[derive(Debug, Clone, Copy)]
struct Covers {
    branch: u32,
    host: u32,
    mode: u32,
    primary: bool,
}

#[derive(Debug, Clone, Copy)]
struct Answers {
    line: usize,
    host: u32,
    body: u32,
}

/// A host on a day: what it is, and the numbers of its values in the order of [`DIMENSIONS`].
struct OnDay {
    staff: u64,
    public: bool,
    mode: Option<u32>,
    answered: bool,
    values: [u32; DIMENSIONS.len()],
}

/// The number of the empty text.
const ABSENT: u32 = 0;

impl Default for Field {
    fn default() -> Self {
        let mut texts = Texts::default();
        assert_eq!(texts.number(""), ABSENT, "the first one");
        let (hosts, branches) = (Rectangles::default(), Rectangles::default());
        let (coverings, relations) = (Rectangles::default(), Rectangles::default());
        Self { texts, hosts, branches, coverings, relations }
    }
}

impl Field {
    /// Takes in what one event changes in a table.
    pub(super) fn take(&mut self, of: Of, ops: &[Op], bodies: &mut Ids) {
        for op in ops {
            match op {
                Op::Open(row) => self.open(of, row, bodies),
                Op::Close { known_from, opened_by, known_until, .. } => {
                    let (row, until) =
                        ((known(*known_from), known(*opened_by)), known(*known_until));
                    match of {
                        Of::Branches => close(&mut self.branches, row, until),
                        Of::Coverings => close(&mut self.coverings, row, until),
                        Of::Hosts => close(&mut self.hosts, row, until),
                        Of::Relations => close(&mut self.relations, row, until),
                    }
                }
            }
        }
    }

    fn open(&mut self, of: Of, row: &Row, bodies: &mut Ids) {
        let (edges, texts) = (Edges::of(row), &mut self.texts);
        match of {
            Of::Branches => {
                let branch = BranchRow::of(row);
                let is = Branch {
                    body: bodies.number(&row.cells[0]),
                    code: texts.number(branch.code),
                    name: texts.number(branch.name),
                    kind: texts.number(branch.kind),
                };
                self.branches.open(edges, is);
            }
            Of::Coverings => {
                let covering = CoveringRow::of(row);
                let [branch, host, ..] = row.columns::<4>();
                let is = Covers {
                    branch: bodies.number(branch),
                    host: bodies.number(host),
                    mode: texts.number(covering.mode),
                    primary: covering.rank == PRIMARY,
                };
                self.coverings.open(edges, is);
            }
            Of::Hosts => {
                let host = HostRow::of(row);
                let is = Host {
                    body: bodies.number(&row.cells[0]),
                    code: texts.number(host.code),
                    kind: texts.number(host.kind),
                    ownership: texts.number(host.ownership),
                    area: texts.number(host.area.unwrap_or_default()),
                    staff: host.staff,
                };
                self.hosts.open(edges, is);
            }
            Of::Relations => {
                if let Some(is) = answers(row, bodies) {
                    self.relations.open(edges, is);
                }
            }
        }
    }

    /// The branches that are there, in the order of the table.
    pub(super) fn branches(&self, point: Point) -> impl Iterator<Item = Branch> {
        self.branches.holding(point).copied()
    }

    /// The branches that are known at a position, with their days.
    pub(super) fn branches_known(&self, at: u32) -> impl Iterator<Item = (i32, i32, Branch)> {
        self.branches.known(at).map(|(from, until, branch)| (from, until, *branch))
    }

    /// The text of a number.
    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.text(number)
    }

    /// The hosts that are there, counted as a whole and by every dimension.
    pub(super) fn hosts_counted(
        &self,
        point: Point,
        bodies: usize,
        rules: &CoverageRules,
    ) -> (HostCounts, Vec<HostCell>) {
        let mut totals = HostCounts::default();
        let mut cells: [HashMap<u32, HostCounts>; DIMENSIONS.len()] = Default::default();
        let standalone = self.texts.known("standalone");
        let online = self.texts.known("online");
        for host in &self.hosts_on(point, bodies, rules) {
            let counts = counts_of(host, standalone, online);
            add(&mut totals, &counts);
            for (cells, value) in cells.iter_mut().zip(host.values) {
                add(cells.entry(value).or_default(), &counts);
            }
        }
        let mut told = Vec::new();
        for (index, cells) in cells.into_iter().enumerate() {
            let cells: BTreeMap<String, HostCounts> = cells
                .into_iter()
                .map(|(value, counts)| (self.value(index, value, rules), counts))
                .collect();
            told.extend(cells.into_iter().map(|(value, counts)| HostCell {
                dimension: DIMENSIONS[index],
                value,
                counts,
            }));
        }
        (totals, told)
    }

    fn hosts_on(&self, point: Point, bodies: usize, rules: &CoverageRules) -> Vec<OnDay> {
        let counts = self.counted(point, rules);
        // The code of every body that is there, and whether its kind covers hosts.
        let mut there: Vec<Option<(u32, bool)>> = vec![None; bodies];
        for is in self.hosts.holding(point) {
            // A body that answers for a host may be one itself.
            there[is.body as usize] = Some((is.code, false));
        }
        for is in self.branches.holding(point) {
            there[is.body as usize] = Some((is.code, counts.contains(&is.kind)));
        }
        let mut modes: Vec<Option<u32>> = vec![None; bodies];
        for is in self.coverings.holding(point) {
            let counts = there[is.branch as usize].is_some_and(|(_, counts)| counts);
            if is.primary && counts {
                modes[is.host as usize] = Some(is.mode);
            }
        }
        let nearest = self.nearest(point, &there);
        let public: HashSet<u32> = rules
            .ownerships
            .iter()
            .filter(|ownership| ownership.public)
            .filter_map(|ownership| self.texts.known(ownership.code.as_str()))
            .collect();
        let on_day = |is: &Host| {
            let (mode, nearest) = (modes[is.body as usize], nearest[is.body as usize]);
            let size = rules.size_bands.partition_point(|least| u64::from(*least) <= is.staff);
            let line = nearest.map_or(LINES.len(), |(line, _)| line);
            let body = nearest.map_or(ABSENT, |(_, code)| code);
            let (size, line) = (size as u32, line as u32);
            let mode_value = mode.unwrap_or(ABSENT);
            OnDay {
                staff: is.staff,
                public: public.contains(&is.ownership),
                mode,
                answered: nearest.is_some(),
                values: [is.kind, is.ownership, size, is.area, body, line, mode_value],
            }
        };
        self.hosts.holding(point).map(on_day).collect()
    }

    /// The nearest line by which a body that is there answers for each host, and its code.
    fn nearest(&self, point: Point, there: &[Option<(u32, bool)>]) -> Vec<Option<(usize, u32)>> {
        let mut nearest: Vec<Option<(usize, u32)>> = vec![None; there.len()];
        for is in self.relations.holding(point) {
            let Some((code, _)) = there[is.body as usize] else { continue };
            let nearer = |(line, other): (usize, u32)| {
                (is.line, self.texts.text(code)) < (line, self.texts.text(other))
            };
            let known = &mut nearest[is.host as usize];
            if known.is_none_or(nearer) {
                *known = Some((is.line, code));
            }
        }
        nearest
    }

    /// The kinds of branches that are there and cover hosts.
    fn counted(&self, point: Point, rules: &CoverageRules) -> HashSet<u32> {
        let uncounted = &rules.branch_kinds_uncounted;
        let kinds: HashSet<u32> = self.branches.holding(point).map(|is| is.kind).collect();
        let counts =
            |kind: &u32| !uncounted.iter().any(|code| code.as_str() == self.texts.text(*kind));
        kinds.into_iter().filter(counts).collect()
    }

    /// The branches that count, by how they are formed.
    pub(super) fn formations(
        &self,
        point: Point,
        bodies: usize,
        rules: &CoverageRules,
    ) -> Vec<CountCell> {
        let counts = self.counted(point, rules);
        let mut modes: Vec<u32> = vec![ABSENT; bodies];
        for is in self.coverings.holding(point) {
            modes[is.branch as usize] = is.mode;
        }
        let mut numbers: HashMap<u32, u64> = HashMap::new();
        for is in self.branches.holding(point).filter(|is| counts.contains(&is.kind)) {
            *numbers.entry(modes[is.body as usize]).or_default() += 1;
        }
        let cells: BTreeMap<&str, u64> =
            numbers.into_iter().map(|(mode, number)| (self.texts.text(mode), number)).collect();
        let cell = |(value, number): (&str, _)| CountCell {
            dimension: "mode",
            value: value.to_owned(),
            number,
        };
        cells.into_iter().map(cell).collect()
    }

    /// A value in words.
    fn value(&self, dimension: usize, number: u32, rules: &CoverageRules) -> String {
        let bands = || rules.size_bands.iter().map(|least| u64::from(*least));
        match DIMENSIONS[dimension] {
            "size_band" => {
                let least = (number as usize).checked_sub(1).and_then(|before| bands().nth(before));
                band(least.unwrap_or(0), bands())
            }
            "line" => LINES.get(number as usize).map_or_else(String::new, ToString::to_string),
            _ => self.texts.text(number).to_owned(),
        }
    }
}

/// Who answers for whom by a relation, if it holds and is a line of that kind.
fn answers(row: &Row, bodies: &mut Ids) -> Option<Answers> {
    let relation = RelationRow::of(row);
    let line = LINES.iter().position(|line| *line == relation.kind);
    let line = line.filter(|_| relation.state == ACCEPTED)?;
    let [.., from, _, to, _] = row.columns::<7>();
    // A fallback is what a branch is to a host; the others are what a host is to a body.
    let (host, body) = match relation.kind {
        "fallback_responsible_for" => (to, from),
        _ => (from, to),
    };
    Some(Answers { line, host: bodies.number(host), body: bodies.number(body) })
}

fn close<T: Copy>(rows: &mut Rectangles<T>, (known_from, by): (u32, u32), known_until: u32) {
    if let Some(place) = rows.find(known_from, by) {
        rows.close(place, known_until);
    }
}

fn counts_of(host: &OnDay, standalone: Option<u32>, online: Option<u32>) -> HostCounts {
    let organised = host.mode.is_some();
    let (alone, online) = (organised && host.mode == standalone, organised && host.mode == online);
    HostCounts {
        hosts: 1,
        not_public: (!host.public).into(),
        staff: host.staff,
        organised: organised.into(),
        standalone: alone.into(),
        joint: (organised && !alone && !online).into(),
        online: online.into(),
        work_covered: (organised || host.answered).into(),
    }
}

fn add(sum: &mut HostCounts, one: &HostCounts) {
    sum.hosts += one.hosts;
    sum.not_public += one.not_public;
    sum.staff += one.staff;
    sum.organised += one.organised;
    sum.standalone += one.standalone;
    sum.joint += one.joint;
    sum.online += one.online;
    sum.work_covered += one.work_covered;
}
