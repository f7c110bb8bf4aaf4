//! Arrays read whole.

use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use zip::{CompressionMethod, ZipArchive};

use super::{Element, MAGIC, NpyProblem, read_header};
use crate::gzip::Limited;
use crate::store::{At, Store};
use crate::table::Cell;
use crate::{Error, Result};

/// An array of numbers, row-major whatever the file had.
#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub shape: Vec<usize>,
    pub values: Values,
}

/// Numbers of one type, one after the other in the bytes of a store, where they are left.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    element: Element,
    store: Arc<Store>,
    /// Bytes before the first.
    offset: u64,
    len: usize,
}

/// Some of them.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    element: Element,
    bytes: Bytes,
}

impl Values {
    pub(crate) fn new(element: Element, store: Arc<Store>, offset: u64, len: usize) -> Self {
        Self { element, store, offset, len }
    }

    /// In memory.
    pub(crate) fn of_bytes(element: Element, bytes: Vec<u8>) -> Self {
        let len = bytes.len() / element.bytes();
        Self::new(element, Arc::new(Store::of_bytes(bytes)), 0, len)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All of them as strings, blanks around them trimmed as in a text file; `None` for numbers.
    pub(crate) fn texts(&self) -> Option<io::Result<Vec<String>>> {
        let element = self.element;
        let texts = |numbers: Numbers| {
            let each = numbers.bytes.chunks_exact(element.bytes()).enumerate();
            let text = |(row, bytes)| {
                let text = element.text(bytes).map(|text| text.trim().to_owned());
                text.ok_or_else(|| io::Error::other(format!("the string of row {} is no text", row + 1)))
            };
            each.map(text).collect()
        };
        element.is_text().then(|| self.at(0..self.len).and_then(texts))
    }

    /// Those of some places.
    pub(crate) fn at(&self, places: Range<usize>) -> io::Result<Numbers> {
        let size = self.element.bytes();
        let bytes = self.store.slice(self.offset + (places.start * size) as u64, places.len() * size)?;
        Ok(Numbers { element: self.element, bytes })
    }
}

impl Numbers {
    /// A number as a cell of a table: as a 64-bit float where those hold all of their type.
    pub(crate) fn cell(&self, index: usize) -> Cell<'static> {
        let size = self.element.bytes();
        let bytes = &self.bytes[index * size..][..size];
        match self.element.is_wide() {
            None => Cell::Number(self.element.value(bytes)),
            Some(true) => Cell::Integer((self.element.bits(bytes) as i64).into()),
            Some(false) => Cell::Integer(self.element.bits(bytes).into()),
        }
    }
}

impl Array {
    pub(crate) fn is_npy(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// Reads a `.npy` file to its end. The values stay in the store if they have a place there, that of the file's first byte; else
    /// memory is taken for those that are there, never for those declared.
    pub(crate) fn read(mut reader: impl Read, file: &str, place: Option<(&Arc<Store>, u64)>) -> Result<Self> {
        let header = read_header(&mut reader, file)?;
        let declared = header.value_bytes;
        let mut bytes = Vec::new();
        // what is stored column by column is put in order
        let place = place.filter(|_| !header.fortran_order);
        // one byte more than declared shows whether anything follows
        let mut values = reader.take(declared + 1);
        let read = match place {
            Some(_) => io::copy(&mut values, &mut io::sink()),
            None => values.read_to_end(&mut bytes).map(|count| count as u64),
        };
        let wrong = |problem| Err(Error::Npy { file: file.into(), problem });
        match read.map_err(|source| Error::Read { file: file.into(), source })? {
            found if found < declared => return wrong(NpyProblem::Truncated { declared, found }),
            found if found > declared => return wrong(NpyProblem::Trailing { declared }),
            _ => {}
        }
        let (element, shape) = (header.element, header.shape);
        let values = match place {
            Some((store, start)) => {
                let len = declared as usize / element.bytes();
                Values::new(element, Arc::clone(store), start + header.bytes, len)
            }
            None if header.fortran_order => {
                Values::of_bytes(element, transposed(&bytes, element.bytes(), &shape))
            }
            None => Values::of_bytes(element, bytes),
        };
        Ok(Self { shape, values })
    }

    /// Rows and columns, all dimensions but the first in one.
    pub(crate) fn as_rows(&self) -> std::result::Result<(usize, usize), NpyProblem> {
        match self.shape.as_slice() {
            _ if self.values.element.is_text() => Err(NpyProblem::Strings),
            [n, rest @ ..] if !rest.is_empty() && self.values.len() > 0 => Ok((*n, self.values.len() / n)),
            _ => Err(NpyProblem::Shape(self.shape.clone())),
        }
    }
}

/// Numbers of some bytes each, from column-major to row-major.
fn transposed(bytes: &[u8], size: usize, shape: &[usize]) -> Vec<u8> {
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |stride, &size| {
            let here = *stride;
            *stride *= size;
            Some(here)
        })
        .collect();
    let mut index = vec![0; shape.len()];
    let mut rows = Vec::with_capacity(bytes.len());
    for _ in 0..bytes.len() / size {
        let place = index.iter().zip(&strides).map(|(i, stride)| i * stride).sum::<usize>();
        rows.extend_from_slice(&bytes[place * size..][..size]);
        for (i, &size) in index.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < size {
                break;
            }
            *i = 0;
        }
    }
    rows
}

/// What a `.npz` file holds.
pub(crate) struct Npz {
    /// The arrays of numbers, by name.
    pub arrays: Vec<(String, Array)>,
    /// Every entry in words: its name, and its shape, type or both.
    pub all: Vec<String>,
}

/// Reads all arrays of numbers of a `.npz` file; those that are not packed stay in it. Of an entry no more is unpacked than its header
/// declares and [`Limited`] allows.
pub(crate) fn read_npz(store: &Arc<Store>, file: &str) -> Result<Npz> {
    let bad = |error: &dyn std::fmt::Display| {
        let problem = NpyProblem::Archive(error.to_string());
        Error::Npy { file: file.into(), problem }
    };
    let mut archive = ZipArchive::new(BufReader::new(At::start(store))).map_err(|error| bad(&error))?;
    let mut npz = Npz { arrays: Vec::new(), all: Vec::new() };
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| bad(&error))?;
        let name = entry.name().map_err(|error| bad(&error))?.trim_end_matches(".npy").to_owned();
        let packed_bytes = entry.compressed_size();
        let is_plain = entry.compression() == CompressionMethod::Stored;
        let place = entry.data_start().filter(|_| is_plain).map(|start| (store, start));
        match Array::read(Limited::new(entry, packed_bytes), file, place) {
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
        let bytes = file(header, values);
        let store = Arc::new(Store::of_bytes(bytes.clone()));
        let read = |place| Array::read(&bytes[..], "x.npy", place).map_err(|error| error.to_string());
        let of = |array: &Array| {
            let numbers = array.values.at(0..array.values.len()).unwrap();
            (0..array.values.len()).filter_map(|i| numbers.cell(i).number()).collect::<Vec<f64>>()
        };
        let array = read(None)?;
        assert_eq!(of(&array), of(&read(Some((&store, 0)))?), "in place");
        Ok((array.shape.clone(), of(&array)))
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
            let array = Array::read(&file(&header(descr), bytes)[..], "x.npy", None).unwrap();
            let numbers = array.values.at(0..2).unwrap();
            [numbers.cell(0), numbers.cell(1)]
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
