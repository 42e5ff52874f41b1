//! Is a score positive, zero or negative? Its query and its key are there to predict it from.

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::program::Name;
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;

pub(super) const KIND: Kind = Kind {
    name: "sign",
    title: Text::new("打分是正是负", "is the score positive"),
    stages: &[Name::Scores],
    concept: |_| Concept::Scores,
    draw,
};

const POSITIVE: Text = Text::new("正数", "positive");
const ZERO: Text = Text::new("正好是 0", "exactly 0");
const NEGATIVE: Text = Text::new("负数", "negative");

fn draw(draw: &mut Draw) -> Option<Item> {
    let (ground, at) = (draw.ground, draw.at);
    let score = ground.get(at);
    if ground.is_by_hand(at.slot) || !(score == 0.0 || ground.clear(at.slot, score, 0.0)) {
        return None;
    }
    let angle = Some(Misconception::RightAngle);
    let (right, wrong, order) = if score > 0.0 {
        (POSITIVE, [(ZERO, None), (NEGATIVE, Some(Misconception::SignLost))], [0, 1, 2])
    } else if score < 0.0 {
        (NEGATIVE, [(POSITIVE, Some(Misconception::SignLost)), (ZERO, None)], [1, 2, 0])
    } else {
        (ZERO, [(POSITIVE, angle), (NEGATIVE, angle)], [1, 0, 2])
    };
    let mut choices = Choices::of(right.clone());
    for (words, misconception) in wrong {
        choices.wrong(words, misconception);
    }
    let asked = choices.ordered(&order)?;

    let stage = ground.program().made_by(at.slot)?;
    let key = ground.at(stage.operands[1], at.cell.moved(at.cell.col, 0));
    let (query, key, place) = (ground.row_name(at), ground.row_name(key), ground.place(at));
    let arithmetic = ground.arithmetic(at);
    let example = ground.neighbour(at).filter(|near| near.cell.row != at.cell.row).map(|near| {
        let worked = ground.arithmetic(near);
        Text::owned(format!("例：{}", worked.zh), format!("Example: {}", worked.en))
    });
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Scores,
        help: draw.help.of(
            example,
            Text::new(
                "一项一项相乘再相加：同号得正，异号得负，有一边是 0 就是 0。",
                "Multiply pair by pair and add up: equal signs give plus, different ones minus, a 0 on either side gives 0.",
            ),
            Text::owned(
                format!("看 Q 里「{}」那一行和 K 里「{}」那一行。", query.zh, key.zh),
                format!("Look at the row of {} in Q and that of {} in K.", query.en, key.en),
            ),
        ),
        given: ground.operands(at),
        question: Text::owned(
            format!("{}q({}) · k({}) 是正数、0，还是负数？", place.zh, query.zh, key.zh),
            format!("{}is q({}) · k({}) positive, 0 or negative?", place.en, query.en, key.en),
        ),
        asked,
        cells: vec![at],
        view: Some(at),
        covered: ground.veil(&[at]),
        disputed: Some(at),
        because: Text::owned(format!("{}：{}。", arithmetic.zh, right.zh), format!("{}: {}.", arithmetic.en, right.en)),
    })
}
