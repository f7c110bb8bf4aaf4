//! A network fitted and tested on rows that come in blocks.

use faer::Par;
use hsic_data::rows::Standardised;
use hsic_data::scaler::KnownMoments;
use hsic_data::{Scaler, Scaling};
use hsic_kernels::rows::{Block, RowBlocks, reduce_rows};
use hsic_net::head::Output;
use hsic_net::{LayerSummary, LayerTrace, Network, NetworkFit, NetworkParams};

use crate::metrics::{Predicted, Values, accuracy};
use crate::network::{layer_record, record};
use crate::records::FoldRecord;
use crate::{Error, FoldRows, Progress, Result};

/// What a fit in blocks is trained and tested on. Nothing of it is held but a sample.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Training rows, not standardised; NaN stands for a missing cell, which becomes the mean of its column's known cells.
    pub train: &'a dyn RowBlocks,
    /// Test rows of the same columns and classes.
    pub test: &'a dyn RowBlocks,
    /// How both are standardised by the training rows.
    pub scaling: Scaling,
    /// Names of the columns, for messages; none where they have none.
    pub names: &'a [String],
}

/// Fits a network by [`Network::fit_rows`] and evaluates it, as [`fit_record`] does.
///
/// # Errors
/// [`Error::Data`] where the rows cannot be standardised, [`Error::Fold`] where the fit fails, and those of [`fit_record`].
///
/// # Cost
/// The fit, a pass over the training rows before it, and that of [`fit_record`].
pub fn evaluate_in_blocks(
    sources: &Sources<'_>,
    params: &NetworkParams,
    index: usize,
    par: Par,
    progress: &dyn Progress,
) -> Result<FoldRecord> {
    let known = KnownMoments::of(sources.train, par)?;
    let means = known.means();
    let scaler = sources.scaling.apply(Scaler::of_moments(&known.filled(&means))?);
    let standardised = |rows| -> Result<Standardised<'_>> {
        Ok(Standardised::new(rows, &scaler)?.filled(Some(&means))?.named(sources.names.to_vec()))
    };
    let (train, test) = (standardised(sources.train)?, standardised(sources.test)?);
    let mut observer = |summary: &LayerSummary| progress.layer(index, summary);
    let in_fold = |source| Error::Fold { fold: index, source };
    let fit = Network::fit_rows(params, &train, par, &mut observer).map_err(in_fold)?;
    let record = fit_record(&fit, &train, Some(&test), index, par)?;
    if progress.wants_rows(index) {
        progress.rows(FoldRows::of(index, &fit));
    }
    Ok(record)
}

/// The record of a fit in blocks, of the standardised rows it was trained on and those to test on, if there are any.
///
/// Train and test accuracy, the confusion matrix, H* and the objective are of all rows. What else is measured of Z (MSE, CE,
/// C, T), and the accuracies of the layers before the last, are of the sample that goes along with the fit, with a head
/// fitted on it.
///
/// # Errors
/// [`Error::Rows`] and [`Error::Network`] for a source that cannot be read and where a metric cannot be computed.
///
/// # Cost
/// A pass over the training rows and one over the test rows; c² numbers a layer.
pub fn fit_record(
    fit: &NetworkFit,
    train: &dyn RowBlocks,
    test: Option<&dyn RowBlocks>,
    index: usize,
    par: Par,
) -> Result<FoldRecord> {
    let network = &fit.network;
    let depth = network.layers().len();
    let outputs =
        (1..=depth).map(|depth| fit.output(depth, par)).collect::<std::result::Result<Vec<_>, _>>()?;
    // the last layer's predictions are those of the network, on all rows
    let of_test = confusions(network, &outputs, train.n_classes(), test, par)?;
    let of_train = network.evaluate_rows(train, par)?;
    let (mut trace, mut last) = (Vec::with_capacity(depth), (Values::default(), Vec::new()));
    let layers = fit.trace[..depth].iter().zip(of_test).enumerate();
    for (layer, (LayerTrace { layer: fitted, summary, z, .. }, of_test)) in layers {
        let z = z.as_ref();
        let output = if layer + 1 == depth { network.output() } else { &outputs[layer] };
        last = Predicted {
            z,
            features: outputs[layer].features(fitted, z, par)?.as_ref(),
            labels: &fit.labels,
            classes: &output.predict(fitted, z, par)?,
            of_test,
            sigma: summary.metric_sigma,
            par,
        }
        .measure()?;
        if layer + 1 == depth {
            last.0.train_accuracy = accuracy(&of_train.confusion);
        }
        trace.push(layer_record(summary, &last.0));
    }
    Ok(record(network, index, trace, last))
}

type Confusion = Vec<Vec<usize>>;

/// Confusion matrices of the network, and before it those of `outputs` on the other layers.
fn confusions(
    network: &Network,
    outputs: &[Output],
    n_classes: usize,
    rows: Option<&dyn RowBlocks>,
    par: Par,
) -> Result<Vec<Confusion>> {
    let before = &outputs[..outputs.len() - 1];
    let empty = || vec![vec![vec![0; n_classes]; n_classes]; outputs.len()];
    let of_block = |_, block: Block| -> Result<Vec<Confusion>> {
        let of_layers = network.transform_layers(block.rows.as_ref(), Par::Seq)?;
        let mut part: Vec<Confusion> = empty();
        let heads = before.iter().chain([network.output()]).zip(network.layers()).zip(&of_layers);
        for (((head, layer), z), counts) in heads.zip(&mut part) {
            let predicted = head.predict(layer, z.as_ref(), Par::Seq)?;
            block.codes.iter().zip(predicted).for_each(|(&code, class)| counts[code][class] += 1);
        }
        Ok(part)
    };
    let mut all = empty();
    let Some(rows) = rows else { return Ok(all) };
    reduce_rows(rows, par, of_block, |part: Vec<Confusion>| {
        let counts = all.iter_mut().flatten().flatten();
        counts.zip(part.into_iter().flatten().flatten()).for_each(|(sum, count)| *sum += count);
    })?;
    Ok(all)
}
