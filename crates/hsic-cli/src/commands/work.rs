//! The options that all commands which train have.

use clap::Args;

use crate::places::argument;

/// Whether a command that trains does its work, and what it says meanwhile.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Print what would be done and the memory it would take; fit nothing and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Append what happens to this file as it does, a JSON object a line (docs/results.md)
    #[arg(long, value_name = "FILE")]
    pub log: Option<argument::Log>,
    /// Print nothing but warnings and errors
    #[arg(long)]
    pub quiet: bool,
}
