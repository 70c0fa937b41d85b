//! What several tests need.

pub mod commands;
pub mod corrections;
pub mod dice;
pub mod facts;
pub mod hosts;
pub mod memberships;
pub mod nature;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod reorganisations;
pub mod transfers;
pub mod turns;
