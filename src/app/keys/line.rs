//! A line of keys: `←→ words  , . heads  Esc closes  ? help`.

use super::{COMMON, Command, CommonDeed, Context, IN_WINDOWS, Key};
use crate::app::windows::{Behaviour, HelpWindow};
use crate::ground::lang::{Lang, Text};
use crate::ground::text;

/// The keys of a window in one line of at most `room` columns. What does not fit is dropped from the end; how to close it and
/// where the help is always stand there.
pub fn line(context: &Context, lang: Lang, room: usize) -> String {
    let common = |table: &'static [super::Row<CommonDeed>], deed| table.iter().find(move |row| row.deed == deed);
    let last = [common(IN_WINDOWS, CommonDeed::Close), common(COMMON, CommonDeed::Help)];
    let commands = (context.commands)();
    let own = |key: &Key| commands.iter().any(|command| command.keys.contains(key));
    let asked = context.name == HelpWindow::NAME;
    let last = last.into_iter().flatten().filter(|row| !asked || row.deed != CommonDeed::Help);
    let last: Vec<String> = last.filter_map(|row| item(&[&row.command], &own, lang)).collect();
    let mut items: Vec<String> = groups(&commands).filter_map(|group| item(group, &|_| false, lang)).collect();
    let whole = |items: &[String]| items.iter().chain(&last).cloned().collect::<Vec<_>>().join("  ");
    while !items.is_empty() && text::columns(&whole(&items)) > room {
        items.pop();
    }
    whole(&items)
}

/// Rows that are shown as one: neighbours of the same words.
fn groups<'a>(commands: &'a [&'static Command]) -> impl Iterator<Item = &'a [&'static Command]> {
    commands.chunk_by(|a, b| a.short.is_some() && a.short == b.short)
}

/// `←→ words`, `n b step`; none for rows that stay out of the line. Keys that are taken by others are not shown.
fn item(group: &[&Command], taken: &dyn Fn(&Key) -> bool, lang: Lang) -> Option<String> {
    let words = group.first()?.short.as_ref()?.get(lang);
    let keys: Vec<Key> =
        group.iter().filter_map(|command| command.keys.iter().find(|key| !taken(key)).copied()).collect();
    if keys.is_empty() {
        return None;
    }
    let arrows: Option<String> = keys.iter().map(|key| key.arrow()).collect();
    let space = Text::new("空格", "Space");
    let name = |key: &Key| if *key == Key::Char(' ') { space.get(lang).to_owned() } else { key.name() };
    let keys = arrows.unwrap_or_else(|| keys.iter().map(name).collect::<Vec<_>>().join(" "));
    Some(format!("{keys} {words}"))
}
