//! What `verify` found: as tables, as one page, and what became of certificates.

mod page;
mod replayed;
mod text;

pub use page::claims_page;
pub use replayed::{Replayed, ReplayedCertificate};
pub use text::{findings, verdicts};

/// What each claim says, in a few words.
pub const CLAIMS: [&str; 7] = [
    "W_s layers fit any labelling",
    "the kernel becomes the indicator of the classes",
    "scatter within classes vanishes beside scatter between",
    "as H* rises, MSE and CE fall",
    "W_s is not stationary",
    "W* is stationary and no neighbour is better",
    "the reformulation with a penalty on norms",
];

/// Four significant digits.
fn number(value: Option<f64>) -> String {
    match value {
        None => crate::number::UNDEFINED.to_owned(),
        Some(value) if value == 0.0 || (1e-3..1e5).contains(&value.abs()) => {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Some(value) => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> =
            [0.0, 1.0, 0.99534, -0.8, 3e-7, 12.0].into_iter().map(|value| number(Some(value))).collect();
        assert_eq!(shown, ["0", "1", "0.9953", "-0.8", "3.0e-7", "12"]);
    }
}
