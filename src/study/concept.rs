//! What there is to understand about attention: what a question asks about and a lesson teaches.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::ground::lang::Text;
use crate::program::Name;

/// Writes the concepts down once: the enum, the name in files and commands, and what a person calls it.
macro_rules! concepts {
    ($($(#[$doc:meta])* $concept:ident = $name:literal, $zh:literal, $en:literal;)*) => {
        /// One idea that can be understood, or not yet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Concept {
            $($(#[$doc])* $concept,)*
        }

        impl Concept {
            /// Every concept, in the order in which the walk meets them.
            pub const ALL: &[Self] = &[$(Self::$concept),*];

            /// How it is written in files and commands.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$concept => $name,)*
                }
            }

            /// What a person calls it.
            pub const fn title(self) -> Text {
                match self {
                    $(Self::$concept => Text::new($zh, $en),)*
                }
            }
        }
    };
}

concepts! {
    /// Queries, keys and values are made from words by three matrices.
    Projection = "projection", "查询、键、值从哪里来", "where queries, keys and values come from";
    /// A score is the dot product of a query and a key.
    Scores = "scores", "打分是点积", "a score is a dot product";
    /// Scores are divided by √d, d the width of one head.
    Scaling = "scaling", "为什么除以 √d", "why scores are divided by √d";
    /// What may not be seen becomes −∞ before softmax.
    Mask = "mask", "遮挡", "the mask";
    /// Each row of scores becomes shares that add up to 1.
    Softmax = "softmax", "softmax：一行分数变成一行权重", "softmax: a row of scores becomes a row of weights";
    /// A context is the sum of the values by their weights.
    WeightedSum = "weighted-sum", "上下文是值的加权和", "a context is a weighted sum of values";
    /// Heads work side by side, each with features of its own, and are joined at the end.
    Heads = "heads", "多个头", "several heads";
    /// Which shapes go in, and which come out.
    Shapes = "shapes", "形状", "shapes";
    /// Attention knows an order only from what the words carry with them.
    Positions = "positions", "位置", "positions";
    /// Who asks and who answers: the same words, or those of another sentence.
    SelfAndCross = "self-and-cross", "自注意力和交叉注意力", "self-attention and cross-attention";
    /// Sentences side by side do not see each other.
    Batch = "batch", "批次", "a batch";
    /// Why all of this is done at once.
    Gpu = "gpu", "为什么用 GPU", "why a GPU";
    /// Host and device work apart from each other and have to meet.
    Queue = "queue", "队列与同步", "queues and waiting";
    /// What stands around one attention: residuals, layers, models.
    Layers = "layers", "层与模型", "layers and models";
    /// What a large weight does not explain.
    Explanation = "explanation", "权重不等于解释", "weights are no explanation";
}

impl Concept {
    /// The concept of that name.
    pub fn parse(written: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|concept| concept.as_str() == written)
    }

    /// What the making of a tensor is about.
    pub const fn of(name: Name) -> Self {
        match name {
            Name::Query | Name::H | Name::M => Self::SelfAndCross,
            Name::WQ | Name::WK | Name::WV | Name::BQ | Name::BK | Name::BV | Name::Q | Name::K | Name::V => {
                Self::Projection
            }
            Name::Scores => Self::Scores,
            Name::Scaled => Self::Scaling,
            Name::Mask | Name::Masked => Self::Mask,
            Name::Weights => Self::Softmax,
            Name::Context => Self::WeightedSum,
            Name::WO | Name::Concat | Name::Output | Name::KShared | Name::VShared => Self::Heads,
            Name::P | Name::Rotation | Name::QRotated | Name::KRotated => Self::Positions,
            _ => Self::Layers,
        }
    }
}

impl fmt::Display for Concept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Concept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_no_two_are_alike() {
        for &concept in Concept::ALL {
            assert_eq!(Concept::parse(concept.as_str()), Some(concept));
            let alike = Concept::ALL.iter().filter(|other| {
                other.as_str() == concept.as_str()
                    || other.title().zh == concept.title().zh
                    || other.title().en == concept.title().en
            });
            assert_eq!(alike.count(), 1, "{concept}");
        }
        assert_eq!(Concept::parse("Softmax"), None);
    }
}
