//! `hsic` with a bandwidth chosen on the classes: what its p-value is worth is said.

mod common;

use std::fs;

use common::{Outcome, folder, json, run};
use serde_json::json;

#[test]
fn a_bandwidth_chosen_on_the_classes_is_chosen_anew_or_told() -> Outcome {
    let folder = folder()?;
    let of = |more: &[&str]| json(&folder, &[&["hsic", "t.csv", "--label", "kind", "--json"], more].concat());
    let (permuted, gamma) = (["--p-value", "permutation"], ["--p-value", "gamma"]);
    let max = ["--sigma", "max-hsic", "--permutations", "99"];
    let printed = of(&[&max[..], &permuted].concat())?;
    assert_eq!((&printed["sigma_rule"], &printed["sigma_reselected"]), (&json!("max-hsic"), &json!(true)));
    assert_eq!((&printed["p_value"], &printed["note"]), (&json!(0.01), &json!(null)));
    let printed = of(&[&max[..], &gamma].concat())?;
    let note = printed["note"].as_str().ok_or("no note")?;
    assert!(note.starts_with("the p-value is too small: σ was chosen on the same classes"), "{note}");
    assert_eq!(printed["sigma_reselected"], json!(null));
    let (_, stdout, _) = run(&folder, &["hsic", "t.csv", "--sigma", "max-hsic", "--p-value", "gamma"])?;
    assert!(stdout.ends_with(&format!("\nnote        {note}\n")), "{stdout}");
    let arguments = ["hsic", "t.csv", "--sigma", "max-hsic", "--permutations", "99"];
    let (_, stdout, _) = run(&folder, &arguments)?;
    assert!(stdout.ends_with("(99 permutations, σ chosen anew in each, seed 0)\n"), "{stdout}");
    for more in [&permuted[..], &gamma, &["--sigma", "2"]] {
        let printed = of(more)?;
        assert!(printed["note"].is_null() && printed["sigma_reselected"] != true, "{printed}");
    }
    Ok(())
}

/// A table of noise: choosing σ anew, the p-value is larger than with the σ of the true classes kept.
#[test]
fn noise_is_no_dependence_for_its_bandwidth() -> Outcome {
    let folder = folder()?;
    let row = |i: u64| {
        // the middle digits of a square: no pattern that a kernel sees
        let noise = |k: u64| (i * 7919 + k * 104_729 + 12345).pow(2) / 1000 % 1000;
        format!("{},{},{}\n", noise(1), noise(2), if i.is_multiple_of(2) { "a" } else { "b" })
    };
    let csv = String::from("x,y,kind\n") + &(0..40).map(row).collect::<String>();
    fs::write(folder.path().join("t.csv"), csv)?;
    let anew = json(&folder, &["hsic", "t.csv", "--sigma", "max-hsic", "--json"])?;
    let kept = json(&folder, &["hsic", "t.csv", "--sigma", &anew["sigma"].to_string(), "--json"])?;
    assert_eq!(anew["hsic_trace"], kept["hsic_trace"]);
    let p = |printed: &serde_json::Value| printed["p_value"].as_f64().ok_or("no p-value");
    assert!(p(&anew)? > p(&kept)? && p(&anew)? > 0.05, "{} {}", anew["p_value"], kept["p_value"]);
    Ok(())
}
