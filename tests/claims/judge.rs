//! Whether a claim is true, asked of the numbers of a trace alone. Nothing of `explain::look` is used but the claim itself:
//! what a claim means is written down here a second time, in f64 and with wider tolerances.

use qkv::explain::{Claim, Entry, Fact, Names};
use qkv::math::tensor::Cell;
use qkv::program::{Name, Program, Trace};

/// What was claimed, where.
pub(crate) struct Judge<'a> {
    pub program: &'a Program,
    pub trace: &'a Trace,
    pub claim: &'a Claim,
    /// The columns of H that tell a place.
    pub places: &'a [usize],
}

/// A refusal, in words for whoever reads the test.
type Verdict = Result<(), String>;

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

/// Equal but for rounding.
fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 2e-5 * a.abs().max(b.abs()).max(1.0)
}

fn number_is(entry: &Entry, row: &[f64]) -> Verdict {
    ensure(row[entry.column] == f64::from(entry.number), || format!("{entry:?} is {}", row[entry.column]))
}

/// These columns and no others have the largest number.
fn are_best(columns: &[usize], number: f32, row: &[f64]) -> Verdict {
    let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = columns.iter().map(|&j| row[j]).fold(f64::INFINITY, f64::min);
    ensure(!columns.is_empty() && close(low, top) && close(f64::from(number), top), || format!("best of {row:?}"))?;
    let others = (0..row.len()).filter(|j| !columns.contains(j));
    ensure(others.clone().all(|j| row[j] < low), || format!("{columns:?} are not all of the best of {row:?}"))
}

impl Judge<'_> {
    fn here(&self) -> Name {
        self.program.symbol(self.claim.at.slot).name
    }

    /// The row of another tensor of this attention that belongs to the same word.
    fn row(&self, name: Name) -> Vec<f64> {
        let slot =
            self.program.find(self.program.symbol(self.claim.at.slot).layer, name).expect("a tensor of attention");
        let shape = self.program.shape(slot);
        let Cell { batch, head, row, .. } = self.claim.at.cell;
        let cell = |col| Cell {
            batch: if shape.batch.is_some() { batch } else { 0 },
            head: if shape.heads.is_some() { head } else { 0 },
            row,
            col,
        };
        (0..shape.cols.len).map(|col| f64::from(self.trace.tensor(slot).get(cell(col)))).collect()
    }

    /// The same row of what a stage is made from in the first place.
    fn source(&self, name: Name) -> Vec<f64> {
        let slot = self.program.made_by(self.slot(name)).expect("a stage").operands[0];
        self.row(self.program.symbol(slot).name)
    }

    fn own(&self) -> Vec<f64> {
        self.row(self.here())
    }

    fn visible(&self) -> Vec<usize> {
        let masked = self.source(Name::Weights);
        (0..masked.len()).filter(|&j| masked[j] != f64::NEG_INFINITY).collect()
    }

    /// Judges the fact.
    pub(crate) fn fact(&self) -> Verdict {
        let own = self.own();
        match &self.claim.fact {
            Fact::Zero => ensure(own.iter().all(|&x| x == 0.0), || format!("not all 0: {own:?}")),
            Fact::Present(entries) => {
                entries.iter().try_for_each(|e| number_is(e, &own))?;
                let named = |j: usize| entries.iter().any(|e| e.column == j);
                let others = (0..own.len()).filter(|&j| !named(j) && own[j] != f64::NEG_INFINITY);
                ensure(others.into_iter().all(|j| own[j] == 0.0), || format!("others are not 0: {own:?}"))
            }
            Fact::Largest(entries) => {
                entries.iter().try_for_each(|e| number_is(e, &own))?;
                let least = entries.iter().map(|e| f64::from(e.number).abs()).fold(f64::INFINITY, f64::min);
                let named = |j: usize| entries.iter().any(|e| e.column == j);
                let others = (0..own.len()).filter(|&j| !named(j) && own[j] != f64::NEG_INFINITY);
                ensure(others.into_iter().all(|j| own[j].abs() <= least), || format!("larger ones: {own:?}"))
            }
            Fact::Meaning { entries, all } => {
                entries.iter().try_for_each(|e| number_is(e, &own))?;
                let least = entries.iter().map(|e| f64::from(e.number).abs()).fold(f64::INFINITY, f64::min);
                let most = if *all { 0.0 } else { least };
                let named = |j: usize| entries.iter().any(|e| e.column == j);
                let others = (0..own.len()).filter(|&j| !named(j) && !self.places.contains(&j));
                ensure(others.into_iter().all(|j| own[j].abs() <= most), || format!("it means more: {own:?}"))?;
                let place = entries.iter().any(|e| self.places.contains(&e.column));
                ensure(!place && least > 0.0 && !self.places.is_empty(), || "a place is no meaning".to_owned())
            }
            Fact::SameScore { score, no_query } => {
                ensure(own.iter().all(|&x| close(x, f64::from(*score))), || format!("not the same: {own:?}"))?;
                ensure(*no_query == self.query_is_zero(), || "the query says otherwise".to_owned())
            }
            Fact::Best { columns, score } => are_best(columns, *score, &own),
            Fact::Divided | Fact::Undivided => self.divided(self.claim.fact == Fact::Undivided, &own),
            Fact::Open { open, of } => {
                let closed = if self.here() == Name::Mask { 0.0 } else { f64::NEG_INFINITY };
                let seen = own.iter().filter(|&&x| x != closed).count();
                ensure((*open, *of) == (seen, own.len()), || format!("{seen} of {} are open", own.len()))
            }
            Fact::Hidden { columns, score } => {
                are_best(columns, *score, &self.row(Name::Scaled))?;
                let seen = self.visible();
                ensure(columns.iter().all(|j| !seen.contains(j)), || format!("{seen:?} are seen"))
            }
            Fact::Alone { column } => {
                let alone = self.visible() == [*column] && close(own[*column], 1.0);
                ensure(alone, || format!("not alone: {own:?}"))
            }
            Fact::Even { columns, share, of, no_query } => {
                ensure(*columns == self.visible() && *of == own.len(), || "not what may be seen".to_owned())?;
                let even = columns.iter().all(|&j| (own[j] - f64::from(*share)).abs() <= 1e-4 * own[j]);
                ensure(even && close(own.iter().sum(), 1.0), || format!("not even: {own:?}"))?;
                let scores = self.source(Name::Weights);
                let same = columns.iter().all(|&j| close(scores[j], scores[columns[0]]));
                ensure(same, || format!("the scores differ: {scores:?}"))?;
                ensure(*no_query == self.query_is_zero(), || "the query says otherwise".to_owned())
            }
            Fact::Shares(entries) => {
                entries.iter().try_for_each(|e| number_is(e, &own))?;
                let least = entries.iter().map(|e| f64::from(e.number)).fold(f64::INFINITY, f64::min);
                let named = |j: usize| entries.iter().any(|e| e.column == j);
                let others = (0..own.len())
                    .filter(|&j| !named(j))
                    .all(|j| own[j] <= least && (own[j] < 0.2 || entries.len() == 5));
                ensure(!entries.is_empty() && least >= 0.199_999 && others, || format!("others get more: {own:?}"))
            }
            Fact::Scattered(entry) => {
                number_is(entry, &own)?;
                let most = f64::from(entry.number);
                ensure(own.iter().all(|&x| x <= most && x < 0.2), || format!("not scattered: {own:?}"))
            }
            Fact::ByHand(columns) => {
                let Cell { batch, head, row, .. } = self.claim.at.cell;
                let at = |col| qkv::program::Address { slot: self.claim.at.slot, cell: Cell { batch, head, row, col } };
                let set: Vec<usize> = (0..own.len()).filter(|&col| self.trace.is_overridden(at(col))).collect();
                ensure(set == *columns && !set.is_empty(), || format!("set by hand: {set:?}"))
            }
            Fact::Sum(sum) => {
                let real: f64 = own.iter().sum();
                ensure(close(real, *sum) && (real - 1.0).abs() > 5e-5, || format!("the sum is {real}"))
            }
            Fact::Average { columns, of } => {
                let weights = self.source(Name::Context);
                ensure(*of == weights.len(), || "not so many words".to_owned())?;
                let share = |j: usize| if columns.contains(&j) { 1.0 / columns.len() as f64 } else { 0.0 };
                let equal = (0..weights.len()).all(|j| (weights[j] - share(j)).abs() <= 1e-4);
                ensure(equal, || format!("not in equal parts: {weights:?}"))?;
                let mean = self.mean_of_values(columns);
                ensure(own.iter().zip(&mean).all(|(&a, &b)| close(a, b)), || {
                    format!("{own:?} is not the mean {mean:?}")
                })
            }
            Fact::Most { columns, share } => are_best(columns, *share, &self.source(Name::Context)),
            Fact::Copied { head, column } => {
                let slot = self.program.find(None, Name::Context).expect("a context");
                let from = Cell { head: *head, col: *column, ..self.claim.at.cell };
                let (x, y) = (self.trace.tensor(slot).get(from), self.trace.get(self.claim.at));
                ensure(x == y || (x.is_nan() && y.is_nan()), || format!("{x} is not {y}"))
            }
        }
    }

    fn query_is_zero(&self) -> bool {
        let zero = |name| self.row(name).iter().all(|&x| x == 0.0);
        zero(Name::Q) && zero(if self.here() == Name::Scores { Name::Scores } else { Name::Scaled })
    }

    fn divided(&self, by_one: bool, own: &[f64]) -> Verdict {
        let d = self.row(Name::Q).len() as f64;
        let wiring = self.program.wiring();
        let model = self.row(Name::H).len() as f64;
        let of_d = match (wiring.mistake.map_or("", |mistake| mistake.name), wiring.divisor.name()) {
            ("no-scaling", _) => 1.0,
            ("divided-by-d", _) => d,
            ("divided-by-root-of-model", _) => model.sqrt(),
            (_, "sqrt(d)") => d.sqrt(),
            (_, "d") => d,
            _ => 1.0,
        };
        let by = of_d * f64::from(wiring.temperature);
        ensure((by == 1.0) == by_one, || format!("the divisor is {by}"))?;
        let whole = self.row(Name::Scores);
        ensure(own.iter().zip(&whole).all(|(x, y)| close(*x, y / by)), || format!("{own:?} is not {whole:?} / {by}"))
    }

    fn mean_of_values(&self, columns: &[usize]) -> Vec<f64> {
        let slot = self.program.find(None, Name::V).expect("values");
        let cols = self.program.shape(slot).cols.len;
        let value =
            |row: usize, col: usize| f64::from(self.trace.tensor(slot).get(Cell { row, col, ..self.claim.at.cell }));
        (0..cols).map(|col| columns.iter().map(|&j| value(j, col)).sum::<f64>() / columns.len() as f64).collect()
    }

    /// Judges the words: they name the columns, hold the numbers, and promise nothing that the fact does not say.
    pub(crate) fn words(&self, said: &str, names: &dyn Names) -> Verdict {
        let fact = &self.claim.fact;
        ensure(!said.is_empty(), || "nothing is said".to_owned())?;
        let empty_query = said.contains("没有要找的") || said.contains("nothing to look for");
        let claims_it = matches!(fact, Fact::SameScore { no_query: true, .. } | Fact::Even { no_query: true, .. })
            || (*fact == Fact::Zero && self.here() == Name::Q);
        ensure(empty_query == claims_it, || "speaks of an empty query".to_owned())?;
        let axis = match fact {
            Fact::Average { .. } | Fact::Most { .. } => self.program.shape(self.slot(Name::Weights)).cols.axis,
            _ => self.program.shape(self.claim.at.slot).cols.axis,
        };
        let named = match fact {
            // All columns are named at once, or counted.
            Fact::Even { .. } | Fact::Copied { .. } => Vec::new(),
            Fact::Average { columns, of } if columns.len() == *of => Vec::new(),
            Fact::ByHand(columns) if columns.len() == self.own().len() => Vec::new(),
            other => other.columns(),
        };
        for &column in named.iter().take(3) {
            let name = names.name(axis, self.claim.at.cell.head, column);
            ensure(said.contains(&name), || format!("{name} is not named"))?;
        }
        let numbers = match fact {
            Fact::Present(entries) | Fact::Largest(entries) | Fact::Shares(entries) | Fact::Meaning { entries, .. } => {
                entries.iter().map(|e| f64::from(e.number)).collect()
            }
            Fact::Scattered(e) => vec![f64::from(e.number)],
            Fact::SameScore { score, no_query: false } | Fact::Best { score, .. } | Fact::Hidden { score, .. } => {
                vec![f64::from(*score)]
            }
            Fact::Even { share, .. } | Fact::Most { share, .. } => vec![f64::from(*share)],
            Fact::Sum(sum) => vec![*sum],
            Fact::Open { open, of } if open != of => vec![*open as f64, (of - open) as f64],
            _ => Vec::new(),
        };
        for number in numbers {
            ensure(reads(said, number), || format!("{number} is not read"))?;
        }
        Ok(())
    }

    fn slot(&self, name: Name) -> qkv::program::Slot {
        self.program.find(None, name).expect("a tensor of attention")
    }
}

/// Whether a sentence holds the number, rounded to the digits that are written; `~0` is a number that is small and not 0.
fn reads(said: &str, number: f64) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | '~');
    let words = said.split(|c: char| !is_part(c)).map(|word| word.trim_end_matches('.'));
    words.filter(|word| !word.is_empty()).any(|word| {
        if word == "~0" {
            return number != 0.0 && number.abs() < 0.05;
        }
        let (digits, power) = word.split_once('e').unwrap_or((word, "0"));
        let decimals = digits.split_once('.').map_or(0, |(_, behind)| behind.len()) as i32;
        let unit = 10_f64.powi(power.parse::<i32>().unwrap_or(0) - decimals);
        word.parse::<f64>().is_ok_and(|read| (read - number).abs() <= unit * 0.500_1)
    })
}

/// What must not be passed over: a best score that the mask hides, where weights are spoken of.
pub(crate) fn hides_the_best(program: &Program, trace: &Trace, at: qkv::program::Address) -> bool {
    let view = Judge { program, trace, claim: &Claim { at, fact: Fact::Zero }, places: &[] };
    let scaled = view.row(Name::Scaled);
    let top = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let visible = view.visible();
    // Scores beyond what f32 holds look like hidden ones: that hides nothing.
    !visible.is_empty() && visible.iter().all(|&j| scaled[j] < top - 1e-3 * top.abs().max(1.0))
}
