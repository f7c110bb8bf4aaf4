//! The types of numbers in an array file.

/// A type of numbers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element {
    kind: Kind,
    bytes: usize,
    big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float,
    Signed,
    Unsigned,
}

impl Element {
    /// An unsigned byte.
    pub(crate) const BYTE: Self = Self { kind: Kind::Unsigned, bytes: 1, big_endian: false };

    /// From NumPy's notation: `<f8`, `>i4`, `|u1`, `|b1`.
    pub(crate) fn of_descr(descr: &str) -> Option<Self> {
        let big_endian = match descr.as_bytes().first()? {
            b'<' | b'|' => false,
            b'=' => cfg!(target_endian = "big"),
            b'>' => true,
            _ => return None,
        };
        let (kind, sizes): (_, &[usize]) = match descr.as_bytes().get(1)? {
            b'f' => (Kind::Float, &[4, 8]),
            b'i' => (Kind::Signed, &[1, 2, 4, 8]),
            b'u' => (Kind::Unsigned, &[1, 2, 4, 8]),
            b'b' => (Kind::Unsigned, &[1]),
            _ => return None,
        };
        let bytes = descr.get(2..)?.parse().ok().filter(|bytes| sizes.contains(bytes))?;
        Some(Self { kind, bytes, big_endian })
    }

    /// Bytes of a number.
    pub(crate) fn bytes(self) -> usize {
        self.bytes
    }

    /// The number in some bytes, as many as an element has.
    pub(crate) fn value(self, bytes: &[u8]) -> f64 {
        let mut bits = 0_u64;
        for (i, &byte) in bytes.iter().enumerate() {
            let place = if self.big_endian { bytes.len() - 1 - i } else { i };
            bits |= u64::from(byte) << (8 * place);
        }
        match (self.kind, self.bytes) {
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
            (Kind::Unsigned, _) => bits as f64,
            (Kind::Signed, size) => {
                let shift = 64 - 8 * size as u32;
                (((bits << shift) as i64) >> shift) as f64
            }
        }
    }
}
