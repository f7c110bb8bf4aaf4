//! How well the candidates of one stack of layers predict rows they were not fitted on.

use faer::{Mat, MatRef, Par};
use hsic_data::{Fold, Scaler};
use hsic_kernels::Labels;
use hsic_layer::LayerSolver;
use hsic_net::head::{Head, Projection};
use hsic_net::{HeadKind, LayerTrace, Network, NetworkParams, OutputKind};

use crate::Result;

/// A probability counts as at least this in the logarithmic loss.
const LOWEST_PROBABILITY: f64 = 1e-9;

/// The rows of an inner fold, standardised by those to fit on.
pub(crate) struct InnerRows {
    train: Mat<f64>,
    train_labels: Labels,
    held_out: Mat<f64>,
    held_out_labels: Labels,
}

impl InnerRows {
    /// Splits rows; `None` where the rows to fit on are of one class or all equal, and nothing can be fitted.
    pub(crate) fn new(x: MatRef<'_, f64>, labels: &Labels, fold: &Fold) -> Result<Option<Self>> {
        let pick = |rows: &[usize]| Mat::from_fn(rows.len(), x.ncols(), |i, k| x[(rows[i], k)]);
        let (train, held_out) = (pick(&fold.train), pick(&fold.test));
        let train_labels = labels.select(&fold.train)?;
        let scaler = match Scaler::fit(train.as_ref()) {
            Ok(scaler) if train_labels.n_present() > 1 => scaler,
            _ => return Ok(None),
        };
        Ok(Some(Self {
            train: scaler.transform(train.as_ref())?,
            train_labels,
            held_out: scaler.transform(held_out.as_ref())?,
            held_out_labels: labels.select(&fold.test)?,
        }))
    }

    /// Held-out rows of every class.
    pub(crate) fn counts(&self) -> &[usize] {
        self.held_out_labels.counts()
    }
}

/// What a candidate made of held-out rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tally {
    /// Rows classified correctly, by class.
    pub right: Vec<usize>,
    /// Sum of −log p(yᵢ).
    pub log_loss: f64,
}

impl Tally {
    fn of(log_proba: MatRef<'_, f64>, labels: &Labels) -> Self {
        let mut tally = Self { right: vec![0; labels.n_classes()], log_loss: 0.0 };
        for (i, &class) in labels.codes().iter().enumerate() {
            let largest = (0..log_proba.ncols())
                .fold(0, |best, a| if log_proba[(i, a)] > log_proba[(i, best)] { a } else { best });
            tally.right[class] += usize::from(largest == class);
            tally.log_loss -= log_proba[(i, class)].max(LOWEST_PROBABILITY.ln());
        }
        tally
    }

    /// Adds another tally of the same candidate.
    pub(crate) fn add(&mut self, other: &Self) {
        self.right.iter_mut().zip(&other.right).for_each(|(sum, right)| *sum += right);
        self.log_loss += other.log_loss;
    }
}

/// Fits one stack and scores every head at every depth: depth by depth, the heads in their order. A head that cannot be
/// fitted has no tally, and a stack that cannot none at all.
///
/// A network with fewer layers at most is the beginning of the same stack, so that one fit serves all depths.
pub(crate) fn score(
    stack: &NetworkParams,
    depths: &[usize],
    heads: &[(OutputKind, HeadKind)],
    rows: &InnerRows,
    par: Par,
) -> Result<Vec<Option<Tally>>> {
    let Ok(fit) = Network::fit(stack, rows.train.as_ref(), &rows.train_labels, par, &mut ()) else {
        return Ok(vec![None; depths.len() * heads.len()]);
    };
    let held_out = fit.network.transform_layers(rows.held_out.as_ref(), par)?;
    let mut of_layers: Vec<Option<Vec<Option<Tally>>>> = vec![None; fit.network.layers().len()];
    let mut tallies = Vec::with_capacity(depths.len() * heads.len());
    for &depth in depths {
        let last = fit.kept_within(depth) - 1;
        if of_layers[last].is_none() {
            let LayerTrace { layer, z, .. } = &fit.trace[last];
            let held_out = held_out[last].as_ref();
            let mut scored = Vec::with_capacity(heads.len());
            // heads that see the same are next to each other
            for heads in heads.chunk_by(|(a, _), (b, _)| a == b) {
                let kind = stack.solver.output(heads[0].0);
                let (projection, features) =
                    Projection::fit(kind, stack.class_weight, layer, z.as_ref(), &fit.labels, par)?;
                let held_out = projection.features(layer, held_out, par)?;
                scored.extend(heads.iter().map(|&(_, kind)| {
                    let head = Head::fit(kind, features.as_ref(), &fit.labels).ok()?;
                    let log_proba = head.log_proba(held_out.as_ref(), par).ok()?;
                    Some(Tally::of(log_proba.as_ref(), &rows.held_out_labels))
                }));
            }
            of_layers[last] = Some(scored);
        }
        tallies.extend(of_layers[last].clone().unwrap_or_default());
    }
    Ok(tallies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_depth_of_a_deep_stack_scores_as_a_network_of_that_depth() {
        let x = Mat::from_fn(90, 2, |i, k| ((i * (7 + 4 * k) + i * i * (k + 1)) % 23) as f64 / 7.0);
        let labels =
            Labels::new((0..90).map(|i| usize::from(x[(i, 0)] * x[(i, 1)] > 2.0)).collect()).unwrap();
        let fold = &crate::selection::inner_folds(&labels, 3, 0).unwrap()[0];
        let rows = InnerRows::new(x.as_ref(), &labels, fold).unwrap().unwrap();
        let heads = [
            (OutputKind::Features, HeadKind::Bayes),
            (OutputKind::Features, HeadKind::Knn { k: 3 }),
            (OutputKind::Kernel, HeadKind::Bayes),
        ];
        let (depths, deepest) = ([1, 2, 3, 4, 8], 8);
        for base in [NetworkParams::spectral(), NetworkParams::closed_form()] {
            let stack = NetworkParams { max_layers: deepest, bandwidth_scale: 0.5, ..base };
            let scores = score(&stack, &depths, &heads, &rows, Par::Seq).unwrap();
            for (i, &max_layers) in depths.iter().enumerate() {
                for (j, &(output, head)) in heads.iter().enumerate() {
                    let params = NetworkParams { max_layers, output, head, ..stack };
                    let network =
                        Network::fit(&params, rows.train.as_ref(), &rows.train_labels, Par::Seq, &mut ())
                            .unwrap()
                            .network;
                    let log_proba = network.predict_log_proba(rows.held_out.as_ref(), Par::Seq).unwrap();
                    let expected = Tally::of(log_proba.as_ref(), &rows.held_out_labels);
                    let got = scores[i * heads.len() + j].as_ref().unwrap();
                    // a network's own head sees Z of the training rows as the fit keeps it, bit for bit
                    assert_eq!(got, &expected, "{max_layers} layers, {head:?}");
                }
            }
        }
    }

    #[test]
    fn a_class_never_seen_costs_a_finite_loss() {
        let log_proba = Mat::from_fn(1, 2, |_, a| if a == 0 { 0.0 } else { f64::NEG_INFINITY });
        let tally = Tally::of(log_proba.as_ref(), &Labels::with_classes(vec![1], 2).unwrap());
        assert_eq!((tally.right, tally.log_loss), (vec![0, 0], -LOWEST_PROBABILITY.ln()));
    }
}
