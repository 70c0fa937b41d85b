//! What several tests need.

pub mod commands;
pub mod dice;
pub mod facts;
pub mod hosts;
pub mod memberships;
pub mod nature;
pub mod turns;
