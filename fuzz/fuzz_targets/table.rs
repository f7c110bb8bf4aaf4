//! A table of one's own in any format, read whole and streamed.
#![no_main]

use std::io::Cursor;

use hsic_data::Input;
use hsic_data::table::{
    Content, EncodeOptions, InferOptions, MissingRule, RowEncoder, Schema, Source, SourceOptions, Table,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Option<u8>, bool, u8, &[u8])| {
    let (delimiter, has_header, missing, bytes) = input;
    let source = SourceOptions { delimiter, has_header, ..SourceOptions::default() };
    let missing = [MissingRule::Refuse, MissingRule::Drop, MissingRule::Keep][usize::from(missing % 3)];
    let infer = InferOptions { missing, ..InferOptions::default() };
    if let Ok(content) = Content::from_bytes(bytes.to_vec(), "x")
        && let Ok(table) = Table::read(&content, &source, &infer)
        && missing != MissingRule::Keep
    {
        let x = &table.features;
        assert!((0..x.ncols()).all(|j| (0..x.nrows()).all(|i| x[(i, j)].is_finite())));
    }
    let open = || Source::stream(Input::new(Cursor::new(bytes.to_vec()), "x"), &source);
    if let Ok(mut rows) = open()
        && let Ok(schema) = Schema::infer(&mut rows, &infer)
    {
        let options = EncodeOptions { missing, ..EncodeOptions::default() };
        let mut encoder = RowEncoder::new(&schema, open().unwrap(), options).unwrap();
        while let Ok(Some(chunk)) = encoder.next_chunk(4) {
            assert_eq!(chunk.features.ncols(), schema.encoded_width());
        }
    }
});
