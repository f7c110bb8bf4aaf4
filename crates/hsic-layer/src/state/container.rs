//! Named tensors as bytes: safetensors, with a text of JSON in its metadata.

use std::collections::HashMap;

use faer::Mat;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::{Tensor, Tensors};

/// What can be wrong with the bytes of tensors.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// Not the container, or cut short.
    #[error("it is no safetensors file, or was cut short: {0}")]
    Container(String),
    /// A tensor with no rows, no columns or no codes.
    #[error("tensor `{name}` has no values")]
    EmptyTensor {
        /// Its name.
        name: String,
    },
    /// A tensor of a type that none has.
    #[error("tensor `{name}` is {dtype} of {dimensions} dimensions, expected F64 of 2 or I64 of 1")]
    TensorType {
        /// Its name.
        name: String,
        /// Its type.
        dtype: String,
        /// Its dimensions.
        dimensions: usize,
    },
    /// A class code that is none.
    #[error("tensor `{name}` has {value} at {index}, expected a class code")]
    Code {
        /// Its name.
        name: String,
        /// Place, from 0.
        index: usize,
        /// The value.
        value: i64,
    },
}

impl From<safetensors::SafeTensorError> for ContainerError {
    fn from(error: safetensors::SafeTensorError) -> Self {
        Self::Container(error.to_string())
    }
}

/// The bytes of tensors, with `header` under `key`: the same ones give the same bytes.
///
/// # Errors
/// [`ContainerError::Container`] for what the container refuses.
///
/// # Cost
/// Two copies of the tensors.
pub fn to_bytes(key: &str, header: String, tensors: &Tensors) -> Result<Vec<u8>, ContainerError> {
    let stored: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| {
            let dtype = match tensor {
                Tensor::Matrix(_) => Dtype::F64,
                Tensor::Codes(_) => Dtype::I64,
            };
            (name, dtype, tensor.shape(), tensor.values())
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, dtype, shape, values)| Ok((name, TensorView::new(*dtype, shape.clone(), values)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    // one key: the order of several would not be fixed
    Ok(safetensors::serialize(views, Some(HashMap::from([(key.to_owned(), header)])))?)
}

/// The header under `key`, if there is one.
///
/// # Errors
/// [`ContainerError::Container`] for bytes that are no container.
pub fn header_of(key: &str, bytes: &[u8]) -> Result<Option<String>, ContainerError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    Ok(metadata.metadata().as_ref().and_then(|metadata| metadata.get(key)).cloned())
}

/// The tensors of a container.
///
/// # Errors
/// [`ContainerError`] with the first thing that is not as [`to_bytes`] writes it.
///
/// # Cost
/// A copy; a size that is declared and not there costs nothing.
pub fn tensors_of(bytes: &[u8]) -> Result<Tensors, ContainerError> {
    let views = SafeTensors::deserialize(bytes)?;
    views.iter().map(|(name, view)| Ok((name.to_owned(), tensor(name, &view)?))).collect()
}

impl Tensor {
    /// Rows and columns, or the number of codes.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Matrix(matrix) => vec![matrix.nrows(), matrix.ncols()],
            Self::Codes(codes) => vec![codes.len()],
        }
    }

    /// The values, row by row, 64-bit little-endian floats, or integers.
    pub fn values(&self) -> Vec<u8> {
        match self {
            Self::Matrix(matrix) => {
                let rows = (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| matrix[(i, j)]));
                rows.flat_map(f64::to_le_bytes).collect()
            }
            Self::Codes(codes) => codes.iter().flat_map(|&code| (code as i64).to_le_bytes()).collect(),
        }
    }
}

fn tensor(name: &str, view: &TensorView<'_>) -> Result<Tensor, ContainerError> {
    let values = view.data().chunks_exact(8).map(|bytes| bytes.try_into().unwrap_or_default());
    match (view.dtype(), view.shape()) {
        // rows or columns of no values take no bytes, however many are declared
        (_, shape) if shape.contains(&0) => Err(ContainerError::EmptyTensor { name: name.into() }),
        (Dtype::F64, &[rows, columns]) => {
            let values: Vec<f64> = values.map(f64::from_le_bytes).collect();
            // the container has checked that as many values are there as the shape says
            Ok(Tensor::Matrix(Mat::from_fn(rows, columns, |i, j| values[i * columns + j])))
        }
        (Dtype::I64, &[_]) => {
            let code = |(index, value): (usize, i64)| {
                let problem = ContainerError::Code { name: name.into(), index, value };
                usize::try_from(value).map_err(|_| problem)
            };
            let codes = values.map(i64::from_le_bytes).enumerate().map(code);
            Ok(Tensor::Codes(codes.collect::<Result<_, _>>()?))
        }
        (dtype, shape) => {
            let (name, dtype, dimensions) = (name.into(), format!("{dtype:?}"), shape.len());
            Err(ContainerError::TensorType { name, dtype, dimensions })
        }
    }
}
