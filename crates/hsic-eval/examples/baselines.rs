//! The baselines on data sets of the registry, fold by fold, as the rows of a table: `baselines FOLDS SET:DEPTH…`.
//!
//! Sets that are not in the repository need `HSIC_DATA_DIR`.

use hsic_data::{StratifiedKFold, registry};
use hsic_eval::baselines::{Baseline, MlpParams};
use hsic_eval::metrics::Values;
use hsic_eval::published::published;
use hsic_eval::{CrossValidation, Error, FoldedData, Schedule};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|folds| folds.parse().ok()).unwrap_or(10);
    println!("| set | method | L | train | published | test | published | H* | s a fit | stops |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for argument in arguments {
        let (set, depth) = argument.split_once(':').unwrap_or((&argument, "4"));
        let depth = depth.parse().unwrap_or(4);
        let data = registry::load(set, 0, registry::data_dir_from_env().as_deref())?;
        // the first folds of ten, so that every fit has the rows it has in a full run
        let mut folds = StratifiedKFold::new(10, 0).split_dataset(&data)?;
        folds.truncate(count);
        let mlps = [MlpParams::cross_entropy(depth), MlpParams::squared_error(depth)].map(Baseline::Mlp);
        for baseline in mlps.into_iter().chain([Baseline::knn(), Baseline::KernelRidge]) {
            let validation = CrossValidation {
                data: &FoldedData::in_memory(data.clone(), folds.clone()),
                seed: 0,
                schedule: Schedule::Automatic,
            };
            let records = validation.run(&baseline.into(), &())?;
            let (mean, _) = Values::moments(&records);
            let row = published(set, baseline.name()).unwrap_or_default();
            let mut stops: Vec<&str> = records.iter().map(|record| record.stop_reason.as_str()).collect();
            stops.sort_unstable();
            stops.dedup();
            let show = |value: Option<f64>, digits| value.map_or(String::new(), |v| format!("{v:.digits$}"));
            println!(
                "| {set} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                baseline.name(),
                baseline.layers(),
                show(mean.train_accuracy, 3),
                show(row.mean("train_accuracy"), 2),
                show(mean.test_accuracy, 3),
                show(row.mean("test_accuracy"), 2),
                show(mean.hsic_normalized, 3),
                show(mean.seconds, 2),
                stops.join(", "),
            );
        }
    }
    Ok(())
}
