//! When stacking ends.

use faer::{MatRef, Par};
use hsic_kernels::Labels;
use hsic_kernels::class_sums::class_sums;
use hsic_kernels::tiles::{PairFunction, Points};

use crate::{NetworkParams, Result};

/// Why stacking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// H* reached its target.
    TargetHsic,
    /// The mean silhouette of Z reached its target.
    TargetSilhouette,
    /// No layer raised H* any more.
    NoGain,
    /// The limit on the number of layers.
    MaxLayers,
}

impl StopReason {
    /// The name used in result files.
    pub fn name(self) -> &'static str {
        match self {
            Self::TargetHsic => "target-hsic",
            Self::TargetSilhouette => "target-silhouette",
            Self::NoGain => "no-gain",
            Self::MaxLayers => "max-layers",
        }
    }

    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::TargetHsic, Self::TargetSilhouette, Self::NoGain, Self::MaxLayers]
            .into_iter()
            .find(|reason| reason.name() == name)
    }
}

/// Follows H* over the layers.
pub(crate) struct Stopping {
    target_hsic: f64,
    target_silhouette: Option<f64>,
    min_gain: f64,
    patience: usize,
    max_layers: usize,
    /// Layers that are built whatever they gain.
    planned: Option<usize>,
    best: f64,
    /// Of the rows candidates are tried on, at the same layer: all rows, or a sample of them.
    best_of_candidates: f64,
    best_depth: usize,
    depth: usize,
}

impl Stopping {
    pub(crate) fn new<S>(params: &NetworkParams<S>, planned: Option<usize>) -> Self {
        let &NetworkParams { target_hsic, target_silhouette, min_gain, patience, max_layers, .. } = params;
        Self {
            target_hsic,
            target_silhouette,
            min_gain,
            patience,
            // the input is measured as a layer where there is none
            max_layers: max_layers.max(1),
            planned,
            best: f64::NEG_INFINITY,
            best_of_candidates: f64::NEG_INFINITY,
            best_depth: 0,
            depth: 0,
        }
    }

    /// Whether a layer of this H* gains on the best so far.
    fn gains(&self, hsic: f64) -> bool {
        hsic > self.best + self.min_gain
    }

    /// Whether a candidate of this H*, of the rows candidates are tried on, gains.
    pub(crate) fn candidate_gains(&self, hsic: f64) -> bool {
        hsic > self.best_of_candidates + self.min_gain
    }

    /// Number of layers up to the best H*: what is kept at the end.
    pub(crate) fn best_depth(&self) -> usize {
        self.best_depth
    }

    /// Counts a layer in and says whether it was the last.
    pub(crate) fn after_layer(
        &mut self,
        hsic: f64,
        of_candidates: f64,
        z: MatRef<'_, f64>,
        labels: &Labels,
        par: Par,
    ) -> Result<Option<StopReason>> {
        self.depth += 1;
        self.best_of_candidates = self.best_of_candidates.max(of_candidates);
        if self.gains(hsic) {
            (self.best, self.best_depth) = (hsic, self.depth);
        }
        if hsic >= self.target_hsic {
            // the target counts even where it was reached by less than a gain
            (self.best, self.best_depth) = (hsic, self.depth);
            return Ok(Some(StopReason::TargetHsic));
        }
        if let Some(planned) = self.planned {
            self.best_depth = self.depth;
            let last = if planned == self.max_layers { StopReason::MaxLayers } else { StopReason::NoGain };
            return Ok((self.depth == planned).then_some(last));
        }
        if let Some(target) = self.target_silhouette
            && silhouette(z, labels, par)? >= target
        {
            self.best_depth = self.depth;
            return Ok(Some(StopReason::TargetSilhouette));
        }
        if self.depth - self.best_depth >= self.patience {
            return Ok(Some(StopReason::NoGain));
        }
        Ok((self.depth == self.max_layers).then_some(StopReason::MaxLayers))
    }
}

/// The mean silhouette of labelled rows: of (b − a)/max(a, b), a the mean distance to the other rows of a row's class and
/// b the smallest mean distance to another class; 0 for the only row of its class.
///
/// # Errors
/// [`crate::Error::Kernel`] for shapes that do not fit and non-finite numbers.
///
/// # Cost
/// n²/2 distances.
///
/// # Source
/// Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis.
pub fn silhouette(z: MatRef<'_, f64>, labels: &Labels, par: Par) -> Result<f64> {
    let sums = class_sums(&Points::new(z)?, labels, &[PairFunction::Distance], par)?.remove(0).sums;
    let counts = labels.counts();
    let mut total = 0.0;
    for (i, &class) in labels.codes().iter().enumerate() {
        if counts[class] < 2 {
            continue;
        }
        let within = sums[(i, class)] / (counts[class] as f64 - 1.0);
        let between = (0..counts.len())
            .filter(|&other| other != class && counts[other] > 0)
            .map(|other| sums[(i, other)] / counts[other] as f64)
            .fold(f64::INFINITY, f64::min);
        let largest = within.max(between);
        if between.is_finite() && largest > 0.0 {
            total += (between - within) / largest;
        }
    }
    Ok(total / labels.len() as f64)
}
