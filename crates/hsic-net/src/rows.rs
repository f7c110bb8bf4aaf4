//! Networks of rows that come in blocks: the same greedy stack, its layers fitted in passes.

use std::time::Instant;

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::rows::{Block, Blocks, Deferred, RowBlocks, RowSample, reduce_rows};
use hsic_layer::{Activation, ClosedForm, Fit, FittedLayer, KernelFeatures, Spectral};

use crate::greedy::{Scored, Stack, TrainingRows};
use crate::head::{GaussianHead, Head, HeadKind, Output, OutputKind, Projection, leading_directions};
use crate::observer::Observer;
use crate::{Error, Layer, Network, NetworkParams, Result, SolverParams};

/// At most about this many rows of the output are what a `knn` or `logistic` head is fitted on.
pub const HEAD_ROWS: usize = 100_000;

impl Network {
    /// Stacks layers on rows that come in blocks, standardised, any number of them: linear in n, no memory that grows with
    /// it. The solver's features must be random.
    ///
    /// A sample of `params.sample_rows` rows goes along: on it the schedule chooses each layer's bandwidth and the
    /// spectral ascent its starting point, as [`Network::fit`] does on all rows. Then the layer is fitted on all rows in
    /// passes; a spectral ascent stops at a relative gain of 1/m, m the number of features, where that is above its
    /// tolerance. H*, the objective and the Gaussian heads are of all rows, with K = ΨΨᵀ of the layer's random features (of a
    /// closed form, those of the next layer) in place of the Gaussian kernel, which has n² values: ‖K̃‖ is that of the m×m
    /// scatter of Ψ. Its random error makes H* lower, by up to a factor √(1 + n/m) where the kernel is narrow.
    /// The silhouette is the sample's, and `observer` sees the sample. A `knn` or `logistic` head is fitted on at most about
    /// `HEAD_ROWS` rows.
    ///
    /// The input of layer l is computed from the source in each pass, through the l − 1 layers before it, not stored.
    ///
    /// # Errors
    /// As [`Network::fit`]; [`Error::Combination`] for exact features, [`Error::Kernel`] for a source that cannot be read.
    ///
    /// # Cost
    /// Passes over the rows: one for the sample, two a closed-form layer, one and one or two a step of the ascent a
    /// spectral layer, and one for a `knn` or `logistic` head. Memory: a few blocks with their features and c·m·r numbers a
    /// thread (r ≤ the width of the input), the sample, m² numbers.
    ///
    /// ```
    /// use faer::{Mat, Par};
    /// use hsic_kernels::{Labels, rows::MatrixRows};
    /// use hsic_net::{Network, NetworkParams};
    /// let x = Mat::from_fn(5000, 2, |i, k| ((i % 2 * 3 + k) as f64) + (i as f64 * 0.7 + k as f64).sin());
    /// let labels = Labels::new((0..5000).map(|i| i % 2).collect())?;
    /// let rows = MatrixRows::new(x.as_ref(), &labels)?;
    /// let network = Network::fit_rows(&NetworkParams::spectral(), &rows, Par::Seq, &mut ())?;
    /// let mut right = 0;
    /// network.predict_rows(&rows, Par::Seq, |codes, predicted| {
    ///     right += codes.iter().zip(predicted).filter(|(code, predicted)| code == predicted).count();
    /// })?;
    /// assert!(right > 4950);
    /// # Ok::<(), hsic_net::Error>(())
    /// ```
    pub fn fit_rows(
        params: &NetworkParams,
        rows: &dyn RowBlocks,
        par: Par,
        observer: &mut impl Observer,
    ) -> Result<Self> {
        params.check()?;
        if map_of(&params.solver).is_none() {
            return Err(Error::Layer(hsic_layer::Error::ExactInBlocks));
        }
        if params.output == OutputKind::Kernel && matches!(params.solver, SolverParams::Spectral(_)) {
            return Err(Error::Combination(
                "rows in blocks need the output `features` or `projection`: the kernel's own output keeps every row",
            ));
        }
        let start = Instant::now();
        let wants_moments = matches!(params.solver, SolverParams::Spectral(_));
        let mut sample = RowSample::new(params.sample_rows, params.seed, rows);
        let mut moments = ClassMoments::new(rows.width(), rows.n_classes());
        let empty = (sample.clone(), moments.clone());
        let of_block = |number: usize, block: Block| -> Result<_> {
            let (sample, mut moments) = empty.clone();
            if wants_moments {
                moments.update(block.rows.as_ref(), &block.codes);
            }
            Ok((sample.of_block(number, &block), moments))
        };
        reduce_rows(rows, par, of_block, |part| {
            sample.merge(part.0);
            moments.merge(&part.1);
        })?;
        let (x, labels) = sample.finish()?;
        let mut training = InBlocks { rows, input: moments, ends: Vec::new() };
        Stack::new(params, &labels, par).grow(x.as_ref(), &mut training, start, observer)
    }

    /// Predicts rows that come in blocks and shows each block's codes and predictions to `visit`, in order.
    ///
    /// # Errors
    /// As [`Network::predict`]; [`Error::Kernel`] for a source that cannot be read.
    ///
    /// # Cost
    /// One pass.
    pub fn predict_rows(
        &self,
        rows: &dyn RowBlocks,
        par: Par,
        mut visit: impl FnMut(&[usize], &[usize]),
    ) -> Result<()> {
        let of_block = |_, block: Block| Ok((self.predict(block.rows.as_ref(), Par::Seq)?, block.codes));
        reduce_rows(rows, par, of_block, |(predicted, codes)| visit(&codes, &predicted))
    }
}

/// The random features of a solver; `None` where they are exact.
fn map_of(solver: &SolverParams) -> Option<(usize, Frequencies)> {
    match *solver {
        SolverParams::Spectral(Spectral { activation: Activation::Random { m, frequencies }, .. })
        | SolverParams::ClosedForm(ClosedForm {
            features: KernelFeatures::Random { m, frequencies }, ..
        }) => Some((m, frequencies)),
        _ => None,
    }
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
    /// Of the next layer's input, for a spectral network.
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
    fn new(params: &NetworkParams, directions: Option<Mat<f64>>, moments: &ClassMoments) -> Self {
        let of = |priors| GaussianHead::of_moments(moments, directions.as_ref().map(Mat::as_ref), priors);
        let gaussian = match params.head {
            HeadKind::Bayes => Some(of(true)),
            HeadKind::NearestMean => Some(of(false)),
            HeadKind::Knn { .. } | HeadKind::Logistic => None,
        };
        Self { directions, gaussian }
    }
}

impl TrainingRows for InBlocks<'_> {
    fn refit(
        &mut self,
        stack: &Stack<'_>,
        layers: &[Layer],
        scored: Scored,
        input: MatRef<'_, f64>,
    ) -> Result<Scored> {
        let (context, sigma) = (stack.context(layers.len()), scored.fit.layer.sigma());
        let rows = LayerRows::new(self.rows, layers, input.ncols());
        let (layer, solution) = match (&stack.solver, &scored.fit.layer) {
            (SolverParams::Spectral(solver), Layer::Spectral(of_sample)) => {
                let start = Some(of_sample.weights());
                let (layer, solution) = solver.fit_rows(&rows, &self.input, start, sigma, &context)?;
                (Layer::Spectral(layer), solution)
            }
            (SolverParams::ClosedForm(solver), _) => {
                (Layer::ClosedForm(solver.fit_rows(&rows, sigma, &context)?), scored.fit.solution)
            }
            (SolverParams::Spectral(_), Layer::ClosedForm(_)) => unreachable!("a layer is of its solver"),
        };
        let z = layer.project(input, stack.par)?;
        let (metric_sigma, _, stack_hsic) = stack.measure(layers.len(), z.as_ref(), sigma)?;
        let (psi, end) = self.measure(stack, &rows, &layer, metric_sigma, layers.len())?;
        self.ends.push(end);
        let (objective, hsic) = (psi.totals().trace(stack.params.class_weight), psi.normalized_hsic());
        self.input = psi;
        Ok(Scored { fit: Fit { layer, z, solution }, metric_sigma, objective, hsic, stack_hsic, ..scored })
    }

    fn output(&self, stack: &Stack<'_>, layers: &[Layer], _: MatRef<'_, f64>) -> Result<Output> {
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
        let mut sample = RowSample::new(HEAD_ROWS, stack.params.seed, self.rows).with_width(width);
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

impl InBlocks<'_> {
    /// The moments of Ψ with K = ΨΨᵀ the Gram matrix of Z, and what a head on the layer needs, from one pass.
    fn measure(
        &self,
        stack: &Stack<'_>,
        rows: &LayerRows<'_>,
        layer: &Layer,
        metric_sigma: hsic_kernels::Bandwidth,
        depth: usize,
    ) -> Result<(ClassMoments, End)> {
        let (m, frequencies) = map_of(&stack.solver).expect("checked before the first layer");
        let n_classes = self.rows.n_classes();
        // of a closed form the features of the next layer, at the bandwidth its search starts from
        let next = match layer {
            Layer::Spectral(_) => None,
            Layer::ClosedForm(_) => Some(RandomFeatures::draw(
                layer.width(),
                m,
                metric_sigma,
                frequencies,
                &mut stack.context(depth + 1).rng(),
            )?),
        };
        let sees_z = next.is_some() || stack.params.output == OutputKind::Projection;
        let z_width = if sees_z { layer.width() } else { 0 };
        let of_block = |_, block: Block| -> Result<(ClassMoments, ClassMoments)> {
            let (mut of_psi, mut of_z) =
                (ClassMoments::new(m, n_classes), ClassMoments::new(z_width, n_classes));
            let z = layer.project(block.rows.as_ref(), Par::Seq)?;
            if sees_z {
                of_z.update(z.as_ref(), &block.codes);
            }
            let psi = match &next {
                None => layer.activate(z.as_ref(), Par::Seq)?,
                Some(map) => map.transform(z.as_ref())?,
            };
            of_psi.update(psi.as_ref(), &block.codes);
            Ok((of_psi, of_z))
        };
        let (mut psi, mut z) = (ClassMoments::new(m, n_classes), ClassMoments::new(z_width, n_classes));
        reduce_rows(rows, stack.par, of_block, |part| {
            psi.merge(&part.0);
            z.merge(&part.1);
        })?;
        let params = stack.params;
        let end = if sees_z {
            End::new(params, None, &z)
        } else {
            let sums = psi.totals().class_directions(params.class_weight);
            let directions = leading_directions(sums.as_ref(), stack.labels.n_present())?;
            End::new(params, Some(directions), &psi)
        };
        Ok((psi, end))
    }
}
