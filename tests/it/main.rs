//! One binary for all tests that go through the public door.
#![allow(unreachable_pub, reason = "one binary: what is shared is shared within it")]
#![allow(clippy::unwrap_used, reason = "here a failed unwrap is a failed test")]
#![allow(clippy::print_stdout, reason = "figures, and what could not be run, are told")]

mod callers;
mod catalogue;
mod cli;
mod compatibility;
mod coverage;
mod crash;
mod founding;
mod framework;
mod growing_files;
mod histories;
mod oracle;
mod real_data;
mod rebuild;
mod scenarios;
mod store;
mod study;
mod support;
mod tampering;
mod tidy;
mod transfers;
mod two_axes;
mod vault;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
