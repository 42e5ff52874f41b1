//! Real mistakes from attention code: one row each.
//!
//! A mistake changes some lines of the right program, which [`super::attention`] writes down; what comes out is a program
//! like any other: executed, explained, and checked against the reference of what it does, not of what it was meant to do.
//!
//! A new mistake is its row here; one whose arithmetic no op has adds that op's files, as `docs/ARCHITECTURE.md` says.

use std::sync::Arc;

use super::draft::Draft;
use super::{Name, Program};
use crate::ground::lang::Text;
use crate::math::ops::{
    Average, ConcatEarly, MaskTransposed, Multiply, ProjectStrided, Scale, ShapeError, SoftmaxColumns,
    SoftmaxUnshifted, Strides, Unchanged,
};
use crate::math::tensor::Axis;

/// A mistake.
pub struct Mistake {
    /// The name in files and commands.
    pub name: &'static str,
    /// What was done, in a few words.
    pub title: Text,
    /// Changes the lines of the right program.
    edit: fn(&mut Draft) -> Result<(), ShapeError>,
    /// The stages whose words are not those of the right program: their formula, and what is said there.
    words: &'static [(Name, &'static str, Text)],
}

/// Every mistake.
pub static MISTAKES: &[Mistake] = &[
    Mistake {
        name: "softmax-over-queries",
        title: Text::new("softmax 取错了轴：沿列做", "softmax over the wrong axis, down the columns"),
        edit: |draft| draft.put(Name::Weights, SoftmaxColumns),
        words: &[(
            Name::Weights,
            "weights = softmax(masked), dim=-2",
            Text::new(
                "softmax 沿着列做了：每一列（一个键）加起来是 1，每一行（一个查询）就不是了。",
                "Softmax went down the columns: each column, a key, adds up to 1, and a row, a query, does not.",
            ),
        )],
    },
    Mistake {
        name: "mask-times-zero",
        title: Text::new("遮挡写成乘 0，而不是 −∞", "the mask multiplies by 0 instead of setting −∞"),
        edit: |draft| draft.put(Name::Masked, Multiply),
        words: &[(
            Name::Masked,
            "masked = scaled × mask",
            Text::new(
                "不许看的位置，分数变成 0 而不是 −∞。可是 e^0 = 1，不是 0：softmax 照样分权重给它。",
                "Where the mask is 0 the score becomes 0 and not −∞. But e^0 = 1, not 0: softmax gives it a share all the same.",
            ),
        )],
    },
    Mistake {
        name: "mask-after-softmax",
        title: Text::new("先做 softmax，后遮挡", "the mask comes after softmax"),
        edit: |draft| {
            draft.exchange(Name::Masked, Name::Weights)?;
            draft.put(Name::Masked, Multiply)?;
            draft.feed(Name::Weights, &[Name::Scaled])?;
            draft.feed(Name::Masked, &[Name::Weights, Name::Mask])?;
            draft.feed(Name::Context, &[Name::Masked, Name::V])
        },
        words: &[
            (
                Name::Weights,
                "weights = softmax(scaled)",
                Text::new(
                    "softmax 先把 1 分给了所有的词，连不许看的也有份。",
                    "Softmax has shared 1 out among all words, those that may not be seen among them.",
                ),
            ),
            (
                Name::Masked,
                "masked = weights × mask",
                Text::new(
                    "这时才把不许看的份额清零：剩下的加起来不到 1，分出去的收不回来。",
                    "Only now are the shares of what may not be seen set to 0: the rest adds up to less than 1.",
                ),
            ),
            (
                Name::Context,
                "context = masked · V",
                Text::new(
                    "按遮挡以后的份额把值相加：份额总共不到 1，上下文就偏小。",
                    "The values are added up by the shares that the mask has left: less than 1 in all, so the context is too small.",
                ),
            ),
        ],
    },
    Mistake {
        name: "no-scaling",
        title: Text::new("忘了除以 √d", "÷√d forgotten"),
        edit: |draft| divide(draft, |_, _| 1.0),
        words: &[(
            Name::Scaled,
            "scaled = scores",
            Text::new(
                "没有除以 √d：d 越大，分数起伏越大，softmax 就几乎全给一个词。",
                "Not divided by √d: the larger d, the wider the scores spread, and softmax gives nearly everything to one word.",
            ),
        )],
    },
    Mistake {
        name: "divided-by-d",
        title: Text::new("除以了 d，不是 √d", "divided by d instead of √d"),
        edit: |draft| divide(draft, |d, _| d),
        words: &[(
            Name::Scaled,
            "scaled = scores / d",
            Text::new(
                "除以 d 太过了：d 越大，分数挤得越紧，权重接近平分。",
                "Dividing by d is too much: the larger d, the closer the scores crowd, and weights come near to equal shares.",
            ),
        )],
    },
    Mistake {
        name: "divided-by-root-of-model",
        title: Text::new("除以了 √d_model，不是每个头的 √d", "divided by √d_model instead of the √d of a head"),
        edit: |draft| divide(draft, |_, model| model.sqrt()),
        words: &[(
            Name::Scaled,
            "scaled = scores / √d_model",
            Text::new(
                "点积只加了一个头的 d 项，除数却用了整个词向量的 d_model：除得太多。",
                "The dot product adds up the d terms of one head, but it is divided by the root of the whole word's d_model: too much.",
            ),
        )],
    },
    Mistake {
        name: "heads-reshaped",
        title: Text::new("分头时只 view，没有 transpose", "heads split by a view without a transpose"),
        edit: |draft| read_as(draft, Strides::Reshaped),
        words: &[
            (Name::Q, "Q = view(H · W_q, heads, T, d)", RESHAPED),
            (Name::K, "K = view(H · W_k, heads, T, d)", RESHAPED),
            (Name::V, "V = view(H · W_v, heads, T, d)", RESHAPED),
        ],
    },
    Mistake {
        name: "heads-averaged",
        title: Text::new("把各个头平均了，没有拼接", "heads averaged instead of laid side by side"),
        edit: |draft| {
            draft.put(Name::Concat, Average)?;
            // W_o is made for all heads side by side.
            if draft.shape(Name::Output).is_ok() {
                draft.remove(Name::Output)?;
                draft.remove(Name::WO)?;
            }
            Ok(())
        },
        words: &[(
            Name::Concat,
            "concat = (context.1 + context.2 + …) / h",
            Text::new(
                "各个头加在一起除以头数：谁看到了什么再也分不开，宽度也只剩一个头的。",
                "The heads are added up and divided by how many they are: who saw what cannot be told apart any more, and one head's width is left.",
            ),
        )],
    },
    Mistake {
        name: "one-projection",
        title: Text::new("所有的头共用一个投影", "all heads share one projection"),
        edit: |draft| read_as(draft, Strides::First),
        words: &[
            (Name::Q, "Q.h = H · W_q.1", SHARED),
            (Name::K, "K.h = H · W_k.1", SHARED),
            (Name::V, "V.h = H · W_v.1", SHARED),
        ],
    },
    Mistake {
        name: "no-output-matrix",
        title: Text::new("漏了 W_o", "W_o left out"),
        edit: |draft| {
            draft.remove(Name::Output)?;
            draft.remove(Name::WO)
        },
        words: &[(
            Name::Concat,
            "concat = [context.1 | context.2 | …]",
            Text::new(
                "到拼接就结束了，后面没有乘 W_o：各个头的结果只是并排放着，没有混合。",
                "It ends here, without W_o: the heads' results only stand side by side; nothing mixes them.",
            ),
        )],
    },
    Mistake {
        name: "keys-values-swapped",
        title: Text::new("键和值弄反了", "keys and values swapped"),
        edit: |draft| {
            let (keys, values) = (draft.operands(Name::K)?, draft.operands(Name::V)?);
            draft.feed(Name::K, &values)?;
            draft.feed(Name::V, &keys)
        },
        words: &[
            (
                Name::K,
                "K = H · W_v",
                Text::new(
                    "键是用 W_v 算的：查询去跟「内容」比，而不是跟「标签」比。",
                    "Keys are made by W_v: queries are compared with what a word holds, not with what it is found by.",
                ),
            ),
            (
                Name::V,
                "V = H · W_k",
                Text::new(
                    "值是用 W_k 算的：取回来的是「标签」，不是「内容」。",
                    "Values are made by W_k: what is brought back is what a word is found by, not what it holds.",
                ),
            ),
        ],
    },
    Mistake {
        name: "mask-forgotten",
        title: Text::new("掩码准备好了却没有用，填充漏了进来", "the mask is there but not used: padding leaks in"),
        edit: |draft| {
            draft.put(Name::Masked, Unchanged)?;
            draft.feed(Name::Masked, &[Name::Scaled])
        },
        words: &[(
            Name::Masked,
            "masked = scaled",
            Text::new(
                "掩码没有用上，分数原样往下走：本来不许看的词也参加 softmax。",
                "The mask is not used, the scores go on as they are: what may not be seen takes part in softmax.",
            ),
        )],
    },
    Mistake {
        name: "mask-transposed",
        title: Text::new("因果三角转置了：只能看后面", "the causal triangle transposed: only what follows is seen"),
        edit: |draft| draft.put(Name::Masked, MaskTransposed),
        words: &[(
            Name::Masked,
            "masked = scaled where maskᵀ = 1",
            Text::new(
                "掩码的行和列颠倒了：每个词看得见的是自己和后面的词，而不是前面的。",
                "The mask's rows and columns have changed places: a word sees itself and what follows, not what came before.",
            ),
        )],
    },
    Mistake {
        name: "no-maximum",
        title: Text::new("softmax 没有先减最大值，溢出了", "softmax does not take the maximum off first and overflows"),
        edit: |draft| draft.put(Name::Weights, SoftmaxUnshifted),
        words: &[(
            Name::Weights,
            "weights = exp(masked) / Σ exp(masked)",
            Text::new(
                "没有先减去这一行的最大值：分数超过 88.7，e 的指数就大过 32 位浮点数，成了 ∞，而 ∞ / ∞ 不是数。",
                "The maximum of the row is not taken off first: above 88.7 the exponential is more than a 32-bit number holds and becomes ∞, and ∞ / ∞ is no number.",
            ),
        )],
    },
    Mistake {
        name: "read-too-early",
        title: Text::new("GPU 还没算完就去读结果", "the GPU's result is read before it is done"),
        edit: |draft| {
            let rows = draft.shape(Name::Context)?.rows.len;
            draft.put(Name::Concat, ConcatEarly { ready: rows - rows.div_ceil(3) })
        },
        words: &[(
            Name::Concat,
            "concat = [context.1 | context.2 | …]",
            Text::new(
                "拼接抢在 context 写完之前就去读：最后几行还是新缓冲区里的 0。真的机器上，哪几行没写完每次都不一样。",
                "This reads the context before all of it is written: the last rows are still the 0 of a new buffer. On a real machine it is other rows every time.",
            ),
        )],
    },
];

const RESHAPED: Text = Text::new(
    "投影的结果按内存里的顺序直接切成了头：一个头的几「行」其实是某几个词的各段，词和头混在了一起。",
    "The product is cut into heads in the order in which it lies in memory: the rows of a head are pieces of some words, and words and heads are mixed up.",
);

const SHARED: Text = Text::new(
    "每个头读的都是头 1 的那几列：几个头其实是同一个头，多出来的是重复。",
    "Every head reads the columns of head 1: the heads are one and the same, and the others only repeat it.",
);

/// Another divisor, made from the features of a head and the dimensions of a word; the temperature stays.
fn divide(draft: &mut Draft, by: fn(f64, f64) -> f64) -> Result<(), ShapeError> {
    let len = |name: Name| draft.shape(name).map(|shape| shape.cols.len as f64);
    let by = by(len(Name::Q)?, len(draft.of.kind().asks())?);
    let divisor = by * f64::from(draft.of.wiring().temperature);
    draft.put(Name::Scaled, Scale { divisor })
}

/// Queries, keys and values, read from their projections with other strides.
fn read_as(draft: &mut Draft, strides: Strides) -> Result<(), ShapeError> {
    for (name, into) in [(Name::Q, Axis::Feature), (Name::K, Axis::Feature), (Name::V, Axis::Value)] {
        let heads = draft.shape(name)?.heads.unwrap_or(1);
        draft.put(name, ProjectStrided { heads, into, strides })?;
    }
    Ok(())
}

impl Mistake {
    /// The mistake of that name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        MISTAKES.iter().find(|mistake| mistake.name == name)
    }

    /// The program with this mistake in it.
    ///
    /// # Errors
    /// [`ShapeError`] where the program has no place for it.
    pub(super) fn made_in(&self, right: Program) -> Result<Program, ShapeError> {
        let mut draft = Draft::new(&right, self.name);
        (self.edit)(&mut draft)?;
        let made = draft.program()?;
        let meant = right.wiring().unnamed.then(|| Arc::new(right));
        Ok(Program { meant, ..made })
    }

    /// The formula of a stage that it changes, and what is said there.
    pub(super) fn words(&self, name: Name) -> Option<(&'static str, Text)> {
        let of = self.words.iter().find(|(of, ..)| *of == name);
        of.map(|(_, formula, says)| (*formula, says.clone()))
    }
}

impl PartialEq for Mistake {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
