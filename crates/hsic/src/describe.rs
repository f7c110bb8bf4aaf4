//! What a model holds, in words and as JSON.

use std::fmt;

use hsic_data::table::{Feature, FeatureKind};
use hsic_layer::state::Tensor;
use hsic_report::number::number;
use hsic_report::text::{self, first_few};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{FORMAT_VERSION, Model};

impl Model {
    /// Where the model comes from, what it takes and how its layers were found.
    pub fn describe(&self) -> Description<'_> {
        Description(self)
    }
}

/// What a model holds, but for the values of its tensors.
#[derive(Debug, Clone, Copy)]
pub struct Description<'a>(&'a Model);

impl Serialize for Description<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state = self.0.network().state();
        let shape = |tensor: &Tensor| match tensor {
            Tensor::Matrix(matrix) => json!([matrix.nrows(), matrix.ncols()]),
            Tensor::Codes(codes) => json!([codes.len()]),
        };
        let tensors: serde_json::Map<String, Value> =
            state.tensors.iter().map(|(name, tensor)| (name.clone(), shape(tensor))).collect();
        json!({
            "format_version": FORMAT_VERSION,
            "training": self.0.training(),
            "preprocessing": self.0.preprocessing(),
            "network": state.description,
            "tensors": tensors,
        })
        .serialize(serializer)
    }
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&lines(self.0))
    }
}

/// A key and its value.
fn line(key: &str, value: impl std::fmt::Display) -> String {
    format!("{key:<12}{value}\n")
}

fn lines(model: &Model) -> String {
    let (training, schema, network) = (model.training(), model.schema(), model.network());
    let mut text = line("method", &training.method);
    text += &line("settings", settings(&training.settings));
    text += &line("seed", training.seed);
    text += &line("trained on", format!("{}, {}", training.file, text::count(training.rows, "row")));
    text += &line("sha256", &training.sha256);
    for (name, key) in
        [("train", "train_accuracy"), ("test", "test_accuracy"), ("majority", "majority_test_accuracy")]
    {
        if let Some(accuracy) = training.evaluation[key].as_f64() {
            text += &line(name, format!("accuracy {accuracy:.3}"));
        }
    }
    text += &line("label", schema.label());
    text += &line("classes", first_few(schema.classes(), 20));
    text += &features(schema.features());
    if !schema.ignored().is_empty() {
        text += &line("ignored", schema.ignored().join(", "));
    }
    let dropped = model.preprocessing().scaler().dropped();
    if !dropped.is_empty() {
        let names = schema.encoded_names();
        let dropped: Vec<String> = dropped.into_iter().map(|column| names[column].clone()).collect();
        text += &line("constant", format!("{}: of no use to the model", first_few(&dropped, 8)));
    }
    text += &line(
        "missing",
        match model.preprocessing().fill() {
            Some(_) => "filled with the column's training mean",
            None => "refused",
        },
    );
    text += &line("stacking", format!("stopped by {}", network.stop_reason().name()));
    let header = ["layer", "input", "width", "σ", "H*", "iter.", "stopped"].map(String::from);
    let rows = network.summaries().iter().zip(network.layers()).map(|(summary, layer)| {
        vec![
            summary.layer.to_string(),
            layer.input_width().to_string(),
            summary.width.to_string(),
            number(Some(summary.sigma.get())),
            number(Some(summary.hsic_normalized)),
            summary.solution.iterations.to_string(),
            summary.solution.termination.name().into(),
        ]
    });
    text + "\n" + &text::table(&header, rows)
}

/// `key value, key value`.
fn settings(settings: &Value) -> String {
    let Value::Object(settings) = settings else { return "unknown".into() };
    settings.iter().map(|(key, value)| text::setting(key, value)).collect::<Vec<_>>().join(", ")
}

/// The features, a line a kind.
pub(crate) fn features(features: &[Feature]) -> String {
    let numbers: Vec<String> = features
        .iter()
        .filter(|feature| feature.kind == FeatureKind::Number)
        .map(|feature| match feature.format.is_plain() {
            true => feature.name.clone(),
            false => format!("{} ({})", feature.name, feature.format),
        })
        .collect();
    let mut text = String::new();
    if !numbers.is_empty() {
        text += &line("numbers", first_few(&numbers, 12));
    }
    for feature in features {
        match &feature.kind {
            FeatureKind::Ordinal { levels } => {
                text += &line("ordered", format!("{}: {}", feature.name, levels.join(" < ")));
            }
            FeatureKind::OneHot { categories } => {
                text += &line("categories", format!("{}: {}", feature.name, first_few(categories, 8)));
            }
            _ => {}
        }
    }
    text
}
