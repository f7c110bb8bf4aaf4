//! How well the candidates of one stack of layers predict rows they were not fitted on.

use faer::{Mat, MatRef, Par};
use hsic_data::{Fold, Scaler};
use hsic_kernels::Labels;
use hsic_net::head::{Head, OutputParams, Projection};
use hsic_net::{HeadKind, LayerTrace, Network, NetworkParams, Observer, OutputKind};

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

/// What heads see of a layer.
struct Seen {
    /// Place of the layer, from 0, and the kind of output.
    of: (usize, OutputKind),
    train: Mat<f64>,
    held_out: Mat<f64>,
}

/// Fits one stack and scores its candidates, in their order. A candidate whose head cannot be fitted has no tally, and of a
/// stack that cannot be fitted none has.
///
/// A network with fewer layers at most is the beginning of the same stack, so that one fit serves all depths.
pub(crate) fn score(
    stack: &NetworkParams,
    candidates: &[NetworkParams],
    rows: &InnerRows,
    par: Par,
    observer: &mut impl Observer,
) -> Result<Vec<Option<Tally>>> {
    let Ok(fit) = Network::fit(stack, rows.train.as_ref(), &rows.train_labels, par, observer) else {
        return Ok(vec![None; candidates.len()]);
    };
    let held_out = fit.network.transform_layers(rows.held_out.as_ref(), par)?;
    // depths beyond the last layer that gained, and equal heads on them, are scored once
    let mut known: Vec<((usize, OutputKind, HeadKind), Option<Tally>)> = Vec::new();
    // candidates that see the same are next to each other
    let mut seen: Option<Seen> = None;
    let mut tallies = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let last = fit.kept_within(candidate.max_layers) - 1;
        let place = (last, candidate.output, candidate.head);
        if let Some((_, tally)) = known.iter().find(|(known, _)| *known == place) {
            tallies.push(tally.clone());
            continue;
        }
        let of = (last, candidate.output);
        let Seen { train, held_out, .. } = match seen.take().filter(|seen| seen.of == of) {
            Some(same) => seen.insert(same),
            None => {
                let LayerTrace { layer, z, .. } = &fit.trace[last];
                let kind = OutputParams::from(&NetworkParams { output: candidate.output, ..*stack }).output;
                let (projection, train) =
                    Projection::fit(kind, stack.class_weight, layer, z.as_ref(), &fit.labels, par)?;
                let held_out = projection.features(layer, held_out[last].as_ref(), par)?;
                seen.insert(Seen { of, train: train.unwrap_or_else(|| z.clone()), held_out })
            }
        };
        let log_proba = Head::fit(candidate.head, train.as_ref(), &fit.labels, par)
            .and_then(|head| head.log_proba(held_out.as_ref(), par));
        let tally = log_proba.ok().map(|log_proba| Tally::of(log_proba.as_ref(), &rows.held_out_labels));
        known.push((place, tally.clone()));
        tallies.push(tally);
    }
    Ok(tallies)
}

#[cfg(test)]
mod tests {
    use hsic_kernels::Bandwidth;
    use hsic_net::Selection;

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
        let narrow = Selection::Fixed(Bandwidth::new(0.5).unwrap());
        for base in [NetworkParams::spectral(), NetworkParams::closed_form()] {
            let stack = NetworkParams { max_layers: deepest, selection: narrow, ..base };
            let with = |max_layers, (output, head)| NetworkParams { max_layers, output, head, ..stack };
            let candidates: Vec<NetworkParams> =
                depths.into_iter().flat_map(|depth| heads.map(|head| with(depth, head))).collect();
            let scores = score(&stack, &candidates, &rows, Par::Seq, &mut ()).unwrap();
            for (params, got) in candidates.iter().zip(scores) {
                let network =
                    Network::fit(params, rows.train.as_ref(), &rows.train_labels, Par::Seq, &mut ())
                        .unwrap()
                        .network;
                let log_proba = network.predict_log_proba(rows.held_out.as_ref(), Par::Seq).unwrap();
                let expected = Tally::of(log_proba.as_ref(), &rows.held_out_labels);
                // a network's own head sees Z of the training rows as the fit keeps it, bit for bit
                assert_eq!(got.unwrap(), expected, "{} layers, {:?}", params.max_layers, params.head);
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
