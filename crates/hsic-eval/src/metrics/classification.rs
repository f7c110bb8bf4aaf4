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

/// Macro-F1: the mean over the classes of 2 M_aa / (Σ_b M_ab + Σ_b M_ba), the harmonic mean of precision and recall, of
/// those classes that have a true or a predicted row; `None` without rows.
///
/// ```
/// use hsic_eval::metrics::macro_f1;
/// assert_eq!(macro_f1(&[vec![3, 1], vec![0, 4]]), Some((6.0 / 7.0 + 8.0 / 9.0) / 2.0));
/// // a class that is never true nor predicted does not count; one that is only predicted does
/// assert_eq!(macro_f1(&[vec![2, 0, 0], vec![0, 0, 0], vec![0, 0, 0]]), Some(1.0));
/// assert_eq!(macro_f1(&[vec![1, 1], vec![0, 0]]), Some((2.0 / 3.0) / 2.0));
/// ```
pub fn macro_f1(confusion: &[Vec<usize>]) -> Option<f64> {
    let scores: Vec<f64> = (0..confusion.len())
        .filter_map(|class| {
            let with_class: usize = confusion[class].iter().sum();
            let predicted: usize = confusion.iter().map(|row| row[class]).sum();
            let rows = with_class + predicted;
            (rows > 0).then(|| 2.0 * confusion[class][class] as f64 / rows as f64)
        })
        .collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}
