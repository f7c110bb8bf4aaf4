//! One module a command.

pub mod data;
mod dataset;
mod experiment;
pub mod run;
