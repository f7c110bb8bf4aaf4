//! Data sets from bytes: what is accepted is finite, and is written and read back as itself.
#![no_main]

use hsic_data::table::{Content, InferOptions, SourceOptions};
use hsic_data::{Dataset, write_csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (delimiter, has_header, text) = input;
    let source = SourceOptions { delimiter: Some(delimiter), has_header, ..SourceOptions::default() };
    let Ok(content) = Content::from_bytes(text.to_vec(), "x") else { return };
    let Ok(data) = Dataset::of(&content, &source, &InferOptions::default()) else { return };
    let x = data.features();
    assert!((0..data.d()).all(|j| (0..data.n()).all(|i| x[(i, j)].is_finite())));
    let mut written = Vec::new();
    write_csv(&data, &mut written).unwrap();
    // the column written last is `class`: a feature of that name is one too many
    if data.feature_names().iter().any(|name| name == "class") {
        return;
    }
    let content = Content::from_bytes(written, "x").unwrap();
    let comma = SourceOptions { delimiter: Some(b','), ..SourceOptions::default() };
    let again = Dataset::of(&content, &comma, &InferOptions::default()).unwrap();
    assert_eq!((again.features(), again.labels()), (x, data.labels()));
});
