//! `qkv show --format json`: a whole trace, `qkv-trace/1`.
//!
//! Numbers are printed in the shortest form that reads back as the same f32. A masked score is `null`;
//! so is a number that overflowed, and then the ledger is not ok. A tensor of a model says its layer beside its name: from 1, 0
//! for what the first layer receives; what belongs to no layer, and every tensor of a sample that is one attention, says none.

use std::io::{self, Write};

use serde::Serialize;

use super::selection::layer_of;
use super::{Selection, Subject};
use crate::math::tensor::Axis;
use crate::program::{Backend, Ledger, Name, Program, Slot};
use crate::source::sample::Origin;

/// The name and version of the format.
pub(crate) const FORMAT: &str = "qkv-trace/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    sample: &'a str,
    program: &'static str,
    weights: Origin,
    tokens: &'a [String],
    /// Numbers, from 1, of the tokens that nobody described.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<usize>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    memory_tokens: &'a [String],
    heads: usize,
    #[serde(skip_serializing_if = "is_zero")]
    layers: usize,
    backend: &'a Backend,
    tensors: Vec<Entry<'a>>,
    ledger: Verdict,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: Plain,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<usize>,
    axes: Vec<Axis>,
    shape: Vec<usize>,
    data: &'a [f32],
}

/// A tensor's name without its layer, which stands beside it.
struct Plain(Name);

impl Serialize for Plain {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A ledger as it stands in JSON. Differences are rounded to f32: they carry no more digits than the numbers.
#[derive(Serialize)]
pub(super) struct Verdict {
    ok: bool,
    worst: f32,
    stages: Vec<StageLine>,
}

#[derive(Serialize)]
struct StageLine {
    name: Plain,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<usize>,
    worst: f32,
    at: String,
}

impl Verdict {
    /// The ledger of a run of this program.
    pub(super) fn new(ledger: &Ledger, program: &Program) -> Self {
        let stages = ledger.stages.iter().map(|stage| StageLine {
            name: Plain(program.symbol(stage.at.slot).name),
            layer: layer_of(program, stage.at.slot),
            worst: stage.worst as f32,
            at: stage.at.display(program),
        });
        let worst = ledger.worst().map_or(0.0, |stage| stage.worst as f32);
        Self { ok: ledger.ok(), worst, stages: stages.collect() }
    }
}

/// Writes the trace as one line of JSON. The selection chooses tensors; heads and sentences are always whole.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, .. } = *subject;
    let entry = |&slot: &Slot| {
        let tensor = run.trace.tensor(slot);
        let dims = tensor.shape().dims();
        Entry {
            name: Plain(run.program.symbol(slot).name),
            layer: layer_of(&run.program, slot),
            axes: dims.iter().map(|dim| dim.axis).collect(),
            shape: dims.iter().map(|dim| dim.len).collect(),
            data: tensor.as_slice(),
        }
    };
    let document = Document {
        format: FORMAT,
        sample: &sample.name,
        program: run.program.kind().name(),
        weights: sample.origin,
        tokens: &sample.tokens,
        unknown: sample.random_words().iter().map(|token| token + 1).collect(),
        memory_tokens: &sample.memory_tokens,
        heads: run.program.heads(),
        layers: run.program.layers(),
        backend: &run.trace.by,
        tensors: selection.slots.iter().map(entry).collect(),
        ledger: Verdict::new(&run.ledger, &run.program),
    };
    line(&document, out)
}

/// One value on one line.
pub(super) fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}
