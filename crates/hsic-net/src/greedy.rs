//! Greedy stacking: a layer is solved, kept, and never revisited.

use std::time::{Duration, Instant};

use faer::{MatRef, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic};
use hsic_kernels::hsic::against_labels;
use hsic_kernels::{Bandwidth, CenteredLabelGram, Labels};
use hsic_layer::{Context, Fit, Layer, LayerSolver};

use crate::fit::{LayerTrace, NetworkFit};
use crate::head::Output;
use crate::observer::{LayerSummary, Observer};
use crate::schedule::{Floor, candidates};
use crate::stopping::{StopReason, Stopping};
use crate::{Network, NetworkParams, Result, Selection};

/// Where the training rows are. The stack chooses bandwidths and solves on the rows it is given; what it found is then
/// made to count for all.
pub(crate) trait TrainingRows<S: LayerSolver> {
    /// The layer after `layers`, with its scores, of all training rows; `scored` is that of the stack's rows, whose
    /// input to the layer is `input`.
    fn refit(
        &mut self,
        stack: &Stack<'_, S>,
        layers: &[Layer],
        scored: Scored,
        input: MatRef<'_, f64>,
    ) -> Result<Scored>;
    /// The output on the last of the layers kept; `z` is the stack's rows' there.
    fn output(&self, stack: &Stack<'_, S>, layers: &[Layer], z: MatRef<'_, f64>) -> Result<Output>;
}

/// The stack's rows are all there are.
pub(crate) struct InMemory;

impl<S: LayerSolver> TrainingRows<S> for InMemory {
    fn refit(&mut self, _: &Stack<'_, S>, _: &[Layer], scored: Scored, _: MatRef<'_, f64>) -> Result<Scored> {
        Ok(scored)
    }

    fn output(&self, stack: &Stack<'_, S>, layers: &[Layer], z: MatRef<'_, f64>) -> Result<Output> {
        Output::fit(&stack.params.into(), &layers[layers.len() - 1], z, stack.labels, stack.par)
    }
}

impl<S: LayerSolver> Stack<'_, S> {
    /// Stacks layers on `x`, in class order, until the rule says stop, and fits the output.
    pub(crate) fn grow(
        &self,
        x: MatRef<'_, f64>,
        training: &mut impl TrainingRows<S>,
        start: Instant,
        observer: &mut impl Observer,
    ) -> Result<NetworkFit> {
        let (params, labels, par) = (self.params, self.labels, self.par);
        let mut observed = Duration::ZERO;
        let mut stopping = Stopping::new(params);
        let mut input = x.to_owned();
        let mut input_sigma = None;
        let (mut layers, mut trace): (Vec<Layer>, Vec<LayerTrace>) = Default::default();
        let stop_reason = loop {
            let layer_start = Instant::now();
            let depth = layers.len();
            let Some(scored) = self.next_layer(depth, input.as_ref(), input_sigma, &stopping)? else {
                break StopReason::NoGain;
            };
            let scored = training.refit(self, &layers, scored, input.as_ref())?;
            let Scored { fit, metric_sigma, objective, hsic, stack_hsic, .. } = scored;
            let summary = LayerSummary {
                layer: depth + 1,
                width: fit.layer.width(),
                sigma: fit.layer.sigma(),
                metric_sigma,
                objective,
                hsic_normalized: hsic,
                solution: fit.solution,
                elapsed: layer_start.elapsed(),
            };
            let stop = stopping.after_layer(hsic, stack_hsic, fit.z.as_ref(), labels, par)?;
            let observe_start = Instant::now();
            observer.layer(&summary);
            observed += observe_start.elapsed();
            if stop.is_none() {
                input = fit.layer.activate(fit.z.as_ref(), par)?;
                input_sigma = Some(metric_sigma);
            }
            layers.push(fit.layer.clone());
            let kept = stopping.best_depth().max(1);
            trace.push(LayerTrace { layer: fit.layer, summary, z: fit.z, kept });
            if let Some(reason) = stop {
                break reason;
            }
        };
        let kept = stopping.best_depth().max(1);
        layers.truncate(kept);
        let summaries = trace[..kept].iter().map(|layer| layer.summary.clone()).collect();
        let output = training.output(self, &layers, trace[kept - 1].z.as_ref())?;
        let network = Network { layers, summaries, output, stop_reason, elapsed: start.elapsed() - observed };
        Ok(NetworkFit { network, trace, labels: labels.clone(), order: None, output: params.into() })
    }
}

/// A fitted layer with the scores it is chosen by.
pub(crate) struct Scored {
    pub(crate) fit: Fit<Layer>,
    pub(crate) metric_sigma: Bandwidth,
    pub(crate) objective: f64,
    pub(crate) hsic: f64,
    /// H* of the stack's own rows, which candidates are compared by: they are tried on nothing else.
    pub(crate) stack_hsic: f64,
    /// What the selection compares.
    pub(crate) score: f64,
}

/// What stays the same while layers are stacked.
pub(crate) struct Stack<'a, S> {
    pub(crate) params: &'a NetworkParams<S>,
    pub(crate) solver: S,
    pub(crate) labels: &'a Labels,
    label_gram: CenteredLabelGram,
    pub(crate) par: Par,
}

impl<'a, S: LayerSolver> Stack<'a, S> {
    pub(crate) fn new(params: &'a NetworkParams<S>, labels: &'a Labels, par: Par) -> Self {
        let label_gram = CenteredLabelGram::new(labels, params.class_weight);
        let solver = params.solver.clone().with_class_weight(params.class_weight);
        Self { params, solver, labels, label_gram, par }
    }

    /// The next layer at the selection's bandwidth; `None` where no candidate gains.
    fn next_layer(
        &self,
        depth: usize,
        input: MatRef<'_, f64>,
        input_sigma: Option<Bandwidth>,
        stopping: &Stopping,
    ) -> Result<Option<Scored>> {
        let preferred = || -> Result<Bandwidth> {
            let argmax = || self.max_trace_sigma(input, depth);
            let preferred = self.solver.preferred_sigma(input_sigma, &argmax)?;
            Ok(preferred.scaled(self.params.bandwidth_scale)?)
        };
        let single = match self.params.selection {
            Selection::Fixed(sigma) => Some(sigma),
            Selection::MaxTrace => Some(preferred()?),
            // the highest H* may need a narrow kernel from the start; a smooth stack starts smooth
            Selection::MaxHsic => None,
            _ if depth == 0 => Some(preferred()?),
            _ => None,
        };
        if let Some(sigma) = single {
            return self.scored(depth, input, sigma).map(Some);
        }
        let floor = match self.params.selection {
            Selection::MaxHsic => Floor::AnyRows,
            _ => Floor::BetweenClasses,
        };
        let grid = candidates(input, self.labels, preferred()?, self.params.candidates, floor, self.par)?;
        let mut best: Option<Scored> = None;
        for sigma in grid {
            let scored = self.scored(depth, input, sigma)?;
            if !stopping.candidate_gains(scored.stack_hsic) {
                continue;
            }
            if self.params.selection == Selection::SmoothestGain {
                return Ok(Some(scored));
            }
            if best.as_ref().is_none_or(|best| scored.score > best.score) {
                best = Some(scored);
            }
        }
        Ok(best)
    }

    fn scored(&self, depth: usize, input: MatRef<'_, f64>, sigma: Bandwidth) -> Result<Scored> {
        let context = self.context(depth);
        let fit = self.solver.fit(input, self.labels, sigma, &context)?.erased();
        let (metric_sigma, objective, hsic) = self.measure(depth, fit.z.as_ref(), sigma)?;
        let score = if let (Selection::LeaveOneOut, Some(excluding)) =
            (self.params.selection, self.solver.self_excluded())
        {
            let z = excluding.fit(input, self.labels, sigma, &context)?.z;
            self.measure(depth, z.as_ref(), sigma)?.2
        } else {
            hsic
        };
        Ok(Scored { fit, metric_sigma, objective, hsic, stack_hsic: hsic, score })
    }

    /// What the layer at this depth, from 0, may use.
    pub(crate) fn context(&self, depth: usize) -> Context {
        Context { seed: self.params.seed, layer: depth as u32, par: self.par }
    }

    /// Bandwidth, Tr(ΓK) and H* of the Gram matrix of Z.
    pub(crate) fn measure(
        &self,
        depth: usize,
        z: MatRef<'_, f64>,
        sigma: Bandwidth,
    ) -> Result<(Bandwidth, f64, f64)> {
        let metric_sigma = self.solver.metric_sigma(sigma, &|| self.max_trace_sigma(z, depth + 1))?;
        let hsic = against_labels(z, metric_sigma, self.labels, self.par)?;
        let objective = self.label_gram.weighted_sum(hsic.block_sums.as_ref());
        Ok((metric_sigma, objective, hsic.statistics.normalized()))
    }

    /// argmax Tr(ΓK_σ) on a subsample of its own for each depth.
    fn max_trace_sigma(&self, rows: MatRef<'_, f64>, depth: usize) -> hsic_layer::Result<Bandwidth> {
        let seed = self.params.seed.wrapping_add(depth as u64);
        let subsample = Subsample { rows: self.params.subsample_rows, seed };
        Ok(max_hsic(rows, self.labels, &self.label_gram, &subsample, self.par)?)
    }
}
