//! Who came, moved and went in a period, branch by branch?
//!
//! Every event counts on the day on which it took effect, so whoever joins and leaves on one day
//! joined once and left once, and whoever leaves and comes back on one day left once and joined
//! once, though never absent at the end of a day. A move is one event of one membership: out of one
//! branch and into another, never a leave and a join. Headcounts are those of the end of a day:
//! before the period, and on its last day. So their difference is what came less what went.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::{Date, Position};
use serde::Serialize;

use crate::branches::BranchRow;
use crate::memberships::MembershipRow;
use crate::period::Period;
use crate::table::{Cell, Row, in_order};

/// For what flows are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum By {
    /// For the body alone.
    #[default]
    Body,
    /// For every branch too.
    Branch,
    /// For the branch of this id too.
    Only(String),
}

/// The flows of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flows {
    /// The first day, and the first day after.
    #[serde(flatten)]
    pub period: Period,
    /// Of the whole body: `moved_in` and `moved_out` are the moves within it.
    #[serde(flatten)]
    pub body: Flow,
    /// Of the branches that were there for a moment, by code; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches: Option<Vec<BranchFlow>>,
    /// The matrix of moves, field by field, without those that are 0; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moves: Option<Vec<Moves>>,
}

/// What came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// How many memberships were at home there when the day before the period ended.
    pub headcount_before: u64,
    /// How many came from outside the body.
    pub joined: u64,
    /// How many came from another branch.
    pub moved_in: u64,
    /// How many went to another branch.
    pub moved_out: u64,
    /// How many left the body.
    pub left: u64,
    /// How many memberships were at home there when the period ended.
    pub headcount_after: u64,
}

/// The flow of one branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BranchFlow {
    /// The branch's code.
    pub branch: String,
    /// Its name when the period ended, or its last one.
    pub name: String,
    /// What came and went.
    #[serde(flatten)]
    pub flow: Flow,
}

/// A field of the matrix. Its row is where the members came from, its column where they went: the
/// row of a branch adds up to what left it and moved out of it, the column to what joined it and
/// moved into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// The code of the branch; absent: from outside.
    pub from: Option<String>,
    /// The code of the branch; absent: to outside.
    pub to: Option<String>,
    /// How many.
    pub members: u64,
}

/// The flows of consecutive periods.
///
/// `branches` are the rows of `branches` that are known, `before` the memberships by branch when
/// the day before the first period ended, and `turning` the rows of `memberships` that begin or end
/// within the periods, at the same K.
#[must_use]
pub fn flows(
    periods: &[Period],
    by: &By,
    branches: &[Row],
    before: &[(Cell, u64)],
    turning: &[Row],
) -> Vec<Flows> {
    let branches = Named::of(branches);
    let mut members: BTreeMap<&str, u64> =
        before.iter().map(|(branch, members)| (branch.text(), *members)).collect();
    let steps = steps(turning);
    let mut flows = Vec::with_capacity(periods.len());
    for period in periods {
        let steps = &steps[steps.partition_point(|step| step.on < period.from())..];
        let steps = &steps[..steps.partition_point(|step| step.on < period.until())];
        let by_branch = taken(&members, steps);
        flows.push(told(*period, by, &branches, &by_branch, steps));
        members = by_branch
            .into_iter()
            .map(|(branch, flow)| (branch, flow.headcount_after))
            .filter(|(_, members)| *members > 0)
            .collect();
    }
    flows
}

/// One membership's step from one branch to another; outside is neither.
struct Step<'a> {
    on: Date,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

/// What the beginnings and ends of stays add up to: where one event ends a stay and begins another
/// of the same membership, that is a move.
fn steps(turning: &[Row]) -> Vec<Step<'_>> {
    let closing: HashMap<Position, &str> = turning
        .iter()
        .filter_map(|row| Some((row.closed_by?, MembershipRow::of(row).branch)))
        .collect();
    let mut steps = Vec::new();
    let mut opening = BTreeSet::new();
    for row in turning {
        opening.insert(row.opened_by);
        let from = closing.get(&row.opened_by).copied();
        steps.push(Step { on: row.valid_from, from, to: Some(MembershipRow::of(row).branch) });
    }
    for row in turning {
        let ended = row.valid_until.zip(row.closed_by);
        if let Some((on, _)) = ended.filter(|(_, event)| !opening.contains(event)) {
            steps.push(Step { on, from: Some(MembershipRow::of(row).branch), to: None });
        }
    }
    steps.sort_by_key(|step| step.on);
    steps
}

/// The flow of every branch that has members or steps.
fn taken<'a>(members: &BTreeMap<&'a str, u64>, steps: &[Step<'a>]) -> BTreeMap<&'a str, Flow> {
    let flow = |members| Flow { headcount_before: members, ..Flow::default() };
    let mut flows: BTreeMap<&str, Flow> =
        members.iter().map(|(branch, members)| (*branch, flow(*members))).collect();
    for Step { from, to, .. } in steps {
        if let Some(from) = from {
            let flow = flows.entry(from).or_default();
            *if to.is_some() { &mut flow.moved_out } else { &mut flow.left } += 1;
        }
        if let Some(to) = to {
            let flow = flows.entry(to).or_default();
            *if from.is_some() { &mut flow.moved_in } else { &mut flow.joined } += 1;
        }
    }
    for flow in flows.values_mut() {
        let came = flow.joined + flow.moved_in;
        flow.headcount_after = flow.headcount_before + came - flow.moved_out - flow.left;
    }
    flows
}

fn told(
    period: Period,
    by: &By,
    named: &Named<'_>,
    flows: &BTreeMap<&str, Flow>,
    steps: &[Step<'_>],
) -> Flows {
    let body = flows.values().fold(Flow::default(), |sum, flow| sum.plus(flow));
    let counts = |branch: &str| match by {
        By::Body => false,
        By::Branch => true,
        By::Only(only) => branch == only,
    };
    if *by == By::Body {
        return Flows { period, body, branches: None, moves: None };
    }
    let there = named.rows.iter().filter(|(_, row)| is_there(row, period));
    let there = there.map(|(branch, _)| branch.branch).chain(flows.keys().copied());
    let only = match by {
        By::Only(only) => Some(only.as_str()),
        By::Body | By::Branch => None,
    };
    let listed: BTreeSet<&str> = there.filter(|branch| counts(branch)).chain(only).collect();
    let branch_flow = |branch: &str| BranchFlow {
        branch: named.code(branch),
        name: named.name(branch, period),
        flow: flows.get(branch).copied().unwrap_or_default(),
    };
    let mut branches: Vec<BranchFlow> = listed.into_iter().map(branch_flow).collect();
    branches.sort_by(|one, next| one.branch.cmp(&next.branch));

    let mut moves: BTreeMap<_, u64> = BTreeMap::new();
    for Step { from, to, .. } in steps {
        if from.is_some_and(counts) || to.is_some_and(counts) {
            let code = |branch: &Option<&str>| branch.map(|branch| named.code(branch));
            *moves.entry((code(from), code(to))).or_default() += 1;
        }
    }
    let moves = moves.into_iter().map(|((from, to), members)| Moves { from, to, members });
    Flows { period, body, branches: Some(branches), moves: Some(moves.collect()) }
}

/// Whether a stretch of a branch's life has a moment in the period.
fn is_there(row: &Row, period: Period) -> bool {
    let ends_before =
        row.valid_until.is_some_and(|end| end <= period.from() && row.valid_from < period.from());
    row.valid_from < period.until() && !ends_before
}

impl Flow {
    fn plus(self, other: &Self) -> Self {
        Self {
            headcount_before: self.headcount_before + other.headcount_before,
            joined: self.joined + other.joined,
            moved_in: self.moved_in + other.moved_in,
            moved_out: self.moved_out + other.moved_out,
            left: self.left + other.left,
            headcount_after: self.headcount_after + other.headcount_after,
        }
    }

    /// Whether nobody came, moved or went.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.joined + self.moved_in + self.moved_out + self.left == 0
    }
}

/// What branches are called.
struct Named<'a> {
    /// In the order in which they hold.
    rows: Vec<(BranchRow<'a>, &'a Row)>,
    /// By the branch's id: which rows are its.
    of: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Named<'a> {
    fn of(rows: &'a [Row]) -> Self {
        let rows = in_order(rows).into_iter();
        let rows: Vec<_> = rows.map(|row| (BranchRow::of(row), row)).collect();
        let mut of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, (branch, _)) in rows.iter().enumerate() {
            of.entry(branch.branch).or_default().push(index);
        }
        Self { rows, of }
    }

    fn rows_of(&self, branch: &str) -> impl DoubleEndedIterator<Item = &(BranchRow<'a>, &'a Row)> {
        self.of.get(branch).into_iter().flatten().map(|index| &self.rows[*index])
    }

    /// The code; the id for a branch that no row tells of.
    fn code(&self, branch: &str) -> String {
        let code = self.rows_of(branch).next().map_or(branch, |(row, _)| row.code);
        code.to_owned()
    }

    fn name(&self, branch: &str, period: Period) -> String {
        let mut rows = self.rows_of(branch);
        let known = rows.rfind(|(_, row)| row.valid_from < period.until());
        known.map_or_else(|| self.code(branch), |(row, _)| row.name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::table::{At, DayRule, Filter, cell};
    use crate::{Branches, Memberships};

    fn period(from: i8, until: i8) -> Period {
        Period::new(day(from), day(until)).unwrap()
    }

    /// The flows of a history, fetched as a store would.
    fn asked(history: &[Happened], periods: &[Period], by: &By) -> Vec<Flows> {
        let known_at = Position(u64::MAX);
        let within = Period::new(periods[0].from(), periods[periods.len() - 1].until()).unwrap();
        let at =
            At { valid_on: within.day_before().unwrap(), known_at, day_rule: DayRule::EndOfDay };
        let rows = given::<Memberships>(history).known();
        let mut before: BTreeMap<Cell, u64> = BTreeMap::new();
        for row in rows.iter().filter(|row| at.holds(row)) {
            *before.entry(cell(MembershipRow::of(row).branch)).or_default() += 1;
        }
        let before: Vec<_> = before.into_iter().collect();
        let turning = Filter::Turning { known_at, within };
        let turning: Vec<Row> = rows.into_iter().filter(|row| turning.passes(row)).collect();
        flows(periods, by, &given::<Branches>(history).known(), &before, &turning)
    }

    fn told(flows: &Flows) -> Vec<String> {
        let line = |name: &str, flow: &Flow| {
            let Flow { headcount_before, joined, moved_in, moved_out, left, headcount_after } =
                flow;
            assert_eq!(headcount_before + joined + moved_in - moved_out - left, *headcount_after);
            format!("{name} {headcount_before}+{joined}+{moved_in}-{moved_out}-{left}")
        };
        let branches = flows.branches.iter().flatten();
        let branches = branches.map(|branch| line(&branch.branch, &branch.flow));
        std::iter::once(line("body", &flows.body)).chain(branches).collect()
    }

    fn matrix(flows: &Flows) -> Vec<String> {
        let shown = |branch: &Option<String>| branch.clone().unwrap_or("outside".to_owned());
        let moves = flows.moves.iter().flatten();
        let moves = moves
            .map(|Moves { from, to, members }| format!("{}>{} {members}", shown(from), shown(to)));
        moves.collect()
    }

    fn two_branches() -> Vec<Happened> {
        vec![formed(1, A, "Alpha", None), formed(1, B, "Beta", None)]
    }

    #[test]
    fn who_comes_moves_and_goes_is_told_once() {
        let mut history = two_branches();
        history.extend([
            admitted(2, M1, P1, A),
            admitted(3, M2, P2, B),
            home_moved(5, M1, P1, A, B),
            ended(7, M1, P1, B),
        ]);
        let whole = &asked(&history, &[period(2, 8)], &By::Branch)[0];
        assert_eq!(told(whole), ["body 0+2+1-1-1", "a 0+1+0-1-0", "b 0+1+1-0-1"]);
        assert_eq!(matrix(whole), ["outside>a 1", "outside>b 1", "a>b 1", "b>outside 1"]);
        let parts = asked(&history, &[period(3, 5), period(5, 7), period(7, 9)], &By::Branch);
        assert_eq!(told(&parts[0]), ["body 1+1+0-0-0", "a 1+0+0-0-0", "b 0+1+0-0-0"]);
        assert_eq!(told(&parts[1]), ["body 2+0+1-1-0", "a 1+0+0-1-0", "b 1+0+1-0-0"]);
        assert_eq!(told(&parts[2]), ["body 2+0+0-0-1", "a 0+0+0-0-0", "b 2+0+0-0-1"]);
        assert_eq!(matrix(&parts[1]), ["a>b 1"]);
        assert_eq!(told(&asked(&history, &[period(2, 8)], &By::Body)[0]), ["body 0+2+1-1-1"]);
    }

    #[test]
    fn a_day_tells_all_that_happened_on_it() {
        let mut history = two_branches();
        history.extend([
            admitted(2, M1, P1, A),
            ended(4, M1, P1, A),
            admitted(4, M2, P1, A),
            home_moved(4, M2, P1, A, B),
            home_moved(4, M2, P1, B, A),
            admitted(4, M3, P2, B),
            ended(4, M3, P2, B),
        ]);
        let flows = &asked(&history, &[period(4, 5)], &By::Branch)[0];
        assert_eq!(told(flows), ["body 1+2+2-2-2", "a 1+1+1-1-1", "b 0+1+1-1-1"]);
    }

    #[test]
    fn one_branch_is_told_with_all_its_neighbours() {
        let mut history = two_branches();
        history.extend([
            formed(1, C, "Gamma", None),
            admitted(2, M1, P1, A),
            home_moved(3, M1, P1, A, B),
            admitted(3, M2, P2, C),
        ]);
        let by = By::Only(B.to_string());
        let flows = &asked(&history, &[period(2, 4)], &by)[0];
        assert_eq!(told(flows), ["body 0+2+1-1-0", "b 0+0+1-0-0"]);
        assert_eq!(matrix(flows), ["a>b 1"]);
        let gone = By::Only(D.to_string());
        assert_eq!(told(&asked(&history, &[period(9, 10)], &gone)[0])[1..].len(), 1);
    }

    #[test]
    fn a_branch_is_listed_if_it_was_there_for_a_moment() {
        let history = [
            formed(1, A, "Alpha", None),
            dissolved(4, A, None, &[]),
            formed(4, B, "Beta", None),
            renamed(4, B, "Bet"),
            dissolved(4, B, None, &[]),
            formed(6, C, "Gamma", None),
        ];
        let listed = |from, until| {
            let flows = asked(&history, &[period(from, until)], &By::Branch).remove(0);
            flows.branches.unwrap().into_iter().map(|branch| branch.name).collect::<Vec<_>>()
        };
        assert_eq!(listed(2, 4), ["Alpha"]);
        assert_eq!(listed(2, 5), ["Alpha", "Bet"]);
        assert_eq!(listed(4, 5), ["Bet"]);
        assert_eq!(listed(5, 6), [""; 0]);
        assert_eq!(listed(5, 7), ["Gamma"]);
    }

    #[test]
    fn its_fields_are_named_as_agreed() {
        let mut history = two_branches();
        history.extend([admitted(2, M1, P1, A), ended(3, M1, P1, A)]);
        let flows = asked(&history, &[period(3, 4)], &By::Only(A.to_string())).remove(0);
        assert_eq!(
            serde_json::to_string(&flows).unwrap(),
            concat!(
                r#"{"from":"2020-01-03","until":"2020-01-04","headcount_before":1,"joined":0,"#,
                r#""moved_in":0,"moved_out":0,"left":1,"headcount_after":0,"#,
                r#""branches":[{"branch":"a","name":"Alpha","headcount_before":1,"joined":0,"#,
                r#""moved_in":0,"moved_out":0,"left":1,"headcount_after":0}],"#,
                r#""moves":[{"from":"a","to":null,"members":1}]}"#
            )
        );
    }
}
