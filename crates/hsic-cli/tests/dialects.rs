//! One table in every form that is read: the same features and the same network, to the bit, through every command.

mod arrays;
mod common;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrays::{floats, gzip, npy, npz};
use common::{Outcome, json, run};
use parquet::data_type::{ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;
use tempfile::TempDir;

const N: usize = 150;

/// A row: a number that 32 bits hold, one that takes 64, an integer, a text, and a class.
struct Row {
    share: Option<f32>,
    size: f64,
    count: i64,
    coat: Option<&'static str>,
    class: usize,
}

fn rows() -> Vec<Row> {
    let row = |i: usize| {
        let class = i * 7 % 3;
        Row {
            share: (i % 19 != 4).then(|| (i % 16) as f32 / 8.0 + 1.5 * class as f32),
            size: (i as f64 * 0.7).sin() + 0.1 * class as f64,
            count: (i as i64 * 31 % 57) - 20 * (class as i64 % 2),
            coat: (i % 23 != 7).then(|| ["short", "dark, long", "größer"][(i + class) % 3]),
            class,
        }
    };
    (0..N).map(row).collect()
}

/// A CSV text; a field with the delimiter in it is quoted.
fn csv(rows: &[Row], delimiter: char, texts: bool) -> Vec<u8> {
    let line = |fields: [String; 5]| {
        let kept = fields.iter().enumerate().filter(|(column, _)| texts || *column != 3);
        let quoted = |field: &String| match field.contains(delimiter) {
            true => format!("\"{field}\""),
            false => field.clone(),
        };
        let kept: Vec<String> = kept.map(|(_, field)| quoted(field)).collect();
        kept.join(&delimiter.to_string()) + "\n"
    };
    let mut text = line(["share", "size", "count", "coat", "kind"].map(String::from));
    for row in rows {
        text += &line([
            row.share.map_or_else(String::new, |share| share.to_string()),
            row.size.to_string(),
            row.count.to_string(),
            row.coat.unwrap_or_default().into(),
            row.class.to_string(),
        ]);
    }
    text.into_bytes()
}

/// What spreadsheets call Unicode text: UTF-16 with its mark.
fn utf16(text: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(format!("\u{feff}{}", std::str::from_utf8(text)?).encode_utf16().flat_map(u16::to_le_bytes).collect())
}

/// The features of a table without texts, a row after the other, a missing one NaN.
fn features(rows: &[Row]) -> Vec<f64> {
    rows.iter().flat_map(|row| [row.share.map_or(f64::NAN, f64::from), row.size, row.count as f64]).collect()
}

/// A Parquet file whose columns are of a type each, in groups of 64 rows.
fn parquet(rows: &[Row], texts: bool) -> Result<Vec<u8>, Box<dyn Error>> {
    let coat = if texts { "OPTIONAL BYTE_ARRAY coat (STRING);" } else { "" };
    let schema = format!(
        "message table {{ OPTIONAL FLOAT share; REQUIRED DOUBLE size; REQUIRED INT64 count; {coat} REQUIRED INT32 kind; }}"
    );
    let properties = Arc::new(WriterProperties::builder().set_dictionary_enabled(true).build());
    let mut writer =
        SerializedFileWriter::new(Vec::new(), Arc::new(parse_message_type(&schema)?), properties)?;
    for rows in rows.chunks(64) {
        let mut group = writer.next_row_group()?;
        let mut put = Group(&mut group);
        put.column::<FloatType>(rows.iter().map(|row| row.share).collect(), true)?;
        put.column::<DoubleType>(rows.iter().map(|row| Some(row.size)).collect(), false)?;
        put.column::<Int64Type>(rows.iter().map(|row| Some(row.count)).collect(), false)?;
        if texts {
            put.column::<ByteArrayType>(rows.iter().map(|row| row.coat.map(Into::into)).collect(), true)?;
        }
        put.column::<Int32Type>(rows.iter().map(|row| Some(row.class as i32)).collect(), false)?;
        group.close()?;
    }
    Ok(writer.into_inner()?)
}

struct Group<'g, 'w>(&'g mut parquet::file::writer::SerializedRowGroupWriter<'w, Vec<u8>>);

impl Group<'_, '_> {
    fn column<T: DataType>(&mut self, values: Vec<Option<T::T>>, optional: bool) -> Outcome {
        let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
        let known: Vec<T::T> = values.into_iter().flatten().collect();
        let mut column = self.0.next_column()?.ok_or("a column")?;
        column.typed::<T>().write_batch(&known, optional.then_some(&levels[..]), None)?;
        Ok(column.close()?)
    }
}

/// A name, and the name of the file of the labels where they are apart.
type File = (&'static str, Option<&'static str>);

/// Writes files with the same rows.
fn write(folder: &Path, texts: bool) -> Result<Vec<File>, Box<dyn Error>> {
    let rows = rows();
    let comma = csv(&rows, ',', texts);
    let mut files = vec![
        ("comma.csv", comma.clone(), None),
        ("semicolon.csv", csv(&rows, ';', texts), None),
        ("tab.tsv", csv(&rows, '\t', texts), None),
        ("packed", gzip(&comma), None),
        ("utf16.txt", utf16(&csv(&rows, '\t', texts))?, None),
        ("t.parquet", parquet(&rows, texts)?, None),
    ];
    if !texts {
        let x = floats(&format!("({N}, 3)"), &features(&rows));
        let labels: Vec<u8> = rows.iter().map(|row| row.class as u8).collect();
        let labels = npy("|u1", &format!("({N},)"), &labels);
        fs::write(folder.join("y.npy"), &labels)?;
        files.push(("x.npy", x.clone(), Some("y.npy")));
        files.push(("packed.npy.gz", gzip(&x), Some("y.npy")));
        files.push(("xy.npz", npz(&[("X", &x), ("y", &labels)]), None));
    }
    for (name, bytes, _) in &files {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(files.into_iter().map(|(name, _, labels)| (name, labels)).collect())
}

/// A model file: its tensors as bytes, and the moments and fill values of its columns.
fn model(path: &Path) -> Result<(Vec<u8>, String), Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let length = u64::from_le_bytes(bytes[..8].try_into()?) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length])?;
    let mut preprocessing = String::new();
    for text in header["__metadata__"].as_object().ok_or("the metadata")?.values().filter_map(Value::as_str) {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            find(&value, &["scaler", "fill"], &mut preprocessing);
        }
    }
    Ok((bytes[8 + length..].to_vec(), preprocessing))
}

/// Writes what is found under some keys, wherever they are.
fn find(value: &Value, keys: &[&str], found: &mut String) {
    for (key, value) in value.as_object().into_iter().flatten() {
        if keys.contains(&key.as_str()) {
            *found += &format!("{key}: {value}\n");
        } else {
            find(value, keys, found);
        }
    }
}

/// A CSV of results without the columns that tell times.
fn results(path: &Path) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let names = reader.headers()?.clone();
    let is_time = |name: &str| name.contains("seconds");
    assert!(names.iter().any(is_time), "{}", path.display());
    let records: Result<Vec<csv::StringRecord>, _> = reader.records().collect();
    let kept = |record: csv::StringRecord| {
        record.iter().zip(&names).filter(|(_, name)| !is_time(name)).map(|(field, _)| field.into()).collect()
    };
    Ok(records?.into_iter().map(kept).collect())
}

/// What every command makes of a file.
fn outcomes(
    folder: &TempDir,
    file: &str,
    labels: Option<&str>,
) -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let labels: Vec<&str> = labels.map(|labels| ["--labels", labels]).into_iter().flatten().collect();
    let plain = |arguments: &[&str]| -> Result<String, Box<dyn Error>> {
        let (code, stdout, stderr) = run(folder, &[arguments, &labels].concat())?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        Ok(stdout.replace(file, "FILE"))
    };
    let mut found = Vec::new();
    for (name, solver) in [("fit spectral", "spectral"), ("fit closed-form", "closed-form")] {
        let depth = format!("{solver}.max_layers=2");
        let fit = format!(
            "fit {file} --model own --missing mean --solver {solver} --set {depth} --set {solver}.n_features=60 --quiet"
        );
        plain(&fit.split(' ').collect::<Vec<_>>())?;
        let (tensors, preprocessing) = model(&folder.path().join("own"))?;
        assert!(preprocessing.contains("fill: [") && preprocessing.contains("scaler: {"), "{preprocessing}");
        found.push((name, format!("{tensors:?}\n{preprocessing}")));
    }
    let fit = format!(
        "fit {file} --model own --missing mean --set in_blocks=true --set spectral.max_layers=2 --set spectral.n_features=60 --quiet"
    );
    plain(&fit.split(' ').collect::<Vec<_>>())?;
    let (tensors, preprocessing) = model(&folder.path().join("own"))?;
    found.push(("fit in blocks", format!("{tensors:?}\n{preprocessing}")));
    // a model of the first file, whatever this one is
    if !folder.path().join("first").exists() {
        fs::copy(folder.path().join("own"), folder.path().join("first"))?;
    }
    found.push(("predict", plain(&["predict", file, "--model", "first"])?));
    found.push(("transform", plain(&["transform", file, "--model", "first"])?));
    found.push(("evaluate", plain(&["evaluate", file, "--model", "first", "--json"])?));
    let hsic = json(folder, &[&["hsic", file, "--missing", "mean", "--json"][..], &labels].concat())?;
    found.push(("hsic", ["n", "hsic_trace", "p_value", "sigma"].map(|key| hsic[key].to_string()).join(" ")));
    assert!(hsic["hsic_trace"].is_number() && hsic["sigma"].is_number(), "{hsic}");

    let mut config = format!(
        "name = \"x\"\nfolds = 2\nmethods = [\"spectral\", \"closed-form\", \"knn\"]\n\
         spectral.max_layers = 2\nspectral.n_features = 60\nclosed-form.max_layers = 2\n[dataset]\npath = \"{file}\"\nmissing = \"mean\"\n"
    );
    if let [_, labels] = labels[..] {
        config += &format!("labels = \"{labels}\"\n");
    }
    fs::write(folder.path().join("x.toml"), config)?;
    let checked = |arguments: &[&str]| -> Result<String, Box<dyn Error>> {
        let (code, stdout, stderr) = run(folder, arguments)?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        Ok(stdout)
    };
    found.push(("validate", checked(&["validate", "x.toml"])?));
    let preview = json(folder, &["run", "x.toml", "--dry-run", "--json"])?;
    found.push(("run --dry-run", preview["dataset"]["d"].to_string() + &preview["methods"].to_string()));
    for (out, set) in [("results", "in_blocks=false"), ("blocks", "in_blocks=true")] {
        let out = format!("{out}-{file}");
        let methods =
            if set.ends_with("true") { "methods=[\"spectral\", \"closed-form\"]" } else { "folds=2" };
        let run = [
            "run",
            "x.toml",
            "--out",
            &out,
            "--quiet",
            "--max-memory",
            "4GB",
            "--set",
            set,
            "--set",
            methods,
        ];
        checked(&run)?;
        for name in ["folds.csv", "layers.csv"] {
            found.push((name, format!("{:?}", results(&folder.path().join(&out).join(name))?)));
        }
    }
    Ok(found)
}

fn compare(texts: bool) -> Outcome {
    let folder = tempfile::tempdir()?;
    let files = write(folder.path(), texts)?;
    let (first, others) = files.split_first().ok_or("a file")?;
    let expected = outcomes(&folder, first.0, first.1)?;
    for (file, labels) in others {
        for (found, expected) in outcomes(&folder, file, *labels)?.iter().zip(&expected) {
            assert!(found == expected, "{file}, {}:\n{}\nand not\n{}", found.0, found.1, expected.1);
        }
    }
    Ok(())
}

#[test]
fn numbers_are_the_same_in_every_form() -> Outcome {
    compare(false)
}

#[test]
fn texts_are_the_same_in_every_form() -> Outcome {
    compare(true)
}

/// Every door says the same of a file that is not right.
#[test]
fn every_command_says_the_same_of_a_bad_file() -> Outcome {
    for (rows, edit) in [
        ("3,\n4,b\n", "a missing class"),
        ("3,a\n,b\n", "a missing cell"),
        ("3,a\nx,b\n", "a text among numbers"),
        ("3,a\ninf,b\n", "an infinity"),
        ("3,a\n4,b,5\n", "a ragged row"),
        ("3,a\n4,a\n", "one class"),
        ("", "no row"),
    ] {
        let folder = tempfile::tempdir()?;
        let more = if edit == "one class" || rows.is_empty() { "" } else { "1,a\n2,b\n5,a\n" };
        fs::write(folder.path().join("t.csv"), format!("w,kind\n{more}{rows}"))?;
        fs::write(folder.path().join("x.toml"), "name = \"x\"\nfolds = 2\ndataset.path = \"t.csv\"\n")?;
        let (code, _, fit) = run(&folder, &["fit", "t.csv", "--model", "m"])?;
        assert_eq!(code, Some(2), "{edit}: {fit}");
        let here = format!("{}/", folder.path().canonicalize()?.display());
        for arguments in [
            &["hsic", "t.csv"][..],
            &["run", "x.toml"],
            &["run", "x.toml", "--dry-run"],
            &["run", "x.toml", "--max-memory", "1GB"],
            &["run", "x.toml", "--set", "in_blocks=true"],
            &["fit", "t.csv", "--model", "m", "--set", "in_blocks=true"],
            &["verify", "x.toml"],
        ] {
            let (code, _, told) = run(&folder, arguments)?;
            assert_eq!((code, told.replace(&here, "")), (Some(2), fit.clone()), "{arguments:?}: {edit}");
        }
        let (_, told, _) = run(&folder, &["validate", "x.toml"])?;
        assert!(told.replace(&here, "").contains(fit.trim_start_matches("error: ").trim_end()), "{told}");
    }
    Ok(())
}
