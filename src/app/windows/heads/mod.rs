//! `H`: the heads, as something to look through: views over one chosen head and one chosen word.

mod known;
mod reasons;
mod says;
mod shown;
mod split;
mod tiles;

use std::collections::BTreeSet;

pub(in crate::app) use known::Known;
pub use reasons::Reasoned;
pub use says::plane_title;
pub(in crate::app) use says::rolled;
pub use shown::Weights;
pub use split::Split;
pub use tiles::{NAMED, NUMBER, Tiles};

use super::{Behaviour, Line, Outcome, TypedLine};
use crate::app::deeds::{around, perform};
use crate::app::edits::{or_warn, put, silence_head, tidy};
use crate::app::keys::{self, Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::app::{Effect, Model, Target};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::half_width;
use crate::math::tensor::Cell;
use crate::program::{Address, HeadPlace, Name, Slot};
use crate::session::Kind;
use crate::study::heads::{self, Filter};

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
pub enum View {
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

impl View {
    /// All of them, in the order in which Tab goes through them.
    pub const ALL: [Self; 6] = [Self::Gallery, Self::Lines, Self::Reasons, Self::Plane, Self::Forms, Self::Split];

    /// A word for the row of tabs.
    pub const fn label(self) -> Text {
        match self {
            Self::Gallery => Text::new("图", "gallery"),
            Self::Lines => Text::new("连线", "lines"),
            Self::Reasons => Text::new("权重能当解释吗", "an explanation?"),
            Self::Plane => Text::new("平面", "plane"),
            Self::Forms => Text::new("W_q·W_kᵀ", "W_q·W_kᵀ"),
            Self::Split => Text::new("切开还是投影", "cut or project"),
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
pub struct HeadsWindow {
    /// What it shows.
    pub view: View,
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
    /// Whether the pieces that stand for no word are left out, and what is left of a row is brought to a sum of 1 again.
    pub words_only: bool,
    /// Which heads are shown.
    pub filter: Option<Filter>,
    /// A filter being typed, and what is wrong with it.
    pub typing: Option<(TypedLine, Option<Text>)>,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    NextView,
    PreviousView,
    Move(isize, isize),
    NextHead,
    PreviousHead,
    /// Choose the one with that number, from 1.
    Number(usize),
    NextWord,
    PreviousWord,
    Enlarge,
    Mark,
    Average,
    Difference,
    Threshold,
    Keep,
    Order,
    Filter,
    Silence,
    WordsOnly,
    Reading,
    Only,
    Together,
    /// What the key does on the walk.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('H')],
        name: "heads.open",
        group: Some(Group::Heads),
        when: When::Always,
        short: short("多头总览", "heads"),
        help: Text::new(
            "多头总览：图、连线、权重能当解释吗、平面、W_q·W_kᵀ、切开还是投影",
            "look through the heads: gallery, lines, explanation, plane, forms, split",
        ),
    },
    after: "walk.compare",
    open: |model| {
        let heads = model.program().heads();
        let before = model.layer().map_or(0, |layer| layer.0 * heads);
        let chosen = before + model.view.cursor.head.min(heads - 1);
        model.open_window(HeadsWindow { chosen, word: model.view.cursor.row, ..HeadsWindow::default() });
        model.study_heads(true)
    },
};

impl Behaviour for HeadsWindow {
    type Deed = Deed;
    const NAME: &'static str = "heads";
    const TITLE: Text = Text::new("多头总览", "heads");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Study, Kind::Attribute];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Tab], "heads.next_view", Deed::NextView, short("换看法", "view"), "换一种看法：图 → 连线 → 权重能当解释吗 → 平面 → W_q·W_kᵀ → 切开还是投影", "another view: gallery, lines, an explanation?, plane, forms, split or project"),
        row(&[Key::BackTab], "heads.previous_view", Deed::PreviousView, None, "上一种看法", "the view before"),
        row(&[Key::Left, Key::Char('h')], "heads.left", Deed::Move(-1, 0), short("换头", "head"), "左边的头；平面里推动 q", "the head to the left; in the plane, push q"),
        row(&[Key::Right, Key::Char('l')], "heads.right", Deed::Move(1, 0), short("换头", "head"), "右边的头；平面里推动 q", "the head to the right; in the plane, push q"),
        row(&[Key::Up, Key::Char('k')], "heads.up", Deed::Move(0, -1), None, "上面的头，或者上一个词；平面里推动 q", "the head above, or the word before; in the plane, push q"),
        row(&[Key::Down, Key::Char('j')], "heads.down", Deed::Move(0, 1), None, "下面的头，或者下一个词；平面里推动 q", "the head below, or the next word; in the plane, push q"),
        row(&[Key::Char('n')], "heads.next_word", Deed::NextWord, short("换词", "word"), "下一个词", "the next word"),
        row(&[Key::Char('b')], "heads.previous_word", Deed::PreviousWord, short("换词", "word"), "上一个词", "the word before"),
        row(&[Key::Char('*')], "heads.mark", Deed::Mark, short("标记", "mark"), "标记这个头", "mark this head"),
        row(&[Key::Char('x')], "heads.silence", Deed::Silence, short("关掉", "silence"), "关掉这个头，再按一次打开：看输出变了多少", "silence this head, or let it speak again: how far the output moves"),
        row(&[Key::Enter], "heads.enlarge", Deed::Enlarge, short("放大", "enlarge"), "放大这个头，再按一次缩回去", "enlarge this head; press again for all"),
        row(&[Key::Char('.')], "heads.next", Deed::NextHead, None, "下一个头", "the next head"),
        row(&[Key::Char(',')], "heads.previous", Deed::PreviousHead, None, "上一个头", "the head before"),
        row(keys::DIGITS, "heads.number", Deed::Number(1), None, "选第几个头", "choose a head by its number"),
        row(&[Key::Char('a')], "heads.average", Deed::Average, short("平均", "mean"), "标记的头的平均", "the mean of the marked heads"),
        row(&[Key::Char('=')], "heads.difference", Deed::Difference, short("差", "difference"), "标记的两个头之差", "the difference of the two marked heads"),
        row(&[Key::Char('_')], "heads.threshold", Deed::Threshold, short("藏小的", "hide small"), "藏起小于 0.05、0.1、0.2、0.3、0.5 的权重", "hide weights below 0.05, 0.1, 0.2, 0.3, 0.5"),
        row(&[Key::Char('#')], "heads.keep", Deed::Keep, short("留大的", "keep large"), "每行只留最大的 1、2、3、5 个", "keep the 1, 2, 3, 5 largest of each row"),
        row(&[Key::Char('|')], "heads.words_only", Deed::WordsOnly, None, "不画 [CLS] 这样的特殊词元，每行其余的按比例补到 1", "leave out pieces that are no words, as [CLS]; the rest of a row is brought to 1 again"),
        row(&[Key::Char('%')], "heads.reading", Deed::Reading, short("换读法", "reading"), "把什么当作注意力：原始权重 → 按值加权 → 一层层展开", "what is read as attention: raw weights, weighted by values, rolled out through the layers"),
        row(&[Key::Char('~')], "heads.order", Deed::Order, short("按像不像排", "order"), "按和标记的头像不像来排", "order by likeness to the marked head"),
        row(&[Key::Char('&')], "heads.filter", Deed::Filter, short("筛选", "filter"), "筛选，例如 previous>0.5 & entropy<1", "filter, such as previous>0.5 & entropy<1"),
        row(&[Key::Char('!')], "heads.only", Deed::Only, None, "连线：只画这个词的", "lines: only those of the chosen word"),
        row(&[Key::Char('A')], "heads.together", Deed::Together, None, "连线：标记的头各用一色；权重能当解释吗：所有头合起来看", "lines: all marked heads, each in its colour; explanation: all heads together"),
        row(&[Key::Char('u')], "heads.undo", Deed::Walk(Walk::Undo), short("撤销", "undo"), "撤销", "undo"),
        row(&[Key::Char('U'), Key::Ctrl('r')], "heads.redo", Deed::Walk(Walk::Redo), None, "重做", "redo"),
        row(&[Key::Char('>')], "heads.next_sentence", Deed::Walk(Walk::NextSentence), None, "批次里的下一句", "the next sentence of the batch"),
        row(&[Key::Char('<')], "heads.previous_sentence", Deed::Walk(Walk::PreviousSentence), None, "批次里的上一句", "the sentence before"),
    ];

    fn deed(row: Deed, key: Key) -> Deed {
        match (row, key.digit()) {
            (Deed::Number(_), Some(digit)) => Deed::Number(digit),
            (deed, _) => deed,
        }
    }

    /// While a filter is typed every key is its.
    fn type_key(&mut self, _model: &mut Model, key: Key) -> Option<Outcome> {
        let (mut input, _) = self.typing.take()?;
        match key {
            Key::Esc => {}
            Key::Enter => match Filter::parse(&input.value().chars().map(half_width).collect::<String>()) {
                Ok(filter) => self.filter = filter,
                Err(error) => self.typing = Some((input, Some(error.words()))),
            },
            _ => {
                input.take(key, LONGEST_FILTER);
                self.typing = Some((input, None));
            }
        }
        Some(Outcome::stay())
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::NextView | Deed::PreviousView => {
                let by = if deed == Deed::NextView { 1 } else { -1 };
                let at = View::ALL.iter().position(|&view| view == self.view).unwrap_or(0);
                (self.view, self.opened) = (View::ALL[around(at, by, View::ALL.len())], None);
            }
            Deed::Move(across, down) => return self.arrow(model, across, down).into(),
            Deed::NextHead => self.choose(model, 1),
            Deed::PreviousHead => self.choose(model, -1),
            Deed::Number(n) if self.shown(model).contains(&(n - 1)) => self.chosen = n - 1,
            Deed::Number(_) => {}
            Deed::NextWord => self.word = around(self.word, 1, words(model)),
            Deed::PreviousWord => self.word = around(self.word, -1, words(model)),
            Deed::Enlarge => self.opened = if self.opened.is_some() { None } else { Some(Combine::Chosen) },
            Deed::Mark => {
                if !self.marked.remove(&self.chosen) {
                    self.marked.insert(self.chosen);
                }
            }
            Deed::Average if self.marked.len() < 2 => model
                .warn(Text::new("先用 * 标记至少两个头，再求平均", "mark two heads or more with *, then average them")),
            Deed::Average => (self.opened, self.view) = (Some(Combine::Average), View::Gallery),
            Deed::Difference if self.marked.len() != 2 => model.warn(Text::new(
                "先用 * 标记正好两个头，再看它们的差",
                "mark exactly two heads with *, then see how they differ",
            )),
            Deed::Difference => (self.opened, self.view) = (Some(Combine::Difference), View::Gallery),
            Deed::Threshold => self.threshold = around(self.threshold, 1, THRESHOLDS.len()),
            Deed::Keep => self.kept = around(self.kept, 1, KEPT.len()),
            Deed::Order => {
                let marked = || self.marked.first().copied().or(Some(self.chosen));
                self.alike = if self.alike.is_some() { None } else { marked() };
            }
            Deed::Filter => {
                let written = self.filter.as_ref().map_or_else(String::new, |filter| filter.written.clone());
                self.typing = Some((TypedLine::selected(written), None));
            }
            Deed::Silence => {
                let head = Self::head(model, self.chosen).map(|head| HeadPlace { layer: head.layer, head: head.head });
                return head.map_or_else(Outcome::stay, |head| silence_head(model, head).into());
            }
            Deed::WordsOnly if model.material.sample.model.is_none() => model.warn(Text::new(
                "样例里没有特殊词元；真实的模型才有 [CLS] 这样的",
                "a sample has no special pieces; real models have some, as [CLS]",
            )),
            Deed::WordsOnly => self.words_only = !self.words_only,
            Deed::Reading => return model.read_attention_otherwise().into(),
            Deed::Only => self.only = !self.only,
            Deed::Together => self.together = !self.together,
            Deed::Walk(deed) => return perform(model, deed).into(),
        }
        Outcome::stay()
    }

    /// Back from an enlarged picture.
    fn back(&mut self, _model: &mut Model) -> bool {
        self.opened.take().is_some()
    }

    /// Another program or sentence may have fewer heads and words.
    fn keep(&mut self, model: &mut Model) -> Outcome {
        let heads = heads::all(model.program()).len();
        self.chosen = self.chosen.min(heads.saturating_sub(1));
        self.word = self.word.min(words(model).saturating_sub(1));
        self.marked.retain(|head| *head < heads);
        self.alike = self.alike.filter(|head| *head < heads);
        let enough = match self.opened {
            Some(Combine::Average) => self.marked.len() >= 2,
            Some(Combine::Difference) => self.marked.len() == 2,
            _ => true,
        };
        if !enough {
            self.opened = None;
        }
        // A rollout is a whole layer's: its first head stands for it.
        if model.attention() == heads::Reading::Rollout {
            self.chosen -= self.chosen % model.program().heads().max(1);
        }
        // What is said of the chosen head is said of its layer.
        let layer = Self::head(model, self.chosen).and_then(|head| head.layer);
        if layer.is_some() && layer != model.layer() {
            let section = model.program().sections().iter().position(|section| section.layer == layer);
            if let Some(section) = section {
                model.turn_to_section(section);
            }
        }
        let mut effects = model.study_heads(false);
        effects.extend(model.attribute());
        effects.into()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Tab(n) => {
                if let Some(view) = View::ALL.get(n) {
                    (self.view, self.opened) = (*view, None);
                }
            }
            Target::Row(head) if head == self.chosen => return self.press(model, Deed::Enlarge),
            Target::Row(head) if self.shown(model).contains(&head) => self.chosen = head,
            _ => {}
        }
        Outcome::stay()
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, if by < 0 { Deed::PreviousHead } else { Deed::NextHead })
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        self.lines(model)
    }
}

impl HeadsWindow {
    /// A head, by its place among all.
    pub(crate) fn head(model: &Model, at: usize) -> Option<heads::Head> {
        heads::all(model.program()).get(at).copied()
    }

    /// Goes to another of the heads that are shown.
    fn choose(&mut self, model: &Model, by: isize) {
        let shown = self.shown(model);
        let at = shown.iter().position(|&head| head == self.chosen).unwrap_or(0);
        if let Some(&next) = shown.get(around(at, by, shown.len())) {
            self.chosen = next;
        }
    }

    fn arrow(&mut self, model: &mut Model, across: isize, down: isize) -> Vec<Effect> {
        match self.view {
            View::Plane => return self.nudge(model, across, -down),
            View::Gallery if self.opened.is_none() => {
                let shown = self.shown(model);
                let columns = Tiles::of(model, shown.len()).columns as isize;
                let at = shown.iter().position(|&head| head == self.chosen).unwrap_or(0);
                let next = at.saturating_add_signed(across + down * columns);
                if let Some(&head) = shown.get(next) {
                    self.chosen = head;
                }
            }
            _ if across != 0 => self.choose(model, across),
            _ => self.word = around(self.word, down, words(model)),
        }
        Vec::new()
    }

    /// Moves the chosen word's query, one step along an axis of the plane.
    fn nudge(&self, model: &mut Model, x: isize, y: isize) -> Vec<Effect> {
        let head = self.chosen % model.program().heads();
        let Some(slot) = query(model) else { return Vec::new() };
        let shape = model.program().shape(slot);
        if shape.cols.len != 2 {
            model.warn(Text::new(
                "这个头的查询不止两个数：这里看到的是投影，推不动它",
                "a query of this head has more than two numbers: this is a projection, it cannot be pushed",
            ));
            return Vec::new();
        }
        let col = usize::from(y != 0);
        let row = self.word.min(shape.rows.len - 1);
        let cell = shape.clamp(Cell { batch: model.view.cursor.batch, head, row, col });
        let address = Address { slot, cell };
        let Some(now) = model.trace().map(|trace| trace.get(address)) else { return Vec::new() };
        let put = put(model, address, tidy(now + NUDGE * (x + y) as f32));
        or_warn(model, put)
    }
}

/// How many words ask.
fn words(model: &Model) -> usize {
    model.find(Name::Weights).map_or(1, |slot| model.program().shape(slot).rows.len)
}

/// The tensor of queries that meets the keys: Q, or what stands in its place.
fn query(model: &Model) -> Option<Slot> {
    let scores = model.program().made_by(model.find(Name::Scores)?)?;
    scores.operands.first().copied()
}
