//! What another program computed, as a program of ours: its tensors are given, the rest of attention follows from them.
//!
//! ```text
//! Q, K, V given:         scores … weights … context, layer by layer        (the formula of `attention.rs`)
//! attention alone:       weights = attention                               (nothing before it is known, nothing behind it)
//! ```
//!
//! Shapes: T words, `h` heads of `d` features and `d_v` values, the same in every layer.

use super::{Kind, Layer, Name, Program, Wiring};
use crate::math::ops::{ShapeError, Unchanged};
use crate::math::tensor::{Axis, Dim, Shape};

/// How far a given row of attention may be from a sum of 1: half precision rounds every share of it.
pub const ROW_SUM: f64 = 1e-2;

/// What is given of every layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Given {
    /// Queries, keys and values: a head's features and its values.
    Vectors {
        /// d, the columns of a head's Q and K.
        features: usize,
        /// `d_v`, the columns of a head's V.
        values: usize,
    },
    /// The weights of attention alone.
    Attention,
}

/// The sizes of what is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImportedSizes {
    /// T, the words.
    pub tokens: usize,
    /// Layers: one of them stands in no section.
    pub layers: usize,
    /// h, the heads of a layer.
    pub heads: usize,
    /// What is given.
    pub given: Given,
}

impl ImportedSizes {
    /// The layer at a place; none where there is only one.
    pub fn layer(&self, at: usize) -> Option<Layer> {
        (self.layers > 1).then_some(Layer(at))
    }

    fn words(&self) -> Dim {
        Axis::Token.of(self.tokens)
    }

    fn in_heads(&self, cols: Dim) -> Shape {
        Shape::matrix(self.words(), cols).with_heads(self.heads)
    }
}

/// The program of tensors that are given.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn imported(n: &ImportedSizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let kind = match n.given {
        Given::Vectors { .. } => Kind::Imported,
        Given::Attention => Kind::ImportedAttention,
    };
    let mut p = Program::new(kind, *wiring);
    for layer in (0..n.layers).map(|at| n.layer(at)) {
        let of = |name: Name| name.of(layer);
        match n.given {
            Given::Vectors { features, values } => {
                let q = p.input(of(Name::Q), n.in_heads(Axis::Feature.of(features))); //   (h, T, d)
                let k = p.input(of(Name::K), n.in_heads(Axis::Feature.of(features))); //   (h, T, d)
                let v = p.input(of(Name::V), n.in_heads(Axis::Value.of(values))); //       (h, T, d_v)
                let mask = p.input(of(Name::Mask), Shape::matrix(n.words(), n.words()));
                p.weigh(layer, [q, k, v], mask)?; //                                       (h, T, d_v)
            }
            Given::Attention => {
                let attention = p.input(of(Name::Attention), n.in_heads(n.words())); //    (h, T, T)
                p.stage(of(Name::Weights), Unchanged, [attention])?; //                    (h, T, T)
            }
        }
    }
    Ok(p)
}

impl Program {
    /// The sizes of a program that was imported; none of any other.
    pub fn imported_sizes(&self) -> Option<ImportedSizes> {
        if !self.kind().is_imported() {
            return None;
        }
        let find = |name: Name| self.inputs().iter().find(|input| input.symbol.name == name);
        let (first, given) = match (find(Name::Q), find(Name::V)) {
            (Some(q), Some(v)) => (q, Given::Vectors { features: q.shape.cols.len, values: v.shape.cols.len }),
            _ => (find(Name::Attention)?, Given::Attention),
        };
        let layers = self.inputs().iter().filter(|input| input.symbol.name == first.symbol.name).count();
        Some(ImportedSizes { tokens: first.shape.rows.len, layers, heads: first.shape.heads.unwrap_or(1), given })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_back_from_the_program() {
        for given in [Given::Vectors { features: 4, values: 3 }, Given::Attention] {
            for layers in [1, 3] {
                let n = ImportedSizes { tokens: 5, layers, heads: 2, given };
                let program = imported(&n, &Wiring::default()).unwrap();
                assert_eq!(program.imported_sizes(), Some(n));
                assert_eq!(program.sections().len(), layers);
                assert_eq!(program.layers(), if layers > 1 { layers } else { 0 });
                let weights = program.find(n.layer(layers - 1), Name::Weights).unwrap();
                assert_eq!(program.shape(weights).to_string(), "Head 2 × Token 5 × Token 5");
            }
        }
    }
}
