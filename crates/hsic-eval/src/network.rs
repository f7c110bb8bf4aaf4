//! A network on one fold, layer by layer.

use faer::{Mat, MatRef, Par};
use hsic_kernels::Labels;
use hsic_layer::FittedLayer;
use hsic_net::head::Output;
use hsic_net::{LayerSummary, Network, NetworkParams};

use crate::measure::{Measures, Predicted, StandardisedFold};
use crate::metrics::balanced_accuracy;
use crate::records::{FoldRecord, LayerRecord};
use crate::{Error, FoldRows, LayerRows, Progress, Result};

/// Fits a network on the training rows of fold `index` and evaluates it layer by layer.
///
/// # Errors
/// [`Error::Fold`] where the fit fails, [`Error::Kernel`] and [`Error::Network`] where a metric cannot be computed.
pub(crate) fn evaluate(
    rows: &StandardisedFold,
    params: &NetworkParams,
    index: usize,
    par: Par,
    progress: &dyn Progress,
) -> Result<(Network, FoldRecord)> {
    let StandardisedFold { train, train_labels, test, test_labels } = rows;
    let mut outputs: Vec<Mat<f64>> = Vec::new();
    let mut sorted_labels = None;
    let mut observer = |summary: &LayerSummary, z: MatRef<'_, f64>, labels: &Labels| {
        progress.layer(index, summary);
        outputs.push(z.to_owned());
        sorted_labels.get_or_insert_with(|| labels.clone());
    };
    let in_fold = |source| Error::Fold { fold: index, source };
    let network = Network::fit(params, train.as_ref(), train_labels, par, &mut observer).map_err(in_fold)?;
    let labels = sorted_labels.expect("a network has at least one layer");
    let test_outputs = network.transform_layers(test.as_ref(), par).map_err(in_fold)?;
    let mut trace = Vec::with_capacity(network.layers().len());
    let mut last_confusion = Vec::new();
    for (depth, summary) in network.summaries().iter().enumerate() {
        let rows = Rows {
            z: outputs[depth].as_ref(),
            labels: &labels,
            test_z: test_outputs[depth].as_ref(),
            test_labels,
        };
        let measures = measure(&network, params, depth, summary, &rows, par)?;
        trace.push(layer_record(summary, &measures));
        last_confusion = measures.confusion;
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
    let record = record(&network, index, trace, last_confusion);
    Ok((network, record))
}

/// The record of a fold from those of its layers and the confusion matrix of the last.
pub(crate) fn record(
    network: &Network,
    index: usize,
    trace: Vec<LayerRecord>,
    confusion: Vec<Vec<usize>>,
) -> FoldRecord {
    let last = trace.last().expect("a network has at least one layer");
    let sigma = network.layers().iter().map(|layer| layer.sigma().get()).fold(f64::INFINITY, f64::min);
    FoldRecord {
        fold: index,
        layers: trace.len(),
        sigma: Some(sigma),
        train_accuracy: last.train_accuracy,
        test_accuracy: last.test_accuracy,
        balanced_test_accuracy: balanced_accuracy(&confusion).unwrap_or(0.0),
        seconds: network.elapsed().as_secs_f64(),
        hsic_normalized: last.hsic_normalized,
        mse: last.mse,
        ce: last.ce,
        cosine_ratio: last.cosine_ratio,
        scatter_trace_ratio: last.scatter_trace_ratio,
        stop_reason: network.stop_reason().name().to_owned(),
        confusion,
        selection_seconds: None,
        selection: None,
        trace,
    }
}

/// One layer's Z of the training and the test rows.
struct Rows<'a> {
    z: MatRef<'a, f64>,
    labels: &'a Labels,
    test_z: MatRef<'a, f64>,
    test_labels: &'a Labels,
}

/// The measures of a network that ends with layer `depth`.
fn measure(
    network: &Network,
    params: &NetworkParams,
    depth: usize,
    summary: &LayerSummary,
    rows: &Rows<'_>,
    par: Par,
) -> Result<Measures> {
    let layer = &network.layers()[depth];
    let output = Output::fit(params, layer, rows.z, rows.labels, par)?;
    let features = output.features(layer, rows.z, par)?;
    Measures::of(
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
    )
}

/// The record of a layer.
pub(crate) fn layer_record(summary: &LayerSummary, measures: &Measures) -> LayerRecord {
    let solution = &summary.solution;
    LayerRecord {
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
    }
}
