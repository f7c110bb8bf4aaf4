//! A character that gives a text its structure.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What stands between fields, or what a line that is no row starts with: one ASCII character that neither quotes nor ends a line. In
/// words it is itself, and a tab is `tab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mark(u8);

impl Mark {
    /// Its byte.
    pub fn byte(self) -> u8 {
        self.0
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            b"tab" | b"\\t" => Ok(Self(b'\t')),
            &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(Self(byte)),
            _ => Err("expected one ASCII character or `tab`".into()),
        }
    }
}

impl TryFrom<String> for Mark {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|expected| format!("{expected}, got `{text}`"))
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        mark.to_string()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\t' => f.write_str("tab"),
            byte => write!(f, "{}", char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_one_ascii_character() {
        for (text, byte) in
            [("tab", b'\t'), ("\\t", b'\t'), ("\t", b'\t'), (";", b';'), ("#", b'#'), (" ", b' ')]
        {
            assert_eq!(text.parse(), Ok(Mark(byte)));
            assert_eq!(Mark(byte).to_string().parse(), Ok(Mark(byte)));
        }
        for text in ["", "||", "\"", "\n", "§", "TAB"] {
            assert!(text.parse::<Mark>().is_err(), "{text}");
        }
    }
}
