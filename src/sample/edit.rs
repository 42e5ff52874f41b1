//! The same sample with one given number changed: "what if?".

use std::sync::Arc;

use super::Sample;
use crate::lang::Text;
use crate::program::{Address, InputError, Inputs, Symbol};

/// Numbers beyond this are refused: no product of two could then leave f32.
const LARGEST: f32 = 1e6;

/// A number that cannot be put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditError(pub Text);

impl Sample {
    /// The sample with one of its given numbers changed.
    ///
    /// # Errors
    /// [`EditError`], in the person's words: for a computed number, for one out of range, for a mask that would hide
    /// a whole row.
    pub fn with_number(&self, address: Address, value: f32) -> Result<Self, EditError> {
        let refuse = |zh: String, en: String| Err(EditError(Text::owned(zh, en)));
        let symbol = self.program.symbol(address.slot);
        let Some(tensor) = self.inputs.get(address.slot) else {
            return refuse(
                format!("{symbol} 是算出来的，不能直接改；按 Tab 移到给定的数上，比如 H、W 或 mask"),
                format!(
                    "{symbol} is computed and cannot be set; Tab moves to the numbers that are given: H, a W or the mask"
                ),
            );
        };
        if !value.is_finite() || value.abs() > LARGEST {
            return refuse(format!("要写一个不超过 ±{LARGEST} 的数"), format!("write a number within ±{LARGEST}"));
        }
        if symbol == Symbol::MASK && value != 0.0 && value != 1.0 {
            return refuse("mask 里只能是 0 或 1".into(), "the mask holds only 0 and 1".into());
        }
        let mut changed = tensor.clone();
        changed.set(address.cell, value);
        let find = |s| {
            if s == symbol {
                Some(changed.clone())
            } else {
                self.program.find(s).and_then(|slot| self.inputs.get(slot).cloned())
            }
        };
        match Inputs::new(&self.program, find) {
            Ok(inputs) => Ok(Self { inputs: Arc::new(inputs), ..self.clone() }),
            Err(InputError::WholeRowMasked { row }) => refuse(
                format!("第 {row} 行至少要留一个 1：总得有一个词可看"),
                format!("row {row} must keep at least one 1: there must be a word to look at"),
            ),
            Err(error) => Err(EditError(Text::same(error.to_string()))),
        }
    }
}
