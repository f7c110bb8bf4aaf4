//! Arrays read whole.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{MAGIC, NpyProblem, read_header};
use crate::gzip::Limited;
use crate::{Error, Result};

/// An array of numbers, row-major whatever the file had.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
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
        let values = bytes.chunks_exact(header.element.bytes());
        let values = values.map(|bytes| header.element.value(bytes)).collect();
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
    pub(crate) fn as_rows(&self) -> std::result::Result<(usize, usize), NpyProblem> {
        match self.shape.as_slice() {
            [n, rest @ ..] if !rest.is_empty() && !self.values.is_empty() => Ok((*n, self.values.len() / n)),
            _ => Err(NpyProblem::Shape(self.shape.clone())),
        }
    }
}

/// The arrays of a `.npz` file by name. Of an entry no more is unpacked than its header declares and
/// [`Limited`] allows.
pub(crate) fn read_npz(bytes: &[u8], file: &str) -> Result<Vec<(String, Array)>> {
    let bad = |error: &dyn std::fmt::Display| {
        let problem = NpyProblem::Archive(error.to_string());
        Error::Npy { file: file.into(), problem }
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| bad(&error))?;
        let name = entry.name().map_err(|error| bad(&error))?.trim_end_matches(".npy").to_owned();
        let packed_bytes = entry.compressed_size();
        let array = Array::read(Limited::new(entry, packed_bytes), file).map_err(|error| match error {
            Error::Read { source, .. } => bad(&source),
            other => other,
        })?;
        arrays.push((name, array));
    }
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn read(header: &str, values: &[u8]) -> std::result::Result<(Vec<usize>, Vec<f64>), String> {
        let array = Array::read(&file(header, values)[..], "x.npy").map_err(|error| error.to_string())?;
        Ok((array.shape, array.values))
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
