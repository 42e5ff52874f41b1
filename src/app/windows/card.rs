//! `i`: the card of a head. What it is meant for, what it is like over many sentences, and what each word really looks at.

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone};
use crate::app::Model;
use crate::app::deeds::perform;
use crate::app::keys::{Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::explain;
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Address, Name};
use crate::session::Kind;
use crate::source::sample::{NumberOrigin, Origin};
use crate::study::heads::{self, METRICS, metrics, naming, view};

/// Lines that a page moves.
const PAGE: isize = 10;

/// The card of the head under the cursor.
#[derive(Debug, Clone)]
pub struct CardWindow {
    /// The first line shown.
    pub line: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Scroll(isize),
    /// What the key does on the walk.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('i')],
        name: "card.open",
        group: Some(Group::Heads),
        when: When::Always,
        short: short("卡片", "card"),
        help: Text::new(
            "这个头的卡片：它想找什么，每个词看了谁",
            "the head's card: what it is meant for, and where each word looks",
        ),
    },
    after: "walk.copy_latex",
    open: |model| {
        model.open_window(CardWindow { line: 0 });
        model.study_heads(true)
    },
};

impl CardWindow {
    /// The head that it is about, from 0.
    pub fn head(model: &Model) -> usize {
        model.view.cursor.head.min(model.program().heads().saturating_sub(1))
    }

    /// Whose card it is.
    pub fn title(model: &Model) -> Text {
        let (head, heads) = (Self::head(model) + 1, model.program().heads());
        Text::owned(format!("头 {head} / {heads}"), format!("head {head} of {heads}"))
    }
}

impl Behaviour for CardWindow {
    type Deed = Deed;
    const NAME: &'static str = "card";
    const TITLE: Text = Text::new("头的卡片", "the card of a head");
    const DOCKS: bool = true;
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Study];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Char(',')], "card.previous_head", Deed::Walk(Walk::PreviousHead), short("换头", "other heads"), "上一个头", "the head before"),
        row(&[Key::Char('.')], "card.next_head", Deed::Walk(Walk::NextHead), short("换头", "other heads"), "下一个头", "the next head"),
        row(&[Key::Up, Key::Char('k')], "card.up", Deed::Scroll(-1), short("滚动", "scroll"), "上移一行", "one line up"),
        row(&[Key::Down, Key::Char('j')], "card.down", Deed::Scroll(1), short("滚动", "scroll"), "下移一行", "one line down"),
        row(&[Key::PageDown, Key::Char(']'), Key::Char('n')], "card.page_down", Deed::Scroll(PAGE), short("翻页", "page"), "下一页", "one page down"),
        row(&[Key::PageUp, Key::Char('['), Key::Char('b')], "card.page_up", Deed::Scroll(-PAGE), short("翻页", "page"), "上一页", "one page up"),
        row(&[Key::Ctrl('d')], "card.half_down", Deed::Scroll(PAGE / 2), None, "下半页", "half a page down"),
        row(&[Key::Ctrl('u')], "card.half_up", Deed::Scroll(-PAGE / 2), None, "上半页", "half a page up"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::Scroll(by) => self.line = self.line.saturating_add_signed(by),
            Deed::Walk(deed) => return perform(model, deed).into(),
        }
        Outcome::stay()
    }

    fn keep(&mut self, model: &mut Model) -> Outcome {
        model.study_heads(false).into()
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Scroll(3 * by))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let head = Self::head(model);
        let mut lines = meant(model, head);
        lines.extend(measured(model, head));
        let real = Text::new("每个词真正看了谁（刚刚算出来的）：", "Where each word really looks (just computed):");
        lines.push(Line::Say(Tone::Dim, real));
        let (Some(trace), Some(slot)) = (model.trace(), model.find(Name::Weights)) else {
            return lines;
        };
        let names = model.names();
        lines.extend((0..model.program().shape(slot).rows.len).map(|row| {
            let cell = Cell { batch: model.view.cursor.batch, head, row, col: 0 };
            Line::say(Text::same(explain::look(model.program(), trace, Address { slot, cell }, &names)))
        }));
        lines.push(Line::Gap);
        lines.push(Line::Say(Tone::Dim, naming::rules()));
        lines
    }
}

/// What the sample says the head is meant for.
fn meant(model: &Model, head: usize) -> Vec<Line> {
    let declared = model.material.sample.heads.get(head).is_some_and(|card| card.intent.is_some());
    let mut lines = match model.head_name(head).cloned().zip(model.head_intent(head)) {
        Some((name, intent)) => vec![Line::Say(Tone::Strong, name), Line::say(intent)],
        None if model.material.sample.origin == Origin::Random => vec![Line::say(Text::new(
            "这些权重是随机抽的，这个头没有任何用意：下面的高低只是巧合。",
            "These weights were drawn at random, so this head is meant for nothing: what is high or low below is chance.",
        ))],
        None if declared => vec![Line::say(Text::new(
            "照现在的数，这个头做的已经不是当初设计的事。",
            "With these numbers the head no longer does what it was designed for.",
        ))],
        None => vec![Line::say(Text::new(
            "这个头的用意没有说明：看下面的数。",
            "What this head is meant for is not said: see the numbers below.",
        ))],
    };
    if model.program().kind().has_weights() {
        let Text { zh, en } = NumberOrigin::Given(model.material.sample.origin).says();
        lines.push(Line::Say(Tone::Dim, Text::owned(format!("权重：{zh}"), format!("weights: {en}"))));
    }
    lines.push(Line::Gap);
    lines
}

/// What the head is called by the rules, why, and its metrics over many sentences beside those of this one.
fn measured(model: &Model, at: usize) -> Vec<Line> {
    let Some((study, profile)) = model.study().and_then(|study| Some((study, study.heads.get(at)?))) else {
        let waiting = Text::new("正在许多句子上测量这个头……", "measuring this head over many sentences ...");
        return vec![Line::say(waiting), Line::Gap];
    };
    let n = study.sentences;
    let unnamed = naming::unnamed();
    let label = profile.label.as_ref().map_or(&unnamed, |label| &label.name);
    let heading = if study.own {
        Text::owned(
            format!("样例自己的 {n} 句话上测出来：{}", label.zh),
            format!("Measured over the sample's own {n} sentences: {}", label.en),
        )
    } else {
        Text::owned(format!("{n} 句话上测出来：{}", label.zh), format!("Measured over {n} sentences: {}", label.en))
    };
    let mut lines = vec![Line::Say(Tone::Strong, heading)];
    lines.extend(profile.label.as_ref().map(|label| Line::say(label.because.clone())));
    // This head of the program that is shown: the study was made with programs of its own.
    let head = heads::all(model.program()).get(at).copied();
    let here = model.trace().zip(head).map(|(trace, head)| {
        metrics::measure(&view(&model.material.sample, trace.tensor(head.weights), model.view.cursor.batch, head.head))
    });
    for (i, (metric, over)) in METRICS.iter().zip(&profile.metrics).enumerate() {
        let Some(over) = over else { continue };
        let now = here.as_ref().and_then(|here| here[i]).map_or_else(|| "-   ".to_owned(), |x| format!("{x:.2}"));
        let entries = vec![
            Entry::words(Text::same(over.to_string())),
            Entry::words(Text::owned(format!("这一句 {now}"), format!("here {now}"))),
            Entry::words(metric.says.clone()),
        ];
        lines.push(Line::Row(LineRow { name: metric.name.clone(), chosen: false, entries }));
    }
    lines.push(Line::Gap);
    lines
}
