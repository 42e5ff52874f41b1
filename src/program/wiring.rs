//! How the parts of attention are put together: as in the papers, or otherwise, to see why they are.
//!
//! Every switch leaves a program that runs, is explained and is checked like any other.

use super::{Label, Mistake, Name, Program};
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
    /// A mistake, as code has it by accident.
    pub mistake: Option<&'static Mistake>,
    /// Whether the mistake is still to be found: words then speak of the program that was meant.
    pub unnamed: bool,
}

impl Default for Wiring {
    fn default() -> Self {
        Self {
            divisor: Divisor::Root,
            temperature: 1.0,
            projected: true,
            swapped: false,
            tied: false,
            joined: true,
            mistake: None,
            unnamed: false,
        }
    }
}

impl Wiring {
    /// The temperatures that can be set.
    pub(crate) const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.05..=20.0;

    /// The words of a tensor under these switches, where `plain` are those without.
    pub(super) fn words(&self, name: Name, program: &Program, plain: Label) -> Label {
        let kind = program.kind();
        if let Some((formula, says)) = self.mistake.filter(|_| !self.unnamed).and_then(|mistake| mistake.words(name)) {
            return Label { formula: formula.into(), says, ..plain };
        }
        match name {
            Name::Scaled => Label { formula: self.scaling().into(), says: self.says_of_scaling(plain.says), ..plain },
            Name::Q | Name::K | Name::V if kind.has_weights() && !kind.is_model() => {
                let cut = !self.projected && program.heads() > 1;
                let formula =
                    if cut { cutting(name, kind.has_memory()) } else { self.projection(name, kind.has_memory()) };
                Label { formula: formula.into(), says: self.says_of_projection(name, program, plain.says), ..plain }
            }
            _ => plain,
        }
    }

    /// What is said of the scaled scores.
    fn says_of_scaling(&self, plain: Text) -> Text {
        match (self.divisor, self.temperature == 1.0) {
            (Divisor::Root, true) => plain,
            (Divisor::One, true) => Text::new(
                "÷√d 关掉了：d 大的时候，分数起伏很大，softmax 就会饱和：几乎全给一个词。",
                "÷√d is off: where d is large, scores spread far apart and softmax saturates: nearly everything goes to one word.",
            ),
            (Divisor::Whole, true) => Text::new(
                "这里除以 d 而不是 √d：d 大的时候，分数挤成一团，softmax 几乎分不出高下。",
                "Divided by d instead of √d: where d is large, scores crowd together and softmax can hardly tell them apart.",
            ),
            _ => Text::owned(
                format!("再除以温度 T = {}：T 越小越集中，T 越大越平均。", self.temperature),
                format!(
                    "Divided by the temperature T = {} too: the smaller T, the more concentrated; the larger, the more even.",
                    self.temperature
                ),
            ),
        }
    }

    /// What is said of Q, K or V.
    fn says_of_projection(&self, name: Name, program: &Program, plain: Text) -> Text {
        if !self.projected && program.heads() > 1 {
            says_of_cutting(name, program)
        } else if !self.projected {
            Text::new(
                "W 关掉了：词向量自己就是查询、键和值。",
                "The W are switched off: word vectors are their own queries, keys and values.",
            )
        } else if self.tied && name == Name::V {
            Text::new(
                "值和键绑在一起：V 就是 K。靠什么找到一个词，从它取走的就是什么。",
                "Values are tied to keys, V is K: what a word is found by is also what is taken from it.",
            )
        } else if self.swapped && name != Name::V {
            Text::new(
                "W_q 和 W_k 换了位置：原来当查询的现在当键，原来当键的现在当查询。",
                "W_q and W_k have changed places: what made queries makes keys now, and what made keys makes queries.",
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

/// How heads come by their columns where there are no W.
fn cutting(of: Name, memory: bool) -> &'static str {
    match (of, memory) {
        (Name::Q, _) => "[Q.1 | Q.2 | …] = H",
        (Name::K, false) => "[K.1 | K.2 | …] = H",
        (Name::K, true) => "[K.1 | K.2 | …] = M",
        (_, false) => "[V.1 | V.2 | …] = H",
        (_, true) => "[V.1 | V.2 | …] = M",
    }
}

/// What is said of Q, K or V where each head has some columns of the words.
fn says_of_cutting(name: Name, program: &Program) -> Text {
    let wide = program.find(None, name).map_or(1, |slot| program.shape(slot).cols.len);
    let from = if name != Name::Q && program.kind().has_memory() { "M" } else { "H" };
    let (zh, en) = match name {
        Name::Q => ("查询", "queries"),
        Name::K => ("键", "keys"),
        _ => ("值", "values"),
    };
    let part = |head: usize| {
        let (first, last) = (head * wide + 1, (head + 1) * wide);
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    let columns = |head| format!("column{} {}", if wide == 1 { "" } else { "s" }, part(head));
    let zh = format!(
        "W 关掉了：没有投影，只是把 {from} 切开。头 1 的{zh}是 {from} 的第 {} 列，头 2 的是第 {} 列，依此类推。",
        part(0),
        part(1)
    );
    let en = format!(
        "The W are switched off: nothing is projected, {from} is only cut. The {en} of head 1 are {} of {from}, those of head 2 {}, and so on.",
        columns(0),
        columns(1)
    );
    Text::owned(zh, en)
}
