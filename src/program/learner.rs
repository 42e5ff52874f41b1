//! ★ The small transformers that learn here: attention, the residual connection, and little else, so that what a head has found
//! is all there is to see.
//!
//! ```text
//! hidden_0 = X · W_e + X_p · W_p                                 which word it is, and where it stands
//! residual = hidden + attention(hidden)                          hidden' = residual + relu(residual · W_1) · W_2
//! logits   = hidden_last · W_uᵀ
//! ```
//!
//! X and `X_p` are one-hot: a row of X is 1 at its word, a row of `X_p` at its place. So looking a vector up in a table is a matrix
//! product like any other, and the way back through it needs no rule of its own.
//!
//! [`learner`] is an encoder, in which every word sees every other, or a decoder, whose mask hides what comes later: the mask is
//! given. [`translator`] has both, and an attention between them (Vaswani et al. 2017, figure 1).
//!
//! Shapes: T words of `d_model` dimensions in each of B sentences; S words in the sentence that is translated.

use super::backward::{Backward, backward};
use super::{Kind, Layer, Name, Program, Slot, Wiring};
use crate::math::ops::{Add, Concat, CrossEntropy, MatMul, MatMulTransposed, Project, Relu, ShapeError, Softmax};
use crate::math::tensor::{Axis, Dim, Shape};

/// The sizes of a learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LearnerSizes {
    /// B, the sentences side by side.
    pub batch: usize,
    /// T, the words of each.
    pub tokens: usize,
    /// The words it knows, and writes.
    pub vocabulary: usize,
    /// S, the words of the sentence that is translated; 0 where none is.
    pub memory: usize,
    /// The words known of the language it is in.
    pub memory_vocabulary: usize,
    /// Attentions one after another: of a translator those before the attention across, in each of the two sentences.
    pub layers: usize,
    /// `d_model`.
    pub model: usize,
    /// h.
    pub heads: usize,
    /// `d_ff`; 0 where no feed-forward network stands behind the attentions.
    pub inner: usize,
}

impl LearnerSizes {
    const fn words(&self) -> Dim {
        Axis::Token.of(self.tokens)
    }

    const fn memory(&self) -> Dim {
        Axis::Memory.of(self.memory)
    }

    const fn model(&self) -> Dim {
        Axis::Model.of(self.model)
    }

    const fn vocabulary(&self) -> Dim {
        Axis::Vocabulary.of(self.vocabulary)
    }
}

/// What a sentence is read by: its words, its places, and the tables for both.
const WORDS: Reading = Reading { words: [Name::X, Name::WE, Name::E], places: [Name::XP, Name::WP, Name::P] };

/// The same for the sentence that is translated.
const MEMORY: Reading = Reading { words: [Name::XM, Name::WEM, Name::EM], places: [Name::XPM, Name::WPM, Name::PM] };

/// Names: what is one-hot, its table, and what comes out.
struct Reading {
    words: [Name; 3],
    places: [Name; 3],
}

/// A learner of one sentence.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn learner(n: &LearnerSizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let mut p = Program::new(Kind::Learner, *wiring);
    let mut hidden = p.read(&WORDS, Name::Hidden, n.words(), n.vocabulary(), n)?; //             (B, T, d_model)
    for layer in (0..n.layers).map(Layer) {
        hidden = p.learn(layer, hidden, hidden, n)?; //                                          (B, T, d_model)
    }
    p.answer(hidden, n)?;
    Ok(p)
}

/// A learner that writes one sentence while it looks at another: its layers are those that read the one, those that read what is
/// written so far, and one that looks across.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn translator(n: &LearnerSizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let mut p = Program::new(Kind::Translator, *wiring);
    let known = Axis::Vocabulary.of(n.memory_vocabulary);
    let mut memory = p.read(&MEMORY, Name::M, n.memory(), known, n)?; //                         (B, S, d_model)
    for layer in (0..n.layers).map(Layer) {
        memory = p.learn(layer, memory, memory, n)?; //                                          (B, S, d_model)
    }
    let mut hidden = p.read(&WORDS, Name::Hidden, n.words(), n.vocabulary(), n)?; //             (B, T, d_model)
    for layer in (n.layers..2 * n.layers).map(Layer) {
        hidden = p.learn(layer, hidden, hidden, n)?; //                                          (B, T, d_model)
    }
    let hidden = p.learn(Layer(2 * n.layers), hidden, memory, n)?; //                            (B, T, d_model)
    p.answer(hidden, n)?;
    Ok(p)
}

/// The tensors of a learner that learn.
pub const fn learns(name: Name) -> bool {
    use Name::{W1, W2, WE, WEM, WK, WO, WP, WPM, WQ, WU, WV};
    matches!(name, WE | WP | WEM | WPM | WQ | WK | WV | WO | W1 | W2 | WU)
}

/// A learner with its loss, the cross-entropy of what it writes and what it should have written, and the way back from there to
/// everything that learns.
///
/// # Errors
/// [`ShapeError`] where there are no logits.
pub fn way_back(learner: &Program) -> Result<Backward, ShapeError> {
    let mut p = learner.clone();
    let logits = p.find(None, Name::Logits).unwrap_or(Slot(0));
    let targets = p.input(Name::Targets, p.shape(logits)); //                                    (B, T, vocabulary)
    let loss = p.stage(Name::Loss, CrossEntropy, [logits, targets])?; //                         (1, 1)
    backward(&p, loss, |symbol| learns(symbol.name))
}

impl Program {
    /// Words and places as vectors: `X · W_e + X_p · W_p`.
    fn read(
        &mut self,
        reading: &Reading,
        makes: Name,
        rows: Dim,
        known: Dim,
        n: &LearnerSizes,
    ) -> Result<Slot, ShapeError> {
        let mut look_up = |[given, table, made]: [Name; 3], among: Dim| {
            let given = self.input(given, Shape::matrix(rows, among).with_batch(Some(n.batch))); // (B, T, vocabulary)
            let table = self.input(table, Shape::matrix(among, n.model())); //                     (vocabulary, d_model)
            self.stage(made, MatMul, [given, table]) //                                          (B, T, d_model)
        };
        let (words, places) = (look_up(reading.words, known)?, look_up(reading.places, rows)?);
        self.stage(makes, Add, [words, places])
    }

    /// One layer: `asks` look at `answers`, what they take is added to them, and a feed-forward network follows where there is
    /// one.
    fn learn(&mut self, layer: Layer, asks: Slot, answers: Slot, n: &LearnerSizes) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(Some(layer));
        let output = self.attend_in_heads(layer, asks, answers, n)?; //                          (B, T, d_model)
        if n.inner == 0 {
            return self.stage(of(Name::Hidden), Add, [asks, output]); //                         (B, T, d_model)
        }
        let residual = self.stage(of(Name::Residual), Add, [asks, output])?; //                  (B, T, d_model)
        let inner = Axis::Inner.of(n.inner);
        let wide = self.linear(of(Name::Inner), residual, (Name::W1, None), inner)?; //          (B, T, d_ff)
        let active = self.stage(of(Name::Activation), Relu, [wide])?; //                         (B, T, d_ff)
        let mlp = self.linear(of(Name::Mlp), active, (Name::W2, None), n.model())?; //           (B, T, d_model)
        self.stage(of(Name::Hidden), Add, [residual, mlp]) //                                    (B, T, d_model)
    }

    /// The attention of a layer, up to its output.
    fn attend_in_heads(
        &mut self,
        layer: Layer,
        asks: Slot,
        answers: Slot,
        n: &LearnerSizes,
    ) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(Some(layer));
        let mut project = |makes: Name, from: Slot, w: Name, side_by_side: Axis, into: Axis| {
            let w = self.input(of(w), Shape::matrix(n.model(), side_by_side.of(n.model)));
            self.stage(of(makes), Project { heads: n.heads, into }, [from, w])
        };
        let q = project(Name::Q, asks, Name::WQ, Axis::HeadFeature, Axis::Feature)?; //          (B, h, T, d)
        let k = project(Name::K, answers, Name::WK, Axis::HeadFeature, Axis::Feature)?; //       (B, h, S, d)
        let v = project(Name::V, answers, Name::WV, Axis::HeadValue, Axis::Value)?; //           (B, h, S, d)
        let mask = self.input(of(Name::Mask), Shape::matrix(self.shape(asks).rows, self.shape(answers).rows));
        let context = self.weigh(Some(layer), [q, k, v], mask)?; //                              (B, h, T, d)
        let concat = self.stage(of(Name::Concat), Concat, [context])?; //                        (B, T, h·d)
        self.linear(of(Name::Output), concat, (Name::WO, None), n.model()) //                    (B, T, d_model)
    }

    /// How well each word fits in each place, and how likely that makes it.
    fn answer(&mut self, hidden: Slot, n: &LearnerSizes) -> Result<(), ShapeError> {
        let w_u = self.input(Name::WU, Shape::matrix(n.vocabulary(), n.model()));
        let logits = self.stage(Name::Logits, MatMulTransposed, [hidden, w_u])?; //              (B, T, vocabulary)
        self.stage(Name::Probabilities, Softmax, [logits])?; //                                  (B, T, vocabulary)
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: LearnerSizes = LearnerSizes {
        batch: 3,
        tokens: 5,
        vocabulary: 7,
        memory: 4,
        memory_vocabulary: 6,
        layers: 1,
        model: 8,
        heads: 2,
        inner: 0,
    };

    fn stages(program: &Program) -> Vec<String> {
        program.stages().iter().map(|s| format!("{}: {}", s.symbol, s.shape)).collect()
    }

    #[test]
    fn a_learner_reads_like_its_formula() {
        let program = learner(&LearnerSizes { inner: 16, ..SIZES }, &Wiring::default()).unwrap();
        assert_eq!(
            stages(&program),
            [
                "E: Batch 3 × Token 5 × Model 8",
                "P: Batch 3 × Token 5 × Model 8",
                "hidden: Batch 3 × Token 5 × Model 8",
                "layer1.Q: Batch 3 × Head 2 × Token 5 × Feature 4",
                "layer1.K: Batch 3 × Head 2 × Token 5 × Feature 4",
                "layer1.V: Batch 3 × Head 2 × Token 5 × Value 4",
                "layer1.scores: Batch 3 × Head 2 × Token 5 × Token 5",
                "layer1.scaled: Batch 3 × Head 2 × Token 5 × Token 5",
                "layer1.masked: Batch 3 × Head 2 × Token 5 × Token 5",
                "layer1.weights: Batch 3 × Head 2 × Token 5 × Token 5",
                "layer1.context: Batch 3 × Head 2 × Token 5 × Value 4",
                "layer1.concat: Batch 3 × Token 5 × Head·Value 8",
                "layer1.output: Batch 3 × Token 5 × Model 8",
                "layer1.residual: Batch 3 × Token 5 × Model 8",
                "layer1.inner: Batch 3 × Token 5 × Inner 16",
                "layer1.activation: Batch 3 × Token 5 × Inner 16",
                "layer1.mlp: Batch 3 × Token 5 × Model 8",
                "layer1.hidden: Batch 3 × Token 5 × Model 8",
                "logits: Batch 3 × Token 5 × Vocabulary 7",
                "probabilities: Batch 3 × Token 5 × Vocabulary 7",
            ]
        );
    }

    #[test]
    fn a_translator_looks_across_in_its_last_layer() {
        let program = translator(&SIZES, &Wiring::default()).unwrap();
        let weights = |layer| program.shape(program.find(Some(Layer(layer)), Name::Weights).unwrap()).to_string();
        assert_eq!(weights(0), "Batch 3 × Head 2 × Memory 4 × Memory 4");
        assert_eq!(weights(1), "Batch 3 × Head 2 × Token 5 × Token 5");
        assert_eq!(weights(2), "Batch 3 × Head 2 × Token 5 × Memory 4");
        assert_eq!(program.layers(), 3);
    }
}
