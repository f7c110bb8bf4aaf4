//! The objective of a spectral layer over all rows: Tr(ΓK) with K = ΨΨᵀ, its Q and gradient, of sums that are asked for.

use std::cell::RefCell;

use faer::{Accum, Mat, MatRef};
use hsic_kernels::class_moments::ClassTotals;
use hsic_kernels::features::{Frequencies, RandomFeatures};
use hsic_kernels::linalg::{matmul, product};
use hsic_kernels::{Bandwidth, CenteredLabelGram};

use super::super::objective::Landscape;
use crate::sums::{Psi, RowSum, RowSums};
use crate::{Context, Error, Result};

/// Tr(ΓK) as a function of W in the coordinates of `basis`. What is not known of a W is asked for by [`Unknown::Sum`], and
/// once it was [told](Self::tell) the same question has an answer.
pub(super) struct SumsObjective {
    /// V, p×r.
    pub(super) basis: Mat<f64>,
    pub(super) features: (usize, Frequencies),
    pub(super) sigma: Bandwidth,
    pub(super) label_gram: CenteredLabelGram,
    pub(super) n_classes: usize,
    pub(super) context: Context,
    /// Sums with the W they are at.
    pub(super) known: RefCell<Vec<(Mat<f64>, RowSums)>>,
}

/// Why there is no answer.
pub(super) enum Unknown {
    /// These sums are missing, at this W.
    Sum(Box<(Mat<f64>, RowSum)>),
    /// It failed.
    Failed(Error),
}

impl From<Error> for Unknown {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

type Asked<T> = std::result::Result<T, Unknown>;

impl SumsObjective {
    /// The layer's ψ for Z of this width: the same draw whenever it is asked for.
    pub(super) fn map(&self, width: usize) -> Result<RandomFeatures<f64>> {
        let (m, frequencies) = self.features;
        Ok(RandomFeatures::draw(width, m, self.sigma, frequencies, &mut self.context.rng())?)
    }

    /// Sums over all rows, asked for at this W.
    pub(super) fn tell(&mut self, w: Mat<f64>, sums: RowSums) {
        self.known.get_mut().push((w, sums));
    }

    /// What is known at W and of the kind that `pick` takes, else a question.
    fn known<T>(
        &self,
        w: MatRef<'_, f64>,
        pick: impl Fn(&RowSums) -> Option<T>,
        question: impl FnOnce() -> Asked<RowSum>,
    ) -> Asked<T> {
        let known = self.known.borrow();
        let found = known.iter().filter(|(at, _)| at.as_ref() == w).find_map(|(_, sums)| pick(sums));
        match found {
            Some(found) => Ok(found),
            None => Err(Unknown::Sum(Box::new((w.to_owned(), question()?)))),
        }
    }

    /// ψ of R·V·W.
    fn psi(&self, w: MatRef<'_, f64>) -> Result<Psi> {
        Ok(Psi { projection: Some(product(self.basis.as_ref(), w)), map: self.map(w.ncols())? })
    }

    /// The class sums of Ψ at W.
    fn totals(&self, w: MatRef<'_, f64>) -> Asked<ClassTotals> {
        let pick = |sums: &RowSums| match sums {
            RowSums::Totals(totals) => Some(totals.clone()),
            _ => None,
        };
        self.known(w, pick, || Ok(RowSum::Totals(self.psi(w)?)))
    }

    /// Σ_b G\[a,b\] s_b in column a, whose product with ψᵢ of a row of class a is (Γ̂1)ᵢ.
    fn weighted_sums(&self, w: MatRef<'_, f64>) -> Asked<Mat<f64>> {
        Ok(product(self.totals(w)?.sums(), self.label_gram.blocks().transpose()))
    }
}

impl Landscape for SumsObjective {
    type Error = Unknown;

    fn value(&self, w: MatRef<'_, f64>) -> Asked<f64> {
        let totals = self.totals(w)?;
        let inner = product(totals.sums().transpose(), totals.sums());
        Ok(self.label_gram.weighted_sum(inner.as_ref()))
    }

    fn q_matrix(&self, w: MatRef<'_, f64>) -> Asked<Mat<f64>> {
        let weighted = self.weighted_sums(w)?;
        let r = self.basis.ncols();
        let pick = |sums: &RowSums| {
            let RowSums::Laplacian { moments, diagonal } = sums else { return None };
            let across = moments.weighted(self.label_gram.blocks());
            let mut q = Mat::zeros(r, r);
            for a in 0..self.n_classes {
                if let (Some(of_a), Some(across)) = (moments.of(a), across.of(a)) {
                    matmul(q.as_mut(), Accum::Add, of_a.transpose(), across, 1.0);
                }
            }
            let diagonal = |i: usize, j: usize| diagonal[(i.max(j), i.min(j))];
            Some(Mat::from_fn(r, r, |i, j| 0.5 * (q[(i, j)] + q[(j, i)]) - diagonal(i, j)))
        };
        self.known(w, pick, || {
            let psi = Psi { projection: Some(w.to_owned()), map: self.map(w.ncols())? };
            Ok(RowSum::Laplacian { basis: self.basis.clone(), psi, weighted })
        })
    }

    fn q_times_w(&self, w: MatRef<'_, f64>) -> Asked<Mat<f64>> {
        let gradient = |sums: &RowSums| match sums {
            RowSums::Gradient(gradient) => Some(product(self.basis.transpose(), gradient.as_ref())),
            _ => None,
        };
        // of class a: Σ_b G[a,b] Ψ_bᵀZ_b, whose product with ψᵢ is row i of Γ̂Z
        let across = |sums: &RowSums| match sums {
            RowSums::Products(products) => Some(products.weighted(self.label_gram.blocks())),
            _ => None,
        };
        self.known(w, gradient, || {
            let weighted = self.weighted_sums(w)?;
            let across = self.known(w, across, || Ok(RowSum::Products(self.psi(w)?)))?;
            Ok(RowSum::Gradient { psi: self.psi(w)?, weighted, across })
        })
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

    fn at(&self, w: MatRef<'_, f64>) {
        self.known.borrow_mut().retain(|(at, _)| at.as_ref() == w);
    }
}
