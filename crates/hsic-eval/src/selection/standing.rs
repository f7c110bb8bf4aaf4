//! How candidates compare.

use std::cmp::Ordering;

use super::score::Tally;

/// Candidates within this many standard errors of the best are told apart by their loss.
const NEAR: f64 = 0.5;

/// A stack is dropped where each of its candidates trails the leader by more than this many standard errors.
const HOPELESS: f64 = 2.0;

/// What a candidate's tally comes to, over all rows held out so far.
///
/// With right_a of the N_a held-out rows of class a classified correctly, N rows and c classes,
///
/// value = Σ_a w_a·right_a, w_a = ½·(1/N + 1/(c·N_a)): the mean of accuracy and balanced accuracy.
///
/// Of two candidates the difference in value comes from rows that one of them gets wrong, so that its variance is at most
/// the sum of both Σ_a w_a²·wrong_a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Standing {
    /// Share of the rows classified correctly.
    pub accuracy: f64,
    /// Its mean over the classes.
    pub balanced_accuracy: f64,
    /// Mean of −log p(yᵢ).
    pub log_loss: f64,
    variance: f64,
}

impl Standing {
    /// `counts` are the rows held out by class.
    pub(crate) fn of(tally: &Tally, counts: &[usize]) -> Self {
        let n = counts.iter().sum::<usize>() as f64;
        let present = counts.iter().filter(|&&count| count > 0).count() as f64;
        let mut standing =
            Self { accuracy: 0.0, balanced_accuracy: 0.0, log_loss: tally.log_loss / n, variance: 0.0 };
        for (&right, &count) in tally.right.iter().zip(counts).filter(|&(_, &count)| count > 0) {
            let (right, count) = (right as f64, count as f64);
            standing.accuracy += right / n;
            standing.balanced_accuracy += right / (present * count);
            let weight = 0.5 * (1.0 / n + 1.0 / (present * count));
            standing.variance += weight * weight * (count - right);
        }
        standing
    }

    /// The mean of accuracy and balanced accuracy.
    pub(crate) fn value(&self) -> f64 {
        0.5 * (self.accuracy + self.balanced_accuracy)
    }

    /// The higher value first, of equal ones the lower loss.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        // sums of the same shares in another order differ by rounding
        let difference = other.value() - self.value();
        let by_value = if difference.abs() < 1e-12 { Ordering::Equal } else { difference.total_cmp(&0.0) };
        by_value.then(self.log_loss.total_cmp(&other.log_loss))
    }

    /// Whether it is as good as the best one: no more than half a standard error of the best value below it.
    pub(crate) fn is_near(&self, best: &Self) -> bool {
        // sums of the same shares in another order differ by rounding
        best.value() - self.value() <= NEAR * best.variance.sqrt() + 1e-12
    }

    /// Whether it trails the leader by more than chance explains.
    pub(crate) fn is_hopeless(&self, leader: &Self) -> bool {
        leader.value() - self.value() > HOPELESS * (self.variance + leader.variance).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(right: [usize; 2], log_loss: f64) -> Standing {
        Standing::of(&Tally { right: right.to_vec(), log_loss }, &[90, 10])
    }

    #[test]
    fn a_standing_is_the_mean_of_accuracy_and_balanced_accuracy() {
        let standing = standing([81, 5], 20.0);
        assert!((standing.accuracy - 0.86).abs() < 1e-12);
        assert!((standing.balanced_accuracy - 0.7).abs() < 1e-12);
        assert!((standing.value() - 0.78).abs() < 1e-12);
        assert!((standing.log_loss - 0.2).abs() < 1e-12);
        let weights = [0.5 * (0.01 + 1.0 / 180.0), 0.5 * (0.01 + 1.0 / 20.0)];
        let variance = weights[0] * weights[0] * 9.0 + weights[1] * weights[1] * 5.0;
        assert!((standing.variance - variance).abs() < 1e-12);
    }

    #[test]
    fn a_class_without_held_out_rows_does_not_count() {
        let standing = Standing::of(&Tally { right: vec![3, 0, 1], log_loss: 1.0 }, &[4, 0, 1]);
        assert!((standing.balanced_accuracy - 0.875).abs() < 1e-12);
    }

    #[test]
    fn value_comes_before_loss() {
        assert_eq!(standing([90, 10], 9.0).compare(&standing([89, 10], 1.0)), Ordering::Less);
        assert_eq!(standing([80, 10], 1.0).compare(&standing([80, 10], 2.0)), Ordering::Less);
        assert_eq!(standing([80, 10], 1.0).compare(&standing([80, 10], 1.0)), Ordering::Equal);
    }

    #[test]
    fn half_a_standard_error_is_near() {
        let best = standing([86, 10], 9.0);
        // each of the 4 wrong rows of the large class weighs ½(1/100 + 1/180): 2 of them are one standard error
        assert!(standing([85, 10], 1.0).is_near(&best));
        assert!(!standing([84, 10], 1.0).is_near(&best));
        assert!(standing([87, 10], 1.0).is_near(&best));
        let perfect = standing([90, 10], 1.0);
        assert!(perfect.is_near(&perfect) && !standing([89, 10], 1.0).is_near(&perfect));
    }

    #[test]
    fn only_what_trails_by_more_than_chance_is_hopeless() {
        let leader = standing([90, 10], 1.0);
        assert!(!standing([88, 10], 1.0).is_hopeless(&leader));
        assert!(standing([60, 6], 1.0).is_hopeless(&leader));
        assert!(!leader.is_hopeless(&leader));
    }
}
