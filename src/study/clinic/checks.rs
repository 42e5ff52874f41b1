//! What can be read off a run: one row each. Most must hold in every right program; some are there to be looked at.

use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::math::tensor::{Cell, MASKED, Tensor};
use crate::program::{Name, Program, Slot, Trace};

/// How far a sum of shares may be from 1.
const CLOSE: f64 = 1e-4;

/// Something that can be read off a run.
#[derive(Debug)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What is read.
    pub title: Text,
    read: fn(&Run) -> Option<Finding>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The reading.
    pub words: Text,
    /// Whether it is as in every right program; none where it may be anything.
    pub holds: Option<bool>,
}

impl Check {
    /// What is read off a run; none where there is nothing of that kind.
    pub fn of(&self, program: &Program, trace: &Trace) -> Option<Finding> {
        (self.read)(&Run { program, trace })
    }
}

/// Every check.
pub static CHECKS: &[Check] = &[
    Check {
        name: "row-sums",
        title: Text::new("每行份额之和", "a row of shares sums to"),
        read: |run| {
            let sums = run.sums(true)?;
            Some(Finding { words: range(&sums), holds: Some(sums.iter().all(|sum| (sum - 1.0).abs() <= CLOSE)) })
        },
    },
    Check {
        name: "column-sums",
        title: Text::new("每列份额之和", "a column of shares sums to"),
        read: |run| run.sums(false).map(|sums| Finding { words: range(&sums), holds: None }),
    },
    Check {
        name: "largest-share",
        title: Text::new("最大的份额", "largest share"),
        read: |run| {
            let most = run.shares()?.numbers().fold(f32::NEG_INFINITY, f32::max);
            Some(Finding { words: number(f64::from(most)), holds: None })
        },
    },
    Check {
        name: "entropy",
        title: Text::new("每行的平均熵（比特）", "mean entropy of a row, bits"),
        read: |run| {
            let shares = run.shares()?;
            let [batch, heads, rows, _] = shares.shape().lens();
            let of = |&x: &f32| if x > 0.0 { -f64::from(x) * f64::from(x).log2() } else { f64::from(0.0 * x) };
            let all: f64 = shares.as_slice().iter().map(of).sum();
            Some(Finding { words: number(all / (batch * heads * rows) as f64), holds: None })
        },
    },
    Check {
        name: "spread",
        title: Text::new("最大的分数：缩放前 → 后", "largest score, before → after scaling"),
        read: |run| {
            let largest = |name| {
                let size = |x: f32| if x.is_finite() { f64::from(x.abs()) } else { 0.0 };
                Some(run.tensor(name)?.numbers().map(size).fold(0.0, f64::max))
            };
            let (before, after) = (largest(Name::Scores)?, largest(Name::Scaled)?);
            let d = run.tensor(Name::Q)?.shape().cols.len as f64;
            let by = d.sqrt() * f64::from(run.program.wiring().temperature);
            let words = Text::same(format!("{} → {}", short(before), short(after)));
            Some(Finding { words, holds: Some((before / by - after).abs() <= CLOSE * before.max(1.0)) })
        },
    },
    Check {
        name: "hidden-shares",
        title: Text::new("不许看却有份额", "hidden, but with a share"),
        read: |run| run.places(|seen, share| !seen && share != 0.0, |seen| !seen),
    },
    Check {
        name: "seen-shares",
        title: Text::new("可以看却没份额", "to be seen, but without a share"),
        read: |run| run.places(|seen, share| seen && share == 0.0, |seen| !seen),
    },
    Check {
        name: "numbers",
        title: Text::new("不是数（NaN）", "no numbers (NaN)"),
        read: |run| {
            let stages = run.program.stages().iter().map(|stage| run.trace.tensor(stage.output));
            let lost = stages.flat_map(Tensor::numbers).filter(|&x| x.is_nan() || (x.is_infinite() && x != MASKED));
            Some(counted(lost.count()))
        },
    },
    Check {
        name: "own-words",
        title: Text::new("Q、K、V 里取自别的词", "in Q, K, V, but of another word"),
        read: |run| {
            let mut others = 0;
            for name in [Name::Q, Name::K, Name::V] {
                let stage = run.program.made_by(run.slot(name)?)?;
                others += stage.shape.cells().filter(|&cell| is_of_another(run.program, stage, cell)).count();
            }
            Some(counted(others))
        },
    },
    Check {
        name: "heads-alike",
        title: Text::new("一模一样的头", "heads that are the same"),
        read: |run| {
            let shares = run.shares()?;
            let heads = shares.shape().heads.filter(|&heads| heads > 1)?;
            let same = |a: usize, b: usize| shares.matrix(0, a) == shares.matrix(0, b);
            let alike = (0..heads).filter(|&a| (0..heads).any(|b| a != b && same(a, b))).count();
            Some(Finding { words: of(alike, heads), holds: Some(alike == 0) })
        },
    },
    Check {
        name: "width",
        title: Text::new("拼接的宽度", "columns of concat"),
        read: |run| {
            let (concat, context) = (run.tensor(Name::Concat)?.shape(), run.tensor(Name::Context)?.shape());
            let (found, wanted) = (concat.cols.len, context.heads.unwrap_or(1) * context.cols.len);
            Some(Finding { words: Text::same(found.to_string()), holds: Some(found == wanted) })
        },
    },
    Check {
        name: "copied",
        title: Text::new("拼接里和上下文对不上的行", "rows of concat unlike the contexts"),
        read: |run| {
            let (concat, context) = (run.tensor(Name::Concat)?, run.tensor(Name::Context)?);
            let (shape, d) = (*concat.shape(), context.shape().cols.len);
            if shape.cols.len != d * context.shape().heads? {
                return None;
            }
            let from = |c: Cell| Cell { head: c.col / d, col: c.col % d, ..c };
            let same = |c: Cell| concat.get(c).to_bits() == context.get(from(c)).to_bits();
            let rows = shape.cells().filter(|cell| cell.col == 0);
            let whole = |cell: &Cell| (0..shape.cols.len).all(|col| same(Cell { col, ..*cell }));
            Some(counted(rows.filter(|cell| !whole(cell)).count()))
        },
    },
    Check {
        name: "last",
        title: Text::new("最后一步", "the last step"),
        read: |run| {
            let last = run.program.stages().last()?;
            let words = Text::same(format!("{} {}", last.symbol, last.shape.size()));
            Some(Finding { words, holds: (run.program.heads() > 1).then_some(last.symbol.name == Name::Output) })
        },
    },
];

/// A run that is read.
struct Run<'a> {
    program: &'a Program,
    trace: &'a Trace,
}

impl Run<'_> {
    fn slot(&self, name: Name) -> Option<Slot> {
        self.program.find(None, name)
    }

    fn tensor(&self, name: Name) -> Option<&Tensor<f32>> {
        self.slot(name).map(|slot| self.trace.tensor(slot))
    }

    /// What values are shared by.
    fn shares(&self) -> Option<&Tensor<f32>> {
        self.program.shares(None).map(|slot| self.trace.tensor(slot))
    }

    /// What every row, or every column, of shares adds up to.
    fn sums(&self, along_rows: bool) -> Option<Vec<f64>> {
        let shares = self.shares()?;
        let [batch, heads, rows, cols] = shares.shape().lens();
        let (lines, along) = if along_rows { (rows, cols) } else { (cols, rows) };
        let at = |line, k| if along_rows { (line, k) } else { (k, line) };
        let mut sums = Vec::with_capacity(batch * heads * lines);
        for (batch, head) in (0..batch).flat_map(|batch| (0..heads).map(move |head| (batch, head))) {
            sums.extend((0..lines).map(|line| {
                let share = |k| {
                    let (row, col) = at(line, k);
                    f64::from(shares.get(Cell { batch, head, row, col }))
                };
                (0..along).map(share).sum::<f64>()
            }));
        }
        Some(sums)
    }

    /// How many shares are of a kind, by whether the mask lets them be seen; none where the mask hides nothing.
    fn places(&self, wrong: fn(bool, f32) -> bool, there: fn(bool) -> bool) -> Option<Finding> {
        let (mask, shares) = (self.tensor(Name::Mask)?, self.shares()?);
        let seen = |cell: Cell| mask.get(mask.shape().clamp(cell)) != 0.0;
        if !shares.shape().cells().any(|cell| there(seen(cell))) {
            return None;
        }
        Some(counted(shares.shape().cells().filter(|&cell| wrong(seen(cell), shares.get(cell))).count()))
    }
}

/// Whether a number of Q, K or V takes anything from another word than its own.
fn is_of_another(program: &Program, stage: &crate::program::Stage, cell: Cell) -> bool {
    let sources = program.sources(stage, cell);
    sources.terms.iter().filter_map(|term| term.factors.first()).any(|word| word.cell.row != cell.row)
}

/// So many of what there should be none of.
fn counted(count: usize) -> Finding {
    Finding { words: Text::same(count.to_string()), holds: Some(count == 0) }
}

fn number(x: f64) -> Text {
    Text::same(short(x))
}

fn of(some: usize, all: usize) -> Text {
    Text::same(format!("{some}/{all}"))
}

/// The least and the largest of some numbers; one where they are the same.
fn range(numbers: &[f64]) -> Text {
    if numbers.iter().any(|x| x.is_nan()) {
        return Text::same("NaN");
    }
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (a, b) = (format!("{least:.2}"), format!("{most:.2}"));
    Text::same(if a == b { a } else { format!("{a} … {b}") })
}
