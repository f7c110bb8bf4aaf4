//! `hsic-cli`: experiments with layer-wise HSIC networks from the command line.
//!
//! Arguments and files are turned into checked values in [`config`], a module of [`commands`] puts together what its command
//! does of what the libraries compute and write. Exit code 0: done; 1: failed; 2: arguments,
//! configuration or data are not right; 130: interrupted.

mod cli;
mod commands;
mod config;
mod error;
mod input;
mod log;
mod output;
mod places;
mod progress;
mod words;

use std::process::ExitCode;

use clap::FromArgMatches;

use cli::{Cli, Command};
use error::CliError;
use places::Places;

fn main() -> ExitCode {
    words::set();
    let mut definition = cli::definition();
    let matches =
        definition.try_get_matches_from_mut(std::env::args_os()).unwrap_or_else(|error| error.exit());
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => match execute(cli, Places::of(&definition, &matches)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                error.exit_code()
            }
        },
        Err(error) => error.format(&mut definition).exit(),
    }
}

/// What was typed, and the files it names.
fn execute(cli: Cli, places: Places) -> Result<(), CliError> {
    places.check()?;
    cli.threads.map_or(Ok(()), commands::set_threads)?;
    carry_out(cli.command, places)
}

fn carry_out(command: Command, places: Places) -> Result<(), CliError> {
    match command {
        Command::Run(args) => commands::run::run(&args, places),
        Command::Reproduce(args) => commands::reproduce::run(&args, places),
        Command::Fit(args) => commands::fit::run(&args),
        Command::Predict(args) => commands::predict::run(&args),
        Command::Transform(args) => commands::transform::run(&args),
        Command::Evaluate(args) => commands::evaluate::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Hsic(args) => commands::hsic::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Validate(args) => commands::validate::run(&args),
        Command::Completions(args) => commands::completions::run(&args, cli::definition()),
        Command::Data(command) => commands::data::run(&command),
    }
}
