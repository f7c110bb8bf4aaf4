//! Hyperparameters chosen by cross-validation inside the training rows: `selection = "cv"`.
//!
//! The rows are dealt to stratified inner folds, and each candidate is fitted on all but one of them, standardised by
//! those, and scored on that one. Rows that will be tested on are never seen. A stack of layers serves every head and
//! every depth, so that fits are as many as stacks times folds; stacks that trail by more than chance explains are not
//! fitted on the folds that are left.

mod candidates;
mod folds;
mod race;
mod score;
mod standing;

use std::time::{Duration, Instant};

use faer::{MatRef, Par};
use hsic_kernels::Labels;
use hsic_kernels::random::stream;
use hsic_layer::LayerSolver;
use hsic_net::{LayerSummary, NetworkParams};
use rand::Rng;

pub use candidates::Candidates;
pub(crate) use folds::inner_folds;

use crate::records::SelectionRecord;
use crate::{Progress, Result};
use race::{Entry, Race};
use score::{InnerRows, score};

/// Stream component of the inner folds (index 0) and of the networks fitted on them (1 + fold).
const COMPONENT: u32 = 8;

/// Chooses among candidates, on training rows `x` (n×d) alone.
///
/// A candidate's value is the mean of its accuracy and its balanced accuracy over the held-out rows. Counts of right
/// answers tell candidates apart only so far: of those whose value is within half a standard error of the highest, the one
/// with the lowest mean −log p(yᵢ) is chosen, of equal ones the one listed first. Folds whose rows to fit on are of one class are
/// passed over; if all are, or no candidate can be fitted on every fold, the first candidate is taken.
///
/// A candidate without a layer (`max_layers` 0) is the measure of the others: a stack that is not ahead of it is not fitted on
/// the folds that are left, and one is chosen only where it leads by more than two standard errors, so that what was tried for
/// nothing is not taken for something.
///
/// With a `budget` no further stack is fitted once it has passed, and those that were not fitted on the fold by then are out. The first
/// stack is always fitted on the first fold. Without a budget no clock is looked at.
///
/// `progress` is told what is [tried](Progress::choosing) before every stack and after each of its layers.
///
/// Returns the chosen parameters, with that seed, and the best candidate of every stack.
///
/// # Errors
/// As [`Candidates::check`]; [`crate::Error::Data`] for fewer than two rows.
///
/// # Cost
/// A fit on a share of 1 − 1/`inner_folds` of the rows for each stack and inner fold.
pub fn select(
    candidates: &Candidates,
    seed: u64,
    x: MatRef<'_, f64>,
    labels: &Labels,
    budget: Option<Duration>,
    par: Par,
    progress: &dyn Progress,
) -> Result<(NetworkParams, SelectionRecord)> {
    let began = Instant::now();
    candidates.check()?;
    labels.check_rows("a selection", x.shape())?;
    let mut race = Race::new(candidates.stacks(seed), labels.n_classes());
    let stacks = race.entries.len();
    let folds = inner_folds(labels, candidates.inner_folds, stream(seed, COMPONENT, 0).next_u64())?;
    for (index, fold) in (1..).zip(&folds) {
        let Some(rows) = InnerRows::new(x, labels, fold)? else { continue };
        let is_over = || budget.is_some_and(|budget| began.elapsed() >= budget);
        let seed = stream(seed, COMPONENT, index).next_u64();
        let of_stack = |place: usize, Entry { params, candidates, .. }: &Entry, best: Option<f64>| {
            let method = if params.max_layers == 0 { "input" } else { params.solver.name() };
            let tried =
                format!("fold {index} of {}, stack {} of {stacks} ({method})", folds.len(), place + 1);
            progress.choosing(&tried, best);
            let mut observer = |layer: &LayerSummary| {
                progress.choosing(&format!("{tried}, layer {} done", layer.layer), best);
            };
            score(&NetworkParams { seed, ..*params }, candidates, &rows, par, &mut observer)
        };
        race.fold(&rows, is_over, of_stack)?;
    }
    let record = |stack: usize, place: usize| {
        let entry = &race.entries[stack];
        candidates::record(&entry.candidates[place], entry.folds, entry.standing(place))
    };
    let (stack, place) = race.choice().unwrap_or((0, 0));
    let best_of = |(stack, entry): (usize, &Entry)| record(stack, entry.best().unwrap_or(0));
    let selection = SelectionRecord {
        inner_folds: folds.len(),
        chosen: record(stack, place),
        candidates: race.entries.iter().enumerate().map(best_of).collect(),
        out_of_time: race.out_of_time,
    };
    Ok((race.entries[stack].candidates[place], selection))
}
