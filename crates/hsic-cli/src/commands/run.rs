//! `hsic-cli run`: an experiment file in, a folder of results out.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use hsic_data::output::FileId;
use serde_json::{Value, json};

use super::dataset;
use super::draft::{Draft, Start};
use super::dry_run::{Preview, loaded};
use super::experiment::{Experiment, Outcome};
use super::table::TableArgs;
use super::work::WorkArgs;
use super::{interrupt, memory};
use crate::config::{Config, ConfigError, Override};
use crate::error::CliError;
use crate::log::Log;
use crate::output::{colour, print, print_json, tell, value};
use crate::places::Places;
use crate::places::argument::{self, Role};
use crate::progress::Progress;
use hsic_report::{FolderLock, summary, written};

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
    #[arg(long, value_name = "SIZE", value_parser = hsic_eval::memory::of_words)]
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

/// Runs the experiment of a file.
///
/// # Errors
/// [`CliError::Usage`] for a configuration or data that are not right, [`CliError::Failed`] for a fit or a file that
/// fails.
pub fn run(args: &RunArgs, mut places: Places) -> Result<(), CliError> {
    let config = Config::load(&args.config, &args.overrides()?)?;
    let out = args.out.as_deref().map_or_else(|| Path::new("results").join(&config.name), PathBuf::from);
    if args.out.is_none() {
        places.add("the folder", &out, Role::RunFolder);
    }
    dataset::files(&config.dataset).iter().for_each(|file| places.add("the data", file, Role::Input));
    places.check()?;
    let (schedule, counted) = (super::schedule(args.timing), memory::is_counted(&config));
    if let Some(allowed) = args.max_memory.filter(|_| counted) {
        memory::check_experiment(&config, allowed, schedule)?;
    }
    let start = if args.resume { Start::Resume("start over without --resume") } else { Start::Fresh };
    let lock = if args.work.dry_run { None } else { FolderLock::of_existing(&out)? };
    let draft = Draft::new(config, out, start)?;
    keep_configuration(&args.config, &draft)?;
    if let Some(allowed) = args.max_memory.filter(|_| !counted) {
        memory::check_draft(&draft, allowed, schedule)?;
    }
    if args.work.dry_run {
        return preview(args, &draft);
    }
    // before the log, which may be meant to stand in the folder of the results
    let experiment = Experiment::open(draft, lock)?;
    let log = Log::start(args.work.log.as_deref(), "run", started(experiment.draft())?)?;
    let outcome = carry_out(args, experiment, &log);
    log.end(&outcome);
    outcome
}

/// The configuration that an earlier run has left may be run again, as long as the same is written there.
fn keep_configuration(file: &Path, draft: &Draft) -> Result<(), CliError> {
    let written = draft.out.join(written::CONFIG);
    if !FileId::same(file, &written) || fs::read(file).is_ok_and(|text| text == draft.resolved.as_bytes()) {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "CONFIG {} would be replaced by another configuration: name another folder with --out",
        file.display()
    )))
}

fn started(draft: &Draft) -> Result<Value, CliError> {
    let config = value(&draft.config)?;
    Ok(json!({ "seed": draft.config.seed, "config": config, "out": draft.out.display().to_string() }))
}

fn carry_out(args: &RunArgs, experiment: Experiment, log: &Log) -> Result<(), CliError> {
    let draft = experiment.draft();
    let talks = !args.work.quiet && !args.json;
    if talks {
        print(&format!("{}\n\n", loaded(draft)))?;
    }
    let (total, done) = draft.counts();
    let progress = Progress::new(total, done, !talks, log);
    progress.warn(&draft.warnings());
    let dir = experiment.dir().to_owned();
    interrupt::exit_with(
        format!(
            "interrupted: finished folds are in {}; the same command goes on with --resume",
            dir.display()
        ),
        progress.handle(),
        log,
    )?;
    let Outcome { results, failures } = experiment.run(&progress, super::schedule(args.timing))?;
    progress.finish();

    if args.json {
        print_json(&value(&results)?)?;
    }
    if talks {
        print(&format!("{}\nresults are in {}\n", summary(&results, colour()), dir.display()))?;
    }
    super::failed("not every fit succeeded", &failures)
}

/// What `--dry-run` prints.
fn preview(args: &RunArgs, draft: &Draft) -> Result<(), CliError> {
    let preview = Preview { draft, schedule: super::schedule(args.timing) };
    if args.json {
        return tell("run", true, &preview);
    }
    draft.warnings().iter().for_each(|warning| eprintln!("warning: {warning}"));
    if args.work.quiet { Ok(()) } else { tell("run", false, &preview) }
}
