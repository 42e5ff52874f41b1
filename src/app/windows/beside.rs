//! `;`: a second sentence beside the first: the same head of both, word beside word, and what moved between them.

use super::{Behaviour, Entry, Line, LineRow, News, Outcome, PromptWindow, Purpose, Tone};
use crate::app::deeds::around;
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::app::{Model, Target};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::session::{Answer, Kind, Second};
use crate::source::sample::Scenario;
use crate::study::heads::{self, Head, Pair, Rows, align};

/// Heads whose row moved most that are named.
const NAMED: usize = 4;

/// Weights that moved less than this are not lit.
const LIT: f64 = 0.05;

/// Two sentences beside each other: which head, and which pair of words asks.
#[derive(Debug, Clone, Default)]
pub struct BesideWindow {
    /// The head, by its place among all.
    pub chosen: usize,
    /// The pair of words that asks.
    pub row: usize,
    /// Under what the second sentence could not be computed, so that it is not asked for again and again.
    failed: Option<Scenario>,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Another pair of words, so many below.
    Move(isize),
    /// Another head, so many on.
    Head(isize),
    /// The same head so many layers on.
    Layer(isize),
    /// Another second sentence.
    Sentence,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char(';')],
        name: "beside.open",
        group: Some(Group::Heads),
        when: When::Always,
        short: None,
        help: Text::new(
            "两句并排：再写一句（例如只换一个词），看同一个头在两句里有什么不同",
            "two sentences beside each other: type a second one, such as with one word exchanged, and see what a head does in both",
        ),
    },
    after: "walk.compare",
    open: |model| {
        if model.second().is_some() {
            BesideWindow::open(model);
        } else {
            BesideWindow::ask(model);
        }
        Vec::new()
    },
};

impl Behaviour for BesideWindow {
    type Deed = Deed;
    const NAME: &'static str = "beside";
    const TITLE: Text = Text::new("两句并排", "two sentences");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Beside];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k')], "beside.up", Deed::Move(-1), short("换词", "word"), "上一个去看的词", "the asking word above"),
        row(&[Key::Down, Key::Char('j')], "beside.down", Deed::Move(1), short("换词", "word"), "下一个去看的词", "the asking word below"),
        row(&[Key::Left, Key::Char('h'), Key::Char(',')], "beside.previous_head", Deed::Head(-1), short("换头", "head"), "上一个头", "the head before"),
        row(&[Key::Right, Key::Char('l'), Key::Char('.')], "beside.next_head", Deed::Head(1), short("换头", "head"), "下一个头", "the next head"),
        row(&[Key::Char('(')], "beside.previous_layer", Deed::Layer(-1), None, "上一层", "the layer before"),
        row(&[Key::Char(')')], "beside.next_layer", Deed::Layer(1), None, "下一层", "the next layer"),
        row(&[Key::Char('/')], "beside.sentence", Deed::Sentence, short("换第二句", "second sentence"), "换一个第二句", "another second sentence"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let (pairs, heads) = (Self::pairs(model).len(), heads::all(model.program()).len());
        match deed {
            Deed::Move(by) => self.row = around(self.row, by, pairs),
            Deed::Head(by) => self.chosen = around(self.chosen, by, heads),
            Deed::Layer(by) => {
                let layer = model.program().heads() as isize;
                self.chosen = around(self.chosen, by * layer, heads);
            }
            Deed::Sentence => Self::ask(model),
        }
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        if let Target::Row(row) = target {
            self.row = row.min(Self::pairs(model).len().saturating_sub(1));
        }
        Outcome::stay()
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Move(by.signum()))
    }

    fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
        match news {
            News::Ended(_, Ok(Answer::Beside(second))) => model.keep_second(second),
            News::Ended(_, Err(why)) => {
                self.failed = Some(model.material.scenario.of_weights());
                model.warn(why.words().clone());
            }
            _ => {}
        }
        Outcome::stay()
    }

    /// What is changed about the first sentence is changed about the second.
    fn keep(&mut self, model: &mut Model) -> Outcome {
        let Some(second) = model.second() else { return Outcome::close() };
        let scenario = model.material.scenario.of_weights();
        let known = second.scenario == scenario || self.failed.as_ref() == Some(&scenario);
        let written = second.written.clone();
        let last = Self::pairs(model).len().saturating_sub(1);
        (self.row, self.chosen) =
            (self.row.min(last), self.chosen.min(heads::all(model.program()).len().saturating_sub(1)));
        if known || model.waits_for(Kind::Beside) { Outcome::stay() } else { model.ask_beside(written).into() }
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(second) = model.second() {
            let texts = [model.material.sample.text.clone(), second.sample.text.clone()];
            lines.extend(texts.map(|text| Line::say(Text::same(text))));
        }
        lines.push(Line::Columns(vec![Text::new("第一句", "first"), Text::new("第二句", "second"), Text::same("Δ")]));
        if let Some(rows) = self.rows(model, self.chosen) {
            for (n, pair) in Self::pairs(model).into_iter().enumerate() {
                let (a, b) = rows.weights.get(n).copied().unwrap_or_default();
                let entries = [written(a), written(b), difference(rows.moved(n))];
                let entries = entries.map(|words| Entry::words(Text::same(words))).into();
                let name = Text::same(Self::name(model, pair));
                lines.push(Line::Row(LineRow { name, chosen: n == self.row, entries }));
            }
        }
        lines.extend(self.about(model).into_iter().map(|words| Line::Say(Tone::Plain, words)));
        lines
    }
}

/// A weight, or that there is none.
pub fn written(weight: Option<f64>) -> String {
    weight.map_or_else(|| "-".to_owned(), |x| format!("{x:.2}"))
}

/// How far a weight moved, with its sign; what is nothing in two digits has none.
pub fn difference(moved: Option<f64>) -> String {
    match moved {
        None => "-".to_owned(),
        Some(x) if x.abs() < 0.005 => "0.00".to_owned(),
        Some(x) => format!("{x:+.2}").replace('-', "−"),
    }
}

impl BesideWindow {
    /// Opens it on the head and the word that are shown.
    pub(in crate::app) fn open(model: &mut Model) {
        let heads = model.program().heads();
        let before = model.layer().map_or(0, |layer| layer.0 * heads);
        let chosen = before + model.view.cursor.head.min(heads.saturating_sub(1));
        let row = Self::pairs(model).iter().position(|pair| pair.first == Some(model.view.cursor.row)).unwrap_or(0);
        model.open_window(Self { chosen, row, failed: None });
    }

    /// Asks for a second sentence: the first one, to be changed.
    fn ask(model: &mut Model) {
        let first = model.second().map_or_else(|| model.sentence(), |second| second.written.clone());
        let mut line = PromptWindow::new(Purpose::Command(None), String::new());
        line.suggest(&format!("beside {first}"));
        model.open_window(line);
    }

    /// The words of both sentences, side by side.
    pub fn pairs(model: &Model) -> Vec<Pair> {
        let second = |second: &Second| align(&model.material.sample.tokens, &second.sample.tokens);
        model.second().map_or_else(Vec::new, second)
    }

    /// A pair of words; one where both are the same.
    pub fn name(model: &Model, pair: Pair) -> String {
        let (a, b) = Self::words(model, pair);
        if pair.same { a } else { format!("{a} → {b}") }
    }

    /// The word of the first sentence and that of the second; a dash where there is none.
    pub fn words(model: &Model, pair: Pair) -> (String, String) {
        let word = |words: &[String], at: Option<usize>| {
            at.and_then(|at| words.get(at)).map_or_else(|| "—".to_owned(), |word| crate::ground::text::visible(word))
        };
        let second = model.second().map_or(&[][..], |second| &second.sample.tokens);
        (word(&model.material.sample.tokens, pair.first), word(second, pair.second))
    }

    /// The matrices of a head in both sentences, row by row, and how many words each has.
    pub fn matrices(model: &Model, at: usize) -> Option<[(Vec<f32>, usize); 2]> {
        let (second, trace) = (model.second()?, model.trace()?);
        let first = *heads::all(model.program()).get(at)?;
        let other = *heads::all(&second.sample.program).get(at)?;
        let numbers = |tensor: &crate::math::tensor::Tensor<f32>, batch: usize, head: Head| {
            let matrix = tensor.matrix(batch, head.head);
            (matrix.iter().copied().collect::<Vec<f32>>(), matrix.ncols())
        };
        Some([
            numbers(trace.tensor(first.weights), model.view.cursor.batch, first),
            numbers(second.run.trace.tensor(other.weights), 0, other),
        ])
    }

    /// The rows of the chosen words in one head of both sentences.
    pub fn rows(&self, model: &Model, at: usize) -> Option<Rows> {
        let pairs = Self::pairs(model);
        self.rows_of(model, &pairs, at)
    }

    fn rows_of(&self, model: &Model, pairs: &[Pair], at: usize) -> Option<Rows> {
        let (second, trace) = (model.second()?, model.trace()?);
        let first = *heads::all(model.program()).get(at)?;
        let other = *heads::all(&second.sample.program).get(at)?;
        let batch = model.view.cursor.batch;
        let a = |row, col| f64::from(trace.tensor(first.weights).get(Cell { batch, head: first.head, row, col }));
        let b = |row, col| {
            f64::from(second.run.trace.tensor(other.weights).get(Cell { batch: 0, head: other.head, row, col }))
        };
        Some(Rows::of(pairs, *pairs.get(self.row)?, a, b))
    }

    /// Whether a weight moved so far that it is lit.
    pub fn is_lit(moved: Option<f64>) -> bool {
        moved.is_some_and(|x| x.abs() >= LIT)
    }

    /// Which head is shown.
    pub fn heading(&self, model: &Model) -> Text {
        let Some(head) = heads::all(model.program()).get(self.chosen).copied() else { return Text::new("", "") };
        let (layer, number) = (head.layer_number(), head.head + 1);
        match head.layer {
            Some(_) => Text::owned(format!("第 {layer} 层，头 {number}"), format!("layer {layer}, head {number}")),
            None => Text::owned(format!("头 {number}"), format!("head {number}")),
        }
    }

    /// What moved in the row, in numbers, and in which heads it moved most.
    pub fn about(&self, model: &Model) -> Vec<Text> {
        let pairs = Self::pairs(model);
        let (Some(&asking), Some(rows)) = (pairs.get(self.row), self.rows_of(model, &pairs, self.chosen)) else {
            return Vec::new();
        };
        let name = Self::name(model, asking);
        let Some(distance) = rows.distance() else {
            return vec![Text::owned(
                format!("「{name}」只在一句里有：没有可比的。"),
                format!("{name} is in one of the sentences only: there is nothing to compare."),
            )];
        };
        let furthest = (0..pairs.len()).filter_map(|n| Some((n, rows.moved(n)?)));
        let furthest = furthest.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(b.0.cmp(&a.0)));
        let mut words = Vec::new();
        if let Some((n, moved)) = furthest.filter(|_| distance >= 0.005) {
            let to = Self::name(model, pairs[n]);
            let ((a, b), moved) = (rows.weights[n], difference(Some(moved)));
            let (a, b) = (written(a), written(b));
            words.push(Text::owned(
                format!("「{name}」一行有 {distance:.2} 的权重换了地方（½Σ|Δ|）；变得最多的是「{to}」：{a} → {b}（{moved}）。"),
                format!("In the row of {name}, {distance:.2} of the weight went elsewhere (½Σ|Δ|); most moved on {to}: {a} → {b} ({moved})."),
            ));
        } else {
            words.push(Text::owned(
                format!("「{name}」一行在两句里一样（½Σ|Δ| < 0.005）。"),
                format!("The row of {name} is the same in both sentences (½Σ|Δ| < 0.005)."),
            ));
        }
        let all = heads::all(model.program());
        if all.len() > 1 {
            let each = (0..all.len()).filter_map(|at| Some((at, self.rows_of(model, &pairs, at)?.distance()?)));
            let mut each: Vec<(usize, f64)> = each.collect();
            each.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let list = each.iter().take(NAMED).map(|&(at, x)| {
                let head = all[at];
                let place = head.layer.map_or_else(String::new, |layer| format!("{}.", layer.0 + 1));
                format!("{place}{} {x:.2}", head.head + 1)
            });
            let list = list.collect::<Vec<_>>().join("   ");
            words.push(Text::owned(
                format!("这一行变得最多的头：{list}"),
                format!("this row moved most in heads: {list}"),
            ));
        }
        words
    }
}
