//! The reader of idx files, packed or not.
#![no_main]

use hsic_data::idx::parse_idx;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(idx) = parse_idx(bytes, "x") {
        assert_eq!(idx.dims().iter().product::<usize>(), idx.data().len());
    }
});
