//! The two solvers of this project behind one type, so that a network's parameters can name either.

use faer::MatRef;
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::{
    ClosedForm, Context, Fit, Hyperparameters, Layer, LayerSolver, OutputKind, Refit, Result, Spectral, Trial,
};

/// One of the two solvers, with its own hyperparameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SolverParams {
    /// W*, the eigenproblem.
    Spectral(Spectral),
    /// W_s, the kernel mean embedding.
    ClosedForm(ClosedForm),
}

/// The same expression of whichever solver it is.
macro_rules! either {
    ($params:expr, $solver:ident => $body:expr) => {
        match $params {
            SolverParams::Spectral($solver) => $body,
            SolverParams::ClosedForm($solver) => $body,
        }
    };
}

impl LayerSolver for SolverParams {
    type Layer = Layer;

    fn name(&self) -> &'static str {
        either!(self, solver => solver.name())
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<Layer>> {
        either!(self, solver => Ok(solver.fit(input, labels, sigma, context)?.erased()))
    }

    fn try_each(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigmas: &[Bandwidth],
        context: &Context,
    ) -> Result<Vec<Trial>> {
        either!(self, solver => solver.try_each(input, labels, sigmas, context))
    }

    fn check(&self) -> Result<()> {
        either!(self, solver => solver.check())
    }

    fn hyperparameters(&self) -> Hyperparameters {
        self.named()
    }

    fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        match self {
            Self::Spectral(solver) => Self::Spectral(solver.with_class_weight(class_weight)),
            Self::ClosedForm(solver) => Self::ClosedForm(solver.with_class_weight(class_weight)),
        }
    }

    fn preferred_sigma(
        &self,
        of_metric: Option<Bandwidth>,
        argmax: &dyn Fn() -> Result<Bandwidth>,
    ) -> Result<Bandwidth> {
        either!(self, solver => solver.preferred_sigma(of_metric, argmax))
    }

    fn metric_sigma(&self, sigma: Bandwidth, argmax: &dyn Fn() -> Result<Bandwidth>) -> Result<Bandwidth> {
        either!(self, solver => solver.metric_sigma(sigma, argmax))
    }

    fn self_excluded(&self) -> Option<Self> {
        match self {
            Self::Spectral(solver) => solver.self_excluded().map(Self::Spectral),
            Self::ClosedForm(solver) => solver.self_excluded().map(Self::ClosedForm),
        }
    }

    fn output(&self, asked: OutputKind) -> OutputKind {
        either!(self, solver => solver.output(asked))
    }

    fn check_blocks(&self) -> Result<()> {
        either!(self, solver => solver.check_blocks())
    }

    fn needs_moments(&self) -> bool {
        either!(self, solver => solver.needs_moments())
    }

    fn refit(&self, moments: &ClassMoments, of_sample: &Layer, context: &Context) -> Result<Box<dyn Refit>> {
        either!(self, solver => solver.refit(moments, of_sample, context))
    }

    fn metric_features(
        &self,
        layer: &Layer,
        metric_sigma: Bandwidth,
        next: &Context,
    ) -> Result<Option<RandomFeatures<f64>>> {
        either!(self, solver => solver.metric_features(layer, metric_sigma, next))
    }
}
