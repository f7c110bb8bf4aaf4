//! The bandwidths of a whole stack, searched before it is built: the best few partial stacks go on, not only the best one.

use faer::{Mat, MatRef, Par};
use hsic_kernels::bandwidth::{Subsample, rms_distance};
use hsic_kernels::hsic::against_labels_at;
use hsic_kernels::{Bandwidth, Labels};
use hsic_layer::{LayerSolver, Trial};
use rayon::prelude::*;

use crate::contrast::Contrast;
use crate::greedy::Stack;
use crate::schedule::{Floor, nearest};
use crate::{Result, Selection};

/// The largest candidate of a search, in RMS distances: the kernel is linear in squared distances there.
const TOP: f64 = 8.0;
/// The smallest, at least.
const LOWEST: f64 = 1e-3;
/// Bandwidths at which the H* of a candidate is taken, in RMS distances of its Z.
const MEASURED: (f64, f64, usize) = (4.0, 2e-3, 24);
/// Stacks whose scores differ by less are one: they reached the same point, and would crowd out all others.
const APART: f64 = 1e-6;
/// Rows the H* of a candidate is taken on, at most. Rare rows that a sample lacks are seen by the contrast, which is of all.
const ROWS: usize = 256;
/// K of different rows is exactly 0 at this share of their smallest distance: e^(−800).
const IDENTITY: f64 = 1.0 / 40.0;

/// A layer of a search is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchStep {
    /// Number of the layer, from 1.
    pub layer: usize,
    /// Stacks that go on.
    pub stacks: usize,
    /// H* of the best of them, on the rows at hand.
    pub hsic: f64,
}

/// A stack of the search.
struct Partial {
    sigmas: Vec<Bandwidth>,
    input: Mat<f64>,
    contrast: Contrast,
    hsic: f64,
}

impl Partial {
    fn of_hsic(&self) -> f64 {
        self.hsic
    }

    fn of_contrast(&self) -> f64 {
        self.contrast.score()
    }
}

/// The bandwidths of every layer, by the selections that look ahead; `None` for those that choose layer by layer.
pub(crate) fn plan<S: LayerSolver>(
    stack: &Stack<S>,
    x: MatRef<'_, f64>,
    told: &mut dyn FnMut(&SearchStep),
) -> Result<Option<Vec<Bandwidth>>> {
    let params = &stack.params;
    if !matches!(params.selection, Selection::Beam | Selection::Construction) {
        return Ok(None);
    }
    let start = Partial {
        sigmas: Vec::new(),
        input: x.to_owned(),
        contrast: Contrast::of(x, &stack.labels),
        hsic: 0.0,
    };
    let mut partials = vec![start];
    let (mut best, mut best_hsic) = (Vec::new(), f64::NEG_INFINITY);
    for depth in 0..params.max_layers {
        let mut next = Vec::new();
        for partial in &partials {
            next.extend(successors(stack, depth, partial)?);
        }
        partials = best_apart(next, params.beam_width);
        let leader = &partials[0];
        let hsic = stack.measure(depth, leader.input.as_ref(), leader.sigmas[depth])?.2;
        told(&SearchStep { layer: depth + 1, stacks: partials.len(), hsic });
        if leader.hsic > best_hsic + params.min_gain || hsic >= params.target_hsic {
            (best, best_hsic) = (leader.sigmas.clone(), leader.hsic);
        }
        if hsic >= params.target_hsic || depth + 1 - best.len() >= params.patience {
            break;
        }
    }
    Ok(Some(best))
}

/// The `width` best, the highest H* first: half of them by H*, half by contrast. Each alone is blind to what the other sees: a class
/// can be scattered at a high H*, and be in one place beside another.
fn best_apart(mut all: Vec<Partial>, width: usize) -> Vec<Partial> {
    let mut kept: Vec<Partial> = Vec::new();
    for (score, room) in
        [(Partial::of_hsic as fn(&Partial) -> f64, width.div_ceil(2)), (Partial::of_contrast, width)]
    {
        all.sort_by(|a, b| score(b).total_cmp(&score(a)));
        let mut rest = Vec::new();
        for partial in all {
            let is_new = kept.iter().all(|other| (score(other) - score(&partial)).abs() > APART);
            if kept.len() < room && is_new { kept.push(partial) } else { rest.push(partial) }
        }
        all = rest;
    }
    kept
}

/// The stack with one layer more, at each candidate.
fn successors<S: LayerSolver>(stack: &Stack<S>, depth: usize, partial: &Partial) -> Result<Vec<Partial>> {
    let input = partial.input.as_ref();
    let sigmas = match (stack.params.selection, partial.contrast.bandwidth()) {
        (Selection::Construction, _) if depth == 0 => vec![identity(stack, input)?],
        (Selection::Construction, Some(sigma)) => vec![Bandwidth::new(sigma)?],
        _ => grid(stack, input)?,
    };
    let trials = stack.solver.try_each(input, &stack.labels, &sigmas, &stack.context(depth))?;
    let candidates: Vec<_> = sigmas.into_iter().zip(trials).collect();
    let successor = |(sigma, Trial { z, activation }): &(Bandwidth, Trial)| {
        let contrast = Contrast::of(z.as_ref(), &stack.labels);
        let hsic = best_hsic(stack, z.as_ref(), depth)?;
        let mut sigmas = partial.sigmas.clone();
        sigmas.push(*sigma);
        Ok(Partial { sigmas, input: activation.clone(), contrast, hsic })
    };
    match stack.par {
        Par::Seq => candidates.iter().map(successor).collect(),
        Par::Rayon(_) => candidates.par_iter().with_max_len(1).map(successor).collect(),
    }
}

/// A bandwidth at which K is the identity on different rows.
fn identity<S: LayerSolver>(stack: &Stack<S>, x: MatRef<'_, f64>) -> Result<Bandwidth> {
    Ok(Bandwidth::new(IDENTITY * nearest(x, &stack.labels, Floor::AnyRows, stack.par)?)?)
}

/// Bandwidths from where the kernel is linear in squared distances to where it is the identity.
fn grid<S: LayerSolver>(stack: &Stack<S>, input: MatRef<'_, f64>) -> Result<Vec<Bandwidth>> {
    let rms = rms_distance(input)?.get();
    let nearest = nearest(input, &stack.labels, Floor::AnyRows, stack.par)?;
    spaced(TOP * rms, (0.25 * nearest).clamp(LOWEST * rms, rms), stack.params.candidates)
}

/// `count` bandwidths from `top` down to `low`, logarithmically spaced.
fn spaced(top: f64, low: f64, count: usize) -> Result<Vec<Bandwidth>> {
    let ratio = (low / top).powf(1.0 / (count as f64 - 1.0));
    (0..count).map(|i| Ok(Bandwidth::new(top * ratio.powi(i as i32))?)).collect()
}

/// The highest H* of Z over bandwidths, on a subsample; 0 where Z has collapsed to one point.
fn best_hsic<S: LayerSolver>(stack: &Stack<S>, z: MatRef<'_, f64>, depth: usize) -> Result<f64> {
    let seed = stack.params.seed.wrapping_add(depth as u64 + 1);
    let rows = Subsample { rows: stack.params.subsample_rows.min(ROWS), seed }.stratified(&stack.labels);
    let z = Mat::from_fn(rows.len(), z.ncols(), |i, k| z[(rows[i], k)]);
    let labels: Labels = stack.labels.select(&rows)?;
    let (top, low, count) = MEASURED;
    let rms = match rms_distance(z.as_ref()) {
        Err(hsic_kernels::Error::AllRowsEqual) => return Ok(0.0),
        rms => rms?.get(),
    };
    let sigmas = spaced(top * rms, low * rms, count)?;
    let all = against_labels_at(z.as_ref(), &sigmas, &labels, Par::Seq)?;
    Ok(all.iter().map(|hsic| hsic.statistics.normalized()).max_by(f64::total_cmp).unwrap_or(0.0))
}
