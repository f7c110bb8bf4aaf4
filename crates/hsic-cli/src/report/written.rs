//! The names of all files that the program writes into a folder of results.

use std::path::PathBuf;

use crate::config::Method;

/// The configuration of a run.
pub const CONFIG: &str = "config.toml";
/// Its records.
pub const RESULTS: &str = "results.json";

const TABLES: [&str; 2] = ["folds.csv", "layers.csv"];
const PAGE: &str = "report.html";
/// The published table beside ours.
const REPRODUCTION: [&str; 3] = ["table1.md", "table1.csv", "table1.json"];

/// Those of `run`.
pub fn run() -> Vec<PathBuf> {
    let of_method = |method: Method| ["metrics", "gram", "scatter"].map(|kind| format!("{kind}-{method}"));
    let figures = Method::ALL.into_iter().flat_map(of_method).chain(["comparison".into()]);
    let names = [CONFIG, RESULTS, PAGE].into_iter().chain(TABLES).map(String::from);
    names.chain(as_pictures(figures)).map(PathBuf::from).collect()
}

/// Those of `reproduce`.
pub fn reproduction() -> Vec<PathBuf> {
    let sets = || crate::commands::reproduce::NAMES.iter();
    let figures = sets().map(|set| format!("comparison-{set}")).chain(["experiment-1".into()]);
    let names = REPRODUCTION.into_iter().chain([PAGE]).map(String::from);
    let of_sets = sets().flat_map(|set| run().into_iter().map(move |file| PathBuf::from(set).join(file)));
    names.chain(as_pictures(figures)).map(PathBuf::from).chain(of_sets).collect()
}

/// Every figure is written twice.
fn as_pictures(figures: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    figures.flat_map(|name| ["svg", "png"].map(|kind| format!("{name}.{kind}")))
}
