//! How the parts of attention are put together: as in the papers, or otherwise, to see why they are.
//!
//! Every switch leaves a program that runs, is explained and is checked like any other.

use super::Name;

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
    pub const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.05..=20.0;

    /// `Q = H · W_q`, `V = M · W_k`: the formula of Q, K or V, whose words are those of `words`.
    pub(super) fn projection(&self, of: Name, memory: bool) -> &'static str {
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
    pub(super) fn scaling(&self) -> &'static str {
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
