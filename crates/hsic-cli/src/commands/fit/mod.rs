//! `hsic-cli fit`: from a table of one's own to a model file and an honest report.

mod args;
mod choose;
mod preview;
mod report;
mod settings;
mod split;
mod warnings;

use faer::Mat;
use hsic::{Model, Preprocessing, Training};
use hsic_data::table::Table;
use hsic_eval::StandardisedFold;
use hsic_eval::baselines::Baseline;
use hsic_kernels::all_threads;
use serde_json::json;

use super::quality::Quality;
use super::sink::check_writable;
use super::source::content;
use super::table::{infer_options, source_options};
use super::{interrupt, rows};
use crate::config::Config;
use crate::config::schema::Missing;
use crate::error::CliError;
use crate::log::Log;
use crate::output::print;
use crate::progress::FitProgress;
pub use args::FitArgs;
use choose::{Candidate, candidates, choose};
use preview::Preview;
use report::{Origin, Report, dataset_json, understood};
use split::Split;

/// Fits a model, measures it and writes it.
///
/// # Errors
/// [`CliError::Usage`] for arguments, a configuration or a table that are not right, [`CliError::Failed`] for a fit or a
/// file that fails.
pub fn run(args: &FitArgs) -> Result<(), CliError> {
    let (config, given) = settings::config(args)?;
    let candidates = candidates(args, &config, &given)?;
    let source = source_options(&config.dataset);
    let content = content(&args.data, args.labels.as_deref())?;
    let infer = infer_options(&config.dataset, &content.open(&source)?)?;
    let table = Table::read(&content, &source, &infer)?;
    let mut split = Split::new(args, &config, &table, &content, &source)?;
    let mut warnings = warnings::warnings(&table, split.train.as_ref());
    warnings.append(&mut split.warnings);
    if args.work.dry_run {
        let preview =
            Preview { args, config: &config, table: &table, split: &split, candidates: &candidates };
        warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
        return match (args.json, args.work.quiet) {
            (true, _) => print(&format!("{:#}\n", preview.to_json()?)),
            (false, true) => Ok(()),
            (false, false) => print(&format!("{}{}", understood(&table), preview.to_text()?)),
        };
    }
    // before the work: a model that cannot be written must not cost a night
    check_writable(&args.model)?;
    let started = json!({
        "seed": config.seed,
        "config": serde_json::to_value(&config).map_err(|error| CliError::failed(&error))?,
        "model": args.model.display().to_string(),
        "dataset": dataset_json(&table),
        "train_rows": split.train.nrows(),
        "test_rows": split.test.as_ref().map_or(0, |(rows, _)| rows.nrows()),
    });
    let log = Log::start(args.work.log.as_deref(), "fit", started)?;
    if !args.work.quiet && !args.json {
        print(&understood(&table))?;
    }
    warnings.iter().for_each(|warning| log.warn(warning));
    let outcome = carry_out(args, &config, &table, &split, candidates, &log);
    log.end(&outcome);
    outcome
}

fn carry_out(
    args: &FitArgs,
    config: &Config,
    table: &Table,
    split: &Split,
    candidates: Vec<Candidate>,
    log: &Log,
) -> Result<(), CliError> {
    let talks = !args.work.quiet && !args.json;
    let progress = FitProgress::new(!talks, log);
    interrupt::exit_with("interrupted: no model is written".into(), progress.handle(), log)?;
    let fill = config.dataset.missing == Some(Missing::Mean);
    let preprocessing =
        Preprocessing::fit(table.schema.clone(), split.train.as_ref(), fill).map_err(rows::of_model)?;
    let standardised = |rows: &Mat<f64>| preprocessing.transform(rows.as_ref()).map_err(rows::of_model);
    let train = standardised(&split.train)?;
    let (test, test_labels) = match &split.test {
        Some((rows, labels)) => (standardised(rows)?, labels.clone()),
        // nothing is held out; what is measured on them is not reported
        None => (train.clone(), split.train_labels.clone()),
    };
    let rows = StandardisedFold { train, train_labels: split.train_labels.clone(), test, test_labels };
    let failed = |error: hsic_eval::Error| match error {
        hsic_eval::Error::Data(error) => CliError::from(error),
        hsic_eval::Error::Fold { source, .. } => CliError::failed(&source),
        error => CliError::failed(&error),
    };
    let choice = choose(candidates, &rows, &progress).map_err(failed)?;
    let params = choice.params;
    let (network, mut record) = rows.evaluate_network(&params, all_threads(), &progress).map_err(failed)?;
    progress.finish();
    record.selection = choice.selection;
    let origin = Origin { given: choice.given, searched: choice.searched };
    let neighbours = rows.evaluate_baseline(&Baseline::knn(), params.seed).map_err(failed)?;

    let classes = table.schema.classes().len();
    let mut quality = Quality::new(classes);
    if split.test.is_some() {
        let log_proba = network.predict_log_proba(rows.test.as_ref(), all_threads());
        quality.add(log_proba.map_err(|error| CliError::failed(&error))?.as_ref(), &rows.test_labels);
    }
    let mut training = Training::new(table, rows.train.nrows(), &params);
    let report = Report::new(table, &rows, record, neighbours, quality, &training, origin)?;
    training.evaluation = report.evaluation();
    let model = Model::new(preprocessing, network, training).map_err(rows::of_model)?;
    log.event("fit_finished", report.to_log());
    model.save(&*args.model).map_err(|error| CliError::failed(&error))?;
    log.event("written", json!({ "file": args.model.display().to_string() }));
    if args.json {
        return print(&format!("{:#}\n", report.to_json(&args.model)));
    }
    if talks {
        print(&report.to_text(&args.model))?;
    }
    Ok(())
}
