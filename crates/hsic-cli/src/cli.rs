//! The command line: what can be typed.

use clap::builder::{PossibleValuesParser, RangedU64ValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::commands::completions::CompletionsArgs;
use crate::commands::evaluate::EvaluateArgs;
use crate::commands::fetch::FetchArgs;
use crate::commands::fit::FitArgs;
use crate::commands::hsic::HsicArgs;
use crate::commands::inspect::InspectArgs;
use crate::commands::predict::PredictArgs;
use crate::commands::reproduce::NAMES;
use crate::commands::table::TableArgs;
use crate::commands::transform::TransformArgs;
use crate::commands::validate::ValidateArgs;
use crate::config::{ConfigError, Method, Override};
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

/// The arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Experiment file (TOML); configs/own-data.toml shows every key
    pub config: argument::Config,
    /// Set a value of the file, e.g. --set spectral.sigma=0.5; may be repeated, the last one wins
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder of the results [default: results/NAME]
    #[arg(long, value_name = "DIR")]
    pub out: Option<argument::RunFolder>,
    /// Number of folds, instead of the file's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub folds: Option<i64>,
    /// Seed, instead of the file's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub seed: Option<i64>,
    #[command(flatten)]
    pub table: TableArgs,
    /// Keep the folds that an earlier run of the same settings has finished
    #[arg(long)]
    pub resume: bool,
    /// Run the folds one after another, each fit on one thread, for times that nothing disturbs
    #[arg(long)]
    pub timing: bool,
    /// Refuse the experiment if it would take more memory than this, e.g. 4GB; the message says what would fit
    #[arg(long, value_name = "SIZE", value_parser = crate::commands::memory::parse_bytes)]
    pub max_memory: Option<u64>,
    #[command(flatten)]
    pub work: WorkArgs,
    /// Print one JSON object, results.json, instead of tables
    #[arg(long)]
    pub json: bool,
}

impl RunArgs {
    /// All that is laid over the file: every `--set` in order, then the options of their own.
    ///
    /// # Errors
    /// [`ConfigError::Flag`] for a malformed `--set`.
    pub fn overrides(&self) -> Result<Vec<Override>, ConfigError> {
        let mut overrides = self.set.iter().map(|set| Override::parse(set)).collect::<Result<Vec<_>, _>>()?;
        overrides.extend(self.folds.map(|folds| Override::option("--folds", &["folds"], folds)));
        overrides.extend(self.seed.map(|seed| Override::option("--seed", &["seed"], seed)));
        overrides.extend(self.table.overrides());
        Ok(overrides)
    }
}

/// The arguments of `reproduce`.
#[derive(Debug, Args)]
pub struct ReproduceArgs {
    /// Data sets, parted by commas [default: all eight of the table]
    #[arg(long, value_name = "SET,…", value_delimiter = ',', value_parser = PossibleValuesParser::new(NAMES))]
    pub datasets: Vec<String>,
    /// Methods, parted by commas [default: all that this program can fit]
    #[arg(long, value_name = "METHOD,…", value_delimiter = ',', value_enum)]
    pub methods: Vec<Method>,
    /// Number of folds
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = RangedU64ValueParser::<usize>::new().range(2..=1_000_000))]
    pub folds: usize,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: u64,
    /// Set a value of every set's experiment file, e.g. --set mlp.width=100; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder of the results [default: results/reproduce]
    #[arg(long, value_name = "DIR")]
    pub out: Option<argument::ReproductionFolder>,
    /// Start over; without it, folds that an earlier run of the same settings has finished are kept
    #[arg(long)]
    pub fresh: bool,
    /// Train each perceptron for at most 1000 steps instead of 8000
    #[arg(long)]
    pub fast: bool,
    /// Run the folds one after another, each fit on one thread, for times that nothing disturbs
    #[arg(long)]
    pub timing: bool,
    #[command(flatten)]
    pub work: WorkArgs,
    /// Print one JSON object, table1.json, instead of tables
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Registered data sets, or experiment files whose data are meant
    #[arg(value_name = "SET", default_values_t = ["spiral", "random", "adversarial", "wine"].map(String::from))]
    pub sets: Vec<String>,
    /// Seed of the generators and the networks
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Show the numbers without a verdict too, layer by layer
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object with every number
    #[arg(long, conflicts_with = "all")]
    pub json: bool,
}

/// The commands about data sets.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List the registered data sets
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show all that is known of a data set: source, licence, citation, files, columns, classes
    Describe {
        /// Name of the set
        name: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Download a data set from its source, convert and check it, and put it into the data folder
    Fetch(FetchArgs),
    /// Write a generated data set as CSV
    Generate {
        /// Name of the set
        name: String,
        /// Seed of the generator
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,
        /// File to write; - is standard output [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<argument::Rows>,
        /// Print one JSON object with the sizes and the sum of the file, which is CSV all the same; needs --out
        #[arg(long, requires = "out")]
        json: bool,
    },
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
