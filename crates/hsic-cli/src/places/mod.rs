//! What a command reads and what it writes, compared before it begins: an output must not replace an input, nor another output.
//!
//! The arguments say themselves what they are ([`argument`]); what else a command reads or writes it adds.

pub mod argument;
// links are of what they are about
#[cfg(all(test, unix))]
mod tests;

use std::path::{Path, PathBuf};

use argument::Role;
use clap::{Arg, ArgMatches, Command};
use hsic_data::output::FileId;

use crate::error::CliError;
use hsic_report::written;

use crate::commands::reproduce::NAMES;
use crate::config::MethodName;

/// Everything that a command reads and writes.
#[derive(Debug, Clone, Default)]
pub struct Places {
    inputs: Vec<Place>,
    outputs: Vec<Place>,
}

/// A path, and the files that are meant by it.
#[derive(Debug, Clone)]
struct Place {
    /// The argument, as a user knows it.
    name: String,
    path: PathBuf,
    role: Role,
    /// Of a folder those in it that are written.
    files: Vec<(PathBuf, FileId)>,
}

impl Places {
    /// Those of a command's arguments.
    pub fn of(command: &Command, matches: &ArgMatches) -> Self {
        let mut places = Self::default();
        let (mut command, mut matches) = (command, matches);
        loop {
            for argument in command.get_arguments() {
                let Some(role) = Role::of(argument) else { continue };
                for path in role.paths(matches, argument.get_id().as_str()) {
                    places.add(&name(argument), &path, role);
                }
            }
            let deeper = matches.subcommand();
            let Some((of, deeper)) =
                deeper.and_then(|(of, deeper)| Some((command.find_subcommand(of)?, deeper)))
            else {
                return places;
            };
            (command, matches) = (of, deeper);
        }
    }

    /// Adds what no argument says.
    pub fn add(&mut self, name: &str, path: &Path, role: Role) {
        let place = Place::new(name, path, role);
        if role.is_output() { self.outputs.push(place) } else { self.inputs.push(place) }
    }

    /// Refuses a file that would be both.
    ///
    /// # Errors
    /// [`CliError::Usage`] that names the arguments and the file.
    ///
    /// # Cost
    /// A look at the metadata of every file.
    pub fn check(&self) -> Result<(), CliError> {
        let refused = |message: String| Err(CliError::Usage(message));
        for (at, output) in self.outputs.iter().enumerate() {
            // rows have standard output for themselves; what it would be of another is not clear
            if output.path == Path::new("-") && output.role != Role::Rows {
                let what = if output.is_folder() { "folder" } else { "file" };
                return refused(format!("{output} is no {what}: name one, or ./- for one of that name"));
            }
            if let Some(input) = self.inputs.iter().find(|input| output.shares_with(input)) {
                return refused(output.over(input));
            }
            if let Some(other) = self.outputs[..at].iter().find(|other| output.shares_with(other)) {
                return refused(match (output.is_folder(), other.is_folder()) {
                    (true, _) => output.over(other),
                    (_, true) => other.over(output),
                    _ => format!("{other} and {output} are one file: name another for one of them"),
                });
            }
        }
        if let Some(stdout) = standard_output()
            && let Some(input) = self.inputs.iter().find(|input| stdout.shares_with(input))
        {
            return refused(format!("standard output goes to {input}: send it to another file"));
        }
        Ok(())
    }
}

impl Place {
    fn new(name: &str, path: &Path, role: Role) -> Self {
        let is_standard = path == Path::new("-");
        let files = match role {
            Role::RunFolder => written::run(&MethodName::names()),
            Role::ReproductionFolder => written::reproduction(NAMES, &MethodName::names()),
            _ => Vec::new(),
        };
        let paths = [path.to_owned()].into_iter().chain(files.into_iter().map(|file| path.join(file)));
        let mut files: Vec<_> = paths.filter_map(|path| FileId::of(&path).map(|id| (path, id))).collect();
        if is_standard {
            files = if role == Role::Input { standard_input() } else { None }.into_iter().collect();
        }
        Self { name: name.into(), path: path.into(), role, files }
    }

    fn is_folder(&self) -> bool {
        matches!(self.role, Role::RunFolder | Role::ReproductionFolder)
    }

    /// Whether a file is meant by both. What a run writes as its configuration may be what it was given: whether it says the same is
    /// known, and checked, once it is read.
    fn shares_with(&self, other: &Self) -> bool {
        let deferred =
            |file: &Path| other.role == Role::Config && self.is_folder() && file.ends_with(written::CONFIG);
        self.files
            .iter()
            .any(|(file, id)| !deferred(file) && other.files.iter().any(|(_, other)| other == id))
    }

    fn over(&self, other: &Self) -> String {
        let what = if self.role == Role::Log { "append to" } else { "replace" };
        let remedy = if self.is_folder() { "name another folder with --out" } else { "name another file" };
        format!("{self} would {what} {other}: {remedy}")
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.path.display())
    }
}

/// `--long`, or the name of a value.
pub fn name(argument: &Arg) -> String {
    match (argument.get_long(), argument.get_value_names()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some([name, ..])) => name.to_string(),
        _ => argument.get_id().as_str().to_uppercase(),
    }
}

/// The file that standard input comes from.
fn standard_input() -> Option<(PathBuf, FileId)> {
    #[cfg(unix)]
    return FileId::of_descriptor(std::io::stdin()).map(|id| ("-".into(), id));
    #[cfg(not(unix))]
    None
}

/// The file that standard output goes to. The shell has emptied it already, unless it appends: then rows would be read that were just
/// written.
fn standard_output() -> Option<Place> {
    #[cfg(unix)]
    return FileId::of_descriptor(std::io::stdout()).map(|id| Place {
        name: "standard output".into(),
        path: "-".into(),
        role: Role::Rows,
        files: vec![("-".into(), id)],
    });
    #[cfg(not(unix))]
    None
}
