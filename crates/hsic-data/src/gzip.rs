//! Files that may be packed by gzip, told by their first bytes and not by their name.

use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

/// The first bytes of a file packed by gzip.
pub(crate) const MAGIC: &[u8] = &[0x1f, 0x8b];

/// What is unpacked into memory may always be as large as this.
const MODEST: u64 = 1 << 30;

/// Beyond that, as many times larger than it was packed: more than tables of numbers gain, a tenth of what deflate can do.
const LARGEST_RATIO: u64 = 100;

/// The reader itself, or what it unpacks to if it starts as gzip does, and whether it does: for streams, which hold little at a
/// time.
pub(crate) fn unpacked<'a>(mut reader: Box<dyn Read + 'a>) -> io::Result<(Box<dyn Read + 'a>, bool)> {
    let mut start = Vec::new();
    (&mut reader).take(MAGIC.len() as u64).read_to_end(&mut start)?;
    let packed = start == MAGIC;
    let whole = Cursor::new(start).chain(reader);
    let reader: Box<dyn Read + 'a> =
        if packed { Box::new(MultiGzDecoder::new(BufReader::new(whole))) } else { Box::new(whole) };
    Ok((reader, packed))
}

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
    left: u64,
}

impl<R> Limited<R> {
    /// At most 1 GB, or 100 times the packed bytes where that is more.
    pub(crate) fn new(unpacked: R, packed_bytes: u64) -> Self {
        Self { unpacked, left: packed_bytes.saturating_mul(LARGEST_RATIO).max(MODEST) }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let limit =
                "it unpacks to more than 1 GB and 100 times its size; if that is meant, unpack it first";
            io::Error::other(limit)
        })?;
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
        let mut limited = Limited { unpacked: io::repeat(0), left: 1000 };
        let mut bytes = Vec::new();
        let error = limited.read_to_end(&mut bytes).unwrap_err();
        assert_eq!(error.to_string(), REFUSED);
        assert!(bytes.len() <= 1000);
        let mut all = Vec::new();
        Limited { unpacked: &[7; 1000][..], left: 1000 }.read_to_end(&mut all).unwrap();
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
        assert_eq!(Limited::new(io::empty(), 1000).left, MODEST);
        assert_eq!(Limited::new(io::empty(), MODEST).left, 100 * MODEST);
        assert_eq!(Limited::new(io::empty(), u64::MAX).left, u64::MAX);
    }
}
