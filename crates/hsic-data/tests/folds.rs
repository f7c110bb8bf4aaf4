//! Stratified folds: a partition, in the shares of the classes, the same for the same seed.

use std::collections::BTreeSet;

use hsic_data::{StratifiedKFold, registry};
use hsic_rows::Labels;
use proptest::prelude::*;

fn refusal(folds: usize, codes: &[usize]) -> String {
    StratifiedKFold::new(folds, 0).split(&Labels::new(codes.to_vec()).unwrap()).unwrap_err().to_string()
}

#[test]
fn refusals() {
    assert_eq!(refusal(1, &[0, 1]), "the number of folds must be at least 2, got 1");
    assert_eq!(
        refusal(10, &[0, 1, 0, 1, 0, 1, 0]),
        "10 folds need at least 10 rows, got 7: use 7 folds or fewer"
    );
    assert_eq!(
        refusal(3, &[0, 0, 0, 1, 1]),
        "class 1 has 2 rows, fewer than the 3 folds: use 2 folds or fewer, or leave the class out"
    );
    assert_eq!(refusal(2, &[0, 0, 1]), "class 1 has 1 row, fewer than the 2 folds: leave the class out");
}

#[test]
fn a_class_that_is_too_small_is_named() {
    let car = registry::load("car", 0, None).unwrap();
    let good: Vec<usize> = (0..car.n()).filter(|&row| car.labels().codes()[row] == 2).collect();
    let rows: Vec<usize> =
        (0..car.n()).filter(|row| good[..3].contains(row) || !good.contains(row)).collect();
    let error = StratifiedKFold::new(10, 0).split_dataset(&car.subset(&rows).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "class `good` has 3 rows, fewer than the 10 folds: use 3 folds or fewer, or leave the class out"
    );
}

#[test]
fn wine_folds_hold_what_they_should() {
    let wine = registry::load("wine", 0, None).unwrap();
    let folds = StratifiedKFold::new(10, 0).split_dataset(&wine).unwrap();
    let mut sizes: Vec<usize> = folds.iter().map(|fold| fold.test.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [17, 17, 18, 18, 18, 18, 18, 18, 18, 18]);
    assert_eq!(folds, StratifiedKFold::new(10, 0).split(wine.labels()).unwrap());
    assert_ne!(folds, StratifiedKFold::new(10, 1).split_dataset(&wine).unwrap());
}

/// Labels with up to five classes, each with at least `folds` rows, in any order; or without a row.
fn folds_and_codes() -> impl Strategy<Value = (usize, Vec<usize>, u64)> {
    (2_usize..8).prop_flat_map(|folds| {
        let count = prop_oneof![1 => Just(0), 4 => folds..folds + 25];
        let counts = prop::collection::vec(count, 1..6).prop_map(|mut counts| {
            counts.push(25);
            counts
        });
        let codes = counts.prop_map(|counts| {
            counts.iter().enumerate().flat_map(|(code, &count)| vec![code; count]).collect::<Vec<_>>()
        });
        (Just(folds), codes.prop_shuffle(), any::<u64>())
    })
}

proptest! {
    #[test]
    fn folds_are_a_stratified_partition((k, codes, seed) in folds_and_codes()) {
        let labels = Labels::new(codes).unwrap();
        let folds = StratifiedKFold::new(k, seed).split(&labels).unwrap();
        prop_assert_eq!(folds.len(), k);

        let mut tested = BTreeSet::new();
        for fold in &folds {
            prop_assert!(fold.train.is_sorted() && fold.test.is_sorted());
            let rows: BTreeSet<usize> = fold.train.iter().chain(&fold.test).copied().collect();
            prop_assert_eq!(rows.len(), labels.len());
            prop_assert_eq!(fold.train.len() + fold.test.len(), labels.len());
            for &row in &fold.test {
                prop_assert!(tested.insert(row), "row {} is tested twice", row);
            }
        }
        prop_assert_eq!(tested, (0..labels.len()).collect());

        let at_most_one_apart = |counts: &[usize]| counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1;
        prop_assert!(at_most_one_apart(&folds.iter().map(|fold| fold.test.len()).collect::<Vec<_>>()));
        for class in 0..labels.n_classes() {
            let of_class = |rows: &[usize]| rows.iter().filter(|&&row| labels.codes()[row] == class).count();
            let counts: Vec<usize> = folds.iter().map(|fold| of_class(&fold.test)).collect();
            prop_assert!(at_most_one_apart(&counts), "class {}: {:?}", class, counts);
        }

        prop_assert_eq!(&folds, &StratifiedKFold::new(k, seed).split(&labels).unwrap());
    }
}
