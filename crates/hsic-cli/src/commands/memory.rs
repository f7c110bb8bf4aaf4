//! How much memory the methods of an experiment take: `--max-memory`, before any data are loaded, and `--dry-run`.

use hsic_data::registry;
use hsic_data::rows::{FileRows, TableRows};
use hsic_eval::memory::{Sizes, check};
use hsic_eval::{Schedule, folds_at_once};
use hsic_kernels::all_threads;
use hsic_kernels::rows::RowBlocks;

use super::dataset::table;
use super::draft::Draft;
use super::method::plan;
use crate::config::Config;
use crate::config::schema::Split;
use crate::error::CliError;
use crate::input::is_regular;

/// Whether the rows of an experiment are counted before they are loaded: not those of a pipe, which can be read once.
pub fn is_counted(config: &Config) -> bool {
    config.dataset.path.as_deref().is_none_or(is_regular)
}

/// Refuses an experiment of which a method would take more than `allowed` bytes. Baselines have no estimate.
///
/// # Errors
/// [`CliError::Usage`] with the estimate and a setting that fits, and for data that cannot be read.
pub fn check_experiment(config: &Config, allowed: u64, schedule: Schedule) -> Result<(), CliError> {
    check_sizes(config, &sizes(config, schedule)?, allowed)
}

/// The same of one whose data are loaded.
///
/// # Errors
/// [`CliError::Usage`] with the estimate and a setting that fits.
pub fn check_draft(draft: &Draft, allowed: u64, schedule: Schedule) -> Result<(), CliError> {
    check_sizes(&draft.config, &sizes_of(draft, schedule), allowed)
}

fn check_sizes(config: &Config, sizes: &Sizes, allowed: u64) -> Result<(), CliError> {
    for &method in &config.methods {
        check(&plan(config, method)?, sizes, allowed)
            .map_err(|excess| CliError::Usage(format!("--max-memory: {method}: {excess}")))?;
    }
    Ok(())
}

/// The sizes of an experiment whose data are loaded.
pub fn sizes_of(draft: &Draft, schedule: Schedule) -> Sizes {
    let (data, threads) = (&draft.results.dataset, rayon::current_num_threads());
    let folds = draft.data.fold_sizes();
    Sizes {
        n: data.n,
        n_train: folds.iter().map(|(train, _)| *train).max().unwrap_or(0),
        d: data.d,
        c: data.classes,
        folds_at_once: folds_at_once(data.n, folds.len(), schedule).min(threads),
        threads,
        in_file: draft.data.is_in_file(),
    }
}

/// The sizes of the data: a registered set's from the registry, a file's by counting its rows, of which none is kept.
fn sizes(config: &Config, schedule: Schedule) -> Result<Sizes, CliError> {
    let (n, d, c, n_test) = match &config.dataset.name {
        Some(name) => {
            let entry = registry::entry(name)?;
            (entry.n, entry.d, entry.classes.len(), entry.n_test)
        }
        None => {
            let (content, source, infer) = table(config)?;
            let rows = TableRows::open(&content, &source, &infer, all_threads())?;
            (rows.n(), rows.width(), rows.n_classes(), None)
        }
    };
    let threads = rayon::current_num_threads();
    let (n, n_train, folds) = match (config.dataset.split, n_test) {
        (Some(Split::Given), Some(n_test)) => (n + n_test, n, 1),
        _ => (n, n - n / config.folds.max(1), config.folds),
    };
    let folds_at_once = folds_at_once(n, folds, schedule).min(threads);
    Ok(Sizes { n, n_train, d, c, folds_at_once, threads, in_file: config.is_in_file() })
}
