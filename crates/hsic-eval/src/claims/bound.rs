//! What no network can pass where equal rows have different classes.

use std::collections::HashMap;

use faer::{Mat, MatRef};
use hsic_kernels::linalg::product;

use super::stacked::Data;

/// The highest H* and train accuracy of any map of rows.
///
/// A map gives equal rows one place. With Π the mean over equal rows, any kernel of places is K = ΠKΠ, so that
/// Tr(K̃L̃) = Tr(K̃ ΠL̃Π) and by Cauchy and Schwarz
///
/// H* ≤ ‖ΠL̃Π‖/‖L̃‖ = ‖(HΠY)ᵀHΠY‖_F/‖(HY)ᵀHY‖_F,  accuracy ≤ (1/n) Σ over places of the commonest class's rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    pub(super) hsic: f64,
    pub(super) accuracy: f64,
}

impl Bound {
    /// Of standardised rows; 1 and 1 where no equal rows disagree.
    pub(super) fn of(data: &Data) -> Self {
        let (codes, n, c) = (data.labels.codes(), data.labels.len(), data.labels.n_classes());
        let mut places: HashMap<Vec<u64>, Vec<usize>> = HashMap::new();
        for i in 0..n {
            // −0 and 0 are equal
            let row = data.x.row(i).iter().map(|value| (value + 0.0).to_bits()).collect();
            places.entry(row).or_default().push(i);
        }
        let mut mean = Mat::<f64>::zeros(n, c);
        let mut right = 0;
        for rows in places.values() {
            let mut counts = vec![0usize; c];
            rows.iter().for_each(|&i| counts[codes[i]] += 1);
            right += counts.iter().max().copied().unwrap_or(0);
            for &i in rows {
                for (a, &count) in counts.iter().enumerate() {
                    mean[(i, a)] = count as f64 / rows.len() as f64;
                }
            }
        }
        let one_hot = Mat::from_fn(n, c, |i, a| f64::from(u8::from(codes[i] == a)));
        Self { hsic: scatter(mean) / scatter(one_hot), accuracy: right as f64 / n as f64 }
    }

    pub(super) fn binds(&self) -> bool {
        self.accuracy < 1.0
    }
}

/// ‖(HA)ᵀHA‖_F.
fn scatter(mut a: Mat<f64>) -> f64 {
    let n = a.nrows() as f64;
    for mut column in a.col_iter_mut() {
        let mean = column.as_ref().iter().sum::<f64>() / n;
        column.as_mut().iter_mut().for_each(|value| *value -= mean);
    }
    let a: MatRef<'_, f64> = a.as_ref();
    product(a.transpose(), a).norm_l2()
}

#[cfg(test)]
mod tests {
    use hsic_kernels::Labels;

    use super::*;

    #[test]
    fn rows_that_disagree_bound_both_and_others_do_not() {
        let data = |x: &[f64], codes: &[usize]| {
            let x = Mat::from_fn(x.len(), 1, |i, _| x[i]);
            Data::new(x, &Labels::new(codes.to_vec()).unwrap()).unwrap()
        };
        let free = Bound::of(&data(&[0.0, 0.0, 1.0, 2.0], &[0, 0, 1, 1]));
        assert!((free.hsic - 1.0).abs() < 1e-15 && free.accuracy == 1.0 && !free.binds());
        // −0 and 0 are one place with a row of each class: Y there is (½, ½), which is the mean of all
        let bound = Bound::of(&data(&[0.0, -0.0, 1.0, 2.0], &[0, 1, 0, 1]));
        assert_eq!((bound.accuracy, bound.binds()), (0.75, true));
        assert!((bound.hsic - 0.5).abs() < 1e-15, "{bound:?}");
    }
}
