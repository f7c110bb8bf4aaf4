//! What `fit` searches and what it is told.

mod common;

use std::fs;

use common::{Outcome, folder, json, run};

#[test]
fn what_is_set_is_fixed_and_the_rest_is_searched() -> Outcome {
    let folder = folder()?;
    let fit = ["fit", "t.csv", "--label", "kind", "--model", "m", "--json"];
    let with = |more: &[&str]| json(&folder, &[&fit[..], more].concat());
    let of_spectral = ["bandwidth_scale", "width", "class_weight", "max_layers", "output", "head"];

    let report = with(&["--set", "spectral.head=logistic", "--set", "spectral.tolerance=0.01"])?;
    assert_eq!(report["method"], "spectral", "its keys alone are set");
    assert_eq!(report["set"], serde_json::json!(["head", "tolerance"]));
    assert_eq!(report["searched"], serde_json::json!(of_spectral[..5]));
    assert_eq!(
        (&report["settings"]["head"], &report["settings"]["tolerance"]),
        (&"logistic".into(), &0.01.into())
    );
    let candidates = report["selection"]["candidates"].as_array().ok_or("candidates")?;
    assert_eq!(candidates.len(), 6 * 2, "a stack each");
    assert!(candidates.iter().all(|candidate| candidate["head"] == "logistic"));

    // a file fixes as the command line does, whatever the lists of its grid have
    let config = "[closed-form]\nsigma = 0.5\nhead = \"knn\"\ncv.heads = [\"knn\", \"bayes\"]\ncv.max_layers = [1, 2]\n";
    fs::write(folder.path().join("c.toml"), config)?;
    let report = with(&["--config", "c.toml"])?;
    assert_eq!(report["method"], "closed-form");
    assert_eq!(report["set"], serde_json::json!(["head", "sigma"]));
    assert_eq!(
        report["searched"],
        serde_json::json!(["class_weight", "self_excluded", "max_layers"]),
        "a bandwidth leaves its factor nothing to do"
    );
    assert_eq!(report["settings"]["sigma"], 0.5);
    let deepest = |candidate: &serde_json::Value| candidate["max_layers"].as_u64() <= Some(2);
    assert!(
        report["selection"]["candidates"].as_array().is_some_and(|all| all.iter().all(deepest)),
        "{report}"
    );

    // a file with every key is what it is in an experiment: nothing is left to search
    let template =
        include_str!("../../../configs/own-data.toml").replace("max_layers = 30", "max_layers = 2");
    fs::write(folder.path().join("all.toml"), template)?;
    let report = with(&["--config", "all.toml", "--solver", "closed-form"])?;
    assert_eq!((&report["searched"], report.get("selection")), (&serde_json::json!([]), None));

    // everything as it is
    let report = with(&["--set", "spectral.max_layers=2", "--no-search"])?;
    assert_eq!(
        (&report["set"], &report["searched"]),
        (&serde_json::json!(["max_layers"]), &serde_json::json!([]))
    );
    assert!(report.get("selection").is_none());

    // keys of both networks, or of none, leave the solver to the search
    let report = with(&["--set", "spectral.max_layers=2", "--set", "closed-form.max_layers=2"])?;
    assert_eq!(report["set"], serde_json::json!(["max_layers"]));
    let report = with(&["--set", "folds=3"])?;
    assert_eq!(report["set"], serde_json::json!([]));
    // the input without a layer, and beside it two stacks of either solver
    let of_input =
        (&serde_json::json!(["max_layers", "head"]), &serde_json::json!(0), &serde_json::json!("ridge"));
    assert_eq!(
        (&report["searched"], &report["settings"]["max_layers"], &report["settings"]["head"]),
        of_input
    );
    let candidates = report["selection"]["candidates"].as_array().ok_or("candidates")?;
    let depths: Vec<_> = candidates.iter().map(|candidate| candidate["max_layers"] == 0).collect();
    assert_eq!(depths, [true, false, false, false, false], "{report}");
    Ok(())
}

#[test]
fn the_report_says_which_is_which() -> Outcome {
    let folder = folder()?;
    let fit = ["fit", "t.csv", "--label", "kind", "--model", "m", "--set", "closed-form.max_layers=1"];
    let (_, stdout, _) = run(&folder, &fit)?;
    let line =
        |start: &str| stdout.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert_eq!(line("set, and not searched: "), "set, and not searched: max_layers 1", "{stdout}");
    let chosen = line("chosen by 5-fold cross-validation on the training rows: bandwidth_scale ");
    assert!(chosen.contains(", self_excluded true, head ") && !chosen.contains("max_layers"), "{stdout}");
    Ok(())
}
