//! What all rows of a table say of its columns, mergeable over parts of the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use faer::Par;
use serde::{Deserialize, Serialize};

use super::infer::{check_lists, class_of, sorted_classes};
use super::observe::{Problem, Seen, names_rows};
use super::rows::Rows;
use super::{CellProblem, ColumnProblem, Decimal, Feature, FeatureKind, InferOptions, LabelColumn};
use super::{MissingRemedy, MissingRule, NumberFormat, Row, Schema, Source, fold_batches};
use crate::{Choice, DataWarning, Error, Result};

/// Different classes that are kept: many more than anything can be learnt of.
const MOST_CLASSES: usize = 1 << 16;

/// What was seen of the rows of a table, or of some of them: what [`Schema::infer`] types columns by. Scans of the parts of a table are
/// merged in any order.
///
/// # Cost
/// Memory for the categories, at most one more than `max_categories` a column, and the classes.
///
/// ```
/// use hsic_data::table::{Content, InferOptions, Scan, Schema, SourceOptions};
/// let options = InferOptions::default();
/// let scan = |text: &str| {
///     let content = Content::from_bytes(text.as_bytes().to_vec(), "part.csv")?;
///     let mut rows = content.open(&SourceOptions::default())?;
///     Scan::of(&mut rows, &options, faer::Par::Seq)
/// };
/// let mut all = scan("age,colour,kind\n3,red,a\n")?;
/// all.merge(scan("age,colour,kind\n5,blue,b\n4,red,b\n")?)?;
/// let schema = all.schema("parts", &options)?;
/// assert_eq!(schema.encoded_names(), ["age", "colour=blue", "colour=red"]);
/// # Ok::<(), hsic_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    names: Vec<String>,
    unnamed: Vec<String>,
    plan: Plan,
    n: usize,
    classes: BTreeMap<String, usize>,
    /// Of the columns of the plan.
    seen: Vec<Seen>,
}

/// Which columns mean what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Plan {
    label: usize,
    ignored: Vec<usize>,
    /// Those to learn from.
    columns: Vec<usize>,
    text: Vec<usize>,
    /// Categories a column may have.
    limit: usize,
    /// The decimal mark, where it is told.
    decimal: Option<Decimal>,
}

impl Plan {
    fn new(source: &Source<'_>, options: &InferOptions) -> Result<Self> {
        check_lists(options.class_order.as_deref(), &options.ordinal)?;
        let (file, all) = (source.file(), source.all_names());
        let names = all.all();
        let failed = |problem| Error::Columns { file: file.into(), problem };
        let find = |name: &String, asked: Choice<'static>| {
            all.find(name).ok_or_else(|| {
                failed(ColumnProblem::NoSuchColumn { name: name.clone(), asked, columns: names.to_vec() })
            })
        };
        let find_all = |list: &[String], asked| {
            list.iter().map(|name| find(name, asked)).collect::<Result<Vec<usize>>>()
        };
        let label = match &options.label {
            LabelColumn::Last => names.len() - 1,
            LabelColumn::Name(name) => find(name, Choice::Label)?,
        };
        let ignored = find_all(&options.ignore, Choice::Ignored)?;
        let text = find_all(&options.text, Choice::Texts)?;
        for (name, _) in &options.ordinal {
            if find(name, Choice::Ordinal)? == label {
                return Err(failed(ColumnProblem::OrdinalLabel { label: name.clone() }));
            }
        }
        let columns: Vec<usize> =
            (0..names.len()).filter(|column| *column != label && !ignored.contains(column)).collect();
        Ok(Self { label, ignored, columns, text, limit: options.max_categories, decimal: source.decimal() })
    }
}

/// What a column becomes, and how its numbers are written; or why it is refused.
pub(super) type Kind = std::result::Result<(FeatureKind, NumberFormat), Problem>;

/// The levels of a column, where they are listed.
fn levels(options: &InferOptions, name: &str) -> Option<Vec<String>> {
    options.ordinal.iter().find(|(of, _)| of == name).map(|(_, levels)| levels.clone())
}

impl Scan {
    /// Of no rows of a table.
    ///
    /// # Errors
    /// As [`Schema::infer`] for lists that name something twice and columns that are not there.
    pub(super) fn new(source: &Source<'_>, options: &InferOptions) -> Result<Self> {
        let (plan, all) = (Plan::new(source, options)?, source.all_names());
        let names = all.all().to_vec();
        let unnamed = (0..names.len()).filter(|&column| all.is_invented(column));
        let unnamed = unnamed.map(|column| names[column].clone()).collect();
        let ids = |column: usize| {
            let unnamed = all.any() && all.is_invented(column);
            (unnamed || names_rows(&names[column])).then_some(unnamed)
        };
        let seen = plan.columns.iter().map(|&column| Seen::new(ids(column))).collect();
        Ok(Self { names, unnamed, plan, n: 0, classes: BTreeMap::new(), seen })
    }

    /// Of all rows of a source.
    ///
    /// # Errors
    /// As [`Schema::infer`], but for what only all rows can tell.
    ///
    /// # Cost
    /// One pass.
    pub fn of(source: &mut Source<'_>, options: &InferOptions, par: Par) -> Result<Self> {
        let mut scan = Self::new(source, options)?;
        if scan.plan.columns.is_empty() {
            let problem = ColumnProblem::NoFeatures { label: scan.names[scan.plan.label].clone() };
            return Err(Error::Columns { file: source.file().into(), problem });
        }
        let (empty, heading) = (scan.clone(), Arc::clone(source.heading()));
        let of_batch = |_: &Self, mut rows: Rows| {
            let mut seen = empty.clone();
            while rows.advance(&heading)? {
                seen.see(&rows.row(&heading), options)?;
            }
            Ok(seen)
        };
        fold_batches(source, par, &mut scan, of_batch, |scan, seen| {
            scan.append(seen);
            Ok(())
        })?;
        Ok(scan)
    }

    fn see(&mut self, row: &Row<'_>, options: &InferOptions) -> Result<()> {
        self.see_class(row, options)?;
        self.see_features(row)
    }

    pub(super) fn see_class(&mut self, row: &Row<'_>, options: &InferOptions) -> Result<()> {
        let label = self.plan.label;
        self.n += 1;
        let order = options.class_order.as_ref();
        let is_class = |text: &str| order.is_some_and(|order| order.iter().any(|class| class == text));
        match class_of(row, label, is_class)? {
            Some(class) if order.is_some() && !is_class(&class) => {
                let (value, known) = (class.into_owned(), order.cloned().unwrap_or_default());
                return Err(row.error(label, CellProblem::UnknownClass { value, known }));
            }
            Some(class) => self.count(&class, 1),
            None if options.missing == MissingRule::Drop => {}
            None => {
                let value = row.cell(label)?.to_text().into_owned();
                let remedy = MissingRemedy::TrainingClass { listable: !value.is_empty() };
                return Err(row.error(label, CellProblem::Missing { value, remedy }));
            }
        }
        Ok(())
    }

    pub(super) fn see_features(&mut self, row: &Row<'_>) -> Result<()> {
        for (seen, &column) in self.seen.iter_mut().zip(&self.plan.columns) {
            seen.see(row, column, self.plan.text.contains(&column), self.plan.limit, self.plan.decimal)?;
        }
        Ok(())
    }

    fn count(&mut self, class: &str, rows: usize) {
        if let Some(count) = self.classes.get_mut(class) {
            *count += rows;
        } else if self.classes.len() < MOST_CLASSES {
            self.classes.insert(class.into(), rows);
        }
    }

    /// Numbered as a part of a table, so that the first of several errors is told whatever the order of merges.
    #[must_use]
    pub fn of_part(mut self, part: usize) -> Self {
        self.seen.iter_mut().for_each(|seen| seen.set_part(part));
        self
    }

    /// Adds that of other rows, wherever in the table they are. Whether a column names the rows is then not known: no part knows the
    /// rows of the others.
    ///
    /// # Errors
    /// [`Error::Columns`] for a part of other columns.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        if self.plan != other.plan || self.names != other.names {
            let (one, another) = (self.names.join(", "), other.names.join(", "));
            let problem =
                ColumnProblem::Schema(format!("some parts have the columns {one}, others {another}"));
            return Err(Error::Columns { file: "the table".into(), problem });
        }
        self.append(other);
        self.seen.iter_mut().for_each(Seen::forget_rows);
        Ok(())
    }

    /// Adds that of the rows that follow, of the same table.
    pub(super) fn append(&mut self, later: Self) {
        self.n += later.n;
        later.classes.iter().for_each(|(class, &rows)| self.count(class, rows));
        let limit = self.plan.limit;
        self.seen.iter_mut().zip(later.seen).for_each(|(seen, later)| seen.append(later, limit));
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.n
    }

    /// The label's column.
    pub(super) fn label(&self) -> usize {
        self.plan.label
    }

    /// What every column to learn from becomes by itself, or why it is refused.
    pub(super) fn kinds(&self, options: &InferOptions) -> Vec<(usize, Kind)> {
        let Self { names, plan, seen, .. } = self;
        let formats = (plan.decimal, seen.iter().any(|seen| seen.formats.has_comma()));
        let kind = |(seen, &column): (&Seen, &usize)| {
            let (name, as_text) = (&names[column], plan.text.contains(&column));
            let kind = seen.clone().kind(name, levels(options, name), as_text, plan.limit, formats);
            (column, kind)
        };
        seen.iter().zip(&plan.columns).map(kind).collect()
    }

    /// The schema of the table, which `file` stands for in messages.
    ///
    /// # Errors
    /// As [`Schema::infer`].
    pub fn schema(self, file: &str, options: &InferOptions) -> Result<Schema> {
        self.schema_told(file, options).map(|(schema, _)| schema)
    }

    /// The same, and what is odd about columns that name the rows or have no name.
    pub(super) fn schema_told(
        self,
        file: &str,
        options: &InferOptions,
    ) -> Result<(Schema, Vec<DataWarning>)> {
        let Self { names, unnamed, plan, n, classes, seen } = self;
        let failed = |problem| Error::Columns { file: file.into(), problem };
        if n == 0 {
            return Err(Error::NoRows { file: file.into() });
        }
        let label = names[plan.label].clone();
        if classes.len() < 2 {
            return Err(failed(match classes.into_keys().next() {
                Some(class) => ColumnProblem::OneClass { class, label },
                None => ColumnProblem::AllDropped { n },
            }));
        }
        if classes.len() == MOST_CLASSES || classes.len() > 10 && 2 * classes.len() > n {
            return Err(failed(ColumnProblem::TooManyClasses { label, classes: classes.len(), n }));
        }
        let levels = |name: &str| levels(options, name);
        let (mut told, mut left_out) = (Vec::new(), Vec::new());
        for (seen, &column) in seen.iter().zip(&plan.columns) {
            let chosen = plan.text.contains(&column) || levels(&names[column]).is_some();
            let warning = seen.told(&names[column], n).filter(|_| !chosen);
            if matches!(warning, Some(DataWarning::LeftOut { .. })) {
                left_out.push(column);
            }
            told.extend(warning);
        }
        if left_out.len() == plan.columns.len() {
            return Err(failed(ColumnProblem::NoFeatures { label }));
        }
        let formats = (plan.decimal, seen.iter().any(|seen| seen.formats.has_comma()));
        let feature = |(seen, &column): (Seen, &usize)| {
            let (name, as_text) = (names[column].clone(), plan.text.contains(&column));
            let kind = seen.kind(&name, levels(&name), as_text, plan.limit, formats);
            let (kind, format) = kind.map_err(|problem| problem.of(file, &name))?;
            Ok(Feature { name, kind, format })
        };
        let kept = seen.into_iter().zip(&plan.columns).filter(|(_, column)| !left_out.contains(column));
        let features = kept.map(feature).collect::<Result<Vec<_>>>()?;
        let sorted = || sorted_classes(classes.into_keys().collect());
        let classes = options.class_order.clone().unwrap_or_else(sorted);
        let ignored = plan.ignored.iter().chain(&left_out).map(|&column| names[column].clone()).collect();
        Ok((Schema::new(features, label, classes, ignored)?.with_unnamed(unnamed), told))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _};

    use super::super::{Content, SourceOptions};
    use super::*;
    use crate::Input;

    /// Rows of several batches, a cell by its row and column.
    fn table(names: &str, cell: impl Fn(usize, usize) -> String) -> String {
        let width = names.split(';').count();
        let row = |i| (0..width).map(|j| cell(i, j)).collect::<Vec<_>>().join(";");
        let rows: Vec<String> = (0..5000).map(row).collect();
        format!("{names}\n{}\n", rows.join("\n"))
    }

    fn words(told: Result<(Schema, Vec<DataWarning>)>) -> String {
        match told {
            Ok((schema, told)) => {
                let told: Vec<String> = told.iter().map(ToString::to_string).collect();
                format!("{:?}\n{}", schema.features(), told.join("\n"))
            }
            Err(error) => error.to_string(),
        }
    }

    /// What batches say, which is what all rows say one after the other.
    fn told(text: &str) -> String {
        let content = Content::from_bytes(text.as_bytes().to_vec(), "t.csv").unwrap();
        let open = || content.open(&SourceOptions::default()).unwrap();
        let options = InferOptions::default();
        let one_by_one = || -> Result<_> {
            let mut source = open();
            let mut scan = Scan::new(&source, &options)?;
            while let Some(row) = source.next_row()? {
                scan.see(&row, &options)?;
            }
            scan.schema_told("t.csv", &options)
        };
        let expected = words(one_by_one());
        for par in [Par::Seq, Par::rayon(1), Par::rayon(3)] {
            let scan = Scan::of(&mut open(), &options, par);
            let found = words(scan.and_then(|scan| scan.schema_told("t.csv", &options)));
            assert_eq!(found, expected, "{par:?}");
        }
        expected
    }

    #[test]
    fn batches_say_what_rows_one_by_one_say() {
        let cells = |from: usize, odd: usize| {
            move |i: usize, j: usize| match j {
                0 => (i + from).to_string(),
                1 => (if i == odd { i } else { i + 1 }).to_string(),
                2 => (i * 7 % 5000).to_string(),
                3 => format!("{},5", i % 17),
                4 => ["red", "green", "blue"][i / 1700].into(),
                5 => format!("{}.25", i % 300),
                _ => ["no", "yes"][i % 2].into(),
            }
        };
        let names = ";id;row;w;colour;x;class";
        let all = told(&table(names, cells(0, 9999)));
        assert!(all.contains("\"blue\", \"green\", \"red\"") && all.contains("decimal: Comma"), "{all}");
        for column in ["1 (no name)", "id", "row"] {
            assert!(all.contains(&format!("column `{column}`")), "{all}");
        }
        // 2 is no start of a count, and a number is there twice
        let none = told(&table(names, cells(2, 3000)));
        assert!(!none.contains("column `id`"), "{none}");
        assert!(none.contains("column `1 (no name)` is different in every row"), "{none}");
    }

    #[test]
    fn the_first_of_several_errors_is_told() {
        let with = |rows: [(usize, &'static str); 2]| {
            let cell = move |i: usize, j: usize| {
                let odd = rows.iter().find(|(row, _)| *row == i).map(|(_, cell)| *cell);
                let (number, class) = (format!("{i}.5"), ["no", "yes"][i % 2].to_owned());
                [odd.map_or(number, Into::into), class][j].clone()
            };
            told(&table("x;class", cell))
        };
        assert!(with([(2999, "red"), (4500, "blue")]).starts_with("t.csv, line 3001, column `x`"));
        assert!(with([(4500, "1;2"), (100, "1;2;3")]).contains("line 102"));
    }

    #[test]
    fn an_error_of_a_row_goes_before_one_of_reading_what_follows() {
        let first = |bad: &str| {
            let text = table("x;class", |i, j| {
                [format!("{i}.00000000"), if i == 3000 { bad } else { ["no", "yes"][i % 2] }.into()][j]
                    .clone()
            });
            let reader = io::Cursor::new(text).chain(Fails);
            let mut source = Source::stream(Input::new(reader, "t.csv"), &SourceOptions::default()).unwrap();
            Scan::of(&mut source, &InferOptions::default(), Par::rayon(8)).unwrap_err().to_string()
        };
        struct Fails;
        impl io::Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        assert!(first("").starts_with("t.csv, line 3002"), "{}", first(""));
        assert!(first("no").contains("t.csv"), "{}", first("no"));
    }
}
