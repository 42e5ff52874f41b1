//! Which shape comes out, of other sizes than those on the screen?

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::program::attention::{Sizes, attention};
use crate::program::{Kind as Attention, Name, Wiring};
use crate::math::tensor::Cell;
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;

pub(super) const KIND: Kind = Kind {
    name: "shape",
    title: Text::new("出来的是什么形状", "which shape comes out"),
    stages: &[Name::H, Name::Q, Name::K, Name::V, Name::Scores, Name::Weights, Name::Context, Name::Concat, Name::Output],
    concept: |_| Concept::Shapes,
    draw,
};

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let kind = ground.program().kind();
    if !kind.has_weights() {
        return None;
    }
    let page = ground.name_of(draw.at.slot);
    let name = if page == Name::H { ASKED[draw.below(ASKED.len())] } else { page };
    let sizes = sizes(draw, kind);
    let program = attention(kind, &sizes, &Wiring::default()).ok()?;
    let shape = program.shape(program.find(None, name)?);
    let (rows, cols) = (shape.rows.len, shape.cols.len);
    let written = |rows: usize, cols: usize| Text::same(format!("{rows}×{cols}"));

    let (d, values) = (sizes.features / sizes.heads, sizes.values / sizes.heads);
    let mut choices = Choices::of(written(rows, cols));
    let all_heads = if matches!(name, Name::V | Name::Context) { sizes.values } else { sizes.features };
    let mut wrong = |rows, cols, misconception| choices.wrong(written(rows, cols), misconception);
    if shape.heads.is_some() && !matches!(name, Name::Scores | Name::Weights) {
        wrong(rows, sizes.model, Some(Misconception::ModelForHead));
        wrong(rows, all_heads, Some(Misconception::AllHeadsForOne));
    }
    match name {
        Name::Scores | Name::Weights => {
            wrong(rows, d, Some(Misconception::WidthStays));
            wrong(d, d, Some(Misconception::TurnedOver));
            wrong(sizes.model, sizes.model, None);
        }
        Name::Context => wrong(rows, if kind.has_memory() { sizes.memory } else { rows }, Some(Misconception::WeightsForContext)),
        Name::Concat => {
            wrong(rows, values, Some(Misconception::OneHead));
            wrong(rows * sizes.heads, values, Some(Misconception::HeadsStacked));
        }
        Name::Output => wrong(rows, sizes.values, Some(Misconception::OutputForgotten)),
        _ => {}
    }
    wrong(cols, rows, Some(Misconception::TurnedOver));
    let asked = choices.shuffled(&mut draw.rng)?;

    let one_head = shape.heads.is_some();
    let words = words(&sizes, kind);
    let of_head = if one_head { Text::new("一个头的 ", " of one head") } else { Text::new("", "") };
    let label = crate::program::labels::label(name, kind);
    let cell = ground.at(draw.at.slot, Cell::default());
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Shapes,
        help: draw.help.of(
            None,
            Text::owned(
                format!("{}：左边的行数乘右边的列数。Q、K 是「词数 × d」，V 是「词数 × d_v」。", label.formula),
                format!("{}: the rows of the left one, the columns of the right one. Q and K are words × d, V is words × d_v.", label.formula),
            ),
            Text::same(label.formula),
        ),
        given: Vec::new(),
        question: Text::owned(
            format!("{}。{}{name} 是几行几列？", words.zh, of_head.zh),
            format!("{}. How many rows × columns has {name}{}?", words.en, of_head.en),
        ),
        asked,
        cells: vec![cell],
        view: None,
        covered: Vec::new(),
        disputed: None,
        because: because(name, &sizes, kind, (rows, cols)),
    })
}

/// What is asked about on the page of the words.
const ASKED: [Name; 6] = [Name::Q, Name::K, Name::V, Name::Scores, Name::Weights, Name::Context];

/// Sizes no two of which are alike, so that each can be told by its number.
fn sizes(draw: &mut Draw, kind: Attention) -> Sizes {
    let heads = 2 + draw.below(3);
    let d = 2 + draw.below(4);
    let mut taken = vec![heads, d, heads * d];
    let mut other = |least: usize, most: usize| {
        let mut n = least + draw.below(most - least);
        while taken.contains(&n) {
            n += 1;
        }
        taken.push(n);
        n
    };
    let tokens = other(5, 11);
    let memory = if kind.has_memory() { other(5, 11) } else { 0 };
    let model = other(12, 24);
    let mut values = other(3, 8);
    while taken.contains(&(values * heads)) {
        values += 1;
        while taken.contains(&values) {
            values += 1;
        }
    }
    taken.push(values * heads);
    Sizes { batch: None, tokens, memory, model, heads, features: heads * d, values: heads * values, output: Some(model) }
}

/// `6 words, d_model = 12, 3 heads, d = 4, d_v = 5`
fn words(sizes: &Sizes, kind: Attention) -> Text {
    let Sizes { tokens, memory, model, heads, features, values, .. } = *sizes;
    let (d, d_v) = (features / heads, values / heads);
    let (zh, en) = if kind.has_memory() {
        (format!("{tokens} 个词看 {memory} 个词"), format!("{tokens} words look at {memory} words"))
    } else {
        (format!("一句 {tokens} 个词"), format!("a sentence of {tokens} words"))
    };
    Text::owned(
        format!("假设{zh}，d_model = {model}，{heads} 个头，每个头 d = {d}、d_v = {d_v}"),
        format!("Say {en}, d_model = {model}, {heads} heads, each with d = {d} and d_v = {d_v}"),
    )
}

fn because(name: Name, sizes: &Sizes, kind: Attention, (rows, cols): (usize, usize)) -> Text {
    let Sizes { heads, features, values, .. } = *sizes;
    let (d, d_v) = (features / heads, values / heads);
    let (zh, en) = match name {
        Name::Q => (format!("每个提问的词一行，每行 d = {d} 个数"), format!("a row for each word that asks, d = {d} numbers in each")),
        Name::K => (format!("每个被看的词一行，每行 d = {d} 个数"), format!("a row for each word looked at, d = {d} numbers in each")),
        Name::V => (format!("每个被看的词一行，每行 d_v = {d_v} 个数"), format!("a row for each word looked at, d_v = {d_v} numbers in each")),
        Name::Context => (format!("每个提问的词一行，每行和值一样宽，d_v = {d_v}"), format!("a row for each word that asks, as wide as a value, d_v = {d_v}")),
        Name::Concat => (format!("每个词一行，{heads} 个头并排，{heads}×{d_v} = {values}"), format!("a row for each word, {heads} heads side by side, {heads}×{d_v} = {values}")),
        Name::Output => (format!("每个词一行，W_o 把它变回 d_model = {} 个数", sizes.model), format!("a row for each word; W_o makes d_model = {} numbers of it again", sizes.model)),
        _ if kind.has_memory() => ("每个提问的词一行，每个被看的词一列；d 在点积里加掉了".to_owned(), "a row for each word that asks, a column for each word looked at; d is summed away".to_owned()),
        _ => ("每个词一行，每个词一列；d 在点积里加掉了".to_owned(), "a row and a column for each word; d is summed away".to_owned()),
    };
    Text::owned(format!("{rows}×{cols}：{zh}。"), format!("{rows}×{cols}: {en}."))
}
