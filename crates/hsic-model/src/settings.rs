//! Hyperparameters by the names of the configuration file.

use hsic_kernels::ClassWeight;
use hsic_layer::LayerSolver;
use hsic_net::{HeadKind, NetworkParams, Selection};
use serde_json::{Map, Value, json};

/// What follows the keys of every network, in this order, and then any other key of a solver: files keep the order they have
/// always had.
const ORDER: [&str; 10] = [
    "sigma",
    "features",
    "n_features",
    "width",
    "target_silhouette",
    "patience",
    "tolerance",
    "max_iterations",
    "self_excluded",
    "candidates",
];

/// The keys of a network that the section of its solver in an experiment file does not have.
fn without(solver: &str) -> &'static [&'static str] {
    match solver {
        "spectral" => &["candidates"],
        "closed-form" => &["target_silhouette", "patience"],
        _ => &[],
    }
}

/// The hyperparameters of a network as a JSON object, by the names and values of an experiment file.
pub fn settings<S: LayerSolver>(params: &NetworkParams<S>) -> Value {
    let mut settings = Map::new();
    let mut put = |name: &str, value: Value| drop(settings.insert(name.into(), value));
    let selection = match params.selection {
        Selection::MaxTrace => "max-trace",
        Selection::SmoothestGain => "smoothest-gain",
        Selection::MaxHsic => "max-hsic",
        Selection::LeaveOneOut => "leave-one-out",
        Selection::Fixed(_) => "fixed",
        _ => "other",
    };
    let class_weight = match params.class_weight {
        ClassWeight::Plain => "plain",
        ClassWeight::Balanced => "balanced",
        _ => "other",
    };
    let head = match params.head {
        HeadKind::Knn { .. } => "knn",
        head => head.name(),
    };
    put("selection", json!(selection));
    put("bandwidth_scale", json!(params.bandwidth_scale));
    put("class_weight", json!(class_weight));
    put("head", json!(head));
    put("max_layers", json!(params.max_layers));
    put("target_hsic", json!(params.target_hsic));
    put("min_gain", json!(params.min_gain));
    let mut others = params.solver.hyperparameters();
    let unused = without(params.solver.name());
    let of_network = [
        ("target_silhouette", json!(params.target_silhouette)),
        ("patience", json!(params.patience)),
        ("candidates", json!(params.candidates)),
    ];
    others.extend(
        of_network
            .into_iter()
            .filter(|(name, _)| !unused.contains(name))
            .map(|(name, value)| (name.into(), value)),
    );
    if let Selection::Fixed(sigma) = params.selection {
        others.insert("sigma".into(), json!(sigma.get()));
    }
    for name in ORDER {
        if let Some(value) = others.shift_remove(name) {
            put(name, value);
        }
    }
    settings.extend(others);
    Value::Object(settings)
}
