//! A row of a trace, and what is true of it.

use super::{Entry, Fact};
use crate::math::tensor::{Cell, MASKED};
use crate::program::{Address, Name, Program, Rule, Trace};

/// Numbers of a size that differ by less are the same.
const SAME: f32 = 1e-6;

/// Weights that differ by less are the same.
const SAME_WEIGHT: f32 = 1e-5;

/// How far the sum of a row of weights may be from 1.
const ROW_SUM: f64 = 1e-4;

/// A weight of at least so much is worth naming.
const WORTH_NAMING: f32 = 0.2;

/// Weights that are named: more than so many cannot reach [`WORTH_NAMING`].
const SHARES: usize = 5;

/// Numbers that are named of a row.
const ENTRIES: usize = 3;

/// The row of the cell that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    program: &'a Program,
    trace: &'a Trace,
    address: Address,
}

/// The columns whose numbers are as good as the largest; none of nothing.
fn best(entries: &[Entry]) -> Option<(Vec<usize>, f32)> {
    let top = entries.iter().map(|entry| entry.number).max_by(f32::total_cmp)?;
    let near = |entry: &&Entry| top - entry.number <= SAME * top.abs().max(1.0);
    Some((entries.iter().filter(near).map(|entry| entry.column).collect(), top))
}

/// Whether no two of them differ by more than `by`.
fn flat(entries: &[Entry], by: f32) -> bool {
    let numbers = || entries.iter().map(|entry| entry.number);
    let (low, high) = numbers().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    high - low <= by
}

/// Whether they are the same score.
fn same_score(entries: &[Entry]) -> bool {
    let size = entries.iter().fold(1.0_f32, |most, entry| most.max(entry.number.abs()));
    flat(entries, SAME * size)
}

impl<'a> Row<'a> {
    pub(super) fn of(program: &'a Program, trace: &'a Trace, address: Address) -> Self {
        Self { program, trace, address }
    }

    pub(super) fn numbers(&self) -> Vec<f32> {
        let Cell { batch, head, row, .. } = self.address.cell;
        self.trace.tensor(self.address.slot).matrix(batch, head).row(row).to_vec()
    }

    /// The numbers that are not masked, with their columns.
    fn entries(&self) -> Vec<Entry> {
        let numbers = self.numbers().into_iter().enumerate().filter(|&(_, number)| number != MASKED);
        numbers.map(|(column, number)| Entry { column, number }).collect()
    }

    /// The same row of another tensor of this attention.
    fn beside(&self, name: Name) -> Option<Self> {
        let slot = self.program.find(self.program.symbol(self.address.slot).layer, name)?;
        let cell = self.program.shape(slot).clamp(self.address.cell);
        Some(Self { address: Address { slot, cell }, ..*self })
    }

    /// The same row of the first tensor that this one is made from.
    fn source(&self) -> Option<Self> {
        let slot = *self.program.made_by(self.address.slot)?.operands.first()?;
        Some(Self { address: Address { slot, ..self.address }, ..*self })
    }

    /// The rule by which the number is made; none of one that is given.
    fn rule(&self) -> Option<Rule> {
        let stage = self.program.made_by(self.address.slot)?;
        Some(self.program.sources(stage, self.address.cell).rule)
    }

    /// The columns that were set by hand.
    pub(super) fn by_hand(&self) -> Vec<usize> {
        let here = |a: &Address| {
            a.slot == self.address.slot && Cell { col: 0, ..a.cell } == Cell { col: 0, ..self.address.cell }
        };
        let mut columns: Vec<usize> =
            self.trace.overrides().iter().map(|o| o.address).filter(here).map(|a| a.cell.col).collect();
        columns.sort_unstable();
        columns
    }

    /// What the row holds.
    pub(super) fn described(&self) -> Fact {
        let mut present = self.entries();
        present.retain(|entry| entry.number != 0.0);
        present.sort_by(|a, b| b.number.abs().total_cmp(&a.number.abs()));
        if present.is_empty() {
            Fact::Zero
        } else if present.len() <= ENTRIES {
            Fact::Present(present)
        } else {
            present.truncate(ENTRIES);
            Fact::Largest(present)
        }
    }

    /// What the word means, in a row whose other columns tell where it stands: those are the larger, the later a word comes. None
    /// where no column does, or nothing is meant.
    pub(super) fn meant(&self, tells_a_place: &dyn Fn(usize) -> bool) -> Option<Fact> {
        let (places, mut entries): (Vec<Entry>, Vec<Entry>) =
            self.entries().into_iter().partition(|entry| tells_a_place(entry.column));
        entries.retain(|entry| entry.number != 0.0);
        if places.is_empty() || entries.is_empty() {
            return None;
        }
        entries.sort_by(|a, b| b.number.abs().total_cmp(&a.number.abs()));
        let all = entries.len() <= ENTRIES;
        entries.truncate(ENTRIES);
        Some(Fact::Meaning { entries, all })
    }

    /// What the weights add up to, where that is not 1.
    pub(super) fn sum(&self) -> Option<Fact> {
        let sum: f64 = self.numbers().into_iter().map(f64::from).sum();
        ((sum - 1.0).abs() > ROW_SUM).then_some(Fact::Sum(sum))
    }

    /// Whether the query of this row, and so each of its scores, is 0.
    fn has_no_query(&self) -> bool {
        let zero = |name| self.beside(name).is_some_and(|row| row.numbers().iter().all(|&x| x == 0.0));
        zero(Name::Q) && zero(Name::Scaled)
    }

    pub(super) fn scored(&self) -> Vec<Fact> {
        let scores = self.entries();
        let Some((columns, score)) = best(&scores) else { return Vec::new() };
        if scores.len() > 1 && same_score(&scores) {
            let no_query = self.numbers().iter().all(|&x| x == 0.0)
                && self.beside(Name::Q).is_some_and(|row| row.numbers().iter().all(|&x| x == 0.0));
            return vec![Fact::SameScore { score, no_query }];
        }
        vec![Fact::Best { columns, score }]
    }

    pub(super) fn scaled(&self) -> Vec<Fact> {
        let Some(Rule::Quotient(by)) = self.rule() else { return Vec::new() };
        if by == 1.0 {
            vec![Fact::Undivided]
        } else if self.numbers().iter().all(|&x| x == 0.0) {
            vec![Fact::Zero]
        } else {
            vec![Fact::Divided]
        }
    }

    /// The highest score, where the mask hides every word that has it.
    fn hidden(&self) -> Option<Fact> {
        let (columns, score) = best(&self.beside(Name::Scaled)?.entries())?;
        let masked = self.beside(Name::Masked)?.numbers();
        columns.iter().all(|&column| masked[column] == MASKED).then_some(Fact::Hidden { columns, score })
    }

    pub(super) fn masked(&self) -> Vec<Fact> {
        if self.rule() == Some(Rule::Product) {
            return vec![self.described()];
        }
        let row = self.numbers();
        let is_mask = self.program.symbol(self.address.slot).name == Name::Mask;
        let open = row.iter().filter(|&&x| x != if is_mask { 0.0 } else { MASKED }).count();
        let fact = Fact::Open { open, of: row.len() };
        // One mask serves every head: what it hides of one is said where the scores of one are.
        [Some(fact), self.hidden().filter(|_| !is_mask)].into_iter().flatten().collect()
    }

    pub(super) fn weighted(&self) -> Vec<Fact> {
        let (all, visible) = (self.entries(), self.source().map(|row| row.entries()).unwrap_or_default());
        if matches!(self.rule(), Some(Rule::SoftmaxColumn(_))) {
            return [self.hidden(), Some(largest(all)), self.sum()].into_iter().flatten().collect();
        }
        let share = if let [only] = visible[..] {
            Fact::Alone { column: only.column }
        } else {
            self.even(&all, &visible).unwrap_or_else(|| largest(all))
        };
        [self.hidden(), Some(share), self.sum()].into_iter().flatten().collect()
    }

    /// Whether every word that may be seen has the same weight, because the scores are the same.
    fn even(&self, all: &[Entry], visible: &[Entry]) -> Option<Fact> {
        let seen: Vec<Entry> = visible.iter().map(|score| all[score.column]).collect();
        let first = seen.first()?;
        let columns = visible.iter().map(|entry| entry.column).collect();
        let same = same_score(visible) && flat(&seen, SAME_WEIGHT * first.number);
        let even = || Fact::Even { columns, share: first.number, of: all.len(), no_query: self.has_no_query() };
        same.then(even)
    }

    pub(super) fn mixed(&self) -> Vec<Fact> {
        let Some(weights) = self.source() else { return Vec::new() };
        let numbers = weights.numbers();
        if !numbers.iter().all(|x| x.is_finite()) {
            return Vec::new();
        }
        let mut taken = weights.entries();
        taken.retain(|entry| entry.number != 0.0);
        let Some((columns, share)) = best(&taken).filter(|&(_, share)| share > 0.0) else {
            return vec![self.described()];
        };
        if weights.sum().is_none() && flat(&taken, SAME_WEIGHT * share) {
            let columns = taken.into_iter().map(|entry| entry.column).collect();
            return vec![Fact::Average { columns, of: numbers.len() }];
        }
        vec![Fact::Most { columns, share }]
    }

    pub(super) fn joined(&self) -> Vec<Fact> {
        let sources =
            self.program.made_by(self.address.slot).map(|stage| self.program.sources(stage, self.address.cell));
        let Some(sources) = sources.filter(|sources| sources.rule == Rule::Copy) else { return vec![self.described()] };
        match sources.terms.first().and_then(|term| term.factors.first()) {
            Some(from) => vec![Fact::Copied { head: from.cell.head, column: from.cell.col }],
            None => vec![self.described()],
        }
    }
}

/// The largest weights of a row that is not even.
fn largest(mut weights: Vec<Entry>) -> Fact {
    weights.sort_by(|a, b| b.number.total_cmp(&a.number));
    let named: Vec<Entry> = weights.iter().copied().filter(|w| w.number >= WORTH_NAMING).take(SHARES).collect();
    match (named.is_empty(), weights.first()) {
        (true, Some(&first)) => Fact::Scattered(first),
        _ => Fact::Shares(named),
    }
}
