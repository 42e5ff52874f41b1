//! The switches, and what the chosen one is good for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::SwitchesWindow;
use crate::ground::text;
use crate::source::sample::SWITCHES;
use crate::ui::widgets::put;

/// Columns of a switch's name.
const NAME: usize = 22;

/// Lines for what the chosen switch is good for.
const SAYS: u16 = 3;

pub(super) fn draw(page: Page, window: &SwitchesWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let inside = page.frame(&page.context.title, (78, SWITCHES.len() as u16 + SAYS + 3), buffer);
    for (n, switch) in SWITCHES.iter().enumerate() {
        let row = Rect { y: inside.y + n as u16, height: 1, ..inside }.intersection(inside);
        let style = if n == window.chosen { theme.chosen() } else { theme.ground() };
        page.targets.note(row, Target::Row(n));
        buffer.set_style(row, style);
        let name = format!("{} {}", n + 1, text::left(model.say(&switch.name), NAME));
        let x = put(buffer, inside, row.x, row.y, &name, style);
        put(buffer, inside, x + 2, row.y, &page.say(&(switch.now)(&model.material.scenario)), theme.key());
    }
    if let Some(switch) = SWITCHES.get(window.chosen) {
        let y = inside.y + SWITCHES.len() as u16 + 1;
        page.paragraph(&switch.says, theme.dim(), (inside, y), buffer);
    }
}
