//! How a command fails, and what the shell sees of it.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;
use hsic_report::ReportError;

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

    /// A [`Failed`](Self::Failed) with the causes of the error; where one of them is that rows could not be read, what is said
    /// of data that are read whole.
    pub fn failed(error: &dyn Error) -> Self {
        let causes = std::iter::successors(error.source(), |&error| error.source());
        match causes.filter_map(<dyn Error>::downcast_ref::<hsic_data::Error>).next() {
            Some(error) => Self::of_data(error),
            None => Self::Failed(chain(error)),
        }
    }

    /// All that a user can mend, except that the output could not be written.
    fn of_data(error: &hsic_data::Error) -> Self {
        match error {
            hsic_data::Error::Write { .. } => Self::Failed(chain(error)),
            hsic_data::Error::Missing { .. } => Self::MissingData(chain(error)),
            _ => Self::Usage(chain(error)),
        }
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
            ReportError::Directory { .. } => Self::usage(&error),
            ReportError::Locked { .. } => Self::Usage(format!("{} with --out", chain(&error))),
            _ => Self::failed(&error),
        }
    }
}

impl From<hsic_data::Error> for CliError {
    fn from(error: hsic_data::Error) -> Self {
        Self::of_data(&error)
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
    fn rows_in_blocks_that_cannot_be_read_are_told_as_rows_in_memory() -> Result<(), Box<dyn Error>> {
        use hsic_data::rows::TableRows;
        use hsic_data::table::{Content, InferOptions, SourceOptions};
        use hsic_net::{Network, NetworkParams};

        let folder = tempfile::tempdir()?;
        let path = folder.path().join("t.csv");
        std::fs::write(&path, "a,b,kind\n1,4,x\n2,5,y\n3,7.000,x\n")?;
        let (source, infer, par) =
            (SourceOptions::default(), InferOptions::default(), hsic_kernels::all_threads());
        let rows = TableRows::open(&Content::read(&path, None)?, &source, &infer, par)?;
        let fit = || Network::fit_rows(&NetworkParams::spectral(), &rows, par, &mut ()).map(|_| ());

        // as long as before: a pass reads what there was
        std::fs::write(&path, "a,b,kind\n1,4,x\n2,5,y\n3,seven,x\n")?;
        let in_memory = hsic_data::Dataset::of(&Content::read(&path, None)?, &source, &infer);
        let in_blocks = CliError::failed(&hsic_eval::Error::Fold { fold: 0, source: fit().unwrap_err() });
        let place = format!("{}, line 4, column `b`: `seven` is not a number", path.display());
        for error in [in_memory.map(|_| ()).map_err(CliError::from).unwrap_err(), in_blocks] {
            assert_eq!(error.code(), 2);
            assert!(error.to_string().starts_with(&place), "{error}");
        }

        let unreadable = || {
            let source = io::Error::from_raw_os_error(2);
            hsic_data::Error::Read { file: "t.csv".into(), source }
        };
        let in_pass = hsic_net::Error::from(hsic_kernels::rows::Error::of_source(unreadable()));
        assert_eq!(CliError::failed(&in_pass), CliError::from(unreadable()));
        let expected = "cannot read t.csv\n  because: No such file or directory (os error 2)";
        assert_eq!(CliError::failed(&in_pass), CliError::Usage(expected.into()));
        Ok(())
    }

    #[test]
    fn a_cause_is_not_told_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer: {0}")]
        struct Outer(#[source] io::Error);
        assert_eq!(chain(&Outer(io::Error::other("inner"))), "outer: inner");
    }
}
