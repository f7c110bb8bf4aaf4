//! Files that may be packed by gzip, told by their first bytes and not by their name.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

/// The first bytes of a file packed by gzip.
pub(crate) const MAGIC: &[u8] = &[0x1f, 0x8b];

/// What is unpacked into memory may always be as large as this.
const MODEST: u64 = 1 << 30;

/// Beyond that, as many times larger than it was packed: more than tables of numbers gain, a tenth of what deflate can do.
const LARGEST_RATIO: u64 = 100;

/// The bytes themselves, or what they unpack to if they start as gzip does, within the limit of [`Limited::new`]. `file`
/// stands for them in messages.
pub(crate) fn unpack<'a>(bytes: Cow<'a, [u8]>, file: &str) -> Result<Cow<'a, [u8]>> {
    if !bytes.starts_with(MAGIC) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    Limited::new(MultiGzDecoder::new(&bytes[..]), bytes.len() as u64)
        .read_to_end(&mut unpacked)
        .map_err(|source| Error::Read { file: file.into(), source })?;
    Ok(unpacked.into())
}

/// What a packed file unpacks to, an error once that is far more than was packed.
pub(crate) struct Limited<R> {
    unpacked: R,
    /// Bytes given.
    given: u64,
    packed: Rc<Cell<u64>>,
}

impl<R> Limited<R> {
    /// At most 1 GB, or 100 times the packed bytes where that is more.
    pub(crate) fn new(unpacked: R, packed_bytes: u64) -> Self {
        Self::counting(unpacked, Rc::new(Cell::new(packed_bytes)))
    }

    /// The same where the packed bytes are counted as they come: how much a pipe holds is not known before its end.
    pub(crate) fn counting(unpacked: R, packed: Rc<Cell<u64>>) -> Self {
        Self { unpacked, given: 0, packed }
    }

    fn limit(&self) -> u64 {
        self.packed.get().saturating_mul(LARGEST_RATIO).max(MODEST)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(buffer)?;
        self.given += read as u64;
        if self.given > self.limit() {
            let limit =
                "it unpacks to more than 1 GB and 100 times its size; if that is meant, unpack it first";
            return Err(io::Error::other(limit));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use flate2::Compression;
    use flate2::read::GzEncoder;

    use super::*;

    const REFUSED: &str =
        "it unpacks to more than 1 GB and 100 times its size; if that is meant, unpack it first";

    #[test]
    fn a_limit_ends_what_unpacks_to_far_more() {
        // as if all but a thousand bytes of the limit had been given
        let limited = |unpacked| Limited { given: MODEST - 1000, ..Limited::new(unpacked, 0) };
        let mut bytes = Vec::new();
        let error = limited(Box::new(io::repeat(0)) as Box<dyn Read>).read_to_end(&mut bytes).unwrap_err();
        assert_eq!(error.to_string(), REFUSED);
        assert!(bytes.len() <= 1000);
        let mut all = Vec::new();
        limited(Box::new(&[7; 1000][..])).read_to_end(&mut all).unwrap();
        assert_eq!(all, [7; 1000]);
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut member = Vec::new();
        GzEncoder::new(io::repeat(0).take(100_000_000), Compression::fast())
            .read_to_end(&mut member)
            .unwrap();
        let unpacked = unpack(member.repeat(11).into(), "bomb.gz").map(|bytes| bytes.len());
        let error = unpacked.unwrap_err();
        assert_eq!(error.to_string(), "cannot read bomb.gz");
        assert_eq!(error.source().unwrap().to_string(), REFUSED);
    }

    #[test]
    fn the_limit_grows_with_the_file() {
        assert_eq!(Limited::new(io::empty(), 1000).limit(), MODEST);
        assert_eq!(Limited::new(io::empty(), MODEST).limit(), 100 * MODEST);
        assert_eq!(Limited::new(io::empty(), u64::MAX).limit(), u64::MAX);
    }
}
