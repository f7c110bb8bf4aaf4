//! A fit from a table to a model, with a search for hyperparameters, rows held out, and a report that says whether anything was
//! learnt.

mod candidate;
mod choose;
mod report;
mod rows;
mod table;

use faer::Par;
use hsic_data::table::Table;
use hsic_eval::baselines::Baseline;
use hsic_eval::{Progress, StandardisedFold};
use hsic_kernels::all_threads;
use hsic_kernels::bandwidth::Subsample;

pub use candidate::Candidate;
pub use choose::{Choice, choose};
pub use report::Report;
pub use rows::FitRows;
pub use table::{TableSummary, warnings};

use crate::independence::{Independence, Options, PValue, against_classes};
use crate::{Error, Model, Preprocessing, Quality, Result, Training};

/// Rows of the independence test: as many as a strong dependence needs.
const TEST_ROWS: usize = 500;
/// Permutations of the independence test.
const PERMUTATIONS: u32 = 199;

/// How a model is fitted.
#[derive(Debug, Clone)]
pub struct FitOptions {
    /// The networks to choose among, in one race.
    pub networks: Vec<Candidate>,
    /// Seed of the choice and of the network.
    pub seed: u64,
    /// Whether the model fills missing cells with the column's training mean; `None`: if the table misses some.
    pub fill: Option<bool>,
    /// Threads; no result depends on them.
    pub par: Par,
}

impl Default for FitOptions {
    /// The input without a layer, and both networks where they are clearly better.
    fn default() -> Self {
        Self { networks: Candidate::defaults(), seed: 0, fill: None, par: all_threads() }
    }
}

/// A model and what is known of it.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The model.
    pub model: Model,
    /// What was chosen and measured.
    pub report: Report,
}

/// Chooses a network on the rows to train on, fits it on all of them, measures it on those to test on, beside k-NN and the
/// commonest class, and tests whether classes depend on the columns at all.
///
/// ```
/// use hsic::data::{registry, table::{Content, InferOptions, SourceOptions, Table}, write_csv};
/// use hsic::fit::{Candidate, FitOptions, FitRows, fit};
/// use hsic::net::settings::{ClosedFormSettings, Settings};
/// let mut csv = Vec::new();
/// write_csv(&registry::load("wine", 0, None)?, &mut csv)?;
/// let table = Table::read(&Content::from_bytes(csv, "wine.csv")?, &SourceOptions::default(), &InferOptions::default())?;
/// let rows = FitRows::held_out(&table, 0.3, 0)?;
/// let network = Candidate::fixed(Settings::ClosedForm(ClosedFormSettings::default()), &[]).unwrap();
/// let report = fit(&table, &rows, &FitOptions { networks: vec![network], ..FitOptions::default() }, &())?.report;
/// assert!(report.quality.accuracy() > Some(0.9));
/// assert!(report.to_string().contains("Was there anything to learn? Yes"));
/// # Ok::<(), hsic::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] where no column varies, [`Error::Row`] with the first row that cannot be standardised, [`Error::Network`] where
/// a fit fails, [`Error::Eval`] where there is no network to choose.
///
/// # Cost
/// That of [`choose`], a fit, and a test on at most 500 rows.
pub fn fit(table: &Table, rows: &FitRows, options: &FitOptions, progress: &dyn Progress) -> Result<Fitted> {
    let (par, seed) = (options.par, options.seed);
    let fill = options.fill.unwrap_or(table.missing.cells > 0);
    let preprocessing = Preprocessing::fit(table.schema.clone(), rows.train.as_ref(), fill)?;
    let train = preprocessing.transform(rows.train.as_ref())?;
    let (test, test_labels) = match &rows.test {
        Some((rows, labels)) => (preprocessing.transform(rows.as_ref())?, labels.clone()),
        // nothing is held out; what is measured on them is not reported
        None => (train.clone(), rows.train_labels.clone()),
    };
    let fold = StandardisedFold { train, train_labels: rows.train_labels.clone(), test, test_labels };
    let choice = choose(&options.networks, fold.train.as_ref(), &fold.train_labels, seed, par, progress)?;
    let (network, mut record) = fold.evaluate_network(&choice.params, par, progress)?;
    record.selection = choice.selection;
    let neighbours = fold.evaluate_baseline(&Baseline::knn(), seed)?;
    let counts = fold.train_labels.counts();
    let majority = (0..counts.len()).fold(0, |best, a| if counts[a] > counts[best] { a } else { best });
    let mut quality = Quality::new(table.schema.classes(), majority);
    if rows.test.is_some() {
        quality.add(network.predict_log_proba(fold.test.as_ref(), par)?.as_ref(), &fold.test_labels);
    }
    let mut training = Training::new(table, fold.train.nrows(), &choice.params);
    let candidate = &options.networks[choice.candidate];
    let report = Report::new(table, &fold, record, neighbours, quality, &training, candidate, par)?;
    training.evaluation = report.evaluation();
    Ok(Fitted { model: Model::new(preprocessing, network, training)?, report })
}

/// p-value of the permutation test of training rows and their classes, at the median distance, on a stratified subsample.
fn independence(rows: &StandardisedFold, seed: u64, par: Par) -> Result<f64> {
    let picked = Subsample { rows: TEST_ROWS, seed }.stratified(&rows.train_labels);
    let x = faer::Mat::from_fn(picked.len(), rows.train.ncols(), |i, k| rows.train[(picked[i], k)]);
    let options = Options {
        p_value: Some(PValue::Permutation),
        permutations: PERMUTATIONS,
        seed,
        subsample_rows: TEST_ROWS,
        par,
        ..Options::default()
    };
    let labels = rows.train_labels.select(&picked)?;
    match against_classes(x.as_ref(), &labels, &options) {
        // rows that are all equal say nothing of their classes
        Err(Error::Kernel(hsic_kernels::Error::AllRowsEqual)) => Ok(1.0),
        outcome => outcome.map(|Independence { p_value, .. }| p_value),
    }
}
