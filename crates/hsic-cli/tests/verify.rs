//! `verify` as a user runs it: verdicts, streams and exit codes.

use std::error::Error;

use assert_cmd::Command;
use serde_json::Value;

type Outcome = Result<(), Box<dyn Error>>;

fn verify(arguments: &[&str]) -> Result<(Option<i32>, String, String), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let output =
        Command::cargo_bin("hsic-cli")?.current_dir(&folder).arg("verify").args(arguments).output()?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
}

#[test]
fn the_claims_hold_where_labels_are_random_and_where_twins_disagree() -> Outcome {
    let (code, stdout, stderr) = verify(&["random", "adversarial", "--json"])?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let reports: Value = serde_json::from_str(&stdout)?;
    assert_eq!((&reports["command"], &reports["failed"]), (&"verify".into(), &Value::Array(Vec::new())));
    for report in reports["sets"].as_array().ok_or("no reports")? {
        let findings = report["findings"].as_array().ok_or("no findings")?;
        let verdicts = |claim: u64| -> Vec<&str> {
            let of_claim = findings.iter().filter(|finding| finding["claim"] == claim);
            of_claim.filter_map(|finding| finding["verdict"].as_str()).filter(|v| *v != "reported").collect()
        };
        for claim in [1, 2, 3, 5, 6] {
            // claim 5 asks for nothing at H* ≥ 0.9, where every layer of this network on random is
            let asks = claim != 5 || report["dataset"] != "random";
            assert_eq!(verdicts(claim).contains(&"holds"), asks, "claim {claim}: {report}");
            assert!(!verdicts(claim).contains(&"failed"), "claim {claim}: {report}");
        }
        // the gradient at W_s vanishes nowhere, whether or not the claim asks
        let at_mean_embedding = |finding: &&Value| {
            finding["quantity"].as_str().is_some_and(|quantity| quantity.starts_with("‖Riemannian gradient‖"))
        };
        let gradients: Vec<f64> = findings
            .iter()
            .filter(|finding| finding["claim"] == 5)
            .filter(at_mean_embedding)
            .filter_map(|finding| finding["measured"].as_f64())
            .collect();
        assert!(gradients.len() >= 2 && gradients.iter().all(|share| *share >= 0.01), "{gradients:?}");
        // signed Γ and the squared norm agree; the printed form does not
        assert!(verdicts(7).iter().all(|verdict| *verdict == "refuted-as-printed"), "{report}");
    }
    Ok(())
}

#[test]
fn the_summary_has_a_line_a_claim_and_the_seed_decides() -> Outcome {
    let (code, stdout, _) = verify(&["random"])?;
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.starts_with("random: 60 rows, 3 columns, 2 classes\n"), "{stdout}");
    let verdicts: Vec<&str> = stdout.lines().rev().take(7).collect();
    assert!(verdicts[6].starts_with("1      W_s layers fit any labelling "), "{stdout}");
    assert!(verdicts[0].ends_with("refuted as printed"), "{stdout}");
    assert_eq!(stdout, verify(&["random", "--threads", "1"])?.1);
    assert_ne!(stdout, verify(&["random", "--seed", "1"])?.1);
    assert!(verify(&["random", "--all"])?.1.contains("correlation of D_i with ‖Wᵀr_i‖ at the end"));
    Ok(())
}

#[test]
fn an_unknown_set_is_refused_before_any_work() -> Outcome {
    let (code, stdout, stderr) = verify(&["random", "iris"])?;
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.starts_with("error: there is no data set `iris`; the sets are "), "{stderr}");
    Ok(())
}
