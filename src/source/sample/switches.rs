//! The switches: one row each. Its names, how it stands and turns, what is said of it, and how a file keeps it.
//!
//! A new switch is its row here, its field in [`Wiring`] with what it does to words, and what it does in
//! `program/attention.rs`.

use super::format::choice;
use super::{MaskChoice, Scenario};
use crate::ground::lang::Text;
use crate::program::{Divisor, Wiring};
use crate::source::file::error::Refusal;
use crate::source::file::read::{Node, number, wrong_type};

/// The temperatures that the arrows go through; any other is set with `:temperature`.
const TEMPERATURES: [f32; 9] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0];

/// The masks that the arrows go through.
const MASKS: [MaskChoice; 6] = [
    MaskChoice::Own,
    MaskChoice::Open,
    MaskChoice::Causal,
    MaskChoice::Window(1),
    MaskChoice::Window(2),
    MaskChoice::Window(4),
];

/// One switch.
#[derive(Debug)]
pub struct Switch {
    /// What is switched.
    pub name: Text,
    /// What to expect.
    pub says: Text,
    /// How it stands.
    pub now: fn(&Scenario) -> Text,
    /// How it stands one step further, or back.
    pub turn: fn(&mut Scenario, isize),
    /// What is said of it in the header and on leaving, where it is turned.
    pub(super) turned: fn(&Scenario) -> Option<Text>,
    /// Whether it stands first where turned switches are listed.
    pub(super) leads: bool,
    /// How a file keeps it; none for what a file writes as numbers.
    saved: Option<Saved>,
}

/// A key of `what_if` in a sample file.
#[derive(Debug)]
pub(super) struct Saved {
    /// The key.
    pub(super) key: &'static str,
    /// Its value, where the switch is turned.
    pub(super) write: fn(&Scenario) -> Option<String>,
    /// Turns the switch as the value says.
    pub(super) read: Read,
}

/// Reads what stands behind a key into a scenario.
type Read = for<'a> fn(&Text, &'a Node<'a>, &mut Scenario) -> Result<(), Refusal>;

/// On or off, in words.
const fn on_off(on: bool) -> Text {
    if on { Text::new("开", "on") } else { Text::new("关", "off") }
}

/// Every switch.
pub const SWITCHES: &[Switch] = &[
    Switch {
        name: Text::new("分数除以", "scores divided by"),
        says: Text::new(
            "不除的话，d 一大 softmax 就饱和；除以 d 又太过，d 一大就几乎平分。按 d 进实验室看为什么。",
            "Undivided, softmax saturates as d grows; divided by d it is nearly even. The laboratory (d) shows why.",
        ),
        now: |s| match s.wiring.divisor {
            Divisor::Root => Text::new("√d", "√d"),
            Divisor::One => Text::new("不除", "nothing"),
            Divisor::Whole => Text::new("d", "d"),
        },
        turn: |s, by| s.wiring.divisor = turned(&Divisor::ALL, s.wiring.divisor, by),
        turned: |s| match s.wiring.divisor {
            Divisor::Root => None,
            Divisor::One => Some(Text::new("不除 √d", "no ÷√d")),
            by @ Divisor::Whole => Some(Text::same(format!("÷{}", by.name()))),
        },
        leads: false,
        saved: Some(Saved {
            key: "divide_by",
            write: |s| differs(s, |w| w.divisor).map(|divisor| format!("\"{}\"", divisor.name())),
            read: |what, node, s| {
                s.wiring.divisor = choice(what, node, &Divisor::ALL.map(|divisor| (divisor.name(), divisor)))?;
                Ok(())
            },
        }),
    },
    Switch {
        name: Text::new("温度 T", "temperature T"),
        says: Text::new(
            "分数再除以 T：T 越小越集中，T 越大越平均。:temperature 可以设 0.05 到 20 的任意值。",
            "Scores are divided by T too: the smaller T, the more concentrated; the larger, the more even. :temperature sets any value.",
        ),
        now: |s| Text::same(s.wiring.temperature.to_string()),
        turn: |s, by| {
            let now = s.wiring.temperature;
            let next = if by > 0 {
                TEMPERATURES.into_iter().find(|&t| t > now)
            } else {
                TEMPERATURES.into_iter().rev().find(|&t| t < now)
            };
            s.wiring.temperature = next.unwrap_or(now);
        },
        turned: |s| differs(s, |w| w.temperature).map(|t| Text::same(format!("T = {t}"))),
        leads: false,
        saved: Some(Saved {
            key: "temperature",
            write: |s| differs(s, |w| w.temperature).map(|t| format!("{t:?}")),
            read: |what, node, s| {
                s.wiring.temperature = temperature(what, node)?;
                Ok(())
            },
        }),
    },
    Switch {
        name: Text::new("遮挡", "mask"),
        says: Text::new(
            "谁可以看谁。也可以在 masked 那一页按 Tab 到 mask，一格一格地改（e 或 0）。",
            "Who may look at whom. On the page masked, Tab goes to the mask: change it cell by cell with e or 0.",
        ),
        now: |s| match s.mask {
            MaskChoice::Own => Text::new("样例自带", "the sample's own"),
            MaskChoice::Open => Text::new("不遮", "none"),
            MaskChoice::Causal => Text::new("因果：只看前面", "causal: only what came before"),
            MaskChoice::Window(n) => Text::owned(format!("窗口：前后 {n} 词"), format!("window: {n} around")),
        },
        turn: |s, by| s.mask = turned(&MASKS, s.mask, by),
        turned: |s| match s.mask {
            MaskChoice::Own => None,
            MaskChoice::Open => Some(Text::new("不遮挡", "no mask")),
            MaskChoice::Causal => Some(Text::new("因果遮挡", "causal mask")),
            MaskChoice::Window(n) => Some(Text::owned(format!("只看前后 {n} 词"), format!("window of {n}"))),
        },
        leads: true,
        saved: None,
    },
    Switch {
        name: Text::new("位置", "positions"),
        says: Text::new(
            "关掉以后，词向量里没有位置：不遮挡时打乱词序，每个词的上下文都不变；有因果或窗口遮挡时，谁能看谁仍随次序变。",
            "Off, words hold no position: shuffled, each keeps its context while nothing is masked; under a causal or window mask, who may see whom still depends on the order.",
        ),
        now: |s| on_off(s.positions),
        turn: |s, _| s.positions = !s.positions,
        turned: |s| (!s.positions).then(|| Text::new("没有位置", "no positions")),
        leads: false,
        saved: None,
    },
    Switch {
        name: Text::new("权重矩阵 W", "weight matrices W"),
        says: Text::new(
            "关掉以后 q = k = v = h（交叉注意力里 k、v 取自 M），不经学到的投影；多头时各头只分到 h 的几列。",
            "Off, q = k = v = h (in cross-attention k and v are of M), without learned projections; each of several heads has only some columns.",
        ),
        now: |s| on_off(s.wiring.projected),
        turn: |s, _| s.wiring.projected = !s.wiring.projected,
        turned: |s| differs(s, |w| w.projected).map(|_| Text::new("没有 W", "no W")),
        leads: false,
        saved: Some(Saved {
            key: "projected",
            write: |s| differs(s, |w| w.projected).map(|on| on.to_string()),
            read: |what, node, s| {
                s.wiring.projected = truth(what, node)?;
                Ok(())
            },
        }),
    },
    Switch {
        name: Text::new("W_q 和 W_k 对调", "W_q and W_k swapped"),
        says: Text::new(
            "查询和键的矩阵互换。自注意力里，分数表沿对角线翻转：A 看 B 的分数成了 B 看 A 的；对称的头看不出变化。",
            "The matrices of queries and keys change places. In self-attention the scores flip along the diagonal: A on B becomes B on A; a symmetric head shows no change.",
        ),
        now: |s| on_off(s.wiring.swapped),
        turn: |s, _| s.wiring.swapped = !s.wiring.swapped,
        turned: |s| differs(s, |w| w.swapped).map(|_| Text::new("W_q、W_k 对调", "W_q, W_k swapped")),
        leads: false,
        saved: Some(Saved {
            key: "swapped",
            write: |s| differs(s, |w| w.swapped).map(|on| on.to_string()),
            read: |what, node, s| {
                s.wiring.swapped = truth(what, node)?;
                Ok(())
            },
        }),
    },
    Switch {
        name: Text::new("V 绑到 K", "V tied to K"),
        says: Text::new(
            "值也用 W_k 算：靠什么被找到，被取走的就是什么。",
            "Values are made by W_k too: what a word is found by is what is taken from it.",
        ),
        now: |s| on_off(s.wiring.tied),
        turn: |s, _| s.wiring.tied = !s.wiring.tied,
        turned: |s| differs(s, |w| w.tied).map(|_| Text::new("V = K", "V = K")),
        leads: false,
        saved: Some(Saved {
            key: "tied",
            write: |s| differs(s, |w| w.tied).map(|on| on.to_string()),
            read: |what, node, s| {
                s.wiring.tied = truth(what, node)?;
                Ok(())
            },
        }),
    },
    Switch {
        name: Text::new("输出矩阵 W_o", "output matrix W_o"),
        says: Text::new(
            "关掉以后，各个头的上下文只是并排放着，不再混合；没有输出这一步。",
            "Off, the heads' contexts only stand side by side; nothing mixes them, and there is no output.",
        ),
        now: |s| on_off(s.wiring.joined),
        turn: |s, _| s.wiring.joined = !s.wiring.joined,
        turned: |s| differs(s, |w| w.joined).map(|_| Text::new("没有 W_o", "no W_o")),
        leads: false,
        saved: Some(Saved {
            key: "output_weights",
            write: |s| differs(s, |w| w.joined).map(|on| on.to_string()),
            read: |what, node, s| {
                s.wiring.joined = truth(what, node)?;
                Ok(())
            },
        }),
    },
    Switch {
        name: Text::new("全部复原", "everything as it was"),
        says: Text::new(
            "开关拨回去，改过的数也复原；u 可以撤销。",
            "All switches back, all changed numbers back; u undoes it.",
        ),
        now: |s| {
            if s.is_plain() {
                Text::new("没有改动", "nothing changed")
            } else {
                Text::new("按 → 复原", "→ resets")
            }
        },
        turn: |s, _| *s = Scenario { seed: s.seed, ..Scenario::default() },
        turned: |_| None,
        leads: false,
        saved: None,
    },
];

/// The entry before or after; one that is not in the list counts as the first.
fn turned<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
    let at = all.iter().position(|x| *x == now).unwrap_or(0);
    all[(at as isize + by).rem_euclid(all.len() as isize) as usize]
}

/// A part of the wiring, where it is not as in the papers.
fn differs<T: PartialEq>(scenario: &Scenario, part: fn(&Wiring) -> T) -> Option<T> {
    let now = part(&scenario.wiring);
    (now != part(&Wiring::default())).then_some(now)
}

/// `true` or `false`.
fn truth<'a>(what: &Text, node: &'a Node<'a>) -> Result<bool, Refusal> {
    node.get_ref().as_bool().ok_or_else(|| wrong_type(what, node, &Text::new("真假值", "true or false")))
}

/// A temperature that can be set.
fn temperature<'a>(what: &Text, node: &'a Node<'a>) -> Result<f32, Refusal> {
    let found = number(|| what.clone(), node)?;
    if Wiring::TEMPERATURES.contains(&found) {
        return Ok(found);
    }
    let (least, most) = (Wiring::TEMPERATURES.start(), Wiring::TEMPERATURES.end());
    let words = Text::owned(
        format!("temperature：写的是 {found}，应当是 {least} 到 {most} 的数"),
        format!("temperature is {found}, expected a number from {least} to {most}"),
    );
    Err(Refusal::new(node.span().start, words))
}

impl Switch {
    /// Whether the switch that a file calls by this key stands alike in two scenarios; so does what no switch is called.
    pub(in crate::source) fn stands_alike(key: &str, one: &Scenario, other: &Scenario) -> bool {
        let called = |switch: &&Self| switch.saved.as_ref().is_some_and(|saved| saved.key == key);
        SWITCHES.iter().find(called).is_none_or(|switch| (switch.now)(one) == (switch.now)(other))
    }

    /// Every key of a file, in the order in which they are written.
    pub(super) fn saved() -> impl Iterator<Item = &'static Saved> {
        SWITCHES.iter().filter_map(|switch| switch.saved.as_ref())
    }
}
