//! The table that a command reads, as named on the command line.

use std::path::Path;

use clap::{Args, ValueEnum};
use hsic_data::table::{Content, ExtraRule, Source, SourceOptions, UnknownRule};

use crate::error::CliError;
use crate::places::argument;

/// How a table is read.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// What stands between fields: one ASCII character, or `tab` [default: the one of , ; tab | that the first line has
    /// most of]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// The first line is a row already; the columns are called x1, x2, …
    #[arg(long)]
    pub no_header: bool,
    /// File of the classes of an idx or .npy file
    #[arg(long, value_name = "FILE")]
    pub labels: Option<argument::Input>,
}

impl SourceArgs {
    /// The options for a text.
    pub fn options(&self) -> SourceOptions {
        SourceOptions { delimiter: self.delimiter, has_header: !self.no_header }
    }

    /// Reads a whole table; `-` is standard input.
    ///
    /// # Errors
    /// [`CliError::Usage`] with what is wrong with the file.
    pub fn content(&self, path: &Path) -> Result<Content, CliError> {
        if path != Path::new("-") {
            return Ok(Content::read(path, self.labels.as_deref())?);
        }
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)
            .map_err(|error| CliError::Usage(format!("cannot read standard input: {error}")))?;
        Ok(Content::from_bytes(bytes, STDIN)?.labelled(self.labels.as_deref())?)
    }

    /// The rows of a table as they come; `-` is standard input.
    ///
    /// # Errors
    /// As [`SourceArgs::content`].
    pub fn stream(&self, path: &Path) -> Result<Source<'static>, CliError> {
        Ok(if path == Path::new("-") {
            Source::stream(Box::new(std::io::stdin()), STDIN, self.labels.as_deref(), &self.options())?
        } else {
            Source::open(path, self.labels.as_deref(), &self.options())?
        })
    }
}

/// What standard input is called in messages.
const STDIN: &str = "standard input";

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(byte),
        _ => Err("expected one ASCII character or `tab`".into()),
    }
}

/// What becomes of something a model does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Unknown {
    /// It is an error.
    #[default]
    Refuse,
    /// It is passed over.
    Ignore,
}

impl From<Unknown> for UnknownRule {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Refuse => Self::Refuse,
            Unknown::Ignore => Self::Ignore,
        }
    }
}

impl From<Unknown> for ExtraRule {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Refuse => Self::Refuse,
            Unknown::Ignore => Self::Ignore,
        }
    }
}
