//! request -> command -> decide -> events -> store -> projections -> query
//!
//! Read the rooms in that order: [`commands`], [`state`], [`store`], [`ledger`].

pub mod actor;
pub mod commands;
#[cfg(test)]
pub(crate) mod given;
pub mod import;
pub mod ledger;
pub mod policy;
pub mod runner;
pub mod state;
pub mod store;
pub mod vault;
