//! A fit that never sees a row.

use std::time::Instant;

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::rows::RowSample;
use hsic_layer::sums::RowSums;
use hsic_layer::{Fit, Layer, LayerSolver, OutputKind, Refit, Solution, Step};

use super::partial::{Measured, Sums};
use super::{Partial, Pass, PassError, PassId, Task, fingerprint};
use crate::fit::{LayerTrace, NetworkFit};
use crate::greedy::{Growth, Scored, Stack};
use crate::head::{GaussianHead, Head, HeadKind, Output, OutputParams, Projection, leading_directions};
use crate::observer::Observer;
use crate::stopping::StopReason;
use crate::{Error, NetworkParams, Result};

/// At most about this many rows of the output are what a `knn` or `logistic` head is fitted on.
pub const HEAD_ROWS: usize = 100_000;

/// What a [`FitMachine`] wants.
#[derive(Debug)]
pub enum Next<'a> {
    /// The merged partial of this pass over all rows.
    Pass(&'a Pass),
    /// Nothing: the network is there.
    Done(&'a NetworkFit),
}

/// The fit of [`Network::fit_rows`](crate::Network::fit_rows) without the rows: it asks for one [`Pass`] after the other and goes on
/// with the merged partial of all rows.
///
/// What it asks and what it ends in depend on its settings and on the partials alone. So the bytes of the merged partials, in
/// order, are a checkpoint: a new machine that is given the same ones goes on where this one was.
///
/// ```
/// use faer::{Mat, Par};
/// use hsic_kernels::rows::{Block, RowNumbers};
/// use hsic_net::{Network, NetworkParams, passes::{FitMachine, Next}};
/// let x = Mat::from_fn(600, 2, |i, k| ((i % 2 * 3 + k) as f64) + (i as f64 * 0.7 + k as f64).sin());
/// let codes: Vec<usize> = (0..600).map(|i| i % 2).collect();
/// let block = |start| Block { rows: x.subrows(start, 300).to_owned(), codes: codes[start..start + 300].to_vec() };
/// let mut machine = FitMachine::new(&NetworkParams::spectral(), 2, 2, Par::Seq)?;
/// while let Next::Pass(pass) = machine.next()? {
///     let mut partial = pass.run(RowNumbers::From(300), block(300))?;
///     partial.merge(pass.run(RowNumbers::From(0), block(0))?)?;
///     machine.advance(partial)?;
/// }
/// let network = machine.into_fit()?.network;
/// assert_eq!(network.predict(x.as_ref(), Par::Seq)?, codes);
/// # Ok::<(), hsic_net::Error>(())
/// ```
pub struct FitMachine<S: LayerSolver> {
    id: PassId,
    params: NetworkParams<S>,
    width: usize,
    n_classes: usize,
    phase: Phase<S>,
}

/// How far it is.
enum Phase<S> {
    /// It waits for the sample.
    Sampling {
        pass: Pass,
        par: Par,
        start: Instant,
    },
    /// It waits for a pass of a layer or of the head.
    Growing {
        pass: Pass,
        growing: Box<Growing<S>>,
        waiting: Box<Waiting>,
    },
    Done(Box<NetworkFit>),
    Failed,
}

/// What a pass is for.
enum Waiting {
    Layer { scored: Scored, refit: Box<dyn Refit> },
    Measure { scored: Scored },
    Head { stop_reason: StopReason },
}

/// What comes after a pass.
enum Then {
    Pass(Vec<Layer>, Task, Box<Waiting>),
    Done(StopReason, Output),
}

/// The stack, and what all rows said of it.
struct Growing<S> {
    growth: Growth<S>,
    output: OutputParams,
    /// Of the next layer's input, where the solver needs them.
    moments: ClassMoments,
    /// What the layers so far end in.
    ends: Vec<End>,
}

/// What a head on a layer needs of all rows.
struct End {
    /// As in [`Output`].
    directions: Option<Mat<f64>>,
    /// Nothing where the head is of another kind.
    gaussian: Option<GaussianHead>,
}

impl End {
    fn new(head: HeadKind, directions: Option<Mat<f64>>, moments: &ClassMoments) -> Self {
        let of = |priors| GaussianHead::of_moments(moments, directions.as_ref().map(Mat::as_ref), priors);
        let gaussian = match head {
            HeadKind::Bayes => Some(of(true)),
            HeadKind::NearestMean => Some(of(false)),
            HeadKind::Knn { .. } | HeadKind::Logistic | HeadKind::Ridge(_) => None,
        };
        Self { directions, gaussian }
    }

    fn projection(&self) -> Projection {
        self.directions.clone().map_or(Projection::Identity, Projection::Features)
    }
}

impl<S: LayerSolver> FitMachine<S> {
    /// A fit on standardised rows of `width` columns and `n_classes` classes. `par` is for what it computes itself, on a sample; no
    /// bit depends on it.
    ///
    /// # Errors
    /// [`Error::Parameter`], [`Error::Layer`] for exact features and for a solver that takes rows in memory alone,
    /// [`Error::Combination`] for an output that keeps every row, and for no layer.
    pub fn new(params: &NetworkParams<S>, width: usize, n_classes: usize, par: Par) -> Result<Self> {
        params.check()?;
        params.solver.check_blocks()?;
        if params.max_layers == 0 {
            return Err(Error::Combination("rows in blocks need a layer: max_layers must be at least 1"));
        }
        if OutputParams::from(params).output == OutputKind::Kernel {
            return Err(Error::Combination(
                "rows in blocks need the output `features` or `projection`: the kernel's own output keeps every row",
            ));
        }
        let id = PassId { fit: fingerprint::of_settings(params, width, n_classes), number: 0 };
        let moments = params.solver.needs_moments();
        let task = Task::Sample { rows: params.sample_rows, seed: params.seed, moments };
        let pass = Pass { id, width, n_classes, layers: Vec::new(), task };
        let phase = Phase::Sampling { pass, par, start: Instant::now() };
        Ok(Self { id, params: params.clone(), width, n_classes, phase })
    }

    /// What it wants, the same until it is given that.
    ///
    /// # Errors
    /// [`PassError::Over`] after a step has failed.
    pub fn next(&self) -> Result<Next<'_>> {
        match &self.phase {
            Phase::Sampling { pass, .. } | Phase::Growing { pass, .. } => Ok(Next::Pass(pass)),
            Phase::Done(fit) => Ok(Next::Done(fit)),
            Phase::Failed => Err(PassError::Over.into()),
        }
    }

    /// Goes on with the merged partial of all rows.
    ///
    /// # Errors
    /// [`Error::Pass`] for a partial that is not of the pass asked for, after which it still waits for the right one. After any
    /// other error the fit is over: those of [`Network::fit_rows`](crate::Network::fit_rows).
    ///
    /// # Cost
    /// After the sample and after each layer's measure the next layer's bandwidth search and solution on the sample; after a sum for
    /// the ascent an eigenproblem of size r or the polar factor of an r×q matrix.
    pub fn advance(&mut self, partial: Partial) -> Result<()> {
        match &self.phase {
            Phase::Sampling { pass, .. } | Phase::Growing { pass, .. } => pass.check(&partial)?,
            Phase::Done(_) | Phase::Failed => return Err(PassError::Over.into()),
        }
        self.id = PassId { fit: partial.fingerprint(), number: self.id.number + 1 };
        let (growing, then) = match std::mem::replace(&mut self.phase, Phase::Failed) {
            Phase::Sampling { par, start, .. } => {
                let sizes = (self.width, self.n_classes);
                let mut growing = Growing::new(&self.params, par, start, partial.sums, sizes)?;
                let then = growing.propose()?;
                (Box::new(growing), then)
            }
            Phase::Growing { mut growing, waiting, .. } => {
                let then = growing.after(*waiting, partial.sums)?;
                (growing, then)
            }
            Phase::Done(_) | Phase::Failed => unreachable!("refused above"),
        };
        self.phase = match then {
            Then::Pass(layers, task, waiting) => {
                let pass = Pass { id: self.id, width: self.width, n_classes: self.n_classes, layers, task };
                Phase::Growing { pass, growing, waiting }
            }
            Then::Done(stop_reason, output) => {
                Phase::Done(Box::new(growing.growth.finish(stop_reason, output)))
            }
        };
        Ok(())
    }

    /// Its settings.
    pub fn params(&self) -> &NetworkParams<S> {
        &self.params
    }

    /// The layers so far, with Z of the sample.
    pub fn trace(&self) -> &[LayerTrace] {
        match &self.phase {
            Phase::Growing { growing, .. } => &growing.growth.trace,
            Phase::Done(fit) => &fit.trace,
            Phase::Sampling { .. } | Phase::Failed => &[],
        }
    }

    /// The fit, once it is done.
    ///
    /// # Errors
    /// [`PassError::Unfinished`], and [`PassError::Over`] after a step has failed.
    pub fn into_fit(self) -> Result<NetworkFit> {
        match self.phase {
            Phase::Done(fit) => Ok(*fit),
            Phase::Failed => Err(PassError::Over.into()),
            Phase::Sampling { .. } | Phase::Growing { .. } => Err(PassError::Unfinished(self.id).into()),
        }
    }

    /// Shows the last layer, at a time that is not the fit's.
    pub(crate) fn show(&mut self, observer: &mut impl Observer) {
        match &mut self.phase {
            Phase::Growing { growing, .. } => growing.growth.show(observer),
            Phase::Done(fit) => {
                if let Some(last) = fit.trace.last() {
                    observer.layer(&last.summary);
                }
            }
            Phase::Sampling { .. } | Phase::Failed => {}
        }
    }
}

impl<S: LayerSolver> Growing<S> {
    fn new(
        params: &NetworkParams<S>,
        par: Par,
        start: Instant,
        sums: Sums,
        (width, n_classes): (usize, usize),
    ) -> Result<Self> {
        let Sums::Sample { sample, moments } = sums else { unreachable!("checked against the pass") };
        let (x, labels) = sample.finish()?;
        let output = OutputParams::from(params);
        let growth = Growth::new(Stack::new(params, labels, par), x, start, &mut |_| ())?;
        let moments = moments.unwrap_or_else(|| ClassMoments::new(width, n_classes));
        Ok(Self { growth, output, moments, ends: Vec::new() })
    }

    /// The next layer of the sample, to be made one of all rows; the head, where none gains.
    fn propose(&mut self) -> Result<Then> {
        let Some(scored) = self.growth.propose()? else { return self.head(StopReason::NoGain) };
        let context = self.growth.stack.context(self.growth.layers.len());
        let refit = self.growth.stack.solver.refit(&self.moments, &scored.fit.layer, &context)?;
        self.refit(scored, refit, None)
    }

    fn after(&mut self, waiting: Waiting, sums: Sums) -> Result<Then> {
        match (waiting, sums) {
            (Waiting::Layer { scored, refit }, Sums::Layer(sums)) => self.refit(scored, refit, Some(sums)),
            (Waiting::Measure { scored }, Sums::Measure(measured)) => self.measured(scored, *measured),
            (Waiting::Head { stop_reason }, Sums::Head(sample)) => self.head_of(stop_reason, sample),
            _ => unreachable!("checked against the pass"),
        }
    }

    /// A step of the layer's own fit.
    fn refit(&mut self, scored: Scored, mut refit: Box<dyn Refit>, sums: Option<RowSums>) -> Result<Then> {
        match refit.step(sums)? {
            Step::Sum(sum) => {
                let layers = self.growth.layers.clone();
                Ok(Then::Pass(layers, Task::Layer(sum), Box::new(Waiting::Layer { scored, refit })))
            }
            Step::Done(layer, solution) => self.measure(scored, layer, solution),
        }
    }

    /// Asks for the moments of a layer's Ψ, and for what a head on the layer needs.
    fn measure(&self, scored: Scored, layer: Layer, solution: Option<Solution>) -> Result<Then> {
        let (stack, depth) = (&self.growth.stack, self.growth.layers.len());
        let sigma = scored.fit.layer.sigma();
        let z = layer.project(self.growth.input.as_ref(), stack.par)?;
        let (metric_sigma, _, stack_hsic) = stack.measure(depth, z.as_ref(), sigma)?;
        let map: Option<RandomFeatures<f64>> =
            stack.solver.metric_features(&layer, metric_sigma, &stack.context(depth + 1))?;
        let sees_z = self.output.output == OutputKind::Projection;
        let wants_r = map.is_some() && (!sees_z || stack.solver.needs_moments());
        let mut layers = self.growth.layers.clone();
        layers.push(layer.clone());
        let solution = solution.unwrap_or(scored.fit.solution);
        let scored = Scored { fit: Fit { layer, z, solution }, metric_sigma, stack_hsic, ..scored };
        let task = Task::Measure { map, z: sees_z, r: wants_r };
        Ok(Then::Pass(layers, task, Box::new(Waiting::Measure { scored })))
    }

    /// Puts the layer on the stack.
    fn measured(&mut self, scored: Scored, Measured { psi, z, r }: Measured) -> Result<Then> {
        let params = &self.growth.stack.params;
        let (objective, hsic) = (psi.totals().trace(params.class_weight), psi.normalized_hsic());
        let end = match &z {
            Some(z) => End::new(self.output.head, None, z),
            None => {
                let r = r.as_ref().unwrap_or(&psi);
                let sums = r.totals().class_directions(self.output.class_weight);
                let directions = leading_directions(sums.as_ref(), self.growth.stack.labels.n_present())?;
                End::new(self.output.head, Some(directions), r)
            }
        };
        self.ends.push(end);
        self.moments = r.unwrap_or(psi);
        match self.growth.accept(Scored { objective, hsic, ..scored })? {
            Some(stop_reason) => self.head(stop_reason),
            None => self.propose(),
        }
    }

    /// The output on the layers kept, or what it needs.
    fn head(&self, stop_reason: StopReason) -> Result<Then> {
        let kept = self.growth.kept();
        let end = &self.ends[kept - 1];
        if let Some(gaussian) = &end.gaussian {
            let output = Output::from_parts(end.projection(), Head::Gaussian(gaussian.clone()));
            return Ok(Then::Done(stop_reason, output));
        }
        let directions = end.directions.clone();
        let task = Task::Head { rows: HEAD_ROWS, seed: self.growth.stack.params.seed, directions };
        Ok(Then::Pass(self.growth.layers[..kept].to_vec(), task, Box::new(Waiting::Head { stop_reason })))
    }

    fn head_of(&self, stop_reason: StopReason, sample: RowSample) -> Result<Then> {
        let (features, labels): (Mat<f64>, _) = sample.finish()?;
        let features: MatRef<'_, f64> = features.as_ref();
        let head = Head::fit(self.growth.stack.params.head, features, &labels, self.growth.stack.par)?;
        let projection = self.ends[self.growth.kept() - 1].projection();
        Ok(Then::Done(stop_reason, Output::from_parts(projection, head)))
    }
}
