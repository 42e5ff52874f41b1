//! `I`: one row of weights is to look at another word. The loss, its gradients, and one step of learning after another.

use std::sync::Arc;

use super::{Behaviour, Line, Outcome, Tone};
use crate::app::deeds::perform;
use crate::app::edits::{change, done_or_warn, try_change};
use crate::app::keys::{Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::app::{Model, Page};
use crate::explain::Names;
use crate::ground::lang::Text;
use crate::ground::number::short as written;
use crate::math::tensor::Cell;
use crate::program::training::{BETA_1, BETA_2, LEARNED};
use crate::program::{About, Address, Name, Optimizer, Slot, Trace};
use crate::source::sample::{Aim, Scenario};

/// Where steps taken one after another stop: a row that looks where it should.
const ENOUGH: f32 = 0.01;

/// As many steps are taken one after another before somebody says to go on.
const MOST: u32 = 200;

/// Losses that are shown, the last ones.
const SHOWN: usize = 6;

/// The learning beside the picture.
#[derive(Debug, Clone, Default)]
pub struct LearnWindow {
    /// The losses that were seen, by how many steps had been taken.
    seen: Vec<(u32, f32)>,
    /// How many more steps are taken one after another.
    left: u32,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The row under the cursor is to look at the column under it; again: it need not.
    Aim,
    /// One step.
    Step,
    /// Steps one after another, or no more.
    Run,
    /// A learning rate so many times twice as large.
    Rate(i32),
    /// The other optimizer.
    Optimizer,
    /// To the gradients, the steps, or back to the numbers.
    Section(Walk),
    /// Forget all that was learned.
    Forget,
    /// What the key does on the walk.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('I')],
        name: "learn.open",
        group: Some(Group::Change),
        when: When::Always,
        short: None,
        help: Text::new(
            "学一步：指定一行权重该看哪个词，看损失和梯度，再一步一步地学",
            "learn: say where a row of weights should look, see loss and gradients, and learn it step by step",
        ),
    },
    after: "walk.compare",
    open: |model| {
        if model.find(Name::Weights).is_none() || model.program().layers() > 0 || !model.program().kind().has_weights()
        {
            model.warn(Text::new(
                "这里没有可以学的权重矩阵：换一个有 W_q、W_k 的样例",
                "there are no weight matrices to be learned here: open a sample that has W_q and W_k",
            ));
            return Vec::new();
        }
        if model.material.scenario.aim.is_none() {
            show(model, Name::Weights);
        }
        model.open_window(LearnWindow::default());
        Vec::new()
    },
};

/// Turns to the stage that makes a tensor of one attention.
fn show(model: &mut Model, name: Name) {
    if let Some(stage) = model.program().find(None, name).and_then(|slot| model.program().stage_of(slot)) {
        model.turn_to(Page::Stage(stage));
    }
}

impl LearnWindow {
    fn aim(model: &Model) -> Aim {
        model.material.scenario.aim.clone().unwrap_or_default()
    }

    fn change(model: &mut Model, aim: Aim) -> Outcome {
        let scenario = Scenario { aim: Some(aim), ..model.material.scenario.clone() };
        try_change(model, scenario).into()
    }

    /// The place of the cursor in the weights, where the page has rows and columns of words.
    fn place(model: &Model) -> Option<Cell> {
        let weights = model.program().find(None, Name::Weights)?;
        let (here, cell) = (model.program().shape(model.slot()), model.address().cell);
        let shape = model.program().shape(weights);
        (here == shape && shape.contains(cell)).then_some(cell)
    }

    fn take_aim(&mut self, model: &mut Model) -> Outcome {
        let Some(Cell { batch, head, row, col }) = Self::place(model) else {
            show(model, Name::Weights);
            model.warn(Text::new(
                "在权重表里选一格：这一行的词，该看这一列的词",
                "choose a number of the weights: the word of its row should look at the word of its column",
            ));
            return Outcome::stay();
        };
        let mut aim = Self::aim(model);
        if aim.targets.get(&(batch, head, row)) == Some(&col) {
            aim.targets.remove(&(batch, head, row));
        } else {
            aim.targets.insert((batch, head, row), col);
        }
        (self.seen, self.left) = (Vec::new(), 0);
        Self::change(model, aim)
    }

    /// The step that the run on the screen has computed.
    fn step(&mut self, model: &mut Model) -> Outcome {
        if Self::aim(model).targets.is_empty() {
            self.left = 0;
            model.warn(Text::new(
                "先定个目标：在权重表里选一格，按 Enter",
                "set a target first: choose a number of the weights and press Enter",
            ));
            return Outcome::stay();
        }
        // The numbers of now; while they are being computed there is no step to take.
        if current(model).is_none() {
            return Outcome::stay();
        }
        self.note(model);
        let next = model.trace().and_then(|trace| model.material.scenario.after_step(model.program(), trace));
        let Some(next) = next else {
            self.left = 0;
            model.warn(Text::new(
                "这一步太大，算出来的已经不是数了：把学习率调小（-），或者撤销（u）",
                "that step is too large, what comes out is no number: make the learning rate smaller (-), or undo (u)",
            ));
            return Outcome::stay();
        };
        try_change(model, next).into()
    }

    /// Remembers the loss of now.
    fn note(&mut self, model: &Model) {
        let steps = Self::aim(model).learned.steps;
        let Some(loss) = current(model).and_then(|trace| loss(model, trace)) else {
            return;
        };
        self.seen.retain(|(seen, _)| *seen < steps);
        self.seen.push((steps, loss));
    }

    fn run(&mut self, model: &mut Model) -> Outcome {
        if self.left > 0 {
            self.left = 0;
            return Outcome::stay();
        }
        self.left = MOST;
        self.next(model)
    }

    /// The next of several steps, as soon as the numbers are there.
    fn next(&mut self, model: &mut Model) -> Outcome {
        if self.left == 0 || current(model).is_none() {
            return Outcome::stay();
        }
        if model.trace().and_then(|trace| loss(model, trace)).is_some_and(|loss| loss <= ENOUGH) {
            self.left = 0;
            self.note(model);
            return Outcome::stay();
        }
        self.left -= 1;
        self.step(model)
    }

    /// What is aimed at.
    fn targets(model: &Model) -> Vec<Line> {
        let (aim, names) = (Self::aim(model), model.material.sample.names_in(model.settings.lang));
        let Some(weights) = model.program().find(None, Name::Weights) else { return Vec::new() };
        let (shape, several) = (model.program().shape(weights), model.program().heads() > 1);
        let share = |cell| current(model).map(|trace| trace.get(Address { slot: weights, cell }));
        let line = |(&(batch, head, row), &col): (&(usize, usize, usize), &usize)| {
            let (from, to) = (names.name(shape.rows.axis, head, row), names.name(shape.cols.axis, head, col));
            let now = share(Cell { batch, head, row, col }).map_or_else(String::new, |x| format!("  {x:.3}"));
            let (zh, en) = if several {
                (format!("头 {} ", head + 1), format!("head {}: ", head + 1))
            } else {
                Default::default()
            };
            Line::Exact(Tone::Strong, Text::owned(format!("{zh}{from} → {to}{now}"), format!("{en}{from} → {to}{now}")))
        };
        aim.targets.iter().map(line).collect()
    }

    /// The losses so far.
    fn losses(&self, model: &Model) -> Option<Line> {
        let mut seen = self.seen.clone();
        let steps = Self::aim(model).learned.steps;
        if let Some(now) = current(model).and_then(|trace| loss(model, trace)) {
            seen.retain(|(seen, _)| *seen < steps);
            seen.push((steps, now));
        }
        let last = seen.len().saturating_sub(SHOWN);
        let line: Vec<String> = seen[last..].iter().map(|(_, loss)| format!("{loss:.3}")).collect();
        if line.is_empty() {
            return None;
        }
        let (dots, line) = (if last > 0 { "... → " } else { "" }, line.join(" → "));
        Some(Line::Exact(Tone::Plain, Text::owned(format!("损失 {dots}{line}"), format!("loss {dots}{line}"))))
    }

    /// What a step does to one weight: the one under the cursor, else the one whose gradient is largest.
    fn one_weight(model: &Model) -> Vec<Line> {
        let (program, aim) = (model.program(), Self::aim(model));
        let Some(trace) = current(model) else { return Vec::new() };
        let here = model.address();
        let under = |slot: Slot| LEARNED.contains(&program.symbol(slot).name);
        let of = |address: Address| {
            let symbol = program.symbol(address.slot);
            let about =
                |about| program.find(symbol.layer, symbol.name.about(about)).map(|slot| Address { slot, ..address });
            Some((about(About::Gradient)?, about(About::Next)?, about(About::NextFirst), about(About::NextSecond)))
        };
        // The cursor may stand in a W, in its gradient, or in what the step makes of it.
        let symbol = program.symbol(here.slot);
        let w = symbol.name.of_which().map_or(symbol, |(_, w)| w.of(symbol.layer));
        let w = program.find_symbol(w).map(|slot| Address { slot, ..here });
        let chosen = w.filter(|at| under(at.slot) && of(*at).is_some());
        let Some(at) = chosen.or_else(|| steepest(model, trace)) else { return Vec::new() };
        let Some((gradient, next, first, second)) = of(at) else { return Vec::new() };
        let number = |at: Address| written(f64::from(trace.get(at)));
        let (name, w, g, after) = (at.display(program), number(at), number(gradient), number(next));
        let rate = written(f64::from(aim.rate));
        let mut lines = vec![Line::Exact(Tone::Strong, Text::same(format!("{name} = {w}   ∂L/∂{name} = {g}")))];
        match (first, second) {
            (Some(m), Some(v)) => {
                let step = aim.step();
                let (c1, c2) = step.corrections();
                let (m, v) = (number(m), number(v));
                lines.push(Line::Exact(
                    Tone::Plain,
                    Text::same(format!(
                        "m = {BETA_1}·m + {:.1}·g = {m}   v = {BETA_2}·v + {:.3}·g² = {v}",
                        1.0 - BETA_1,
                        1.0 - BETA_2
                    )),
                ));
                lines.push(Line::Exact(
                    Tone::Plain,
                    Text::same(format!("{w} − {rate} · ({m} / {}) / √({v} / {}) = {after}", written(c1), written(c2))),
                ));
            }
            _ => lines.push(Line::Exact(
                Tone::Plain,
                Text::same(format!("{w} − {rate} · {g} = {after}").replace("· -", "· −")),
            )),
        }
        lines
    }
}

/// The numbers of what is shown now; none while they are still being computed.
fn current(model: &Model) -> Option<&Trace> {
    let inputs = &model.material.sample.inputs;
    let given = |trace: &&Trace| {
        let same = |(slot, tensor)| Arc::ptr_eq(trace.shared(slot), tensor);
        model.program().inputs().iter().filter_map(|input| Some((input.slot, inputs.shared(input.slot)?))).all(same)
    };
    model.trace().filter(given).filter(|trace| trace.overrides() == inputs.overrides())
}

/// The loss of a run.
fn loss(model: &Model, trace: &Trace) -> Option<f32> {
    trace.find(model.program(), None, Name::Loss).map(|loss| loss.get(Cell::default()))
}

/// The weight whose gradient is largest.
fn steepest(model: &Model, trace: &Trace) -> Option<Address> {
    let program = model.program();
    let all = program.inputs().iter().filter_map(|input| Some((input.slot, program.find_gradient(input.symbol)?)));
    let cells = all.filter(|(slot, _)| LEARNED.contains(&program.symbol(*slot).name)).flat_map(|(slot, gradient)| {
        program.shape(slot).cells().map(move |cell| (Address { slot, cell }, Address { slot: gradient, cell }))
    });
    let steep = |of: &(Address, Address)| trace.get(of.1).abs();
    cells.max_by(|a, b| steep(a).total_cmp(&steep(b)).then(b.0.cell.cmp(&a.0.cell))).map(|(at, _)| at)
}

impl Behaviour for LearnWindow {
    type Deed = Deed;
    const NAME: &'static str = "learn";
    const TITLE: Text = Text::new("学一步", "one step of learning");
    const DOCKS: bool = true;
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Enter], "learn.target", Deed::Aim, short("定目标", "target"), "定目标：光标这一行的词，该看光标这一列的词；再按一次取消", "target: the word of this row should look at the word of this column; again takes it back"),
        row(&[Key::Char('n')], "learn.step", Deed::Step, short("学一步", "one step"), "学一步：每个 W 逆着自己的梯度走一小步", "one step: every W moves a little against its gradient"),
        row(&[Key::Char(' ')], "learn.run", Deed::Run, short("连续", "run"), "一步接一步地学，再按一次停下", "step after step; press again to stop"),
        row(&[Key::Char('+')], "learn.faster", Deed::Rate(1), short("学习率", "rate"), "学习率加倍", "twice the learning rate"),
        row(&[Key::Char('-')], "learn.slower", Deed::Rate(-1), short("学习率", "rate"), "学习率减半", "half the learning rate"),
        row(&[Key::Tab, Key::BackTab], "learn.optimizer", Deed::Optimizer, short("换算法", "optimizer"), "换优化算法：SGD 或 Adam", "the other optimizer: SGD or Adam"),
        row(&[Key::Char(')')], "learn.next_section", Deed::Section(Walk::NextLayer), short("梯度", "gradients"), "往下走：前向 → 反向（梯度）→ 更新", "on: the way forward, the way back (gradients), the step"),
        row(&[Key::Char('(')], "learn.previous_section", Deed::Section(Walk::PreviousLayer), None, "往回：更新 → 反向 → 前向", "back: the step, the way back, the way forward"),
        row(&[Key::Backspace], "learn.forget", Deed::Forget, short("忘掉", "forget"), "忘掉学过的，目标也取消；u 撤销", "forget what was learned, and the targets; u undoes it"),
        row(&[Key::Up, Key::Char('k')], "learn.up", Deed::Walk(Walk::Up), short("移动", "move"), "上移一行", "one row up"),
        row(&[Key::Down, Key::Char('j')], "learn.down", Deed::Walk(Walk::Down), short("移动", "move"), "下移一行", "one row down"),
        row(&[Key::Left, Key::Char('h')], "learn.left", Deed::Walk(Walk::Left), None, "左移一列", "one column left"),
        row(&[Key::Right, Key::Char('l')], "learn.right", Deed::Walk(Walk::Right), None, "右移一列", "one column right"),
        row(&[Key::Char(']'), Key::PageDown], "learn.next_stage", Deed::Walk(Walk::NextStage), None, "下一个阶段", "the next stage"),
        row(&[Key::Char('['), Key::PageUp], "learn.previous_stage", Deed::Walk(Walk::PreviousStage), None, "上一个阶段", "the stage before"),
        row(&[Key::Char('.')], "learn.next_head", Deed::Walk(Walk::NextHead), None, "下一个头", "the next head"),
        row(&[Key::Char(',')], "learn.previous_head", Deed::Walk(Walk::PreviousHead), None, "上一个头", "the head before"),
        row(&[Key::Char('b'), Key::Char('u')], "learn.undo", Deed::Walk(Walk::Undo), short("退一步", "back"), "退回一步：撤销", "one step back: undo"),
        row(&[Key::Char('U'), Key::Ctrl('r')], "learn.redo", Deed::Walk(Walk::Redo), None, "重做", "redo"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::Aim => self.take_aim(model),
            Deed::Step => {
                self.left = 0;
                self.step(model)
            }
            Deed::Run => self.run(model),
            Deed::Rate(by) => Self::change(model, Self::aim(model).faster(by)),
            Deed::Optimizer => {
                let aim = Self::aim(model);
                let other = if aim.optimizer == Optimizer::Sgd { Optimizer::Adam } else { Optimizer::Sgd };
                Self::change(model, aim.by(other))
            }
            Deed::Section(deed) | Deed::Walk(deed) => perform(model, deed).into(),
            Deed::Forget => {
                (self.seen, self.left) = (Vec::new(), 0);
                let scenario = Scenario { aim: None, ..model.material.scenario.clone() };
                let done = Text::new("学过的都忘掉了", "what was learned is forgotten");
                let changed = change(model, scenario);
                done_or_warn(model, changed, &done).into()
            }
        }
    }

    fn keep(&mut self, model: &mut Model) -> Outcome {
        if model.find(Name::Weights).is_none() && model.program().find(None, Name::Weights).is_none() {
            return Outcome::close();
        }
        self.next(model)
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let aim = Self::aim(model);
        if aim.targets.is_empty() {
            return vec![
                Line::say(Text::new(
                    "想让哪个词多看哪个词？在权重表里把光标移到那一格，按 Enter。",
                    "Which word should look more at which? Move to that number of the weights and press Enter.",
                )),
                Line::Say(
                    Tone::Dim,
                    Text::new(
                        "目标离现在的权重有多远，就是损失；损失对每个 W 的导数，就是梯度。",
                        "How far the weights are from the target is the loss; its derivative by every W is the gradient.",
                    ),
                ),
            ];
        }
        let mut lines = Self::targets(model);
        let (steps, rate, name) = (aim.learned.steps, written(f64::from(aim.rate)), aim.optimizer.name());
        lines.push(Line::Exact(
            Tone::Plain,
            Text::owned(
                format!("{name}   学习率 η = {rate}   学了 {steps} 步"),
                format!("{name}   learning rate η = {rate}   steps taken: {steps}"),
            ),
        ));
        lines.extend(self.losses(model));
        lines.push(Line::Gap);
        lines.extend(Self::one_weight(model));
        lines.push(Line::Say(Tone::Dim, Text::new(
            "n 学一步。) 去看梯度是怎么一步步传回来的，W_v 和 W_o 不管谁看谁，所以没有梯度。",
            "n takes a step. ) shows how the gradients come back; W_v and W_o have no say in who looks at whom, so they have none.",
        )));
        lines
    }
}
