//! The first page: the sentence, a question, and the four steps that answer it, with the real numbers of one word.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::Scene;
use super::places::Places;
use super::{legend, signs};
use crate::app::Model;
use crate::explain::{self, Names as _, Piece, whole};
use crate::ground::lang::{Lang, Text};
use crate::ground::number::Format;
use crate::ground::text;
use crate::math::tensor::{Cell, MASKED};
use crate::program::{Address, Kind, Name, Slot, Trace};
use crate::ui::widgets::{Links, fitting, flow, put};

/// Lines of the legend in full.
const LEGEND: u16 = 6;

/// Columns of a step's name.
const fn step(lang: Lang) -> u16 {
    match lang {
        Lang::Zh => 12,
        Lang::En => 16,
    }
}

/// `Whom does 爱 look at, and how does it know?`
pub(super) fn question(model: &Model) -> Text {
    let word = word(model);
    Text::owned(format!("「{word}」在看谁？它怎么知道的？"), format!("Whom does {word} look at, and how does it know?"))
}

/// The word that asks; in English with what it means, for those who cannot read it.
fn word(model: &Model) -> String {
    let address = model.address();
    let axis = model.program().shape(address.slot).rows.axis;
    let name = model.names().name(axis, address.cell.head, address.cell.row);
    let gloss = model.material.sample.gloss.get(address.cell.row).filter(|gloss| !gloss.is_empty());
    match gloss.filter(|_| model.settings.lang == Lang::En) {
        Some(gloss) => format!("{name} ({gloss})"),
        None => name,
    }
}

/// The words joined by the weights of the head that is shown.
pub(super) fn links(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let Scene { model, trace, theme, .. } = scene;
    let (names, address) = (model.names(), model.address());
    let shape = model.program().shape(address.slot);
    let Cell { batch, head, .. } = address.cell;
    let words = |axis, len| (0..len).map(|n| names.name(axis, head, n)).collect::<Vec<_>>();
    let (asking, answering) = (words(shape.rows.axis, shape.rows.len), words(shape.cols.axis, shape.cols.len));
    let weights = trace.tensor(address.slot);
    let covered = |row, col| {
        let cell = Cell { batch, head, row, col };
        model.view.covers(Address { cell, ..address })
    };
    let links = Links {
        asking: &asking,
        answering: &answering,
        heads: 1,
        // What is asked for is not drawn.
        weight: &|_, row, col| if covered(row, col) { 0.0 } else { weights.get(Cell { batch, head, row, col }) },
        chosen: address.cell.row,
        only: false,
    };
    links.draw(theme, area, buffer);
}

/// The four steps, and what to press.
pub(super) fn steps(scene: Scene, places: &Places, buffer: &mut Buffer) {
    let Scene { model, theme, .. } = scene;
    let area = places.words;
    let mut y = area.y + 1;
    let beside = step(model.settings.lang);
    for (n, (name, pieces)) in told(scene, area.width.saturating_sub(beside)).into_iter().enumerate() {
        let name = format!("{} {}", n + 1, model.say(&name));
        put(buffer, area, area.x, y, &name, theme.key());
        let line = Rect { x: area.x + beside, y, width: area.width.saturating_sub(beside), height: 1 };
        let line = line.intersection(area);
        y = flow(&pieces, theme, line, buffer);
    }
    y += u16::from(area.height > 7);
    for line in text::wrap(&signs(model, model.say(&press(model))), usize::from(area.width)) {
        put(buffer, area, area.x, y, &line, theme.ground());
        y += 1;
    }
    // What colours mean, in the last lines.
    let lines = if area.height > LEGEND + 8 { LEGEND } else { 1 };
    let below = Rect { y: area.bottom().saturating_sub(lines), height: lines, ..area };
    if below.y >= y {
        legend::draw(model, theme, below, buffer);
    }
}

/// The steps of the article, each with its numbers for the word that asks and the word it looks at most.
fn told(scene: Scene, width: u16) -> Vec<(Text, Vec<Piece>)> {
    let Scene { model, .. } = scene;
    let vectors: Vec<String> = whole::projections(model.program(), model.layer())
        .into_iter()
        .map(|formula| formula.into_iter().map(|part| part.text).collect())
        .collect();
    let plain = |text: String| vec![Piece { text: signs(model, &text), role: None }];
    if model.view.covers_in_row(model.address()) {
        let open = || plain("?".to_owned());
        return vec![
            (Text::new("词变向量", "vectors"), plain(vectors.join("  "))),
            (Text::new("算相似度", "similarity"), open()),
            (Text::new("变成权重", "weights"), open()),
            (Text::new("加权求和", "weighted sum"), open()),
        ];
    }
    let given = |zh: &'static str, en: &'static str| plain(model.say(&Text::new(zh, en)).to_owned());
    let vectors = match model.program().kind() {
        Kind::ImportedAttention => {
            let lacking = || given("文件里没有", "not in the file");
            return vec![
                (Text::new("词变向量", "vectors"), lacking()),
                (Text::new("算相似度", "similarity"), lacking()),
                (Text::new("变成权重", "weights"), plain(weights(scene, width))),
                (Text::new("加权求和", "weighted sum"), lacking()),
            ];
        }
        Kind::Imported => given("Q、K、V 是文件给的", "the file gives Q, K and V"),
        _ => plain(vectors.join("  ")),
    };
    vec![
        (Text::new("词变向量", "vectors"), vectors),
        (Text::new("算相似度", "similarity"), score(scene, width)),
        (Text::new("变成权重", "weights"), plain(weights(scene, width))),
        (Text::new("加权求和", "weighted sum"), plain(weighted_sum(scene, width))),
    ]
}

/// The score of the word that asks and the word it looks at most, in as many terms as fit a line.
fn score(scene: Scene, width: u16) -> Vec<Piece> {
    let Scene { model, trace, .. } = scene;
    let Some(slot) = model.find(Name::Scores) else { return Vec::new() };
    let cell = Trace::nearest(&model.program().shape(slot), model.view.cursor);
    let cell = Cell { col: strongest(scene).unwrap_or(cell.col), ..cell };
    let names = model.names();
    let pieces = |most| {
        let pieces = explain::arithmetic_of(model.program(), trace, Address { slot, cell }, &names, most);
        pieces.into_iter().map(|piece| Piece { text: signs(model, &piece.text), ..piece }).collect()
    };
    fitting(pieces, &[8, 4, 3, 2, 1, 0], (width, 1))
}

/// The column of the largest weight in the row of the word that asks.
fn strongest(scene: Scene) -> Option<usize> {
    let (_, numbers) = row(scene)?;
    (0..numbers.len()).rev().max_by(|&a, &b| numbers[a].total_cmp(&numbers[b]))
}

/// The weights of the word that asks.
fn row(scene: Scene) -> Option<(Slot, Vec<f32>)> {
    let Scene { model, trace, .. } = scene;
    let slot = model.find(Name::Weights)?;
    let Cell { batch, head, row, .. } = Trace::nearest(&model.program().shape(slot), model.view.cursor);
    let cols = model.program().shape(slot).cols.len;
    Some((slot, (0..cols).map(|col| trace.get(Address { slot, cell: Cell { batch, head, row, col } })).collect()))
}

/// The words that answer, each with its weight as the page of the weights writes it, in the order of the sentence; those that the
/// mask hides do not.
fn answers(scene: Scene) -> Vec<(String, String, f32)> {
    let Some((slot, numbers)) = row(scene) else { return Vec::new() };
    let model = scene.model;
    let (names, axis) = (model.names(), model.program().shape(slot).cols.axis);
    let format = model.format(slot).unwrap_or(Format { decimals: 2, scientific: false });
    let name = |n| names.name(axis, model.view.cursor.head, n);
    // Where the mask hides all of them, their weights are what there is to be said.
    let none_seen = (0..numbers.len()).all(|n| is_hidden(scene, n));
    let seen = numbers.iter().enumerate().filter(|(n, _)| none_seen || !is_hidden(scene, *n));
    seen.map(|(n, &weight)| (name(n), format.write(weight), weight)).collect()
}

/// Whether the mask hides a word from the one that asks.
fn is_hidden(Scene { model, trace, .. }: Scene, col: usize) -> bool {
    model.find(Name::Masked).is_some_and(|slot| {
        let at = Trace::nearest(&model.program().shape(slot), model.view.cursor);
        trace.get(Address { slot, cell: Cell { col, ..at } }) == MASKED
    })
}

/// `softmax → 我 0.03  爱 0.03  北京 0.47  天安门 0.47`; of a long row the largest.
fn weights(scene: Scene, width: u16) -> String {
    let written = |(name, weight, _): &(String, String, f32)| format!("{name} {weight}");
    let given = scene.model.program().kind() == Kind::ImportedAttention;
    let by = match (is_by_hand(scene, Name::Weights), given) {
        (true, _) => by_hand(scene),
        (false, true) => "attention",
        (false, false) => "softmax",
    };
    listed(&format!("{by} → "), &answers(scene), "  ", written, usize::from(width))
}

/// Whether a number of the word's row at a step was set by hand: then it is not what the step makes.
fn is_by_hand(scene: Scene, name: Name) -> bool {
    let Scene { model, trace, .. } = scene;
    let program = model.program();
    model.find(name).is_some_and(|slot| {
        let shape = program.shape(slot);
        let at = Trace::nearest(&shape, Cell { head: model.view.cursor.head, ..model.address().cell });
        let cell = |col| Address { slot, cell: Cell { col, ..at } };
        (0..shape.cols.len).any(|col| trace.made_by(program, cell(col)).is_none())
    })
}

fn by_hand(scene: Scene) -> &'static str {
    match scene.model.settings.lang {
        Lang::Zh => "手改",
        Lang::En => "set by hand",
    }
}

/// `context(爱) = 0.47·v(北京) + 0.47·v(天安门) + …`, the largest first where not all fit.
fn weighted_sum(scene: Scene, width: u16) -> String {
    let Scene { model, .. } = scene;
    let address = model.address();
    let word = model.names().name(model.program().shape(address.slot).rows.axis, address.cell.head, address.cell.row);
    let written = |(name, weight, _): &(String, String, f32)| format!("{weight}·v({name})");
    if is_by_hand(scene, Name::Context) {
        return format!("context({word}): {}", by_hand(scene));
    }
    listed(&format!("context({word}) = "), &answers(scene), " + ", written, usize::from(width))
}

/// All of them in order, or of many the largest and an ellipsis.
fn listed<T>(
    before: &str,
    all: &[(String, T, f32)],
    between: &str,
    written: impl Fn(&(String, T, f32)) -> String,
    width: usize,
) -> String {
    let whole = |some: &[&(String, T, f32)]| {
        let rest = if some.len() < all.len() { format!("{between}…") } else { String::new() };
        let some = some.iter().map(|one| written(one)).collect::<Vec<_>>().join(between);
        format!("{before}{some}{rest}")
    };
    let mut some: Vec<_> = all.iter().collect();
    if text::columns(&whole(&some)) > width {
        some.sort_by(|a, b| b.2.total_cmp(&a.2));
    }
    while some.len() > 1 && text::columns(&whole(&some)) > width {
        some.pop();
    }
    whole(&some)
}

/// What to press here.
fn press(model: &Model) -> Text {
    let (zh, en) = if model.program().heads() > 1 { ("，. 换个头", "  . head") } else { ("", "") };
    // What was imported has the words of its file alone.
    let (zh_own, en_own) = if model.program().kind().is_imported() {
        ("，B 看所有的头", "  B every head")
    } else {
        ("，/ 写自己的句子", "  / your sentence")
    };
    Text::owned(
        format!("按 n 走进第一步，E 从第一课学起。↑↓ 换个词{zh}{zh_own}，? 有帮助。"),
        format!("Press n to walk in, E for lessons.  ↑↓ word{en}{en_own}  ? help"),
    )
}
