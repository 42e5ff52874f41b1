//! The code that computes a program, line by line, as it is written with `PyTorch`: made from the stages, so that it says what the
//! switches made of them.

use crate::ground::number::short;
use crate::math::ops::Rule;
use crate::program::{Direction, Divisor, Layer, Name, Program, Section, Slot, Stage, labels};

/// A line of code, and the tensor that it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine {
    /// The line.
    pub line: String,
    /// What it makes.
    pub makes: Option<Slot>,
}

/// The code of a program, or of one of its layers.
pub fn code(program: &Program, section: &Section) -> Vec<CodeLine> {
    let heads = program.heads();
    let plain = |line: &str| CodeLine { line: line.to_owned(), makes: None };
    // What autograd and an optimizer do behind one call, line by line.
    let behind = match section.direction {
        Direction::Forward => None,
        Direction::Back => Some("loss.backward()      # =>"),
        Direction::Step => Some("optimizer.step()     # =>"),
    };
    if let Some(call) = behind {
        let stages = program.stages().get(section.stages.clone()).unwrap_or_default();
        let said = |stage: &Stage| {
            let formula = labels::of(program, stage.output).formula;
            CodeLine { line: format!("#   {formula}"), makes: Some(stage.output) }
        };
        return std::iter::once(plain(call)).chain(stages.iter().map(said)).collect();
    }
    let mut lines = vec![plain("import math, torch")];
    lines.push(plain(&sizes(program, section.layer, heads)));
    lines.push(plain(""));
    if heads > 1 {
        lines.push(plain("def split(x):                  # (words, heads*d) -> (heads, words, d)"));
        lines.push(plain("    return x.view(len(x), heads, -1).transpose(0, 1)"));
        lines.push(plain(""));
    }
    for stage in program.stages().get(section.stages.clone()).unwrap_or_default() {
        lines.push(CodeLine { line: line(program, stage, heads), makes: Some(stage.output) });
    }
    lines
}

/// `heads, d = 4, 2`
fn sizes(program: &Program, layer: Option<Layer>, heads: usize) -> String {
    let d = program.find(layer, Name::Q).map_or(1, |slot| program.shape(slot).cols.len);
    if heads > 1 { format!("heads, d = {heads}, {d}") } else { format!("d = {d}") }
}

fn line(program: &Program, stage: &Stage, heads: usize) -> String {
    // What a mistake makes of a stage is said by its formula.
    let (own, right) = (labels::of(program, stage.output), labels::label(stage.symbol.name, program.kind()));
    if program.wiring().mistake.is_some() && own.formula != right.formula {
        return format!("# {}", own.formula);
    }
    let name = |n: usize| stage.operands.get(n).map_or("", |&slot| program.symbol(slot).name.as_str()).to_owned();
    let (made, first, second) = (stage.symbol.name.to_string(), name(0), name(1));
    if let Some(made_of) = around_attention(program, stage, [&first, &second, &name(2)]) {
        return format!("{made} = {made_of}");
    }
    let made_of = match stage.symbol.name {
        Name::Q | Name::K | Name::V => {
            let product = if second.is_empty() { first } else { format!("{first} @ {second}") };
            let product = if stage.operands.len() > 2 { format!("{product} + {}", name(2)) } else { product };
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
        Name::Loss => format!("-({second} * {first}.log()).sum() / {second}.sum()"),
        Name::Concat => format!("{first}.transpose(0, 1).flatten(1)"),
        _ => format!("{first} @ {second}"),
    };
    format!("{made} = {made_of}")
}

/// What a layer has beside its attention; none for the stages of attention.
fn around_attention(program: &Program, stage: &Stage, [x, y, z]: [&str; 3]) -> Option<String> {
    let width = stage.shape.cols.len;
    Some(match (program.sources(stage, crate::math::tensor::Cell::default()).rule, stage.op.name()) {
        (Rule::LayerNorm { epsilon, .. }, _) => {
            format!("torch.nn.functional.layer_norm({x}, ({width},), {y}, {z}, eps={epsilon})")
        }
        (Rule::RmsNorm { epsilon, .. }, _) => {
            format!("{x} * ({x}.pow(2).mean(-1, keepdim=True) + {epsilon}).rsqrt() * {y}")
        }
        (Rule::Activation(function), _) => match stage.op.name() {
            "gelu_tanh" => format!("torch.nn.functional.gelu({x}, approximate='tanh')"),
            _ => format!("torch.nn.functional.{}({x})", function.written().to_lowercase()),
        },
        (_, "add" | "bias") => format!("{x} + {y}"),
        (_, "multiply") if stage.symbol.name == Name::Gated => format!("{x} * {y}"),
        (_, "matmul_biased") => format!("{x} @ {y} + {z}"),
        (_, "share_heads") => {
            let group = stage.shape.heads.unwrap_or(1) / program.shape(stage.operands[0]).heads.unwrap_or(1).max(1);
            format!("{x}.repeat_interleave({group}, dim=0)")
        }
        (_, "rotate") => format!("{x} * {y}[:, :d] + {x}.roll(d // 2, -1) * {y}[:, d:]"),
        (Rule::Copy, "take_row") => {
            let row =
                program.sources(stage, crate::math::tensor::Cell::default()).terms.first()?.factors.first()?.cell.row;
            format!("{x}[{row}:{}]", row + 1)
        }
        (_, "matmul_transposed") if stage.symbol.name != Name::Scores => format!("{x} @ {y}.T"),
        (Rule::Softmax(_), _) if stage.symbol.name == Name::Probabilities => format!("{x}.softmax(dim=-1)"),
        _ => return None,
    })
}
