//! `t`: the theatre. A small transformer learns a task while one watches its heads find what they look for.
//!
//! What is seen is a list of moments ([`Moment`]); learning is asked for a slice at a time. So to pause is to ask for no more, and to
//! go back is to stand at an earlier moment: from there learning goes on again, and what came later is another story.

mod says;

use std::sync::Arc;

use super::{Behaviour, Line, News, Outcome};
use crate::app::Model;
use crate::app::deeds::around;
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::{Axis, Cell};
use crate::program::{HeadPlace, Kind as ProgramKind, Layer};
use crate::session::{Answer, Contents, Job, Kind};
use crate::study::train::{Checkpoint, Example, Moment, Pattern, SHOWN, Task};

/// Moments from the beginning to where a task has mostly been learned.
const MOMENTS: u64 = 40;

/// Moments that are kept; where there are more, every other one goes and the next are twice as far apart.
const KEPT: usize = 3 * MOMENTS as usize;

/// Learning rates that one can choose.
const RATES: std::ops::RangeInclusive<f32> = 1e-6..=1e30;

/// The theatre.
#[derive(Debug, Clone)]
pub struct TheatreWindow {
    /// What is learned.
    pub task: Task,
    /// What its weights and its sentences are drawn from.
    pub seed: u64,
    /// η, the learning rate.
    pub rate: f32,
    /// What was seen, oldest first.
    pub moments: Vec<Arc<Moment>>,
    /// The moment that is looked at.
    pub at: usize,
    /// The head that is shown large, by its position among all.
    pub head: usize,
    /// The sentence, of those that are kept back.
    pub sentence: usize,
    /// The sentences that heads are shown on.
    pub examples: Arc<[Example]>,
    /// Whether it goes on learning, and up to which step.
    pub until: Option<u64>,
    /// Steps from one moment to the next.
    slice: u64,
    /// Why there is nothing to see.
    pub failed: Option<Text>,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Learn, or pause.
    Run,
    /// One step.
    Step,
    /// A learning rate twice or half as large.
    Rate(i32),
    /// Begin anew from another seed.
    Reseed,
    /// Another task.
    Task(isize),
    /// To a moment so much earlier or later.
    Scrub(isize),
    /// To the first moment, to the last.
    First,
    Last,
    /// Another head.
    Head(isize),
    /// Another sentence.
    Sentence(isize),
    /// Walk through the learner as it is at this moment.
    Open,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('t')],
        name: "theatre.open",
        group: Some(Group::Heads),
        when: When::Always,
        short: None,
        help: Text::new(
            "训练剧场：看一个小 Transformer 现场学会一件事，注意力一点点成形",
            "the theatre: watch a small transformer learn a task, and its heads take shape",
        ),
    },
    after: "walk.next_layer",
    open: |model| {
        if let Some(window) = model.theatre.take() {
            model.open_window(*window);
            return Vec::new();
        }
        let mut window = TheatreWindow::new(Task::Reverse, model.settings.seed);
        let begins = window.begin(model);
        model.open_window(window);
        begins.effects
    },
};

impl TheatreWindow {
    /// Nothing learned yet.
    pub fn new(task: Task, seed: u64) -> Self {
        let mut examples = task.held_out(seed);
        examples.truncate(SHOWN);
        let recipe = task.recipe();
        let slice = (recipe.steps / MOMENTS).max(1);
        Self {
            task,
            seed,
            rate: recipe.rate,
            moments: Vec::new(),
            at: 0,
            // The last head is the one that answers.
            head: usize::MAX,
            sentence: 0,
            examples: examples.into(),
            until: None,
            slice,
            failed: None,
        }
    }

    /// Examines the learner that has not learned yet.
    fn begin(&mut self, model: &mut Model) -> Outcome {
        match Checkpoint::new(self.task, self.seed) {
            Ok(checkpoint) => {
                model.ask(Job::Train { checkpoint: Arc::new(checkpoint), steps: 0, rate: self.rate }).into()
            }
            Err(error) => {
                self.failed = Some(error.words());
                Outcome::stay()
            }
        }
    }

    /// The moment that is looked at.
    pub fn moment(&self) -> Option<&Arc<Moment>> {
        self.moments.get(self.at)
    }

    /// The steps taken by then.
    pub fn step(&self) -> u64 {
        self.moment().map_or(0, |moment| moment.checkpoint.step)
    }

    /// Every head, layer by layer.
    pub fn heads(&self) -> Vec<HeadPlace> {
        let Some(moment) = self.moment() else { return Vec::new() };
        let of_layer = |(layer, weights): (usize, &Arc<crate::math::tensor::Tensor<f32>>)| {
            let [_, heads, ..] = weights.shape().lens();
            (0..heads).map(move |head| HeadPlace { layer: Some(Layer(layer)), head })
        };
        moment.weights.iter().enumerate().flat_map(of_layer).collect()
    }

    /// The head that is shown large.
    pub fn chosen(&self) -> Option<HeadPlace> {
        let heads = self.heads();
        heads.get(self.head).or(heads.last()).copied()
    }

    /// Its position among all.
    pub fn chosen_position(&self) -> usize {
        self.head.min(self.heads().len().saturating_sub(1))
    }

    /// What a head looks at in the sentence that is shown: rows, columns, and the weights row by row.
    pub fn weights(&self, moment: &Moment, head: HeadPlace) -> Option<(usize, usize, Vec<f32>)> {
        let tensor = moment.weights.get(head.layer?.0)?;
        let [sentences, heads, rows, cols] = tensor.shape().lens();
        if self.sentence >= sentences || head.head >= heads {
            return None;
        }
        let cell = |row, col| Cell { batch: self.sentence, head: head.head, row, col };
        let numbers =
            (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))).map(|(row, col)| tensor.get(cell(row, col)));
        Some((rows, cols, numbers.collect()))
    }

    /// The words along the rows and the columns of a head's weights.
    pub fn words(&self, head: HeadPlace) -> Option<(Vec<String>, Vec<String>)> {
        let moment = self.moment()?;
        let shape = *moment.weights.get(head.layer?.0)?.shape();
        let example = self.examples.get(self.sentence)?;
        let along = |axis: Axis| -> Vec<String> {
            match axis {
                Axis::Memory => example.memory.iter().map(|&n| self.task.memory_word(n)).collect(),
                _ => example.words.iter().map(|&n| self.task.word(n)).collect(),
            }
        };
        // Across, a word looks for the one that is to be written next.
        let rows = if head.layer.is_some_and(|layer| self.task.looks_across(layer)) {
            let word = |target: &Option<usize>| target.map_or_else(String::new, |n| self.task.word(n));
            example.targets.iter().map(word).collect()
        } else {
            along(shape.rows.axis)
        };
        Some((rows, along(shape.cols.axis)))
    }

    /// The pattern that a head is nearest to, and how near it is at a moment; none where nothing is asked of its layer.
    pub fn nearest(&self, moment: &Moment, head: HeadPlace) -> Option<(&'static Pattern, f64)> {
        let best = moment.evaluation.nearest(head)?;
        Some((self.task.pattern(best.measure)?, best.value))
    }

    /// A pattern as weights: each word looks at those that are right, evenly.
    pub fn right(&self, pattern: &Pattern, cols: usize) -> Vec<f32> {
        let Some(example) = self.examples.get(self.sentence) else { return Vec::new() };
        let row = |right: Vec<usize>| {
            let share = 1.0 / right.len().max(1) as f32;
            (0..cols).map(move |col| if right.contains(&col) { share } else { 0.0 })
        };
        (pattern.links)(example).into_iter().flat_map(row).collect()
    }

    /// So many moments, evenly from the first to the last, by their positions.
    pub fn film(&self, room: usize) -> Vec<usize> {
        let all = self.moments.len();
        if all <= room {
            return (0..all).collect();
        }
        let last = room.max(2) - 1;
        (0..=last).map(|n| n * (all - 1) / last).take(room).collect()
    }

    /// Asks for the next slice from the moment that is looked at; what came after it goes.
    fn go_on(&mut self, model: &mut Model, steps: u64) -> Outcome {
        let Some(moment) = self.moment() else { return self.begin(model) };
        let checkpoint = Arc::clone(&moment.checkpoint);
        self.moments.truncate(self.at + 1);
        model.ask(Job::Train { checkpoint, steps, rate: self.rate }).into()
    }

    /// The whole learner of this moment, to walk through.
    fn open(&self, model: &mut Model) -> Outcome {
        let (Some(moment), Some(example)) = (self.moment(), self.examples.get(self.sentence)) else {
            return Outcome::stay();
        };
        match moment.whole(example) {
            Ok(sample) => {
                let effects = crate::app::update::open(model, Arc::new(sample));
                Outcome { effects, closes: true }
            }
            Err(fault) => {
                model.warn(fault.words().clone());
                Outcome::stay()
            }
        }
    }

    /// What a sample of this moment is made of.
    ///
    /// # Errors
    /// Words for the person, where there is nothing yet.
    pub(crate) fn to_be_saved(&self, path: &str) -> Result<Contents, Text> {
        let Some(moment) = self.moment() else {
            return Err(Text::new("还没有可以存的", "there is nothing to save yet"));
        };
        Ok(Contents::Learned {
            moment: Arc::clone(moment),
            sentence: self.sentence,
            command: moment.command(path, None),
        })
    }

    /// Takes up what was learned.
    fn see(&mut self, moment: Arc<Moment>) {
        let Checkpoint { task, seed, step, .. } = *moment.checkpoint;
        if (task, seed) != (self.task, self.seed) {
            return; // asked for before another was begun
        }
        // A slice that broke off ends where it began.
        while self.moments.last().is_some_and(|last| last.checkpoint.step >= step) {
            self.moments.pop();
        }
        self.moments.push(moment);
        if self.moments.len() > KEPT {
            let last = self.moments.len() - 1;
            let mut n = 0..;
            self.moments.retain(|_| n.next().is_some_and(|n| n % 2 == 0 || n == last));
            self.slice *= 2;
        }
        self.at = self.moments.len() - 1;
    }

    /// The next slice, while it runs.
    fn next(&mut self, model: &mut Model) -> Outcome {
        let (step, Some(until)) = (self.step(), self.until) else { return Outcome::stay() };
        if step >= until || self.moment().is_some_and(|moment| moment.trouble.is_some()) {
            self.until = None;
            return Outcome::stay();
        }
        let steps = self.slice.min(until - step);
        self.go_on(model, steps)
    }

    fn run(&mut self, model: &mut Model) -> Outcome {
        if self.until.take().is_some() {
            return model.cancel(Kind::Train).into();
        }
        let usual = self.task.recipe().steps.max(1);
        self.until = Some((self.step() / usual + 1) * usual);
        let steps = self.slice;
        self.go_on(model, steps)
    }

    /// Another learner in place of this one.
    fn anew(&mut self, model: &mut Model, task: Task, seed: u64) -> Outcome {
        let mut effects = model.cancel(Kind::Train);
        let rate = if task == self.task { self.rate } else { task.recipe().rate };
        *self = Self { rate, ..Self::new(task, seed) };
        effects.extend(self.begin(model).effects);
        effects.into()
    }

    fn pause(&mut self, model: &mut Model) -> Outcome {
        if self.until.take().is_none() {
            return Outcome::stay();
        }
        model.cancel(Kind::Train).into()
    }
}

impl Behaviour for TheatreWindow {
    type Deed = Deed;
    const NAME: &'static str = "theatre";
    const TITLE: Text = Text::new("训练剧场", "the theatre of training");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Train];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Char(' ')], "theatre.run", Deed::Run, short("学/暂停", "learn/pause"), "开始学，再按一次暂停；回到从前再按，就从那里重新学", "learn; press again to pause; from an earlier moment it learns anew from there"),
        row(&[Key::Char('n')], "theatre.step", Deed::Step, short("一步", "one step"), "只学一步", "one step alone"),
        row(&[Key::Enter], "theatre.open_moment", Deed::Open, short("走进去", "walk in"), "走进这一刻的小 Transformer：每一层、每一步都能看，t 回来", "walk through the transformer of this moment, layer by layer; t comes back"),
        row(&[Key::Left, Key::Char('h')], "theatre.earlier", Deed::Scrub(-1), short("回看", "moments"), "看前一个时刻", "the moment before"),
        row(&[Key::Right, Key::Char('l')], "theatre.later", Deed::Scrub(1), None, "看后一个时刻", "the next moment"),
        row(&[Key::Home], "theatre.first", Deed::First, None, "回到还没学的时候", "to the beginning, before anything was learned"),
        row(&[Key::End, Key::Char('G')], "theatre.last", Deed::Last, None, "到最后一个时刻", "to the last moment"),
        row(&[Key::Tab], "theatre.next_task", Deed::Task(1), short("换任务", "task"), "换一个任务：倒写、抄前一个、归纳、括号、排序、翻译", "another task: reverse, previous, induction, brackets, sort, translation"),
        row(&[Key::BackTab], "theatre.previous_task", Deed::Task(-1), None, "上一个任务", "the task before"),
        row(&[Key::Char('+')], "theatre.faster", Deed::Rate(1), short("学习率", "rate"), "学习率加倍", "twice the learning rate"),
        row(&[Key::Char('-')], "theatre.slower", Deed::Rate(-1), short("学习率", "rate"), "学习率减半", "half the learning rate"),
        row(&[Key::Char('r')], "theatre.reseed", Deed::Reseed, short("换种子", "reseed"), "换一个种子，从头再来", "begin anew from another seed"),
        row(&[Key::Down, Key::Char('j')], "theatre.next_head", Deed::Head(1), short("换头", "head"), "放大下一个头", "enlarge the next head"),
        row(&[Key::Up, Key::Char('k')], "theatre.previous_head", Deed::Head(-1), None, "放大上一个头", "enlarge the head before"),
        row(&[Key::Char('>')], "theatre.next_sentence", Deed::Sentence(1), short("换句", "sentence"), "换一句没学过的话来看", "look at another sentence that was kept back"),
        row(&[Key::Char('<')], "theatre.previous_sentence", Deed::Sentence(-1), None, "上一句", "the sentence before"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::Run => return self.run(model),
            Deed::Step => {
                self.until = None;
                return self.go_on(model, 1);
            }
            Deed::Rate(by) => self.rate = (self.rate * 2f32.powi(by)).clamp(*RATES.start(), *RATES.end()),
            Deed::Reseed => return self.anew(model, self.task, self.seed.wrapping_add(1)),
            Deed::Task(by) => {
                let at = Task::ALL.iter().position(|task| *task == self.task).unwrap_or(0);
                let task = Task::ALL[around(at, by, Task::ALL.len())];
                return self.anew(model, task, self.seed);
            }
            Deed::Scrub(by) => {
                let paused = self.pause(model);
                self.at = self.at.saturating_add_signed(by).min(self.moments.len().saturating_sub(1));
                return paused;
            }
            Deed::First => {
                let paused = self.pause(model);
                self.at = 0;
                return paused;
            }
            Deed::Last => self.at = self.moments.len().saturating_sub(1),
            Deed::Open => return self.open(model),
            Deed::Head(by) => self.head = around(self.chosen_position(), by, self.heads().len().max(1)),
            Deed::Sentence(by) => self.sentence = around(self.sentence, by, self.examples.len().max(1)),
        }
        Outcome::stay()
    }

    fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
        match news {
            News::Ended(_, Ok(Answer::Trained(moment))) => {
                self.see(moment);
                self.next(model)
            }
            News::Ended(_, Err(why)) => {
                (self.failed, self.until) = (Some(why.words().clone()), None);
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    /// What was learned stays, to be gone on with when the theatre is opened again.
    fn leave(&self, model: &mut Model) -> Vec<crate::app::Effect> {
        model.theatre = Some(Box::new(Self { until: None, ..self.clone() }));
        Self::WORK.iter().flat_map(|kind| model.cancel(*kind)).collect()
    }

    fn says(&self, _model: &Model) -> Vec<Line> {
        says::lines(self)
    }
}

impl Model {
    /// The theatre that is open, or that the learner which is walked through came from.
    pub(in crate::app) fn theatre_now(&self) -> Option<&TheatreWindow> {
        let open = self.windows.iter().find_map(|window| match window {
            super::Window::Theatre(theatre) => Some(theatre),
            _ => None,
        });
        let is_learner = matches!(self.program().kind(), ProgramKind::Learner | ProgramKind::Translator);
        open.or_else(|| self.theatre.as_deref().filter(|_| is_learner))
    }
}
