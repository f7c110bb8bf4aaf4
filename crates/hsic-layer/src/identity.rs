//! No layer at all, as one.

use faer::{Mat, MatRef, Par, mat};
use hsic_kernels::{Bandwidth, Labels};

use crate::state::{LayerParts, LayerState};
use crate::{
    Context, Fit, FittedLayer, Layer, LayerSolver, OutputKind, Result, Solution, check_input, check_width,
};

/// Z = X: nothing is solved. What a network without a layer consists of, so that its input is measured as any layer is: H* of
/// its kernel, and a head that sees it.
///
/// Its activation is Z, and a head sees nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity;

impl LayerSolver for Identity {
    type Layer = IdentityLayer;

    fn name(&self) -> &'static str {
        IdentityLayer::SOLVER
    }

    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        _: &Context,
    ) -> Result<Fit<IdentityLayer>> {
        check_input(input, labels)?;
        let layer = IdentityLayer { sigma, width: input.ncols() };
        Ok(Fit { layer, z: input.to_owned(), solution: Solution::closed_form() })
    }

    fn output(&self, _: OutputKind) -> OutputKind {
        OutputKind::Projection
    }
}

/// A fitted [`Identity`].
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityLayer {
    sigma: Bandwidth,
    width: usize,
}

impl IdentityLayer {
    /// The name its networks are stored under.
    pub const SOLVER: &'static str = "identity";

    /// The layer of its stored parts.
    pub(crate) fn read(parts: &mut LayerParts<'_>) -> Result<Layer> {
        let stored = parts.matrix("width", (Some(1), Some(1)))?[(0, 0)];
        let width = stored as usize;
        if width == 0 || width as f64 != stored || parts.input_width().is_some_and(|input| input != width) {
            return Err(parts.bad_value("width", "that of the input, a whole number of at least 1", stored));
        }
        Ok(Self { sigma: parts.sigma(), width }.into())
    }
}

impl FittedLayer for IdentityLayer {
    fn sigma(&self) -> Bandwidth {
        self.sigma
    }

    fn input_width(&self) -> usize {
        self.width
    }

    fn width(&self) -> usize {
        self.width
    }

    fn activation_width(&self) -> usize {
        self.width
    }

    fn project(&self, input: MatRef<'_, f64>, _: Par) -> Result<Mat<f64>> {
        check_width(input, self.width)?;
        hsic_kernels::tiles::check_finite(input, "the layer's input")?;
        Ok(input.to_owned())
    }

    fn activate(&self, z: MatRef<'_, f64>, _: Par) -> Result<Mat<f64>> {
        check_width(z, self.width)?;
        Ok(z.to_owned())
    }

    fn state(&self) -> LayerState {
        LayerState::new(Self::SOLVER, "none", [("width", mat![[self.width as f64]])])
    }
}
