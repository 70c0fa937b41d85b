//! Issue a letter for a member: the origin keeps the member until it is accepted.

use events::transfer::{Case, Place};
use events::{BranchId, Code, Date, Guard, PersonId, Precision, TransferEvent, TransferId};
use serde::{Deserialize, Serialize};

use super::cases::{last_day, letter_days, letter_is_free, next_acts, open_case};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::life::{clash_guards, state_on, trial_on};
use super::shared::{at_home, code_or_id, from_formation};
use super::taking_in::{has_place, refuses_no_place};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::transfer::Phase;
use crate::state::{Known, Membership};

/// Issue a letter for a member: the origin keeps the member until it is accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueTransfer {
    /// Who shall move.
    pub person: PersonId,
    /// The origin: the home.
    pub from: BranchId,
    /// The destination, if it is a branch of the ledger.
    #[serde(default)]
    pub to: Option<BranchId>,
    /// The destination, if it is a body outside the ledger.
    #[serde(default)]
    pub body: Option<Code>,
    /// The letter's number.
    pub letter: Code,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the issue of a letter is refused.
    IssueTransferRefusal {
        /// There is one destination: a branch or a body outside.
        DestinationUnclear("destination_unclear") {},
        /// Origin and destination are one.
        SameBranch("same_branch") { branch: String },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The destination is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The destination is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The destination is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// Branches of the destination's kind hold no relations: a secondary place would do.
        KindNotHome("kind_not_home") { branch: String, kind: String },
        /// The person is a member already.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// The origin was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The person has no membership at home at the origin on that day.
        NotAMember("not_a_member") { person: PersonId, branch: String, effective: Date },
        /// The time of trial is over: it is decided at the origin before the member goes.
        ProbationOver("probation_over") { person: PersonId, ended: Date },
        /// Another transfer of the membership is open.
        TransferOpen("transfer_open") {
            person: PersonId, letter: Code, phase: &'static str, acts: &'static str,
        },
        /// Another transfer has a letter of that number.
        LetterTaken("letter_taken") { letter: Code },
        /// A later change of the membership is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use IssueTransferRefusal as Refusal;
refuses_no_place!(Refusal);

impl Decide for IssueTransfer {
    const NAME: &'static str = "issue-transfer";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("from", FieldKind::Branch),
        optional("to", FieldKind::Branch),
        optional("body", FieldKind::Text),
        required("letter", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![
            Guard::Branch(self.from),
            Guard::TransfersOf(self.person),
            Guard::TransferLetter(None, self.letter.clone()),
        ];
        guards.extend(self.to.map(Guard::Branch));
        guards.extend(clash_guards(known, self.person, self.effective));
        guards.retain(|guard| !known.has_looked(guard));
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, from, precision, .. } = *self;
        let to = self.destination(known)?;
        let branch = known.branch(from).ok_or(Refusal::BranchUnknown { branch: from })?;
        let mut decided = Decided::default();
        let rules = &known.policy(self.effective).rules;
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        let Some((membership, of_person)) = at_home(known, person, from, effective) else {
            let branch = code_or_id(known, from);
            return Err(Refusal::NotAMember { person, branch, effective });
        };
        let case = Case { person, from: from.into(), to, letter: self.letter.clone() };
        if let Some((_, open)) = open_case(known, person, Some(membership)) {
            if open.case == case && open.phase == Phase::Issued && open.since == effective {
                return Ok(Decided::already_so());
            }
            let (letter, phase) = (open.case.letter, open.phase.code());
            let acts = next_acts(open.phase);
            return Err(Refusal::TransferOpen { person, letter, phase, acts });
        }
        check_trial(known, (person, of_person), effective)?;
        if !letter_is_free(known, &self.letter) {
            return Err(Refusal::LetterTaken { letter: self.letter.clone() });
        }
        if let Some(to) = self.to {
            has_place(known, (to, person), Some(membership), effective)?;
        }
        let later_act = known
            .transfers_of(person)
            .filter(|(_, it)| it.standing().is_some_and(|it| it.membership == Some(membership)))
            .filter_map(|(_, transfer)| transfer.last_change())
            .find(|last| *last > effective);
        if let Some(later) = of_person.change_after(effective).or(later_act) {
            return Err(Refusal::LaterChange { later });
        }
        let (days, _) = letter_days(known, (&case.from, &case.to), effective, &rules.transfer);
        let last_day = last_day(effective, days);
        let id = TransferId((setting.fresh)());
        decided
            .push(id, TransferEvent::Issued { effective, precision, case, membership, last_day });
        Ok(decided)
    }
}

/// A time of trial that is over is decided before the member goes; one that ends on the way is
/// decided at the destination.
fn check_trial(
    known: &Known,
    (person, membership): (PersonId, &Membership),
    day: Date,
) -> Result<(), Refusal> {
    let rules = known.policy(day).rules;
    let is_on_trial = rules.life.probation.as_ref().is_some_and(|probation| {
        state_on(known, membership, day).as_ref() == Some(&probation.state)
    });
    let trial = is_on_trial.then(|| trial_on(known, membership, day)).flatten();
    match trial.filter(|trial| trial.ends <= day) {
        Some(trial) => Err(Refusal::ProbationOver { person, ended: trial.ends }),
        None => Ok(()),
    }
}

impl IssueTransfer {
    fn destination(&self, known: &Known) -> Result<Place, Refusal> {
        match (self.to, &self.body) {
            (Some(to), None) if to == self.from => {
                Err(Refusal::SameBranch { branch: code_or_id(known, to) })
            }
            (Some(to), None) => match known.branch(to) {
                Some(_) => Ok(to.into()),
                None => Err(Refusal::BranchUnknown { branch: to }),
            },
            (None, Some(body)) => Ok(Place::Outside(body.clone())),
            (Some(_), Some(_)) | (None, None) => Err(Refusal::DestinationUnclear {}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn issue() -> IssueTransfer {
        IssueTransfer {
            person: ANN,
            from: NORTH,
            to: Some(SOUTH),
            body: None,
            letter: code("A-1"),
            effective: day(5),
            precision: None,
        }
    }

    #[test]
    fn it_is_recorded_once_with_its_last_day() {
        given(before_transfer()).when(issue()).then([issued_until(FAR, fresh(1))]);
        given(before_transfer()).and([issued_until(FAR, T1)]).when(issue()).then([]);
    }

    #[test]
    fn between_branches_under_one_superior_the_letter_is_shorter() {
        given(before_transfer_under(EAST)).when(issue()).then([issued_until(NEAR, fresh(1))]);
    }

    #[test]
    fn it_may_go_to_a_body_outside() {
        let outward = IssueTransfer { to: None, body: Some(code("west")), ..issue() };
        given(before_transfer()).when(outward).then([issued_outward(FAR, fresh(1))]);
    }

    #[test]
    fn there_is_one_destination() {
        for unclear in [
            IssueTransfer { to: None, ..issue() },
            IssueTransfer { body: Some(code("west")), ..issue() },
        ] {
            given(before_transfer()).when(unclear).then_refused(Refusal::DestinationUnclear {});
        }
        given(before_transfer())
            .when(IssueTransfer { to: Some(NORTH), ..issue() })
            .then_refused(Refusal::SameBranch { branch: "north".into() });
    }

    #[test]
    fn a_destination_that_can_take_nobody_in_is_refused() {
        given(before_transfer())
            .and([dissolved(SOUTH, 30)])
            .when(issue())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(30) });
        given([
            registered(ANN),
            formed(NORTH, 1),
            formed_as(SOUTH, 1, "temporary"),
            admitted(ANN, NORTH, 2, M1),
        ])
        .when(issue())
        .then_refused(Refusal::KindNotHome { branch: "south".into(), kind: "temporary".into() });
        given([registered(ANN), formed(NORTH, 1), admitted(ANN, NORTH, 2, M1)])
            .when(issue())
            .then_refused(Refusal::BranchUnknown { branch: SOUTH });
        given(before_transfer())
            .and([admitted(ANN, SOUTH, 3, M2)])
            .under("association")
            .when(issue())
            .then_refused(Refusal::AlreadyMember {
                person: ANN,
                branch: "south".into(),
                since: day(3),
            });
    }

    #[test]
    fn only_the_home_issues_and_one_letter_at_a_time() {
        given([registered(ANN), formed(NORTH, 1), formed(SOUTH, 1)]).when(issue()).then_refused(
            Refusal::NotAMember { person: ANN, branch: "north".into(), effective: day(5) },
        );
        given([registered(ANN), formed(NORTH, 9), formed(SOUTH, 1)])
            .when(issue())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(9) });
        let second = IssueTransfer { letter: code("A-2"), effective: day(6), ..issue() };
        given(underway()).when(second).then_refused(Refusal::TransferOpen {
            person: ANN,
            letter: code("A-1"),
            phase: "issued",
            acts: "present-transfer, accept-transfer, divert-transfer, withdraw-transfer",
        });
    }

    #[test]
    fn a_number_is_used_once_and_nothing_is_issued_before_a_later_change() {
        given(before_transfer())
            .and([issued_to_bob("A-1", 4)])
            .when(issue())
            .then_refused(Refusal::LetterTaken { letter: code("A-1") });
        given(before_transfer())
            .and([moved_home(ANN, NORTH, EAST, 8, M1)])
            .when(issue())
            .then_refused(Refusal::LaterChange { later: day(8) });
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(before_transfer())
            .and([branch_suspended(SOUTH, 3)])
            .when(issue())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(3) });
        given(before_transfer())
            .and([winding_up(SOUTH, 3)])
            .when(issue())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(3) });
    }

    #[test]
    fn what_leaves_a_branch_that_is_wound_up_goes_on() {
        let last_day = FAR;
        given(before_transfer())
            .and([winding_up(NORTH, 3)])
            .when(issue())
            .then([issued_until(last_day, fresh(1))]);
    }

    #[test]
    fn a_member_elsewhere_is_refused_with_the_place() {
        given(before_transfer()).and([admitted(ANN, EAST, 3, M2)]).when(issue()).then_refused(
            Refusal::AlreadyMember { person: ANN, branch: "east".into(), since: day(3) },
        );
    }

    #[test]
    fn a_trial_that_is_over_is_decided_first() {
        let ended = jiff::civil::date(2027, 1, 5);
        let over = IssueTransfer { effective: ended, ..issue() };
        given(ann_on_trial())
            .when(over.clone())
            .then_refused(Refusal::ProbationOver { person: ANN, ended });
        let before = IssueTransfer { effective: ended.yesterday().unwrap(), ..issue() };
        assert_eq!(given(ann_on_trial()).when(before).decided().events.len(), 1);
        let extended = extended(20, jiff::civil::date(2027, 7, 5));
        assert_eq!(given(ann_on_trial()).and([extended]).when(over).decided().events.len(), 1);
    }
}
