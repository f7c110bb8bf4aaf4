//! A network fitted and tested on rows that come in blocks.

use faer::Par;
use hsic_data::rows::Standardised;
use hsic_data::{Scaler, Scaling};
use hsic_kernels::Labels;
use hsic_kernels::rows::{Block, RowBlocks, reduce_rows};
use hsic_net::head::Output;
use hsic_net::{LayerSummary, LayerTrace, Network, NetworkParams};

use crate::metrics::{Predicted, Values, accuracy};
use crate::network::{layer_record, record};
use crate::records::FoldRecord;
use crate::{Error, FoldRows, Progress, Result};

/// What a fit in blocks is trained and tested on. Nothing of it is held but a sample.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Training rows, not standardised.
    pub train: &'a dyn RowBlocks,
    /// Test rows of the same columns and classes.
    pub test: &'a dyn RowBlocks,
    /// How both are standardised by the training rows.
    pub scaling: Scaling,
}

/// Fits a network by [`Network::fit_rows`] and evaluates it.
///
/// Train and test accuracy, the confusion matrix, H* and the objective are of all rows. What else is measured of Z (MSE, CE,
/// C, T), and the accuracies of the layers before the last, are of the sample that goes along with the fit, with a head
/// fitted on it.
///
/// # Errors
/// [`Error::Data`] where the rows cannot be standardised, [`Error::Fold`] where the fit fails, [`Error::Rows`] and
/// [`Error::Network`] for a source that cannot be read and where a metric cannot be computed.
///
/// # Cost
/// The fit, a pass over the training rows before it and one after it, and a pass over the test rows.
pub fn evaluate_in_blocks(
    sources: &Sources<'_>,
    params: &NetworkParams,
    index: usize,
    par: Par,
    progress: &dyn Progress,
) -> Result<FoldRecord> {
    let scaler = Scaler::fit_rows(sources.train, par)?;
    let scaler = sources.scaling.apply(scaler);
    let train = Standardised::new(sources.train, &scaler)?;
    let test = Standardised::new(sources.test, &scaler)?;
    let mut observer = |summary: &LayerSummary| progress.layer(index, summary);
    let in_fold = |source| Error::Fold { fold: index, source };
    let fit = Network::fit_rows(params, &train, par, &mut observer).map_err(in_fold)?;
    let network = &fit.network;
    let depth = network.layers().len();
    let outputs =
        (1..=depth).map(|depth| fit.output(depth, par)).collect::<std::result::Result<Vec<_>, _>>()?;
    // the last layer's predictions are those of the network, on all rows
    let of_test = predictions(network, &outputs, &test, par)?;
    let of_train = network.evaluate_rows(&train, par)?;
    let test_labels = Labels::with_classes(of_test.codes, train.n_classes())?;
    let (mut trace, mut last) = (Vec::with_capacity(depth), (Values::default(), Vec::new()));
    for (layer, LayerTrace { layer: fitted, summary, z, .. }) in fit.trace[..depth].iter().enumerate() {
        let z = z.as_ref();
        let output = if layer + 1 == depth { network.output() } else { &outputs[layer] };
        last = Predicted {
            z,
            features: outputs[layer].features(fitted, z, par)?.as_ref(),
            labels: &fit.labels,
            classes: &output.predict(fitted, z, par)?,
            test_labels: &test_labels,
            test_classes: &of_test.classes[layer],
            sigma: summary.metric_sigma,
            par,
        }
        .measure()?;
        if layer + 1 == depth {
            last.0.train_accuracy = accuracy(&of_train.confusion);
        }
        trace.push(layer_record(summary, &last.0));
    }
    if progress.wants_rows(index) {
        progress.rows(FoldRows::of(index, &fit));
    }
    Ok(record(network, index, trace, last))
}

/// Codes of some rows and the classes predicted for them, by layer.
struct Predictions {
    codes: Vec<usize>,
    classes: Vec<Vec<usize>>,
}

/// Predictions of the network, and before it those of `outputs` on the other layers.
fn predictions(network: &Network, outputs: &[Output], rows: &dyn RowBlocks, par: Par) -> Result<Predictions> {
    let before = &outputs[..outputs.len() - 1];
    let mut all = Predictions { codes: Vec::new(), classes: vec![Vec::new(); before.len() + 1] };
    let of_block = |_, block: Block| -> Result<Predictions> {
        let outputs = network.transform_layers(block.rows.as_ref(), Par::Seq)?;
        let heads = before.iter().chain([network.output()]);
        let classes = heads
            .zip(network.layers())
            .zip(&outputs)
            .map(|((head, layer), z)| head.predict(layer, z.as_ref(), Par::Seq))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Predictions { codes: block.codes, classes })
    };
    reduce_rows(rows, par, of_block, |part: Predictions| {
        all.codes.extend(part.codes);
        all.classes.iter_mut().zip(part.classes).for_each(|(all, part)| all.extend(part));
    })?;
    Ok(all)
}
