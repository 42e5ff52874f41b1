//! A tick in words and numbers: `sum so far 3.20 + 0.50×0.30 ≈ 3.35   term 17 of 64`.

use super::arithmetic::{Line, product};
use super::ticks::{At, Tick, Ticks};
use super::{Names, Piece, arithmetic_of};
use crate::ground::lang::Lang;
use crate::ground::number::short_is_exact;
use crate::math::ops::{Exponentials, Operand};
use crate::math::tensor::{Cell, MASKED_F64};
use crate::program::{Role, labels};

/// A row with more numbers than this is told by the number under the cursor alone.
const VECTOR: usize = 4;

impl Ticks<'_> {
    /// What has just happened, with the real numbers, or what comes next where nothing has. At most so many numbers of a
    /// row are spelled out.
    pub fn told(&self, at: At, names: &dyn Names, most: usize) -> Vec<Piece> {
        let At { cell, done } = at;
        let mut line = Line::default();
        let name = self.address(cell).display(self.program);
        let role = self.role();
        match self.last(at) {
            None => {
                line.coloured(name, role);
                self.ahead(&mut line, cell, names);
            }
            Some(Tick::Term(k)) => {
                line.coloured(name, role).say(so_far(names.lang()));
                self.term(&mut line, at, k);
                line.say(count(names.lang(), ("项", "term"), (k + 1, self.count(cell)), &self.inner(cell, k, names)));
            }
            Some(Tick::Row(k)) => {
                if self.shape().cols.len > VECTOR {
                    line.coloured(name, role).say(so_far(names.lang()));
                    self.term(&mut line, at, k);
                } else {
                    self.row(&mut line, at, k, names);
                }
                let what = ("行 V", "row of V,");
                line.say(count(names.lang(), what, (k + 1, self.count(cell)), &self.inner(cell, k, names)));
            }
            Some(Tick::Whole) => return arithmetic_of(self.program, self.trace, self.address(cell), names, most),
            Some(tick) => self.softmax(&mut line, (cell, done), tick, (names, most)),
        }
        line.pieces
    }

    fn role(&self) -> Role {
        labels::label(self.stage.symbol.name, self.program.kind()).role
    }

    fn operand_role(&self, o: Operand) -> Role {
        labels::label(self.program.symbol(self.stage.operands[o.input]).name, self.program.kind()).role
    }

    /// The name of the k-th term: the dimension, or the word, that both factors share.
    fn inner(&self, cell: Cell, k: usize, names: &dyn Names) -> String {
        let left = self.program.shape(self.stage.operands[0]);
        names.name(left.cols.axis, cell.head, k)
    }

    /// What will be computed here.
    fn ahead(&self, line: &mut Line, cell: Cell, names: &dyn Names) {
        let terms = self.count(cell);
        match (self.tick(At { cell, done: 0 }), names.lang()) {
            (Some(Tick::Term(_)), Lang::Zh) => line
                .say(format!(" = {}", product(self.program, self.stage, cell, names)))
                .say(format!("   共 {terms} 项，还没开始加")),
            (Some(Tick::Term(_)), Lang::En) => line
                .say(format!(" = {}", product(self.program, self.stage, cell, names)))
                .say(format!("   {terms} terms, none added yet")),
            (Some(Tick::Row(_)), Lang::Zh) => line.say(format!("   这一行是 {terms} 行 V 按份额相加，还没开始加")),
            (Some(Tick::Row(_)), Lang::En) => {
                line.say(format!("   this row is {terms} rows of V added up by their shares, none yet"))
            }
            (Some(Tick::Max), Lang::Zh) => line.say("   先找这一行的最大值"),
            (Some(Tick::Max), Lang::En) => line.say("   first comes the maximum of the row"),
            (_, Lang::Zh) => line.say("   还没算"),
            (_, Lang::En) => line.say("   not computed yet"),
        };
    }

    /// `sum so far 3.20 + 0.50×0.30 ≈ 3.35`
    fn term(&self, line: &mut Line, At { cell, done }: At, k: usize) {
        let role = self.role();
        line.number(self.partial(cell, k), role).say(" + ");
        for (n, &factor) in self.sources(cell).terms[k].factors.iter().enumerate() {
            if n > 0 {
                line.say("×");
            }
            line.number(self.read(factor), self.operand_role(factor));
        }
        line.equals(self.reached(cell, done), role);
    }

    /// What the first terms add up to; of all of them what the trace says.
    fn reached(&self, cell: Cell, done: usize) -> f64 {
        if done >= self.count(cell) { f64::from(self.trace.get(self.address(cell))) } else { self.partial(cell, done) }
    }

    /// `(0.03, 0.06) + 0.85×v(天安门) (1, 0) ≈ (0.88, 0.06)`
    fn row(&self, line: &mut Line, At { cell, done }: At, k: usize, names: &dyn Names) {
        let cols = 0..self.shape().cols.len;
        let at = |col| Cell { col, ..cell };
        let factors = |col| self.sources(at(col)).terms[k].factors.clone();
        let row = names.name(self.shape().rows.axis, cell.head, cell.row);
        line.coloured(format!("{}({row})", self.stage.symbol), self.role()).say(so_far(names.lang()));
        line.vector(cols.clone().map(|c| self.partial(at(c), k)), self.role()).say(" + ");
        let share = factors(0)[0];
        line.number(self.read(share), self.operand_role(share)).say("×");
        let value = |c| factors(c)[1];
        line.vector(cols.clone().map(|c| self.read(value(c))), self.operand_role(value(0)));
        let result: Vec<f64> = cols.map(|c| self.reached(at(c), done)).collect();
        line.rounded |= !result.iter().all(|&x| short_is_exact(x));
        line.say(if line.rounded { " ≈ " } else { " = " }).vector(result.into_iter(), self.role());
    }

    /// Softmax as it is computed.
    fn softmax(&self, line: &mut Line, (cell, done): (Cell, usize), tick: Tick, (names, most): (&dyn Names, usize)) {
        let scores = self.scores(cell);
        let steps = Exponentials::of(&scores);
        let open: Vec<usize> = (0..scores.len()).filter(|&j| scores[j] != MASKED_F64).collect();
        let (lang, row) = (names.lang(), names.name(self.shape().rows.axis, cell.head, cell.row));
        let nth = |j: usize| (1 + open.iter().take_while(|&&k| k < j).count(), open.len());
        let column = |j: usize| names.name(self.shape().cols.axis, cell.head, j);
        let role = Role::Score;
        match tick {
            Tick::Max => {
                line.say(match lang {
                    Lang::Zh => format!("「{row}」这一行的最大值   "),
                    Lang::En => format!("the maximum of the row {row}   "),
                });
                if open.len() <= most {
                    line.say("max").vector(open.iter().map(|&j| scores[j]), role);
                } else {
                    line.say(format!("max({})", self.program.symbol(self.stage.operands[0])));
                }
                line.equals(steps.max, role);
            }
            Tick::Difference(j) => {
                line.say(match lang {
                    Lang::Zh => "减去最大值   ",
                    Lang::En => "minus the maximum   ",
                });
                line.number(scores[j], role).say(" - ").number(steps.max, role).equals(scores[j] - steps.max, role);
                line.say(count(lang, ("个差", "difference"), nth(j), &column(j)));
            }
            Tick::Exponential(j) => {
                line.say("exp(").number(scores[j] - steps.max, role).say(")");
                // exp is exact at 0 alone.
                line.rounded |= scores[j] != steps.max;
                line.equals(steps.exp[j], role).say(count(lang, ("个指数", "exponential"), nth(j), &column(j)));
            }
            Tick::Total => {
                line.say(match lang {
                    Lang::Zh => "指数加起来   ",
                    Lang::En => "their sum   ",
                });
                if open.len() <= most {
                    for (n, &j) in open.iter().enumerate() {
                        line.say(if n > 0 { " + " } else { "" }).number(steps.exp[j], role);
                    }
                } else {
                    line.say("Σ exp");
                }
                line.rounded |= open.iter().any(|&j| scores[j] != steps.max);
                line.equals(steps.sum, role);
            }
            _ => {
                let weight = self.reached(cell, done);
                line.coloured(self.address(cell).display(self.program), self.role());
                if scores.get(cell.col) == Some(&MASKED_F64) {
                    line.say(" = ").coloured("0", self.role()).say("   (mask = 0)");
                    return;
                }
                line.say(" = exp / Σ exp")
                    .say(" = ")
                    .number(steps.exp[cell.col], role)
                    .say(" / ")
                    .number(steps.sum, role);
                line.rounded |= open.iter().any(|&j| scores[j] != steps.max);
                line.equals(weight, self.role());
            }
        }
    }
}

/// `   term 17 of 64, 动作`
fn count(lang: Lang, (zh, en): (&str, &str), (n, of): (usize, usize), name: &str) -> String {
    match lang {
        Lang::Zh => format!("   第 {n}/{of} {zh}（{name}）"),
        Lang::En => format!("   {en} {n} of {of} ({name})"),
    }
}

const fn so_far(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "   已加到 ",
        Lang::En => "   sum so far ",
    }
}
