//! Numbers for tables: two or three digits that mean something.

use hsic_eval::metrics::{Kind, Metric, Values};

/// What stands for an undefined value.
pub const UNDEFINED: &str = "—";

/// How a number is written; a mean and its deviation share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With so many decimals.
    Fixed(usize),
    /// As `3e-5`.
    Scientific,
}

impl Format {
    /// Three decimals up to 2, so that shares near 1 line up, fewer for larger numbers, powers of ten where three decimals
    /// would show 0 and for huge ones.
    pub fn of(value: f64) -> Self {
        match value.abs() {
            0.0 => Self::Fixed(3),
            size if size < 5e-4 => Self::Scientific,
            size if size < 1.9995 => Self::Fixed(3),
            size if size < 9.995 => Self::Fixed(2),
            size if size < 99.95 => Self::Fixed(1),
            // where digits before the point would be no digits of the number
            size if size >= 1e16 => Self::Scientific,
            _ => Self::Fixed(0),
        }
    }

    /// The number as text.
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Fixed(decimals) => format!("{value:.decimals$}"),
            Self::Scientific if value == 0.0 => "0".into(),
            Self::Scientific => format!("{value:.0e}"),
        }
    }
}

/// A single value of a metric.
pub fn measured(metric: &Metric, values: &Values) -> String {
    match metric.of(values) {
        Some(count) if metric.kind == Kind::Count => Format::Fixed(0).write(count),
        value => number(value),
    }
}

/// A number in its own format, or [`UNDEFINED`].
pub fn number(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.into(), |value| Format::of(value).write(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_two_or_three_digits() {
        for (value, text) in [
            (0.0, "0.000"),
            (3.14e-5, "3e-5"),
            (0.0012, "0.001"),
            (0.04567, "0.046"),
            (0.98765, "0.988"),
            (1.0, "1.000"),
            (1.9996, "2.00"),
            (9.996, "10.0"),
            (41.31, "41.3"),
            (99.96, "100"),
            (3.6e200, "4e200"),
            (2330.4, "2330"),
            (-0.25, "-0.250"),
        ] {
            assert_eq!(number(Some(value)), text);
        }
        assert_eq!(number(None), "—");
    }

    #[test]
    fn a_deviation_takes_the_format_of_its_mean() {
        assert_eq!(Format::of(41.31).write(0.256), "0.3");
        assert_eq!(Format::of(2e-5).write(0.0), "0");
        assert_eq!(Format::of(2e-5).write(1.2e-6), "1e-6");
    }
}
