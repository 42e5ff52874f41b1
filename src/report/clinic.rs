//! `qkv clinic`: the cases of the bug clinic, and one of them without its solution.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Align, Grid};
use super::{Reader, Subject};
use crate::ground::lang::Text;
use crate::ground::text::wrap;
use crate::study::clinic::{CASES, CHECKS, Case};

/// The name and version of the JSON format.
pub(crate) const FORMAT: &str = "qkv-clinic/1";

/// Columns to which the words are wrapped.
const WIDTH: usize = 80;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    cases: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    title: String,
    sample: &'static str,
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    name: &'static str,
    title: String,
}

/// Writes all cases as a table: name, sample and symptom.
///
/// # Errors
/// What `out` refuses.
pub fn write_table(reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let mut grid = Grid::new(vec![Align::Left; 3]);
    for case in CASES {
        grid.row(vec![case.name.to_owned(), case.sample.to_owned(), reader.text(&case.title)]);
    }
    grid.write(out, 0)?;
    let how = Text::new(
        "qkv clinic 名字 打开一例：看图、看数，说出错在哪里。",
        "qkv clinic NAME opens one: look at pictures and numbers, and say what is wrong.",
    );
    writeln!(out, "\n{}", reader.text(&how))
}

/// Writes all cases as JSON, `qkv-clinic/1`, with what may be answered and without the answers.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let entry = |case: &Case| {
        let choices = case.choices().into_iter();
        let choices = choices.map(|mistake| Choice { name: mistake.name, title: reader.text(&mistake.title) });
        Entry { name: case.name, title: reader.text(&case.title), sample: case.sample, choices: choices.collect() }
    };
    serde_json::to_writer_pretty(&mut *out, &Document { format: FORMAT, cases: CASES.iter().map(entry).collect() })?;
    writeln!(out)
}

/// Writes one case: the symptom, what can be read off its run, and what may be answered.
///
/// # Errors
/// What `out` refuses.
pub fn write_case(case: &Case, subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
    let Subject { run, reader, .. } = *subject;
    writeln!(out, "# {}\n", reader.text(&case.title))?;
    for line in wrap(&reader.text(&case.told), WIDTH) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "\n{}", reader.text(&Text::new("从这次计算里读出来的", "What can be read off this run")))?;
    let mut grid = Grid::new(vec![Align::Left, Align::Right, Align::Left]);
    for check in CHECKS {
        let Some(finding) = check.of(&run.program, &run.trace) else { continue };
        let sign = match finding.holds {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "",
        };
        grid.row(vec![reader.text(&check.title), reader.text(&finding.words), reader.signs(sign)]);
    }
    grid.write(out, 2)?;
    writeln!(out, "\n{}", reader.text(&Text::new("错在哪里？", "What is wrong?")))?;
    for (n, mistake) in case.choices().into_iter().enumerate() {
        writeln!(out, "  {} {}", n + 1, reader.text(&mistake.title))?;
    }
    Ok(())
}
