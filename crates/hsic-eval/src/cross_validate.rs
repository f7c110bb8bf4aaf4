//! Cross-validation of a network, fold by fold, layer by layer.

use faer::{Mat, MatRef, Par};
use hsic_data::{Dataset, Fold};
use hsic_kernels::{Bandwidth, Labels};
use hsic_layer::FittedLayer;
use hsic_net::head::Output;
use hsic_net::{LayerSummary, Network, NetworkParams};
use rayon::prelude::*;

use crate::measure::{Measures, Predicted, StandardisedFold, fold_seed};
use crate::metrics::balanced_accuracy;
use crate::records::{FoldRecord, LayerRecord};
use crate::{Error, Result};

/// Up to this many rows folds run side by side, each fit on one thread; above, they run one after another, each on all.
const SIDE_BY_SIDE_ROWS: usize = 5000;

/// What a caller sees of a running cross-validation, from any thread.
pub trait Progress: Sync {
    /// A layer of a fold was fitted.
    fn layer(&self, fold: usize, layer: &LayerSummary);
    /// An epoch of a multilayer perceptron is over: its number from 1, and the loss of the training rows.
    fn epoch(&self, _fold: usize, _epoch: usize, _loss: f64) {}
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
    let side_by_side = dataset.n() <= SIDE_BY_SIDE_ROWS;
    each_fold(folds.len(), schedule, side_by_side, progress, |index, par| {
        evaluate_fold(dataset, params, index, &folds[index], par, progress)
    })
}

/// Evaluates `count` folds as the schedule says and shows each record to `progress`.
pub(crate) fn each_fold(
    count: usize,
    schedule: Schedule,
    side_by_side: bool,
    progress: &dyn Progress,
    evaluate: impl Fn(usize, Par) -> Result<FoldRecord> + Sync,
) -> Result<Vec<FoldRecord>> {
    let run = |index: usize, par: Par| evaluate(index, par).inspect(|record| progress.fold(record));
    if schedule == Schedule::Timing {
        (0..count).map(|index| run(index, Par::Seq)).collect()
    } else if side_by_side {
        // collected first: every fold that can finish does
        let records: Vec<_> =
            (0..count).into_par_iter().with_max_len(1).map(|index| run(index, Par::Seq)).collect();
        records.into_iter().collect()
    } else {
        (0..count).map(|index| run(index, Par::rayon(0))).collect()
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
    let StandardisedFold { train, train_labels, test, test_labels } = StandardisedFold::new(dataset, fold)?;
    let params = NetworkParams { seed: fold_seed(params.seed, index), ..*params };
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
    let measures = Measures::of(
        &Predicted {
            z: rows.z,
            features: features.as_ref(),
            labels: rows.labels,
            classes: &output.predict(layer, rows.z, par)?,
            test_labels: rows.test_labels,
            test_classes: &output.predict(layer, rows.test_z, par)?,
        },
        summary.metric_sigma,
        par,
    )?;
    let solution = &summary.solution;
    let record = LayerRecord {
        layer: summary.layer,
        width: summary.width,
        sigma: summary.sigma.get(),
        metric_sigma: summary.metric_sigma.get(),
        objective: summary.objective,
        hsic_normalized: summary.hsic_normalized,
        mse: measures.mse,
        ce: measures.ce,
        cosine_ratio: measures.cosine_ratio,
        scatter_trace_ratio: measures.scatter_trace_ratio,
        train_accuracy: measures.train_accuracy,
        test_accuracy: measures.test_accuracy,
        seconds: summary.elapsed.as_secs_f64(),
        iterations: solution.iterations,
        residual: solution.residual,
        stop_reason: solution.termination.name().to_owned(),
    };
    Ok((record, measures.confusion))
}
