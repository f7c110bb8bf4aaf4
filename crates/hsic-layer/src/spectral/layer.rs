//! Fitting a spectral layer, and the fitted layer.

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::gaussian::{cross_product, gram};
use hsic_kernels::linalg::{ThinSvd, product, symmetric_eigen, thin_svd};
use hsic_kernels::tiles::Points;
use hsic_kernels::{Bandwidth, ClassWeight, Labels};

use super::ascent::ascend;
use super::compress::Compressed;
use super::objective::Landscape;
use super::rows::SpectralRefit;
use super::{Activation, Objective, Spectral, WidthRule};
use crate::solver::{check_input, check_parts, check_width};
use crate::state::{EXACT, LayerParts, LayerState, RANDOM};
use crate::stiefel::fix_signs;
use crate::{Context, Error, Fit, FittedLayer, Layer, LayerSolver, Refit, Result};

impl LayerSolver for Spectral {
    type Layer = SpectralLayer;

    fn name(&self) -> &'static str {
        SpectralLayer::SOLVER
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<SpectralLayer>> {
        self.check_bounds()?;
        check_input(input, labels)?;
        let Compressed { rows, basis, singular_values } = Compressed::new(input, self.rank_tolerance)?;
        let objective = Objective::new(rows.as_ref(), labels, sigma, self.class_weight, context.par)?;
        let directions = objective.class_directions(self.class_weight);
        let start = self.start(&objective, directions.as_ref(), &singular_values, labels.n_present())?;
        let (w, solution) = ascend(&objective, start, self.tolerance, self.max_iterations)?;
        let z = product(rows.as_ref(), w.as_ref());
        let mut w = product(basis.as_ref(), w.as_ref());
        let flipped = signs(&mut w);
        let z = Mat::from_fn(z.nrows(), z.ncols(), |i, j| z[(i, j)] * flipped[j]);
        let map = match self.activation {
            Activation::Random { m, frequencies } => FeatureMap::Random(RandomFeatures::draw(
                z.ncols(),
                m,
                sigma,
                frequencies,
                &mut context.rng(),
            )?),
            Activation::Exact { tolerance } => FeatureMap::exact(z.as_ref(), sigma, tolerance, context.par)?,
        };
        Ok(Fit { layer: SpectralLayer { sigma, w, map }, z, solution })
    }

    fn check(&self) -> Result<()> {
        self.check_bounds()
    }

    fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        Self { class_weight, ..self }
    }

    fn check_blocks(&self) -> Result<()> {
        match self.activation {
            Activation::Random { .. } => Ok(()),
            Activation::Exact { .. } => Err(Error::ExactInBlocks),
        }
    }

    /// R is compressed by the eigenvectors of RᵀR.
    fn needs_moments(&self) -> bool {
        true
    }

    /// The ascent starts where that of the sample ended.
    fn refit(&self, moments: &ClassMoments, of_sample: &Layer, context: &Context) -> Result<Box<dyn Refit>> {
        let start = of_sample.downcast_ref::<SpectralLayer>().map(SpectralLayer::weights);
        Ok(Box::new(SpectralRefit::new(*self, moments, start, of_sample.sigma(), context)?))
    }
}

impl Spectral {
    /// W₀: the leading eigenvectors of RᵀΓR, filled up to the width with principal directions orthogonal to them.
    pub(super) fn start<L: Landscape>(
        &self,
        objective: &L,
        directions: MatRef<'_, f64>,
        singular_values: &[f64],
        n_present: usize,
    ) -> std::result::Result<Mat<f64>, L::Error> {
        let ThinSvd { u, s, .. } = thin_svd(directions).map_err(Error::from)?;
        let largest = s.first().copied().unwrap_or(0.0);
        let rank = s.iter().take_while(|&&value| value > 1e-10 * largest).count().max(1);
        let classes = u.subcols(0, rank);
        let r = singular_values.len();
        let width = match self.width {
            WidthRule::Fixed(width) => width.min(r),
            WidthRule::SingularShare(share) => {
                let total: f64 = singular_values.iter().sum();
                let mut held = 0.0;
                let count = singular_values
                    .iter()
                    .take_while(|&&value| {
                        let short = held < share * total;
                        held += value;
                        short
                    })
                    .count();
                count.max(n_present).min(r)
            }
            WidthRule::PositiveEigenvalues => {
                let (values, _) =
                    symmetric_eigen(objective.q_matrix(classes)?.as_ref()).map_err(Error::from)?;
                let threshold = 1e-10 * values.iter().fold(0.0f64, |top, value| top.max(value.abs()));
                values.iter().take_while(|&&value| value > threshold).count().max(1)
            }
        };
        let mut start = Mat::zeros(r, width);
        let kept = rank.min(width);
        start.subcols_mut(0, kept).copy_from(classes.subcols(0, kept));
        // in compressed coordinates the principal directions are the unit vectors, largest first
        let mut filled = kept;
        let mut axis = 0;
        while filled < width && axis < r {
            let mut direction = Mat::from_fn(r, 1, |i, _| f64::from(u8::from(i == axis)));
            for _ in 0..2 {
                let held = start.subcols(0, filled);
                let overlap = product(held.transpose(), direction.as_ref());
                direction -= product(held, overlap.as_ref());
            }
            let norm = direction.norm_l2();
            // an axis that is all but spanned already would only add rounding noise
            if norm > 1e-3 {
                start.col_mut(filled).copy_from((&direction * faer::Scale(1.0 / norm)).col(0));
                filled += 1;
            }
            axis += 1;
        }
        let mut start = start.subcols(0, filled).to_owned();
        fix_signs(&mut start);
        Ok(start)
    }
}

/// Fixes the signs of the columns and returns the factor of each.
fn signs(w: &mut Mat<f64>) -> Vec<f64> {
    let before = w.clone();
    fix_signs(w);
    before
        .col_iter()
        .zip(w.col_iter())
        .map(|(before, after)| if before.iter().zip(after.iter()).all(|(a, b)| a == b) { 1.0 } else { -1.0 })
        .collect()
}

/// A fitted [`Spectral`] layer: W (p×q, orthonormal columns) and the map to the next layer's input.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectralLayer {
    pub(super) sigma: Bandwidth,
    pub(super) w: Mat<f64>,
    pub(super) map: FeatureMap,
}

/// The fitted map from Z to the activation R.
#[derive(Debug, Clone, PartialEq)]
pub enum FeatureMap {
    /// ψ.
    Random(RandomFeatures<f64>),
    /// R = k(Z, anchors)·basis.
    Exact {
        /// Training Z, n×q.
        anchors: Mat<f64>,
        /// U Λ^(−1/2), n×rank.
        basis: Mat<f64>,
    },
}

impl FeatureMap {
    fn exact(z: MatRef<'_, f64>, sigma: Bandwidth, tolerance: f64, par: Par) -> Result<Self> {
        let k = gram(z, sigma, par)?;
        let (values, mut vectors) = symmetric_eigen(k.as_ref())?;
        fix_signs(&mut vectors);
        let rank = values.iter().take_while(|&&value| value > tolerance * values[0]).count();
        let basis = Mat::from_fn(z.nrows(), rank, |i, k| vectors[(i, k)] / values[k].sqrt());
        Ok(Self::Exact { anchors: z.to_owned(), basis })
    }
}

impl SpectralLayer {
    /// Name of the solver.
    pub const SOLVER: &'static str = "spectral";

    /// A layer from what is stored of it.
    ///
    /// # Errors
    /// [`crate::Error::State`] for parts that do not fit.
    pub fn read(parts: &mut LayerParts<'_>) -> Result<Self> {
        if ![RANDOM, EXACT].contains(&parts.features()) {
            return Err(parts.unknown_kind(Self::SOLVER));
        }
        let w = parts.matrix("w", (parts.input_width(), None))?;
        let map = if parts.features() == RANDOM {
            let frequencies = parts.matrix("frequencies", (Some(w.ncols()), None))?;
            FeatureMap::Random(RandomFeatures::from_frequencies(frequencies)?)
        } else {
            let anchors = parts.matrix("anchors", (None, Some(w.ncols())))?;
            let basis = parts.matrix("basis", (Some(anchors.nrows()), None))?;
            FeatureMap::Exact { anchors, basis }
        };
        Self::from_parts(parts.sigma(), w, map)
    }

    /// A layer from what another one held.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for parts whose shapes do not fit, that are empty, or that are not finite.
    pub fn from_parts(sigma: Bandwidth, w: Mat<f64>, map: FeatureMap) -> Result<Self> {
        let operation = "a spectral layer";
        match &map {
            FeatureMap::Random(map) => {
                let parts = (("W", w.as_ref()), ("the frequencies", map.frequencies()));
                check_parts(operation, parts.0, parts.1, |w, map| w.1 == map.0)?;
            }
            FeatureMap::Exact { anchors, basis } => {
                let (anchors, basis) = (("the anchors", anchors.as_ref()), ("the basis", basis.as_ref()));
                check_parts(operation, ("W", w.as_ref()), anchors, |w, anchors| w.1 == anchors.1)?;
                check_parts(operation, anchors, basis, |anchors, basis| anchors.0 == basis.0)?;
            }
        }
        Ok(Self { sigma, w, map })
    }

    /// The map from Z to R.
    pub fn map(&self) -> &FeatureMap {
        &self.map
    }

    /// W, p×q with orthonormal columns.
    pub fn weights(&self) -> MatRef<'_, f64> {
        self.w.as_ref()
    }
}

impl FittedLayer for SpectralLayer {
    fn sigma(&self) -> Bandwidth {
        self.sigma
    }

    fn input_width(&self) -> usize {
        self.w.nrows()
    }

    fn width(&self) -> usize {
        self.w.ncols()
    }

    fn activation_width(&self) -> usize {
        match &self.map {
            FeatureMap::Random(map) => map.n_features(),
            FeatureMap::Exact { basis, .. } => basis.ncols(),
        }
    }

    fn project(&self, input: MatRef<'_, f64>, _: Par) -> Result<Mat<f64>> {
        check_width(input, self.input_width())?;
        hsic_kernels::tiles::check_finite(input, "the layer's input")?;
        Ok(product(input, self.w.as_ref()))
    }

    fn activate(&self, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        check_width(z, self.width())?;
        match &self.map {
            FeatureMap::Random(map) => Ok(map.transform(z)?),
            FeatureMap::Exact { anchors, basis } => {
                Ok(cross_product(z, &Points::new(anchors.as_ref())?, self.sigma, basis.as_ref(), par)?)
            }
        }
    }

    fn state(&self) -> LayerState {
        let w = ("w", self.w.clone());
        let (features, tensors) = match &self.map {
            FeatureMap::Random(map) => (RANDOM, vec![w, ("frequencies", map.frequencies().to_owned())]),
            FeatureMap::Exact { anchors, basis } => {
                (EXACT, vec![w, ("anchors", anchors.clone()), ("basis", basis.clone())])
            }
        };
        LayerState::new(Self::SOLVER, features, tensors)
    }
}
