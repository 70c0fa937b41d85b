//! Members who have been away for long while their home stayed, with no branch there to look after
//! them.

use events::Date;
use events::policy::RuleSet;

use super::members::of_member;
use super::{Due, DueRows, Stretch, by, covers, months_after, overlap, span, stretches, turns};
use crate::memberships::MembershipRow;
use crate::mobilities::MobilityRow;
use crate::table::Row;

pub(super) fn mobility(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let Some(months) = rules.life.mobile_months else { return Vec::new() };
    let stays = by(rows.memberships, |row| MembershipRow::of(row).membership);
    let mut found = Vec::new();
    for (membership, away) in by(rows.mobilities, |row| MobilityRow::of(row).membership) {
        let alone = |day: Date| {
            let mut now = away.iter().filter(|row| covers(row, day));
            now.any(|row| MobilityRow::of(row).branch.is_none())
        };
        for absence in absences(&away) {
            for stay in stays.get(membership).into_iter().flatten() {
                let (from, until) = overlap(absence, span(stay));
                let within = (months_after(from, months), until);
                for stretch in stretches(turns(away.iter().copied()), within, alone) {
                    found.push(of_member(stay, "away_for_long", stretch));
                }
            }
        }
    }
    found
}

/// The stretches without a break during which a member was away, wherever.
fn absences(away: &[&Row]) -> Vec<Stretch> {
    let mut rows = away.to_vec();
    rows.sort_by_key(|row| row.in_time());
    let mut found: Vec<Stretch> = Vec::new();
    for (from, until) in rows.into_iter().map(span) {
        match found.last_mut() {
            Some((_, end)) if *end == Some(from) => *end = until,
            Some(_) | None => found.push((from, until)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Ruled, due};
    use super::*;
    use crate::given::*;
    use crate::{Memberships, Mobilities};

    fn told(history: &[Happened], until: Date) -> Vec<(Date, Option<Date>)> {
        let mut rules = rules();
        rules.life.mobile_months = Some(1);
        let rows = DueRows {
            memberships: &given::<Memberships>(history).known(),
            mobilities: &given::<Mobilities>(history).known(),
            ..DueRows::NONE
        };
        let dues = due(&rows, &[Ruled { from: Date::MIN, until: None, rules: &rules }], until);
        dues.into_iter().map(|due| (due.day, due.settled)).collect()
    }

    #[test]
    fn who_is_away_for_long_is_due_to_be_transferred_or_looked_after() {
        let date = |month, day| jiff::civil::date(2020, month, day);
        let gone = vec![admitted(1, M1, P1, A), away(5, M1, P1, Some("basel"), None)];
        assert_eq!(told(&gone, date(2, 4)), []);
        assert_eq!(told(&gone, date(2, 5)), [(date(2, 5), None)]);
        // Elsewhere is away still; a branch that looks after the member there is what was asked.
        let further = [gone.clone(), vec![away(20, M1, P1, Some("bern"), None)]].concat();
        assert_eq!(told(&further, date(3, 1)), [(date(2, 5), None)]);
        let cared_for = [gone.clone(), vec![away(20, M1, P1, Some("basel"), Some(B))]].concat();
        assert_eq!(told(&cared_for, date(3, 1)), []);
        // Months begin anew at a new home.
        let moved = [gone, vec![home_moved(20, M1, P1, A, B)]].concat();
        assert_eq!(told(&moved, date(3, 1)), [(date(2, 20), None)]);
    }
}
