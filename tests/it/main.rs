//! One binary for all tests that go through the public door.

#![allow(unreachable_pub, reason = "one binary: what is shared is shared within it")]

mod catalogue;
mod cli;
mod histories;
mod oracle;
mod real_data;
mod support;
mod vault;
