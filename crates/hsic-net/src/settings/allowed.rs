//! The values a hyperparameter may have.

use std::fmt;

/// The values a hyperparameter may have; its [`Display`](fmt::Display) is what a message and a page of documentation say.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Allowed {
    /// A number above 0.
    Positive,
    /// A number above 0 and below 1.
    Share,
    /// A number above 0 and at most 1.
    Target,
    /// A number above −1 and at most 1, or the word `none`.
    Silhouette,
    /// A number of at least 0 and below 1.
    Gain,
    /// A whole number of at least this.
    AtLeast(usize),
    /// An even number of at least 2.
    Even,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these words, or a table with the number of neighbours.
    Head(&'static [&'static str]),
    /// A share of the singular values, a whole number, or a word.
    Width,
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted =
            |words: &[&str]| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Positive => f.write_str("positive and finite"),
            Self::Share => f.write_str("above 0 and below 1"),
            Self::Target => f.write_str("above 0 and at most 1"),
            Self::Silhouette => f.write_str("above -1 and at most 1, or \"none\""),
            Self::Gain => f.write_str("at least 0 and below 1"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::Even => f.write_str("even and at least 2"),
            Self::Flag => f.write_str("true or false"),
            Self::Words(words) => f.write_str(&quoted(words)),
            Self::Head(words) => write!(f, "{}, {{ knn = k }}, {{ ridge = centres }}", quoted(words)),
            Self::Width => f.write_str("{ share = s } with s above 0 and below 1, a whole number of at least 1, \"positive-eigenvalues\""),
        }
    }
}
