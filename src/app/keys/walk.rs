//! The keys of the walk.

use Group::{Change, Heads, Look, Program, Step, Take};
use Key::Char;
use When::{ManyHeads, ManyLayers, ManySections, ManySentences, ManyTensors, Output, OwnSentence, SmallSteps};

use super::super::windows::CONTEXTS;
use super::{ALWAYS_QUIT, COMMON, Command, DIGITS, Group, Key, Opener, Row, When, commands_of, short};
use crate::ground::lang::Text;

pub(super) static TITLE: Text = Text::new("走一遍", "the walk");

/// Something that a key of the walk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its row of the table")]
pub enum Deed {
    Step,
    Back,
    Play,
    StepSize,
    Slower,
    Faster,
    NextStage,
    PreviousStage,
    NextLayer,
    PreviousLayer,
    Unfold,
    FirstStage,
    LastStage,
    Stage(u8),
    Up,
    Down,
    Left,
    Right,
    HalfDown,
    HalfUp,
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
    Silence,
    SilenceRow,
    Sentence,
    Lens,
    CopyText,
    CopyLatex,
    RandomRow,
    Undo,
    Redo,
    Weights,
    Mask,
    Close,
    Quit,
}

/// One row that always applies. Without a group the help would list it nowhere.
const fn row(
    group: Group,
    keys: &'static [Key],
    name: &'static str,
    deed: Deed,
    short: Option<Text>,
    zh: &'static str,
    en: &'static str,
) -> Row<Deed> {
    super::row(keys, name, deed, short, zh, en).among(group)
}

/// One row that applies at times.
const fn when(
    group: Group,
    applies: When,
    keys: &'static [Key],
    name: &'static str,
    deed: Deed,
    short: Option<Text>,
    help: (&'static str, &'static str),
) -> Row<Deed> {
    super::when(applies, keys, name, deed, short, help).among(group)
}

/// The walk's own table; the keys that open windows stand with the windows.
#[rustfmt::skip] // one row, one line
pub const WALK: &[Row<Deed>] = &[
    row(Step, &[Char('n')], "walk.next", Deed::Step, short("下一步", "next"), "走一步：一个阶段，或者按 s 选的一项、一格、一行", "one step: a stage, or what s chose: a term, a number or a row"),
    row(Step, &[Char('b')], "walk.back", Deed::Back, short("上一步", "back"), "退一步，恢复到走之前的样子", "one step back, to exactly what was there before"),
    row(Step, &[Char(' ')], "walk.play", Deed::Play, short("播放", "play"), "播放这一阶段怎么一项一项算出来，再按一次暂停", "play how this stage is computed, term by term; press again to pause"),
    when(Step, SmallSteps, &[Char('s')], "walk.step_size", Deed::StepSize, short("步长", "step size"), ("一步走多远：一项 → 一格 → 一行 → 一个阶段", "how far a step goes: a term, a number, a row, a stage")),
    row(Step, &[Char('{')], "walk.slower", Deed::Slower, None, "播放慢一点", "play slower"),
    row(Step, &[Char('}')], "walk.faster", Deed::Faster, None, "播放快一点", "play faster"),
    row(Step, &[Key::PageDown, Char(']')], "walk.next_stage", Deed::NextStage, None, "下一个阶段，不管步长", "next stage, whatever the step size"),
    row(Step, &[Key::PageUp, Char('[')], "walk.previous_stage", Deed::PreviousStage, None, "上一个阶段，不管步长", "previous stage, whatever the step size"),
    when(Step, ManySections, &[Char(')')], "walk.next_layer", Deed::NextLayer, short("下一层", "next layer"), ("下一层；学习时是反向、更新", "the next layer; while learning the way back, then the step")),
    when(Step, ManySections, &[Char('(')], "walk.previous_layer", Deed::PreviousLayer, None, ("上一层；学习时是往回", "the layer before; while learning the way before")),
    when(Step, ManyLayers, &[Char('F')], "walk.unfold", Deed::Unfold, short("展开", "unfold"), ("展开或者收起注意力以外的步骤：归一化、残差、前馈层", "unfold or fold what stands around attention: norms, residuals, feed-forward")),
    row(Step, &[Char('`'), Char('·')], "walk.first", Deed::FirstStage, None, "回到最前面的一页：1 左边的键", "the very first page: the key left of 1"),
    row(Step, &[Char('G')], "walk.last", Deed::LastStage, None, "最后一个阶段", "last stage"),
    row(Step, DIGITS, "walk.stage", Deed::Stage(1), None, "跳到第几个阶段；更后面的用 G 和 b", "stage by its number; later ones by G and b"),
    row(Look, &[Key::Up, Char('k')], "walk.up", Deed::Up, None, "上移一行", "one row up"),
    row(Look, &[Key::Down, Char('j')], "walk.down", Deed::Down, None, "下移一行", "one row down"),
    row(Look, &[Key::Left, Char('h')], "walk.left", Deed::Left, None, "左移一列", "one column left"),
    row(Look, &[Key::Right, Char('l')], "walk.right", Deed::Right, None, "右移一列", "one column right"),
    row(Look, &[Key::Ctrl('d')], "walk.half_down", Deed::HalfDown, None, "往下半页：大矩阵里一次八行", "half a page down: eight rows of a large matrix"),
    row(Look, &[Key::Ctrl('u')], "walk.half_up", Deed::HalfUp, None, "往上半页", "half a page up"),
    row(Look, &[Key::Home], "walk.row_start", Deed::RowStart, None, "这一行的开头", "start of the row"),
    row(Look, &[Key::End], "walk.row_end", Deed::RowEnd, None, "这一行的末尾", "end of the row"),
    when(Heads, ManyHeads, &[Char('.')], "walk.next_head", Deed::NextHead, short("换头", "head"), ("下一个头", "next head")),
    when(Heads, ManyHeads, &[Char(',')], "walk.previous_head", Deed::PreviousHead, None, ("上一个头", "previous head")),
    when(Look, ManyTensors, &[Key::Tab, Key::BackTab], "walk.matrix", Deed::NextTensor, short("换矩阵", "matrix"), ("在这一页的另一个矩阵里移动（比如 W）", "move in another matrix of this page, such as W")),
    when(Look, ManySentences, &[Char('>')], "walk.next_sentence", Deed::NextSentence, short("下一句", "next sentence"), ("批次里的下一句", "next sentence of the batch")),
    when(Look, ManySentences, &[Char('<')], "walk.previous_sentence", Deed::PreviousSentence, None, ("批次里的上一句", "previous sentence of the batch")),
    row(Change, &[Char('e')], "walk.edit", Deed::Edit, short("改数", "edit"), "改光标下的数，下游立刻重算；改算出来的数（打分、权重……），就是手工指定它", "edit the number under the cursor; what follows is computed anew. A computed one is overridden"),
    row(Change, &[Char('+')], "walk.more", Deed::More, None, "大一点", "a little more"),
    row(Change, &[Char('-')], "walk.less", Deed::Less, None, "小一点", "a little less"),
    row(Change, &[Char('0')], "walk.zero", Deed::Zero, None, "变成 0；在权重上就是不看那个词", "make it 0: on weights, a word that is not looked at"),
    row(Change, &[Key::Backspace, Key::Delete], "walk.take_back", Deed::TakeBack, None, "光标下的数不改了，恢复原样", "take the change of this number back"),
    row(Change, &[Char('W')], "walk.random_row", Deed::RandomRow, None, "只把这一行换成随机数（粘贴一行数也行），u 撤销", "random numbers for this row alone; a row of numbers can be pasted too; u undoes it"),
    row(Look, &[Char('f')], "walk.follow", Deed::Follow, short("影响", "follow"), "跟着光标下的数往前走：它影响了后面哪些数，影响多大（导数）", "follow the number under the cursor: what it influences later on, and by how much (the derivative)"),
    row(Look, &[Char('=')], "walk.compare", Deed::Compare, short("对比", "compare"), "现在 → 改动之前 → 变了多少", "now, before the changes, the difference"),
    row(Change, &[Char('u')], "walk.undo", Deed::Undo, short("撤销", "undo"), "撤销", "undo"),
    row(Change, &[Char('U'), Key::Ctrl('r')], "walk.redo", Deed::Redo, None, "重做", "redo"),
    when(Heads, Output, &[Char('x')], "walk.silence", Deed::Silence, short("关头", "silence"), ("关掉这个头，再按一次打开：它对输出的贡献为 0", "silence this head, or let it speak again: it adds nothing to the output")),
    row(Change, &[Char('X')], "walk.silence_row", Deed::SilenceRow, None, "关掉这一行：全变成 0；在权重上，这个词就谁也不看", "silence this row, every number 0: on weights, a word that looks at nothing"),
    when(Change, OwnSentence, &[Char('/')], "walk.sentence", Deed::Sentence, short("句子", "sentence"), ("写一句自己的话（用 | 自己断词）", "type a sentence of your own (| sets a boundary by hand)")),
    when(Change, OwnSentence, &[Char('v')], "walk.cut", Deed::Lens, short("切法", "cut"), ("换个切法：词 → 字 → 字节", "cut the sentence into words, characters, bytes")),
    row(Take, &[Char('y')], "walk.copy", Deed::CopyText, None, "复制这个数的算式", "copy this number's arithmetic"),
    row(Take, &[Char('Y')], "walk.copy_latex", Deed::CopyLatex, short("LaTeX", "LaTeX"), "复制成 LaTeX", "copy it as LaTeX"),
    row(Change, &[Char('w')], "walk.weights", Deed::Weights, short("随机", "random"), "换成随机权重；同一句话有学出来的权重，就再换成学出来的；然后换回来", "random weights; then learned ones, where the sentence has them; then the sample's own again"),
    row(Change, &[Char('m')], "walk.mask", Deed::Mask, short("遮挡", "mask"), "换遮挡方式：样例自带的 → 不遮 → 因果（只看前面）→ 只看左右邻居", "mask: the sample's own, none, causal, a window of neighbours"),
    row(Step, &[Key::Esc], "walk.whole", Deed::Close, None, "停下分步，全部显示；回到现在的数", "leave the small steps and show everything; back to the numbers of now"),
    row(Program, &[Char('q'), ALWAYS_QUIT], "walk.quit", Deed::Quit, short("退出", "quit"), "退出（Ctrl-C 总能退出）", "quit (Ctrl-C always does)"),
];

/// Where the common rows stand in a list of the walk's: before this row.
const LAST: &str = "walk.whole";

/// What a key does on the walk by its own table.
pub(in crate::app) fn deed(key: Key) -> Option<Deed> {
    let row = WALK.iter().find(|row| row.command.keys.contains(&key))?;
    Some(match (row.deed, key.digit()) {
        // One row for nine keys: the digit says which stage.
        (Deed::Stage(_), Some(digit)) => Deed::Stage(digit as u8),
        (deed, _) => deed,
    })
}

/// The window that a key of the walk opens.
pub(in crate::app) fn opener(key: Key) -> Option<&'static Opener> {
    openers().find(|opener| opener.command.keys.contains(&key))
}

/// Whether a command is so called: of the walk, of a window, or common to all.
pub(in crate::app) fn is_known(name: &str) -> bool {
    super::contexts().iter().any(|listed| listed.commands.iter().any(|command| command.name == name))
}

/// The keys of the walk that open windows.
pub(in crate::app) fn openers() -> impl Iterator<Item = &'static Opener> {
    CONTEXTS.iter().filter_map(|context| context.opener)
}

/// Everything that works on the walk, in the order in which it is listed: what opens windows where its window says, what is
/// common to all near the end.
pub fn walk_commands() -> Vec<&'static Command> {
    let mut all = Vec::new();
    for command in commands_of(WALK) {
        if command.name == LAST {
            all.extend(commands_of(COMMON));
        }
        all.push(command);
        all.extend(openers().filter(|opener| opener.after == command.name).map(|opener| &opener.command));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_listed_where_it_says() {
        let listed = walk_commands();
        for opener in openers() {
            assert!(listed.iter().any(|command| command.name == opener.command.name), "{}", opener.after);
        }
    }
}
