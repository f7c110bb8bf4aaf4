//! Networks fitted in blocks, evaluated as part of a cross-validation and from files.

use faer::Par;
use hsic_data::rows::{BlockHoldout, TableRows};
use hsic_data::table::{Content, InferOptions, SourceOptions};
use hsic_data::{Scaling, StratifiedKFold, registry, write_csv};
use hsic_eval::baselines::Baseline;
use hsic_eval::{
    CrossValidation, FoldRows, FoldedData, Method, Progress, Schedule, Sources, evaluate_in_blocks,
};
use hsic_kernels::features::Frequencies;
use hsic_layer::{Activation, ClosedForm, KernelFeatures, Spectral};
use hsic_net::{LayerSummary, NetworkParams, SolverParams};
use std::sync::Mutex;

fn methods() -> [NetworkParams; 2] {
    let frequencies = Frequencies::Orthogonal;
    let spectral = Spectral { activation: Activation::Random { m: 200, frequencies }, ..Spectral::default() };
    let features = KernelFeatures::Random { m: 200, frequencies };
    let closed_form = ClosedForm { features, ..ClosedForm::default() };
    [
        NetworkParams { solver: SolverParams::Spectral(spectral), ..NetworkParams::spectral() },
        NetworkParams { solver: SolverParams::ClosedForm(closed_form), ..NetworkParams::closed_form() },
    ]
    .map(|params| NetworkParams { sample_rows: 400, max_layers: 5, ..params })
}

#[derive(Default)]
struct Keep(Mutex<Vec<FoldRows>>);

impl Progress for Keep {
    fn layer(&self, _: usize, _: &LayerSummary) {}
    fn fold(&self, _: &hsic_eval::records::FoldRecord) {}
    fn wants_rows(&self, fold: usize) -> bool {
        fold == 1
    }
    fn rows(&self, rows: FoldRows) {
        self.0.lock().unwrap().push(rows);
    }
}

#[test]
fn folds_in_blocks_have_whole_records_and_classify_the_spiral() {
    let spiral = registry::load("spiral", 0, None).unwrap();
    let folds = StratifiedKFold::new(3, 0).split_dataset(&spiral).unwrap();
    let validation = CrossValidation {
        data: &FoldedData::in_memory(spiral.clone(), folds.clone()),
        seed: 0,
        schedule: Schedule::Automatic,
    };
    for params in methods() {
        let keep = Keep::default();
        let records = validation.run(&Method::NetworkInBlocks(params), &keep).unwrap();
        for (record, fold) in records.iter().zip(&folds) {
            assert_eq!(record.layers, Some(record.trace.len() as f64));
            assert_eq!(record.confusion.iter().flatten().sum::<usize>(), fold.test.len());
            let last = record.trace.last().unwrap();
            assert_eq!(
                (record.test_accuracy, record.train_accuracy),
                (last.test_accuracy, last.train_accuracy)
            );
            assert!(record.test_accuracy > Some(0.95) && record.train_accuracy > Some(0.95), "{record:?}");
            assert!(
                (Some(0.0)..=Some(1.0)).contains(&record.hsic_normalized)
                    && record.ce.is_some_and(f64::is_finite)
            );
        }
        let rows = keep.0.into_inner().unwrap();
        assert_eq!((rows.len(), rows[0].fold), (1, 1));
        assert!((400..450).contains(&rows[0].labels.len()), "the pictures are of the sample");
    }
}

#[test]
fn a_file_in_blocks_gives_the_record_of_its_rows_in_memory() {
    let spiral = registry::load("spiral", 0, None).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spiral.csv");
    write_csv(&spiral, std::fs::File::create(&path).unwrap()).unwrap();
    let content = Content::read(&path, None).unwrap();
    let rows =
        TableRows::open(&content, &SourceOptions::default(), &InferOptions::default(), Par::Seq).unwrap();
    let in_memory = hsic_kernels::rows::MatrixRows::new(spiral.features(), spiral.labels()).unwrap();
    for params in methods() {
        for scaling in [Scaling::Columns, Scaling::Common] {
            let timeless = |train: &dyn hsic_kernels::rows::RowBlocks| {
                let sources = Sources { train, test: train, scaling, names: &[] };
                let mut record = evaluate_in_blocks(&sources, &params, 0, Par::Seq, &()).unwrap();
                record.values.seconds = None;
                record.trace.iter_mut().for_each(|layer| layer.values.seconds = None);
                record
            };
            assert_eq!(timeless(&rows), timeless(&in_memory));
        }
    }
}

#[test]
fn what_needs_rows_in_memory_is_refused_of_a_file() {
    let spiral = registry::load("spiral", 0, None).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spiral.csv");
    write_csv(&spiral, std::fs::File::create(&path).unwrap()).unwrap();
    let content = Content::read(&path, None).unwrap();
    let rows =
        TableRows::open(&content, &SourceOptions::default(), &InferOptions::default(), Par::Seq).unwrap();
    let folds = BlockHoldout::folds(&rows, 3, 0, Par::Seq).unwrap();
    let data = FoldedData::InFile { rows: Box::new(rows), folds, scaling: Scaling::Columns };
    assert_eq!((data.n(), data.fold_sizes().len(), data.is_in_file()), (spiral.n(), 3, true));
    let validation = CrossValidation { data: &data, seed: 0, schedule: Schedule::Automatic };
    let record = validation.fold(&Method::NetworkInBlocks(methods()[1]), 1, Par::Seq, &()).unwrap();
    assert!(record.test_accuracy > Some(0.95), "{record:?}");
    let refused = validation.fold(&Baseline::knn().into(), 1, Par::Seq, &()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "rows that stay in their file are for networks fitted in blocks: in_blocks = true"
    );
}
