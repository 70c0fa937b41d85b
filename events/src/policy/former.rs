//! How rule sets were written before, and what that means in today's shape.

use serde::{Deserialize, Serialize};

use super::{
    BranchRules, CoverageRules, DateRules, LifeRules, MembershipRules, PolicyEvent, PostRules,
    RuleSet, sections,
};
use crate::values::{Code, Date, Precision, Text};

/// Version 1 as it was written: it knew no hosts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdoptedV1 {
    effective: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    rules: RuleSetV1,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSetV1 {
    name: Code,
    note: Text,
    membership: MembershipRules,
    branch: BranchRules,
    post: PostRules,
    dates: DateRules,
}

/// Version 2 as it was written: it knew one state of membership, and no deadlines.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdoptedV2 {
    effective: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    rules: RuleSetV2,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSetV2 {
    name: Code,
    note: Text,
    membership: MembershipRules,
    branch: BranchRules,
    post: PostRules,
    dates: DateRules,
    coverage: CoverageRules,
}

impl From<AdoptedV1> for PolicyEvent {
    fn from(AdoptedV1 { effective, precision, rules }: AdoptedV1) -> Self {
        let RuleSetV1 { name, note, membership, branch, post, dates } = rules;
        let coverage = CoverageRules::open();
        let rules = RuleSetV2 { name, note, membership, branch, post, dates, coverage };
        AdoptedV2 { effective, precision, rules }.into()
    }
}

impl From<AdoptedV2> for PolicyEvent {
    fn from(AdoptedV2 { effective, precision, rules }: AdoptedV2) -> Self {
        let RuleSetV2 { name, note, membership, branch, post, dates, coverage } = rules;
        let rules = RuleSet {
            name,
            note,
            membership,
            branch,
            post,
            dates,
            coverage,
            life: LifeRules::one_state(),
            transfer: sections::TransferRules::default(),
            structure: sections::StructureRules::default(),
            term: sections::TermRules::default(),
            activity: sections::ActivityRules::default(),
            training: sections::TrainingRules::default(),
            dues: Vec::new(),
            privacy: sections::PrivacyRules::default(),
            sources: Vec::new(),
        };
        Self::Adopted { effective, precision, rules: Box::new(rules) }
    }
}
