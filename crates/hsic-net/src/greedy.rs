//! Greedy stacking: a layer is solved, kept, and never revisited.

use std::time::{Duration, Instant};

use faer::{Mat, MatRef, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic};
use hsic_kernels::hsic::against_labels;
use hsic_kernels::{Bandwidth, CenteredLabelGram, Labels};
use hsic_layer::{Context, Fit, Layer, LayerSolver};

use crate::fit::{LayerTrace, NetworkFit};
use crate::head::Output;
use crate::observer::{LayerSummary, Observer};
use crate::plan::{SearchStep, plan};
use crate::schedule::{Floor, candidates};
use crate::stopping::{StopReason, Stopping};
use crate::{Network, NetworkParams, Result, Selection};

/// A stack while it grows, on the rows it was given, in class order.
pub(crate) struct Growth<S> {
    pub(crate) stack: Stack<S>,
    stopping: Stopping,
    /// The bandwidths of the layers, where the selection looked ahead.
    plan: Option<Vec<Bandwidth>>,
    /// Of the next layer.
    pub(crate) input: Mat<f64>,
    input_sigma: Option<Bandwidth>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) trace: Vec<LayerTrace>,
    start: Instant,
    layer_start: Instant,
    /// Time that is not the fit's.
    observed: Duration,
}

impl<S: LayerSolver> Growth<S> {
    pub(crate) fn new(
        stack: Stack<S>,
        x: Mat<f64>,
        start: Instant,
        told: &mut dyn FnMut(&SearchStep),
    ) -> Result<Self> {
        let plan = plan(&stack, x.as_ref(), told)?;
        Ok(Self {
            stopping: Stopping::new(&stack.params, plan.as_ref().map(Vec::len)),
            plan,
            stack,
            input: x,
            input_sigma: None,
            layers: Vec::new(),
            trace: Vec::new(),
            start,
            layer_start: start,
            observed: Duration::ZERO,
        })
    }

    /// The next layer as the stack's rows find it; `None` where no candidate gains.
    pub(crate) fn propose(&mut self) -> Result<Option<Scored>> {
        // a plan is part of the first layer
        if !(self.plan.is_some() && self.layers.is_empty()) {
            self.layer_start = Instant::now();
        }
        if let Some(plan) = &self.plan {
            let Some(&sigma) = plan.get(self.layers.len()) else { return Ok(None) };
            return self.stack.scored(self.layers.len(), self.input.as_ref(), sigma).map(Some);
        }
        self.stack.next_layer(self.layers.len(), self.input.as_ref(), self.input_sigma, &self.stopping)
    }

    /// Puts a layer on the stack, and says whether it was the last.
    pub(crate) fn accept(&mut self, scored: Scored) -> Result<Option<StopReason>> {
        let Scored { fit, metric_sigma, objective, hsic, stack_hsic, .. } = scored;
        let summary = LayerSummary {
            layer: self.layers.len() + 1,
            width: fit.layer.width(),
            sigma: fit.layer.sigma(),
            metric_sigma,
            objective,
            hsic_normalized: hsic,
            solution: fit.solution,
            elapsed: self.layer_start.elapsed(),
        };
        let (labels, par) = (&self.stack.labels, self.stack.par);
        let stop = self.stopping.after_layer(hsic, stack_hsic, fit.z.as_ref(), labels, par)?;
        if stop.is_none() {
            self.input = fit.layer.activate(fit.z.as_ref(), par)?;
            self.input_sigma = Some(metric_sigma);
        }
        self.layers.push(fit.layer.clone());
        let kept = self.kept();
        self.trace.push(LayerTrace { layer: fit.layer, summary, z: fit.z, kept });
        Ok(stop)
    }

    /// Shows the last layer; the time it takes is not the fit's.
    pub(crate) fn show(&mut self, observer: &mut impl Observer) {
        let start = Instant::now();
        if let Some(LayerTrace { summary, .. }) = self.trace.last() {
            observer.layer(summary);
        }
        // in blocks the next layer has begun
        self.observed += start.elapsed();
        self.layer_start += start.elapsed();
    }

    /// Number of layers that are kept where stacking ends now.
    pub(crate) fn kept(&self) -> usize {
        self.stopping.best_depth().max(1)
    }

    /// The fit, with the output on the layers kept.
    pub(crate) fn finish(self, stop_reason: StopReason, output: Output) -> NetworkFit {
        let (kept, Self { stack, mut layers, trace, start, observed, .. }) = (self.kept(), self);
        layers.truncate(kept);
        let summaries = trace[..kept].iter().map(|layer| layer.summary.clone()).collect();
        let network = Network { layers, summaries, output, stop_reason, elapsed: start.elapsed() - observed };
        NetworkFit { network, trace, output: (&stack.params).into(), labels: stack.labels, order: None }
    }
}

/// Stacks layers on rows in memory (in class order) until the rule says stop, and fits the output.
pub(crate) fn fit_in_memory<S: LayerSolver>(
    stack: Stack<S>,
    x: MatRef<'_, f64>,
    start: Instant,
    observer: &mut impl Observer,
) -> Result<NetworkFit> {
    let mut growth = Growth::new(stack, x.to_owned(), start, &mut |step| observer.searched(step))?;
    let stop_reason = loop {
        let Some(scored) = growth.propose()? else { break StopReason::NoGain };
        let stop = growth.accept(scored)?;
        growth.show(observer);
        if let Some(reason) = stop {
            break reason;
        }
    };
    let (stack, last) = (&growth.stack, &growth.trace[growth.kept() - 1]);
    let output =
        Output::fit(&(&stack.params).into(), &last.layer, last.z.as_ref(), &stack.labels, stack.par)?;
    Ok(growth.finish(stop_reason, output))
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
pub(crate) struct Stack<S> {
    pub(crate) params: NetworkParams<S>,
    pub(crate) solver: S,
    pub(crate) labels: Labels,
    label_gram: CenteredLabelGram,
    pub(crate) par: Par,
}

impl<S: LayerSolver> Stack<S> {
    pub(crate) fn new(params: &NetworkParams<S>, labels: Labels, par: Par) -> Self {
        let label_gram = CenteredLabelGram::new(&labels, params.class_weight);
        let solver = params.solver.clone().with_class_weight(params.class_weight);
        Self { params: params.clone(), solver, labels, label_gram, par }
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
        let grid = candidates(input, &self.labels, preferred()?, self.params.candidates, floor, self.par)?;
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
        let fit = self.solver.fit(input, &self.labels, sigma, &context)?.erased();
        let (metric_sigma, objective, hsic) = self.measure(depth, fit.z.as_ref(), sigma)?;
        let score = if let (Selection::LeaveOneOut, Some(excluding)) =
            (self.params.selection, self.solver.self_excluded())
        {
            let z = excluding.fit(input, &self.labels, sigma, &context)?.z;
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
        let hsic = against_labels(z, metric_sigma, &self.labels, self.par)?;
        let objective = self.label_gram.weighted_sum(hsic.block_sums.as_ref());
        Ok((metric_sigma, objective, hsic.statistics.normalized()))
    }

    /// argmax Tr(ΓK_σ) on a subsample of its own for each depth.
    fn max_trace_sigma(&self, rows: MatRef<'_, f64>, depth: usize) -> hsic_layer::Result<Bandwidth> {
        let seed = self.params.seed.wrapping_add(depth as u64);
        let subsample = Subsample { rows: self.params.subsample_rows, seed };
        Ok(max_hsic(rows, &self.labels, &self.label_gram, &subsample, self.par)?)
    }
}
