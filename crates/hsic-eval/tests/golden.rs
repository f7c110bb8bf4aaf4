//! Metrics held against values computed by plain NumPy (float64): `scripts/golden/golden.json`.

use faer::{Mat, Par};
use hsic_eval::metrics::{cosine_ratio, cross_entropy, scatter_trace_ratio, within_class_mse};
use hsic_kernels::{Bandwidth, Labels};
use serde_json::Value;

const EXACT: f64 = 1e-12;
/// The fixture's own probe is converged to this.
const PROBE: f64 = 1e-9;

#[test]
fn every_metric_on_the_closed_form_z() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/golden/golden.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows: Vec<Vec<f64>> = serde_json::from_value(all["closed_form"]["z"].clone()).unwrap();
    let z = Mat::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j]);
    let labels = Labels::new(serde_json::from_value(all["inputs"]["y"].clone()).unwrap()).unwrap();
    let expected = &all["metrics_on_closed_form_z"];
    let close = |got: f64, name: &str, tolerance: f64| {
        let expected = expected[name].as_f64().unwrap();
        assert!((got - expected).abs() <= tolerance * expected, "{name}: got {got}, NumPy has {expected}");
    };
    close(within_class_mse(z.as_ref(), &labels), "mse_within_class", EXACT);
    close(scatter_trace_ratio(z.as_ref(), &labels).unwrap(), "scatter_trace_ratio", EXACT);
    let sigma = Bandwidth::new(0.5).unwrap();
    let ratio = cosine_ratio(z.as_ref(), &labels, sigma, Par::Seq).unwrap().unwrap();
    close(ratio, "cosine_ratio_sigma_0.5", EXACT);
    close(cross_entropy(z.as_ref(), &labels).unwrap(), "cross_entropy_probe", PROBE);
}

#[test]
fn undefined_metrics_are_none_and_not_nan() {
    let z = Mat::<f64>::zeros(4, 2);
    let labels = Labels::new(vec![0, 0, 1, 1]).unwrap();
    assert_eq!(scatter_trace_ratio(z.as_ref(), &labels), None);
    let one = Labels::new(vec![0; 4]).unwrap();
    let sigma = Bandwidth::new(1.0).unwrap();
    assert_eq!(cosine_ratio(z.as_ref(), &one, sigma, Par::Seq).unwrap(), None);
    assert_eq!(within_class_mse(z.as_ref(), &labels), 0.0);
}
