//! The spectral layer of rows that come in blocks: the same ascent, its sums taken over random features in passes.

mod objective;

use std::cell::RefCell;

use faer::{Mat, MatRef};
use hsic_kernels::Bandwidth;
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::linalg::{polar_factor, product};
use hsic_kernels::rows::RowBlocks;

use self::objective::{SumsObjective, Unknown};
use super::ascent::Ascent;
use super::compress::principal;
use super::layer::FeatureMap;
use super::{Activation, Spectral, SpectralLayer};
use crate::solver::check_present;
use crate::stiefel::fix_signs;
use crate::sums::{RowSum, RowSums};
use crate::{Context, Error, Refit, Result, Solution, Step};

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
    /// [`Error::AllRowsEqual`], [`Error::Width`] for moments of another width, [`Error::Rows`] for a source that cannot be
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
        let width = moments.totals().sums().nrows();
        if input.width() != width {
            return Err(Error::Width { expected: width, got: input.width() });
        }
        let mut refit = SpectralRefit::new(*self, moments, start, sigma, context)?;
        let mut sums = None;
        loop {
            match refit.go_on(sums)? {
                Reached::Sum(sum) => sums = Some(sum.over(input, context.par)?),
                Reached::Layer(layer, solution) => return Ok((layer, solution)),
            }
        }
    }
}

/// An ascent on all rows, which it never sees.
pub(super) struct SpectralRefit {
    solver: Spectral,
    objective: SumsObjective,
    place: Place,
    /// The W of the sums asked for last, and what they are.
    asked: Option<(Mat<f64>, RowSum)>,
}

/// Where the ascent is, or what it starts from.
enum Place {
    Directions { directions: Mat<f64>, singular_values: Vec<f64>, present: usize },
    Here(Box<Ascent>),
}

/// As [`Step`], with the layer's own type.
enum Reached {
    Sum(RowSum),
    Layer(SpectralLayer, Solution),
}

impl SpectralRefit {
    /// See [`Spectral::fit_rows`].
    pub(super) fn new(
        solver: Spectral,
        moments: &ClassMoments,
        start: Option<MatRef<'_, f64>>,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Self> {
        solver.check_bounds()?;
        let Activation::Random { m, frequencies } = solver.activation else {
            return Err(Error::ExactInBlocks);
        };
        let totals = moments.totals();
        check_present(totals.counts())?;
        if moments.total(None) <= 0.0 {
            return Err(Error::AllRowsEqual);
        }
        let (basis, singular_values) = principal(moments.second_moment().as_ref(), solver.rank_tolerance)?;
        let place = match start {
            Some(start) => {
                let inside = product(basis.transpose(), start);
                Place::at(polar_factor(inside.subcols(0, inside.ncols().min(inside.nrows())))?, &solver)
            }
            None => Place::Directions {
                directions: product(basis.transpose(), totals.class_directions(solver.class_weight).as_ref()),
                singular_values,
                present: totals.counts().iter().filter(|&&count| count > 0).count(),
            },
        };
        let objective = SumsObjective {
            basis,
            features: (m, frequencies),
            sigma,
            label_gram: totals.label_gram(solver.class_weight),
            n_classes: totals.counts().len(),
            context: *context,
            known: RefCell::default(),
        };
        Ok(Self { solver, objective, place, asked: None })
    }

    fn go_on(&mut self, sums: Option<RowSums>) -> Result<Reached> {
        if let (Some((w, asked)), Some(sums)) = (self.asked.take(), sums) {
            sums.check(&asked, self.objective.n_classes)?;
            self.objective.tell(w, sums);
        }
        match self.climb() {
            Ok((layer, solution)) => Ok(Reached::Layer(layer, solution)),
            Err(Unknown::Failed(error)) => Err(error),
            Err(Unknown::Sum(question)) => {
                let (_, sum) = self.asked.insert(*question);
                Ok(Reached::Sum(sum.clone()))
            }
        }
    }

    /// As far as what is known leads.
    fn climb(&mut self) -> std::result::Result<(SpectralLayer, Solution), Unknown> {
        let Self { solver, objective, place, .. } = self;
        if let Place::Directions { directions, singular_values, present } = place {
            let start = solver.start(&*objective, directions.as_ref(), singular_values, *present)?;
            *place = Place::at(start, solver);
        }
        let Place::Here(ascent) = place else { unreachable!("the ascent has a start") };
        let (termination, residual) = ascent.climb(&*objective)?;
        let (w, solution) = ascent.finish(termination, residual)?;
        let mut w = product(objective.basis.as_ref(), w.as_ref());
        fix_signs(&mut w);
        let map = objective.map(w.ncols())?;
        Ok((SpectralLayer { sigma: objective.sigma, w, map: FeatureMap::Random(map) }, solution))
    }
}

impl Place {
    fn at(start: Mat<f64>, solver: &Spectral) -> Self {
        Self::Here(Box::new(Ascent::new(start, solver.tolerance, solver.max_iterations)))
    }
}

impl Refit for SpectralRefit {
    fn step(&mut self, sums: Option<RowSums>) -> Result<Step> {
        Ok(match self.go_on(sums)? {
            Reached::Sum(sum) => Step::Sum(sum),
            Reached::Layer(layer, solution) => Step::Done(layer.into(), Some(solution)),
        })
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

    fn objective(labels: &Labels, basis: Mat<f64>, class_weight: ClassWeight) -> SumsObjective {
        SumsObjective {
            basis,
            features: (64, Frequencies::Independent),
            sigma: Bandwidth::new(2.0).unwrap(),
            label_gram: CenteredLabelGram::new(labels, class_weight),
            n_classes: labels.n_classes(),
            context: Context::default(),
            known: RefCell::default(),
        }
    }

    /// The answer to a question, and how many passes it took.
    fn answer<T>(
        objective: &mut SumsObjective,
        rows: &MatrixRows<'_>,
        ask: impl Fn(&SumsObjective) -> std::result::Result<T, Unknown>,
    ) -> (T, usize) {
        let mut passes = 0;
        loop {
            match ask(objective) {
                Ok(answer) => return (answer, passes),
                Err(Unknown::Failed(error)) => panic!("{error}"),
                Err(Unknown::Sum(question)) => {
                    let (w, sum) = *question;
                    objective.tell(w, sum.over(rows, Par::Seq).unwrap());
                    passes += 1;
                }
            }
        }
    }

    #[test]
    fn sums_over_blocks_equal_the_explicit_matrices() {
        // more than one block
        let (n, d) = (2500, 5);
        let (x, labels) = problem(n, d);
        let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
        let basis = Mat::<f64>::identity(d, d);
        let w = polar_factor(Mat::from_fn(d, 2, |i, j| (i * 3 + j + 1) as f64 % 4.0).as_ref()).unwrap();
        for class_weight in [ClassWeight::Plain, ClassWeight::Balanced] {
            let mut objective = objective(&labels, basis.clone(), class_weight);
            let psi = objective.map(2).unwrap().transform(product(x.as_ref(), w.as_ref()).as_ref()).unwrap();
            let gram = CenteredLabelGram::new(&labels, class_weight);
            let codes = labels.codes();
            let weighted = Mat::from_fn(n, n, |i, j| {
                gram.block(codes[i], codes[j]) * (0..64).map(|k| psi[(i, k)] * psi[(j, k)]).sum::<f64>()
            });
            let trace: f64 = weighted.col_iter().map(|column| column.iter().sum::<f64>()).sum();
            let (value, passes) = answer(&mut objective, &rows, |objective| objective.value(w.as_ref()));
            assert_eq!(passes, 1);
            assert!((value - trace).abs() <= ROUNDING * trace.abs(), "{value} and {trace}");
            let row_sums: Vec<f64> = weighted.row_iter().map(|row| row.iter().sum()).collect();
            let laplacian =
                Mat::from_fn(n, n, |i, j| weighted[(i, j)] - if i == j { row_sums[i] } else { 0.0 });
            let dense = x.transpose() * laplacian * &x;
            let (q, passes) = answer(&mut objective, &rows, |objective| objective.q_matrix(w.as_ref()));
            assert_eq!(passes, 1, "the class sums are known");
            assert!((&q - &dense).norm_l2() <= ROUNDING * dense.norm_l2());
            let (q_times_w, passes) =
                answer(&mut objective, &rows, |objective| objective.q_times_w(w.as_ref()));
            assert_eq!(passes, 2);
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
        let threaded = pool.install(|| fit(hsic_kernels::all_threads()));
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
