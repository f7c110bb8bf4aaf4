//! The reader of CSV data sets: what it accepts is finite, and is written and read back as itself.
#![no_main]

use hsic_data::{CsvOptions, read_csv_from, write_csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (delimiter, has_header, text) = input;
    let options = CsvOptions { delimiter, has_header, ..CsvOptions::default() };
    let Ok(data) = read_csv_from(text, "x", &options) else { return };
    let x = data.features();
    assert!((0..data.d()).all(|j| (0..data.n()).all(|i| x[(i, j)].is_finite())));
    let mut written = Vec::new();
    write_csv(&data, &mut written).unwrap();
    // the column written last is `class`: a feature of that name is one too many
    if data.feature_names().iter().any(|name| name == "class") {
        return;
    }
    let again = read_csv_from(&written[..], "x", &CsvOptions::default()).unwrap();
    assert_eq!((again.features(), again.labels()), (x, data.labels()));
});
