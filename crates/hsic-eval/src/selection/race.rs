//! Candidates against each other, inner fold by inner fold.

use hsic_net::NetworkParams;

use super::score::{InnerRows, Tally};
use super::standing::Standing;
use crate::Result;

/// All stacks; those without a chance drop out from fold to fold.
pub(crate) struct Race {
    pub entries: Vec<Entry>,
    /// The stack without a layer, which others must be clearly better than.
    input: Option<usize>,
    /// Whether stacks were given up for want of time.
    pub out_of_time: bool,
}

/// One stack and its candidates.
pub(crate) struct Entry {
    pub params: NetworkParams,
    pub candidates: Vec<NetworkParams>,
    /// Folds it was scored on.
    pub folds: usize,
    /// Held-out rows it was scored on, by class.
    counts: Vec<usize>,
    /// One a candidate; none where it could not be fitted.
    tallies: Vec<Option<Tally>>,
    running: bool,
}

impl Race {
    /// A race of stacks, each with its candidates.
    pub(crate) fn new(stacks: Vec<(NetworkParams, Vec<NetworkParams>)>, classes: usize) -> Self {
        let none = Tally { right: vec![0; classes], log_loss: 0.0 };
        let entry = |(params, candidates): (NetworkParams, Vec<NetworkParams>)| Entry {
            params,
            folds: 0,
            counts: vec![0; classes],
            tallies: vec![Some(none.clone()); candidates.len()],
            candidates,
            running: true,
        };
        let input = stacks.iter().position(|(params, _)| params.max_layers == 0);
        Self { entries: stacks.into_iter().map(entry).collect(), input, out_of_time: false }
    }

    /// Scores every stack that is still running on one more fold, and drops those without a chance; `score` is told the place of the
    /// stack, and the accuracy of the best so far. Once the time is over nothing is
    /// fitted any more: stacks that have been fitted on fewer folds than others are out.
    pub(crate) fn fold(
        &mut self,
        rows: &InnerRows,
        is_over: impl Fn() -> bool,
        score: impl Fn(usize, &Entry, Option<f64>) -> Result<Vec<Option<Tally>>>,
    ) -> Result<()> {
        let mut fitted = 0;
        let any_before = self.entries.iter().any(|entry| entry.folds > 0);
        for stack in 0..self.entries.len() {
            if !self.entries[stack].running {
                continue;
            }
            if (any_before || fitted > 0) && is_over() {
                self.out_of_time = true;
                // of a fold that no stack was fitted on nothing is known
                self.entries[stack].running = fitted == 0;
                continue;
            }
            let best = self.leader_standing().map(|standing| standing.accuracy);
            let scores = score(stack, &self.entries[stack], best)?;
            self.entries[stack].add(scores, rows.counts());
            fitted += 1;
        }
        if fitted == 0 {
            return Ok(());
        }
        let leader = self.leader_standing();
        let (input, of_input) = (self.input, self.input_standing());
        let goes_on = |standing: &Standing| {
            leader.as_ref().is_none_or(|leader| !standing.is_hopeless(leader))
                && of_input.as_ref().is_none_or(|input| standing.value() > input.value())
        };
        for (_, entry) in self.entries.iter_mut().enumerate().filter(|&(stack, _)| Some(stack) != input) {
            let standings = || (0..entry.tallies.len()).filter_map(|place| entry.standing(place));
            entry.running &= leader.is_none() || standings().any(|standing| goes_on(&standing));
        }
        Ok(())
    }

    /// The best standing of a network without a layer.
    fn input_standing(&self) -> Option<Standing> {
        let entry = &self.entries[self.input?];
        entry.standing(entry.best()?)
    }

    fn leader_standing(&self) -> Option<Standing> {
        let (stack, place) = self.leader()?;
        self.entries[stack].standing(place)
    }

    /// Stack and candidate of the best standing among those still running.
    pub(crate) fn leader(&self) -> Option<(usize, usize)> {
        let mut leader: Option<(usize, usize, Standing)> = None;
        for (stack, entry) in self.entries.iter().enumerate().filter(|(_, entry)| entry.running) {
            let Some(place) = entry.best() else { continue };
            let Some(standing) = entry.standing(place) else { continue };
            if leader.as_ref().is_none_or(|(.., leader)| standing.compare(leader).is_lt()) {
                leader = Some((stack, place, standing));
            }
        }
        leader.map(|(stack, place, _)| (stack, place))
    }

    /// Stack and candidate that are chosen: of those near the leader the one with the lowest loss, the first of equals.
    pub(crate) fn choice(&self) -> Option<(usize, usize)> {
        let (stack, place) = self.leader()?;
        let leader = self.entries[stack].standing(place)?;
        if let (Some(input), Some(standing)) = (self.input, self.input_standing())
            && !standing.is_hopeless(&leader)
        {
            return Some((input, self.entries[input].best()?));
        }
        let mut choice = (stack, place, leader);
        for (stack, entry) in self.entries.iter().enumerate().filter(|(_, entry)| entry.running) {
            for place in 0..entry.tallies.len() {
                let Some(standing) = entry.standing(place).filter(|standing| standing.is_near(&leader))
                else {
                    continue;
                };
                let (at, chosen) = ((stack, place), &choice.2);
                let by_loss = standing.log_loss.total_cmp(&chosen.log_loss);
                if by_loss.then(at.cmp(&(choice.0, choice.1))).is_lt() {
                    choice = (stack, place, standing);
                }
            }
        }
        Some((choice.0, choice.1))
    }
}

impl Entry {
    fn add(&mut self, scores: Vec<Option<Tally>>, counts: &[usize]) {
        self.folds += 1;
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        for (tally, score) in self.tallies.iter_mut().zip(scores) {
            match (tally.as_mut(), score) {
                (Some(sum), Some(score)) => sum.add(&score),
                _ => *tally = None,
            }
        }
    }

    /// `None` where the candidate could not be fitted, or nothing was held out yet.
    pub(crate) fn standing(&self, place: usize) -> Option<Standing> {
        let tally = self.tallies[place].as_ref().filter(|_| self.folds > 0)?;
        Some(Standing::of(tally, &self.counts))
    }

    /// The candidate of the best standing, the first of equals.
    pub(crate) fn best(&self) -> Option<usize> {
        let mut best: Option<(usize, Standing)> = None;
        for place in 0..self.tallies.len() {
            let Some(standing) = self.standing(place) else { continue };
            if best.as_ref().is_none_or(|(_, best)| standing.compare(best).is_lt()) {
                best = Some((place, standing));
            }
        }
        best.map(|(place, _)| place)
    }
}
