//! Cross-validation on wine: the records are complete, consistent, and the same however the folds are run.

use faer::Par;
use hsic_data::{StratifiedKFold, registry};
use hsic_eval::metrics::Values;
use hsic_eval::records::FoldRecord;
use hsic_eval::{CrossValidation, FoldRows, FoldedData, Method, Progress, Schedule};
use hsic_kernels::hsic::against_labels;
use hsic_net::{LayerSummary, NetworkParams};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A record without its times.
fn timeless(mut record: FoldRecord) -> FoldRecord {
    record.values.seconds = None;
    record.trace.iter_mut().for_each(|layer| layer.values.seconds = None);
    record
}

#[derive(Default)]
struct Count {
    layers: AtomicUsize,
    folds: AtomicUsize,
}

impl Progress for Count {
    fn layer(&self, _: usize, _: &LayerSummary) {
        self.layers.fetch_add(1, Ordering::Relaxed);
    }
    fn fold(&self, _: &FoldRecord) {
        self.folds.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn records_are_complete_and_do_not_depend_on_how_folds_run() {
    let wine = registry::load("wine", 0, None).unwrap();
    let folds = StratifiedKFold::new(5, 3).split_dataset(&wine).unwrap();
    let automatic = CrossValidation {
        data: &FoldedData::in_memory(wine.clone(), folds.clone()),
        seed: 0,
        schedule: Schedule::Automatic,
    };
    let timing = CrossValidation { schedule: Schedule::Timing, ..automatic };
    for params in [NetworkParams::spectral(), NetworkParams::closed_form()] {
        let count = Count::default();
        let method = Method::from(params);
        let side_by_side = automatic.run(&method, &count).unwrap();
        let one_by_one = timing.run(&method, &()).unwrap();
        let some = automatic.run_folds(&[3, 1], |_, _| Ok(method.clone()), &());
        let some: Vec<FoldRecord> = some.into_iter().map(|record| timeless(record.unwrap())).collect();
        assert_eq!(some, [3, 1].map(|fold: usize| timeless(side_by_side[fold].clone())));
        assert_eq!(Some(automatic.depth(&params, 2, Par::Seq).unwrap() as f64), side_by_side[2].layers);
        let timeless_all = |records: Vec<FoldRecord>| records.into_iter().map(timeless).collect::<Vec<_>>();
        assert_eq!(timeless_all(side_by_side.clone()), timeless_all(one_by_one));
        assert_eq!(count.folds.into_inner(), 5);
        assert!(count.layers.into_inner() >= side_by_side.iter().map(|fold| fold.trace.len()).sum());
        for (index, (record, fold)) in side_by_side.iter().zip(&folds).enumerate() {
            assert_eq!(record.fold, index);
            assert_eq!(record.layers, Some(record.trace.len() as f64));
            assert_eq!(record.confusion.iter().flatten().sum::<usize>(), fold.test.len());
            let last = record.trace.last().unwrap();
            assert_eq!(
                (record.test_accuracy, record.mse, record.ce),
                (last.test_accuracy, last.mse, last.ce)
            );
            let smallest = record.trace.iter().filter_map(|layer| layer.sigma).fold(f64::INFINITY, f64::min);
            assert_eq!(record.sigma, Some(smallest));
            let of_layers: Option<f64> = record.trace.iter().map(|layer| layer.seconds).sum();
            assert!(of_layers.is_some() && of_layers <= record.seconds);
        }
        let (mean, std) = Values::moments(&side_by_side);
        assert!(mean.test_accuracy.unwrap() > 0.93, "wine is easy: {mean:?}");
        assert!(std.test_accuracy.unwrap() < 0.1);
    }
}

/// Wants the rows of one fold.
struct Rows {
    of: usize,
    seen: Mutex<Vec<FoldRows>>,
}

impl Progress for Rows {
    fn layer(&self, _: usize, _: &LayerSummary) {}
    fn fold(&self, _: &FoldRecord) {}
    fn wants_rows(&self, fold: usize) -> bool {
        fold == self.of
    }
    fn rows(&self, rows: FoldRows) {
        self.seen.lock().unwrap().push(rows);
    }
}

#[test]
fn rows_are_those_the_metrics_were_taken_on() {
    let wine = registry::load("wine", 0, None).unwrap();
    let folds = StratifiedKFold::new(3, 3).split_dataset(&wine).unwrap();
    for params in [NetworkParams::spectral(), NetworkParams::closed_form()] {
        let progress = Rows { of: 1, seen: Mutex::default() };
        let validation = CrossValidation {
            data: &FoldedData::in_memory(wine.clone(), folds.clone()),
            seed: 0,
            schedule: Schedule::Automatic,
        };
        let records = validation.run(&params.into(), &progress).unwrap();
        let seen = progress.seen.into_inner().unwrap();
        assert_eq!(seen.iter().map(|rows| rows.fold).collect::<Vec<_>>(), [1]);
        let rows = &seen[0];
        assert!(rows.labels.is_class_sorted());
        assert_eq!(Some(rows.layers.len() as f64), records[1].layers);
        for (layer, record) in rows.layers.iter().zip(&records[1].trace) {
            assert_eq!((layer.layer, Some(layer.metric_sigma.get())), (record.layer, record.metric_sigma));
            assert_eq!(layer.z.shape(), (folds[1].train.len(), record.width.unwrap() as usize));
            let hsic = against_labels(layer.z.as_ref(), layer.metric_sigma, &rows.labels, Par::Seq).unwrap();
            assert!((hsic.statistics.normalized() - record.hsic_normalized.unwrap()).abs() < 1e-9);
        }
    }
}

#[test]
fn a_fold_that_fails_leaves_the_others() {
    let wine = registry::load("wine", 0, None).unwrap();
    let folds = StratifiedKFold::new(3, 3).split_dataset(&wine).unwrap();
    let validation = CrossValidation {
        data: &FoldedData::in_memory(wine.clone(), folds.clone()),
        seed: 0,
        schedule: Schedule::Automatic,
    };
    let count = Count::default();
    let good = NetworkParams { max_layers: 1, ..NetworkParams::closed_form() };
    let bad = NetworkParams { patience: 0, ..good };
    let method_of = |fold: usize, _: Par| Ok(Method::from(if fold == 1 { bad } else { good }));
    let results = validation.run_folds(&[0, 1, 2], method_of, &count);
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(results[1].as_ref().unwrap_err().to_string(), "patience must be at least 1, got 0");
    assert_eq!(count.folds.into_inner(), 2);
}
