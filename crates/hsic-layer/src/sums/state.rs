//! Sums, and what asks for them, as named tensors, and back.

use hsic_kernels::class_moments::{ClassMoments, ClassTotals};
use hsic_kernels::features::RandomFeatures;

use super::{ClassProducts, Psi, RowSum, RowSums};
use crate::Result;
use crate::state::{StateError, Tensor, Tensors, take, take_codes};

impl Psi {
    fn put(&self, tensors: &mut Tensors) {
        if let Some(w) = &self.projection {
            tensors.insert("projection".into(), Tensor::Matrix(w.clone()));
        }
        tensors.insert("frequencies".into(), Tensor::Matrix(self.map.frequencies().to_owned()));
    }

    fn read(tensors: &mut Tensors, width: usize) -> Result<Self> {
        let projection = if tensors.contains_key("projection") {
            Some(take(tensors, "projection", (Some(width), None))?)
        } else {
            None
        };
        let z_width = projection.as_ref().map_or(width, |w| w.ncols());
        let frequencies = take(tensors, "frequencies", (Some(z_width), None))?;
        Ok(Self { projection, map: RandomFeatures::from_frequencies(frequencies)? })
    }
}

impl RowSum {
    /// Puts its tensors among others; with them, [`kind`](Self::kind) and the number of columns of the rows it is what it was.
    ///
    /// # Cost
    /// A copy of every tensor.
    pub fn put(&self, tensors: &mut Tensors) {
        match self {
            Self::Totals(psi) | Self::Moments(psi) | Self::Products(psi) => psi.put(tensors),
            Self::Laplacian { basis, psi, weighted } => {
                tensors.insert("basis".into(), Tensor::Matrix(basis.clone()));
                psi.put(tensors);
                tensors.insert("weighted".into(), Tensor::Matrix(weighted.clone()));
            }
            Self::Gradient { psi, weighted, across } => {
                psi.put(tensors);
                tensors.insert("weighted".into(), Tensor::Matrix(weighted.clone()));
                across.put("across", tensors);
            }
        }
    }

    /// Takes what [`put`](Self::put) put out again, for rows of `width` columns and `n_classes` classes.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State) for a kind nobody knows and tensors that do not fit.
    pub fn read(kind: &str, tensors: &mut Tensors, width: usize, n_classes: usize) -> Result<Self> {
        Ok(match kind {
            "totals" => Self::Totals(Psi::read(tensors, width)?),
            "moments" => Self::Moments(Psi::read(tensors, width)?),
            "products" => Self::Products(Psi::read(tensors, width)?),
            "laplacian" => {
                let basis = take(tensors, "basis", (Some(width), None))?;
                let psi = Psi::read(tensors, basis.ncols())?;
                let weighted = take(tensors, "weighted", (Some(psi.map.n_features()), Some(n_classes)))?;
                Self::Laplacian { basis, psi, weighted }
            }
            "gradient" => {
                let psi = Psi::read(tensors, width)?;
                let weighted = take(tensors, "weighted", (Some(psi.map.n_features()), Some(n_classes)))?;
                let shape = (psi.map.n_features(), psi.map.input_width());
                let across = ClassProducts::read("across", tensors, shape, n_classes)?;
                Self::Gradient { psi, weighted, across }
            }
            _ => return Err(StateError::Name { name: "the kind of sum".into(), value: kind.into() }.into()),
        })
    }
}

impl ClassProducts {
    fn put(&self, prefix: &str, tensors: &mut Tensors) {
        for (class, of_class) in self.of_class.iter().enumerate() {
            if let Some(of_class) = of_class {
                tensors.insert(format!("{prefix}.{class}"), Tensor::Matrix(of_class.clone()));
            }
        }
    }

    fn read(prefix: &str, tensors: &mut Tensors, shape: (usize, usize), n_classes: usize) -> Result<Self> {
        let mut products = Self::new(shape, n_classes);
        for (class, of_class) in products.of_class.iter_mut().enumerate() {
            let name = format!("{prefix}.{class}");
            if tensors.contains_key(&name) {
                *of_class = Some(take(tensors, &name, (Some(shape.0), Some(shape.1)))?);
            }
        }
        Ok(products)
    }
}

fn put_totals(totals: &ClassTotals, prefix: &str, tensors: &mut Tensors) {
    tensors.insert(format!("{prefix}counts"), Tensor::Codes(totals.counts().to_vec()));
    tensors.insert(format!("{prefix}sums"), Tensor::Matrix(totals.sums().to_owned()));
}

fn read_totals(prefix: &str, tensors: &mut Tensors, width: usize, n_classes: usize) -> Result<ClassTotals> {
    let counts = take_codes(tensors, &format!("{prefix}counts"), n_classes)?;
    let sums = take(tensors, &format!("{prefix}sums"), (Some(width), Some(n_classes)))?;
    Ok(ClassTotals::from_parts(counts, sums)?)
}

/// Puts moments among tensors, their names after `prefix`.
///
/// # Cost
/// A copy.
pub fn put_moments(moments: &ClassMoments, prefix: &str, tensors: &mut Tensors) {
    put_totals(moments.totals(), prefix, tensors);
    tensors.insert(format!("{prefix}scatter"), Tensor::Matrix(moments.scatter().to_owned()));
}

/// Takes what [`put_moments`] put out again: moments of `width` columns.
///
/// # Errors
/// [`Error::State`](crate::Error::State) for tensors that do not fit.
pub fn read_moments(
    prefix: &str,
    tensors: &mut Tensors,
    width: usize,
    n_classes: usize,
) -> Result<ClassMoments> {
    let totals = read_totals(prefix, tensors, width, n_classes)?;
    let scatter = take(tensors, &format!("{prefix}scatter"), (Some(width), Some(width)))?;
    Ok(ClassMoments::from_parts(totals, scatter)?)
}

impl RowSums {
    /// Puts its tensors among others; with them and the [`RowSum`] it is what it was.
    ///
    /// # Cost
    /// A copy of every tensor.
    pub fn put(&self, tensors: &mut Tensors) {
        let mut matrix = |name: &str, matrix: &faer::Mat<f64>| {
            tensors.insert(name.into(), Tensor::Matrix(matrix.clone()));
        };
        match self {
            Self::Totals(totals) => put_totals(totals, "", tensors),
            Self::Moments(moments) => put_moments(moments, "", tensors),
            Self::Laplacian { moments, diagonal } => {
                matrix("diagonal", diagonal);
                moments.put("moments", tensors);
            }
            Self::Products(products) => products.put("products", tensors),
            Self::Gradient(gradient) => matrix("gradient", gradient),
        }
    }

    /// Takes what [`put`](Self::put) put out again. Nothing is believed: every shape is held against `asked`.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State) for tensors that do not fit.
    pub fn read(asked: &RowSum, tensors: &mut Tensors, n_classes: usize) -> Result<Self> {
        Ok(match asked.empty(n_classes) {
            Self::Totals(empty) => Self::Totals(read_totals("", tensors, empty.sums().nrows(), n_classes)?),
            Self::Moments(empty) => {
                Self::Moments(read_moments("", tensors, empty.totals().sums().nrows(), n_classes)?)
            }
            Self::Laplacian { moments, .. } => {
                let r = moments.shape().1;
                let diagonal = take(tensors, "diagonal", (Some(r), Some(r)))?;
                let moments = ClassProducts::read("moments", tensors, moments.shape(), n_classes)?;
                Self::Laplacian { moments, diagonal }
            }
            Self::Products(empty) => {
                Self::Products(ClassProducts::read("products", tensors, empty.shape(), n_classes)?)
            }
            Self::Gradient(empty) => {
                Self::Gradient(take(tensors, "gradient", (Some(empty.nrows()), Some(empty.ncols())))?)
            }
        })
    }
}
