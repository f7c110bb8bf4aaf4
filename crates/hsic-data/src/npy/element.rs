//! The types of numbers in an array file.

use half::f16;

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
    /// Code points of 32 bits, or bytes of UTF-8; zeros fill them up.
    CodePoints,
    Utf8,
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
            b'f' => (Kind::Float, &[2, 4, 8]),
            b'i' => (Kind::Signed, &[1, 2, 4, 8]),
            b'u' => (Kind::Unsigned, &[1, 2, 4, 8]),
            b'b' => (Kind::Unsigned, &[1]),
            kind @ (b'U' | b'S') => {
                let (kind, size) = if *kind == b'U' { (Kind::CodePoints, 4) } else { (Kind::Utf8, 1) };
                let length: usize = descr.get(2..)?.parse().ok().filter(|&length| length > 0)?;
                return Some(Self { kind, bytes: length.checked_mul(size)?, big_endian });
            }
            _ => return None,
        };
        let bytes = descr.get(2..)?.parse().ok().filter(|bytes| sizes.contains(bytes))?;
        Some(Self { kind, bytes, big_endian })
    }

    /// Bytes of a number.
    pub(crate) fn bytes(self) -> usize {
        self.bytes
    }

    /// Whether they are strings.
    pub(crate) fn is_text(self) -> bool {
        matches!(self.kind, Kind::CodePoints | Kind::Utf8)
    }

    /// The string in some bytes, as many as an element has; `None` for one that is no text.
    pub(crate) fn text(self, bytes: &[u8]) -> Option<String> {
        let text: String = match self.kind {
            Kind::CodePoints => {
                let points = bytes.chunks_exact(4).map(|bytes| self.bits(bytes) as u32);
                points.map(char::from_u32).collect::<Option<_>>()?
            }
            _ => std::str::from_utf8(bytes).ok()?.into(),
        };
        Some(text.trim_end_matches('\0').into())
    }

    /// Whether its numbers are whole and a 64-bit float may not hold them, and if so whether they have a sign.
    pub(super) fn is_wide(self) -> Option<bool> {
        match self.kind {
            Kind::Signed if self.bytes == 8 => Some(true),
            Kind::Unsigned if self.bytes == 8 => Some(false),
            _ => None,
        }
    }

    /// The bits in some bytes, as many as an element has, from the lowest.
    pub(super) fn bits(self, bytes: &[u8]) -> u64 {
        let mut bits = 0_u64;
        for (i, &byte) in bytes.iter().enumerate() {
            let place = if self.big_endian { bytes.len() - 1 - i } else { i };
            bits |= u64::from(byte) << (8 * place);
        }
        bits
    }

    /// The number in some bytes, as many as an element has.
    pub(crate) fn value(self, bytes: &[u8]) -> f64 {
        let bits = self.bits(bytes);
        match (self.kind, self.bytes) {
            (Kind::Float, 2) => f16::from_bits(bits as u16).to_f64(),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
            (Kind::Unsigned, _) => bits as f64,
            // strings are refused where numbers are wanted
            (Kind::CodePoints | Kind::Utf8, _) => f64::NAN,
            (Kind::Signed, size) => {
                let shift = 64 - 8 * size as u32;
                (((bits << shift) as i64) >> shift) as f64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of the 65 536 against its definition: (−1)^s 2^(e−15) (1 + m/1024), without the 1 and with e = 1 for e = 0.
    #[test]
    fn every_half_is_read_exactly_in_both_byte_orders() {
        let (little, big) = (Element::of_descr("<f2"), Element::of_descr(">f2"));
        let (little, big) = (little.expect("a type"), big.expect("a type"));
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
            let size = match exponent {
                0 => fraction * 2f64.powi(-14),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
            };
            let expected = if bits >> 15 == 1 { -size } else { size };
            for value in [little.value(&bits.to_le_bytes()), big.value(&bits.to_be_bytes())] {
                let equal = value == expected && value.is_sign_negative() == expected.is_sign_negative();
                assert!(equal || (value.is_nan() && expected.is_nan()), "{bits:#06x}: {value} {expected}");
            }
        }
    }
}
