//! What became of the cells of a column.

use super::DataWarning;
use crate::table::Cell;

/// What became of the cells of a column: numbers that were rounded, categories that were passed over.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rounding {
    count: usize,
    first: Option<String>,
    /// Categories or levels that were known, and that were not and were passed over.
    known: usize,
    unknown: usize,
}

impl Rounding {
    /// Counts a number if it was.
    pub(crate) fn see(&mut self, cell: &Cell<'_>) {
        if cell.is_rounded() {
            self.count(&cell.to_text());
        }
    }

    /// With those of later rows.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.count += later.count;
        self.known += later.known;
        self.unknown += later.unknown;
        self.first = self.first.take().or_else(|| later.first.clone());
    }

    /// Counts a number that was.
    pub(crate) fn count(&mut self, text: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| text.into());
    }

    /// Counts a category or level.
    pub(crate) fn category(&mut self, known: bool) {
        *(if known { &mut self.known } else { &mut self.unknown }) += 1;
    }

    /// Whether a category or level was passed over, and none was known.
    pub(crate) fn nothing_known(&self, column: &str) -> Option<DataWarning> {
        let (column, cells) = (column.to_owned(), self.unknown);
        (self.known == 0 && cells > 0).then_some(DataWarning::NothingKnown { column, cells })
    }

    /// What is to be said of the column.
    pub(crate) fn warning(&self, column: &str) -> Option<DataWarning> {
        let example = self.first.clone()?;
        Some(DataWarning::Rounded { column: column.into(), count: self.count, example })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_numbers_are_counted() {
        let mut seen = Rounding::default();
        for text in ["1", "9007199254740993", "18446744073709551615"] {
            seen.see(&Cell::Text(text));
        }
        assert_eq!(
            seen.warning("id").map(|warning| warning.to_string()).as_deref(),
            Some(
                "column `id`: 2 whole numbers are no 64-bit float and rounded, first 9007199254740993 to 9007199254740992; \
                 if these are names of things, take the column as text or leave it out"
            )
        );
        assert_eq!(Rounding::default().warning("id"), None);
    }
}
