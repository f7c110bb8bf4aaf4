//! The command line: what can be typed.

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::completions::CompletionsArgs;
use crate::commands::data::DataCommand;
use crate::commands::evaluate::EvaluateArgs;
use crate::commands::fit::FitArgs;
use crate::commands::hsic::HsicArgs;
use crate::commands::inspect::InspectArgs;
use crate::commands::predict::PredictArgs;
use crate::commands::reproduce::ReproduceArgs;
use crate::commands::run::RunArgs;
use crate::commands::transform::TransformArgs;
use crate::commands::validate::ValidateArgs;
use crate::commands::verify::VerifyArgs;
use crate::places::argument;

/// Layer-wise HSIC networks, trained without backpropagation.
#[derive(Debug, Parser)]
#[command(name = "hsic-cli", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Threads [default: one a core]; no result depends on it, times aside
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), global = true)]
    pub threads: Option<u16>,
}

/// What can be typed; a shell completes paths by what is done with them.
pub fn definition() -> clap::Command {
    fn hinted(command: clap::Command) -> clap::Command {
        let of = |argument: clap::Arg| match argument::Role::of(&argument) {
            Some(role) => argument.value_hint(role.hint()),
            None => argument,
        };
        command.mut_args(of).mut_subcommands(hinted)
    }
    hinted(Cli::command())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Cross-validate the methods of an experiment file and write results, tables and pictures
    Run(RunArgs),
    /// Measure the published table: every data set and method, beside the published numbers
    Reproduce(ReproduceArgs),
    /// Check the paper's seven claims on data sets; exit code 1 if one fails
    Verify(VerifyArgs),
    /// Fit a model to a table of your own, measure it on held-out rows and write it to a file
    Fit(Box<FitArgs>),
    /// Predict the class of every row of a table
    Predict(PredictArgs),
    /// Write the rows of a table as they leave a layer of a model
    Transform(TransformArgs),
    /// Compare a model's predictions with the classes of a table
    Evaluate(EvaluateArgs),
    /// Show what a model file holds
    Inspect(InspectArgs),
    /// Measure how much columns depend on each other, and test whether by more than chance
    Hsic(HsicArgs),
    /// Check experiment files without running them; exit code 2 if one is not right
    Validate(ValidateArgs),
    /// Write a script for a shell to complete commands and options by
    Completions(CompletionsArgs),
    /// List, describe, fetch or generate the registered data sets
    #[command(subcommand)]
    Data(DataCommand),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn every_command_but_completions_prints_json() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let has_json = command.get_arguments().any(|argument| argument.get_id() == "json");
            let group = command.has_subcommands();
            assert_eq!(has_json, !group && !path.ends_with("completions"), "{path}");
            command.get_subcommands().for_each(|command| check(command, &path));
        }
        check(&definition(), "");
    }

    #[test]
    fn options_of_their_own_come_after_every_set() -> Result<(), Box<dyn std::error::Error>> {
        let cli = Cli::try_parse_from([
            "hsic-cli", "run", "x.toml", "--folds", "3", "--set", "folds=5", "--seed", "9",
        ])?;
        let Command::Run(args) = cli.command else { return Err("not run".into()) };
        let flags: Vec<String> = args.overrides()?.iter().map(|set| set.flag().to_owned()).collect();
        assert_eq!(flags, ["--set folds=5", "--folds 3", "--seed 9"]);
        Ok(())
    }
}
