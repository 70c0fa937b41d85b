//! Transfers: they go to branches that are there and take members in, and none is left with a
//! branch that ends: I7 and I8. Their own acts are corrected by further acts.

use events::{BranchId, Event, Family, Guard, StreamId, TransferId};

use super::{Date, FamilyName, View};

/// What a transfer rests on.
pub(super) fn rests_on(view: &View<'_>, stream: StreamId) -> Vec<Guard> {
    if stream.family != FamilyName::Transfer {
        return Vec::new();
    }
    let sides = view.timeline(stream).into_iter().flat_map(|fact| {
        let Event::Transfer(fact) = fact else { return Vec::new() };
        let case = fact.case();
        let sides = case.into_iter().flat_map(|case| [case.from.branch(), case.to.branch()]);
        sides.flatten().map(Guard::Branch).collect()
    });
    sides.collect()
}

/// A transfer: each time it is sent to a branch, that one is there and takes members in.
pub(super) fn transfer(
    view: &View<'_>,
    id: TransferId,
    clash: &mut impl FnMut(&'static str, Date),
) {
    for fact in view.timeline(id.into()) {
        let Event::Transfer(fact) = fact else { continue };
        let on = fact.effective();
        let Some(branch) = fact.sent_to() else { continue };
        // One that was formed later than was thought accepts nobody before: that is asked then.
        let branch = view.branch(branch);
        if branch.is_none_or(|branch| branch.dissolved().is_some_and(|end| end < on)) {
            clash("case_to_nothing", on);
        }
        if branch.is_some_and(|branch| branch.is_shut_throughout(on)) {
            clash("branch_shut", on);
        }
    }
    let transfer = view.subject(id.into()).and_then(|subject| subject.as_transfer());
    let sides = rests_on(view, id.into()).into_iter().filter_map(|guard| guard.own_stream());
    for side in sides.map(|stream| BranchId(stream.id)) {
        let Some(dissolved) = view.branch(side).and_then(|it| it.dissolved()) else { continue };
        let standing = transfer.and_then(|transfer| transfer.standing_on(dissolved));
        let Some(standing) = standing.filter(|standing| standing.is_open()) else { continue };
        if [&standing.case.from, &standing.case.to].iter().any(|it| it.branch() == Some(side)) {
            clash("case_left", dissolved);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::given::*;

    fn underway_from_the_fifth() -> Vec<Given> {
        [before_transfer(), vec![issued_until(day(20), T1)]].concat()
    }

    #[test]
    fn letters_go_to_branches_that_are_there_and_take_members_in() {
        let history = [underway_from_the_fifth(), vec![winding_up(SOUTH, 8)]].concat();
        let found = given(history.clone()).clashes_once(&[(6, Some(4))]);
        assert_eq!(found, ["branch_shut 2026-01-05"]);
        assert_eq!(given(history).clashes_once(&[(6, Some(5))]), Vec::<String>::new());
        let never_formed = given(underway_from_the_fifth()).clashes_once(&[(2, None)]);
        assert_eq!(never_formed, ["case_to_nothing 2026-01-05"]);
        let formed_later = given(underway_from_the_fifth()).clashes_once(&[(2, Some(7))]);
        assert_eq!(formed_later, Vec::<String>::new());
    }

    #[test]
    fn a_letter_that_is_issued_anew_goes_to_a_branch_that_takes_members_in() {
        let anew = [voided_on("A-1", 6), reissued(9), winding_up(SOUTH, 12)];
        let history = [underway_from_the_fifth(), anew.to_vec()].concat();
        let found = given(history.clone()).clashes_once(&[(8, Some(8))]);
        assert_eq!(found, ["branch_shut 2026-01-09"]);
        assert_eq!(given(history).clashes_once(&[(8, Some(9))]), Vec::<String>::new());
    }

    #[test]
    fn no_open_letter_is_left_with_a_branch_that_ends() {
        let ended = [withdrawn(9), dissolved(SOUTH, 10)];
        let history = [underway_from_the_fifth(), ended.to_vec()].concat();
        let found = given(history.clone()).clashes_once(&[(7, Some(8))]);
        assert_eq!(found, ["case_left 2026-01-08"]);
        let found = given(history.clone()).clashes_once(&[(7, Some(4))]);
        assert_eq!(found, ["case_to_nothing 2026-01-05"]);
        assert_eq!(given(history).clashes_once(&[(7, Some(9))]), Vec::<String>::new());
    }
}
