//! Apache Parquet: a table stored column by column, in groups of rows that end in a footer which describes them.
//!
//! Each column of a group is decoded page by page, all columns in step, so that a batch of rows and a page of each column are
//! in memory and never the file. The crate is used without its `arrow` feature: a row of a table is all that is wanted here.

mod batch;
mod column;
mod guard;
mod problem;

use std::fmt;
use std::sync::Arc;

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};

pub(crate) use batch::{Batch, BatchCell};
pub use problem::ParquetProblem;

use crate::store::{Shared, Store};
use crate::{Error, Result};
use column::{Kind, Reader};
use guard::guarded;

/// The first and the last bytes of a file.
const MAGIC: &[u8; 4] = b"PAR1";

/// The same of a file that is encrypted.
const ENCRYPTED: &[u8; 4] = b"PARE";

/// Bytes that a file has at least: twice the magic, and the length of the footer.
const SHORTEST: u64 = 12;

/// Whether a file starts as Parquet does.
pub(crate) fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || bytes.starts_with(ENCRYPTED)
}

/// A file whose footer has been read.
pub(crate) struct Table {
    file: String,
    reader: SerializedFileReader<Shared>,
    columns: Vec<Column>,
    names: Vec<String>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("file", &self.file)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

/// A column of the table, which may be a group of columns of the file.
#[derive(Debug)]
struct Column {
    name: String,
    /// Its place among the columns that hold values, and what they are; none of it where it cannot be a column of a table.
    leaf: std::result::Result<(usize, Kind), ParquetProblem>,
}

impl Table {
    /// Reads the footer; `file` stands for the file in messages.
    pub(crate) fn open(store: Arc<Store>, file: &str) -> Result<Self> {
        let wrong = |problem| Error::Parquet { file: file.into(), problem };
        let ends = store.ends().map_err(|source| Error::Read { file: file.into(), source })?;
        check_ends(&ends, store.len()).map_err(wrong)?;
        let reader =
            guarded(|| SerializedFileReader::new(Shared(store))).map_err(|error| failed(error, file))?;
        let metadata = reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let mut columns: Vec<Column> = Vec::new();
        let mut leaf = 0;
        for (root, field) in schema.root_schema().get_fields().iter().enumerate() {
            let name = field.name().to_owned();
            if let Some(first) = columns.iter().position(|column| column.name == name) {
                return Err(wrong(ParquetProblem::DuplicateColumn {
                    name,
                    first: first + 1,
                    second: root + 1,
                }));
            }
            let of_field = Kind::of(field).map(|kind| (leaf, kind));
            columns.push(Column { name, leaf: of_field });
            while leaf < schema.num_columns() && schema.get_column_root_idx(leaf) == root {
                leaf += 1;
            }
        }
        if columns.is_empty() {
            return Err(wrong(ParquetProblem::NoColumns));
        }
        for group in metadata.row_groups() {
            for column in &columns {
                if let Ok((leaf, _)) = column.leaf {
                    column::check_codec(&column.name, group.column(leaf)).map_err(wrong)?;
                }
            }
        }
        let names = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self { file: file.into(), reader, columns, names })
    }

    /// Names of the columns.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

/// The rows of a table, a batch after the other.
pub(crate) struct Rows {
    table: Arc<Table>,
    /// The group to be opened next.
    next_group: usize,
    /// Rows of the open group that are still to be read.
    left: usize,
    /// A reader a column of the open group.
    readers: Vec<Option<Reader>>,
    /// Rows read.
    read: usize,
}

impl Rows {
    /// The rows from the first on.
    pub(crate) fn new(table: Arc<Table>) -> Self {
        Self { table, next_group: 0, left: 0, readers: Vec::new(), read: 0 }
    }

    /// The next rows, `most` of them but for the last batch; `None` after the last.
    pub(crate) fn next_batch(&mut self, most: usize) -> Result<Option<Batch>> {
        let table = Arc::clone(&self.table);
        let mut batch = Batch::new(Arc::clone(&table), self.read);
        while batch.len() < most {
            if self.left == 0 && !self.open_group()? {
                break;
            }
            let wanted = self.left.min(most - batch.len());
            for (place, reader) in self.readers.iter_mut().enumerate() {
                let Some(reader) = reader else { continue };
                let name = &table.columns[place].name;
                let in_column = |error| failed_in(error, &table.file, name);
                let at_end = wanted == self.left;
                let as_many = || {
                    let found = reader.read(wanted, batch.column(place))?;
                    Ok(found == wanted && !(at_end && reader.has_more()?))
                };
                if !guarded(as_many).map_err(in_column)? {
                    let problem = ParquetProblem::Rows { name: name.clone(), group: self.next_group };
                    return Err(Error::Parquet { file: table.file.clone(), problem });
                }
            }
            self.left -= wanted;
            batch.grow(wanted);
        }
        self.read += batch.len();
        Ok((batch.len() > 0).then_some(batch))
    }

    /// Opens the next group; whether there is one.
    fn open_group(&mut self) -> Result<bool> {
        let table = Arc::clone(&self.table);
        if self.next_group == table.reader.num_row_groups() {
            return Ok(false);
        }
        let group =
            table.reader.get_row_group(self.next_group).map_err(|error| failed(error, &table.file))?;
        let rows = group.metadata().num_rows();
        self.left = usize::try_from(rows).map_err(|_| Error::Parquet {
            file: table.file.clone(),
            problem: ParquetProblem::Damaged(format!("a group of {rows} rows")),
        })?;
        self.readers.clear();
        for column in &table.columns {
            self.readers.push(match column.leaf {
                Ok((leaf, kind)) => {
                    let reader = guarded(|| group.get_column_reader(leaf));
                    let reader = reader.map_err(|error| failed_in(error, &table.file, &column.name))?;
                    Some(Reader::new(reader, kind))
                }
                Err(_) => None,
            });
        }
        self.next_group += 1;
        Ok(true)
    }
}

/// Refuses a file that does not begin and end as one: the crate's own words name no remedy.
fn check_ends((start, end): &(Vec<u8>, Vec<u8>), length: u64) -> std::result::Result<(), ParquetProblem> {
    if start == ENCRYPTED || end.ends_with(ENCRYPTED) {
        return Err(ParquetProblem::Encrypted);
    }
    if length < SHORTEST || !end.ends_with(MAGIC) {
        return Err(ParquetProblem::Truncated);
    }
    let declared = u32::from_le_bytes([end[0], end[1], end[2], end[3]]);
    let found = length - SHORTEST;
    if u64::from(declared) > found { Err(ParquetProblem::Footer { declared, found }) } else { Ok(()) }
}

/// An error of the crate: of the system's reading, or of what was read.
fn failed(error: ParquetError, file: &str) -> Error {
    match reason(error) {
        Ok(reason) => Error::Parquet { file: file.into(), problem: ParquetProblem::Damaged(reason) },
        Err(source) => Error::Read { file: file.into(), source },
    }
}

/// The same within a column.
fn failed_in(error: ParquetError, file: &str, name: &str) -> Error {
    match reason(error) {
        Ok(reason) => {
            let problem = ParquetProblem::DamagedColumn { name: name.into(), reason };
            Error::Parquet { file: file.into(), problem }
        }
        Err(source) => Error::Read { file: file.into(), source },
    }
}

/// What an error says, without the name of the format before it.
fn reason(error: ParquetError) -> std::result::Result<String, std::io::Error> {
    match error {
        ParquetError::General(reason) | ParquetError::EOF(reason) | ParquetError::NYI(reason) => Ok(reason),
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            // of the system; the decoders make some of their own
            Ok(source) if source.raw_os_error().is_some() => Err(*source),
            Ok(source) => Ok(source.to_string()),
            Err(other) => Ok(other.to_string()),
        },
        other => Ok(other.to_string()),
    }
}
