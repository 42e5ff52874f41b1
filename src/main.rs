//! `qkv`: reads the command line, opens the screen or writes a report, ends with a documented exit code.

mod cli;
mod commands;
mod host;
mod load;
mod manual;

use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use qkv::app::Model;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::Reader;
use qkv::runtime::{self, Manners, Readers};
use qkv::ui::Theme;

use crate::cli::Options;
use crate::commands::Cli;

fn main() -> ExitCode {
    let (asked, ascii) = cli::asked_for(env::args_os());
    let reader = Reader { lang: host::language(asked).0, ascii };
    let ended = match commands::parse(reader.lang) {
        Ok(cli) => run(&cli),
        Err(why) => commands::answer(&why, reader),
    };
    let exit = ended.unwrap_or_else(|fault| {
        host::say(&reader.text(fault.words()));
        fault.exit()
    });
    runtime::leave(exit)
}

/// The screen where there is a terminal to draw on, else words.
fn run(cli: &Cli) -> Result<Exit, Fault> {
    if io::stdout().is_terminal()
        && !host::terminal_is_dumb()
        && let Some(model) = commands::screen(cli)?
    {
        return open_screen(model, &cli.options);
    }
    commands::run(cli)
}

/// Opens the screen and returns when the person leaves.
fn open_screen(model: Model, options: &Options) -> Result<Exit, Fault> {
    let model = match runtime::learned() {
        Some(learned) => model.with_learned(learned),
        None => model,
    };
    let theme = Theme::of(runtime::depth(), &model.settings);
    let manners =
        Manners { ask: options.palette().is_none() && model.presenting().is_none(), mouse: !options.no_mouse };
    let changes = runtime::run(model, theme, manners, Readers { sample: load::named, lesson: load::lesson_file })?;
    host::say_changes(&changes, options);
    Ok(Exit::Done)
}
