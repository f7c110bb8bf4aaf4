//! Named tensors: put in one after the other, taken out with the shape they must have.

use std::collections::BTreeMap;

use faer::Mat;

use super::StateError;

/// A matrix of numbers, or a list of class codes.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// Numbers.
    Matrix(Mat<f64>),
    /// Class codes.
    Codes(Vec<usize>),
}

/// Tensors by name, `layers.0.w` and the like.
pub type Tensors = BTreeMap<String, Tensor>;

/// Rows and columns a tensor must have; `None` is any number but 0.
pub type Expected = (Option<usize>, Option<usize>);

/// Takes a matrix of finite numbers out.
///
/// # Errors
/// [`StateError`] for a tensor that is missing, of codes, of another shape, or not finite.
pub fn take(tensors: &mut Tensors, name: &str, expected: Expected) -> Result<Mat<f64>, StateError> {
    let matrix = take_any(tensors, name, expected)?;
    check_entries(&matrix, name, "a finite number", f64::is_finite)?;
    Ok(matrix)
}

/// Takes a matrix out, its entries unchecked.
///
/// # Errors
/// As [`take`], but for the entries.
pub fn take_any(tensors: &mut Tensors, name: &str, expected: Expected) -> Result<Mat<f64>, StateError> {
    match tensors.remove(name) {
        None => Err(StateError::Missing { name: name.into() }),
        Some(Tensor::Codes(_)) => Err(StateError::Kind { name: name.into(), expected: "64-bit floats" }),
        Some(Tensor::Matrix(matrix)) => {
            let found = matrix.shape();
            let fits =
                |found: usize, expected: Option<usize>| expected.map_or(found > 0, |size| found == size);
            if fits(found.0, expected.0) && fits(found.1, expected.1) {
                return Ok(matrix);
            }
            Err(StateError::Shape { name: name.into(), found, expected })
        }
    }
}

/// Takes class codes out.
///
/// # Errors
/// [`StateError`] for a tensor that is missing, of numbers, or of another length.
pub fn take_codes(tensors: &mut Tensors, name: &str, n: usize) -> Result<Vec<usize>, StateError> {
    match tensors.remove(name) {
        None => Err(StateError::Missing { name: name.into() }),
        Some(Tensor::Matrix(_)) => Err(StateError::Kind { name: name.into(), expected: "class codes" }),
        Some(Tensor::Codes(codes)) if codes.len() == n => Ok(codes),
        Some(Tensor::Codes(codes)) => {
            let (found, expected) = ((codes.len(), 1), (Some(n), Some(1)));
            Err(StateError::Shape { name: name.into(), found, expected })
        }
    }
}

/// Refuses the first entry that does not hold to a bound.
///
/// # Errors
/// [`StateError::Entry`].
pub fn check_entries(
    matrix: &Mat<f64>,
    name: &str,
    bound: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<(), StateError> {
    for column in 0..matrix.ncols() {
        for row in 0..matrix.nrows() {
            let value = matrix[(row, column)];
            if !holds(value) {
                return Err(StateError::Entry { name: name.into(), row, column, value, bound });
            }
        }
    }
    Ok(())
}
