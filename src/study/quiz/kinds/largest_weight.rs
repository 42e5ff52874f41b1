//! Which word gets the largest weight of a row? The scores of the row are there to predict it from.

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::tensor::{Axis, Cell};
use crate::program::{Address, Name};
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;
use crate::study::quiz::ground::{Ground, largest};

pub(super) const KIND: Kind = Kind {
    name: "largest-weight",
    title: Text::new("谁的权重最大", "which word gets the largest weight"),
    stages: &[Name::Scores, Name::Scaled, Name::Masked, Name::Weights],
    concept: |_| Concept::Softmax,
    draw,
};

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let weights = ground.at(ground.beside(draw.at.slot, Name::Weights)?, Cell { col: 0, ..draw.at.cell });
    let masked = ground.at(ground.beside(weights.slot, Name::Masked)?, weights.cell);
    let scaled = ground.at(ground.beside(weights.slot, Name::Scaled)?, weights.cell);
    let best = winner(ground, weights)?;
    let shape = ground.shape(weights.slot);
    let names = ground.names(shape.cols.axis, weights.cell.head, shape.cols.len);

    let mut choices = Choices::of(names[best].clone());
    let mut wrong = |column: Option<usize>, misconception: Option<Misconception>| {
        if let Some(column) = column.filter(|&column| column != best) {
            choices.wrong(names[column].clone(), misconception);
        }
    };
    let own = (shape.rows.axis == Axis::Token && shape.cols.axis == Axis::Token).then_some(weights.cell.row);
    let column = own.and_then(|own| {
        let at = |row| Address { cell: weights.cell.moved(row, own), ..weights };
        let column: Vec<f64> = (0..shape.rows.len).map(|row| ground.get(at(row))).collect();
        Some(largest(&column)?.0)
    });
    let scores = ground.row(scaled);
    wrong(largest(&scores).map(|(column, _)| column), Some(Misconception::MaskForgotten));
    wrong(column, Some(Misconception::TookColumn));
    let sizes: Vec<f64> = ground.row(masked).into_iter().map(f64::abs).collect();
    wrong(largest(&sizes).map(|(column, _)| column), Some(Misconception::SizeWithoutSign));
    wrong(own, Some(Misconception::LooksAtItself));
    let first = draw.below(names.len());
    for n in 0..names.len() {
        wrong(Some((first + n) % names.len()), None);
    }
    let asked = choices.shuffled(&mut draw.rng)?;

    let (word, place) = (ground.row_name(weights), ground.place(weights));
    let told = |number: usize| ground.write(weights.slot, ground.row(weights)[number]);
    let winner_at = Address { cell: Cell { col: best, ..weights.cell }, ..weights };
    let example = other_row(ground, weights, masked);
    let nearly = Text::owned(
        format!("softmax 不改变一行里的高低：哪个分数最高，哪个权重就最大。这一行 {}", ground.written_row(masked).zh),
        format!("Softmax keeps the order of a row: the highest score gets the largest weight. Here {}", ground.written_row(masked).en),
    );
    let pointer = Text::owned(
        format!("看 masked 里「{}」那一行。", word.zh),
        format!("Look at the row of {} in masked.", word.en),
    );
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Softmax,
        help: draw.help.of(example, nearly, pointer),
        given: vec![ground.written_row(masked)],
        question: Text::owned(
            format!("{}「{}」这一行，哪个词分到的权重最大？", place.zh, word.zh),
            format!("{}in the row of {}, which word gets the largest weight?", place.en, word.en),
        ),
        asked,
        cells: ground.cells(weights),
        view: Some(weights),
        covered: ground.veil(&ground.cells(weights)),
        disputed: Some(winner_at),
        because: Text::owned(
            format!("{}：分数最高的是「{}」，它分到 {}。", ground.written_row(masked).zh, names[best].zh, told(best)),
            format!("{}: the highest score is that of {}, which gets {}.", ground.written_row(masked).en, names[best].en, told(best)),
        ),
    })
}

/// The column of the largest weight of a row, where that is clear.
fn winner(ground: Ground, weights: Address) -> Option<usize> {
    let row = ground.row(weights);
    let (best, next) = largest(&row)?;
    let alone = next == f64::NEG_INFINITY;
    (row.iter().all(|x| x.is_finite()) && !alone && ground.clear(weights.slot, row[best], next)).then_some(best)
}

/// Another row with a clear winner, worked out.
fn other_row(ground: Ground, weights: Address, masked: Address) -> Option<Text> {
    let shape = ground.shape(weights.slot);
    let mut rows = (1..shape.rows.len).map(|by| (weights.cell.row + by) % shape.rows.len);
    let (row, best) = rows.find_map(|row| {
        let at = Address { cell: Cell { row, ..weights.cell }, ..weights };
        Some((at, winner(ground, at)?))
    })?;
    let names = ground.names(shape.cols.axis, weights.cell.head, shape.cols.len);
    let word = ground.row_name(row);
    let scores = ground.written_row(Address { cell: row.cell, ..masked });
    Some(Text::owned(
        format!("例：「{}」这一行 {}，分数最高的是「{}」，权重最大的也是它。", word.zh, scores.zh, names[best].zh),
        format!("Example: in the row of {}, {}, the highest score is that of {}, and so is the largest weight.", word.en, scores.en, names[best].en),
    ))
}
