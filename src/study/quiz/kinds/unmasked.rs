//! Without the mask, which word would get the largest weight of a row?

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Address, Name};
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;
use crate::study::quiz::ground::largest;

pub(super) const KIND: Kind = Kind {
    name: "unmasked",
    title: Text::new("不遮挡的话谁的权重最大", "which weight is largest without the mask"),
    stages: &[Name::Scaled, Name::Masked, Name::Weights],
    concept: |_| Concept::Mask,
    draw,
};

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let weights = ground.at(ground.beside(draw.at.slot, Name::Weights)?, Cell { col: 0, ..draw.at.cell });
    let scaled = ground.at(ground.beside(weights.slot, Name::Scaled)?, weights.cell);
    let masked = ground.at(ground.beside(weights.slot, Name::Masked)?, weights.cell);
    let (scores, left) = (ground.row(scaled), ground.row(masked));
    let hidden = left.contains(&f64::NEG_INFINITY);
    let (best, next) = largest(&scores)?;
    if !hidden || next == f64::NEG_INFINITY || !ground.clear(scaled.slot, scores[best], next) {
        return None;
    }
    let shape = ground.shape(weights.slot);
    let names = ground.names(shape.cols.axis, weights.cell.head, shape.cols.len);
    let mut choices = Choices::of(names[best].clone());
    let mut wrong = |column: usize, misconception: Option<Misconception>| {
        if column != best {
            choices.wrong(names[column].clone(), misconception);
        }
    };
    if let Some((now, _)) = largest(&left) {
        wrong(now, Some(Misconception::MaskKept));
    }
    let sizes: Vec<f64> = scores.iter().map(|x| x.abs()).collect();
    if let Some((most, _)) = largest(&sizes) {
        wrong(most, Some(Misconception::SizeWithoutSign));
    }
    let first = draw.below(names.len());
    for n in 0..names.len() {
        wrong((first + n) % names.len(), None);
    }
    let asked = choices.shuffled(&mut draw.rng)?;

    let (word, place) = (ground.row_name(weights), ground.place(weights));
    let row = ground.written_row(scaled);
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Mask,
        help: draw.help.of(
            None,
            Text::owned(
                format!("不遮挡的时候，softmax 直接用 scaled 这一行：{}", row.zh),
                format!("Without the mask softmax takes the row of scaled as it is: {}", row.en),
            ),
            Text::owned(format!("看 scaled 里「{}」那一行。", word.zh), format!("Look at the row of {} in scaled.", word.en)),
        ),
        given: vec![row.clone(), ground.written_row(masked)],
        question: Text::owned(
            format!("{}如果什么都不遮，「{}」这一行哪个词的权重最大？", place.zh, word.zh),
            format!("{}if nothing were masked, which word would get the largest weight in the row of {}?", place.en, word.en),
        ),
        asked,
        cells: ground.cells(weights),
        view: Some(masked),
        covered: Vec::new(),
        disputed: Some(Address { cell: Cell { col: best, ..scaled.cell }, ..scaled }),
        because: Text::owned(
            format!("{}：最高的是「{}」。按 m 换遮挡方式，就能看到。", row.zh, names[best].zh),
            format!("{}: the highest is that of {}. The key m changes the mask and shows it.", row.en, names[best].en),
        ),
    })
}
