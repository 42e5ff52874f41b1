//! Everything the screen shows, as plain data.

use std::ops::Range;
use std::sync::Arc;

use super::attributed::Attributed;
use super::clinic::Clinic;
use super::history::History;
use super::palette::Palette;
use super::presenting::Presenting;
use super::results::Results;
use super::stepping::Stepping;
use super::studied::Studied;
use super::view::{Page, View};
use super::waiting::Waiting;
use super::windows::Windows;

use crate::ground::lang::{Lang, Text};
use crate::ground::text::Lens;
use crate::math::tensor::{Axis, Cell, Shape};
use crate::program::{Address, Program, Slot, Trace, labels};
use crate::session::{Choice, Job, Run, Second};
use crate::source::sample::{Design, Names, NumberOrigin, Origin, Sample, Scenario};
use crate::study::learned::Learned;
use crate::study::quiz::Answered;

/// What stays the same between samples: how the person wants to see things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub palette: &'static Palette,
    /// Only ASCII beside the words of the sample.
    pub ascii: bool,
    /// Which backend was asked for.
    pub backend: Choice,
    /// Random weights instead of the sample's own.
    pub random: bool,
    /// The seed of random weights.
    pub seed: u64,
}

/// A line for the person, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub text: Text,
    /// Whether something went wrong.
    pub bad: bool,
}

/// What the numbers on the screen were computed from; changes only together with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// Where the weights come from.
    pub origin: Origin,
    /// The seed of random weights, where they were drawn here.
    pub seed: Option<u64>,
    /// What of the words is random; none where nothing is.
    pub random: Option<Text>,
    /// The switches that were turned.
    pub switches: Vec<Text>,
    /// Whether numbers were changed by hand.
    pub edited: bool,
}

/// What is known of the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is being opened; the CPU's numbers show meanwhile.
    Opening,
    /// It computes.
    Open,
    /// There is none, and why.
    None(Text),
    /// None was asked for.
    NotWanted,
}

/// What is shown: a sample, and what was changed about it.
#[derive(Debug, Clone)]
pub struct Material {
    /// The sample as it was read.
    pub original: Arc<Sample>,
    /// The same with the sentence that the person typed, if any.
    pub base: Arc<Sample>,
    /// The same with the switches of the scenario turned.
    pub(super) turned: Arc<Sample>,
    /// The sample as it is shown: with the numbers changed by hand too.
    pub sample: Arc<Sample>,
    /// What the original's heads do as they were designed.
    pub(super) design: Arc<Design>,
    /// Everything that was changed, but for the sentence.
    pub scenario: Scenario,
    /// How finely sentences are cut.
    pub lens: Lens,
    /// The sentence that the person typed, with the boundaries set by hand.
    pub written: Option<String>,
}

impl Status {
    /// Before a device that may be wanted has answered.
    pub(super) const fn before(choice: Choice) -> Self {
        if choice.wants_a_device() { Self::Opening } else { Self::NotWanted }
    }
}

/// A sample under a scenario that was saved with it: with the switches turned, and with the numbers changed too. It fits: the
/// file was checked when it was read.
pub(super) fn made(scenario: &Scenario, sample: &Arc<Sample>) -> (Arc<Sample>, Arc<Sample>) {
    let turned = scenario.switches().turn_switches(sample).map_or_else(|_| Arc::clone(sample), Arc::new);
    let numbers = scenario.put_numbers(&turned).map_or_else(|_| Arc::clone(&turned), Arc::new);
    (turned, numbers)
}

impl Caption {
    /// The sample as it was read.
    pub(super) fn plain(sample: &Sample) -> Self {
        let random = sample.randomness();
        Self { origin: sample.origin, seed: None, random, switches: Vec::new(), edited: false }
    }
}

/// Everything the screen shows.
#[derive(Debug, Clone)]
pub struct Model {
    /// How the person wants to see things.
    pub settings: Settings,
    /// What is shown.
    pub material: Material,
    /// What was changed, to be undone.
    pub(super) history: History,
    /// What is known of the latest run.
    pub(super) results: Option<Results>,
    /// The result before the first edit, to compare with.
    pub(super) baseline: Option<Arc<Run>>,
    /// What the heads are like over many sentences.
    pub(super) studied: Studied,
    /// The attention of the latest run, read another way.
    pub(super) attributed: Attributed,
    /// The second sentence beside the one that is shown.
    pub(super) beside: Option<Arc<Second>>,
    /// Where the walk is.
    pub view: View,
    /// Slow motion, and where it stands.
    pub stepping: Stepping,
    /// The windows over the walk.
    pub windows: Windows,
    /// The lesson that is being played.
    pub(super) lesson: Option<super::lesson::Playing>,
    /// For a whole class: large, one thing at a time; none where somebody looks alone.
    pub(super) presenting: Option<Presenting>,
    /// What was learned so far.
    pub(super) learned: Learned,
    /// How many of the answers it knows of.
    pub(super) recorded: usize,
    /// Whether that is kept: it is not in pictures.
    pub(super) keeps: bool,
    /// Whether something of it is not yet known to be kept.
    pub(super) unkept: bool,
    /// The theatre as it was left.
    pub(super) theatre: Option<Box<super::windows::TheatreWindow>>,
    /// The bug clinic: the case being worked on, and those that are solved.
    pub clinic: Clinic,
    /// A line for the person.
    pub notice: Option<Notice>,
    /// The device.
    pub status: Status,
    /// The answers that are wanted.
    pub(super) waiting: Waiting,
    /// Whether somebody wanted to leave with changes that no file holds, and was told.
    pub(super) leaving: bool,
    /// What was changed when it was last saved.
    pub(super) kept: Vec<Text>,
    /// Commands that were typed, the latest last.
    pub(super) typed: Vec<String>,
    /// The questions that were answered, the latest last.
    pub answers: Vec<Answered>,
    /// How many questions were drawn: what the next one is drawn from.
    pub(super) asked: u64,
    /// How often the numbers were changed: what random rows are drawn from.
    pub(super) changes: u64,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

impl Model {
    /// The model before the first result.
    pub fn new(sample: Arc<Sample>, settings: Settings) -> Self {
        let status = Status::before(settings.backend);
        let material = Material {
            original: Arc::clone(&sample),
            base: Arc::clone(&sample),
            turned: Arc::clone(&sample),
            sample,
            design: Arc::default(),
            scenario: Scenario::default(),
            lens: Lens::default(),
            written: None,
        };
        let mut model = Self {
            settings,
            material,
            history: History::default(),
            results: None,
            baseline: None,
            studied: Studied::default(),
            attributed: Attributed::default(),
            beside: None,
            view: View::beginning(),
            stepping: Stepping::default(),
            windows: Windows::default(),
            lesson: None,
            presenting: None,
            learned: Learned::default(),
            recorded: 0,
            keeps: false,
            unkept: false,
            theatre: None,
            clinic: Clinic::default(),
            notice: None,
            status,
            waiting: Waiting::default(),
            leaving: false,
            kept: Vec::new(),
            typed: Vec::new(),
            answers: Vec::new(),
            asked: 0,
            changes: 0,
            size: (80, 24),
        };
        model.settle();
        model.kept = model.changes();
        model.begin_in_a_layer();
        model
    }

    /// The model beginning with a sentence of one's own instead of the original's.
    #[must_use]
    pub fn with_sentence(mut self, base: Arc<Sample>, written: String, lens: Lens) -> Self {
        let turned =
            self.material.scenario.switches().turn_switches(&base).map_or_else(|_| Arc::clone(&base), Arc::new);
        (self.material.base, self.material.turned, self.material.sample) = (base, Arc::clone(&turned), turned);
        (self.material.scenario, self.material.lens, self.material.written) =
            (self.material.scenario.switches(), lens, Some(written));
        self
    }

    /// What the runtime carries out before the first message.
    pub fn first_request(&mut self) -> Vec<super::Effect> {
        let mut effects = super::update::recompute(self);
        if self.settings.backend.wants_a_device() {
            effects.extend(self.ask(Job::Open(self.settings.backend)));
        }
        effects
    }

    /// Starts on the original: as it was saved, or under random weights where those were asked for.
    fn settle(&mut self) {
        let saved = self.material.original.what_if.clone();
        let seed = if self.settings.random { Some(self.settings.seed) } else { saved.seed };
        let scenario = Scenario { seed, ..saved };
        self.material.base = Arc::clone(&self.material.original);
        self.material.design = Arc::new(Design::of(&self.material.original));
        (self.material.turned, self.material.sample) = made(&scenario, &self.material.base);
        self.material.scenario = scenario;
        (self.material.lens, self.material.written) = (Lens::default(), None);
    }

    /// What is computed now, in a few words.
    pub(super) fn caption_now(&self) -> Caption {
        let Scenario { seed, numbers, .. } = &self.material.scenario;
        let switches = self.material.scenario.turned();
        let sample = &self.material.sample;
        Caption { seed: *seed, switches, edited: !numbers.is_empty(), ..Caption::plain(sample) }
    }

    /// Everything that is different from the sample as it was read, one line each.
    pub fn changes(&self) -> Vec<Text> {
        let sentence = self.material.written.is_some().then(|| {
            let (written, lens) = (&self.material.sample.text, self.material.lens.label());
            Text::owned(
                format!("句子：{written}（按{}切）", lens.zh),
                format!("sentence: {written} (cut into {})", lens.en),
            )
        });
        sentence.into_iter().chain(self.material.scenario.changes(&self.material.base)).collect()
    }

    /// The sentence as it was typed, or as the sample has it.
    pub fn sentence(&self) -> String {
        self.material.written.clone().unwrap_or_else(|| self.material.sample.text.clone())
    }

    /// The program that is shown.
    pub fn program(&self) -> &Arc<Program> {
        &self.material.sample.program
    }

    /// The tensor in which the cursor is.
    pub fn slot(&self) -> Slot {
        let tensors = self.tensors(self.view.page);
        tensors.get(self.view.focus).or(tensors.first()).copied().unwrap_or(Slot(0))
    }

    /// The shape of the tensor in which the cursor is.
    pub fn shape(&self) -> Shape {
        self.program().shape(self.slot())
    }

    /// The number under the cursor.
    pub fn address(&self) -> Address {
        let slot = self.slot();
        let columns = self.columns(slot);
        let cell = Trace::nearest(&self.shape(), self.view.cursor);
        let col = columns.start + self.view.cursor.col.min(columns.len().saturating_sub(1));
        Address { slot, cell: Cell { col, ..cell } }
    }

    /// The number of a stage's result that the picture singles out: the one under the cursor, or the one where the
    /// cursor stood before it went to a given tensor.
    pub fn result(&self, stage: usize) -> Address {
        let slot = self.program().output_of(stage);
        let place = if self.view.focus == 0 {
            self.view.cursor
        } else {
            self.view.cursor.moved(self.view.anchor.row, self.view.anchor.col)
        };
        Address { slot, cell: Trace::nearest(&self.program().shape(slot), place) }
    }

    /// The columns of a tensor that take part in the page: of weights that hold all heads side by side, those of the
    /// head that is shown. Where heads are read by mistake, any of them may.
    pub fn columns(&self, slot: Slot) -> Range<usize> {
        let shape = self.program().shape(slot);
        let heads_side_by_side =
            matches!(shape.cols.axis, Axis::HeadFeature | Axis::HeadValue) && shape.rows.axis == Axis::Model;
        let Page::Stage(index) = self.view.page else { return 0..shape.cols.len };
        if !heads_side_by_side {
            return 0..shape.cols.len;
        }
        let stage = &self.program().stages()[index];
        if stage.op.name() != "project" {
            return 0..shape.cols.len;
        }
        let made = stage.shape;
        let (d, head) = (made.cols.len, self.view.cursor.head.min(made.heads.unwrap_or(1) - 1));
        head * d..(head + 1) * d
    }

    /// The words of a tensor.
    pub fn label(&self, slot: Slot) -> labels::Label {
        labels::of(self.program(), slot)
    }

    /// Where a number comes from.
    pub fn number_origin(&self, address: Address) -> NumberOrigin {
        self.material.sample.number_origin(address, &self.material.scenario)
    }

    /// Whether there is room for words that a narrow screen does without.
    pub(crate) const fn is_wide(&self) -> bool {
        self.size.0 >= 110
    }

    /// Names of rows and columns in the reader's language.
    pub fn names(&self) -> Names<'_> {
        self.material.sample.names_in(self.settings.lang)
    }

    /// Says something that went wrong.
    pub(super) fn warn(&mut self, text: Text) {
        self.notice = Some(Notice { text, bad: true });
    }

    /// Says what was done, and that it can be undone.
    pub(super) fn say_undoable(&mut self, done: &Text) {
        let text = Text::owned(format!("{}；u 撤销", done.zh), format!("{}; u undoes it", done.en));
        self.notice = Some(Notice { text, bad: false });
    }

    /// The words in the reader's language.
    pub fn say<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.settings.lang)
    }
}
