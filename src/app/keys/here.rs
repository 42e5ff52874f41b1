//! The keys that matter on a page, in the order in which a line of keys shows them.

use super::{Command, walk_commands};
use crate::app::{Model, Page, presenting};
use crate::program::Name;

/// The commands of the walk that have words for a line of keys, what matters here first. The last two are always to be seen.
pub fn here(model: &Model) -> Vec<&'static Command> {
    let first = ["walk.next", "walk.back"];
    let changed = !model.changes().is_empty();
    let after: &[&str] = if changed { &["walk.undo", "walk.compare"] } else { &[] };
    let last = ["common.help", "walk.quit"];
    let place = |name: &str| {
        let order = first.iter().chain(after).chain(matters(model)).copied();
        order.clone().position(|other| other == name).or(last.contains(&name).then_some(usize::MAX))
    };
    let unchanged = |name: &str| !changed && ["walk.undo", "walk.compare"].contains(&name);
    let mut commands: Vec<&Command> = walk_commands();
    commands.retain(|command| command.short.is_some() && !unchanged(command.name));
    if model.presenting().is_some() {
        // In front of a class some keys mean something else.
        let own = presenting::commands();
        let taken = |key| own.iter().any(|command| command.keys.contains(&key));
        commands.retain(|command| !command.keys.first().is_some_and(|&key| taken(key)));
        commands.extend(own.iter().filter(|command| command.short.is_some()));
    }
    // What no place is named for stands between, in the order of its table.
    commands.sort_by_key(|command| place(command.name).unwrap_or(usize::MAX / 2));
    commands
}

/// What one may want on a page.
fn matters(model: &Model) -> &'static [&'static str] {
    let Page::Stage(stage) = model.view.page else {
        return &["walk.sentence", "samples.open", "walk.edit", "walk.cut", "microscope.open"];
    };
    match model.program().stages()[stage].symbol.name {
        Name::Q | Name::K | Name::V => &["microscope.open", "walk.matrix", "walk.next_head", "walk.edit", "walk.play"],
        Name::Scores => &["microscope.open", "walk.play", "walk.next_head", "lens.open", "walk.follow"],
        Name::Scaled => &["laboratory.open", "switches.open", "microscope.open", "walk.next_head"],
        Name::Masked => &["walk.mask", "walk.matrix", "switches.open", "walk.next_head"],
        Name::Weights => &["walk.next_head", "heads.open", "card.open", "walk.mask", "walk.silence", "microscope.open"],
        Name::Context => &["microscope.open", "walk.play", "walk.next_head", "heads.open"],
        Name::Concat => &["heads.open", "walk.silence", "microscope.open"],
        Name::Output => &["walk.silence", "race.open", "lens.open", "walk.copy_latex", "samples.open", "walk.sentence"],
        _ => &["microscope.open", "walk.next_head"],
    }
}
