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

/// Labels of a coin: what the search thinks of its choice is not above the truth, 1/2, by more than 0.02 in the mean of 20 tables, and the reports see
/// nothing to learn.
#[test]
fn a_choice_among_networks_on_noise_is_not_believed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut optimism, mut taken_in) = (0.0, 0);
    for seed in 0..20_u64 {
        let mut state = seed;
        // splitmix64
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        let mut csv = (0..20).map(|k| format!("x{k},")).collect::<String>() + "class\n";
        for _ in 0..500 {
            csv.extend((0..20).map(|_| format!("{:.4},", (next() >> 11) as f64 / (1_u64 << 53) as f64)));
            csv += ["heads\n", "tails\n"][(next() >> 63) as usize];
        }
        fs::write(folder.path().join("coin.csv"), csv)?;
        let report =
            json(&folder, &["fit", "coin.csv", "--model", "m", "--json", "--seed", &seed.to_string()])?;
        let chosen = &report["selection"]["chosen"];
        optimism += chosen["accuracy"].as_f64().ok_or("no accuracy")? - 0.5;
        taken_in += usize::from(report["chance_p_value"].as_f64() < Some(0.01));
    }
    let optimism = optimism / 20.0;
    println!("{optimism:+.4} above 1/2; {taken_in} of 20 reports see something");
    assert!(optimism <= 0.02, "{optimism}");
    assert!(taken_in <= 1, "{taken_in} of 20");
    Ok(())
}
