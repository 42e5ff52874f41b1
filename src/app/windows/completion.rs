//! What a line for a command may go on with: commands, their arguments, and what was typed before.

use crate::app::keys::{self, Context};
use crate::app::{Model, command, path};
use crate::ground::text::disturbs;
use crate::program::MISTAKES;
use crate::session::{Listed, Listing};
use crate::source::sample::Sample;

/// What a line may be, gone through in turn; the last is what was typed.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    lines: Vec<String>,
    at: usize,
    over: bool,
}

impl Turns {
    /// What a line can be completed to: as far as it is clear, then one after another.
    pub(super) fn completing(typed: &str, known: Vec<String>) -> Self {
        let shared = shared(&known);
        let over = shared.len() > typed.len();
        let mut lines = if over { vec![shared] } else { known };
        lines.push(typed.to_owned());
        Self { at: lines.len() - 1, lines, over }
    }

    /// The lines typed before.
    pub(super) fn recalling(typed: &str, earlier: &[String]) -> Self {
        let lines: Vec<String> = earlier.iter().cloned().chain([typed.to_owned()]).collect();
        Self { at: lines.len() - 1, lines, over: false }
    }

    /// The next of them.
    pub(super) fn turn(&mut self, by: isize) -> String {
        self.at = (self.at as isize + by).rem_euclid(self.lines.len() as isize) as usize;
        self.lines[self.at].clone()
    }

    /// Whether there is only one, after which all begins anew.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }
}

/// What all lines begin with.
fn shared(lines: &[String]) -> String {
    let Some(first) = lines.first() else { return String::new() };
    let ends = first.char_indices().map(|(at, c)| at + c.len_utf8());
    let fits = |end: &usize| lines.iter().all(|line| line.starts_with(&first[..*end]));
    first[..ends.take_while(fits).last().unwrap_or(0)].to_owned()
}

/// Every line that begins so.
pub(super) fn known(model: &Model, of: Option<&'static Context>, typed: &str) -> Vec<String> {
    let typed = typed.trim_start();
    let begins = |line: &String| line.starts_with(typed);
    if let Some((word, _)) = typed.split_once(' ') {
        let values = arguments(model, word).into_iter().map(|value| format!("{word} {value}"));
        return values.filter(begins).collect();
    }
    let words = command::COMMANDS.iter().map(|row| {
        let takes = if row.takes_more() { " " } else { "" };
        format!("{}{takes}", row.word)
    });
    let named = keys::named_here(of).into_iter().filter(|_| typed.contains('.')).map(str::to_owned);
    words.chain(named).filter(begins).collect()
}

/// What may follow the word of a command, as far as that is known.
fn arguments(model: &Model, word: &str) -> Vec<String> {
    let Ok(row) = command::row(word) else { return Vec::new() };
    match row.word {
        "sample" => Sample::names().map(str::to_owned).collect(),
        "stage" => model.program().stages().iter().map(|stage| stage.symbol.to_string()).collect(),
        "mistake" => MISTAKES.iter().map(|mistake| mistake.name.to_owned()).chain(["none".to_owned()]).collect(),
        _ => row.choices().map(str::to_owned).collect(),
    }
}

/// What follows a command that goes on with a path: its row, the folder as it is meant, and how the name in it begins.
fn path_of(typed: &str) -> Option<(&'static command::Row, String, String)> {
    let (word, rest) = typed.trim_start().split_once(' ')?;
    let row = command::row(word).ok().filter(|row| row.takes_a_path())?;
    let meant = path::beginning(rest.trim_start());
    // What is home is a folder too.
    let meant = if meant == "~" { "~/".to_owned() } else { meant };
    let name = meant.rfind(std::path::is_separator).map_or(0, |at| at + 1);
    Some((row, meant[..name].to_owned(), meant[name..].to_owned()))
}

/// The folder that must be looked into to go on with a line; none where nothing of the kind is typed.
pub(super) fn folder(typed: &str) -> Option<String> {
    path_of(typed).map(|(_, folder, _)| folder)
}

/// Every line that goes on so with what stands in that folder.
pub(super) fn paths(typed: &str, listed: &[Listed]) -> Vec<String> {
    let Some((row, folder, begins)) = path_of(typed) else { return Vec::new() };
    let opens_models = matches!(row.word, "model" | "sample");
    let reads_files = matches!(row.word, "sample" | "lesson");
    let fits = |listed: &&Listed| {
        let name = &listed.name;
        let hidden = name.starts_with('.') && !begins.starts_with('.');
        let typable = !name.contains(disturbs) && !name.ends_with(char::is_whitespace);
        let wanted = listed.what != Listing::File
            || (reads_files && std::path::Path::new(name).extension().is_some_and(|ending| ending == "toml"));
        name.starts_with(&begins) && !hidden && typable && wanted
    };
    let line = |listed: &Listed| {
        let ends = match listed.what {
            Listing::File => "",
            Listing::Model if opens_models => "",
            Listing::Folder | Listing::Model => "/",
        };
        format!("{} {}{}{ends}", row.word, path::escaped(&folder), path::escaped(&listed.name))
    };
    listed.iter().filter(fits).map(line).collect()
}

/// What fits, for the line above: commands with their argument and what they do, or the arguments.
pub(super) fn fitting(model: &Model, of: Option<&'static Context>, typed: &str) -> String {
    let typed = typed.trim_start();
    let known = known(model, of, typed);
    let Some((word, _)) = typed.split_once(' ') else {
        let say = |line: &String| {
            let row = command::COMMANDS.iter().find(|row| row.word == line.trim_end());
            row.map_or_else(|| line.clone(), |row| format!("{} {}", row.form(), model.say(&row.help)))
        };
        return known.iter().map(say).collect::<Vec<_>>().join("   ");
    };
    let values: Vec<&str> = known.iter().filter_map(|line| line.split_once(' ')).map(|(_, value)| value).collect();
    match command::row(word) {
        Ok(row) if values.is_empty() => format!("{} {}", row.form(), model.say(&row.help)),
        _ => values.join("   "),
    }
}
