//! A layer fitted on all rows, sum by sum.

use faer::Par;
use hsic_kernels::rows::RowBlocks;

use crate::sums::{RowSum, RowSums};
use crate::{Layer, Result, Solution};

/// What a layer that is fitted on all rows comes to.
#[derive(Debug)]
pub enum Step {
    /// It needs these sums over all rows of its input.
    Sum(RowSum),
    /// The layer, and how it was found, if that is not known from its sample.
    Done(Layer, Option<Solution>),
}

/// The fit of a layer on all rows, which it never sees: it asks for sums over them and goes on with what it is given. Once a step has
/// failed it is over.
pub trait Refit: Send {
    /// Goes on, from the start with `None`, then each time with the sums that were asked for last.
    ///
    /// # Errors
    /// [`Error::Sums`](crate::Error::Sums) for sums of another kind, and those of the solver.
    fn step(&mut self, sums: Option<RowSums>) -> Result<Step>;
}

/// A [`Refit`] that needs one sum, and what it then makes of it.
pub fn after_one_pass(
    sum: RowSum,
    finish: impl FnOnce(RowSums) -> Result<Layer> + Send + 'static,
) -> Box<dyn Refit> {
    Box::new(OnePass { sum, finish: Some(finish) })
}

struct OnePass<F> {
    sum: RowSum,
    finish: Option<F>,
}

impl<F: FnOnce(RowSums) -> Result<Layer> + Send> Refit for OnePass<F> {
    fn step(&mut self, sums: Option<RowSums>) -> Result<Step> {
        match sums.and_then(|sums| Some((sums, self.finish.take()?))) {
            Some((sums, finish)) => Ok(Step::Done(finish(sums)?, None)),
            None => Ok(Step::Sum(self.sum.clone())),
        }
    }
}

/// Carries a refit through over all rows of a source.
///
/// # Errors
/// Those of the refit, and [`Error::Kernel`](crate::Error::Kernel) for a source that cannot be read.
///
/// # Cost
/// A pass a step.
pub fn refit_rows(
    mut refit: Box<dyn Refit>,
    rows: &dyn RowBlocks,
    par: Par,
) -> Result<(Layer, Option<Solution>)> {
    let mut sums = None;
    loop {
        match refit.step(sums)? {
            Step::Sum(sum) => sums = Some(sum.over(rows, par)?),
            Step::Done(layer, solution) => return Ok((layer, solution)),
        }
    }
}
