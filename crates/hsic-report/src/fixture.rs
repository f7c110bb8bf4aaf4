//! A small run made by hand, for the tests of the reports.

use faer::Mat;
use hsic_eval::metrics::{Metric, Values};
use hsic_eval::published::published;
use hsic_eval::records::{DatasetRecord, FoldRecord, LayerRecord, MethodRecord, Results, SCHEMA_VERSION};
use hsic_eval::{FoldRows, LayerRows};
use hsic_kernels::{Bandwidth, Labels};

/// Two folds of `spectral`, of two layers and one, and one of `closed-form`, with some undefined values.
pub fn results() -> Results {
    let first = fold(0, 0.98, vec![layer(1, 0.6, 3), layer(2, 0.98, 2)]);
    let second = values(&[
        ("width", 3.0),
        ("sigma", 0.7),
        ("metric_sigma", 0.8),
        ("objective", 60.0),
        ("hsic_normalized", 0.9),
        ("mse", 0.03),
        ("ce", 0.04),
        ("cosine_ratio", 0.06),
        ("train_accuracy", 0.9),
        ("test_accuracy", 0.85),
        ("seconds", 0.35),
        ("iterations", 100.0),
        ("residual", 0.02),
    ]);
    let mut second = one_layer(1, second, ["max-iterations", "max-layers"]);
    second.values.balanced_test_accuracy = Some(0.8);
    let closed = values(&[
        ("width", 2.0),
        ("sigma", 2.0),
        ("metric_sigma", 2.0),
        ("objective", 10.0),
        ("hsic_normalized", 0.8),
        ("mse", 125.0),
        ("ce", 0.3),
        ("scatter_trace_ratio", 0.5),
        ("train_accuracy", 0.8),
        ("test_accuracy", 0.6),
        ("seconds", 0.0012),
        ("iterations", 0.0),
    ]);
    let mut closed = one_layer(0, closed, ["closed-form", "no-gain"]);
    (closed.values.balanced_test_accuracy, closed.values.sigma) = (Some(0.55), None);
    Results {
        schema_version: SCHEMA_VERSION,
        name: "toy".into(),
        version: "0.1.0".into(),
        seed: 7,
        dataset: DatasetRecord {
            name: "random".into(),
            n: 60,
            d: 3,
            classes: 2,
            class_names: vec!["0".into(), "1".into()],
            sha256: "ab".repeat(32),
        },
        methods: vec![method("spectral", vec![first, second]), method("closed-form", vec![closed])],
    }
}

/// Metrics by name.
fn values(entries: &[(&str, f64)]) -> Values {
    let mut values = Values::default();
    entries.iter().for_each(|(name, value)| Metric::named(name).unwrap().set(&mut values, Some(*value)));
    values
}

/// A fold of one layer with these metrics; the layer's solver and the stacking stopped for these reasons.
fn one_layer(number: usize, values: Values, [of_layer, of_fold]: [&str; 2]) -> FoldRecord {
    let layer = LayerRecord { layer: 1, values, stop_reason: of_layer.into() };
    FoldRecord {
        values: Values { layers: Some(1.0), ..values.only(Metric::of_fold()) },
        stop_reason: of_fold.into(),
        ..fold(number, 0.0, vec![layer])
    }
}

/// Rows of a fold whose classes part layer by layer: n rows, even layers of one column more than the odd ones' two.
pub fn rows(n: usize, layers: usize, classes: usize) -> Result<FoldRows, hsic_kernels::Error> {
    let codes: Vec<usize> = (0..n).map(|row| row * classes / n).collect();
    let layer = |number: usize| {
        let apart = number as f64 / layers as f64;
        let z = Mat::from_fn(n, 2 + (number - 1) % 2, |row, column| {
            let (class, noise) = (codes[row] as f64, (row as f64 * 12.9898).sin() * 43758.5453);
            apart * (class + column as f64).sin() + (1.0 - apart) * (noise * (column + 1) as f64).fract()
        });
        Ok(LayerRows { layer: number, metric_sigma: Bandwidth::new(0.5)?, z })
    };
    let layers = (1..=layers).map(layer).collect::<Result<_, hsic_kernels::Error>>()?;
    Ok(FoldRows { fold: 0, labels: Labels::new(codes)?, layers })
}

/// A method's record of these folds on the data set `random`.
pub fn method(name: &str, folds: Vec<FoldRecord>) -> MethodRecord {
    let (mean, std) = Values::moments(&folds);
    let published = published("random", name);
    MethodRecord {
        method: name.into(),
        settings: serde_json::json!({ "head": "bayes" }),
        folds,
        mean,
        std,
        published,
    }
}

/// A fold that ends with the last of these layers.
pub fn fold(number: usize, hsic: f64, trace: Vec<LayerRecord>) -> FoldRecord {
    FoldRecord {
        fold: number,
        values: values(&[
            ("layers", trace.len() as f64),
            ("sigma", 0.5),
            ("train_accuracy", 1.0),
            ("test_accuracy", 0.75),
            ("balanced_test_accuracy", 0.7),
            ("seconds", 0.25),
            ("hsic_normalized", hsic),
            ("mse", 0.01),
            ("ce", 0.02),
            ("cosine_ratio", 0.04),
            ("scatter_trace_ratio", 0.02),
        ]),
        stop_reason: "target-hsic".into(),
        confusion: vec![vec![2, 1], vec![0, 1]],
        selection: None,
        trace,
    }
}

/// A layer; the first differs from the later ones.
pub fn layer(number: usize, hsic: f64, width: usize) -> LayerRecord {
    let first = number == 1;
    let pick = |of_first: f64, of_later: f64| Some(if first { of_first } else { of_later });
    LayerRecord {
        layer: number,
        values: Values {
            width: Some(width as f64),
            sigma: pick(1.5, 0.5),
            metric_sigma: pick(1.2, 0.9),
            objective: pick(40.0, 80.0),
            hsic_normalized: Some(hsic),
            mse: pick(0.5, 0.01),
            ce: pick(0.4, 0.02),
            cosine_ratio: pick(0.5, 0.04),
            scatter_trace_ratio: pick(0.3, 0.02),
            train_accuracy: pick(0.9, 1.0),
            test_accuracy: pick(0.7, 0.75),
            seconds: pick(0.1, 0.15),
            iterations: pick(12.0, 4.0),
            residual: pick(1e-4, 3e-5),
            ..Values::default()
        },
        stop_reason: "converged".into(),
    }
}
