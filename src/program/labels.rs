//! The words that travel with each tensor: its meaning, title, formula and what the stage does.
//!
//! One row a symbol. Screens, the plain walk and the exports all read from here.

use super::{Divisor, Kind, Name, Program, Slot};
use crate::ground::lang::Text;

/// What a number means. Each role has one colour on every screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Word vectors: H, M.
    Word,
    /// Learned or designed parameters: the W.
    Parameter,
    /// Queries.
    Query,
    /// Keys.
    Key,
    /// Values.
    Value,
    /// Scores, before and after scaling and masking.
    Score,
    /// The mask.
    Mask,
    /// Attention weights.
    Weight,
    /// Context vectors, concat and output.
    Context,
}

/// The words of one tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What its numbers mean.
    pub role: Role,
    /// The title of the stage.
    pub title: Text,
    /// The formula in symbols; empty for inputs.
    pub formula: &'static str,
    /// What happens here and why, in a sentence or two.
    pub says: Text,
}

const fn row(role: Role, title: Text, formula: &'static str, says: Text) -> Label {
    Label { role, title, formula, says }
}

/// The words of a tensor in a program of that kind.
#[expect(clippy::too_many_lines, reason = "a table: one row a symbol")]
pub fn label(name: Name, kind: Kind) -> Label {
    use Kind::{CrossAttention, DotProduct};
    match (name, kind) {
        (Name::H, CrossAttention) => row(
            Role::Word,
            Text::new("提问的词", "words"),
            "",
            Text::new(
                "H 的每一行是一个提问的词，M 的每一行是一个被查看的词：两句话，各写各的。",
                "Each row of H is a word that asks, each row of M a word that can be looked at: two sentences, side by side.",
            ),
        ),
        (Name::H, DotProduct) => row(
            Role::Word,
            Text::new("词向量", "words"),
            "",
            Text::new(
                "H 的每一行是一个词，q 是拿来和它们逐一比较的那个查询。",
                "Each row of H is a word; q is the one query that will be compared with all of them.",
            ),
        ),
        (Name::H, _) => row(
            Role::Word,
            Text::new("词向量", "words"),
            "",
            Text::new(
                "每个词是一行数字，也就是它的向量 h；每一列是一个有名字的维度。",
                "Each word is one row of numbers, its vector h; each column is a dimension with a name.",
            ),
        ),
        (Name::M, _) => row(
            Role::Word,
            Text::new("被查看的词", "words looked at"),
            "",
            Text::new("M 的每一行是一个被查看的词。", "Each row of M is a word that can be looked at."),
        ),
        (Name::Query, _) => {
            row(Role::Query, Text::new("查询", "the query"), "", Text::new("q 是唯一的查询。", "q is the one query."))
        }
        (Name::WQ, _) => weights_row("W_q", "q"),
        (Name::WK, _) => weights_row("W_k", "k"),
        (Name::WV, _) => weights_row("W_v", "v"),
        (Name::WO, _) => row(
            Role::Parameter,
            Text::new("输出权重", "output weights"),
            "",
            Text::new("W_o 把各头的结果混合起来。", "W_o mixes what the heads found."),
        ),
        (Name::Mask, _) => row(
            Role::Mask,
            Text::new("遮挡", "mask"),
            "",
            Text::new("1 表示可以看，0 表示不许看。", "1 may be looked at, 0 may not."),
        ),
        (Name::Q, DotProduct) => row(
            Role::Query,
            Text::new("查询", "query"),
            "Q = q",
            Text::new(
                "这里没有权重矩阵：查询就是 q 本身。",
                "There are no weight matrices here: the query is q itself.",
            ),
        ),
        (Name::K, DotProduct) => row(
            Role::Key,
            Text::new("键", "keys"),
            "K = H",
            Text::new("键就是词向量本身：K = H。", "The keys are the word vectors themselves: K = H."),
        ),
        (Name::V, DotProduct) => row(
            Role::Value,
            Text::new("值", "values"),
            "V = H",
            Text::new(
                "值也是词向量本身：最后混合的就是这些行。",
                "The values are the word vectors too: these are the rows that will be mixed in the end.",
            ),
        ),
        (Name::Q, _) => row(
            Role::Query,
            Text::new("查询", "queries"),
            "Q = H · W_q",
            Text::new(
                "每个词提出自己的问题：查询 q_i = h_i · W_q。W_q 决定这个头关心哪些维度。",
                "Each word asks its own question: the query q_i = h_i · W_q. W_q decides which dimensions this head cares about.",
            ),
        ),
        (Name::K, _) => row(
            Role::Key,
            Text::new("键", "keys"),
            if matches!(kind, CrossAttention) { "K = M · W_k" } else { "K = H · W_k" },
            Text::new(
                "每个词也亮出自己的招牌：键 k_j。谁的查询与它方向一致，谁就会注意到它。",
                "Each word also puts up a sign: its key k_j. Whoever's query points the same way will notice it.",
            ),
        ),
        (Name::V, _) => row(
            Role::Value,
            Text::new("值", "values"),
            if matches!(kind, CrossAttention) { "V = M · W_v" } else { "V = H · W_v" },
            Text::new(
                "每个词准备好被注意到时要交出的内容：值 v_j。键用来被找到，值用来被取走。",
                "Each word prepares what it hands over when noticed: its value v_j. The key is for being found, the value for being taken.",
            ),
        ),
        (Name::Scores, _) => row(
            Role::Score,
            Text::new("打分", "scores"),
            "scores = Q · Kᵀ",
            Text::new(
                "每个查询和每个键做一次点积：方向越一致，分数越高；互不相干就是 0。",
                "Every query meets every key in a dot product: the more they point the same way, the higher the score; unrelated means 0.",
            ),
        ),
        (Name::Scaled, _) => row(
            Role::Score,
            Text::new("缩放", "scaled"),
            "scaled = scores / √d",
            Text::new(
                "除以 √d：维数越多，点积天生越大，不缩小的话 softmax 就会一边倒。",
                "Divide by √d: dot products grow with the number of features, and softmax would tip over to one side.",
            ),
        ),
        (Name::Masked, _) => row(
            Role::Score,
            Text::new("遮挡", "masked"),
            "masked = scaled where mask = 1",
            Text::new(
                "不许看的位置在 softmax 之前就拿掉；mask 全是 1 时，分数原样通过。",
                "What must not be seen is taken out before softmax; where the mask is all 1, the scores pass unchanged.",
            ),
        ),
        (Name::Weights, _) => row(
            Role::Weight,
            Text::new("权重", "weights"),
            "weights = softmax(masked)",
            Text::new(
                "softmax 把每一行分数变成份额：都不小于 0，加起来正好是 1。",
                "Softmax turns each row of scores into shares: none below 0, and together exactly 1.",
            ),
        ),
        (Name::Context, _) => row(
            Role::Context,
            Text::new("上下文", "context"),
            "context = weights · V",
            Text::new(
                "每个词按自己的份额把各个词的值加起来：份额大的，带回来的就多。",
                "Each word adds up the values by its shares: whoever has the larger share contributes more.",
            ),
        ),
        (Name::Concat, _) => row(
            Role::Context,
            Text::new("拼接", "concat"),
            "concat = [context.1 | context.2 | …]",
            Text::new(
                "把各个头的上下文左右拼起来，每个头占自己的几列，谁也不覆盖谁。",
                "The heads' contexts are laid side by side; each head keeps its own columns, none overwrites another.",
            ),
        ),
        (Name::Output, _) => row(
            Role::Context,
            Text::new("输出", "output"),
            "output = concat · W_o",
            Text::new(
                "W_o 把各个头的发现混合，写回一个词向量：同一个词，现在带着上下文。",
                "W_o mixes what the heads found back into one word vector: the same word, now with its context.",
            ),
        ),
    }
}

/// The words of a tensor as the program is wired.
pub fn of(program: &Program, slot: Slot) -> Label {
    let (name, kind, wiring) = (program.symbol(slot).name, program.kind(), program.wiring());
    let plain = label(name, kind);
    match name {
        Name::Scaled => {
            let says = match (wiring.divisor, wiring.temperature == 1.0) {
                (Divisor::Root, true) => plain.says,
                (Divisor::One, true) => Text::new(
                    "÷√d 关掉了：维数多的时候，分数会拉得很开，softmax 就一边倒。",
                    "÷√d is off: with many features scores lie far apart, and softmax tips over to one side.",
                ),
                (Divisor::Whole, true) => Text::new(
                    "这里除以 d 而不是 √d：分数挤成一团，softmax 分不出高下。",
                    "Divided by d instead of √d: scores crowd together, and softmax can hardly tell them apart.",
                ),
                _ => Text::owned(
                    format!("再除以温度 T = {}：T 越小越偏心，T 越大越平均。", wiring.temperature),
                    format!(
                        "Divided by the temperature T = {} too: a small T decides sharply, a large one evenly.",
                        wiring.temperature
                    ),
                ),
            };
            Label { formula: wiring.scaling(), says, ..plain }
        }
        Name::Q | Name::K | Name::V if kind != Kind::DotProduct => {
            let formula = wiring.projection(name, kind == Kind::CrossAttention);
            let says = if !wiring.projected {
                Text::new(
                    "W 关掉了：词向量自己就是查询、键和值。",
                    "The W are switched off: word vectors are their own queries, keys and values.",
                )
            } else if wiring.tied && name == Name::V {
                Text::new(
                    "值和键绑在一起：找到一个词靠什么，取走的就是什么。",
                    "Values are tied to keys: what a word is found by is also what is taken from it.",
                )
            } else if wiring.swapped && name != Name::V {
                Text::new(
                    "W_q 和 W_k 换了位置：问的人和被问的人对调，分数表沿对角线翻了过来。",
                    "W_q and W_k have changed places: who asks and who answers are exchanged.",
                )
            } else {
                plain.says
            };
            Label { formula, says, ..plain }
        }
        _ => plain,
    }
}

/// The row of a projection matrix.
fn weights_row(symbol: &'static str, makes: &'static str) -> Label {
    let says = Text::owned(
        format!("{symbol} 的每一列是一个特征：它说明各个维度怎样合成 {makes}。"),
        format!("Each column of {symbol} is one feature: how the dimensions make up {makes}."),
    );
    row(Role::Parameter, Text::new("权重矩阵", "weight matrix"), "", says)
}
