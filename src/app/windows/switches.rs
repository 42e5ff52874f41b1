//! `S`: the switches, one row each. The window and the words all come from this table.

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone};
use crate::app::Model;
use crate::app::deeds::{around, perform, step};
use crate::app::edits::try_change;
use crate::app::keys::{self, Command, Deed as Walk, Key, Opener, Row, When, row, short};
use crate::ground::lang::Text;
use crate::program::Divisor;
use crate::source::sample::{MaskChoice, Scenario};

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
    turn: fn(&mut Scenario, isize),
}

/// On or off, in words.
const fn on_off(on: bool) -> Text {
    if on { Text::new("开", "on") } else { Text::new("关", "off") }
}

/// Every switch.
pub const SWITCHES: &[Switch] = &[
    Switch {
        name: Text::new("分数除以", "scores divided by"),
        says: Text::new(
            "不除的话，维数一多 softmax 就一边倒；除以 d 又太狠，谁也分不出来。按 d 进实验室看为什么。",
            "Undivided, softmax tips over as d grows; divided by d it can tell nobody apart. The laboratory (d) shows why.",
        ),
        now: |s| match s.wiring.divisor {
            Divisor::Root => Text::new("√d", "√d"),
            Divisor::One => Text::new("不除", "nothing"),
            Divisor::Whole => Text::new("d", "d"),
        },
        turn: |s, by| s.wiring.divisor = turned(&Divisor::ALL, s.wiring.divisor, by),
    },
    Switch {
        name: Text::new("温度 T", "temperature T"),
        says: Text::new(
            "分数再除以 T：T 小，注意力集中到一个词；T 大，大家平分。:temperature 可以设任意值。",
            "Scores are divided by T too: small, one word takes all; large, all share alike. :temperature sets any value.",
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
    },
    Switch {
        name: Text::new("位置", "positions"),
        says: Text::new(
            "关掉以后，词不知道自己排第几：打乱词序，每个词得到的上下文都不变。",
            "Off, no word knows where it stands: shuffle the words and each keeps the same context.",
        ),
        now: |s| on_off(s.positions),
        turn: |s, _| s.positions = !s.positions,
    },
    Switch {
        name: Text::new("权重矩阵 W", "weight matrices W"),
        says: Text::new(
            "关掉以后 q = k = v = h：自注意力是 attn(x, x, x)，交叉注意力是 attn(x, y, y)，公式一样，只是没有学到的眼光。",
            "Off, q = k = v = h: self-attention is attn(x, x, x), cross-attention attn(x, y, y). One formula, no learned view.",
        ),
        now: |s| on_off(s.wiring.projected),
        turn: |s, _| s.wiring.projected = !s.wiring.projected,
    },
    Switch {
        name: Text::new("W_q 和 W_k 对调", "W_q and W_k swapped"),
        says: Text::new(
            "问的和答的互换：自注意力的分数表沿对角线翻转，可见「爱看天安门」和「天安门看爱」是两回事。",
            "Who asks and who answers change places: in self-attention the scores flip along the diagonal.",
        ),
        now: |s| on_off(s.wiring.swapped),
        turn: |s, _| s.wiring.swapped = !s.wiring.swapped,
    },
    Switch {
        name: Text::new("V 绑到 K", "V tied to K"),
        says: Text::new(
            "值也用 W_k 算：靠什么被找到，就只能交出什么。",
            "Values are made by W_k too: a word can hand over only what it is found by.",
        ),
        now: |s| on_off(s.wiring.tied),
        turn: |s, _| s.wiring.tied = !s.wiring.tied,
    },
    Switch {
        name: Text::new("输出矩阵 W_o", "output matrix W_o"),
        says: Text::new(
            "关掉以后，各个头只是并排放着，谁也不和谁混合。",
            "Off, the heads only stand side by side; nothing mixes them.",
        ),
        now: |s| on_off(s.wiring.joined),
        turn: |s, _| s.wiring.joined = !s.wiring.joined,
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
    },
];

/// The entry before or after; one that is not in the list counts as the first.
fn turned<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
    let at = all.iter().position(|x| *x == now).unwrap_or(0);
    all[around(at, by, all.len())]
}

/// The switches, and which of them is chosen.
#[derive(Debug, Clone)]
pub struct SwitchesWindow {
    /// The chosen one.
    pub chosen: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Choose(isize),
    /// Choose the one with that number, from 1.
    Number(usize),
    Turn(isize),
    /// What the key does on the walk.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('S')],
        name: "switches.open",
        when: When::Always,
        short: short("开关", "what if"),
        help: Text::new(
            "开关：√d、温度、遮挡、位置、W、W_o……拨一下看看会怎样",
            "switches: sqrt d, temperature, mask, positions, the W, W_o ... what if they were otherwise",
        ),
    },
    after: "walk.compare",
    open: |model| {
        model.open_window(SwitchesWindow { chosen: 0 });
        Vec::new()
    },
};

impl Behaviour for SwitchesWindow {
    type Deed = Deed;
    const NAME: &'static str = "switches";
    const TITLE: Text = Text::new("如果……会怎样", "what if");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k')], "switches.up", Deed::Choose(-1), short("选", "choose"), "选上面一个", "choose the one above"),
        row(&[Key::Down, Key::Char('j')], "switches.down", Deed::Choose(1), short("选", "choose"), "选下面一个", "choose the one below"),
        row(&[Key::Left, Key::Char('h'), Key::Char('-')], "switches.turn_back", Deed::Turn(-1), short("拨", "turn"), "往回拨一档", "turn it one step back"),
        row(&[Key::Right, Key::Char('l'), Key::Char('+'), Key::Enter, Key::Char(' ')], "switches.turn", Deed::Turn(1), short("拨", "turn"), "拨一档", "turn it one step on"),
        row(keys::DIGITS, "switches.number", Deed::Number(1), None, "选第几个", "choose by number"),
        row(&[Key::Char('u')], "switches.undo", Deed::Walk(Walk::Undo), short("撤销", "undo"), "撤销", "undo"),
        row(&[Key::Char('U'), Key::Ctrl('r')], "switches.redo", Deed::Walk(Walk::Redo), None, "重做", "redo"),
    ];

    fn deed(row: Deed, key: Key) -> Deed {
        match (row, key.digit()) {
            (Deed::Number(_), Some(digit)) => Deed::Number(digit),
            (deed, _) => deed,
        }
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::Choose(by) => self.chosen = step(self.chosen, by, SWITCHES.len()),
            Deed::Number(n) => self.chosen = n.saturating_sub(1).min(SWITCHES.len() - 1),
            Deed::Turn(by) => {
                let mut scenario = model.material.scenario.clone();
                if let Some(switch) = SWITCHES.get(self.chosen) {
                    (switch.turn)(&mut scenario, by);
                }
                if scenario != model.material.scenario {
                    return try_change(model, scenario).into();
                }
            }
            Deed::Walk(deed) => return perform(model, deed).into(),
        }
        Outcome::stay()
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let row = |(n, switch): (usize, &Switch)| {
            let entries = vec![Entry::words((switch.now)(&model.material.scenario))];
            Line::Row(LineRow { name: switch.name.clone(), chosen: n == self.chosen, entries })
        };
        let says = SWITCHES.get(self.chosen).map(|switch| Line::Say(Tone::Dim, switch.says.clone()));
        SWITCHES.iter().enumerate().map(row).chain(says).collect()
    }
}
