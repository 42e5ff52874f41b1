//! The keys of windows that do not have a table of their own yet: they borrow the walk's.

use Key::Char;

use super::keys::walk;
use crate::ground::lang::Text;

pub use super::keys::{Deed, Key};

/// What a key does in a window that borrows the walk's table.
pub fn deed(key: Key) -> Option<Deed> {
    match key {
        Char('L') => Some(Deed::Language),
        Char('T') => Some(Deed::Theme),
        Char('?') => Some(Deed::Help),
        key => walk::deed(key),
    }
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
