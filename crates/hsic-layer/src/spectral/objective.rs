//! The objective Tr(ΓK_σ(RW)), its matrix Q(W), and what follows from them.

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_sums::class_sums;
use hsic_kernels::gaussian::{weighted_laplacian_form, weighted_laplacian_product};
use hsic_kernels::linalg::product;
use hsic_kernels::tiles::{PairFunction, Points};
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassSorted, ClassWeight, Labels};

use crate::Result;

/// What the ascent climbs: an objective of W with its Q.
pub(super) trait Landscape {
    /// Why it has no answer.
    type Error: From<crate::Error>;
    /// The objective at W, of orthonormal columns.
    fn value(&self, w: MatRef<'_, f64>) -> std::result::Result<f64, Self::Error>;
    /// Q(W), symmetric.
    fn q_matrix(&self, w: MatRef<'_, f64>) -> std::result::Result<Mat<f64>, Self::Error>;
    /// Q(W)·W, for much less than Q(W): the gradient is a multiple of it.
    fn q_times_w(&self, w: MatRef<'_, f64>) -> std::result::Result<Mat<f64>, Self::Error>;
    /// That multiple, 2/σ².
    fn gradient_scale(&self) -> f64;
    /// A step is halved at most this often before it counts as not rising.
    fn halvings(&self) -> usize;
    /// A gain below this share of the value says nothing.
    fn resolution(&self) -> f64;
    /// The ascent has moved to W: what is asked next is of W and of points nobody was at before.
    fn at(&self, w: MatRef<'_, f64>) {
        let _ = w;
    }
}

/// A layer's objective as a function of W.
///
/// ```
/// use faer::mat;
/// use hsic_kernels::{Bandwidth, ClassWeight, Labels};
/// use hsic_layer::Objective;
/// let r = mat![[0.0, 1.0], [0.1, -1.0], [5.0, 1.1], [5.1, -0.9]];
/// let labels = Labels::new(vec![0, 0, 1, 1])?;
/// let objective = Objective::new(r.as_ref(), &labels, Bandwidth::new(2.0)?, ClassWeight::Plain, faer::Par::Seq)?;
/// let (along, across) = (mat![[1.0], [0.0]], mat![[0.0], [1.0]]);
/// assert!(objective.value(along.as_ref())? > objective.value(across.as_ref())?);
/// # Ok::<(), hsic_layer::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Objective {
    /// Input rows in class order, n×p.
    r: Mat<f64>,
    labels: Labels,
    label_gram: CenteredLabelGram,
    sigma: Bandwidth,
    par: Par,
}

impl Objective {
    /// The objective of a layer input (n×p) at a bandwidth.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] where `labels` has another number of rows.
    pub fn new(
        r: MatRef<'_, f64>,
        labels: &Labels,
        sigma: Bandwidth,
        class_weight: ClassWeight,
        par: Par,
    ) -> Result<Self> {
        let sorted = ClassSorted::new(r, labels)?;
        let r = sorted.rows(r).to_owned();
        let labels = sorted.labels().clone();
        let label_gram = CenteredLabelGram::new(&labels, class_weight);
        Ok(Self { r, labels, label_gram, sigma, par })
    }

    /// Tr(ΓK_σ(RW)).
    ///
    /// # Shapes
    /// `w` p×q.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for non-finite numbers.
    ///
    /// # Cost
    /// n²/2 kernel values.
    pub fn value(&self, w: MatRef<'_, f64>) -> Result<f64> {
        let z = product(self.r.as_ref(), w);
        let function = [PairFunction::KernelMinusOne(self.sigma)];
        let sums = class_sums(&Points::new(z.as_ref())?, &self.labels, &function, self.par)?;
        Ok(self.label_gram.weighted_sum(sums[0].blocks(&self.labels).as_ref()))
    }

    /// Q(W) = Rᵀ(Γ̂ − Diag(Γ̂1))R with Γ̂ = Γ ⊙ K_σ(RW), p×p and exactly symmetric (eq. 7).
    ///
    /// # Errors
    /// As [`Objective::value`].
    ///
    /// # Cost
    /// n²/2 kernel values, n²p + 2np² flops.
    pub fn q_matrix(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let z = product(self.r.as_ref(), w);
        Ok(weighted_laplacian_form(
            &Points::new(z.as_ref())?,
            self.sigma,
            &self.labels,
            &self.label_gram,
            self.r.as_ref(),
            self.par,
        )?)
    }

    /// (2/σ²)·Q(W)·W, the Euclidean gradient of [`Objective::value`].
    ///
    /// # Errors
    /// As [`Objective::value`].
    ///
    /// # Cost
    /// n²/2 kernel values, 2n²q + 2npq flops.
    pub fn gradient(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        Ok(self.q_times_w(w)? * faer::Scale(self.gradient_scale()))
    }

    /// Q(W)·W = Rᵀ(Γ̂ − Diag(Γ̂1))Z.
    fn q_times_w(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let z = product(self.r.as_ref(), w);
        let weighted = weighted_laplacian_product(
            &Points::new(z.as_ref())?,
            self.sigma,
            &self.labels,
            &self.label_gram,
            z.as_ref(),
            self.par,
        )?;
        Ok(product(self.r.transpose(), weighted.as_ref()))
    }

    fn gradient_scale(&self) -> f64 {
        2.0 / (self.sigma.get() * self.sigma.get())
    }

    /// The centred class sums RᵀHYD, p×c, whose product with its transpose is RᵀΓR, the limit of Q as σ → ∞ (D = I, or
    /// diag(1/√n_a) for balanced classes).
    pub fn class_directions(&self, class_weight: ClassWeight) -> Mat<f64> {
        class_directions(self.r.as_ref(), &self.labels, class_weight)
    }

    /// Columns of the input, p.
    pub fn input_width(&self) -> usize {
        self.r.ncols()
    }
}

impl Landscape for Objective {
    type Error = crate::Error;

    fn value(&self, w: MatRef<'_, f64>) -> Result<f64> {
        self.value(w)
    }

    fn q_matrix(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        self.q_matrix(w)
    }

    fn q_times_w(&self, w: MatRef<'_, f64>) -> Result<Mat<f64>> {
        self.q_times_w(w)
    }

    fn gradient_scale(&self) -> f64 {
        self.gradient_scale()
    }

    fn halvings(&self) -> usize {
        24
    }

    fn resolution(&self) -> f64 {
        0.0
    }
}

/// RᵀHYD of any rows, p×c: its left singular vectors are the leading eigenvectors of RᵀΓR.
///
/// # Panics
/// If `labels` has another number of rows than `r`.
pub fn class_directions(r: MatRef<'_, f64>, labels: &Labels, class_weight: ClassWeight) -> Mat<f64> {
    assert_eq!(r.nrows(), labels.len(), "a label a row");
    let (n, c) = (r.nrows() as f64, labels.n_classes());
    let mut sums = Mat::zeros(r.ncols(), c);
    for k in 0..r.ncols() {
        let mean = r.col(k).iter().map(|value| value / n).sum::<f64>();
        for (i, &class) in labels.codes().iter().enumerate() {
            sums[(k, class)] += r[(i, k)] - mean;
        }
    }
    for (column, &count) in sums.col_iter_mut().zip(labels.counts()) {
        let scale = class_weight.scale(count);
        column.iter_mut().for_each(|value| *value *= scale);
    }
    sums
}
