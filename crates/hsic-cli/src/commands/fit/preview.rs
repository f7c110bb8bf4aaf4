//! `fit --dry-run`: what would be fitted, in words and as JSON.

use std::fmt;

use hsic::fit::{Candidate, TableSummary};
use hsic_data::table::InspectedColumn;
use hsic_eval::memory::{Estimate, Sizes, in_words};
use hsic_report::text::{count, table};
use serde::Serialize;
use serde_json::Value;

/// Columns that are shown to a reader; those of a picture would fill the screen.
const SHOWN: usize = 30;

/// A fit that could begin.
#[derive(Serialize)]
pub struct Preview {
    dry_run: bool,
    version: &'static str,
    model: String,
    seed: u64,
    config: Value,
    dataset: TableSummary,
    /// What every column of the table holds and becomes, as `data inspect` shows it; not of a table that is read in blocks.
    columns: Option<Vec<InspectedColumn>>,
    train_rows: usize,
    test_rows: usize,
    methods: Vec<Network>,
    #[serde(skip)]
    resolved: String,
}

/// A network that would be tried.
#[derive(Serialize)]
struct Network {
    method: String,
    selection: bool,
    /// What the fit takes, beside what reading the table took.
    memory_bytes: Option<u64>,
}

impl Preview {
    /// A fit of these candidates on rows of `width` encoded columns.
    pub fn new(
        fit: &super::Ready<'_>,
        candidates: &[Candidate],
        columns: Option<Vec<InspectedColumn>>,
        resolved: String,
        config: Value,
    ) -> Self {
        let dataset = fit.rows.summary();
        let (train_rows, test_rows) = fit.rows.counts();
        let sizes = Sizes {
            n: train_rows + test_rows,
            n_train: train_rows,
            d: fit.rows.width(),
            c: dataset.classes,
            folds_at_once: 1,
            threads: rayon::current_num_threads(),
            in_file: fit.rows.is_in_file(),
        };
        let network = |candidate: &Candidate| Network {
            method: candidate.method().to_owned(),
            // where there are several the best is chosen
            selection: candidate.is_searched() || candidates.len() > 1,
            memory_bytes: Estimate::of(&candidate.method_fitted(), &sizes).map(|estimate| estimate.bytes()),
        };
        Self {
            dry_run: true,
            version: env!("CARGO_PKG_VERSION"),
            model: fit.args.model.display().to_string(),
            seed: fit.config.seed,
            config,
            dataset,
            columns,
            train_rows,
            test_rows,
            methods: candidates.iter().map(network).collect(),
            resolved,
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let methods = self.methods.iter().map(|network| {
            let memory = network.memory_bytes.map_or_else(|| "not estimated".into(), in_words);
            let how = if network.selection { "chosen by cross-validation" } else { "as configured" };
            vec![network.method.clone(), memory, how.into()]
        });
        write!(f, "{}", self.dataset)?;
        if let Some(columns) = &self.columns {
            writeln!(f)?;
            columns.iter().take(SHOWN).try_for_each(|column| write!(f, "{column}"))?;
            if columns.len() > SHOWN {
                writeln!(f, "… ({} columns in all; `hsic-cli data inspect` shows each)", columns.len())?;
            }
        }
        writeln!(
            f,
            "\n{} to train on, {} to test\n\n{}\nthe configuration, every key with its value\n\n{}\nthe model would be in {}; \
             nothing was fitted, nothing written",
            count(self.train_rows, "row"),
            self.test_rows,
            table(&["method", "memory", "hyperparameters"].map(String::from), methods),
            self.resolved,
            self.model,
        )
    }
}
