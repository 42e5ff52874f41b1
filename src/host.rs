//! What the surroundings say: the language, the terminal, the system.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use qkv::ground::lang::{Lang, Text};
use qkv::ground::text::visible_lines;
use qkv::report::Reader;
use qkv::report::doctor::{Colours, System, Terminal};

use crate::cli::{Language, Options};

/// The variables that name a locale, the stronger first (POSIX).
const LOCALES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language of all words, and where it was found: `--lang`, else the environment, else the system's settings.
pub(crate) fn language(asked: Option<Language>) -> (Lang, String) {
    match asked {
        Some(Language::Zh) => (Lang::Zh, "--lang".into()),
        Some(Language::En) => (Lang::En, "--lang".into()),
        None => from_environment(variable).unwrap_or_else(|| match sys_locale::get_locale() {
            Some(locale) => (Lang::from_locale(&locale), locale),
            None => (Lang::default(), "-".into()),
        }),
    }
}

fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<(Lang, String)> {
    LOCALES.iter().find_map(|name| {
        let locale = variable(name)?;
        Some((Lang::from_locale(&locale), format!("{name}={locale}")))
    })
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the terminal can do no more than print lines.
pub(crate) fn terminal_is_dumb() -> bool {
    variable("TERM").is_some_and(|name| name == "dumb")
}

/// The terminal behind the standard output.
pub(crate) fn terminal() -> Terminal {
    let size = if std::io::stdout().is_terminal() { crossterm::terminal::size().ok() } else { None };
    let colours = match supports_color::on(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => Colours::True,
        Some(level) if level.has_256 => Colours::Palette,
        Some(_) => Colours::Sixteen,
        None => Colours::None,
    };
    Terminal { name: variable("TERM").unwrap_or_default(), size, colours }
}

/// Opens drivers without their chatter. Mesa complains on the standard error where `XDG_RUNTIME_DIR` is missing
/// (over ssh, in a container), although nothing is wrong; what really fails comes back as a value.
#[cfg(unix)]
pub(crate) fn quietly<T>(open: impl FnOnce() -> T) -> T {
    if variable("XDG_RUNTIME_DIR").is_some() {
        return open();
    }
    let kept = rustix::io::dup(rustix::stdio::stderr());
    let silent = std::fs::OpenOptions::new().write(true).open("/dev/null").map(rustix::stdio::dup2_stderr);
    let opened = open();
    if let (Ok(kept), Ok(_)) = (kept, silent) {
        // Where even this fails, words are lost and numbers are not.
        let _ = rustix::stdio::dup2_stderr(kept);
    }
    opened
}

/// Opens drivers; other systems' do not chatter.
#[cfg(not(unix))]
pub(crate) fn quietly<T>(open: impl FnOnce() -> T) -> T {
    open()
}

/// A flag that Ctrl-C raises instead of ending the program.
///
/// # Errors
/// Where the system takes no handler.
#[cfg(unix)]
pub(crate) fn interrupted() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    // The second Ctrl-C ends the program as ever.
    signal_hook::flag::register_conditional_default(signal_hook::consts::SIGINT, Arc::clone(&flag))?;
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&flag))?;
    Ok(flag)
}

/// Elsewhere Ctrl-C ends the program.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub(crate) fn interrupted() -> io::Result<Arc<AtomicBool>> {
    Ok(Arc::default())
}

/// A bar on the standard error, this share of it full, that the next one replaces; nothing where nobody watches.
pub(crate) fn progress(share: f64, words: &str) {
    const WIDTH: usize = 24;
    let full = ((share.clamp(0.0, 1.0) * WIDTH as f64).round()) as usize;
    line(&format!("[{}{}] {words}", "#".repeat(full), ".".repeat(WIDTH - full)));
}

/// Says what is being waited for, until [`progress_over`]; nothing where nobody watches.
pub(crate) fn waiting(words: &str) {
    line(&visible_lines(words));
}

/// Takes the bar away, or the words.
pub(crate) fn progress_over() {
    line("");
}

fn line(words: &str) {
    let mut err = io::stderr();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[2K{words}");
        let _ = err.flush();
    }
}

/// How many columns a page of help may take: what `COLUMNS` says, else what the terminal has.
pub(crate) fn page_width() -> usize {
    let set = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let seen = || if io::stdout().is_terminal() { crossterm::terminal::size().ok() } else { None };
    set.or_else(|| seen().map(|(columns, _)| usize::from(columns))).filter(|&columns| columns > 0).unwrap_or(100)
}

/// Whether the standard output shows bold letters.
pub(crate) fn is_styled() -> bool {
    supports_color::on(supports_color::Stream::Stdout).is_some()
}

/// The operating system.
pub(crate) fn system() -> System {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    System::detect(env::consts::OS, &release)
}

/// The language and signs asked for.
pub(crate) fn reader(options: &Options) -> Reader {
    Reader { lang: language(options.lang).0, ascii: options.ascii }
}

/// A line on the standard error, whatever it quotes safe to write. Where even that is closed, nobody is left to hear it.
pub(crate) fn say(words: &str) {
    let _ = writeln!(io::stderr(), "qkv: {}", visible_lines(words));
}

/// Says what a person changed on the screen, when it is left.
pub(crate) fn say_changes(changes: &[Text], options: &Options) {
    if changes.is_empty() {
        return;
    }
    let reader = reader(options);
    let head = Text::new("和样例原来不同的地方：", "Different from the sample as it was read:");
    say(&reader.text(&head));
    for change in changes {
        say(&format!("  {}", reader.text(change)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_variable_decides() {
        let language = |set: &[(&str, &str)]| {
            from_environment(|name| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        let found = language(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_GB.UTF-8")]);
        assert_eq!(found, Some((Lang::En, "LC_ALL=en_GB.UTF-8".into())));
        assert_eq!(language(&[("LANG", "zh_CN.UTF-8")]), Some((Lang::Zh, "LANG=zh_CN.UTF-8".into())));
        assert_eq!(language(&[]), None);
    }
}
