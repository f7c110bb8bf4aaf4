//! The baselines on wine: complete and finite records, the same however the folds are run.

use faer::Par;
use hsic_data::{StratifiedKFold, registry};
use hsic_eval::baselines::{BANDWIDTH_GRID, Baseline};
use hsic_eval::records::FoldRecord;
use hsic_eval::{CrossValidation, FoldedData, Method, Progress, Schedule};
use hsic_net::LayerSummary;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Default)]
struct Count {
    epochs: AtomicUsize,
    folds: AtomicUsize,
}

impl Progress for Count {
    fn layer(&self, _: usize, _: &LayerSummary) {
        unreachable!("a baseline has no layers to show");
    }
    fn epoch(&self, _: usize, _: usize, loss: f64) {
        assert!(loss.is_finite());
        self.epochs.fetch_add(1, Ordering::Relaxed);
    }
    fn fold(&self, _: &FoldRecord) {
        self.folds.fetch_add(1, Ordering::Relaxed);
    }
}

/// Five folds both ways, the records checked.
fn check(baseline: &Baseline, count: &Count) -> Vec<FoldRecord> {
    let wine = registry::load("wine", 0, None).unwrap();
    let folds = StratifiedKFold::new(5, 3).split_dataset(&wine).unwrap();
    let timeless = |records: Vec<FoldRecord>| -> Vec<FoldRecord> {
        let timeless = |mut record: FoldRecord| {
            record.values.seconds = None;
            record
        };
        records.into_iter().map(timeless).collect()
    };
    let automatic = CrossValidation {
        data: &FoldedData::in_memory(wine.clone(), folds.clone()),
        seed: 7,
        schedule: Schedule::Automatic,
    };
    let timing = CrossValidation { schedule: Schedule::Timing, ..automatic };
    let method = Method::from(*baseline);
    let side_by_side = automatic.run(&method, count).unwrap();
    let one_by_one = timing.run(&method, &()).unwrap();
    assert_eq!(timeless(side_by_side.clone()), timeless(one_by_one));
    let single = automatic.fold(&method, 2, Par::Seq, &()).unwrap();
    assert_eq!(timeless(vec![single]), timeless(vec![side_by_side[2].clone()]));
    assert_eq!(count.folds.load(Ordering::Relaxed), 5);
    for (index, (record, fold)) in side_by_side.iter().zip(&folds).enumerate() {
        assert_eq!((record.fold, record.layers), (index, Some(baseline.layers() as f64)));
        assert_eq!(record.confusion.iter().flatten().sum::<usize>(), fold.test.len());
        assert!(record.test_accuracy > Some(0.8), "wine is easy: {record:?}");
        assert!(record.hsic_normalized > Some(0.8) && record.hsic_normalized <= Some(1.0));
        // every number is there, and a NaN or an infinity would be null
        let json = serde_json::to_value(record).unwrap();
        for (name, value) in json.as_object().unwrap() {
            assert!(!value.is_null() || name == "sigma", "{name} is null");
        }
    }
    side_by_side
}

#[test]
fn k_nn_has_complete_records() {
    for record in check(&Baseline::knn(), &Count::default()) {
        assert_eq!((record.sigma, record.stop_reason.as_str()), (None, "closed-form"));
    }
}

#[test]
fn kernel_ridge_has_complete_records() {
    for record in check(&Baseline::KernelRidge, &Count::default()) {
        assert!(record.sigma.is_some_and(|sigma| sigma > 0.0));
        assert!(record.train_accuracy > Some(0.98));
    }
    assert!(BANDWIDTH_GRID.is_sorted());
}

#[test]
fn a_refused_baseline_runs_no_fold() {
    let wine = registry::load("wine", 0, None).unwrap();
    let validation = CrossValidation {
        data: &FoldedData::in_memory(wine.clone(), Vec::new()),
        seed: 0,
        schedule: Schedule::Automatic,
    };
    let error = validation.run(&Baseline::Knn { k: 0 }.into(), &()).unwrap_err();
    assert_eq!(error.to_string(), "k must be at least 1, got 0");
}

#[cfg(feature = "baselines")]
mod mlp {
    use super::*;
    use hsic_eval::baselines::MlpParams;

    #[test]
    fn perceptrons_have_complete_records_and_learn_every_training_row() {
        for (params, name) in
            [(MlpParams::cross_entropy(2), "mlp-ce"), (MlpParams::squared_error(2), "mlp-mse")]
        {
            let baseline = Baseline::Mlp(MlpParams { width: 64, ..params });
            assert_eq!(baseline.name(), name);
            assert_eq!(baseline.settings()["width"], 64);
            let count = Count::default();
            for record in check(&baseline, &count) {
                assert_eq!(record.train_accuracy, Some(1.0));
                assert_eq!((record.sigma, record.stop_reason.as_str()), (None, "converged"));
            }
            assert!(count.epochs.into_inner() > 5);
        }
    }

    #[test]
    fn a_limit_is_told_as_the_reason() {
        let wine = registry::load("wine", 0, None).unwrap();
        let folds = StratifiedKFold::new(2, 0).split_dataset(&wine).unwrap();
        let baseline = Baseline::Mlp(MlpParams { width: 8, max_updates: 1, ..MlpParams::cross_entropy(1) });
        let validation = CrossValidation {
            data: &FoldedData::in_memory(wine.clone(), folds.clone()),
            seed: 0,
            schedule: Schedule::Automatic,
        };
        let record = validation.fold(&baseline.into(), 0, Par::Seq, &()).unwrap();
        assert_eq!(record.stop_reason, "max-epochs");
    }
}
