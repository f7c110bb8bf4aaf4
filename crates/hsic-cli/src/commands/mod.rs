//! One module a command.

pub mod data;
mod dataset;
mod experiment;
mod network;
pub mod run;
