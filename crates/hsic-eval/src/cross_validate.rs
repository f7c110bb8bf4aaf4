//! Cross-validation of a network, fold by fold, layer by layer.

use faer::{Mat, MatRef, Par};
use hsic_data::{Dataset, Fold, Scaler};
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, Labels};
use hsic_layer::FittedLayer;
use hsic_net::head::Output;
use hsic_net::{LayerSummary, Network, NetworkParams};
use rand::Rng;
use rayon::prelude::*;

use crate::metrics::{
    accuracy, balanced_accuracy, confusion, cosine_ratio, cross_entropy, scatter_trace_ratio,
    within_class_mse,
};
use crate::records::{FoldRecord, LayerRecord};
use crate::{Error, Result};

/// Stream component of the networks' seeds, one stream a fold.
const COMPONENT: u32 = 5;

/// Up to this many rows folds run side by side, each fit on one thread; above, they run one after another, each on all.
const SIDE_BY_SIDE_ROWS: usize = 5000;

/// What a caller sees of a running cross-validation, from any thread.
pub trait Progress: Sync {
    /// A layer of a fold was fitted.
    fn layer(&self, fold: usize, layer: &LayerSummary);
    /// A fold is finished.
    fn fold(&self, record: &FoldRecord);
    /// Whether [`rows`](Self::rows) is to be told of this fold; by default of none.
    fn wants_rows(&self, fold: usize) -> bool {
        let _ = fold;
        false
    }
    /// The training rows of a fold it wanted, layer by layer, before the fold is finished.
    fn rows(&self, rows: FoldRows) {
        let _ = rows;
    }
}

/// Nobody looks.
impl Progress for () {
    fn layer(&self, _: usize, _: &LayerSummary) {}
    fn fold(&self, _: &FoldRecord) {}
}

/// What pictures of a fold are drawn from: the training rows as they leave every layer.
#[derive(Debug, Clone)]
pub struct FoldRows {
    /// Number of the fold, from 0.
    pub fold: usize,
    /// Classes of the training rows, sorted.
    pub labels: Labels,
    /// One entry a layer, first to last.
    pub layers: Vec<LayerRows>,
}

/// The training rows of a fold as they leave one layer.
#[derive(Debug, Clone)]
pub struct LayerRows {
    /// Number of the layer, from 1.
    pub layer: usize,
    /// Bandwidth of the Gram matrix of Z that the metrics are taken on.
    pub metric_sigma: Bandwidth,
    /// Z, a row a training row in the order of the labels (n × q).
    pub z: Mat<f64>,
}

/// How folds share the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Schedule {
    /// Side by side where n is small, else one after another.
    #[default]
    Automatic,
    /// One after another, each fit on one thread: for times that nothing else disturbs.
    Timing,
}

/// Fits and evaluates a network on every fold. The records come in order of the folds, and their values do not depend on
/// the schedule or the number of threads, times aside.
///
/// # Errors
/// The first fold's error, as [`evaluate_fold`]; finished folds have been shown to `progress`.
pub fn cross_validate(
    dataset: &Dataset,
    params: &NetworkParams,
    folds: &[Fold],
    schedule: Schedule,
    progress: &dyn Progress,
) -> Result<Vec<FoldRecord>> {
    let run = |index: usize, par: Par| {
        let record = evaluate_fold(dataset, params, index, &folds[index], par, progress)?;
        progress.fold(&record);
        Ok(record)
    };
    if schedule == Schedule::Timing {
        (0..folds.len()).map(|index| run(index, Par::Seq)).collect()
    } else if dataset.n() <= SIDE_BY_SIDE_ROWS {
        // collected first: every fold that can finish does
        let records: Vec<_> =
            (0..folds.len()).into_par_iter().with_max_len(1).map(|i| run(i, Par::Seq)).collect();
        records.into_iter().collect()
    } else {
        (0..folds.len()).map(|index| run(index, Par::rayon(0))).collect()
    }
}

/// Fits a network on the training rows of one fold, standardised by themselves, and evaluates it layer by layer.
///
/// The network's seed is drawn from stream `fold` of `params.seed`.
///
/// # Errors
/// [`Error::Data`] where the rows cannot be standardised, [`Error::Fold`] where the fit fails.
pub fn evaluate_fold(
    dataset: &Dataset,
    params: &NetworkParams,
    index: usize,
    fold: &Fold,
    par: Par,
    progress: &dyn Progress,
) -> Result<FoldRecord> {
    let (train, train_labels) = dataset.select(&fold.train)?;
    let (test, test_labels) = dataset.select(&fold.test)?;
    let scaler = Scaler::fit(train.as_ref())?;
    let (train, test) = (scaler.transform(train.as_ref())?, scaler.transform(test.as_ref())?);
    let params = NetworkParams { seed: stream(params.seed, COMPONENT, index as u32).next_u64(), ..*params };
    let mut outputs: Vec<Mat<f64>> = Vec::new();
    let mut sorted_labels = None;
    let mut observer = |summary: &LayerSummary, z: MatRef<'_, f64>, labels: &Labels| {
        progress.layer(index, summary);
        outputs.push(z.to_owned());
        sorted_labels.get_or_insert_with(|| labels.clone());
    };
    let in_fold = |source| Error::Fold { fold: index, source };
    let network =
        Network::fit(&params, train.as_ref(), &train_labels, par, &mut observer).map_err(in_fold)?;
    let labels = sorted_labels.expect("a network has at least one layer");
    let test_outputs = network.transform_layers(test.as_ref(), par).map_err(in_fold)?;
    let mut trace = Vec::with_capacity(network.layers().len());
    let mut last_confusion = Vec::new();
    for (depth, summary) in network.summaries().iter().enumerate() {
        let rows = Rows {
            z: outputs[depth].as_ref(),
            labels: &labels,
            test_z: test_outputs[depth].as_ref(),
            test_labels: &test_labels,
        };
        let (record, confusion) = layer_record(&network, &params, depth, summary, &rows, par)?;
        trace.push(record);
        last_confusion = confusion;
    }
    if progress.wants_rows(index) {
        let layer = |(summary, z): (&LayerSummary, _)| LayerRows {
            layer: summary.layer,
            metric_sigma: summary.metric_sigma,
            z,
        };
        let layers = network.summaries().iter().zip(outputs).map(layer).collect();
        progress.rows(FoldRows { fold: index, labels, layers });
    }
    let last = trace.last().expect("a network has at least one layer");
    let sigma = network.layers().iter().map(|layer| layer.sigma().get()).fold(f64::INFINITY, f64::min);
    Ok(FoldRecord {
        fold: index,
        layers: trace.len(),
        sigma: Some(sigma),
        train_accuracy: last.train_accuracy,
        test_accuracy: last.test_accuracy,
        balanced_test_accuracy: balanced_accuracy(&last_confusion).unwrap_or(0.0),
        seconds: network.elapsed().as_secs_f64(),
        hsic_normalized: last.hsic_normalized,
        mse: last.mse,
        ce: last.ce,
        cosine_ratio: last.cosine_ratio,
        scatter_trace_ratio: last.scatter_trace_ratio,
        stop_reason: network.stop_reason().name().to_owned(),
        confusion: last_confusion,
        trace,
    })
}

/// One layer's Z of the training and the test rows.
struct Rows<'a> {
    z: MatRef<'a, f64>,
    labels: &'a Labels,
    test_z: MatRef<'a, f64>,
    test_labels: &'a Labels,
}

/// The record of a network that ends with layer `depth`, and its confusion matrix on the test rows.
fn layer_record(
    network: &Network,
    params: &NetworkParams,
    depth: usize,
    summary: &LayerSummary,
    rows: &Rows<'_>,
    par: Par,
) -> Result<(LayerRecord, Vec<Vec<usize>>)> {
    let layer = &network.layers()[depth];
    let output = Output::fit(params, layer, rows.z, rows.labels, par)?;
    let features = output.features(layer, rows.z, par)?;
    let train = confusion(rows.labels, &output.predict(layer, rows.z, par)?);
    let test = confusion(rows.test_labels, &output.predict(layer, rows.test_z, par)?);
    let solution = &summary.solution;
    let record = LayerRecord {
        layer: summary.layer,
        width: summary.width,
        sigma: summary.sigma.get(),
        metric_sigma: summary.metric_sigma.get(),
        objective: summary.objective,
        hsic_normalized: summary.hsic_normalized,
        mse: within_class_mse(rows.z, rows.labels),
        ce: cross_entropy(features.as_ref(), rows.labels)?,
        cosine_ratio: cosine_ratio(rows.z, rows.labels, summary.metric_sigma, par)?,
        scatter_trace_ratio: scatter_trace_ratio(rows.z, rows.labels),
        train_accuracy: accuracy(&train).unwrap_or(0.0),
        test_accuracy: accuracy(&test).unwrap_or(0.0),
        seconds: summary.elapsed.as_secs_f64(),
        iterations: solution.iterations,
        residual: solution.residual,
        stop_reason: solution.termination.name().to_owned(),
    };
    Ok((record, test))
}
