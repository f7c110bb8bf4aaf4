//! Held against values computed by plain NumPy (float64, textbook formulas with explicit H and double loops):
//! `scripts/golden/golden.json`, whose `generator` field names the version.

use faer::{Mat, MatRef, Par};
use hsic_kernels::gaussian::{cross_gram, gram};
use hsic_kernels::tiles::Points;
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, Real, class_sums, hsic};
use serde_json::Value;

const EXACT: f64 = 1e-12;
const SINGLE: f64 = 1e-5;

struct Golden {
    all: Value,
    x: Mat<f64>,
    x_new: Mat<f64>,
    labels: Labels,
    sigma: Bandwidth,
}

fn matrix(value: &Value) -> Mat<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Mat::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

fn load() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/golden/golden.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let inputs = &all["inputs"];
    let codes: Vec<usize> = serde_json::from_value(inputs["y"].clone()).unwrap();
    Golden {
        x: matrix(&inputs["x"]),
        x_new: matrix(&inputs["x_new"]),
        labels: Labels::new(codes).unwrap(),
        sigma: Bandwidth::new(inputs["sigma"].as_f64().unwrap()).unwrap(),
        all,
    }
}

#[track_caller]
fn close(got: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((got - expected).abs() <= tolerance * expected.abs(), "got {got}, NumPy has {expected}");
}

/// ‖got − expected‖_F ≤ tolerance · ‖expected‖_F.
#[track_caller]
fn matrices_close<T: Real>(got: MatRef<'_, T>, expected: &Value, tolerance: f64) {
    let expected = matrix(expected);
    assert_eq!(got.shape(), expected.shape());
    let got = Mat::from_fn(got.nrows(), got.ncols(), |i, j| got[(i, j)].as_f64());
    let (difference, norm) = ((&got - &expected).norm_l2(), expected.norm_l2());
    assert!(difference <= tolerance * norm, "differs by {difference} of {norm}");
}

fn single(x: &Mat<f64>) -> Mat<f32> {
    Mat::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] as f32)
}

#[test]
fn gaussian_gram_in_double_and_single_precision() {
    let golden = load();
    let expected = &golden.all["gaussian_gram"];
    let k = gram(golden.x.as_ref(), golden.sigma, Par::Seq).unwrap();
    matrices_close(k.as_ref(), expected, EXACT);
    let entries = matrix(expected);
    for j in 0..k.ncols() {
        for i in 0..k.nrows() {
            assert!((k[(i, j)] - entries[(i, j)]).abs() <= EXACT * entries[(i, j)]);
        }
    }
    let k = gram(single(&golden.x).as_ref(), golden.sigma, Par::Seq).unwrap();
    matrices_close(k.as_ref(), expected, SINGLE);
}

#[test]
fn label_gram_blocks() {
    let golden = load();
    for (weight, name) in
        [(ClassWeight::Plain, "gamma_blocks"), (ClassWeight::Balanced, "gamma_blocks_balanced")]
    {
        let label_gram = CenteredLabelGram::new(&golden.labels, weight);
        matrices_close(label_gram.blocks(), &golden.all[name], EXACT);
    }
}

#[test]
fn every_normalisation_of_hsic_in_double_and_single_precision() {
    let golden = load();
    let double = hsic::against_labels(golden.x.as_ref(), golden.sigma, &golden.labels, Par::Seq).unwrap();
    let x = single(&golden.x);
    let float = hsic::against_labels(x.as_ref(), golden.sigma, &golden.labels, Par::Seq).unwrap();
    for (statistics, tolerance) in [(double.statistics, EXACT), (float.statistics, SINGLE)] {
        close(statistics.trace(), &golden.all["hsic_trace"], tolerance);
        close(statistics.biased().unwrap(), &golden.all["hsic_biased"], tolerance);
        close(statistics.unbiased().unwrap(), &golden.all["hsic_unbiased"], tolerance);
        close(statistics.normalized(), &golden.all["hsic_normalized"], tolerance);
    }
}

#[test]
fn a_vanishing_bandwidth_gives_the_hsic_of_the_identity() {
    let golden = load();
    let tiny = Bandwidth::new(1e-6).unwrap();
    let hsic = hsic::against_labels(golden.x.as_ref(), tiny, &golden.labels, Par::Seq).unwrap();
    close(hsic.statistics.normalized(), &golden.all["hsic_normalized_zero_bandwidth_identity_gram"], EXACT);
}

#[test]
fn class_sums_give_the_closed_form_layer() {
    let golden = load();
    let expected = &golden.all["closed_form"];
    let points = Points::new(golden.x.as_ref()).unwrap();
    let labels = &golden.labels;
    let one_hot = Mat::from_fn(labels.len(), 3, |i, a| f64::from(u8::from(labels.codes()[i] == a)));
    let sums =
        class_sums::cross_class_sums(golden.x.as_ref(), &points, labels, golden.sigma, Par::Seq).unwrap();
    let zeta = one_hot.transpose() * &sums;
    let zeta: Vec<f64> = (0..3).map(|a| zeta[(a, a)]).collect();
    for (a, zeta) in zeta.iter().enumerate() {
        close(*zeta, &expected["zeta"][a], EXACT);
    }
    let k = cross_gram(golden.x_new.as_ref(), golden.x.as_ref(), golden.sigma, Par::Seq).unwrap();
    let z_new = k * &one_hot;
    let z_new = Mat::from_fn(z_new.nrows(), 3, |i, a| z_new[(i, a)] / zeta[a].sqrt());
    matrices_close(z_new.as_ref(), &expected["z_new"], EXACT);
}
