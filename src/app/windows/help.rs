//! `?`: what can be done, by what one wants to do, what the window has that it was asked in first. Letters look through it.

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone, TypedLine, Window};
use crate::app::guide::{self, Item};
use crate::app::keys::{Context, Key, Row, row, short};
use crate::app::{Effect, Model, Target, deeds, update};
use crate::ground::lang::Text;

/// Rows that a page moves, and half a page.
const PAGE: isize = 10;
const HALF: isize = 5;

/// What is looked for is short.
const LONGEST: usize = 200;

/// The help.
#[derive(Debug, Clone)]
pub struct HelpWindow {
    /// The window that it was asked in; none for the walk.
    of: Option<&'static Context>,
    /// What is looked for.
    pub wanted: TypedLine,
    /// The chosen row, of all rows.
    pub chosen: usize,
}

/// What its keys do, beside typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Choose a row so many further down.
    Choose(isize),
    /// Do what the chosen row says.
    Take,
}

impl HelpWindow {
    /// The help of a window, or of the walk.
    pub(super) const fn of(of: Option<&'static Context>, wanted: TypedLine) -> Self {
        Self { of, wanted, chosen: 0 }
    }

    /// What is in place of the words looked for, before there are any.
    pub const fn hint() -> Text {
        Text::new("打几个字就能找，例如：遮挡、谁快、复制", "type to search, such as: mask, faster, copy")
    }

    /// What stands in its rows, with the titles of what stands together.
    fn listed(&self) -> Vec<(Option<Text>, Vec<Item>)> {
        let own = self.of.map(|context| context.name);
        if self.wanted.value().trim().is_empty() {
            let sections = guide::sections(own).into_iter();
            return sections.map(|(title, items)| (Some(title), items)).collect();
        }
        vec![(None, guide::found(own, self.wanted.value()))]
    }

    /// What a row does; found among all, it says in which window.
    fn words(&self, item: &Item) -> Text {
        let (words, own) = (item.words(), self.of.map_or("walk", |context| context.name));
        match item {
            Item::Command(context, title, _)
                if !self.wanted.value().is_empty() && ![own, "walk", "common"].contains(context) =>
            {
                Text::owned(format!("{}：{}", title.zh, words.zh), format!("{}: {}", title.en, words.en))
            }
            _ => words,
        }
    }

    fn items(&self) -> Vec<Item> {
        self.listed().into_iter().flat_map(|(_, items)| items).collect()
    }

    /// Does what a row says, once the help is closed: here, or on the walk.
    fn carry_out(model: &mut Model, item: Item) -> Vec<Effect> {
        match item {
            Item::Command(_, _, command) => {
                if let Some(effects) = super::carry_out(model, command.name) {
                    return effects;
                }
                let mut effects = model.close_windows();
                // A command of another window: that window first.
                let own = |context: &&Context| command.name.starts_with(&format!("{}.", context.name));
                let opener = super::CONTEXTS.iter().find(own).and_then(|context| context.opener);
                let name = opener.map_or(command.name, |opener| opener.command.name);
                effects.extend(super::carry_out(model, name).unwrap_or_default());
                effects
            }
            Item::Task(task) => {
                let mut effects = model.close_windows();
                if let Some(page) = task.page(model) {
                    model.turn_to(page);
                }
                for key in task.keys {
                    effects.extend(update::press(model, *key));
                }
                if let (Some(typed), Some(Window::Prompt(prompt))) = (task.typed, model.windows.0.last_mut()) {
                    prompt.suggest(typed);
                }
                effects
            }
            Item::Typed(row) => {
                let effects = deeds::command_line(model);
                if let Some(Window::Prompt(prompt)) = model.windows.0.last_mut() {
                    prompt.suggest(&format!("{} ", row.word));
                }
                effects
            }
        }
    }
}

impl Behaviour for HelpWindow {
    type Deed = Deed;
    const NAME: &'static str = "help";
    const TITLE: Text = Text::new("帮助", "help");
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up], "help.up", Deed::Choose(-1), short("选", "choose"), "选上面一行", "choose the row above"),
        row(&[Key::Down], "help.down", Deed::Choose(1), short("选", "choose"), "选下面一行", "choose the row below"),
        row(&[Key::Enter], "help.take", Deed::Take, short("就做这个", "does it"), "就做选中的这一件", "do what is chosen"),
        row(&[Key::PageDown], "help.page_down", Deed::Choose(PAGE), short("翻页", "page"), "下一页", "one page down"),
        row(&[Key::PageUp], "help.page_up", Deed::Choose(-PAGE), short("翻页", "page"), "上一页", "one page up"),
        row(&[Key::Ctrl('d')], "help.half_down", Deed::Choose(HALF), None, "下半页", "half a page down"),
        row(&[Key::Ctrl('u')], "help.half_up", Deed::Choose(-HALF), None, "上半页", "half a page up"),
        row(&[Key::Home], "help.first", Deed::Choose(isize::MIN), None, "第一行", "the first row"),
        row(&[Key::End], "help.last", Deed::Choose(isize::MAX), None, "最后一行", "the last row"),
    ];

    /// Letters look for something.
    fn type_key(&mut self, _model: &mut Model, key: Key) -> Option<Outcome> {
        let typed =
            matches!(key, Key::Char(_) | Key::Backspace | Key::Delete | Key::Left | Key::Right | Key::Ctrl('w'));
        (typed && self.wanted.take(key, LONGEST)).then(|| {
            self.chosen = 0;
            Outcome::stay()
        })
    }

    fn paste(&mut self, text: &str) -> bool {
        let words: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        self.chosen = 0;
        self.wanted.insert(&words, LONGEST)
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let items = self.items();
        match deed {
            Deed::Choose(by) => {
                self.chosen = self.chosen.saturating_add_signed(by).min(items.len().saturating_sub(1));
                Outcome::stay()
            }
            Deed::Take => match items.get(self.chosen) {
                Some(item) => Outcome { effects: Self::carry_out(model, *item), closes: true },
                None => Outcome::stay(),
            },
        }
    }

    /// Back from what was looked for.
    fn back(&mut self, _model: &mut Model) -> bool {
        let searched = !self.wanted.value().is_empty();
        (self.wanted, self.chosen) = (TypedLine::default(), 0);
        searched
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Row(row) if row == self.chosen => self.press(model, Deed::Take),
            Target::Row(row) => {
                self.chosen = row;
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Choose(3 * by))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let (mut lines, mut n) = (Vec::new(), 0);
        for (title, items) in self.listed() {
            lines.extend(title.map(Line::Heading));
            for item in items {
                let words = std::iter::once(self.words(&item)).chain(item.answer());
                let entries = words.map(Entry::words).collect();
                lines.push(Line::Row(LineRow {
                    name: Text::same(item.keys(model)),
                    chosen: n == self.chosen,
                    entries,
                }));
                n += 1;
            }
        }
        if n == 0 {
            let none =
                Text::new("没找到，换个词试试；Esc 看全部", "nothing found: try another word; Esc shows everything");
            lines.push(Line::Say(Tone::Dim, none));
        }
        lines
    }
}
