//! The names of all files that are written into a folder of results.

use std::path::PathBuf;

/// The configuration of a run.
pub const CONFIG: &str = "config.toml";
/// Its records.
pub const RESULTS: &str = "results.json";

const TABLES: [&str; 2] = ["folds.csv", "layers.csv"];
const PAGE: &str = "report.html";
/// The published table beside ours.
const REPRODUCTION: [&str; 3] = ["table1.md", "table1.csv", "table1.json"];

/// Those of a run of these methods.
pub fn run(methods: &[&str]) -> Vec<PathBuf> {
    let of_method = |method: &&str| ["metrics", "gram", "scatter"].map(|kind| format!("{kind}-{method}"));
    let figures = methods.iter().flat_map(of_method).chain(["comparison".into()]);
    let names = [CONFIG, RESULTS, PAGE].into_iter().chain(TABLES).map(String::from);
    names.chain(as_pictures(figures)).map(PathBuf::from).collect()
}

/// Those of a [`Reproduction`](crate::Reproduction) of these methods on these sets, each of which has a folder.
pub fn reproduction(sets: &[&str], methods: &[&str]) -> Vec<PathBuf> {
    let figures = sets.iter().map(|set| format!("comparison-{set}")).chain(["experiment-1".into()]);
    let names = REPRODUCTION.into_iter().chain([PAGE]).map(String::from);
    let of_sets =
        sets.iter().flat_map(|set| run(methods).into_iter().map(move |file| PathBuf::from(set).join(file)));
    names.chain(as_pictures(figures)).map(PathBuf::from).chain(of_sets).collect()
}

/// Every figure is written twice.
fn as_pictures(figures: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    figures.flat_map(|name| ["svg", "png"].map(|kind| format!("{name}.{kind}")))
}
