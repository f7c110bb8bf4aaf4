//! What a layer needs to know of all rows, as data: which sums to take ([`RowSum`]), and the sums ([`RowSums`]).
//!
//! A solver says what it wants; whoever has the rows runs it on their blocks, anywhere and in any order, and merges what comes out.

mod per_class;
mod state;

use faer::{Mat, MatMut, MatRef};
use hsic_kernels::class_moments::{ClassMoments, ClassTotals};
use hsic_kernels::features::RandomFeatures;
use hsic_kernels::linalg::{add_lower_product, product};
use hsic_kernels::rows::{Block, RowBlocks, reduce_rows};

pub use per_class::ClassProducts;
pub use state::{put_moments, read_moments};

use crate::{Error, Result};
use per_class::{class_ranges, in_class_order};

/// ψ of the rows R of a layer's input, or of Z = RW.
#[derive(Debug, Clone, PartialEq)]
pub struct Psi {
    /// W, p×q; without it Z is R.
    pub projection: Option<Mat<f64>>,
    /// ψ of Z.
    pub map: RandomFeatures<f64>,
}

impl Psi {
    /// ψ of the rows themselves.
    pub fn of_rows(map: RandomFeatures<f64>) -> Self {
        Self { projection: None, map }
    }

    /// Columns of R, p.
    fn input_width(&self) -> usize {
        self.projection.as_ref().map_or(self.map.input_width(), Mat::nrows)
    }

    /// Z.
    fn z(&self, rows: MatRef<'_, f64>) -> Mat<f64> {
        match &self.projection {
            Some(w) => product(rows, w.as_ref()),
            None => rows.to_owned(),
        }
    }

    /// ψ(Z).
    fn features(&self, rows: MatRef<'_, f64>) -> Result<Mat<f64>> {
        Ok(match &self.projection {
            Some(_) => self.map.transform(self.z(rows).as_ref())?,
            None => self.map.transform(rows)?,
        })
    }
}

/// A sum over the rows of a layer's input R (n×p): a value, stateless, the same in any process.
///
/// Ψ = ψ(Z) is n×m, Z n×q, c classes; a subscript picks the rows of a class.
///
/// # Cost
/// Of the sums in numbers: `Totals` c·(m + 1), `Moments` m² + c·(m + 1), `Laplacian` c·m·r + r², `Products` c·m·q, `Gradient` p·q.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_kernels::{Bandwidth, Labels, features::RandomFeatures, random::stream, rows::MatrixRows};
/// use hsic_layer::sums::{Psi, RowSum};
/// let (x, labels) = (mat![[0.0], [0.1], [5.0], [5.1]], Labels::new(vec![0, 0, 1, 1])?);
/// let map = RandomFeatures::draw(1, 8, Bandwidth::new(1.0)?, Default::default(), &mut stream(0, 90, 0))?;
/// let sum = RowSum::Totals(Psi::of_rows(map));
/// let totals = sum.over(&MatrixRows::new(x.as_ref(), &labels)?, Par::Seq)?.into_totals()?;
/// assert_eq!((totals.counts(), totals.sums().shape()), (&[2, 2][..], (8, 2)));
/// # Ok::<(), hsic_layer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowSum {
    /// Counts and sums of Ψ of every class.
    Totals(Psi),
    /// Those, and the scatter of Ψ.
    Moments(Psi),
    /// M_b = Ψ_bᵀR_bV of every class, and VᵀRᵀDiag(Γ̂1)RV: what Q(W) is made of.
    Laplacian {
        /// V, p×r.
        basis: Mat<f64>,
        /// ψ of RV·W.
        psi: Psi,
        /// Column a times ψᵢ of a row of class a is (Γ̂1)ᵢ, m×c.
        weighted: Mat<f64>,
    },
    /// Ψ_bᵀZ_b of every class.
    Products(Psi),
    /// Rᵀ(Γ̂ − Diag(Γ̂1))Z.
    Gradient {
        /// ψ of Z.
        psi: Psi,
        /// As in `Laplacian`.
        weighted: Mat<f64>,
        /// Σ_b G\[a,b\] Ψ_bᵀZ_b of every class a, m×q.
        across: ClassProducts,
    },
}

impl RowSum {
    /// The name used in files.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Totals(_) => "totals",
            Self::Moments(_) => "moments",
            Self::Laplacian { .. } => "laplacian",
            Self::Products(_) => "products",
            Self::Gradient { .. } => "gradient",
        }
    }

    /// Columns of the rows it is of, p.
    pub fn input_width(&self) -> usize {
        match self {
            Self::Totals(psi) | Self::Moments(psi) | Self::Products(psi) | Self::Gradient { psi, .. } => {
                psi.input_width()
            }
            Self::Laplacian { basis, .. } => basis.nrows(),
        }
    }

    /// The sums over no rows.
    pub fn empty(&self, n_classes: usize) -> RowSums {
        match self {
            Self::Totals(psi) => RowSums::Totals(ClassTotals::new(psi.map.n_features(), n_classes)),
            Self::Moments(psi) => RowSums::Moments(ClassMoments::new(psi.map.n_features(), n_classes)),
            Self::Laplacian { basis, psi, .. } => RowSums::Laplacian {
                moments: ClassProducts::new((psi.map.n_features(), basis.ncols()), n_classes),
                diagonal: Mat::zeros(basis.ncols(), basis.ncols()),
            },
            Self::Products(psi) => RowSums::Products(ClassProducts::new(
                (psi.map.n_features(), psi.map.input_width()),
                n_classes,
            )),
            Self::Gradient { psi, .. } => {
                RowSums::Gradient(Mat::zeros(psi.input_width(), psi.map.input_width()))
            }
        }
    }

    /// The sums over a block of rows of the layer's input.
    ///
    /// # Errors
    /// [`Error::Kernel`] for rows of another width and numbers that are not finite.
    ///
    /// # Panics
    /// For a class code that is not below `n_classes`.
    ///
    /// # Cost
    /// O(p·q + q·m) a row for Z and Ψ; m² more for `Moments`, m·r + r² for `Laplacian`, m·q for `Products` and `Gradient`.
    pub fn run(&self, n_classes: usize, block: Block) -> Result<RowSums> {
        let mut sums = self.empty(n_classes);
        match (self, &mut sums) {
            (Self::Totals(psi), RowSums::Totals(totals)) => {
                totals.update(psi.features(block.rows.as_ref())?.as_ref(), &block.codes);
            }
            (Self::Moments(psi), RowSums::Moments(moments)) => {
                moments.update(psi.features(block.rows.as_ref())?.as_ref(), &block.codes);
            }
            (Self::Laplacian { basis, psi, weighted }, RowSums::Laplacian { moments, diagonal }) => {
                let (labels, rows) = in_class_order(block, n_classes)?;
                let rows = product(rows.as_ref(), basis.as_ref());
                let mut scaled = rows.clone();
                let features = psi.features(rows.as_ref())?;
                for (class, range) in class_ranges(&labels) {
                    let (start, count) = (range.start, range.len());
                    let features = features.subrows(start, count);
                    moments.set(class, product(features.transpose(), rows.subrows(start, count)));
                    let row_sums = product(features, weighted.subcols(class, 1));
                    scale_rows(scaled.subrows_mut(start, count), row_sums.as_ref());
                }
                add_lower_product(diagonal.as_mut(), rows.as_ref(), scaled.as_ref());
            }
            (Self::Products(psi), RowSums::Products(products)) => {
                let (labels, rows) = in_class_order(block, n_classes)?;
                let z = psi.z(rows.as_ref());
                let features = psi.map.transform(z.as_ref())?;
                for (class, range) in class_ranges(&labels) {
                    let (start, count) = (range.start, range.len());
                    let features = features.subrows(start, count);
                    products.set(class, product(features.transpose(), z.subrows(start, count)));
                }
            }
            (Self::Gradient { psi, weighted, across }, RowSums::Gradient(total)) => {
                let (labels, rows) = in_class_order(block, n_classes)?;
                let z = psi.z(rows.as_ref());
                let features = psi.map.transform(z.as_ref())?;
                let mut laplacian = Mat::zeros(z.nrows(), z.ncols());
                for (class, range) in class_ranges(&labels) {
                    let (start, count) = (range.start, range.len());
                    let features = features.subrows(start, count);
                    let mut scaled = z.subrows(start, count).to_owned();
                    let row_sums = product(features, weighted.subcols(class, 1));
                    scale_rows(scaled.as_mut(), row_sums.as_ref());
                    let mut of_class = laplacian.subrows_mut(start, count);
                    match across.of(class) {
                        Some(across) => of_class.copy_from(product(features, across) - scaled),
                        None => of_class.copy_from(-scaled),
                    }
                }
                *total = product(rows.transpose(), laplacian.as_ref());
            }
            _ => unreachable!("the empty sums are of the same kind"),
        }
        Ok(sums)
    }

    /// The sums over all rows of a source, merged in the order of its blocks: the same bits for any number of threads.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Rows`] for a source that cannot be read.
    ///
    /// # Cost
    /// One pass; a block, its features and the sums a thread.
    pub fn over(&self, rows: &dyn RowBlocks, par: faer::Par) -> Result<RowSums> {
        let (n_classes, mut sums) = (rows.n_classes(), self.empty(rows.n_classes()));
        let mut merged = Ok(());
        reduce_rows(
            rows,
            par,
            |_, block| self.run(n_classes, block),
            |part| {
                if merged.is_ok() {
                    merged = sums.merge(part);
                }
            },
        )?;
        merged.map(|()| sums)
    }
}

/// Multiplies each row by a number.
fn scale_rows(rows: MatMut<'_, f64>, by: MatRef<'_, f64>) {
    for column in rows.col_iter_mut() {
        column.iter_mut().enumerate().for_each(|(i, value)| *value *= by[(i, 0)]);
    }
}

/// What a [`RowSum`] gives, of a block or of any number of them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowSums {
    /// Of Ψ.
    Totals(ClassTotals),
    /// Of Ψ.
    Moments(ClassMoments),
    /// What Q(W) is made of.
    Laplacian {
        /// M_b, m×r.
        moments: ClassProducts,
        /// VᵀRᵀDiag(Γ̂1)RV, r×r, lower triangle.
        diagonal: Mat<f64>,
    },
    /// Ψ_bᵀZ_b, m×q.
    Products(ClassProducts),
    /// Rᵀ(Γ̂ − Diag(Γ̂1))Z, p×q.
    Gradient(Mat<f64>),
}

impl RowSums {
    /// Adds the sums over other rows.
    ///
    /// # Errors
    /// [`Error::Sums`] for sums of another kind or shape.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        if !self.is_like(&other) {
            return Err(Error::Sums { expected: self.what(), found: other.what() });
        }
        match (self, other) {
            (Self::Totals(sum), Self::Totals(other)) => sum.merge(&other),
            (Self::Moments(sum), Self::Moments(other)) => sum.merge(&other),
            (
                Self::Laplacian { moments, diagonal },
                Self::Laplacian { moments: others, diagonal: other_diagonal },
            ) => {
                moments.merge(others);
                *diagonal += other_diagonal;
            }
            (Self::Products(sum), Self::Products(other)) => sum.merge(other),
            (Self::Gradient(sum), Self::Gradient(other)) => *sum += other,
            _ => unreachable!("what they are was compared"),
        }
        Ok(())
    }

    /// Refuses sums that are not what a [`RowSum`] asked for.
    ///
    /// # Errors
    /// [`Error::Sums`].
    pub fn check(&self, asked: &RowSum, n_classes: usize) -> Result<()> {
        let expected = asked.empty(n_classes);
        if expected.is_like(self) {
            return Ok(());
        }
        Err(Error::Sums { expected: expected.what(), found: self.what() })
    }

    /// Whether the other is of the same kind and shape, so that they can be merged.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Totals(of), Self::Totals(other)) => of.sums().shape() == other.sums().shape(),
            (Self::Moments(of), Self::Moments(other)) => {
                of.totals().sums().shape() == other.totals().sums().shape()
            }
            (Self::Laplacian { moments: of, .. }, Self::Laplacian { moments: other, .. })
            | (Self::Products(of), Self::Products(other)) => {
                (of.shape(), of.n_classes()) == (other.shape(), other.n_classes())
            }
            (Self::Gradient(of), Self::Gradient(other)) => of.shape() == other.shape(),
            _ => false,
        }
    }

    /// Kind and shape, in words.
    pub fn what(&self) -> String {
        let totals = |kind, totals: &ClassTotals| {
            let (m, c) = totals.sums().shape();
            format!("{kind} of {m} features and {c} classes")
        };
        let products = |kind, products: &ClassProducts| {
            let ((m, columns), c) = (products.shape(), products.n_classes());
            format!("{kind} of {m}x{columns} numbers and {c} classes")
        };
        match self {
            Self::Totals(of) => totals("totals", of),
            Self::Moments(of) => totals("moments", of.totals()),
            Self::Laplacian { moments, .. } => products("terms of Q", moments),
            Self::Products(of) => products("products", of),
            Self::Gradient(of) => format!("a gradient of {}x{} numbers", of.nrows(), of.ncols()),
        }
    }

    /// The totals, if that is what it is.
    ///
    /// # Errors
    /// [`Error::Sums`].
    pub fn into_totals(self) -> Result<ClassTotals> {
        match self {
            Self::Totals(totals) => Ok(totals),
            other => Err(Error::Sums { expected: "totals".into(), found: other.what() }),
        }
    }

    /// The moments, if that is what it is.
    ///
    /// # Errors
    /// [`Error::Sums`].
    pub fn into_moments(self) -> Result<ClassMoments> {
        match self {
            Self::Moments(moments) => Ok(moments),
            other => Err(Error::Sums { expected: "moments".into(), found: other.what() }),
        }
    }
}
