//! request -> command -> decide -> events -> store -> projections -> query
//!
//! Read the rooms in that order: [`commands`], [`state`], [`store`], [`ledger`].

pub mod actor;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
mod files;
#[cfg(test)]
pub(crate) mod given;
pub mod import;
pub mod ledger;
pub mod messages;
pub mod policy;
pub mod runner;
pub mod state;
pub mod store;
pub mod vault;
