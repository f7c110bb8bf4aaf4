//! Networks with `selection = "cv"` on data sets of the registry: `selection SEEDS METHOD SET…`, e.g. `selection 0,1,2
//! closed-form wine car`. Each line is a seed's mean over ten folds; then come all seeds together.
//!
//! Sets that are not in the repository need `HSIC_DATA_DIR`.

use std::collections::BTreeMap;

use hsic_data::{StratifiedKFold, registry};
use hsic_eval::metrics::Values;
use hsic_eval::records::{CandidateRecord, FoldRecord};
use hsic_eval::{Candidates, CrossValidation, FoldedData, Method, Schedule};
use hsic_net::settings::{ClosedFormSettings, Settings, SpectralSettings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seeds: Vec<u64> =
        arguments.next().unwrap_or_default().split(',').filter_map(|seed| seed.parse().ok()).collect();
    let settings = match arguments.next().as_deref() {
        Some("closed-form") => Settings::ClosedForm(ClosedFormSettings::default()),
        _ => Settings::Spectral(SpectralSettings::default()),
    };
    let method = Method::Selected(Candidates::of(&settings)?);
    println!("| set | seed | test | balanced | standard error | s a fit | s a selection | chosen |");
    println!("|---|---|---|---|---|---|---|---|");
    for set in arguments {
        let mut all = Vec::new();
        for &seed in &seeds {
            let data = registry::load(&set, seed, registry::data_dir_from_env().as_deref())?;
            let folds = StratifiedKFold::new(10, seed).split_dataset(&data)?;
            let run = CrossValidation {
                data: &FoldedData::in_memory(data.clone(), folds.clone()),
                seed,
                schedule: Schedule::Automatic,
            };
            let records = run.run(&method, &())?;
            print_line(&set, &seed.to_string(), &records);
            all.extend(records);
        }
        print_line(&set, "all", &all);
    }
    Ok(())
}

fn print_line(set: &str, seed: &str, records: &[FoldRecord]) {
    let (mean, std) = Values::moments(records);
    let selection_seconds: f64 = records.iter().filter_map(|record| record.selection_seconds).sum();
    let number = |value: Option<f64>| value.unwrap_or_default();
    let mut chosen: BTreeMap<String, usize> = BTreeMap::new();
    for selection in records.iter().filter_map(|record| record.selection.as_ref()) {
        *chosen.entry(name(&selection.chosen)).or_default() += 1;
    }
    let mut chosen: Vec<_> = chosen.into_iter().collect();
    chosen.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let chosen: Vec<String> = chosen.iter().take(4).map(|(name, count)| format!("{count}× {name}")).collect();
    println!(
        "| {set} | {seed} | {:.4} | {:.4} | {:.4} | {:.2} | {:.2} | {} |",
        number(mean.test_accuracy),
        number(mean.balanced_test_accuracy),
        number(std.test_accuracy) / (records.len() as f64).sqrt(),
        number(mean.seconds),
        selection_seconds / records.len() as f64,
        chosen.join(", "),
    );
}

fn name(chosen: &CandidateRecord) -> String {
    chosen.settings.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}
