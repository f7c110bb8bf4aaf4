//! A model of a solver that is not of this project: out of its file it predicts the same bits, if the registry knows its layers.

mod fisher;

use faer::Par;
use hsic::Model;
use hsic_data::table::{Content, InferOptions, SourceOptions, Table};
use hsic_net::NetworkParams;
use hsic_net::state::LayerRegistry;

use fisher::{Fisher, FisherLayer};

fn table() -> Table {
    let mut csv = String::from("a,b,c,kind\n");
    for i in 0..90 {
        let wave = |k: usize| ((i * (3 + 2 * k)) as f64 * 0.7).sin();
        let kind = i % 3;
        csv += &format!("{},{},{},k{kind}\n", kind as f64 + wave(0), wave(1) - kind as f64, wave(2));
    }
    let content = Content::from_bytes(csv.into_bytes(), "kinds.csv").unwrap();
    Table::read(&content, &SourceOptions::default(), &InferOptions::default()).unwrap()
}

#[test]
fn a_model_of_another_solver_survives_its_file_to_the_bit() {
    let table = table();
    let params = NetworkParams::closed_form().with_solver(Fisher::default());
    let model = Model::fit(&table, &params, Par::Seq).unwrap();
    assert_eq!(model.training().method, "fisher");
    assert_eq!(
        (&model.training().settings["ridge"], &model.training().settings["patience"]),
        (&0.01.into(), &2.into())
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fisher.safetensors");
    model.save(&path).unwrap();
    let registry = LayerRegistry::default().with(FisherLayer::SOLVER, FisherLayer::read);
    let again = Model::load_with(&path, &registry).unwrap();
    assert_eq!(again, model);
    let bits = |model: &Model| -> Vec<u64> {
        let log_proba = model.predict_log_proba(table.features.as_ref(), Par::Seq).unwrap();
        log_proba.col_iter().flat_map(|column| column.iter().map(|value| value.to_bits())).collect()
    };
    assert_eq!(bits(&again), bits(&model));
    assert_eq!(again.to_bytes().unwrap(), std::fs::read(&path).unwrap());

    let error = Model::from_bytes(&std::fs::read(&path).unwrap(), "fisher.safetensors").unwrap_err();
    assert_eq!(error.to_string(), "fisher.safetensors: the kind of layer 1 `fisher, random` is not known");
}

#[test]
fn a_solvers_own_bound_is_checked_before_anything_is_fitted() {
    let params = NetworkParams::closed_form().with_solver(Fisher { ridge: -1.0, ..Fisher::default() });
    assert_eq!(params.check().unwrap_err().to_string(), "ridge must be positive and finite, got -1");
    assert_eq!(
        Model::fit(&table(), &params, Par::Seq).unwrap_err().to_string(),
        "ridge must be positive and finite, got -1"
    );
}
