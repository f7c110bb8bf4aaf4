//! What a table is refused for, word for word, and what is understood.

use std::error::Error as _;

use faer::mat;
use hsic_data::table::{Content, InferOptions, MissingRule, SourceOptions};
use hsic_data::{Dataset, Error, LabelColumn, write_csv};

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn read_as(text: impl AsRef<[u8]>, source: &SourceOptions, infer: &InferOptions) -> Result<Dataset, Error> {
    Dataset::of(&Content::from_bytes(text.as_ref().to_vec(), "f.csv")?, source, infer)
}

fn read(text: impl AsRef<[u8]>, options: &InferOptions) -> Result<Dataset, Error> {
    read_as(text, &SourceOptions::default(), options)
}

fn plain(text: &str) -> Dataset {
    read(text, &InferOptions::default()).unwrap()
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>, message: &str) {
    refused_with(&InferOptions::default(), text, message);
}

#[track_caller]
fn refused_with(options: &InferOptions, text: impl AsRef<[u8]>, message: &str) {
    assert_eq!(read(text, options).unwrap_err().to_string(), message);
}

fn sizes() -> InferOptions {
    InferOptions { ordinal: vec![("size".into(), strings(&["small", "big"]))], ..InferOptions::default() }
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
        "a,b,class\n1,2,x\n1,oops,y\n1,3,y\n",
        "f.csv, line 3, column `b`: `oops` is not a number; mend the cell, or take the whole column as text with `InferOptions::text`",
    );
    // where texts are as many, the column is one of texts
    let data = plain("a,b,class\n1,2,x\n1,oops,y\n");
    assert_eq!(data.feature_names(), ["a", "b=2", "b=oops"]);
}

#[test]
fn missing_values() {
    let missing = |column: &str| {
        format!(
            "f.csv: 1 cells are missing in 1 of 2 rows: 1 in `{column}`; leave such rows out with `MissingRule::Drop`, or fill \
             the cells with their column's training mean with `MissingRule::Keep` and `fill_missing`"
        )
    };
    refused("a,b,class\n1,2,x\n1,,y\n", &missing("b"));
    for value in ["?", "N/A", "NaN", "none"] {
        refused(format!("a,b,class\n1,2,x\n{value},2,y\n"), &missing("a"));
    }
    refused(
        "a,class\n1,x\n2,\n",
        "f.csv, line 3, column `class`: the cell is empty; fill in the class, or leave such rows out with `MissingRule::Drop`",
    );
    refused_with(&sizes(), "size,class\nsmall,x\n,y\n", &missing("size"));
}

#[test]
fn missing_values_are_left_out_or_kept() {
    let text = "a,b,class\n1,2,x\n1,,y\n3,4,y\n";
    let of = |missing| read(text, &InferOptions { missing, ..InferOptions::default() }).unwrap();
    let dropped = of(MissingRule::Drop);
    assert_eq!(dropped.features(), mat![[1.0, 2.0], [3.0, 4.0]]);
    let words: Vec<String> = dropped.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(words, ["1 row with missing cells left out"]);
    let kept = of(MissingRule::Keep);
    assert!(kept.features()[(1, 1)].is_nan());
    assert_eq!(hsic_data::scaler::known_means(kept.features()), [1.0 / 3.0 + 1.0 / 3.0 + 1.0, 3.0]);
}

#[test]
fn numbers_that_are_not_finite() {
    for value in ["inf", "-Infinity", "1e400"] {
        refused(
            format!("a,class\n1,x\n{value},y\n"),
            &format!("f.csv, line 3, column `a`: `{value}` is not finite as a 64-bit float; mend the cell"),
        );
    }
}

#[test]
fn missing_file() {
    let options = (SourceOptions::default(), InferOptions::default());
    let error = Dataset::read("no/such/file.csv", &options.0, &options.1).unwrap_err();
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
    let options = InferOptions { label: LabelColumn::Name("species".into()), ..InferOptions::default() };
    refused_with(
        &options,
        "a,b,class\n1,2,x\n",
        "f.csv: there is no column `species` (`InferOptions::label`); the columns are `a`, `b`, `class`",
    );
    let header: Vec<String> = (0..30).map(|i| format!("p{i}")).collect();
    refused_with(
        &options,
        header.join(",") + "\n",
        "f.csv: there is no column `species` (`InferOptions::label`); the columns are `p0`, `p1`, `p2`, `p3`, `p4`, `p5`, `p6`, `p7`, … \
         (30 in all)",
    );
}

#[test]
fn duplicate_and_lonely_columns() {
    refused(
        "a,b,a,class\n1,2,3,x\n",
        "f.csv, line 1: columns 1 and 3 are both named `a`; rename one of them",
    );
    refused("class\nx\ny\n", "f.csv: there is no column to learn from beside the label `class`");
}

#[test]
fn one_class() {
    let message = "f.csv: all rows are of one class, `x`: there is nothing to tell apart; is `class` the right `InferOptions::label`?";
    refused("a,class\n1,x\n2,x\n", message);
    let ordered = InferOptions { class_order: Some(strings(&["w", "x"])), ..InferOptions::default() };
    refused_with(&ordered, "a,class\n1,x\n", message);
}

#[test]
fn unknown_levels_and_classes() {
    refused_with(
        &sizes(),
        "size,class\nsmall,x\nhuge,y\n",
        "f.csv, line 3, column `size`: `huge` is not one of the levels `small`, `big`; mend the cell, or list it in its place \
         under `ordinal`",
    );
    refused_with(
        &sizes(),
        "a,b,class\n1,2,x\n",
        "f.csv: there is no column `size` (`ordinal`); the columns are `a`, `b`, `class`",
    );
    refused_with(
        &sizes(),
        "a,size\n1,small\n2,big\n",
        "f.csv: `ordinal` lists levels of the label `size`; list its classes in order under `class_order`",
    );
    let ordered = InferOptions { class_order: Some(strings(&["x", "y"])), ..InferOptions::default() };
    refused_with(
        &ordered,
        "a,class\n1,x\n2,z\n",
        "f.csv, line 3, column `class`: `z` is not one of the classes `x`, `y`",
    );
}

#[test]
fn lists_that_repeat_themselves() {
    let order = InferOptions { class_order: Some(strings(&["x", "x"])), ..InferOptions::default() };
    refused_with(&order, "a,class\n1,x\n", "the class order lists `x` twice");
    let levels =
        InferOptions { ordinal: vec![("a".into(), strings(&["s", "m", "s"]))], ..InferOptions::default() };
    refused_with(&levels, "a,class\ns,x\n", "`ordinal` of column `a` lists `s` twice");
    let columns =
        InferOptions { ordinal: vec![("a".into(), vec![]), ("a".into(), vec![])], ..InferOptions::default() };
    refused_with(&columns, "a,class\ns,x\n", "`ordinal` lists `a` twice");
}

#[test]
fn bytes_that_are_not_utf8() {
    let message = "f.csv, line 2, column `class`: the text is not UTF-8; most such files are windows-1252: read it so with `SourceOptions::encoding` windows-1252, or save the file as UTF-8";
    refused(b"a,class\n1,caf\xe9\n", message);
    let message = "f.csv, line 1, column `2`: the text is not UTF-8; most such files are windows-1252: read it so with `SourceOptions::encoding` windows-1252, or save the file as UTF-8";
    refused(b"a,caf\xe9,class\n1,2,x\n", message);
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    // (line ends, blank lines and quoted line ends) before the bad cell
    let last = "inf,y\n";
    for (text, line) in [
        ("a,class\r\n1,x\r\n", 3),
        ("a,class\n\n\n1,x\n\n", 6),
        ("\r\na,class\r\n\r\n1,x\r\n", 5),
        ("\u{feff}a,class\n1,\"two\nlines\"\n", 4),
        ("a,class\r1,x\r", 3),
    ] {
        let error = read(format!("{text}{last}"), &InferOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("f.csv, line {line}, column `a`: `inf`")), "{text:?}: {error}");
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
    let options = InferOptions { class_order: Some(order), ..InferOptions::default() };
    let data = read("a,class\n1,high\n2,low\n", &options).unwrap();
    assert_eq!(data.labels().codes(), [2, 0]);
    assert_eq!(data.labels().counts(), [1, 0, 1]);
}

#[test]
fn the_label_may_stand_anywhere_and_the_header_be_absent() {
    let options = InferOptions { label: LabelColumn::Name("x2".into()), ..InferOptions::default() };
    let source = SourceOptions { has_header: false, ..SourceOptions::default() };
    let data = read_as("1\tcat\t5\n2\tdog\t6\n", &source, &options).unwrap();
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
    let data = Dataset::read(&path, &SourceOptions::default(), &InferOptions::default()).unwrap();
    assert_eq!(data.name(), "mine");

    let mut written = Vec::new();
    write_csv(&data, &mut written).unwrap();
    let again = read(&written, &InferOptions::default()).unwrap().with_name("mine");
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
    let labels = || hsic_rows::Labels::new(vec![0, 1]).unwrap();
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
    assert!(matches!(data.select(&[]).unwrap_err(), Error::Rows(_)));
}
