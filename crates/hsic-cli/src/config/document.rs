//! The text of an experiment file: typing it, and finding the place of a key again.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::error::ConfigError;
use super::overrides::Override;
use super::schema::Config;
use crate::input;

/// A file as read, and the values laid over it.
pub struct Document<'a> {
    file: String,
    text: String,
    overrides: &'a [Override],
}

impl<'a> Document<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError::Read`].
    pub fn read(path: &Path, overrides: &'a [Override]) -> Result<Self, ConfigError> {
        let file = input::name(path);
        match input::text(path) {
            Ok(text) => Ok(Self::new(file, text, overrides)),
            Err(source) => Err(ConfigError::Read { file, source }),
        }
    }

    /// A text that stands for the file of that name.
    pub fn new(file: String, text: String, overrides: &'a [Override]) -> Self {
        Self { file, text, overrides }
    }

    /// The typed configuration, its values not yet checked.
    ///
    /// # Errors
    /// [`ConfigError::Parse`] and [`ConfigError::Flag`].
    pub fn typed(&self) -> Result<Config, ConfigError> {
        // The file and each override are typed on their own, where their place is known: the merged document has lost
        // it. Every key has a default in the schema, so a part of a file types as well as a whole.
        toml::from_str::<Config>(&self.text).map_err(|error| self.parse_error(&error))?;
        let mut document: Table = toml::from_str(&self.text).map_err(|error| self.parse_error(&error))?;
        let flag_error = |set: &Override, error: toml::de::Error| ConfigError::Flag {
            flag: set.flag().into(),
            message: in_our_words(error.message()),
        };
        let mut last = None;
        for set in self.overrides {
            let mut alone = Table::new();
            set.apply(&mut alone);
            Value::Table(alone).try_into::<Config>().map_err(|error| flag_error(set, error))?;
            set.apply(&mut document);
            last = Some(set);
        }
        let mut config: Config = Value::Table(document).try_into().map_err(|error| match last {
            Some(set) => flag_error(set, error),
            None => self.parse_error(&error),
        })?;
        config.spread(|key| self.is_given(key));
        Ok(config)
    }

    /// Where a key got its value: the last argument that touches it, else file and line, else the file.
    pub fn place(&self, key: &[&str]) -> String {
        if let Some(set) = self.overrides.iter().rev().find(|set| set.touches(key)) {
            return set.flag().into();
        }
        match self.key_span(key) {
            Some(span) => format!("{}:{}", self.file, position(&self.text, span.start).0),
            None => self.file.clone(),
        }
    }

    /// Whether the command line, not the file, gave the value.
    pub fn is_overridden(&self, key: &[&str]) -> bool {
        self.overrides.iter().any(|set| set.touches(key))
    }

    /// Whether the file or the command line gives the key a value.
    pub fn is_given(&self, key: &[&str]) -> bool {
        self.overrides.iter().any(|set| set.gives(key)) || self.key_span(key).is_some()
    }

    fn key_span(&self, key: &[&str]) -> Option<Range<usize>> {
        let document = DeTable::parse(&self.text).ok()?;
        let mut table = document.get_ref();
        let mut found = None;
        for part in key {
            let (name, value): (&Spanned<_>, &Spanned<DeValue<'_>>) =
                table.iter().find(|(name, _)| name.get_ref() == part)?;
            found = Some(name.span());
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        found
    }

    fn parse_error(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or(0..0);
        let (line, column) = position(&self.text, span.start);
        ConfigError::Parse {
            file: self.file.clone(),
            line,
            column,
            message: in_our_words(error.message()),
            excerpt: excerpt(&self.text, &span),
        }
    }
}

/// The byte at or before `byte` at which a character begins, so that slicing cannot panic.
fn char_start(text: &str, byte: usize) -> usize {
    (0..=byte.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Line and column in characters, both from 1, of a byte.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..char_start(text, byte)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The line of a span with carets below it.
fn excerpt(text: &str, span: &Range<usize>) -> String {
    let (line, column) = position(text, span.start);
    let shown = text.lines().nth(line - 1).unwrap_or_default();
    let end = char_start(text, span.end.max(span.start));
    let marked = text[char_start(text, span.start)..end].lines().next().unwrap_or_default().chars().count();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    // a tab stays a tab, so that the carets stand below what they mark at any tab width
    let indent: String = shown.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("{margin} |\n{number} | {shown}\n{margin} | {indent}{}", "^".repeat(marked.max(1)))
}

/// serde's words for Rust's types in those of a TOML file.
fn in_our_words(message: &str) -> String {
    let mut text = message.trim_end().to_owned();
    for (theirs, ours) in [
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("unknown variant", "unknown value"),
        ("expected usize", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected a table"),
        ("expected path string", "expected a string"),
        ("expected a boolean", "expected true or false"),
    ] {
        text = text.replace(theirs, ours);
    }
    text
}
