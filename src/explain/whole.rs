//! The whole program as one formula, `output = concat(softmax(Q·Kᵀ/√d + mask)·V)·W_o`, made from its stages: so it says what the
//! switches have made of it, and which part of it a stage is. Of a program with a mistake that is still to be found it is the
//! formula that was meant.

use crate::program::{Layer, Name, Program, Slot, Stage};

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

/// The last tensor of a program in terms of its queries, keys and values; of a layer what its attention puts out.
pub fn whole(program: &Program, layer: Option<Layer>) -> Vec<Part> {
    in_place(program, formula(program.meant(), layer))
}

/// Parts of the formula that was meant, at the places that their tensors have in the program.
fn in_place(program: &Program, parts: Vec<Part>) -> Vec<Part> {
    let meant = program.meant();
    let last = program.result();
    let here = |slot| program.find_symbol(meant.symbol(slot)).or(last).unwrap_or(slot);
    let part = |part: Part| Part { slot: here(part.slot), taken_by: part.taken_by.map(here), ..part };
    parts.into_iter().map(part).collect()
}

fn formula(program: &Program, layer: Option<Layer>) -> Vec<Part> {
    let last = match layer {
        Some(_) => program.find(layer, Name::Output),
        // Before and behind the layers of a model there is no attention.
        None if program.layers() > 0 => None,
        None => program.result(),
    };
    let Some(last) = last else { return Vec::new() };
    let mut parts = vec![sign(format!("{} = ", program.symbol(last).name), last)];
    expression(program, last, None, &mut parts);
    parts
}

/// How queries, keys and values are made: `Q=H·W_q`, one formula each.
pub fn projections(program: &Program, layer: Option<Layer>) -> Vec<Vec<Part>> {
    if layer.is_none() && program.layers() > 0 {
        return Vec::new();
    }
    made_first(program.meant(), layer).into_iter().map(|parts| in_place(program, parts)).collect()
}

fn made_first(program: &Program, layer: Option<Layer>) -> Vec<Vec<Part>> {
    let stages = program.stages().iter().enumerate().filter(|(_, stage)| stage.symbol.layer == layer);
    let made = stages.filter(|(_, stage)| is_first(program, stage));
    let formula = |(n, _)| {
        let slot = program.output_of(n);
        let stage = &program.stages()[n];
        let mut parts = vec![leaf(program, slot, None), sign("=".to_owned(), slot)];
        for (n, &operand) in stage.operands.iter().enumerate() {
            if n > 0 {
                parts.push(sign(if n > 1 { "+" } else { "·" }.to_owned(), slot));
            }
            parts.push(leaf(program, operand, Some(slot)));
        }
        parts
    };
    made.map(formula).collect()
}

/// Whether a stage takes nothing that was computed; in a layer whether it makes queries, keys or values.
fn is_first(program: &Program, stage: &Stage) -> bool {
    let given = stage.operands.iter().all(|&slot| program.made_by(slot).is_none());
    given || stage.symbol.layer.is_some() && matches!(stage.symbol.name, Name::Q | Name::K | Name::V)
}

fn sign(text: String, slot: Slot) -> Part {
    Part { text, slot, taken_by: None }
}

fn leaf(program: &Program, slot: Slot, taken_by: Option<Slot>) -> Part {
    Part { text: program.symbol(slot).name.to_string(), slot, taken_by }
}

fn expression(program: &Program, slot: Slot, taken_by: Option<Slot>, parts: &mut Vec<Part>) {
    let stage = program.made_by(slot).filter(|stage| !is_first(program, stage));
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
        "matmul_biased" => return biased(program, slot, stage, parts),
        "rotate" => return function("rotate", program, (slot, stage), parts),
        // Shared by several heads it is what it was.
        "share_heads" => return expression(program, stage.operands[0], taken_by, parts),
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

/// `concat·W_o + b_o`
fn biased(program: &Program, slot: Slot, stage: &Stage, parts: &mut Vec<Part>) {
    for (n, &operand) in stage.operands.iter().enumerate() {
        if n > 0 {
            parts.push(sign(if n > 1 { " + " } else { "·" }.to_owned(), slot));
        }
        expression(program, operand, Some(slot), parts);
    }
}

/// `rotate(Q)`
fn function(name: &str, program: &Program, (slot, stage): (Slot, &Stage), parts: &mut Vec<Part>) {
    parts.push(sign(format!("{name}("), slot));
    stage.operands.iter().take(1).for_each(|&operand| expression(program, operand, Some(slot), parts));
    parts.push(sign(")".to_owned(), slot));
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
    use crate::program::{Divisor, Kind, Wiring};

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
        let of = |kind, heads, wiring: &Wiring| written(&whole(&program(kind, heads, wiring), None));
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
            let all = projections(&program, None).concat().into_iter().chain(whole(&program, None));
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
