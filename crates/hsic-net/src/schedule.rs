//! The bandwidths a layer is tried at.

use std::ops::Range;

use faer::{MatRef, Par};
use hsic_kernels::bandwidth::rms_distance;
use hsic_kernels::tiles::{PairFunction, PairSource, Points, Reducer, Tile, reduce_symmetric};
use hsic_kernels::{Bandwidth, Labels};

use crate::Result;

/// The smallest candidate is at least this share of the largest.
const LOWEST_SHARE: f64 = 1.0 / 50.0;

/// How far down a grid goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// The larger of ¼ of the smallest distance between rows of different classes and 1/50 of the top. Relative to the rows
    /// at hand, because classes grow together from layer to layer: an absolute floor would stall the schedule, and none at
    /// all would let it memorise.
    BetweenClasses,
    /// ¼ of the smallest positive distance: there K is all but the identity, which is what memorising takes.
    AnyRows,
}

/// `count` bandwidths from min(`preferred`, 2·RMS distance) down to the floor, logarithmically spaced, largest first.
pub(crate) fn candidates(
    z: MatRef<'_, f64>,
    labels: &Labels,
    preferred: Bandwidth,
    count: usize,
    floor: Floor,
    par: Par,
) -> Result<Vec<Bandwidth>> {
    let top = preferred.get().min(2.0 * rms_distance(z)?.get());
    let nearest = nearest(z, labels, floor, par)?;
    let floor = match floor {
        Floor::BetweenClasses => (0.25 * nearest).clamp(LOWEST_SHARE * top, top),
        Floor::AnyRows => (0.25 * nearest).min(top),
    };
    let ratio = (floor / top).powf(1.0 / (count as f64 - 1.0));
    // a degenerate grid would try one bandwidth again and again
    let count = if ratio > 0.999 { 1 } else { count };
    (0..count).map(|i| Ok(Bandwidth::new(top * ratio.powi(i as i32))?)).collect()
}

/// The smallest distance between rows of different classes, or the smallest positive one; infinite where there is none.
pub(crate) fn nearest(z: MatRef<'_, f64>, labels: &Labels, floor: Floor, par: Par) -> Result<f64> {
    let points = Points::new(z)?;
    let source = [PairSource { points: &points, function: PairFunction::SquaredDistance }];
    let nearest = reduce_symmetric(&source, &NearestReducer { labels, floor }, par);
    Ok(nearest.into_iter().fold(f64::INFINITY, f64::min).sqrt())
}

struct NearestReducer<'a> {
    labels: &'a Labels,
    floor: Floor,
}

impl Reducer<f64> for NearestReducer<'_> {
    type Partial = f64;

    fn start(&self, _: Range<usize>, _: Range<usize>) -> f64 {
        f64::INFINITY
    }

    fn tile(&self, nearest: &mut f64, _: usize, tile: Tile<'_, f64>) {
        let codes = self.labels.codes();
        let rows = &codes[tile.rows.clone()];
        for (&class, column) in codes[tile.columns.clone()].iter().zip(tile.values.chunks_exact(rows.len())) {
            for (&other, &squared) in rows.iter().zip(column) {
                let counts = match self.floor {
                    Floor::BetweenClasses => other != class,
                    Floor::AnyRows => squared > 0.0,
                };
                if counts && squared < *nearest {
                    *nearest = squared;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;

    #[test]
    fn the_grid_runs_from_the_top_to_the_relative_floor() {
        let z = Mat::from_fn(6, 1, |i, _| [0.0, 0.1, 0.2, 4.0, 4.1, 4.2][i]);
        let labels = Labels::new(vec![0, 0, 0, 1, 1, 1]).unwrap();
        let grid =
            candidates(z.as_ref(), &labels, Bandwidth::new(2.0).unwrap(), 5, Floor::BetweenClasses, Par::Seq)
                .unwrap();
        // the classes are 3.8 apart: a quarter is 0.95
        assert_eq!(grid.len(), 5);
        assert_eq!(grid[0].get(), 2.0);
        assert!((grid[4].get() - 0.95).abs() < 1e-12);
        let wide = candidates(
            z.as_ref(),
            &labels,
            Bandwidth::new(100.0).unwrap(),
            5,
            Floor::BetweenClasses,
            Par::Seq,
        )
        .unwrap();
        assert!((wide[0].get() - 2.0 * rms_distance(z.as_ref()).unwrap().get()).abs() < 1e-12);
    }

    #[test]
    fn equal_rows_of_different_classes_leave_the_share_of_the_top() {
        let z = Mat::from_fn(4, 1, |i, _| [0.0, 1.0, 0.0, 2.0][i]);
        let labels = Labels::new(vec![0, 0, 1, 1]).unwrap();
        let grid =
            candidates(z.as_ref(), &labels, Bandwidth::new(1.0).unwrap(), 3, Floor::BetweenClasses, Par::Seq)
                .unwrap();
        assert!((grid[2].get() - 0.02).abs() < 1e-12);
        let any = candidates(z.as_ref(), &labels, Bandwidth::new(1.0).unwrap(), 3, Floor::AnyRows, Par::Seq)
            .unwrap();
        assert!((any[2].get() - 0.25).abs() < 1e-12, "the smallest positive distance is 1");
    }
}
