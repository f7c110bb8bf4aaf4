//! Parquet files that pyarrow wrote (`scripts/make_parquet.py`), against the same table as CSV.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use hsic_data::LabelColumn;
use hsic_data::table::{Cell, Content, InferOptions, MissingRule, Source, SourceOptions, Table};

const FILES: [&str; 5] = ["snappy", "zstd", "gzip", "lz4", "plain"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// A cell as CSV has it: a missing one empty, a number by its value.
fn cells(source: &mut Source<'_>) -> Vec<Vec<String>> {
    let (mut rows, columns) = (Vec::new(), source.names().len());
    while let Some(row) = source.next_row().unwrap() {
        let text = |column| match row.cell(column).unwrap() {
            Cell::Text(text) => text.parse::<f64>().map_or(text.to_owned(), |number| format!("{number:e}")),
            cell => cell.number().map_or_else(String::new, |number| format!("{number:e}")),
        };
        rows.push((0..columns).map(text).collect());
    }
    rows
}

#[test]
fn every_type_in_every_encoding_is_what_the_csv_says() {
    let options = SourceOptions::default();
    let mut csv = Source::open(&folder().join("types.csv"), None, &options).unwrap();
    let names = csv.names().to_vec();
    let expected = cells(&mut csv);
    assert_eq!((expected.len(), names.len()), (23, 23));
    for file in FILES {
        let path = folder().join(format!("{file}.parquet"));
        let mut source = Source::open(&path, None, &options).unwrap();
        assert_eq!((source.names(), source.has_names()), (&names[..], true), "{file}");
        assert_eq!(cells(&mut source), expected, "{file}");
    }
}

fn infer() -> InferOptions {
    InferOptions {
        ignore: vec!["none".into()],
        text: vec!["u8".into()],
        missing: MissingRule::Keep,
        ..InferOptions::default()
    }
}

fn table(content: &Content) -> Table {
    Table::read(content, &SourceOptions::default(), &infer()).unwrap()
}

/// All of a table but where it comes from.
fn of(table: Table) -> (String, Vec<u64>, Vec<usize>) {
    let x = &table.features;
    let bits = (0..x.nrows()).flat_map(|i| (0..x.ncols()).map(move |j| x[(i, j)].to_bits())).collect();
    (format!("{:?} {:?}", table.schema, table.missing), bits, table.labels.codes().to_vec())
}

#[test]
fn a_table_is_the_same_from_a_file_from_memory_packed_and_as_csv() {
    let expected = of(table(&Content::read(&folder().join("types.csv"), None).unwrap()));
    for file in FILES {
        let name = format!("{file}.parquet");
        let from_file = Content::read(&folder().join(&name), None).unwrap();
        let from_memory = Content::from_bytes(bytes(&name), "memory").unwrap();
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&bytes(&name)).unwrap();
        let unpacked = Content::from_bytes(packed.finish().unwrap(), "packed").unwrap();
        for content in [&from_file, &from_memory, &unpacked] {
            assert_eq!(content.sha256(), from_file.sha256());
            assert_eq!(of(table(content)), expected, "{file}");
        }
    }
}

#[test]
fn integers_that_no_float_holds_are_classes_of_their_own() {
    let options = InferOptions {
        label: LabelColumn::Name("u64".into()),
        ignore: vec!["none".into()],
        class_order: None,
        missing: MissingRule::Keep,
        ..InferOptions::default()
    };
    let content = Content::from_bytes(bytes("zstd.parquet"), "t.parquet").unwrap();
    let error = Table::read(&content, &SourceOptions::default(), &options).unwrap_err();
    // 0 is there twice; 2^53 and 2^53 + 1 are two
    assert_eq!(
        error.to_string(),
        "t.parquet: the label `u64` has 22 different values in 23 rows: that is no column of classes; name another with \
         `InferOptions::label`"
    );
}

#[test]
fn columns_that_are_no_columns_of_a_table_are_refused_where_they_are_read() {
    let read = |file: &str, ignore: &[&str]| {
        let options = InferOptions {
            ignore: ignore.iter().map(ToString::to_string).collect(),
            ..InferOptions::default()
        };
        let content = Content::from_bytes(bytes(file), "t.parquet")?;
        Table::read(&content, &SourceOptions::default(), &options).map(|table| table.features.ncols())
    };
    let nested = "write its parts as columns of their own";
    let time = "write it as a number, such as the days since a first date";
    let mut ignore = Vec::new();
    for (column, what, remedy) in [
        ("list", "lists", nested),
        ("pair", "structs", nested),
        ("map", "maps", nested),
        ("day", "dates", time),
        ("when", "timestamps", time),
        ("clock", "times of day", time),
        ("bytes", "bytes", "write it as text (UTF-8) or as numbers"),
        ("fixed", "bytes", "write it as text (UTF-8) or as numbers"),
        ("wide", "decimals of more than 38 digits", "write it as floats or integers"),
    ] {
        assert_eq!(
            read("odd.parquet", &ignore).unwrap_err().to_string(),
            format!(
                "t.parquet: column `{column}` holds {what}, not a number, a boolean or a text a row; {remedy}, or leave it out \
                 with `InferOptions::ignore`"
            )
        );
        ignore.push(column);
    }
    assert_eq!(read("odd.parquet", &ignore).unwrap(), 1);
    assert_eq!(
        read("int96.parquet", &[]).unwrap_err().to_string(),
        format!(
            "t.parquet: column `when` holds timestamps, not a number, a boolean or a text a row; {time}, or leave it out with \
             `InferOptions::ignore`"
        )
    );
    assert_eq!(
        read("brotli.parquet", &[]).unwrap_err().to_string(),
        "t.parquet: column `x` is compressed with Brotli, which is not read here; write the file with snappy, gzip, zstd, \
         lz4 or no compression"
    );
}

/// What is wrong with the bytes of a file, wherever that shows.
fn problem(bytes: Vec<u8>) -> Option<String> {
    let read = || {
        let content = Content::from_bytes(bytes, "t.parquet")?;
        let mut source = content.open(&SourceOptions::default())?;
        while let Some(row) = source.next_row()? {
            for column in 0..23 {
                row.cell(column)?;
            }
        }
        Ok::<_, hsic_data::Error>(())
    };
    read().err().map(|error| error.to_string())
}

#[test]
fn a_file_that_was_cut_short_says_so() {
    let cut = "t.parquet: it starts as a Parquet file but does not end as one, with the bytes PAR1: it was cut short; copy or \
               write it again";
    for name in ["snappy.parquet", "plain.parquet"] {
        let whole = bytes(name);
        for end in (4..whole.len()).step_by(97).chain([4, 7, 8, 11, whole.len() - 1]) {
            assert_eq!(problem(whole[..end].to_vec()).as_deref(), Some(cut), "{name}, {end}");
        }
        let ends = [&whole[..4], &whole[whole.len() - 8..]].concat();
        let declared = u32::from_le_bytes(ends[4..8].try_into().unwrap());
        assert_eq!(
            problem(ends),
            Some(format!(
                "t.parquet: it declares a footer of {declared} bytes but holds 0: it is damaged; copy or write it again"
            ))
        );
        let mut encrypted = whole.clone();
        encrypted[..4].copy_from_slice(b"PARE");
        let expected = "t.parquet: it is encrypted, which is not read here; write it without encryption";
        assert_eq!(problem(encrypted).as_deref(), Some(expected));
    }
}

#[test]
fn no_flipped_byte_makes_it_panic() {
    let mut damaged = 0;
    for name in FILES {
        let whole = bytes(&format!("{name}.parquet"));
        // the footer, at the end, is where most can go wrong
        let footer = whole.len() - whole.len().min(600);
        for place in (4..footer).step_by(19).chain((footer..whole.len() - 8).step_by(3)) {
            for flip in [0xff, 1 << (place % 8)] {
                let mut bytes = whole.clone();
                bytes[place] ^= flip;
                if let Some(error) = problem(bytes) {
                    damaged += 1;
                    assert!(error.starts_with("t.parquet"), "{error}");
                }
            }
        }
    }
    assert!(damaged > 1000, "{damaged}");
}

#[test]
fn a_page_header_that_declares_more_than_there_is_ends_in_an_error_at_once() {
    for file in FILES {
        let mut bytes = bytes(&format!("{file}.parquet"));
        // in place of the first page's header one with a field nobody knows: a list of 2³¹ − 1 doubles
        bytes[4..11].copy_from_slice(&[0xf9, 0xf7, 0xff, 0xff, 0xff, 0xff, 0x07]);
        let content = Content::from_bytes(bytes, "t.parquet").unwrap();
        let error = Table::read(&content, &SourceOptions::default(), &infer()).unwrap_err().to_string();
        assert!(error.contains("unexpected end of file"), "{file}: {error}");
    }
}
