//! `hsic-cli`: experiments with layer-wise HSIC networks from the command line.
//!
//! The program is glue: arguments and files are turned into checked values in [`config`], the libraries compute, and
//! [`report`] writes what came out. Exit code 0: done; 1: failed; 2: arguments, configuration or data are not right.

mod cli;
mod commands;
mod config;
mod disk;
mod error;
mod log;
mod output;
mod progress;
mod report;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use error::CliError;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.threads.map_or(Ok(()), commands::set_threads).and_then(|()| carry_out(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}

fn carry_out(command: Command) -> Result<(), CliError> {
    match command {
        Command::Run(args) => commands::run::run(&args),
        Command::Reproduce(args) => commands::reproduce::run(&args),
        Command::Fit(args) => commands::fit::run(&args),
        Command::Predict(args) => commands::predict::run(&args),
        Command::Transform(args) => commands::transform::run(&args),
        Command::Evaluate(args) => commands::evaluate::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Hsic(args) => commands::hsic::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Validate(args) => commands::validate::run(&args),
        Command::Completions(args) => commands::completions::run(&args),
        Command::Data(command) => commands::data::run(&command),
    }
}
