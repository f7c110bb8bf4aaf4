//! What a pass gives, of a block or of any number of them.

use faer::Mat;
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::columns::ColumnMoments;
use hsic_kernels::rows::RowSample;
use hsic_layer::sums::RowSums;

use super::{PassError, PassId};
use crate::Result;

/// What a [`Pass`](super::Pass) summed over some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Partial {
    pub(super) id: PassId,
    pub(super) sums: Sums,
}

/// The sums of each kind of pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sums {
    Columns(Vec<ColumnMoments>),
    Sample { sample: RowSample, moments: Option<ClassMoments> },
    Layer(RowSums),
    Measure(Box<Measured>),
    Head(RowSample),
    Evaluation(Evaluation),
}

/// The moments a layer is measured by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// Of Ψ with K = ΨΨᵀ the Gram matrix of Z.
    pub(super) psi: ClassMoments,
    /// Of Z, where the head sees it.
    pub(super) z: Option<ClassMoments>,
    /// Of the activation, where it is not Ψ and somebody asks for it.
    pub(super) r: Option<ClassMoments>,
}

impl Partial {
    /// Which pass it is of.
    pub fn id(&self) -> PassId {
        self.id
    }

    /// Adds the partial of other rows: in any order, to rounding.
    ///
    /// # Errors
    /// [`PassError::OtherPass`], [`PassError::Shape`]: nothing was added.
    ///
    /// # Cost
    /// An addition a number.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        self.check_alike(&other)?;
        let add = |sum: &mut Option<ClassMoments>, other: Option<ClassMoments>| {
            if let (Some(sum), Some(other)) = (sum, other) {
                sum.merge(&other);
            }
        };
        match (&mut self.sums, other.sums) {
            (Sums::Columns(columns), Sums::Columns(others)) => {
                columns.iter_mut().zip(&others).for_each(|(column, other)| column.merge(other));
            }
            (Sums::Sample { sample, moments }, Sums::Sample { sample: others, moments: other_moments }) => {
                sample.merge(others);
                add(moments, other_moments);
            }
            (Sums::Layer(sums), Sums::Layer(others)) => sums.merge(others)?,
            (Sums::Measure(sum), Sums::Measure(other)) => {
                sum.psi.merge(&other.psi);
                add(&mut sum.z, other.z);
                add(&mut sum.r, other.r);
            }
            (Sums::Head(sample), Sums::Head(others)) => sample.merge(others),
            (Sums::Evaluation(sum), Sums::Evaluation(other)) => sum.merge(&other),
            _ => unreachable!("what they are was compared"),
        }
        Ok(())
    }

    /// Refuses a partial of another pass.
    pub(super) fn check_alike(&self, other: &Self) -> Result<()> {
        if self.id != other.id {
            return Err(PassError::OtherPass { expected: self.id, found: other.id }.into());
        }
        if !self.sums.is_like(&other.sums) {
            let (expected, found) = (self.sums.what(), other.sums.what());
            return Err(PassError::Shape { expected, found }.into());
        }
        Ok(())
    }

    /// The moments of the columns, if that is what it is.
    ///
    /// # Errors
    /// [`PassError::Shape`] for a partial of another kind.
    pub fn into_columns(self) -> Result<Vec<ColumnMoments>> {
        match self.sums {
            Sums::Columns(columns) => Ok(columns),
            other => {
                Err(PassError::Shape { expected: "moments of columns".into(), found: other.what() }.into())
            }
        }
    }

    /// The sample, if that is what it is.
    ///
    /// # Errors
    /// [`PassError::Shape`] for a partial of another kind.
    pub fn into_sample(self) -> Result<RowSample> {
        match self.sums {
            Sums::Sample { sample, .. } => Ok(sample),
            other => Err(PassError::Shape { expected: "a sample".into(), found: other.what() }.into()),
        }
    }

    /// The evaluation, if that is what it is.
    ///
    /// # Errors
    /// [`PassError::Shape`] for a partial of another kind.
    pub fn into_evaluation(self) -> Result<Evaluation> {
        match self.sums {
            Sums::Evaluation(evaluation) => Ok(evaluation),
            other => Err(PassError::Shape { expected: "an evaluation".into(), found: other.what() }.into()),
        }
    }
}

impl Sums {
    fn is_like(&self, other: &Self) -> bool {
        let alike = |one: &Option<ClassMoments>, other: &Option<ClassMoments>| {
            one.as_ref().map(shape) == other.as_ref().map(shape)
        };
        match (self, other) {
            (Self::Columns(columns), Self::Columns(others)) => columns.len() == others.len(),
            (Self::Sample { sample, moments }, Self::Sample { sample: others, moments: other_moments }) => {
                sample.is_like(others) && alike(moments, other_moments)
            }
            (Self::Layer(sums), Self::Layer(others)) => sums.is_like(others),
            (Self::Measure(sum), Self::Measure(other)) => {
                shape(&sum.psi) == shape(&other.psi) && alike(&sum.z, &other.z) && alike(&sum.r, &other.r)
            }
            (Self::Head(sample), Self::Head(others)) => sample.is_like(others),
            (Self::Evaluation(sum), Self::Evaluation(other)) => sum.confusion.len() == other.confusion.len(),
            _ => false,
        }
    }

    /// In words.
    fn what(&self) -> String {
        let of = |moments: &ClassMoments| format!("{}x{}", shape(moments).0, shape(moments).1);
        let optional = |moments: &Option<ClassMoments>| moments.as_ref().map_or("none".into(), of);
        match self {
            Self::Columns(columns) => format!("moments of {} columns", columns.len()),
            Self::Sample { moments, .. } => format!("a sample with moments {}", optional(moments)),
            Self::Layer(sums) => sums.what(),
            Self::Measure(sum) => {
                let (psi, z, r) = (of(&sum.psi), optional(&sum.z), optional(&sum.r));
                format!("moments {psi} of features, {z} of Z, {r} of R")
            }
            Self::Head(_) => "a sample for a head".into(),
            Self::Evaluation(evaluation) => {
                format!("an evaluation of {} classes", evaluation.confusion.len())
            }
        }
    }
}

/// Columns and classes.
fn shape(moments: &ClassMoments) -> (usize, usize) {
    moments.totals().sums().shape()
}

/// What a network makes of labelled rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// Rows of class a that were predicted to be of class b, at \[a\]\[b\].
    pub confusion: Vec<Vec<usize>>,
    /// Σ −log p(class of the row | row), in nats; infinite where a row's class had no training row.
    pub log_loss: f64,
}

impl Evaluation {
    pub(super) fn empty(n_classes: usize) -> Self {
        Self { confusion: vec![vec![0; n_classes]; n_classes], log_loss: 0.0 }
    }

    pub(super) fn add(&mut self, codes: &[usize], predicted: &[usize], log_proba: &Mat<f64>) {
        for (i, (&code, &class)) in codes.iter().zip(predicted).enumerate() {
            self.confusion[code][class] += 1;
            self.log_loss -= log_proba[(i, code)];
        }
    }

    fn merge(&mut self, other: &Self) {
        for (sums, others) in self.confusion.iter_mut().zip(&other.confusion) {
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
        }
        self.log_loss += other.log_loss;
    }

    /// Number of rows.
    pub fn n(&self) -> usize {
        self.confusion.iter().flatten().sum()
    }

    /// The share of rows predicted right; `None` without rows.
    pub fn accuracy(&self) -> Option<f64> {
        let right: usize = self.confusion.iter().enumerate().map(|(class, row)| row[class]).sum();
        (self.n() > 0).then(|| right as f64 / self.n() as f64)
    }
}
