//! A table of one's own, as a user meets it: fit, predict, evaluate, transform, inspect, hsic; and the message, word for word,
//! that each bad input gets (docs/bad-input.md has more).

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;
type Ran = (Option<i32>, String, String);

/// Runs the program in the folder with some standard input: exit code, standard output, standard error.
fn run_with(folder: &Path, arguments: &[&str], stdin: impl Into<Vec<u8>>) -> Result<Ran, Box<dyn Error>> {
    let output =
        Command::cargo_bin("hsic-cli")?.current_dir(folder).args(arguments).write_stdin(stdin).output()?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

fn run(folder: &TempDir, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
    run_with(folder.path(), arguments, "")
}

fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes())?;
    packed.finish()
}

/// Numbers, categories with commas and quotes, a class with a blank and an umlaut; `edit` changes the rows' fields.
fn pets(edit: impl Fn(usize, &mut Vec<String>)) -> String {
    let mut csv = String::from("weight,coat,size,kind\n");
    for i in 0..60 {
        let weight = [4.0, 25.0, 300.0][i % 3] + (i * 7 % 10) as f64 / 10.0;
        let coat = ["short", "\"long, curly\"", "\"so \"\"wild\"\"\""][i % 3];
        let size = ["small", "medium", "big"][i * 5 % 7 % 3];
        let kind = ["cat", "dog", "größer Bär"][i % 3];
        let mut fields = vec![weight.to_string(), coat.into(), size.into(), kind.into()];
        edit(i, &mut fields);
        let _ = writeln!(csv, "{}", fields.join(","));
    }
    csv
}

/// A folder with the table, some cells of which are missing, and a model of it.
fn fitted(more: &[&str]) -> Result<(TempDir, String), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let csv = pets(|i, fields| match i {
        3 => fields[0] = String::new(),
        7 => fields[1] = "?".into(),
        9 => fields[0] = "NA".into(),
        _ => {}
    });
    fs::write(folder.path().join("pets.csv"), csv)?;
    let arguments = [
        "fit",
        "pets.csv",
        "--label",
        "kind",
        "--model",
        "m.safetensors",
        "--missing",
        "mean",
        "--solver",
        "closed-form",
    ];
    let (code, stdout, stderr) = run(&folder, &[&arguments, more].concat())?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    Ok((folder, stdout))
}

#[test]
fn text_columns_missing_cells_and_quoted_commas_make_a_model() -> Outcome {
    let (folder, stdout) = fitted(&[])?;
    let start = "\
pets.csv: 60 rows, 3 columns, 3 classes of `kind`: cat (20), dog (20), größer Bär (20)
numbers     weight
categories  coat: long, curly, short, so \"wild\"
categories  size: big, medium, small
missing     3 cells in 3 rows, filled with their column's training mean: 2 in weight, 1 in coat

48 rows to train on, 12 to test
chosen by 5-fold cross-validation on the training rows: ";
    assert!(stdout.starts_with(start), "{stdout}");
    let end = "HSIC finds the classes of 48 training rows to depend on the columns (permutation test, p = 0.005).\n\n\
               the model is in m.safetensors\n";
    assert!(stdout.contains("\nWas there anything to learn? Yes: ") && stdout.ends_with(end), "{stdout}");

    // any order of columns, a missing cell, no label; from standard input
    let rows = "size,coat,weight\nbig,\"long, curly\",26\nsmall,short,\n";
    let predicted = run_with(folder.path(), &["predict", "--model", "m.safetensors"], rows)?;
    assert_eq!(predicted, (Some(0), "predicted\ndog\ncat\n".into(), String::new()));

    let (code, stdout, _) = run(&folder, &["evaluate", "pets.csv", "--model", "m.safetensors", "--json"])?;
    let json: Value = serde_json::from_str(&stdout)?;
    assert_eq!(
        (code, json["n"].as_u64(), json["class_names"][2].as_str()),
        (Some(0), Some(60), Some("größer Bär"))
    );
    assert!(json["test_accuracy"].as_f64().is_some_and(|accuracy| accuracy > 0.9), "{stdout}");

    let (_, stdout, _) = run(&folder, &["inspect", "m.safetensors"])?;
    for line in [
        "method      closed-form",
        "trained on  pets.csv, 48 rows",
        "classes     cat, dog, größer Bär",
        "categories  coat: long, curly, short, so \"wild\"",
        "missing     filled with the column's training mean",
    ] {
        assert!(stdout.lines().any(|other| other == line), "{line}\n{stdout}");
    }
    Ok(())
}

#[test]
fn wine_is_learnt_and_the_report_is_json() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("wine.csv"), include_str!("../../../datasets/wine.csv"))?;
    for solver in ["spectral", "closed-form"] {
        let arguments = [
            "fit",
            "wine.csv",
            "--label",
            "class",
            "--model",
            "w.safetensors",
            "--json",
            "--seed",
            "3",
            "--solver",
            solver,
        ];
        let (code, stdout, stderr) = run(&folder, &arguments)?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""));
        let json: Value = serde_json::from_str(&stdout)?;
        for field in [
            "train_accuracy",
            "test_accuracy",
            "balanced_test_accuracy",
            "hsic_normalized",
            "mse",
            "ce",
            "brier_score",
            "log_loss",
            "majority_test_accuracy",
            "knn_test_accuracy",
            "chance_p_value",
            "independence_p_value",
            "seconds",
        ] {
            assert!(json[field].is_f64(), "{field}: {}", json[field]);
        }
        assert_eq!(json["method"], solver);
        assert_eq!(
            (&json["train_rows"], &json["test_rows"], &json["seed"]),
            (&142.into(), &36.into(), &3.into())
        );
        assert!(
            json["test_accuracy"].as_f64() > Some(0.9) && json["chance_p_value"].as_f64() < Some(1e-6),
            "{stdout}"
        );
        assert_eq!(
            json["dataset"]["sha256"],
            "7db7ba766e08efb197208c47206451b2e0c1553df5390b18266442b12ffb96a8"
        );
        // evaluating all rows is consistent with what was measured on parts of them
        let (_, stdout, _) = run(&folder, &["evaluate", "wine.csv", "--model", "w.safetensors", "--json"])?;
        let all: Value = serde_json::from_str(&stdout)?;
        let right = |json: &Value, name: &str, n: f64| json[name].as_f64().map(|share| (share * n).round());
        let parts = right(&json, "train_accuracy", 142.0)
            .zip(right(&json, "test_accuracy", 36.0))
            .map(|(a, b)| a + b);
        assert_eq!(right(&all, "test_accuracy", 178.0), parts);
    }
    Ok(())
}

#[test]
fn labels_that_have_nothing_to_do_with_the_columns_are_called_so() -> Outcome {
    let folder = tempfile::tempdir()?;
    // a linear congruential generator: three draws a row
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut csv = String::from("x,y,kind\n");
    for _ in 0..60 {
        let (x, y, z) = (draw(), draw(), draw());
        let _ = writeln!(csv, "{x},{y},{}", if z < 0.5 { "a" } else { "b" });
    }
    fs::write(folder.path().join("noise.csv"), csv)?;
    let arguments =
        ["fit", "noise.csv", "--label", "kind", "--model", "n.safetensors", "--solver", "closed-form"];
    let (code, stdout, _) = run(&folder, &arguments)?;
    assert_eq!(code, Some(0));
    assert!(stdout.contains("Was there anything to learn? No sign of it: "), "{stdout}");
    assert!(
        stdout.contains("HSIC finds no sign that the classes of 48 training rows depend on the columns"),
        "{stdout}"
    );
    Ok(())
}

#[test]
fn predictions_are_the_same_from_any_source_and_number_of_threads() -> Outcome {
    let (folder, _) = fitted(&["--quiet"])?;
    let csv = fs::read_to_string(folder.path().join("pets.csv"))?;
    let base = ["predict", "--proba", "--model", "m.safetensors"];
    let expected = run_with(folder.path(), &base, csv.as_str())?.1;
    assert!(
        expected.starts_with("predicted,p(cat),p(dog),p(größer Bär)\n") && expected.lines().count() == 61
    );
    assert_eq!(run(&folder, &[&base[..], &["pets.csv", "--threads", "1"]].concat())?.1, expected);
    assert_eq!(run(&folder, &[&base[..], &["pets.csv", "--threads", "2", "--out", "p.csv"]].concat())?.1, "");
    assert_eq!(fs::read_to_string(folder.path().join("p.csv"))?, expected);
    fs::write(folder.path().join("pets.csv.gz"), gzip(&csv)?)?;
    assert_eq!(run(&folder, &[&base[..], &["pets.csv.gz"]].concat())?.1, expected);
    let json: Value = serde_json::from_str(&run(&folder, &[&base[..], &["pets.csv", "--json"]].concat())?.1)?;
    assert_eq!((json["n"].as_u64(), json["rows"][1]["predicted"].as_str()), (Some(60), Some("dog")));
    let p: f64 = expected.lines().nth(2).and_then(|line| line.split(',').nth(2)).ok_or("p")?.parse()?;
    assert_eq!(json["rows"][1]["probabilities"][1].as_f64(), Some(p));

    let z = run(&folder, &["transform", "pets.csv", "--model", "m.safetensors", "--layer", "1"])?.1;
    assert!(z.starts_with("z1,z2,z3\n") && z.lines().count() == 61, "{z}");
    let json =
        run(&folder, &["transform", "pets.csv", "--model", "m.safetensors", "--layer", "1", "--json"])?.1;
    let json: Value = serde_json::from_str(&json)?;
    assert_eq!((json["rows"].as_array().map(Vec::len), json["n"].as_u64()), (Some(60), Some(60)));
    Ok(())
}

#[test]
fn a_packed_table_on_standard_input_is_unpacked() -> Outcome {
    let csv = pets(|_, _| {});
    let told = |table: &[u8]| -> Result<Vec<Ran>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let commands: [&[&str]; 5] = [
            &["fit", "-", "--label", "kind", "--model", "m", "--solver", "closed-form", "--quiet"],
            &["predict", "--model", "m"],
            &["transform", "-", "--model", "m", "--layer", "1"],
            &["evaluate", "-", "--model", "m"],
            &["hsic", "-", "--label", "kind"],
        ];
        commands.into_iter().map(|arguments| run_with(folder.path(), arguments, table)).collect()
    };
    let plain = told(csv.as_bytes())?;
    assert!(plain.iter().all(|(code, _, stderr)| *code == Some(0) && stderr.is_empty()), "{plain:?}");
    assert_eq!(told(&gzip(&csv)?)?, plain);
    Ok(())
}

#[test]
fn arrays_of_numpy_are_tables_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let npy = |shape: &str, values: &[f64]| {
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    };
    let x: Vec<f64> =
        (0..40).flat_map(|i| [(i % 2) as f64 * 5.0 + (i as f64).sin(), (i as f64).cos()]).collect();
    let y: Vec<f64> = (0..40).map(|i| (i % 2) as f64).collect();
    fs::write(folder.path().join("x.npy"), npy("(40, 2)", &x))?;
    fs::write(folder.path().join("y.npy"), npy("(40,)", &y))?;
    let (code, stdout, _) =
        run(&folder, &["fit", "x.npy", "--labels", "y.npy", "--model", "m", "--solver", "spectral"])?;
    let start = "x.npy: 40 rows, 2 columns, 2 classes of `class`: 0 (20), 1 (20)\nnumbers     x1, x2\n";
    assert!(code == Some(0) && stdout.starts_with(start), "{stdout}");
    let (_, predicted, _) = run(&folder, &["predict", "x.npy", "--model", "m"])?;
    assert!(predicted.starts_with("predicted\n0\n1\n0\n1\n"), "{predicted}");
    Ok(())
}

#[test]
fn hsic_of_columns_and_classes_comes_with_a_p_value() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("wine.csv"), include_str!("../../../datasets/wine.csv"))?;
    let json = |more: &[&str]| -> Result<Value, Box<dyn Error>> {
        let (code, stdout, stderr) = run(&folder, &[&["hsic", "wine.csv", "--json"], more].concat())?;
        assert_eq!(code, Some(0), "{stderr}");
        Ok(serde_json::from_str(&stdout)?)
    };
    let classes = json(&["--label", "class", "--permutations", "99"])?;
    assert_eq!((classes["test"].as_str(), classes["p_value"].as_f64()), (Some("permutation"), Some(0.01)));
    let gamma = json(&["--label", "class", "--p-value", "gamma"])?;
    assert_eq!(gamma["hsic_biased"], classes["hsic_biased"]);
    assert!(gamma["p_value"].as_f64() < Some(1e-6));
    // the two sides of a pair are alike
    let (xy, yx) = (json(&["--x", "alcohol", "--y", "hue"])?, json(&["--x", "hue", "--y", "alcohol"])?);
    let value = |json: &Value| json["hsic_unbiased"].as_f64().unwrap_or(f64::NAN);
    assert!((value(&xy) - value(&yx)).abs() < 1e-15, "{xy} {yx}");
    Ok(())
}

#[test]
fn every_bad_table_gets_its_message() -> Outcome {
    let set = |row: usize, field: usize, text: &'static str| {
        pets(move |i, fields| {
            if i == row {
                fields[field] = text.into();
            }
        })
    };
    let ids = {
        let rows = pets(|i, fields| fields[1] = format!("n{i}"));
        rows.clone() + rows.split_once('\n').ok_or("rows")?.1.replace("n", "m").as_str()
    };
    let cases: [(&str, String, &[&str], &str); 16] = [
        (
            "no value",
            set(3, 0, ""),
            &[],
            "t.csv: 1 cells are missing in 1 of 60 rows: 1 in `weight`; leave such rows out with --missing drop, or fill the cells with their column's training mean with --missing mean",
        ),
        (
            "text among numbers",
            set(4, 0, "heavy"),
            &[],
            "t.csv, line 6, column `weight`: `heavy` is not a number; mend the cell, or take the whole column as text with --text weight",
        ),
        (
            "too large",
            set(4, 0, "1e999"),
            &[],
            "t.csv, line 6, column `weight`: `1e999` is not finite as a 64-bit float; mend the cell",
        ),
        (
            "names of rows",
            ids,
            &[],
            "t.csv: column `coat` has more than 100 different texts, which look like names of the rows; leave it out with --ignore coat, or raise --max-categories",
        ),
        (
            "one class",
            pets(|_, fields| fields[3] = "cat".into()),
            &[],
            "t.csv: all rows are of one class, `cat`: there is nothing to tell apart; is `kind` the right --label?",
        ),
        (
            "a number to predict",
            pets(|i, fields| fields[3] = format!("{i}.5")),
            &[],
            "t.csv: the label `kind` has 60 different values in 60 rows: that is no column of classes; name another with --label",
        ),
        (
            "an empty column",
            pets(|_, fields| fields[1] = String::new()),
            &[],
            "t.csv: column `coat` has no value at all; leave it out with --ignore coat",
        ),
        (
            "no class",
            set(4, 3, ""),
            &[],
            "t.csv, line 6, column `kind`: the cell is empty; fill in the class, or leave such rows out with --missing drop",
        ),
        (
            "a short row",
            set(4, 3, "cat,dog"),
            &[],
            "t.csv, line 6: found 5 fields, expected 4 as in the first line; mend the row, and quote a field that holds the delimiter",
        ),
        (
            "an empty file",
            String::new(),
            &[],
            "t.csv is empty: expected a header row and then one row a sample",
        ),
        ("a header alone", "a,kind\n".into(), &[], "t.csv has no rows: expected one row a sample"),
        (
            "a label alone",
            "kind\na\nb\n".into(),
            &[],
            "t.csv: there is no column to learn from beside the label `kind`",
        ),
        (
            "columns that do not vary",
            "a,kind\n1,x\n1,y\n1,x\n1,y\n1,x\n1,y\n".into(),
            &["--test-size", "0.4"],
            "all 1 columns are constant over the 4 training rows: there is nothing to learn from",
        ),
        (
            "columns of one name",
            "a,a,kind\n1,2,x\n".into(),
            &[],
            "t.csv, line 1: columns 1 and 2 are both named `a`; rename one of them",
        ),
        (
            "too few test rows",
            pets(|_, _| {}),
            &["--test-size", "0.001"],
            "a share of 0.001 of 60 rows is no test row; give a larger share, or test on another file",
        ),
        (
            "a column that is not there",
            pets(|_, _| {}),
            &["--ignore", "id"],
            "t.csv: there is no column `id` (--ignore); the columns are `weight`, `coat`, `size`, `kind`",
        ),
    ];
    for (what, csv, more, expected) in cases {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("t.csv"), csv)?;
        let arguments = ["fit", "t.csv", "--label", "kind", "--model", "m.safetensors", "--quiet"];
        let ran = run(&folder, &[&arguments, more].concat())?;
        assert_eq!(ran, (Some(2), String::new(), format!("error: {expected}\n")), "{what}");
        assert!(!folder.path().join("m.safetensors").exists(), "{what}");
    }
    Ok(())
}

#[test]
fn rows_that_do_not_fit_the_model_get_their_message() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("pets.csv"), pets(|_, _| {}))?;
    let fit = [
        "fit",
        "pets.csv",
        "--label",
        "kind",
        "--model",
        "m.safetensors",
        "--quiet",
        "--solver",
        "closed-form",
    ];
    assert_eq!(run(&folder, &fit)?, (Some(0), String::new(), String::new()));
    let known = "`long, curly`, `short`, `so \"wild\"`";
    for (csv, expected) in [
        ("weight,coat,size\n26,curly,big\n", format!("standard input, line 2, column `coat`: `curly` is not one of the known categories {known}; mend the cell, or take such cells as none of them with --unknown ignore")),
        ("weight,size\n26,big\n", "standard input: a column is missing that the model was fitted on: `coat`; the columns are `weight`, `size`".into()),
        ("weight,coat,size,colour\n26,short,big,red\n", "standard input: a column is there that the model was not fitted on: `colour`; leave them out, or pass over them with --extra ignore".into()),
        ("weight,coat,size\n,short,big\n", "standard input, line 2, column `weight`: the cell is empty; fill in the value or remove the row; a model fitted with --missing mean takes such rows".into()),
    ] {
        let (code, _, stderr) = run_with(folder.path(), &["predict", "--model", "m.safetensors"], csv)?;
        assert_eq!((code, stderr), (Some(2), format!("error: {expected}\n")));
    }
    let lenient = ["predict", "--model", "m.safetensors", "--unknown", "ignore", "--extra", "ignore"];
    let (code, stdout, stderr) = run_with(folder.path(), &lenient, "weight,coat,size,x\n26,curly,big,1\n")?;
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "predicted\ndog\n", ""));
    for (arguments, code, expected) in [
        (
            &["evaluate", "new.csv", "--model", "m.safetensors"][..],
            2,
            "new.csv: there is no label column `kind` to compare predictions with; add it, or use predict",
        ),
        (
            &["predict", "pets.csv", "--model", "pets.csv"],
            2,
            "pets.csv: it is no safetensors file, or was cut short: header too large",
        ),
        (
            &["transform", "pets.csv", "--model", "m.safetensors", "--layer", "9"],
            2,
            "layer must be from 1 to ",
        ),
        (
            &["predict", "pets.csv", "--model", "no.safetensors"],
            2,
            "cannot read no.safetensors\n  because: No such file or directory (os error 2)",
        ),
        (
            &["predict", "pets.csv", "--model", "m.safetensors", "--out", "no/p.csv"],
            2,
            "no/p.csv: cannot write: No such file or directory (os error 2)",
        ),
        (
            &["fit", "pets.csv", "--label", "kind", "--model", "no/m", "--quiet"],
            2,
            "no/m: cannot write: No such file or directory (os error 2)",
        ),
        (
            &["hsic", "pets.csv", "--x", "weight", "--y", "coat"],
            2,
            "pets.csv, line 2, column `coat`: `short` is not a number: only columns of numbers can be compared by --x and --y",
        ),
        (
            &["hsic", "pets.csv", "--x", "weight", "--y", "weight", "--sigma", "max-hsic"],
            2,
            "--sigma max-hsic needs classes: give --label in place of --x and --y",
        ),
    ] {
        fs::write(folder.path().join("new.csv"), "weight,coat,size\n26,short,big\n")?;
        let (found, _, stderr) = run(&folder, arguments)?;
        assert_eq!(found, Some(code), "{stderr}");
        assert!(stderr.starts_with(&format!("error: {expected}")), "{stderr}");
    }
    Ok(())
}

/// Extremes that arithmetic on doubles can still take: a model, or a typed error; never a panic, never NaN in a report.
#[test]
fn numeric_extremes_are_learnt_or_refused() -> Outcome {
    let classes = |n: usize, c: usize| (0..n).map(move |i| i % c);
    let tables: Vec<(&str, String)> = vec![
        (
            "huge",
            classes(40, 2)
                .enumerate()
                .map(|(i, c)| format!("{}e300,{c}\n", c as f64 + (i % 5) as f64 / 10.0))
                .collect(),
        ),
        (
            "tiny",
            classes(40, 2)
                .enumerate()
                .map(|(i, c)| format!("{}e-300,{c}\n", c as f64 + (i % 5) as f64 / 10.0))
                .collect(),
        ),
        (
            "denormal",
            classes(40, 2).enumerate().map(|(i, c)| format!("{}e-320,{c}\n", c * 10 + i % 5)).collect(),
        ),
        (
            "huge and tiny",
            classes(40, 2)
                .enumerate()
                .map(|(i, c)| format!("{},{}e-300,{c}\n", if i == 3 { 1e300 } else { i as f64 }, c))
                .collect(),
        ),
        (
            "constant column",
            classes(40, 2).enumerate().map(|(i, c)| format!("7,{},{c}\n", c * 3 + i % 3)).collect(),
        ),
        ("equal rows", classes(40, 2).map(|c| format!("{c},{c}\n")).collect()),
        ("contradictions", classes(40, 2).enumerate().map(|(i, c)| format!("{},{c}\n", i / 2)).collect()),
        (
            "more columns than rows",
            classes(12, 2)
                .enumerate()
                .map(|(i, c)| {
                    let row: String = (0..50).map(|k| format!("{},", (i * 7 + k * 3) % 11 + c * 5)).collect();
                    format!("{row}{c}\n")
                })
                .collect(),
        ),
        (
            "a class of one row",
            (0..41).map(|i| format!("{},{}\n", i % 2 * 3 + i % 5, if i == 40 { 2 } else { i % 2 })).collect(),
        ),
        (
            "100 classes",
            classes(300, 100)
                .enumerate()
                .map(|(i, c)| format!("{},{},k{c}\n", c % 40 * 10 + i / 100, c / 40 * 10))
                .collect(),
        ),
        (
            "unicode",
            classes(40, 2)
                .enumerate()
                .map(|(i, c)| format!("{},{}\n", c * 5 + i % 3, ["ja ✓", "\"nein, 不\""][c]))
                .collect(),
        ),
    ];
    for (what, rows) in tables {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("t.csv"), rows)?;
        for solver in ["spectral", "closed-form"] {
            let arguments =
                ["fit", "t.csv", "--no-header", "--model", "m", "--json", "--no-search", "--solver", solver];
            let (code, stdout, stderr) = run(&folder, &arguments)?;
            assert!(!stderr.contains("panicked"), "{what}, {solver}: {stderr}");
            assert_eq!(code, Some(0), "{what}, {solver}: {stderr}");
            let json: Value = serde_json::from_str(&stdout)?;
            assert!(json["train_accuracy"].is_f64() && json["test_accuracy"].is_f64(), "{what}: {stdout}");
            let (code, predicted, stderr) =
                run(&folder, &["predict", "t.csv", "--no-header", "--model", "m", "--proba"])?;
            assert_eq!(code, Some(0), "{what}, {solver}: {stderr}");
            assert!(!predicted.contains("NaN") && !predicted.contains("inf"), "{what}, {solver}");
        }
    }
    // two rows are one to train on and one to test on: nothing to tell apart
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), "a,kind\n1,x\n2,y\n")?;
    let arguments =
        ["fit", "t.csv", "--label", "kind", "--model", "m", "--test-size", "0", "--json", "--no-search"];
    let (code, stdout, stderr) = run(&folder, &arguments)?;
    assert_eq!(code, Some(0), "{stderr}");
    let json: Value = serde_json::from_str(&stdout)?;
    assert_eq!((json["test_accuracy"].clone(), json["train_accuracy"].as_f64()), (Value::Null, Some(1.0)));
    Ok(())
}
