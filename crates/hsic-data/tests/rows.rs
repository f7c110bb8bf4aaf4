//! Rows in blocks: files give the bits that reading them whole gives, and what is wrong with them is named.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use faer::{Mat, Par};
use flate2::Compression;
use flate2::write::GzEncoder;
use hsic_data::rows::{ArrayRows, FileRows, Standardised, TableRows};
use hsic_data::scaler::{fill_missing, known_means};
use hsic_data::table::{Content, EncodeOptions, InferOptions, MissingRule, SourceOptions};
use hsic_data::{Dataset, Error, LabelColumn, Scaler};
use hsic_rows::Labels;
use hsic_rows::{BLOCK_ROWS, Block, MatrixRows, RowBlocks, RowNumbers, RowSample, reduce_rows};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The file's name in a message, without the folder.
    fn strip(&self, error: impl ToString) -> String {
        error.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    npy_text(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"), values)
}

fn npy_text(header: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header = format!("{header:<117}\n");
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn all(rows: &dyn RowBlocks, par: Par) -> (Mat<f64>, Vec<usize>) {
    let (mut blocks, mut codes) = (Vec::new(), Vec::new());
    let keep = |block: Block| {
        codes.extend(&block.codes);
        blocks.push(block.rows);
    };
    reduce_rows::<_, hsic_rows::Error>(rows, par, |_, block| Ok(block), keep).unwrap();
    let mut x = Mat::zeros(codes.len(), rows.width());
    let mut start = 0;
    for block in blocks {
        x.subrows_mut(start, block.nrows()).copy_from(&block);
        start += block.nrows();
    }
    (x, codes)
}

fn failure(rows: &dyn RowBlocks) -> String {
    let pass = reduce_rows::<_, hsic_rows::Error>(rows, Par::Seq, |_, _| Ok(()), |()| ());
    pass.unwrap_err().to_string()
}

#[test]
fn arrays_of_every_element_come_back() {
    let folder = Folder::new();
    let n = BLOCK_ROWS + 3;
    let code = |i: usize| (i % 5) as u8;
    let labels: Vec<u8> = (0..n).flat_map(|i| i64::from(code(i)).to_be_bytes()).collect();
    let labels = folder.write("y.npy", &npy(">i8", &format!("({n},)"), &labels));
    let value = |i: usize, k: usize| (i as f64 * 0.5 - k as f64) % 100.0;
    type Bytes = fn(f64) -> Vec<u8>;
    type Number = fn(f64) -> f64;
    let elements: [(&str, Bytes, Number); 7] = [
        ("<f8", |v| v.to_le_bytes().to_vec(), |v| v),
        (">f8", |v| v.to_be_bytes().to_vec(), |v| v),
        ("<f4", |v| (v as f32).to_le_bytes().to_vec(), |v| v),
        ("<i2", |v| (v as i16).to_le_bytes().to_vec(), f64::trunc),
        (">i4", |v| (v as i32).to_be_bytes().to_vec(), f64::trunc),
        ("|i1", |v| (v as i8).to_le_bytes().to_vec(), f64::trunc),
        ("|u1", |v| vec![v.abs() as u8], |v| v.abs().trunc()),
    ];
    for (descr, bytes, expected) in elements {
        let data: Vec<u8> = (0..n).flat_map(|i| (0..3).flat_map(move |k| bytes(value(i, k)))).collect();
        let file = npy(descr, &format!("({n}, 3)"), &data);
        for file in [folder.write("x.npy", &file), folder.write("x.npy.gz", &gzip(&file))] {
            let rows = ArrayRows::open(&file, &labels).unwrap();
            assert_eq!((rows.n(), rows.width(), rows.n_classes()), (n, 3, 5));
            assert_eq!(rows.class_names(), ["0", "1", "2", "3", "4"]);
            let (x, codes) = all(&rows, Par::rayon(2));
            assert_eq!(x, Mat::from_fn(n, 3, |i, k| expected(value(i, k))), "{descr}");
            assert_eq!(codes, (0..n).map(|i| usize::from(code(i))).collect::<Vec<_>>());
        }
    }
}

#[test]
fn idx_images_are_rows_of_pixels() {
    let folder = Folder::new();
    let images: Vec<u8> =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1].into_iter().chain([1, 2, 3, 255]).collect();
    let labels = gzip(&[0, 0, 8, 1, 0, 0, 0, 2, 1, 0]);
    let (images, labels) = (folder.write("images", &images), folder.write("labels.gz", &labels));
    let rows = ArrayRows::open(&images, &labels).unwrap();
    let (x, codes) = all(&rows, Par::Seq);
    assert_eq!(x, faer::mat![[1.0, 2.0], [3.0, 255.0]]);
    assert_eq!(codes, [1, 0]);
    let whole = hsic_data::idx::read_idx_pair(&images, &labels).unwrap();
    assert_eq!(x.as_ref(), whole.features());
}

#[test]
fn arrays_that_cannot_be_read_are_refused() {
    let folder = Folder::new();
    let good_labels = folder.write("y.npy", &npy("|u1", "(2,)", &[0, 1]));
    let refused = |bytes: &[u8], message: &str| {
        let path = folder.write("x.npy", bytes);
        let error = ArrayRows::open(&path, &good_labels).unwrap_err();
        assert_eq!(folder.strip(error), format!("x.npy: {message}"));
    };
    let whole = npy("<f8", "(2, 1)", &[0; 16]);
    let short = "it is no .npy file, or was cut short: it ends within the header";
    refused(&whole[..7], short);
    refused(&whole[..50], short);
    refused(
        &whole[..whole.len() - 1],
        "it declares 16 bytes of values but holds 15; it may have been cut short",
    );
    let longer = [&whole[..], b"x"].concat();
    refused(&longer, "bytes follow after the 16 bytes of values it declares");
    let mut version = whole.clone();
    version[6] = 9;
    refused(&version, "its .npy format version is 9, known are 1 to 3");
    let elements = |what: &str| {
        format!(
            "its elements are of type `{what}`; floats, integers, booleans and, of labels, strings are read: save features with \
             numpy.save(file, x.astype(float)), labels with numpy.save(file, y.astype(str)), and texts and numbers together \
             with pandas.DataFrame(x).to_csv(file, index=False)"
        )
    };
    refused(&npy("<c16", "(2, 1)", &[]), &elements("<c16"));
    refused(&npy("|O", "(2, 1)", &[]), &elements("|O"));
    let record = "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }";
    refused(&npy_text(record, &[]), &elements("[('a', '<f8')], 'for"));
    refused(
        &npy_text("{'fortran_order': False, 'shape': (2, 1), }", &[]),
        "its .npy header has no readable `descr`",
    );
    refused(&npy("<f8", "2, 1", &[]), "its .npy header has no readable `shape`");
    refused(&npy("<f8", "(2, x)", &[]), "its .npy header has no readable `shape`");
    let fortran = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 1), }";
    refused(
        &npy_text(fortran, &[0; 16]),
        "it is stored column by column (Fortran order); save numpy.ascontiguousarray of the array instead",
    );
    refused(&npy("<f8", "(2,)", &[0; 16]), "it has 1 dimensions, expected 2 or more for rows of features");
    refused(
        &npy("<f8", "(99999999999, 99999999999)", &[]),
        "it declares 99999999999×99999999999 values, more than can be addressed",
    );

    let features = folder.write("x.npy", &whole);
    let with_labels = |bytes: &[u8]| {
        let labels = folder.write("labels.npy", bytes);
        folder.strip(ArrayRows::open(&features, &labels).unwrap_err())
    };
    assert_eq!(
        with_labels(&npy("|u1", "(3,)", &[0, 1, 2])),
        "x.npy holds 2 rows but labels.npy holds 3 labels"
    );
    assert_eq!(
        with_labels(&npy("|i1", "(2,)", &[0, 255])),
        "labels.npy, row 1: -1 is not a class; classes are whole numbers from 0 to 65535"
    );
    assert_eq!(
        with_labels(&npy("<f4", "(2,)", &[0, 0, 0, 63, 0, 0, 0, 0])),
        "labels.npy, row 0: 0.5 is not a class; classes are whole numbers from 0 to 65535"
    );
    assert_eq!(
        with_labels(&[0, 0, 8, 1, 0, 0, 0, 2, 1]),
        "labels.npy is not an idx file of bytes: it declares 2 values but holds 1; the download may have been cut short"
    );
    let empty = folder.write("empty.npy", &npy("<f8", "(0, 4)", &[]));
    let none = folder.write("none.npy", &npy("|u1", "(0,)", &[]));
    let error = folder.strip(ArrayRows::open(&empty, &none).unwrap_err());
    assert_eq!(error, "empty.npy has no rows: expected one row a sample");
}

#[test]
fn what_a_pass_meets_is_named() {
    let folder = Folder::new();
    let labels = folder.write("y.npy", &npy("|u1", "(2,)", &[0, 1]));
    let short = folder.write("x.npy.gz", &gzip(&npy("<f8", "(2, 1)", &[0; 12])));
    let rows = ArrayRows::open(&short, &labels).unwrap();
    assert_eq!(
        folder.strip(failure(&rows)),
        "x.npy.gz: it declares 16 bytes of values but holds 12; it may have been cut short"
    );
    let long = folder.write("x.npy.gz", &gzip(&npy("<f8", "(2, 1)", &[0; 17])));
    let rows = ArrayRows::open(&long, &labels).unwrap();
    assert_eq!(
        folder.strip(failure(&rows)),
        "x.npy.gz: bytes follow after the 16 bytes of values it declares"
    );
    let infinite = folder.write("x.npy", &npy("<f4", "(2, 1)", &[0, 0, 0, 0, 0, 0, 128, 127]));
    let rows = ArrayRows::open(&infinite, &labels).unwrap();
    assert_eq!(failure(&rows), "a row of the source must be finite, got inf at row 1, column 0");
    let fewer = ArrayRows::open(&infinite, &labels).unwrap().with_classes(1).unwrap_err();
    assert_eq!(fewer.to_string(), "classes of the rows: found 2, expected 1");
}

/// More than two blocks, the class in front, a level column, blank lines and a quoted field here and there.
fn csv_text(n: usize) -> String {
    let mut text = String::from("kind,size,weight\r\n");
    for i in 0..n {
        let kind = ["cat", "dog", "\"a\nfish\""][i * 7 % 3];
        let size = ["small", "big"][i % 2];
        writeln!(text, "{kind},{size}, {}", i as f64 * 0.1 - 3.0).unwrap();
        if i % 1000 == 999 {
            text.push_str("\r\n");
        }
    }
    text
}

fn pets() -> InferOptions {
    InferOptions {
        label: LabelColumn::Name("kind".into()),
        ordinal: vec![("size".into(), vec!["small".into(), "big".into()])],
        ..InferOptions::default()
    }
}

fn table(path: &Path, source: &SourceOptions, infer: &InferOptions, par: Par) -> Result<TableRows, Error> {
    TableRows::open(&Content::read(path, None)?, source, infer, par)
}

#[test]
fn a_table_in_blocks_is_the_table_read_whole() {
    let folder = Folder::new();
    let n = 2 * BLOCK_ROWS + 700;
    let text = csv_text(n);
    let plain = SourceOptions::default();
    for path in
        [folder.write("pets.csv", text.as_bytes()), folder.write("pets.csv.gz", &gzip(text.as_bytes()))]
    {
        let whole = Dataset::read(&path, &plain, &pets()).unwrap();
        for par in [Par::Seq, Par::rayon(3)] {
            let rows = table(&path, &plain, &pets(), par).unwrap();
            assert_eq!((rows.n(), rows.width()), (n, 2));
            assert_eq!((rows.class_names(), rows.counts()), (whole.class_names(), whole.labels().counts()));
            let (x, codes) = all(&rows, par);
            assert_eq!(x.as_ref(), whole.features());
            assert_eq!(codes, whole.labels().codes());
        }
    }
    let no_header = SourceOptions { has_header: false, ..SourceOptions::default() };
    let path = folder.write("plain.csv", b"\n1,2,a\n3,4,b");
    let rows = table(&path, &no_header, &InferOptions::default(), Par::Seq).unwrap();
    assert_eq!(all(&rows, Par::Seq), (faer::mat![[1.0, 2.0], [3.0, 4.0]], vec![0, 1]));
    // a test part that lacks the first class
    let infer = InferOptions {
        class_order: Some(["a", "b", "c"].map(String::from).to_vec()),
        ..InferOptions::default()
    };
    let train = table(&folder.write("train.csv", b"1,2,a\n3,4,c\n"), &no_header, &infer, Par::Seq).unwrap();
    let test = Content::read(&folder.write("test.csv", b"1;2;b\n3;4;c\n"), None).unwrap();
    let rows =
        TableRows::by_schema(&test, &no_header, train.schema(), EncodeOptions::default(), Par::Seq).unwrap();
    assert_eq!(all(&rows, Par::Seq).1, [1, 2]);
}

/// Leaves numbers as they are.
fn plain_scaler(columns: usize) -> Scaler {
    Scaler::from_parts(columns, (0..columns).collect(), vec![0.0; columns], vec![1.0; columns]).unwrap()
}

#[test]
fn a_parquet_file_in_blocks_is_the_file_read_whole() {
    let infer =
        InferOptions { ignore: vec!["none".into()], missing: MissingRule::Keep, ..InferOptions::default() };
    let plain = SourceOptions::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet/snappy.parquet");
    let whole = Dataset::read(&path, &plain, &infer).unwrap();
    let means = known_means(whole.features());
    let mut filled = whole.features().to_owned();
    fill_missing(filled.as_mut(), &means);
    let rows = table(&path, &plain, &infer, Par::rayon(2)).unwrap();
    assert!(rows.missing().cells > 0);
    let plain = plain_scaler(rows.width());
    let filling = Standardised::new(&rows, &plain).unwrap().filled(Some(&means)).unwrap();
    let (x, codes) = all(&filling, Par::rayon(2));
    assert_eq!((x, &codes[..]), (filled, whole.labels().codes()));
}

#[test]
fn missing_cells_in_blocks_are_refused_left_out_or_filled() {
    let folder = Folder::new();
    let path = folder.write("t.csv", b"a,b,class\n1,2,x\n,3,y\n5,NA,y\n7,4,y\n");
    let of = |missing| {
        table(
            &path,
            &SourceOptions::default(),
            &InferOptions { missing, ..InferOptions::default() },
            Par::Seq,
        )
    };
    assert_eq!(
        folder.strip(of(MissingRule::Refuse).unwrap_err()),
        "t.csv: 2 cells are missing in 2 of 4 rows: 1 in `a`, 1 in `b`; leave such rows out with `MissingRule::Drop`, or fill the \
         cells with their column's training mean with `MissingRule::Keep` and `fill_missing`"
    );
    let dropped = of(MissingRule::Drop).unwrap();
    assert_eq!((dropped.n(), dropped.dropped()), (2, 2));
    assert_eq!(all(&dropped, Par::Seq).0, faer::mat![[1.0, 2.0], [7.0, 4.0]]);
    let kept = of(MissingRule::Keep).unwrap();
    assert_eq!((kept.n(), kept.missing().cells, kept.missing().rows), (4, 2, 2));
    let plain = plain_scaler(2);
    let standardised = Standardised::new(&kept, &plain).unwrap();
    let filled = standardised.clone().filled(Some(&[10.0, 20.0])).unwrap();
    assert_eq!(all(&filled, Par::Seq).0, faer::mat![[1.0, 2.0], [10.0, 3.0], [5.0, 20.0], [7.0, 4.0]]);
    let error = standardised.filled(Some(&[1.0])).err().unwrap();
    assert_eq!(error.to_string(), "fill values: found 1, expected 2");
}

#[test]
fn errors_in_blocks_keep_their_line() {
    let folder = Folder::new();
    let plain = SourceOptions::default();
    let last = |row: &str| {
        let text = csv_text(BLOCK_ROWS + 20) + row;
        let line = text.lines().count();
        let path = folder.write("pets.csv", text.as_bytes());
        (line, folder.strip(table(&path, &plain, &pets(), Par::Seq).unwrap_err()))
    };
    let (line, error) = last("cat,small,oops\n");
    assert_eq!(
        error,
        format!(
            "pets.csv, line {line}, column `weight`: `oops` is not a number; mend the cell, or take the whole column as text \
             with `InferOptions::text`"
        )
    );
    let (line, error) = last("cat,small,inf\n");
    assert_eq!(
        error,
        format!(
            "pets.csv, line {line}, column `weight`: `inf` is not finite as a 64-bit float; mend the cell"
        )
    );
    let (line, error) = last("cat,huge,1\n");
    assert_eq!(
        error,
        format!(
            "pets.csv, line {line}, column `size`: `huge` is not one of the levels `small`, `big`; mend the cell, or list it \
             in its place under `ordinal`"
        )
    );

    let refused = |text: &str, expected: &str| {
        let path = folder.write("f.csv", text.as_bytes());
        let infer = InferOptions::default();
        assert_eq!(folder.strip(table(&path, &plain, &infer, Par::Seq).unwrap_err()), expected);
    };
    refused("", "f.csv is empty: expected a header row and then one row a sample");
    refused("a,class\n", "f.csv has no rows: expected one row a sample");
    refused(
        "a,class\n1,x\n2,x\n",
        "f.csv: all rows are of one class, `x`: there is nothing to tell apart; is `class` the right `InferOptions::label`?",
    );
    refused(
        "a,class\n1,x\n2\n",
        "f.csv, line 3: found 1 fields, expected 2 as in the first line; mend the row, and quote a field that holds the \
         delimiter",
    );
    // what is written into a file after it was opened is met in a pass
    let path = folder.write("f.csv", b"a,class\n1,x\n2,y\n");
    let rows = table(&path, &plain, &InferOptions::default(), Par::Seq).unwrap();
    std::fs::write(&path, b"a,class\n1,x\n2,z\n").unwrap();
    let expected = "f.csv, line 3, column `class`: `z` is not one of the classes `x`, `y`";
    assert_eq!(folder.strip(failure(&rows)), expected);
}

#[test]
fn a_scaler_of_blocks_is_that_of_the_matrix() {
    let n = 2 * BLOCK_ROWS + 11;
    let x = Mat::from_fn(n, 3, |i, k| match k {
        0 => 1e6 + (i as f64 * 0.37).sin(),
        1 => 7.0,
        _ => i as f64,
    });
    let labels = Labels::new((0..n).map(|i| i % 2).collect()).unwrap();
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    let whole = Scaler::fit(x.as_ref()).unwrap();
    let scaler = Scaler::fit_rows(&rows, Par::Seq).unwrap();
    assert_eq!(scaler.kept(), [0, 2]);
    for (a, b) in scaler.means().iter().zip(whole.means()).chain(scaler.stds().iter().zip(whole.stds())) {
        assert!((a - b).abs() <= 1e-11 * b.abs(), "{a} and {b}");
    }
    let standardised = Standardised::new(&rows, &scaler).unwrap();
    let (z, codes) = all(&standardised, Par::rayon(2));
    assert_eq!(z, scaler.transform(x.as_ref()).unwrap());
    assert_eq!(codes, labels.codes());
    let common = whole.clone().with_common_deviation();
    let expected = ((whole.stds()[0].powi(2) + whole.stds()[1].powi(2)) / 2.0).sqrt();
    assert!(common.stds().iter().all(|std| (std / expected - 1.0).abs() < 1e-12));
    let constant = Mat::full(5, 2, 3.0);
    let labels = Labels::new(vec![0, 1, 0, 1, 0]).unwrap();
    let rows = MatrixRows::new(constant.as_ref(), &labels).unwrap();
    assert_eq!(
        Scaler::fit_rows(&rows, Par::Seq).unwrap_err().to_string(),
        "all 2 columns are constant over the 5 training rows: there is nothing to learn from"
    );
}

#[test]
fn a_sample_is_seeded_uniform_and_has_every_class() {
    let n = 5 * BLOCK_ROWS;
    let x = Mat::from_fn(n, 1, |i, _| i as f64);
    // class 2 has three rows
    let code = |i: usize| if i % 4000 == 17 { 2 } else { i % 2 };
    let labels = Labels::new((0..n).map(code).collect()).unwrap();
    let rows = MatrixRows::new(x.as_ref(), &labels).unwrap();
    let sample = |seed, par, backwards: bool| {
        let empty = RowSample::new(500, seed, &rows);
        let mut parts = Vec::new();
        let part = |number: usize, block: Block| {
            Ok::<_, hsic_rows::Error>(empty.of_rows(RowNumbers::of_block(number), &block))
        };
        reduce_rows(&rows, par, part, |part| parts.push(part)).unwrap();
        if backwards {
            parts.reverse();
        }
        let mut sample = empty.clone();
        parts.into_iter().for_each(|part| sample.merge(part));
        sample.finish().unwrap()
    };
    let (picked, labels) = sample(1, Par::Seq, false);
    assert!((500..=503).contains(&picked.nrows()) && labels.is_class_sorted());
    assert_eq!(labels.counts()[2], 3);
    for i in 0..picked.nrows() {
        assert_eq!(code(picked[(i, 0)] as usize), labels.codes()[i]);
    }
    // of 500 uniform draws of 0 to 10239 the mean is within 4 standard errors, 4·10240/√(12·500)
    let mean = picked.col(0).iter().sum::<f64>() / picked.nrows() as f64;
    assert!((mean - n as f64 / 2.0).abs() < 4.0 * n as f64 / 6000_f64.sqrt(), "{mean}");
    assert_eq!(sample(1, Par::rayon(3), false).0, picked);
    assert_eq!(sample(1, Par::Seq, true).0, picked, "merging does not depend on the order");
    assert_ne!(sample(2, Par::Seq, false).0, picked);
}

/// Nothing writes into it: opening it would wait for ever.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused_before_it_is_opened() {
    let folder = Folder::new();
    let path = folder.0.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let expected = "pipe is no regular file: rows in blocks are read in several passes; write it to a file first, and name that";
    assert_eq!(folder.strip(ArrayRows::open(&path, &path).unwrap_err()), expected);
}
