//! Both solvers behind one type, so that a network is a plain list of layers.

use faer::{Mat, MatRef, Par};
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::{ClosedFormLayer, Context, Fit, FittedLayer, LayerSolver, Result, Spectral, SpectralLayer};

use crate::SolverParams;

/// A layer of either solver.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// W*.
    Spectral(SpectralLayer),
    /// W_s.
    ClosedForm(ClosedFormLayer),
}

impl Layer {
    fn inner(&self) -> &dyn FittedLayer {
        match self {
            Self::Spectral(layer) => layer,
            Self::ClosedForm(layer) => layer,
        }
    }
}

impl FittedLayer for Layer {
    fn sigma(&self) -> Bandwidth {
        self.inner().sigma()
    }
    fn input_width(&self) -> usize {
        self.inner().input_width()
    }
    fn width(&self) -> usize {
        self.inner().width()
    }
    fn activation_width(&self) -> usize {
        self.inner().activation_width()
    }
    fn project(&self, input: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        self.inner().project(input, par)
    }
    fn activate(&self, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        self.inner().activate(z, par)
    }
}

impl SolverParams {
    /// The solver with the network's class weights.
    pub(crate) fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        match self {
            Self::Spectral(solver) => Self::Spectral(Spectral { class_weight, ..solver }),
            Self::ClosedForm(_) => self,
        }
    }
}

impl LayerSolver for SolverParams {
    type Layer = Layer;

    fn name(&self) -> &'static str {
        match self {
            Self::Spectral(solver) => solver.name(),
            Self::ClosedForm(solver) => solver.name(),
        }
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<Layer>> {
        fn wrap<L>(fit: Fit<L>, layer: impl FnOnce(L) -> Layer) -> Fit<Layer> {
            Fit { layer: layer(fit.layer), z: fit.z, solution: fit.solution }
        }
        match self {
            Self::Spectral(solver) => {
                solver.fit(input, labels, sigma, context).map(|fit| wrap(fit, Layer::Spectral))
            }
            Self::ClosedForm(solver) => {
                solver.fit(input, labels, sigma, context).map(|fit| wrap(fit, Layer::ClosedForm))
            }
        }
    }
}
