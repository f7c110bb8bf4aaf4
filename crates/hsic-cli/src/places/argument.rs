//! Arguments that are paths. What is done with the file is part of the type, so that the definition of an argument says it.

use std::any::TypeId;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use clap::builder::{MapValueParser, PathBufValueParser, TypedValueParser, ValueParserFactory};
use clap::{Arg, ArgMatches, ValueHint};

/// What is done with a file or a folder that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is read; `-` is standard input.
    Input,
    /// It is read, and may be the one that an earlier run has left.
    Config,
    /// Files in it are read.
    InputFolder,
    /// It is made or replaced.
    Output,
    /// The same; `-` is standard output.
    Rows,
    /// It is written to after its end.
    Log,
    /// `run` makes or replaces files in it.
    RunFolder,
    /// `reproduce` does.
    ReproductionFolder,
}

impl Role {
    /// The role of an argument, by the type of its values; none of one that is no path.
    pub fn of(argument: &Arg) -> Option<Self> {
        KINDS.iter().find(|kind| argument.get_value_parser().type_id() == (kind.id)()).map(|kind| kind.role)
    }

    /// The paths that were given for an argument of this role, or are its default.
    pub fn paths(self, matches: &ArgMatches, id: &str) -> Vec<PathBuf> {
        KINDS.iter().filter(|kind| kind.role == self).flat_map(|kind| (kind.paths)(matches, id)).collect()
    }

    /// What a shell completes.
    pub fn hint(self) -> ValueHint {
        match self {
            Self::InputFolder | Self::RunFolder | Self::ReproductionFolder => ValueHint::DirPath,
            _ => ValueHint::FilePath,
        }
    }

    /// Whether something is written.
    pub fn is_output(self) -> bool {
        !matches!(self, Self::Input | Self::Config | Self::InputFolder)
    }
}

/// A type of arguments, known by its role.
struct Kind {
    role: Role,
    id: fn() -> TypeId,
    paths: fn(&ArgMatches, &str) -> Vec<PathBuf>,
}

macro_rules! arguments {
    ($($(#[$doc:meta])* $name:ident),*) => {
        /// Every role has a type.
        const KINDS: &[Kind] = &[$(Kind {
            role: Role::$name,
            id: TypeId::of::<$name>,
            paths: |matches, id| {
                let given = matches.try_get_many::<$name>(id).ok().flatten();
                given.into_iter().flatten().map(|path| path.0.clone()).collect()
            },
        }),*];

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $name(PathBuf);

            impl Deref for $name {
                type Target = Path;

                fn deref(&self) -> &Path {
                    &self.0
                }
            }

            impl ValueParserFactory for $name {
                type Parser = MapValueParser<PathBufValueParser, fn(PathBuf) -> Self>;

                fn value_parser() -> Self::Parser {
                    PathBufValueParser::new().map(Self)
                }
            }
        )*
    };
}

arguments!(
    /// A file that is read.
    Input,
    /// An experiment file.
    Config,
    /// A folder whose files are read.
    InputFolder,
    /// A file that is written.
    Output,
    /// A file that rows are written to.
    Rows,
    /// A file that is written to after its end.
    Log,
    /// The folder of a run.
    RunFolder,
    /// The folder of a table of runs.
    ReproductionFolder
);

impl Rows {
    /// The file; none where `-` names standard output.
    pub fn file(&self) -> Option<&Path> {
        (self.0 != Path::new("-")).then_some(self)
    }
}
