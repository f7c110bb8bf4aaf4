//! Model files: arbitrary bytes, and one model with its bytes changed. What is accepted predicts without a NaN.
#![no_main]

use std::sync::LazyLock;

use faer::Par;
use hsic_data::table::{Content, InferOptions, SourceOptions, Table};
use hsic::Model;
use hsic_net::NetworkParams;
use libfuzzer_sys::fuzz_target;

static MODEL: LazyLock<(Table, Vec<u8>)> = LazyLock::new(|| {
    let csv: String = (0..12).map(|i| format!("{},{},k{}\n", i % 3, i * 5 % 7, i % 2)).collect();
    let content = Content::from_bytes(csv.into(), "x").unwrap();
    let source = SourceOptions { has_header: false, ..SourceOptions::default() };
    let table = Table::read(&content, &source, &InferOptions::default()).unwrap();
    let params = NetworkParams { max_layers: 1, ..NetworkParams::spectral() };
    let bytes = Model::fit(&table, &params, Par::Seq).unwrap().to_bytes().unwrap();
    (table, bytes)
});

/// The sum of the header set to what the message of a first reading asks for, so that the checks behind it are reached.
fn signed(bytes: &[u8]) -> Option<Vec<u8>> {
    let message = Model::from_bytes(bytes, "m").err()?.to_string();
    let right = message.split("its checksum is ").nth(1)?.split(',').next()?.as_bytes();
    let stored = b"\\\"sha256\\\":\\\"";
    let at = bytes.windows(stored.len()).position(|window| window == stored)? + stored.len();
    let mut bytes = bytes.to_vec();
    bytes.get_mut(at..at + right.len())?.copy_from_slice(right);
    Some(bytes)
}

fn read(bytes: &[u8]) {
    for bytes in [Some(bytes.to_vec()), signed(bytes)].into_iter().flatten() {
        let Ok(model) = Model::from_bytes(&bytes, "m") else { continue };
        let rows = MODEL.0.features.as_ref();
        if let Ok(p) = model.predict_log_proba(rows, Par::Seq) {
            assert!((0..p.ncols()).all(|j| (0..p.nrows()).all(|i| !p[(i, j)].is_nan())));
        }
    }
}

fuzz_target!(|input: (Vec<(u16, u8)>, &[u8])| {
    let (changes, bytes) = input;
    read(bytes);
    let mut changed = MODEL.1.clone();
    for (at, byte) in changes {
        let at = usize::from(at) % changed.len();
        changed[at] = byte;
    }
    read(&changed);
});
