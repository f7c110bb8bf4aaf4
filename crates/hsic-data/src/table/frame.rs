//! A table that is in memory column by column: a partition of one that other programs hold.

use std::ops::Range;

use super::Cell;

/// The largest whole number below which a 64-bit float holds them all.
const EXACT: u64 = 1 << 53;

/// A column of a [`Frame`].
#[derive(Debug, Clone, PartialEq)]
pub enum FrameColumn {
    /// Numbers; NaN stands for a missing one.
    Numbers(Vec<f64>),
    /// Whole numbers, which a 64-bit float may not hold.
    Integers(Vec<i64>),
    /// Texts: for every row the place of its text among those there are; any other number stands for a missing one.
    Texts {
        /// A place a row.
        places: Vec<i64>,
        /// The texts.
        texts: Vec<String>,
    },
}

impl FrameColumn {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Integers(numbers) => numbers.len(),
            Self::Texts { places, .. } => places.len(),
        }
    }
}

/// Named columns of as many rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    names: Vec<String>,
    columns: Vec<FrameColumn>,
    rows: usize,
    /// Rows before these.
    before: usize,
}

impl Frame {
    /// The table of these columns, each with its name; `None` where they are not of one length, or there is none.
    pub fn new(columns: Vec<(String, FrameColumn)>) -> Option<Self> {
        let rows = columns.first()?.1.len();
        let (names, columns): (Vec<_>, Vec<FrameColumn>) = columns.into_iter().unzip();
        columns.iter().all(|column| column.len() == rows).then_some(Self { names, columns, rows, before: 0 })
    }

    /// The same after so many other rows, which messages count too.
    #[must_use]
    pub fn after(self, before: usize) -> Self {
        Self { before, ..self }
    }

    /// Rows before these.
    pub fn before(&self) -> usize {
        self.before
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.columns[column] {
            FrameColumn::Numbers(numbers) => Cell::Number(numbers[row]),
            FrameColumn::Integers(numbers) if numbers[row].unsigned_abs() <= EXACT => {
                Cell::Number(numbers[row] as f64)
            }
            FrameColumn::Integers(numbers) => Cell::Integer(numbers[row].into()),
            FrameColumn::Texts { places, texts } => {
                let text = usize::try_from(places[row]).ok().and_then(|place| texts.get(place));
                Cell::Text(text.map_or("", |text| text.trim_ascii()))
            }
        }
    }
    /// Copies the numbers of a column, in some rows; others are left as they are.
    pub(super) fn copy_numbers<'n>(
        &self,
        rows: Range<usize>,
        column: usize,
        into: impl Iterator<Item = &'n mut f64>,
    ) {
        match &self.columns[column] {
            FrameColumn::Numbers(numbers) => {
                into.zip(&numbers[rows]).for_each(|(into, &number)| *into = number);
            }
            FrameColumn::Integers(numbers) => {
                let exact = into.zip(&numbers[rows]).filter(|(_, number)| number.unsigned_abs() <= EXACT);
                exact.for_each(|(into, &number)| *into = number as f64);
            }
            FrameColumn::Texts { .. } => {}
        }
    }
}
