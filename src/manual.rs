//! Completions and the manual page, made from the command line's own definition.
//!
//! Both are rendered in memory first: what writes them straight to a closed pipe would panic.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use qkv::ground::exit::Exit;

use crate::cli::EXAMPLES;

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell, mut command: Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "qkv", &mut script);
    script
}

/// The manual page, in roff: the program's options, then those of each command, examples and exit codes.
pub(crate) fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut command = command.before_help(None::<&str>).after_help(None::<&str>);
    command.build();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;

    writeln!(page, ".SH EXAMPLES")?;
    for (example, words) in EXAMPLES {
        writeln!(page, ".TP\n\\fB{}\\fR\n{}", roff(example), roff(words))?;
    }
    man.render_options_section(&mut page)?;
    for sub in command.get_subcommands() {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(page, ".SH QKV {}\n{}", sub.get_name().to_uppercase(), roff(&about))?;
        for arg in sub.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help") {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            writeln!(page, ".TP\n\\fB{}\\fR\n{}", roff(&arg.to_string()), roff(&help))?;
        }
    }
    writeln!(page, ".SH EXIT STATUS")?;
    for exit in Exit::ALL {
        writeln!(page, ".TP\n\\fB{}\\fR\n{}", exit.code(), roff(exit.meaning()))?;
    }
    Ok(page)
}

/// Text as roff takes it: no line of it is a command, a hyphen stays one that can be copied.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
