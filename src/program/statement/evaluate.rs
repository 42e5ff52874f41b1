//! Statements evaluated on a run.

use super::{Count, Expression, Function, Over, Relation, Sign, Statement, StatementError, region};
use crate::ground::number::short;
use crate::program::{Address, Name, Program, Trace};

/// Two numbers of a run that differ by less, relatively, are alike.
const ALIKE: f64 = 1e-5;

/// What the left side of a statement is.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The number.
    pub number: f64,
    /// The number as it is written where it stands in a picture; on its own where it does not.
    pub written: String,
    /// The numbers of the run that both sides speak of.
    pub cells: Vec<Address>,
    /// Whether what is claimed holds; none where nothing is.
    pub holds: Option<bool>,
}

impl Statement {
    /// Evaluates it on a run of a program.
    ///
    /// # Errors
    /// [`StatementError`] for what is not there. That a claim is false is no error: [`Value::holds`] says it.
    pub fn evaluate(&self, program: &Program, trace: &Trace) -> Result<Value, StatementError> {
        let mut cells = Vec::new();
        let mut scene = Scene { program, trace, cells: &mut cells };
        let number = scene.number(&self.left)?;
        let holds = match &self.claim {
            Some((relation, right)) => {
                let other = scene.number(right)?;
                Some(holds(number, *relation, other, right))
            }
            None => None,
        };
        let written = match &self.left {
            Expression::At(address) => {
                let format = trace.format(Address::parse(address, program)?.slot);
                format.write(number as f32)
            }
            Expression::Number(x, Some(digits)) => format!("{x:.digits$}"),
            _ => short(number),
        };
        Ok(Value { number, written, cells, holds })
    }

    /// Makes sure that what it claims is so.
    ///
    /// # Errors
    /// [`StatementError`], [`StatementError::False`] among them; `text` is how the statement is written.
    pub fn verify(&self, text: &str, program: &Program, trace: &Trace) -> Result<Value, StatementError> {
        let value = self.evaluate(program, trace)?;
        if value.holds == Some(false) {
            let (statement, found) = (text.to_owned(), format!("{:.6}", value.number));
            return Err(StatementError::False { statement, found });
        }
        Ok(value)
    }
}

/// Whether two numbers compare as it is said.
fn holds(left: f64, relation: Relation, right: f64, written: &Expression) -> bool {
    let near = match written {
        Expression::Number(_, Some(digits)) => 0.5 * 10_f64.powi(-(*digits as i32)) + 1e-9,
        _ => ALIKE * right.abs().max(1.0),
    };
    // Infinities are alike where they are the same.
    let alike = left == right || (left - right).abs() <= near;
    match relation {
        Relation::Equal => alike,
        Relation::Unequal => !alike,
        Relation::Less => left < right && !exactly(left, right),
        Relation::Greater => left > right && !exactly(left, right),
        Relation::AtMost => left < right || exactly(left, right),
        Relation::AtLeast => left > right || exactly(left, right),
    }
}

fn exactly(left: f64, right: f64) -> bool {
    left == right || (left - right).abs() <= ALIKE * right.abs().max(1.0)
}

struct Scene<'a> {
    program: &'a Program,
    trace: &'a Trace,
    cells: &'a mut Vec<Address>,
}

impl Scene<'_> {
    fn number(&mut self, expression: &Expression) -> Result<f64, StatementError> {
        Ok(match expression {
            Expression::Number(x, _) => *x,
            Expression::At(address) => {
                let address = Address::parse(address, self.program)?;
                self.cells.push(address);
                f64::from(self.trace.get(address))
            }
            Expression::Over(over, text) => {
                let cells = region(text, self.program)?;
                let numbers: Vec<f64> = cells.iter().map(|&at| f64::from(self.trace.get(at))).collect();
                self.cells.extend(cells);
                over.of(&numbers).ok_or_else(|| StatementError::Tie(text.clone()))?
            }
            Expression::Count(count, name) => {
                let missing = || StatementError::Tensor(name.clone());
                let bare = name.split('.').next().unwrap_or(name);
                let slot = Name::parse(bare).and_then(|name| self.program.find(None, name)).ok_or_else(missing)?;
                let shape = self.program.shape(slot);
                match count {
                    Count::Rows => shape.rows.len as f64,
                    Count::Columns => shape.cols.len as f64,
                }
            }
            Expression::Of(function, inner) => {
                let x = self.number(inner)?;
                match function {
                    Function::Exp => x.exp(),
                    Function::Ln => x.ln(),
                    Function::Sqrt => x.sqrt(),
                    Function::Abs => x.abs(),
                }
            }
            Expression::Negative(inner) => -self.number(inner)?,
            Expression::Two(left, sign, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                match sign {
                    Sign::Plus => left + right,
                    Sign::Minus => left - right,
                    Sign::Times => left * right,
                    Sign::Over => left / right,
                }
            }
        })
    }
}

impl Over {
    /// None where two are largest and it is asked which.
    fn of(self, numbers: &[f64]) -> Option<f64> {
        let largest = || numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(match self {
            Self::Sum => numbers.iter().sum(),
            Self::Mean => numbers.iter().sum::<f64>() / numbers.len() as f64,
            Self::Max => largest(),
            Self::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Largest => {
                let top = largest();
                let mut all = (1..).zip(numbers).filter(|(_, x)| exactly(**x, top)).map(|(n, _)| n);
                let first = all.next()?;
                if all.next().is_some() {
                    return None;
                }
                f64::from(first)
            }
            Self::Entropy => -numbers.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>(),
            Self::Norm => numbers.iter().map(|x| x * x).sum::<f64>().sqrt(),
        })
    }
}
