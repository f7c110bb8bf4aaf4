//! Accuracy and the confusion matrix.

use hsic_kernels::Labels;

/// Rows by true class (first index) and predicted class (second index): c×c counts.
///
/// # Panics
/// If there are not as many predictions as labels, or a prediction is not a class.
pub fn confusion(labels: &Labels, predicted: &[usize]) -> Vec<Vec<usize>> {
    assert_eq!(labels.len(), predicted.len(), "a prediction a row");
    let mut counts = vec![vec![0; labels.n_classes()]; labels.n_classes()];
    for (&class, &predicted) in labels.codes().iter().zip(predicted) {
        counts[class][predicted] += 1;
    }
    counts
}

/// Share of the rows on the diagonal of a confusion matrix; `None` without rows.
///
/// ```
/// use hsic_eval::metrics::accuracy;
/// assert_eq!(accuracy(&[vec![3, 1], vec![0, 4]]), Some(7.0 / 8.0));
/// ```
pub fn accuracy(confusion: &[Vec<usize>]) -> Option<f64> {
    let total: usize = confusion.iter().flatten().sum();
    let right: usize = confusion.iter().enumerate().map(|(class, row)| row[class]).sum();
    (total > 0).then(|| right as f64 / total as f64)
}

/// Mean over the classes that have a row of the share of their rows on the diagonal; `None` without rows.
///
/// ```
/// use hsic_eval::metrics::balanced_accuracy;
/// assert_eq!(balanced_accuracy(&[vec![3, 1], vec![0, 4]]), Some((0.75 + 1.0) / 2.0));
/// ```
pub fn balanced_accuracy(confusion: &[Vec<usize>]) -> Option<f64> {
    let recalls: Vec<f64> = confusion
        .iter()
        .enumerate()
        .filter_map(|(class, row)| {
            let total: usize = row.iter().sum();
            (total > 0).then(|| row[class] as f64 / total as f64)
        })
        .collect();
    (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
}
