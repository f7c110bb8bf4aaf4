//! What an input says is taken as it says it: no array is passed over, no made-up name is one, no number or label is another.

mod arrays;
mod common;

use std::error::Error;
use std::fs;

use arrays::{floats, npy, npz};
use common::{Outcome, json, run};
use tempfile::TempDir;

const FIT: [&str; 7] = ["fit", "t", "--model", "m", "--solver", "closed-form", "--no-search"];

fn with(file: &[u8]) -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("t"), file)?;
    Ok(folder)
}

/// The message of a command that is refused, or what it warns of.
fn told(folder: &TempDir, arguments: &[&str], expected: i32) -> Result<String, Box<dyn Error>> {
    let (code, stdout, stderr) = run(folder, arguments)?;
    assert_eq!(code, Some(expected), "{stdout}{stderr}");
    Ok(stderr)
}

/// The row whose features row `i` of 40 has: no column tells the class.
fn like(i: u32) -> u32 {
    common::like(i as usize, 40) as u32
}

fn rows(n: u32, row: impl Fn(u32) -> String) -> String {
    (0..n).map(|i| row(i) + "\n").collect()
}

#[test]
fn no_array_of_an_archive_is_passed_over() -> Outcome {
    let x: Vec<f64> = (0..240u32).map(|i| f64::from(i * 7 % 13 + i % 4)).collect();
    let x = floats("(60, 4)", &x);
    let list = |n: usize| {
        let values: Vec<f64> = (0..n).map(|i| (i % 2) as f64).collect();
        floats(&format!("({n},)"), &values)
    };
    let (y, long, one) = (list(60), list(61), floats("()", &[1.0]));
    let object = npy("|O", "(60,)", b"pickled");
    let says = |arrays: &[(&str, &[u8])], expected: &str| -> Outcome {
        let folder = with(&npz(arrays))?;
        for command in [&FIT[..], &["hsic", "t"]] {
            assert_eq!(told(&folder, command, 2)?, format!("error: t: {expected}\n"));
        }
        Ok(())
    };
    says(
        &[("X", &x), ("y", &long)],
        "it has 60 rows, but there are 61 labels: it holds `X` of shape 60×4, `y` of shape 61",
    )?;
    let expects = "expected one array of numbers of two or more dimensions, the features, and at most one list as long, the \
                   labels: save those alone, numpy.savez(file, X=X, y=y)";
    for (more, shape) in [
        (("z", &y), "`z` of shape 60"),
        (("z", &long), "`z` of shape 61"),
        (("z", &x), "`z` of shape 60×4"),
        (("z", &one), "`z` of shape ()"),
        (("z", &object), "`z` of shape 60 and type `|O`"),
    ] {
        let expected = format!("it holds `X` of shape 60×4, `y` of shape 60, {shape}; {expects}");
        says(&[("X", &x), ("y", &y), (more.0, more.1)], &expected)?;
    }
    let (code, stdout, _) = run(&with(&npz(&[("X", &x), ("y", &y)]))?, &[&FIT[..], &["--dry-run"]].concat())?;
    assert!(code == Some(0) && stdout.starts_with("t: 60 rows, 4 columns, 2 classes of `class`"), "{stdout}");
    Ok(())
}

#[test]
fn a_made_up_name_is_no_name() -> Outcome {
    let table = String::from("x2,,class\n")
        + &rows(40, |i| format!("{},{},{}", like(i) % 2, like(i) * 7 % 10, i % 2));
    let folder = with(table.as_bytes())?;
    let (_, stdout, stderr) = run(&folder, &[&FIT[..], &["--dry-run"]].concat())?;
    assert_eq!(stderr, "");
    assert!(stdout.contains("\nnumbers     x2, 2 (no name)\n"), "{stdout}");
    let (_, stdout, _) = run(&folder, &["hsic", "t", "--x", "x2", "--y", "2 (no name)"])?;
    assert!(stdout.starts_with("t: 40 rows, x2 against 2 (no name), standardised"), "{stdout}");
    // the name of the place means nothing
    assert_eq!(
        told(&folder, &["hsic", "t", "--x", "x1", "--y", "x2"], 2)?,
        "error: t: there is no column `x1`; the columns are `x2`, `2 (no name)`, `class`\n"
    );
    assert_eq!(told(&folder, &FIT, 0)?, "");
    assert_eq!(told(&folder, &["predict", "t", "--model", "m"], 0)?, "");
    let predict = |table: &str, expected: i32| -> Result<String, Box<dyn Error>> {
        fs::write(folder.path().join("new"), table)?;
        told(&folder, &["predict", "new", "--model", "m"], expected)
    };
    // it is found at its place alone
    assert_eq!(predict("x2,\n1,2\n", 0)?, "");
    assert_eq!(
        predict(",x2\n1,2\n", 2)?,
        "error: new: a column is missing that the model was fitted on: `2 (no name)`; the columns are `1 (no name)`, `x2`\n"
    );
    assert_eq!(
        predict("x2,2 (no name)\n1,2\n", 2)?,
        "error: new: a column is missing that the model was fitted on: `2 (no name)`; the columns are `x2`, `2 (no name)`\n"
    );
    // two of them are fine, two of a name are not, wherever the header stands
    let twice =
        String::from(",,class\n") + &rows(40, |i| format!("{},{},{}", like(i) % 2, like(i) * 7 % 10, i % 2));
    assert_eq!(told(&with(twice.as_bytes())?, &FIT, 0)?, "");
    assert_eq!(
        told(&with(b"\n\na,,a,class\n1,2,3,x\n")?, &FIT, 2)?,
        "error: t, line 3: columns 1 and 3 are both named `a`; rename one of them\n"
    );
    Ok(())
}

#[test]
fn a_model_of_columns_without_names_refuses_names() -> Outcome {
    let folder = with(rows(40, |i| format!("{},{},{}", like(i) % 2, like(i) * 7 % 10, i % 2)).as_bytes())?;
    assert_eq!(told(&folder, &[&FIT[..], &["--no-header"]].concat(), 0)?, "");
    assert_eq!(told(&folder, &["evaluate", "t", "--no-header", "--model", "m"], 0)?, "");
    fs::write(folder.path().join("new"), "x2,x1\n1,2\n")?;
    assert_eq!(
        told(&folder, &["predict", "new", "--model", "m"], 2)?,
        "error: new: the model was fitted on columns without names, and these have some: `x2`, `x1`; which is which cannot be \
         told: give the rows as an array, or without the header and with --no-header\n"
    );
    fs::write(folder.path().join("new"), "1,2\n")?;
    assert_eq!(told(&folder, &["predict", "new", "--no-header", "--model", "m"], 0)?, "");
    // a model of names takes arrays by their order, with labels beside them
    let named =
        String::from("a,b,kind\n") + &rows(40, |i| format!("{},{},{}", like(i) % 2, like(i) * 7 % 10, i % 2));
    fs::write(folder.path().join("t"), named)?;
    assert_eq!(told(&folder, &FIT, 0)?, "");
    let values: Vec<f64> =
        (0..40u32).flat_map(|i| [f64::from(like(i) % 2), f64::from(like(i) * 7 % 10)]).collect();
    fs::write(folder.path().join("x"), floats("(40, 2)", &values))?;
    let labels: Vec<f64> = (0..40u32).map(|i| f64::from(i % 2)).collect();
    fs::write(folder.path().join("y"), floats("(40,)", &labels))?;
    let of = |arguments: &[&str]| json(&folder, &[arguments, &["--model", "m", "--json"]].concat());
    assert_eq!(
        of(&["evaluate", "x", "--labels", "y"])?["test_accuracy"],
        of(&["evaluate", "t"])?["test_accuracy"]
    );
    Ok(())
}

#[test]
fn large_whole_numbers_are_not_merged() -> Outcome {
    let large = |i: u32| 9_007_199_254_740_992 + i64::from(i % 2);
    let x: Vec<f64> = (0..40u32).map(|i| f64::from(like(i) % 2 * 10 + like(i) % 3)).collect();
    let x = floats("(40, 1)", &x);
    let signed: Vec<u8> = (0..40).flat_map(|i| large(i).to_le_bytes()).collect();
    let unsigned: Vec<u8> = (0..40u32).flat_map(|i| (u64::MAX - u64::from(i % 2)).to_be_bytes()).collect();
    for (y, classes) in [
        (npy("<i8", "(40,)", &signed), "9007199254740992 (20), 9007199254740993 (20)"),
        (npy(">u8", "(40,)", &unsigned), "18446744073709551614 (20), 18446744073709551615 (20)"),
    ] {
        let folder = with(&npz(&[("X", &x), ("y", &y)]))?;
        let (_, stdout, stderr) = run(&folder, &[&FIT[..], &["--dry-run"]].concat())?;
        assert!(
            stdout.starts_with(&format!("t: 40 rows, 1 column, 2 classes of `class`: {classes}\n")),
            "{stdout}"
        );
        assert_eq!(stderr, "");
    }
    // as features they are rounded, which is said once a column
    let csv = String::from("id,w,kind\n") + &rows(40, |i| format!("{},{},{}", large(i), i % 5, i % 2));
    let folder = with(csv.as_bytes())?;
    let warning = "column `id`: 20 whole numbers are no 64-bit float and rounded, first 9007199254740993 to \
                   9007199254740992; if these are names of things, take the column as text or leave it out\n";
    let expected = format!("warning: t: {warning}");
    assert!(told(&folder, &FIT, 0)?.starts_with(&expected));
    for command in ["predict", "evaluate", "transform"] {
        assert_eq!(told(&folder, &[command, "t", "--model", "m"], 0)?, expected, "{command}");
    }
    assert!(told(&folder, &["hsic", "t", "--x", "id,w", "--y", "kind"], 0)?.starts_with(&expected));
    fs::write(
        folder.path().join("x.toml"),
        "name = 'x'\nfolds = 3\nmethods = ['knn']\ndataset.path = 't'\n",
    )?;
    let warned = told(&folder, &["run", "x.toml", "--log", "log"], 0)?;
    assert!(warned.contains(&expected), "{warned}");
    assert!(fs::read_to_string(folder.path().join("log"))?.contains("20 whole numbers are no 64-bit float"));
    // as an array
    let bytes: Vec<u8> =
        (0..40).flat_map(|i| [large(i).to_le_bytes(), i64::from(i % 2).to_le_bytes()].concat()).collect();
    let folder = with(&npy("<i8", "(40, 2)", &bytes))?;
    let hsic = ["hsic", "t", "--x", "x1", "--y", "x2", "--raw"];
    assert!(told(&folder, &hsic, 2)?.starts_with(&expected.replace("`id`", "`x1`")));
    Ok(())
}

#[test]
fn missing_words_are_missing_among_labels_too() -> Outcome {
    for word in ["NaN", "NA", "?", "null", "n/a"] {
        let kind = |i: u32| if i == 7 { word } else { ["cat", "dog"][i as usize % 2] };
        let folder =
            with((String::from("w,kind\n") + &rows(41, |i| format!("{},{}", i % 7, kind(i)))).as_bytes())?;
        let remedy = "fill in the class, or leave such rows out with --missing drop; it is taken as a class where \
                      dataset.class_order lists it among all classes";
        let expected =
            format!("error: t, line 9, column `kind`: `{word}` stands for a missing value; {remedy}\n");
        for command in [&FIT[..], &["hsic", "t"]] {
            assert_eq!(told(&folder, command, 2)?, expected);
        }
        let dropped = told(&folder, &[&FIT[..], &["--missing", "drop"]].concat(), 0)?;
        assert_eq!(dropped, "warning: t: 1 row with missing cells left out\n");
        let (_, stdout, _) = run(&folder, &["hsic", "t", "--missing", "drop"])?;
        assert!(stdout.starts_with("t: 40 rows, 1 column against the 2 classes"), "{stdout}");
        assert_eq!(
            told(&folder, &["evaluate", "t", "--model", "m"], 2)?,
            format!(
                "error: t, line 9, column `kind`: `{word}` stands for a missing value; fill in the class, or remove the row\n"
            )
        );
        fs::write(
            folder.path().join("x.toml"),
            "name = 'x'\nfolds = 3\nmethods = ['knn']\ndataset.path = 't'\n",
        )?;
        for command in [&["run", "x.toml"][..], &["run", "x.toml", "--max-memory", "1GB"]] {
            let found = told(&folder, command, 2)?;
            // a configuration names the file by its whole path
            let expected = expected.trim_start_matches("error: ");
            assert!(found.ends_with(&format!("/{expected}")), "{found}");
        }
        // unless it is one of the classes
        let order = format!("dataset.class_order=['cat','dog','{word}']");
        let (code, stdout, _) = run(&folder, &[&FIT[..], &["--dry-run", "--set", &order]].concat())?;
        assert!(code == Some(0) && stdout.contains(&format!("cat (21), dog (19), {word} (1)")), "{stdout}");
        let (code, stdout, stderr) =
            run(&folder, &["run", "x.toml", "--set", &order, "--set", "folds=2", "--dry-run"])?;
        assert!(stderr.contains("has 1 row") || stdout.contains(word), "{code:?}{stdout}{stderr}");
    }
    Ok(())
}

#[test]
fn spellings_of_one_class_are_warned_of() -> Outcome {
    let warn = |first: &'static str, second: &'static str, why: &str| -> Outcome {
        let kind = |i: u32| [first, "other", second][i as usize % 3];
        let csv = String::from("w,kind\n") + &rows(60, |i| format!("{},{}", i % 7, kind(i)));
        let folder = with(csv.as_bytes())?;
        let shown = |name: &str| format!("`{}` (20 rows)", name.escape_debug());
        let (first, second) = if first < second { (first, second) } else { (second, first) };
        let expected = format!(
            "warning: t: the classes {}, {} {why}, and are taken as different; if they are one, write them alike\n",
            shown(first),
            shown(second)
        );
        assert_eq!(told(&folder, &FIT, 0)?, expected);
        assert_eq!(told(&folder, &["hsic", "t"], 0)?, expected);
        fs::write(
            folder.path().join("x.toml"),
            "name = 'x'\nfolds = 3\nmethods = ['knn']\ndataset.path = 't'\n",
        )?;
        assert!(told(&folder, &["run", "x.toml"], 0)?.contains(&expected));
        Ok(())
    };
    warn("0", "0.0", "are one number")?;
    warn("01", "1", "are one number")?;
    warn("1", "1e0", "are one number")?;
    warn("cat", "cat\u{a0}", "are one text but for blanks and case")?;
    warn("Cat", "cat", "are one text but for blanks and case")
}

#[test]
fn halves_are_read_in_both_byte_orders() -> Outcome {
    // 0.5, 1, −2, 65504 and the smallest subnormal
    let bits = [0x3800u16, 0x3c00, 0xc000, 0x7bff, 0x0001];
    let doubles = [0.5, 1.0, -2.0, 65504.0, 2f64.powi(-24)];
    let rows = 40;
    let values: Vec<f64> = (0..rows * 2).map(|i| doubles[i * 3 % 5]).collect();
    let y: Vec<f64> = (0..rows).map(|i| (i % 2) as f64).collect();
    let y = floats("(40,)", &y);
    let of = |x: &[u8]| -> Result<String, Box<dyn Error>> {
        let folder = with(&npz(&[("X", x), ("y", &y)]))?;
        Ok(run(&folder, &["hsic", "t", "--json"])?.1)
    };
    let expected = of(&floats("(40, 2)", &values))?;
    assert!(expected.contains("hsic_trace"), "{expected}");
    let halves = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        (0..rows * 2).flat_map(|i| bytes(bits[i * 3 % 5])).collect()
    };
    assert_eq!(of(&npy("<f2", "(40, 2)", &halves(u16::to_le_bytes)))?, expected);
    assert_eq!(of(&npy(">f2", "(40, 2)", &halves(u16::to_be_bytes)))?, expected);
    Ok(())
}

#[test]
fn columns_with_commas_can_be_named() -> Outcome {
    let header = "\"weight (kg, dry)\",age,\"a,b\",kind\n";
    let csv = String::from(header) + &rows(40, |i| format!("{},{},{},{}", i % 7, i % 5, i % 3, i % 2));
    let folder = with(csv.as_bytes())?;
    let dry = |more: &[&str]| -> Result<String, Box<dyn Error>> {
        Ok(run(&folder, &[&FIT[..], &["--dry-run"], more].concat())?.1)
    };
    assert!(dry(&["--ignore", "weight (kg, dry)"])?.contains("\nignored     weight (kg, dry)\n"));
    let two = dry(&["--ignore", "\"weight (kg, dry)\",age"])?;
    assert!(two.contains("\nnumbers     a,b\nignored     weight (kg, dry), age\n"), "{two}");
    assert!(dry(&["--text", "a,b"])?.contains("\ncategories  a,b: 0, 1, 2\n"));
    let (_, stdout, _) = run(&folder, &["hsic", "t", "--x", "weight (kg, dry)", "--y", "age,\"a,b\""])?;
    assert!(stdout.starts_with("t: 40 rows, weight (kg, dry) against age, a,b, standardised"), "{stdout}");
    assert_eq!(
        told(&folder, &[&FIT[..], &["--ignore", "weight (kg"]].concat(), 2)?,
        "error: t: there is no column `weight (kg` (--ignore); the columns are `weight (kg, dry)`, `age`, `a,b`, `kind`\n"
    );
    Ok(())
}

#[test]
fn hsic_of_columns_leaves_out_or_fills_what_is_missing() -> Outcome {
    let cell = |i: u32, missing: u32| if i == missing { "NA".into() } else { (i * 7 % 10).to_string() };
    let table = |keep: &dyn Fn(u32) -> bool| {
        String::from("a,b,c\n")
            + &(0..40)
                .filter(|&i| keep(i))
                .map(|i| format!("{},{},{}\n", cell(i, 3), cell(i + 1, 9), i % 3))
                .collect::<String>()
    };
    let folder = with(table(&|_| true).as_bytes())?;
    fs::write(folder.path().join("whole"), table(&|i| i != 3 && i != 8))?;
    let of = |file: &str, more: &[&str]| {
        json(&folder, &[&["hsic", file, "--x", "a", "--y", "b,c", "--json"], more].concat())
    };
    let (dropped, whole) = (of("t", &["--missing", "drop"])?, of("whole", &[])?);
    assert_eq!((&dropped["n"], &dropped["hsic_trace"]), (&38.into(), &whole["hsic_trace"]));
    let filled = of("t", &["--missing", "mean"])?;
    assert_eq!(filled["n"], 40);
    assert!(filled["hsic_trace"].as_f64() != whole["hsic_trace"].as_f64(), "{filled}");
    assert_eq!(
        told(&folder, &["hsic", "t", "--x", "a", "--y", "b"], 2)?,
        "error: t, line 5, column `a`: `NA` stands for a missing value; fill in the value, leave such rows out with --missing \
         drop, or fill it with the column's mean with --missing mean\n"
    );
    Ok(())
}

#[test]
fn test_rows_of_an_array_have_their_labels() -> Outcome {
    let values: Vec<f64> = (0..40u32).map(|i| f64::from(like(i) % 2 * 9 + like(i) % 3)).collect();
    let labels: Vec<f64> = (0..40u32).map(|i| f64::from(i % 2)).collect();
    let folder = with(&floats("(40, 1)", &values))?;
    fs::write(folder.path().join("y"), floats("(40,)", &labels))?;
    let fit = [&FIT[..], &["--labels", "y", "--test-file", "t"]].concat();
    assert_eq!(
        told(&folder, &fit, 2)?,
        "error: t: there are no classes to test on; give the file of its classes with --test-labels\n"
    );
    let (code, stdout, stderr) = run(&folder, &[&fit[..], &["--test-labels", "y"]].concat())?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("\n40 rows to train on, 40 to test\n"), "{stdout}");
    Ok(())
}
