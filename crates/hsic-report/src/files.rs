//! The files of a run: `results.json`, `folds.csv`, `layers.csv`, `config.toml`, the pictures, `report.html`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hsic_data::output;
use hsic_eval::metrics::Metric;
use hsic_eval::records::Results;
use serde::Serialize;
use serde_json::Value;

use super::error::ReportError;
use super::lock::FolderLock;
use super::plots::Figure;
use super::written::{self, CONFIG, RESULTS};

/// Columns of `folds.csv` after `method`: the numbers of a `FoldRecord`.
fn fold_columns() -> Vec<&'static str> {
    ["fold"].into_iter().chain(Metric::of_fold().map(|metric| metric.name)).chain(["stop_reason"]).collect()
}

/// Columns of `layers.csv` after `method` and `fold`: those of a `LayerRecord`.
fn layer_columns() -> Vec<&'static str> {
    ["layer"].into_iter().chain(Metric::of_layer().map(|metric| metric.name)).chain(["stop_reason"]).collect()
}

/// The folder of a run.
pub struct ResultsDir {
    dir: PathBuf,
    told: Box<dyn Fn(&Path) + Send + Sync>,
    /// Held until the run is over.
    lock: FolderLock,
}

impl ResultsDir {
    /// Makes the folder where there is none, locks it if that is not done yet, and tries that a file of 1 MiB can be written, so
    /// that hours of work do not end in nothing.
    ///
    /// # Errors
    /// [`ReportError::Directory`] and [`ReportError::Locked`].
    pub fn open(dir: impl Into<PathBuf>, lock: Option<FolderLock>) -> Result<Self, ReportError> {
        let dir = dir.into();
        let failed = |source| ReportError::Directory { dir: dir.display().to_string(), source };
        fs::create_dir_all(&dir).map_err(failed)?;
        let lock = lock.map_or_else(|| FolderLock::of(&dir), Ok)?;
        output::check_folder(&dir).map_err(failed)?;
        Ok(Self { dir, told: Box::new(|_| ()), lock })
    }

    /// Moves the files that an earlier run of any of these methods has left into a new folder within this one, `earlier-1` or the next number that is free.
    ///
    /// # Errors
    /// [`ReportError::Directory`].
    pub fn set_aside(&self, methods: &[&str]) -> Result<PathBuf, ReportError> {
        let failed = |source| ReportError::Directory { dir: self.dir.display().to_string(), source };
        let mut number = 1;
        let aside = loop {
            let aside = self.dir.join(format!("earlier-{number}"));
            match fs::create_dir(&aside) {
                Ok(()) => break aside,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(failed(error)),
            }
        };
        for file in written::run(methods) {
            match fs::rename(self.dir.join(&file), aside.join(&file)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        Ok(aside)
    }

    /// From now on every file that is written is told.
    pub fn tell(&mut self, told: impl Fn(&Path) + Send + Sync + 'static) {
        self.told = Box::new(told);
    }

    /// As [`FolderLock::warning`].
    pub fn warning(&self) -> Option<&str> {
        self.lock.warning()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Writes all files anew; each is whole at any time, whoever reads it and whenever the program ends.
    ///
    /// # Errors
    /// [`ReportError::Records`] and [`ReportError::Write`].
    pub fn write(&self, results: &Results, resolved_config_toml: &str) -> Result<(), ReportError> {
        self.replace(CONFIG, resolved_config_toml.as_bytes())?;
        self.replace(RESULTS, &self.records(RESULTS, results_json(results))?)?;
        self.replace("folds.csv", &self.records("folds.csv", folds_csv(results))?)?;
        self.replace("layers.csv", &self.records("layers.csv", layers_csv(results))?)
    }

    /// Writes the pictures, each as SVG and as PNG, and the report that holds them.
    ///
    /// # Errors
    /// [`ReportError::Write`].
    pub fn write_report(&self, figures: &[Figure], report: &str) -> Result<(), ReportError> {
        for figure in figures {
            self.replace(&format!("{}.svg", figure.name), figure.svg.as_bytes())?;
            self.replace(&format!("{}.png", figure.name), &figure.png)?;
        }
        self.replace("report.html", report.as_bytes())
    }

    /// Names the file of bytes that could not be made.
    ///
    /// # Errors
    /// [`ReportError::Records`].
    pub fn records(
        &self,
        name: &str,
        bytes: Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<Vec<u8>, ReportError> {
        bytes.map_err(|source| ReportError::Records {
            file: self.dir.join(name).display().to_string(),
            source,
        })
    }

    /// Writes a file whole.
    ///
    /// # Errors
    /// [`ReportError::Write`].
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), ReportError> {
        let file = self.dir.join(name);
        output::write(&file, bytes)
            .map_err(|source| ReportError::Write { file: file.display().to_string(), source })?;
        (self.told)(&file);
        Ok(())
    }
}

impl std::fmt::Debug for ResultsDir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultsDir").field("dir", &self.dir).finish_non_exhaustive()
    }
}

fn results_json(results: &Results) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut bytes = serde_json::to_vec_pretty(results)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn folds_csv(results: &Results) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let (mut writer, columns) = (csv::Writer::from_writer(Vec::new()), fold_columns());
    writer.write_record(["method"].iter().chain(&columns))?;
    for method in &results.methods {
        for fold in &method.folds {
            let mut row = vec![method.method.clone()];
            row.extend(cells(fold, &columns)?);
            writer.write_record(row)?;
        }
    }
    Ok(writer.into_inner()?)
}

fn layers_csv(results: &Results) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let (mut writer, columns) = (csv::Writer::from_writer(Vec::new()), layer_columns());
    writer.write_record(["method", "fold"].iter().chain(&columns))?;
    for method in &results.methods {
        for fold in &method.folds {
            for layer in &fold.trace {
                let mut row = vec![method.method.clone(), fold.fold.to_string()];
                row.extend(cells(layer, &columns)?);
                writer.write_record(row)?;
            }
        }
    }
    Ok(writer.into_inner()?)
}

/// The fields of a record as they stand in the JSON, so that both files hold the same digits.
fn cells(record: &impl Serialize, columns: &[&str]) -> Result<Vec<String>, serde_json::Error> {
    let record = serde_json::to_value(record)?;
    let cell = |column: &&str| match &record[*column] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    Ok(columns.iter().map(cell).collect())
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::super::fixture;
    use super::*;

    fn names(record: &impl Serialize) -> Result<Vec<String>, serde_json::Error> {
        let record = serde_json::to_value(record)?;
        Ok(record.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect())
    }

    #[test]
    fn columns_are_the_fields_of_the_records() -> Result<(), Box<dyn Error>> {
        let results = fixture::results();
        let mut fold = results.methods[0].folds[0].clone();
        // left out where there was no selection
        fold.values.selection_seconds = Some(1.0);
        let mut expected = names(&fold)?;
        expected.retain(|name| name != "confusion" && name != "trace");
        assert_eq!(fold_columns(), expected);
        assert_eq!(layer_columns(), names(&fold.trace[0])?);
        Ok(())
    }

    #[test]
    fn every_field_is_documented() -> Result<(), Box<dyn Error>> {
        let docs = include_str!("../../../docs/results.md");
        let results = fixture::results();
        let method = &results.methods[0];
        let fold = &method.folds[0];
        let mut fields = names(&results)?;
        for record in [
            names(&results.dataset)?,
            names(method)?,
            names(fold)?,
            names(&fold.trace[0])?,
            names(&serde_json::to_value(method)?["mean"])?,
        ] {
            fields.extend(record);
        }
        let missing: Vec<_> =
            fields.into_iter().filter(|field| !docs.contains(&format!("`{field}`"))).collect();
        assert_eq!(missing, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn files_hold_the_records() -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let dir = ResultsDir::open(folder.path().join("results/toy"), None)?;
        let results = fixture::results();
        dir.write(&results, "name = \"old\"\n")?;
        dir.write(&results, "name = \"toy\"\n")?;
        let read = |name: &str| fs::read_to_string(dir.path().join(name));

        assert_eq!(read("config.toml")?, "name = \"toy\"\n");
        let json = read("results.json")?;
        assert!(json.starts_with("{\n  \"schema_version\": 1,\n") && json.ends_with("\n}\n"));
        assert_eq!(serde_json::from_str::<Results>(&json)?, results);
        assert_eq!(
            read("folds.csv")?,
            "method,fold,layers,sigma,train_accuracy,test_accuracy,balanced_test_accuracy,test_macro_f1,seconds,\
             selection_seconds,hsic_normalized,mse,ce,cosine_ratio,scatter_trace_ratio,stop_reason\n\
             spectral,0,2,0.5,1.0,0.75,0.7,,0.25,,0.98,0.01,0.02,0.04,0.02,target-hsic\n\
             spectral,1,1,0.7,0.9,0.85,0.8,,0.35,,0.9,0.03,0.04,0.06,,max-layers\n\
             closed-form,0,1,,0.8,0.6,0.55,,0.0012,,0.8,125.0,0.3,,0.5,no-gain\n"
        );
        assert_eq!(
            read("layers.csv")?,
            "method,fold,layer,width,sigma,metric_sigma,objective,hsic_normalized,mse,ce,cosine_ratio,\
             scatter_trace_ratio,train_accuracy,test_accuracy,seconds,iterations,residual,stop_reason\n\
             spectral,0,1,3,1.5,1.2,40.0,0.6,0.5,0.4,0.5,0.3,0.9,0.7,0.1,12,0.0001,converged\n\
             spectral,0,2,2,0.5,0.9,80.0,0.98,0.01,0.02,0.04,0.02,1.0,0.75,0.15,4,0.00003,converged\n\
             spectral,1,1,3,0.7,0.8,60.0,0.9,0.03,0.04,0.06,,0.9,0.85,0.35,100,0.02,max-iterations\n\
             closed-form,0,1,2,2.0,2.0,10.0,0.8,125.0,0.3,,0.5,0.8,0.6,0.0012,0,,closed-form\n"
        );
        let mut left: Vec<_> =
            fs::read_dir(dir.path())?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?;
        left.sort();
        assert_eq!(left, ["config.toml", "folds.csv", "layers.csv", "results.json"]);
        Ok(())
    }

    #[test]
    fn a_run_without_folds_has_headers() -> Result<(), Box<dyn Error>> {
        let mut results = fixture::results();
        results.methods.clear();
        assert_eq!(
            folds_csv(&results).map(|bytes| bytes.iter().filter(|&&byte| byte == b'\n').count()).ok(),
            Some(1)
        );
        assert_eq!(
            layers_csv(&results).map(|bytes| bytes.iter().filter(|&&byte| byte == b'\n').count()).ok(),
            Some(1)
        );
        Ok(())
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("file");
        fs::write(&file, b"")?;
        let dir = file.join("results");
        let message = ResultsDir::open(&dir, None).map_err(|error| error.to_string()).err();
        assert_eq!(message, Some(format!("{}: cannot write results here", dir.display())));
        Ok(())
    }
}
