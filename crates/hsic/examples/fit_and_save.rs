//! Fits a network on part of wine.csv, saves it, reads it back and predicts the held-out rows.
//!
//! `cargo run --release -p hsic --example fit_and_save [FILE.csv]`

use std::error::Error;

use hsic::{Model, kernels::all_threads};
use hsic_data::table::{Content, InferOptions, SourceOptions, Table};
use hsic_data::{StratifiedHoldout, registry, write_csv};
use hsic_net::NetworkParams;

fn main() -> Result<(), Box<dyn Error>> {
    let content = match std::env::args().nth(1) {
        Some(path) => Content::read(path.as_ref(), None)?,
        None => {
            let mut wine = Vec::new();
            write_csv(&registry::load("wine", 0, None)?, &mut wine)?;
            Content::from_bytes(wine, "wine.csv")?
        }
    };
    let table = Table::read(&content, &SourceOptions::default(), &InferOptions::default())?;
    let split = StratifiedHoldout::new(0.3, 0).split(&table.labels)?;
    let part = |rows: &[usize]| -> Result<Table, hsic_data::Error> {
        let (features, labels) = table.select(rows)?;
        Ok(Table { features, labels, lines: rows.iter().map(|&i| table.lines[i]).collect(), ..table.clone() })
    };
    let (train, test) = (part(&split.train)?, part(&split.test)?);

    let model = Model::fit(&train, &NetworkParams::spectral(), all_threads())?;
    let path = std::env::temp_dir().join(format!("hsic-{}.safetensors", std::process::id()));
    model.save(&path)?;
    let model = Model::load(&path)?;
    std::fs::remove_file(&path)?;

    let codes = model.predict(test.features.as_ref(), all_threads())?;
    let right = codes.iter().zip(test.labels.codes()).filter(|(a, b)| a == b).count();
    println!("{} layers; {right} of {} held-out rows right", model.network().layers().len(), codes.len());
    Ok(())
}
