//! Completions and the manual page, made from the command line's own definition, in the reader's language.
//!
//! Both are rendered in memory first: what writes them straight to a closed pipe would panic.

use std::fmt::Write as _;

use clap::Command;
use clap_complete::Shell;
use qkv::ground::exit::Exit;
use qkv::ground::lang::{Lang, Text};

use crate::cli::{ENDINGS, EXAMPLES, option_help};

/// The completion script of a shell.
pub(crate) fn completions(shell: Shell, mut command: Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "qkv", &mut script);
    script
}

/// The manual page, in roff: the program's options, then those of each command, examples and exit codes.
pub(crate) fn page(mut command: Command, lang: Lang) -> String {
    command.build();
    let mut page = Page { text: String::new(), lang };
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let [examples, codes] = ENDINGS;
    page.line(&format!(".TH qkv 1 \"\" \"qkv {}\"", env!("CARGO_PKG_VERSION")));
    page.heading(&Text::new("名称", "NAME"));
    page.line(&format!("qkv \\- {}", roff(&about(&command))));
    page.heading(&Text::new("用法", "SYNOPSIS"));
    page.line(&format!("\\fBqkv\\fR {}", roff(Text::new("[选项] [命令]", "[OPTIONS] [COMMAND]").get(lang))));
    page.heading(&upper(&examples));
    for (example, words) in &EXAMPLES {
        page.entry(example, words.get(lang));
    }
    for (title, options) in option_help(&command, None, lang) {
        page.heading(&upper(&Text::same(title)));
        for option in &options {
            page.entry(&option.form, &option.words);
        }
    }
    for sub in command.get_subcommands() {
        page.heading(&Text::same(format!("QKV {}", sub.get_name().to_uppercase())));
        page.line(&roff(&about(sub)));
        let own = |id: &str| sub.get_arguments().any(|arg| !arg.is_global_set() && arg.get_id() == id);
        let named = |form: &str| form.trim_start_matches('-').split(' ').next().unwrap_or_default().to_owned();
        for option in option_help(sub, Some(sub.get_name()), lang).into_iter().flat_map(|(_, options)| options) {
            if !option.form.starts_with('-') || own(&named(&option.form)) {
                page.entry(&option.form, &option.words);
            }
        }
    }
    page.heading(&upper(&codes));
    for exit in Exit::ALL {
        page.entry(&exit.code().to_string(), exit.meaning().get(lang));
    }
    page.text
}

/// The page as far as it is written.
struct Page {
    text: String,
    lang: Lang,
}

impl Page {
    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn heading(&mut self, words: &Text) {
        let heading = format!(".SH {}", roff(words.get(self.lang)));
        self.line(&heading);
    }

    fn entry(&mut self, form: &str, words: &str) {
        self.line(&format!(".TP\n\\fB{}\\fR\n{}", roff(form), roff(words)));
    }
}

fn upper(text: &Text) -> Text {
    Text::owned(text.zh.as_ref(), text.en.to_uppercase())
}

/// Text as roff takes it: no line of it is a command, a hyphen stays one that can be copied.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
