//! Tables of one's own: rows of text or numbers from any of the formats, typed into features.
//!
//! A [`Source`] opens a file and hands out its rows one after the other, so that a table of any length passes through
//! in bounded memory. [`Schema::infer`] types the columns of a training table: numbers, ordered levels, or texts that
//! become one column of zeros and ones a category. A [`RowEncoder`] then turns rows into numbers by that schema.
//!
//! ```
//! use hsic_data::table::{Content, EncodeOptions, InferOptions, RowEncoder, Schema, SourceOptions};
//! let text = "age,colour,kind\n3,red,a\n5,\"dark, blue\",b\n4,red,b\n";
//! let content = Content::from_bytes(text.as_bytes().to_vec(), "pets.csv")?;
//! let open = || content.open(&SourceOptions::default());
//! let schema = Schema::infer(&mut open()?, &InferOptions::default())?;
//! assert_eq!(schema.encoded_names(), ["age", "colour=dark, blue", "colour=red"]);
//! let mut encoder = RowEncoder::new(&schema, open()?, EncodeOptions::default())?;
//! let chunk = encoder.next_chunk(100)?.expect("three rows");
//! assert_eq!((chunk.features[(1, 0)], chunk.features[(1, 1)], chunk.features[(1, 2)]), (5.0, 1.0, 0.0));
//! assert_eq!((schema.classes(), chunk.codes), (&["a".to_string(), "b".to_string()][..], Some(vec![0, 1, 1])));
//! # Ok::<(), hsic_data::Error>(())
//! ```

mod batches;
mod codec;
mod columns;
mod content;
mod decode;
mod encode;
mod evidence;
mod format;
mod formats;
mod frame;
mod infer;
mod inspect;
mod known;
mod lines;
mod look;
mod mark;
mod names;
mod near;
mod numbers;
mod observe;
mod problem;
mod records;
mod row;
mod rows;
mod scan;
mod schema;
mod source;
mod survey;
mod training;

pub(crate) use batches::fold_batches;
pub(crate) use codec::{Codec, Encoded};
pub use columns::ExtraRule;
pub use content::Content;
pub use decode::Encoding;
pub(crate) use encode::rounded;
pub use encode::{
    Chunk, EncodeOptions, LabelRule, MissingRule, Refused, RefusedRow, RowEncoder, UnknownRule,
};
pub(crate) use evidence::Evidence;
pub use format::{Decimal, NumberFormat};
pub use frame::{Frame, FrameColumn};
pub use infer::{InferOptions, LabelColumn};
pub use inspect::{InspectedColumn, Inspection};
pub use known::Known;
pub use look::Look;
pub use mark::Mark;
pub(crate) use names::Names;
pub(crate) use near::{Spread, nearly_tells};
pub use numbers::Numbers;
pub(crate) use problem::not_utf8;
pub use problem::{CellProblem, ColumnProblem, MissingRemedy};
pub(crate) use records::Records;
pub use row::{Cell, Row};
pub(crate) use rows::Heading;
pub use scan::Scan;
pub use schema::{Feature, FeatureKind, Schema};
pub use source::{Source, SourceOptions};
pub(crate) use survey::Survey;
pub use training::{MissingCells, Table};
pub(crate) use training::{check_training, oddities, of_training};

/// Texts that stand for a missing value in any column; compared in lower case.
const MISSING: [&str; 8] = ["", "?", "na", "n/a", "#n/a", "<na>", "nan", "null"];

/// Texts that stand for a missing value among numbers, but may well name a category.
const MISSING_NUMBERS: [&str; 3] = ["none", "-", "."];

/// Whether a text stands for a missing value in any column.
pub(crate) fn is_missing(text: &str) -> bool {
    // no longer text is one, and most cells are
    text.len() <= 4 && MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing))
}

/// Whether a text stands for a missing number.
pub(crate) fn is_missing_number(text: &str) -> bool {
    is_missing(text) || MISSING_NUMBERS.iter().any(|missing| text.eq_ignore_ascii_case(missing))
}
