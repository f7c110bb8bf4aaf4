//! The spectral layer of rows that come in blocks: the same ascent, its sums taken over random features in passes.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use faer::{Accum, Mat, MatMut, MatRef};
use hsic_kernels::class_moments::{ClassMoments, ClassTotals};
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::linalg::{add_lower_product, matmul, polar_factor, product, symmetric_eigen};
use hsic_kernels::rows::{Block, RowBlocks, reduce_rows};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassSorted, Labels};

use super::ascent::ascend;
use super::layer::FeatureMap;
use super::objective::Landscape;
use super::{Activation, Spectral, SpectralLayer};
use crate::solver::check_present;
use crate::stiefel::fix_signs;
use crate::{Context, Error, Result, Solution};

/// Singular values come as roots of the eigenvalues of RᵀR, which are good to the precision times the largest: below this
/// share they are rounding.
const SMALLEST_SHARE: f64 = 1e-7;

impl Spectral {
    /// W* of rows that come in blocks, with K = ΨΨᵀ of random features Ψ = ψ(RW) in place of the Gaussian kernel.
    ///
    /// With class sums s_b = Ψ_bᵀ1 and M_b = Ψ_bᵀR_b over the rows of class b,
    ///
    /// - Tr(ΓK) = Σ_ab G\[a,b\]⟨s_a, s_b⟩, one pass;
    /// - RᵀΓ̂R = Σ_ab G\[a,b\] M_aᵀM_b and (Γ̂1)ᵢ = ⟨ψᵢ, Σ_b G\[yᵢ,b\] s_b⟩, another pass: together Q(W).
    ///
    /// The ψ of the ascent is that of the layer, so each value belongs to the layer itself. `moments` are those of the
    /// input: R is compressed by the eigenvectors of RᵀR. `start` (p×q, such as the W of a sample) saves steps; without it
    /// the ascent starts where [`fit`](crate::LayerSolver::fit) does, and `self.width` says how wide.
    ///
    /// # Errors
    /// [`Error::ExactInBlocks`] unless the activation is random, [`Error::Parameter`], [`Error::TooFewClasses`],
    /// [`Error::AllRowsEqual`], [`Error::Width`] for moments of another width, [`Error::Kernel`] for a source that cannot be
    /// read.
    ///
    /// # Cost
    /// A pass an objective value and one a gradient, O(n·(p·q + q·m)) time each, and a pass an eigenvector step,
    /// O(n·(p·r + r·m + r²)), r the rank of R; a block, its features and c·m·r numbers a thread.
    pub fn fit_rows(
        &self,
        input: &dyn RowBlocks,
        moments: &ClassMoments,
        start: Option<MatRef<'_, f64>>,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<(SpectralLayer, Solution)> {
        self.check()?;
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
        let (basis, singular_values) = compress(moments, self.rank_tolerance)?;
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

/// The eigenvectors of RᵀR to singular values above the tolerance (p×r), and those values, descending.
fn compress(moments: &ClassMoments, tolerance: f64) -> Result<(Mat<f64>, Vec<f64>)> {
    let (values, vectors) = symmetric_eigen(moments.second_moment().as_ref())?;
    let singular_values: Vec<f64> = values.iter().map(|value| value.max(0.0).sqrt()).collect();
    let least = tolerance.max(SMALLEST_SHARE) * singular_values[0];
    let rank = singular_values.iter().take_while(|&&value| value > least).count();
    Ok((vectors.subcols(0, rank).to_owned(), singular_values[..rank].to_vec()))
}

/// Tr(ΓK) as a function of W in the coordinates of `basis`, by passes.
struct RowsObjective<'a> {
    input: &'a dyn RowBlocks,
    /// V, p×r.
    basis: MatRef<'a, f64>,
    features: (usize, Frequencies),
    sigma: Bandwidth,
    label_gram: CenteredLabelGram,
    context: &'a Context,
    /// The sums at the last W: Q and Q·W are asked for where the value was.
    last: RefCell<Option<(Mat<f64>, Rc<Sums>)>>,
}

/// Sums over the rows of each class.
struct Sums {
    /// s_b.
    totals: ClassTotals,
    /// Ψ_bᵀZ_b, m×q.
    products: PerClass,
}

/// A sum of matrices for each class that has a row.
struct PerClass(Vec<Option<Mat<f64>>>);

impl PerClass {
    fn new(n_classes: usize) -> Self {
        Self(vec![None; n_classes])
    }

    fn merge(&mut self, other: Self) {
        for (sum, other) in self.0.iter_mut().zip(other.0) {
            match (sum.as_mut(), other) {
                (Some(sum), Some(other)) => *sum += other,
                (None, other) => *sum = other,
                (Some(_), None) => {}
            }
        }
    }

    /// Σ_b G\[a,b\]·this_b for a class a.
    fn weighted(&self, blocks: MatRef<'_, f64>, class: usize) -> Option<Mat<f64>> {
        let mut terms = self.0.iter().enumerate().filter_map(|(b, of_b)| {
            let scale = faer::Scale(blocks[(class, b)]);
            of_b.as_ref().map(|of_b| of_b * scale)
        });
        let mut sum = terms.next()?;
        terms.for_each(|term| sum += term);
        Some(sum)
    }
}

/// What a block adds to Q.
struct QPart {
    /// M_b, m×r.
    moments: PerClass,
    /// RᵀDiag(Γ̂1)R, lower triangle.
    diagonal: Mat<f64>,
}

impl RowsObjective<'_> {
    /// The layer's ψ for Z of this width: the same draw whenever it is asked for.
    fn map(&self, width: usize) -> Result<RandomFeatures<f64>> {
        let (m, frequencies) = self.features;
        Ok(RandomFeatures::draw(width, m, self.sigma, frequencies, &mut self.context.rng())?)
    }

    /// The sums at W.
    fn sums(&self, w: MatRef<'_, f64>) -> Result<Rc<Sums>> {
        if let Some((at, sums)) = &*self.last.borrow()
            && at.as_ref() == w
        {
            return Ok(Rc::clone(sums));
        }
        let (map, full, n_classes) =
            (self.map(w.ncols())?, product(self.basis, w), self.input.n_classes());
        let empty = || Sums {
            totals: ClassTotals::new(map.n_features(), n_classes),
            products: PerClass::new(n_classes),
        };
        let of_block = |_, block: Block| -> Result<Sums> {
            let mut part = empty();
            let (labels, rows) = in_class_order(block, n_classes)?;
            let z = product(rows.as_ref(), full.as_ref());
            let psi = map.transform(z.as_ref())?;
            part.totals.update(psi.as_ref(), labels.codes());
            for (class, rows) in class_ranges(&labels) {
                let (psi, z) = (psi.subrows(rows.start, rows.len()), z.subrows(rows.start, rows.len()));
                part.products.0[class] = Some(product(psi.transpose(), z));
            }
            Ok(part)
        };
        let mut sums = empty();
        reduce_rows(self.input, self.context.par, of_block, |part| {
            sums.totals.merge(&part.totals);
            sums.products.merge(part.products);
        })?;
        let sums = Rc::new(sums);
        *self.last.borrow_mut() = Some((w.to_owned(), Rc::clone(&sums)));
        Ok(sums)
    }

    /// Σ_b G\[a,b\] s_b in column a, whose product with ψᵢ of a row of class a is (Γ̂1)ᵢ.
    fn weighted_sums(&self, sums: &Sums) -> Mat<f64> {
        product(sums.totals.sums(), self.label_gram.blocks().transpose())
    }
}

/// The rows of a block with those of a class next to each other, and their codes.
fn in_class_order(block: Block, n_classes: usize) -> Result<(Labels, Mat<f64>)> {
    let labels = Labels::with_classes(block.codes, n_classes)?;
    let sorted = ClassSorted::new(block.rows.as_ref(), &labels)?;
    let rows = sorted.rows(block.rows.as_ref()).to_owned();
    Ok((sorted.labels().clone(), rows))
}

/// The classes that have rows, with their places in class order.
fn class_ranges(labels: &Labels) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut start = 0;
    labels.counts().iter().enumerate().filter(|&(_, &count)| count > 0).map(move |(class, &count)| {
        start += count;
        (class, start - count..start)
    })
}

impl Landscape for RowsObjective<'_> {
    fn value(&self, w: MatRef<'_, f64>) -> Result<f64> {
        let sums = self.sums(w)?;
        let inner = product(sums.totals.sums().transpose(), sums.totals.sums());
        Ok(self.label_gram.weighted_sum(inner.as_ref()))
    }

    fn q_matrix(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let weighted = self.weighted_sums(&*self.sums(w)?);
        let map = self.map(w.ncols())?;
        let (blocks, n_classes, r) = (self.label_gram.blocks(), self.input.n_classes(), self.basis.ncols());
        let (basis, weighted) = (self.basis, weighted.as_ref());
        let of_block = |_, block: Block| -> Result<QPart> {
            let (labels, rows) = in_class_order(block, n_classes)?;
            let rows = product(rows.as_ref(), basis);
            let psi = map.transform(product(rows.as_ref(), w).as_ref())?;
            let mut part = QPart { moments: PerClass::new(n_classes), diagonal: Mat::zeros(r, r) };
            let mut scaled = rows.clone();
            for (class, Range { start, end }) in class_ranges(&labels) {
                let psi = psi.subrows(start, end - start);
                part.moments.0[class] = Some(product(psi.transpose(), rows.subrows(start, end - start)));
                let row_sums = product(psi, weighted.subcols(class, 1));
                scale_rows(scaled.subrows_mut(start, end - start), &row_sums);
            }
            add_lower_product(part.diagonal.as_mut(), rows.as_ref(), scaled.as_ref());
            Ok(part)
        };
        let mut total = QPart { moments: PerClass::new(n_classes), diagonal: Mat::zeros(r, r) };
        reduce_rows(self.input, self.context.par, of_block, |part| {
            total.moments.merge(part.moments);
            total.diagonal += part.diagonal;
        })?;
        let mut q = Mat::zeros(r, r);
        for (a, of_a) in total.moments.0.iter().enumerate() {
            if let (Some(of_a), Some(across)) = (of_a, total.moments.weighted(blocks, a)) {
                matmul(q.as_mut(), Accum::Add, of_a.transpose(), across.as_ref(), 1.0);
            }
        }
        let diagonal = |i: usize, j: usize| total.diagonal[(i.max(j), i.min(j))];
        Ok(Mat::from_fn(r, r, |i, j| 0.5 * (q[(i, j)] + q[(j, i)]) - diagonal(i, j)))
    }

    fn q_times_w(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let sums = self.sums(w)?;
        let weighted = self.weighted_sums(&sums);
        let (map, full, n_classes) =
            (self.map(w.ncols())?, product(self.basis, w), self.input.n_classes());
        // of class a: Σ_b G[a,b] Ψ_bᵀZ_b, whose product with ψᵢ is row i of Γ̂Z
        let across: Vec<Option<Mat<f64>>> =
            (0..n_classes).map(|class| sums.products.weighted(self.label_gram.blocks(), class)).collect();
        let (across, weighted, full) = (&across, weighted.as_ref(), full.as_ref());
        let of_block = |_, block: Block| -> Result<Mat<f64>> {
            let (labels, rows) = in_class_order(block, n_classes)?;
            let z = product(rows.as_ref(), full);
            let psi = map.transform(z.as_ref())?;
            let mut laplacian = Mat::zeros(z.nrows(), z.ncols());
            for (class, Range { start, end }) in class_ranges(&labels) {
                let psi = psi.subrows(start, end - start);
                let mut scaled = z.subrows(start, end - start).to_owned();
                scale_rows(scaled.as_mut(), &product(psi, weighted.subcols(class, 1)));
                let across = across[class].as_ref().expect("a class of this block has a sum");
                laplacian.subrows_mut(start, end - start).copy_from(product(psi, across.as_ref()) - scaled);
            }
            Ok(product(rows.transpose(), laplacian.as_ref()))
        };
        let mut total = Mat::zeros(self.basis.nrows(), w.ncols());
        reduce_rows(self.input, self.context.par, of_block, |part| total += part)?;
        Ok(product(self.basis.transpose(), total.as_ref()))
    }

    fn gradient_scale(&self) -> f64 {
        2.0 / (self.sigma.get() * self.sigma.get())
    }

    /// Each is a pass, and with K = ΨΨᵀ the gradient from Q is right up to the features' random error only: a direction
    /// along which nothing rises soon is noise.
    fn halvings(&self) -> usize {
        3
    }
}

/// Multiplies each row by a number.
fn scale_rows(rows: MatMut<'_, f64>, by: &Mat<f64>) {
    for column in rows.col_iter_mut() {
        column.iter_mut().enumerate().for_each(|(i, value)| *value *= by[(i, 0)]);
    }
}

#[cfg(test)]
mod tests {
    use faer::Par;
    use hsic_kernels::ClassWeight;
    use hsic_kernels::random::stream;
    use hsic_kernels::rows::MatrixRows;
    use rand::RngExt as _;
    use rand_distr::StandardNormal;

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
