//! `?`: every key and command, those of the window it was asked in first.

use super::{Behaviour, Entry, Line, LineRow, Outcome};
use crate::app::keys::{self, Command, Context, Key, Row, row, short};
use crate::app::{Model, command};
use crate::ground::lang::Text;

/// Lines that a page moves.
const PAGE: usize = 10;

/// The help.
#[derive(Debug, Clone)]
pub struct HelpWindow {
    /// The window that it was asked in; none for the walk.
    of: Option<&'static Context>,
    /// The first line shown.
    pub line: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Scroll by so many lines.
    Scroll(isize),
}

impl HelpWindow {
    /// The help of a window, or of the walk.
    pub(super) const fn of(of: Option<&'static Context>) -> Self {
        Self { of, line: 0 }
    }
}

impl Behaviour for HelpWindow {
    type Deed = Deed;
    const NAME: &'static str = "help";
    const TITLE: Text = Text::new("帮助", "help");
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k')], "help.up", Deed::Scroll(-1), short("滚动", "scroll"), "上移一行", "one line up"),
        row(&[Key::Down, Key::Char('j')], "help.down", Deed::Scroll(1), short("滚动", "scroll"), "下移一行", "one line down"),
        row(&[Key::PageDown, Key::Char(']'), Key::Char('n'), Key::Char(' ')], "help.page_down", Deed::Scroll(PAGE as isize), short("翻页", "page"), "下一页", "one page down"),
        row(&[Key::PageUp, Key::Char('['), Key::Char('b')], "help.page_up", Deed::Scroll(-(PAGE as isize)), short("翻页", "page"), "上一页", "one page up"),
    ];

    fn press(&mut self, _model: &mut Model, deed: Deed) -> Outcome {
        let Deed::Scroll(by) = deed;
        self.line = self.line.saturating_add_signed(by);
        Outcome::stay()
    }

    /// The keys of the window it was asked in, those common to all, the walk's, those of the other windows, the commands.
    fn says(&self, _model: &Model) -> Vec<Line> {
        let mut lines = Vec::new();
        let all = keys::contexts();
        let own = self.of.map_or("walk", |context| context.name);
        let rank = |name: &str| match name {
            name if name == own => 0,
            "common" if own != "walk" => 1,
            "walk" => 2,
            "common" => 3,
            _ => 4,
        };
        let mut order: Vec<_> = all.iter().collect();
        order.sort_by_key(|(name, ..)| rank(name));
        for (name, title, commands) in order {
            if *name != own || own != "walk" {
                lines.push(Line::Heading(title.clone()));
            }
            lines.extend(commands.iter().map(|command| said(command)));
        }
        lines.push(Line::Heading(Text::new("命令", "commands")));
        let typed = |row: &command::Row| {
            let entries = vec![Entry::words(row.help.clone())];
            Line::Row(LineRow { name: Text::same(format!(":{}", row.form)), chosen: false, entries })
        };
        lines.extend(command::COMMANDS.iter().map(typed));
        lines
    }
}

/// A row of a table: its keys, and what they do.
fn said(command: &Command) -> Line {
    let keys: Vec<String> = command.keys.iter().map(|key| key.name()).collect();
    let entries = vec![Entry::words(command.help.clone())];
    Line::Row(LineRow { name: Text::same(keys.join(" ")), chosen: false, entries })
}
