//! `qkv show --format latex`: matrices for a paper, under the names of their rows and columns.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Selection, Subject};
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::ground::text::visible;
use crate::math::tensor::{Cell, MASKED, Shape};
use crate::program::{Program, Slot};

/// Writes every selected matrix, whole, under comments that say what it is and what it takes to set it. `about` is what is
/// to be known of the numbers.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, selection: &Selection, about: &str, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, reader } = *subject;
    let origin = sample.origin.label();
    writeln!(out, "% qkv: {}, {}, {}", sample.name, visible(&sample.text), origin.get(reader.lang))?;
    writeln!(out, "% {}", visible(about))?;
    let needs = Text::new(
        r"导言区要有 \usepackage{amsmath}；词是中文时还要 \usepackage{ctex}，用 XeLaTeX 或 LuaLaTeX 编译",
        r"needs \usepackage{amsmath}; for Chinese words also \usepackage{ctex}, under XeLaTeX or LuaLaTeX",
    );
    writeln!(out, "% {}", needs.get(reader.lang))?;
    for &slot in &selection.slots {
        let shape = run.program.shape(slot);
        let [sentences, heads, ..] = shape.lens();
        for batch in selection.sentences(sentences) {
            for head in selection.heads(heads) {
                let place = Cell { batch, head, ..Cell::default() };
                writeln!(out, "\n{}", matrix(subject, slot, &shape, place))?;
            }
        }
    }
    Ok(())
}

/// One matrix: `\mathrm{weights}^{(2)} = ` and its numbers.
fn matrix(subject: &Subject, slot: Slot, shape: &Shape, place: Cell) -> String {
    let tensor = subject.run.trace.tensor(slot);
    let format = Format::of(tensor.as_slice());
    let (rows, columns) = (subject.names(shape.rows, place.head), subject.names(shape.cols, place.head));
    let mut tex = String::from("\\[\n");
    // Writing to a string cannot fail.
    let _ = writeln!(tex, "{} =", symbol(&subject.run.program, slot, shape, place));
    let _ = writeln!(tex, "\\begin{{array}}{{r|{}}}", "r".repeat(columns.len()));
    let headings: Vec<String> = columns.iter().map(|name| words(name)).collect();
    let _ = writeln!(tex, " & {} \\\\ \\hline", headings.join(" & "));
    for (row, name) in rows.iter().enumerate() {
        let numbers = (0..columns.len()).map(|col| number(tensor.get(place.moved(row, col)), format));
        let numbers: Vec<String> = numbers.collect();
        let _ = writeln!(tex, "{} & {} \\\\", words(name), numbers.join(" & "));
    }
    tex.push_str("\\end{array}\n\\]");
    tex
}

/// `\mathrm{weights}^{(2)}`, `W_{q}`, of the third of several layers `\mathrm{weights}^{[3](2)}`; sentences of a batch by their number.
fn symbol(program: &Program, slot: Slot, shape: &Shape, place: Cell) -> String {
    let symbol = program.symbol(slot);
    let name = symbol.name.as_str();
    let letters = match name.split_once('_') {
        Some((letter, index)) => format!("{letter}_{{{index}}}"),
        None if name.len() == 1 => name.to_owned(),
        None => format!("\\mathrm{{{name}}}"),
    };
    let layer = symbol.layer.map(|layer| format!("[{}]", layer.0 + 1));
    let head = shape.heads.map(|_| format!("({})", place.head + 1));
    let sentence = shape.batch.map(|_| format!("@{}", place.batch + 1));
    let above: String = layer.into_iter().chain(head).chain(sentence).collect();
    if above.is_empty() { letters } else { format!("{letters}^{{{above}}}") }
}

/// A number as the tables have it.
fn number(x: f32, format: Format) -> String {
    if x == MASKED {
        return "-\\infty".to_owned();
    }
    let written = format.write(x);
    match written.split_once('e') {
        Some((digits, power)) => format!("{digits} \\cdot 10^{{{power}}}"),
        None => written,
    }
}

/// The name of a row or column. What LaTeX would take for a command is written as it looks.
fn words(name: &str) -> String {
    let mut tex = String::from("\\text{");
    for c in visible(name).chars() {
        match c {
            '\\' => tex.push_str("\\textbackslash{}"),
            '~' => tex.push_str("\\textasciitilde{}"),
            '^' => tex.push_str("\\textasciicircum{}"),
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => tex.extend(['\\', c]),
            c => tex.push(c),
        }
    }
    tex.push('}');
    tex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_command() {
        assert_eq!(words("天安门"), "\\text{天安门}");
        assert_eq!(
            words("a_b & 50% {x} \\ ~^"),
            "\\text{a\\_b \\& 50\\% \\{x\\} \\textbackslash{} \\textasciitilde{}\\textasciicircum{}}"
        );
    }

    #[test]
    fn numbers_are_those_of_the_tables() {
        let format = Format::of(&[0.25, 0.5]);
        assert_eq!((number(0.25, format), number(MASKED, format)), ("0.25".into(), "-\\infty".into()));
        let small = Format::of(&[1e-7, 0.0]);
        assert_eq!(number(1e-7, small), format!("{} \\cdot 10^{{-7}}", small.write(1e-7).split('e').next().unwrap()));
    }
}
