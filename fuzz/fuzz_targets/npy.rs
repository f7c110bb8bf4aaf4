//! NumPy's arrays: read whole by a table, and from files in blocks.
#![no_main]

use faer::Par;
use hsic_data::rows::ArrayRows;
use hsic_data::table::{Content, Schema, InferOptions, SourceOptions};
use hsic_rows::{Block, reduce_rows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (bool, &[u8])| {
    let (magic, bytes) = input;
    let bytes = if magic { [b"\x93NUMPY\x01\x00", bytes].concat() } else { bytes.to_vec() };
    if let Ok(content) = Content::from_bytes(bytes.clone(), "x") {
        let _ = content.open(&SourceOptions::default()).map(|mut rows| {
            let _ = Schema::infer(&mut rows, &InferOptions::default());
        });
    }
    let folder = std::env::temp_dir();
    let id = std::process::id();
    let (x, y) = (folder.join(format!("hsic-fuzz-{id}-x")), folder.join(format!("hsic-fuzz-{id}-y")));
    std::fs::write(&x, &bytes).unwrap();
    // labels of two rows
    std::fs::write(&y, [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]).unwrap();
    for (features, labels) in [(&x, &y), (&y, &x)] {
        if let Ok(rows) = ArrayRows::open(features, labels) {
            let finite = |_, block: Block| -> hsic_rows::Result<()> {
                let x = &block.rows;
                assert!((0..x.ncols()).all(|j| (0..x.nrows()).all(|i| x[(i, j)].is_finite())));
                Ok(())
            };
            let _ = reduce_rows(&rows, Par::Seq, finite, |()| ());
        }
    }
});
