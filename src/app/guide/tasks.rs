//! What somebody may want to do, in the words of a question, and the keys that do it: one row a task.

use Key::{BackTab, Backspace, Char, End, Enter, Right, Tab, Up};

use super::Group;
use crate::app::keys::Key;
use crate::ground::lang::Text;
use crate::program::Name;

/// Something that one may want to do.
#[derive(Debug)]
pub struct Task {
    /// What it is called in documents and tests.
    pub name: &'static str,
    /// Among what it stands.
    pub group: Group,
    /// The stage whose page one goes to first; none where any page will do.
    pub stage: Option<Name>,
    /// The keys.
    pub keys: &'static [Key],
    /// What is typed then, followed by Enter; nothing where keys are all.
    pub typed: Option<&'static str>,
    /// The question.
    pub asks: Text,
    /// What one sees then.
    pub answer: Text,
    /// More words that somebody may look for it with, in both languages.
    pub words: &'static str,
}

/// A row of the table.
const fn task(
    group: Group,
    name: &'static str,
    (stage, keys, typed): (Option<Name>, &'static [Key], Option<&'static str>),
    asks: (&'static str, &'static str),
    answer: (&'static str, &'static str),
    words: &'static str,
) -> Task {
    let asks = Text::new(asks.0, asks.1);
    Task { name, group, stage, keys, typed, asks, answer: Text::new(answer.0, answer.1), words }
}

/// Keys that will do on any page.
const fn anywhere(keys: &'static [Key]) -> (Option<Name>, &'static [Key], Option<&'static str>) {
    (None, keys, None)
}

/// Keys on the page of a stage.
const fn on(stage: Name, keys: &'static [Key]) -> (Option<Name>, &'static [Key], Option<&'static str>) {
    (Some(stage), keys, None)
}

/// A command that is typed.
const fn command(line: &'static str) -> (Option<Name>, &'static [Key], Option<&'static str>) {
    (None, &[Char(':')], Some(line))
}

/// Every task, group by group.
#[rustfmt::skip] // one row, one paragraph
pub static TASKS: &[Task] = &[
    task(Group::Look, "where-from", on(Name::Weights, &[Enter]),
        ("这个数是从哪里来的？", "Where does this number come from?"),
        ("光标下的数打开来，是哪些数怎么算出来的；再按 Enter 一层层往下，直到给定的数", "the number under the cursor opened: from which numbers, and how; Enter again goes deeper, down to numbers that were given"),
        "哪里来 怎么算 来源 算式 公式 打开 how computed made source arithmetic formula open origin"),
    task(Group::Look, "why-even", on(Name::Weights, &[Char('.'), Up]),
        ("为什么一个词看得一样多、平均分？", "Why does a word look evenly at all words?"),
        ("光标放到那一行，图下面的话说出原因：查询是 0，或者分数全相等", "put the cursor on that row; the sentence below the picture says why: its query is 0, or its scores are all equal"),
        "平均 均匀 一样 相等 为什么 even uniform equal same spread quarter 0.25 why"),
    task(Group::Look, "why-sqrt", anywhere(&[Char('d')]),
        ("为什么要除以 √d？", "Why divide by √d?"),
        ("√d 实验室：抽随机向量，看 d 变大时 softmax 怎样饱和、梯度怎样消失", "the laboratory of √d: random vectors show how softmax saturates and gradients vanish as d grows"),
        "为什么 除以 根号 √d 缩放 饱和 梯度 实验 why sqrt root divide scale scaling saturate gradient laboratory"),
    task(Group::Look, "influence", on(Name::Scores, &[Char('f')]),
        ("动一下这个数，后面会变多少？", "If this number moved a little, what would follow?"),
        ("后面每个数都写着它的导数；再按 f 回来", "every later number shows its derivative; f again comes back"),
        "影响 导数 梯度 后面 influence derivative gradient effect depends sensitivity"),
    task(Group::Look, "before-and-after", anywhere(&[Char('=')]),
        ("改动之前是多少？变了多少？", "What was it before my change, and by how much did it move?"),
        ("现在的数、改动之前的数、两者之差，轮流显示", "the numbers of now, those of before, and the difference, in turn"),
        "比较 对比 之前 原来 差 变化 compare before after difference changed"),
    task(Group::Look, "other-matrix", on(Name::Q, &[Tab]),
        ("怎样到 W 里面去看、去改？", "How do I get into the W beside it?"),
        ("光标到这一页的另一个矩阵里：W_q、H、mask……", "the cursor goes to another matrix of the page: W_q, H, the mask ..."),
        "矩阵 权重矩阵 换 光标 matrix weight W_q W_k W_v W_o mask tensor focus tab"),
    task(Group::Look, "index", on(Name::Q, &[]),
        ("W_q[:,4]、Q.2[3,1]、@5 这些记号是什么意思？", "What do W_q[:,4], Q.2[3,1] and @5 mean?"),
        ("方括号里先行后列，从 1 数起；冒号是「全部」：W_q[:,4] 是 W_q 的整个第 4 列。点后面是头：Q.2[3,1] 是头 2 的第 3 行第 1 列。@5 是批次里的第 5 句。q(爱) 是 Q 里「爱」那一行", "in brackets the row, then the column, from 1; a colon is all of them: W_q[:,4] is the whole fourth column of W_q. Behind the point stands the head: Q.2[3,1] is head 2, row 3, column 1. @5 is the fifth sentence of a batch. q(爱) is the row of 爱 in Q"),
        "记号 符号 下标 冒号 方括号 点 第几句 notation symbol index subscript colon bracket dot at @1 [:, address"),
    task(Group::Look, "length", anywhere(&[Char('H'), Tab, Tab]),
        ("‖·‖ 是什么？", "What does ‖·‖ mean?"),
        ("一个向量的长度：各个数平方、相加、再开方。‖权重·v·W_o‖ 是一个词真正添进输出的那一份有多长", "the length of a vector: square its numbers, add them, take the root. ‖weight·v·W_o‖ is how long the part is that a word really adds to the output"),
        "长度 范数 模 竖线 双竖线 符号 记号 length norm bars magnitude size vector symbol"),
    task(Group::Look, "language", anywhere(&[Char('L')]),
        ("怎样换成英文？", "How do I read this in Chinese?"),
        ("中文和英文来回换", "Chinese and English in turn"),
        "语言 中文 英文 language chinese english translate"),
    task(Group::Look, "colours", anywhere(&[Char('T')]),
        ("背景太亮或者太暗，怎样换配色？", "How do I change to light or dark colours?"),
        ("深色和浅色来回换", "dark and light in turn"),
        "颜色 配色 主题 背景 深色 浅色 colour color theme dark light background"),

    task(Group::Step, "one-by-one", anywhere(&[Char('n')]),
        ("怎样一步一步走？", "How do I go through it step by step?"),
        ("下一个阶段；b 退回来", "the next stage; b goes back"),
        "下一步 前进 继续 走 next step forward continue walk"),
    task(Group::Step, "term-by-term", on(Name::Scores, &[Char(' ')]),
        ("能不能看着它一项一项加起来？", "Can I watch a sum grow, term by term?"),
        ("自己放给你看，{ } 变慢变快，空格暂停；按 s 以后用 n 自己走", "it plays by itself, { } slower and faster, Space pauses; after s, n goes by hand"),
        "慢 动画 播放 逐项 一项 暂停 slow motion play animate animation pause term sum"),
    task(Group::Step, "go-to", command("stage scores"),
        ("怎样直接到某一步？", "How do I get to a stage at once?"),
        ("左边的编号就是按键；用名字也行", "its number at the left is its key; its name will do too"),
        "跳 直接 到 阶段 编号 jump go stage page number"),

    task(Group::Change, "own-sentence", (None, &[Char('/')], Some("他喜欢上海外滩")),
        ("怎样换成我自己的句子？", "How do I use a sentence of my own?"),
        ("写一句，Enter 确定；u 换回来", "type it, Enter takes it; u brings the other one back"),
        "句子 输入 自己的话 文本 sentence text own type input words prompt"),
    task(Group::Change, "finer-cut", anywhere(&[Char('v')]),
        ("怎样按字、按字节切？", "How do I cut it into characters or bytes?"),
        ("词 → 字 → 字节；按 c 看合回词以后的权重", "words, characters, bytes; c shows the weights between whole words"),
        "切 分词 字 字节 词元 token tokens tokenize characters bytes cut split subword"),
    task(Group::Change, "other-sample", anywhere(&[Char('o')]),
        ("还有别的例子吗？", "Are there other examples?"),
        ("选一个样例：翻译、批次、逐步手算……", "choose a sample: translation, a batch, numbers by hand ..."),
        "样例 例子 打开 换 sample example open load file 文件"),
    task(Group::Change, "edit", anywhere(&[Char('e')]),
        ("怎样改一个数？", "How do I change a number?"),
        ("在光标下输入新的数，后面立刻重算；+ - 一点点改，0 变成 0", "type the new number, everything after it is computed anew; + and - change it little by little, 0 makes it 0"),
        "改 修改 编辑 数 输入 edit change set number value what if 如果"),
    task(Group::Change, "make-it-attend", (Some(Name::Weights), &[End, Char('e')], Some("1")),
        ("怎样让一个词去看另一个词？", "How do I make a word attend to another?"),
        ("把那一格的权重改成 1，看上下文和输出怎么变；不想自己定权重，就去改 Q、K", "set that weight to 1 and see context and output move; to have it computed so, change Q or K"),
        "让它看 注意 看 指定 权重 attend attention look force make weight override set"),
    task(Group::Change, "sqrt-off", anywhere(&[Char('S'), Enter]),
        ("不除以 √d 会怎样？", "What if scores are not divided by √d?"),
        ("开关的第一行：除以 √d、不除、除以 d", "the first switch: by √d, not at all, by d"),
        "除以 根号 √d 关掉 不除 缩放 开关 sqrt root divide off without scale scaling switch turn off"),
    task(Group::Change, "mask", anywhere(&[Char('m')]),
        ("怎样遮住后面的词？", "How do I hide the words that come later?"),
        ("换一种遮挡：不遮、因果（只看前面）、窗口；下面写着现在是哪一种", "another mask: none, causal, a window; the line below says which it is now"),
        "遮挡 掩码 因果 未来 后面 窗口 mask causal future hide window autoregressive gpt"),
    task(Group::Change, "temperature", (None, &[Char('S'), Char('2'), Right], None),
        ("权重太集中或者太平均，怎样调？", "How do I make attention sharper or flatter?"),
        ("温度：小了更集中，大了更平均", "the temperature: small is sharper, large is flatter"),
        "温度 集中 平均 尖锐 temperature sharp flat softmax sampling"),
    task(Group::Change, "positions-off", (None, &[Char('S'), Char('4'), Enter], None),
        ("没有位置信息会怎样？", "What if words had no positions?"),
        ("关掉位置，词序就不起作用了", "switched off, the order of words no longer counts"),
        "位置 编码 顺序 词序 position positional encoding order"),
    task(Group::Change, "weights-off", (None, &[Char('S'), Char('5'), Enter], None),
        ("没有 W_q、W_k、W_v 会怎样？", "What if there were no W_q, W_k, W_v?"),
        ("关掉权重矩阵，词向量直接当 q、k、v", "switched off, word vectors serve as q, k and v themselves"),
        "权重矩阵 投影 关掉 projection weights matrices W_q W_k W_v off without"),
    task(Group::Change, "no-output-matrix", (None, &[Char('S'), Char('8'), Enter], None),
        ("没有 W_o 会怎样？", "What if there were no W_o?"),
        ("关掉输出矩阵，走到拼接为止", "switched off, the walk ends with concat"),
        "W_o 输出矩阵 output matrix off without"),
    task(Group::Change, "swap", (None, &[Char('S'), Char('6'), Enter], None),
        ("查询和键对调会怎样？", "What if queries and keys were swapped?"),
        ("W_q 和 W_k 对调", "W_q and W_k change places"),
        "对调 交换 W_q W_k swap swapped exchange"),
    task(Group::Change, "random-weights", anywhere(&[Char('w')]),
        ("没有设计过的权重是什么样？", "What do undesigned weights look like?"),
        ("全部换成随机权重；再按 w 换回来", "random weights everywhere; w again brings the sample's own back"),
        "随机 权重 种子 未训练 random weights seed untrained"),
    task(Group::Change, "random-row", anywhere(&[Char('W')]),
        ("怎样只把一行换成随机数？", "How do I draw one row at random?"),
        ("光标所在的一行重新抽；粘贴一行数也行", "the row under the cursor is drawn anew; a row of numbers can be pasted too"),
        "随机 一行 粘贴 random row paste"),
    task(Group::Change, "silence-word", on(Name::Weights, &[Char('X')]),
        ("怎样让一个词谁也不看？", "How do I make a word look at nothing?"),
        ("这一行的权重全变成 0；只关一格按 0", "its whole row of weights becomes 0; 0 alone takes one weight away"),
        "关掉 一行 不看 0 silence row zero ignore nothing"),
    task(Group::Change, "undo", anywhere(&[Char('u')]),
        ("改坏了，怎样撤销？", "How do I undo?"),
        ("一步一步撤销，U 重做；换句子、换样例也能撤销", "back change by change, U redoes; another sentence or sample is undone too"),
        "撤销 取消 恢复 重做 后悔 undo redo revert back restore mistake"),
    task(Group::Change, "take-back", anywhere(&[Backspace]),
        ("怎样只把这一个数恢复原样？", "How do I restore this number alone?"),
        ("光标下的数不改了，别的改动留着", "the change under the cursor is taken back, the others stay"),
        "恢复 还原 一个数 restore take back number original"),
    task(Group::Change, "as-it-was", command("reset"),
        ("怎样全部恢复原样？", "How do I get everything back as it was?"),
        ("所有改动一次收回；u 还能再变回来", "all changes at once; u brings them back again"),
        "全部 恢复 复原 重置 reset restore everything original start over"),

    task(Group::Heads, "which-head", anywhere(&[Char('H')]),
        ("哪个头在看什么？", "Which head looks at what?"),
        ("每个头一幅小图，下面是它在许多句子上的测量；Tab 换看法", "every head as a small picture, with what it measures over many sentences; Tab changes the view"),
        "哪个头 头 多头 总览 负责 which head heads gallery overview does what role"),
    task(Group::Heads, "next-head", anywhere(&[Char('.')]),
        ("怎样换一个头看？", "How do I see another head?"),
        ("下一个头；, 是上一个", "the next head; , is the one before"),
        "换头 下一个头 another head next head switch"),
    task(Group::Heads, "card", anywhere(&[Char('i')]),
        ("这个头是做什么的？", "What is this head for?"),
        ("它的卡片：用意、许多句子上的指标、每个词看了谁", "its card: what it is meant for, its measures over many sentences, where each word looks"),
        "卡片 用意 指标 card purpose meant metrics entropy"),
    task(Group::Heads, "silence", anywhere(&[Char('x')]),
        ("关掉一个头会怎样？", "What happens if a head is silenced?"),
        ("它对输出的贡献变成 0；再按 x 打开", "it adds nothing to the output any more; x again lets it speak"),
        "关掉 头 删除 消融 静音 silence head off mute remove ablate ablation prune without"),
    task(Group::Heads, "lines", anywhere(&[Char('H'), Tab]),
        ("怎样看词和词之间的连线？", "How do I see lines between words?"),
        ("每个词向它看的词连线，越粗权重越大", "a line from each word to those it looks at, the thicker the larger the weight"),
        "连线 线 图 lines edges graph bertviz arrows"),
    task(Group::Heads, "explanation", anywhere(&[Char('H'), Tab, Tab]),
        ("权重大，就是原因吗？", "Does a large weight explain the output?"),
        ("权重、实际贡献、去掉以后的变化，三个名次比一比", "ranks by weight, by what is really added, and by what is missing without it"),
        "解释 原因 贡献 explanation explain reason contribution faithful important"),
    task(Group::Heads, "plane", anywhere(&[Char('H'), Tab, Tab, Tab]),
        ("能把查询和键画在平面上吗？", "Can queries and keys be drawn in a plane?"),
        ("二维平面里的 q、k、v；方向键推动 q，权重跟着变", "q, k and v in two dimensions; arrow keys push q, and weights follow"),
        "平面 二维 几何 向量 箭头 plane geometry vectors 2d pca arrows push"),
    task(Group::Heads, "split", anywhere(&[Char('H'), BackTab]),
        ("多头是切开，还是各自投影？", "Are heads cut from one projection, or projected one by one?"),
        ("两种写法算出同样的数", "both ways give the same numbers"),
        "切开 投影 拼接 多头 split project concat multi-head slice reshape"),
    task(Group::Heads, "forms", anywhere(&[Char('H'), BackTab, BackTab]),
        ("一个头在问什么、搬运什么？", "What does a head ask for, and what does it move?"),
        ("W_q·W_kᵀ 和 W_v·W_o 两个双线性形式", "the two bilinear forms W_q·W_kᵀ and W_v·W_o"),
        "双线性 QK OV 电路 bilinear forms circuit qk ov"),
    task(Group::Heads, "mean", anywhere(&[Char('H'), Char('*'), Right, Char('*'), Char('a')]),
        ("怎样看几个头的平均、或者两个头的差？", "How do I see the mean of heads, or how two differ?"),
        ("用 * 标记，a 是平均，= 是差", "mark them with *; a is the mean, = the difference"),
        "平均 差 比较头 mean average difference compare heads mark"),
    task(Group::Heads, "filter", anywhere(&[Char('H'), Char('&')]),
        ("头太多，怎样只看某一类？", "There are many heads: how do I see one kind only?"),
        ("写一个条件，例如 previous>0.5 & entropy<1", "type a condition such as previous>0.5 & entropy<1"),
        "筛选 条件 过滤 指标 filter condition search heads metric"),

    task(Group::Gpu, "which-invocation", on(Name::Scores, &[Char('K')]),
        ("GPU 上是哪个线程算出这个数的？", "Which GPU invocation computes this number?"),
        ("它的编号、所在的工作组，还有它走的每一行着色器", "its id, its workgroup, and every line of the shader it goes through"),
        "线程 调用 工作组 编号 着色器 显卡 invocation thread workgroup gpu shader wgsl cuda lane id"),
    task(Group::Gpu, "faster", anywhere(&[Char('R')]),
        ("CPU 和 GPU 谁更快？", "Which is faster, the CPU or the GPU?"),
        ("同一层注意力，每一种写法都跑、都核对，看谁赢", "the same layer by every contender, each checked, and who wins"),
        "谁快 更快 速度 性能 赛跑 比赛 faster fast speed performance race benchmark who wins cpu gpu"),
    task(Group::Gpu, "rungs", (Some(Name::Scores), &[Char('K'), Tab], None),
        ("核函数一步步怎样优化？", "How is a kernel made faster, step by step?"),
        ("朴素 → 合并访问 → 分块 → 寄存器 → 子组，同一个数走不同的写法", "naive, coalesced, tiled, register, subgroup: the same number by each"),
        "优化 核函数 合并 分块 共享内存 optimise optimize kernel tiled coalesced naive shared memory"),
    task(Group::Gpu, "queue", anywhere(&[Char('Q')]),
        ("为什么 GPU 计时会骗人？", "Why do GPU timings deceive?"),
        ("主机和设备各自的时间线：异步、流水线", "what host and device do when: asynchrony, pipelining"),
        "队列 异步 同步 计时 流水线 queue async synchronize timing pipeline stream timeline"),
    task(Group::Gpu, "who-computes", command("backend cpu"),
        ("怎样换成 CPU 来算？", "How do I compute on the CPU instead?"),
        ("auto、gpu、cpu 三种", "auto, gpu or cpu"),
        "后端 谁计算 显卡 处理器 backend cpu gpu device adapter"),

    task(Group::Take, "copy", anywhere(&[Char('y')]),
        ("怎样把这个数的算式复制走？", "How do I copy this number's arithmetic?"),
        ("进剪贴板，也写进一个文件", "into the clipboard, and into a file"),
        "复制 拷贝 剪贴板 带走 导出 copy yank clipboard export take away"),
    task(Group::Take, "latex", anywhere(&[Char('Y')]),
        ("怎样得到 LaTeX？", "How do I get it as LaTeX?"),
        ("这个数的算式，写成 LaTeX", "this number's arithmetic as LaTeX"),
        "LaTeX 公式 论文 复制 带走 导出 copy paper slides export tex take away"),
    task(Group::Take, "save", command("save my.toml"),
        ("怎样保存我改过的样子？", "How do I save what I changed?"),
        ("存成一个样例文件，:sample 再打开", "as a sample file; :sample opens it again"),
        "保存 存 文件 导出 带走 save file write export keep take away"),
];
