//! When training ends.

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MlpStop {
    /// The loss of the training rows is at most the tolerance, and all of them are classified correctly.
    Converged,
    /// The loss of the training rows has not fallen for a while.
    Patience,
    /// The limit on the number of epochs.
    MaxEpochs,
}

impl MlpStop {
    /// The name used in result files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::Patience => "patience",
            Self::MaxEpochs => "max-epochs",
        }
    }
}

/// The loss counts as fallen when it is below this share of the lowest one that counted so far.
const FALLEN: f64 = 0.99;

/// Follows the training loss over the epochs.
#[derive(Debug, Clone)]
pub(super) struct Stopping {
    tolerance: f64,
    patience: usize,
    max_epochs: usize,
    epoch: usize,
    /// The lowest loss that counted, and its epoch.
    mark: (f64, usize),
}

impl Stopping {
    /// Limits in epochs; `initial` is the loss before training.
    pub(super) fn new(tolerance: f64, patience: usize, max_epochs: usize, initial: f64) -> Self {
        Self { tolerance, patience, max_epochs, epoch: 0, mark: (initial, 0) }
    }

    /// Number of epochs so far.
    pub(super) fn epoch(&self) -> usize {
        self.epoch
    }

    /// Counts an epoch in, by the loss after it, and says whether it was the last.
    pub(super) fn after_epoch(&mut self, loss: f64, all_right: bool) -> Option<MlpStop> {
        self.epoch += 1;
        if loss <= self.tolerance && all_right {
            return Some(MlpStop::Converged);
        }
        if loss < FALLEN * self.mark.0 {
            self.mark = (loss, self.epoch);
        }
        if self.epoch - self.mark.1 >= self.patience {
            return Some(MlpStop::Patience);
        }
        (self.epoch >= self.max_epochs).then_some(MlpStop::MaxEpochs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_converges_by_loss_and_accuracy() {
        let mut stopping = Stopping::new(0.1, 5, 10, 1.0);
        assert_eq!(stopping.after_epoch(0.05, false), None);
        assert_eq!(stopping.after_epoch(0.2, true), None);
        assert_eq!(stopping.after_epoch(0.1, true), Some(MlpStop::Converged));
        assert_eq!(stopping.epoch(), 3);
    }

    #[test]
    fn patience_counts_from_the_last_fall() {
        let mut stopping = Stopping::new(0.0, 3, 100, 1.0);
        let losses = [0.9, 0.899, 0.898, 0.5, 0.499, f64::NAN, 0.498];
        let stops: Vec<_> = losses.iter().map(|&loss| stopping.after_epoch(loss, true)).collect();
        assert_eq!(stops[..6], [None; 6]);
        assert_eq!(stops[6], Some(MlpStop::Patience));
    }

    #[test]
    fn epochs_are_limited() {
        let mut stopping = Stopping::new(0.0, 3, 2, 1.0);
        assert_eq!(stopping.after_epoch(0.5, true), None);
        assert_eq!(stopping.after_epoch(0.2, true), Some(MlpStop::MaxEpochs));
        let names = [MlpStop::Converged, MlpStop::Patience, MlpStop::MaxEpochs].map(MlpStop::name);
        assert_eq!(names, ["converged", "patience", "max-epochs"]);
    }
}
