//! The objective of a spectral layer over rows in blocks: Tr(ΓK) with K = ΨΨᵀ, its Q and gradient, in passes.

use std::cell::RefCell;
use std::ops::Range;

use faer::{Accum, Mat, MatMut, MatRef};
use hsic_kernels::class_moments::ClassTotals;
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::linalg::{add_lower_product, matmul, product};
use hsic_kernels::rows::{Block, RowBlocks, reduce_rows};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassSorted, Labels};

use super::super::objective::Landscape;
use crate::{Context, Result};

/// Tr(ΓK) as a function of W in the coordinates of `basis`, by passes.
pub(super) struct RowsObjective<'a> {
    pub(super) input: &'a dyn RowBlocks,
    /// V, p×r.
    pub(super) basis: MatRef<'a, f64>,
    pub(super) features: (usize, Frequencies),
    pub(super) sigma: Bandwidth,
    pub(super) label_gram: CenteredLabelGram,
    pub(super) context: &'a Context,
    /// The class sums at the last W: Q and Q·W are asked for where the value was.
    pub(super) last: RefCell<Option<(Mat<f64>, ClassTotals)>>,
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
    pub(super) fn map(&self, width: usize) -> Result<RandomFeatures<f64>> {
        let (m, frequencies) = self.features;
        Ok(RandomFeatures::draw(width, m, self.sigma, frequencies, &mut self.context.rng())?)
    }

    /// The class sums of Ψ at W.
    fn totals(&self, w: MatRef<'_, f64>) -> Result<ClassTotals> {
        if let Some((at, totals)) = &*self.last.borrow()
            && at.as_ref() == w
        {
            return Ok(totals.clone());
        }
        let (map, full) = (self.map(w.ncols())?, product(self.basis, w));
        let empty = || ClassTotals::new(map.n_features(), self.input.n_classes());
        let of_block = |_, block: Block| -> Result<ClassTotals> {
            let mut part = empty();
            let z = product(block.rows.as_ref(), full.as_ref());
            part.update(map.transform(z.as_ref())?.as_ref(), &block.codes);
            Ok(part)
        };
        let mut totals = empty();
        reduce_rows(self.input, self.context.par, of_block, |part| totals.merge(&part))?;
        *self.last.borrow_mut() = Some((w.to_owned(), totals.clone()));
        Ok(totals)
    }

    /// Σ_b G\[a,b\] s_b in column a, whose product with ψᵢ of a row of class a is (Γ̂1)ᵢ.
    fn weighted_sums(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        Ok(product(self.totals(w)?.sums(), self.label_gram.blocks().transpose()))
    }

    /// Ψ_bᵀZ_b, m×q, of every class.
    fn products(&self, map: &RandomFeatures<f64>, full: MatRef<'_, f64>) -> Result<PerClass> {
        let n_classes = self.input.n_classes();
        let of_block = |_, block: Block| -> Result<PerClass> {
            let mut part = PerClass::new(n_classes);
            let (labels, rows) = in_class_order(block, n_classes)?;
            let z = product(rows.as_ref(), full);
            let psi = map.transform(z.as_ref())?;
            for (class, Range { start, end }) in class_ranges(&labels) {
                let (psi, z) = (psi.subrows(start, end - start), z.subrows(start, end - start));
                part.0[class] = Some(product(psi.transpose(), z));
            }
            Ok(part)
        };
        let mut products = PerClass::new(n_classes);
        reduce_rows(self.input, self.context.par, of_block, |part| products.merge(part))?;
        Ok(products)
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
        let totals = self.totals(w)?;
        let inner = product(totals.sums().transpose(), totals.sums());
        Ok(self.label_gram.weighted_sum(inner.as_ref()))
    }

    fn q_matrix(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let weighted = self.weighted_sums(w)?;
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
        let weighted = self.weighted_sums(w)?;
        let (map, full, n_classes) = (self.map(w.ncols())?, product(self.basis, w), self.input.n_classes());
        // of class a: Σ_b G[a,b] Ψ_bᵀZ_b, whose product with ψᵢ is row i of Γ̂Z
        let products = self.products(&map, full.as_ref())?;
        let across: Vec<Option<Mat<f64>>> =
            (0..n_classes).map(|class| products.weighted(self.label_gram.blocks(), class)).collect();
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

    /// The value of m features differs from that of the Gaussian kernel by about 1/√m of it; its square is well within.
    fn resolution(&self) -> f64 {
        1.0 / self.features.0 as f64
    }
}

/// Multiplies each row by a number.
fn scale_rows(rows: MatMut<'_, f64>, by: &Mat<f64>) {
    for column in rows.col_iter_mut() {
        column.iter_mut().enumerate().for_each(|(i, value)| *value *= by[(i, 0)]);
    }
}
