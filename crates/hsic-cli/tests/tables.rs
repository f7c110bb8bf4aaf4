//! Tables as people have them, through two commands or more each: the right values, or a word of what is odd.

mod arrays;
mod common;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use arrays::{floats, npy};
use assert_cmd::Command;
use common::{Outcome, json, run, run_with};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with one table, `t.csv`, and an experiment on it, `x.toml`.
fn folder(table: impl AsRef<[u8]>) -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t.csv"), table)?;
    fs::write(
        folder.path().join("x.toml"),
        "name = \"x\"\nfolds = 2\nmethods = [\"closed-form\"]\ndataset.path = \"t.csv\"\n",
    )?;
    Ok(folder)
}

/// Standard error, all of it, of commands that look at a table and write nothing; they say the same.
fn told(folder: &TempDir, options: &str) -> Result<String, Box<dyn Error>> {
    let mut all: Vec<String> = Vec::new();
    for command in [
        "fit t.csv --model m --dry-run",
        "fit t.csv --model m --dry-run --set in_blocks=true",
        "run x.toml --dry-run",
    ] {
        let arguments = format!("{command} {options}");
        let output = Command::cargo_bin("hsic-cli")?
            .current_dir(folder)
            .args(arguments.split_whitespace())
            .output()?;
        let stderr = String::from_utf8(output.stderr)?.replace("warning: t: ", "warning: t.csv: ");
        assert!(output.status.success(), "{arguments}: {stderr}");
        all.push(stderr);
    }
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!((lines(&all[1]), lines(&all[2])), (lines(&all[0]), lines(&all[0])), "{options}");
    Ok(all.swap_remove(0))
}

/// The statistic of all columns against the classes: the same bits where the same numbers were read.
fn statistic(folder: &TempDir, options: &[&str]) -> Result<String, Box<dyn Error>> {
    let found = json(folder, &[&["hsic", "t.csv", "--json", "--missing", "mean"], options].concat())?;
    Ok(["n", "hsic_trace", "p_value", "sigma"].map(|key| found[key].to_string()).join(" "))
}

fn understood(folder: &TempDir, options: &[&str]) -> Result<Value, Box<dyn Error>> {
    Ok(json(folder, &[&["fit", "t.csv", "--model", "m", "--dry-run", "--json"], options].concat())?["dataset"].take())
}

/// Rows of two columns of numbers and a class, written by a function of each number.
fn table(delimiter: char, number: impl Fn(f64) -> String) -> String {
    let mut text = format!("a{delimiter}b{delimiter}class\n");
    for i in 0..200 {
        let (a, b) = ((i * 17 % 41) as f64 / 4.0, 1000.0 + (i * 7919 % 5003) as f64 * 10.5);
        let class = ["no", "yes"][(i * 31 % 7) % 2];
        let _ = writeln!(text, "{}{delimiter}{}{delimiter}{class}", number(a), number(b));
    }
    text
}

#[test]
fn decimal_commas_are_read_as_numbers_by_every_command() -> Outcome {
    let (points, commas) = (table(',', |x| x.to_string()), table(';', |x| x.to_string().replace('.', ",")));
    let (points, commas) = (folder(points)?, folder(commas)?);
    let dataset = understood(&commas, &[])?;
    assert_eq!((&dataset["d"], &dataset["features"][0]["kind"]), (&2.into(), &"number".into()));
    assert_eq!(dataset["features"][0]["format"]["decimal"], ",");
    assert_eq!(statistic(&points, &[])?, statistic(&commas, &[])?);
    assert_eq!(statistic(&commas, &["--decimal", ","])?, statistic(&commas, &[])?);
    let columns = ["--x", "a", "--y", "b"];
    assert_eq!(statistic(&points, &columns)?, statistic(&commas, &columns)?);
    for set in ["in_blocks=false", "in_blocks=true"] {
        let mut predicted = Vec::new();
        for folder in [&points, &commas] {
            let fit =
                ["fit", "t.csv", "--model", "m", "--no-search", "--solver", "closed-form", "--set", set];
            let (code, stdout, stderr) = run(folder, &fit)?;
            assert_eq!((code, stderr.as_str()), (Some(0), ""));
            let (_, inspected, _) = run(folder, &["inspect", "m"])?;
            let said = stdout.contains("a (decimal ,), b (decimal ,)") && inspected.contains("a (decimal ,)");
            assert_eq!(said, std::ptr::eq(folder, &commas), "{stdout}");
            let (_, of_file, _) = run(folder, &["predict", "t.csv", "--model", "m"])?;
            let stdin = fs::read(folder.path().join("t.csv"))?;
            let (_, of_pipe, _) = run_with(folder, &["predict", "-", "--model", "m"], stdin)?;
            let evaluated = json(folder, &["evaluate", "t.csv", "--model", "m", "--json"])?;
            assert_eq!(of_file, of_pipe);
            predicted.push((of_file, evaluated["confusion"].clone()));
        }
        assert_eq!(predicted[0], predicted[1], "{set}");
    }
    // the model of one reads the other where its mark is told
    let both = commas.path().join("points.csv");
    fs::copy(points.path().join("t.csv"), &both)?;
    let (_, expected, _) = run(&commas, &["predict", "t.csv", "--model", "m"])?;
    let told = ["predict", "points.csv", "--model", "m", "--decimal", "."];
    assert_eq!(run(&commas, &told)?, (Some(0), expected, String::new()));
    let (code, _, stderr) = run(&commas, &["predict", "points.csv", "--model", "m"])?;
    assert!(code == Some(2) && stderr.contains("as they were written (decimal ,)"), "{stderr}");
    Ok(())
}

#[test]
fn thousands_percent_and_currency_are_read_without_their_marks() -> Outcome {
    let plain = folder(table(',', |x| x.to_string()))?;
    let thousands = |x: f64, mark: &str| {
        let text = x.to_string();
        let (whole, fraction) =
            text.split_once('.').map_or((&*text, ""), |(whole, fraction)| (whole, fraction));
        let cut = whole.len().saturating_sub(3);
        let whole = if cut > 0 { format!("{}{mark}{}", &whole[..cut], &whole[cut..]) } else { whole.into() };
        if fraction.is_empty() { format!("\"{whole}\"") } else { format!("\"{whole}.{fraction}\"") }
    };
    for (name, written) in [
        ("commas", table(',', |x| thousands(x, ","))),
        ("blanks", table(';', |x| thousands(x, "\u{a0}"))),
        ("percent", table(',', |x| format!("{x} %"))),
        ("currency", table(',', |x| format!("€ {x}"))),
    ] {
        let written = folder(written)?;
        assert_eq!(statistic(&written, &[])?, statistic(&plain, &[])?, "{name}");
        assert_eq!(understood(&written, &[])?["d"], 2, "{name}");
    }
    Ok(())
}

#[test]
fn encodings_remarks_and_trailing_delimiters_change_no_number() -> Outcome {
    let text = table(',', |x| x.to_string());
    let expected = statistic(&folder(&text)?, &[])?;
    let german = text.replace("no\n", "größer\n");
    let latin: Vec<u8> = german.chars().map(|c| c as u8).collect();
    let marked = format!("\u{feff}{german}");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    for (bytes, options) in [
        (latin, &["--encoding", "windows-1252"][..]),
        (utf16(u16::to_le_bytes), &[]),
        (utf16(u16::to_be_bytes), &[]),
        (marked.clone().into_bytes(), &[]),
        (format!("# made, \"by hand\n{german}# the end").into_bytes(), &["--comment", "#"]),
        (format!("Report\n\n{german}").into_bytes(), &["--skip", "2"]),
    ] {
        let folder = folder(bytes)?;
        assert_eq!(statistic(&folder, options)?, expected, "{options:?}");
        let dataset = understood(&folder, options)?;
        assert_eq!(dataset["class_names"], serde_json::json!(["größer", "yes"]), "{options:?}");
    }
    let trailing = text.replace("no\n", "no,\n").replace("yes\n", "yes,\n");
    let warning = "warning: t.csv: every row ends in a delimiter and the header does not: what follows it is left out\n";
    assert_eq!(told(&folder(trailing)?, "")?, warning);
    Ok(())
}

/// 120 rows sorted by class, with a column more.
fn with_column(name: &str, cell: impl Fn(usize) -> String) -> Result<TempDir, Box<dyn Error>> {
    let mut text = format!("{name},w,h,class\n");
    for i in 0..120 {
        let class = ["no", "yes"][i / 60];
        let _ = writeln!(text, "{},{},{},{class}", cell(i), i * 37 % 101, i * 53 % 97);
    }
    folder(text)
}

#[test]
fn columns_that_name_the_rows_are_told_or_left_out() -> Outcome {
    let unnamed = with_column("", |i| i.to_string())?;
    assert_eq!(
        told(&unnamed, "")?,
        "warning: t.csv: column `1 (no name)` counts the rows and is left out; to keep it, name it in the header\n"
    );
    let dataset = understood_with_warnings(&unnamed)?;
    assert_eq!((&dataset["d"], &dataset["ignored"][0]), (&2.into(), &"1 (no name)".into()));
    assert_eq!(dataset["warnings"].as_array().map(Vec::len), Some(1));
    for (name, cell) in
        [("id", (|i| i.to_string()) as fn(usize) -> String), ("Index", |i| (i + 1).to_string())]
    {
        let named = with_column(name, cell)?;
        let said = told(&named, "")?;
        let names = format!(
            "warning: t.csv: column `{name}` counts the rows: if it names them, it can give the class away or mislead; leave it \
             out with --ignore {name}\n"
        );
        let tells = format!(
            "warning: t.csv: column `{name}` alone tells the class: the ranges of its numbers in the classes do not overlap, in \
             all 120 rows; if it is not known before the class is, leave it out with --ignore {name}\n"
        );
        assert_eq!(said, names + &tells);
        assert_eq!(told(&named, &format!("--ignore {name}"))?, "");
    }
    let shuffled = with_column("row", |i| (i * 77 % 120).to_string())?;
    assert!(told(&shuffled, "")?.contains("column `row` is different in every row"));
    Ok(())
}

fn understood_with_warnings(folder: &TempDir) -> Result<Value, Box<dyn Error>> {
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(folder)
        .args(["fit", "t.csv", "--model", "m", "--dry-run", "--json"])
        .output()?;
    Ok(serde_json::from_slice::<Value>(&output.stdout)?["dataset"].take())
}

#[test]
fn columns_that_give_the_class_away_or_say_nothing_are_told() -> Outcome {
    let warning = |text: &str| format!("warning: t.csv: {text}\n");
    let remedy = "if it is not known before the class is, leave it out with --ignore x";
    for (cell, said) in [
        (
            (|i| ["b", "a"][i / 60].into()) as fn(usize) -> String,
            format!(
                "column `x` is the label `class` by other names: each of its 2 values goes with one class, in all 120 rows; {remedy}"
            ),
        ),
        (
            |i| (i / 60 * 10 + i % 5).to_string(),
            format!(
                "column `x` alone tells the class: each of its 10 values goes with one class, in all 120 rows; {remedy}"
            ),
        ),
        (
            |i| format!("{}", (i as f64 * 0.7).sin() + (i / 60) as f64 * 3.0),
            format!(
                "column `x` alone tells the class: the ranges of its numbers in the classes do not overlap, in all 120 rows; {remedy}"
            ),
        ),
        (
            |i| format!("{}", (i as f64 * 0.7).sin() + if i < 59 { 0.0 } else { 3.0 }),
            format!(
                "column `x` alone tells the class of 119 of 120 rows, of which 60 are of the largest class, by ranges of its \
                 numbers, one a class; {remedy}"
            ),
        ),
        (
            |i| ["b", "a"][usize::from(i == 7 || i >= 60)].into(),
            format!(
                "column `x` alone tells the class of 119 of 120 rows, of which 60 are of the largest class, by the commonest \
                 class of each of its 2 values; {remedy}"
            ),
        ),
        (|i| u8::from(i == 17).to_string(), "column `x` is constant but for one row".into()),
        (
            |i| format!("{}.0", i * 37 % 101),
            "columns `x`, `w` are equal in every row; leave out all but one with --ignore".into(),
        ),
    ] {
        assert_eq!(told(&with_column("x", cell)?, "")?, warning(&said));
    }
    let large = with_column("x", |i| (9_007_199_254_740_993_u64 + 2 * (i as u64 * 31 % 59)).to_string())?;
    assert!(told(&large, "")?.contains("column `x`: 120 whole numbers are no 64-bit float and rounded"));
    Ok(())
}

#[test]
fn labels_of_strings_and_features_of_half_precision_are_read() -> Outcome {
    let folder = tempfile::tempdir()?;
    let values: Vec<f64> = (0..120).map(|i| f64::from(i * 37 % 101)).collect();
    let halves: Vec<u8> = values.iter().flat_map(|&value| half(value).to_le_bytes()).collect();
    let classes: Vec<&str> = (0..60).map(|i| ["größer", "no"][(i * 31 % 7) % 2]).collect();
    let points = |class: &str| {
        class
            .chars()
            .chain(std::iter::repeat('\0'))
            .take(8)
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let bytes = |class: &str| class.bytes().chain(std::iter::repeat(0)).take(8).collect::<Vec<u8>>();
    fs::write(folder.path().join("x.npy"), floats("(60, 2)", &values))?;
    fs::write(folder.path().join("half.npy"), npy("<f2", "(60, 2)", &halves))?;
    let labels = |descr: &str, of: &dyn Fn(&str) -> Vec<u8>| {
        npy(descr, "(60,)", &classes.iter().flat_map(|class| of(class)).collect::<Vec<_>>())
    };
    fs::write(folder.path().join("u.npy"), labels("<U8", &points))?;
    fs::write(folder.path().join("s.npy"), labels("|S8", &bytes))?;
    let mut found = Vec::new();
    for (x, y) in [("x.npy", "u.npy"), ("half.npy", "s.npy"), ("half.npy", "u.npy")] {
        let hsic = json(&folder, &["hsic", x, "--labels", y, "--json"])?;
        let fit = json(&folder, &["fit", x, "--labels", y, "--model", "m", "--dry-run", "--json"])?;
        assert_eq!(fit["dataset"]["class_names"], serde_json::json!(["größer", "no"]));
        found.push(["hsic_trace", "p_value"].map(|key| hsic[key].to_string()));
    }
    assert!(found[0] == found[1] && found[1] == found[2], "{found:?}");
    // strings as features are refused with a remedy that works
    for command in
        [&["fit", "u.npy", "--labels", "u.npy", "--model", "m"][..], &["hsic", "u.npy", "--labels", "u.npy"]]
    {
        let (code, _, stderr) = run(&folder, command)?;
        assert_eq!(code, Some(2));
        assert_eq!(
            stderr,
            "error: u.npy: its elements are strings, which are read of labels alone: if they are numbers, save it with \
             numpy.save(file, x.astype(float)), else as a table with pandas.DataFrame(x).to_csv(file, index=False)\n"
        );
    }
    Ok(())
}

/// A whole number below 2048 as a 16-bit float.
fn half(value: f64) -> u16 {
    if value == 0.0 {
        return 0;
    }
    let exponent = value.log2().floor();
    let fraction = (value / exponent.exp2() - 1.0) * 1024.0;
    ((exponent as u16 + 15) << 10) | fraction as u16
}

#[test]
fn predictions_find_columns_by_name_and_tell_where_nothing_is_known() -> Outcome {
    let folder = with_column("coat", |i| ["short", "long", "curly"][i % 3].into())?;
    let fit = ["fit", "t.csv", "--model", "m", "--no-search", "--solver", "closed-form", "--quiet"];
    assert_eq!(run(&folder, &fit)?.0, Some(0));
    let ordered = "coat,w,h\nshort,3,90\nlong,80,7\n";
    let shuffled = "h,coat,w\n90,short,3\n7,long,80\n";
    let of = |text: &str| run_with(&folder, &["predict", "-", "--model", "m"], text);
    assert_eq!(of(ordered)?, of(shuffled)?);
    assert_eq!(of(ordered)?.0, Some(0));
    fs::write(folder.path().join("new.csv"), "coat,w,h,class\nbald,3,90,no\nwire,80,7,yes\n")?;
    for command in ["predict", "evaluate"] {
        let (code, _, stderr) = run(&folder, &[command, "new.csv", "--model", "m", "--unknown", "ignore"])?;
        assert_eq!(code, Some(0), "{stderr}");
        assert_eq!(
            stderr,
            "warning: new.csv: column `coat`: nothing in it is known to the model (2 cells), which goes by the other columns alone\n"
        );
    }
    Ok(())
}

/// The table of reading rules in docs/guide.md, row by row: the cells make a column, and `data inspect` says what becomes of it.
#[test]
fn the_rules_of_the_guide_are_those_of_the_reader() -> Outcome {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide.md"))?;
    let section = guide.split("### Cells and what becomes of them").nth(1).ok_or("the section")?;
    let mut rows = 0;
    for line in
        section.lines().take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"))
    {
        let (cells, becomes) = line.trim_matches(['|', ' ']).split_once(" | ").ok_or("two columns")?;
        let cells: Vec<&str> = cells.split('`').skip(1).step_by(2).collect();
        let mut text = String::from("x\ty\tclass\n");
        for i in 0..12 {
            let _ = writeln!(text, "{}\t{i}.5\t{}", cells[i % cells.len()], ["no", "yes"][i % 2]);
        }
        let folder = folder(text)?;
        let found = json(&folder, &["data", "inspect", "t.csv", "--json", "--missing", "mean"])?;
        let column = &found["columns"][0];
        let mut said = column["becomes"].as_str().ok_or("a word")?.to_owned();
        if let Some(format) = column["format"].as_str() {
            said += &format!(" ({format})");
        }
        let of_table = found["problem"].as_str().filter(|_| said == "number");
        match (becomes.trim().strip_prefix("refused: "), column["problem"].as_str().or(of_table)) {
            (Some(why), Some(problem)) => assert!(problem.contains(why), "{line}: {problem}"),
            (None, None) => assert_eq!(said, becomes.trim(), "{line}"),
            (_, problem) => panic!("{line}: {said}, {problem:?}"),
        }
        rows += 1;
    }
    assert!(rows >= 15, "{rows}");
    Ok(())
}

#[test]
fn an_inspection_shows_every_column() -> Outcome {
    let folder = folder(";price;class\n0;1,5;no\n1;2,25;yes\n2;NA;no\n")?;
    let (code, stdout, stderr) = run(&folder, &["data", "inspect", "t.csv"])?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(
        stdout,
        "t.csv: 3 rows, 3 columns, delimiter ;\n\
         `1 (no name)`: left out; 3 values, 0 missing; first `0`, `1`, `2`\n\
         `price`: number (decimal ,); 2 values, 1 missing; first `1,5`, `2,25`\n\
         `class`: label of 2 classes; 2 values, 0 missing; first `no`, `yes`\n\
         refused: t.csv: 1 cells are missing in 1 of 3 rows: 1 in `price`; leave such rows out with --missing drop, or fill the \
         cells with their column's training mean with --missing mean\n"
    );
    let found = json(&folder, &["data", "inspect", "t.csv", "--missing", "mean", "--json"])?;
    assert_eq!((&found["command"], &found["problem"]), (&"data inspect".into(), &Value::Null));
    assert_eq!(found["columns"][0]["becomes"], "left out");
    assert_eq!(found["columns"][1]["format"], "decimal ,");
    assert_eq!(found["warnings"].as_array().map(Vec::len), Some(1));
    Ok(())
}
