//! The rule sets of the body, published as events: decisions store which one they applied.

mod check;
mod dues;
mod former;
mod sections;
mod values;

use serde::{Deserialize, Serialize};

use self::former::{AdoptedV1, AdoptedV2};
use crate::family::family;
use crate::values::{Code, Text};

pub use self::check::{Contradiction, PROBLEMS};
pub use self::dues::Dues;
pub use self::sections::{
    ActivityRules, DuesBracket, KindTraits, LifeRules, MembershipState, OnSilence, PrivacyRules,
    ProbationRules, Source, StateStep, StructureRules, TermRules, TrainingRules, TransferRules,
};
pub use self::values::RuleValue;

family! {
    /// One event about the ledger's rules.
    PolicyEvent as Policy {
        /// The body adopted a rule set; it is in force from `effective` until the next one.
        601 Adopted("PolicyAdopted.v3") {
            /// The rules themselves.
            rules: Box<RuleSet>,
        }
    }
    upcast {
        601 "PolicyAdopted.v1" from AdoptedV1,
        601 "PolicyAdopted.v2" from AdoptedV2,
    }
}

/// One rule set. Nothing in the code knows a number: it asks here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// The rule set's name: a preset's, or the body's own.
    pub name: Code,
    /// Which source the values follow, and that the body must check its own rules.
    pub note: Text,
    /// Rules about memberships.
    pub membership: MembershipRules,
    /// Rules about branches.
    pub branch: BranchRules,
    /// Rules about posts.
    pub post: PostRules,
    /// Rules about dates.
    pub dates: DateRules,
    /// Rules about hosts and how branches cover them.
    pub coverage: CoverageRules,
    /// Rules about the life of a membership.
    pub life: LifeRules,
    /// Rules about transfers between branches.
    pub transfer: TransferRules,
    /// Rules about the structure of branches.
    pub structure: StructureRules,
    /// Rules about terms of office.
    pub term: TermRules,
    /// Rules about meetings.
    pub activity: ActivityRules,
    /// Rules about training.
    pub training: TrainingRules,
    /// The brackets of dues, rising; the last one has no end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dues: Vec<DuesBracket>,
    /// Rules that keep people from being recognised in numbers.
    pub privacy: PrivacyRules,
    /// Which source each value follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

/// Rules about memberships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipRules {
    /// How many open memberships a person may have.
    pub open_at_once: OpenAtOnce,
}

/// How many open memberships a person may have at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenAtOnce {
    /// One in the whole body.
    OnePerPerson,
    /// Any number, one at each branch.
    OnePerBranch,
}

/// Rules about branches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchRules {
    /// What must be so before a branch may dissolve.
    pub dissolution: Dissolution,
    /// The kind of a branch whose kind nobody named.
    pub kind_default: Code,
    /// Whether kinds beyond the listed ones are taken, as homes that may admit.
    pub kinds_open: bool,
    /// The kinds there are.
    pub kinds: Vec<BranchKind>,
}

/// What must be so before a branch may dissolve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dissolution {
    /// No member, no child, no held post.
    WhenEmpty,
    /// Memberships and posts end with it, children move to the top level.
    EndsWhatIsLeft,
}

/// One kind of branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchKind {
    /// The kind's code.
    pub code: Code,
    /// Whether it may hold a member's relation.
    pub may_be_home: bool,
    /// Whether it may admit members itself.
    pub may_admit: bool,
}

/// Rules about posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostRules {
    /// Whether a post has one holder at a time.
    pub exclusive: bool,
    /// Whether the holder must be a member at home at the branch.
    pub holder_at_home: bool,
    /// Whether the holder must be a full member; where it is not said, anybody may be the holder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holder_full: bool,
}

/// Rules about dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateRules {
    /// How many days back a fact may be dated without a second person; absent: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backdating_days_max: Option<u32>,
    /// What becomes of a fact dated before its branch was formed.
    pub before_formation: BeforeFormation,
}

/// Rules about hosts and how branches cover them. A number that is absent asks nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageRules {
    /// Whether kinds and ownerships beyond the listed ones are taken.
    pub open: bool,
    /// The kinds of host there are.
    pub host_kinds: Vec<Code>,
    /// Who may own a host.
    pub ownerships: Vec<Ownership>,
    /// The kinds of branch that cover no host, though hosts may be attached to them.
    pub branch_kinds_uncounted: Vec<Code>,
    /// How many hosts a joint branch may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint_hosts_max: Option<u32>,
    /// From how many members on a host should have a branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_expected_from_members: Option<u32>,
    /// From how many staff on a host should have a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_expected_from_staff: Option<u32>,
    /// With fewer full members a branch is under strength.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_min: Option<u32>,
    /// With more members a branch is over size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_max: Option<u32>,
    /// The least staff of each size band after the first, rising.
    pub size_bands: Vec<u32>,
    /// The least age of each age band after the first, rising.
    pub age_bands: Vec<u16>,
}

/// Who may own a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// Its code.
    pub code: Code,
    /// Whether it is public.
    pub public: bool,
}

impl CoverageRules {
    /// Rules that ask nothing and take everything.
    #[must_use]
    pub fn open() -> Self {
        Self {
            open: true,
            host_kinds: Vec::new(),
            ownerships: Vec::new(),
            branch_kinds_uncounted: Vec::new(),
            joint_hosts_max: None,
            branch_expected_from_members: None,
            member_expected_from_staff: None,
            members_min: None,
            members_max: None,
            size_bands: Vec::new(),
            age_bands: Vec::new(),
        }
    }

    /// Whether hosts may be of that kind.
    #[must_use]
    pub fn knows_kind(&self, kind: &Code) -> bool {
        self.open || self.host_kinds.contains(kind)
    }

    /// Whether hosts may be owned so.
    #[must_use]
    pub fn knows_ownership(&self, ownership: &Code) -> bool {
        self.open || self.ownerships.iter().any(|known| known.code == *ownership)
    }
}

/// What becomes of a fact dated before its branch was formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeforeFormation {
    /// It is refused.
    Refuse,
    /// It is held, takes effect on the formation day, and is reported.
    Hold,
}

impl RuleSet {
    /// The kind of that code: a listed one, or an open one where the rules allow it.
    #[must_use]
    pub fn branch_kind(&self, code: &Code) -> Option<BranchKind> {
        let listed = self.branch.kinds.iter().find(|kind| kind.code == *code).cloned();
        listed.or_else(|| {
            self.branch.kinds_open.then(|| BranchKind {
                code: code.clone(),
                may_be_home: true,
                may_admit: true,
            })
        })
    }
}
