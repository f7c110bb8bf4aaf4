//! How a command fails, and what the shell sees of it.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::report::ReportError;

/// Why a command did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CliError {
    /// The arguments, the configuration or the data are not right: exit code 2.
    Usage(String),
    /// A registered data set is not on this machine: exit code 2.
    MissingData(String),
    /// They are, and it went wrong all the same: exit code 1.
    Failed(String),
}

impl CliError {
    /// A [`Usage`](Self::Usage) with the causes of the error.
    pub fn usage(error: &dyn Error) -> Self {
        Self::Usage(chain(error))
    }

    /// A [`Failed`](Self::Failed) with the causes of the error.
    pub fn failed(error: &dyn Error) -> Self {
        Self::Failed(chain(error))
    }

    /// 2 or 1.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::MissingData(_) => 2,
            Self::Failed(_) => 1,
        }
    }

    /// [`code`](Self::code) for the shell.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(message) | Self::MissingData(message) | Self::Failed(message)) = self;
        f.write_str(message)
    }
}

impl Error for CliError {}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::usage(&error)
    }
}

impl From<ReportError> for CliError {
    /// A folder that cannot be used, or that another run uses, is found before the work: another can be named.
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Directory { .. } | ReportError::Locked { .. } => Self::usage(&error),
            _ => Self::failed(&error),
        }
    }
}

impl From<hsic_data::Error> for CliError {
    /// All that a user can mend, except that the output could not be written.
    fn from(error: hsic_data::Error) -> Self {
        match error {
            hsic_data::Error::Write { .. } => Self::failed(&error),
            hsic_data::Error::Missing { .. } => Self::MissingData(chain(&error)),
            _ => Self::usage(&error),
        }
    }
}

/// The error and its causes, a line each. A cause that the line above already tells is left out.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut above = text.clone();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        if !above.contains(&line) {
            text += &format!("\n  because: {line}");
        }
        above = line;
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn every_cause_has_a_line() {
        let source = io::Error::from_raw_os_error(2);
        let error = CliError::from(ConfigError::Read { file: "x.toml".into(), source });
        let expected =
            "x.toml: cannot read the configuration\n  because: No such file or directory (os error 2)";
        assert_eq!(error, CliError::Usage(expected.into()));
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_cause_is_not_told_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer: {0}")]
        struct Outer(#[source] io::Error);
        assert_eq!(chain(&Outer(io::Error::other("inner"))), "outer: inner");
    }
}
