//! `K`: the GPU lens. One number seen through a kernel, which is walked line by line, by one invocation or the whole workgroup.

mod facts;
mod map;
mod turns;

use std::sync::Arc;
use std::time::Duration;

pub use turns::Turns;

use super::{Behaviour, Line, News, Outcome};
use crate::app::deeds::{around, perform};
use crate::app::keys::{Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::app::results::same_numbers;
use crate::app::{Effect, Model, Page, stepping};
use crate::ground::lang::Text;
use crate::kernels::Version;
use crate::kernels::mirror::{Recording, Tick};
use crate::session::{Answer, Ask, Job, Kind, Run, Seen, Ticket};

/// Lines that a page moves.
const PAGE: isize = 8;

/// The lens while its window is open.
#[derive(Debug, Clone)]
pub struct LensWindow {
    /// The numbers that were asked about last.
    asked: Arc<Run>,
    /// What is seen, and of which numbers: of what is wanted, or of what was wanted before while the answer is on its way.
    seen: Option<(Arc<Run>, Arc<Seen>)>,
    /// Why nothing can be seen.
    pub failed: Option<Text>,
    /// The kernel that is wanted.
    pub version: Version,
    /// Steps of the chosen invocation that were taken.
    pub steps: usize,
    /// Turns of the whole workgroup that were taken; none where one invocation is watched.
    pub turns: Option<usize>,
    /// Whether functions are stepped into.
    pub inside: bool,
    /// The first line shown on the right.
    pub scroll: usize,
    /// Keys that were pressed while what they are about was on its way; they are carried out when it is there.
    later: Vec<Deed>,
    /// Whether a request is being answered.
    pending: bool,
    /// Steps a second, while it plays by itself.
    pub playing: Option<u32>,
    /// The wake-up that it waits for.
    ticket: Ticket,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Step,
    Back,
    Play,
    Slower,
    Faster,
    Round,
    RoundBack,
    Start,
    End,
    Group,
    Inside,
    Version,
    VersionBack,
    Scroll(isize),
    /// What the key does on the walk; then the lens is on the number under the cursor.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('K')],
        name: "lens.open",
        group: Some(Group::Gpu),
        when: When::Always,
        short: short("GPU", "GPU"),
        help: Text::new(
            "GPU 镜头：这个数由哪个线程算，着色器一行一行怎么走",
            "the GPU lens: which invocation makes this number, and its shader line by line",
        ),
    },
    after: "walk.compare",
    open: |model| {
        let (Some(_), Some(run)) = (model.stage(), model.run().cloned()) else {
            // Given numbers were made by nobody; those of another program are on their way.
            if model.view.page == Page::Words {
                model.warn(Text::new(
                    "这些数是给定的，不是算出来的；按 n 到某个阶段再按 K",
                    "these numbers are given, no shader made them: go to a stage with n, then press K",
                ));
            }
            return Vec::new();
        };
        let mut lens = LensWindow::new(run);
        let effects = lens.ask(model);
        model.note_opened(model.address());
        model.open_window(lens);
        effects
    },
};

impl LensWindow {
    fn new(run: Arc<Run>) -> Self {
        Self {
            asked: run,
            seen: None,
            failed: None,
            version: Version::Taught,
            steps: 0,
            turns: None,
            inside: false,
            scroll: 0,
            later: Vec::new(),
            pending: false,
            playing: None,
            ticket: Ticket::default(),
        }
    }

    /// Asks for what the lens wants to see: the number under the cursor.
    fn ask(&mut self, model: &mut Model) -> Vec<Effect> {
        let (Some(stage), Some(run)) = (model.stage(), model.run().cloned()) else { return Vec::new() };
        self.asked = Arc::clone(&run);
        self.pending = true;
        let ask = Ask { run, stage, address: model.result(stage), version: self.version };
        model.ask(Job::Look(ask))
    }

    /// What is seen.
    pub fn seen(&self) -> Option<&Arc<Seen>> {
        self.seen.as_ref().map(|(_, seen)| seen)
    }

    /// The number that is seen, by its name and as the trace has it.
    pub fn number(&self) -> Option<(String, f32)> {
        let (run, seen) = self.seen.as_ref()?;
        Some((seen.address.display(&run.program), run.trace.get(seen.address)))
    }

    /// In place of what is seen, until it is there.
    pub fn waiting(&self) -> Text {
        self.failed.clone().unwrap_or_else(|| Text::new("正在看……", "looking ..."))
    }

    /// Whether a step is one that the lens stops at: those inside functions only where they are stepped into.
    pub fn shows(&self, tick: &Tick) -> bool {
        self.inside || tick.depth == 0
    }

    /// What stands to the right of the shader: the number, the step, the launch, the traffic, the reasons, the machine.
    pub(crate) fn facts(&self, model: &Model) -> Vec<Line> {
        self.seen.as_ref().map_or_else(Vec::new, |(run, seen)| facts::lines(self, (run, seen), model.is_wide()))
    }

    /// One of the lens's own deeds: at once, or as soon as what it is about can be seen. Another kernel can be asked for
    /// before the last one has been seen.
    fn carry_out(&mut self, model: &mut Model, deed: Deed) -> Vec<Effect> {
        let by = match deed {
            Deed::Version => 1,
            Deed::VersionBack => -1,
            _ => 0,
        };
        match self.seen().cloned() {
            Some(seen) if by != 0 && self.later.is_empty() => {
                let now = seen.versions.iter().position(|version| *version == self.version).unwrap_or(0);
                self.version = seen.versions[around(now, by, seen.versions.len())];
                (self.steps, self.turns, self.scroll) = (0, self.turns.map(|_| 0), 0);
                return self.ask(model);
            }
            Some(seen) if !self.pending => self.turn(&seen, deed),
            _ => self.later.push(deed),
        }
        Vec::new()
    }

    /// Asks to be woken for the next line.
    fn play(&mut self, model: &mut Model) -> Vec<Effect> {
        let speed = model.stepping.speed();
        (self.playing, self.ticket) = (Some(speed), model.issue());
        vec![Effect::Wake { after: Duration::from_secs(1) / speed, ticket: self.ticket }]
    }

    /// Whether there is no line left.
    fn at_end(&self) -> bool {
        self.seen().is_some_and(|seen| match self.turns {
            Some(turns) => turns >= Turns::turns(seen),
            None => next(&seen.recording.ticks, self.steps, |tick| self.shows(tick)) == self.steps,
        })
    }

    fn turn(&mut self, seen: &Seen, deed: Deed) {
        match deed {
            Deed::Group => {
                self.turns = if self.turns.is_some() { None } else { seen.whole.then_some(0) };
                self.scroll = 0; // what is asked for stands at the top
            }
            Deed::Inside => self.inside = !self.inside,
            Deed::Scroll(by) => self.scroll = self.scroll.saturating_add_signed(by),
            _ => match self.turns {
                Some(turns) => self.turns = Some(turned(seen, turns, deed)),
                None => self.steps = self.stepped(&seen.recording, deed),
            },
        }
    }

    /// Where a deed leads one invocation.
    fn stepped(&self, recording: &Recording, deed: Deed) -> usize {
        let ticks = &recording.ticks;
        let shown = |tick: &Tick| self.shows(tick);
        match deed {
            Deed::Step => next(ticks, self.steps, shown),
            Deed::Back => ticks[..self.steps.saturating_sub(1)].iter().rposition(shown).map_or(0, |at| at + 1),
            Deed::Round => round(ticks, self.steps, shown),
            Deed::RoundBack => {
                // Back to where this line came before, with others in between.
                let line = self.steps.checked_sub(1).and_then(|at| ticks.get(at)).map(|tick| tick.line);
                let before = |to: usize, wanted: &dyn Fn(&Tick) -> bool| {
                    ticks[..to].iter().rposition(|tick| shown(tick) && wanted(tick))
                };
                let left = before(self.steps, &|tick| Some(tick.line) != line);
                left.and_then(|to| before(to, &|tick| Some(tick.line) == line)).map_or(0, |at| at + 1)
            }
            Deed::Start => 0,
            Deed::End => ticks.len(),
            _ => self.steps,
        }
    }
}

impl Behaviour for LensWindow {
    type Deed = Deed;
    const NAME: &'static str = "lens";
    const TITLE: Text = Text::new("GPU 镜头", "GPU lens");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Look];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Char('n')], "lens.step", Deed::Step, short("进退", "step"), "着色器走一行", "one line of the shader"),
        row(&[Key::Char('b')], "lens.back", Deed::Back, short("进退", "step"), "退一行", "one line back"),
        row(&[Key::Char(' ')], "lens.play", Deed::Play, short("播放", "play"), "一行一行自己走，再按一次停住", "go on line by line, by itself; press again to pause"),
        row(&[Key::Char(']')], "lens.round", Deed::Round, short("一轮", "round"), "转完这一圈循环，没有循环就走到下一个循环；整组看时：走到下一道屏障", "once round the loop, or on to the next loop; with the whole workgroup: to the next barrier"),
        row(&[Key::Char('[')], "lens.round_back", Deed::RoundBack, short("一轮", "round"), "退回一圈；整组看时：退到上一道屏障", "one round back; with the whole workgroup: to the barrier before"),
        row(&[Key::Char('{')], "lens.slower", Deed::Slower, None, "播放慢一点", "play slower"),
        row(&[Key::Char('}')], "lens.faster", Deed::Faster, None, "播放快一点", "play faster"),
        row(&[Key::Char('A')], "lens.group", Deed::Group, short("整组", "group"), "看一个线程 / 看整个工作组", "one invocation, or its whole workgroup"),
        row(&[Key::Tab], "lens.version", Deed::Version, short("换写法", "rung"), "换一种写法：朴素 → 合并访问 → 分块 → 寄存器 → 子组", "the next way to write it: naive, coalesced, tiled, register, subgroup"),
        row(&[Key::BackTab], "lens.version_back", Deed::VersionBack, None, "上一级写法", "the way before"),
        row(&[Key::Home], "lens.start", Deed::Start, short("头尾", "ends"), "回到第一行", "back to the first line"),
        row(&[Key::Char('G'), Key::End], "lens.end", Deed::End, short("头尾", "ends"), "走到最后", "to the end"),
        row(&[Key::Enter], "lens.inside", Deed::Inside, short("进函数", "into functions"), "函数也走进去 / 不走进去", "step into functions, or over them"),
        row(&[Key::PageDown], "lens.page_down", Deed::Scroll(PAGE), short("翻页", "page"), "右边往下翻", "scroll the right side down"),
        row(&[Key::PageUp], "lens.page_up", Deed::Scroll(-PAGE), short("翻页", "page"), "右边往上翻", "scroll the right side up"),
        row(&[Key::Ctrl('d')], "lens.half_down", Deed::Scroll(PAGE / 2), None, "右边往下翻半页", "scroll the right side half a page down"),
        row(&[Key::Ctrl('u')], "lens.half_up", Deed::Scroll(-PAGE / 2), None, "右边往上翻半页", "scroll the right side half a page up"),
        row(&[Key::Up, Key::Char('k')], "lens.up", Deed::Walk(Walk::Up), None, "看上面一个数", "look at the number above"),
        row(&[Key::Down, Key::Char('j')], "lens.down", Deed::Walk(Walk::Down), None, "看下面一个数", "look at the number below"),
        row(&[Key::Left, Key::Char('h')], "lens.left", Deed::Walk(Walk::Left), None, "看左边一个数", "look at the number to the left"),
        row(&[Key::Right, Key::Char('l')], "lens.right", Deed::Walk(Walk::Right), None, "看右边一个数", "look at the number to the right"),
        row(&[Key::Char('.')], "lens.next_head", Deed::Walk(Walk::NextHead), None, "下一个头", "the next head"),
        row(&[Key::Char(',')], "lens.previous_head", Deed::Walk(Walk::PreviousHead), None, "上一个头", "the head before"),
        row(&[Key::Char('>')], "lens.next_sentence", Deed::Walk(Walk::NextSentence), None, "批次里的下一句", "the next sentence of the batch"),
        row(&[Key::Char('<')], "lens.previous_sentence", Deed::Walk(Walk::PreviousSentence), None, "批次里的上一句", "the sentence before"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        if let Deed::Walk(deed) = deed {
            let mut effects = perform(model, deed);
            effects.extend(self.ask(model));
            return effects.into();
        }
        match deed {
            Deed::Play if self.playing.is_none() => {
                if self.at_end() {
                    (self.steps, self.turns) = (0, self.turns.map(|_| 0));
                }
                return self.play(model).into();
            }
            Deed::Slower | Deed::Faster => {
                let effects = stepping::change_speed(model, if deed == Deed::Faster { 1 } else { -1 });
                if self.playing.is_some() {
                    return self.play(model).into();
                }
                return effects.into();
            }
            _ => self.playing = None,
        }
        if deed == Deed::Play { Outcome::stay() } else { self.carry_out(model, deed).into() }
    }

    /// One line on, to the end. A stale wake-up is not its own.
    fn tick(&mut self, model: &mut Model, ticket: Ticket) -> Option<Outcome> {
        if self.playing.is_none() || ticket != self.ticket {
            return None;
        }
        if let (Some(seen), false) = (self.seen().cloned(), self.pending) {
            self.turn(&seen, Deed::Step);
        }
        if self.at_end() {
            self.playing = None;
            return Some(Outcome::stay());
        }
        Some(self.play(model).into())
    }

    fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
        let News::Ended(_, answered) = news else { return Outcome::stay() };
        match answered {
            Ok(Answer::Look(seen)) => {
                self.steps = self.steps.min(seen.recording.ticks.len());
                (self.seen, self.failed) = (Some((Arc::clone(&self.asked), seen)), None);
            }
            Ok(_) => return Outcome::stay(),
            Err(why) => {
                self.failed = Some(why.words().clone());
                self.later.clear();
            }
        }
        self.pending = false;
        let mut effects = Vec::new();
        for deed in std::mem::take(&mut self.later) {
            let asked = self.carry_out(model, deed);
            // Only the last kernel that was asked for is wanted.
            effects = if asked.is_empty() { effects } else { asked };
        }
        effects.into()
    }

    /// Other numbers are looked at anew; what was seen of another program is not shown any more.
    fn keep(&mut self, model: &mut Model) -> Outcome {
        if model.view.page == Page::Words {
            return Outcome::close();
        }
        if !Arc::ptr_eq(&self.asked.program, model.program()) {
            self.seen = None;
        }
        match model.run() {
            Some(run) if !same_numbers(run, &self.asked) => self.ask(model).into(),
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Scroll(3 * by))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let Some(seen) = self.seen() else { return vec![Line::say(self.waiting())] };
        let name = self.number().map_or_else(String::new, |(name, _)| name);
        let file = format!("{name}  shaders/{}.wgsl", seen.launch.file);
        std::iter::once(Line::Heading(Text::same(file))).chain(self.facts(model)).collect()
    }
}

fn next(ticks: &[Tick], from: usize, wanted: impl Fn(&Tick) -> bool) -> usize {
    let rest = ticks.get(from..).unwrap_or(&[]);
    rest.iter().position(wanted).map_or(ticks.len(), |at| from + at + 1)
}

/// On to where the line comes again after others; where it does not, to the first line that does, which is in the next loop;
/// to the end where there is none.
fn round(ticks: &[Tick], from: usize, shown: impl Fn(&Tick) -> bool) -> usize {
    let line = from.checked_sub(1).and_then(|at| ticks.get(at)).map(|tick| tick.line);
    if let Some(line) = line {
        let left = next(ticks, from, |tick| shown(tick) && tick.line != line);
        let again = next(ticks, left, |tick| shown(tick) && tick.line == line);
        if ticks.get(again.saturating_sub(1)).is_some_and(|tick| tick.line == line) && again > left {
            return again;
        }
    }
    let comes_again = |at: usize| {
        let tick = &ticks[at];
        let left = ticks[at..].iter().position(|other| shown(other) && other.line != tick.line);
        shown(tick)
            && left.is_some_and(|by| ticks[at + by..].iter().any(|other| shown(other) && other.line == tick.line))
    };
    (from..ticks.len()).find(|&at| comes_again(at)).map_or(ticks.len(), |at| at + 1)
}

/// Where a deed leads the whole workgroup.
fn turned(seen: &Seen, turns: usize, deed: Deed) -> usize {
    let all = Turns::turns(seen);
    match deed {
        Deed::Step => (turns + 1).min(all),
        Deed::Back => turns.saturating_sub(1),
        Deed::Round => {
            let met = |turn: &usize| Turns::after(seen, *turn).all_at_a_barrier(seen);
            (turns + 1..=all).find(met).unwrap_or(all)
        }
        Deed::RoundBack => {
            let met = |turn: &usize| Turns::after(seen, *turn).all_at_a_barrier(seen);
            (0..turns).rev().find(met).unwrap_or(0)
        }
        Deed::Start => 0,
        Deed::End => all,
        _ => turns,
    }
}
