//! Arrays of NumPy as matrices, and back. The Python half has made them two-dimensional, C-contiguous and of one of two types.

use hsic::faer::{Mat, MatRef};
use hsic::kernels::Real;
use hsic::rows::Labels;
use numpy::{
    Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PySlice;
use rayon::prelude::*;

use crate::errors::value_error;

/// A type of numbers that both sides know.
pub trait Number: Real + Element {}

impl Number for f32 {}
impl Number for f64 {}

/// Rows of either type, borrowed.
#[derive(FromPyObject)]
pub enum Rows<'py> {
    /// Of doubles.
    F64(PyReadonlyArray2<'py, f64>),
    /// Of single precision.
    F32(PyReadonlyArray2<'py, f32>),
}

/// The same expression of rows of either type.
macro_rules! either {
    ($rows:expr, $of:ident => $body:expr) => {
        match $rows {
            $crate::arrays::Rows::F64($of) => $body,
            $crate::arrays::Rows::F32($of) => $body,
        }
    };
}
pub(crate) use either;

/// The rows where they are.
pub fn borrowed<'a, T: Number>(array: &'a PyReadonlyArray2<'_, T>) -> PyResult<MatRef<'a, T>> {
    let [n, d] = [array.shape()[0], array.shape()[1]];
    let values = array.as_slice().map_err(|_| PyValueError::new_err("the array must be C-contiguous"))?;
    Ok(MatRef::from_row_major_slice(values, n, d))
}

/// A copy of the rows, for a computation that may outlive the call.
pub fn owned<T: Number>(array: &PyReadonlyArray2<'_, T>) -> PyResult<Mat<T>> {
    Ok(borrowed(array)?.to_owned())
}

/// The same type of another array.
pub fn same<'py, T: Number>(object: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray2<'py, T>> {
    object.extract().map_err(|_| PyTypeError::new_err("both arrays must have the same dtype"))
}

/// Rows as doubles: borrowed where they are, else a copy.
pub enum Doubles<'a> {
    Borrowed(MatRef<'a, f64>),
    Owned(Mat<f64>),
}

impl<'a> Doubles<'a> {
    pub fn of(rows: &'a Rows<'_>) -> PyResult<Self> {
        Ok(match rows {
            Rows::F64(array) => Self::Borrowed(borrowed(array)?),
            Rows::F32(array) => {
                let rows = borrowed(array)?;
                Self::Owned(Mat::from_fn(rows.nrows(), rows.ncols(), |i, k| f64::from(rows[(i, k)])))
            }
        })
    }

    pub fn as_ref(&self) -> MatRef<'_, f64> {
        match self {
            Self::Borrowed(rows) => *rows,
            Self::Owned(rows) => rows.as_ref(),
        }
    }
}

/// Class codes of rows.
pub fn labels(codes: &PyReadonlyArray1<'_, i64>, n_classes: usize) -> PyResult<Labels> {
    let code = |&code: &i64| {
        usize::try_from(code)
            .map_err(|_| PyValueError::new_err(format!("a class code must not be negative, got {code}")))
    };
    let codes = codes.as_array().iter().map(code).collect::<PyResult<_>>()?;
    Labels::with_classes(codes, n_classes).map_err(value_error)
}

/// A matrix as an array.
pub fn array<'py, T: Number>(py: Python<'py>, matrix: MatRef<'_, T>) -> PyResult<Bound<'py, PyArray2<T>>> {
    let (n, d) = matrix.shape();
    let mut values = Vec::with_capacity(n * d);
    for i in 0..n {
        values.extend(matrix.row(i).iter().copied());
    }
    values.into_pyarray(py).reshape([n, d])
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// Bytes of a page, and of a large one, which NumPy asks for.
const PAGE: usize = 4 << 10;
const LARGE_PAGE: usize = 2 << 20;

/// Has all threads fetch the pages of fresh memory, each its own: threads that write across one another's rows would both clear a page, and one
/// of them for nothing.
pub fn fetch_pages<T: Number>(fresh: &mut [T]) {
    fresh.par_chunks_mut(LARGE_PAGE / size_of::<T>()).for_each(|part| {
        part.iter_mut().step_by(PAGE / size_of::<T>()).for_each(|number| *number = T::ZERO);
    });
}

/// An array of zeros that begins at a cache line, as the fastest writes need it.
pub fn aligned<T: Number>(py: Python<'_>, n: usize, m: usize) -> PyResult<Bound<'_, PyArray2<T>>> {
    let size = size_of::<T>();
    let length = n.checked_mul(m).and_then(|all| all.checked_add(LINE / size));
    let length =
        length.filter(|&length| length.checked_mul(size).is_some_and(|bytes| isize::try_from(bytes).is_ok()));
    let length = length.ok_or_else(|| {
        pyo3::exceptions::PyMemoryError::new_err(format!(
            "an array of {n} by {m} numbers is beyond any memory"
        ))
    })?;
    // NumPy's own zeros say MemoryError where there is none left
    let numpy = py.import("numpy")?;
    let all = numpy.call_method1("zeros", (length, T::get_dtype(py)))?;
    let whole: &Bound<'_, PyArray1<T>> = all.cast()?;
    let start = (LINE - whole.data() as usize % LINE) % LINE / size;
    let part = all.get_item(PySlice::new(py, start as isize, (start + n * m) as isize, 1))?;
    Ok(part.call_method1("reshape", (n, m))?.cast_into()?)
}
