//! Enter: a number opened, and the numbers opened from it in turn.

use std::sync::Arc;

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone};
use crate::app::View;
use crate::app::deeds::{copy, step};
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::app::stepping::Stepping;
use crate::app::{Model, Target};
use crate::explain::{self, Opened};
use crate::ground::lang::Text;
use crate::ground::number::short as written;
use crate::math::ops::Rule;
use crate::program::{Address, Program};
use crate::source::sample::NumberOrigin;

/// Terms that a page moves.
const PAGE: isize = 10;

/// A number opened, and the numbers opened from it in turn.
#[derive(Debug, Clone)]
pub struct MicroscopeWindow {
    /// The program that all of them belong to.
    program: Arc<Program>,
    /// The way down: the first was under the cursor, the last is open. Never empty.
    path: Vec<Look>,
    /// Where the walk was before it came along, while it does.
    moved: Option<Box<Moved>>,
}

/// The walk, taken along.
#[derive(Debug, Clone)]
struct Moved {
    /// Where it stood.
    before: (View, Stepping),
    /// Where it was taken.
    to: View,
}

impl Moved {
    /// Where it stood, but for what the person has moved since: that stays.
    fn back(self, model: &Model) -> (View, Stepping) {
        let (Self { before: (mut view, mut stepping), to }, now) = (self, &model.view);
        if (now.page, now.focus) != (to.page, to.focus) {
            (view.page, view.focus, view.anchor) = (now.page, now.focus, now.anchor);
            stepping.clone_from(&model.stepping);
        }
        if (now.cursor.row, now.cursor.col) != (to.cursor.row, to.cursor.col) {
            view.cursor = view.cursor.moved(now.cursor.row, now.cursor.col);
        }
        if now.cursor.head != to.cursor.head {
            view.cursor.head = now.cursor.head;
        }
        if now.cursor.batch != to.cursor.batch {
            view.cursor.batch = now.cursor.batch;
        }
        (view, stepping)
    }
}

/// One number under the microscope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The number.
    pub address: Address,
    /// The chosen term, in the order of [`ranked`].
    pub term: usize,
    /// The chosen factor of that term.
    pub factor: usize,
}

impl Look {
    /// A number just opened, the term chosen that matters most to it.
    fn at(model: &Model, address: Address) -> Self {
        let opened = model.trace().map(|trace| explain::open(model.program(), trace, address));
        Self { address, term: opened.map_or(0, |opened| telling(&opened)), factor: 0 }
    }
}

/// The term that matters most, by its place in the order of [`ranked`]: of a softmax or a norm the number itself, of a mask what it
/// lets pass, else the largest.
fn telling(opened: &Opened) -> usize {
    let (terms, order) = (&opened.terms, ranked(opened));
    let size = |t: usize| terms.get(t).map_or(0.0, |term| term.value.abs());
    let largest = (0..terms.len()).rev().max_by(|&a, &b| size(a).total_cmp(&size(b)));
    let wanted = match opened.rule {
        Some(
            Rule::Softmax(own)
            | Rule::SoftmaxColumn(own)
            | Rule::SoftmaxUnshifted(own)
            | Rule::LayerNorm { chosen: own, .. }
            | Rule::RmsNorm { chosen: own, .. },
        ) => Some(own),
        Some(Rule::Gate | Rule::Pass) => Some(0),
        _ => largest,
    };
    wanted.and_then(|wanted| order.iter().position(|&t| t == wanted)).unwrap_or(0)
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Term(isize),
    Factor(isize),
    Open,
    Leave,
    Copy,
    CopyLatex,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Enter],
        name: "microscope.open",
        group: Some(Group::Look),
        when: When::Always,
        short: short("打开", "open"),
        help: Text::new("打开光标下的数：它是怎么算出来的", "open the number under the cursor: where it came from"),
    },
    after: "walk.row_end",
    open: |model| {
        let window = MicroscopeWindow::on(model, model.address());
        model.note_opened(model.address());
        model.open_window(window);
        Vec::new()
    },
};

/// The order in which terms are listed: as they are added, or the largest first where there are many.
pub fn ranked(opened: &Opened) -> Vec<usize> {
    const MANY: usize = 12;
    let mut order: Vec<usize> = (0..opened.terms.len()).collect();
    if order.len() > MANY {
        order.sort_by(|&a, &b| opened.terms[b].value.abs().total_cmp(&opened.terms[a].value.abs()));
    }
    order
}

impl MicroscopeWindow {
    /// The microscope on a number, from where the walk stands.
    pub(super) fn on(model: &Model, address: Address) -> Self {
        Self { program: Arc::clone(model.program()), path: vec![Look::at(model, address)], moved: None }
    }

    /// The way down, while the program that it leads through is the one that is shown.
    pub fn path(&self, program: &Arc<Program>) -> Option<&[Look]> {
        Arc::ptr_eq(&self.program, program).then_some(&self.path)
    }

    /// The number that is open, and what it is made of; none while there are no numbers of its program.
    pub fn opened(&self, model: &Model) -> Option<(Look, Opened)> {
        let look = *self.path(model.program())?.last()?;
        Some((look, explain::open(model.program(), model.trace()?, look.address)))
    }

    /// The number that Enter would open.
    pub fn chosen(&self, model: &Model) -> Option<Address> {
        let (look, opened) = self.opened(model)?;
        let term = ranked(&opened).get(look.term).and_then(|&t| opened.terms.get(t))?;
        term.factors.get(look.factor).or(term.factors.first()).map(|factor| factor.address)
    }

    /// The walk comes along: it shows the page of the number that is open, the cursor on it. Back at the first number it stands
    /// as it stood.
    fn show(&mut self, model: &mut Model) {
        let as_it_is = || (model.view.clone(), model.stepping.clone());
        let before = self.moved.take().map_or_else(as_it_is, |moved| moved.back(model));
        if let [.., takes, open] = self.path[..] {
            model.look_at(open.address, Some(takes.address));
            self.moved = Some(Box::new(Moved { before, to: model.view.clone() }));
        } else {
            (model.view, model.stepping) = before;
        }
    }

    /// The names of the numbers on the way down.
    pub fn names(&self) -> Vec<String> {
        self.path.iter().map(|look| look.address.display(&self.program)).collect()
    }

    /// What stands in place of terms, where the number was not computed: where it comes from.
    pub fn given(model: &Model, address: Address) -> Text {
        let origin = model.number_origin(address);
        if origin == NumberOrigin::Computed {
            return Text::new("到底了：这里还没有写过数。", "Here it begins: nothing was written here yet.");
        }
        let says = origin.says();
        Text::owned(
            format!("到底了，这个数不是算出来的：{}。", says.zh),
            format!("Here it begins, not computed: {}.", says.en),
        )
    }

    /// What terms that are out of sight add up to.
    pub fn others(count: usize, sum: f64) -> Text {
        let sum = written(sum);
        Text::owned(format!("另外 {count} 项加起来：{sum}"), format!("the other {count} terms together: {sum}"))
    }
}

impl Behaviour for MicroscopeWindow {
    type Deed = Deed;
    const NAME: &'static str = "microscope";
    const TITLE: Text = Text::new("这个数从哪里来", "where this number came from");
    const DOCKS: bool = true;
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k')], "microscope.up", Deed::Term(-1), short("选", "choose"), "选上一项", "choose the term above"),
        row(&[Key::Down, Key::Char('j')], "microscope.down", Deed::Term(1), short("选", "choose"), "选下一项", "choose the term below"),
        row(&[Key::Left, Key::Char('h')], "microscope.left", Deed::Factor(-1), short("选", "choose"), "选左边的因子", "choose the factor to the left"),
        row(&[Key::Right, Key::Char('l')], "microscope.right", Deed::Factor(1), short("选", "choose"), "选右边的因子", "choose the factor to the right"),
        row(&[Key::Enter], "microscope.down_into", Deed::Open, short("再打开", "opens"), "打开选中的数", "open the chosen number"),
        row(&[Key::Char('q')], "microscope.leave", Deed::Leave, None, "直接关闭（Esc 一层一层返回）", "close at once (Esc goes back number by number)"),
        row(&[Key::PageDown, Key::Char(']'), Key::Char('n')], "microscope.page_down", Deed::Term(PAGE), None, "下一页", "one page down"),
        row(&[Key::PageUp, Key::Char('['), Key::Char('b')], "microscope.page_up", Deed::Term(-PAGE), None, "上一页", "one page up"),
        row(&[Key::Ctrl('d')], "microscope.half_down", Deed::Term(PAGE / 2), None, "下半页", "half a page down"),
        row(&[Key::Ctrl('u')], "microscope.half_up", Deed::Term(-PAGE / 2), None, "上半页", "half a page up"),
        row(&[Key::Home], "microscope.first", Deed::Term(isize::MIN), None, "第一项", "the first term"),
        row(&[Key::Char('G'), Key::End], "microscope.last", Deed::Term(isize::MAX), None, "最后一项", "the last term"),
        row(&[Key::Char('y')], "microscope.copy", Deed::Copy, short("复制", "copy"), "复制这个数的算式", "copy this number's arithmetic"),
        row(&[Key::Char('Y')], "microscope.copy_latex", Deed::CopyLatex, None, "复制成 LaTeX", "copy it as LaTeX"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let Some((_, opened)) = self.opened(model) else { return Outcome::close() };
        let order = ranked(&opened);
        let factors = |term: usize| order.get(term).and_then(|&t| opened.terms.get(t)).map_or(&[][..], |t| &t.factors);
        let Some(look) = self.path.last_mut() else { return Outcome::close() };
        match deed {
            Deed::Term(by) => look.term = step(look.term, by, order.len()),
            Deed::Factor(by) => look.factor = step(look.factor, by, factors(look.term).len()),
            Deed::Open => {
                let chosen = factors(look.term).get(look.factor).or(factors(look.term).first());
                if let Some(address) = chosen.map(|factor| factor.address) {
                    self.path.push(Look::at(model, address));
                    model.note_opened(address);
                }
                self.show(model);
            }
            Deed::Leave => {
                self.path.truncate(1);
                self.show(model);
                return Outcome::close();
            }
            Deed::Copy | Deed::CopyLatex => return copy(model, look.address, deed == Deed::CopyLatex).into(),
        }
        Outcome::stay()
    }

    /// Back to the number before.
    fn back(&mut self, model: &mut Model) -> bool {
        let deeper = self.path.len() > 1;
        self.path.truncate(self.path.len().saturating_sub(1).max(1));
        self.show(model);
        deeper
    }

    fn keep(&mut self, model: &mut Model) -> Outcome {
        if self.path(model.program()).is_some() { Outcome::stay() } else { Outcome::close() }
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        let Some(look) = self.path.last_mut() else { return Outcome::close() };
        match target {
            Target::Row(term) if term == look.term => self.press(model, Deed::Open),
            Target::Row(term) => {
                look.term = term;
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Term(by))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let (Some((look, opened)), Some(trace)) = (self.opened(model), model.trace()) else { return Vec::new() };
        let names = model.names();
        let mut lines = vec![Line::Heading(Text::same(self.names().join(" ← ")))];
        let formula = opened.formula(model.program(), &names);
        let label = model.label(look.address.slot);
        lines.push(Line::Say(Tone::Strong, if formula.is_empty() { label.title } else { Text::same(formula) }));
        lines.push(Line::Pieces(explain::arithmetic(model.program(), trace, look.address, &names)));
        if opened.terms.is_empty() {
            lines.extend([Line::Say(Tone::Strong, Self::given(model, look.address)), Line::say(label.says)]);
        }
        lines.extend(ranked(&opened).into_iter().enumerate().map(|(n, t)| {
            let term = &opened.terms[t];
            let number = |factor: &explain::opened::Factor| Entry {
                words: Text::same(format!("{} {}", factor.address.display(model.program()), written(factor.value))),
                of: Some((factor.address, factor.value)),
            };
            let mut entries: Vec<Entry> = term.factors.iter().map(number).collect();
            entries.push(Entry::words(Text::same(opened.beside(term))));
            Line::Row(LineRow { name: Text::same((n + 1).to_string()), chosen: n == look.term, entries })
        }));
        lines
    }
}
