//! What questions are made from: a sample, its run, and how both are written.

use crate::explain::{self, Piece};
use crate::ground::lang::{Lang, Text};
use crate::math::tensor::{Axis, Cell, Shape};
use crate::program::{Address, Inputs, Name, Program, Rule, Slot, Trace};
use crate::source::sample::Sample;

/// A sample and a run of its program.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The sample.
    pub sample: &'a Sample,
    /// The numbers that came out.
    pub trace: &'a Trace,
}

/// So many units of the last digit that is written lie between numbers that are clearly different.
const UNITS: f64 = 3.0;

/// A program of more numbers is not run again for a question.
const SMALL: usize = 40_000;

impl<'a> Ground<'a> {
    pub(super) fn program(&self) -> &'a Program {
        &self.sample.program
    }

    pub(super) fn inputs(&self) -> &'a Inputs {
        &self.sample.inputs
    }

    pub(super) fn shape(&self, slot: Slot) -> Shape {
        self.program().shape(slot)
    }

    pub(super) fn name_of(&self, slot: Slot) -> Name {
        self.program().symbol(slot).name
    }

    /// The tensor of a name in the attention that a tensor belongs to.
    pub(super) fn beside(&self, slot: Slot, name: Name) -> Option<Slot> {
        self.program().find(self.program().symbol(slot).layer, name)
    }

    /// The same place in another tensor, whose rows and columns count the same.
    pub(super) fn at(&self, slot: Slot, cell: Cell) -> Address {
        Address { slot, cell: self.shape(slot).clamp(cell) }
    }

    pub(super) fn get(&self, at: Address) -> f64 {
        f64::from(self.trace.get(at))
    }

    /// The row of a number.
    pub(super) fn row(&self, at: Address) -> Vec<f64> {
        self.cells(at).into_iter().map(|at| self.get(at)).collect()
    }

    /// The addresses of the row of a number.
    pub(super) fn cells(&self, at: Address) -> Vec<Address> {
        (0..self.shape(at.slot).cols.len).map(|col| Address { cell: Cell { col, ..at.cell }, ..at }).collect()
    }

    /// A number as the screen writes it.
    pub(super) fn write(&self, slot: Slot, x: f64) -> String {
        self.trace.format(slot).write(x as f32)
    }

    /// One unit of the last digit of a tensor's numbers; none where they are written as powers of ten. Whole numbers are
    /// written exactly: of those a hundredth.
    pub(super) fn unit(&self, slot: Slot) -> Option<f64> {
        let format = self.trace.format(slot);
        let decimals = if format.decimals == 0 { 2 } else { format.decimals };
        (!format.scientific).then(|| 10_f64.powi(-(decimals as i32)))
    }

    /// Whether two numbers of a tensor can be told apart at a glance.
    pub(super) fn clear(&self, slot: Slot, a: f64, b: f64) -> bool {
        a.is_finite() && b.is_finite() && self.unit(slot).is_some_and(|unit| (a - b).abs() >= UNITS * unit)
    }

    /// Whether any number of a tensor was set by hand: then nothing made it.
    pub(super) fn is_by_hand(&self, slot: Slot) -> bool {
        self.trace.overrides().iter().any(|o| o.address.slot == slot)
    }

    /// The names along an axis, those that occur several times with their place.
    pub(super) fn names(&self, axis: Axis, head: usize, len: usize) -> Vec<Text> {
        let plain: Vec<Text> = (0..len).map(|n| self.name(axis, head, n)).collect();
        let twice = |name: &Text| plain.iter().filter(|other| other.zh == name.zh || other.en == name.en).count() > 1;
        let numbered = |(n, name): (usize, &Text)| {
            if twice(name) {
                Text::owned(format!("{}（第 {} 个）", name.zh, n + 1), format!("{} (number {})", name.en, n + 1))
            } else {
                name.clone()
            }
        };
        plain.iter().enumerate().map(numbered).collect()
    }

    /// The name of a row or a column, or its number from 1.
    pub(super) fn name(&self, axis: Axis, head: usize, index: usize) -> Text {
        self.sample.name(axis, head, index).unwrap_or_else(|| Text::same((index + 1).to_string()))
    }

    /// The name of the row of a number.
    pub(super) fn row_name(&self, at: Address) -> Text {
        let rows = self.shape(at.slot).rows;
        self.names(rows.axis, at.cell.head, rows.len).swap_remove(at.cell.row)
    }

    /// `头 2，`, where there are several heads or sentences.
    pub(super) fn place(&self, at: Address) -> Text {
        let shape = self.shape(at.slot);
        let head = shape.heads.filter(|&heads| heads > 1).map(|_| at.cell.head + 1);
        let sentence = shape.batch.map(|_| at.cell.batch + 1);
        let zh = [sentence.map(|n| format!("第 {n} 句，")), head.map(|n| format!("头 {n}："))];
        let en = [sentence.map(|n| format!("sentence {n}, ")), head.map(|n| format!("head {n}: "))];
        let en: String = en.into_iter().flatten().collect();
        let en = if head.is_none() { en.replace(", ", ": ") } else { en };
        Text::owned(zh.into_iter().flatten().collect::<String>(), en)
    }

    /// The arithmetic of a number in both languages.
    pub(super) fn arithmetic(&self, at: Address) -> Text {
        let line = |lang: Lang| -> String {
            let names = self.sample.names_in(lang);
            pieces(explain::arithmetic(self.program(), self.trace, at, &names))
        };
        Text::owned(line(Lang::Zh), line(Lang::En))
    }

    /// `scores.2[2,4]`
    pub(super) fn display(&self, at: Address) -> String {
        at.display(self.program())
    }

    /// `scores.2[2,:] = (0, 0, 0, 4)`: the row of a number. What is masked is written x, as on the screen.
    pub(super) fn written_row(&self, at: Address) -> Text {
        let written = |x: &f64| if x.is_finite() { self.write(at.slot, *x) } else { "x".to_owned() };
        let numbers = self.row(at).iter().map(written).collect::<Vec<_>>().join(", ");
        let whole = self.display(at);
        let place = whole.rsplit_once(',').map_or(whole.as_str(), |(before, _)| before);
        let sentence = whole.split_once('@').map_or(String::new(), |(_, n)| format!("@{n}"));
        Text::same(format!("{place},:]{sentence} = ({numbers})"))
    }

    /// Another number of the same tensor that is made in the same way, of another row: one that comes to something else,
    /// where there is one. Of a single row another column.
    pub(super) fn neighbour(&self, at: Address) -> Option<Address> {
        let Cell { row, col, .. } = at.cell;
        let shape = self.shape(at.slot);
        let (rows, cols) = (shape.rows.len, shape.cols.len);
        let others: Vec<Cell> = if rows > 1 {
            (1..rows).map(|by| at.cell.moved((row + by) % rows, col)).collect()
        } else {
            (1..cols).map(|by| at.cell.moved(row, (col + by) % cols)).collect()
        };
        let made = |at: &Address| self.get(*at).is_finite() && self.trace.made_by(self.program(), *at).is_some();
        let found: Vec<Address> = others.into_iter().map(|cell| Address { cell, ..at }).filter(made).collect();
        let own = self.get(at);
        found.iter().find(|other| self.clear(at.slot, self.get(**other), own)).or(found.first()).copied()
    }

    /// The rows of the numbers that a number is made of, as lines.
    pub(super) fn operands(&self, at: Address) -> Vec<Text> {
        let Some(stage) = self.program().made_by(at.slot) else { return Vec::new() };
        let sources = self.program().sources(stage, at.cell);
        let mut lines = Vec::new();
        for input in 0..stage.operands.len() {
            let used: Vec<Address> = sources
                .terms
                .iter()
                .flat_map(|term| &term.factors)
                .filter(|factor| factor.input == input)
                .map(|factor| Address { slot: stage.operands[input], cell: factor.cell })
                .collect();
            let Some(&first) = used.first() else { continue };
            let same_row = used.iter().all(|at| at.cell.row == first.cell.row);
            let written = |at: &Address| {
                let x = self.get(*at);
                if x.is_finite() { self.write(at.slot, x) } else { "x".to_owned() }
            };
            let numbers = used.iter().map(written).collect::<Vec<_>>().join(", ");
            let whole = self.display(first);
            let place = match (used.len(), same_row, whole.split_once('[').zip(whole.rsplit_once(','))) {
                (1, ..) | (_, _, None) => whole.clone(),
                (_, true, Some((_, (before, _)))) => format!("{before},:]"),
                (_, false, Some(((before, _), (_, col)))) => format!("{before}[:,{col}"),
            };
            let numbers = if used.len() == 1 { numbers } else { format!("({numbers})") };
            lines.push(Text::same(format!("{place} = {numbers}")));
        }
        lines
    }

    /// These numbers, and all that follow from one of them alone or from their rows: what would give them away.
    pub(super) fn veil(&self, cells: &[Address]) -> Vec<Address> {
        let mut covered = cells.to_vec();
        for stage in self.program().stages() {
            for at in covered.clone().into_iter().filter(|at| stage.operands.contains(&at.slot)) {
                covered.extend(self.given_away(stage, at));
            }
        }
        covered.dedup();
        covered
    }

    /// The numbers of a stage that one of its operands' numbers can be read from.
    fn given_away(&self, stage: &crate::program::Stage, from: Address) -> Vec<Address> {
        let [_, _, rows, cols] = stage.shape.lens();
        if from.cell.row >= rows {
            return Vec::new();
        }
        let at = |col| Address { slot: stage.output, cell: stage.shape.clamp(Cell { col, ..from.cell }) };
        let takes = |at: &Address| {
            let sources = self.program().sources(stage, at.cell);
            let first = |f: &crate::math::ops::Operand| stage.operands[f.input] == from.slot && f.cell == from.cell;
            sources.rule != Rule::Sum && sources.terms.iter().flat_map(|term| &term.factors).any(first)
        };
        (0..cols).map(at).filter(takes).collect()
    }

    /// A run of another program on the same numbers; none where that is too much for a question.
    pub(super) fn again(&self, program: &Program, inputs: &Inputs) -> Option<Trace> {
        let numbers: usize = program.slots().map(|slot| program.shape(slot).count()).sum();
        (numbers <= SMALL).then(|| Trace::by_reference(program, inputs, self.trace.by.clone()))
    }
}

/// The text of pieces.
fn pieces(pieces: Vec<Piece>) -> String {
    pieces.into_iter().map(|piece| piece.text).collect()
}

/// The same with a capital first letter.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The place of the largest, and the next largest number.
pub(super) fn largest(numbers: &[f64]) -> Option<(usize, f64)> {
    let best =
        (0..numbers.len()).filter(|&n| numbers[n].is_finite()).max_by(|&a, &b| numbers[a].total_cmp(&numbers[b]))?;
    let others = (0..numbers.len()).filter(|&n| n != best && numbers[n].is_finite()).map(|n| numbers[n]);
    Some((best, others.fold(f64::NEG_INFINITY, f64::max)))
}
