//! What happens to the entropy of a row of weights at half, or at twice, the temperature?

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::program::attention::attention;
use crate::program::{Address, Name, Program, Trace, Wiring};
use crate::math::tensor::Cell;
use crate::study::Concept;
use crate::study::quiz::Misconception::{EvenStaysEven, TemperatureIgnored, TemperatureReversed};
use crate::study::quiz::choices::Choices;
use crate::study::quiz::ground::Ground;

pub(super) const KIND: Kind = Kind {
    name: "temperature",
    title: Text::new("换个温度，熵怎么变", "the entropy at another temperature"),
    stages: &[Name::Scaled, Name::Masked, Name::Weights],
    concept: |_| Concept::Scaling,
    draw,
};

/// An entropy that moves by less has not clearly moved: three hundredths, as it is written.
const CLEAR: f64 = 0.03;

/// One that moves by less has stayed.
const STAYS: f64 = 1e-6;

const FALLS: Text = Text::new("变小：更集中", "it falls: more concentrated");
const KEEPS: Text = Text::new("不变", "it stays");
const RISES: Text = Text::new("变大：更平均", "it rises: more even");

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let weights = ground.at(ground.beside(draw.at.slot, Name::Weights)?, Cell { col: 0, ..draw.at.cell });
    let colder = draw.below(2) == 0;
    let temperature = ground.program().wiring().temperature;
    let other = if colder { temperature / 2.0 } else { temperature * 2.0 };
    let program = at_temperature(ground, other)?;
    let before = entropy(ground, &ground.again(ground.program(), ground.inputs())?, weights);
    let after = entropy(ground, &ground.again(&program, ground.inputs())?, weights);
    let moved = after - before;
    if !moved.is_finite() || (moved.abs() < CLEAR && moved.abs() > STAYS) {
        return None;
    }
    let (right, wrong, order) = if moved >= CLEAR {
        (RISES, [(FALLS, TemperatureReversed), (KEEPS, TemperatureIgnored)], [1, 2, 0])
    } else if moved <= -CLEAR {
        (FALLS, [(KEEPS, TemperatureIgnored), (RISES, TemperatureReversed)], [0, 1, 2])
    } else {
        (KEEPS, [(FALLS, EvenStaysEven), (RISES, EvenStaysEven)], [1, 0, 2])
    };
    let mut choices = Choices::of(right.clone());
    for (words, misconception) in wrong {
        choices.wrong(words, misconception);
    }
    let asked = choices.ordered(&order)?;

    let (word, place) = (ground.row_name(weights), ground.place(weights));
    let how = if colder { Text::new("减半", "halved") } else { Text::new("加倍", "doubled") };
    let masked = ground.written_row(ground.at(ground.beside(weights.slot, Name::Masked)?, weights.cell));
    let written = |x: f64| Format::TWO.say(x);
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Scaling,
        help: draw.help.of(
            None,
            Text::new(
                "分数除以温度：温度减半，分数之间的差就加倍；差得越多，权重越集中，熵越小。",
                "Scores are divided by the temperature: at half of it their differences are twice as large; the larger they are, the more concentrated the weights and the smaller the entropy.",
            ),
            Text::owned(format!("看 masked 里「{}」那一行的分数有没有差别。", word.zh), format!("See how far apart the scores of {} are in masked.", word.en)),
        ),
        given: vec![masked],
        question: Text::owned(
            format!("{}温度 T {}，「{}」这一行权重的熵怎么变？（熵：越平均越大）", place.zh, how.zh, word.zh),
            format!("{}with the temperature T {}, what happens to the entropy of the weights of {}? (entropy: the more even, the larger)", place.en, how.en, word.en),
        ),
        asked,
        cells: ground.cells(weights),
        view: Some(weights),
        covered: Vec::new(),
        disputed: Some(weights),
        because: Text::owned(
            format!("熵从 {} 变成 {}。用 S 里的温度开关试试。", written(before), written(after)),
            format!("The entropy goes from {} to {}. The switch of the temperature, under S, shows it.", written(before), written(after)),
        ),
    })
}

/// The same program at another temperature, where that can be set.
fn at_temperature(ground: Ground, temperature: f32) -> Option<Program> {
    let own = ground.program();
    let wiring = Wiring { temperature, ..*own.wiring() };
    let program = attention(own.kind(), &ground.sample.sizes, &wiring).ok()?;
    let symbols = |program: &Program| program.slots().map(|slot| (program.symbol(slot), program.shape(slot))).collect::<Vec<_>>();
    (Wiring::TEMPERATURES.contains(&temperature) && symbols(&program) == symbols(own)).then_some(program)
}

/// The entropy of a row of weights, in nats.
fn entropy(ground: Ground, trace: &Trace, row: Address) -> f64 {
    let weight = |at: Address| f64::from(trace.get(at));
    let part = |w: f64| if w > 0.0 { -w * w.ln() } else { 0.0 };
    ground.cells(row).into_iter().map(weight).map(part).sum()
}
