//! The cases: one row each.

use super::{Case, Code, Sign};
use crate::ground::lang::Text;
use crate::source::sample::MaskChoice;

/// Every case, the easier ones first.
pub static CASES: &[Case] = &[
    Case {
        name: "missing-rows",
        title: Text::new("最后几个词的输出全是 0", "the last words come out as 0"),
        mistake: "read-too-early",
        sample: "english",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人把注意力搬到了 GPU 上。大多数词的结果都对，最后几个词的输出却全是 0。奇怪的是，在调试器里一步一步走，结果又全对了。",
            "Somebody moved attention to the GPU. Most words come out right, the last ones as nothing but 0. The odd thing: stepped through in a debugger, everything is right.",
        ),
        hints: [
            Text::new(
                "每一步自己的算术都没错。看看数是在哪两步之间丢掉的。",
                "The arithmetic of each step is right. Between which two steps do the numbers get lost?",
            ),
            Text::new(
                "「拼接里和上下文对不上的行」不是 0：各个头的上下文还好好的，拼接里却没有了。",
                "\"Rows of concat unlike the contexts\" is not 0: every head's context is still there, and concat does not have it.",
            ),
            Text::new(
                "打开 concat[7,1]：它是从哪里抄来的？再想想，GPU 上的活是谁在等谁。",
                "Open concat[7,1]: where was it copied from? Then think of who waits for whom on a GPU.",
            ),
        ],
        cell: "concat[7,1]",
        sign: Sign::Check("copied"),
        others: ["heads-averaged", "no-output-matrix", "mask-after-softmax"],
        code: Code {
            wrong: &["host_buffer.copy_(context, non_blocking=True)", "return host_buffer.numpy()"],
            right: &[
                "host_buffer.copy_(context, non_blocking=True)",
                "torch.cuda.synchronize()   # wait until it is done",
                "return host_buffer.numpy()",
            ],
        },
        why: Text::new(
            "GPU 的命令只是排进队列，函数马上就返回。不等它做完就去读，读到的是缓冲区里原来的东西：有时是 0，有时是上一次的结果，每次都可能不同。单步调试时机器有的是时间做完，所以错误不见了。",
            "Commands for a GPU are only put into a queue, and the call returns at once. Read before it is done, a buffer holds what it held before: sometimes 0, sometimes the last result, another time otherwise. A debugger gives the machine time to finish, and the mistake is gone.",
        ),
    },
    Case {
        name: "four-of-a-kind",
        title: Text::new("四个头，四张一样的图", "four heads, four times the same picture"),
        mistake: "one-projection",
        sample: "english",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人给模型加了头：1 个、2 个、4 个。参数没有变多，效果也一点没有变好。",
            "Somebody gave a model more heads: 1, 2, 4. It has no more parameters than before, and it got no better either.",
        ),
        hints: [
            Text::new(
                "换着头看看（按 . 键）：它们各自在看什么？",
                "Go through the heads with the key . : what does each of them look at?",
            ),
            Text::new(
                "「一模一样的头」应当是 0。权重一样，多半是查询和键就一样。",
                "\"Heads that are the same\" should be 0. Where the weights are the same, queries and keys probably are.",
            ),
            Text::new(
                "打开 Q.3[1,1]：这是头 3 的查询，用的是 W_q 的第几列？头 3 自己的列是第 7 到 9 列。",
                "Open Q.3[1,1]: a query of head 3, but which column of W_q made it? The columns of head 3 are 7 to 9.",
            ),
        ],
        cell: "Q.3[1,1]",
        sign: Sign::Check("heads-alike"),
        others: ["heads-averaged", "heads-reshaped", "no-output-matrix"],
        code: Code {
            wrong: &[
                "q = self.w_q(x)                       # one head wide",
                "q = q.unsqueeze(1).expand(-1, heads, -1, -1)",
            ],
            right: &[
                "q = self.w_q(x)                       # heads · d wide",
                "q = q.view(B, T, heads, d).transpose(1, 2)",
            ],
        },
        why: Text::new(
            "多头的意思是每个头有自己的 W_q、W_k、W_v，各看各的。共用一个投影，所有的头算的就是同一件事：花了几倍的力气，得到几份副本。",
            "Many heads are worth something because each has its own W_q, W_k and W_v and looks for something else. With one projection for all they compute the same thing: several times the work for several copies.",
        ),
    },
    Case {
        name: "not-a-number",
        title: Text::new("损失突然变成 NaN", "the loss is NaN all of a sudden"),
        mistake: "no-maximum",
        sample: "english",
        mask: MaskChoice::Own,
        temperature: 0.2,
        told: Text::new(
            "有人自己写了 softmax，小例子都对。把温度调到 0.2，有几个词的输出就成了 NaN，别的词还是对的。",
            "Somebody wrote softmax by hand, and small examples came out right. At a temperature of 0.2 some words come out as NaN, while others are still right.",
        ),
        hints: [
            Text::new(
                "NaN 会往下游传。顺着往回找：最早出现 NaN 的是哪一步？它的上一步还都是数。",
                "NaN is passed on. Go back: at which step does it begin? The step before still holds numbers.",
            ),
            Text::new(
                "weights 里有 NaN 的那些行，masked 里的分数有多大？没有 NaN 的行呢？",
                "Where a row of weights holds NaN, how large are its scores in masked? And in rows without?",
            ),
            Text::new(
                "打开 weights.1[7,7]：分子是 e 的多少次方？32 位浮点数最大约 3.4·10³⁸，也就是 e 的 88.7 次方。",
                "Open weights.1[7,7]: e to which power stands above? A 32-bit number holds at most about 3.4·10³⁸, which is e to the 88.7.",
            ),
        ],
        cell: "weights.1[7,7]",
        sign: Sign::Check("numbers"),
        others: ["no-scaling", "mask-after-softmax", "softmax-over-queries"],
        code: Code {
            wrong: &["e = torch.exp(scores)", "weights = e / e.sum(-1, keepdim=True)"],
            right: &["e = torch.exp(scores - scores.amax(-1, keepdim=True))", "weights = e / e.sum(-1, keepdim=True)"],
        },
        why: Text::new(
            "softmax 上下同乘一个数，商不变，所以可以先把每个分数减去这一行的最大值：最大的指数就是 e^0 = 1，怎么也不会溢出。不减，分数一过 88.7 就是 ∞ / ∞。半精度（fp16）更早，过 11 就溢出了。",
            "Softmax stays the same when all scores are lowered alike, so the maximum of the row can be taken off first: the largest exponential is then e^0 = 1 and nothing overflows. Without that, a score above 88.7 makes ∞ / ∞; in half precision (fp16) one above 11 already does.",
        ),
    },
    Case {
        name: "popular-word",
        title: Text::new("有的词谁都看，有的词谁也看不清", "some words look hard, some hardly look"),
        mistake: "softmax-over-queries",
        sample: "tiananmen",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人的模型能训练，损失也在降，就是总比论文里的差一截。形状全都对，没有一处报错。",
            "Somebody's model trains, and its loss falls, but it never gets as good as in the paper. All shapes are right, and nothing complains.",
        ),
        hints: [
            Text::new(
                "注意力权重是份额：一个查询一共有多少可以分？",
                "Attention weights are shares: how much has one query to give?",
            ),
            Text::new(
                "每行之和不是 1，每列之和倒都是 1。哪一个方向是「一个查询」？",
                "The rows do not sum to 1, and the columns all do. Which direction is one query?",
            ),
            Text::new(
                "打开 weights.2[2,3]：分母里加起来的那些指数，来自哪几个格子？是同一行的，还是同一列的？",
                "Open weights.2[2,3]: the exponentials in its sum, are they of the same row or of the same column?",
            ),
        ],
        cell: "weights.2[2,3]",
        sign: Sign::Check("row-sums"),
        others: ["mask-after-softmax", "keys-values-swapped", "no-maximum"],
        code: Code { wrong: &["weights = scores.softmax(dim=-2)"], right: &["weights = scores.softmax(dim=-1)"] },
        why: Text::new(
            "scores 是「查询 × 键」的方阵，沿哪个轴做 softmax 形状都一样，所以不会报错。沿列做，就成了每个键把自己分给各个查询：一个查询拿到的总份额可以是 0.3，也可以是 2，上下文就忽大忽小。",
            "Scores are a square of queries × keys, and softmax along either axis has the same shape, so nothing complains. Down the columns each key shares itself out among queries: what a query gets in all may be 0.3 or 2, and its context is now too small, now too large.",
        ),
    },
    Case {
        name: "peeking-ahead",
        title: Text::new("训练时好得出奇，生成时一塌糊涂", "wonderful in training, hopeless at writing"),
        mistake: "mask-times-zero",
        sample: "tiananmen",
        mask: MaskChoice::Causal,
        temperature: 1.0,
        told: Text::new(
            "有人训练语言模型，损失低得不像话，一生成文本就胡言乱语。明明加了因果遮挡，打印出来的 masked 右上角也确实都是 0。",
            "Somebody trains a language model: the loss is too good to be true, and what it writes is nonsense. There is a causal mask, and printed out, the upper right of masked is all 0 indeed.",
        ),
        hints: [
            Text::new(
                "因果遮挡下，一个词不该从后面的词那里拿到任何东西。看看权重的右上角。",
                "Under a causal mask a word must get nothing from the words behind it. Look at the upper right of the weights.",
            ),
            Text::new(
                "「不许看却有份额」不是 0。masked 那一步，右上角的数是多少？softmax 遇到这个数会怎样？",
                "\"Hidden, but with a share\" is not 0. What stands in the upper right of masked, and what does softmax make of it?",
            ),
            Text::new(
                "打开 masked.1[1,3]：不许看的分数变成了什么？e 的这么多次方是多少？",
                "Open masked.1[1,3]: what has the hidden score become? And what is e to that power?",
            ),
        ],
        cell: "masked.1[1,3]",
        sign: Sign::Check("hidden-shares"),
        others: ["mask-after-softmax", "mask-forgotten", "mask-transposed"],
        code: Code {
            wrong: &["scores = scores * mask", "weights = scores.softmax(-1)"],
            right: &["scores = scores.masked_fill(mask == 0, float(\"-inf\"))", "weights = scores.softmax(-1)"],
        },
        why: Text::new(
            "softmax 看的是分数的高低，0 只是一个普通的分数：e^0 = 1。别的分数要是负的，被「遮」的词反而最高。要让份额是 0，分数得是 −∞。",
            "Softmax compares scores, and 0 is a score like any other: e^0 = 1. Where the others are negative, the hidden word even comes out on top. For a share of 0 the score has to be −∞.",
        ),
    },
    Case {
        name: "fading-context",
        title: Text::new("句首的词，输出总是特别小", "words at the beginning come out too small"),
        mistake: "mask-after-softmax",
        sample: "english",
        mask: MaskChoice::Causal,
        temperature: 1.0,
        told: Text::new(
            "有人的模型没有偷看后面，这一点查过了。可是越靠近句首的词，输出越小，最后一个词倒是正常的。",
            "Somebody's model does not look ahead; that was checked. But the nearer to the beginning a word stands, the smaller its output; only the last word is as it should be.",
        ),
        hints: [
            Text::new(
                "没有偷看，那么份额加起来呢？一行一行地看。",
                "Nothing is seen ahead. But what do the shares add up to, row by row?",
            ),
            Text::new(
                "第一个词只能看自己，它的份额应当是 1。少掉的那一部分给了谁，又是什么时候收走的？",
                "The first word may see only itself: its share should be 1. Who got the rest, and when was it taken away?",
            ),
            Text::new(
                "打开 context.1[1,1]，看它是用哪一步的份额加出来的；再打开那个份额，看先后次序。",
                "Open context.1[1,1]: which step's shares is it made with? Open one of them in turn, and look at what came first.",
            ),
        ],
        cell: "context.1[1,1]",
        sign: Sign::Check("row-sums"),
        others: ["mask-times-zero", "softmax-over-queries", "divided-by-d"],
        code: Code {
            wrong: &["weights = scores.softmax(-1)", "weights = weights * mask"],
            right: &["scores = scores.masked_fill(mask == 0, float(\"-inf\"))", "weights = scores.softmax(-1)"],
        },
        why: Text::new(
            "先做 softmax，1 已经分给了所有的词，连后面的也有份；再清零，那一份就凭空没了，不会回到看得见的词那里。先遮后分，才是在看得见的词里分 1。",
            "When softmax comes first, 1 has been shared out among all words, those behind too. Set to 0 afterwards, their part is gone and does not come back to the words that may be seen. Hide first: then 1 is shared among what can be seen.",
        ),
    },
    Case {
        name: "attention-to-nothing",
        title: Text::new("同一句话，放进不同的批次，结果不同", "the same sentence, another batch, another result"),
        mistake: "mask-forgotten",
        sample: "padding",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人发现：「我爱北京」单独算是一个结果，和长句子放在一批里算，又是另一个结果。短句子后面补了 [PAD]，掩码也准备好了。",
            "Somebody found that 我爱北京 by itself gives one result, and another when it stands in a batch with longer sentences. The short sentence is filled up with [PAD], and there is a mask for it.",
        ),
        hints: [
            Text::new(
                "补上去的 [PAD] 不该影响任何人。看看权重的最后两列。",
                "What was filled up must not matter to anybody. Look at the last two columns of the weights.",
            ),
            Text::new(
                "「不许看却有份额」不是 0，而且遮挡前后的分数一模一样。",
                "\"Hidden, but with a share\" is not 0, and the scores before and behind the mask are the same.",
            ),
            Text::new(
                "打开 masked.1[1,4]：[PAD] 的分数是怎么来的？这里用到掩码了吗？",
                "Open masked.1[1,4], a score of [PAD]: where does it come from, and does the mask take part?",
            ),
        ],
        cell: "masked.1[1,4]",
        sign: Sign::Check("hidden-shares"),
        others: ["mask-times-zero", "mask-transposed", "mask-after-softmax"],
        code: Code {
            wrong: &[
                "def attention(q, k, v, mask):",
                "    scores = q @ k.transpose(-2, -1) / d ** 0.5",
                "    return scores.softmax(-1) @ v        # mask is never used",
            ],
            right: &[
                "    scores = scores.masked_fill(mask == 0, float(\"-inf\"))",
                "    return scores.softmax(-1) @ v",
            ],
        },
        why: Text::new(
            "[PAD] 没有意思，只是把短句子补齐，好让一批句子排成方块。不遮住，它照样有分数、有份额，真正的词分到的就少了；补得越多，错得越多，换一批结果就变。",
            "[PAD] means nothing; it only fills short sentences up so that a batch is a block. Not hidden, it has scores and shares like any word, and the real words get less. The more is filled up, the worse, and another batch gives another result.",
        ),
    },
    Case {
        name: "seeing-the-future",
        title: Text::new("第一个词什么都知道，最后一个词只知道自己", "the first word knows all, the last only itself"),
        mistake: "mask-transposed",
        sample: "tiananmen",
        mask: MaskChoice::Causal,
        temperature: 1.0,
        told: Text::new(
            "有人写了因果遮挡：该遮一半，也确实遮了一半。可是生成第一个词的时候，它好像已经读完了整句话。",
            "Somebody wrote a causal mask: half of it should be hidden, and half of it is. But the first word already seems to have read the whole sentence.",
        ),
        hints: [
            Text::new(
                "遮住了一半，但是哪一半？第一个词能看谁，最后一个词能看谁？",
                "Half is hidden, but which half? Whom may the first word see, and whom the last?",
            ),
            Text::new(
                "不许看的有份额，可以看的没份额，两个数目正好一样。",
                "What is hidden has shares, what may be seen has none, and there are as many of the one as of the other.",
            ),
            Text::new(
                "打开 masked.1[2,1]：决定它去留的，是 mask 的哪一格？",
                "Open masked.1[2,1]: which cell of mask decides about it?",
            ),
        ],
        cell: "masked.1[2,1]",
        sign: Sign::Check("seen-shares"),
        others: ["mask-times-zero", "mask-forgotten", "softmax-over-queries"],
        code: Code { wrong: &["mask = torch.triu(torch.ones(T, T))"], right: &["mask = torch.tril(torch.ones(T, T))"] },
        why: Text::new(
            "行是查询，列是键。因果遮挡要第 i 行只留下第 1 到 i 列，是下三角；用了上三角，或者行列弄反，每个词看到的就正好是它该猜的。",
            "Rows are queries, columns are keys. A causal mask leaves columns 1 to i in row i, the lower triangle. With the upper one, or with rows and columns mixed up, each word sees exactly what it should guess.",
        ),
    },
    Case {
        name: "one-word-takes-all",
        title: Text::new("注意力几乎全给一个词，训练不动", "one word takes all, and nothing is learned"),
        mistake: "no-scaling",
        sample: "english",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人的模型，每个词几乎只看一个词，权重不是 1 就是 0，梯度小得可怜。头越宽越严重。",
            "In somebody's model each word looks at one word alone: weights are 1 or 0, and gradients next to nothing. The wider the heads, the worse.",
        ),
        hints: [
            Text::new(
                "权重太尖，是因为分数差得太远。分数在哪一步该变小？",
                "Weights are so sharp because scores lie so far apart. At which step should they become smaller?",
            ),
            Text::new(
                "看「最大的分数：缩放前 → 后」：两边差几倍？应当差几倍？每个头的 d 是 3。",
                "Look at \"largest score, before → after scaling\": by how much do the two differ, and by how much should they? The d of a head is 3.",
            ),
            Text::new("打开 scaled.1[7,7]：它除以了几？", "Open scaled.1[7,7]: what was it divided by?"),
        ],
        cell: "scaled.1[7,7]",
        sign: Sign::Check("spread"),
        others: ["divided-by-d", "divided-by-root-of-model", "no-maximum"],
        code: Code {
            wrong: &["scores = q @ k.transpose(-2, -1)"],
            right: &["scores = q @ k.transpose(-2, -1) / d ** 0.5"],
        },
        why: Text::new(
            "d 个乘积加起来，起伏大约是 √d。不除，d 一大 softmax 就饱和：几乎全给一个词，别的词的梯度接近 0，学不动。按 d 进实验室可以看到。",
            "A sum of d products spreads about √d. Undivided, softmax saturates as d grows: nearly everything goes to one word, the gradients of the others are next to 0, and nothing is learned. The laboratory (d) shows it.",
        ),
    },
    Case {
        name: "nearly-even",
        title: Text::new("谁都看一点，谁都不细看", "a little of everybody, nobody in particular"),
        mistake: "divided-by-d",
        sample: "h1h2",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人说：除以 √d 的道理我懂，分数太大要缩小。可是他的权重总是偏平，比手算的例子平得多。",
            "Somebody says: I know why one divides by √d, large scores have to be made smaller. But the weights come out flat, much flatter than in the example worked by hand.",
        ),
        hints: [
            Text::new(
                "方向是对的，分数确实该变小。小了多少？",
                "The direction is right, scores should become smaller. By how much?",
            ),
            Text::new(
                "看「最大的分数：缩放前 → 后」：差了 4 倍。这里的 d 是多少，√d 是多少？",
                "Look at \"largest score, before → after scaling\": 4 times. What is d here, and what is √d?",
            ),
            Text::new("打开 scaled[1,1]：它除以了几？", "Open scaled[1,1]: what was it divided by?"),
        ],
        cell: "scaled.1[1,1]",
        sign: Sign::Check("spread"),
        others: ["no-scaling", "divided-by-root-of-model", "softmax-over-queries"],
        code: Code {
            wrong: &["scores = q @ k.transpose(-2, -1) / d"],
            right: &["scores = q @ k.transpose(-2, -1) / d ** 0.5"],
        },
        why: Text::new(
            "点积的方差是 d，标准差才是 √d：除以标准差，分数的起伏正好在 1 附近。除以 d 就缩过头了，d 越大，权重越接近平分，等于没有注意力。",
            "The variance of a dot product is d; its standard deviation is √d. Divided by that, scores spread about 1. Divided by d they are made too small: the larger d, the nearer the weights come to equal shares, which is no attention at all.",
        ),
    },
    Case {
        name: "weaker-with-heads",
        title: Text::new("头一分多，注意力就变钝", "the more heads, the duller the attention"),
        mistake: "divided-by-root-of-model",
        sample: "tiananmen",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人写的单头注意力完全正确，测试也过了。改成 4 个头以后，形状都对，权重却比原来平。",
            "Somebody's attention with one head is entirely right and tested. With 4 heads all shapes are right, but the weights are flatter than they should be.",
        ),
        hints: [
            Text::new(
                "一个头的时候对，四个头的时候错：哪个量在分头以后变了？",
                "Right with one head, wrong with four: what is another quantity once there are heads?",
            ),
            Text::new(
                "看「最大的分数：缩放前 → 后」：48 除以 √2 应当是 33.9。这里的 d 是一个头的，是 2。",
                "Look at \"largest score, before → after scaling\": 48 over √2 should be 33.9. The d here is that of one head, 2.",
            ),
            Text::new(
                "打开 scaled.1[1,2]：除数的根号下面是几？那是谁的宽度？",
                "Open scaled.1[1,2]: what stands under the root? Whose width is that?",
            ),
        ],
        cell: "scaled.1[1,2]",
        sign: Sign::Check("spread"),
        others: ["divided-by-d", "no-scaling", "heads-averaged"],
        code: Code {
            wrong: &["scores = q @ k.transpose(-2, -1) / d_model ** 0.5"],
            right: &["scores = q @ k.transpose(-2, -1) / (d_model // heads) ** 0.5"],
        },
        why: Text::new(
            "分了头，一次点积只加 d = d_model / h 项，起伏是 √d。还用 √d_model 去除，就多除了 √h 倍；头越多，权重越平。只有一个头的时候两者相等，所以单头的测试查不出来。",
            "With heads, one dot product adds up d = d_model / h terms and spreads √d. Divided by √d_model all the same, it is too small by √h: the more heads, the flatter. With one head the two are equal, so a test with one head finds nothing.",
        ),
    },
    Case {
        name: "too-narrow",
        title: Text::new("四个头出来，只有一个头那么宽", "four heads in, one head's width out"),
        mistake: "heads-averaged",
        sample: "tiananmen",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人说：W_o 的形状老是对不上，干脆把它去掉，程序就跑通了。",
            "Somebody says: the shape of W_o never fitted, so I left it out, and the program runs.",
        ),
        hints: [
            Text::new("W_o 为什么对不上？数一数进去几列。", "Why did W_o not fit? Count the columns that go in."),
            Text::new(
                "「拼接的宽度」是 2。四个头，每个头 2 列，并排放应当有几列？",
                "\"Columns of concat\" says 2. Four heads of 2 columns side by side make how many?",
            ),
            Text::new(
                "打开 concat[2,1]：一格里有几个头的数？",
                "Open concat[2,1]: of how many heads are there numbers in one cell?",
            ),
        ],
        cell: "concat[2,1]",
        sign: Sign::Check("width"),
        others: ["no-output-matrix", "one-projection", "heads-reshaped"],
        code: Code {
            wrong: &["out = context.mean(dim=1)             # (B, T, d)"],
            right: &["out = context.transpose(1, 2).reshape(B, T, heads * d)", "out = self.w_o(out)"],
        },
        why: Text::new(
            "每个头找到的是不同的东西，平均以后就搅成一团，再也分不出来了。拼接把它们各放各的位置，怎样混合由学到的 W_o 决定。",
            "Each head has found something else; averaged, it is one mash that nobody can take apart. Laid side by side each keeps its place, and W_o, which is learned, decides how they are mixed.",
        ),
    },
    Case {
        name: "unmixed-heads",
        title: Text::new("每个头的结果留在自己的几列里", "every head stays within its own columns"),
        mistake: "no-output-matrix",
        sample: "tiananmen",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人的多头注意力，输出的宽度和词向量一样，加回去也不报错。可是残差相加以后，意思全乱了：「人称」那一列里加进了别的东西。",
            "Somebody's attention gives as many columns as a word has, and adding it back works. But after that sum the meanings are a muddle: other things were added to the column \"person\".",
        ),
        hints: [
            Text::new(
                "宽度一样，不等于列的意思一样。输出的第 3 列是谁的？",
                "As wide does not mean the same columns. Whose is column 3 of what comes out?",
            ),
            Text::new(
                "看「最后一步」是哪一步。论文里的式子到这里就结束了吗？",
                "Look at which step is the last. Does the formula of the paper end there?",
            ),
            Text::new(
                "打开 concat[2,4]：它只是从一个头原样抄来的。后面还应当有什么？",
                "Open concat[2,4]: it is a copy of one head's number. What should come after?",
            ),
        ],
        cell: "concat[2,4]",
        sign: Sign::Check("last"),
        others: ["heads-averaged", "one-projection", "keys-values-swapped"],
        code: Code {
            wrong: &["out = context.transpose(1, 2).reshape(B, T, heads * d)", "return out"],
            right: &["out = context.transpose(1, 2).reshape(B, T, heads * d)", "return self.w_o(out)"],
        },
        why: Text::new(
            "拼接只是并排放，头和头之间没有来往。W_o 把每个头的发现放回词向量该放的列，也让几个头可以一起说话。h·d 正好等于 d_model，所以漏了它也不会报错。",
            "Laid side by side, heads have nothing to do with each other. W_o puts what each has found into the columns where it belongs, and lets several heads speak together. Since h·d happens to be d_model, nothing complains when it is missing.",
        ),
    },
    Case {
        name: "found-by-content",
        title: Text::new("找前一个词的头，全在看最后一个词", "the head for the previous word looks at the last"),
        mistake: "keys-values-swapped",
        sample: "tiananmen",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人照着样例的权重重写了一遍注意力。形状全对，前三个头看起来也差不多；可是头 4 本来应当看前一个词，现在每个词都在看最后一个词。",
            "Somebody wrote attention anew with the weights of this sample. All shapes are right, and the first three heads look much the same; but head 4, which should look at the word before, makes every word look at the last.",
        ),
        hints: [
            Text::new(
                "头 4 的查询没有变，分数却变了。分数是查询和谁的点积？",
                "The queries of head 4 are as they were, and its scores are not. What do queries meet in a score?",
            ),
            Text::new(
                "K 和 V 的形状一样大，谁当谁都不会报错。看看头 4 的 K 和 V，里面的数像是谁的。",
                "K and V are of the same size, and nothing complains whichever is which. Look at K and V of head 4: whose numbers are they like?",
            ),
            Text::new("打开 V.4[3,1]：它是用哪个矩阵算出来的？", "Open V.4[3,1]: by which matrix was it made?"),
        ],
        cell: "V.4[3,1]",
        sign: Sign::LooksElsewhere { head: 3, query: 2, keys: &[1] },
        others: ["mask-transposed", "softmax-over-queries", "heads-reshaped"],
        code: Code {
            wrong: &["def attention(q, k, v): ...", "out = attention(q, v, k)"],
            right: &["def attention(q, k, v): ...", "out = attention(q, k, v)"],
        },
        why: Text::new(
            "键决定一个词怎样被找到，值决定找到以后取走什么：两件事，两个矩阵。形状一样，弄反了也跑得通；从头训练的话，模型甚至会自己学回来，可是换上别人训练好的权重就全错了。",
            "The key decides how a word is found, the value what is taken from it: two things, two matrices. They have the same shape, so it runs the wrong way round too. Trained from scratch a model even learns around it, but with weights that somebody else trained everything is wrong.",
        ),
    },
    Case {
        name: "mixed-up-words",
        title: Text::new("改一个词，别的词的查询也变了", "change one word, and another's query changes"),
        mistake: "heads-reshaped",
        sample: "tiananmen",
        mask: MaskChoice::Own,
        temperature: 1.0,
        told: Text::new(
            "有人把查询切成了头，每个形状都打印出来对过：(4, 4, 2)，一点不错。可是只改「天安门」的词向量，头 4 里「我」的查询居然也变了。",
            "Somebody cut queries into heads and checked every shape: (4, 4, 2), just right. But when only the vector of 天安门 is changed, the query of 我 in head 4 changes too.",
        ),
        hints: [
            Text::new(
                "一个词的查询只该由它自己算出来。看看 Q、K、V。",
                "A word's query should be made from that word alone. Look at Q, K and V.",
            ),
            Text::new(
                "「取自别的词」不是 0：数都在，位置不对。4 个词 × 8 列，在内存里是一行接一行排着的。",
                "\"Of another word\" is not 0: the numbers are all there, in the wrong places. 4 words × 8 columns lie row after row in memory.",
            ),
            Text::new(
                "打开 Q.4[1,1]：这是「我」在头 4 的查询，它是用哪个词的 H 算的？",
                "Open Q.4[1,1], the query of 我 in head 4: of which word's H is it made?",
            ),
        ],
        cell: "Q.4[1,1]",
        sign: Sign::Check("own-words"),
        others: ["one-projection", "heads-averaged", "keys-values-swapped"],
        code: Code {
            wrong: &["q = self.w_q(x).view(B, heads, T, d)"],
            right: &["q = self.w_q(x).view(B, T, heads, d).transpose(1, 2)"],
        },
        why: Text::new(
            "view 不搬数，只换一种读法：按内存的次序，先填满头 1，再填头 2。可是内存里是一个词接一个词排的，于是「头 1」拿到的是第一个词的整行，词和头全混了。先分成 (T, heads, d)，再交换两个轴，才对。",
            "A view moves no numbers, it only reads them otherwise: in the order of memory, head 1 is filled first, then head 2. But memory holds word after word, so head 1 gets the whole row of the first word, and words and heads are mixed up. Cut into (T, heads, d) first, then exchange the two axes.",
        ),
    },
];
