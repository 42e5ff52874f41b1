//! `qkv`: reads the command line, opens the screen or writes a report, ends with a documented exit code.

mod cli;
mod headless;
mod machine;
mod manual;
mod material;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use qkv::report::Exit;
use qkv::runtime;
use qkv::ui::Theme;

use crate::cli::{Cli, Options};

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
    if io::stdout().is_terminal() && !machine::terminal_is_dumb() {
        open_screen(&cli.options)
    } else {
        headless::walk(&cli.options, &material::load(&cli.options)?)
    }
}

/// Opens the screen and returns when the person leaves.
fn open_screen(options: &Options) -> anyhow::Result<Exit> {
    let light = match options.theme {
        cli::Theme::Light => true,
        cli::Theme::Dark => false,
        cli::Theme::Auto => runtime::is_light(),
    };
    let theme = Theme { depth: runtime::depth(), light, ascii: options.ascii };
    let model = headless::model(options, light)?;
    let changes = runtime::run(model, theme, material::open)?;
    machine::say_changes(&changes, options);
    Ok(Exit::Done)
}
