//! The rows a kernel regression is spanned by.

use std::cmp::Ordering;

use faer::{Mat, MatRef};
use hsic_kernels::Labels;
use hsic_kernels::bandwidth::Subsample;

use super::EXACT_ROWS;

/// All rows, or where they are more than [`EXACT_ROWS`] or half of them repeat others the distinct ones, each at its first place;
/// of more than `most` of these a stratified sample.
pub(super) fn choose(rows: MatRef<'_, f64>, labels: &Labels, most: usize) -> Mat<f64> {
    let distinct = distinct(rows);
    if rows.nrows() <= EXACT_ROWS && 2 * distinct.len() > rows.nrows() {
        return rows.to_owned();
    }
    let kept = match labels.select(&distinct) {
        Ok(of_distinct) if distinct.len() > most => {
            let sample = Subsample { rows: most, ..Subsample::default() };
            sample.stratified(&of_distinct).into_iter().map(|i| distinct[i]).collect()
        }
        _ => distinct,
    };
    Mat::from_fn(kept.len(), rows.ncols(), |i, k| rows[(kept[i], k)])
}

/// Numbers of the rows that no row before them equals, ascending.
fn distinct(rows: MatRef<'_, f64>) -> Vec<usize> {
    let compare = |&i: &usize, &j: &usize| {
        // −0 and 0 are one value
        let columns = (0..rows.ncols()).map(|k| (rows[(i, k)] + 0.0).total_cmp(&(rows[(j, k)] + 0.0)));
        columns.fold(Ordering::Equal, Ordering::then)
    };
    let mut order: Vec<usize> = (0..rows.nrows()).collect();
    order.sort_by(|i, j| compare(i, j).then(i.cmp(j)));
    order.dedup_by(|later, first| compare(later, first).is_eq());
    order.sort_unstable();
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_are_one_centre() {
        let rows = Mat::from_fn(7, 2, |i, k| [[1.0, 2.0], [0.0, 2.0], [-0.0, 2.0]][i % 3][k]);
        assert_eq!(distinct(rows.as_ref()), [0, 1]);
        let labels = Labels::new(vec![0, 1, 1, 0, 1, 1, 0]).unwrap();
        assert_eq!(choose(rows.as_ref(), &labels, 1000), faer::mat![[1.0, 2.0], [0.0, 2.0]]);
    }

    #[test]
    fn of_many_rows_a_stratified_sample_is_taken() {
        let rows = Mat::from_fn(3000, 1, |i, _| i as f64);
        let labels = Labels::new((0..3000).map(|i| usize::from(i % 3 == 0)).collect()).unwrap();
        let centres = choose(rows.as_ref(), &labels, 1000);
        let of_class_1 = centres.col(0).iter().filter(|&&value| (value as usize).is_multiple_of(3)).count();
        assert_eq!((centres.nrows(), of_class_1), (1000, 334));
    }
}
