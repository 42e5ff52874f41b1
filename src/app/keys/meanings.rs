//! One key, one meaning: what each key that works in several windows means in all of them.

use Key::{BackTab, Backspace, Char, Ctrl, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};

use super::{DIGITS, Key};
use crate::ground::lang::Text;

/// What some keys mean wherever they work.
#[derive(Debug)]
pub(super) struct Meaning {
    /// The keys.
    pub(super) keys: &'static [Key],
    /// The meaning.
    pub(super) means: Text,
    /// Every command that they give.
    pub(super) commands: &'static [&'static str],
}

const fn meaning(
    keys: &'static [Key],
    zh: &'static str,
    en: &'static str,
    commands: &'static [&'static str],
) -> Meaning {
    Meaning { keys, means: Text::new(zh, en), commands }
}

/// The meanings.
#[rustfmt::skip] // one row, one meaning
pub(super) static MEANINGS: &[Meaning] = &[
    meaning(&[Up, Char('k')], "往上；多一些", "up; more", &["walk.up", "microscope.up", "switches.up", "laboratory.double", "race.more_sentences", "queue.more_pieces", "lens.up", "heads.up", "map.up", "card.up", "samples.up", "clinic.up", "quiz.up", "help.up", "line.earlier", "code.up", "lessons.up", "learn.up", "theatre.previous_head", "beside.up"]),
    meaning(&[Down, Char('j')], "往下；少一些", "down; less", &["walk.down", "microscope.down", "switches.down", "laboratory.halve", "race.fewer_sentences", "queue.fewer_pieces", "lens.down", "heads.down", "map.down", "card.down", "samples.down", "clinic.down", "quiz.down", "help.down", "line.later", "code.down", "lessons.down", "learn.down", "theatre.next_head", "beside.down"]),
    meaning(&[Left, Char('h')], "往左；往回", "left; back", &["walk.left", "microscope.left", "switches.turn_back", "laboratory.less", "race.fewer_words", "queue.before", "lens.left", "heads.left", "map.left", "coarser.previous", "clinic.list", "learn.left", "theatre.earlier", "beside.previous_head"]),
    meaning(&[Right, Char('l')], "往右；往前", "right; on", &["walk.right", "microscope.right", "switches.turn", "laboratory.more", "race.more_words", "queue.after", "lens.right", "heads.right", "map.right", "coarser.next", "learn.right", "theatre.later", "beside.next_head"]),
    meaning(&[Char('n')], "下一步、下一个、下一页", "the next step, word or page", &["walk.next", "lens.step", "heads.next_word", "card.page_down", "microscope.page_down", "lesson.next", "code.down", "learn.step", "theatre.step"]),
    meaning(&[Char('b')], "上一步、上一个、上一页", "the step, word or page before", &["walk.back", "lens.back", "heads.previous_word", "card.page_up", "microscope.page_up", "lesson.back", "code.up", "learn.undo"]),
    meaning(&[Char(']'), PageDown], "往前一大步", "a larger step on", &["walk.next_stage", "lens.round", "lens.page_down", "clinic.page_down", "card.page_down", "microscope.page_down", "help.page_down", "race.read_on", "laboratory.read_on", "lesson.next", "code.down", "learn.next_stage"]),
    meaning(&[Char('['), PageUp], "往回一大步", "a larger step back", &["walk.previous_stage", "lens.round_back", "lens.page_up", "clinic.page_up", "card.page_up", "microscope.page_up", "help.page_up", "race.read_back", "laboratory.read_back", "lesson.back", "code.up", "learn.previous_stage"]),
    meaning(&[Ctrl('d')], "往下半页", "half a page down", &["walk.half_down", "lens.half_down", "card.half_down", "microscope.half_down", "help.half_down"]),
    meaning(&[Ctrl('u')], "往上半页", "half a page up", &["walk.half_up", "lens.half_up", "card.half_up", "microscope.half_up", "help.half_up"]),
    meaning(&[Char('g')], "出一题", "ask a question", &["quiz.open", "quiz.another"]),
    meaning(&[Home], "第一个", "the first", &["walk.row_start", "lens.start", "laboratory.least", "microscope.first", "help.first", "theatre.first"]),
    meaning(&[Char('G'), End], "最后一个", "the last", &["walk.last", "walk.row_end", "lens.end", "laboratory.most", "microscope.last", "help.last", "theatre.last"]),
    meaning(DIGITS, "选第几个", "choose by number", &["walk.stage", "samples.number", "switches.number", "heads.number", "clinic.number", "quiz.number", "lessons.number"]),
    meaning(&[Tab], "换下一种：矩阵、看法、写法、切法", "the next of several: matrix, view, way to write it, cut", &["walk.matrix", "heads.next_view", "map.next_measure", "lens.version", "race.plot", "queue.cut", "line.complete", "learn.optimizer", "theatre.next_task"]),
    meaning(&[BackTab], "换上一种", "the one before", &["walk.matrix", "heads.previous_view", "map.previous_measure", "lens.version_back", "race.plot", "queue.cut", "line.complete_back", "learn.optimizer", "theatre.previous_task"]),
    meaning(&[Enter], "进去；就要这个", "into it; take it", &["microscope.open", "microscope.down_into", "heads.enlarge", "map.enter", "lens.inside", "samples.take", "clinic.take", "quiz.take", "switches.turn", "help.take", "line.take", "window.close", "lessons.play", "learn.target", "theatre.open_moment"]),
    meaning(&[Char(' ')], "开、停", "start and stop, on and off", &["walk.play", "lens.play", "queue.replay", "switches.turn", "learn.run", "theatre.run"]),
    meaning(&[Char('{')], "慢一点", "slower", &["walk.slower", "lens.slower"]),
    meaning(&[Char('}')], "快一点", "faster", &["walk.faster", "lens.faster"]),
    meaning(&[Char('+')], "多一点", "a little more", &["walk.more", "switches.turn", "race.more_features", "learn.faster", "theatre.faster"]),
    meaning(&[Char('-')], "少一点", "a little less", &["walk.less", "switches.turn_back", "race.fewer_features", "learn.slower", "theatre.slower"]),
    meaning(&[Char('.')], "头：下一个、多一些", "heads: the next, or more", &["walk.next_head", "heads.next", "card.next_head", "clinic.next_head", "coarser.next_head", "lens.next_head", "race.more_heads", "learn.next_head", "beside.next_head"]),
    meaning(&[Char(',')], "头：上一个、少一些", "heads: the one before, or fewer", &["walk.previous_head", "heads.previous", "card.previous_head", "clinic.previous_head", "coarser.previous_head", "lens.previous_head", "race.fewer_heads", "learn.previous_head", "beside.previous_head"]),
    meaning(&[Char('>')], "批次里的下一句", "the next sentence of the batch", &["walk.next_sentence", "heads.next_sentence", "lens.next_sentence", "theatre.next_sentence"]),
    meaning(&[Char('<')], "批次里的上一句", "the sentence before", &["walk.previous_sentence", "heads.previous_sentence", "lens.previous_sentence", "theatre.previous_sentence"]),
    meaning(&[Char('x')], "关掉这个头", "silence this head", &["walk.silence", "heads.silence", "map.silence"]),
    meaning(&[Char('%')], "换一种读法", "read attention another way", &["heads.reading", "map.reading"]),
    meaning(&[Char('/')], "写一句", "type a sentence", &["walk.sentence", "beside.sentence"]),
    meaning(&[Char('A')], "合起来看", "all together", &["heads.together", "map.everywhere", "lens.group"]),
    meaning(&[Char('=')], "比较、相减", "compare, and subtract", &["walk.compare", "heads.difference"]),
    meaning(&[Char('c')], "合成粗的看", "the coarser cut", &["coarser.open", "coarser.next"]),
    meaning(&[Char('r')], "再来一次", "once more", &["race.again", "queue.again", "laboratory.again", "theatre.reseed"]),
    meaning(&[Char(')')], "下一层、下一段", "the next layer or part", &["walk.next_layer", "beside.next_layer", "learn.next_section"]),
    meaning(&[Char('(')], "上一层、上一段", "the layer or part before", &["walk.previous_layer", "beside.previous_layer", "learn.previous_section"]),
    meaning(&[Backspace], "恢复原样", "back as it was", &["walk.take_back", "learn.forget"]),
    meaning(&[Char('u')], "撤销", "undo", &["walk.undo", "switches.undo", "heads.undo", "learn.undo"]),
    meaning(&[Char('U'), Ctrl('r')], "重做", "redo", &["walk.redo", "switches.redo", "heads.redo", "learn.redo"]),
    meaning(&[Char('y')], "复制算式", "copy the arithmetic", &["walk.copy", "microscope.copy"]),
    meaning(&[Char('Y')], "复制成 LaTeX", "copy it as LaTeX", &["walk.copy_latex", "microscope.copy_latex"]),
    meaning(&[Char('q'), Esc], "离开：窗口、分步、程序", "leave: a window, the small steps, the program", &["walk.quit", "walk.whole", "microscope.leave", "window.close"]),
    meaning(&[Ctrl('c')], "退出程序", "quit the program", &["walk.quit", "window.quit"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::contexts;
    use super::*;

    #[test]
    fn a_key_means_one_thing_wherever_it_works() {
        let mut uses: BTreeMap<String, Vec<(Key, &'static str)>> = BTreeMap::new();
        // A clicker sends what its makers chose, a point for a blank screen; only there it means that.
        for context in contexts().into_iter().filter(|context| context.name != "present") {
            for command in context.commands {
                for key in command.keys {
                    uses.entry(key.name()).or_default().push((*key, command.name));
                }
            }
        }
        for (name, uses) in uses.into_iter().filter(|(_, uses)| uses.len() > 1) {
            let key = uses[0].0;
            let meanings: Vec<&Meaning> = MEANINGS.iter().filter(|meaning| meaning.keys.contains(&key)).collect();
            assert_eq!(meanings.len(), 1, "{name} works in several contexts: {uses:?}");
            for (_, command) in uses {
                assert!(
                    meanings[0].commands.contains(&command),
                    "{name} means {:?}, and not {command}",
                    meanings[0].means.en
                );
            }
        }
    }

    #[test]
    fn no_meaning_names_a_command_that_there_is_not() {
        let all: Vec<&str> =
            contexts().into_iter().flat_map(|context| context.commands).map(|command| command.name).collect();
        for name in MEANINGS.iter().flat_map(|meaning| meaning.commands) {
            assert!(all.contains(name), "{name}");
        }
    }
}
