//! The table of metrics. What is recorded, written, shown, drawn and compared follows from it: a new metric is a new entry.

use super::metric::Better::{Higher, Lower};
use super::metric::Group::{Geometry, Prediction, Solver, Time};
use super::metric::Kind::{Count, Share};
use super::metric::Measure::{Output, Test, Train};
use super::metric::Metric;
use super::metric::Place::{Files, Optional, Tables};
use super::{
    accuracy, balanced_accuracy, cosine_ratio, cross_entropy, macro_f1, scatter_trace_ratio, within_class_mse,
};

/// From `name: definition { field: value }` a field of [`Values`] and an entry of [`METRICS`].
macro_rules! metrics {
    ($($name:ident: $definition:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        /// Every metric, in the order of a fold's record.
        pub static METRICS: &[Metric] = &[$(Metric {
            name: stringify!($name),
            definition: $definition,
            $($field: $value,)*
            get: |values| values.$name,
            get_mut: |values| &mut values.$name,
            ..Metric::BLANK
        }),*];

        /// The metrics of a fold or a layer, or their means or deviations over folds; `None` is not defined, or not told of
        /// this.
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub struct Values {
            $(#[doc = $definition] pub $name: Option<f64>,)*
        }
    };
}

metrics! {
    layers: "layers of the fitted network, L" {
        unit: "integer", kind: Count,
        heading: "L", meaning: "number of layers",
        better: Lower, compared: true, fold: Tables,
    }
    width: "columns of Z, q" {
        unit: "integer", kind: Count,
        heading: "width", meaning: "columns of Z",
        layer: Tables,
    }
    sigma: "smallest bandwidth of the fitted layers" {
        unit: "units of the layer's input, or null",
        heading: "σ", meaning: "bandwidth: of a fold the smallest of its layers, of a layer its own",
        better: Higher, compared: true, fold: Tables, layer: Tables,
        of_layer: Some("bandwidth the layer was solved at"),
    }
    metric_sigma: "bandwidth of the Gram matrix of Z the metrics of this row are taken on" {
        unit: "units of Z",
        layer: Files,
    }
    objective: "Tr(ΓK) of that Gram matrix, Γ = HYYᵀH" {
        layer: Files,
    }
    train_accuracy: "training rows classified correctly" {
        unit: "share, 0 to 1", kind: Share, group: Prediction,
        heading: "train", meaning: "share of the rows classified correctly",
        better: Higher, compared: true, fold: Tables, layer: Tables,
        axis: Some((6, "accuracy")), measure: Train(accuracy),
    }
    test_accuracy: "test rows classified correctly" {
        unit: "share, 0 to 1", kind: Share, group: Prediction,
        heading: "test", meaning: "share of the rows classified correctly",
        better: Higher, compared: true, fold: Tables, layer: Tables,
        axis: Some((6, "accuracy")), measure: Test(accuracy),
    }
    balanced_test_accuracy: "mean over the classes of the share of their test rows classified correctly" {
        unit: "share, 0 to 1", kind: Share, group: Prediction,
        heading: "balanced", meaning: "the same of the test rows, each class weighing alike",
        better: Higher, compared: true, fold: Tables,
        measure: Test(balanced_accuracy),
    }
    test_macro_f1: "mean over the classes of F1, the harmonic mean of precision and recall on the test rows; classes with no true and no predicted row are left out" {
        unit: "share, 0 to 1", kind: Share, group: Prediction,
        better: Higher, fold: Files,
        measure: Test(macro_f1),
    }
    seconds: "the fit alone; metrics and prediction are not in it" {
        unit: "seconds", group: Time,
        heading: "time s", meaning: "seconds of the fit alone",
        better: Lower, compared: true, fold: Tables, layer: Files,
        of_layer: Some("spent on this layer, its bandwidth search included"),
    }
    selection_seconds: "with `selection = \"cv\"`: the choice of the hyperparameters; not in `seconds`, which is the fit with the chosen ones; left out otherwise" {
        unit: "seconds", group: Time,
        fold: Optional,
    }
    hsic_normalized: "H*: normalised HSIC (centred kernel alignment) Tr(K̃L̃)/(‖K̃‖‖L̃‖) of the Gaussian Gram matrix of the last Z and of YYᵀ on the training rows, both centred on both sides; 0 where the denominator is 0" {
        unit: "0 to 1", kind: Share, group: Geometry,
        heading: "H*", meaning: "normalised HSIC of the last kernel and the labels, 0 to 1",
        better: Higher, compared: true, fold: Tables, layer: Tables,
        of_layer: Some("H* of that Gram matrix"),
        axis: Some((1, "H*, normalised HSIC")),
    }
    mse: "(1/n) Σᵢ ‖zᵢ − mean of class yᵢ‖² on the last Z of the training rows" {
        unit: "squared units of Z", group: Geometry,
        heading: "MSE", meaning: "mean squared distance of Z to its class means",
        better: Lower, compared: true, fold: Tables, layer: Tables,
        axis: Some((4, "MSE of Z to its class means")), measure: Output(|of| Ok(Some(within_class_mse(of.z, of.labels)))),
    }
    ce: "mean −log p(yᵢ) of a multinomial logistic regression (L2, C = 1) fitted on the head's input of the training rows" {
        unit: "nats", group: Geometry,
        heading: "CE", meaning: "cross-entropy of a logistic regression on the last layer's output",
        better: Lower, compared: true, fold: Tables, layer: Tables,
        axis: Some((5, "CE of the logistic probe")), measure: Output(|of| cross_entropy(of.features, of.labels).map(Some)),
    }
    cosine_ratio: "C: mean kernel value over pairs of different classes divided by that over pairs of the same class (i = j included); null where there is one class only" {
        unit: "number or null", group: Geometry,
        heading: "C", meaning: "mean kernel between classes divided by that within",
        better: Lower, compared: true, fold: Tables, layer: Tables,
        axis: Some((2, "C, kernel between / within classes")), measure: Output(|of| cosine_ratio(of.z, of.labels, of.sigma, of.par)),
    }
    scatter_trace_ratio: "T = Tr(S_w)/Tr(S_b): sum of squared distances over pairs of the same class divided by that over pairs of different classes; null where the latter is 0" {
        unit: "number or null", group: Geometry,
        heading: "T", meaning: "scatter of Z within classes divided by that between",
        better: Lower, compared: true, fold: Tables, layer: Tables,
        axis: Some((3, "T, scatter within / between classes")), measure: Output(|of| Ok(scatter_trace_ratio(of.z, of.labels))),
    }
    iterations: "steps of the layer's solver; 0 for a closed form" {
        unit: "integer", kind: Count, group: Solver,
        heading: "iter.", meaning: "steps of the layer's solver",
        layer: Tables,
    }
    residual: "stationarity residual ‖QW − W(WᵀQW)‖/‖Q‖ of the solution; null for a closed form" {
        unit: "number or null", group: Solver,
        heading: "residual", meaning: "how far from stationary the solver's solution is",
        layer: Tables,
    }
}
