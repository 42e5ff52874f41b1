//! `E`: the lessons, in order, with the time they take and how far one has come.

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone};
use crate::app::keys::{self, Command, Group, Key, Opener, Row, When, row, short};
use crate::app::{Model, Target};
use crate::ground::lang::Text;
use crate::source::lesson::About;
use crate::study::learned::{Reached, lessons};

/// The lessons, to choose from.
#[derive(Debug, Clone)]
pub struct LessonsWindow {
    /// What they are about.
    pub lessons: Vec<About>,
    /// The chosen one.
    pub chosen: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Choose the one so many further.
    Move(isize),
    /// Choose the one with that number, from 1.
    Number(usize),
    /// Play the chosen one.
    Play,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('E')],
        name: "lessons.open",
        group: Some(Group::Look),
        when: When::Always,
        short: short("课程", "lessons"),
        help: Text::new("课程：一步一步学，每一课几分钟", "lessons: step by step, a few minutes each"),
    },
    after: "walk.mask",
    open: |model| {
        model.open_window(LessonsWindow::new(model));
        Vec::new()
    },
};

impl LessonsWindow {
    fn new(model: &Model) -> Self {
        let lessons = lessons();
        let playing = model.lesson().map(|playing| playing.lesson().about.name.as_str());
        let here = lessons.iter().position(|about| Some(about.name.as_str()) == playing);
        let chosen = here.or_else(|| model.learned().proposed(&lessons)).unwrap_or(0);
        Self { lessons, chosen }
    }

    /// How far a lesson was gone, as a sign or two.
    pub fn mark(reached: Reached) -> Text {
        match reached {
            Reached { finished: true, .. } => Text::same("✓"),
            Reached { step: 0, .. } => Text::same(""),
            Reached { step, of, .. } => Text::same(format!("{step}/{of}")),
        }
    }

    /// What the chosen lesson is for.
    pub fn goals(&self) -> &[Text] {
        self.lessons.get(self.chosen).map_or(&[], |about| &about.goals)
    }
}

impl Behaviour for LessonsWindow {
    type Deed = Deed;
    const NAME: &'static str = "lessons";
    const TITLE: Text = Text::new("课程", "lessons");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Enter], "lessons.play", Deed::Play, short("开始", "begins"), "上选中的一课；自己写的用 :lesson 文件名", "play the chosen lesson; one of your own with :lesson FILE"),
        row(&[Key::Up, Key::Char('k')], "lessons.up", Deed::Move(-1), short("选", "choose"), "选上面一课", "choose the one above"),
        row(&[Key::Down, Key::Char('j')], "lessons.down", Deed::Move(1), short("选", "choose"), "选下面一课", "choose the one below"),
        row(keys::DIGITS, "lessons.number", Deed::Number(1), None, "选第几课", "choose by number"),
    ];

    fn deed(row: Deed, key: Key) -> Deed {
        match (row, key.digit()) {
            (Deed::Number(_), Some(digit)) => Deed::Number(digit),
            (deed, _) => deed,
        }
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let last = self.lessons.len().saturating_sub(1);
        match deed {
            Deed::Move(by) => self.chosen = self.chosen.saturating_add_signed(by).min(last),
            Deed::Number(n) => self.chosen = n.saturating_sub(1).min(last),
            Deed::Play => {
                let name = self.lessons.get(self.chosen).map(|about| about.name.clone());
                let effects = name.map_or_else(Vec::new, |name| model.ask_for_lesson(name));
                return Outcome { effects, closes: true };
            }
        }
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Row(row) if row == self.chosen => self.press(model, Deed::Play),
            Target::Row(row) => {
                self.chosen = row.min(self.lessons.len().saturating_sub(1));
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Move(by))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let row = |(n, about): (usize, &About)| {
            let minutes = about.minutes;
            let minutes = Text::owned(format!("{minutes} 分钟"), format!("{minutes} min"));
            let reached = Self::mark(model.learned().reached(&about.name));
            let entries = [about.title.clone(), minutes, reached].map(Entry::words).to_vec();
            Line::Row(LineRow { name: Text::same((n + 1).to_string()), chosen: n == self.chosen, entries })
        };
        let mut lines: Vec<Line> = self.lessons.iter().enumerate().map(row).collect();
        lines.push(Line::Gap);
        lines.extend(self.goals().iter().map(|goal| Line::Say(Tone::Plain, goal.clone())));
        lines
    }
}
