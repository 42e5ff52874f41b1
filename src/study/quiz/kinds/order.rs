//! Which of three scores of a row is highest, which lowest? Queries and keys are there to predict it from.

use rand::seq::SliceRandom as _;

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::tensor::{Axis, Cell};
use crate::program::{Address, Name};
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;

pub(super) const KIND: Kind = Kind {
    name: "order",
    title: Text::new("排出三个分数的高低", "order three scores"),
    stages: &[Name::Scores, Name::Scaled],
    concept: |_| Concept::Scores,
    draw,
};

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let scores = ground.at(ground.beside(draw.at.slot, Name::Scores)?, draw.at.cell);
    if ground.is_by_hand(scores.slot) {
        return None;
    }
    let shape = ground.shape(scores.slot);
    let row = ground.row(scores);
    let mut columns: Vec<usize> = (0..row.len()).filter(|&n| row[n].is_finite()).collect();
    columns.shuffle(&mut draw.rng);
    let three = clear_three(&columns, |a, b| ground.clear(scores.slot, row[a], row[b]))?;
    let sorted = |by: &dyn Fn(usize) -> f64| {
        let mut order = three;
        order.sort_by(|&a, &b| by(b).total_cmp(&by(a)));
        order
    };
    let right = sorted(&|n| row[n]);
    let names = ground.names(shape.cols.axis, scores.cell.head, shape.cols.len);
    let written = |order: [usize; 3]| {
        let [a, b, c] = order.map(|n| &names[n]);
        Text::owned(format!("{} > {} > {}", a.zh, b.zh, c.zh), format!("{} > {} > {}", a.en, b.en, c.en))
    };

    let mut choices = Choices::of(written(right));
    let [a, b, c] = right;
    let reversed = [c, b, a];
    let square = shape.rows.axis == Axis::Token && shape.cols.axis == Axis::Token;
    let column = |n: usize| ground.get(Address { cell: scores.cell.moved(n, scores.cell.row), ..scores });
    let of_column = [(a, b), (b, c), (a, c)].iter().all(|&(x, y)| column(x) != column(y));
    for (order, misconception) in [
        (Some(sorted(&|n| row[n].abs())), Misconception::SizeWithoutSign),
        (Some(sorted(&column)).filter(|_| square && of_column), Misconception::TookColumn),
        (Some(reversed), Misconception::Reversed),
    ] {
        if let Some(order) = order {
            choices.wrong(written(order), misconception);
        }
    }
    for order in [[b, a, c], [a, c, b], [b, c, a], [c, a, b]] {
        choices.wrong(written(order), None);
    }
    let asked = choices.shuffled(&mut draw.rng)?;

    let at = |col| Address { cell: Cell { col, ..scores.cell }, ..scores };
    let mut cells = three.map(at).to_vec();
    cells.sort_by_key(|at| at.cell.col);
    let query = ground.row_name(scores);
    let place = ground.place(scores);
    let example = ground.neighbour(at(three[0])).filter(|near| near.cell.row != scores.cell.row).map(|near| {
        let worked = ground.arithmetic(near);
        Text::owned(format!("例：{}", worked.zh), format!("Example: {}", worked.en))
    });
    let ends = [a, b].map(|n| ground.arithmetic(at(n)));
    let mut given: Vec<Text> = Vec::new();
    for line in cells.iter().flat_map(|&at| ground.operands(at)) {
        if !given.contains(&line) {
            given.push(line);
        }
    }
    let list = |pick: fn(&Text) -> &str, between: &str| {
        cells.iter().map(|at| pick(&names[at.cell.col])).collect::<Vec<_>>().join(between)
    };
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Scores,
        help: draw.help.of(
            example,
            Text::new(
                "每个分数都是同一个查询和不同的键做点积：先看哪些项不是 0，再看正负。",
                "Each is the same query in a dot product with another key: see which terms are not 0, then their signs.",
            ),
            Text::owned(
                format!("拿 Q 里「{}」那一行，和 K 里每个词的那一行相乘。", query.zh),
                format!("Take the row of {} in Q, and the row of each word in K.", query.en),
            ),
        ),
        given,
        question: Text::owned(
            format!("{}「{}」给「{}」打的分，从高到低怎么排？", place.zh, query.zh, list(|t| &t.zh, "」「")),
            format!("{}from high to low: how does {} score {}?", place.en, query.en, list(|t| &t.en, ", ")),
        ),
        asked,
        view: Some(Address { cell: Cell { col: 0, ..scores.cell }, ..scores }),
        covered: ground.veil(&cells),
        cells,
        disputed: Some(at(a)),
        because: Text::owned(
            format!("{}；{}。", ends[0].zh, ends[1].zh),
            format!("{}; {}.", ends[0].en, ends[1].en),
        ),
    })
}

/// The first three, no two of which are close.
fn clear_three(columns: &[usize], clear: impl Fn(usize, usize) -> bool) -> Option<[usize; 3]> {
    for (i, &a) in columns.iter().enumerate() {
        for (j, &b) in columns.iter().enumerate().skip(i + 1) {
            for &c in &columns[j + 1..] {
                if clear(a, b) && clear(b, c) && clear(a, c) {
                    return Some([a, b, c]);
                }
            }
        }
    }
    None
}
