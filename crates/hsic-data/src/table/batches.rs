//! One pass over a source, its rows worked on by all threads.

use faer::Par;
use hsic_rows::BLOCK_ROWS;
use rayon::prelude::*;

use super::Source;
use super::rows::Rows;
use crate::Result;

/// Works on the rows of a source, a batch a task, and adds what the batches come to in their order: the outcome is that of one
/// thread. What was added of earlier batches is at hand.
///
/// # Errors
/// The first in the order of the rows, of the source or of a task.
///
/// # Cost
/// A batch of [`BLOCK_ROWS`] rows a thread is held.
pub(crate) fn fold_batches<S: Sync, T: Send>(
    source: &mut Source<'_>,
    par: Par,
    sum: &mut S,
    task: impl Fn(&S, Rows) -> Result<T> + Sync,
    mut add: impl FnMut(&mut S, T) -> Result<()>,
) -> Result<()> {
    let threads = match par {
        Par::Seq => 1,
        Par::Rayon(threads) => threads.get(),
    };
    loop {
        let (mut batches, mut failed) = (Vec::with_capacity(threads), None);
        while batches.len() < threads {
            match source.next_rows(BLOCK_ROWS) {
                Ok(Some(rows)) => batches.push(rows),
                Ok(None) => break,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let at_end = batches.len() < threads;
        let of = |rows| task(sum, rows);
        let parts: Vec<Result<T>> = match batches.len() {
            0 | 1 => batches.into_iter().map(of).collect(),
            _ => batches.into_par_iter().map(of).collect(),
        };
        for part in parts {
            add(sum, part?)?;
        }
        match failed {
            Some(error) => return Err(error),
            None if at_end => return Ok(()),
            None => {}
        }
    }
}
