//! `D`: the bug clinic. A list of cases; in a case what somebody comes with, what can be read off the run, hints, and answers.

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone};
use crate::app::deeds::{perform, step};
use crate::app::edits::or_warn;
use crate::app::keys::{self, Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::app::{Model, Target};
use crate::ground::lang::Text;
use crate::program::Mistake;
use crate::study::clinic::{CASES, CHECKS, Case, Check, Progress, Score};

/// Lines that a page moves.
const PAGE: isize = 8;

/// The clinic.
#[derive(Debug, Clone)]
pub struct ClinicWindow {
    /// The chosen case of the list.
    pub chosen: usize,
    /// Whether the list is shown, and not the case being worked on.
    pub lists: bool,
    /// The first line shown of a case.
    pub line: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// In the list the next case, in a case so many lines.
    Move(isize),
    Page(isize),
    /// In the list the case with that number, in a case that answer; from 1.
    Number(usize),
    /// Open the chosen case; after a solution the next one.
    Take,
    Hint,
    /// Back to the list.
    List,
    /// What the key does on the walk.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('D')],
        name: "clinic.open",
        group: Some(Group::Look),
        when: When::Always,
        short: short("找错", "find the bug"),
        help: Text::new(
            "错误诊所：程序里有一处真实的错误，看图、看数，把它找出来",
            "the bug clinic: a real mistake in the program, to be found from pictures and numbers",
        ),
    },
    after: "walk.compare",
    open: |model| {
        let lists = model.clinic.on().is_none();
        let unsolved = CASES.iter().position(|case| model.clinic.solved(case).is_none());
        let on = model.clinic.on().and_then(Progress::case);
        let chosen = on.and_then(place).or(unsolved).unwrap_or(0);
        model.open_window(ClinicWindow { chosen, lists, line: 0 });
        Vec::new()
    },
};

/// The place of a case in the list.
fn place(case: &Case) -> Option<usize> {
    CASES.iter().position(|other| other.name == case.name)
}

impl ClinicWindow {
    /// At the case being worked on.
    pub fn at_the_case() -> Self {
        Self { chosen: 0, lists: false, line: 0 }
    }

    /// Opens the chosen case.
    fn open(&mut self, model: &mut Model) -> Outcome {
        let Some(case) = CASES.get(self.chosen) else { return Outcome::stay() };
        (self.lists, self.line) = (false, 0);
        let opened = model.open_case(case);
        or_warn(model, opened).into()
    }

    fn take(&mut self, model: &mut Model) -> Outcome {
        let on = model.clinic.on();
        let (case, solved) = (on.and_then(Progress::case), on.is_some_and(Progress::is_solved));
        if !self.lists && !solved && model.shows_case() {
            return Outcome::stay();
        }
        if !self.lists {
            let next = CASES.iter().position(|case| model.clinic.solved(case).is_none());
            self.chosen = if solved { next.unwrap_or(0) } else { case.and_then(place).unwrap_or(0) };
        }
        self.open(model)
    }

    fn answer(&mut self, model: &mut Model, n: usize) -> Outcome {
        let case = model.clinic.on().and_then(Progress::case);
        let choice = n.checked_sub(1).and_then(|n| case?.choices().get(n).copied());
        let Some(mistake) = choice else { return Outcome::stay() };
        let effects = model.answer_case(mistake);
        if model.clinic.on().is_some_and(Progress::is_solved) {
            self.line = 0;
        } else {
            model
                .warn(Text::owned(format!("不是「{}」", mistake.title.zh), format!("it is not: {}", mistake.title.en)));
        }
        effects.into()
    }
}

impl Behaviour for ClinicWindow {
    type Deed = Deed;
    const NAME: &'static str = "clinic";
    const TITLE: Text = Text::new("错误诊所", "the bug clinic");
    const DOCKS: bool = true;
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(keys::DIGITS, "clinic.number", Deed::Number(1), short("回答", "answer"), "在一例里回答是第几个；在列表里选第几例", "in a case the answer of that number; in the list the case"),
        row(&[Key::Char('Z')], "clinic.hint", Deed::Hint, short("提示", "hint"), "要一条提示，一共三条，一条比一条明白；要记分", "a hint; there are three, each clearer than the one before, and they count"),
        row(&[Key::Up, Key::Char('k')], "clinic.up", Deed::Move(-1), short("选、滚动", "choose, scroll"), "上面一例；在一例里上移一行", "the case above; within a case one line up"),
        row(&[Key::Down, Key::Char('j')], "clinic.down", Deed::Move(1), short("选、滚动", "choose, scroll"), "下面一例；在一例里下移一行", "the case below; within a case one line down"),
        row(&[Key::Enter], "clinic.take", Deed::Take, short("打开", "opens"), "打开选中的一例；答对以后到下一例", "open the chosen case; once it is solved, the next one"),
        row(&[Key::Left, Key::Char('h')], "clinic.list", Deed::List, short("列表", "list"), "回到列表", "back to the list"),
        row(&[Key::PageDown], "clinic.page_down", Deed::Page(PAGE), None, "下一页", "one page down"),
        row(&[Key::PageUp], "clinic.page_up", Deed::Page(-PAGE), None, "上一页", "one page up"),
        row(&[Key::Char(',')], "clinic.previous_head", Deed::Walk(Walk::PreviousHead), None, "上一个头", "the head before"),
        row(&[Key::Char('.')], "clinic.next_head", Deed::Walk(Walk::NextHead), None, "下一个头", "the next head"),
    ];

    fn deed(row: Deed, key: Key) -> Deed {
        match (row, key.digit()) {
            (Deed::Number(_), Some(digit)) => Deed::Number(digit),
            (deed, _) => deed,
        }
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::Move(by) | Deed::Page(by) if self.lists => self.chosen = step(self.chosen, by, CASES.len()),
            Deed::Move(by) | Deed::Page(by) => self.line = self.line.saturating_add_signed(by),
            Deed::Number(n) if self.lists => self.chosen = n.saturating_sub(1).min(CASES.len() - 1),
            Deed::Number(n) => return self.answer(model, n),
            Deed::Take => return self.take(model),
            Deed::Hint if !self.lists => {
                model.ask_hint();
                self.line = 0;
            }
            Deed::List if !self.lists => {
                let on = model.clinic.on().and_then(Progress::case);
                (self.lists, self.chosen) = (true, on.and_then(place).unwrap_or(self.chosen));
            }
            Deed::Hint | Deed::List => {}
            Deed::Walk(deed) => return perform(model, deed).into(),
        }
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Row(row) if !self.lists => self.answer(model, row + 1),
            Target::Row(row) if row == self.chosen => self.open(model),
            Target::Row(row) => {
                self.chosen = row.min(CASES.len() - 1);
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Move(if self.lists { by } else { 3 * by }))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        match model.clinic.on().filter(|_| !self.lists).and_then(|on| Some((on, on.case()?))) {
            Some((progress, case)) => told(model, case, progress),
            None => CASES.iter().enumerate().map(|(n, case)| listed(model, n, case, n == self.chosen)).collect(),
        }
    }
}

/// A row of the list: its number, the symptom, and what it took to solve it.
fn listed(model: &Model, n: usize, case: &Case, chosen: bool) -> Line {
    let solved = model.clinic.solved(case);
    let mark = if solved.is_some() { "✓" } else { " " };
    let name =
        Text::owned(format!("{:>2} {mark} {}", n + 1, case.title.zh), format!("{:>2} {mark} {}", n + 1, case.title.en));
    let entries = vec![Entry::words(solved.map_or_else(|| Text::same(""), Score::words))];
    Line::Row(LineRow { name, chosen, entries })
}

/// A case: what came of it once it is solved, what somebody comes with, hints, answers, what can be read off the run.
fn told(model: &Model, case: &Case, progress: &Progress) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(mistake) = case.mistake().filter(|_| progress.is_solved()) {
        lines.extend(solution(case, mistake, progress.score()));
    }
    lines.extend([Line::Say(Tone::Strong, case.title.clone()), Line::say(case.told.clone())]);
    if !model.shows_case() {
        let away = Text::new(
            "（眼前的不是这一例的程序了：按 Enter 重新打开它。）",
            "(What is shown is not the program of this case any more: Enter opens it again.)",
        );
        lines.push(Line::Say(Tone::Key, away));
    }
    for (n, hint) in progress.hints().iter().enumerate() {
        let hint = Text::owned(format!("提示 {}：{}", n + 1, hint.zh), format!("Hint {}: {}", n + 1, hint.en));
        lines.push(Line::Say(Tone::Key, hint));
    }
    if !progress.is_solved() {
        lines.extend([
            Line::Gap,
            Line::Heading(Text::new("错在哪里？按数字回答", "What is wrong? Answer by its number")),
        ]);
        lines.extend(case.choices().into_iter().enumerate().map(|(n, mistake)| choice(progress, n, mistake)));
        lines.push(Line::Say(Tone::Dim, progress.score().words()));
    }
    if !progress.is_solved() {
        let meant = Text::new(
            "各页的公式和说明讲的是本来想算什么，图和数才是真正算出来的；Esc 走开去看，按 D 回来。",
            "Formulas and words of the pages say what was meant; pictures and numbers are what was computed. Esc to look around, D to come back.",
        );
        lines.push(Line::Say(Tone::Dim, meant));
    }
    lines.extend([Line::Gap, Line::Heading(Text::new("从这次计算里读出来的", "What can be read off this run"))]);
    lines.extend(CHECKS.iter().filter_map(|check| read(model, check)));
    lines
}

/// What was found out, what the code looks like, and why it matters.
fn solution(case: &Case, mistake: &Mistake, score: Score) -> Vec<Line> {
    let Text { zh, en } = &mistake.title;
    let mut lines = vec![
        Line::Say(Tone::Good, Text::owned(format!("✓ 对了：{zh}。"), format!("✓ Right: {en}."))),
        Line::Say(Tone::Dim, score.words()),
    ];
    let exact = |tone, sign: &'static str| move |line: &&str| Line::Exact(tone, Text::same(format!("{sign} {line}")));
    lines.extend(case.code.wrong.iter().map(exact(Tone::Bad, "-")));
    lines.extend(case.code.right.iter().map(exact(Tone::Good, "+")));
    lines.push(Line::say(case.why.clone()));
    let next = Text::new("Enter 到下一例。", "Enter goes on to the next case.");
    lines.extend([Line::Say(Tone::Dim, next), Line::Gap]);
    lines
}

/// An answer that may be given.
fn choice(progress: &Progress, n: usize, mistake: &Mistake) -> Line {
    let Text { zh, en } = &mistake.title;
    let (tone, sign) = if progress.is_wrong(mistake) { (Tone::Bad, "✗ ") } else { (Tone::Plain, "") };
    Line::Exact(tone, Text::owned(format!("{} {sign}{zh}", n + 1), format!("{} {sign}{en}", n + 1)))
}

/// What a check reads off the run that is shown, and whether that is as in every right program.
fn read(model: &Model, check: &Check) -> Option<Line> {
    let run = model.run()?;
    let finding = check.of(&run.program, &run.trace)?;
    let sign = match finding.holds {
        Some(true) => " ✓",
        Some(false) => " ✗",
        None => "",
    };
    let words = Text::owned(format!("{}{sign}", finding.words.zh), format!("{}{sign}", finding.words.en));
    Some(Line::Row(LineRow {
        name: check.title.clone(),
        chosen: finding.holds == Some(false),
        entries: vec![Entry::words(words)],
    }))
}
