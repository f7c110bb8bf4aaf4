//! UCI Car Evaluation, composed from the decision tables it was labelled with.

use std::io::Write;

use faer::Mat;
use hsic_rows::Labels;

use crate::text::sha256_hex;
use crate::write::write_records;
use crate::{Dataset, Result};

const CLASSES: [&str; 4] = ["unacc", "acc", "good", "vgood"];

/// The attributes and their levels; a level's code is its place.
const ATTRIBUTES: [(&str, &[&str]); 6] = [
    ("buying", &["vhigh", "high", "med", "low"]),
    ("maint", &["vhigh", "high", "med", "low"]),
    ("doors", &["2", "3", "4", "5more"]),
    ("persons", &["2", "4", "more"]),
    ("lug_boot", &["small", "med", "big"]),
    ("safety", &["low", "med", "high"]),
];

/// `[buying][maint]`
const PRICE: [[usize; 4]; 4] = [[0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 2, 3], [1, 2, 3, 3]];

/// `[persons][doors][lug_boot]`
const COMFORT: [[[usize; 3]; 4]; 3] = [
    [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
    [[1, 1, 2], [1, 1, 2], [1, 2, 2], [1, 2, 2]],
    [[0, 1, 2], [1, 2, 2], [1, 2, 2], [1, 2, 2]],
];

/// `[comfort][safety]`
const TECH: [[usize; 3]; 3] = [[0, 0, 0], [0, 1, 2], [0, 2, 3]];

/// `[price][tech]`, codes of [`CLASSES`]
const CAR: [[usize; 4]; 4] = [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 3], [0, 1, 2, 3]];

/// UCI Car Evaluation: all 1728 combinations of six ordered attributes, safety varying fastest, with the
/// class the decision model gives them (1210 unacc, 384 acc, 69 good, 65 vgood). Features are the codes 0, 1,
/// 2, … of the levels: buying and maint vhigh, high, med, low; doors 2, 3, 4, 5more; persons 2, 4, more;
/// lug_boot small, med, big; safety low, med, high.
///
/// # Errors
/// None in practice; building a [`Dataset`] is checked.
///
/// # Source
/// Bohanec, M. and Rajkovič, V. (1988), Knowledge acquisition and explanation for multi-attribute decision
/// making. The tables are the smallest that reproduce every row of the UCI file.
pub fn car() -> Result<Dataset> {
    let rows: Vec<[usize; 6]> = combinations().collect();
    let features = Mat::from_fn(rows.len(), ATTRIBUTES.len(), |i, j| rows[i][j] as f64);
    let labels = Labels::with_classes(rows.iter().map(class).collect(), CLASSES.len())?;
    let feature_names = ATTRIBUTES.map(|(name, _)| name.into()).to_vec();
    let mut text = Vec::new();
    write_levels(&mut text)?;
    let class_names = CLASSES.map(String::from).to_vec();
    Dataset::with_sha256("car", features, labels, feature_names, class_names, sha256_hex(&[&text]))
}

/// Writes the set with the levels in words.
pub(super) fn write_levels(out: impl Write) -> Result<()> {
    let rows = combinations().map(|codes| {
        let levels = codes.iter().zip(ATTRIBUTES).map(|(&code, (_, levels))| levels[code]);
        levels.chain([CLASSES[class(&codes)]]).collect()
    });
    write_records("car", &ATTRIBUTES.map(|(name, _)| name), rows, out)
}

/// Every combination of level codes, the last attribute varying fastest.
fn combinations() -> impl Iterator<Item = [usize; 6]> {
    let count = ATTRIBUTES.iter().map(|(_, levels)| levels.len()).product();
    (0..count).map(|row: usize| {
        let mut rest = row;
        let mut codes = [0; 6];
        for (code, (_, levels)) in codes.iter_mut().zip(ATTRIBUTES).rev() {
            *code = rest % levels.len();
            rest /= levels.len();
        }
        codes
    })
}

fn class(&[buying, maint, doors, persons, lug_boot, safety]: &[usize; 6]) -> usize {
    CAR[PRICE[buying][maint]][TECH[COMFORT[persons][doors][lug_boot]][safety]]
}
