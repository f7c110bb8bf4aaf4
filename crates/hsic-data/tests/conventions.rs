//! Tables as people have them: what is written reads back to the same bits, and nothing is guessed where two readings fit.

use hsic_data::Error;
use hsic_data::table::{
    ColumnProblem, Content, Decimal, EncodeOptions, InferOptions, Inspection, LabelRule, RowEncoder,
    SourceOptions, Table,
};
use proptest::prelude::*;

/// How a table is written.
#[derive(Debug, Clone)]
struct Dialect {
    delimiter: char,
    decimal: Decimal,
    thousands: Option<char>,
    sign: Option<(&'static str, bool)>,
    quoted: bool,
    encoding: &'static str,
    line_end: &'static str,
    remark: bool,
}

impl Dialect {
    /// A number: its digits as Rust writes them without an exponent, the marks of the dialect put in.
    fn number(&self, value: f64) -> String {
        let digits = format!("{value}");
        let (minus, digits) = digits.strip_prefix('-').map_or(("", &*digits), |rest| ("-", rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut text = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.extend(self.thousands);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text += &format!("{}{fraction}", self.decimal.mark());
        }
        match self.sign {
            Some((sign, true)) => format!("{minus}{sign}{text}"),
            Some((sign, false)) => format!("{minus}{text} {sign}"),
            None => format!("{minus}{text}"),
        }
    }

    fn field(&self, text: &str) -> String {
        if self.quoted || text.contains(self.delimiter) { format!("\"{text}\"") } else { text.into() }
    }

    fn bytes(&self, rows: &[Vec<f64>]) -> Vec<u8> {
        let mut text = String::new();
        if self.remark {
            text += &format!("# größe, \"{}", self.line_end);
        }
        let names = (0..rows[0].len()).map(|j| format!("größe{j}")).chain(["class".into()]);
        let mut line = |fields: Vec<String>| {
            let fields: Vec<String> = fields.iter().map(|field| self.field(field)).collect();
            text += &fields.join(&self.delimiter.to_string());
            text += self.line_end;
        };
        line(names.collect());
        for (i, row) in rows.iter().enumerate() {
            let class = ["ja", "nein"][i % 2].to_owned();
            line(row.iter().map(|&value| self.number(value)).chain([class]).collect());
        }
        let utf16 = |bytes: fn(u16) -> [u8; 2]| {
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        match self.encoding {
            "utf-8" => text.into_bytes(),
            "utf-8 with a mark" => format!("\u{feff}{text}").into_bytes(),
            "utf-16le" => utf16(u16::to_le_bytes),
            "utf-16be" => utf16(u16::to_be_bytes),
            // all characters here are below 256 but €, which it has at 0x80
            _ => text.chars().map(|c| if c == '€' { 0x80 } else { c as u8 }).collect(),
        }
    }

    fn options(&self) -> SourceOptions {
        SourceOptions {
            encoding: (self.encoding == "windows-1252").then(|| "windows-1252".parse().unwrap()),
            comment: self.remark.then_some(b'#'),
            ..SourceOptions::default()
        }
    }
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let thousands =
        prop::sample::select(vec![None, Some('.'), Some(','), Some(' '), Some('\u{a0}'), Some('\'')]);
    let sign =
        prop::sample::select(vec![None, None, Some(("%", false)), Some(("€", true)), Some(("$", true))]);
    let encoding =
        prop::sample::select(vec!["utf-8", "utf-8 with a mark", "utf-16le", "utf-16be", "windows-1252"]);
    let marks = (prop::sample::select(vec![',', ';', '\t', '|']), prop::bool::ANY, thousands, sign);
    let form = (prop::bool::ANY, encoding, prop::sample::select(vec!["\n", "\r\n", "\r"]), prop::bool::ANY);
    (marks, form).prop_map(|((delimiter, comma, thousands, sign), (quoted, encoding, line_end, remark))| {
        let decimal = if comma { Decimal::Comma } else { Decimal::Point };
        let thousands = thousands.filter(|&mark| mark != decimal.mark());
        Dialect { delimiter, decimal, thousands, sign, quoted, encoding, line_end, remark }
    })
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-1_000_000_i64..1_000_000).prop_map(|value| value as f64),
        (-1_000_000_000_i64..1_000_000_000).prop_map(|value| value as f64 / 1000.0),
        -1e3..1e3,
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (1..4_usize, 4..12_usize)
        .prop_flat_map(|(d, n)| prop::collection::vec(prop::collection::vec(number(), d), n))
}

fn read(bytes: Vec<u8>, options: &SourceOptions) -> Result<Table, Error> {
    Table::read(&Content::from_bytes(bytes, "t.csv")?, options, &InferOptions::default())
}

fn bits(table: &Table) -> Vec<Vec<u64>> {
    let row = |i| (0..table.features.ncols()).map(|j| table.features[(i, j)].to_bits()).collect();
    (0..table.features.nrows()).map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_written_in_any_dialect_reads_back(dialect in dialect(), rows in rows()) {
        let told = SourceOptions { decimal: Some(dialect.decimal), ..dialect.options() };
        let table = read(dialect.bytes(&rows), &told).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let expected: Vec<Vec<u64>> =
            rows.iter().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect();
        prop_assert_eq!(bits(&table), expected);
    }

    /// Where nothing is told, and the first column leaves no doubt about the decimal mark, a column is read as it was meant, or
    /// refused with both readings.
    #[test]
    fn nothing_is_guessed(dialect in dialect(), mut rows in rows()) {
        rows.iter_mut().for_each(|row| row.insert(0, 0.25));
        match read(dialect.bytes(&rows), &dialect.options()) {
            Ok(table) => {
                let expected: Vec<Vec<u64>> =
                    rows.iter().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect();
                prop_assert_eq!(bits(&table), expected);
            }
            Err(Error::Columns { problem: ColumnProblem::TwoReadings { point, comma, .. }, .. }) => {
                let meant = if dialect.decimal == Decimal::Point { point } else { comma };
                prop_assert!(point != comma && rows.iter().flatten().any(|&value| value == meant));
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }
}

fn features(text: &str, options: &SourceOptions) -> Result<Vec<f64>, String> {
    let table = read(text.into(), options).map_err(|error| error.to_string())?;
    let (n, d) = (table.features.nrows(), table.features.ncols());
    Ok((0..n).flat_map(|i| (0..d).map(move |j| (i, j))).map(|at| table.features[at]).collect())
}

#[test]
fn a_model_reads_new_rows_in_its_own_format_or_the_one_that_is_told() {
    let trained = read("a;y\n1.234,5;x\n2,5;z\n0,5;x\n".into(), &SourceOptions::default()).unwrap();
    assert_eq!(trained.schema.features()[0].format.to_string(), "decimal ,, thousands .");
    let encoded = |text: &str, decimal| {
        let options = SourceOptions { decimal, delimiter: Some(b';'), ..SourceOptions::default() };
        let source = Content::from_bytes(text.into(), "new.csv").unwrap().open(&options).unwrap();
        let rule = EncodeOptions { label: LabelRule::Ignore, ..EncodeOptions::default() };
        let mut rows = RowEncoder::new(&trained.schema, source, rule).unwrap();
        let chunk = rows.next_chunk(9).map_err(|error| error.to_string())?.unwrap();
        Ok::<_, String>((0..chunk.features.nrows()).map(|i| chunk.features[(i, 0)]).collect::<Vec<_>>())
    };
    assert_eq!(encoded("a\n7\n1.234\n0,75\n", None), Ok(vec![7.0, 1234.0, 0.75]));
    assert_eq!(
        encoded("a\n7\n1.5\n", None).unwrap_err(),
        "new.csv, line 3, column `a`: `1.5` is not a number as they were written (decimal ,, thousands .), and the column had \
         numbers alone where the model was fitted; write it so, or tell how this file writes numbers with \
         `SourceOptions::decimal`"
    );
    assert_eq!(encoded("a\n7\n1.5\n1,234.5\n", Some(Decimal::Point)), Ok(vec![7.0, 1.5, 1234.5]));
}

#[test]
fn lines_that_are_no_rows_are_passed_over_and_told() {
    let plain = SourceOptions::default();
    let rows = "1,x\n2,z\n3,x\n";
    assert_eq!(
        features(&format!("# made, by hand, in May\na,y\n{rows}"), &plain).unwrap_err(),
        "t.csv, line 1: this does not look like a header: `# made, by hand, in May` has 3 fields, the lines after it have 2; \
         pass over lines that start with `#` with `SourceOptions::comment` `#`, or pass over the lines before the header with \
         `SourceOptions::skip` 1"
    );
    let skip = SourceOptions { skip: 1, ..SourceOptions::default() };
    assert_eq!(features(&format!("made by hand\na,y\n{rows}"), &skip), Ok(vec![1.0, 2.0, 3.0]));
    let trailing = read("a,y\n1,x,\n2,z,\n".into(), &plain).unwrap();
    assert_eq!(
        trailing.warnings[0].to_string(),
        "every row ends in a delimiter and the header does not: what follows it is left out"
    );
    assert_eq!((trailing.features[(1, 0)], trailing.schema.classes().len()), (2.0, 2));
    let error = read("a,y\n1,x,\n2,z\n".into(), &plain).unwrap_err();
    assert!(error.to_string().starts_with("t.csv, line 2: found 3 fields"), "{error}");
}

#[test]
fn an_inspection_tells_every_column_whatever_is_wrong_with_one() {
    let text = ";price;day;y\n0;1.234,5;2020-01-17;a\n1;2,5;2020-01-18;b\n2;;2020-01-19;a\n";
    let content = Content::from_bytes(text.into(), "t.csv").unwrap();
    let found = Inspection::read(&content, &SourceOptions::default(), &InferOptions::default()).unwrap();
    let problem = "column `day` has dates or times, first `2020-01-17`; write what matters of them as numbers (days since the \
                   first, the month, the hour), leave it out with `InferOptions::ignore`, or take each as a category with \
                   `InferOptions::text`";
    assert_eq!(
        found.to_string(),
        format!(
            "t.csv: 3 rows, 4 columns, delimiter ;\n\
             `1 (no name)`: number; 3 values, 0 missing; first `0`, `1`, `2`\n\
             `price`: number (decimal ,, thousands .); 2 values, 1 missing; first `1.234,5`, `2,5`\n\
             `day`: refused; 3 values, 0 missing; first `2020-01-17`, `2020-01-18`, `2020-01-19`\n  {problem}\n\
             `y`: label of 2 classes; 2 values, 0 missing; first `a`, `b`\n\
             refused: t.csv: {problem}\n"
        )
    );
    let infer = InferOptions {
        ignore: vec!["day".into()],
        missing: hsic_data::table::MissingRule::Keep,
        ..InferOptions::default()
    };
    let found = Inspection::read(&content, &SourceOptions::default(), &infer).unwrap();
    assert_eq!(found.problem, None);
    assert_eq!(found.columns[0].becomes, "left out");
    assert_eq!(
        found.warnings,
        ["column `1 (no name)` counts the rows and is left out; to keep it, name it in the header"]
    );
}
