//! The words that travel with each tensor: its meaning, title, formula and what the stage does.
//!
//! One row a name. Screens, the plain walk and the exports all read from here. What a kind says otherwise stands in
//! `program::kind`, what the switches do in `program::wiring`.

mod gradients;
mod layers;

use std::borrow::Cow;

use super::{Kind, Name, Program, Slot};
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
    pub formula: Cow<'static, str>,
    /// What happens here and why, in a sentence or two.
    pub says: Text,
}

pub(super) const fn row(role: Role, title: Text, formula: &'static str, says: Text) -> Label {
    Label { role, title, formula: Cow::Borrowed(formula), says }
}

/// The words of a tensor in a program of that kind, wired as in the papers.
pub fn label(name: Name, kind: Kind) -> Label {
    match name {
        Name::Of(about, of) => gradients::label(about, *of, &label(*of, kind)),
        _ => kind.words(name).unwrap_or_else(|| plain(name, kind.has_memory())),
    }
}

/// The words of a tensor in every kind that has no others; with a memory, keys and values come from M.
#[expect(clippy::too_many_lines, reason = "a table: one row a name")]
fn plain(name: Name, memory: bool) -> Label {
    match name {
        Name::H => row(
            Role::Word,
            Text::new("词向量", "words"),
            "",
            Text::new(
                "每个词（词元，token）是一行数字，也就是它的向量 h；每一列是一个维度。",
                "Each word (token) is one row of numbers, its vector h; each column is a dimension.",
            ),
        ),
        Name::M => row(
            Role::Word,
            Text::new("被查看的词", "words looked at"),
            "",
            Text::new("M 的每一行是一个被查看的词。", "Each row of M is a word that can be looked at."),
        ),
        Name::Query => {
            row(Role::Query, Text::new("查询", "the query"), "", Text::new("q 是唯一的查询。", "q is the one query."))
        }
        Name::WQ => weights_row("W_q", "q"),
        Name::WK => weights_row("W_k", "k"),
        Name::WV => weights_row("W_v", "v"),
        Name::WO => row(
            Role::Parameter,
            Text::new("输出权重", "output weights"),
            "",
            Text::new("W_o 把各个头的上下文混合起来。", "W_o mixes the contexts of the heads."),
        ),
        Name::Mask => row(
            Role::Mask,
            Text::new("遮挡", "mask"),
            "",
            Text::new("掩码（mask）：1 表示可以看，0 表示不许看。", "The mask: 1 may be looked at, 0 may not."),
        ),
        Name::Q => row(
            Role::Query,
            Text::new("查询", "queries"),
            "Q = H · W_q",
            Text::new(
                "每个词提出自己的问题：查询 q_i = h_i · W_q。W_q 决定这个头关心哪些维度。",
                "Each word asks its own question: the query q_i = h_i · W_q. W_q decides which dimensions this head cares about.",
            ),
        ),
        Name::K => row(
            Role::Key,
            Text::new("键", "keys"),
            if memory { "K = M · W_k" } else { "K = H · W_k" },
            Text::new(
                "每个词还有一个键 k_j，供别的词的查询来匹配：查询和键的方向越一致，得分越高。",
                "Each word also has a key k_j for queries to match: the more a query points the same way, the higher it scores.",
            ),
        ),
        Name::V => row(
            Role::Value,
            Text::new("值", "values"),
            if memory { "V = M · W_v" } else { "V = H · W_v" },
            Text::new(
                "每个词还有一个值 v_j：别的词看它的时候，取走的就是它。键用来被找到，值用来被取走。",
                "Each word also has a value v_j: what other words take when they look at it. The key is for being found, the value for being taken.",
            ),
        ),
        Name::Scores => row(
            Role::Score,
            Text::new("打分", "scores"),
            "scores = Q · Kᵀ",
            Text::new(
                "打分（注意力分数）：每个查询和每个键做一次点积。方向越一致、向量越长，分数越高；垂直是 0，相反是负数。",
                "Every query meets every key in a dot product: the more they point the same way and the longer they are, the higher the score; at right angles it is 0, opposite ways negative.",
            ),
        ),
        Name::Scaled => row(
            Role::Score,
            Text::new("缩放", "scaled"),
            "scaled = scores / √d",
            Text::new(
                "除以 √d（d 是每个头的维数，不是 d_model）：d 越大，点积起伏越大（标准差约 √d），不除的话 softmax 会饱和。",
                "Divide by √d (d is the width of one head, not d_model): the larger d, the wider dot products spread (standard deviation about √d), and undivided softmax would saturate.",
            ),
        ),
        Name::Masked => row(
            Role::Score,
            Text::new("遮挡", "masked"),
            "masked = scaled where mask = 1",
            Text::new(
                "遮挡（掩码，mask）：不许看的位置，分数在 softmax 之前变成 −∞，表里写作 x，e^(−∞) = 0；mask 是 1 的地方原样通过。",
                "Where the mask is 0 the score becomes −∞ before softmax, written x, since e^(−∞) = 0; where it is 1 the score passes unchanged.",
            ),
        ),
        Name::Weights => row(
            Role::Weight,
            Text::new("权重", "weights"),
            "weights = softmax(masked)",
            Text::new(
                "softmax 把每一行（一个查询）的分数变成注意力权重：都不小于 0，一行加起来是 1；列不必。",
                "Softmax turns each row, one query's scores, into attention weights: none below 0, and a row adds up to 1; a column need not.",
            ),
        ),
        Name::Attention => row(
            Role::Weight,
            Text::new("导入的注意力", "imported attention"),
            "",
            Text::new(
                "文件里写的注意力权重，一个数也没有改；读的时候查过，每一行加起来是 1。",
                "The attention weights as the file has them, none of them changed; that each row sums to 1 was checked on reading.",
            ),
        ),
        Name::Context => row(
            Role::Context,
            Text::new("上下文", "context"),
            "context = weights · V",
            Text::new(
                "上下文（上下文向量）：每个词按自己那一行权重，把各个词的值加权相加；权重大的，取来的就多。",
                "The context vector: each word adds up the values by its own row of weights; the larger the weight, the more is taken.",
            ),
        ),
        Name::Concat => row(
            Role::Context,
            Text::new("拼接", "concat"),
            "concat = [context.1 | context.2 | …]",
            Text::new(
                "把各个头的上下文左右拼起来，每个头占自己的几列，互不覆盖。",
                "The heads' contexts are laid side by side; each head keeps its own columns, none overwrites another.",
            ),
        ),
        Name::Output => row(
            Role::Context,
            Text::new("输出", "output"),
            "output = concat · W_o",
            Text::new(
                "W_o 把各个头的上下文混合成一个向量。Transformer 会把它加回 h（残差连接）再往下走；这里走到相加之前为止。",
                "W_o mixes the heads' contexts into one vector. A Transformer adds it back to h (the residual connection) and goes on; this walk stops before that sum.",
            ),
        ),
        Name::E | Name::EM => layers::E,
        Name::P | Name::PM => layers::P,
        Name::X | Name::XM => layers::X,
        Name::XP | Name::XPM => layers::X_P,
        Name::WE | Name::WEM => layers::W_E,
        Name::WP | Name::WPM => layers::W_P,
        Name::S => layers::S,
        Name::Rotation => layers::ROTATION,
        Name::BQ => layers::B_Q,
        Name::BK => layers::B_K,
        Name::BV => layers::B_V,
        Name::BO => layers::B_O,
        Name::GainE | Name::Gain1 | Name::Gain2 | Name::GainF | Name::GainH => layers::GAIN,
        Name::ShiftE | Name::Shift1 | Name::Shift2 | Name::ShiftF | Name::ShiftH => layers::SHIFT,
        Name::W1 => layers::W_1,
        Name::B1 => layers::B_1,
        Name::WG => layers::W_G,
        Name::BG => layers::B_G,
        Name::W2 => layers::W_2,
        Name::B2 => layers::B_2,
        Name::WH => layers::W_H,
        Name::BH => layers::B_H,
        Name::WU => layers::W_U,
        Name::BU => layers::B_U,
        Name::Placed => layers::PLACED,
        Name::Embedding => layers::EMBEDDING,
        Name::Hidden => layers::HIDDEN,
        Name::Norm1 => layers::NORM_1,
        Name::QRotated => layers::Q_ROTATED,
        Name::KRotated => layers::K_ROTATED,
        Name::KShared => layers::K_SHARED,
        Name::VShared => layers::V_SHARED,
        Name::Residual => layers::RESIDUAL,
        Name::Norm2 => layers::NORM_2,
        Name::Inner => layers::INNER,
        Name::Gate => layers::GATE,
        Name::Activation => layers::ACTIVATION,
        Name::Gated => layers::GATED,
        Name::Mlp => layers::MLP,
        Name::Residual2 => layers::RESIDUAL_2,
        Name::NormF => layers::NORM_F,
        Name::Asked => layers::ASKED,
        Name::Transform => layers::TRANSFORM,
        Name::Transformed => layers::TRANSFORMED,
        Name::NormH => layers::NORM_H,
        Name::Fits => layers::FITS,
        Name::Logits => layers::LOGITS,
        Name::Probabilities => layers::PROBABILITIES,
        Name::Targets => told(gradients::TARGETS, ""),
        Name::Loss => told(gradients::LOSS, "loss = −Σ targets · ln weights / n"),
        Name::Of(about, of) => gradients::label(about, *of, &plain(*of, memory)),
    }
}

/// The words of a tensor as the program is wired.
pub fn of(program: &Program, slot: Slot) -> Label {
    let (name, kind) = (program.symbol(slot).name, program.kind());
    if let Some(formula) = gradients::formula(program, slot) {
        return Label { formula: formula.into(), ..label(name, kind) };
    }
    program.wiring().words(name, program, label(name, kind))
}

fn told((role, title, says): (Role, Text, Text), formula: &'static str) -> Label {
    row(role, title, formula, says)
}

/// The row of a projection matrix.
fn weights_row(symbol: &'static str, makes: &'static str) -> Label {
    let says = Text::owned(
        format!("{symbol} 的每一列是一个特征：它说明各个维度怎样合成 {makes}。"),
        format!("Each column of {symbol} is one feature: how the dimensions make up {makes}."),
    );
    row(Role::Parameter, Text::new("权重矩阵", "weight matrix"), "", says)
}
