//! The k nearest training rows.

use std::ops::Range;

use faer::{Mat, MatRef, Par};
use hsic_kernels::Labels;
use hsic_kernels::tiles::{PairFunction, PairSource, Points, Reducer, Tile, reduce_cross};

use crate::Result;

/// p(a | f) = (votes for a + w)/(k + wc) among the k nearest training rows, w = 1/c; of classes with equal votes the one
/// of the nearer row counts first. A training row whose squared distance overflows is no neighbour: without any, p is 1/c.
///
/// # Cost
/// n_train distances a row; the training features are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KnnHead {
    /// n×p.
    pub(crate) features: Mat<f64>,
    pub(crate) labels: Labels,
    pub(crate) k: usize,
}

impl KnnHead {
    pub(crate) fn fit(features: MatRef<'_, f64>, labels: &Labels, k: usize) -> Self {
        Self { features: features.to_owned(), labels: labels.clone(), k: k.min(labels.len()) }
    }

    /// log p(class | features), n×c.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for another number of features than the training rows', or numbers that are not finite.
    pub fn log_proba(&self, features: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        let c = self.labels.n_classes();
        let smoothing = 1.0 / c as f64;
        let mut log_proba = Mat::zeros(features.nrows(), c);
        for (i, nearest) in self.nearest(features, par)?.into_iter().enumerate() {
            let mut votes = vec![smoothing; c];
            for (rank, (_, j)) in nearest.into_iter().enumerate() {
                // the nearer of equal votes wins by a billionth
                votes[self.labels.codes()[j]] += 1.0 - 1e-9 * rank as f64;
            }
            let total: f64 = votes.iter().sum();
            for (a, votes) in votes.into_iter().enumerate() {
                log_proba[(i, a)] = (votes / total).ln();
            }
        }
        Ok(log_proba)
    }

    /// Squared distance and number of the k nearest training rows of each row, nearest first, the lower number first of equals.
    fn nearest(&self, features: MatRef<'_, f64>, par: Par) -> Result<Vec<Vec<(f64, usize)>>> {
        if features.nrows() == 0 {
            return Ok(Vec::new());
        }
        let training = Points::new(self.features.as_ref())?;
        let new = training.against(features, "the nearest rows")?;
        let source = |points| PairSource { points, function: PairFunction::SquaredDistance };
        let groups = reduce_cross(&[source(&new)], &[source(&training)], &Nearest { k: self.k }, par);
        Ok(groups.into_iter().flat_map(|group| group.nearest).collect())
    }
}

/// Reducer: the k nearest columns of every row.
struct Nearest {
    k: usize,
}

struct Group {
    /// The first row.
    start: usize,
    nearest: Vec<Vec<(f64, usize)>>,
    /// What a distance must be below to count.
    bounds: Vec<f64>,
}

impl Reducer<f64> for Nearest {
    type Partial = Group;
    const COLUMNS: usize = 32;

    fn start(&self, rows: Range<usize>, _: Range<usize>) -> Group {
        Group {
            start: rows.start,
            nearest: vec![Vec::with_capacity(self.k + 1); rows.len()],
            bounds: vec![f64::INFINITY; rows.len()],
        }
    }

    fn tile(&self, group: &mut Group, _: usize, tile: Tile<'_, f64>) {
        let rows = tile.rows.start - group.start..tile.rows.end - group.start;
        let (nearest, bounds) = (&mut group.nearest[rows.clone()], &mut group.bounds[rows]);
        for (j, column) in tile.columns.zip(tile.values.chunks_exact(bounds.len())) {
            // without a branch a row, as hardly a column has one that counts
            if !column.iter().zip(&*bounds).fold(false, |any, (squared, bound)| any | (squared < bound)) {
                continue;
            }
            for ((&squared, bound), nearest) in column.iter().zip(&mut *bounds).zip(&mut *nearest) {
                if squared < *bound {
                    let place = nearest.partition_point(|&(held, _)| held <= squared);
                    nearest.insert(place, (squared, j));
                    nearest.truncate(self.k);
                    if let (true, Some(&(farthest, _))) = (nearest.len() == self.k, nearest.last()) {
                        *bound = farthest;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rows_are_those_of_all_distances() {
        // more columns than differences are taken for, more rows than a tile
        for (n, p, k) in [(300, 2, 5), (300, 20, 3), (7, 3, 7)] {
            let at = |i: usize, j: usize, seed: usize| ((i * 37 + j * 101 + seed) as f64).sin();
            let features = Mat::from_fn(n, p, |i, j| at(i, j, 0));
            let new = Mat::from_fn(200, p, |i, j| at(i, j, 5));
            let labels = Labels::new((0..n).map(|i| i % 3).collect()).unwrap();
            let head = KnnHead::fit(features.as_ref(), &labels, k);
            let found = head.nearest(new.as_ref(), hsic_kernels::all_threads()).unwrap();
            assert_eq!(found.len(), 200);
            for (i, found) in found.iter().enumerate() {
                let squared =
                    |j: usize| (0..p).map(|c| (new[(i, c)] - features[(j, c)]).powi(2)).sum::<f64>();
                let mut all: Vec<_> = (0..n).map(|j| (squared(j), j)).collect();
                all.sort_by(|a, b| a.0.total_cmp(&b.0));
                let expected: Vec<usize> = all[..k].iter().map(|&(_, j)| j).collect();
                assert_eq!(found.iter().map(|&(_, j)| j).collect::<Vec<_>>(), expected, "row {i}, p {p}");
            }
        }
    }

    #[test]
    fn rows_beyond_any_distance_have_no_neighbour() {
        let labels = Labels::new(vec![0, 1, 0, 1]).unwrap();
        let head = KnnHead::fit(Mat::from_fn(4, 2, |i, k| (i + k) as f64).as_ref(), &labels, 3);
        let log_proba = head.log_proba(Mat::full(1, 2, 1e200).as_ref(), Par::Seq).unwrap();
        assert_eq!([log_proba[(0, 0)].exp(), log_proba[(0, 1)].exp()], [0.5, 0.5]);
    }

    #[test]
    fn of_equal_distances_the_lower_number_comes_first() {
        let features = Mat::from_fn(6, 1, |i, _| [1.0, -1.0, 3.0, 1.0, -1.0, 1.0][i]);
        let labels = Labels::new(vec![0, 1, 0, 1, 0, 1]).unwrap();
        let head = KnnHead::fit(features.as_ref(), &labels, 4);
        let nearest = head.nearest(Mat::zeros(1, 1).as_ref(), Par::Seq).unwrap().remove(0);
        assert_eq!(nearest, [(1.0, 0), (1.0, 1), (1.0, 3), (1.0, 4)]);
    }
}
