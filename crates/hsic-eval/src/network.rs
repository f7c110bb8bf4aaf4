//! A network on one fold, layer by layer.

use faer::{Mat, MatRef, Par};
use hsic_kernels::Labels;
use hsic_layer::FittedLayer;
use hsic_net::head::Output;
use hsic_net::{LayerSummary, Network, NetworkParams};

use crate::measure::StandardisedFold;
use crate::metrics::{Metric, Predicted, Values};
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
    let mut last = (Values::default(), Vec::new());
    for (depth, summary) in network.summaries().iter().enumerate() {
        let rows = Rows {
            z: outputs[depth].as_ref(),
            labels: &labels,
            test_z: test_outputs[depth].as_ref(),
            test_labels,
        };
        last = measure(&network, params, depth, summary, &rows, par)?;
        trace.push(layer_record(summary, &last.0));
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
    let record = record(&network, index, trace, last);
    Ok((network, record))
}

/// The record of a fold from those of its layers, and the measures of the last with its confusion matrix.
pub(crate) fn record(
    network: &Network,
    index: usize,
    trace: Vec<LayerRecord>,
    (measures, confusion): (Values, Vec<Vec<usize>>),
) -> FoldRecord {
    let last = trace.last().expect("a network has at least one layer");
    let sigma = network.layers().iter().map(|layer| layer.sigma().get()).fold(f64::INFINITY, f64::min);
    FoldRecord {
        fold: index,
        values: Values {
            layers: Some(trace.len() as f64),
            sigma: Some(sigma),
            seconds: Some(network.elapsed().as_secs_f64()),
            hsic_normalized: last.hsic_normalized,
            ..measures
        },
        stop_reason: network.stop_reason().name().to_owned(),
        confusion,
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

/// The measures of a network that ends with layer `depth`, and the confusion matrix of its test rows.
fn measure(
    network: &Network,
    params: &NetworkParams,
    depth: usize,
    summary: &LayerSummary,
    rows: &Rows<'_>,
    par: Par,
) -> Result<(Values, Vec<Vec<usize>>)> {
    let layer = &network.layers()[depth];
    let output = Output::fit(params, layer, rows.z, rows.labels, par)?;
    let features = output.features(layer, rows.z, par)?;
    Predicted {
        z: rows.z,
        features: features.as_ref(),
        labels: rows.labels,
        classes: &output.predict(layer, rows.z, par)?,
        test_labels: rows.test_labels,
        test_classes: &output.predict(layer, rows.test_z, par)?,
        sigma: summary.metric_sigma,
        par,
    }
    .measure()
}

/// The record of a layer.
pub(crate) fn layer_record(summary: &LayerSummary, measures: &Values) -> LayerRecord {
    let solution = &summary.solution;
    LayerRecord {
        layer: summary.layer,
        values: Values {
            width: Some(summary.width as f64),
            sigma: Some(summary.sigma.get()),
            metric_sigma: Some(summary.metric_sigma.get()),
            objective: Some(summary.objective),
            hsic_normalized: Some(summary.hsic_normalized),
            seconds: Some(summary.elapsed.as_secs_f64()),
            iterations: Some(solution.iterations as f64),
            residual: solution.residual,
            ..measures.only(Metric::of_layer())
        },
        stop_reason: solution.termination.name().to_owned(),
    }
}
