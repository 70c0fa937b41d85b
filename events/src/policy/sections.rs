//! The parts of a rule set that concern time: states, deadlines, terms. A number that is absent
//! asks nothing.

use serde::{Deserialize, Serialize};

use crate::values::{Code, Text};

/// Rules about the life of a membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeRules {
    /// The states that a membership may be in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<MembershipState>,
    /// The steps from state to state that may be taken; ends are not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StateStep>,
    /// The state of a membership that is admitted without an application.
    pub state_admitted: Code,
    /// The time of trial before a membership is full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probation: Option<ProbationRules>,
    /// After so many months out of contact a membership is due to be stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_contact_months: Option<u32>,
    /// So many months after that a stopped membership is due to be ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_months: Option<u32>,
    /// So many months after a member was registered as away, with the home unchanged and no branch
    /// there to look after the member, that is due: a transfer, or such a branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile_months: Option<u32>,
}

/// One state of a membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipState {
    /// Its code.
    pub code: Code,
    /// Whether a membership in it needs a home.
    pub home: bool,
    /// Whether a member in it counts as a full one.
    pub full: bool,
}

/// A step from one state of membership to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateStep {
    /// The state before.
    pub from: Code,
    /// The state after.
    pub to: Code,
}

/// The time of trial before a membership is full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbationRules {
    /// The state during it.
    pub state: Code,
    /// The state after it.
    pub then: Code,
    /// How many months it lasts.
    pub months: u32,
    /// By how many months it may be extended at the least.
    pub extension_months_min: u32,
    /// By how many months it may be extended at the most.
    pub extension_months_max: u32,
    /// How often it may be extended.
    pub extensions_max: u32,
}

impl LifeRules {
    /// Memberships have one state, which needs a home.
    #[must_use]
    pub fn one_state() -> Self {
        let member = Code::parse("member").expect("a code");
        Self {
            states: vec![MembershipState { code: member.clone(), home: true, full: true }],
            steps: Vec::new(),
            state_admitted: member,
            probation: None,
            lost_contact_months: None,
            removal_months: None,
            mobile_months: None,
        }
    }

    /// The state of that code.
    #[must_use]
    pub fn state(&self, code: &Code) -> Option<&MembershipState> {
        self.states.iter().find(|state| state.code == *code)
    }

    /// Whether that step may be taken.
    #[must_use]
    pub fn allows(&self, from: &Code, to: &Code) -> bool {
        self.steps.iter().any(|step| step.from == *from && step.to == *to)
    }
}

/// Rules about transfers between branches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferRules {
    /// After so many months of work at a place a transfer is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty_months: Option<u32>,
    /// Whether a contract of employment makes it due at once.
    pub duty_by_contract: bool,
    /// How many days a letter is valid between branches under one superior.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_days_near: Option<u32>,
    /// How many days a letter is valid otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_days_far: Option<u32>,
    /// How often a letter may be issued anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reissues_max: Option<u32>,
    /// How many days before its last day a letter is due to be reminded of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminder_days: Vec<u32>,
    /// What becomes of a letter that was presented and not answered.
    pub on_silence: OnSilence,
    /// After how many days without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence_days: Option<u32>,
    /// Why a destination may return a letter, as codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub return_reasons: Vec<Code>,
}

/// What becomes of a letter that was presented and not answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSilence {
    /// It waits.
    #[default]
    Wait,
    /// The nearest common superior is called upon.
    Escalate,
    /// It counts as accepted.
    Accept,
}

/// Rules about the structure of branches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StructureRules {
    /// What else is said of the kinds of branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindTraits>,
    /// Whether a branch must be proposed and approved before it is formed.
    pub approval_needed: bool,
    /// Whether a reorganisation must be approved by a second person.
    pub plan_approval_needed: bool,
    /// From how many members on a branch should be a general branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general_branch_members_min: Option<u32>,
    /// From how many members on it should be a committee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committee_members_min: Option<u32>,
    /// From how many full members on a branch is due to elect a committee: one officer who serves
    /// for a term, a secretary, is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committee_full_members_min: Option<u32>,
    /// Without a recorded event of its own for so many months a branch is idle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_months: Option<u32>,
}

/// What is said of one kind of branch beside its part in holding members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindTraits {
    /// The kind's code.
    pub code: Code,
    /// Whether it collects dues.
    pub collects_dues: bool,
    /// How many months its officers serve; absent: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_months: Option<u32>,
    /// After how many months it is due to be dissolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_months_max: Option<u32>,
    /// Whether it is due to be dissolved when its hosts are gone.
    pub ends_with_host: bool,
}

/// Rules about terms of office.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermRules {
    /// By how many months an election may come early or late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift_months_max: Option<u32>,
    /// How many months ahead the end of a term is due to be reminded of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_months: Option<u32>,
    /// The roles that serve for a term, as codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Code>,
}

/// Rules about meetings: how many are held in a year at the least.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityRules {
    /// Meetings of all members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_meetings: Option<u32>,
    /// Meetings of the committee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committee_meetings: Option<u32>,
    /// Lectures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lectures: Option<u32>,
    /// Reviews of the members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<u32>,
}

/// Rules about training.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRules {
    /// Hours in a year for a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_hours: Option<u32>,
    /// Hours in a year for a secretary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secretary_hours: Option<u32>,
    /// Within how many months a new secretary is trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_secretary_months: Option<u32>,
}

/// One bracket of dues: what members owe of the whole base, month by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuesBracket {
    /// The highest base that falls in it, in minor units of money; absent: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_max: Option<u32>,
    /// What is owed, in thousandths of the base.
    pub per_mille: u32,
}

/// Rules that keep people from being recognised in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyRules {
    /// Numbers below it are not shown to those who may not see people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_min: Option<u32>,
}

/// Which source a value follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The value's key: `transfer.letter_days_far` …
    pub key: Code,
    /// The source, and how sure it is.
    pub note: Text,
}
