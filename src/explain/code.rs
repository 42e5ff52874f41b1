//! The code that computes a program, line by line, as it is written with `PyTorch`: made from the stages, so that it says what the
//! switches made of them.

use crate::ground::number::short;
use crate::program::{Divisor, Name, Program, Slot, Stage, labels};

/// A line of code, and the tensor that it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine {
    /// The line.
    pub line: String,
    /// What it makes.
    pub makes: Option<Slot>,
}

/// The code of a program.
pub fn code(program: &Program) -> Vec<CodeLine> {
    let heads = program.heads();
    let plain = |line: &str| CodeLine { line: line.to_owned(), makes: None };
    let mut lines = vec![plain("import math, torch")];
    lines.push(plain(&sizes(program, heads)));
    lines.push(plain(""));
    if heads > 1 {
        lines.push(plain("def split(x):                  # (words, heads*d) -> (heads, words, d)"));
        lines.push(plain("    return x.view(len(x), heads, -1).transpose(0, 1)"));
        lines.push(plain(""));
    }
    for stage in program.stages() {
        lines.push(CodeLine { line: line(program, stage, heads), makes: Some(stage.output) });
    }
    lines
}

/// `heads, d = 4, 2`
fn sizes(program: &Program, heads: usize) -> String {
    let d = program.find(None, Name::Q).map_or(1, |slot| program.shape(slot).cols.len);
    if heads > 1 { format!("heads, d = {heads}, {d}") } else { format!("d = {d}") }
}

fn line(program: &Program, stage: &Stage, heads: usize) -> String {
    // What a mistake makes of a stage is said by its formula.
    let (own, right) = (labels::of(program, stage.output), labels::label(stage.symbol.name, program.kind()));
    if program.wiring().mistake.is_some() && own.formula != right.formula {
        return format!("# {}", own.formula);
    }
    let name = |n: usize| stage.operands.get(n).map_or_else(String::new, |&slot| program.symbol(slot).to_string());
    let (made, first, second) = (stage.symbol.to_string(), name(0), name(1));
    let made_of = match stage.symbol.name {
        Name::Q | Name::K | Name::V => {
            let product = if second.is_empty() { first } else { format!("{first} @ {second}") };
            if heads > 1 { format!("split({product})") } else { product }
        }
        Name::Scores => format!("{first} @ {second}.transpose(-2, -1)"),
        Name::Scaled => {
            let wiring = program.wiring();
            let by = match wiring.divisor {
                Divisor::Root => " / math.sqrt(d)",
                Divisor::One => "",
                Divisor::Whole => " / d",
            };
            let t = f64::from(wiring.temperature);
            let tempered = if wiring.temperature == 1.0 { String::new() } else { format!(" / {}", short(t)) };
            format!("{first}{by}{tempered}")
        }
        Name::Masked => format!("{first}.masked_fill({second} == 0, -math.inf)"),
        Name::Weights => format!("{first}.softmax(dim=-1)"),
        Name::Concat => format!("{first}.transpose(0, 1).flatten(1)"),
        _ => format!("{first} @ {second}"),
    };
    format!("{made} = {made_of}")
}
