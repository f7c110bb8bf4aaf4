//! Cross-validation on wine: the records are complete, consistent, and the same however the folds are run.

use faer::Par;
use hsic_data::{StratifiedKFold, registry};
use hsic_eval::records::{FoldRecord, Summary};
use hsic_eval::{FoldRows, Progress, Schedule, cross_validate};
use hsic_kernels::hsic::against_labels;
use hsic_net::{LayerSummary, NetworkParams};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A record without its times.
fn timeless(mut record: FoldRecord) -> FoldRecord {
    record.seconds = 0.0;
    record.trace.iter_mut().for_each(|layer| layer.seconds = 0.0);
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
    for params in [NetworkParams::spectral(), NetworkParams::closed_form()] {
        let count = Count::default();
        let side_by_side = cross_validate(&wine, &params, &folds, Schedule::Automatic, &count).unwrap();
        let one_by_one = cross_validate(&wine, &params, &folds, Schedule::Timing, &()).unwrap();
        let timeless_all = |records: Vec<FoldRecord>| records.into_iter().map(timeless).collect::<Vec<_>>();
        assert_eq!(timeless_all(side_by_side.clone()), timeless_all(one_by_one));
        assert_eq!(count.folds.into_inner(), 5);
        assert!(count.layers.into_inner() >= side_by_side.iter().map(|fold| fold.layers).sum());
        for (index, (record, fold)) in side_by_side.iter().zip(&folds).enumerate() {
            assert_eq!(record.fold, index);
            assert_eq!(record.layers, record.trace.len());
            assert_eq!(record.confusion.iter().flatten().sum::<usize>(), fold.test.len());
            let last = record.trace.last().unwrap();
            assert_eq!(
                (record.test_accuracy, record.mse, record.ce),
                (last.test_accuracy, last.mse, last.ce)
            );
            let smallest = record.trace.iter().map(|layer| layer.sigma).fold(f64::INFINITY, f64::min);
            assert_eq!(record.sigma, Some(smallest));
            assert!(record.trace.iter().map(|layer| layer.seconds).sum::<f64>() <= record.seconds);
        }
        let (mean, std) = Summary::of(&side_by_side);
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
        let records = cross_validate(&wine, &params, &folds, Schedule::Automatic, &progress).unwrap();
        let seen = progress.seen.into_inner().unwrap();
        assert_eq!(seen.iter().map(|rows| rows.fold).collect::<Vec<_>>(), [1]);
        let rows = &seen[0];
        assert!(rows.labels.is_class_sorted());
        assert_eq!(rows.layers.len(), records[1].layers);
        for (layer, record) in rows.layers.iter().zip(&records[1].trace) {
            assert_eq!((layer.layer, layer.metric_sigma.get()), (record.layer, record.metric_sigma));
            assert_eq!(layer.z.shape(), (folds[1].train.len(), record.width));
            let hsic = against_labels(layer.z.as_ref(), layer.metric_sigma, &rows.labels, Par::Seq).unwrap();
            assert!((hsic.statistics.normalized() - record.hsic_normalized).abs() < 1e-9);
        }
    }
}
