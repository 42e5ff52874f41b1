//! The whole program as one formula, `output = concat(softmax(Q·Kᵀ/√d + mask)·V)·W_o`, made from its stages: so it says what the
//! switches have made of it, and which part of it a stage is. Of a program with a mistake that is still to be found it is the
//! formula that was meant.

use crate::program::{Program, Slot};

/// A part of the formula, left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The signs.
    pub text: String,
    /// The tensor that they stand for, or whose stage they are.
    pub slot: Slot,
    /// The stage that takes it, where it stands for a tensor.
    taken_by: Option<Slot>,
}

impl Part {
    /// Whether it belongs to the stage that makes a tensor: its own signs, and what it takes.
    pub fn belongs_to(&self, slot: Slot) -> bool {
        self.slot == slot || self.taken_by == Some(slot)
    }
}

/// The last tensor of a program in terms of its queries, keys and values.
pub fn whole(program: &Program) -> Vec<Part> {
    in_place(program, formula(program.meant()))
}

/// Parts of the formula that was meant, at the places that their tensors have in the program.
fn in_place(program: &Program, parts: Vec<Part>) -> Vec<Part> {
    let meant = program.meant();
    let last = program.stages().last().map(|stage| stage.output);
    let here = |slot| program.find_symbol(meant.symbol(slot)).or(last).unwrap_or(slot);
    let part = |part: Part| Part { slot: here(part.slot), taken_by: part.taken_by.map(here), ..part };
    parts.into_iter().map(part).collect()
}

fn formula(program: &Program) -> Vec<Part> {
    let Some(last) = program.stages().len().checked_sub(1).map(|stage| program.output_of(stage)) else {
        return Vec::new();
    };
    let mut parts = vec![sign(format!("{} = ", program.symbol(last)), last)];
    expression(program, last, None, &mut parts);
    parts
}

/// How queries, keys and values are made: `Q=H·W_q`, one formula each.
pub fn projections(program: &Program) -> Vec<Vec<Part>> {
    made_first(program.meant()).into_iter().map(|parts| in_place(program, parts)).collect()
}

fn made_first(program: &Program) -> Vec<Vec<Part>> {
    let made = program.stages().iter().enumerate().filter(|(_, stage)| is_first(program, stage.operands.as_slice()));
    let formula = |(n, _)| {
        let slot = program.output_of(n);
        let stage = &program.stages()[n];
        let mut parts = vec![leaf(program, slot, None), sign("=".to_owned(), slot)];
        for (n, &operand) in stage.operands.iter().enumerate() {
            if n > 0 {
                parts.push(sign("·".to_owned(), slot));
            }
            parts.push(leaf(program, operand, Some(slot)));
        }
        parts
    };
    made.map(formula).collect()
}

/// Whether a stage takes nothing that was computed.
fn is_first(program: &Program, operands: &[Slot]) -> bool {
    operands.iter().all(|&slot| program.made_by(slot).is_none())
}

fn sign(text: String, slot: Slot) -> Part {
    Part { text, slot, taken_by: None }
}

fn leaf(program: &Program, slot: Slot, taken_by: Option<Slot>) -> Part {
    Part { text: program.symbol(slot).to_string(), slot, taken_by }
}

fn expression(program: &Program, slot: Slot, taken_by: Option<Slot>, parts: &mut Vec<Part>) {
    let stage = program.made_by(slot).filter(|stage| !is_first(program, &stage.operands));
    let Some(stage) = stage else { return parts.push(leaf(program, slot, taken_by)) };
    let own = |text: &str| sign(text.to_owned(), slot);
    let (before, between, after) = match stage.op.name() {
        "softmax" | "softmax_unshifted" => ("softmax(", "", ")".to_owned()),
        "softmax_columns" => ("softmax↓(", "", ")".to_owned()),
        "concat" | "concat_early" => ("concat(", "", ")".to_owned()),
        "average" => ("mean(", "", ")".to_owned()),
        "mask_transposed" => ("", " + ", "ᵀ".to_owned()),
        "multiply" => ("", " × ", String::new()),
        "matmul_transposed" => ("", "·", "ᵀ".to_owned()),
        "matmul" => ("", "·", String::new()),
        "mask" => ("", " + ", String::new()),
        // What the stage's own formula does to its operand.
        _ => ("", "", behind(program, slot, stage.operands[0])),
    };
    parts.push(own(before));
    for (n, &operand) in stage.operands.iter().enumerate() {
        if n > 0 {
            parts.push(own(between));
        }
        expression(program, operand, Some(slot), parts);
    }
    parts.push(own(&after));
    parts.retain(|part| !part.text.is_empty());
}

/// `/√d`: what stands behind the operand in the formula of a stage.
fn behind(program: &Program, slot: Slot, operand: Slot) -> String {
    let formula = crate::program::labels::of(program, slot).formula;
    let symbol = program.symbol(operand).name.as_str();
    let right = formula.split_once("= ").map_or("", |(_, right)| right);
    right.strip_prefix(symbol).unwrap_or_default().split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::attention::{Sizes, attention};
    use crate::program::{Divisor, Kind, Name, Wiring};

    fn program(kind: Kind, heads: usize, wiring: &Wiring) -> Program {
        let output = (heads > 1).then_some(5);
        let sizes = Sizes { batch: None, tokens: 4, memory: 3, model: 8, heads, features: 8, values: 8, output };
        attention(kind, &sizes, wiring).unwrap()
    }

    fn written(parts: &[Part]) -> String {
        parts.iter().map(|part| part.text.as_str()).collect()
    }

    #[test]
    fn the_formula_is_that_of_the_papers_and_says_what_switches_change() {
        let of = |kind, heads, wiring: &Wiring| written(&whole(&program(kind, heads, wiring)));
        let plain = Wiring::default();
        assert_eq!(of(Kind::SelfAttention, 4, &plain), "output = concat(softmax(Q·Kᵀ/√d + mask)·V)·W_o");
        assert_eq!(of(Kind::CrossAttention, 1, &plain), "context = softmax(Q·Kᵀ/√d + mask)·V");
        let off = Wiring { divisor: Divisor::One, joined: false, ..plain };
        assert_eq!(of(Kind::SelfAttention, 4, &off), "concat = concat(softmax(Q·Kᵀ + mask)·V)");
        let warm = Wiring { temperature: 2.0, ..plain };
        assert_eq!(of(Kind::SelfAttention, 4, &warm), "output = concat(softmax(Q·Kᵀ/(√d·T) + mask)·V)·W_o");
    }

    #[test]
    fn every_stage_is_some_part_of_it() {
        let program = program(Kind::SelfAttention, 4, &Wiring::default());
        let lit = |name| {
            let slot = program.find(None, name).unwrap();
            let all = projections(&program).concat().into_iter().chain(whole(&program));
            written(&all.filter(|part| part.belongs_to(slot)).collect::<Vec<_>>())
        };
        assert_eq!(lit(Name::Q), "Q=H·W_qQ");
        assert_eq!(lit(Name::Scores), "Q·Kᵀ");
        assert_eq!(lit(Name::Scaled), "/√d");
        assert_eq!(lit(Name::Masked), " + mask");
        assert_eq!(lit(Name::Weights), "softmax()");
        assert_eq!(lit(Name::Context), "·V");
        assert_eq!(lit(Name::Concat), "concat()");
        assert_eq!(lit(Name::Output), "output = ·W_o");
        assert_eq!(lit(Name::H), "HHH");
    }
}
