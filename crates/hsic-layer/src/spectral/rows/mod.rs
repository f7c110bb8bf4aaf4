//! The spectral layer of rows that come in blocks: the same ascent, its sums taken over random features in passes.

mod objective;

use std::cell::RefCell;

use faer::MatRef;
use hsic_kernels::Bandwidth;
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::linalg::{polar_factor, product};
use hsic_kernels::rows::RowBlocks;

use self::objective::RowsObjective;
use super::ascent::ascend;
use super::compress::principal;
use super::layer::FeatureMap;
use super::{Activation, Spectral, SpectralLayer};
use crate::solver::check_present;
use crate::stiefel::fix_signs;
use crate::{Context, Error, Result, Solution};

impl Spectral {
    /// W* of rows that come in blocks, with K = ΨΨᵀ of random features Ψ = ψ(RW) in place of the Gaussian kernel.
    ///
    /// With class sums s_b = Ψ_bᵀ1 and M_b = Ψ_bᵀR_b over the rows of class b,
    ///
    /// - Tr(ΓK) = Σ_ab G\[a,b\]⟨s_a, s_b⟩, one pass;
    /// - RᵀΓ̂R = Σ_ab G\[a,b\] M_aᵀM_b and (Γ̂1)ᵢ = ⟨ψᵢ, Σ_b G\[yᵢ,b\] s_b⟩, another pass: together Q(W).
    ///
    /// The ψ of the ascent is that of the layer, so each value belongs to the layer itself. m features know the objective
    /// to about 1/√m, so the ascent's tolerance is `self.tolerance`, but at least 1/m. `moments` are those of the
    /// input: R is compressed by the eigenvectors of RᵀR. `start` (p×q, such as the W of a sample) saves steps; without it
    /// the ascent starts where [`fit`](crate::LayerSolver::fit) does, and `self.width` says how wide.
    ///
    /// # Errors
    /// [`Error::ExactInBlocks`] unless the activation is random, [`Error::Parameter`], [`Error::TooFewClasses`],
    /// [`Error::AllRowsEqual`], [`Error::Width`] for moments of another width, [`Error::Kernel`] for a source that cannot be
    /// read.
    ///
    /// # Cost
    /// A pass an objective value and two a gradient, O(n·(p·q + q·m)) time each, and a pass an eigenvector step,
    /// O(n·(p·r + r·m + r²)), r the rank of R; a block, its features and c·m·r numbers a thread.
    pub fn fit_rows(
        &self,
        input: &dyn RowBlocks,
        moments: &ClassMoments,
        start: Option<MatRef<'_, f64>>,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<(SpectralLayer, Solution)> {
        self.check_bounds()?;
        let Activation::Random { m, frequencies } = self.activation else {
            return Err(Error::ExactInBlocks);
        };
        let totals = moments.totals();
        check_present(totals.counts())?;
        let width = totals.sums().nrows();
        if input.width() != width {
            return Err(Error::Width { expected: width, got: input.width() });
        }
        if moments.total(None) <= 0.0 {
            return Err(Error::AllRowsEqual);
        }
        let (basis, singular_values) = principal(moments.second_moment().as_ref(), self.rank_tolerance)?;
        let objective = RowsObjective {
            input,
            basis: basis.as_ref(),
            features: (m, frequencies),
            sigma,
            label_gram: totals.label_gram(self.class_weight),
            context,
            last: RefCell::new(None),
        };
        let start = match start {
            Some(start) => {
                let inside = product(basis.transpose(), start);
                polar_factor(inside.subcols(0, inside.ncols().min(inside.nrows())))?
            }
            None => {
                let directions =
                    product(basis.transpose(), totals.class_directions(self.class_weight).as_ref());
                let present = totals.counts().iter().filter(|&&count| count > 0).count();
                self.start(&objective, directions.as_ref(), &singular_values, present)?
            }
        };
        let (w, solution) = ascend(&objective, start, self.tolerance, self.max_iterations)?;
        let mut w = product(basis.as_ref(), w.as_ref());
        fix_signs(&mut w);
        let map = objective.map(w.ncols())?;
        Ok((SpectralLayer { sigma, w, map: FeatureMap::Random(map) }, solution))
    }
}

#[cfg(test)]
mod tests {
    use faer::{Mat, Par};
    use hsic_kernels::features::Frequencies;
    use hsic_kernels::random::stream;
    use hsic_kernels::rows::MatrixRows;
    use hsic_kernels::{CenteredLabelGram, ClassWeight, Labels};
    use rand::RngExt as _;
    use rand_distr::StandardNormal;

    use super::super::objective::Landscape as _;
    use super::*;
    use crate::stiefel::projector_distance;

    /// Sums of 3000 rows in another order.
    const ROUNDING: f64 = 1e-10;

    fn problem(n: usize, d: usize) -> (Mat<f64>, Labels) {
        let mut rng = stream(8, 98, 0);
        let labels = Labels::new((0..n).map(|i| (i * 7 + i / 5) % 3).collect()).unwrap();
        let x = Mat::from_fn(n, d, |i, k| {
            rng.sample::<f64, _>(StandardNormal) + if k == labels.codes()[i] { 2.0 } else { 0.0 }
        });
        (x, labels)
    }

    fn objective<'a>(
        rows: &'a MatrixRows<'a>,
        labels: &Labels,
        basis: MatRef<'a, f64>,
        context: &'a Context,
        class_weight: ClassWeight,
    ) -> RowsObjective<'a> {
        RowsObjective {
            input: rows,
            basis,
            features: (64, Frequencies::Independent),
            sigma: Bandwidth::new(2.0).unwrap(),
            label_gram: CenteredLabelGram::new(labels, class_weight),
            context,
            last: RefCell::new(None),
        }
    }

    #[test]
    fn sums_over_blocks_equal_the_explicit_matrices() {
        // more than one block
        let (n, d) = (2500, 5);
        let (x, labels) = problem(n, d);
        let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
        let basis = Mat::<f64>::identity(d, d);
        let context = Context::default();
        let w = polar_factor(Mat::from_fn(d, 2, |i, j| (i * 3 + j + 1) as f64 % 4.0).as_ref()).unwrap();
        for class_weight in [ClassWeight::Plain, ClassWeight::Balanced] {
            let objective = objective(&rows, &labels, basis.as_ref(), &context, class_weight);
            let psi = objective.map(2).unwrap().transform(product(x.as_ref(), w.as_ref()).as_ref()).unwrap();
            let gram = CenteredLabelGram::new(&labels, class_weight);
            let codes = labels.codes();
            let weighted = Mat::from_fn(n, n, |i, j| {
                gram.block(codes[i], codes[j]) * (0..64).map(|k| psi[(i, k)] * psi[(j, k)]).sum::<f64>()
            });
            let trace: f64 = weighted.col_iter().map(|column| column.iter().sum::<f64>()).sum();
            let value = objective.value(w.as_ref()).unwrap();
            assert!((value - trace).abs() <= ROUNDING * trace.abs(), "{value} and {trace}");
            let row_sums: Vec<f64> = weighted.row_iter().map(|row| row.iter().sum()).collect();
            let laplacian =
                Mat::from_fn(n, n, |i, j| weighted[(i, j)] - if i == j { row_sums[i] } else { 0.0 });
            let dense = x.transpose() * laplacian * &x;
            let q = objective.q_matrix(w.as_ref()).unwrap();
            assert!((&q - &dense).norm_l2() <= ROUNDING * dense.norm_l2());
            let q_times_w = objective.q_times_w(w.as_ref()).unwrap();
            assert!((q_times_w - &dense * &w).norm_l2() <= ROUNDING * dense.norm_l2());
        }
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let (x, labels) = problem(5000, 4);
        let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
        let moments = ClassMoments::of(x.as_ref(), &labels);
        let solver = Spectral {
            activation: Activation::Random { m: 64, frequencies: Frequencies::Orthogonal },
            ..Spectral::default()
        };
        let fit = |par| {
            let context = Context { par, ..Context::default() };
            solver.fit_rows(&rows, &moments, None, Bandwidth::new(2.0).unwrap(), &context).unwrap()
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let threaded = pool.install(|| fit(Par::rayon(0)));
        assert!(fit(Par::Seq) == threaded);
    }

    #[test]
    fn many_features_find_the_subspace_of_the_exact_kernel() {
        use crate::LayerSolver as _;
        let (x, labels) = problem(3000, 5);
        let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
        let moments = ClassMoments::of(x.as_ref(), &labels);
        let solver = Spectral {
            width: super::super::WidthRule::Fixed(2),
            activation: Activation::Random { m: 1000, frequencies: Frequencies::Orthogonal },
            ..Spectral::default()
        };
        let (sigma, context) = (Bandwidth::new(3.0).unwrap(), Context::default());
        let exact = solver.fit(x.as_ref(), &labels, sigma, &context).unwrap();
        let (layer, solution) = solver.fit_rows(&rows, &moments, None, sigma, &context).unwrap();
        assert!(solution.objective_history.is_sorted());
        let distance = projector_distance(layer.weights(), exact.layer.weights());
        assert!(distance < 0.2, "{distance}");
        let warm = solver.fit_rows(&rows, &moments, Some(exact.layer.weights()), sigma, &context).unwrap();
        assert!(warm.1.iterations <= solution.iterations);
        assert!(projector_distance(warm.0.weights(), exact.layer.weights()) < 0.2);
    }

    #[test]
    fn exact_layers_are_refused() {
        let (x, labels) = problem(30, 4);
        let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
        let moments = ClassMoments::of(x.as_ref(), &labels);
        let exact = Spectral { activation: Activation::EXACT, ..Spectral::default() };
        let (sigma, context) = (Bandwidth::new(2.0).unwrap(), Context::default());
        let error = exact.fit_rows(&rows, &moments, None, sigma, &context).unwrap_err();
        let expected = "rows in blocks need random features: an exact layer keeps every row";
        assert_eq!(error.to_string(), expected);
        let error = crate::ClosedForm::default().fit_rows(&rows, sigma, &context).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
