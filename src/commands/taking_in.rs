//! Who is taken in on a letter, and what keeps a branch from taking somebody in.

use events::membership::{MembershipEvent, Via};
use events::transfer::Case;
use events::{BranchId, Code, Date, Guard, MembershipId, PersonId};

use super::cases::{case_at_hand, letter_guards, sides};
use super::phase::{Shut, not_home, takes_in};
use super::shared::identity::{Unsound, sound};
use super::shared::life::{clash_beside, clash_guards, move_home};
use super::shared::{LaterChange, code_of, code_or_id, leave_posts_with_home};
use super::{Decided, Setting};
use crate::state::transfer::Standing;
use crate::state::{Known, Membership};

/// Why a branch can take nobody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// No branch has that id.
    BranchUnknown { branch: BranchId },
    /// It was formed later.
    BeforeFormation { branch: String, formed: Date },
    /// It is dissolved, or will be.
    BranchDissolved { branch: String, dissolved: Date },
    /// It is suspended or being wound up.
    Shut(Shut),
    /// Branches of its kind hold no relations.
    KindNotHome { branch: String, kind: String },
    /// The person is a member there already, or anywhere where the rules ask for one membership.
    AlreadyMember { person: PersonId, branch: String, since: Date },
}

/// Why nobody can be taken in on a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotTakenIn {
    /// The person died, goes by another id, or may be somebody else.
    Unsound(Unsound),
    /// The destination cannot.
    NoPlace(NoPlace),
    /// The origin is the home no longer.
    OriginNotHome { person: PersonId, branch: String, effective: Date },
    /// A later change of the membership or of a post bound to it is recorded.
    LaterChange { later: Date },
}

/// Lets a command refuse a branch that can take nobody in by variants of its own.
macro_rules! refuses_no_place {
    ($Refusal:ident) => {
        impl From<$crate::commands::taking_in::NoPlace> for $Refusal {
            fn from(trouble: $crate::commands::taking_in::NoPlace) -> Self {
                use $crate::commands::taking_in::NoPlace as T;
                match trouble {
                    T::BranchUnknown { branch } => Self::BranchUnknown { branch },
                    T::BeforeFormation { branch, formed } => {
                        Self::BeforeFormation { branch, formed }
                    }
                    T::BranchDissolved { branch, dissolved } => {
                        Self::BranchDissolved { branch, dissolved }
                    }
                    T::Shut(shut) => shut.into(),
                    T::KindNotHome { branch, kind } => Self::KindNotHome { branch, kind },
                    T::AlreadyMember { person, branch, since } => {
                        Self::AlreadyMember { person, branch, since }
                    }
                }
            }
        }
    };
}
pub(super) use refuses_no_place;

/// Lets a command refuse a member who cannot be taken in by variants of its own.
macro_rules! refuses_not_taken_in {
    ($Refusal:ident) => {
        impl From<$crate::commands::taking_in::NotTakenIn> for $Refusal {
            fn from(trouble: $crate::commands::taking_in::NotTakenIn) -> Self {
                use $crate::commands::taking_in::NotTakenIn as T;
                match trouble {
                    T::Unsound(trouble) => trouble.into(),
                    T::NoPlace(trouble) => trouble.into(),
                    T::OriginNotHome { person, branch, effective } => {
                        Self::OriginNotHome { person, branch, effective }
                    }
                    T::LaterChange { later } => Self::LaterChange { later },
                }
            }
        }
    };
}
pub(super) use refuses_not_taken_in;

/// What has to be looked at about a transfer whose member may move: the letter, the sides, all that
/// the home takes with it, and whom the person is the same as.
pub(super) fn moving_guards(
    known: &Known,
    (body, letter): (Option<&Code>, &Code),
    day: Date,
) -> Vec<Guard> {
    let mut guards = letter_guards(known, body, letter);
    if let Some(case) = case_at_hand(known, body, letter) {
        guards.extend(sides(&case).map(Guard::Branch));
        guards.push(Guard::PostsHeldBy(case.person));
        guards.extend(clash_guards(known, case.person, day));
    }
    guards
}

/// Whether a branch can take a person in from that day on, beside the membership that moves. Needs
/// a look at what the person's memberships may clash with.
pub(super) fn has_place(
    known: &Known,
    (branch, person): (BranchId, PersonId),
    moving: Option<MembershipId>,
    day: Date,
) -> Result<(), NoPlace> {
    let to = known.branch(branch).ok_or(NoPlace::BranchUnknown { branch })?;
    let code = code_of(to);
    if let Some(formed) = to.formed().filter(|formed| *formed > day) {
        return Err(NoPlace::BeforeFormation { branch: code, formed });
    }
    if let Some(dissolved) = to.dissolved() {
        return Err(NoPlace::BranchDissolved { branch: code, dissolved });
    }
    takes_in(to, day).map_err(NoPlace::Shut)?;
    let rules = &known.policy(day).rules;
    if let Some(kind) = not_home(to, rules, day) {
        return Err(NoPlace::KindNotHome { branch: code, kind: kind.to_string() });
    }
    let once = rules.membership.open_at_once;
    match clash_beside(known, ((person, branch), moving), day, once) {
        Some(clash) => {
            let branch = code_or_id(known, clash.branch);
            Err(NoPlace::AlreadyMember { person, branch, since: clash.from })
        }
        None => Ok(()),
    }
}

/// Moves the home to the destination, or admits who comes from outside.
pub(super) fn take_in(
    known: &Known,
    standing: &Standing,
    effective: Date,
    decided: &mut Decided,
    setting: &mut Setting<'_>,
) -> Result<(), NotTakenIn> {
    let Case { person, from, to, .. } = &standing.case;
    let (person, precision) = (*person, None);
    let Some(to) = to.branch() else { return Ok(()) };
    sound(known, person).map_err(NotTakenIn::Unsound)?;
    has_place(known, (to, person), standing.membership, effective).map_err(NotTakenIn::NoPlace)?;
    let (Some(id), Some(from)) = (standing.membership, from.branch()) else {
        let admitted = MembershipEvent::Admitted {
            effective,
            precision,
            person,
            home: to,
            state: None,
            previous: None,
        };
        decided.push(MembershipId((setting.fresh)()), admitted);
        return Ok(());
    };
    let membership = leave_home(known, (person, id, from), effective, decided)?;
    let when = (effective, precision);
    move_home((id, membership), (from, to), when, Via::Transfer, decided)
        .map_err(|LaterChange(later)| NotTakenIn::LaterChange { later })
}

/// That the origin is the home still, and the posts that are bound to it; the membership.
pub(super) fn leave_home<'a>(
    known: &'a Known,
    (person, id, from): (PersonId, MembershipId, BranchId),
    effective: Date,
    decided: &mut Decided,
) -> Result<&'a Membership, NotTakenIn> {
    let membership = known.memberships_of(person).find(|(other, _)| *other == id);
    let at_home = membership.filter(|(_, it)| it.home_on(effective) == Some(from));
    let Some((_, membership)) = at_home else {
        let branch = code_or_id(known, from);
        return Err(NotTakenIn::OriginNotHome { person, branch, effective });
    };
    if let Some(later) = membership.change_after(effective) {
        return Err(NotTakenIn::LaterChange { later });
    }
    if known.policy(effective).rules.post.holder_at_home {
        leave_posts_with_home(known, (person, from), effective, decided)
            .map_err(|LaterChange(later)| NotTakenIn::LaterChange { later })?;
    }
    Ok(membership)
}
