//! The rows a kernel regression is spanned by.

use std::cmp::Ordering;

#[cfg(test)]
use faer::Mat;
use faer::MatRef;
use hsic_kernels::Labels;
use hsic_kernels::bandwidth::Subsample;

use super::EXACT_ROWS;

/// Rows whose leave-one-out scores are found where not those of all are.
const HELD_ROWS: usize = 4000;
/// Rows that are enough to choose by.
const FEWEST_HELD: usize = 500;

/// Numbers of all rows, or where they are more than [`EXACT_ROWS`] or half of them repeat others of the distinct ones, each at its first
/// place; of more than `most` of these a stratified sample.
pub(super) fn choose(rows: MatRef<'_, f64>, labels: &Labels, most: usize) -> Vec<usize> {
    let distinct = distinct(rows);
    if rows.nrows() <= EXACT_ROWS && 2 * distinct.len() > rows.nrows() {
        return (0..rows.nrows()).collect();
    }
    match labels.select(&distinct) {
        Ok(of_distinct) if distinct.len() > most => {
            let sample = Subsample { rows: most, ..Subsample::default() };
            sample.stratified(&of_distinct).into_iter().map(|i| distinct[i]).collect()
        }
        _ => distinct,
    }
}

/// The rows that leave-one-out scores are asked of. Where the centres are all rows, or all distinct ones, these are all rows, of more than
/// [`HELD_ROWS`] for more than [`EXACT_ROWS`] centres a stratified sample. Where they are a sample, it is a sample of the other rows: a centre's own
/// kernel is close to a column of its own, which no other row bears out, so that its error without the row says little of a new one, the less the
/// narrower the kernel.
pub(super) fn held_rows(labels: &Labels, centres: &[usize], most: usize) -> Vec<usize> {
    let mut is_centre = vec![false; labels.len()];
    centres.iter().for_each(|&i| is_centre[i] = true);
    let others = || (0..labels.len()).filter(|&i| !is_centre[i]).collect::<Vec<_>>();
    let are_sampled = labels.len() > EXACT_ROWS && centres.len() == most;
    let rows = Some(others()).filter(|others| are_sampled && others.len() >= FEWEST_HELD);
    let rows = rows.unwrap_or_else(|| (0..labels.len()).collect());
    match labels.select(&rows) {
        Ok(of_rows) if rows.len() > HELD_ROWS && (are_sampled || centres.len() > EXACT_ROWS) => {
            let sample = Subsample { rows: HELD_ROWS, ..Subsample::default() };
            sample.stratified(&of_rows).into_iter().map(|i| rows[i]).collect()
        }
        _ => rows,
    }
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
    fn centres_are_not_held_where_others_are() {
        let labels = Labels::new((0..9000).map(|i| usize::from(i % 3 == 0)).collect()).unwrap();
        let of_class_1 = |held: &[usize]| held.iter().filter(|&&i| i.is_multiple_of(3)).count();
        let held = held_rows(&labels, &(0..3000).collect::<Vec<_>>(), 3000);
        assert!(held.len() == HELD_ROWS && matches!(of_class_1(&held), 1333 | 1334));
        assert!(held.iter().all(|&i| i >= 3000));
        assert_eq!(
            held_rows(&labels, &(0..6000).collect::<Vec<_>>(), 6000),
            (6000..9000).collect::<Vec<_>>()
        );
        // hardly another row is left
        let held = held_rows(&labels, &(0..8700).collect::<Vec<_>>(), 8700);
        assert!(held.iter().any(|&i| i < 8700));
        // all distinct rows are centres
        assert_eq!(held_rows(&labels, &(0..50).collect::<Vec<_>>(), 1000).len(), 9000);
    }

    #[test]
    fn equal_rows_are_one_centre() {
        let rows = Mat::from_fn(7, 2, |i, k| [[1.0, 2.0], [0.0, 2.0], [-0.0, 2.0]][i % 3][k]);
        assert_eq!(distinct(rows.as_ref()), [0, 1]);
        let labels = Labels::new(vec![0, 1, 1, 0, 1, 1, 0]).unwrap();
        assert_eq!(choose(rows.as_ref(), &labels, 1000), [0, 1]);
    }

    #[test]
    fn of_many_rows_a_stratified_sample_is_taken() {
        let rows = Mat::from_fn(3000, 1, |i, _| i as f64);
        let labels = Labels::new((0..3000).map(|i| usize::from(i % 3 == 0)).collect()).unwrap();
        let centres = choose(rows.as_ref(), &labels, 1000);
        let of_class_1 = centres.iter().filter(|&&i| i.is_multiple_of(3)).count();
        assert_eq!((centres.len(), of_class_1), (1000, 334));
    }
}
