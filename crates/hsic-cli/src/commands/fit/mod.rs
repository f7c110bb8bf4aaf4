//! `hsic-cli fit`: from a table of one's own to a model file and an honest report.

mod args;
mod candidates;
mod preview;
mod rows;
mod settings;

use std::fmt;

use hsic::fit::{Candidate, FitData, FitOptions, Fitted, Preview, Report};
use serde::Serialize;
use serde_json::{Value, json};

use super::interrupt;
use super::rows::of_fit;
use super::sink::check_writable;
use crate::config::Config;
use crate::config::schema::Missing;
use crate::error::CliError;
use crate::log::Log;
use crate::output::{print, tell, value};
use crate::progress::{Progress, fold_fields};
pub use args::FitArgs;
use candidates::candidates;
use preview::DryRun;
use rows::Training;

/// A fit that can begin.
pub struct Ready<'a> {
    args: &'a FitArgs,
    config: &'a Config,
    rows: &'a FitData,
}

/// Fits a model, measures it and writes it.
///
/// # Errors
/// [`CliError::Usage`] for arguments, a configuration or a table that are not right, [`CliError::Failed`] for a fit or a
/// file that fails.
pub fn run(args: &FitArgs) -> Result<(), CliError> {
    let (config, given) = settings::config(args)?;
    let candidates = candidates(args, &config, &given)?;
    let training = Training::open(args, &config)?;
    let (rows, warnings) = training.read(args, &config, candidates.iter().any(Candidate::in_blocks))?;
    let ready = Ready { args, config: &config, rows: &rows };
    if args.work.dry_run {
        // another pass over a table larger than memory is not worth it
        let columns = if rows.is_in_file() { None } else { Some(training.columns()?) };
        let preview = DryRun {
            dry_run: true,
            version: env!("CARGO_PKG_VERSION"),
            model: args.model.display().to_string(),
            seed: config.seed,
            config: value(&config)?,
            preview: Preview::new(&rows, &candidates, columns),
            resolved: config.to_toml().map_err(|error| CliError::failed(&error))?,
        };
        warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
        let is_told = args.json || !args.work.quiet;
        return if is_told { tell("fit", args.json, &preview) } else { Ok(()) };
    }
    // before the work: a model that cannot be written must not cost a night
    check_writable(&args.model)?;
    let (train_rows, test_rows) = rows.counts();
    let started = json!({
        "seed": config.seed,
        "config": value(&config)?,
        "model": args.model.display().to_string(),
        "dataset": value(&rows.summary())?,
        "train_rows": train_rows,
        "test_rows": test_rows,
    });
    let log = Log::start(args.work.log.as_deref(), "fit", started)?;
    if !args.work.quiet && !args.json {
        print(&format!("{}\n", rows.summary()))?;
    }
    warnings.iter().for_each(|warning| log.warn(warning));
    let outcome = carry_out(&ready, candidates, &log);
    log.end(&outcome);
    outcome
}

fn carry_out(ready: &Ready<'_>, networks: Vec<Candidate>, log: &Log) -> Result<(), CliError> {
    let Ready { args, config, rows } = ready;
    let talks = !args.work.quiet && !args.json;
    let progress = Progress::of_fit(!talks, log);
    interrupt::exit_with("interrupted: no model is written".into(), progress.handle(), log)?;
    let options = FitOptions {
        networks,
        seed: config.solver_seed.unwrap_or(config.seed),
        fill: Some(config.dataset.missing == Some(Missing::Mean)),
        budget: args.budget,
        ..FitOptions::default()
    };
    let Fitted { model, report } = rows.fit(&options, &progress).map_err(of_fit)?;
    progress.finish();
    log.event("fit_finished", log_fields(&report));
    model.save(&*args.model).map_err(|error| CliError::failed(&error))?;
    log.event("written", json!({ "file": args.model.display().to_string() }));
    let saved = Saved { model: args.model.display().to_string(), report };
    if args.json || talks { tell("fit", args.json, &saved) } else { Ok(()) }
}

/// A model that was fitted, and its file.
#[derive(Serialize)]
struct Saved {
    model: String,
    #[serde(flatten)]
    report: Report,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\nthe model is in {}", self.report, self.model)
    }
}

/// The numbers of a report for the log.
fn log_fields(report: &Report) -> Value {
    let mut fields = fold_fields(&report.record);
    if let (Value::Object(all), Value::Object(of)) = (&mut fields, report.evaluation()) {
        all.shift_remove("fold");
        all.insert("method".into(), json!(report.training.method));
        all.insert("set".into(), json!(report.given));
        all.insert("searched".into(), json!(report.searched));
        all.extend(of);
        all.shift_remove("confusion");
    }
    fields
}
