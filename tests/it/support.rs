//! What several tests need.

pub mod commands;
pub mod dice;
pub mod facts;
pub mod hosts;
pub mod nature;
pub mod transfers;
pub mod turns;
