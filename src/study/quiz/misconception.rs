//! What is commonly misunderstood about attention: wrong choices are built from these, and feedback names them.

use serde::{Serialize, Serializer};

use crate::ground::lang::Text;

/// Writes the misconceptions down once: the enum, the name in JSON, and what is said of one.
macro_rules! misconceptions {
    ($($(#[$doc:meta])* $one:ident = $name:literal, $zh:literal, $en:literal;)*) => {
        /// Something that is commonly misunderstood.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Misconception {
            $($(#[$doc])* $one,)*
        }

        impl Misconception {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$one),*];

            /// How it is written in files.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$one => $name,)*
                }
            }

            /// What is said to whoever may have it.
            pub const fn says(self) -> Text {
                match self {
                    $(Self::$one => Text::new($zh, $en),)*
                }
            }
        }
    };
}

misconceptions! {
    /// Scores were left undivided.
    ForgotDivisor = "forgot-sqrt-d", "忘了除以 √d", "the division by √d was forgotten";
    /// Scores were divided by d.
    DividedByD = "divided-by-d", "除以了 d，应当是 √d", "divided by d, not by √d";
    /// The width of a word stood for that of a head.
    ModelForHead = "d-model-for-d", "用了 d_model；一个头里只有 d 维", "d_model was taken; within a head there are only d dimensions";
    /// All heads side by side stood for one.
    AllHeadsForOne = "all-heads-for-one", "把所有头并排算成了一个头", "all heads side by side were taken for one";
    /// A column was read where a row is meant.
    TookColumn = "took-the-column", "看成了列：一个查询是一行", "the column was taken: a query is a row";
    /// Rows and columns changed places.
    TurnedOver = "turned-over", "行和列弄反了", "rows and columns have changed places";
    /// Softmax over columns.
    WrongAxis = "softmax-over-columns", "softmax 做到列上去了：加起来是 1 的是行", "softmax was taken over the column: it is the row that adds up to 1";
    /// A score was taken for a weight.
    NoSoftmax = "score-for-weight", "还没做 softmax：分数不是权重", "softmax was left out: a score is not a weight";
    /// Scores over their sum, without exp.
    NoExponential = "share-without-exp", "直接拿分数除以总和，漏了指数 e^x", "the score over the sum of scores: the exponentials were left out";
    /// Key and query were confused.
    KeyForQuery = "key-for-query", "键和查询弄混了", "key and query were confused";
    /// Value and key were confused.
    KeyForValue = "key-for-value", "键和值弄混了：键用来被找到，值用来被取走", "key and value were confused: a key is for being found, a value for being taken";
    /// A word was thought to look at itself most.
    LooksAtItself = "looks-at-itself", "一个词不一定最看重自己", "a word need not look at itself most";
    /// The mask was overlooked.
    MaskForgotten = "mask-forgotten", "忘了遮挡：被遮住的词分不到权重", "the mask was forgotten: a hidden word gets no weight";
    /// A mask was thought to be there where it is not.
    MaskKept = "mask-kept", "这是遮挡还在的时候；现在问的是不遮挡", "that is with the mask; the question is without";
    /// A hidden score was taken for 0.
    MaskAsZero = "mask-as-zero", "被遮住的分数是 −∞，不是 0", "a hidden score is −∞, not 0";
    /// A minus sign was lost.
    SignLost = "sign-lost", "负号弄丢了", "a minus sign was lost";
    /// Only sizes were compared.
    SizeWithoutSign = "size-without-sign", "只比了大小，没看正负：负得多的最小", "only sizes were compared, not signs: the most negative is the smallest";
    /// A dot product of 0 was overlooked.
    RightAngle = "right-angle-missed", "没有共同的非零维度（或者正负抵消），点积就是 0", "where no dimension is shared, or all cancels out, the dot product is 0";
    /// The other way round.
    Reversed = "reversed", "顺序反了", "the order is the other way round";
    /// Numbers were added where they are multiplied.
    SumForProduct = "sum-for-product", "该乘的加起来了", "what is multiplied was added";
    /// One term stood for the sum.
    OneTerm = "one-term-for-the-sum", "只算了一项，还要全部加起来", "that is one term: all of them are added up";
    /// The whole stood for one term.
    WholeForTerm = "sum-for-one-term", "这是总和；问的是缺的那一项", "that is the sum; the question is the missing term";
    /// Values were averaged.
    WeightsForgotten = "weights-forgotten", "取了平均：忘了按权重加", "a plain average: the weights were forgotten";
    /// One weight was thought to change alone.
    OnlyOneWeight = "one-weight-alone", "一行权重加起来总是 1，一个变了，同一行的都要跟着变", "a row of weights always adds up to 1: when one changes, so do the others of its row";
    /// A small change was thought to reach everything.
    ReachesEverything = "reaches-everything", "不是什么都会变：只有用到它的那些数会变", "not everything changes: only what is made from it";
    /// A change was thought to reach nothing.
    ReachesNothing = "reaches-nothing", "后面用到它的数都会跟着变", "what is made from it changes with it";
    /// A temperature was read the other way round.
    TemperatureReversed = "temperature-reversed", "弄反了：温度越低越集中，熵越小", "the other way round: the lower the temperature, the more concentrated and the smaller the entropy";
    /// A temperature was thought to do nothing.
    TemperatureIgnored = "temperature-ignored", "温度会拉开或者缩小分数的差距，权重跟着变", "temperature spreads scores or draws them together, and the weights change with them";
    /// A temperature was thought to tell equal scores apart.
    EvenStaysEven = "even-stays-even", "没有高低之分的一行，除以什么都还是一样", "where there is nothing to tell apart, dividing changes nothing";
    /// The width of a query was thought to stay in the scores.
    WidthStays = "d-stays", "d 在点积里加掉了，不会留在打分的形状里", "d is summed away in the dot product: it is no side of the scores";
    /// The shape of the weights was taken for that of the contexts.
    WeightsForContext = "weights-for-context", "那是权重的形状；乘上值以后，每行和值一样宽", "that is the shape of the weights; times the values, a row is as wide as a value";
    /// One head stood for all.
    OneHead = "one-head-for-all", "那只是一个头；拼接以后所有头都在一行里", "that is one head; side by side all of them stand in a row";
    /// Heads were stacked.
    HeadsStacked = "heads-stacked", "各个头是左右并排，不是上下叠起来", "heads stand side by side, not one below the other";
    /// `W_o` was forgotten.
    OutputForgotten = "w-o-forgotten", "那是拼接的形状，还要乘 W_o", "that is the shape of concat: W_o comes after it";
    /// Heads were thought to take turns.
    HeadsInterleaved = "heads-interleaved", "各个头不是一列一列轮流放的，而是一整块一整块并排放", "heads do not take turns column by column: each has a block of its own";
}

impl Serialize for Misconception {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_are_called_or_said_alike() {
        let all = || Misconception::ALL.iter();
        let count = Misconception::ALL.len();
        assert_eq!(all().map(|one| one.as_str()).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(all().map(|one| one.says().zh).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(all().map(|one| one.says().en).collect::<BTreeSet<_>>().len(), count);
    }
}
