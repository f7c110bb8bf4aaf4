//! A table is the same whatever threads read it: in one batch of rows after the other, or in many at a time.

use faer::{Mat, Par};
use hsic_data::rows::TableRows;
use hsic_data::table::{
    Content, EncodeOptions, InferOptions, Inspection, MissingRule, RowEncoder, SourceOptions, Table,
};
use hsic_rows::BLOCK_ROWS;

/// Rows of several batches with a missing cell here and there, more in later columns first.
fn content() -> Content {
    let row = |i: usize| {
        let known = |text: String, misses: bool| if misses { String::new() } else { text };
        let x = known(format!("{}.{}", i % 71, i % 9), i % 3001 == 3000);
        let y = known(format!("{}", 9_007_199_254_740_993 + i), i == 7 || i == 5003);
        let colour = known([" red ", "green", "\"dark\n blue\" "][i % 3].into(), i % 1500 == 11);
        let class = if i > 4500 && i.is_multiple_of(5) { "rare" } else { ["no", "yes"][i * i % 7 % 2] };
        format!("{i},{x},{y},{colour},{x},{class}\n")
    };
    let rows: String = (0..3 * BLOCK_ROWS + 100).map(row).collect();
    Content::from_bytes(format!(",x,y,colour,again,class\n{rows}").into_bytes(), "t.csv").unwrap()
}

fn on_threads<T: Send>(threads: usize, read: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(read)
}

/// NaN equals itself here.
fn bits(rows: &Mat<f64>) -> Vec<Vec<u64>> {
    rows.col_iter().map(|column| column.iter().map(|value| value.to_bits()).collect()).collect()
}

#[test]
fn a_table_is_the_same_on_any_number_of_threads() {
    let (content, source) = (content(), SourceOptions::default());
    for missing in [MissingRule::Keep, MissingRule::Drop] {
        let infer = InferOptions { missing, ..InferOptions::default() };
        let read = |threads| on_threads(threads, || Table::read(&content, &source, &infer).unwrap());
        let table = read(1);
        // one row after the other
        let options = EncodeOptions { missing, ..EncodeOptions::default() };
        let mut rows = RowEncoder::new(&table.schema, content.open(&source).unwrap(), options).unwrap();
        let chunk = rows.next_chunk(usize::MAX).unwrap().unwrap();
        assert_eq!((bits(&table.features), &table.lines), (bits(&chunk.features), &chunk.lines));
        assert_eq!((table.labels.codes(), table.dropped), (&chunk.codes.unwrap()[..], rows.dropped()));
        assert_eq!(table.features.nrows() + table.dropped, 3 * BLOCK_ROWS + 100);
        for threads in [2, 3, 8] {
            let other = read(threads);
            assert_eq!(bits(&other.features), bits(&table.features));
            assert_eq!((&other.labels, &other.lines), (&table.labels, &table.lines));
            assert_eq!((&other.missing, other.dropped), (&table.missing, table.dropped));
            assert_eq!((&other.schema, &other.warnings), (&table.schema, &table.warnings));
        }
        for par in [Par::Seq, Par::rayon(3)] {
            let rows = TableRows::open(&content, &source, &infer, par).unwrap();
            assert_eq!((rows.schema(), rows.warnings()), (&table.schema, &table.warnings[..]));
            assert_eq!((rows.missing(), rows.counts()), (&table.missing, table.labels.counts()));
        }
        let words: Vec<String> = table.warnings.iter().map(ToString::to_string).collect();
        let told =
            ["column `1 (no name)` counts the rows and is left out", "columns `x`, `again` are equal", "`y`"];
        for word in told {
            assert!(words.iter().any(|told| told.contains(word)), "{word}: {words:?}");
        }
    }
}

#[test]
fn columns_that_miss_cells_are_named_in_the_order_of_the_table() {
    let (content, source) = (content(), SourceOptions::default());
    let read = |infer: &InferOptions| Table::read(&content, &source, infer).unwrap_err().to_string();
    let words = read(&InferOptions::default());
    // `colour` misses one first, `x` in the second batch
    assert!(words.contains("2 in `x`, 2 in `y`, 5 in `colour`, 2 in `again`"), "{words}");
    let in_blocks = TableRows::open(&content, &source, &InferOptions::default(), Par::rayon(2));
    assert_eq!(in_blocks.unwrap_err().to_string(), words);
}

#[test]
fn an_inspection_is_the_same_on_any_number_of_threads() {
    let content = content();
    let infer = InferOptions { missing: MissingRule::Keep, ..InferOptions::default() };
    let inspect = |threads| {
        on_threads(threads, || Inspection::read(&content, &SourceOptions::default(), &infer).unwrap())
    };
    let one = inspect(1);
    assert_eq!((one.rows, one.problem.as_ref()), (3 * BLOCK_ROWS + 100, None));
    let of = |name: &str| one.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(
        (of("class").distinct, &of("class").first[..]),
        (Some(3), &["no", "yes", "rare"].map(String::from)[..])
    );
    assert_eq!((of("colour").missing, of("colour").distinct), (5, Some(3)));
    assert_eq!(
        of("y").first,
        ["0", "1", "2", "3"].map(|i| format!("900719925474099{}", 3 + i.parse::<u8>().unwrap()))
    );
    for threads in [2, 3] {
        assert_eq!(inspect(threads), one);
    }
}
