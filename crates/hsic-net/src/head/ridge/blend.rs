//! Which bandwidths and ridges are averaged.

use faer::Mat;

use super::path::{Path, Regression};
use super::targets::Targets;

/// At most this many, some of them several times, are averaged.
const STEPS: usize = 10;
/// The least a further one gains, relative to the error.
const GAIN: f64 = 1e-4;

/// A mean of regressions.
pub(super) struct Blend {
    /// For each path the regressions that take part, by place, with their weights.
    pub(super) members: Vec<Vec<(usize, f64)>>,
    /// Its leave-one-out scores, n×c.
    pub(super) held_out: Mat<f64>,
}

/// Adds to the mean, one after another, the regression that leaves it the least squared leave-one-out error, until none gains.
pub(super) fn blend<'a>(paths: &'a [Path], targets: &Targets<'_>) -> Blend {
    let of_path = |(path, of_path): (usize, &'a Path)| {
        of_path.regressions.iter().enumerate().map(move |(place, regression)| (path, place, regression))
    };
    let pool: Vec<(usize, usize, &Regression)> = paths.iter().enumerate().flat_map(of_path).collect();
    let mut sum = Mat::zeros(targets.n(), targets.n_classes());
    let (mut chosen, mut lowest): (Vec<usize>, f64) = (Vec::new(), f64::INFINITY);
    while chosen.len() < STEPS {
        let errors = pool.iter().map(|(.., one)| error(&sum, chosen.len(), &one.held_out.scores, targets));
        let best = errors.enumerate().min_by(|one, other| one.1.total_cmp(&other.1));
        let Some((place, error)) = best.filter(|(_, error)| *error < lowest * (1.0 - GAIN)) else { break };
        sum += &pool[place].2.held_out.scores;
        lowest = error;
        chosen.push(place);
    }
    if chosen.is_empty() {
        // nothing to regress on, or nothing is gained by it: the shares of the classes in the other rows
        return Blend { members: vec![Vec::new(); paths.len()], held_out: shares_of_others(targets) };
    }
    let weight = 1.0 / chosen.len() as f64;
    let mut members: Vec<Vec<(usize, f64)>> = vec![Vec::new(); paths.len()];
    for place in chosen {
        let (path, place, _) = pool[place];
        match members[path].iter_mut().find(|(known, _)| *known == place) {
            Some((_, sum)) => *sum += weight,
            None => members[path].push((place, weight)),
        }
    }
    Blend { members, held_out: sum * faer::Scale(weight) }
}

/// Weighted mean squared error of the mean of `count` scores in `sum` and one more.
fn error(sum: &Mat<f64>, count: usize, scores: &Mat<f64>, targets: &Targets<'_>) -> f64 {
    let share = 1.0 / (count + 1) as f64;
    let mut total = 0.0;
    for a in 0..scores.ncols() {
        for i in 0..scores.nrows() {
            let residual = targets.one_hot(i, a) - share * (sum[(i, a)] + scores[(i, a)]);
            total += targets.weight(i) * residual * residual;
        }
    }
    total / targets.n() as f64
}

fn shares_of_others(targets: &Targets<'_>) -> Mat<f64> {
    let total = targets.n() as f64;
    Mat::from_fn(targets.n(), targets.n_classes(), |i, a| {
        let weight = targets.weight(i);
        let others = (total - weight).max(f64::MIN_POSITIVE);
        (targets.means()[a] * total - weight * targets.one_hot(i, a)) / others
    })
}
