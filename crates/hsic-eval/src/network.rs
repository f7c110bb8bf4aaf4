//! A network on one fold, layer by layer.

use faer::{MatRef, Par};
use hsic_kernels::Labels;
use hsic_net::{LayerSummary, LayerTrace, Network, NetworkFit, NetworkParams};

use crate::measure::StandardisedFold;
use crate::metrics::{Metric, Predicted, Values, confusion};
use crate::progress::OfFold;
use crate::records::{FoldRecord, LayerRecord};
use crate::{Error, FoldRows, Progress, Result};

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
    let mut observer = OfFold { progress, fold: index };
    let in_fold = |source| Error::Fold { fold: index, source };
    let fit = Network::fit(params, train.as_ref(), train_labels, par, &mut observer).map_err(in_fold)?;
    let network = &fit.network;
    let test_outputs = network.transform_layers(test.as_ref(), par).map_err(in_fold)?;
    let mut trace = Vec::with_capacity(network.layers().len());
    let mut last = (Values::default(), Vec::new());
    for (depth, test_z) in (1..).zip(&test_outputs) {
        last = measure(&fit, depth, test_z.as_ref(), test_labels, par)?;
        trace.push(layer_record(&fit.trace[depth - 1].summary, &last.0));
    }
    let record = record(network, index, trace, last);
    if progress.wants_rows(index) {
        progress.rows(FoldRows::of(index, &fit));
    }
    Ok((fit.network, record))
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
            layers: Some(network.depth() as f64),
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

/// The measures of a network that ends with its layer `depth`, from 1, and the confusion matrix of its test rows.
fn measure(
    fit: &NetworkFit,
    depth: usize,
    test_z: MatRef<'_, f64>,
    test_labels: &Labels,
    par: Par,
) -> Result<(Values, Vec<Vec<usize>>)> {
    let LayerTrace { layer, summary, z, .. } = &fit.trace[depth - 1];
    let output = fit.output(depth, par)?;
    let features = output.features(layer, z.as_ref(), par)?;
    Predicted {
        z: z.as_ref(),
        features: features.as_ref(),
        labels: &fit.labels,
        classes: &output.predict(layer, z.as_ref(), par)?,
        of_test: confusion(test_labels, &output.predict(layer, test_z, par)?),
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
