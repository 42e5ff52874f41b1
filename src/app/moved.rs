//! How far the changes moved every stage: the largest change, with the number before and after, what the mask newly hides, and
//! which stages have gone or come.

use std::sync::Arc;

use super::Model;
use super::reading::counterpart;
use crate::explain::Names as _;
use crate::ground::lang::Text;
use crate::math::tensor::{MASKED, Tensor};
use crate::program::{Address, Program, Slot, Symbol, Trace};
use crate::session::Run;

/// What is different from before the changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Each stage that changed.
    pub stages: Vec<Change>,
    /// Stages that there were before, and are no more.
    pub gone: Vec<Symbol>,
    /// Stages that there are only now, or in another shape.
    pub new: Vec<Symbol>,
    /// The row whose last tensor changed most.
    pub word: Option<usize>,
}

/// How one stage changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub symbol: Symbol,
    /// The number that changed most of those that were neither hidden nor uncovered.
    pub most: Option<Largest>,
    /// Numbers that are hidden now and were not.
    pub hidden: usize,
    /// Numbers that are not hidden now and were.
    pub uncovered: usize,
}

/// A number that changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Largest {
    /// Which.
    pub at: Address,
    /// What it was.
    pub before: f32,
    /// What it is.
    pub after: f32,
}

/// Compares two runs, stage by stage of the same name and shape.
pub(super) fn moved(before: &Run, after: &Run) -> Moved {
    let (a, b) = (&before.program, &after.program);
    let stages = |program: &Program| (0..program.stages().len()).map(|i| program.output_of(i)).collect::<Vec<_>>();
    let pairs: Vec<(Slot, Slot)> =
        stages(b).into_iter().filter_map(|slot| Some((counterpart(b, slot, a)?, slot))).collect();
    let change = |&(old, new): &(Slot, Slot)| {
        if Arc::ptr_eq(before.trace.shared(old), after.trace.shared(new)) {
            return None; // not even computed anew
        }
        let change = compare((before.trace.tensor(old), after.trace.tensor(new)), (new, b.symbol(new)));
        (change.most.is_some() || change.hidden + change.uncovered > 0).then_some(change)
    };
    let symbols = |program: &Program, other: &Program| {
        let alone = stages(program).into_iter().filter(|&slot| other.find_symbol(program.symbol(slot)).is_none());
        alone.map(|slot| program.symbol(slot)).collect()
    };
    let paired = |slot: &Slot| pairs.iter().any(|(_, new)| new == slot);
    Moved {
        stages: pairs.iter().filter_map(change).collect(),
        gone: symbols(a, b),
        new: stages(b).into_iter().filter(|slot| !paired(slot)).map(|slot| b.symbol(slot)).collect(),
        word: pairs.last().and_then(|&(old, new)| word(before.trace.tensor(old), after.trace.tensor(new))),
    }
}

/// The largest change of a tensor, and how many numbers were hidden or uncovered.
fn compare((old, new): (&Tensor<f32>, &Tensor<f32>), (slot, symbol): (Slot, Symbol)) -> Change {
    let (mut change, mut by) = (Change { symbol, most: None, hidden: 0, uncovered: 0 }, 0.0_f32);
    for (i, (before, after)) in old.numbers().zip(new.numbers()).enumerate() {
        match (before == MASKED, after == MASKED) {
            (false, true) => change.hidden += 1,
            (true, false) => change.uncovered += 1,
            (false, false) if difference(before, after) > by => {
                by = difference(before, after);
                let [_, heads, rows, cols] = new.shape().lens();
                let (matrix, place) = (i / (rows * cols), i % (rows * cols));
                let cell = crate::math::tensor::Cell {
                    batch: matrix / heads,
                    head: matrix % heads,
                    row: place / cols,
                    col: place % cols,
                };
                change.most = Some(Largest { at: Address { slot, cell }, before, after });
            }
            _ => {}
        }
    }
    change
}

/// How far apart two numbers are; one that is no number any more, or was none, is farther than any other.
fn difference(x: f32, y: f32) -> f32 {
    match (x.is_finite(), y.is_finite()) {
        (true, true) => (x - y).abs(),
        (false, false) => 0.0,
        _ => f32::INFINITY,
    }
}

/// The row that changed most.
fn word(x: &Tensor<f32>, y: &Tensor<f32>) -> Option<usize> {
    let mut rows = vec![0.0_f32; x.shape().rows.len];
    for cell in x.shape().cells() {
        rows[cell.row] = rows[cell.row].max(difference(x.get(cell), y.get(cell)));
    }
    let most = rows.into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    most.filter(|(_, change)| *change > 0.0).map(|(row, _)| row)
}

impl Change {
    /// `weights.2[2,3] 0.47 → 0`, 新遮住 6 个
    fn words(&self, program: &Program, trace: &Trace) -> Text {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if self.hidden > 0 {
            zh.push(format!("新遮住 {} 个分数", self.hidden));
            en.push(format!("{} scores newly hidden", self.hidden));
        }
        if self.uncovered > 0 {
            zh.push(format!("新露出 {} 个分数", self.uncovered));
            en.push(format!("{} scores uncovered", self.uncovered));
        }
        if let Some(Largest { at, before, after }) = self.most {
            let say = |x: f32| trace.format(at.slot).say(f64::from(x));
            let (mut from, mut to) = (say(before), say(after));
            if from == to {
                // Closer than the picture's digits tell.
                (from, to) = (before.to_string(), after.to_string());
            }
            let change = format!("{} {from} → {to}", at.display(program));
            zh.push(format!("变化最大的是 {change}"));
            en.push(format!("the largest change is {change}"));
        }
        Text::owned(zh.join("，"), en.join(", "))
    }
}

impl Model {
    /// What the changes moved: on this page, in the end, and which stages are gone or new. None where nothing was changed.
    pub fn moved_words(&self) -> Option<Text> {
        let (moved, trace, program) = (self.moved()?, self.trace()?, self.program());
        let list = |symbols: &[Symbol]| symbols.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if !moved.gone.is_empty() {
            zh.push(format!("没有 {} 这一步了", list(&moved.gone)));
            en.push(format!("{} is gone", list(&moved.gone)));
        }
        if !moved.new.is_empty() {
            zh.push(format!("{} 换了形状或是新的", list(&moved.new)));
            en.push(format!("{} is new or has another shape", list(&moved.new)));
        }
        if moved.stages.is_empty() && zh.is_empty() {
            return Some(Text::new("改动没有影响任何一步。", "The change has moved no stage at all."));
        }
        if !moved.stages.is_empty() {
            let count = moved.stages.len();
            zh.push(format!("{count} 步的数变了"));
            en.push(format!("{count} stage{}", if count == 1 { "" } else { "s" }));
            let here = program.symbol(self.tensors(self.view.page)[0]);
            let of_here = moved.stages.iter().find(|change| change.symbol == here);
            let last = moved.stages.last().filter(|change| change.symbol != here);
            match of_here.map(|change| change.words(program, trace)) {
                Some(words) => {
                    zh.push(format!("这一步{}", words.zh));
                    en.push(format!("here {}", words.en));
                }
                None if program.made_by(self.tensors(self.view.page)[0]).is_some() => {
                    zh.push("这一步没有变".to_owned());
                    en.push("here nothing did".to_owned());
                }
                None => {}
            }
            if let Some(change) = last {
                let words = change.words(program, trace);
                zh.push(format!("{} 里{}", change.symbol, words.zh));
                en.push(format!("in {} {}", change.symbol, words.en));
            }
        }
        if let Some(row) = moved.word {
            let axis = program.result().map(|slot| program.shape(slot).rows.axis)?;
            let word = self.names().name(axis, self.view.cursor.head, row);
            zh.push(format!("最后变得最多的词是「{word}」"));
            en.push(format!("the word that changed most in the end is {word}"));
        }
        Some(Text::owned(
            format!("改动之后：{}。u 撤销", zh.join("；")),
            format!("Changed: {}. u undoes", en.join("; ")),
        ))
    }
}
