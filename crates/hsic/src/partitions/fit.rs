//! A fit that never sees a partition.

use faer::Par;
use hsic_data::table::{InferOptions, Known, MissingRule};
use hsic_net::passes::{FitMachine, Next, Pass};
use hsic_net::{NetworkParams, SolverParams};
use serde::Serialize;

use super::PartitionError;
use super::pass::{Sums, TablePartial, TablePass, Task};
use crate::fit::{Candidate, choose, sample_rows};
use crate::{Model, Preprocessing, Result, Training};

/// What a table in partitions is, and how a model of it is fitted.
#[derive(Debug, Clone)]
pub struct TableOptions {
    /// What is known of the columns. Missing cells are filled with their column's mean unless they are refused.
    pub infer: InferOptions,
    /// The networks to choose among, all fitted in blocks.
    pub networks: Vec<Candidate>,
    /// Seed of the choice and of the network.
    pub seed: u64,
    /// What stands for the table in messages and in the model.
    pub file: String,
}

/// A fit of a table in partitions: see the [module](super).
///
/// What it asks and ends in depend on its options and on the partials alone. So the bytes of the merged partials, in order, are a
/// checkpoint.
pub struct TableFit {
    options: TableOptions,
    par: Par,
    /// Passes that were made.
    passes: usize,
    /// Rows of every partition that was there, by its number.
    partitions: Vec<(usize, usize)>,
    phase: Phase,
}

enum Phase {
    /// It waits for a pass of the table.
    Table(Box<TablePass>),
    /// It waits for a sample to choose on.
    Choosing(Box<TablePass>, Box<Preprocessing>),
    /// It waits for a pass of the network.
    Fitting(Box<TablePass>, Box<Preprocessing>, Box<FitMachine<SolverParams>>),
    Done(Box<Preprocessing>, Box<FitMachine<SolverParams>>),
    Failed,
}

/// How far a fit is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Passes that were made.
    pub passes: usize,
    /// The pass it waits for; `None` where it is done.
    pub kind: Option<&'static str>,
    /// H* of the layers so far.
    pub hsic: Vec<f64>,
    /// Their widths.
    pub widths: Vec<usize>,
    /// Their bandwidths.
    pub sigmas: Vec<f64>,
}

impl TableFit {
    /// A fit. `par` is for what it computes itself; no bit depends on it.
    ///
    /// # Errors
    /// [`PartitionError::InMemory`] for a network that reads its rows in memory.
    pub fn new(options: TableOptions, par: Par) -> Result<Self> {
        if !options.networks.iter().all(Candidate::in_blocks) {
            return Err(PartitionError::InMemory.into());
        }
        let phase = Phase::Table(Box::new(TablePass::new(Task::Scan(options.infer.clone()))?));
        Ok(Self { options, par, passes: 0, partitions: Vec::new(), phase })
    }

    /// The pass it wants, the same until it is given that; `None` where it is done.
    ///
    /// # Errors
    /// [`PartitionError::Over`] after a step has failed.
    pub fn next(&self) -> Result<Option<&TablePass>> {
        match &self.phase {
            Phase::Table(pass) | Phase::Choosing(pass, _) | Phase::Fitting(pass, ..) => Ok(Some(pass)),
            Phase::Done(..) => Ok(None),
            Phase::Failed => Err(PartitionError::Over.into()),
        }
    }

    /// Rows of every partition, by its number; nothing before the first pass.
    pub fn partitions(&self) -> &[(usize, usize)] {
        &self.partitions
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let trace = match &self.phase {
            Phase::Fitting(_, _, machine) | Phase::Done(_, machine) => machine.trace(),
            _ => &[],
        };
        let summaries = || trace.iter().map(|layer| &layer.summary);
        Progress {
            passes: self.passes,
            kind: self.next().ok().flatten().map(TablePass::kind),
            hsic: summaries().map(|summary| summary.hsic_normalized).collect(),
            widths: summaries().map(|summary| summary.width).collect(),
            sigmas: summaries().map(|summary| summary.sigma.get()).collect(),
        }
    }

    /// Goes on with the merged partial of all partitions.
    ///
    /// # Errors
    /// [`PartitionError::OtherPass`], [`PartitionError::Changed`] for a partial that is not of the pass or the rows, after which it
    /// still waits for the right one. After any other error the fit is over: those of a table that is read at once, of [`choose`] and of
    /// the network.
    ///
    /// # Cost
    /// After the sample that of [`choose`]; else that of [`FitMachine::advance`].
    pub fn advance(&mut self, partial: TablePartial) -> Result<()> {
        let pass = self.next()?.ok_or(PartitionError::Over)?;
        pass.check(&partial)?;
        let counted = self.partitions.iter().map(|(_, rows)| rows).sum();
        if self.passes > 0 && partial.rows != counted {
            return Err(PartitionError::Changed { counted, found: partial.rows }.into());
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Failed);
        self.phase = match (phase, partial.sums) {
            (Phase::Table(_), Sums::Nothing) => {
                return Err(hsic_data::Error::NoRows { file: self.options.file.clone() }.into());
            }
            (Phase::Table(_), Sums::Scan(counted)) => {
                self.partitions = counted.partitions;
                self.partitions.sort_unstable();
                // one that came in several parts is one
                self.partitions.dedup_by(|part, all| {
                    let same = part.0 == all.0;
                    all.1 += if same { part.1 } else { 0 };
                    same
                });
                let schema = counted.scan.schema(&self.options.file, &self.options.infer)?;
                Phase::Table(Box::new(TablePass::new(Task::Columns(schema))?))
            }
            (Phase::Table(pass), Sums::Columns(known)) => self.standardised(*pass, &known)?,
            (Phase::Choosing(_, preprocessing), Sums::Rows(partial)) => {
                let (x, labels) = partial.into_sample()?.finish()?;
                let TableOptions { networks, seed, .. } = &self.options;
                let choice = choose(networks, x.as_ref(), &labels, *seed, None, self.par, &())?;
                let (width, n_classes) = (x.ncols(), labels.n_classes());
                waiting(preprocessing, FitMachine::new(&choice.params, width, n_classes, self.par)?)?
            }
            (Phase::Fitting(_, preprocessing, mut machine), Sums::Rows(partial)) => {
                machine.advance(*partial)?;
                waiting(preprocessing, *machine)?
            }
            _ => unreachable!("checked against the pass"),
        };
        self.passes += 1;
        Ok(())
    }

    /// Once the columns are known: the sample, if a network is to be chosen, or the network.
    fn standardised(&self, pass: TablePass, known: &Known) -> Result<Phase> {
        let Task::Columns(schema) = pass.task else { unreachable!("a pass of columns has a schema") };
        let TableOptions { infer, networks, seed, file } = &self.options;
        known.check(file, &schema, infer)?;
        let fill = infer.missing != MissingRule::Refuse;
        let preprocessing = Box::new(Preprocessing::of_moments(schema, &known.moments, fill)?);
        let (width, n_classes) = (preprocessing.scaler().kept().len(), known.counts.len());
        if let [network] = &networks[..]
            && !network.is_searched()
        {
            let params = NetworkParams { seed: *seed, ..*network.params() };
            return waiting(preprocessing, FitMachine::new(&params, width, n_classes, self.par)?);
        }
        let pass = Pass::sample(width, n_classes, sample_rows(width), *seed);
        Ok(Phase::Choosing(rows(&preprocessing, &pass)?, preprocessing))
    }

    /// The model, once it is done.
    ///
    /// # Errors
    /// [`PartitionError::Unfinished`], and [`PartitionError::Over`] after a step has failed.
    pub fn finish(self) -> Result<Model> {
        let rows = self.partitions.iter().map(|(_, rows)| rows).sum();
        match self.phase {
            Phase::Done(preprocessing, machine) => {
                let (params, fit) = (*machine.params(), machine.into_fit()?);
                let training = Training::in_partitions(&self.options.file, rows, &params);
                Model::new(*preprocessing, fit.network, training)
            }
            Phase::Failed => Err(PartitionError::Over.into()),
            Phase::Table(pass) | Phase::Choosing(pass, _) | Phase::Fitting(pass, ..) => {
                Err(PartitionError::Unfinished(pass.kind()).into())
            }
        }
    }
}

fn rows(preprocessing: &Preprocessing, pass: &Pass) -> Result<Box<TablePass>> {
    let task = Task::Rows(Box::new(preprocessing.clone()), Box::new(pass.clone()));
    Ok(Box::new(TablePass::new(task)?))
}

/// Waits for what the network asks for.
fn waiting(preprocessing: Box<Preprocessing>, machine: FitMachine<SolverParams>) -> Result<Phase> {
    let pass = match machine.next()? {
        Next::Pass(pass) => rows(&preprocessing, pass)?,
        Next::Done(_) => return Ok(Phase::Done(preprocessing, Box::new(machine))),
    };
    Ok(Phase::Fitting(pass, preprocessing, Box::new(machine)))
}
