//! NumPy's array files: `.npy`, and `.npz`, a zip archive of them.
//!
//! Own code, since the crate for it multiplies the declared sizes unchecked and so panics or wraps on a hostile header.

use std::io::{Cursor, Read};

use zip::ZipArchive;

const MAGIC: &[u8] = b"\x93NUMPY";

/// What is wrong with a `.npy` or `.npz` file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyProblem {
    /// Not the format.
    #[error("it is no .npy file: {0}")]
    Header(String),
    /// A type that is no number.
    #[error(
        "its values are of type `{0}`; integers, floats and booleans are read: save it with numpy.save(file, x.astype(float))"
    )]
    Type(String),
    /// Sizes that do not fit what is there.
    #[error("it declares {declared} bytes of values but holds {found}")]
    Length {
        /// Bytes the shape and the type ask for.
        declared: u128,
        /// Bytes there are.
        found: usize,
    },
    /// An array without rows or columns, or of one number.
    #[error("its shape is {0:?}, expected one row a sample")]
    Shape(Vec<usize>),
    /// An archive that cannot be read.
    #[error("it is no .npz archive: {0}")]
    Archive(String),
    /// An archive in which features and labels cannot be told.
    #[error(
        "it holds the arrays {0}; expected one of two or more dimensions, the features, and at most one list as long, the labels"
    )]
    Arrays(String),
    /// A file of labels beside a text.
    #[error("a file of labels belongs to idx and .npy files; a text has its classes in a column, --label")]
    NoLabels,
    /// Labels of another number than rows.
    #[error("it has {rows} rows, but there are {labels} labels")]
    Labels {
        /// Rows of the features.
        rows: usize,
        /// Labels.
        labels: usize,
    },
}

/// An array of numbers, row-major whatever the file had.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

impl Array {
    pub(super) fn is_npy(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Parses a `.npy` file. Memory is taken for the values that are there, never for those declared.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NpyProblem> {
        let bad = |what: &str| NpyProblem::Header(what.into());
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| bad("the first bytes are others"))?;
        let (version, rest) =
            rest.split_first_chunk::<2>().ok_or_else(|| bad("it ends within the header"))?;
        let (length, rest) = match version[0] {
            1 => {
                rest.split_first_chunk::<2>().map(|(length, rest)| (u16::from_le_bytes(*length).into(), rest))
            }
            2 | 3 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest)),
            other => return Err(bad(&format!("its version is {other}, known are 1 to 3"))),
        }
        .ok_or_else(|| bad("it ends within the header"))?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (header, values) =
            rest.split_at_checked(length).ok_or_else(|| bad("it ends within the header"))?;
        let header = std::str::from_utf8(header).map_err(|_| bad("its header is no text"))?;
        let field = |name: &str| {
            let at = header.find(&format!("'{name}'"))? + name.len() + 2;
            Some(header[at..].trim_start().strip_prefix(':')?.trim_start())
        };
        let descr = field("descr").ok_or_else(|| bad("its header has no `descr`"))?;
        let descr = descr
            .strip_prefix('\'')
            .and_then(|text| text.split('\'').next())
            .ok_or_else(|| NpyProblem::Type(descr.chars().take(20).collect()))?;
        let fortran = field("fortran_order").ok_or_else(|| bad("its header has no `fortran_order`"))?;
        let shape = field("shape")
            .and_then(|text| text.strip_prefix('(')?.split(')').next())
            .ok_or_else(|| bad("its header has no `shape`"))?;
        let shape: Vec<usize> = shape
            .split(',')
            .map(str::trim)
            .filter(|size| !size.is_empty())
            .map(|size| size.parse().map_err(|_| bad("its shape is no list of sizes")))
            .collect::<Result<_, _>>()?;
        let read = Reader::of(descr).ok_or_else(|| NpyProblem::Type(descr.into()))?;
        let declared = shape
            .iter()
            .try_fold(read.size as u128, |product, &size| product.checked_mul(size as u128))
            .unwrap_or(u128::MAX);
        if declared != values.len() as u128 {
            return Err(NpyProblem::Length { declared, found: values.len() });
        }
        let values: Vec<f64> = values.chunks_exact(read.size).map(read.number).collect();
        let array = Self { shape, values };
        Ok(if fortran.starts_with("True") { array.transposed() } else { array })
    }

    /// From column-major to row-major.
    fn transposed(self) -> Self {
        let strides: Vec<usize> = self
            .shape
            .iter()
            .scan(1, |stride, &size| {
                let here = *stride;
                *stride *= size;
                Some(here)
            })
            .collect();
        let mut index = vec![0; self.shape.len()];
        let mut values = Vec::with_capacity(self.values.len());
        for _ in 0..self.values.len() {
            values.push(self.values[index.iter().zip(&strides).map(|(i, stride)| i * stride).sum::<usize>()]);
            for (i, &size) in index.iter_mut().zip(&self.shape).rev() {
                *i += 1;
                if *i < size {
                    break;
                }
                *i = 0;
            }
        }
        Self { shape: self.shape, values }
    }

    /// Rows and columns, all dimensions but the first in one.
    pub(super) fn as_rows(&self) -> Result<(usize, usize), NpyProblem> {
        match self.shape.as_slice() {
            [n, rest @ ..] if !rest.is_empty() && !self.values.is_empty() => Ok((*n, self.values.len() / n)),
            _ => Err(NpyProblem::Shape(self.shape.clone())),
        }
    }
}

/// How a value of a type is read.
struct Reader {
    size: usize,
    number: fn(&[u8]) -> f64,
}

impl Reader {
    fn of(descr: &str) -> Option<Self> {
        macro_rules! number {
            ($type:ty, $from:ident) => {
                Self {
                    size: size_of::<$type>(),
                    number: |bytes| <$type>::$from(bytes.try_into().unwrap_or_default()) as f64,
                }
            };
        }
        Some(match descr {
            "<f8" => number!(f64, from_le_bytes),
            ">f8" => number!(f64, from_be_bytes),
            "<f4" => number!(f32, from_le_bytes),
            ">f4" => number!(f32, from_be_bytes),
            "<i8" => number!(i64, from_le_bytes),
            ">i8" => number!(i64, from_be_bytes),
            "<i4" => number!(i32, from_le_bytes),
            ">i4" => number!(i32, from_be_bytes),
            "<i2" => number!(i16, from_le_bytes),
            ">i2" => number!(i16, from_be_bytes),
            "<u8" => number!(u64, from_le_bytes),
            ">u8" => number!(u64, from_be_bytes),
            "<u4" => number!(u32, from_le_bytes),
            ">u4" => number!(u32, from_be_bytes),
            "<u2" => number!(u16, from_le_bytes),
            ">u2" => number!(u16, from_be_bytes),
            "|i1" => number!(i8, from_le_bytes),
            "|u1" | "|b1" => number!(u8, from_le_bytes),
            _ => return None,
        })
    }
}

/// The arrays of a `.npz` file by name. An entry may unpack to at most 16 GB, and to no more than is there.
pub(super) fn parse_npz(bytes: &[u8]) -> Result<Vec<(String, Array)>, NpyProblem> {
    const LONGEST: u64 = 16 << 30;
    let bad = |error: &dyn std::fmt::Display| NpyProblem::Archive(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| bad(&error))?;
        let name = entry.name().map_err(|error| bad(&error))?.trim_end_matches(".npy").to_owned();
        let mut bytes = Vec::new();
        entry.take(LONGEST).read_to_end(&mut bytes).map_err(|error| bad(&error))?;
        arrays.push((name, Array::parse(&bytes)?));
    }
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What numpy.save writes.
    fn npy(header: &str, values: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(values);
        bytes
    }

    fn parsed(header: &str, values: &[u8]) -> Result<(Vec<usize>, Vec<f64>), String> {
        let array = Array::parse(&npy(header, values)).map_err(|error| error.to_string())?;
        Ok((array.shape, array.values))
    }

    #[test]
    fn numbers_of_any_type_and_order_are_read() {
        let bytes: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n";
        assert_eq!(parsed(header, &bytes), Ok((vec![2], vec![1.5, -2.0])));
        let header = "{'descr': '>i2', 'fortran_order': False, 'shape': (1, 2), }";
        assert_eq!(parsed(header, &[0, 3, 255, 255]), Ok((vec![1, 2], vec![3.0, -1.0])));
        let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
        assert_eq!(parsed(header, &[1, 2, 3, 4, 5, 6]), Ok((vec![2, 3], vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0])));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |header: &str, values: &[u8]| parsed(header, values).unwrap_err();
        assert_eq!(
            error("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", &[0; 24]),
            "its values are of type `<U3`; integers, floats and booleans are read: save it with numpy.save(file, \
             x.astype(float))"
        );
        assert_eq!(
            error(
                "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999, 9999999999), }",
                &[0; 8]
            ),
            "it declares 7999999997600000000239999999992 bytes of values but holds 8"
        );
        assert_eq!(
            error("{'descr': '<f8', 'fortran_order': False, 'shape': (2, -1), }", &[0; 8]),
            "it is no .npy file: its shape is no list of sizes"
        );
        assert_eq!(
            Array::parse(b"\x93NUM").unwrap_err().to_string(),
            "it is no .npy file: the first bytes are others"
        );
        assert_eq!(
            Array::parse(b"\x93NUMPY\x01\x00\xff\xff{}").unwrap_err().to_string(),
            "it is no .npy file: it ends within the header"
        );
    }
}
