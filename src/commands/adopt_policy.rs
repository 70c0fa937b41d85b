//! Adopt a rule set.

use events::policy::{Contradiction, RuleSet};
use events::{Date, Guard, LedgerId, PolicyEvent, StreamId};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Adopt a rule set. It governs decisions about facts from its day on; what was decided under
/// earlier rules stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptPolicy {
    /// The rules.
    #[serde(alias = "preset")]
    pub rules: RuleSet,
    /// The first day on which they are in force.
    pub effective: Date,
}

refusals! {
    /// Why the adoption of a rule set is refused.
    AdoptPolicyRefusal {
        /// The default kind of branch is not among the kinds.
        DefaultKindUnknown("default_kind_unknown") { kind: String },
        /// Two of its values contradict each other, or one cannot be meant.
        RulesContradict("rules_contradict") { key: String, problem: &'static str },
        /// Other rules are in force from that day or a later one.
        LaterPolicy("later_policy") { rules: String, from: Date },
    }
}

impl Decide for AdoptPolicy {
    const NAME: &'static str = "adopt-policy";
    const FIELDS: &'static [Field] = &[required("preset", FieldKind::Preset), EFFECTIVE];
    type Refusal = AdoptPolicyRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// The policy itself, at which every decision looks.
    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![]
    }

    fn decide(
        &self,
        known: &Known,
        setting: &mut Setting<'_>,
    ) -> Result<Decided, AdoptPolicyRefusal> {
        let (effective, rules) = (self.effective, self.rules.clone());
        if rules.branch_kind(&rules.branch.kind_default).is_none() {
            let kind = rules.branch.kind_default.to_string();
            return Err(AdoptPolicyRefusal::DefaultKindUnknown { kind });
        }
        if let Some(found) = rules.contradiction() {
            let Contradiction { key, problem } = found;
            return Err(AdoptPolicyRefusal::RulesContradict { key, problem });
        }
        let policies = known.policies();
        if policies.is_some_and(|policies| policies.adopted(effective) == Some(&rules)) {
            return Ok(Decided::already_so());
        }
        if let Some((from, latest)) = policies.and_then(|policies| policies.latest())
            && from >= effective
        {
            let rules = latest.name.to_string();
            return Err(AdoptPolicyRefusal::LaterPolicy { rules, from });
        }
        let mut decided = Decided::default();
        let adopted = PolicyEvent::Adopted { effective, precision: None, rules: Box::new(rules) };
        decided.push(policy_stream(setting.ledger), adopted);
        Ok(decided)
    }
}

fn policy_stream(ledger: LedgerId) -> StreamId {
    StreamId::policy(ledger)
}

#[cfg(test)]
mod tests {
    use events::Code;

    use super::*;
    use crate::given::*;
    use crate::policy::preset;

    fn adopt(name: &str) -> AdoptPolicy {
        AdoptPolicy { rules: preset(name).unwrap(), effective: day(10) }
    }

    #[test]
    fn rules_follow_each_other() {
        given([]).when(adopt("union")).then([adopted("union", 10)]);
        given([adopted("union", 10)]).when(adopt("union")).then([]);
    }

    #[test]
    fn rules_for_days_that_others_govern_already_are_refused() {
        given([adopted("association", 20)]).when(adopt("union")).then_refused(
            AdoptPolicyRefusal::LaterPolicy { rules: "association".into(), from: day(20) },
        );
    }

    #[test]
    fn rules_that_were_adopted_for_that_day_are_so_already() {
        given([adopted("union", 10), adopted("party", 20)]).when(adopt("union")).then([]);
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        let mut command = adopt("party");
        command.rules.transfer.letter_days_far = Some(0);
        given([]).when(command).then_refused(AdoptPolicyRefusal::RulesContradict {
            key: "transfer.letter_days_near".into(),
            problem: "min_over_max",
        });
    }

    #[test]
    fn a_default_kind_that_is_no_kind_is_refused() {
        let mut command = adopt("party");
        command.rules.branch.kind_default = Code::parse("club").unwrap();
        given([])
            .when(command)
            .then_refused(AdoptPolicyRefusal::DefaultKindUnknown { kind: "club".into() });
    }
}
