//! What a tensor is called: a [`Symbol`] is a [`Name`] of the papers and the [`Layer`] it stands in.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

/// Writes the names down once: the enum, how each is written, and the list of all. Of every tensor there may be a gradient and
/// what else stands on the way back.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $written:literal,)*) => {
        /// The name of a tensor, as in the papers. Closed: a `match` that forgets one does not compile.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Name {
            $($(#[$doc])* $name,)*
            /// Something about a tensor of that name, on the way back from a loss.
            Of(About, &'static Name),
        }

        impl Name {
            /// Every name of the way forward.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// How it is written, on screen and in files.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $written,)*
                    Self::Of(about, name) => match *name {
                        $(Self::$name => match about {
                            About::Gradient => concat!("d", $written),
                            About::Part(0) => concat!("through_", $written),
                            About::Part(1) => concat!("through_", $written, "_twice"),
                            About::Part(_) => concat!("through_", $written, "_thrice"),
                            About::Sum(0) => concat!("from_", $written),
                            About::Sum(1) => concat!("from_", $written, "_twice"),
                            About::Sum(_) => concat!("from_", $written, "_thrice"),
                            About::Step(0) => concat!("back_", $written),
                            About::Step(1) => concat!("back_", $written, "_twice"),
                            About::Step(_) => concat!("back_", $written, "_thrice"),
                            About::First => concat!("m_", $written),
                            About::Second => concat!("v_", $written),
                            About::NextFirst => concat!("m_", $written, "_next"),
                            About::NextSecond => concat!("v_", $written, "_next"),
                            About::Next => concat!($written, "_next"),
                        },)*
                        // What is about something on the way back is named as that.
                        Self::Of(_, _) => "second",
                    },
                }
            }
        }
    };
}

/// What a tensor on the way back is about another tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// Its gradient, ∂L/∂x.
    Gradient,
    /// The part of a gradient that comes back through it to the operand at this position: `through_Q` is what the queries give to H.
    Part(u8),
    /// The sum of such parts, from those of the last tensor up to it.
    Sum(u8),
    /// A step inside its adjoint.
    Step(u8),
    /// Adam's first moment: a running mean of its gradient.
    First,
    /// Adam's second moment: a running mean of the gradient's square.
    Second,
    /// The first moment after this step.
    NextFirst,
    /// The second moment after this step.
    NextSecond,
    /// What it is after this step of the optimizer.
    Next,
}

impl About {
    /// Each, for reading what is written.
    const ALL: [Self; 15] = [
        Self::Gradient,
        Self::Part(0),
        Self::Part(1),
        Self::Part(2),
        Self::Sum(0),
        Self::Sum(1),
        Self::Sum(2),
        Self::Step(0),
        Self::Step(1),
        Self::Step(2),
        Self::First,
        Self::Second,
        Self::NextFirst,
        Self::NextSecond,
        Self::Next,
    ];
}

names! {
    /// The one query of a dot-product sample.
    Query = "q",
    /// The words.
    H = "H",
    /// The words looked at in cross-attention.
    M = "M",
    /// What a head asks with.
    WQ = "W_q",
    /// What a head answers to.
    WK = "W_k",
    /// What a head passes on.
    WV = "W_v",
    /// What mixes the heads.
    WO = "W_o",
    /// Who may look at whom.
    Mask = "mask",
    /// Queries.
    Q = "Q",
    /// Keys.
    K = "K",
    /// Values.
    V = "V",
    /// Every query against every key.
    Scores = "scores",
    /// Scores divided by √d.
    Scaled = "scaled",
    /// Scores that the mask leaves.
    Masked = "masked",
    /// Shares of attention.
    Weights = "weights",
    /// Shares of attention that another program computed.
    Attention = "attention",
    /// Values by their shares.
    Context = "context",
    /// All heads side by side.
    Concat = "concat",
    /// What leaves the attention.
    Output = "output",

    /// The words' own vectors, out of the table of embeddings.
    E = "E",
    /// The vectors of the positions.
    P = "P",
    /// Which word stands where: rows that are 1 at their word.
    X = "X",
    /// Which place it is: rows that are 1 at their place.
    XP = "X_p",
    /// Which word stands where in the sentence that is translated.
    XM = "X_m",
    /// Which place it is there.
    XPM = "X_pm",
    /// The table of embeddings: a vector for every word.
    WE = "W_e",
    /// A vector for every place.
    WP = "W_p",
    /// A vector for every word of the language that is translated.
    WEM = "W_em",
    /// A vector for every place in it.
    WPM = "W_pm",
    /// The vectors of the words that are translated, out of their table.
    EM = "E_m",
    /// The vectors of their positions.
    PM = "P_m",
    /// The vectors of the segments: first or second sentence.
    S = "S",
    /// Cosines and sines by which positions turn queries and keys.
    Rotation = "rotation",
    /// Bias of the queries.
    BQ = "b_q",
    /// Bias of the keys.
    BK = "b_k",
    /// Bias of the values.
    BV = "b_v",
    /// Bias of the attention's output.
    BO = "b_o",
    /// What the norm of the embeddings stretches by.
    GainE = "gamma_e",
    /// What it moves by.
    ShiftE = "beta_e",
    /// What the attention's norm stretches by.
    Gain1 = "gamma_1",
    /// What it moves by.
    Shift1 = "beta_1",
    /// What the feed-forward network's norm stretches by.
    Gain2 = "gamma_2",
    /// What it moves by.
    Shift2 = "beta_2",
    /// What the last norm stretches by.
    GainF = "gamma_f",
    /// What it moves by.
    ShiftF = "beta_f",
    /// The first weights of the feed-forward network.
    W1 = "W_1",
    /// Their bias.
    B1 = "b_1",
    /// The weights of its gate, where it has one.
    WG = "W_g",
    /// Its bias.
    BG = "b_g",
    /// The last weights of the feed-forward network.
    W2 = "W_2",
    /// Their bias.
    B2 = "b_2",
    /// What turns a hidden vector into one that is compared with the vocabulary.
    WH = "W_h",
    /// Its bias.
    BH = "b_h",
    /// What its norm stretches by.
    GainH = "gamma_h",
    /// What that moves by.
    ShiftH = "beta_h",
    /// A vector for every word of the vocabulary.
    WU = "W_u",
    /// Bias of the logits.
    BU = "b_u",

    /// Words and positions.
    Placed = "placed",
    /// Words, positions and segments.
    Embedding = "embedding",
    /// What a layer hands on; outside of all layers what the first one receives.
    Hidden = "hidden",
    /// What the norm beside the attention makes.
    Norm1 = "norm_1",
    /// Queries, turned by their positions.
    QRotated = "Q_rotated",
    /// Keys, turned by their positions.
    KRotated = "K_rotated",
    /// Keys, each head's shared by several heads of queries.
    KShared = "K_shared",
    /// Values, likewise.
    VShared = "V_shared",
    /// The attention's output added to what it was made from.
    Residual = "residual",
    /// What the norm beside the feed-forward network makes.
    Norm2 = "norm_2",
    /// The wide middle of the feed-forward network.
    Inner = "inner",
    /// What opens and closes it, where it has a gate.
    Gate = "gate",
    /// The same after the activation function.
    Activation = "activation",
    /// The middle times its gate.
    Gated = "gated",
    /// What leaves the feed-forward network.
    Mlp = "mlp",
    /// That added to what it was made from.
    Residual2 = "residual_2",
    /// What the last norm makes.
    NormF = "norm_f",
    /// The vector of the one word that is asked what comes next, or what is hidden.
    Asked = "asked",
    /// That vector brought to where the vocabulary is.
    Transform = "transform",
    /// The same after the activation function.
    Transformed = "transformed",
    /// The same after its norm.
    NormH = "norm_h",
    /// How well each word of the vocabulary fits, before its bias.
    Fits = "fits",
    /// How well each word of the vocabulary fits.
    Logits = "logits",
    /// How likely each word of the vocabulary is.
    Probabilities = "probabilities",

    /// What should have come out.
    Targets = "targets",
    /// How far that is from what came out.
    Loss = "loss",
}

impl Name {
    /// The name written so, if there is one.
    pub fn parse(written: &str) -> Option<Self> {
        let about = || Self::ALL.iter().flat_map(|name| About::ALL.map(|about| Self::Of(about, name)));
        Self::ALL.iter().copied().chain(about()).find(|name| name.as_str() == written)
    }

    /// Something about the tensor of this name; about what stands on the way back already, that itself.
    #[must_use]
    pub fn about(self, about: About) -> Self {
        Self::ALL.iter().find(|name| **name == self).map_or(self, |name| Self::Of(about, name))
    }

    /// The name of its gradient.
    #[must_use]
    pub fn gradient(self) -> Self {
        self.about(About::Gradient)
    }

    /// Of a tensor on the way back what it is about and of which: of `dW_q` that it is the gradient, of `W_q`.
    pub const fn of_which(self) -> Option<(About, Self)> {
        match self {
            Self::Of(about, name) => Some((about, *name)),
            _ => None,
        }
    }

    /// The tensor of this name in a layer, or outside of all.
    pub const fn of(self, layer: Option<Layer>) -> Symbol {
        Symbol { layer, name: self }
    }
}

/// By how they are written: the order of changes in lists and files.
impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A layer of a program, counted from 0; written from 1: `layer3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layer(pub usize);

impl Layer {
    /// Reads `layer3`.
    pub fn parse(written: &str) -> Option<Self> {
        let digits = written.strip_prefix("layer").filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse::<usize>().ok()?.checked_sub(1).map(Self)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer{}", self.0 + 1)
    }
}

/// A head of a program: the layer it stands in, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeadPlace {
    /// Its layer; none where the program is one attention.
    pub layer: Option<Layer>,
    /// Its place in the layer, from 0.
    pub head: usize,
}

/// The head of a program that is one attention, from 0.
impl From<usize> for HeadPlace {
    fn from(head: usize) -> Self {
        Self { layer: None, head }
    }
}

/// As a person counts: `2`, or `layer4.2` where there are several layers.
impl fmt::Display for HeadPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            None => write!(f, "{}", self.head + 1),
            Some(layer) => write!(f, "{layer}.{}", self.head + 1),
        }
    }
}

/// Which tensor of a program: its name, and the layer it stands in. `weights`, or `layer3.weights` where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol {
    /// The layer; none where the program is one attention, or the tensor belongs to none.
    pub layer: Option<Layer>,
    /// The name.
    pub name: Name,
}

impl From<Name> for Symbol {
    fn from(name: Name) -> Self {
        name.of(None)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            None => self.name.fmt(f),
            Some(layer) => f.pad(&format!("{layer}.{}", self.name)),
        }
    }
}

impl Serialize for Symbol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for &name in Name::ALL {
            assert_eq!(Name::parse(name.as_str()), Some(name));
            for about in About::ALL {
                let name = name.about(about);
                assert_eq!(Name::parse(name.as_str()), Some(name), "written otherwise than all others");
            }
        }
        assert_eq!(Name::WQ.gradient().to_string(), "dW_q");
        assert_eq!(Name::parse("Weights"), None);
        assert_eq!(Layer::parse("layer12"), Some(Layer(11)));
        assert_eq!(Layer(11).to_string(), "layer12");
        for wrong in ["layer", "layer0", "layer-1", "layer+1", "Layer1", "layer1x", "layer99999999999999999999"] {
            assert_eq!(Layer::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_symbol_names_its_layer_only_where_it_has_one() {
        assert_eq!(Symbol::from(Name::WQ).to_string(), "W_q");
        assert_eq!(
            format!("{:>10}|{:<8}|", Name::Weights.of(Some(Layer(2))), Symbol::from(Name::Q)),
            "layer3.weights|Q       |"
        );
        assert_eq!(serde_json::to_string(&Name::Q.of(Some(Layer(0)))).unwrap(), "\"layer1.Q\"");
    }
}
