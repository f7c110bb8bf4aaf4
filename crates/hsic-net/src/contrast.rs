//! How far classes have come apart, and the bandwidth that brings them further.

use faer::MatRef;
use hsic_kernels::Labels;

/// δ, the largest distance within a class, and Δ, the smallest between classes.
///
/// A layer of W_s at σ = Δ/√(2g) turns θ = δ/Δ into at most
///
/// θ'² = (4 sinh²η + (c − 1) e^(2η) ε²)/(2 (e^(−2η) − ε)²),  ε = e^(−g), η = θ²g/2,
///
/// with g = 2 ln(1/θ) + ½ ln c: where that is below θ ≤ 1/e it stays so, and θ tends to 0 (docs/mathematics.md).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Contrast {
    within: f64,
    between: f64,
    classes: usize,
}

/// θ below which classes are as far apart as doubles tell.
const SMALLEST: f64 = 1e-12;

impl Contrast {
    /// Of labelled rows. Equal rows of one class count once.
    ///
    /// # Cost
    /// m²/2 distances, m the number of different rows.
    pub(crate) fn of(z: MatRef<'_, f64>, labels: &Labels) -> Self {
        let codes = labels.codes();
        let row = |i: usize| (0..z.ncols()).map(move |k| z[(i, k)]);
        let mut order: Vec<usize> = (0..codes.len()).collect();
        let compare = |&i: &usize, &j: &usize| {
            let values = row(i).zip(row(j)).map(|(a, b)| a.total_cmp(&b));
            codes[i].cmp(&codes[j]).then(values.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then))
        };
        order.sort_unstable_by(compare);
        order.dedup_by(|i, j| compare(i, j).is_eq());
        let (mut within, mut between) = (0.0f64, f64::INFINITY);
        for (at, &i) in order.iter().enumerate() {
            for &j in &order[..at] {
                let squared: f64 = row(i).zip(row(j)).map(|(a, b)| (a - b) * (a - b)).sum();
                if codes[i] == codes[j] {
                    within = within.max(squared)
                } else {
                    between = between.min(squared)
                }
            }
        }
        Self { within: within.sqrt(), between: between.sqrt(), classes: labels.n_present() }
    }

    /// θ = δ/Δ; infinite where rows of different classes are equal.
    pub(crate) fn ratio(&self) -> f64 {
        if self.between > 0.0 { self.within / self.between } else { f64::INFINITY }
    }

    /// 1/(1 + θ): 1 where every class is a point.
    pub(crate) fn score(&self) -> f64 {
        1.0 / (1.0 + self.ratio())
    }

    /// Δ/√(2g) where a layer at it is proven to lower θ, and every one after it.
    pub(crate) fn bandwidth(&self) -> Option<f64> {
        let ratio = self.ratio().max(SMALLEST);
        (ratio <= (-1.0f64).exp() && contracted(ratio, self.classes) < ratio)
            .then(|| self.between / (2.0 * exponent(ratio, self.classes)).sqrt())
    }
}

/// g.
fn exponent(ratio: f64, classes: usize) -> f64 {
    -2.0 * ratio.ln() + 0.5 * (classes as f64).ln()
}

/// The bound on θ after a layer at the bandwidth of the rule.
fn contracted(ratio: f64, classes: usize) -> f64 {
    let g = exponent(ratio, classes);
    let (epsilon, eta) = ((-g).exp(), 0.5 * ratio * ratio * g);
    let within = 4.0 * eta.sinh().powi(2) + (classes as f64 - 1.0) * ((2.0 * eta).exp() * epsilon * epsilon);
    let between = (-2.0 * eta).exp() - epsilon;
    if between > 0.0 { (0.5 * within).sqrt() / between } else { f64::INFINITY }
}
