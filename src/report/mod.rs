//! What the program says without its screen: tables, JSON, CSV, LaTeX, the plain walk, the audit, the doctor.
//!
//! A report is written to any `Write`, knows no files, terminals or clocks, and changes nothing.
//! Data goes to the standard output; words about it ([`note`]) to the standard error.

pub mod audit;
pub mod bench;
pub mod clinic;
pub mod csv;
pub mod doctor;
pub mod explain;
mod grid;
pub mod heads;
pub mod json;
pub mod latex;
pub mod learn;
mod matrix;
mod predictions;
pub mod quiz;
mod reader;
pub mod scaling;
mod selection;
pub mod similar;
pub mod table;
pub mod train;
pub mod walk;

pub use predictions::TOP;
pub use reader::Reader;
pub use selection::{Request, Selection, SelectionError, address, layer, layer_of};

use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::seen;
use crate::math::tensor::{Axis, Dim};
use crate::session::{ComputeError, Matrices, MatrixFormat, Run};
use crate::source::sample::{HeadCard, Sample, design};

/// What a report is about, and for whom it is written.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The sample that was run.
    pub sample: &'a Sample,
    /// What came out.
    pub run: &'a Run,
    /// Who reads.
    pub reader: Reader,
}

impl Subject<'_> {
    /// The card of a head of a sample that is shown as it was designed: what it says is true of those numbers. Of another
    /// sentence it says only a name, and not that of a head that looks at nothing there.
    fn card(&self, head: usize) -> Option<&HeadCard> {
        let is_true =
            |card: &&HeadCard| card.intent.is_some() || design::is_at_work(&self.run.program, &self.run.trace, head);
        self.sample.heads.get(head).filter(is_true).filter(|_| self.sample.what_if.is_plain())
    }

    /// The names along an axis as one head sees it, counted from 1 where nobody named them.
    fn names(&self, dim: Dim, head: usize) -> Vec<String> {
        if let (Axis::Vocabulary, Some(within)) = (dim.axis, &self.sample.model) {
            let piece = |id: usize| seen(&within.model.checkpoint.tokenizer.decode(id as u32));
            return (0..dim.len).map(piece).collect();
        }
        let named = self.sample.axis_labels(dim.axis, head);
        let name = |i: usize| named.get(i).map_or_else(|| (i + 1).to_string(), |text| self.reader.text(text));
        (0..dim.len).map(name).collect()
    }
}

/// Matrices as a file holds them.
pub fn written(matrices: &Matrices) -> String {
    let Matrices { sample, run, reading, slots, sentence, lang, format } = matrices;
    let reader = Reader { lang: *lang, ascii: false };
    let subject = Subject { sample, run, reader };
    let selection = Selection::of_sentence(slots.clone(), *sentence);
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = match format {
        MatrixFormat::Csv => csv::write(&subject, &selection, &mut bytes),
        MatrixFormat::Latex => {
            let about = reading.as_ref().map_or_else(|| verdict(run, reader), |reading| reader.text(reading));
            latex::write(&subject, &selection, &about, &mut bytes)
        }
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One line about who computed, and how well: `GPU ok 1.2e-7, Vulkan llvmpipe (software)`.
pub fn verdict(run: &Run, reader: Reader) -> String {
    let worst = run.ledger.worst().map_or(0.0, |stage| stage.worst);
    let by = run.trace.by.words();
    let words = if run.ledger.ok() {
        Text::owned(
            format!("{}，与 f64 参考的最大误差 {worst:.1e}，合格", by.zh),
            format!("{}, at most {worst:.1e} away from the f64 reference: passed", by.en),
        )
    } else {
        let at = run.ledger.worst().map_or_else(String::new, |stage| stage.at.display(&run.program));
        Text::owned(
            format!("{}，与 f64 参考的误差在 {at} 处达到 {worst:.1e}，不合格", by.zh),
            format!("{}, {worst:.1e} away from the f64 reference at {at}: FAILED", by.en),
        )
    };
    reader.text(&words)
}

/// Why the CPU stood in for the GPU, for the standard error.
pub fn note(fallback: &ComputeError, reader: Reader) -> String {
    let Text { zh, en } = fallback.words();
    reader.text(&Text::owned(
        format!("由 CPU 计算：{zh}。运行 `qkv doctor` 可以看到这台机器缺什么。"),
        format!("The CPU computes: {en}. `qkv doctor` says what this machine lacks."),
    ))
}

/// Which words nobody described, as a line for people; `None` where every word is known. Pieces are named by their word.
pub fn unknown(sample: &Sample, reader: Reader) -> Option<String> {
    let word = |&token: &usize| match sample.coarser.first() {
        Some(pieces) => pieces.of.get(token).and_then(|&word| Some((word + 1, pieces.words.get(word)?))),
        None => sample.tokens.get(token).map(|word| (token + 1, word)),
    };
    let mut words: Vec<_> = sample.random_words().iter().filter_map(word).collect();
    words.dedup();
    if words.is_empty() {
        return None;
    }
    let list = words.iter().map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ");
    Some(reader.text(&Text::owned(
        format!("词典和词类里都没有这些词，用的是随机向量：{list}"),
        format!("no lexicon and no word class describes these words, so they have random vectors: {list}"),
    )))
}
