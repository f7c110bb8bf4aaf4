//! What every layer solver has in common.

use std::any::Any;
use std::fmt::Debug;

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::random::{Rng, stream};
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::state::LayerState;
use crate::{Error, Layer, Refit, Result};

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

/// A layer as a search over bandwidths sees it, on the training rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Z, n×q.
    pub z: Mat<f64>,
    /// The next layer's input.
    pub activation: Mat<f64>,
}

/// Hyperparameters by name, as an experiment file writes them.
pub type Hyperparameters = Map<String, Value>;

/// Solves one layer: greedy, once, without a gradient through other layers.
///
/// A network is stacked by this trait alone: what only a solver knows (the bandwidths it wants, how it is fitted on rows in
/// blocks, what a head may see of it) is said here. Only the first three are required; the rest has defaults that suit a solver
/// without wishes. [`conformance`](crate::conformance) holds an implementation against what is promised.
pub trait LayerSolver: Clone + Debug + Sync {
    /// The fitted layer.
    type Layer: Into<Layer>;

    /// Name of the method, as in the published table: `spectral`, `closed-form`. Stored layers are read by it.
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

    /// What a search over bandwidths sees of the layer solved at each of `sigmas`: what [`fit`](Self::fit) gives, up to
    /// rounding. A solver that can share work between bandwidths does so here.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    fn try_each(
        &self,
        input: MatRef<'_, f64>,
        labels: &Labels,
        sigmas: &[Bandwidth],
        context: &Context,
    ) -> Result<Vec<Trial>> {
        let trial = |&sigma: &Bandwidth| {
            let Fit { layer, z, .. } = self.fit(input, labels, sigma, context)?.erased();
            let activation = layer.activate(z.as_ref(), context.par)?;
            Ok(Trial { z, activation })
        };
        sigmas.iter().map(trial).collect()
    }

    /// Checks the hyperparameters, before anything is fitted.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the first one outside its bound.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The hyperparameters by name, for the file of a model. Those of this project's own solvers are told with the network's.
    fn hyperparameters(&self) -> Hyperparameters {
        Hyperparameters::new()
    }

    /// The solver with classes weighted so in its objective, if it has one.
    #[must_use]
    fn with_class_weight(self, class_weight: ClassWeight) -> Self {
        let _ = class_weight;
        self
    }

    /// The bandwidth the solver would take for its next layer. `of_metric` is that of the last layer's metric
    /// ([`metric_sigma`](Self::metric_sigma)), `argmax` finds that of the highest Tr(ΓK_σ) of the layer's input.
    ///
    /// # Errors
    /// Those of `argmax`.
    fn preferred_sigma(
        &self,
        of_metric: Option<Bandwidth>,
        argmax: &dyn Fn() -> Result<Bandwidth>,
    ) -> Result<Bandwidth> {
        let _ = of_metric;
        argmax()
    }

    /// The bandwidth of the Gram matrix of Z by which a layer solved at `sigma` is measured; `argmax` finds that of the highest
    /// Tr(ΓK_σ) of Z.
    ///
    /// # Errors
    /// Those of `argmax`.
    fn metric_sigma(&self, sigma: Bandwidth, argmax: &dyn Fn() -> Result<Bandwidth>) -> Result<Bandwidth> {
        let _ = argmax;
        Ok(sigma)
    }

    /// The solver whose Z of the training rows leaves out each row's own term, so that they look like new ones. `None` where a
    /// row's own term is not known: such layers cannot be scored by leave-one-out.
    fn self_excluded(&self) -> Option<Self> {
        None
    }

    /// What a head sees of the last layer where `asked` is asked for.
    fn output(&self, asked: OutputKind) -> OutputKind {
        asked
    }

    /// Checks that layers can be fitted on rows in blocks ([`refit`](Self::refit)), with these hyperparameters.
    ///
    /// # Errors
    /// [`Error::NotInBlocks`], [`Error::ExactInBlocks`].
    fn check_blocks(&self) -> Result<()> {
        Err(Error::NotInBlocks { solver: self.name() })
    }

    /// Whether [`refit`](Self::refit) needs the moments of its input.
    fn needs_moments(&self) -> bool {
        false
    }

    /// The fit of the layer on all rows, of which `of_sample` is the layer of a sample: it never sees the rows, but asks for sums
    /// over them. `moments` are those of the rows, or empty where they are not needed.
    ///
    /// # Errors
    /// As [`check_blocks`](Self::check_blocks) and [`fit`](Self::fit).
    fn refit(&self, moments: &ClassMoments, of_sample: &Layer, context: &Context) -> Result<Box<dyn Refit>> {
        let _ = (moments, of_sample, context);
        Err(Error::NotInBlocks { solver: self.name() })
    }

    /// Random features Ψ of Z with ΨΨᵀ for its Gram matrix at `metric_sigma`, by which a layer of rows in blocks is measured;
    /// `None` where the layer's activation is that already. `next` is the context of the layer after it.
    ///
    /// # Errors
    /// [`Error::Kernel`] for an odd number of features.
    fn metric_features(
        &self,
        layer: &Layer,
        metric_sigma: Bandwidth,
        next: &Context,
    ) -> Result<Option<RandomFeatures<f64>>> {
        let _ = (layer, metric_sigma, next);
        Ok(None)
    }
}

/// What the head of a network sees of the last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OutputKind {
    /// The activation R that another layer would get, on the c − 1 leading directions between class means: of random features,
    /// with their sampling noise.
    #[default]
    Features,
    /// The kernel's own feature map φ on such directions, whose class means are kernel mean embeddings: free of noise, at the
    /// price of keeping Z of the training rows.
    Kernel,
    /// Z = RW itself, all q columns: the subspace the layer found, for a head that draws its own bounds in it.
    Projection,
}

impl OutputKind {
    /// The names used in files.
    pub const NAMES: &[&str] = &["features", "kernel", "projection"];
}

/// A solved layer: input rows to projected rows Z, and those to the activation the next layer takes.
pub trait FittedLayer: Any + Debug + Send + Sync {
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
    /// What a [`LayerRegistry`](crate::state::LayerRegistry) makes the same layer of again.
    ///
    /// # Cost
    /// A copy of every tensor.
    fn state(&self) -> LayerState;
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

impl<L: Into<Layer>> Fit<L> {
    /// The same with the layer as one of any solver.
    pub fn erased(self) -> Fit<Layer> {
        Fit { layer: self.layer.into(), z: self.z, solution: self.solution }
    }
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

impl Solution {
    /// That of a closed form: nothing was iterated.
    pub fn closed_form() -> Self {
        let termination = Termination::ClosedForm;
        Self { termination, iterations: 0, objective_history: Vec::new(), residual: None }
    }
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

/// Refuses a number of random features of which cosines and sines make no pairs.
pub(crate) fn check_features(m: usize) -> Result<()> {
    if m >= 2 && m.is_multiple_of(2) {
        return Ok(());
    }
    Err(Error::Parameter { name: "n_features", bound: "even and at least 2", value: m as f64 })
}

/// What every solver refuses before it starts: shapes that do not fit, non-finite numbers, rows of fewer than two classes, and
/// rows that are all equal.
///
/// # Errors
/// [`Error::Kernel`], [`Error::TooFewClasses`], [`Error::AllRowsEqual`].
pub fn check_input(input: MatRef<'_, f64>, labels: &Labels) -> Result<()> {
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
///
/// # Errors
/// [`Error::Width`].
pub fn check_width(rows: MatRef<'_, f64>, expected: usize) -> Result<()> {
    if rows.ncols() == expected {
        return Ok(());
    }
    Err(Error::Width { expected, got: rows.ncols() })
}
