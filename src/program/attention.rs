//! ★ The attention of the papers, as programs.
//!
//! ```text
//! attention(Q, K, V) = softmax(Q·Kᵀ / √d) · V                       (Vaswani et al. 2017, eq. 1)
//! ```
//!
//! Shapes: T words ask, S words answer, `h` heads of `d` features and `d_v` values.

use super::{Kind, Layer, Name, Program, Slot, Wiring};
use crate::math::ops::{Concat, Mask, MatMul, MatMulTransposed, Project, Scale, ShapeError, Softmax, Split};
use crate::math::tensor::{Axis, Shape};

/// The sizes of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sizes {
    /// Sentences side by side, where there are several.
    pub batch: Option<usize>,
    /// T, the words that ask.
    pub tokens: usize,
    /// S, the words that answer (cross-attention only).
    pub memory: usize,
    /// `d_model`, the dimensions of a word.
    pub model: usize,
    /// h, the heads.
    pub heads: usize,
    /// `h·d`, the columns of `W_q` and `W_k`.
    pub features: usize,
    /// `h·d_v`, the columns of `W_v`.
    pub values: usize,
    /// The columns of `W_o`, where there is one.
    pub output: Option<usize>,
}

/// The words of a sentence ask each other: Q, K and V all come from H.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn self_attention(n: &Sizes) -> Result<Program, ShapeError> {
    attention(Kind::SelfAttention, n, &Wiring::default())
}

/// The words of H ask the words of M: Q comes from H, K and V come from M.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn cross_attention(n: &Sizes) -> Result<Program, ShapeError> {
    attention(Kind::CrossAttention, n, &Wiring::default())
}

/// One query q over the words H, without any weights: H is its own keys and values.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn dot_product(n: &Sizes) -> Result<Program, ShapeError> {
    attention(Kind::DotProduct, n, &Wiring::default())
}

/// Attention of any kind, wired as in the papers or otherwise.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn attention(kind: Kind, n: &Sizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let mut p = Program::new(kind, *wiring);
    let (asks, answers) = p.words(n);
    p.attend(None, asks, answers, n)?;
    match wiring.mistake {
        Some(mistake) => mistake.made_in(p),
        None => Ok(p),
    }
}

impl Program {
    /// The words that ask and the words that answer, as inputs: in self-attention they are the same.
    fn words(&mut self, n: &Sizes) -> (Slot, Slot) {
        let rows = |words| Shape::matrix(words, Axis::Model.of(n.model)).with_batch(n.batch);
        let (words, memory) = (rows(Axis::Token.of(n.tokens)), rows(Axis::Memory.of(n.memory)));
        let asks = self.input(self.kind().asks(), words);
        (asks, self.kind().answers().map_or(asks, |name| self.input(name, memory)))
    }

    /// Adds one attention, that of a layer where there are several: its W and its mask as inputs, then its stages.
    /// Gives the last of them. `asks` and `answers` may be inputs or what an earlier layer made.
    ///
    /// # Errors
    /// [`ShapeError`] where sizes do not fit together.
    pub fn attend(&mut self, layer: Option<Layer>, asks: Slot, answers: Slot, n: &Sizes) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(layer);
        let (words, keys) = (self.shape(asks).rows, self.shape(answers).rows);
        let weights = self.projections(layer, asks, answers, n);
        let mask = self.input(of(Name::Mask), Shape::matrix(words, keys));
        let w_o = self.output_weights(layer, n);

        let [q, k, v] = if let Some([w_q, w_k, w_v]) = weights {
            let project = |into| Project { heads: n.heads, into };
            [
                self.stage(of(Name::Q), project(Axis::Feature), [asks, w_q])?, //     (h, T, d)   = (T, d_model) · (d_model, h·d)
                self.stage(of(Name::K), project(Axis::Feature), [answers, w_k])?, //  (h, S, d)
                self.stage(of(Name::V), project(Axis::Value), [answers, w_v])?, //    (h, S, d_v)
            ]
        } else {
            let split = |into| Split { heads: n.heads, into };
            [
                self.stage(of(Name::Q), split(Axis::Feature), [asks])?, //            (h, T, d) = H, or q
                self.stage(of(Name::K), split(Axis::Feature), [answers])?, //         (h, S, d) = H, or M
                self.stage(of(Name::V), split(Axis::Value), [answers])?, //           (h, S, d) = H, or M
            ]
        };
        let heads = self.shape(q).heads.unwrap_or(1);
        let context = self.weigh(layer, [q, k, v], mask)?; //                          (h, T, d_v)
        if heads == 1 && w_o.is_none() {
            return Ok(context);
        }
        let concat = self.stage(of(Name::Concat), Concat, [context])?; //              (T, h·d_v)
        match w_o {
            Some(w_o) => self.stage(of(Name::Output), MatMul, [concat, w_o]), //       (T, out) = (T, h·d_v) · (h·d_v, out)
            None => Ok(concat),
        }
    }

    /// `softmax(Q·Kᵀ / √d) · V`: from queries, keys and values to the context.
    ///
    /// # Errors
    /// [`ShapeError`] where sizes do not fit together.
    pub(super) fn weigh(&mut self, layer: Option<Layer>, [q, k, v]: [Slot; 3], mask: Slot) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(layer);
        let divisor = self.wiring().divisor.of(self.shape(q).cols.len) * f64::from(self.wiring().temperature);

        let scores = self.stage(of(Name::Scores), MatMulTransposed, [q, k])?; //       (h, T, S) = (h, T, d) · (h, S, d)ᵀ
        let scaled = self.stage(of(Name::Scaled), Scale { divisor }, [scores])?; //    (h, T, S) = scores / √d
        let masked = self.stage(of(Name::Masked), Mask, [scaled, mask])?; //           (h, T, S) hidden where mask is 0
        let weights = self.stage(of(Name::Weights), Softmax, [masked])?; //            (h, T, S) each row sums to 1
        self.stage(of(Name::Context), MatMul, [weights, v]) //                         (h, T, d_v) = (h, T, S) · (h, S, d_v)
    }

    /// The inputs that make queries, keys and values, where there are any: `W_q`, `W_k`, `W_v`, changed places or the
    /// last one left out as the wiring says.
    fn projections(&mut self, layer: Option<Layer>, asks: Slot, answers: Slot, n: &Sizes) -> Option<[Slot; 3]> {
        let Wiring { projected, swapped, tied, .. } = *self.wiring();
        if !projected || !self.kind().has_weights() {
            return None;
        }
        let (asking, answering) = (self.shape(asks).cols, self.shape(answers).cols);
        let features = |rows| Shape::matrix(rows, Axis::HeadFeature.of(n.features));
        let mut w_q = self.input(Name::WQ.of(layer), features(asking));
        let mut w_k = self.input(Name::WK.of(layer), features(answering));
        if swapped {
            (w_q, w_k) = (w_k, w_q);
        }
        let values = Shape::matrix(answering, Axis::HeadValue.of(n.values));
        let w_v = if tied { w_k } else { self.input(Name::WV.of(layer), values) };
        Some([w_q, w_k, w_v])
    }

    /// The input `W_o`, where the sizes ask for one and the wiring keeps it. It goes too where the values it was made for
    /// are gone: those of words without W are as wide as the words, tied ones as the keys.
    fn output_weights(&mut self, layer: Option<Layer>, n: &Sizes) -> Option<Slot> {
        let Wiring { projected, tied, joined, .. } = *self.wiring();
        let values = match self.kind().has_weights() {
            true if !projected => n.model,
            true if tied => n.features,
            _ => n.values,
        };
        let output = Axis::Output.of(n.output.filter(|_| joined && values == n.values)?);
        Some(self.input(Name::WO.of(layer), Shape::matrix(Axis::HeadValue.of(n.values), output)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes() -> Sizes {
        Sizes { batch: None, tokens: 4, memory: 3, model: 8, heads: 4, features: 8, values: 12, output: Some(5) }
    }

    fn stages(program: &Program) -> Vec<String> {
        program.stages().iter().map(|s| format!("{}: {}", s.symbol, s.shape)).collect()
    }

    #[test]
    fn self_attention_reads_like_the_formula() {
        let program = self_attention(&sizes()).unwrap();
        assert_eq!(
            stages(&program),
            [
                "Q: Head 4 × Token 4 × Feature 2",
                "K: Head 4 × Token 4 × Feature 2",
                "V: Head 4 × Token 4 × Value 3",
                "scores: Head 4 × Token 4 × Token 4",
                "scaled: Head 4 × Token 4 × Token 4",
                "masked: Head 4 × Token 4 × Token 4",
                "weights: Head 4 × Token 4 × Token 4",
                "context: Head 4 × Token 4 × Value 3",
                "concat: Token 4 × Head·Value 12",
                "output: Token 4 × Output 5",
            ]
        );
    }

    #[test]
    fn one_head_without_w_o_ends_at_the_context() {
        let program = self_attention(&Sizes { heads: 1, output: None, ..sizes() }).unwrap();
        assert_eq!(program.stages().last().map(|s| s.symbol.name), Some(Name::Context));
    }

    #[test]
    fn cross_attention_keeps_the_two_sentences_apart() {
        let program = cross_attention(&sizes()).unwrap();
        let scores = program.find(None, Name::Scores).unwrap();
        assert_eq!(program.shape(scores).to_string(), "Head 4 × Token 4 × Memory 3");
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused_with_both_named() {
        let mut p = Program::new(Kind::SelfAttention, Wiring::default());
        let h = p.input(Name::H, Shape::matrix(Axis::Token.of(4), Axis::Model.of(8)));
        let w = p.input(Name::WQ, Shape::matrix(Axis::HeadFeature.of(8), Axis::HeadFeature.of(8)));
        let error = p.stage(Name::Q, Project { heads: 4, into: Axis::Feature }, [h, w]).unwrap_err().to_string();
        assert!(error.contains("Token 4 × Model 8") && error.contains("Head·Feature 8 × Head·Feature 8"), "{error}");
    }

    #[test]
    fn switches_wire_the_same_parts_otherwise() {
        let wired = |wiring: Wiring| attention(Kind::SelfAttention, &sizes(), &wiring);
        let operands = |program: &Program, stage: usize| -> Vec<&'static str> {
            program.stages()[stage].operands.iter().map(|&slot| program.symbol(slot).name.as_str()).collect()
        };
        let swapped = wired(Wiring { swapped: true, ..Wiring::default() }).unwrap();
        assert_eq!((operands(&swapped, 0), operands(&swapped, 1)), (vec!["H", "W_k"], vec!["H", "W_q"]));
        let bare = wired(Wiring { projected: false, ..Wiring::default() }).unwrap();
        assert_eq!((operands(&bare, 0), operands(&bare, 2)), (vec!["H"], vec!["H"]));
        assert_eq!(bare.stages().last().map(|s| s.symbol.name), Some(Name::Concat), "W_o is made for other values");
        let tied = wired(Wiring { tied: true, ..Wiring::default() }).unwrap();
        assert_eq!(operands(&tied, 2), ["H", "W_k"]);
        let open = wired(Wiring { joined: false, ..Wiring::default() }).unwrap();
        assert_eq!((open.find(None, Name::WO), open.find(None, Name::Output)), (None, None));
    }

    #[test]
    fn heads_must_share_the_columns_evenly() {
        let error = self_attention(&Sizes { heads: 3, ..sizes() }).unwrap_err().to_string();
        assert!(error.contains("8 columns cannot be shared evenly by 3 heads"), "{error}");
    }
}
