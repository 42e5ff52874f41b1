//! One number and where it came from: `qkv explain 'weights.2[1,3]'`.

use std::io::{self, Write};

use serde::Serialize;

use super::Subject;
use crate::explain::{arithmetic, open, opened};
use crate::program::{Address, Program};

/// One line for the number; below it, `depth` levels down, one for each number that it is made of.
///
/// # Errors
/// When the output cannot be written.
pub fn write(subject: &Subject, address: Address, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    write_level(subject, address, depth, 0, out)
}

fn write_level(subject: &Subject, address: Address, depth: usize, level: usize, out: &mut dyn Write) -> io::Result<()> {
    let (program, trace) = (&subject.run.program, &subject.run.trace);
    let names = subject.sample.names_in(subject.reader.lang);
    let line: String = arithmetic(program, trace, address, &names).into_iter().map(|piece| piece.text).collect();
    writeln!(out, "{}{}", "  ".repeat(level), subject.reader.signs(&line))?;
    if depth > 1 {
        let opened = open(program, trace, address);
        let mut seen: Vec<Address> = Vec::new();
        for factor in opened.terms.iter().flat_map(|t| &t.factors) {
            if !seen.contains(&factor.address) {
                seen.push(factor.address);
                write_level(subject, factor.address, depth - 1, level + 1, out)?;
            }
        }
    }
    Ok(())
}

/// The number as LaTeX.
///
/// # Errors
/// When the output cannot be written.
pub fn write_latex(subject: &Subject, address: Address, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", opened::latex(&subject.run.program, &subject.run.trace, address))
}

/// The number and its terms, `depth` levels down, as `qkv-explain/1`.
///
/// # Errors
/// When the output cannot be written.
pub fn write_json(subject: &Subject, address: Address, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document {
        format: &'static str,
        #[serde(flatten)]
        number: opened::Json,
    }
    let names = subject.sample.names_in(subject.reader.lang);
    let number = opened::json(&subject.run.program, &subject.run.trace, address, depth, &names);
    serde_json::to_writer_pretty(&mut *out, &Document { format: "qkv-explain/1", number })?;
    writeln!(out)
}

/// How many numbers a depth opens at most, so that a deep look into a large sample can be refused before it starts.
pub fn count(program: &Program, address: Address, depth: usize) -> usize {
    let Some(stage) = program.made_by(address.slot) else { return 1 };
    if depth <= 1 {
        return 1;
    }
    let sources = program.sources(stage, address.cell);
    let first = |input| {
        let factor = sources.terms.iter().flat_map(|t| &t.factors).find(|f| f.input == input)?;
        Some(Address { slot: stage.operands[input], cell: factor.cell })
    };
    let each = (0..stage.operands.len()).filter_map(first).map(|a| count(program, a, depth - 1));
    each.fold(1_usize, |sum, n| sum.saturating_add(n.saturating_mul(sources.terms.len())))
}
