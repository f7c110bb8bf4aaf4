//! Small pieces of text shared by messages and writers: lists, sums, numbers.

use sha2::{Digest, Sha256};

/// Items named before a long list is cut.
const SHOWN: usize = 8;

/// `` `a`, `b`, `c` ``, in full.
pub(crate) fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}

/// The list, cut after a few items with the number of all.
pub(crate) fn first_few(items: &[String]) -> String {
    // Cutting only one item off would not shorten anything.
    if items.len() <= SHOWN + 1 {
        list(items)
    } else {
        format!("{}, … ({} in all)", list(&items[..SHOWN]), items.len())
    }
}

/// The sha256 of some parts one after the other, in hexadecimal.
pub(crate) fn sha256_hex(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hexadecimal(hasher)
}

/// The sum that a hasher came to, in hexadecimal.
pub(crate) fn hexadecimal(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The shortest text that reads back as the same number.
pub(crate) fn shortest(value: f64) -> String {
    let magnitude = value.abs();
    // `Display` never uses an exponent: 1e300 would take 301 digits.
    if magnitude == 0.0 || (1e-5..1e16).contains(&magnitude) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..12).map(|i| format!("p{i}")).collect();
        assert_eq!(first_few(&names[..3]), "`p0`, `p1`, `p2`");
        assert_eq!(first_few(&names), "`p0`, `p1`, `p2`, `p3`, `p4`, `p5`, `p6`, `p7`, … (12 in all)");
        assert_eq!(first_few(&names[..9]), list(&names[..9]));
    }

    #[test]
    fn sums_are_those_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(&[b"abc"]), abc);
        assert_eq!(sha256_hex(&[b"a", b"", b"bc"]), abc);
    }

    #[test]
    fn numbers_are_short_and_read_back() {
        assert_eq!(shortest(127.0), "127");
        assert_eq!(shortest(0.1), "0.1");
        assert_eq!(shortest(1e300), "1e300");
        assert_eq!(shortest(-2.5e-12), "-2.5e-12");
        for value in [0.0, -0.0, 1.0 / 3.0, f64::MIN_POSITIVE, f64::MAX, 5e-324, 9_007_199_254_740_993.0] {
            let back: f64 = shortest(value).parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits());
        }
    }
}
