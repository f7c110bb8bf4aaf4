//! What a fit would be of, before it is made.

use std::fmt;

use hsic_data::table::InspectedColumn;
use hsic_eval::memory::{Estimate, Sizes, in_words};
use hsic_kernels::all_threads;
use hsic_report::text;
use serde::Serialize;

use super::{Candidate, FitData, TableSummary};

/// Columns that are shown to a reader; those of a picture would fill the screen.
const SHOWN: usize = 30;

/// A fit that could begin: its rows, and the networks that would be tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// What the table was understood as.
    pub dataset: TableSummary,
    /// What every column holds and becomes, where it was looked at.
    pub columns: Option<Vec<InspectedColumn>>,
    /// Rows to train on.
    pub train_rows: usize,
    /// Rows to test on.
    pub test_rows: usize,
    /// The networks.
    pub methods: Vec<PreviewedNetwork>,
}

/// A network that would be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewedNetwork {
    /// Its solver.
    pub method: String,
    /// Whether something is chosen: its hyperparameters, or it among several.
    pub selection: bool,
    /// What the fit takes, beside what reading the table took.
    pub memory_bytes: Option<u64>,
}

impl Preview {
    /// A fit of these candidates on the threads of the present pool.
    pub fn new(rows: &FitData, candidates: &[Candidate], columns: Option<Vec<InspectedColumn>>) -> Self {
        let dataset = rows.summary();
        let (train_rows, test_rows) = rows.counts();
        let sizes = Sizes {
            n: train_rows + test_rows,
            n_train: train_rows,
            d: rows.width(),
            c: dataset.classes,
            folds_at_once: 1,
            threads: all_threads().degree(),
            in_file: rows.is_in_file(),
        };
        let network = |candidate: &Candidate| PreviewedNetwork {
            method: candidate.method().to_owned(),
            // where there are several the best is chosen
            selection: candidate.is_searched() || candidates.len() > 1,
            memory_bytes: Estimate::of(&candidate.method_fitted(), &sizes).map(|estimate| estimate.bytes()),
        };
        let methods = candidates.iter().map(network).collect();
        Self { dataset, columns, train_rows, test_rows, methods }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.dataset)?;
        if let Some(columns) = &self.columns {
            writeln!(f)?;
            columns.iter().take(SHOWN).try_for_each(|column| write!(f, "{column}"))?;
            if columns.len() > SHOWN {
                writeln!(f, "… ({} columns in all)", columns.len())?;
            }
        }
        let methods = self.methods.iter().map(|network| {
            let memory = network.memory_bytes.map_or_else(|| "not estimated".into(), in_words);
            let how = if network.selection { "chosen by cross-validation" } else { "as configured" };
            vec![network.method.clone(), memory, how.into()]
        });
        let train = text::count(self.train_rows, "row");
        writeln!(f, "\n{train} to train on, {} to test\n", self.test_rows)?;
        write!(f, "{}", text::table(&["method", "memory", "hyperparameters"].map(String::from), methods))
    }
}
