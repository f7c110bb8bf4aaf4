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
        for claim in [1, 2, 3, 4, 5, 6] {
            assert!(verdicts(claim).contains(&"holds"), "claim {claim}: {report}");
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
    let all = verify(&["random", "--all", "--seed", "0"])?.1;
    assert!(
        all.contains("correlation of D_i with ‖Wᵀr_i‖ at the end") && all.contains("test accuracy of W*")
    );
    Ok(())
}

#[test]
fn an_unknown_set_is_refused_before_any_work() -> Outcome {
    let (code, stdout, stderr) = verify(&["random", "iris"])?;
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.starts_with("error: there is no data set `iris`; the sets are "), "{stderr}");
    Ok(())
}

#[test]
fn a_certificate_can_be_checked_alone_and_a_page_is_written() -> Outcome {
    let folder = tempfile::tempdir()?;
    let run = |arguments: &[&str]| -> Result<(Option<i32>, String, String), Box<dyn Error>> {
        let output =
            Command::cargo_bin("hsic-cli")?.current_dir(&folder).arg("verify").args(arguments).output()?;
        Ok((output.status.code(), String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
    };
    let (code, json, stderr) = run(&["random", "--seed", "0,2", "--json", "--report", "claims.html"])?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{json}");
    let page = std::fs::read_to_string(folder.path().join("claims.html"))?;
    assert!(page.contains("<h2>random</h2>") && page.matches("<img ").count() == 2 && !page.contains("http"));
    let file = folder.path().join("claims.json");
    std::fs::write(&file, &json)?;
    let (code, stdout, stderr) = run(&["--replay", "claims.json"])?;
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let told: Vec<&str> = stdout.lines().filter(|line| line.starts_with("random, seed ")).collect();
    assert_eq!(told.len(), 2, "{stdout}");
    assert!(told.iter().all(|line| line.ends_with("train accuracy 1 (certified 1): agrees")), "{stdout}");
    // a bandwidth that is not the certified one
    let mut wrong: Value = serde_json::from_str(&json)?;
    let sigma = &mut wrong["sets"][0]["certificates"][0]["layers"][0]["sigma"];
    *sigma = (1e3 * sigma.as_f64().ok_or("a bandwidth")?).into();
    std::fs::write(&file, wrong.to_string())?;
    let (code, stdout, stderr) = run(&["--replay", "claims.json"])?;
    assert_eq!((code, stderr.as_str()), (Some(1), "error: a certificate does not agree\n"), "{stdout}");
    std::fs::write(&file, "{}")?;
    let (code, _, stderr) = run(&["--replay", "claims.json"])?;
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        "error: claims.json: is no JSON of verify (missing field `sources` at line 1 column 2): write one with \
         `hsic-cli verify --json`\n"
    );
    Ok(())
}

/// Equal rows of different classes: what holds is the bound.
#[test]
fn rows_that_disagree_get_their_bound() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut table = String::from("a,b,kind\n");
    for i in 0..40 {
        let class = if i % 2 == 0 { "x" } else { "y" };
        // every tenth pair of rows is equal
        let at = if i / 2 % 10 == 0 { i / 2 * 2 } else { i };
        table += &format!("{},{},{class}\n", (at as f64 * 0.7).sin(), (at as f64 * 1.3).cos());
    }
    std::fs::write(folder.path().join("t.csv"), table)?;
    let config = "name = \"t\"\n[dataset]\npath = \"t.csv\"\nlabel = \"kind\"\n";
    std::fs::write(folder.path().join("t.toml"), config)?;
    let output = Command::cargo_bin("hsic-cli")?
        .current_dir(&folder)
        .args(["verify", "t.toml", "--seed", "0", "--json"])
        .output()?;
    let reports: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(output.status.code(), Some(0), "{reports}");
    let findings = reports["sets"][0]["findings"].as_array().ok_or("findings")?.clone();
    let of = |quantity: &str| {
        let found = |finding: &&Value| {
            finding["quantity"].as_str().is_some_and(|name| name.starts_with(quantity))
                && finding["verdict"] != "reported"
        };
        findings.iter().find(found).cloned().ok_or("a finding")
    };
    let accuracy = of("train accuracy")?;
    assert_eq!((&accuracy["measured"], &accuracy["verdict"]), (&0.95.into(), &"not-applicable".into()));
    assert_eq!(accuracy["note"], "equal rows have different classes: at most 0.9500, which is reached");
    let hsic = of("H* of the last layer")?;
    assert_eq!((&hsic["bound"], &hsic["verdict"]), (&"≤ 0.9000".into(), &"not-applicable".into()), "{hsic}");
    Ok(())
}
