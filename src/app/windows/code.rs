//! `p`: the code that computes what is shown, the line lit that makes the stage of the page.

use super::{Behaviour, Entry, Line, LineRow, Outcome};
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::app::lesson::Playing;
use crate::app::{Model, Page, Target};
use crate::explain::code::{CodeLine, code};
use crate::ground::lang::Text;

/// The code beside the picture.
#[derive(Debug, Clone, Copy)]
pub struct CodeWindow;

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// To the line so many further that makes something.
    Line(isize),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('p')],
        name: "code.open",
        group: Some(Group::Look),
        when: When::Always,
        short: None,
        help: Text::new(
            "程序：算出这些数的代码（PyTorch 写法），亮着的一行算的就是这一步",
            "the program: the code that computes these numbers, as in PyTorch; the line that is lit makes this stage",
        ),
    },
    after: "walk.mask",
    open: |model| {
        if model.shows_case() {
            // The code would name the mistake that is to be found.
            model.warn(Text::new("先找出错在哪里，再看代码", "name the mistake first, then see the code"));
        } else {
            model.open_window(CodeWindow);
        }
        Vec::new()
    },
};

impl CodeWindow {
    /// The lines: those of the lesson where it has some, else those of the program.
    pub fn lines(model: &Model) -> Vec<CodeLine> {
        let own = model.lesson().map(Playing::lesson).filter(|lesson| !lesson.code.is_empty());
        let Some(lesson) = own else { return code(model.program(), &model.section()) };
        let made = |stage| model.find(stage);
        let line = |line: &crate::source::lesson::CodeLine| CodeLine {
            line: line.line.clone(),
            makes: line.stage.and_then(made),
        };
        lesson.code.iter().map(line).collect()
    }

    /// Whether a line makes what the page shows.
    pub fn is_lit(model: &Model, line: &CodeLine) -> bool {
        let shown = model.stage().filter(|_| matches!(model.view.page, Page::Stage(_)));
        line.makes.is_some() && line.makes == shown.map(|stage| model.program().output_of(stage))
    }

    /// The line that makes something, so many further than the last one that is lit; turns to its stage.
    fn turn(model: &mut Model, by: isize) {
        let lines = Self::lines(model);
        let making: Vec<usize> = (0..lines.len()).filter(|&n| lines[n].makes.is_some()).collect();
        let lit = |&n: &usize| Self::is_lit(model, &lines[n]);
        let next = match making.iter().position(lit) {
            Some(at) if by < 0 => at.checked_sub(1),
            Some(at) => {
                // Several lines may make one stage.
                let last = making.iter().rposition(lit).unwrap_or(at);
                Some(last + 1)
            }
            None => Some(0),
        };
        if let Some(&n) = next.and_then(|next| making.get(next)) {
            Self::show(model, &lines[n]);
        }
    }

    fn show(model: &mut Model, line: &CodeLine) {
        if let Some(stage) = line.makes.and_then(|slot| model.program().stage_of(slot)) {
            model.turn_to(Page::Stage(stage));
        }
    }
}

impl Behaviour for CodeWindow {
    type Deed = Deed;
    const NAME: &'static str = "code";
    const TITLE: Text = Text::new("算出这些数的代码", "the code that computes this");
    const DOCKS: bool = true;
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k'), Key::Char('b'), Key::Char('[')], "code.up", Deed::Line(-1), short("上一行", "line"), "上一行，和它算的那一步", "the line above that makes something, and the stage that it makes"),
        row(&[Key::Down, Key::Char('j'), Key::Char('n'), Key::Char(']')], "code.down", Deed::Line(1), short("下一行", "line"), "下一行，和它算的那一步", "the line below that makes something, and the stage that it makes"),
    ];

    fn press(&mut self, model: &mut Model, Deed::Line(by): Deed) -> Outcome {
        Self::turn(model, by);
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        if let Target::Row(n) = target
            && let Some(line) = Self::lines(model).get(n)
        {
            Self::show(model, line);
        }
        Outcome::stay()
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Line(by))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let line = |(n, line): (usize, CodeLine)| {
            let chosen = Self::is_lit(model, &line);
            let entries = vec![Entry::words(Text::same(line.line))];
            Line::Row(LineRow { name: Text::same((n + 1).to_string()), chosen, entries })
        };
        Self::lines(model).into_iter().enumerate().map(line).collect()
    }
}
