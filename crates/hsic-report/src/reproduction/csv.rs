//! `table1.csv`: a row a set and method, undefined numbers empty.

use hsic_eval::comparison::Compared;
use hsic_eval::metrics::Metric;

use super::Reproduction;

/// The table; `note` holds why numbers cannot be compared, each with its metrics.
pub fn csv(table: &Reproduction) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["dataset".to_owned(), "method".into(), "folds".into()];
    for name in Metric::of_comparison().map(|metric| metric.name) {
        header.extend([
            name.into(),
            format!("{name}_std"),
            format!("published_{name}"),
            format!("published_{name}_std"),
        ]);
    }
    header.extend(["mlp_ce_seconds_ratio".into(), "mlp_mse_seconds_ratio".into(), "note".into()]);
    writer.write_record(header)?;
    let text = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for set in &table.sets {
        for row in &set.methods {
            let mut cells = vec![set.name.clone(), row.method.clone(), row.folds.to_string()];
            for metric in &row.metrics {
                cells.extend([metric.mean, metric.std, metric.published, metric.published_std].map(text));
            }
            cells.extend(row.speedup.map(text));
            cells.push(note(&row.metrics));
            writer.write_record(cells)?;
        }
    }
    Ok(writer.into_inner()?)
}

fn note(metrics: &[Compared]) -> String {
    let of_metric = |metric: &Compared| -> Vec<String> {
        metric.not_comparable.iter().map(|reason| format!("{}: {reason}", metric.metric)).collect()
    };
    metrics.iter().flat_map(of_metric).collect::<Vec<_>>().join("; ")
}
