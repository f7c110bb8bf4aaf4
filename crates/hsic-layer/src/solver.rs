//! What every layer solver has in common.

use faer::{Mat, MatRef, Par};
use hsic_kernels::random::{Rng, stream};
use hsic_kernels::{Bandwidth, Labels};

use crate::{Error, Result};

/// Stream component of the layers' draws (random features).
const COMPONENT: u32 = 4;

/// Where a layer stands and what it may use; nothing here is a hyperparameter.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Seed of the layer's draws.
    pub seed: u64,
    /// Number of the layer, from 0: layers of one seed draw from streams of their own.
    pub layer: u32,
    /// Threads for the pair computations; the result does not depend on them.
    pub par: Par,
}

impl Default for Context {
    /// Seed 0, the first layer, one thread.
    fn default() -> Self {
        Self { seed: 0, layer: 0, par: Par::Seq }
    }
}

impl Context {
    /// The layer's own stream.
    pub fn rng(&self) -> Rng {
        stream(self.seed, COMPONENT, self.layer)
    }
}

/// Solves one layer: greedy, once, without a gradient through other layers.
pub trait LayerSolver: Sync {
    /// The fitted layer.
    type Layer: FittedLayer + Send;

    /// Name of the method, as in the published table: `spectral`, `closed-form`.
    fn name(&self) -> &'static str;

    /// Solves the layer for its input and bandwidth.
    ///
    /// # Shapes
    /// `input` n×p, `labels` n.
    ///
    /// # Errors
    /// [`Error::Kernel`] for shapes that do not fit and non-finite numbers, [`Error::TooFewClasses`],
    /// [`Error::AllRowsEqual`], [`Error::Scale`].
    fn fit(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<Self::Layer>>;
}

/// A solved layer: input rows to projected rows Z, and those to the activation the next layer takes.
pub trait FittedLayer: Sync {
    /// The layer's bandwidth.
    fn sigma(&self) -> Bandwidth;
    /// Columns of an input row.
    fn input_width(&self) -> usize;
    /// Columns of Z, q.
    fn width(&self) -> usize;
    /// Columns of R, the activation.
    fn activation_width(&self) -> usize;
    /// Z of input rows, n×q.
    ///
    /// # Errors
    /// [`Error::Width`] for another number of columns, [`Error::Kernel`] for non-finite numbers.
    fn project(&self, input: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>>;
    /// The activation R of projected rows, the next layer's input.
    ///
    /// # Errors
    /// As [`FittedLayer::project`].
    fn activate(&self, z: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>>;
}

/// A solved layer with what it makes of its training rows, and how it was found.
#[derive(Debug, Clone)]
pub struct Fit<L> {
    /// The layer.
    pub layer: L,
    /// Z of the training rows, n×q. Of a self-excluded layer it leaves out each row's own term, which
    /// [`FittedLayer::project`] on the same rows would count.
    pub z: Mat<f64>,
    /// How the solution was found.
    pub solution: Solution,
}

/// How a layer's solution was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Why the solver stopped.
    pub termination: Termination,
    /// Number of iterations; 0 for a closed form.
    pub iterations: usize,
    /// The objective Tr(ΓK) before the first and after every iteration, never falling; empty for a closed form,
    /// which maximises nothing at its own bandwidth.
    pub objective_history: Vec<f64>,
    /// ‖QW − W(WᵀQW)‖_F/‖Q‖_F, zero at a stationary point; `None` for a closed form.
    pub residual: Option<f64>,
}

/// Why a solver stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Termination {
    /// A closed form: nothing was iterated.
    ClosedForm,
    /// The relative gain fell below the tolerance.
    Converged,
    /// No step along the eigenvectors or the gradient raises the objective any more.
    NoAscent,
    /// The subspace is the whole space, where every W has the same objective.
    WholeSpace,
    /// The iteration limit.
    MaxIterations,
}

impl Termination {
    /// The name used in result files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosedForm => "closed-form",
            Self::Converged => "converged",
            Self::NoAscent => "no-ascent",
            Self::WholeSpace => "whole-space",
            Self::MaxIterations => "max-iterations",
        }
    }

    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::ClosedForm, Self::Converged, Self::NoAscent, Self::WholeSpace, Self::MaxIterations]
            .into_iter()
            .find(|reason| reason.name() == name)
    }
}

/// What both solvers refuse before they start.
pub(crate) fn check_input(input: MatRef<'_, f64>, labels: &Labels) -> Result<()> {
    hsic_kernels::tiles::check_finite(input, "the layer's input")?;
    labels.check_rows("a layer", input.shape())?;
    check_present(labels.counts())?;
    if input.nrows() == 0 {
        return Ok(());
    }
    let apart = |column: faer::ColRef<'_, f64>| {
        column.iter().map(|value| (value - column[0]).abs()).fold(0.0, f64::max)
    };
    let largest = input.col_iter().map(apart).fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(Error::AllRowsEqual);
    }
    // squares of the differences, and what is far below the largest, must be numbers
    let limit = 2f64.powi(480);
    if (1.0 / limit..=limit).contains(&largest) { Ok(()) } else { Err(Error::Scale { largest }) }
}

/// Refuses rows of fewer than two classes.
pub(crate) fn check_present(counts: &[usize]) -> Result<()> {
    let present = counts.iter().filter(|&&count| count > 0).count();
    if present < 2 { Err(Error::TooFewClasses { present }) } else { Ok(()) }
}

/// Refuses two parts of a layer whose sizes do not fit, and empty ones.
pub(crate) fn check_parts(
    operation: &'static str,
    (left_name, left): (&'static str, MatRef<'_, f64>),
    (right_name, right): (&'static str, MatRef<'_, f64>),
    fit: impl FnOnce((usize, usize), (usize, usize)) -> bool,
) -> Result<()> {
    hsic_kernels::tiles::check_finite(left, left_name)?;
    hsic_kernels::tiles::check_finite(right, right_name)?;
    let (left, right) = (left.shape(), right.shape());
    let filled = [left.0, left.1, right.0, right.1].iter().all(|&size| size > 0);
    if filled && fit(left, right) {
        return Ok(());
    }
    Err(hsic_kernels::Error::Shape { operation, left_name, left, right_name, right }.into())
}

/// Refuses rows of another width than the layer was fitted on.
pub(crate) fn check_width(rows: MatRef<'_, f64>, expected: usize) -> Result<()> {
    if rows.ncols() == expected {
        return Ok(());
    }
    Err(Error::Width { expected, got: rows.ncols() })
}
