//! What `read_csv` refuses, word for word, and what it understands.

use std::error::Error as _;

use faer::mat;
use hsic_data::{CsvOptions, Dataset, Error, LabelColumn, read_csv, read_csv_from, write_csv};

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn read(text: impl AsRef<[u8]>, options: &CsvOptions) -> Result<Dataset, Error> {
    read_csv_from(text.as_ref(), "f.csv", options)
}

fn plain(text: &str) -> Dataset {
    read(text, &CsvOptions::default()).unwrap()
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>, message: &str) {
    refused_with(&CsvOptions::default(), text, message);
}

#[track_caller]
fn refused_with(options: &CsvOptions, text: impl AsRef<[u8]>, message: &str) {
    assert_eq!(read(text, options).unwrap_err().to_string(), message);
}

fn sizes() -> CsvOptions {
    CsvOptions { ordinal: vec![("size".into(), strings(&["small", "big"]))], ..CsvOptions::default() }
}

#[test]
fn ragged_rows() {
    refused(
        "a,b,class\n1,2,x\n1,2,3,y\n",
        "f.csv, line 3: found 4 fields, expected 3 as in the first line; mend the row, and quote a field that holds the delimiter",
    );
    refused(
        "a,b,class\n1,x\n",
        "f.csv, line 2: found 2 fields, expected 3 as in the first line; mend the row, and quote a field that holds the delimiter",
    );
}

#[test]
fn text_in_a_column_of_numbers() {
    refused(
        "a,b,class\n1,2,x\n1,oops,y\n",
        "f.csv, line 3, column `b`: `oops` is not a number; if the column has a few ordered levels, list them in \
         order under `ordinal`",
    );
}

#[test]
fn missing_values() {
    refused(
        "a,b,class\n1,,x\n",
        "f.csv, line 2, column `b`: the cell is empty; fill in the value or remove the row",
    );
    refused(
        "a,b,class\n1,2,x\n?,2,y\n",
        "f.csv, line 3, column `a`: `?` stands for a missing value; fill in the value or remove the row",
    );
    refused(
        "a,class\nN/A,x\n",
        "f.csv, line 2, column `a`: `N/A` stands for a missing value; fill in the value or remove the row",
    );
    refused(
        "a,class\n1,\n",
        "f.csv, line 2, column `class`: the cell is empty; fill in the value or remove the row",
    );
    refused_with(
        &sizes(),
        "size,class\n,x\n",
        "f.csv, line 2, column `size`: the cell is empty; fill in the value or remove the row",
    );
}

#[test]
fn numbers_that_are_not_finite() {
    for value in ["NaN", "inf", "-Infinity", "1e400"] {
        refused(
            format!("a,class\n1,x\n{value},y\n"),
            &format!(
                "f.csv, line 3, column `a`: `{value}` is not finite as a 64-bit float; fill in the value or remove \
                 the row"
            ),
        );
    }
}

#[test]
fn missing_file() {
    let error = read_csv("no/such/file.csv", &CsvOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "cannot read no/such/file.csv");
    assert!(matches!(&error, Error::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound));
    assert!(error.source().is_some());
}

#[test]
fn files_without_rows() {
    let empty = "f.csv is empty: expected a header row and then one row a sample";
    refused("", empty);
    refused("\u{feff}\r\n\n", empty);
    refused("a,class\n", "f.csv has no rows: expected one row a sample");
}

#[test]
fn unknown_label_column() {
    let options = CsvOptions { label: LabelColumn::Name("species".into()), ..CsvOptions::default() };
    refused_with(
        &options,
        "a,b,class\n1,2,x\n",
        "f.csv has no column `species` to take the classes from; its columns are `a`, `b`, `class`",
    );
    let header: Vec<String> = (0..30).map(|i| format!("p{i}")).collect();
    refused_with(
        &options,
        header.join(",") + "\n",
        "f.csv has no column `species` to take the classes from; its columns are `p0`, `p1`, `p2`, `p3`, `p4`, \
         `p5`, `p6`, `p7`, … (30 in all)",
    );
}

#[test]
fn duplicate_and_lonely_columns() {
    refused(
        "a,b,a,class\n1,2,3,x\n",
        "f.csv, line 1: columns 1 and 3 are both named `a`; rename one of them",
    );
    refused("class\nx\ny\n", "f.csv has no column but the label `class`: there is nothing to learn from");
}

#[test]
fn one_class() {
    refused(
        "a,class\n1,x\n2,x\n",
        "f.csv: only one class, `x`: there is nothing to tell apart; add rows of another class, or name another label column",
    );
    let ordered = CsvOptions { class_order: Some(strings(&["w", "x"])), ..CsvOptions::default() };
    refused_with(
        &ordered,
        "a,class\n1,x\n",
        "f.csv: only one class, `x`: there is nothing to tell apart; add rows of another class, or name another label column",
    );
}

#[test]
fn unknown_levels_and_classes() {
    refused_with(
        &sizes(),
        "size,class\nsmall,x\nhuge,y\n",
        "f.csv, line 3, column `size`: `huge` is not one of its levels `small`, `big`",
    );
    refused_with(
        &sizes(),
        "a,b,class\n1,2,x\n",
        "`ordinal` lists levels of column `size`, but the features of f.csv are `a`, `b`",
    );
    let ordered = CsvOptions { class_order: Some(strings(&["x", "y"])), ..CsvOptions::default() };
    refused_with(
        &ordered,
        "a,class\n1,x\n2,z\n",
        "f.csv, line 3, column `class`: class `z` is not in the class order `x`, `y`",
    );
}

#[test]
fn lists_that_repeat_themselves() {
    let order = CsvOptions { class_order: Some(strings(&["x", "x"])), ..CsvOptions::default() };
    refused_with(&order, "a,class\n1,x\n", "the class order lists `x` twice");
    let levels =
        CsvOptions { ordinal: vec![("a".into(), strings(&["s", "m", "s"]))], ..CsvOptions::default() };
    refused_with(&levels, "a,class\ns,x\n", "`ordinal` of column `a` lists `s` twice");
    let columns =
        CsvOptions { ordinal: vec![("a".into(), vec![]), ("a".into(), vec![])], ..CsvOptions::default() };
    refused_with(&columns, "a,class\ns,x\n", "`ordinal` lists `a` twice");
}

#[test]
fn bytes_that_are_not_utf8() {
    let message = "f.csv, line 2, column `class`: the text is not UTF-8; save the file as UTF-8";
    refused(b"a,class\n1,caf\xe9\n", message);
    let message = "f.csv, line 1, column `2`: the text is not UTF-8; save the file as UTF-8";
    refused(b"a,caf\xe9,class\n1,2,x\n", message);
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    // (line ends, blank lines and quoted line ends) before the bad cell
    let last = "bad,x\n";
    for (text, line) in [
        ("a,class\r\n1,x\r\n", 3),
        ("a,class\n\n\n1,x\n\n", 6),
        ("\r\na,class\r\n\r\n1,x\r\n", 5),
        ("\u{feff}a,class\n1,\"two\nlines\"\n", 4),
        ("a,class\r1,x\r", 3),
    ] {
        let error = read(format!("{text}{last}"), &CsvOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("f.csv, line {line}, column `a`: `bad`")), "{text:?}: {error}");
    }
}

#[test]
fn marks_line_ends_quotes_and_blanks_are_understood() {
    let plainly = plain("a,b,class\n1,2.5,x y\n-3e2,4,z\n");
    let dressed = plain("\u{feff} a ,\"b\",class\r\n 1 ,\"2.5\",\"x y\"\r\n\r\n-3e2,4, z\r\n");
    assert_eq!(plainly.features(), mat![[1.0, 2.5], [-300.0, 4.0]]);
    assert_eq!(dressed.features(), plainly.features());
    assert_eq!(dressed.feature_names(), ["a", "b"]);
    assert_eq!(dressed.class_names(), ["x y", "z"]);
    assert_ne!(dressed.sha256(), plainly.sha256());
}

#[test]
fn classes_are_sorted_by_value_or_as_text() {
    assert_eq!(plain("a,class\n1,10\n2,9\n3,-1\n").class_names(), ["-1", "9", "10"]);
    assert_eq!(plain("a,class\n1,10\n2,9\n3,b\n").class_names(), ["10", "9", "b"]);
    let order = strings(&["low", "mid", "high"]);
    let options = CsvOptions { class_order: Some(order), ..CsvOptions::default() };
    let data = read("a,class\n1,high\n2,low\n", &options).unwrap();
    assert_eq!(data.labels().codes(), [2, 0]);
    assert_eq!(data.labels().counts(), [1, 0, 1]);
}

#[test]
fn the_label_may_stand_anywhere_and_the_header_be_absent() {
    let options = CsvOptions {
        label: LabelColumn::Name("x2".into()),
        delimiter: b'\t',
        has_header: false,
        ..CsvOptions::default()
    };
    let data = read("1\tcat\t5\n2\tdog\t6\n", &options).unwrap();
    assert_eq!(data.feature_names(), ["x1", "x3"]);
    assert_eq!(data.features(), mat![[1.0, 5.0], [2.0, 6.0]]);
    assert_eq!(data.labels().codes(), [0, 1]);
}

#[test]
fn a_written_set_reads_back_bit_for_bit() {
    let text = "a,\"b,c\",class\n0.1,1e300,\"x, y\"\n-0.0,5e-324,\"q\"\"q\"\n0.3333333333333333,-7,z\n";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.csv");
    std::fs::write(&path, text).unwrap();
    let data = read_csv(&path, &CsvOptions::default()).unwrap();
    assert_eq!(data.name(), "mine");

    let mut written = Vec::new();
    write_csv(&data, &mut written).unwrap();
    let again = read(&written, &CsvOptions::default()).unwrap().with_name("mine");
    for (a, b) in data.features().col_iter().zip(again.features().col_iter()) {
        assert!(a.iter().zip(b.iter()).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
    assert_eq!(again.class_names(), data.class_names());
    // the sum is that of the bytes read, and a set made in memory has that of its text
    let owned = Dataset::new(
        "mine",
        data.features().to_owned(),
        data.labels().clone(),
        data.feature_names().to_vec(),
        data.class_names().to_vec(),
    );
    assert_eq!(owned.unwrap().sha256(), again.sha256());
    assert!(String::from_utf8(written).unwrap().starts_with("a,\"b,c\",class\n0.1,1e300,"));
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let labels = || hsic_kernels::Labels::new(vec![0, 1]).unwrap();
    let new = |x: faer::Mat<f64>, names: &[&str], classes: &[&str]| {
        Dataset::new("toy", x, labels(), strings(names), strings(classes)).unwrap_err().to_string()
    };
    let x = || mat![[1.0, 2.0], [3.0, 4.0]];
    assert_eq!(new(mat![[1.0, 2.0]], &["a", "b"], &["x", "y"]), "rows of the features: found 1, expected 2");
    assert_eq!(new(x(), &["a"], &["x", "y"]), "feature names: found 1, expected 2");
    assert_eq!(new(x(), &["a", "b"], &["x"]), "class names: found 1, expected 2");
    let not_finite = mat![[1.0, 2.0], [3.0, f64::NAN]];
    assert_eq!(new(not_finite, &["a", "b"], &["x", "y"]), "row 1, column `b` is NaN: values must be finite");
}

#[test]
fn selections_keep_the_classes() {
    let data = plain("a,class\n1,x\n2,y\n3,z\n");
    let (x, labels) = data.select(&[2, 0]).unwrap();
    assert_eq!(x, mat![[3.0], [1.0]]);
    assert_eq!((labels.codes(), labels.n_classes()), (&[2, 0][..], 3));
    let subset = data.subset(&[2, 0]).unwrap();
    assert_eq!((subset.n(), subset.sha256()), (2, data.sha256()));
    assert_eq!(data.select(&[3]).unwrap_err().to_string(), "row 3 is not below the number of rows, 3");
    assert!(matches!(data.select(&[]).unwrap_err(), Error::Labels(_)));
}
