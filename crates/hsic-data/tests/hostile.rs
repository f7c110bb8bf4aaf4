//! Every reader over arbitrary bytes and over valid files with some bytes changed: no panic, nothing that is not finite in
//! what is read, and memory in proportion to what is there, whatever is declared.

mod common;

use std::io::Write as _;

use common::{Peak, gzip, npy, npz};
use faer::{MatRef, Par};
use hsic_data::idx::parse_idx;
use hsic_data::rows::{ArrayRows, TableRows};
use hsic_data::table::{
    Content, EncodeOptions, InferOptions, MissingRule, RowEncoder, Schema, Source, SourceOptions, Table,
};
use hsic_data::{Dataset, Input, LabelColumn};
use hsic_rows::{RowBlocks, reduce_rows};
use proptest::prelude::*;
use proptest::sample::Index;

#[global_allocator]
static ALLOCATOR: common::Counting = common::Counting;

/// Bytes taken at most for an input of this length, unpacked: number cells become 8 bytes twice, a category cell up to
/// 100 columns of 8 bytes.
fn allowed(length: usize) -> usize {
    (64 << 20) + 4096 * length
}

/// Everything that takes bytes, on these bytes.
fn read_all(bytes: &[u8], delimiter: u8) {
    let peak = Peak::new();
    read_dataset(bytes, delimiter);
    read_table(bytes, delimiter);
    let _ = parse_idx(bytes, "x").map(|idx| {
        assert_eq!(idx.data().len(), idx.dims().iter().product::<usize>());
    });
    assert!(peak.bytes() <= allowed(bytes.len()), "{} bytes for {}", peak.bytes(), bytes.len());
}

fn finite(x: MatRef<'_, f64>) {
    assert!((0..x.ncols()).all(|j| (0..x.nrows()).all(|i| x[(i, j)].is_finite())));
}

fn read_dataset(bytes: &[u8], delimiter: u8) {
    for has_header in [true, false] {
        let source = SourceOptions { delimiter: Some(delimiter), has_header, ..SourceOptions::default() };
        if let Ok(content) = Content::from_bytes(bytes.to_vec(), "x")
            && let Ok(data) = Dataset::of(&content, &source, &InferOptions::default())
        {
            finite(data.features());
            assert_eq!((data.n(), data.d()), (data.features().nrows(), data.features().ncols()));
        }
    }
}

fn read_table(bytes: &[u8], delimiter: u8) {
    for delimiter in [None, Some(delimiter)] {
        for has_header in [true, false] {
            let source = SourceOptions { delimiter, has_header, ..SourceOptions::default() };
            for missing in [MissingRule::Refuse, MissingRule::Drop, MissingRule::Keep] {
                let infer = InferOptions { missing, ..InferOptions::default() };
                if let Ok(content) = Content::from_bytes(bytes.to_vec(), "x")
                    && let Ok(table) = Table::read(&content, &source, &infer)
                    && missing != MissingRule::Keep
                {
                    finite(table.features.as_ref());
                }
                // the way of `predict`, packed or not
                let stream = Source::stream(Input::new(std::io::Cursor::new(bytes.to_vec()), "x"), &source);
                let Ok(mut rows) = stream else { continue };
                let Ok(schema) = Schema::infer(&mut rows, &infer) else { continue };
                let stream = Source::stream(Input::new(std::io::Cursor::new(bytes.to_vec()), "x"), &source);
                let options = EncodeOptions { missing, ..EncodeOptions::default() };
                let mut encoder = RowEncoder::new(&schema, stream.unwrap(), options).unwrap();
                while let Ok(Some(chunk)) = encoder.next_chunk(16) {
                    assert_eq!(chunk.features.ncols(), schema.encoded_width());
                    if missing != MissingRule::Keep {
                        finite(chunk.features.as_ref());
                    }
                }
            }
        }
    }
}

/// The readers that take files.
fn read_files(features: &[u8], labels: &[u8], unpacked: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = (folder.path().join("x"), folder.path().join("y"));
    std::fs::File::create(&x).unwrap().write_all(features).unwrap();
    std::fs::File::create(&y).unwrap().write_all(labels).unwrap();
    let peak = Peak::new();
    let pass = |rows: &dyn RowBlocks| {
        let check = |_, block: hsic_rows::Block| -> hsic_rows::Result<()> {
            finite(block.rows.as_ref());
            Ok(())
        };
        let _ = reduce_rows(rows, Par::Seq, check, |()| ());
    };
    if let Ok(rows) = ArrayRows::open(&x, &y) {
        pass(&rows);
    }
    for label in [LabelColumn::Last, LabelColumn::Name("class".into())] {
        let infer = InferOptions { label, ..InferOptions::default() };
        if let Ok(content) = Content::read(&x, None)
            && let Ok(rows) = TableRows::open(&content, &SourceOptions::default(), &infer, Par::Seq)
        {
            pass(&rows);
        }
    }
    let _ = hsic_data::idx::read_idx_pair(&x, &y).map(|data| finite(data.features()));
    if let Ok(content) = Content::read(&x, Some(&y))
        && let Ok(table) = Table::read(&content, &SourceOptions::default(), &InferOptions::default())
    {
        finite(table.features.as_ref());
    }
    if let Ok(mut source) = Source::open(&x, None, &SourceOptions::default()) {
        while let Ok(Some(row)) = source.next_row() {
            assert!(row.number() > 0);
        }
    }
    assert!(peak.bytes() <= allowed(unpacked), "{} bytes for {unpacked}", peak.bytes());
}

/// Changes some bytes, cuts, inserts or repeats.
fn mutate(original: &[u8], changes: &[(Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for &(index, byte, kind) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = index.index(bytes.len());
        match kind {
            0 => bytes[at] = byte,
            1 => bytes.truncate(at),
            2 => bytes.insert(at, byte),
            3 => {
                bytes.remove(at);
            }
            _ => {
                let copy = bytes[at..(at + usize::from(byte)).min(bytes.len())].to_vec();
                bytes.extend(copy);
            }
        }
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    prop::collection::vec((any::<Index>(), byte(), 0..5_u8), 1..6)
}

/// A byte, and often one that means something to a reader.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        any::<u8>(),
        prop::sample::select(
            b",;|\t\"\r\n'(){}:0123456789eE+-.naNinf?\xef\xbb\xbf\x00\x08\x1f\x8b\xff".to_vec()
        )
    ]
}

fn delimiter() -> impl Strategy<Value = u8> {
    prop::sample::select(vec![b',', b';', b'\t', b'|', b' ', b'"', b'\n', 0, 255])
}

const CSV: &[u8] = b"size,weight,\"coat, or none\",class\nsmall,4.1,short,cat\nbig,30,\"long, curly\",dog\n\
    small,5,?,cat\nbig,-2e-3,short,dog\nbig,,\"a\nb\",gr\xc3\xb6\xc3\x9fer\nsmall,1e300,short,dog\n";

fn valid() -> Vec<Vec<u8>> {
    let doubles: Vec<u8> = (0..12).flat_map(|i| f64::from(i * i % 7).to_le_bytes()).collect();
    let x = npy("<f8", false, "(6, 2)", &doubles);
    let fortran = npy(">i2", true, "(6, 2)", &doubles[..24]);
    let y = npy("|u1", false, "(6,)", &[0, 1, 0, 1, 1, 0]);
    let idx = [&[0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 2, 0, 0, 0, 1][..], &[9; 12]].concat();
    let numbers = b"1.5,2,0\n3,4,1\n5,6,0\n2,2,1\n".to_vec();
    vec![CSV.to_vec(), numbers, gzip(CSV), npz(&[("x", &x), ("y", &y)]), x.clone(), gzip(&x), fortran, idx]
}

fn labels() -> Vec<Vec<u8>> {
    let y = npy("<i4", false, "(6,)", &[0_u8, 0, 0, 0, 1, 0, 0, 0].repeat(3));
    let idx = vec![0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 0, 1, 1, 0];
    vec![gzip(&idx), idx, y]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), delimiter in delimiter()) {
        read_all(&bytes, delimiter);
        // and within what starts as a known format does
        for start in [&b"\x93NUMPY\x01\x00"[..], b"\x93NUMPY\x03\x00\x20\x00\x00\x00", b"PK\x03\x04", b"\x1f\x8b\x08\x00",
            b"\x00\x00\x08\x02", b"\xef\xbb\xbf"] {
            read_all(&[start, &bytes].concat(), delimiter);
        }
    }

    #[test]
    fn arbitrary_text(bytes in prop::collection::vec(byte(), 0..200), delimiter in delimiter()) {
        read_all(&bytes, delimiter);
        read_all(&gzip(&bytes), delimiter);
    }

    #[test]
    fn arbitrary_headers_of_arrays(
        descr in "[<>|=]?[fiubcUO][0-9]{0,3}",
        fortran in any::<bool>(),
        shape in r"\(([0-9]{0,20}L?,? ?){0,4}\)",
        values in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let file = npy(&descr, fortran, &shape, &values);
        read_all(&file, b',');
        read_all(&npz(&[("x", &file)]), b',');
        read_files(&file, &labels()[2], file.len());
        let packed = gzip(&file);
        read_files(&packed, &labels()[2], file.len());
    }

    #[test]
    fn changed_files(changes in changes(), delimiter in delimiter()) {
        for file in valid() {
            read_all(&mutate(&file, &changes), delimiter);
        }
    }

    #[test]
    fn changed_pairs_of_files(of_features in changes(), of_labels in changes(), which in 0..4_u8) {
        for features in valid() {
            for labels in labels() {
                let features = if which & 1 == 0 { mutate(&features, &of_features) } else { features.clone() };
                let labels = if which & 2 == 0 { mutate(&labels, &of_labels) } else { labels };
                read_files(&features, &labels, features.len() + labels.len());
            }
        }
    }
}

/// The unchanged files are read: the tests above start from what is valid.
#[test]
fn what_is_changed_was_valid() {
    let infer = InferOptions { missing: MissingRule::Keep, ..InferOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = (folder.path().join("x"), folder.path().join("y"));
    for (number, file) in valid().into_iter().enumerate() {
        std::fs::write(&x, file).unwrap();
        for labels in labels() {
            std::fs::write(&y, labels).unwrap();
            let separate = (number > 3).then_some(y.as_path());
            let content = Content::read(&x, separate).unwrap();
            let source = SourceOptions { has_header: number != 1, ..SourceOptions::default() };
            Table::read(&content, &source, &infer).unwrap_or_else(|error| panic!("{number}: {error}"));
        }
    }
}

/// The sum of a table, its names, and every row with its place.
fn told(content: &Content) -> String {
    let mut text = format!("{} {}", content.file(), content.sha256());
    let mut source = match content.open(&SourceOptions::default()) {
        Ok(source) => source,
        Err(error) => return text + &error.to_string(),
    };
    text += &format!(" {:?}", source.names());
    let columns = source.names().len();
    loop {
        match source.next_row() {
            Ok(None) => return text,
            Ok(Some(row)) => {
                let cells = (0..columns).map(|column| format!("{:?}", row.cell(column)));
                text += &format!("\n{} {}", row.place(), cells.collect::<String>());
            }
            Err(error) => return text + &error.to_string(),
        }
    }
}

/// Whether bytes or a file, and its labels: what is unpacked first is read alike.
#[test]
fn packing_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = (folder.path().join("x"), folder.path().join("y"));
    let plain = |files: Vec<Vec<u8>>| files.into_iter().filter(|file| !file.starts_with(b"\x1f\x8b"));
    let read = |file: &[u8], labels: Option<&[u8]>| {
        std::fs::write(&x, file).unwrap();
        let content = match labels {
            None => Content::from_bytes(file.to_vec(), "x"),
            Some([]) => Content::read(&x, None),
            Some(labels) => {
                std::fs::write(&y, labels).unwrap();
                Content::read(&x, Some(&y))
            }
        };
        content.map_or_else(|error| error.to_string(), |content| told(&content))
    };
    for file in plain(valid()) {
        let packed = gzip(&file);
        assert!(read(&file, None).contains(Content::from_bytes(packed.clone(), "x").unwrap().sha256()));
        assert_eq!(read(&packed, None), read(&file, None));
        assert_eq!(read(&packed, Some(&[])), read(&file, Some(&[])));
        for labels in plain(labels()) {
            assert_eq!(read(&packed, Some(&gzip(&labels))), read(&file, Some(&labels)));
        }
    }
}

#[test]
fn what_is_declared_takes_no_memory() {
    let huge_npy = |shape: &str| npy("<f8", false, shape, &[0; 16]);
    let huge_idx = |dims: [u32; 2]| {
        let mut bytes = vec![0, 0, 8, 2];
        dims.iter().for_each(|dim| bytes.extend(dim.to_be_bytes()));
        bytes.extend([1; 16]);
        bytes
    };
    let bad: Vec<Vec<u8>> =
        ["(2, 100000000000)", "(100000000000, 2)", "(2, 4000000000000000000)", "(100000000000,)"]
            .into_iter()
            .map(huge_npy)
            .chain(
                [[u32::MAX, 1], [2, u32::MAX], [u32::MAX, 0x7fff_ffff], [u32::MAX, u32::MAX]].map(huge_idx),
            )
            .collect();
    let limit = 40 << 20;
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = (folder.path().join("x"), folder.path().join("y"));
    for file in bad {
        for file in [gzip(&file), npz(&[("x", &file)]), file] {
            std::fs::write(&x, &file).unwrap();
            let many = npy("|u1", false, "(2,)", &[0, 1]);
            for labels in [&many, &file] {
                std::fs::write(&y, labels).unwrap();
                let peak = Peak::new();
                assert!(Content::from_bytes(file.clone(), "x").is_err());
                assert!(Content::read(&x, Some(&y)).is_err());
                if let Ok(rows) = ArrayRows::open(&x, &y) {
                    // a packed file is known to be short once a pass comes to its end
                    reduce_rows::<_, hsic_rows::Error>(&rows, Par::Seq, |_, _| Ok(()), |()| ()).unwrap_err();
                }
                assert!(hsic_data::idx::read_idx(&x).is_err());
                assert!(peak.bytes() < limit, "{} bytes", peak.bytes());
            }
        }
    }
}

/// A quote that is never closed in a long file is an error before the file is in memory.
#[test]
fn an_open_quote_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(b"a,class\n1,\"x\n").unwrap();
    let line = b"1,y\n".repeat(1 << 18);
    for _ in 0..300 {
        file.write_all(&line).unwrap();
    }
    file.into_inner().unwrap();
    let peak = Peak::new();
    let expected = "a row is longer than 64 MB: is a quote left open?";
    let source_of = |error: hsic_data::Error| std::error::Error::source(&error).unwrap().to_string();
    let mut source = Source::open(&path, None, &SourceOptions::default()).unwrap();
    assert_eq!(source_of(source.next_row().err().unwrap()), expected);
    assert!(peak.bytes() < 300 << 20, "{} bytes", peak.bytes());
    let peak = Peak::new();
    let content = Content::read(&path, None).unwrap();
    let (plain, infer) = (SourceOptions::default(), InferOptions::default());
    assert_eq!(source_of(TableRows::open(&content, &plain, &infer, Par::Seq).unwrap_err()), expected);
    assert!(peak.bytes() < 300 << 20, "{} bytes", peak.bytes());
}
