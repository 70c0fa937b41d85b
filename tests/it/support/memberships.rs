//! Random wishes about the life of memberships and about who is who.

use events::membership::EndReason;
use events::{BranchId, Code, Date, PersonId};
use rollbook::commands::{
    ApplyForMembership, AssignSecondaryPlace, CancelProbation, ChangeState, DeclareDistinct,
    EndMembership, EndMobility, EndSecondaryPlace, ExtendProbation, MergePersons, RecordDeath,
    RegisterMobility, ReportContactLost, ReportContactRegained, RestoreMembership, StopMembership,
    SuspectDuplicate, UnmergePersons,
};
use rollbook::ledger::Request;

use super::dice::Dice;

const STATES: [&str; 10] = [
    "applicant",
    "activist",
    "candidate",
    "probationary",
    "full",
    "stopped",
    "active",
    "arrears",
    "lapsed",
    "retired",
];

/// Who a wish is about: picked by chance before.
#[derive(Clone, Copy)]
pub struct Cast {
    pub person: PersonId,
    pub other: PersonId,
    pub branch: BranchId,
    pub effective: Date,
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn wish(dice: &mut Dice, cast: Cast) -> Request {
    let Cast { person, other, branch, effective } = cast;
    let precision = None;
    match dice.below(40) {
        0..=6 => {
            let state = dice.one_in(4).then(|| code("candidate"));
            Request::new(ApplyForMembership { person, branch, state, effective, precision })
        }
        7..=14 => {
            let state = code(dice.pick(&STATES).unwrap());
            let branch = dice.one_in(2).then_some(branch);
            Request::new(ChangeState { person, state, branch, effective, precision })
        }
        15 | 16 => Request::new(StopMembership { person, effective, precision }),
        17 | 18 => {
            let branch = dice.one_in(2).then_some(branch);
            Request::new(RestoreMembership { person, branch, effective, precision })
        }
        19 => {
            let months = dice.below(14);
            Request::new(ExtendProbation { person, months, effective, precision })
        }
        20 => Request::new(CancelProbation { person, effective, precision }),
        21 | 22 => {
            let (_, reason) = *dice.pick(EndReason::ALL).unwrap();
            Request::new(EndMembership { person, branch, effective, precision, reason })
        }
        23 | 24 => Request::new(ReportContactLost { person, effective, precision }),
        25 => Request::new(ReportContactRegained { person, effective, precision }),
        26 => {
            let (place, branch) = (dice.one_in(2).then(|| code("basel")), None);
            Request::new(RegisterMobility { person, place, branch, effective, precision })
        }
        27 => Request::new(EndMobility { person, effective, precision }),
        28..=31 => Request::new(AssignSecondaryPlace { person, branch, effective, precision }),
        32 => Request::new(EndSecondaryPlace { person, branch, effective, precision }),
        about => identity(dice, cast, about, other),
    }
}

fn identity(dice: &mut Dice, cast: Cast, about: u32, other: PersonId) -> Request {
    let Cast { person, effective, .. } = cast;
    let precision = None;
    match about {
        33 if dice.one_in(2) => Request::new(RecordDeath { person, effective, precision }),
        34 => Request::new(SuspectDuplicate { person, other, effective, precision }),
        35 | 36 => {
            let approver = Some(PersonId(uuid::Uuid::from_u128(0xff)));
            let declare = DeclareDistinct { person, other, effective, precision };
            Request { approver, ..Request::new(declare) }
        }
        37 => Request::new(MergePersons { person, other, effective, precision }),
        _ => Request::new(UnmergePersons { person, other, effective, precision }),
    }
}
