//! Held against values computed by plain NumPy (float64): `scripts/golden/golden.json`.

use faer::{Mat, Par};
use hsic_kernels::Labels;
use hsic_net::head::{Head, LogisticHead};
use hsic_net::{HeadKind, silhouette};
use serde_json::Value;

const EXACT: f64 = 1e-12;
/// The fixture's own probe is converged to this.
const PROBE: f64 = 1e-9;

fn matrix(value: &Value) -> Mat<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Mat::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

struct Golden {
    all: Value,
    z: Mat<f64>,
    z_new: Mat<f64>,
    labels: Labels,
}

fn load() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/golden/golden.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    Golden {
        z: matrix(&all["closed_form"]["z"]),
        z_new: matrix(&all["closed_form"]["z_new"]),
        labels: Labels::new(serde_json::from_value(all["inputs"]["y"].clone()).unwrap()).unwrap(),
        all,
    }
}

#[track_caller]
fn close(got: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((got - expected).abs() <= tolerance * expected.abs(), "got {got}, NumPy has {expected}");
}

#[test]
fn bayes_head() {
    let golden = load();
    let expected = &golden.all["bayes_head_on_closed_form_z"];
    let Head::Gaussian(head) =
        Head::fit(HeadKind::Bayes, golden.z.as_ref(), &golden.labels, Par::Seq).unwrap()
    else {
        panic!("the bayes head is Gaussian");
    };
    close(head.variance(), &expected["variance"], EXACT);
    let log_proba = head.log_proba(golden.z_new.as_ref());
    for (i, row) in expected["log_proba_new"].as_array().unwrap().iter().enumerate() {
        for (a, value) in row.as_array().unwrap().iter().enumerate() {
            close(log_proba[(i, a)], value, EXACT);
        }
    }
}

#[test]
fn logistic_probe() {
    let golden = load();
    let probe = LogisticHead::fit(golden.z.as_ref(), &golden.labels).unwrap();
    let expected = &golden.all["metrics_on_closed_form_z"]["cross_entropy_probe"];
    close(probe.cross_entropy(golden.z.as_ref(), &golden.labels), expected, PROBE);
}

#[test]
fn mean_silhouette() {
    let golden = load();
    let got = silhouette(golden.z.as_ref(), &golden.labels, Par::Seq).unwrap();
    close(got, &golden.all["metrics_on_closed_form_z"]["silhouette"], EXACT);
}
