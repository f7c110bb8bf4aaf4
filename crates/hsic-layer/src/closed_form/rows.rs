//! The closed-form layer of rows that come in blocks: one pass, any number of rows.

use hsic_kernels::Bandwidth;
use hsic_kernels::class_moments::ClassTotals;
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::rows::RowBlocks;

use super::{ClosedForm, ClosedFormLayer, Embedding, mean_embedding};
use crate::solver::check_present;
use crate::sums::{Psi, RowSum};
use crate::{Context, Result};

impl ClosedForm {
    /// W_s of rows that come in blocks: the class sums of ψ over all rows, each divided by its norm.
    ///
    /// The same layer as [`fit`](crate::LayerSolver::fit) finds on the same rows with the same context, to rounding; with the
    /// same bits for any number of threads.
    ///
    /// # Errors
    /// [`Error::ExactInBlocks`](crate::Error::ExactInBlocks) unless the features are random,
    /// [`Error::TooFewClasses`](crate::Error::TooFewClasses), [`Error::Kernel`](crate::Error::Kernel) for a
    /// source that cannot be read or has non-finite rows.
    ///
    /// # Cost
    /// One pass: O(n·p·m) time; a block and its features a thread, O(m·c) for the result.
    ///
    /// ```
    /// use faer::Mat;
    /// use hsic_kernels::{Bandwidth, Labels, rows::MatrixRows};
    /// use hsic_layer::{ClosedForm, Context, KernelFeatures, LayerSolver};
    /// let x = Mat::from_fn(50, 2, |i, k| (i * (k + 1)) as f64 / 10.0);
    /// let labels = Labels::new((0..50).map(|i| i / 25).collect())?;
    /// let features = KernelFeatures::Random { m: 64, frequencies: Default::default() };
    /// let solver = ClosedForm { features, ..ClosedForm::default() };
    /// let sigma = Bandwidth::new(1.0)?;
    /// let rows = MatrixRows::new(x.as_ref(), &labels)?;
    /// let layer = solver.fit_rows(&rows, sigma, &Context::default())?;
    /// let in_memory = solver.fit(x.as_ref(), &labels, sigma, &Context::default())?.layer;
    /// let difference = layer.explicit_weights().unwrap() - in_memory.explicit_weights().unwrap();
    /// assert!(difference.norm_l2() < 1e-12);
    /// # Ok::<(), hsic_layer::Error>(())
    /// ```
    pub fn fit_rows(
        &self,
        input: &dyn RowBlocks,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<ClosedFormLayer> {
        let map = self.map(input.width(), sigma, context)?;
        let totals = RowSum::Totals(Psi::of_rows(map.clone())).over(input, context.par)?.into_totals()?;
        ClosedFormLayer::of_totals(sigma, map, &totals)
    }
}

impl ClosedFormLayer {
    /// The layer of the class sums of ψ.
    pub(super) fn of_totals(
        sigma: Bandwidth,
        map: RandomFeatures<f64>,
        totals: &ClassTotals,
    ) -> Result<Self> {
        check_present(totals.counts())?;
        let embedding = Embedding::Explicit { map, weights: mean_embedding(totals) };
        Ok(Self { sigma, embedding })
    }
}
