//! Networks of rows that come in blocks: the same greedy stack, its layers fitted in passes.

use std::time::Instant;

use faer::{Mat, MatRef, Par};
use hsic_kernels::Bandwidth;
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::rows::{Block, Blocks, Deferred, RowBlocks, RowSample, reduce_rows};
use hsic_layer::{Fit, Layer, LayerSolver, OutputKind, refit_rows};

use crate::fit::NetworkFit;
use crate::greedy::{Scored, Stack, TrainingRows};
use crate::head::{GaussianHead, Head, HeadKind, Output, OutputParams, Projection, leading_directions};
use crate::observer::Observer;
use crate::{Error, NetworkParams, Result};

/// At most about this many rows of the output are what a `knn` or `logistic` head is fitted on.
pub const HEAD_ROWS: usize = 100_000;

/// See [`Network::fit_rows`].
pub(crate) fn fit_rows<S: LayerSolver>(
    params: &NetworkParams<S>,
    rows: &dyn RowBlocks,
    par: Par,
    observer: &mut impl Observer,
) -> Result<NetworkFit> {
    params.check()?;
    params.solver.check_blocks()?;
    let output = OutputParams::from(params);
    if output.output == OutputKind::Kernel {
        return Err(Error::Combination(
            "rows in blocks need the output `features` or `projection`: the kernel's own output keeps every row",
        ));
    }
    let start = Instant::now();
    let needs_moments = params.solver.needs_moments();
    let mut sample = RowSample::new(params.sample_rows, params.seed, rows);
    let mut moments = ClassMoments::new(rows.width(), rows.n_classes());
    let empty = (sample.clone(), moments.clone());
    let of_block = |number: usize, block: Block| -> Result<_> {
        let (sample, mut moments) = empty.clone();
        if needs_moments {
            moments.update(block.rows.as_ref(), &block.codes);
        }
        Ok((sample.of_block(number, &block), moments))
    };
    reduce_rows(rows, par, of_block, |part| {
        sample.merge(part.0);
        moments.merge(&part.1);
    })?;
    let (x, labels) = sample.finish()?;
    let mut training = InBlocks { rows, output, input: moments, ends: Vec::new() };
    Stack::new(params, &labels, par).grow(x.as_ref(), &mut training, start, observer)
}

/// What comes out of some layers: Z of the last for rows of X.
fn forward(layers: &[Layer], x: MatRef<'_, f64>) -> Result<Mat<f64>> {
    let (last, before) = layers.split_last().expect("a layer to go through");
    let input = LayerRows::input(before, x)?;
    Ok(last.project(input.as_ref(), Par::Seq)?)
}

/// The input of the layer after `layers`, block by block.
struct LayerRows<'a> {
    rows: &'a dyn RowBlocks,
    layers: &'a [Layer],
    width: usize,
}

impl<'a> LayerRows<'a> {
    fn new(rows: &'a dyn RowBlocks, layers: &'a [Layer], width: usize) -> Self {
        Self { rows, layers, width }
    }

    /// The activation of the last layer for rows of X, or those.
    fn input(layers: &[Layer], x: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let mut input = x.to_owned();
        for layer in layers {
            let z = layer.project(input.as_ref(), Par::Seq)?;
            input = layer.activate(z.as_ref(), Par::Seq)?;
        }
        Ok(input)
    }
}

impl RowBlocks for LayerRows<'_> {
    fn width(&self) -> usize {
        self.width
    }

    fn n_classes(&self) -> usize {
        self.rows.n_classes()
    }

    fn blocks(&self) -> hsic_kernels::Result<Blocks<'_>> {
        if self.layers.is_empty() {
            return self.rows.blocks();
        }
        Ok(Box::new(self.rows.blocks()?.map(move |deferred| {
            let deferred = deferred?;
            let through: Deferred<'_> = Box::new(move || {
                let block = deferred()?;
                let rows = Self::input(self.layers, block.rows.as_ref()).map_err(|error| match error {
                    Error::Kernel(error) | Error::Layer(hsic_layer::Error::Kernel(error)) => error,
                    other => hsic_kernels::Error::Rows { message: other.to_string() },
                })?;
                Ok(Block { rows, codes: block.codes })
            });
            Ok(through)
        })))
    }
}

/// All training rows, of which the stack has a sample.
struct InBlocks<'a> {
    rows: &'a dyn RowBlocks,
    output: OutputParams,
    /// Of the next layer's input, where the solver needs them.
    input: ClassMoments,
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
            HeadKind::Knn { .. } | HeadKind::Logistic => None,
        };
        Self { directions, gaussian }
    }
}

impl<S: LayerSolver> TrainingRows<S> for InBlocks<'_> {
    fn refit(
        &mut self,
        stack: &Stack<'_, S>,
        layers: &[Layer],
        scored: Scored,
        input: MatRef<'_, f64>,
    ) -> Result<Scored> {
        let (context, sigma) = (stack.context(layers.len()), scored.fit.layer.sigma());
        let rows = LayerRows::new(self.rows, layers, input.ncols());
        let refit = stack.solver.refit(&self.input, &scored.fit.layer, &context)?;
        let (layer, solution) = refit_rows(refit, &rows, stack.par)?;
        let solution = solution.unwrap_or(scored.fit.solution);
        let z = layer.project(input, stack.par)?;
        let (metric_sigma, _, stack_hsic) = stack.measure(layers.len(), z.as_ref(), sigma)?;
        let Measured { psi, r, end } = self.measure(stack, &rows, &layer, metric_sigma, layers.len())?;
        self.ends.push(end);
        let (objective, hsic) = (psi.totals().trace(stack.params.class_weight), psi.normalized_hsic());
        self.input = r.unwrap_or(psi);
        Ok(Scored { fit: Fit { layer, z, solution }, metric_sigma, objective, hsic, stack_hsic, ..scored })
    }

    fn output(&self, stack: &Stack<'_, S>, layers: &[Layer], _: MatRef<'_, f64>) -> Result<Output> {
        let End { directions, gaussian } = &self.ends[layers.len() - 1];
        let projection = || directions.clone().map_or(Projection::Identity, Projection::Features);
        if let Some(gaussian) = gaussian {
            return Ok(Output::from_parts(projection(), Head::Gaussian(gaussian.clone())));
        }
        let last = &layers[layers.len() - 1];
        let width = directions.as_ref().map_or(last.width(), Mat::ncols);
        let features = |block: &Block| -> Result<Mat<f64>> {
            let z = forward(layers, block.rows.as_ref())?;
            Ok(match directions {
                None => z,
                Some(directions) => {
                    let r = last.activate(z.as_ref(), Par::Seq)?;
                    hsic_kernels::linalg::product(r.as_ref(), directions.as_ref())
                }
            })
        };
        let mut sample = RowSample::empty(HEAD_ROWS, stack.params.seed, width, self.rows.n_classes());
        let empty = sample.clone();
        let of_block = |number: usize, block: Block| -> Result<RowSample> {
            let rows = features(&block)?;
            Ok(empty.of_block(number, &Block { rows, codes: block.codes }))
        };
        reduce_rows(self.rows, stack.par, of_block, |part| sample.merge(part))?;
        let (features, labels) = sample.finish()?;
        let head = Head::fit(stack.params.head, features.as_ref(), &labels)?;
        Ok(Output::from_parts(projection(), head))
    }
}

/// What one pass over all rows measures of a layer.
struct Measured {
    /// Moments of Ψ with K = ΨΨᵀ the Gram matrix of Z.
    psi: ClassMoments,
    /// Those of the activation, where it is not Ψ and somebody asks for it.
    r: Option<ClassMoments>,
    end: End,
}

impl InBlocks<'_> {
    /// The moments of a layer's Ψ, and what a head on the layer needs, from one pass.
    fn measure<S: LayerSolver>(
        &self,
        stack: &Stack<'_, S>,
        rows: &LayerRows<'_>,
        layer: &Layer,
        metric_sigma: Bandwidth,
        depth: usize,
    ) -> Result<Measured> {
        let map = stack.solver.metric_features(layer, metric_sigma, &stack.context(depth + 1))?;
        let m = map.as_ref().map_or(layer.activation_width(), RandomFeatures::n_features);
        let sees_z = self.output.output == OutputKind::Projection;
        // what is not asked for is summed over no columns
        let wants_r = map.is_some() && (!sees_z || stack.solver.needs_moments());
        let z_width = if sees_z { layer.width() } else { 0 };
        let r_width = if wants_r { layer.activation_width() } else { 0 };
        let empty = [m, z_width, r_width].map(|width| ClassMoments::new(width, self.rows.n_classes()));
        let of_block = |_, block: Block| -> Result<[ClassMoments; 3]> {
            let [mut of_psi, mut of_z, mut of_r] = empty.clone();
            let z = layer.project(block.rows.as_ref(), Par::Seq)?;
            if sees_z {
                of_z.update(z.as_ref(), &block.codes);
            }
            let r = (wants_r || map.is_none()).then(|| layer.activate(z.as_ref(), Par::Seq)).transpose()?;
            if let (Some(r), true) = (&r, wants_r) {
                of_r.update(r.as_ref(), &block.codes);
            }
            let psi = match (&map, r) {
                (Some(map), _) => map.transform(z.as_ref())?,
                (None, Some(r)) => r,
                (None, None) => unreachable!("the activation is Ψ"),
            };
            of_psi.update(psi.as_ref(), &block.codes);
            Ok([of_psi, of_z, of_r])
        };
        let mut sums = empty.clone();
        reduce_rows(rows, stack.par, of_block, |part| {
            sums.iter_mut().zip(&part).for_each(|(sum, part)| sum.merge(part));
        })?;
        let [psi, z, r] = sums;
        let r = wants_r.then_some(r);
        let end = if sees_z {
            End::new(self.output.head, None, &z)
        } else {
            let r = r.as_ref().unwrap_or(&psi);
            let sums = r.totals().class_directions(self.output.class_weight);
            let directions = leading_directions(sums.as_ref(), stack.labels.n_present())?;
            End::new(self.output.head, Some(directions), r)
        };
        Ok(Measured { psi, r, end })
    }
}
