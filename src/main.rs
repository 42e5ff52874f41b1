//! `qkv`: reads the command line, opens the screen or writes a report, ends with a documented exit code.

mod cli;
mod headless;
mod machine;
mod manual;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use qkv::report::Exit;
use qkv::sample::Sample;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => headless::complain(&error),
    }
}

/// The screen where there is a terminal to draw on, else words.
fn run(cli: &Cli) -> anyhow::Result<Exit> {
    if let Some(command) = &cli.command {
        return headless::run(command, &cli.options);
    }
    let sample = headless::load(&cli.options)?;
    if io::stdout().is_terminal() && !machine::terminal_is_dumb() {
        open_screen(cli, sample)
    } else {
        headless::walk(&cli.options, &sample)
    }
}

/// Opens the screen on a sample and returns when the person leaves.
fn open_screen(_cli: &Cli, _sample: Sample) -> anyhow::Result<Exit> {
    anyhow::bail!("this build has no screen; `qkv | less` prints the whole walk")
}
