//! Held against values computed by plain NumPy (float64): `scripts/golden/golden.json`.

use faer::{Mat, MatRef, Par};
use hsic_kernels::{Bandwidth, ClassWeight, Labels};
use hsic_layer::spectral::class_directions;
use hsic_layer::{ClosedForm, Context, FittedLayer, LayerSolver, Objective};
use serde_json::Value;

const EXACT: f64 = 1e-12;
const NUMERIC_GRADIENT: f64 = 1e-8;

fn matrix(value: &Value) -> Mat<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Mat::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

struct Golden {
    all: Value,
    x: Mat<f64>,
    x_new: Mat<f64>,
    w: Mat<f64>,
    labels: Labels,
    sigma: Bandwidth,
}

fn load() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/golden/golden.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let inputs = &all["inputs"];
    Golden {
        x: matrix(&inputs["x"]),
        x_new: matrix(&inputs["x_new"]),
        w: matrix(&inputs["w"]),
        labels: Labels::new(serde_json::from_value(inputs["y"].clone()).unwrap()).unwrap(),
        sigma: Bandwidth::new(inputs["sigma"].as_f64().unwrap()).unwrap(),
        all,
    }
}

#[track_caller]
fn close(got: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!((got - expected).abs() <= EXACT * expected.abs(), "got {got}, NumPy has {expected}");
}

#[track_caller]
fn matrices_close(got: MatRef<'_, f64>, expected: &Value, tolerance: f64) {
    let expected = matrix(expected);
    assert_eq!(got.shape(), expected.shape());
    let (difference, norm) = ((got - &expected).norm_l2(), expected.norm_l2());
    assert!(difference <= tolerance * norm, "differs by {difference} of {norm}");
}

#[test]
fn closed_form_layer() {
    let golden = load();
    let expected = &golden.all["closed_form"];
    let fit = |solver: ClosedForm| {
        solver.fit(golden.x.as_ref(), &golden.labels, golden.sigma, &Context::default()).unwrap()
    };
    let plain = fit(ClosedForm::default());
    matrices_close(plain.z.as_ref(), &expected["z"], EXACT);
    let z_new = plain.layer.project(golden.x_new.as_ref(), Par::Seq).unwrap();
    matrices_close(z_new.as_ref(), &expected["z_new"], EXACT);
    let excluded = fit(ClosedForm { self_excluded: true, ..ClosedForm::default() });
    matrices_close(excluded.z.as_ref(), &expected["z_leave_one_out"], EXACT);
    let z_new = excluded.layer.project(golden.x_new.as_ref(), Par::Seq).unwrap();
    matrices_close(z_new.as_ref(), &expected["z_new"], EXACT);
}

#[test]
fn spectral_objective_gradient_and_q_matrix() {
    let golden = load();
    let expected = &golden.all["spectral"];
    let objective =
        |weight| Objective::new(golden.x.as_ref(), &golden.labels, golden.sigma, weight, Par::Seq).unwrap();
    let plain = objective(ClassWeight::Plain);
    let w = golden.w.as_ref();
    close(plain.value(w).unwrap(), &expected["objective"]);
    matrices_close(plain.q_matrix(w).unwrap().as_ref(), &expected["q_matrix"], EXACT);
    let gradient = plain.gradient(w).unwrap();
    matrices_close(gradient.as_ref(), &expected["gradient_from_q"], EXACT);
    matrices_close(gradient.as_ref(), &expected["gradient_numeric"], NUMERIC_GRADIENT);
    let balanced = objective(ClassWeight::Balanced);
    close(balanced.value(w).unwrap(), &expected["objective_balanced"]);
    matrices_close(balanced.q_matrix(w).unwrap().as_ref(), &expected["q_matrix_balanced"], EXACT);
}

#[test]
fn class_directions_give_q_at_infinite_bandwidth() {
    let golden = load();
    let directions = class_directions(golden.x.as_ref(), &golden.labels, ClassWeight::Plain);
    let q = &directions * directions.transpose();
    matrices_close(q.as_ref(), &golden.all["spectral"]["q_matrix_infinite_bandwidth"], EXACT);
}

#[test]
fn eq_9_is_the_trace_of_q_on_the_subspace() {
    let golden = load();
    let expected = &golden.all["spectral"];
    let objective =
        Objective::new(golden.x.as_ref(), &golden.labels, golden.sigma, ClassWeight::Plain, Par::Seq)
            .unwrap();
    let q = objective.q_matrix(golden.w.as_ref()).unwrap();
    let projected = golden.w.transpose() * q * &golden.w;
    let trace = (0..projected.nrows()).map(|i| projected[(i, i)]).sum::<f64>() / golden.sigma.get().powi(2);
    close(trace, &expected["eq9_from_q"]);
    // the fixture's own pair sums of eq. 8 and 9, |Γ| as printed, agree here: every block between classes is negative
    close(trace, &expected["eq9"]);
}
