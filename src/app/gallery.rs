//! Heads as something to look through: which of them are shown, in what order, and what is made of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use tui_input::Input;

use super::deeds::{around, perform};
use super::edits::{or_warn, put, silence_head, tidy};
use super::keymap::{self, Deed, HeadDeed, Key};
use super::update::warn;
use super::windows::type_into;
use super::{Effect, Model, Overlay, Tiles};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Address, Name};
use crate::session::Job;
use crate::source::sample::Scenario;
use crate::study::heads::{self, Filter, Head, Study, metrics, order_by_likeness, view};

/// Weights below this are hidden; the key goes through them.
const THRESHOLDS: [f32; 6] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5];

/// Only so many of the largest weights of a row are kept; the key goes through them, 0 keeps all.
const KEPT: [usize; 5] = [0, 1, 2, 3, 5];

/// A filter longer than this is not typed by a person.
const LONGEST_FILTER: usize = 200;

/// How far one press moves a query in the plane.
const NUDGE: f32 = 0.1;

/// What the window of heads shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    /// Every head as a small picture.
    #[default]
    Gallery,
    /// Words joined by lines.
    Lines,
    /// Whether attention explains.
    Reasons,
    /// Queries, keys and values in the plane.
    Plane,
    /// What the head asks of whom, and what it moves.
    Forms,
    /// One large projection cut into heads, or many small ones.
    Split,
}

impl Sight {
    /// All of them, in the order in which Tab goes through them.
    pub const ALL: [Self; 6] = [Self::Gallery, Self::Lines, Self::Reasons, Self::Plane, Self::Forms, Self::Split];

    /// A word for the row of tabs.
    pub const fn label(self) -> Text {
        match self {
            Self::Gallery => Text::new("图", "gallery"),
            Self::Lines => Text::new("连线", "lines"),
            Self::Reasons => Text::new("算解释吗", "an explanation?"),
            Self::Plane => Text::new("平面", "plane"),
            Self::Forms => Text::new("双线性", "forms"),
            Self::Split => Text::new("拆还是投影", "split or project"),
        }
    }
}

/// What the large picture is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combine {
    /// The chosen head.
    #[default]
    Chosen,
    /// The mean of the marked ones.
    Average,
    /// The first marked one minus the second.
    Difference,
}

/// The window of heads.
#[derive(Debug, Clone, Default)]
pub struct Gallery {
    /// What it shows.
    pub sight: Sight,
    /// The chosen head, by its place among all.
    pub chosen: usize,
    /// The chosen word, a row of the weights.
    pub word: usize,
    /// Whether only the chosen word's lines are drawn.
    pub only: bool,
    /// Whether lines of all marked heads are drawn, each in its colour; and reasons are over all heads together.
    pub together: bool,
    /// Whether one picture fills the window.
    pub opened: Option<Combine>,
    /// Marked heads.
    pub marked: BTreeSet<usize>,
    threshold: usize,
    kept: usize,
    /// The head that the others are ordered by.
    pub alike: Option<usize>,
    /// Which heads are shown.
    pub filter: Option<Filter>,
    /// A filter being typed, and what is wrong with it.
    pub typing: Option<(Input, Option<Text>)>,
}

/// Opens the window on the head under the cursor, and asks what its heads are like where that is not known.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    let head = model.cursor.head.min(model.program().heads() - 1);
    model.overlay = Overlay::Heads(Gallery { chosen: head, word: model.cursor.row, ..Gallery::default() });
    study(model)
}

/// Asks what the heads are like over many sentences, unless that is known of these weights.
pub(super) fn study(model: &mut Model) -> Vec<Effect> {
    let scenario = Scenario { silenced: BTreeSet::new(), ..model.scenario.of_weights() };
    if model.studied.as_ref().is_some_and(|(known, _)| *known == scenario) {
        return Vec::new();
    }
    model.studied = None;
    model.ask(Job::Study { sample: Arc::clone(&model.original), scenario })
}

impl Gallery {
    /// Weights below this are hidden.
    pub fn threshold(&self) -> f32 {
        THRESHOLDS[self.threshold]
    }

    /// How many of the largest weights of a row are kept; none keeps all.
    pub fn kept(&self) -> Option<usize> {
        Some(KEPT[self.kept]).filter(|&k| k > 0)
    }

    /// The heads that are shown, in their order.
    pub fn shown(&self, model: &Model) -> Vec<usize> {
        let all = heads::all(model.program());
        let mut order: Vec<usize> = (0..all.len()).collect();
        if let (Some(to), Some(trace)) = (self.alike.and_then(|at| all.get(at)), model.trace()) {
            // Heads of one layer can be compared: those of the others follow in their order.
            let alike = order_by_likeness(trace.tensor(to.weights), model.cursor.batch, to.head);
            let place = |at: &usize| {
                let head = all[*at];
                let near = alike.iter().position(|&h| h == head.head).filter(|_| head.layer == to.layer);
                near.map_or((1, *at), |n| (0, n))
            };
            order.sort_by_key(place);
        }
        if let Some(filter) = &self.filter {
            order.retain(|&at| filter.accepts(&measured(model, all[at], at)));
        }
        order
    }

    /// The weights of a head as they are shown: those below the threshold, and those beyond the largest, are gone.
    pub fn weights(&self, model: &Model, at: usize) -> Option<Weights> {
        let head = *heads::all(model.program()).get(at)?;
        let tensor = model.trace()?.tensor(head.weights);
        let [batches, _, rows, cols] = tensor.shape().lens();
        let batch = model.cursor.batch.min(batches - 1);
        let start = tensor.shape().offset(Cell { batch, head: head.head, row: 0, col: 0 });
        let numbers = tensor.as_slice()[start..start + rows * cols].to_vec();
        let mut weights = Weights { rows, cols, numbers };
        self.thin(&mut weights);
        Some(weights)
    }

    /// The large picture's numbers.
    pub fn combined(&self, model: &Model) -> Option<Weights> {
        let marked: Vec<usize> = self.marked.iter().copied().collect();
        let (share, of): (Vec<f32>, &[usize]) = match self.opened.unwrap_or_default() {
            Combine::Chosen => (vec![1.0], std::slice::from_ref(&self.chosen)),
            Combine::Average => (vec![1.0 / marked.len() as f32; marked.len()], &marked),
            Combine::Difference => (vec![1.0, -1.0], &marked),
        };
        let plain = Self::default();
        let mut sum: Option<Weights> = None;
        for (&at, share) in of.iter().zip(share) {
            let one = if of.len() == 1 { self.weights(model, at)? } else { plain.weights(model, at)? };
            let sum = sum.get_or_insert_with(|| Weights { numbers: vec![0.0; one.numbers.len()], ..one.clone() });
            sum.numbers.iter_mut().zip(&one.numbers).for_each(|(sum, x)| *sum += share * x);
        }
        sum
    }

    fn thin(&self, weights: &mut Weights) {
        let least = self.threshold();
        let hide = |row: &mut [f32], least: f32| row.iter_mut().filter(|x| **x < least).for_each(|x| *x = 0.0);
        if least > 0.0 {
            hide(&mut weights.numbers, least);
        }
        let Some(kept) = self.kept() else { return };
        for row in weights.numbers.chunks_mut(weights.cols.max(1)) {
            let mut sorted: Vec<f32> = row.to_vec();
            sorted.sort_by(|a, b| b.total_cmp(a));
            if let Some(&smallest) = sorted.get(kept - 1) {
                hide(row, smallest);
            }
        }
    }
}

/// A matrix of weights to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Words that ask.
    pub rows: usize,
    /// Words that are looked at.
    pub cols: usize,
    /// Row by row; 0 where hidden.
    pub numbers: Vec<f32>,
}

impl Weights {
    /// One weight.
    pub fn at(&self, row: usize, col: usize) -> f32 {
        self.numbers.get(row * self.cols + col).copied().unwrap_or(0.0)
    }
}

/// A head's metrics for the filter: over the corpus where they are known, else in the sentence that is shown.
fn measured(model: &Model, head: Head, at: usize) -> Vec<Option<f64>> {
    if let Some((_, study)) = &model.studied
        && let Some(profile) = study.heads.get(at)
    {
        return profile.metrics.iter().map(|over| over.map(|o| o.mean)).collect();
    }
    let Some(trace) = model.trace() else { return Vec::new() };
    metrics::measure(&view(&model.sample, trace.tensor(head.weights), model.cursor.batch, head.head))
}

/// What the heads of the model are like, where that is known.
pub(super) fn known(model: &Model) -> Option<&Study> {
    model.studied.as_ref().map(|(_, study)| &**study)
}

pub(super) fn press(model: &mut Model, key: Key, mut gallery: Gallery) -> Vec<Effect> {
    if let Some((input, _)) = gallery.typing.take() {
        type_filter(&mut gallery, input, key);
        model.overlay = Overlay::Heads(gallery);
        return Vec::new();
    }
    if let Some(deed) = keymap::head_deed(key) {
        return window(model, deed, gallery);
    }
    match keymap::deed(key) {
        Some(Deed::Close | Deed::Quit | Deed::Heads) if gallery.opened.is_some() => gallery.opened = None,
        Some(Deed::Close | Deed::Quit | Deed::Heads) => return Vec::new(),
        Some(deed @ (Deed::Up | Deed::Down | Deed::Left | Deed::Right)) => return arrow(model, deed, gallery),
        Some(Deed::Step) => gallery.word = around(gallery.word, 1, words(model)),
        Some(Deed::Back) => gallery.word = around(gallery.word, -1, words(model)),
        Some(Deed::NextHead) => choose(model, &mut gallery, 1),
        Some(Deed::PreviousHead) => choose(model, &mut gallery, -1),
        Some(Deed::Open) => {
            gallery.opened = if gallery.opened.is_some() { None } else { Some(Combine::Chosen) };
        }
        Some(
            deed @ (Deed::Language
            | Deed::Theme
            | Deed::Undo
            | Deed::Redo
            | Deed::NextSentence
            | Deed::PreviousSentence),
        ) => {
            model.overlay = Overlay::Heads(gallery);
            return perform(model, deed);
        }
        _ => {}
    }
    model.overlay = Overlay::Heads(gallery);
    Vec::new()
}

/// How many words ask.
fn words(model: &Model) -> usize {
    model.program().find(None, Name::Weights).map_or(1, |slot| model.program().shape(slot).rows.len)
}

/// Goes to another of the heads that are shown.
fn choose(model: &Model, gallery: &mut Gallery, by: isize) {
    let shown = gallery.shown(model);
    let at = shown.iter().position(|&head| head == gallery.chosen).unwrap_or(0);
    if let Some(&next) = shown.get(around(at, by, shown.len())) {
        gallery.chosen = next;
    }
}

fn arrow(model: &mut Model, deed: Deed, mut gallery: Gallery) -> Vec<Effect> {
    let (across, down) = match deed {
        Deed::Left => (-1, 0),
        Deed::Right => (1, 0),
        Deed::Up => (0, -1),
        _ => (0, 1),
    };
    match gallery.sight {
        Sight::Plane => {
            model.overlay = Overlay::Heads(gallery);
            return nudge(model, across, -down);
        }
        Sight::Gallery if gallery.opened.is_none() => {
            let shown = gallery.shown(model);
            let columns = Tiles::of(model, shown.len()).columns as isize;
            let at = shown.iter().position(|&head| head == gallery.chosen).unwrap_or(0);
            let next = at.saturating_add_signed(across + down * columns);
            if let Some(&head) = shown.get(next) {
                gallery.chosen = head;
            }
        }
        _ if across != 0 => choose(model, &mut gallery, across),
        _ => gallery.word = around(gallery.word, down, words(model)),
    }
    model.overlay = Overlay::Heads(gallery);
    Vec::new()
}

/// Moves the chosen word's query, one step along an axis of the plane.
fn nudge(model: &mut Model, x: isize, y: isize) -> Vec<Effect> {
    let Overlay::Heads(gallery) = &model.overlay else { return Vec::new() };
    let head = gallery.chosen % model.program().heads();
    let Some(slot) = query(model) else { return Vec::new() };
    let shape = model.program().shape(slot);
    if shape.cols.len != 2 {
        let text = Text::new(
            "这个头的查询不止两个数：这里看到的是投影，推不动它",
            "a query of this head has more than two numbers: this is a projection, it cannot be pushed",
        );
        warn(model, text);
        return Vec::new();
    }
    let col = usize::from(y != 0);
    let row = gallery.word.min(shape.rows.len - 1);
    let cell = shape.clamp(Cell { batch: model.cursor.batch, head, row, col });
    let address = Address { slot, cell };
    let Some(now) = model.trace().map(|trace| trace.get(address)) else { return Vec::new() };
    let put = put(model, address, tidy(now + NUDGE * (x + y) as f32));
    or_warn(model, put)
}

/// The tensor of queries that meets the keys: Q, or what stands in its place.
pub(super) fn query(model: &Model) -> Option<crate::program::Slot> {
    let scores = model.program().stages().iter().find(|stage| stage.symbol.name == Name::Scores)?;
    scores.operands.first().copied()
}

fn window(model: &mut Model, deed: HeadDeed, mut gallery: Gallery) -> Vec<Effect> {
    let mut effects = Vec::new();
    match deed {
        HeadDeed::Next | HeadDeed::Previous => {
            let by = if deed == HeadDeed::Next { 1 } else { -1 };
            let at = Sight::ALL.iter().position(|&sight| sight == gallery.sight).unwrap_or(0);
            (gallery.sight, gallery.opened) = (Sight::ALL[around(at, by, Sight::ALL.len())], None);
        }
        HeadDeed::Mark => {
            if !gallery.marked.remove(&gallery.chosen) {
                gallery.marked.insert(gallery.chosen);
            }
        }
        HeadDeed::Average if gallery.marked.len() < 2 => warn(
            model,
            Text::new("先用 m 标记至少两个头，再求平均", "mark two heads or more with m, then average them"),
        ),
        HeadDeed::Average => (gallery.opened, gallery.sight) = (Some(Combine::Average), Sight::Gallery),
        HeadDeed::Difference if gallery.marked.len() != 2 => {
            warn(
                model,
                Text::new(
                    "先用 m 标记正好两个头，再看它们的差",
                    "mark exactly two heads with m, then see how they differ",
                ),
            );
        }
        HeadDeed::Difference => (gallery.opened, gallery.sight) = (Some(Combine::Difference), Sight::Gallery),
        HeadDeed::Threshold => gallery.threshold = around(gallery.threshold, 1, THRESHOLDS.len()),
        HeadDeed::Keep => gallery.kept = around(gallery.kept, 1, KEPT.len()),
        HeadDeed::Order => {
            gallery.alike =
                if gallery.alike.is_some() { None } else { gallery.marked.first().copied().or(Some(gallery.chosen)) };
        }
        HeadDeed::Filter => {
            let written = gallery.filter.as_ref().map_or_else(String::new, |filter| filter.written.clone());
            gallery.typing = Some((Input::new(written), None));
        }
        HeadDeed::Silence => {
            effects = silence_head(model, gallery.chosen % model.program().heads());
        }
        HeadDeed::Only => gallery.only = !gallery.only,
        HeadDeed::Together => gallery.together = !gallery.together,
    }
    model.overlay = Overlay::Heads(gallery);
    effects
}

fn type_filter(gallery: &mut Gallery, mut input: Input, key: Key) {
    match key {
        Key::Esc => return,
        Key::Enter => {
            match Filter::parse(input.value()) {
                Ok(filter) => gallery.filter = filter,
                Err(error) => gallery.typing = Some((input, Some(error.words()))),
            }
            return;
        }
        _ => type_into(&mut input, key, LONGEST_FILTER),
    }
    gallery.typing = Some((input, None));
}
