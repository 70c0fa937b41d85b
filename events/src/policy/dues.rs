//! What a member owes.

use super::RuleSet;

/// What is owed on one base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dues {
    /// What is owed, in minor units of money; a fraction of one is not asked for.
    pub owed: u64,
    /// The rate, in thousandths of the whole base.
    pub per_mille: u32,
    /// The highest base to which that rate applies; absent: without end.
    pub base_max: Option<u32>,
}

impl RuleSet {
    /// What is owed on a base, in minor units of money: the rate of the bracket in which the base
    /// falls, on the whole base. A bracket's highest base still falls in it. `None` where the rules
    /// ask no dues.
    #[must_use]
    pub fn dues_on(&self, base: u64) -> Option<Dues> {
        let within = |base_max: Option<u32>| base_max.is_none_or(|most| base <= u64::from(most));
        let bracket = self.dues.iter().find(|bracket| within(bracket.base_max))?;
        let owed = u128::from(base) * u128::from(bracket.per_mille) / 1_000;
        let owed = u64::try_from(owed).unwrap_or(u64::MAX);
        Some(Dues { owed, per_mille: bracket.per_mille, base_max: bracket.base_max })
    }
}
