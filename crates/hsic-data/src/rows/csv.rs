//! Rows of a CSV file, cut at line ends and parsed on many threads.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;

use ::csv::ByteRecord;
use faer::{Mat, Par};
use hsic_kernels::rows::{BLOCK_ROWS, Block, Blocks, Deferred, RowBlocks};
use memchr::memchr2_iter;
use rayon::prelude::*;

use super::{FileRows, in_pass};
use crate::csv::read::{Columns, Place, columns_of};
use crate::input::Passes;
use crate::table::{LONGEST_RECORD, Records, check_lists, sorted_classes, too_long};
use crate::{CsvOptions, Error, Result};

/// Bytes read at once.
const READ: usize = 1 << 20;

/// Rows of a CSV file, packed with gzip or not, that are parsed anew in each pass. What a cell may hold, and every message, are those of
/// a reader of its own; a line ends with `\n` (or `\r\n`).
///
/// # Cost
/// Opening reads the file once, to count rows and find classes. A pass reads it once; a block's text a thread is held.
#[derive(Debug)]
pub struct CsvRows {
    passes: Passes,
    file: String,
    options: CsvOptions,
    columns: Columns,
    class_names: Vec<String>,
    codes: HashMap<String, usize>,
    n: usize,
    /// Bytes before the first row, and its line.
    start: (u64, usize),
}

impl CsvRows {
    /// Opens a file and finds its classes.
    ///
    /// # Errors
    /// As [`read_csv`](crate::read_csv), except that cells of features are read in the passes only.
    pub fn open(path: impl AsRef<Path>, options: &CsvOptions, par: Par) -> Result<Self> {
        check_lists(options.class_order.as_deref(), &options.ordinal)?;
        let passes = Passes::of(path.as_ref())?;
        let file = passes.file().to_owned();
        let mut chunks = Chunks::open(&passes, &file, (0, 1), 1)?;
        let (columns, start) = loop {
            let Some(chunk) = chunks.next().transpose()? else {
                return Err(Error::EmptyFile { file });
            };
            let mut records = Records::new(&*chunk.text, &file, options.delimiter, chunk.line);
            let mut record = ByteRecord::new();
            // blank lines may stand before the first
            if let Some(line) = records.next(&mut record)? {
                let columns = columns_of(&record, &file, line, options)?;
                let after = (chunks.given, chunks.line);
                break (columns, if options.has_header { after } else { (0, 1) });
            }
        };
        let mut rows = Self {
            passes,
            file,
            options: options.clone(),
            columns,
            class_names: Vec::new(),
            codes: HashMap::new(),
            n: 0,
            start,
        };
        rows.find_classes(par)?;
        Ok(rows)
    }

    /// The same rows with the classes of another set, which a test part may not all have.
    ///
    /// # Errors
    /// [`Error::UnknownClass`] in the first pass for a class that is not among them.
    pub fn with_class_names(mut self, names: &[String]) -> Self {
        self.name_classes(names.to_vec());
        self
    }

    fn name_classes(&mut self, names: Vec<String>) {
        self.codes = names.iter().enumerate().map(|(code, name)| (name.clone(), code)).collect();
        self.class_names = names;
    }

    fn find_classes(&mut self, par: Par) -> Result<()> {
        let threads = match par {
            Par::Seq => 1,
            Par::Rayon(threads) => threads.get(),
        };
        let mut found = BTreeSet::new();
        let mut chunks = self.chunks()?;
        let mut n = 0;
        loop {
            let batch = chunks.by_ref().take(threads).collect::<Result<Vec<_>>>()?;
            if batch.is_empty() {
                break;
            }
            let parts: Vec<_> = batch.into_par_iter().map(|chunk| self.classes_of(&chunk)).collect();
            for part in parts {
                let (count, classes) = part?;
                n += count;
                found.extend(classes);
            }
        }
        if n == 0 {
            return Err(Error::NoRows { file: self.file.clone() });
        }
        let mut one = found.iter();
        if let (Some(class), None) = (one.next(), one.next()) {
            return Err(Error::OneClass { file: self.file.clone(), class: class.clone() });
        }
        self.n = n;
        match &self.options.class_order {
            Some(order) => self.name_classes(order.clone()),
            None => self.name_classes(sorted_classes(found.into_iter().collect())),
        }
        Ok(())
    }

    fn classes_of(&self, chunk: &Chunk) -> Result<(usize, BTreeSet<String>)> {
        let mut records = Records::new(&*chunk.text, &self.file, self.options.delimiter, chunk.line);
        let (mut record, mut count, mut found) = (ByteRecord::new(), 0, BTreeSet::new());
        while let Some(line) = records.next(&mut record)? {
            let class = self.columns.class(&record, Place { file: &self.file, line })?;
            if !found.contains(class) {
                found.insert(class.to_owned());
            }
            count += 1;
        }
        Ok((count, found))
    }

    fn chunks(&self) -> Result<Chunks<'_>> {
        Chunks::open(&self.passes, &self.file, self.start, BLOCK_ROWS)
    }

    fn parse(&self, chunk: &Chunk) -> Result<Block> {
        let mut records = Records::new(&*chunk.text, &self.file, self.options.delimiter, chunk.line);
        let width = self.width();
        let (mut record, mut codes) = (ByteRecord::new(), Vec::with_capacity(BLOCK_ROWS));
        let mut values = Vec::with_capacity(BLOCK_ROWS * width);
        while let Some(line) = records.next(&mut record)? {
            let place = Place { file: &self.file, line };
            self.columns.values(&record, place, &mut values)?;
            let class = self.columns.class(&record, place)?;
            match self.codes.get(class) {
                Some(&code) => codes.push(code),
                None => return Err(self.columns.unknown_class(class, place, &self.class_names)),
            }
        }
        Ok(Block { rows: Mat::from_fn(codes.len(), width, |i, k| values[i * width + k]), codes })
    }
}

impl FileRows for CsvRows {
    fn n(&self) -> usize {
        self.n
    }

    fn class_names(&self) -> &[String] {
        &self.class_names
    }
}

impl RowBlocks for CsvRows {
    fn width(&self) -> usize {
        self.columns.width()
    }

    fn n_classes(&self) -> usize {
        self.class_names.len()
    }

    fn blocks(&self) -> hsic_kernels::Result<Blocks<'_>> {
        Ok(Box::new(self.chunks().map_err(in_pass)?.map(move |chunk| {
            let chunk = chunk.map_err(in_pass)?;
            let deferred: Deferred<'_> = Box::new(move || self.parse(&chunk).map_err(in_pass));
            Ok(deferred)
        })))
    }
}

/// Whole lines of a file.
struct Chunk {
    text: Vec<u8>,
    /// Number of the first line, from 1.
    line: usize,
}

/// A file cut after every so many lines that end outside quotes.
struct Chunks<'a> {
    reader: Box<dyn Read + Send>,
    file: &'a str,
    lines: usize,
    /// Read and not given yet.
    held: Vec<u8>,
    at_end: bool,
    /// Bytes given, and the line that comes next.
    given: u64,
    line: usize,
}

impl<'a> Chunks<'a> {
    fn open(passes: &Passes, file: &'a str, start: (u64, usize), lines: usize) -> Result<Self> {
        let (given, line) = start;
        let reader = passes.pass(given)?;
        Ok(Self { reader, file, lines, held: Vec::new(), at_end: false, given, line })
    }

    /// The place after the wanted number of lines, if they are held, and how many lines end in what is held.
    fn cut(&self, searched: &mut Searched) -> Option<usize> {
        for at in memchr2_iter(b'\n', b'"', &self.held[searched.bytes..]) {
            let at = searched.bytes + at;
            if self.held[at] == b'"' {
                searched.quoted = !searched.quoted;
                continue;
            }
            searched.line_ends += 1;
            if !searched.quoted {
                searched.lines += 1;
                searched.row = at + 1;
                if searched.lines == self.lines {
                    return Some(at + 1);
                }
            }
        }
        searched.bytes = self.held.len();
        None
    }
}

/// How far the search for a cut has come.
#[derive(Default)]
struct Searched {
    bytes: usize,
    /// Start of the row searched.
    row: usize,
    lines: usize,
    line_ends: usize,
    quoted: bool,
}

impl Iterator for Chunks<'_> {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Result<Chunk>> {
        let mut searched = Searched::default();
        let end = loop {
            if let Some(end) = self.cut(&mut searched) {
                break end;
            }
            if self.at_end {
                break self.held.len();
            }
            let read = if self.held.len() - searched.row > LONGEST_RECORD {
                Err(too_long())
            } else {
                self.reader.by_ref().take(READ as u64).read_to_end(&mut self.held)
            };
            match read {
                Ok(count) => self.at_end = count < READ,
                Err(source) => {
                    self.at_end = true;
                    self.held.clear();
                    return Some(Err(Error::Read { file: self.file.into(), source }));
                }
            }
        };
        if end == 0 {
            return None;
        }
        let rest = self.held.split_off(end);
        let chunk = Chunk { text: std::mem::replace(&mut self.held, rest), line: self.line };
        self.given += end as u64;
        self.line += searched.line_ends;
        Some(Ok(chunk))
    }
}
