//! `hsic-cli completions`: what a shell completes, as a script of that shell.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::error::CliError;
use crate::output::print;

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Writes the script for what can be typed to standard output.
///
/// # Errors
/// [`CliError::Failed`] where it cannot be written.
pub fn run(args: &CompletionsArgs, mut definition: Command) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition, "hsic-cli", &mut script);
    print(&String::from_utf8_lossy(&script))
}
