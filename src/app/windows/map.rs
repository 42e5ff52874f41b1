//! `B`: the map of a model: a row a layer, a column a head, each cell one measure of that head. The way into the layers.

use super::heads::rolled;
use super::{Behaviour, Entry, HeadsWindow, Line, LineRow, Outcome, Tone};
use crate::app::deeds::around;
use crate::app::edits::silence_head;
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::app::{Model, Page, Target};
use crate::ground::lang::Text;
use crate::ground::number::short as written;
use crate::program::{HeadPlace, Name};
use crate::session::Kind;
use crate::study::heads::{self, METRICS, Metric, Reading};

/// What stands in the cells at first: the measure of that key.
const FIRST: &str = "previous";

/// The map of a model.
#[derive(Debug, Clone)]
pub struct MapWindow {
    /// The chosen layer, from 0.
    pub layer: usize,
    /// The chosen head, from 0.
    pub head: usize,
    /// What stands in the cells: a row of [`METRICS`].
    pub metric: usize,
    /// Whether it is the mean over many sentences, and not of the one that is shown.
    pub everywhere: bool,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Choose another head, so many columns and rows away.
    Move(isize, isize),
    /// Another measure.
    Metric(isize),
    /// This sentence, or many.
    Everywhere,
    /// Read attention another way.
    Reading,
    /// Silence the chosen head.
    Silence,
    /// Into the chosen layer.
    Enter,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('B')],
        name: "map.open",
        group: Some(Group::Heads),
        when: When::ManyLayers,
        short: short("模型地图", "map"),
        help: Text::new(
            "模型地图：每层每个头一格，选一格走进去",
            "the map of the model: a cell a head, layer by layer; walk into one",
        ),
    },
    after: "walk.next_layer",
    open: |model| {
        let window = MapWindow::of(model);
        model.open_window(window);
        Vec::new()
    },
};

impl Behaviour for MapWindow {
    type Deed = Deed;
    const NAME: &'static str = "map";
    const TITLE: Text = Text::new("模型地图", "the map of the model");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Study, Kind::Attribute];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Enter], "map.enter", Deed::Enter, short("走进这一层", "walk in"), "走进这一层，看这个头的权重", "into this layer, at the weights of this head"),
        row(&[Key::Up, Key::Char('k')], "map.up", Deed::Move(0, -1), short("选", "choose"), "上面一层", "the layer above"),
        row(&[Key::Down, Key::Char('j')], "map.down", Deed::Move(0, 1), short("选", "choose"), "下面一层", "the layer below"),
        row(&[Key::Left, Key::Char('h')], "map.left", Deed::Move(-1, 0), None, "左边的头", "the head to the left"),
        row(&[Key::Right, Key::Char('l')], "map.right", Deed::Move(1, 0), None, "右边的头", "the head to the right"),
        row(&[Key::Tab], "map.next_measure", Deed::Metric(1), short("换量", "measure"), "换一个量：熵、看前一个词、看自己……", "another measure: entropy, previous word, self ..."),
        row(&[Key::BackTab], "map.previous_measure", Deed::Metric(-1), None, "上一个量", "the measure before"),
        row(&[Key::Char('A')], "map.everywhere", Deed::Everywhere, short("这句/多句", "one/many sentences"), "只看这句话，或者许多句话的平均", "this sentence, or the mean over many"),
        row(&[Key::Char('%')], "map.reading", Deed::Reading, short("换读法", "reading"), "把什么当作注意力：原始权重 → 按值加权 → 一层层展开", "what is read as attention: raw weights, weighted by values, rolled out through the layers"),
        row(&[Key::Char('x')], "map.silence", Deed::Silence, short("关头", "silence"), "关掉这个头，再按一次打开", "silence this head, or let it speak again"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let (layers, heads) = Self::size(model);
        match deed {
            Deed::Move(across, down) => {
                // Rolled out, a layer has one picture; the chosen head stays.
                let across = if self.columns(model) == heads { across } else { 0 };
                self.head = self.head.saturating_add_signed(across).min(heads.saturating_sub(1));
                self.layer = self.layer.saturating_add_signed(down).min(layers.saturating_sub(1));
            }
            Deed::Metric(by) => self.metric = around(self.metric, by, METRICS.len()),
            Deed::Everywhere => {
                self.everywhere = !self.everywhere;
                if self.everywhere {
                    return model.study_heads(true).into();
                }
            }
            Deed::Reading => return model.read_attention_otherwise().into(),
            Deed::Silence => {
                let at = self.place(model);
                return at.map_or_else(Outcome::stay, |at| silence_head(model, at).into());
            }
            Deed::Enter => {
                let at = self.place(model);
                if let Some(at) = at {
                    model.walk_into(at, Name::Weights);
                }
                return Outcome::close();
            }
        }
        Outcome::stay()
    }

    /// Another model may have fewer layers and heads.
    fn keep(&mut self, model: &mut Model) -> Outcome {
        let (layers, heads) = Self::size(model);
        (self.layer, self.head) = (self.layer.min(layers - 1), self.head.min(heads.saturating_sub(1)));
        if self.everywhere { model.study_heads(false).into() } else { model.attribute().into() }
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        let Target::Row(at) = target else { return Outcome::stay() };
        let (layers, heads) = Self::size(model);
        let (layer, head) = (at / heads.max(1), at % heads.max(1));
        if (layer, head) == (self.layer, self.head) {
            return self.press(model, Deed::Enter);
        }
        (self.layer, self.head) = (layer.min(layers.saturating_sub(1)), head);
        Outcome::stay()
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Move(0, by.signum()))
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let (layers, heads) = (Self::size(model).0, self.columns(model));
        let mut lines = vec![Line::Heading(self.heading(model))];
        lines.push(Line::Columns((0..heads).map(|head| self.column(model, head)).collect()));
        for layer in 0..layers {
            let number = |head| self.number(model, layer, head).map_or_else(|| "-".to_owned(), written);
            let entries = (0..heads).map(|head| Entry::words(Text::same(number(head)))).collect();
            let name = Text::owned(format!("第 {} 层", layer + 1), format!("layer {}", layer + 1));
            lines.push(Line::Row(LineRow { name, chosen: layer == self.layer, entries }));
        }
        lines.extend(self.about(model).into_iter().map(|words| Line::Say(Tone::Plain, words)));
        lines
    }
}

impl MapWindow {
    /// The map, the head that is shown chosen.
    pub(in crate::app) fn of(model: &Model) -> Self {
        let metric = heads::metrics::metric(FIRST).unwrap_or(0);
        let layer = model.layer().map_or(0, |layer| layer.0);
        Self { layer, head: model.view.cursor.head, metric, everywhere: false }
    }

    /// Layers and heads; a sample that is one attention is one layer.
    pub fn size(model: &Model) -> (usize, usize) {
        (model.program().layers().max(1), model.program().heads())
    }

    /// How many numbers a layer has: one a head; rolled out, where heads are averaged, one.
    pub fn columns(&self, model: &Model) -> usize {
        let heads = Self::size(model).1;
        if !self.everywhere && model.attention() == Reading::Rollout { heads.min(1) } else { heads }
    }

    /// What stands above a column.
    pub fn column(&self, model: &Model, head: usize) -> Text {
        let each = self.columns(model) == Self::size(model).1;
        if each { Text::same((head + 1).to_string()) } else { Text::new("各头", "all") }
    }

    /// The chosen measure.
    pub fn metric(&self) -> &'static Metric {
        &METRICS[self.metric.min(METRICS.len() - 1)]
    }

    /// The chosen head.
    fn place(&self, model: &Model) -> Option<HeadPlace> {
        Self::place_of(model, self.layer, self.head)
    }

    /// The head in a cell.
    fn place_of(model: &Model, layer: usize, head: usize) -> Option<HeadPlace> {
        let all = heads::all(model.program());
        let at = layer * Self::size(model).1 + head;
        all.get(at).map(|head| HeadPlace { layer: head.layer, head: head.head })
    }

    /// What stands in a cell; none where the sentence can have no such number, or it is not known yet.
    pub fn number(&self, model: &Model, layer: usize, head: usize) -> Option<f64> {
        let at = layer * Self::size(model).1 + head;
        if self.everywhere {
            return model.study()?.heads.get(at)?.metrics.get(self.metric)?.map(|over| over.mean);
        }
        Self::here(model, at, self.metric)
    }

    /// A measure of a head in the sentence that is shown, as attention is read now.
    fn here(model: &Model, at: usize, metric: usize) -> Option<f64> {
        if model.attention() != Reading::Raw {
            return model.attributed_metrics(at)?.get(metric).copied().flatten();
        }
        model.head_measures(metric)?.get(at).copied().flatten()
    }

    /// Whether a head is silenced.
    pub fn is_silenced(model: &Model, layer: usize, head: usize) -> bool {
        let place = Self::place_of(model, layer, head);
        place.is_some_and(|place| model.material.scenario.silenced.contains(&place))
    }

    /// The largest number of the map: the end of the colour scale.
    pub fn span(&self, model: &Model) -> f64 {
        let (layers, heads) = Self::size(model);
        let heads = heads.min(self.columns(model));
        let all = (0..layers).flat_map(|layer| (0..heads).map(move |head| (layer, head)));
        all.filter_map(|(layer, head)| self.number(model, layer, head)).fold(0.0, f64::max).max(1e-9)
    }

    /// What stands in the cells.
    pub fn heading(&self, model: &Model) -> Text {
        let (layers, heads) = Self::size(model);
        let Text { zh, en } = &self.metric().name;
        let over = match (self.everywhere, model.study()) {
            (false, _) if model.attention() != Reading::Raw => {
                let Text { zh, en } = model.attention().label();
                Text::owned(format!("{zh}，这句话里"), format!("{en}, in this sentence"))
            }
            (false, _) => Text::new("这句话里", "in this sentence"),
            (true, Some(study)) => {
                let n = study.sentences;
                Text::owned(format!("{n} 句话的平均"), format!("mean over {n} sentences"))
            }
            (true, None) => Text::new("正在许多句子上测量……", "measuring over many sentences ..."),
        };
        Text::owned(
            format!("{layers} 层 × {heads} 头   {zh}，{}", over.zh),
            format!("{layers} layers × {heads} heads   {en}, {}", over.en),
        )
    }

    /// What the measure is, and what the chosen head is like.
    pub fn about(&self, model: &Model) -> Vec<Text> {
        let raw = self.everywhere || model.attention() == Reading::Raw;
        let says = if raw { self.metric().says.clone() } else { HeadsWindow::brief(model) };
        let (layer, head) = (self.layer + 1, self.head + 1);
        let name = if self.columns(model) == Self::size(model).1 {
            Text::owned(format!("第 {layer} 层，头 {head}："), format!("layer {layer} head {head}: "))
        } else {
            let Text { zh, en } = rolled(layer);
            Text::owned(format!("{zh}："), format!("{en}: "))
        };
        let at = self.layer * Self::size(model).1 + self.head;
        let number = |n: usize| {
            let over = || model.study()?.heads.get(at)?.metrics.get(n)?.map(|over| over.mean);
            if self.everywhere { over() } else { Self::here(model, at, n) }
        };
        let numbers: Vec<(String, String)> = METRICS
            .iter()
            .enumerate()
            .filter_map(|(n, metric)| {
                let x = format!("{:.2}", number(n)?);
                Some((format!("{} {x}", metric.name.zh), format!("{} {x}", metric.name.en)))
            })
            .collect();
        let (zh, en): (Vec<String>, Vec<String>) = numbers.into_iter().unzip();
        let numbers = Text::owned(format!("{}{}", name.zh, zh.join("  ")), format!("{}{}", name.en, en.join("  ")));
        vec![says, numbers]
    }
}

impl Model {
    /// Walks into a layer, to a stage of that name, a head shown.
    pub(in crate::app) fn walk_into(&mut self, at: HeadPlace, name: Name) {
        let Some(stage) = self.program().find(at.layer, name).and_then(|slot| self.program().stage_of(slot)) else {
            return;
        };
        self.turn_to(Page::Stage(stage));
        crate::app::deeds::show_head(self, at.head);
    }
}
