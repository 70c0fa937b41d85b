//! What several tests need.

pub mod commands;
pub mod dice;
pub mod facts;
pub mod hosts;
pub mod nature;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod turns;
