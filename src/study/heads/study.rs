//! Every metric of every head over many sentences: what a head's card may say.

use std::fmt;
use std::sync::Arc;

use super::corpus::{Corpus, ENOUGH};
use super::metrics::{METRICS, View, Words, measure};
use super::naming::{self, Asks, Label};
use super::reading::{Attribution, Reading};
use super::{Head, all};
use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::ground::text::{Lens, Segmenter, visible};
use crate::math::tensor::{Cell, Tensor};
use crate::program::{Inputs, Name, Program, Trace};
use crate::source::sample::{Lexicon, Sample, Scenario, SentenceError};

/// A number over many sentences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Over {
    /// The mean.
    pub mean: f64,
    /// The standard deviation (n − 1); 0 for one sentence.
    pub sd: f64,
    /// How many sentences had such a number.
    pub n: usize,
}

/// `0.47 ± 0.02`; of one sentence there is nothing to spread.
impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.n {
            1 => write!(f, "{:.2}", self.mean),
            _ => write!(f, "{:.2} ± {:.2}", self.mean, self.sd),
        }
    }
}

impl Over {
    /// Mean and spread of numbers; none of none.
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let n = numbers.len();
        let mean = numbers.iter().sum::<f64>() / n as f64;
        let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
        let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
        (n > 0).then_some(Self { mean, sd, n })
    }
}

/// What a head is like over many sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Which head.
    pub head: Head,
    /// Its metrics, in the order of [`METRICS`]; none where no sentence had one.
    pub metrics: Vec<Option<Over>>,
    /// Which words it lets look for which.
    pub asks: Vec<Asks>,
    /// What a rule lets it be called; none where no rule passes.
    pub label: Option<Label>,
}

/// What all heads are like.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// One profile a head, in the order of [`all`]; of a rollout one a layer.
    pub heads: Vec<Profile>,
    /// How many sentences were read.
    pub sentences: usize,
    /// Whether they were the sample's own, since it can take no others.
    pub own: bool,
    /// Sentences of the corpus that a model does not take: they make too many pieces, or hold a word that it has none for.
    pub refused: usize,
    /// What was measured of them.
    pub how: How,
}

/// What is measured of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct How {
    /// Which pieces take part.
    pub counted: Counted,
    /// What is read as attention.
    pub reading: Reading,
}

/// Which pieces of a model's text take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counted {
    /// All, as the model sees them: `[CLS]` and `[SEP]` too.
    #[default]
    All,
    /// Those that stand for words; what special ones receive is shared out among them.
    Words,
}

/// Why there is no study.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum StudyError {
    /// A stored sentence that cannot be cut or described.
    Sentence {
        /// As it is stored.
        sentence: String,
        /// Why not.
        why: SentenceError,
    },
    /// A change that one of the sentences cannot take, or a run that failed.
    Run(Fault),
    /// It was broken off: nobody waits for it any more.
    BrokenOff,
}

impl Failure for StudyError {
    fn words(&self) -> Text {
        match self {
            Self::Sentence { sentence, why } => {
                let (sentence, why) = (visible(sentence), why.words());
                Text::owned(
                    format!("语料中的句子「{sentence}」：{}", why.zh),
                    format!("the sentence \"{sentence}\" of the corpus: {}", why.en),
                )
            }
            Self::Run(fault) => fault.words().clone(),
            Self::BrokenOff => Text::new("中途停下了", "broken off"),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Sentence { .. } | Self::BrokenOff => Exit::Failed,
            Self::Run(fault) => fault.exit(),
        }
    }
}

/// What one sentence says about all heads.
struct Sentence {
    metrics: Vec<Vec<Option<f64>>>,
    /// Of each head, of each pair of dimensions: what the rows of the first gave to words of the second, and how many
    /// there were to choose from.
    asks: Vec<Vec<Option<(f64, f64)>>>,
}

impl Study {
    /// Measures the heads of a sample over a corpus: same weights, other words. A sample that can take no other sentence
    /// is measured on its own ones. `scenario` is what was changed about it; of the numbers changed by hand only those of
    /// the weight matrices mean anything in another sentence. `run` computes.
    ///
    /// # Errors
    /// [`StudyError`] for a sentence that cannot be cut, or a run that fails.
    pub fn of(
        sample: &Sample,
        scenario: &Scenario,
        corpus: &Corpus,
        tools: (&mut Segmenter, &Lexicon),
        run: impl FnMut(&Arc<Program>, &Inputs) -> Result<Trace, StudyError>,
    ) -> Result<Self, StudyError> {
        Self::counting(How::default(), sample, scenario, corpus, tools, run)
    }

    /// The same over all pieces of a model's text or over those alone that stand for words, of any reading.
    ///
    /// # Errors
    /// As [`Study::of`].
    pub fn counting(
        how: How,
        sample: &Sample,
        scenario: &Scenario,
        corpus: &Corpus,
        (segmenter, lexicon): (&mut Segmenter, &Lexicon),
        mut run: impl FnMut(&Arc<Program>, &Inputs) -> Result<Trace, StudyError>,
    ) -> Result<Self, StudyError> {
        let scenario = scenario.of_weights();
        let mut readings = Vec::new();
        let (mut own, mut refused) = (false, 0);
        let pairs = pairs(sample);
        for sentence in &corpus.sentences {
            let with = match sample.with_sentence(sentence, Lens::Words, segmenter, lexicon) {
                Ok(with) => with,
                Err(SentenceError::NoLexicon { .. } | SentenceError::Mask { .. }) => {
                    own = true;
                    break;
                }
                Err(_) if sample.model.is_some() => {
                    refused += 1;
                    continue;
                }
                Err(why) => return Err(StudyError::Sentence { sentence: sentence.clone(), why }),
            };
            let with = scenario.apply(&with).map_err(|error| StudyError::Run(error.into()))?;
            let trace = run(&with.program, &with.inputs)?;
            readings.push(read(&with, &trace, 0, &pairs, how));
        }
        own |= readings.is_empty();
        if own {
            let with = scenario.apply(sample).map_err(|error| StudyError::Run(error.into()))?;
            let trace = run(&with.program, &with.inputs)?;
            readings = (0..with.program.batch()).map(|batch| read(&with, &trace, batch, &[], how)).collect();
        }
        Ok(Self { refused, ..Self::from(sample, &readings, own, (&pairs, how)) })
    }

    fn from(sample: &Sample, readings: &[Sentence], own: bool, (pairs, how): (&[(usize, usize)], How)) -> Self {
        let profile = |(n, head): (usize, Head)| {
            let over = |metric: usize| {
                let numbers: Vec<f64> = readings.iter().filter_map(|r| r.metrics[n][metric]).collect();
                Over::of(&numbers)
            };
            let asks = pairs.iter().enumerate().filter_map(|(at, &(from, to))| {
                let found: Vec<(f64, f64)> = readings.iter().filter_map(|r| *r.asks[n].get(at)?).collect();
                let (given, chance): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
                let name = |dimension: usize| sample.dimensions[dimension].clone();
                Some(Asks { from: name(from), to: name(to), given: Over::of(&given)?, chance: Over::of(&chance)?.mean })
            });
            let metrics: Vec<_> = (0..METRICS.len()).map(over).collect();
            let asks: Vec<Asks> = asks.collect();
            // The rules were made for weights: nothing is called by another reading.
            let label = if readings.len() >= ENOUGH && how.reading == Reading::Raw {
                naming::label(&metrics, &asks)
            } else {
                None
            };
            Profile { head, metrics, asks, label }
        };
        let heads = how.reading.heads(&sample.program).into_iter().enumerate().map(profile).collect();
        Self { heads, sentences: readings.len(), own, refused: 0, how }
    }
}

/// Every two dimensions that say what a word means, in both directions.
fn pairs(sample: &Sample) -> Vec<(usize, usize)> {
    let meanings: Vec<usize> = sample.meanings();
    let both = meanings.iter().flat_map(|&from| meanings.iter().map(move |&to| (from, to)));
    both.filter(|(from, to)| from != to).collect()
}

/// What one sentence says.
fn read(sample: &Sample, trace: &Trace, batch: usize, pairs: &[(usize, usize)], how: How) -> Sentence {
    let heads = all(&sample.program);
    if how.reading != Reading::Raw || how.counted == Counted::Words && sample.model.is_some() {
        let metrics = measured_as(sample, trace, batch, how);
        return Sentence { asks: vec![Vec::new(); metrics.len()], metrics };
    }
    let views: Vec<View> =
        heads.iter().map(|head| view(sample, trace.tensor(head.weights), batch, head.head)).collect();
    let meanings = sample.program.find(None, Name::H).map(|slot| trace.tensor(slot));
    let asks = |view: &View| match meanings {
        Some(h) if view.same => pairs.iter().map(|&pair| asks(view, h, pair)).collect(),
        _ => Vec::new(),
    };
    Sentence { metrics: views.iter().map(measure).collect(), asks: views.iter().map(asks).collect() }
}

/// Every metric of every head in one sentence of a run, in the order of [`Reading::heads`].
pub fn measured_as(sample: &Sample, trace: &Trace, batch: usize, how: How) -> Vec<Vec<Option<f64>>> {
    let other = Attribution::of(how.reading, &sample.program, trace, batch, &|| false);
    measured(sample, trace, batch, how.counted, other.as_ref())
}

/// The same of a reading that is known; none where it is raw.
pub fn measured(
    sample: &Sample,
    trace: &Trace,
    batch: usize,
    counted: Counted,
    other: Option<&Attribution>,
) -> Vec<Vec<Option<f64>>> {
    let heads = other.map_or(Reading::Raw, Attribution::reading).heads(&sample.program);
    let pieces = sample.model.as_ref().filter(|_| counted == Counted::Words).map(|within| &within.pieces);
    let special = |n: usize| pieces.is_some_and(|pieces| pieces.get(n).is_some_and(|piece| piece.special));
    let mut metrics = Vec::with_capacity(heads.len());
    for layer in heads.chunk_by(|a, b| a.weights == b.weights) {
        let Some(slot) = layer.first().map(|head| head.weights) else { continue };
        // Another reading is of this sentence alone.
        let made = other.and_then(|other| other.tensor(trace, slot));
        let (weights, batch) = made.as_ref().map_or_else(|| (trace.tensor(slot), batch), |made| (made, 0));
        if pieces.is_some() {
            let words = Words::of(weights, batch, &sample.tokens, special);
            metrics.extend(layer.iter().map(|head| measure(&words.view(head.head))));
        } else {
            metrics.extend(layer.iter().map(|head| measure(&view(sample, weights, batch, head.head))));
        }
    }
    metrics
}

/// A head's weights in one sentence of a sample, with the words on both sides.
pub(crate) fn view<'a>(sample: &'a Sample, weights: &'a Tensor<f32>, batch: usize, head: usize) -> View<'a> {
    let (queries, keys) = (sample.asking(), sample.answering());
    View { weights, batch, head, queries, keys, same: sample.program.kind().answers().is_none(), empty: &[] }
}

/// What rows that have the first dimension give to other words that have the second, and what they would give evenly.
fn asks(view: &View, h: &Tensor<f32>, (from, to): (usize, usize)) -> Option<(f64, f64)> {
    let has = |row: usize, col: usize| h.get(Cell { batch: 0, head: 0, row, col }) >= 0.5;
    let (mut given, mut chance, mut rows) = (0.0, 0.0, 0.0);
    for i in (0..view.rows()).filter(|&i| has(i, from)) {
        let others: Vec<usize> = (0..view.cols()).filter(|&j| j != i && has(j, to)).collect();
        if !others.is_empty() {
            given += others.iter().map(|&j| view.at(i, j)).sum::<f64>();
            chance += others.len() as f64 / view.cols() as f64;
            rows += 1.0;
        }
    }
    (rows > 0.0).then(|| (given / rows, chance / rows))
}
