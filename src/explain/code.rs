//! The code that computes a program, line by line, as it is written with PyTorch: made from the stages, so that it says what the
//! switches made of them.

use crate::ground::number::short;
use crate::program::{Divisor, Name, Program, Slot, Stage};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::sample::Sample;

    fn of(sample: &str) -> Vec<String> {
        let sample = Sample::builtin(sample).unwrap().unwrap();
        code(&sample.program).into_iter().map(|line| line.line).collect()
    }

    #[test]
    fn the_code_is_the_program() {
        let lines = of("tiananmen");
        assert_eq!(lines.len(), 16);
        assert_eq!(
            lines[6..],
            [
                "Q = split(H @ W_q)",
                "K = split(H @ W_k)",
                "V = split(H @ W_v)",
                "scores = Q @ K.transpose(-2, -1)",
                "scaled = scores / math.sqrt(d)",
                "masked = scaled.masked_fill(mask == 0, -math.inf)",
                "weights = masked.softmax(dim=-1)",
                "context = weights @ V",
                "concat = context.transpose(0, 1).flatten(1)",
                "output = concat @ W_o",
            ]
        );
        assert!(of("h1h2").contains(&"Q = H @ W_q".to_owned()));
    }
}
