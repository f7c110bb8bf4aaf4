//! Moments of values that come in tiles, without cancellation where they are much alike.

use crate::Real;

/// Number, mean and sum of squared deviations from the mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Σ (value − mean)².
    pub deviation: f64,
}

/// Count, sum and squares about a shift near the mean: what moments are made of without cancellation where all values are
/// much alike.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spread {
    shift: f64,
    count: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    /// Of nothing, about a shift that `T` can hold, or 0.
    pub(crate) fn about<T: Real>(shift: f64) -> Self {
        let shift = T::of(shift);
        Self { shift: if shift.finite() { shift.as_f64() } else { 0.0 }, ..Self::default() }
    }

    /// The shift as used in `T`.
    #[inline(always)]
    pub(crate) fn shift<T: Real>(&self) -> T {
        T::of(self.shift)
    }

    /// The shift as used in `T`: the mean of the first values that are asked for.
    pub(crate) fn shift_by<T: Real>(&mut self, values: &[T]) -> T {
        if self.count == 0.0 {
            let sum: f64 = values.iter().map(|value| value.as_f64()).sum();
            self.shift = T::of(sum / values.len() as f64).as_f64();
        }
        T::of(self.shift)
    }

    /// Counts in values by their sums.
    pub(crate) fn sum_of<T: Real>(&mut self, sums: &[T], mirrored: bool) {
        self.sum += sums.iter().map(|sum| sum.as_f64()).sum::<f64>() * times(mirrored);
    }

    /// Counts in values by the sum of their squares about the shift.
    pub(crate) fn squares_of<T: Real>(&mut self, squares: T, count: usize, mirrored: bool) {
        self.count += count as f64 * times(mirrored);
        self.squares += squares.as_f64() * times(mirrored);
    }

    /// Of all values less a number.
    pub(crate) fn less(self, number: f64) -> Self {
        Self { shift: self.shift - number, sum: self.sum - self.count * number, ..self }
    }

    /// Values of both, about the shift of the first.
    pub(crate) fn merge(self, other: Self) -> Self {
        if self.count == 0.0 {
            return other;
        }
        let moved = other.shift - self.shift;
        let squares =
            other.squares + moved * (2.0 * (other.sum - other.count * other.shift) + other.count * moved);
        Self {
            shift: self.shift,
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + squares,
        }
    }

    pub(crate) fn moments(self) -> Moments {
        if self.count == 0.0 {
            return Moments::default();
        }
        let mean = self.sum / self.count;
        let off = mean - self.shift;
        Moments { count: self.count, mean, deviation: (self.squares - self.count * off * off).max(0.0) }
    }
}

/// How often the values of a tile count.
pub(crate) fn times(mirrored: bool) -> f64 {
    if mirrored { 2.0 } else { 1.0 }
}

/// Two [`Spread`]s of values that come in pairs, and the sum of their products about the shifts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PairSpread {
    pub(crate) first: Spread,
    pub(crate) second: Spread,
    products: f64,
}

impl PairSpread {
    /// Counts in pairs by the sum of their products about the shifts.
    pub(crate) fn products_of<T: Real>(&mut self, products: T, mirrored: bool) {
        self.products += products.as_f64() * times(mirrored);
    }

    pub(crate) fn merge(self, other: Self) -> Self {
        if self.first.count == 0.0 {
            return other;
        }
        let moved = [other.first.shift - self.first.shift, other.second.shift - self.second.shift];
        let about = |spread: Spread| spread.sum - spread.count * spread.shift;
        let products = other.products
            + moved[0] * about(other.second)
            + moved[1] * (about(other.first) + other.first.count * moved[0]);
        Self {
            first: self.first.merge(other.first),
            second: self.second.merge(other.second),
            products: self.products + products,
        }
    }

    /// Σ (value − mean)(value' − mean').
    pub(crate) fn codeviation(self) -> f64 {
        let off = |spread: Spread| spread.moments().mean - spread.shift;
        self.products - self.first.count * off(self.first) * off(self.second)
    }
}
