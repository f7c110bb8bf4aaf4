//! A table of one's own that cannot be learnt from, and rows that do not fit a model: the message, word for word, that each
//! gets (docs/bad-input.md has more).

mod common;

use std::fs;

use common::{Outcome, pets, run, run_with};

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
        let (code, _, stderr) = run_with(&folder, &["predict", "--model", "m.safetensors"], csv)?;
        assert_eq!((code, stderr), (Some(2), format!("error: {expected}\n")));
    }
    let lenient = ["predict", "--model", "m.safetensors", "--unknown", "ignore", "--extra", "ignore"];
    let (code, stdout, stderr) = run_with(&folder, &lenient, "weight,coat,size,x\n26,curly,big,1\n")?;
    let nothing = "warning: standard input: column `coat`: nothing in it is known to the model (1 cell), which goes by the other \
                   columns alone\n";
    assert_eq!((code, stdout.lines().count(), stderr.as_str()), (Some(0), 2, nothing), "{stdout}");
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
