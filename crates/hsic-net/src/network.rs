//! A network: how it is fitted, and what it makes of rows.

use std::time::{Duration, Instant};

use faer::{Mat, MatRef, Par};
use hsic_kernels::rows::{Block, RowBlocks, reduce_rows};
use hsic_kernels::{ClassSorted, Labels};
use hsic_layer::{Identity, IdentityLayer, Layer, LayerSolver};

use crate::fit::NetworkFit;
use crate::greedy::{Stack, fit_in_memory};
use crate::head::Output;
use crate::observer::{LayerSummary, Observer};
use crate::passes::{Evaluation, FitMachine, Next, Pass};
use crate::stopping::StopReason;
use crate::{NetworkParams, Result, Selection};

/// A fitted network: its layers, and the head on the last one's output.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub(crate) layers: Vec<Layer>,
    pub(crate) summaries: Vec<LayerSummary>,
    pub(crate) output: Output,
    pub(crate) stop_reason: StopReason,
    pub(crate) elapsed: Duration,
}

impl Network {
    /// Stacks layers on the rows of `x` (n×d, standardised) until the rule of `params` says stop, then fits the head.
    ///
    /// What is returned knows more than the network: Z of the training rows, and the layers after the best one.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`], [`crate::Error::Layer`] for input a layer refuses: non-finite numbers, shapes that
    /// do not fit, fewer than two classes, no two different rows.
    ///
    /// # Cost
    /// That of the solver for each layer and candidate bandwidth; see [`hsic_layer`].
    ///
    /// ```
    /// use faer::{Mat, Par};
    /// use hsic_kernels::Labels;
    /// use hsic_net::{Network, NetworkParams};
    /// let x = Mat::from_fn(60, 2, |i, k| ((i % 2 * 3 + k) as f64) + (i as f64 * 0.7 + k as f64).sin());
    /// let labels = Labels::new((0..60).map(|i| i % 2).collect())?;
    /// let network = Network::fit(&NetworkParams::closed_form(), x.as_ref(), &labels, Par::Seq, &mut ())?.network;
    /// assert_eq!(network.predict(x.as_ref(), Par::Seq)?, labels.codes());
    /// # Ok::<(), hsic_net::Error>(())
    /// ```
    pub fn fit<S: LayerSolver>(
        params: &NetworkParams<S>,
        x: MatRef<'_, f64>,
        labels: &Labels,
        par: Par,
        observer: &mut impl Observer,
    ) -> Result<NetworkFit> {
        params.check()?;
        // before sorting, so that an error names the caller's row
        hsic_kernels::tiles::check_finite(x, "x")?;
        let start = Instant::now();
        let sorted = ClassSorted::new(x, labels)?;
        let (rows, of_rows) = (sorted.rows(x), sorted.labels().clone());
        let fit = match params.max_layers {
            0 => {
                let params =
                    NetworkParams { selection: Selection::MaxTrace, ..params.clone().with_solver(Identity) };
                fit_in_memory(Stack::new(&params, of_rows, par), rows, start, observer)?
            }
            _ => fit_in_memory(Stack::new(params, of_rows, par), rows, start, observer)?,
        };
        let order = (!labels.is_class_sorted()).then(|| labels.class_sorted_order());
        Ok(NetworkFit { order, ..fit })
    }

    /// Stacks layers on rows that come in blocks, standardised, any number of them: linear in n, no memory that grows with
    /// it. The solver's features must be random.
    ///
    /// A sample of `params.sample_rows` rows goes along: on it the schedule chooses each layer's bandwidth and the
    /// spectral ascent its starting point, as [`Network::fit`] does on all rows. Then the layer is fitted on all rows in
    /// passes; a spectral ascent stops at a relative gain of 1/m, m the number of features, where that is above its
    /// tolerance. H*, the objective and the Gaussian heads are of all rows, with K = ΨΨᵀ of the layer's random features (of a
    /// closed form, those of the next layer) in place of the Gaussian kernel, which has n² values: ‖K̃‖ is that of the m×m
    /// scatter of Ψ. Its random error makes H* lower, by up to a factor √(1 + n/m) where the kernel is narrow.
    /// The silhouette is the sample's, and so is the Z that is returned. A `knn` or `logistic` head is fitted on at most about
    /// `HEAD_ROWS` rows.
    ///
    /// The input of layer l is computed from the source in each pass, through the l − 1 layers before it, not stored.
    ///
    /// All of it is a loop over a [`FitMachine`], which says what is to be summed and never sees a row.
    ///
    /// # Errors
    /// As [`Network::fit`]; [`crate::Error::Layer`] for exact features and for a solver that takes rows in memory alone,
    /// [`crate::Error::Combination`] for an output that keeps every row, [`crate::Error::Rows`] for a source that cannot be
    /// read.
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
    /// let network = Network::fit_rows(&NetworkParams::spectral(), &rows, Par::Seq, &mut ())?.network;
    /// let mut right = 0;
    /// network.predict_rows(&rows, Par::Seq, |codes, predicted| {
    ///     right += codes.iter().zip(predicted).filter(|(code, predicted)| code == predicted).count();
    /// })?;
    /// assert!(right > 4950);
    /// # Ok::<(), hsic_net::Error>(())
    /// ```
    pub fn fit_rows<S: LayerSolver>(
        params: &NetworkParams<S>,
        rows: &dyn RowBlocks,
        par: Par,
        observer: &mut impl Observer,
    ) -> Result<NetworkFit> {
        let mut machine = FitMachine::new(params, rows.width(), rows.n_classes(), par)?;
        loop {
            let Next::Pass(pass) = machine.next()? else { return machine.into_fit() };
            let partial = pass.over(rows, par)?;
            let depth = machine.trace().len();
            machine.advance(partial)?;
            if machine.trace().len() > depth {
                machine.show(observer);
            }
        }
    }

    /// Number of layers that were solved: 0 where the head sees the input.
    pub fn depth(&self) -> usize {
        self.layers.iter().filter(|layer| layer.downcast_ref::<IdentityLayer>().is_none()).count()
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Columns of an input row.
    pub fn input_width(&self) -> usize {
        self.layers[0].input_width()
    }

    /// How each layer was fitted.
    pub fn summaries(&self) -> &[LayerSummary] {
        &self.summaries
    }

    /// The map from the last Z to classes.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Why stacking ended.
    pub fn stop_reason(&self) -> StopReason {
        self.stop_reason
    }

    /// Time of the fit, the observer's left out.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Z of every layer for rows of `x` (n×d), first to last: n×q_l each.
    ///
    /// # Errors
    /// [`crate::Error::Layer`] for another number of columns and non-finite numbers.
    ///
    /// # Cost
    /// A closed-form layer n·n_train kernel values, a spectral one n·p·q flops and its features.
    pub fn transform_layers(&self, x: MatRef<'_, f64>, par: Par) -> Result<Vec<Mat<f64>>> {
        let mut outputs: Vec<Mat<f64>> = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            let z = match index.checked_sub(1) {
                None => layer.project(x, par)?,
                Some(last) => {
                    let input = self.layers[last].activate(outputs[last].as_ref(), par)?;
                    layer.project(input.as_ref(), par)?
                }
            };
            outputs.push(z);
        }
        Ok(outputs)
    }

    /// Z of the last layer for rows of `x`: n×q.
    ///
    /// # Errors
    /// As [`Network::transform_layers`].
    pub fn transform(&self, x: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let mut outputs = self.transform_layers(x, par)?;
        Ok(outputs.pop().expect("a network has at least one layer"))
    }

    /// log p(class | row) for rows of `x`: n×c, −∞ for a class that had no training row.
    ///
    /// # Errors
    /// As [`Network::transform_layers`].
    pub fn predict_log_proba(&self, x: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let z = self.transform(x, par)?;
        self.output.log_proba(&self.layers[self.layers.len() - 1], z.as_ref(), par)
    }

    /// The class code of every row of `x`.
    ///
    /// # Errors
    /// As [`Network::transform_layers`].
    pub fn predict(&self, x: MatRef<'_, f64>, par: Par) -> Result<Vec<usize>> {
        let z = self.transform(x, par)?;
        self.output.predict(&self.layers[self.layers.len() - 1], z.as_ref(), par)
    }

    /// Predicts rows that come in blocks and shows each block's codes and predictions to `visit`, in order.
    ///
    /// # Errors
    /// As [`Network::predict`]; [`crate::Error::Rows`] for a source that cannot be read.
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

    /// Confusion matrix and log-loss of the network over rows that come in blocks.
    ///
    /// # Errors
    /// As [`Network::predict_rows`].
    ///
    /// # Cost
    /// One pass.
    pub fn evaluate_rows(&self, rows: &dyn RowBlocks, par: Par) -> Result<Evaluation> {
        Pass::evaluation(self).over(rows, par)?.into_evaluation()
    }
}
