//! A table in partitions is fitted as the same rows in one file.

use faer::Par;
use hsic::data::rows::TableRows;
use hsic::data::table::{Content, Frame, FrameColumn, InferOptions, MissingRule, SourceOptions};
use hsic::fit::{Candidate, FitBlocks, FitOptions, fit_in_blocks};
use hsic::net::settings::{Features, Settings, SpectralSettings};
use hsic::partitions::{Partition, PartitionError, TableFit, TableOptions, TablePartial, TablePass};
use hsic::rows::RowNumbers;
use hsic::{Error, Model};

/// Sums in another order.
const ROUNDING: f64 = 1e-10;
const ROWS: usize = 2500;
const COLOURS: [&str; 3] = ["red", "green", "blue"];

/// x, colour and class of a row; every 50th misses its x.
fn row(i: usize) -> (f64, usize, usize) {
    let (class, noise) = (i % 2, (i as f64 * 0.7).sin());
    (if i % 50 == 3 { f64::NAN } else { class as f64 * 1.5 + noise }, (i / 7 + class) % 3, class)
}

fn csv() -> String {
    let line = |i| {
        let (x, colour, class) = row(i);
        format!(
            "{},{},{}\n",
            if x.is_nan() { String::new() } else { x.to_string() },
            COLOURS[colour],
            ["no", "yes"][class]
        )
    };
    "x,colour,kind\n".to_owned() + &(0..ROWS).map(line).collect::<String>()
}

fn part(rows: std::ops::Range<usize>) -> Content {
    let texts = |places: Vec<i64>, texts: &[&str]| FrameColumn::Texts {
        places,
        texts: texts.iter().map(ToString::to_string).collect(),
    };
    let columns = vec![
        ("x".into(), FrameColumn::Numbers(rows.clone().map(|i| row(i).0).collect())),
        ("colour".into(), texts(rows.clone().map(|i| row(i).1 as i64).collect(), &COLOURS)),
        ("kind".into(), texts(rows.map(|i| row(i).2 as i64).collect(), &["no", "yes"])),
    ];
    Content::of_frame(Frame::new(columns).unwrap(), "parts")
}

fn candidate() -> Candidate {
    let settings = SpectralSettings {
        in_blocks: true,
        features: Features::Orthogonal,
        n_features: 32,
        max_layers: 1,
        sample_rows: 300,
        ..SpectralSettings::default()
    };
    Candidate::fixed(Settings::Spectral(settings), &[]).unwrap()
}

fn options() -> TableOptions {
    let infer = InferOptions { missing: MissingRule::Keep, ..InferOptions::default() };
    TableOptions { infer, networks: vec![candidate()], seed: 5, file: "parts".into() }
}

/// The sum of a pass over parts that end at these rows, through bytes, the last first.
fn sum(pass: &TablePass, ends: &[usize]) -> TablePartial {
    let pass = TablePass::from_bytes(&pass.to_bytes().unwrap()).unwrap();
    let mut all = pass.empty();
    for number in (0..ends.len()).rev() {
        let first = if number == 0 { 0 } else { ends[number - 1] };
        let content = part(first..ends[number]);
        let rows = RowNumbers::From(first as u64);
        let partial = pass.run(&Partition { number, content: &content, rows }).unwrap();
        pass.merge(&mut all, TablePartial::from_bytes(&partial.to_bytes().unwrap(), &pass).unwrap()).unwrap();
    }
    all
}

fn fitted(ends: &[usize]) -> Model {
    let mut fit = TableFit::new(options(), Par::Seq).unwrap();
    while let Some(pass) = fit.next().unwrap() {
        let partial = sum(pass, ends);
        fit.advance(partial).unwrap();
    }
    fit.finish().unwrap()
}

#[test]
fn partitions_give_the_model_of_the_file() {
    let content = Content::from_bytes(csv().into_bytes(), "rows.csv").unwrap();
    let table = TableRows::open(&content, &SourceOptions::default(), &options().infer, Par::Seq).unwrap();
    let blocks = FitBlocks::all(table, Par::Seq).unwrap();
    let fit =
        FitOptions { networks: vec![candidate()], seed: 5, fill: Some(true), budget: None, par: Par::Seq };
    let file = fit_in_blocks(&blocks, &fit, &()).unwrap().model;
    for ends in [&[ROWS][..], &[7, 7, 1200, 2100, ROWS]] {
        let parts = fitted(ends);
        assert_eq!(parts.schema(), file.schema());
        let (found, expected) = (parts.network().state().tensors, file.network().state().tensors);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        let rows = parts.preprocessing().transform(blocks_of(&parts).as_ref()).unwrap();
        let one = parts.network().predict_log_proba(rows.as_ref(), Par::Seq).unwrap();
        let other = file.network().predict_log_proba(rows.as_ref(), Par::Seq).unwrap();
        for (i, j) in (0..one.nrows()).flat_map(|i| [(i, 0), (i, 1)]) {
            assert!((one[(i, j)] - other[(i, j)]).abs() < ROUNDING * (1.0 + other[(i, j)].abs()), "row {i}");
        }
    }
}

/// Some encoded rows.
fn blocks_of(model: &Model) -> faer::Mat<f64> {
    let width = model.schema().encoded_width();
    faer::Mat::from_fn(60, width, |i, j| {
        let (x, colour, _) = row(i + 100);
        match j {
            0 => x,
            // sorted: blue, green, red
            _ => f64::from(u8::from(colour == 3 - j)),
        }
    })
}

#[test]
fn what_is_not_of_the_pass_or_the_rows_is_refused() {
    let mut fit = TableFit::new(options(), Par::Seq).unwrap();
    let scan = fit.next().unwrap().unwrap().clone();
    let partial = sum(&scan, &[1000, ROWS]);
    fit.advance(partial.clone()).unwrap();
    assert_eq!(fit.partitions(), [(0, 1000), (1, 1500)]);
    let is = |error: Error, expected: &str| assert!(error.to_string().starts_with(expected), "{error}");
    is(fit.advance(partial).unwrap_err(), "a partial of pass ");
    let columns = fit.next().unwrap().unwrap().clone();
    let fewer = sum(&columns, &[1000]);
    is(fit.advance(fewer).unwrap_err(), "the rows have changed during the fit: 2500 were counted");
    // it still waits
    fit.advance(sum(&columns, &[ROWS])).unwrap();
    assert_eq!(fit.next().unwrap().unwrap().kind(), "sample");
    assert!(matches!(fit.finish(), Err(Error::Partitions(PartitionError::Unfinished("sample")))));
    // every byte of a partial's front is cut off or changed: an error or the same partial, never a panic
    let bytes = sum(&columns, &[20]).to_bytes().unwrap();
    for end in 0..bytes.len() {
        assert!(TablePartial::from_bytes(&bytes[..end], &columns).is_err(), "{end}");
    }
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        if let Ok(read) = TablePartial::from_bytes(&changed, &columns) {
            let mut all = columns.empty();
            let _ = columns.merge(&mut all, read);
        }
    }
}
