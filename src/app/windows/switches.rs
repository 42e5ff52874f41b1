//! `S`: the switches. Their rows stand in `source/sample/switches.rs`.

use super::{Behaviour, Entry, Line, LineRow, Outcome, Tone};
use crate::app::deeds::{perform, step};
use crate::app::edits::try_change;
use crate::app::keys::{self, Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::app::{Model, Target};
use crate::ground::lang::Text;
use crate::source::sample::{SWITCHES, Switch};

/// The switches, and which of them is chosen.
#[derive(Debug, Clone)]
pub struct SwitchesWindow {
    /// The chosen one.
    pub chosen: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
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
        group: Some(Group::Change),
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
    const DOCKS: bool = true;
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

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Row(row) if row == self.chosen => self.press(model, Deed::Turn(1)),
            Target::Row(row) => {
                self.chosen = row.min(SWITCHES.len() - 1);
                Outcome::stay()
            }
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Choose(by))
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
