//! What can be done, by what one wants to do: every task as a question, every command of every window, every typed command.
//! The help lists it and looks through it; docs/TASKS.md is made from it.

mod docs;
mod search;
mod tasks;

pub use docs::markdown;
pub use tasks::{TASKS, Task};

use super::command::{self, COMMANDS};
use super::keys::{self, Command, Group, Key};
use super::{Model, Page};
use crate::ground::lang::Text;
use search::Candidate;

/// Something that can be done.
#[derive(Debug, Clone, Copy)]
pub enum Item {
    /// A task.
    Task(&'static Task),
    /// A command of a context: its name, what a person calls it, the command.
    Command(&'static str, &'static Text, &'static Command),
    /// A command that is typed.
    Typed(&'static command::Row),
}

impl Item {
    /// What is pressed and typed.
    pub fn keys(&self, model: &Model) -> String {
        match self {
            Self::Task(task) => task.way(model),
            Self::Command(.., command) => named(command.keys),
            Self::Typed(row) => format!(":{}", row.form()),
        }
    }

    /// What it does, or asks.
    pub fn words(&self) -> Text {
        match self {
            Self::Task(task) => task.asks.clone(),
            Self::Command(_, _, command) => command.help.clone(),
            Self::Typed(row) => row.help.clone(),
        }
    }

    /// What one sees then, where that is said.
    pub fn answer(&self) -> Option<Text> {
        if let Self::Task(task) = self { Some(task.answer.clone()) } else { None }
    }

    fn candidate(&self) -> Candidate {
        let Text { zh, en } = self.words();
        let (words, others) = match self {
            Self::Task(task) => (task.words.to_owned(), format!("{} {}", task.answer.zh, task.answer.en)),
            Self::Command(_, title, command) => {
                (named(command.keys), format!("{} {} {}", command.name, title.zh, title.en))
            }
            Self::Typed(row) => (format!(":{}", row.form()), String::new()),
        };
        // What a title begins with counts most.
        let (name, first) = if let Self::Task(task) = self { (task.name, true) } else { ("", false) };
        Candidate { title: format!("{name} {zh} {en}"), words, others, first }
    }
}

/// Names of keys, a space apart.
fn named(keys: &[Key]) -> String {
    keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" ")
}

impl Task {
    /// The page one goes to first.
    pub fn page(&self, model: &Model) -> Option<Page> {
        let stages = model.program().stages();
        stages.iter().position(|stage| Some(stage.symbol.name) == self.stage).map(Page::Stage)
    }

    /// Everything that is pressed and typed, the page first: `8 End e 1 Enter`.
    pub fn way(&self, model: &Model) -> String {
        let position = |page: Page| (0..model.pages()).find(|n| model.page_at(*n) == Some(page));
        let page = self.page(model).and_then(position).map(|position| position.to_string());
        let keys = self.keys.iter().map(|key| key.name());
        let mut way: Vec<String> = page.into_iter().chain(keys).collect();
        way.extend(self.typed.into_iter().flat_map(|typed| [typed.to_owned(), Key::Enter.name()]));
        way.join(" ").replace(": ", ":")
    }
}

/// What is listed: sections with a title. The commands of the window where it is asked come first, then everything by what one
/// wants to do, then the other windows.
pub(crate) fn sections(own: Option<&'static str>) -> Vec<(Text, Vec<Item>)> {
    let contexts = keys::contexts();
    let of = |name: &str| {
        let context = contexts.iter().find(|context| context.name == name);
        context.map(|context| (context.title.clone(), commands(context)))
    };
    let groups = Group::ALL.into_iter().map(|group| {
        let tasks = TASKS.iter().filter(move |task| task.group == group).map(Item::Task);
        let walk = contexts.iter().filter(|context| matches!(context.name, "walk" | "common")).flat_map(commands);
        let here = |item: &Item| matches!(item, Item::Command(.., command) if command.group == Some(group));
        let typed = COMMANDS.iter().filter(|_| group == Group::Program).map(Item::Typed);
        (group.title(), tasks.chain(walk.filter(here)).chain(typed).collect())
    });
    let others =
        contexts.iter().filter(|context| !["walk", "common"].contains(&context.name) && Some(context.name) != own);
    let others = others.map(|context| (context.title.clone(), commands(context)));
    own.and_then(of).into_iter().chain(groups).chain(others).collect()
}

/// The commands of a context.
fn commands(context: &keys::Listed) -> Vec<Item> {
    context.commands.iter().map(|command| Item::Command(context.name, context.title, command)).collect()
}

/// What fits the words somebody typed, the best first; of two that fit alike the one that is listed first.
pub fn found(own: Option<&'static str>, wanted: &str) -> Vec<Item> {
    let items: Vec<Item> = sections(own).into_iter().flat_map(|(_, items)| items).collect();
    let candidates: Vec<Candidate> = items.iter().map(Item::candidate).collect();
    search::search(wanted, &candidates).into_iter().filter_map(|n| items.get(n).copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_command_of_the_walk_and_common_to_all_stands_in_a_group() {
        for context in keys::contexts().iter().filter(|context| matches!(context.name, "walk" | "common")) {
            for command in &context.commands {
                assert!(command.group.is_some(), "{} stands nowhere", command.name);
            }
        }
    }

    #[test]
    fn everything_is_listed_once_wherever_it_is_asked() {
        let all: usize = keys::contexts().iter().map(|context| context.commands.len()).sum();
        for own in [None, Some("heads"), Some("lens")] {
            let items: Vec<Item> = sections(own).into_iter().flat_map(|(_, items)| items).collect();
            assert_eq!(items.len(), all + TASKS.len() + COMMANDS.len(), "{own:?}");
        }
        let names: HashSet<&str> = TASKS.iter().map(|task| task.name).collect();
        assert_eq!(names.len(), TASKS.len(), "a name stands for one task");
    }

    #[test]
    fn every_group_answers_something() {
        for group in Group::ALL.into_iter().filter(|group| *group != Group::Program) {
            assert!(TASKS.iter().any(|task| task.group == group), "{group:?}");
        }
        let found = |wanted| found(None, wanted);
        assert!(matches!(found("mask")[0], Item::Task(task) if task.name == "mask"));
        assert!(matches!(found("walk.next_stage")[0], Item::Command(.., command) if command.name == "walk.next_stage"));
        assert!(found("sample").iter().any(|item| matches!(item, Item::Typed(row) if row.word == "sample")));
    }
}
