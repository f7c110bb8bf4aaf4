//! Z in a plane: its columns, or its first two principal directions.

use faer::{Mat, MatRef};
use hsic_kernels::Error;
use hsic_kernels::linalg::{product, symmetric_eigen};

/// Rows of a layer as points.
#[derive(Debug, Clone)]
pub struct Plane {
    /// A point a row.
    pub points: Vec<(f64, f64)>,
    /// What its coordinates are.
    pub shown: Shown,
    /// The axes, across and up; of equal length unless `shown` is a line.
    pub axes: [Axis; 2],
}

/// What is seen of Z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    /// The only column, rows spread by class.
    Line,
    /// Both columns.
    Columns,
    /// The first two principal directions.
    Principal {
        /// Columns of Z.
        of: usize,
        /// Their share of the variance.
        variance: f64,
    },
}

impl Shown {
    /// For the title of a panel.
    pub fn words(self) -> String {
        match self {
            Self::Line => "1 column".into(),
            Self::Columns => "2 columns".into(),
            Self::Principal { of, variance } => format!("PC 1–2 of {of}, {:.0} %", 100.0 * variance),
        }
    }
}

impl Plane {
    /// The `kept` rows of Z (n × q), whose classes are given. Principal directions are those of all rows.
    ///
    /// # Errors
    /// [`Error::NonFinite`], [`Error::NoConvergence`].
    pub fn of(z: MatRef<'_, f64>, kept: &[usize], classes: &[usize]) -> Result<Self, Error> {
        let (points, shown): (Vec<_>, _) = match z.ncols() {
            0 | 1 => {
                let mut places = vec![0; classes.iter().max().map_or(0, |most| most + 1)];
                let mut next = |class: usize| {
                    places[class] += 1;
                    // an even spread over four fifths of the class's strip
                    class as f64 + 0.8 * (places[class] as f64 * 0.618_034).fract() - 0.4
                };
                let across = |row: usize| if z.ncols() == 0 { 0.0 } else { z[(row, 0)] };
                let points = kept.iter().zip(classes).map(|(row, class)| (across(*row), next(*class)));
                (points.collect(), Shown::Line)
            }
            2 => (kept.iter().map(|row| (z[(*row, 0)], z[(*row, 1)])).collect(), Shown::Columns),
            of => {
                let (scores, variance) = principal(z)?;
                let points = kept.iter().map(|row| (scores[(*row, 0)], scores[(*row, 1)])).collect();
                (points, Shown::Principal { of, variance })
            }
        };
        let [mut across, mut up] =
            [Axis::over(points.iter().map(|point| point.0)), Axis::over(points.iter().map(|point| point.1))];
        if shown != Shown::Line {
            let half = across.half.max(up.half);
            (across.half, up.half) = (half, half);
        }
        Ok(Self { points, shown, axes: [across, up] })
    }
}

/// Coordinates along the first two principal directions (n × 2) and their share of the variance.
fn principal(z: MatRef<'_, f64>) -> Result<(Mat<f64>, f64), Error> {
    let (n, q) = z.shape();
    let mean = |k: usize| (0..n).map(|i| z[(i, k)]).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..q).map(mean).collect();
    let centered = Mat::from_fn(n, q, |i, k| z[(i, k)] - means[k]);
    let scatter = product(centered.transpose(), centered.as_ref());
    let (values, vectors) = symmetric_eigen(scatter.as_ref())?;
    let all: f64 = values.iter().sum();
    let share = if all > 0.0 { (values[0] + values[1]) / all } else { 1.0 };
    Ok((product(centered.as_ref(), vectors.subcols(0, 2)), share.clamp(0.0, 1.0)))
}

/// An interval by its middle.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    middle: f64,
    half: f64,
}

impl Axis {
    /// All values with a little room; never empty.
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return Self { middle: 0.0, half: 1.0 };
        }
        let middle = low + (high - low) / 2.0;
        let half = (high - low) / 2.0 * 1.08;
        // wide enough for neighbouring numbers to differ
        Self { middle, half: if half > middle.abs() * 1e-9 { half } else { middle.abs().max(1.0) * 1e-3 } }
    }

    /// Where a value lies from the lower end, 0, to the upper, 1.
    pub fn share(&self, value: f64) -> f64 {
        0.5 + (value - self.middle) / (2.0 * self.half)
    }

    /// Two to six round numbers and their labels.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let rough = 0.4 * self.half;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        let (first, last) = (
            ((self.middle - self.half) / step).ceil() as i64,
            ((self.middle + self.half) / step).floor() as i64,
        );
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let label = |value: f64| {
            if value == 0.0 {
                "0".into()
            } else if decimals > 3 || value.abs() >= 1e5 {
                format!("{value:.0e}")
            } else {
                format!("{value:.decimals$}")
            }
        };
        (first..=last).map(|at| at as f64 * step).map(|value| (value, label(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_are_shown_as_they_are() -> Result<(), Error> {
        let z = Mat::from_fn(3, 2, |i, k| (i * 2 + k) as f64);
        let plane = Plane::of(z.as_ref(), &[0, 2], &[0, 1])?;
        assert_eq!((plane.points, plane.shown), (vec![(0.0, 1.0), (4.0, 5.0)], Shown::Columns));
        assert_eq!(plane.axes[0].half, plane.axes[1].half);
        Ok(())
    }

    #[test]
    fn principal_directions_hold_what_varies() -> Result<(), Error> {
        // all variance lies in a plane of five columns, most along the first direction
        let z = Mat::from_fn(40, 5, |i, k| {
            7.0 + (i as f64).sin() * 3.0 * [1.0, 2.0, 0.0, 1.0, 0.0][k]
                + (i as f64).cos() * [0.0, 0.0, 1.0, 0.0, 1.0][k]
        });
        let all: Vec<usize> = (0..40).collect();
        let plane = Plane::of(z.as_ref(), &all, &[0; 40])?;
        let Shown::Principal { of: 5, variance } = plane.shown else { panic!("{:?}", plane.shown) };
        assert!((variance - 1.0).abs() < 1e-12, "{variance}");
        assert_eq!(plane.shown.words(), "PC 1–2 of 5, 100 %");
        for (i, j) in [(0, 1), (3, 17), (5, 39)] {
            let apart: f64 = (0..5).map(|k| (z[(i, k)] - z[(j, k)]).powi(2)).sum();
            let (a, b) = (plane.points[i], plane.points[j]);
            assert!(((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2) - apart).abs() < 1e-9);
        }
        Ok(())
    }

    #[test]
    fn one_column_is_spread_by_class() -> Result<(), Error> {
        let z = Mat::from_fn(4, 1, |i, _| i as f64);
        let plane = Plane::of(z.as_ref(), &[0, 1, 2, 3], &[0, 0, 1, 1])?;
        assert_eq!(plane.shown, Shown::Line);
        for (row, (across, up)) in plane.points.iter().enumerate() {
            assert_eq!(*across, row as f64);
            assert!((up - (row / 2) as f64).abs() <= 0.4);
        }
        Ok(())
    }

    #[test]
    fn rows_all_alike_still_have_axes() -> Result<(), Error> {
        for value in [0.0, 1e-12, 5.0, 1e9] {
            let z = Mat::from_fn(3, 2, |_, _| value);
            let plane = Plane::of(z.as_ref(), &[0, 1, 2], &[0, 0, 0])?;
            let [axis, _] = plane.axes;
            assert!((axis.share(value) - 0.5).abs() < 1e-9 && !axis.ticks().is_empty());
        }
        Ok(())
    }

    #[test]
    fn ticks_are_round_and_few() {
        for (low, high, expected) in [
            (-1.0, 1.0, &["-1.0", "-0.5", "0", "0.5", "1.0"][..]),
            (0.0, 0.7, &["0", "0.2", "0.4", "0.6"]),
            (0.0, 4e-5, &["0", "1e-5", "2e-5", "3e-5", "4e-5"]),
            (100.0, 130.0, &["100", "110", "120", "130"]),
        ] {
            let labels: Vec<String> =
                Axis::over([low, high].into_iter()).ticks().into_iter().map(|tick| tick.1).collect();
            assert_eq!(labels, expected);
        }
    }
}
