//! Inner cross-validation: it finds what is known to be right, sees training rows only, and keeps its bits.

use std::sync::Mutex;

use faer::{Mat, Par};
use hsic_data::{Dataset, StratifiedKFold};
use hsic_eval::records::FoldRecord;
use hsic_eval::selection::select;
use hsic_eval::{Candidates, CrossValidation, FoldedData, Method, Progress, Schedule};
use hsic_kernels::Labels;
use hsic_kernels::random::stream;
use hsic_net::settings::{ClosedFormGrid, ClosedFormSettings, Settings, SpectralGrid, SpectralSettings};
use hsic_net::{HeadKind, LayerSummary, NetworkParams};
use rand::RngExt;

/// Both solvers with a small grid.
fn methods() -> [Candidates; 2] {
    candidates(&[1.0, 0.2], &[1, 3], &[HeadKind::NearestMean, HeadKind::Knn { k: 1 }])
}

fn candidates(scales: &[f64], depths: &[usize], heads: &[HeadKind]) -> [Candidates; 2] {
    let (bandwidth_scales, max_layers, heads) = (scales.to_vec(), depths.to_vec(), heads.to_vec());
    let closed_form = ClosedFormGrid {
        bandwidth_scales: bandwidth_scales.clone(),
        max_layers: max_layers.clone(),
        heads: heads.clone(),
        ..ClosedFormGrid::default()
    };
    let spectral =
        SpectralGrid { bandwidth_scales, max_layers, heads, widths: vec![], ..SpectralGrid::default() };
    let settings = [
        Settings::Spectral(SpectralSettings { cv: spectral, ..SpectralSettings::default() }),
        Settings::ClosedForm(ClosedFormSettings { cv: closed_form, ..ClosedFormSettings::default() }),
    ];
    settings.map(|settings| Candidates::of(&settings).unwrap())
}

/// Rows on a line: one class below 1, the other above, but for narrow stripes where they are exchanged. The bandwidth with
/// the largest Tr(ΓK) sees the halves and not the stripes.
fn stripes(n: usize) -> (Mat<f64>, Labels) {
    let mut rng = stream(3, 90, 0);
    let x = Mat::from_fn(n, 1, |_, _| rng.random_range(0.0..2.0));
    let class = |x: f64| usize::from((x >= 1.0) != ((x * 3.0).fract() < 0.3));
    let codes = (0..n).map(|i| class(x[(i, 0)])).collect();
    (x, Labels::new(codes).unwrap())
}

fn dataset(x: &Mat<f64>, labels: &Labels) -> Dataset {
    let names = (0..x.ncols()).map(|k| format!("x{k}")).collect();
    let classes = (0..labels.n_classes()).map(|class| class.to_string()).collect();
    Dataset::new("test", x.clone(), labels.clone(), names, classes).unwrap()
}

/// What was tried, and the best so far.
#[derive(Default)]
struct Tried(Mutex<Vec<(String, Option<f64>)>>);

impl Progress for Tried {
    fn layer(&self, _: usize, _: &LayerSummary) {}
    fn fold(&self, _: &FoldRecord) {}
    fn choosing(&self, tried: &str, best: Option<f64>) {
        self.0.lock().unwrap().push((tried.to_owned(), best));
    }
}

#[test]
fn a_search_tells_what_it_tries_and_the_best_so_far() {
    let (x, labels) = stripes(60);
    let tried = Tried::default();
    let (_, record) = select(&methods()[0], 0, x.as_ref(), &labels, None, Par::Seq, &tried).unwrap();
    let told = tried.0.into_inner().unwrap();
    let stack =
        |number: usize| format!("fold 1 of 5, stack {number} of {} (spectral)", record.candidates.len());
    assert_eq!(told[0], (stack(1), None));
    assert_eq!(told[1], (format!("{}, layer 1 done", stack(1)), None));
    let (_, best) = told.iter().find(|(tried, _)| *tried == stack(2)).unwrap();
    assert!(best.is_some());
    let folds: usize = record.candidates.iter().map(|candidate| candidate.folds).sum();
    assert_eq!(told.iter().filter(|(tried, _)| tried.ends_with("(spectral)")).count(), folds);
}

#[test]
fn a_budget_ends_the_race_with_what_was_tried() {
    let (x, labels) = stripes(60);
    let candidates = &methods()[1];
    let budget = Some(std::time::Duration::ZERO);
    let (chosen, record) = select(candidates, 0, x.as_ref(), &labels, budget, Par::Seq, &()).unwrap();
    assert!(record.out_of_time);
    let folds: Vec<usize> = record.candidates.iter().map(|candidate| candidate.folds).collect();
    assert!(folds[0] == 1 && folds.len() > 1 && folds[1..].iter().all(|&folds| folds == 0), "{folds:?}");
    assert!(record.chosen.accuracy.is_some() && candidates.params.contains(&chosen));
    let hour = Some(std::time::Duration::from_secs(3600));
    let all = select(candidates, 0, x.as_ref(), &labels, hour, Par::Seq, &()).unwrap();
    assert_eq!(all, select(candidates, 0, x.as_ref(), &labels, None, Par::Seq, &()).unwrap());
    assert!(!all.1.out_of_time);
}

#[test]
fn stripes_ask_for_a_narrow_kernel() {
    let (x, labels) = stripes(400);
    for candidates in candidates(&[1.0, 0.5, 0.05], &[1], &[HeadKind::NearestMean]) {
        let (chosen, record) = select(&candidates, 0, x.as_ref(), &labels, None, Par::Seq, &()).unwrap();
        assert_eq!(chosen.bandwidth_scale, 0.05);
        let accuracies: Vec<f64> =
            record.candidates.iter().map(|candidate| candidate.accuracy.unwrap()).collect();
        assert!(accuracies[0] < 0.8 && accuracies[2] > 0.93, "{accuracies:?}");
        assert_eq!(record.chosen, record.candidates[2]);
        // the wide kernel was dropped as soon as it had no chance
        assert!(record.candidates[0].folds < 5, "{record:?}");
        assert_eq!((record.inner_folds, record.chosen.folds), (5, 5));
    }
}

#[test]
fn one_candidate_is_chosen() {
    let (x, labels) = stripes(60);
    for base in [NetworkParams::spectral(), NetworkParams::closed_form()] {
        let candidates = Candidates { inner_folds: 2, params: vec![base] };
        let (chosen, record) = select(&candidates, 5, x.as_ref(), &labels, None, Par::Seq, &()).unwrap();
        assert_eq!(chosen, NetworkParams { seed: 5, ..base });
        assert_eq!(record.candidates.len(), 1);
    }
}

#[test]
fn the_choice_does_not_depend_on_threads() {
    let (x, labels) = stripes(200);
    for candidates in methods() {
        let one = select(&candidates, 0, x.as_ref(), &labels, None, Par::Seq, &()).unwrap();
        let many = select(&candidates, 0, x.as_ref(), &labels, None, Par::rayon(3), &()).unwrap();
        assert_eq!(one, many);
        let data = dataset(&x, &labels);
        let folds = StratifiedKFold::new(3, 1).split_dataset(&data).unwrap();
        let method = Method::Selected(candidates);
        let run = |schedule| {
            let run = CrossValidation {
                data: &FoldedData::in_memory(data.clone(), folds.clone()),
                seed: 2,
                schedule,
            };
            run.run(&method, &()).unwrap()
        };
        let (side_by_side, one_by_one) = (run(Schedule::Automatic), run(Schedule::Timing));
        for (a, b) in side_by_side.iter().zip(&one_by_one) {
            assert_eq!(a.selection, b.selection);
            assert_eq!((a.test_accuracy, a.hsic_normalized), (b.test_accuracy, b.hsic_normalized));
            assert!(a.selection_seconds.unwrap() > 0.0);
            let chosen = &a.selection.as_ref().unwrap().chosen;
            assert!(a.layers.is_some() && a.layers <= chosen.settings["max_layers"].as_f64());
        }
    }
}

#[test]
fn rows_to_test_on_are_never_seen() {
    let (x, labels) = stripes(120);
    let folds = StratifiedKFold::new(4, 1).split(&labels).unwrap();
    // the same training rows; rows to test on moved far away, and their classes exchanged
    let mut other = x.clone();
    let mut codes = labels.codes().to_vec();
    for &row in &folds[0].test {
        other[(row, 0)] = 1e3 - x[(row, 0)];
        codes[row] = 1 - codes[row];
    }
    let other_labels = Labels::new(codes).unwrap();
    for candidates in methods() {
        let method = Method::Selected(candidates);
        let selection = |x: &Mat<f64>, labels: &Labels| {
            let (dataset, schedule) = (dataset(x, labels), Schedule::Automatic);
            let run = CrossValidation {
                data: &FoldedData::in_memory(dataset.clone(), folds.clone()),
                seed: 0,
                schedule,
            };
            run.fold(&method, 0, Par::Seq, &()).unwrap().selection.unwrap()
        };
        assert_eq!(selection(&x, &labels), selection(&other, &other_labels));
    }
}

#[test]
fn small_classes_do_not_stop_it() {
    let x = Mat::from_fn(23, 2, |i, k| ((i * (7 + 4 * k)) % 23) as f64 / 7.0 + (i / 10) as f64 * 5.0);
    // the third class has two rows, the fourth one
    let codes = [vec![0; 10], vec![1; 10], vec![2, 2, 3]].concat();
    let labels = Labels::new(codes).unwrap();
    for candidates in methods() {
        let (chosen, record) = select(&candidates, 0, x.as_ref(), &labels, None, Par::Seq, &()).unwrap();
        assert!(chosen.check().is_ok());
        assert_eq!(record.inner_folds, 5);
        assert!(record.chosen.accuracy.unwrap() >= 0.8, "{record:?}");
    }
}

#[test]
fn where_nothing_can_be_held_out_the_first_candidate_is_taken() {
    // one row a class: without one of them the other class is alone
    let x = Mat::from_fn(2, 1, |i, _| i as f64);
    let labels = Labels::new(vec![0, 1]).unwrap();
    for candidates in methods() {
        let (chosen, record) = select(&candidates, 0, x.as_ref(), &labels, None, Par::Seq, &()).unwrap();
        assert_eq!((chosen.bandwidth_scale, chosen.max_layers), (1.0, 1));
        assert_eq!(chosen.head, HeadKind::NearestMean);
        assert_eq!((record.chosen.folds, record.chosen.accuracy), (0, None));
    }
    // two rows of each: every fold holds one of each out
    let x = Mat::from_fn(4, 1, |i, _| i as f64);
    let labels = Labels::new(vec![0, 0, 1, 1]).unwrap();
    for candidates in methods() {
        let (_, record) = select(&candidates, 0, x.as_ref(), &labels, None, Par::Seq, &()).unwrap();
        assert!(record.chosen.accuracy.is_some(), "{record:?}");
    }
}

#[test]
fn bad_candidates_are_refused() {
    let message = |inner_folds, params| {
        let method = Method::Selected(Candidates { inner_folds, params });
        method.check().unwrap_err().to_string()
    };
    let spectral = NetworkParams::spectral();
    assert_eq!(message(1, vec![spectral]), "inner_folds must be at least 2, got 1");
    assert_eq!(message(2, vec![]), "there is no network to choose");
    assert_eq!(message(2, vec![spectral; 2]), "a network to choose is named twice");
    let wrong = NetworkParams { patience: 0, ..spectral };
    assert_eq!(message(2, vec![spectral, wrong]), "patience must be at least 1, got 0");
}
