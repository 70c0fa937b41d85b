//! Coverage on any day, out of memory: what is known at one position, in columns of small numbers.
//!
//! It gives what [`super::coverage()`] gives for the end of a day, for as long as nothing is
//! recorded; a test holds one against the other. Ids and codes become the number in which they
//! first appear, days a number that has their order, so that a question is a walk over arrays.

use std::collections::BTreeMap;

use events::Date;
use events::policy::CoverageRules;
use foldhash::{HashMap, HashSet};

use super::{
    CountCell, Coverage, CoverageTotals, DIMENSIONS, HostCell, HostCounts, band, per_hundred,
};
use crate::birth_bands::BirthBandRow;
use crate::branches::BranchRow;
use crate::coverings::{CoveringRow, PRIMARY};
use crate::hosts::HostRow;
use crate::likenesses::LikenessRow;
use crate::memberships::MembershipRow;
use crate::questions::field::LINES;
use crate::relations::{ACCEPTED, RelationRow};
use crate::table::Row;

/// The rows that are known at one position, whatever their days.
#[derive(Debug, Clone, Copy)]
pub struct KnownRows<'a> {
    /// Of `branches`.
    pub branches: &'a [Row],
    /// Of `hosts`.
    pub hosts: &'a [Row],
    /// Of `coverings`.
    pub coverings: &'a [Row],
    /// Of `relations`.
    pub relations: &'a [Row],
    /// Of `memberships`.
    pub memberships: &'a [Row],
    /// Of `birth_bands`.
    pub birth_bands: &'a [Row],
    /// Of `likenesses`.
    pub likenesses: &'a [Row],
}

/// What is known at one position about who covers whom.
#[derive(Debug, Default)]
pub struct CoverageIndex {
    texts: Numbers,
    bodies: Numbers,
    persons: Numbers,
    hosts: Vec<Stretch<HostIs>>,
    branches: Vec<Stretch<BranchIs>>,
    coverings: Vec<Stretch<Covers>>,
    relations: Vec<Stretch<Answers>>,
    memberships: Vec<Stretch<u32>>,
    births: Vec<Stretch<(u32, u32)>>,
    merges: Vec<Stretch<(u32, u32)>>,
}

/// Texts, each as the number in which it first appeared.
#[derive(Debug, Default)]
struct Numbers {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Numbers {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 of one kind");
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}

/// Something that held during some days.
#[derive(Debug, Clone, Copy)]
struct Stretch<T> {
    from: i32,
    until: i32,
    is: T,
}

impl<T> Stretch<T> {
    fn of(row: &Row, is: T) -> Self {
        let until = row.valid_until.map_or(i32::MAX, number_of);
        Self { from: number_of(row.valid_from), until, is }
    }
}

/// The number of a day: dates have its order.
fn number_of(day: Date) -> i32 {
    i32::from(day.year()) * 512 + i32::from(day.month()) * 32 + i32::from(day.day())
}

/// What holds when a day ends.
fn holding<T>(stretches: &[Stretch<T>], day: i32) -> impl Iterator<Item = &T> {
    stretches
        .iter()
        .filter(move |stretch| stretch.from <= day && day < stretch.until)
        .map(|stretch| &stretch.is)
}

#[derive(Debug, Clone, Copy)]
struct HostIs {
    body: u32,
    kind: u32,
    ownership: u32,
    area: u32,
    staff: u64,
}

#[derive(Debug, Clone, Copy)]
struct BranchIs {
    body: u32,
    code: u32,
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

impl CoverageIndex {
    /// Takes the rows in.
    #[must_use]
    pub fn of(rows: KnownRows<'_>) -> Self {
        let mut index = Self::default();
        // The number of what is absent.
        index.texts.number("");
        for row in rows.hosts {
            let host = HostRow::of(row);
            let is = HostIs {
                body: index.bodies.number(host.host),
                kind: index.texts.number(host.kind),
                ownership: index.texts.number(host.ownership),
                area: index.texts.number(host.area.unwrap_or_default()),
                staff: host.staff,
            };
            // A body that answers for a host may be one itself.
            index.hosts.push(Stretch::of(row, is));
            let (body, code) = (is.body, index.texts.number(host.code));
            index.branches.push(Stretch::of(row, BranchIs { body, code, kind: HOST }));
        }
        for row in rows.branches {
            let branch = BranchRow::of(row);
            let is = BranchIs {
                body: index.bodies.number(branch.branch),
                code: index.texts.number(branch.code),
                kind: index.texts.number(branch.kind),
            };
            index.branches.push(Stretch::of(row, is));
        }
        index.take_links(rows);
        for row in rows.memberships {
            let person = index.persons.number(MembershipRow::of(row).person);
            index.memberships.push(Stretch::of(row, person));
        }
        for row in rows.birth_bands {
            let band = BirthBandRow::of(row);
            let year = u32::try_from(band.from_year).unwrap_or(0);
            let is = (index.persons.number(band.person), year);
            index.births.push(Stretch::of(row, is));
        }
        for row in rows.likenesses {
            let likeness = LikenessRow::of(row);
            if likeness.is_merged() {
                let persons = &mut index.persons;
                let is = (persons.number(likeness.person), persons.number(likeness.other));
                index.merges.push(Stretch::of(row, is));
            }
        }
        index
    }

    fn take_links(&mut self, rows: KnownRows<'_>) {
        for row in rows.coverings {
            let covering = CoveringRow::of(row);
            let is = Covers {
                branch: self.bodies.number(covering.branch),
                host: self.bodies.number(covering.host),
                mode: self.texts.number(covering.mode),
                primary: covering.rank == PRIMARY,
            };
            self.coverings.push(Stretch::of(row, is));
        }
        for row in rows.relations {
            let relation = RelationRow::of(row);
            let line = LINES.iter().position(|line| *line == relation.kind);
            let Some(line) = line.filter(|_| relation.state == ACCEPTED) else { continue };
            let (host, body) = match relation.kind {
                "fallback_responsible_for" => (relation.to, relation.from),
                _ => (relation.from, relation.to),
            };
            let (host, body) = (self.bodies.number(host), self.bodies.number(body));
            self.relations.push(Stretch::of(row, Answers { line, host, body }));
        }
    }

    /// How well is the field covered when a day ends?
    #[must_use]
    pub fn on(&self, day: Date, rules: &CoverageRules) -> Coverage {
        let on = number_of(day);
        let (hosts, branches) = (self.hosts_on(on, rules), self.branches_on(on, rules));
        let mut totals = HostCounts::default();
        let mut cells: [HashMap<u32, HostCounts>; DIMENSIONS.len()] = Default::default();
        let standalone = self.texts.numbers.get("standalone").copied();
        let online = self.texts.numbers.get("online").copied();
        for host in &hosts {
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
        let members = self.members_on(on, day, rules);
        let number = |cells: &[CountCell]| cells.iter().map(|cell| cell.number).sum();
        let totals = CoverageTotals {
            branches: number(&branches),
            members: number(&members),
            branches_per_100_hosts: per_hundred(number(&branches), totals.hosts),
            hosts: totals,
        };
        Coverage { totals, hosts: told, branches, members }
    }

    fn hosts_on(&self, day: i32, rules: &CoverageRules) -> Vec<OnDay> {
        let bodies = self.bodies.texts.len();
        let counts = self.counted(rules);
        // The code of every body that is there, and whether its kind covers hosts.
        let mut there: Vec<Option<(u32, bool)>> = vec![None; bodies];
        for is in holding(&self.branches, day) {
            there[is.body as usize] = Some((is.code, counts.contains(&is.kind)));
        }
        let mut modes: Vec<Option<u32>> = vec![None; bodies];
        for is in holding(&self.coverings, day) {
            let counts = there[is.branch as usize].is_some_and(|(_, counts)| counts);
            if is.primary && counts {
                modes[is.host as usize] = Some(is.mode);
            }
        }
        let mut nearest: Vec<Option<(usize, u32)>> = vec![None; bodies];
        for is in holding(&self.relations, day) {
            let Some((code, _)) = there[is.body as usize] else { continue };
            let nearer = |(line, other): (usize, u32)| {
                (is.line, self.texts.text(code)) < (line, self.texts.text(other))
            };
            let known = &mut nearest[is.host as usize];
            if known.is_none_or(nearer) {
                *known = Some((is.line, code));
            }
        }
        let public: HashSet<u32> = rules
            .ownerships
            .iter()
            .filter(|ownership| ownership.public)
            .filter_map(|ownership| self.texts.numbers.get(ownership.code.as_str()).copied())
            .collect();
        let on_day = |is: &HostIs| {
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
        holding(&self.hosts, day).map(on_day).collect()
    }

    /// The kinds of branch that cover hosts; no host is of such a kind.
    fn counted(&self, rules: &CoverageRules) -> HashSet<u32> {
        let uncounted = &rules.branch_kinds_uncounted;
        let kinds: HashSet<u32> = self.branches.iter().map(|stretch| stretch.is.kind).collect();
        let counts = |kind: &u32| {
            *kind != HOST && !uncounted.iter().any(|code| code.as_str() == self.texts.text(*kind))
        };
        kinds.into_iter().filter(counts).collect()
    }

    fn branches_on(&self, day: i32, rules: &CoverageRules) -> Vec<CountCell> {
        let counts = self.counted(rules);
        let mut modes: Vec<u32> = vec![ABSENT; self.bodies.texts.len()];
        for is in holding(&self.coverings, day) {
            modes[is.branch as usize] = is.mode;
        }
        let mut cells: BTreeMap<String, u64> = BTreeMap::new();
        let mut numbers: HashMap<u32, u64> = HashMap::default();
        let own = holding(&self.branches, day).filter(|is| counts.contains(&is.kind));
        for is in own {
            *numbers.entry(modes[is.body as usize]).or_default() += 1;
        }
        for (mode, number) in numbers {
            cells.insert(self.texts.text(mode).to_owned(), number);
        }
        let cell = |(value, number)| CountCell { dimension: "mode", value, number };
        cells.into_iter().map(cell).collect()
    }

    /// By which number each person goes that is merged into another one.
    fn merged_on(&self, on: i32) -> HashMap<u32, u32> {
        let merged: HashMap<u32, u32> = holding(&self.merges, on).copied().collect();
        let last = |person: &u32| {
            let steps = std::iter::successors(Some(*person), |id| merged.get(id).copied());
            steps.take(merged.len() + 1).last().unwrap_or(*person)
        };
        merged.keys().map(|person| (*person, last(person))).collect()
    }

    fn members_on(&self, on: i32, day: Date, rules: &CoverageRules) -> Vec<CountCell> {
        let merged = self.merged_on(on);
        let goes_by = |person: u32| merged.get(&person).copied().unwrap_or(person);
        let mut born: Vec<u32> = vec![0; self.persons.texts.len()];
        for (person, year) in holding(&self.births, on) {
            born[*person as usize] = *year;
        }
        // Whoever has no year of their own has the earliest of those who are the same.
        let lent = merged.iter().filter(|(_, counts)| born[**counts as usize] == 0);
        let mut lent: Vec<(u32, u32)> =
            lent.map(|(one, counts)| (born[*one as usize], *counts)).collect();
        lent.sort_unstable_by(|one, other| other.cmp(one));
        for (year, counts) in lent.into_iter().filter(|(year, _)| *year > 0) {
            born[counts as usize] = year;
        }
        let mut seen = vec![false; self.persons.texts.len()];
        let mut ages: HashMap<Option<u64>, u64> = HashMap::default();
        let year = u64::from(day.year().unsigned_abs());
        for person in holding(&self.memberships, on) {
            let person = goes_by(*person) as usize;
            if !std::mem::replace(&mut seen[person], true) {
                let born = born[person];
                let age = (born > 0).then(|| year.saturating_sub(born.into()));
                *ages.entry(age).or_default() += 1;
            }
        }
        let mut cells: BTreeMap<String, u64> = BTreeMap::new();
        for (age, number) in ages {
            let bands = rules.age_bands.iter().map(|least| u64::from(*least));
            let value = age.map_or_else(String::new, |age| band(age, bands));
            *cells.entry(value).or_default() += number;
        }
        let cell = |(value, number)| CountCell { dimension: "age_band", value, number };
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

/// The number of the empty text.
const ABSENT: u32 = 0;

/// In the place of a branch's kind: a host.
const HOST: u32 = u32::MAX;

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
