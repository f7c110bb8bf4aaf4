//! Files that may be packed by gzip, told by their first bytes and not by their name.

use std::io::{BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

/// The first bytes of a file packed by gzip.
pub(crate) const MAGIC: &[u8] = &[0x1f, 0x8b];

/// The reader itself, or what it unpacks to if it starts as gzip does.
pub(crate) fn unpacked<'a>(mut reader: Box<dyn Read + 'a>) -> std::io::Result<Box<dyn Read + 'a>> {
    let mut start = Vec::new();
    (&mut reader).take(MAGIC.len() as u64).read_to_end(&mut start)?;
    let packed = start == MAGIC;
    let whole = Cursor::new(start).chain(reader);
    Ok(if packed { Box::new(MultiGzDecoder::new(BufReader::new(whole))) } else { Box::new(whole) })
}
