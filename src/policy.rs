//! The rule sets that Rollbook ships. Their types are in `events`, because a rule set is published
//! as an event; a body may adopt one of these or its own, out of a file.

pub mod file;

use events::policy::RuleSet;

/// The names of the presets, each with its text.
const PRESETS: &[(&str, &str)] = &[
    ("association", include_str!("policy/association.toml")),
    ("party", include_str!("policy/party.toml")),
    ("union", include_str!("policy/union.toml")),
];

/// The names of the presets.
pub fn presets() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The preset of that name, if there is one.
///
/// # Panics
/// Never: a test reads every preset.
#[must_use]
pub fn preset(name: &str) -> Option<RuleSet> {
    let (_, text) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
    Some(toml::from_str(text).expect("a shipped rule set is well-formed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_well_formed_and_has_its_default_kind() {
        for name in presets() {
            let rules = preset(name).unwrap();
            assert_eq!(rules.name.as_str(), name);
            assert!(rules.branch_kind(&rules.branch.kind_default).is_some(), "{name}");
        }
        assert_eq!(preset("club"), None);
    }
}
