//! `hsic-cli completions`: what a shell completes, as a script of that shell.

use clap::Args;
use clap_complete::Shell;

use crate::cli;
use crate::error::CliError;
use crate::output::print;

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Writes the script to standard output.
///
/// # Errors
/// [`CliError::Failed`] where it cannot be written.
pub fn run(args: &CompletionsArgs) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::definition(), "hsic-cli", &mut script);
    print(&String::from_utf8_lossy(&script))
}
