//! How long do branches live?
//!
//! A life runs from the day of formation to the day of dissolution, and lasts as many days as lie
//! between the two: none at all where both are the same day. What is still open on D has lived at
//! least until then; it is *censored*. Survival is the estimate of Kaplan and Meier: the product,
//! over every length up to a given one, of (at risk − ended) / at risk, where at risk are the
//! lives of at least that length, and what is censored at a length has outlived those that ended.

use std::collections::BTreeMap;

use events::Date;
use serde::Serialize;

use crate::branches::BranchRow;
use crate::table::{Row, in_order};

/// What a life is the life of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LifeOf {
    /// A branch, under whatever names.
    #[default]
    Branch,
    /// A branch under one name: a new name ends one life and begins the next.
    Name,
}

/// All lives, and what they say about how long one lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LifeSpans {
    /// D: on which day the lives that are still open are censored.
    pub censored_on: Date,
    /// By the day on which they began, then by code.
    pub lives: Vec<Life>,
    /// A step for each length of a life, from the shortest to the longest.
    pub curve: Vec<Survival>,
    /// The shortest length whose survival, as it is written, is at most one half; absent while
    /// more than half survive.
    pub median_days: Option<u32>,
}

/// One life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Life {
    /// The branch's code.
    pub branch: String,
    /// Its name when the life ended, or on D.
    pub name: String,
    /// The code of its kind.
    pub kind: String,
    /// On which day it began.
    pub formed: Date,
    /// On which day it ended; absent while it is open on D.
    pub dissolved: Option<Date>,
    /// Until the end, or D.
    pub days: u32,
    /// Whether it is open on D.
    pub censored: bool,
}

/// What becomes of the lives of one length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Survival {
    /// The length.
    pub days: u32,
    /// How many lives last at least that long.
    pub at_risk: u64,
    /// How many ended at that length.
    pub ended: u64,
    /// How many are censored at that length.
    pub censored: u64,
    /// The estimated share of lives that last longer, with six decimals.
    pub survival: String,
}

/// The lives that had begun by D, of one kind of branch or of all.
///
/// `branches` are the rows of `branches` that are known, whatever their days.
#[must_use]
pub fn life_spans(branches: &[Row], on: Date, of: LifeOf, kind: Option<&str>) -> LifeSpans {
    let mut rows: Vec<(BranchRow<'_>, &Row)> = in_order(branches)
        .into_iter()
        .filter(|row| row.valid_from <= on)
        .map(|row| (BranchRow::of(row), row))
        .collect();
    rows.sort_by_key(|(branch, _)| branch.branch);
    let is_one_life = |(one, row): &(BranchRow<'_>, &Row), (next, after): &(_, &Row)| {
        let next: &BranchRow<'_> = next;
        let same = match of {
            LifeOf::Branch => true,
            LifeOf::Name => one.name == next.name,
        };
        same && one.branch == next.branch && row.closed_by == Some(after.opened_by)
    };
    let mut lives: Vec<Life> = rows
        .chunk_by(is_one_life)
        .map(|stretches| life(stretches, on))
        .filter(|life| kind.is_none_or(|kind| life.kind == kind))
        .collect();
    // Two stretches of one branch that begin on one day stay in their order.
    lives.sort_by(|one, next| (one.formed, &one.branch).cmp(&(next.formed, &next.branch)));
    let curve = curve(&lives);
    let median_days = curve.iter().find(|step| *step.survival <= *HALF).map(|step| step.days);
    LifeSpans { censored_on: on, lives, curve, median_days }
}

/// The life that some stretches of a branch add up to.
fn life(stretches: &[(BranchRow<'_>, &Row)], on: Date) -> Life {
    let [(_, first), ..] = stretches else { unreachable!("a chunk is not empty") };
    let [.., (branch, last)] = stretches else { unreachable!("a chunk is not empty") };
    let dissolved = last.valid_until.filter(|end| *end <= on);
    let days = (dissolved.unwrap_or(on) - first.valid_from).get_days();
    Life {
        branch: branch.code.to_owned(),
        name: branch.name.to_owned(),
        kind: branch.kind.to_owned(),
        formed: first.valid_from,
        dissolved,
        days: days.unsigned_abs(),
        censored: dissolved.is_none(),
    }
}

/// One, as survival is reckoned: in units so small that roundings never show.
const ONE: u128 = 1_000_000_000_000_000_000;

/// The smallest share that is written.
const MILLIONTH: u128 = ONE / 1_000_000;

/// One half, as survival is written. Texts of one length have the order of their numbers.
const HALF: &str = "0.500000";

fn curve(lives: &[Life]) -> Vec<Survival> {
    let mut lengths: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for life in lives {
        let (ended, censored) = lengths.entry(life.days).or_default();
        *if life.censored { censored } else { ended } += 1;
    }
    let mut at_risk = lives.len() as u64;
    let mut share = ONE;
    let step = |(days, (ended, censored))| {
        let survivors = u128::from(at_risk - ended);
        share = rounded(share * survivors, u128::from(at_risk));
        let step = Survival { days, at_risk, ended, censored, survival: written(share) };
        at_risk -= ended + censored;
        step
    };
    lengths.into_iter().map(step).collect()
}

fn written(share: u128) -> String {
    let millionths = rounded(share, MILLIONTH);
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

fn rounded(dividend: u128, divisor: u128) -> u128 {
    (dividend + divisor / 2) / divisor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Branches;
    use crate::given::*;

    fn of(history: &[Happened], on: i8) -> LifeSpans {
        life_spans(&given::<Branches>(history).known(), day(on), LifeOf::Branch, None)
    }

    fn told(spans: &LifeSpans) -> Vec<String> {
        let life = |life: &Life| {
            let until = life.dissolved.map_or("open".to_owned(), |end| end.day().to_string());
            format!("{} {} {} {until}: {}", life.branch, life.name, life.formed.day(), life.days)
        };
        spans.lives.iter().map(life).collect()
    }

    fn steps(spans: &LifeSpans) -> Vec<String> {
        let step = |Survival { days, at_risk, ended, censored, survival }: &Survival| {
            format!("{days}: {ended}+{censored} of {at_risk}, {survival}")
        };
        spans.curve.iter().map(step).collect()
    }

    #[test]
    fn a_life_ends_with_its_dissolution_and_what_is_open_is_censored() {
        let history = [
            formed(1, A, "Alpha", None),
            renamed(4, A, "Aleph"),
            moved(5, A, None, Some(B)),
            formed(2, B, "Beta", None),
            dissolved(9, A, Some(B), &[]),
        ];
        assert_eq!(told(&of(&history, 9)), ["a Aleph 1 9: 8", "b Beta 2 open: 7"]);
        assert_eq!(told(&of(&history, 8)), ["a Aleph 1 open: 7", "b Beta 2 open: 6"]);
        assert_eq!(told(&of(&history, 3)), ["a Alpha 1 open: 2", "b Beta 2 open: 1"]);
        assert_eq!(told(&of(&history, 1)), ["a Alpha 1 open: 0"]);
    }

    #[test]
    fn a_life_within_one_day_is_a_life_of_no_days() {
        let history = [
            formed(3, A, "Alpha", None),
            renamed(3, A, "Aleph"),
            dissolved(3, A, None, &[]),
            formed(3, B, "Beta", None),
        ];
        let spans = of(&history, 3);
        assert_eq!(told(&spans), ["a Aleph 3 3: 0", "b Beta 3 open: 0"]);
        assert_eq!(steps(&spans), ["0: 1+1 of 2, 0.500000"]);
        assert_eq!(spans.median_days, Some(0));
    }

    #[test]
    fn a_name_lives_until_the_next_one() {
        let history = [
            formed(1, A, "Alpha", None),
            moved(2, A, None, Some(B)),
            renamed(4, A, "Aleph"),
            renamed(6, A, "Alpha"),
            dissolved(6, A, Some(B), &[]),
        ];
        let rows = given::<Branches>(&history).known();
        let spans = life_spans(&rows, day(9), LifeOf::Name, None);
        assert_eq!(told(&spans), ["a Alpha 1 4: 3", "a Aleph 4 6: 2", "a Alpha 6 6: 0"]);
    }

    #[test]
    fn survival_is_what_a_hand_would_reckon() {
        // Of lives of 1, 2, 2+, 3, 4+ days: 4/5, 4/5 × 3/4 = 3/5, 3/5 × 1/2 = 3/10.
        let history = [
            formed(1, A, "Alpha", None),
            dissolved(2, A, None, &[]),
            formed(1, B, "Beta", None),
            dissolved(3, B, None, &[]),
            formed(3, C, "Gamma", None),
            formed(1, D, "Delta", None),
            dissolved(4, D, None, &[]),
            formed(1, E, "Epsilon", None),
        ];
        let spans = of(&history, 5);
        assert_eq!(
            steps(&spans),
            [
                "1: 1+0 of 5, 0.800000",
                "2: 1+1 of 4, 0.600000",
                "3: 1+0 of 2, 0.300000",
                "4: 0+1 of 1, 0.300000",
            ]
        );
        assert_eq!(spans.median_days, Some(3));
        assert_eq!(of(&history, 3).median_days, Some(2), "3/4 × 2/3, though neither is exact");
        assert_eq!(of(&history, 2).median_days, None);
    }

    #[test]
    fn only_one_kind_may_be_asked_for() {
        let rows = given::<Branches>(&[formed(1, A, "Alpha", None)]).known();
        let count = |kind| life_spans(&rows, day(2), LifeOf::Branch, Some(kind)).lives.len();
        assert_eq!((count("branch"), count("committee")), (1, 0));
    }

    #[test]
    fn its_fields_are_named_as_agreed() {
        let json = serde_json::to_string(&of(&[formed(1, A, "Alpha", None)], 3)).unwrap();
        let expected = concat!(
            r#"{"censored_on":"2020-01-03","lives":[{"branch":"a","name":"Alpha","#,
            r#""kind":"branch","formed":"2020-01-01","dissolved":null,"days":2,"censored":true}],"#,
            r#""curve":[{"days":2,"at_risk":1,"ended":0,"censored":1,"survival":"1.000000"}],"#,
            r#""median_days":null}"#
        );
        assert_eq!(json, expected);
    }

    /// The same estimate by another way (Efron's): every life weighs the same at first, and what
    /// is censored leaves its weight to those that last longer, in equal parts.
    fn redistributed(lives: &[(u32, bool)]) -> BTreeMap<u32, f64> {
        let mut lives = lives.to_vec();
        lives.sort_unstable();
        let mut weights = vec![1.0 / lives.len() as f64; lives.len()];
        let mut left = BTreeMap::new();
        for (index, (days, censored)) in lives.iter().enumerate() {
            let heirs = lives.len() - index - 1;
            if *censored && heirs > 0 {
                let part = weights[index] / heirs as f64;
                weights[index] = 0.0;
                weights[index + 1..].iter_mut().for_each(|weight| *weight += part);
            }
            let spent: f64 = (0..=index).filter(|of| !lives[*of].1).map(|of| weights[of]).sum();
            left.insert(*days, 1.0 - spent);
        }
        left
    }

    #[test]
    fn survival_is_the_same_when_weights_are_handed_on() {
        let mut number = 7_u64;
        let mut below = |limit: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (number >> 33) % limit
        };
        for _ in 0..200 {
            let lives: Vec<(u32, bool)> =
                (0..1 + below(60)).map(|_| (below(25) as u32, below(3) == 0)).collect();
            let life = |(days, censored): &(u32, bool)| Life {
                branch: String::new(),
                name: String::new(),
                kind: String::new(),
                formed: day(1),
                dissolved: None,
                days: *days,
                censored: *censored,
            };
            let steps = curve(&lives.iter().map(life).collect::<Vec<_>>());
            let expected = redistributed(&lives);
            assert_eq!(steps.len(), expected.len());
            for step in steps {
                let survival: f64 = step.survival.parse().unwrap();
                let wanted = expected[&step.days];
                assert!((survival - wanted).abs() < 1e-6, "{step:?} is {wanted}: {lives:?}");
            }
        }
    }
}
