//! The header of NumPy's .npy format.

use std::io::Read;

use super::array::Element;
use crate::{Error, Result};

/// The first bytes of a .npy file.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// A header longer than this is none: NumPy writes some hundred bytes.
const LONGEST_HEADER: usize = 1 << 16;

/// What is wrong with a .npy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyRowsProblem {
    /// Fewer bytes than the header needs.
    #[error("it ends within the header")]
    ShortHeader,
    /// A version of the format other than 1, 2 or 3.
    #[error("its format version is {0}, only 1 to 3 are read")]
    Version(u8),
    /// A header that is not the dictionary NumPy writes.
    #[error("its header has no readable `{0}`")]
    Header(&'static str),
    /// Elements other than real numbers.
    #[error("its elements are `{0}`; floats, integers and booleans are read")]
    Element(String),
    /// Columns stored one after the other.
    #[error(
        "it is stored column by column (Fortran order); save numpy.ascontiguousarray of the array instead"
    )]
    FortranOrder,
    /// A number of dimensions other than expected.
    #[error("it has {found} dimensions, expected {expected}")]
    Dimensions {
        /// Dimensions declared.
        found: usize,
        /// Dimensions that can be read here, in words.
        expected: &'static str,
    },
    /// A declared size that no memory holds.
    #[error("it declares {0} values, more than can be addressed")]
    Huge(String),
    /// Fewer bytes than declared.
    #[error("it declares {declared} bytes of values but holds {found}")]
    Truncated {
        /// Bytes declared.
        declared: u64,
        /// Bytes found.
        found: u64,
    },
}

/// What a header says.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub element: Element,
    pub shape: Vec<usize>,
    /// Bytes before the values.
    pub bytes: u64,
}

/// Reads a header from the front of a file.
pub(super) fn read_header(reader: &mut impl Read, file: &str) -> Result<Header> {
    let wrong = |problem| Error::NpyRows { file: file.into(), problem };
    let mut take = |count: usize| -> Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        match reader.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(wrong(NpyRowsProblem::ShortHeader))
            }
            Err(source) => Err(Error::Read { file: file.into(), source }),
        }
    };
    let front = take(MAGIC.len() + 2)?;
    let version = front[MAGIC.len()];
    let (length, length_bytes) = match version {
        1 => {
            let bytes = take(2)?;
            (usize::from(u16::from_le_bytes([bytes[0], bytes[1]])), 2)
        }
        2 | 3 => {
            let bytes = take(4)?;
            (u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize, 4)
        }
        other => return Err(wrong(NpyRowsProblem::Version(other))),
    };
    if length > LONGEST_HEADER {
        return Err(wrong(NpyRowsProblem::ShortHeader));
    }
    let text = String::from_utf8_lossy(&take(length)?).into_owned();
    let (element, shape) = parse(&text).map_err(wrong)?;
    Ok(Header { element, shape, bytes: (front.len() + length_bytes + length) as u64 })
}

fn parse(text: &str) -> std::result::Result<(Element, Vec<usize>), NpyRowsProblem> {
    let value = |key: &'static str| -> std::result::Result<&str, NpyRowsProblem> {
        let (_, after) = [format!("'{key}'"), format!("\"{key}\"")]
            .iter()
            .find_map(|quoted| text.split_once(quoted.as_str()))
            .ok_or(NpyRowsProblem::Header(key))?;
        let value = after.trim_start().strip_prefix(':').ok_or(NpyRowsProblem::Header(key))?;
        Ok(value.trim_start())
    };
    let descr = value("descr")?;
    let quote = descr.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
    // a structured array has a list here
    let descr = match quote {
        Some(quote) => descr[1..].split_once(quote).ok_or(NpyRowsProblem::Header("descr"))?.0,
        None => return Err(NpyRowsProblem::Element(descr.chars().take(20).collect())),
    };
    let element = Element::of_descr(descr).ok_or_else(|| NpyRowsProblem::Element(descr.into()))?;
    let order = value("fortran_order")?;
    let shape = value("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let (shape, _) = shape.ok_or(NpyRowsProblem::Header("shape"))?;
    let shape = shape
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty())
        .map(|size| size.trim_end_matches('L').parse().map_err(|_| NpyRowsProblem::Header("shape")))
        .collect::<std::result::Result<Vec<usize>, _>>()?;
    if order.starts_with("True") && shape.len() > 1 {
        return Err(NpyRowsProblem::FortranOrder);
    }
    if !order.starts_with("True") && !order.starts_with("False") {
        return Err(NpyRowsProblem::Header("fortran_order"));
    }
    Ok((element, shape))
}
