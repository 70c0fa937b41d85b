//! What several tests need.

pub mod commands;
pub mod corrections;
pub mod dice;
pub mod facts;
pub mod fronted;
pub mod hosts;
pub mod memberships;
pub mod nature;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod reorganisations;
pub mod transfers;
pub mod turns;

/// How often something is done that is done seldom in the everyday run: as often as the variable of
/// that name says, or so often.
pub fn times(name: &str, everyday: u64) -> u64 {
    std::env::var(name).map_or(everyday, |text| text.parse().expect("a whole number"))
}
