//! One reading of all partitions.

use faer::Par;
use hsic_data::table::{
    CellProblem, Content, EncodeOptions, InferOptions, Known, LabelRule, MissingRule, RowEncoder, Scan,
    Schema, SourceOptions,
};
use hsic_net::passes::{Partial, Pass};
use hsic_rows::{BLOCK_ROWS, Block, RowNumbers};
use serde::{Deserialize, Serialize};

use super::PartitionError;
use super::bytes::identifier;
use crate::{Error, Preprocessing, Result};

/// A partition of a table.
pub struct Partition<'a> {
    /// Its number, which orders what is said of several.
    pub number: usize,
    /// Its rows, and what stands for them in messages.
    pub content: &'a Content,
    /// The numbers of the rows among all of the table: the sample is drawn by them.
    pub rows: RowNumbers<'a>,
}

/// One reading of all partitions: what to sum. Stateless.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePass {
    /// A digest of the rest.
    pub(super) id: String,
    pub(super) task: Task,
}

/// What a pass sums.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Task {
    /// What the columns are.
    Scan(InferOptions),
    /// Classes, missing cells and moments.
    Columns(Schema),
    /// What a network asks of standardised rows.
    Rows(Box<Preprocessing>, Box<Pass>),
}

/// What a pass summed over some partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePartial {
    /// The pass it is of.
    pub(super) pass: String,
    pub(super) rows: usize,
    pub(super) sums: Sums,
}

/// The sums of each kind of pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sums {
    /// Nothing was seen yet, not even names of columns.
    Nothing,
    Scan(Box<Counted>),
    Columns(Box<Known>),
    Rows(Box<Partial>),
}

/// A scan, with the rows of every partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    pub scan: Scan,
    /// Numbers of partitions, and their rows.
    pub partitions: Vec<(usize, usize)>,
}

impl TablePass {
    pub(super) fn new(task: Task) -> Result<Self> {
        let mut pass = Self { id: String::new(), task };
        pass.id = identifier(&pass.to_bytes()?);
        Ok(pass)
    }

    /// What it sums, in a word: `scan`, `columns`, or a word of [`Pass::kind`].
    pub fn kind(&self) -> &'static str {
        match &self.task {
            Task::Scan(_) => "scan",
            Task::Columns(_) => "columns",
            Task::Rows(_, pass) => pass.kind(),
        }
    }

    /// The partial of no rows.
    pub fn empty(&self) -> TablePartial {
        let sums = match &self.task {
            Task::Scan(_) => Sums::Nothing,
            Task::Columns(schema) => Sums::Columns(Box::new(Known::new(schema))),
            Task::Rows(_, pass) => Sums::Rows(Box::new(pass.empty())),
        };
        TablePartial { pass: self.id.clone(), rows: 0, sums }
    }

    /// The partial of a partition.
    ///
    /// # Errors
    /// [`Error::Data`] as a table that is read at once, with what stands for the partition as the file; [`Error::Network`] where a layer
    /// cannot take the rows.
    ///
    /// # Cost
    /// One reading on one thread, and that of [`Pass::run`]; a block of rows is held beside the partition.
    pub fn run(&self, partition: &Partition<'_>) -> Result<TablePartial> {
        let mut source = partition.content.open(&SourceOptions::default())?;
        let mut partial = self.empty();
        match &self.task {
            Task::Scan(options) => {
                let scan = Scan::of(&mut source, options, Par::Seq)?.of_part(partition.number);
                partial.rows = scan.rows();
                let partitions = vec![(partition.number, partial.rows)];
                partial.sums = Sums::Scan(Box::new(Counted { scan, partitions }));
            }
            Task::Columns(schema) => {
                let options = EncodeOptions { missing: MissingRule::Keep, ..EncodeOptions::default() };
                let known = Known::of(schema, &mut RowEncoder::new(schema, source, options)?)?;
                partial.rows = known.moments.rows();
                partial.sums = Sums::Columns(Box::new(known));
            }
            Task::Rows(preprocessing, pass) => {
                let missing = preprocessing.fill().map_or(MissingRule::Refuse, |_| MissingRule::Keep);
                let options = EncodeOptions { missing, label: LabelRule::Read, ..EncodeOptions::default() };
                let mut encoder = RowEncoder::new(preprocessing.schema(), source, options)?;
                let mut sums = pass.empty();
                while let Some(chunk) = encoder.next_chunk(BLOCK_ROWS)? {
                    let place = |row: usize| encoder.source().place(chunk.lines[row]);
                    let rows = preprocessing.transform(chunk.features.as_ref());
                    let rows = rows.map_err(|error| located(error, preprocessing.schema(), place))?;
                    let count = chunk.lines.len();
                    let numbers = match partition.rows {
                        RowNumbers::From(first) => RowNumbers::From(first + partial.rows as u64),
                        RowNumbers::Each(all) => {
                            let given = all.get(partial.rows..partial.rows + count);
                            RowNumbers::Each(given.ok_or_else(|| few_numbers(all.len()))?)
                        }
                    };
                    sums.merge(pass.run(numbers, Block { rows, codes: chunk.codes.unwrap_or_default() })?)?;
                    partial.rows += count;
                }
                partial.sums = Sums::Rows(Box::new(sums));
            }
        }
        Ok(partial)
    }

    /// Adds the partial of other partitions: in any order, to rounding.
    ///
    /// # Errors
    /// [`PartitionError::OtherPass`]; [`Error::Data`] for partitions of other columns.
    pub fn merge(&self, sum: &mut TablePartial, other: TablePartial) -> Result<()> {
        for partial in [&*sum, &other] {
            self.check(partial)?;
        }
        sum.rows += other.rows;
        match (&mut sum.sums, other.sums) {
            (_, Sums::Nothing) => {}
            (sum @ Sums::Nothing, other) => *sum = other,
            (Sums::Scan(sum), Sums::Scan(other)) => {
                sum.scan.merge(other.scan)?;
                sum.partitions.extend(other.partitions);
            }
            (Sums::Columns(sum), Sums::Columns(other)) => sum.merge(*other)?,
            (Sums::Rows(sum), Sums::Rows(other)) => sum.merge(*other)?,
            _ => unreachable!("partials of one pass are of one kind"),
        }
        Ok(())
    }

    pub(super) fn check(&self, partial: &TablePartial) -> Result<()> {
        if self.id == partial.pass {
            return Ok(());
        }
        let (expected, found) = (self.id.clone(), partial.pass.clone());
        Err(PartitionError::OtherPass { expected, found }.into())
    }
}

fn few_numbers(found: usize) -> Error {
    PartitionError::Bytes(format!("a partition has more rows than the {found} numbers given for them")).into()
}

/// The error of a row that cannot be standardised, by the row's place.
fn located(error: Error, schema: &Schema, place: impl Fn(usize) -> String) -> Error {
    let Error::Data(hsic_data::Error::Overflow { row, column, value, mean, std }) = error else {
        return error;
    };
    let column = schema.encoded_names().swap_remove(column);
    let problem = CellProblem::Overflow { value, mean, std };
    Error::Data(hsic_data::Error::Cell { place: place(row), column, problem })
}
