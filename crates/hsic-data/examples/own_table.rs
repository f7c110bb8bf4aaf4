//! A table with text and missing cells: typed, split by class, standardised by its training rows.
//!
//! `cargo run --release -p hsic-data --example own_table [FILE.csv]`

use std::error::Error;

use hsic_data::table::{Content, InferOptions, MissingRule, SourceOptions, Table};
use hsic_data::{Scaler, StratifiedHoldout};

const PETS: &str = "size,weight,coat,kind\nsmall,4.1,short,cat\nbig,30,\"long, curly\",dog\nsmall,5.2,long,cat\n\
    big,24,short,dog\nsmall,?,short,cat\nbig,28,short,dog\nsmall,3.9,long,cat\nbig,31,long,dog\nbig,6.5,long,cat\n";

fn main() -> Result<(), Box<dyn Error>> {
    let content = match std::env::args().nth(1) {
        Some(path) => Content::read(path.as_ref(), None)?,
        None => Content::from_bytes(PETS.into(), "pets.csv")?,
    };
    let infer = InferOptions {
        missing: MissingRule::Drop,
        ordinal: match std::env::args().len() {
            1 => vec![("size".into(), vec!["small".into(), "big".into()])],
            _ => Vec::new(),
        },
        ..InferOptions::default()
    };
    let table = Table::read(&content, &SourceOptions::default(), &infer)?;
    println!("{}: {} rows, {} left out", content.file(), table.features.nrows(), table.dropped);
    println!("columns: {}", table.schema.encoded_names().join(", "));
    println!("classes: {}", table.schema.classes().join(", "));

    let split = StratifiedHoldout::new(0.25, 0).split(&table.labels)?;
    let (train, _) = table.select(&split.train)?;
    let (test, _) = table.select(&split.test)?;
    let scaler = Scaler::fit(train.as_ref())?;
    println!("means of the training rows: {:.2?}", scaler.means());
    println!("test rows, standardised:\n{:.2?}", scaler.transform(test.as_ref())?);
    Ok(())
}
