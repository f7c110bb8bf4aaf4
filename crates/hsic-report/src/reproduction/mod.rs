//! The published table and our own side by side: one record, written as Markdown, CSV, JSON and a page.

mod csv;
mod grid;
mod markdown;
mod page;

use hsic_eval::comparison::{Compared, compare};
use hsic_eval::records::{DatasetRecord, MethodRecord, Results};
use serde::Serialize;

use super::error::ReportError;
use super::files::ResultsDir;
use super::plots::{Figure, comparison, experiment_1};
use grid::Grid;
pub use grid::overview;

/// Version of the schema of `table1.json`.
const SCHEMA_VERSION: u32 = 1;

/// The perceptrons times are compared with.
const PERCEPTRONS: [&str; 2] = ["mlp-ce", "mlp-mse"];

/// The whole table.
#[derive(Debug, Clone, Serialize)]
pub struct Reproduction {
    /// Version of this schema.
    schema_version: u32,
    /// Version of the program.
    version: String,
    /// Seed of everything random.
    seed: u64,
    /// Folds asked for; each method says how many are finished.
    folds: usize,
    /// One entry a data set.
    sets: Vec<SetRecord>,
}

/// A data set of the table.
#[derive(Debug, Clone, Serialize)]
struct SetRecord {
    /// Name of the data set.
    name: String,
    /// What it is; null where it could not be loaded.
    dataset: Option<DatasetRecord>,
    /// What went wrong, a line each; empty where nothing did.
    failures: Vec<String>,
    /// One entry a method that has a finished fold.
    methods: Vec<MethodRow>,
}

/// A method on a data set.
#[derive(Debug, Clone, Serialize)]
struct MethodRow {
    /// Name of the method.
    method: String,
    /// Finished folds.
    folds: usize,
    /// Every metric, measured and published.
    metrics: Vec<Compared>,
    /// Mean seconds of a fit of `mlp-ce`, `mlp-mse`, divided by this method's; null where one is not known.
    speedup: [Option<f64>; 2],
}

impl Reproduction {
    /// A table without rows.
    pub fn new(seed: u64, folds: usize) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema_version: SCHEMA_VERSION, version, seed, folds, sets: Vec::new() }
    }

    /// Adds a finished set.
    pub fn push(&mut self, name: &str, results: &Results, failures: &[String]) {
        let with_folds = || results.methods.iter().filter(|method| !method.folds.is_empty());
        let seconds = |method: &str| {
            let record = with_folds().find(|record| record.method == method);
            record.and_then(|record| record.mean.seconds).filter(|seconds| *seconds > 0.0)
        };
        let row = |record: &MethodRecord| {
            let own = seconds(&record.method);
            MethodRow {
                method: record.method.clone(),
                folds: record.folds.len(),
                metrics: compare(record),
                speedup: PERCEPTRONS.map(|perceptron| Some(seconds(perceptron)? / own?)),
            }
        };
        self.sets.push(SetRecord {
            name: name.to_owned(),
            dataset: Some(results.dataset.clone()),
            failures: failures.to_vec(),
            methods: with_folds().map(row).collect(),
        });
    }

    /// Adds a set that could not be run.
    pub fn push_failed(&mut self, name: &str, failure: String) {
        let failures = vec![failure];
        self.sets.push(SetRecord { name: name.to_owned(), dataset: None, failures, methods: Vec::new() });
    }

    /// What went wrong, a line each, with the set it went wrong on.
    pub fn failures(&self) -> Vec<String> {
        let of_set = |set: &SetRecord| -> Vec<String> {
            set.failures.iter().map(|failure| format!("{}: {failure}", set.name)).collect()
        };
        self.sets.iter().flat_map(of_set).collect()
    }

    /// Writes `table1.md`, `table1.csv`, `table1.json`, the pictures and `report.html`.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn write(&self, dir: &ResultsDir, results: &[Results]) -> Result<(), ReportError> {
        let figures = pictures(results)?;
        let grid = Grid::of(self);
        dir.replace("table1.md", markdown::markdown(self, &grid).as_bytes())?;
        dir.replace("table1.csv", &dir.records("table1.csv", csv::csv(self))?)?;
        dir.replace("table1.json", &dir.records("table1.json", json(self))?)?;
        dir.write_report(&figures, &page::page(self, &grid, &figures))
    }

    /// The table as JSON.
    ///
    /// # Errors
    /// None that is known of.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

fn json(table: &Reproduction) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    Ok((table.to_json()? + "\n").into_bytes())
}

/// The methods of each set side by side, and the two sets made to trick a network in one picture.
fn pictures(results: &[Results]) -> Result<Vec<Figure>, ReportError> {
    let mut figures = Vec::from_iter(experiment_1(results)?);
    for results in results {
        if let Some(figure) = comparison(results)? {
            figures.push(Figure { name: format!("comparison-{}", results.name), ..figure });
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    pub fn table() -> Reproduction {
        let mut results = fixture::results();
        let mut perceptron = fixture::method("mlp-ce", results.methods[0].folds.clone());
        perceptron.mean.seconds = Some(6.0);
        results.methods.push(perceptron);
        results.methods.push(fixture::method("knn", Vec::new()));
        let mut table = Reproduction::new(0, 10);
        table.push("random", &results, &["spectral, fold 2: no".into()]);
        table.push_failed("face", "not there".into());
        table
    }

    #[test]
    fn times_are_compared_with_the_perceptrons() {
        let table = table();
        let speedups: Vec<_> = table.sets[0].methods.iter().map(|row| row.speedup[0]).collect();
        assert_eq!(speedups[0], Some(20.0));
        assert_eq!((speedups.len(), speedups[2]), (3, Some(1.0)));
        assert_eq!(table.sets[0].methods[0].speedup[1], None);
        assert_eq!(table.failures(), ["random: spectral, fold 2: no", "face: not there"]);
    }

    #[test]
    fn the_files_hold_the_table() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let dir = ResultsDir::open(folder.path(), None)?;
        table().write(&dir, &[fixture::results()])?;
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name));
        let json: serde_json::Value = serde_json::from_str(&read("table1.json")?)?;
        assert_eq!(json["sets"][0]["methods"][0]["metrics"][2]["metric"], "train_accuracy");
        assert_eq!(json["sets"][1]["failures"][0], "not there");
        let csv = read("table1.csv")?;
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].starts_with(
            "dataset,method,folds,layers,layers_std,published_layers,published_layers_std,sigma,"
        ));
        assert!(lines[0].ends_with(",mlp_ce_seconds_ratio,mlp_mse_seconds_ratio,note"));
        assert!(lines[1].starts_with("random,spectral,2,1.5,0.5,3.3,0.64,0.6,"), "{}", lines[1]);
        assert!(folder.path().join("comparison-toy.png").is_file());
        assert!(folder.path().join("experiment-1.svg").is_file());
        Ok(())
    }
}
