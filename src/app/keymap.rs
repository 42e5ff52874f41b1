//! The keys: one row a deed. Footer, `?`, docs/KEYS.md and the dispatch all come from this table.

use std::fmt::Write as _;

use Key::Char;
use When::{Always, ManyHeads, ManySentences, ManyTensors, SmallSteps};

use crate::ground::lang::Text;

/// A key as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as on the keyboard")]
pub enum Key {
    Char(char),
    Ctrl(char),
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
}

impl Key {
    /// The name on a key cap.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "Space".into(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            Self::Up => "Up".into(),
            Self::Down => "Down".into(),
            Self::Left => "Left".into(),
            Self::Right => "Right".into(),
            Self::PageUp => "PgUp".into(),
            Self::PageDown => "PgDn".into(),
            Self::Home => "Home".into(),
            Self::End => "End".into(),
            Self::Enter => "Enter".into(),
            Self::Esc => "Esc".into(),
            Self::Tab => "Tab".into(),
            Self::BackTab => "Shift-Tab".into(),
            Self::Backspace => "Backspace".into(),
            Self::Delete => "Del".into(),
        }
    }
}

/// Something a key can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its row of the table")]
pub enum Deed {
    Step,
    Back,
    Play,
    Grain,
    Slower,
    Faster,
    NextStage,
    PreviousStage,
    FirstStage,
    LastStage,
    Stage(u8),
    Up,
    Down,
    Left,
    Right,
    RowStart,
    RowEnd,
    NextHead,
    PreviousHead,
    NextTensor,
    NextSentence,
    PreviousSentence,
    Edit,
    More,
    Less,
    Zero,
    TakeBack,
    Compare,
    Follow,
    Laboratory,
    Race,
    Kernel,
    Queue,
    Heads,
    Silence,
    SilenceRow,
    Sentence,
    Lens,
    Coarser,
    Switches,
    CopyText,
    CopyLatex,
    RandomRow,
    Undo,
    Redo,
    Weights,
    Mask,
    Card,
    Samples,
    Command,
    Language,
    Theme,
    Help,
    Open,
    Close,
    Quit,
}

/// When a row applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Always.
    Always,
    /// Where there are several heads.
    ManyHeads,
    /// Where there are several sentences.
    ManySentences,
    /// Where a page shows more than one tensor to move in.
    ManyTensors,
    /// While a stage is walked in small steps, and wherever there is room to say it.
    SmallSteps,
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The keys; the first is the one that the footer shows.
    pub keys: &'static [Key],
    /// What they do.
    pub deed: Deed,
    /// When they do it.
    pub when: When,
    /// A word or two for the footer, or none to stay out of it.
    pub short: Option<Text>,
    /// A sentence for the help.
    pub help: Text,
}

/// Keys that always quit, whatever is open.
pub const ALWAYS_QUIT: Key = Key::Ctrl('c');

/// One row; the words are 中文 and English.
const fn row(
    keys: &'static [Key],
    deed: Deed,
    when: When,
    short: Option<Text>,
    zh: &'static str,
    en: &'static str,
) -> Binding {
    Binding { keys, deed, when, short, help: Text::new(zh, en) }
}

#[expect(clippy::unnecessary_wraps, reason = "the other rows say None")]
const fn short(zh: &'static str, en: &'static str) -> Option<Text> {
    Some(Text::new(zh, en))
}

/// The table.
#[rustfmt::skip] // one row, one line
pub fn bindings() -> Vec<Binding> {
    vec![
        row(&[Char('n')], Deed::Step, Always, short("下一步", "next"), "走一步：一个阶段，或者按 s 选的一项、一格、一行", "one step: a stage, or what s chose: a term, a number or a row"),
        row(&[Char('b')], Deed::Back, Always, short("上一步", "back"), "退一步，恢复到走之前的样子", "one step back, to exactly what was there before"),
        row(&[Char(' ')], Deed::Play, Always, short("播放", "play"), "播放这一阶段怎么一项一项算出来，再按一次暂停", "play how this stage is computed, term by term; press again to pause"),
        row(&[Char('s')], Deed::Grain, SmallSteps, short("步长", "step size"), "一步走多远：一项 → 一格 → 一行 → 一个阶段", "how far a step goes: a term, a number, a row, a stage"),
        row(&[Char('{')], Deed::Slower, Always, None, "播放慢一点", "play slower"),
        row(&[Char('}')], Deed::Faster, Always, None, "播放快一点", "play faster"),
        row(&[Key::PageDown, Char(']')], Deed::NextStage, Always, None, "下一个阶段，不管步长", "next stage, whatever the step size"),
        row(&[Key::PageUp, Char('[')], Deed::PreviousStage, Always, None, "上一个阶段，不管步长", "previous stage, whatever the step size"),
        row(&[Char('g')], Deed::FirstStage, Always, None, "第一个阶段", "first stage"),
        row(&[Char('G')], Deed::LastStage, Always, None, "最后一个阶段", "last stage"),
        row(&[Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')], Deed::Stage(1), Always, None, "跳到第几个阶段；更后面的用 G 和 b", "stage by its number; later ones by G and b"),
        row(&[Key::Up, Char('k')], Deed::Up, Always, None, "上移一行", "one row up"),
        row(&[Key::Down, Char('j')], Deed::Down, Always, None, "下移一行", "one row down"),
        row(&[Key::Left, Char('h')], Deed::Left, Always, None, "左移一列", "one column left"),
        row(&[Key::Right, Char('l')], Deed::Right, Always, None, "右移一列", "one column right"),
        row(&[Key::Home], Deed::RowStart, Always, None, "这一行的开头", "start of the row"),
        row(&[Key::End], Deed::RowEnd, Always, None, "这一行的末尾", "end of the row"),
        row(&[Key::Enter], Deed::Open, Always, short("打开", "open"), "打开光标下的数：它是怎么算出来的", "open the number under the cursor: where it came from"),
        row(&[Char('.')], Deed::NextHead, ManyHeads, short("换头", "head"), "下一个头", "next head"),
        row(&[Char(',')], Deed::PreviousHead, ManyHeads, None, "上一个头", "previous head"),
        row(&[Key::Tab, Key::BackTab], Deed::NextTensor, ManyTensors, short("换矩阵", "matrix"), "在这一页的另一个矩阵里移动（比如 W）", "move in another matrix of this page, such as W"),
        row(&[Char('>')], Deed::NextSentence, ManySentences, short("下一句", "next sentence"), "批次里的下一句", "next sentence of the batch"),
        row(&[Char('<')], Deed::PreviousSentence, ManySentences, None, "批次里的上一句", "previous sentence of the batch"),
        row(&[Char('e')], Deed::Edit, Always, short("改数", "edit"), "改光标下的数，下游立刻重算；改算出来的数（打分、权重……），就是手工指定它", "edit the number under the cursor; what follows is computed anew. A computed one is overridden"),
        row(&[Char('+')], Deed::More, Always, None, "大一点", "a little more"),
        row(&[Char('-')], Deed::Less, Always, None, "小一点", "a little less"),
        row(&[Char('0')], Deed::Zero, Always, None, "变成 0", "make it 0"),
        row(&[Key::Backspace, Key::Delete], Deed::TakeBack, Always, None, "光标下的数不改了，恢复原样", "take the change of this number back"),
        row(&[Char('r')], Deed::RandomRow, Always, None, "这一行换成随机数（粘贴一行数也行）", "random numbers for this row; a row of numbers can be pasted too"),
        row(&[Char('f')], Deed::Follow, Always, short("影响", "follow"), "跟着光标下的数往前走：它影响了后面哪些数，影响多大（导数）", "follow the number under the cursor: what it influences later on, and by how much (the derivative)"),
        row(&[Char('=')], Deed::Compare, Always, None, "现在 → 改动之前 → 变了多少", "now, before the changes, the difference"),
        row(&[Char('u')], Deed::Undo, Always, None, "撤销", "undo"),
        row(&[Char('U'), Key::Ctrl('r')], Deed::Redo, Always, None, "重做", "redo"),
        row(&[Char('S')], Deed::Switches, Always, short("开关", "what if"), "开关：√d、温度、遮挡、位置、W、W_o……拨一下看看会怎样", "switches: sqrt d, temperature, mask, positions, the W, W_o ... what if they were otherwise"),
        row(&[Char('d')], Deed::Laboratory, Always, short("√d", "why √d"), "√d 实验室：为什么要除以 √d，而不是 d", "the laboratory of √d: why scores are divided by √d, and not by d"),
        row(&[Char('R')], Deed::Race, Always, None, "赛跑：CPU 和六级着色器，谁快，快多少", "race: the processor against six rungs of kernels"),
        row(&[Char('Q')], Deed::Queue, Always, None, "队列：主机交活、设备干活的时间线，异步陷阱，流水线", "the queue: a timeline of what host and device do when, the async trap, pipelining"),
        row(&[Char('K')], Deed::Kernel, Always, short("GPU", "GPU"), "GPU 镜头：这个数由哪个线程算，着色器一行一行怎么走（里面的按键列在下面）", "the GPU lens: which invocation makes this number, and its shader line by line (the keys inside are listed below)"),
        row(&[Char('H')], Deed::Heads, Always, short("看头", "heads"), "看所有的头：图、连线、算不算解释、平面、双线性、拆还是投影（里面的按键列在下面）", "look through the heads: gallery, lines, explanation, plane, forms, split (the keys inside are listed below)"),
        row(&[Char('x')], Deed::Silence, Always, None, "在权重上：关掉这一格（指定为 0）；别处：关掉这个头", "on weights: silence this one (set to 0); elsewhere: silence this head"),
        row(&[Char('X')], Deed::SilenceRow, Always, None, "在权重上：关掉一整行", "on weights: silence the whole row"),
        row(&[Char('/')], Deed::Sentence, Always, short("句子", "sentence"), "写一句自己的话（用 | 自己断词）", "type a sentence of your own (| sets a boundary by hand)"),
        row(&[Char('v')], Deed::Lens, Always, None, "换个切法：词 → 字 → 字节", "cut the sentence into words, characters, bytes"),
        row(&[Char('c')], Deed::Coarser, Always, None, "切得细的时候，旁边合成粗的来看", "where it is cut fine: the attention between whole words, beside it"),
        row(&[Char('y')], Deed::CopyText, Always, None, "复制这个数的算式", "copy this number's arithmetic"),
        row(&[Char('Y')], Deed::CopyLatex, Always, None, "复制成 LaTeX", "copy it as LaTeX"),
        row(&[Char('i')], Deed::Card, Always, short("卡片", "card"), "这个头的卡片：它想找什么，每个词看了谁", "the head's card: what it is meant for, and where each word looks"),
        row(&[Char('w')], Deed::Weights, Always, short("随机", "random"), "换成随机权重，再按一次换回来", "random weights; press again for the sample's own"),
        row(&[Char('m')], Deed::Mask, Always, short("遮挡", "mask"), "换遮挡方式：样例自带的 → 不遮 → 因果（只看前面）→ 只看左右邻居", "mask: the sample's own, none, causal, a window of neighbours"),
        row(&[Char('o')], Deed::Samples, Always, short("样例", "samples"), "打开另一个样例", "open another sample"),
        row(&[Char(':')], Deed::Command, Always, None, "输入命令，例如 :sample 文件名", "type a command, such as :sample FILE"),
        row(&[Char('L')], Deed::Language, Always, short("English", "中文"), "中文 / English", "中文 / English"),
        row(&[Char('T')], Deed::Theme, Always, None, "深色 / 浅色背景", "dark / light background"),
        row(&[Char('?')], Deed::Help, Always, short("帮助", "help"), "这页帮助", "this help"),
        row(&[Key::Esc], Deed::Close, Always, None, "关闭打开的窗口，回上一层；或者停下分步，全部显示", "close what is open, or go back one level; or leave the small steps and show everything"),
        row(&[Char('q'), ALWAYS_QUIT], Deed::Quit, Always, short("退出", "quit"), "退出（Ctrl-C 总能退出）", "quit (Ctrl-C always does)"),
    ]
}

/// Something a key does in the window of heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its row of the table")]
pub enum HeadDeed {
    Next,
    Previous,
    Mark,
    Average,
    Difference,
    Threshold,
    Keep,
    Order,
    Filter,
    Silence,
    Only,
    Together,
}

/// One row of the table of a window with keys of its own.
#[derive(Debug, Clone)]
pub struct OwnBinding<D> {
    /// The keys.
    pub keys: &'static [Key],
    /// What they do.
    pub deed: D,
    /// A sentence for the help.
    pub help: Text,
}

/// The keys of the window of heads. Arrows, Enter, Esc and the keys for heads, words and language are those of the walk.
#[rustfmt::skip] // one row, one line
pub fn head_bindings() -> Vec<OwnBinding<HeadDeed>> {
    let row = |keys, deed, zh, en| OwnBinding { keys, deed, help: Text::new(zh, en) };
    vec![
        row(&[Key::Tab], HeadDeed::Next, "换一种看法：图 → 连线 → 算解释吗 → 平面 → 双线性 → 拆还是投影", "another view: gallery, lines, an explanation?, plane, forms, split or project"),
        row(&[Key::BackTab], HeadDeed::Previous, "上一种看法", "the view before"),
        row(&[Char('m')], HeadDeed::Mark, "标记这个头", "mark this head"),
        row(&[Char('a')], HeadDeed::Average, "标记的头的平均", "the mean of the marked heads"),
        row(&[Char('D')], HeadDeed::Difference, "标记的两个头之差", "the difference of the two marked heads"),
        row(&[Char('t')], HeadDeed::Threshold, "藏起小于 0.05、0.1、0.2、0.3、0.5 的权重", "hide weights below 0.05, 0.1, 0.2, 0.3, 0.5"),
        row(&[Char('K')], HeadDeed::Keep, "每行只留最大的 1、2、3、5 个", "keep the 1, 2, 3, 5 largest of each row"),
        row(&[Char('~')], HeadDeed::Order, "按和标记的头像不像来排", "order by likeness to the marked head"),
        row(&[Char('/')], HeadDeed::Filter, "筛选，例如 previous>0.5 & entropy<1", "filter, such as previous>0.5 & entropy<1"),
        row(&[Char('x')], HeadDeed::Silence, "关掉这个头，再按一次打开：看输出变了多少", "silence this head, or let it speak again: how far the output moves"),
        row(&[Char('1')], HeadDeed::Only, "连线：只画这个词的", "lines: only those of the chosen word"),
        row(&[Char('A')], HeadDeed::Together, "连线：标记的头各用一色；算解释吗：所有头合起来看", "lines: all marked heads, each in its colour; explanation: all heads together"),
    ]
}

/// What a key does in the window of heads; none where it does what it does on the walk.
pub fn head_deed(key: Key) -> Option<HeadDeed> {
    head_bindings().into_iter().find(|b| b.keys.contains(&key)).map(|b| b.deed)
}

/// Something a key does in the GPU lens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its row of the table")]
pub enum KernelDeed {
    Step,
    Back,
    Round,
    Start,
    End,
    Group,
    Inside,
    Version,
    VersionBack,
    Down,
    Up,
}

/// The keys of the GPU lens. Arrows and the keys for heads, sentences and language are those of the walk.
#[rustfmt::skip] // one row, one line
pub fn kernel_bindings() -> Vec<OwnBinding<KernelDeed>> {
    let row = |keys, deed, zh, en| OwnBinding { keys, deed, help: Text::new(zh, en) };
    vec![
        row(&[Char('n')], KernelDeed::Step, "着色器走一行", "one line of the shader"),
        row(&[Char('b')], KernelDeed::Back, "退一行", "one line back"),
        row(&[Char(' ')], KernelDeed::Round, "转完这一圈循环；整组看时：走到下一道栅栏", "once round the loop; with the whole workgroup: to the next barrier"),
        row(&[Char('g'), Key::Home], KernelDeed::Start, "回到第一行", "back to the first line"),
        row(&[Char('G'), Key::End], KernelDeed::End, "走到最后", "to the end"),
        row(&[Char('w')], KernelDeed::Group, "看一个线程 / 看整个工作组", "one invocation, or its whole workgroup"),
        row(&[Key::Enter], KernelDeed::Inside, "函数也走进去 / 不走进去", "step into functions, or over them"),
        row(&[Key::Tab], KernelDeed::Version, "换一级写法：朴素 → 合并访问 → 分块 → 寄存器 → 子组", "the next way to write it: naive, coalesced, tiled, register, subgroup"),
        row(&[Key::BackTab], KernelDeed::VersionBack, "上一级写法", "the way before"),
        row(&[Key::PageDown], KernelDeed::Down, "右边往下翻", "scroll the right side down"),
        row(&[Key::PageUp], KernelDeed::Up, "右边往上翻", "scroll the right side up"),
    ]
}

/// What a key does in the GPU lens; none where it does what it does on the walk.
pub fn kernel_deed(key: Key) -> Option<KernelDeed> {
    kernel_bindings().into_iter().find(|b| b.keys.contains(&key)).map(|b| b.deed)
}

/// What a key does.
pub fn deed(key: Key) -> Option<Deed> {
    let binding = bindings().into_iter().find(|b| b.keys.contains(&key))?;
    Some(match (binding.deed, key) {
        // One row for nine keys: the digit says which stage.
        (Deed::Stage(_), Key::Char(digit)) => Deed::Stage(digit.to_digit(10).unwrap_or(1) as u8),
        (deed, _) => deed,
    })
}

/// docs/KEYS.md, generated from the table.
pub fn markdown() -> String {
    let mut text = String::from(
        "# 按键 · Keys\n\nGenerated from the table in `src/app/keymap.rs`; `QKV_UPDATE_DOCS=1 cargo test` writes it anew.\n\n\
         | 按键 · key | 作用 | does |\n|---|---|---|\n",
    );
    for binding in bindings() {
        let keys: Vec<String> = binding.keys.iter().map(|k| format!("`{}`", k.name())).collect();
        let [zh, en] = [binding.help.zh, binding.help.en].map(|help| help.replace('|', "\\|"));
        let _ = writeln!(text, "| {} | {zh} | {en} |", keys.join(" "));
    }
    text.push_str(&own("看头的窗口 · The window of heads (`H`)", &head_bindings()));
    text.push_str(&own("GPU 镜头 · The GPU lens (`K`)", &kernel_bindings()));
    text
}

/// The table of a window with keys of its own.
fn own<D>(title: &str, bindings: &[OwnBinding<D>]) -> String {
    let mut text = format!("\n## {title}\n\n| 按键 · key | 作用 | does |\n|---|---|---|\n");
    for binding in bindings {
        let keys: Vec<String> = binding.keys.iter().map(|k| format!("`{}`", k.name())).collect();
        let _ = writeln!(text, "| {} | {} | {} |", keys.join(" "), binding.help.zh, binding.help.en);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut seen = HashSet::new();
        for key in bindings().iter().flat_map(|b| b.keys) {
            assert!(seen.insert(*key), "{} is bound twice", key.name());
        }
    }
}
