//! The idx format of MNIST: a small header, then unsigned bytes.

use std::io::{self, Read};
use std::path::Path;

use faer::Mat;
use hsic_rows::Labels;

use crate::gzip::unpack;
use crate::text::sha256_hex;
use crate::{Dataset, Error, Input, Result};

const UNSIGNED_BYTES: u8 = 0x08;
const MAX_DIMENSIONS: usize = 3;

/// An array of unsigned bytes with 1 to 3 dimensions, the last varying fastest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    dims: Vec<usize>,
    data: Vec<u8>,
    sha256: String,
    header: Vec<u8>,
}

impl Idx {
    /// Sizes of the dimensions.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The values; as many as the product of the dimensions.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The sha256 of the file's bytes, unpacked, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// What is wrong with an idx file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdxProblem {
    /// Fewer bytes than the header needs.
    #[error("it ends within the header")]
    ShortHeader,
    /// The first two bytes are not zero.
    #[error("it starts with bytes {0:#04x} {1:#04x} instead of two zeros")]
    Magic(u8, u8),
    /// A type other than unsigned bytes.
    #[error("its type code is {0:#04x}, only 0x08 (unsigned bytes) is read")]
    TypeCode(u8),
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
    #[error("it declares {declared} values but holds {found}; the download may have been cut short")]
    Truncated {
        /// Values declared.
        declared: usize,
        /// Values found.
        found: usize,
    },
    /// More bytes than declared.
    #[error("bytes follow after the {declared} values it declares")]
    Trailing {
        /// Values declared.
        declared: usize,
    },
}

/// Reads an idx file; gzip is told by its magic bytes, not by the file's name.
///
/// # Errors
/// [`Error::Read`] if the file cannot be read or unpacked, [`Error::Idx`] if it is not a whole idx file of
/// bytes.
///
/// # Cost
/// Memory for the file and its values. A declared size reserves nothing: only bytes that are there are held.
pub fn read_idx(path: impl AsRef<Path>) -> Result<Idx> {
    let input = Input::open(path.as_ref())?;
    let file = input.name().to_owned();
    parse_idx(&input.bytes()?, &file)
}

/// Reads the bytes of an idx file, packed or not; `file` stands for them in messages.
///
/// ```
/// let idx = hsic_data::idx::parse_idx(&[0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9], "labels")?;
/// assert_eq!((idx.dims(), idx.data()), (&[3][..], &[7, 8, 9][..]));
/// # Ok::<(), hsic_data::Error>(())
/// ```
///
/// # Errors
/// As [`read_idx`].
pub fn parse_idx(bytes: &[u8], file: &str) -> Result<Idx> {
    read_parts(&*unpack(bytes.into(), file)?, file)
}

/// The sizes a header declares, and its bytes.
pub(crate) fn read_header(reader: &mut impl Read, file: &str) -> Result<(Vec<usize>, Vec<u8>)> {
    let wrong = |problem| Error::Idx { file: file.into(), problem };
    let mut header = take(reader, 4, file)?;
    let &[zero, also_zero, type_code, n_dims] = &header[..] else {
        return Err(wrong(IdxProblem::ShortHeader));
    };
    if (zero, also_zero) != (0, 0) {
        return Err(wrong(IdxProblem::Magic(zero, also_zero)));
    }
    if type_code != UNSIGNED_BYTES {
        return Err(wrong(IdxProblem::TypeCode(type_code)));
    }
    let found = usize::from(n_dims);
    if !(1..=MAX_DIMENSIONS).contains(&found) {
        return Err(wrong(IdxProblem::Dimensions { found, expected: "1 to 3" }));
    }
    let sizes = take(reader, 4 * found, file)?;
    if sizes.len() < 4 * found {
        return Err(wrong(IdxProblem::ShortHeader));
    }
    let dims = sizes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
    header.extend(sizes);
    Ok((dims, header))
}

/// The number of values of these dimensions. The sizes but the zeros among them must be addressable too: code that
/// multiplies some of them cannot wrap.
pub(crate) fn declared_values(dims: &[usize]) -> std::result::Result<usize, IdxProblem> {
    let product = dims.iter().try_fold(1_usize, |product, &dim| product.checked_mul(dim.max(1)));
    match product {
        Some(values) if values < isize::MAX as usize => Ok(if dims.contains(&0) { 0 } else { values }),
        _ => Err(IdxProblem::Huge(dims.iter().map(ToString::to_string).collect::<Vec<_>>().join("×"))),
    }
}

/// The sizes that a header declares, the bytes before the values, and how many values there are: as many as are declared.
pub(crate) fn read_sizes(mut reader: impl Read, file: &str) -> Result<(Vec<usize>, u64, usize)> {
    let wrong = |problem| Error::Idx { file: file.into(), problem };
    let (dims, header) = read_header(&mut reader, file)?;
    let declared = declared_values(&dims).map_err(wrong)?;
    let found = io::copy(&mut reader.take(declared as u64 + 1), &mut io::sink());
    check_found(declared, found.map_err(|source| Error::Read { file: file.into(), source })? as usize)
        .map_err(wrong)?;
    Ok((dims, header.len() as u64, declared))
}

fn check_found(declared: usize, found: usize) -> std::result::Result<(), IdxProblem> {
    match found {
        _ if found < declared => Err(IdxProblem::Truncated { declared, found }),
        _ if found > declared => Err(IdxProblem::Trailing { declared }),
        _ => Ok(()),
    }
}

fn read_parts(mut reader: impl Read, file: &str) -> Result<Idx> {
    let wrong = |problem| Error::Idx { file: file.into(), problem };
    let (dims, header) = read_header(&mut reader, file)?;
    let declared = declared_values(&dims).map_err(wrong)?;
    // one byte more than declared shows whether anything follows
    let data = take(&mut reader, declared + 1, file)?;
    check_found(declared, data.len()).map_err(wrong)?;
    let sha256 = sha256_hex(&[&header, &data]);
    Ok(Idx { dims, data, sha256, header })
}

/// Up to `count` bytes; fewer at the end. The buffer grows with what is there.
fn take(reader: &mut impl Read, count: usize, file: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(count as u64).read_to_end(&mut bytes);
    read.map_err(|source| Error::Read { file: file.into(), source })?;
    Ok(bytes)
}

/// Reads images and their labels: a row an image, pixels `p0`, `p1`, … row by row as values 0 to 255, classes
/// named by the label bytes `0` up to the largest. The set is named by the images' file.
///
/// # Errors
/// As [`read_idx`]; [`Error::IdxCounts`] for different numbers of images and labels, [`Error::NoRows`] for
/// none.
///
/// # Cost
/// 8 bytes of memory a pixel.
pub fn read_idx_pair(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Dataset> {
    let (images, labels) = (images.as_ref(), labels.as_ref());
    let name = images.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (images_file, labels_file) = (images.display().to_string(), labels.display().to_string());
    idx_dataset(&name, (&read_idx(images)?, &images_file), (&read_idx(labels)?, &labels_file))
}

/// A data set from images and labels, each with the file it came from.
pub(crate) fn idx_dataset(name: &str, images: (&Idx, &str), labels: (&Idx, &str)) -> Result<Dataset> {
    let ((images, images_file), (labels, labels_file)) = (images, labels);
    let dimensions = |file: &str, found, expected| {
        Err(Error::Idx { file: file.into(), problem: IdxProblem::Dimensions { found, expected } })
    };
    if images.dims.len() < 2 {
        return dimensions(images_file, images.dims.len(), "2 or 3 for images");
    }
    if labels.dims.len() != 1 {
        return dimensions(labels_file, labels.dims.len(), "1 for labels");
    }
    let (n, d) = (images.dims[0], images.dims[1..].iter().product());
    if n != labels.data.len() {
        return Err(Error::IdxCounts {
            images: images_file.into(),
            n_images: n,
            labels: labels_file.into(),
            n_labels: labels.data.len(),
        });
    }
    if n == 0 || d == 0 {
        return Err(Error::NoRows { file: images_file.into() });
    }
    let features = Mat::from_fn(n, d, |i, j| f64::from(images.data[i * d + j]));
    let labels_of_rows = Labels::new(labels.data.iter().map(|&label| usize::from(label)).collect())?;
    let feature_names = (0..d).map(|j| format!("p{j}")).collect();
    let class_names = (0..labels_of_rows.n_classes()).map(|code| code.to_string()).collect();
    let sha256 = sha256_hex(&[&images.header, &images.data, &labels.header, &labels.data]);
    Dataset::with_sha256(name, features, labels_of_rows, feature_names, class_names, sha256)
}
