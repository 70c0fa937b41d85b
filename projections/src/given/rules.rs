//! A rule set for tests.

use events::Text;
use events::policy::{
    BeforeFormation, BranchKind, BranchRules, CoverageRules, DateRules, Dissolution, KindTraits,
    LifeRules, MembershipRules, OpenAtOnce, PostRules, RuleSet, StructureRules,
};

use super::code;

/// Rules with one kind of branch, one state, and some numbers; each test alters what it is about.
pub(crate) fn rules() -> RuleSet {
    let code = || code("branch");
    let traits = KindTraits {
        code: code(),
        collects_dues: false,
        term_months: None,
        life_months_max: Some(12),
        ends_with_host: false,
    };
    RuleSet {
        name: code(),
        note: Text::parse("For a test.").unwrap(),
        membership: MembershipRules { open_at_once: OpenAtOnce::OnePerPerson },
        branch: BranchRules {
            dissolution: Dissolution::WhenEmpty,
            kind_default: code(),
            kinds_open: false,
            kinds: vec![BranchKind { code: code(), may_be_home: true, may_admit: true }],
        },
        post: PostRules { exclusive: true, holder_at_home: true, holder_full: false },
        dates: DateRules { backdating_days_max: None, before_formation: BeforeFormation::Refuse },
        coverage: CoverageRules { members_min: Some(3), ..CoverageRules::open() },
        life: LifeRules::one_state(),
        transfer: Default::default(),
        structure: StructureRules {
            kinds: vec![traits],
            general_branch_members_min: Some(50),
            committee_members_min: Some(100),
            idle_months: Some(6),
            ..StructureRules::default()
        },
        term: Default::default(),
        activity: Default::default(),
        training: Default::default(),
        dues: vec![],
        privacy: Default::default(),
        sources: vec![],
    }
}
