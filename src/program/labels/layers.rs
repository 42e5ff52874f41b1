//! The words of what whole models have beside the attention: embeddings, biases, norms, feed-forward networks, predictions.

use super::{Label, Role, row};
use crate::ground::lang::Text;

pub(super) const E: Label = row(
    Role::Word,
    Text::new("词嵌入", "word embeddings"),
    "",
    Text::new(
        "每个词元在词表里有一行向量，这里按顺序取出来：同一个词元，同一行。",
        "Every token has a row of its own in the table of embeddings; here they are, in order: the same token, the same row.",
    ),
);

pub(super) const P: Label = row(
    Role::Word,
    Text::new("位置嵌入", "position embeddings"),
    "",
    Text::new(
        "每个位置也有一行学来的向量：第几个词元，就取第几行。",
        "Every position has a learned row too: the n-th token gets the n-th.",
    ),
);

pub(super) const X: Label = row(
    Role::Word,
    Text::new("词的编号", "which word"),
    "",
    Text::new(
        "每行只有一个 1，标出这里是词表里的第几个词（one-hot）。",
        "Each row holds a single 1, in the column of its word in the vocabulary (one-hot).",
    ),
);

pub(super) const X_P: Label = row(
    Role::Word,
    Text::new("位置的编号", "which place"),
    "",
    Text::new("每行只有一个 1，标出这是第几个位置。", "Each row holds a single 1, in the column of its place."),
);

pub(super) const W_E: Label = row(
    Role::Parameter,
    Text::new("词嵌入表", "table of embeddings"),
    "",
    Text::new(
        "词表里每个词一行，都是学来的；one-hot 乘上它，就是取出那一行。",
        "A learned row for every word of the vocabulary; one-hot times the table takes that row out.",
    ),
);

pub(super) const W_P: Label = row(
    Role::Parameter,
    Text::new("位置嵌入表", "table of positions"),
    "",
    Text::new("每个位置一行，也是学来的。", "A row for every place, learned too."),
);

pub(super) const S: Label = row(
    Role::Word,
    Text::new("句段嵌入", "segment embeddings"),
    "",
    Text::new(
        "第一句和第二句各有一行向量；只有一句话时，每个词元取的都是同一行。",
        "The first and the second sentence have a row each; where there is one sentence, every token gets the same row.",
    ),
);

pub(super) const ROTATION: Label = row(
    Role::Mask,
    Text::new("旋转表", "rotation table"),
    "",
    Text::new(
        "每个位置一行：各对特征要转过的角度，写成余弦和正弦。",
        "A row for every position: how far each pair of features is turned, as cosines and sines.",
    ),
);

pub(super) const B_Q: Label = row(
    Role::Parameter,
    Text::new("查询的偏置", "bias of the queries"),
    "",
    Text::new("每个查询都加上这一行数，和词无关。", "This row is added to every query, whatever the word."),
);

pub(super) const B_K: Label = row(
    Role::Parameter,
    Text::new("键的偏置", "bias of the keys"),
    "",
    Text::new("每个键都加上这一行数，和词无关。", "This row is added to every key, whatever the word."),
);

pub(super) const B_V: Label = row(
    Role::Parameter,
    Text::new("值的偏置", "bias of the values"),
    "",
    Text::new("每个值都加上这一行数，和词无关。", "This row is added to every value, whatever the word."),
);

pub(super) const B_O: Label = row(
    Role::Parameter,
    Text::new("输出的偏置", "bias of the output"),
    "",
    Text::new("注意力的每个输出都加上这一行数。", "This row is added to every output of the attention."),
);

pub(super) const GAIN: Label = row(
    Role::Parameter,
    Text::new("增益 γ", "gain γ"),
    "",
    Text::new(
        "归一化之后，每一列各乘一个学来的数 γ。",
        "After normalising, every column is multiplied by a learned number, γ.",
    ),
);

pub(super) const SHIFT: Label = row(
    Role::Parameter,
    Text::new("平移 β", "shift β"),
    "",
    Text::new(
        "归一化并乘过 γ 之后，每一列再各加一个学来的数 β。",
        "After normalising and multiplying by γ, a learned number is added to every column, β.",
    ),
);

pub(super) const W_1: Label = row(
    Role::Parameter,
    Text::new("前馈层的权重", "weights of the feed-forward network"),
    "",
    Text::new(
        "W_1 把每个词的向量变宽，每一列是一个中间单元。",
        "W_1 widens the vector of every word; each column is one unit in the middle.",
    ),
);

pub(super) const B_1: Label = row(
    Role::Parameter,
    Text::new("中间层的偏置", "bias of the middle"),
    "",
    Text::new("每个中间单元各加一个数。", "A number is added to every unit in the middle."),
);

pub(super) const W_G: Label = row(
    Role::Parameter,
    Text::new("门的权重", "weights of the gate"),
    "",
    Text::new(
        "W_g 为每个中间单元算出一道门：开多大，由这个词自己决定。",
        "W_g makes a gate for every unit in the middle: how far it opens depends on the word.",
    ),
);

pub(super) const B_G: Label = row(
    Role::Parameter,
    Text::new("门的偏置", "bias of the gate"),
    "",
    Text::new("每道门各加一个数。", "A number is added to every gate."),
);

pub(super) const W_2: Label = row(
    Role::Parameter,
    Text::new("前馈层的输出权重", "output weights of the feed-forward network"),
    "",
    Text::new("W_2 把宽的中间层变回原来的宽度。", "W_2 brings the wide middle back to the width of the model."),
);

pub(super) const B_2: Label = row(
    Role::Parameter,
    Text::new("前馈层输出的偏置", "bias of the feed-forward output"),
    "",
    Text::new("前馈层的每个输出都加上这一行数。", "This row is added to every output of the feed-forward network."),
);

pub(super) const W_H: Label = row(
    Role::Parameter,
    Text::new("预测头的权重", "weights of the prediction head"),
    "",
    Text::new(
        "W_h 把最后的向量变成可以和词表比较的样子。",
        "W_h turns the last vector into one that can be compared with the vocabulary.",
    ),
);

pub(super) const B_H: Label = row(
    Role::Parameter,
    Text::new("预测头的偏置", "bias of the prediction head"),
    "",
    Text::new("和 W_h 一起用的偏置。", "The bias that goes with W_h."),
);

pub(super) const W_U: Label = row(
    Role::Parameter,
    Text::new("词表矩阵", "unembedding matrix"),
    "",
    Text::new(
        "词表里每个词元一行；隐藏向量和哪一行的点积大，就更可能是哪个词元。",
        "A row for every token of the vocabulary: the larger its dot product with the hidden vector, the likelier that token.",
    ),
);

pub(super) const B_U: Label = row(
    Role::Parameter,
    Text::new("词表的偏置", "bias of the vocabulary"),
    "",
    Text::new(
        "每个词元各加一个数：常见的词元，起点就高一些。",
        "A number is added for every token: common ones start higher.",
    ),
);

pub(super) const PLACED: Label = row(
    Role::Word,
    Text::new("词加位置", "words and positions"),
    "placed = E + P",
    Text::new(
        "词的向量加上位置的向量：是什么词、在第几个，合在一行里。",
        "The vector of the word plus that of its position: what it is and where it stands, in one row.",
    ),
);

pub(super) const EMBEDDING: Label = row(
    Role::Word,
    Text::new("嵌入", "embeddings"),
    "embedding = E + P",
    Text::new(
        "词、位置（和句段）的向量相加，得到第一层之前的向量。",
        "The vectors of word, position (and segment) are added up: what the first layer starts from.",
    ),
);

pub(super) const HIDDEN: Label = row(
    Role::Word,
    Text::new("隐藏向量", "hidden vectors"),
    "hidden",
    Text::new(
        "每个词一行：上一层交下来的，也是下一层接着加工的。层外的这一个，是第一层收到的。",
        "One row a word: what a layer hands on and the next one works with. The one outside of all layers is what the first layer receives.",
    ),
);

pub(super) const NORM_1: Label = row(
    Role::Word,
    Text::new("归一化（注意力旁）", "norm beside the attention"),
    "norm_1 = LayerNorm(…)",
    Text::new(
        "把每个词的向量拉回均值 0、幅度 1，再乘 γ 加 β，好让数值一层层不至于越来越大。",
        "Every word's vector is brought to mean 0 and spread 1, then stretched by γ and moved by β: so numbers do not grow from layer to layer.",
    ),
);

pub(super) const Q_ROTATED: Label = row(
    Role::Query,
    Text::new("转过的查询", "turned queries"),
    "Q_rotated = rotate(Q)",
    Text::new(
        "按位置把查询的每一对特征转过一个角度；长度不变。",
        "Every pair of features of a query is turned by an angle that grows with the position; its length stays.",
    ),
);

pub(super) const K_ROTATED: Label = row(
    Role::Key,
    Text::new("转过的键", "turned keys"),
    "K_rotated = rotate(K)",
    Text::new(
        "键也按自己的位置转过去：两者的点积就只看相隔多远。",
        "Keys are turned by their own positions too: so a dot product depends on how far apart the two stand.",
    ),
);

pub(super) const K_SHARED: Label = row(
    Role::Key,
    Text::new("共用的键", "shared keys"),
    "K_shared = K",
    Text::new(
        "几个查询头共用一个键头，这里把它发给每个查询头。",
        "Several heads of queries share one head of keys; here each of them gets it.",
    ),
);

pub(super) const V_SHARED: Label = row(
    Role::Value,
    Text::new("共用的值", "shared values"),
    "V_shared = V",
    Text::new(
        "几个查询头共用一个值头，这里把它发给每个查询头。",
        "Several heads of queries share one head of values; here each of them gets it.",
    ),
);

pub(super) const RESIDUAL: Label = row(
    Role::Word,
    Text::new("残差", "residual"),
    "residual = hidden + output",
    Text::new(
        "残差连接：注意力的输出加回到原来的向量上。注意力只是在原来的基础上添一笔。",
        "The residual connection: the attention's output is added to what was there. Attention adds to a vector, it does not replace it.",
    ),
);

pub(super) const NORM_2: Label = row(
    Role::Word,
    Text::new("归一化（前馈旁）", "norm beside the feed-forward network"),
    "norm_2 = LayerNorm(residual)",
    Text::new(
        "进前馈层之前，再把每个词的向量拉回均值 0、幅度 1。",
        "Before the feed-forward network every word's vector is brought to mean 0 and spread 1 again.",
    ),
);

pub(super) const INNER: Label = row(
    Role::Context,
    Text::new("中间层", "the middle"),
    "inner = … · W_1 + b_1",
    Text::new(
        "前馈层先把向量变宽（通常 4 倍），每一列是一个中间单元。每个词各算各的，不看别的词。",
        "The feed-forward network first widens the vector (mostly four times); each column is one unit. Every word by itself, none looks at another.",
    ),
);

pub(super) const GATE: Label = row(
    Role::Context,
    Text::new("门", "gate"),
    "gate = … · W_g",
    Text::new(
        "每个中间单元的门：过了激活函数，再和中间层相乘。",
        "The gate of every unit in the middle: after the activation function it is multiplied with it.",
    ),
);

pub(super) const ACTIVATION: Label = row(
    Role::Context,
    Text::new("激活", "activation"),
    "activation = f(…)",
    Text::new(
        "激活函数：大的数几乎原样通过，负的几乎变成 0。没有它，前馈层就只是一次线性变换。",
        "The activation function: large numbers pass nearly unchanged, negative ones become nearly 0. Without it the network would be one linear map.",
    ),
);

pub(super) const GATED: Label = row(
    Role::Context,
    Text::new("过门", "gated"),
    "gated = activation ⊙ inner",
    Text::new("中间层逐个乘上自己的门。", "Every unit in the middle is multiplied by its gate."),
);

pub(super) const MLP: Label = row(
    Role::Context,
    Text::new("前馈层的输出", "feed-forward output"),
    "mlp = … · W_2 + b_2",
    Text::new(
        "变回原来的宽度：这就是前馈层（MLP）要加进去的东西。",
        "Back to the width of the model: what the feed-forward network (MLP) is going to add.",
    ),
);

pub(super) const RESIDUAL_2: Label = row(
    Role::Word,
    Text::new("第二次残差", "second residual"),
    "residual_2 = norm_1 + mlp",
    Text::new("前馈层的输出也加回去。", "The feed-forward network's output is added to what was there, too."),
);

pub(super) const NORM_F: Label = row(
    Role::Word,
    Text::new("最后的归一化", "last norm"),
    "norm_f = LayerNorm(hidden)",
    Text::new(
        "所有层之后再归一化一次，然后才和词表比较。",
        "After all layers the vectors are normalised once more before they are compared with the vocabulary.",
    ),
);

pub(super) const ASKED: Label = row(
    Role::Word,
    Text::new("问到的词", "the word that is asked"),
    "asked = one row",
    Text::new("取出一个词的向量：要预测的就在它这里。", "The vector of one word: the prediction is made there."),
);

pub(super) const TRANSFORM: Label = row(
    Role::Context,
    Text::new("预测头", "prediction head"),
    "transform = asked · W_h + b_h",
    Text::new("预测头先做一次线性变换。", "The prediction head begins with a linear map."),
);

pub(super) const TRANSFORMED: Label = row(
    Role::Context,
    Text::new("预测头的激活", "activation of the prediction head"),
    "transformed = f(transform)",
    Text::new("再过激活函数。", "Then comes the activation function."),
);

pub(super) const NORM_H: Label = row(
    Role::Word,
    Text::new("预测头的归一化", "norm of the prediction head"),
    "norm_h = LayerNorm(transformed)",
    Text::new("再归一化，然后和词表比较。", "Then a norm, before it is compared with the vocabulary."),
);

pub(super) const FITS: Label = row(
    Role::Score,
    Text::new("和词表的点积", "dot products with the vocabulary"),
    "fits = norm_h · W_uᵀ",
    Text::new("和词表里每个词元的向量做点积。", "A dot product with the vector of every token of the vocabulary."),
);

pub(super) const LOGITS: Label = row(
    Role::Score,
    Text::new("词表得分", "logits"),
    "logits = … · W_uᵀ",
    Text::new(
        "词表里每个词元一个得分：隐藏向量和它那一行越合，分数越高。",
        "A score for every token of the vocabulary: the better the hidden vector fits its row, the higher.",
    ),
);

pub(super) const PROBABILITIES: Label = row(
    Role::Weight,
    Text::new("概率", "probabilities"),
    "probabilities = softmax(logits)",
    Text::new(
        "softmax 把得分变成概率：整个词表加起来是 1。",
        "Softmax turns the scores into probabilities: over the whole vocabulary they add up to 1.",
    ),
);
