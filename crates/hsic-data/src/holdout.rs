//! One stratified split into training and test rows.

use hsic_rows::Labels;
use hsic_rows::random::stream;
use rand::seq::SliceRandom;

use crate::{Error, Fold, Result};

/// Stream component of the split.
const COMPONENT: u32 = 13;

/// A share of the rows of each class held out for testing.
///
/// The rows of each class are shuffled by stream 0 of component 13 of the seed; of the rows in class order every one where the
/// running share passes the next integer is held out, so the total is within one of the exact share. The only row of a class
/// trains.
///
/// ```
/// use hsic_data::StratifiedHoldout;
/// use hsic_rows::Labels;
/// let labels = Labels::new((0..20).map(|i| i % 2).collect())?;
/// let split = StratifiedHoldout::new(0.2, 0).split(&labels)?;
/// assert_eq!((split.train.len(), split.test.len()), (16, 4));
/// assert_eq!(labels.select(&split.test)?.counts(), [2, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StratifiedHoldout {
    share: f64,
    seed: u64,
}

impl StratifiedHoldout {
    /// A split that holds out this share.
    pub fn new(share: f64, seed: u64) -> Self {
        Self { share, seed }
    }

    /// Splits rows with these classes.
    ///
    /// # Errors
    /// [`Error::HoldoutShare`] for a share that is not above 0 and below 1, [`Error::EmptyHoldout`] where it holds out no
    /// row.
    pub fn split(&self, labels: &Labels) -> Result<Fold> {
        let held_out = held_out(labels.counts(), self.share)?;
        let mut rng = stream(self.seed, COMPONENT, 0);
        let order = labels.class_sorted_order();
        let (mut start, mut test) = (0, Vec::new());
        for (&count, held_out) in labels.counts().iter().zip(held_out) {
            let mut class = order[start..start + count].to_vec();
            class.shuffle(&mut rng);
            test.extend_from_slice(&class[..held_out]);
            start += count;
        }
        test.sort_unstable();
        let train = (0..labels.len()).filter(|row| test.binary_search(row).is_err()).collect();
        Ok(Fold { train, test })
    }
}

/// How many rows of each class are held out.
pub(crate) fn held_out(counts: &[usize], share: f64) -> Result<Vec<usize>> {
    if !(share > 0.0 && share < 1.0) {
        return Err(Error::HoldoutShare { share });
    }
    let passed = |rows: usize| (rows as f64 * share).round() as usize;
    let mut start = 0;
    let of_class = |&count: &usize| {
        let first = start;
        start += count;
        // a class keeps a row to train on
        (passed(start) - passed(first)).min(count.saturating_sub(1))
    };
    let held_out: Vec<usize> = counts.iter().map(of_class).collect();
    if held_out.iter().all(|&count| count == 0) {
        return Err(Error::EmptyHoldout { share, n: start });
    }
    Ok(held_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_keeps_its_share_and_a_row_to_train_on() {
        let codes: Vec<usize> = (0..103).map(|i| if i == 50 { 2 } else { usize::from(i % 4 == 0) }).collect();
        let labels = Labels::new(codes).unwrap();
        let split = StratifiedHoldout::new(0.25, 7).split(&labels).unwrap();
        let mut all: Vec<usize> = split.train.iter().chain(&split.test).copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..103).collect::<Vec<_>>());
        let test = labels.select(&split.test).unwrap();
        assert_eq!((labels.counts(), test.counts()), (&[76, 26, 1][..], &[19, 7, 0][..]));
        assert_ne!(split, StratifiedHoldout::new(0.25, 8).split(&labels).unwrap());
    }

    #[test]
    fn a_share_that_holds_out_nothing_is_refused() {
        let labels = Labels::new(vec![0, 1, 0, 1]).unwrap();
        let error = |share| StratifiedHoldout::new(share, 0).split(&labels).unwrap_err().to_string();
        assert_eq!(error(1.0), "the share of test rows must be above 0 and below 1, got 1");
        assert_eq!(error(f64::NAN), "the share of test rows must be above 0 and below 1, got NaN");
        assert_eq!(
            error(0.1),
            "a share of 0.1 of 4 rows is no test row; give a larger share, or test on another file"
        );
    }
}
