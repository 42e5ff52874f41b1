//! `S`: the switches, and what each of them is good for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Model, SWITCHES};
use crate::ground::lang::Lang;
use crate::ground::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

/// Columns of a switch's name.
const NAME: usize = 22;

/// Lines for what the chosen switch is good for.
const SAYS: u16 = 3;

pub(in crate::ui) fn draw(model: &Model, theme: Theme, chosen: usize, area: Rect, buffer: &mut Buffer) {
    let title = match model.settings.lang {
        Lang::Zh => "如果……会怎样   ↑↓ 选，←→ 拨，Esc 回去看变化",
        Lang::En => "what if   Up, Down choose; Left, Right turn; Esc shows what changed",
    };
    let window = Popup { title, width: 78, height: SWITCHES.len() as u16 + SAYS + 3 };
    let inside = window.draw(theme, area, buffer);
    for (n, switch) in SWITCHES.iter().enumerate() {
        let row = Rect { y: inside.y + n as u16, height: 1, ..inside }.intersection(inside);
        let style = if n == chosen { theme.chosen() } else { theme.ground() };
        buffer.set_style(row, style);
        let name = format!("{} {}", n + 1, text::left(model.say(&switch.name), NAME));
        let x = put(buffer, inside, row.x, row.y, &name, style);
        let now = (switch.now)(&model.scenario);
        put(buffer, inside, x + 2, row.y, &super::signs(model, model.say(&now)), theme.key());
    }
    let says = SWITCHES.get(chosen).map_or("", |switch| model.say(&switch.says));
    let lines = text::wrap(&super::signs(model, says), usize::from(inside.width));
    let y = inside.y + SWITCHES.len() as u16 + 1;
    for (y, line) in (y..inside.bottom()).zip(lines) {
        put(buffer, inside, inside.x, y, &line, theme.dim());
    }
}
