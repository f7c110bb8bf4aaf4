//! Folds inside a training fold.

use hsic_data::{Fold, StratifiedKFold};
use hsic_kernels::Labels;

use crate::Result;

/// `count` stratified folds, fewer where there are fewer rows. Classes with fewer rows than folds are dealt together with
/// the largest one, so that a class of one row is held out once and trained on otherwise.
///
/// # Errors
/// [`crate::Error::Data`] below two folds or rows.
pub(crate) fn inner_folds(labels: &Labels, count: usize, seed: u64) -> Result<Vec<Fold>> {
    let count = count.min(labels.len());
    let counts = labels.counts();
    let largest = (0..counts.len()).max_by_key(|&class| counts[class]).unwrap_or(0);
    let dealt = labels.codes().iter().map(|&class| if counts[class] < count { largest } else { class });
    let dealt = Labels::with_classes(dealt.collect(), counts.len())?;
    Ok(StratifiedKFold::new(count, seed).split(&dealt)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_of_one_row_does_not_stop_the_inner_folds() {
        let labels = Labels::new([vec![0; 9], vec![1; 7], vec![2]].concat()).unwrap();
        let folds = inner_folds(&labels, 5, 0).unwrap();
        assert_eq!(folds.len(), 5);
        assert_eq!(folds.iter().map(|fold| fold.test.len()).sum::<usize>(), 17);
        assert_eq!(inner_folds(&Labels::new(vec![0, 1, 1]).unwrap(), 5, 0).unwrap().len(), 3);
    }
}
