//! The words of the command line. Both languages stand beside the option that they describe; a command line is built in one.

use std::cell::Cell;
use std::ffi::OsStr;

use clap::{Command, CommandFactory, ValueEnum};
use qkv::ground::lang::Lang;

use super::Language;

thread_local! {
    /// The language of the command line that this thread is building.
    static LANG: Cell<Lang> = const { Cell::new(Lang::En) };
}

/// The words in the language of the command line that is being built: derived definitions are code that runs then.
pub(crate) fn said(zh: &'static str, en: &'static str) -> &'static str {
    match LANG.get() {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A command line as it is said in a language.
pub(crate) fn built_in<C: CommandFactory>(lang: Lang) -> Command {
    LANG.set(lang);
    C::command()
}

/// The language that `--lang` asks for and whether `--ascii` stands there, read before all else: what is wrong with the rest
/// is to be said in that language.
pub(crate) fn asked_for<A: AsRef<OsStr>>(args: impl Iterator<Item = A>) -> (Option<Language>, bool) {
    let (mut lang, mut ascii, mut named) = (None, false, false);
    for arg in args {
        let Some(arg) = arg.as_ref().to_str() else {
            named = false;
            continue;
        };
        let value = if named { Some(arg) } else { arg.strip_prefix("--lang=") };
        lang = value.and_then(|value| Language::from_str(value, false).ok()).or(lang);
        ascii |= arg == "--ascii";
        if arg == "--" {
            break;
        }
        named = arg == "--lang";
    }
    (lang, ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_known_before_the_rest_is_read() {
        let asked = |line: &str| asked_for(line.split(' '));
        assert_eq!(asked("qkv --lang zh show --sede 1"), (Some(Language::Zh), false));
        assert_eq!(asked("qkv show --lang=en --ascii"), (Some(Language::En), true));
        assert_eq!(asked("qkv --lang fr"), (None, false));
        assert_eq!(asked("qkv -- --lang zh"), (None, false));
        assert_eq!(asked("qkv --lang"), (None, false));
    }
}
