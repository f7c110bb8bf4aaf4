//! A solver that is not of this project: Fisher's discriminant in the space of random features.

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::linalg::{product, solve_positive_definite};
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::state::{LayerParts, LayerState};
use hsic_layer::sums::{Psi, RowSum};
use hsic_layer::{
    Context, Error, Fit, FittedLayer, Hyperparameters, Layer, LayerSolver, OutputKind, Refit, Result,
    Solution, after_one_pass, check_input, check_width,
};

/// Z = ΨW, W = (S_w + λI)⁻¹ΨᵀHYD with columns of norm 1: Ψ are m random features of the input, S_w is their scatter within
/// classes, D as in Γ.
///
/// As in the closed form the next layer's kernel acts on Z, so that the activation is Z.
///
/// # Source
/// Mika et al. (1999), Fisher discriminant analysis with kernels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fisher {
    /// Number of random features, even.
    pub m: usize,
    /// λ as a share of the mean diagonal entry of the total scatter.
    pub ridge: f64,
    /// How classes count.
    pub class_weight: ClassWeight,
}

impl Default for Fisher {
    fn default() -> Self {
        Self { m: 200, ridge: 1e-2, class_weight: ClassWeight::Plain }
    }
}

impl Fisher {
    fn map(&self, width: usize, sigma: Bandwidth, context: &Context) -> Result<RandomFeatures<f64>> {
        Ok(RandomFeatures::draw(width, self.m, sigma, Frequencies::Orthogonal, &mut context.rng())?)
    }

    /// W from the moments of Ψ.
    fn weights(&self, psi: &ClassMoments) -> Result<Mat<f64>> {
        let totals = psi.totals();
        let (sums, counts) = (totals.sums(), totals.counts());
        let scaled =
            Mat::from_fn(self.m, counts.len(), |k, a| sums[(k, a)] / (counts[a].max(1) as f64).sqrt());
        let ridge = self.ridge * psi.total(None) / self.m as f64;
        let mut within = psi.second_moment() - product(scaled.as_ref(), scaled.transpose());
        (0..self.m).for_each(|k| within[(k, k)] += ridge);
        let mut weights =
            solve_positive_definite(within.as_ref(), totals.class_directions(self.class_weight))?;
        for column in weights.col_iter_mut() {
            // that of a class without rows is 0
            let norm = column.norm_l2().max(f64::MIN_POSITIVE);
            column.iter_mut().for_each(|value| *value /= norm);
        }
        Ok(weights)
    }
}

impl LayerSolver for Fisher {
    type Layer = FisherLayer;

    fn name(&self) -> &'static str {
        FisherLayer::SOLVER
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<FisherLayer>> {
        check_input(input, labels)?;
        let map = self.map(input.ncols(), sigma, context)?;
        let psi = map.transform(input)?;
        let weights = self.weights(&ClassMoments::of(psi.as_ref(), labels))?;
        let z = product(psi.as_ref(), weights.as_ref());
        Ok(Fit { layer: FisherLayer { sigma, map, weights }, z, solution: Solution::closed_form() })
    }

    fn check(&self) -> Result<()> {
        if self.ridge > 0.0 && self.ridge.is_finite() {
            return Ok(());
        }
        Err(Error::Parameter { name: "ridge", bound: "positive and finite", value: self.ridge })
    }

    fn hyperparameters(&self) -> Hyperparameters {
        [("n_features", self.m.into()), ("ridge", self.ridge.into())]
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }

    fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        Self { class_weight, ..self }
    }

    fn preferred_sigma(
        &self,
        of_metric: Option<Bandwidth>,
        argmax: &dyn Fn() -> Result<Bandwidth>,
    ) -> Result<Bandwidth> {
        of_metric.map_or_else(argmax, Ok)
    }

    fn metric_sigma(&self, _: Bandwidth, argmax: &dyn Fn() -> Result<Bandwidth>) -> Result<Bandwidth> {
        argmax()
    }

    fn output(&self, _: OutputKind) -> OutputKind {
        OutputKind::Projection
    }

    fn check_blocks(&self) -> Result<()> {
        Ok(())
    }

    fn refit(&self, _: &ClassMoments, of_sample: &Layer, context: &Context) -> Result<Box<dyn Refit>> {
        let (solver, sigma) = (*self, of_sample.sigma());
        let map = self.map(of_sample.input_width(), sigma, context)?;
        Ok(after_one_pass(RowSum::Moments(Psi::of_rows(map.clone())), move |sums| {
            let weights = solver.weights(&sums.into_moments()?)?;
            Ok(FisherLayer { sigma, map, weights }.into())
        }))
    }

    fn metric_features(
        &self,
        layer: &Layer,
        metric_sigma: Bandwidth,
        next: &Context,
    ) -> Result<Option<RandomFeatures<f64>>> {
        self.map(layer.width(), metric_sigma, next).map(Some)
    }
}

/// A fitted [`Fisher`] layer.
#[derive(Debug, Clone, PartialEq)]
pub struct FisherLayer {
    sigma: Bandwidth,
    map: RandomFeatures<f64>,
    weights: Mat<f64>,
}

impl FisherLayer {
    /// The name its networks are stored under.
    pub const SOLVER: &'static str = "fisher";

    /// The layer of its stored parts: what a registry needs.
    pub fn read(parts: &mut LayerParts<'_>) -> Result<Layer> {
        let frequencies = parts.matrix("frequencies", (parts.input_width(), None))?;
        let map = RandomFeatures::from_frequencies(frequencies)?;
        let weights = parts.matrix("weights", (Some(map.n_features()), None))?;
        Ok(Self { sigma: parts.sigma(), map, weights }.into())
    }
}

impl FittedLayer for FisherLayer {
    fn sigma(&self) -> Bandwidth {
        self.sigma
    }

    fn input_width(&self) -> usize {
        self.map.input_width()
    }

    fn width(&self) -> usize {
        self.weights.ncols()
    }

    fn activation_width(&self) -> usize {
        self.width()
    }

    fn project(&self, input: MatRef<'_, f64>, _: Par) -> Result<Mat<f64>> {
        check_width(input, self.input_width())?;
        Ok(product(self.map.transform(input)?.as_ref(), self.weights.as_ref()))
    }

    fn activate(&self, z: MatRef<'_, f64>, _: Par) -> Result<Mat<f64>> {
        check_width(z, self.width())?;
        Ok(z.to_owned())
    }

    fn state(&self) -> LayerState {
        let tensors = [("frequencies", self.map.frequencies().to_owned()), ("weights", self.weights.clone())];
        LayerState::new(Self::SOLVER, "random", tensors)
    }
}
