//! How the parts of attention are put together: as in the papers, or otherwise, to see why they are.
//!
//! Every switch leaves a program that runs, is explained and is checked like any other.

use super::{Kind, Label, Name};
use crate::ground::lang::Text;

/// What scores are divided by before softmax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Divisor {
    /// √d, as in the papers: the spread of scores stays near 1 for every d.
    #[default]
    Root,
    /// Nothing: the spread grows with √d.
    One,
    /// d itself: the spread shrinks with √d.
    Whole,
}

impl Divisor {
    /// Every divisor.
    pub const ALL: [Self; 3] = [Self::Root, Self::One, Self::Whole];

    /// The name in sample files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "sqrt(d)",
            Self::One => "1",
            Self::Whole => "d",
        }
    }

    /// The number, for d features.
    pub fn of(self, d: usize) -> f64 {
        match self {
            Self::Root => (d as f64).sqrt(),
            Self::One => 1.0,
            Self::Whole => d as f64,
        }
    }
}

/// The switches. The default is what the papers do.
#[expect(clippy::struct_excessive_bools, reason = "they are switches")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wiring {
    /// What scores are divided by.
    pub divisor: Divisor,
    /// T: scores are divided by it too. Below 1 softmax decides more sharply, above 1 more evenly.
    pub temperature: f32,
    /// Whether there are weight matrices; without them words are their own queries, keys and values.
    pub projected: bool,
    /// Whether `W_q` and `W_k` have changed places.
    pub swapped: bool,
    /// Whether values are made as keys are, by `W_k`.
    pub tied: bool,
    /// Whether `W_o` is kept, where there is one.
    pub joined: bool,
}

impl Default for Wiring {
    fn default() -> Self {
        Self { divisor: Divisor::Root, temperature: 1.0, projected: true, swapped: false, tied: false, joined: true }
    }
}

impl Wiring {
    /// The temperatures that can be set.
    pub(crate) const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.05..=20.0;

    /// The words of a tensor under these switches, where `plain` are those without.
    pub(super) fn words(&self, name: Name, kind: Kind, plain: Label) -> Label {
        match name {
            Name::Scaled => Label { formula: self.scaling(), says: self.says_of_scaling(plain.says), ..plain },
            Name::Q | Name::K | Name::V if kind.has_weights() => {
                let formula = self.projection(name, kind.has_memory());
                Label { formula, says: self.says_of_projection(name, plain.says), ..plain }
            }
            _ => plain,
        }
    }

    /// What is said of the scaled scores.
    fn says_of_scaling(&self, plain: Text) -> Text {
        match (self.divisor, self.temperature == 1.0) {
            (Divisor::Root, true) => plain,
            (Divisor::One, true) => Text::new(
                "÷√d 关掉了：维数多的时候，分数会拉得很开，softmax 就一边倒。",
                "÷√d is off: with many features scores lie far apart, and softmax tips over to one side.",
            ),
            (Divisor::Whole, true) => Text::new(
                "这里除以 d 而不是 √d：分数挤成一团，softmax 分不出高下。",
                "Divided by d instead of √d: scores crowd together, and softmax can hardly tell them apart.",
            ),
            _ => Text::owned(
                format!("再除以温度 T = {}：T 越小越偏心，T 越大越平均。", self.temperature),
                format!(
                    "Divided by the temperature T = {} too: a small T decides sharply, a large one evenly.",
                    self.temperature
                ),
            ),
        }
    }

    /// What is said of Q, K or V.
    fn says_of_projection(&self, name: Name, plain: Text) -> Text {
        if !self.projected {
            Text::new(
                "W 关掉了：词向量自己就是查询、键和值。",
                "The W are switched off: word vectors are their own queries, keys and values.",
            )
        } else if self.tied && name == Name::V {
            Text::new(
                "值和键绑在一起：找到一个词靠什么，取走的就是什么。",
                "Values are tied to keys: what a word is found by is also what is taken from it.",
            )
        } else if self.swapped && name != Name::V {
            Text::new(
                "W_q 和 W_k 换了位置：问的人和被问的人对调，分数表沿对角线翻了过来。",
                "W_q and W_k have changed places: who asks and who answers are exchanged.",
            )
        } else {
            plain
        }
    }

    /// `Q = H · W_q`, `V = M · W_k`: the formula of Q, K or V, whose words are those of `words`.
    fn projection(&self, of: Name, memory: bool) -> &'static str {
        let Self { projected, swapped, tied, .. } = *self;
        match (of, projected, memory) {
            (Name::Q, false, _) => "Q = H",
            (Name::Q, true, _) => {
                if swapped {
                    "Q = H · W_k"
                } else {
                    "Q = H · W_q"
                }
            }
            (Name::K, false, false) => "K = H",
            (Name::K, false, true) => "K = M",
            (Name::K, true, false) => {
                if swapped {
                    "K = H · W_q"
                } else {
                    "K = H · W_k"
                }
            }
            (Name::K, true, true) => {
                if swapped {
                    "K = M · W_q"
                } else {
                    "K = M · W_k"
                }
            }
            (_, false, false) => "V = H",
            (_, false, true) => "V = M",
            (_, true, false) => {
                if tied {
                    self.tied_value(false)
                } else {
                    "V = H · W_v"
                }
            }
            (_, true, true) => {
                if tied {
                    self.tied_value(true)
                } else {
                    "V = M · W_v"
                }
            }
        }
    }

    /// Values tied to keys are made by the matrix that makes the keys.
    const fn tied_value(&self, memory: bool) -> &'static str {
        match (self.swapped, memory) {
            (false, false) => "V = K = H · W_k",
            (false, true) => "V = K = M · W_k",
            (true, false) => "V = K = H · W_q",
            (true, true) => "V = K = M · W_q",
        }
    }

    /// The formula of the scaled scores.
    fn scaling(&self) -> &'static str {
        match (self.divisor, self.temperature == 1.0) {
            (Divisor::Root, true) => "scaled = scores / √d",
            (Divisor::One, true) => "scaled = scores",
            (Divisor::Whole, true) => "scaled = scores / d",
            (Divisor::Root, false) => "scaled = scores / (√d · T)",
            (Divisor::One, false) => "scaled = scores / T",
            (Divisor::Whole, false) => "scaled = scores / (d · T)",
        }
    }
}
