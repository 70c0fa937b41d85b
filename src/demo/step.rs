//! What a plan consists of: dated wishes that name their subjects by number.

use events::branch::{FormationMode, Rank};
use events::membership::EndReason;
use events::reorganisation::PlanForm;
use events::{Code, RelationKind, Text};

/// A day, counted from the first day of the story; what was before it is negative.
pub type Day = i32;

/// A host, by its number in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostNo(pub u32);

/// A branch, by its number in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchNo(pub u32);

/// A person, by their number in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonNo(pub u32);

/// One end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// A branch.
    Branch(BranchNo),
    /// A host.
    Host(HostNo),
}

/// One wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When the office hears of it.
    pub heard: Day,
    /// From when it holds.
    pub effective: Day,
    /// What is wished.
    pub what: What,
}

/// A host on its first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHost {
    /// Which one.
    pub host: HostNo,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: Code,
    /// Who owns it.
    pub ownership: Code,
    /// How many people work there.
    pub staff: u32,
    /// The area in which it lies.
    pub area: Code,
    /// The posts that a member should hold.
    pub key_posts: Vec<Code>,
}

/// A branch on its first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBranch {
    /// Which one.
    pub branch: BranchNo,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: Code,
    /// The branch above it.
    pub parent: Option<BranchNo>,
}

/// A reorganisation that is planned, as the branch sees it to which it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// What kind of reorganisation it is.
    pub form: PlanForm,
    /// The branches to which it happens.
    pub sources: Box<[BranchNo]>,
    /// The branch that it forms; its place is beside the first source.
    pub formed: NewBranch,
    /// Who goes to the branch that is formed, if it does not take the rest too.
    pub goes: Box<[PersonNo]>,
    /// The code of the branch that takes over whatever is not named.
    pub rest: Code,
}

/// What is wished: each is an ordinary command of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Define an area.
    Area(Box<(Code, Text)>),
    /// Form a branch.
    Form(Box<NewBranch>),
    /// Register a host.
    Register(Box<NewHost>),
    /// Change a branch.
    Branch(BranchNo, BranchChange),
    /// Change a host.
    Host(HostNo, HostChange),
    /// Bring a relation further: what the first body is to the second.
    Relate(RelationTurn, RelationKind, Body, Body),
    /// Something that one person does.
    Person(PersonNo, Act),
}

/// What happens to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchChange {
    /// It comes under another one.
    Move(BranchNo),
    /// It takes another name.
    Rename(Box<Text>),
    /// It covers hosts, and is formed so over all of them.
    Attach(Box<[HostNo]>, FormationMode, Rank),
    /// It covers a host no longer.
    Detach(HostNo),
    /// It ceases to be.
    Dissolve(Option<BranchNo>, &'static str),
    /// It is planned that it is merged with others, or split.
    Plan(Box<NewPlan>),
    /// A second person approves of its plan.
    Approve,
    /// Its plan is executed, which forms this branch.
    Execute(BranchNo),
}

/// What happens to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostChange {
    /// So many people work there from then on.
    Staff(u32),
    /// It takes another name.
    Rename(Box<Text>),
    /// It closes.
    Close(&'static str),
}

/// How far a relation comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationTurn {
    /// It is proposed.
    Propose,
    /// It is accepted.
    Accept,
    /// It ends.
    End,
}

/// How a letter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterTurn {
    /// It is issued, from a branch to another one.
    Issue(BranchNo, BranchNo),
    /// It ran out, and is issued anew under another number.
    Reissue,
    /// The branch accepts the member on the letter that was issued anew.
    Accept(BranchNo),
    /// The branch sends it back, for a reason.
    Return(BranchNo, &'static str),
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// They become known; they were born in that year.
    Register(u16),
    /// They join a branch.
    Join(BranchNo),
    /// They move from a branch to another one.
    Move(BranchNo, BranchNo),
    /// They move on a letter; one letter for each person.
    Letter(LetterTurn),
    /// They work at a host, perhaps in a post that counts.
    Work(HostNo, Option<&'static str>),
    /// They work at a host no longer.
    EndWork(HostNo),
    /// They become the secretary of a branch.
    TakePost(BranchNo),
    /// They hand that post over to somebody.
    HandOver(BranchNo, PersonNo),
    /// They leave that post.
    LeavePost(BranchNo),
    /// They are a member of a branch no longer.
    End(BranchNo, EndReason),
    /// That end was recorded for a wrong day, and is corrected.
    CorrectEnd,
}

impl What {
    /// Whether a second person has to approve of it, whenever it was.
    #[must_use]
    pub fn is_approval(&self) -> bool {
        matches!(self, Self::Branch(_, BranchChange::Approve))
    }

    /// Where it stands among what is heard of on one day: what comes into being first, then who
    /// comes, then who goes, and what ends last.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Area(_) => 0,
            Self::Form(_) => 1,
            Self::Register(_) => 2,
            Self::Branch(
                _,
                BranchChange::Move(_) | BranchChange::Rename(_) | BranchChange::Execute(_),
            ) => 3,
            Self::Host(_, HostChange::Staff(_) | HostChange::Rename(_)) => 4,
            Self::Relate(RelationTurn::Propose, ..) => 5,
            Self::Relate(RelationTurn::Accept, ..) => 6,
            Self::Branch(_, BranchChange::Attach(..)) => 7,
            Self::Person(_, Act::Register(_)) => 8,
            Self::Person(_, Act::Join(_)) => 9,
            Self::Person(_, Act::Move(..) | Act::Letter(_)) => 10,
            Self::Person(_, Act::Work(..)) => 11,
            Self::Person(_, Act::EndWork(_)) => 12,
            Self::Person(_, Act::TakePost(_)) => 13,
            Self::Person(_, Act::HandOver(..) | Act::LeavePost(_)) => 14,
            Self::Person(_, Act::End(..) | Act::CorrectEnd) => 15,
            Self::Relate(RelationTurn::End, ..) => 16,
            Self::Branch(_, BranchChange::Detach(_)) => 17,
            Self::Branch(_, BranchChange::Dissolve(..)) => 18,
            Self::Host(_, HostChange::Close(_)) => 19,
            // Whoever came on that day is in the plan.
            Self::Branch(_, BranchChange::Plan(_)) => 20,
            Self::Branch(_, BranchChange::Approve) => 21,
        }
    }
}
