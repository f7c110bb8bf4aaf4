//! Hyperparameters by the names of the configuration file.

use hsic_kernels::ClassWeight;
use hsic_kernels::features::Frequencies;
use hsic_layer::{Activation, KernelFeatures, WidthRule};
use hsic_net::{HeadKind, NetworkParams, Selection, SolverParams};
use serde_json::{Value, json};

/// The hyperparameters of a network as a JSON object, by the names and values of an experiment file.
pub fn settings(params: &NetworkParams) -> Value {
    let mut settings = json!({
        "selection": match params.selection {
            Selection::MaxTrace => "max-trace",
            Selection::SmoothestGain => "smoothest-gain",
            Selection::MaxHsic => "max-hsic",
            Selection::LeaveOneOut => "leave-one-out",
            Selection::Fixed(_) => "fixed",
            _ => "other",
        },
        "bandwidth_scale": params.bandwidth_scale,
        "class_weight": match params.class_weight {
            ClassWeight::Plain => "plain",
            ClassWeight::Balanced => "balanced",
            _ => "other",
        },
        "head": match params.head {
            HeadKind::Bayes => "bayes",
            HeadKind::NearestMean => "nearest-mean",
            HeadKind::Knn { .. } => "knn",
            HeadKind::Logistic => "logistic",
            _ => "other",
        },
        "max_layers": params.max_layers,
        "target_hsic": params.target_hsic,
        "min_gain": params.min_gain,
    });
    let mut put = |name: &str, value: Value| settings[name] = value;
    if let Selection::Fixed(sigma) = params.selection {
        put("sigma", json!(sigma.get()));
    }
    let mut features = |random: Option<(usize, Frequencies)>| match random {
        None => put("features", json!("exact")),
        Some((m, frequencies)) => {
            put(
                "features",
                json!(if frequencies == Frequencies::Orthogonal { "orthogonal" } else { "random" }),
            );
            put("n_features", json!(m));
        }
    };
    match params.solver {
        SolverParams::Spectral(solver) => {
            features(match solver.activation {
                Activation::Random { m, frequencies } => Some((m, frequencies)),
                _ => None,
            });
            let width = match solver.width {
                WidthRule::SingularShare(share) => json!({ "share": share }),
                WidthRule::Fixed(columns) => json!(columns),
                _ => json!("positive-eigenvalues"),
            };
            put("width", width);
            put("target_silhouette", json!(params.target_silhouette));
            put("patience", json!(params.patience));
            put("tolerance", json!(solver.tolerance));
            put("max_iterations", json!(solver.max_iterations));
        }
        SolverParams::ClosedForm(solver) => {
            features(match solver.features {
                KernelFeatures::Random { m, frequencies } => Some((m, frequencies)),
                _ => None,
            });
            put("self_excluded", json!(solver.self_excluded));
            put("candidates", json!(params.candidates));
        }
    }
    settings
}
