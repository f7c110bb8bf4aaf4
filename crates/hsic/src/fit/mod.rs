//! A fit from a table to a model, with a search for hyperparameters, rows held out, and a report that says whether anything was
//! learnt.

mod blocks;
mod candidate;
mod choose;
mod data;
mod preview;
mod report;
mod rows;
mod table;

use std::time::Duration;

use faer::{Mat, Par};
use hsic_data::table::Table;
use hsic_eval::baselines::Baseline;
use hsic_eval::records::FoldRecord;
use hsic_eval::{Progress, StandardisedFold, fit_record};
use hsic_kernels::bandwidth::Subsample;
use hsic_kernels::{Labels, all_threads};
use hsic_net::{LayerSummary, Network};
use hsic_rows::{Block, RowBlocks, RowNumbers, RowSample, reduce_blocks, reduce_rows};

pub use blocks::FitBlocks;
pub use candidate::Candidate;
pub use choose::{Choice, choose};
pub use data::{FitData, TestPart};
pub use preview::{Preview, PreviewedNetwork};
pub use report::Report;
pub use rows::FitRows;
pub use table::TableSummary;

use crate::independence::{Independence, Options, PValue, against_classes};
use crate::{Error, Model, Preprocessing, Quality, Result, Training};

/// Rows of the independence test: as many as a strong dependence needs.
const TEST_ROWS: usize = 500;
/// Rows of the sample of a table in blocks: as many as hold so many numbers, within these bounds.
const SAMPLE_NUMBERS: usize = 1 << 22;
const FEWEST_SAMPLE_ROWS: usize = 2000;
const MOST_SAMPLE_ROWS: usize = 10_000;
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
    /// How long networks are tried for the choice; the fit of the chosen one comes on top. `None`: no clock is looked at, and the same
    /// rows give the same choice.
    pub budget: Option<Duration>,
    /// Threads; no result depends on them.
    pub par: Par,
}

impl Default for FitOptions {
    /// The input without a layer, and both networks where they are clearly better.
    fn default() -> Self {
        Self { networks: Candidate::defaults(), seed: 0, fill: None, budget: None, par: all_threads() }
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
    let (x, labels, budget) = (fold.train.as_ref(), &fold.train_labels, options.budget);
    let choice = choose(&options.networks, x, labels, seed, budget, par, progress)?;
    let (network, mut record) = fold.evaluate_network(&choice.params, par, progress)?;
    record.selection = choice.selection;
    let counts = fold.train_labels.counts();
    let mut quality = Quality::new(table.schema.classes(), commonest(counts));
    if rows.test.is_some() {
        quality.add(network.predict_log_proba(fold.test.as_ref(), par)?.as_ref(), &fold.test_labels);
    }
    let training = Training::new(table, fold.train.nrows(), &choice.params);
    let model = Model::new(preprocessing, network, training)?;
    let measured = Measured { dataset: TableSummary::of(table), record, quality, counts, sample: None };
    told(model, &fold, measured, &options.networks[choice.candidate], par)
}

/// [`fit`] of a table larger than memory, with networks that are fitted in blocks: nothing grows with the number of rows.
///
/// A uniform sample of the rows is held. The network is chosen on it as [`fit`] chooses on all rows, and k-NN and the test of
/// independence are of it. The network is fitted on all training rows; its accuracies, H* and how good it is are of all rows. What
/// else is measured of a layer is of the rows that went along with the fit, as [`fit_record`] says.
///
/// # Errors
/// As [`fit`]; [`Error::RowAt`] with the place of a test row the model cannot take, [`Error::Eval`] for a network that is not fitted
/// in blocks.
///
/// # Cost
/// That of [`choose`], of [`Network::fit_rows`], and five passes.
pub fn fit_in_blocks(rows: &FitBlocks, options: &FitOptions, progress: &dyn Progress) -> Result<Fitted> {
    let (par, seed, table) = (options.par, options.seed, rows.table());
    if !options.networks.iter().all(Candidate::in_blocks) {
        return Err(hsic_eval::Error::InMemory.into());
    }
    let fill = options.fill.unwrap_or(table.missing().cells > 0);
    let preprocessing = Preprocessing::of_moments(table.schema().clone(), rows.moments(), fill)?;
    let (train, test) = (rows.train(), rows.test());
    let x = preprocessing.rows(train.rows())?;
    let x_test = test.as_ref().map(|test| preprocessing.rows(test.rows())).transpose()?;
    let (train_sample, train_labels) = sample(&x, seed, par)?;
    let (test_sample, test_labels) = match &x_test {
        Some(test) => sample(test, seed, par)?,
        None => (train_sample.clone(), train_labels.clone()),
    };
    let fold = StandardisedFold { train: train_sample, train_labels, test: test_sample, test_labels };
    let (of_sample, labels, budget) = (fold.train.as_ref(), &fold.train_labels, options.budget);
    let choice = choose(&options.networks, of_sample, labels, seed, budget, par, progress)?;
    let mut observer = |summary: &LayerSummary| progress.layer(0, summary);
    let fit = Network::fit_rows(&choice.params, &x, par, &mut observer)?;
    let training = Training::in_blocks(table, rows.counts().0, &choice.params);
    let model = Model::new(preprocessing.clone(), fit.network.clone(), training)?;
    let mut quality = Quality::new(table.schema().classes(), commonest(rows.train_counts()));
    if let Some(test) = &test {
        measure(&model, test.rows(), &mut quality, par)?;
    }
    let mut record = fit_record(&fit, &x, x_test.as_ref().map(|test| test as &dyn RowBlocks), 0, par)?;
    record.selection = choice.selection;
    let measured = Measured {
        dataset: TableSummary::of_rows(table),
        record,
        quality,
        counts: rows.train_counts(),
        sample: Some(fold.train.nrows()),
    };
    told(model, &fold, measured, &options.networks[choice.candidate], par)
}

/// What was measured of a network.
struct Measured<'a> {
    dataset: TableSummary,
    record: FoldRecord,
    quality: Quality,
    /// Training rows of every class.
    counts: &'a [usize],
    /// Training rows of the sample, where not all are in memory.
    sample: Option<usize>,
}

/// The end of a fit: what is measured on rows in memory, all of them or a sample, and the report.
fn told(
    mut model: Model,
    fold: &StandardisedFold,
    measured: Measured<'_>,
    candidate: &Candidate,
    par: Par,
) -> Result<Fitted> {
    let seed = model.training.seed;
    let neighbours = fold.evaluate_baseline(&Baseline::knn(), seed)?;
    let p_value = independence(fold, seed, par)?;
    let report = Report::new(measured, neighbours, p_value, &model.training, candidate);
    model.training.evaluation = report.evaluation();
    Ok(Fitted { model, report })
}

/// The class of most rows, the first of equals.
fn commonest(counts: &[usize]) -> usize {
    (0..counts.len()).fold(0, |best, a| if counts[a] > counts[best] { a } else { best })
}

/// Rows of the sample of rows of this many columns.
pub(crate) fn sample_rows(width: usize) -> usize {
    (SAMPLE_NUMBERS / width.max(1)).clamp(FEWEST_SAMPLE_ROWS, MOST_SAMPLE_ROWS)
}

/// A uniform sample of rows in blocks.
fn sample(rows: &dyn RowBlocks, seed: u64, par: Par) -> Result<(Mat<f64>, Labels)> {
    let mut sample = RowSample::new(sample_rows(rows.width()), seed, rows);
    let empty = sample.clone();
    let of_block = |number, block: Block| -> hsic_rows::Result<RowSample> {
        Ok(empty.of_rows(RowNumbers::of_block(number), &block))
    };
    reduce_rows(rows, par, of_block, |part| sample.merge(part))?;
    Ok(sample.finish()?)
}

/// Adds what the model makes of all rows of a source.
fn measure(model: &Model, rows: &dyn RowBlocks, quality: &mut Quality, par: Par) -> Result<()> {
    let empty = quality.clone();
    let of_block = |number, Block { rows: x, codes }: Block| -> Result<Quality> {
        let log_proba = model.predict_log_proba(x.as_ref(), Par::Seq).map_err(|error| match error {
            Error::Row(row) => match rows.place(number, row.row) {
                Some(place) => Error::RowAt { place, row },
                None => Error::Row(row),
            },
            error => error,
        })?;
        let mut part = empty.clone();
        part.add(log_proba.as_ref(), &Labels::with_classes(codes, rows.n_classes())?);
        Ok(part)
    };
    reduce_blocks(rows, par, of_block, |part| quality.merge(&part))
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
