//! The header of a .npy file.

use std::io::{ErrorKind, Read};

use super::{Element, MAGIC, NpyProblem};
use crate::{Error, Result};

/// A header longer than this is none: NumPy writes some hundred bytes.
const LONGEST_HEADER: usize = 1 << 16;

/// What a header says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub element: Element,
    pub shape: Vec<usize>,
    /// Whether the first index runs fastest, of two or more.
    pub fortran_order: bool,
    /// Bytes before the values.
    pub bytes: u64,
    /// Bytes of the values.
    pub value_bytes: u64,
}

/// Reads a header from the front of a file, which `file` names in messages. Memory is taken for the header alone.
pub(crate) fn read_header(reader: &mut impl Read, file: &str) -> Result<Header> {
    let wrong = |problem| Error::Npy { file: file.into(), problem };
    let mut take = |count: usize| -> Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        match reader.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(wrong(NpyProblem::ShortHeader)),
            Err(source) => Err(Error::Read { file: file.into(), source }),
        }
    };
    let front = take(MAGIC.len() + 2)?;
    let Some(&[version, _minor]) = front.strip_prefix(MAGIC) else { return Err(wrong(NpyProblem::Magic)) };
    let (length, length_bytes) = match version {
        1 => {
            let bytes = take(2)?;
            (usize::from(u16::from_le_bytes([bytes[0], bytes[1]])), 2)
        }
        2 | 3 => {
            let bytes = take(4)?;
            (u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize, 4)
        }
        other => return Err(wrong(NpyProblem::Version(other))),
    };
    if length > LONGEST_HEADER {
        return Err(wrong(NpyProblem::LongHeader(length)));
    }
    let text = String::from_utf8_lossy(&take(length)?).into_owned();
    parse(&text, (front.len() + length_bytes + length) as u64).map_err(wrong)
}

fn parse(text: &str, bytes: u64) -> std::result::Result<Header, NpyProblem> {
    let value = |key: &'static str| -> std::result::Result<&str, NpyProblem> {
        let (_, after) = [format!("'{key}'"), format!("\"{key}\"")]
            .iter()
            .find_map(|quoted| text.split_once(quoted.as_str()))
            .ok_or(NpyProblem::Header(key))?;
        let value = after.trim_start().strip_prefix(':').ok_or(NpyProblem::Header(key))?;
        Ok(value.trim_start())
    };
    let descr = value("descr")?;
    let quote = descr.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
    let order = value("fortran_order")?;
    let first_fastest = match order {
        _ if order.starts_with("True") => true,
        _ if order.starts_with("False") => false,
        _ => return Err(NpyProblem::Header("fortran_order")),
    };
    let shape = value("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let (shape, _) = shape.ok_or(NpyProblem::Header("shape"))?;
    let shape = shape
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty())
        .map(|size| size.trim_end_matches('L').parse().map_err(|_| NpyProblem::Header("shape")))
        .collect::<std::result::Result<Vec<usize>, _>>()?;
    // a structured array has a list here
    let descr = match quote {
        Some(quote) => descr[1..].split_once(quote).ok_or(NpyProblem::Header("descr"))?.0,
        None => descr,
    };
    let Some(element) = Element::of_descr(descr).filter(|_| quote.is_some()) else {
        return Err(NpyProblem::Element { descr: descr.chars().take(20).collect(), shape });
    };
    let fortran_order = first_fastest && shape.len() > 1;
    let value_bytes = value_bytes(&shape, element)?;
    Ok(Header { element, shape, fortran_order, bytes, value_bytes })
}

/// Bytes of all values. The sizes but the zeros among them must be addressable too: code that multiplies some of them
/// cannot wrap.
fn value_bytes(shape: &[usize], element: Element) -> std::result::Result<u64, NpyProblem> {
    let all = shape.iter().try_fold(element.bytes(), |product, &size| product.checked_mul(size.max(1)));
    match all {
        Some(bytes) if bytes < isize::MAX as usize => Ok(if shape.contains(&0) { 0 } else { bytes as u64 }),
        _ => Err(NpyProblem::Huge(shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn read(bytes: &[u8]) -> std::result::Result<Header, String> {
        read_header(&mut &bytes[..], "x.npy").map_err(|error| error.to_string())
    }

    fn text(text: &str) -> std::result::Result<Header, String> {
        read(&file(text, &[]))
    }

    #[test]
    fn what_a_header_says_is_read() {
        let header = text("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }").unwrap();
        assert_eq!((header.shape, header.fortran_order, header.value_bytes), (vec![2, 3], true, 12));
        // one dimension has one order
        let header = text("{\"shape\": (7L,), \"fortran_order\": True, \"descr\": \"|b1\"}").unwrap();
        assert_eq!((header.shape, header.fortran_order, header.value_bytes), (vec![7], false, 7));
        let number = text("{'descr': '<f8', 'fortran_order': False, 'shape': (), }").unwrap();
        assert_eq!((number.shape, number.value_bytes), (vec![], 8));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let says = |found: std::result::Result<Header, String>, expected: &str| {
            assert_eq!(found.unwrap_err(), format!("x.npy: {expected}"));
        };
        let dict = |descr: &str, order: &str, shape: &str| {
            text(&format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"))
        };
        says(read(b"not one of NumPy"), "it is no .npy file: it does not start with the bytes \\x93NUMPY");
        let short = "it is no .npy file, or was cut short: it ends within the header";
        says(read(b"\x93NUM"), short);
        says(read(b"\x93NUMPY\x01\x00\xff\xff{}"), short);
        says(
            read(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}"),
            "it is no .npy file: it declares a header of 4294967295 bytes, NumPy writes some hundred",
        );
        says(read(b"\x93NUMPY\x09\x00\x02\x00{}"), "its .npy format version is 9, known are 1 to 3");
        says(text("{}"), "its .npy header has no readable `descr`");
        says(dict("'<f8'", "Maybe", "(2,)"), "its .npy header has no readable `fortran_order`");
        says(dict("'<f8'", "False", "(2, -1)"), "its .npy header has no readable `shape`");
        says(
            dict("'|O'", "False", "(2,)"),
            "its elements are of type `|O`; floats, integers, booleans and, of labels, strings are read: save features with \
             numpy.save(file, x.astype(float)), labels with numpy.save(file, y.astype(str)), and texts and numbers together with \
             pandas.DataFrame(x).to_csv(file, index=False)",
        );
        for shape in ["(4294967296, 4294967296, 8)", "(4294967296, 0, 4294967296)"] {
            let sizes = shape.trim_matches(['(', ')']).replace(", ", "×");
            says(
                dict("'<f8'", "True", shape),
                &format!("it declares {sizes} values, more than can be addressed"),
            );
        }
    }
}
