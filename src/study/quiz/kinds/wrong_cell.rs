//! A row of numbers, one of which is wrong, as a real mistake makes it. Which?

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::ops::{Exponentials, Rule};
use crate::math::tensor::{Cell, MASKED_F64};
use crate::program::{Address, Name};
use crate::study::Concept;
use crate::study::quiz::choices::Choices;
use crate::study::quiz::ground::Ground;
use crate::study::quiz::Misconception;

pub(super) const KIND: Kind = Kind {
    name: "wrong-cell",
    title: Text::new("哪一格算错了", "which number is wrong"),
    stages: &[Name::Scores, Name::Scaled, Name::Weights, Name::Context],
    concept: Concept::of,
    draw,
};

/// The most numbers of a row, each of which is a choice.
const MOST: usize = 4;

fn draw(draw: &mut Draw) -> Option<Item> {
    let (ground, at) = (draw.ground, draw.at);
    let row = ground.cells(at);
    let shown: Vec<Address> = row.into_iter().filter(|&at| ground.get(at).is_finite()).collect();
    let made = |at: &Address| ground.trace.made_by(ground.program(), *at).is_some();
    if !shown.iter().all(made) || shown.len() < 3 {
        return None;
    }
    // Of a long row a part, with the number in it.
    let start = shown.iter().position(|cell| *cell == at)?.saturating_sub(1).min(shown.len().saturating_sub(MOST));
    let shown: Vec<Address> = shown.into_iter().skip(start).take(MOST).collect();
    let true_one = ground.get(at);
    let (wrong, misconception) = mistakes(ground, at).into_iter().find(|&(x, _)| {
        ground.clear(at.slot, x, true_one) && ground.write(at.slot, x) != ground.write(at.slot, true_one)
    })?;

    let shape = ground.shape(at.slot);
    let names = ground.names(shape.cols.axis, at.cell.head, shape.cols.len);
    let written = |cell: &Address| {
        let x = if *cell == at { wrong } else { ground.get(*cell) };
        let (name, number) = (&names[cell.cell.col], ground.write(at.slot, x));
        Text::owned(format!("{} {number}", name.zh), format!("{} {number}", name.en))
    };
    let mut choices = Choices::of(written(&at));
    for cell in shown.iter().filter(|cell| **cell != at) {
        choices.wrong(written(cell), None);
    }
    // In the order of the row.
    let place = shown.iter().position(|cell| *cell == at)?;
    let order: Vec<usize> = (0..shown.len()).map(|n| if n == place { 0 } else { n + usize::from(n < place) }).collect();
    let asked = choices.ordered(&order)?;

    let first = shown[0];
    let (symbol, word, place) = (ground.program().symbol(at.slot), ground.row_name(at), ground.place(at));
    let arithmetic = ground.arithmetic(at);
    let says = misconception.says();
    let mut given: Vec<Text> = Vec::new();
    if matches!(ground.name_of(at.slot), Name::Scaled | Name::Weights) {
        let stage = ground.program().made_by(at.slot)?;
        given.push(ground.written_row(ground.at(stage.operands[0], at.cell)));
    } else {
        for line in shown.iter().flat_map(|&cell| ground.operands(cell)) {
            if !given.contains(&line) {
                given.push(line);
            }
        }
    }
    if ground.name_of(at.slot) == Name::Scaled {
        let d = ground.beside(at.slot, Name::Q).map_or(1, |q| ground.shape(q).cols.len);
        given.push(Text::same(format!("d = {d}")));
    }
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::of(ground.name_of(at.slot)),
        help: draw.help.of(
            ground.neighbour(at).filter(|near| near.cell.row != at.cell.row).map(|near| {
                let worked = ground.arithmetic(near);
                Text::owned(format!("例：{}", worked.zh), format!("Example: {}", worked.en))
            }),
            Text::owned(format!("错的那个是这样来的：{}。", says.zh), format!("This is how it went wrong: {}.", says.en)),
            Text::new("一格一格重算一遍，只有一格对不上。", "Compute them one by one: exactly one of them does not agree."),
        ),
        given,
        question: Text::owned(
            format!("{}{symbol} 的「{}」这一行，有一格写错了，是哪一格？", place.zh, word.zh),
            format!("{}one of these numbers of the row of {} in {symbol} is wrong. Which?", place.en, word.en),
        ),
        asked,
        cells: shown,
        view: Some(first),
        covered: ground.veil(&ground.cells(at)),
        disputed: Some(at),
        because: Text::owned(
            format!("{}。写错的那个数：{}。", arithmetic.zh, says.zh),
            format!("{}. What went wrong: {}.", arithmetic.en, says.en),
        ),
    })
}

/// What a number could have become by a mistake.
fn mistakes(ground: Ground, at: Address) -> Vec<(f64, Misconception)> {
    let Some(stage) = ground.program().made_by(at.slot) else { return Vec::new() };
    let x = ground.get(at);
    let first = |cell: Cell| ground.get(ground.at(stage.operands[0], cell));
    match (ground.program().sources(stage, at.cell).rule, ground.name_of(at.slot)) {
        (Rule::Quotient(_), _) => {
            let d = ground.beside(at.slot, Name::Q).map_or(1, |q| ground.shape(q).cols.len) as f64;
            vec![(first(at.cell), Misconception::ForgotDivisor), (first(at.cell) / d, Misconception::DividedByD)]
        }
        (Rule::Softmax(_), _) => {
            let slot = stage.operands[0];
            let column: Vec<f64> =
                (0..ground.shape(slot).rows.len).map(|row| first(Cell { row, ..at.cell })).collect();
            let scores = ground.row(ground.at(slot, at.cell));
            let open: f64 = scores.iter().filter(|&&x| x != MASKED_F64).sum();
            vec![
                (Exponentials::of(&column).weight(at.cell.row), Misconception::WrongAxis),
                (first(at.cell) / open, Misconception::NoExponential),
            ]
        }
        (Rule::Sum, Name::Scores) => {
            let turned = at.cell.moved(at.cell.col, at.cell.row);
            let swapped = ground.shape(at.slot).contains(turned).then(|| ground.get(Address { cell: turned, ..at }));
            let mut all = vec![(-x, Misconception::SignLost)];
            all.extend(swapped.map(|x| (x, Misconception::KeyForQuery)));
            all
        }
        (Rule::Sum, Name::Context) => {
            let rows = ground.shape(stage.operands[1]).rows.len;
            let value = |row| ground.get(ground.at(stage.operands[1], at.cell.moved(row, at.cell.col)));
            vec![((0..rows).map(value).sum::<f64>() / rows as f64, Misconception::WeightsForgotten)]
        }
        _ => Vec::new(),
    }
}
