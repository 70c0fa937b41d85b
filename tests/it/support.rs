//! What several tests need.

pub mod commands;
pub mod dice;
pub mod nature;
pub mod turns;
