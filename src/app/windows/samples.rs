//! The list of built-in samples, to choose from.

use super::{Behaviour, Entry, Line, LineRow, Outcome};
use crate::app::keys::{self, Command, Group, Key, Opener, Row, When, row, short};
use crate::app::{Effect, Model, Target};
use crate::ground::lang::Text;
use crate::session::Job;
use crate::source::sample::{BUILTIN, Builtin};

/// The built-in samples, to choose from.
#[derive(Debug, Clone)]
pub struct SamplesWindow {
    /// Names and titles.
    pub rows: Vec<(&'static str, Text)>,
    /// The chosen row.
    pub chosen: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Choose the one below.
    Down,
    /// Choose the one above.
    Up,
    /// Choose the one with that number, from 1.
    Number(usize),
    /// Open the chosen one.
    Open,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('o')],
        name: "samples.open",
        group: Some(Group::Change),
        when: When::Always,
        short: short("样例", "samples"),
        help: Text::new("打开另一个样例", "open another sample"),
    },
    after: "walk.mask",
    open: |model| {
        let titled = |b: &Builtin| (b.name, b.title());
        let chosen = BUILTIN.iter().position(|b| b.name == model.material.original.name).unwrap_or(0);
        model.open_window(SamplesWindow { rows: BUILTIN.iter().map(titled).collect(), chosen });
        Vec::new()
    },
};

impl Behaviour for SamplesWindow {
    type Deed = Deed;
    const NAME: &'static str = "samples";
    const TITLE: Text = Text::new("打开样例", "open a sample");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Enter], "samples.take", Deed::Open, short("打开", "opens"), "打开选中的样例；自己的文件用 :sample 文件名", "open the chosen sample; your own file with :sample FILE"),
        row(&[Key::Up, Key::Char('k')], "samples.up", Deed::Up, short("选", "choose"), "选上面一个", "choose the one above"),
        row(&[Key::Down, Key::Char('j')], "samples.down", Deed::Down, short("选", "choose"), "选下面一个", "choose the one below"),
        row(keys::DIGITS, "samples.number", Deed::Number(1), None, "选第几个", "choose by number"),
    ];

    fn deed(row: Deed, key: Key) -> Deed {
        match (row, key.digit()) {
            (Deed::Number(_), Some(digit)) => Deed::Number(digit),
            (deed, _) => deed,
        }
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let last = self.rows.len().saturating_sub(1);
        match deed {
            Deed::Down => self.chosen = (self.chosen + 1).min(last),
            Deed::Up => self.chosen = self.chosen.saturating_sub(1),
            Deed::Number(n) => self.chosen = n.saturating_sub(1).min(last),
            Deed::Open => {
                let name = self.rows.get(self.chosen).map(|row| row.0.to_owned());
                let effects: Vec<Effect> = name.map_or_else(Vec::new, |name| model.ask(Job::Load(name)));
                return Outcome { effects, closes: true };
            }
        }
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Row(row) if row == self.chosen => self.press(model, Deed::Open),
            Target::Row(row) => {
                self.chosen = row.min(self.rows.len().saturating_sub(1));
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, if by < 0 { Deed::Up } else { Deed::Down })
    }

    fn says(&self, _model: &Model) -> Vec<Line> {
        let row = |(n, (name, title)): (usize, &(&'static str, Text))| {
            let entries = vec![Entry::words(title.clone())];
            Line::Row(LineRow { name: Text::same(*name), chosen: n == self.chosen, entries })
        };
        self.rows.iter().enumerate().map(row).collect()
    }
}
