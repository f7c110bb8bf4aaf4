//! Arrays read whole.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{Element, MAGIC, NpyProblem, read_header};
use crate::gzip::Limited;
use crate::table::Cell;
use crate::{Error, Result};

/// An array of numbers, row-major whatever the file had.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub shape: Vec<usize>,
    pub values: Values,
}

/// Numbers as what they are: as 64-bit floats where those hold all of their type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Floats(Vec<f64>),
    Signed(Vec<i64>),
    Unsigned(Vec<u64>),
}

impl Values {
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self::Floats(bytes.iter().map(|&byte| f64::from(byte)).collect())
    }

    fn read(element: Element, bytes: &[u8]) -> Self {
        let chunks = bytes.chunks_exact(element.bytes());
        match element.is_wide() {
            None => Self::Floats(chunks.map(|bytes| element.value(bytes)).collect()),
            Some(true) => Self::Signed(chunks.map(|bytes| element.bits(bytes) as i64).collect()),
            Some(false) => Self::Unsigned(chunks.map(|bytes| element.bits(bytes)).collect()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Signed(values) => values.len(),
            Self::Unsigned(values) => values.len(),
        }
    }

    /// A number as a cell of a table.
    pub(crate) fn cell(&self, index: usize) -> Cell<'static> {
        match self {
            Self::Floats(values) => Cell::Number(values[index]),
            Self::Signed(values) => Cell::Integer(values[index].into()),
            Self::Unsigned(values) => Cell::Integer(values[index].into()),
        }
    }

    /// The numbers at some places.
    fn at(&self, places: &[usize]) -> Self {
        fn at<T: Copy>(values: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|&place| values[place]).collect()
        }
        match self {
            Self::Floats(values) => Self::Floats(at(values, places)),
            Self::Signed(values) => Self::Signed(at(values, places)),
            Self::Unsigned(values) => Self::Unsigned(at(values, places)),
        }
    }
}

impl Array {
    pub(crate) fn is_npy(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Reads a `.npy` file to its end. Memory is taken for the values that are there, never for those declared.
    pub(crate) fn read(mut reader: impl Read, file: &str) -> Result<Self> {
        let wrong = |problem| Error::Npy { file: file.into(), problem };
        let header = read_header(&mut reader, file)?;
        let declared = header.value_bytes;
        let mut bytes = Vec::new();
        // one byte more than declared shows whether anything follows
        let read = reader.take(declared + 1).read_to_end(&mut bytes);
        let found = read.map_err(|source| Error::Read { file: file.into(), source })? as u64;
        if found < declared {
            return Err(wrong(NpyProblem::Truncated { declared, found }));
        }
        if found > declared {
            return Err(wrong(NpyProblem::Trailing { declared }));
        }
        let values = Values::read(header.element, &bytes);
        let array = Self { shape: header.shape, values };
        Ok(if header.fortran_order { array.transposed() } else { array })
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
        let mut places = Vec::with_capacity(self.values.len());
        for _ in 0..self.values.len() {
            places.push(index.iter().zip(&strides).map(|(i, stride)| i * stride).sum::<usize>());
            for (i, &size) in index.iter_mut().zip(&self.shape).rev() {
                *i += 1;
                if *i < size {
                    break;
                }
                *i = 0;
            }
        }
        Self { values: self.values.at(&places), shape: self.shape }
    }

    /// Rows and columns, all dimensions but the first in one.
    pub(crate) fn as_rows(&self) -> std::result::Result<(usize, usize), NpyProblem> {
        match self.shape.as_slice() {
            [n, rest @ ..] if !rest.is_empty() && self.values.len() > 0 => Ok((*n, self.values.len() / n)),
            _ => Err(NpyProblem::Shape(self.shape.clone())),
        }
    }
}

/// What a `.npz` file holds.
pub(crate) struct Npz {
    /// The arrays of numbers, by name.
    pub arrays: Vec<(String, Array)>,
    /// Every entry in words: its name, and its shape, type or both.
    pub all: Vec<String>,
}

/// Reads all arrays of numbers of a `.npz` file. Of an entry no more is unpacked than its header declares and
/// [`Limited`] allows.
pub(crate) fn read_npz(bytes: &[u8], file: &str) -> Result<Npz> {
    let bad = |error: &dyn std::fmt::Display| {
        let problem = NpyProblem::Archive(error.to_string());
        Error::Npy { file: file.into(), problem }
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let mut npz = Npz { arrays: Vec::new(), all: Vec::new() };
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| bad(&error))?;
        let name = entry.name().map_err(|error| bad(&error))?.trim_end_matches(".npy").to_owned();
        let packed_bytes = entry.compressed_size();
        match Array::read(Limited::new(entry, packed_bytes), file) {
            Ok(array) => {
                npz.all.push(format!("`{name}` of shape {}", shape_text(&array.shape)));
                npz.arrays.push((name, array));
            }
            Err(Error::Npy { problem: NpyProblem::Element { descr, shape }, .. }) => {
                npz.all.push(format!("`{name}` of shape {} and type `{descr}`", shape_text(&shape)));
            }
            Err(Error::Npy { problem: NpyProblem::Magic, .. }) => {
                npz.all.push(format!("`{name}`, which is no array"));
            }
            Err(Error::Read { source, .. }) => return Err(bad(&source)),
            Err(other) => return Err(other),
        }
    }
    Ok(npz)
}

/// `60×4`, `61`, and `()` of a single number.
fn shape_text(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "()".into();
    }
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn read(header: &str, values: &[u8]) -> std::result::Result<(Vec<usize>, Vec<f64>), String> {
        let array = Array::read(&file(header, values)[..], "x.npy").map_err(|error| error.to_string())?;
        let values = (0..array.values.len()).filter_map(|i| array.values.cell(i).number());
        Ok((array.shape, values.collect()))
    }

    #[test]
    fn numbers_of_any_type_and_order_are_read() {
        let bytes: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n";
        assert_eq!(read(header, &bytes), Ok((vec![2], vec![1.5, -2.0])));
        let header = "{'descr': '>i2', 'fortran_order': False, 'shape': (1, 2), }";
        assert_eq!(read(header, &[0, 3, 255, 255]), Ok((vec![1, 2], vec![3.0, -1.0])));
        let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
        assert_eq!(read(header, &[1, 2, 3, 4, 5, 6]), Ok((vec![2, 3], vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0])));
    }

    #[test]
    fn whole_numbers_of_64_bits_are_kept_as_they_are() {
        let header =
            |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': True, 'shape': (1, 2), }}");
        let cells = |descr: &str, bytes: &[u8]| {
            let array = Array::read(&file(&header(descr), bytes)[..], "x.npy").unwrap();
            [array.values.cell(0), array.values.cell(1)]
        };
        let signed: Vec<u8> =
            [9_007_199_254_740_993, i64::MIN].into_iter().flat_map(i64::to_le_bytes).collect();
        assert_eq!(cells("<i8", &signed), [Cell::Integer((1 << 53) + 1), Cell::Integer(i64::MIN.into())]);
        let unsigned: Vec<u8> = [u64::MAX, 1 << 63].into_iter().flat_map(u64::to_be_bytes).collect();
        assert_eq!(cells(">u8", &unsigned), [Cell::Integer(u64::MAX.into()), Cell::Integer(1 << 63)]);
    }

    #[test]
    fn values_are_as_many_as_declared() {
        let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }";
        assert_eq!(
            read(header, &[0; 7]).unwrap_err(),
            "x.npy: it declares 8 bytes of values but holds 7; it may have been cut short"
        );
        assert_eq!(
            read(header, &[0; 9]).unwrap_err(),
            "x.npy: bytes follow after the 8 bytes of values it declares"
        );
    }
}
