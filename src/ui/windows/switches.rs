//! The switches, and what the chosen one is good for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::SwitchesWindow;
use crate::ground::text;
use crate::source::sample::SWITCHES;
use crate::ui::widgets::{around, put};

/// Columns of a switch's name.
const NAME: usize = 20;

/// Lines for what the chosen switch is good for.
const SAYS: u16 = 3;

pub(super) fn draw(page: Page, window: &SwitchesWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let inside = page.frame(&page.context.title, (78, SWITCHES.len() as u16 + SAYS + 3), buffer);
    let below = inside.height > SWITCHES.len() as u16 + SAYS;
    // Where there are few lines, what the chosen one is good for stands beside the list.
    let beside = if below { 0 } else { inside.width * 2 / 5 };
    let list = Rect { width: inside.width - beside, ..inside };
    let shown = around(window.chosen, usize::from(list.height), SWITCHES.len());
    for (y, n) in (list.y..).zip(shown.clone()) {
        let switch = &SWITCHES[n];
        let row = Rect { y, height: 1, ..list }.intersection(list);
        let style = if n == window.chosen { theme.chosen() } else { theme.ground() };
        page.targets.note(row, Target::Row(n));
        buffer.set_style(row, style);
        let name = format!("{} {}", n + 1, text::left(model.say(&switch.name), NAME));
        let x = put(buffer, row, row.x, row.y, &name, style);
        let now = page.say(&(switch.now)(&model.material.scenario));
        let now = text::shortened(&now, usize::from(row.right().saturating_sub(x + 1)));
        put(buffer, row, x + 1, row.y, &now, theme.key());
    }
    if let Some(switch) = SWITCHES.get(window.chosen) {
        let place = if below {
            Rect { y: inside.y + SWITCHES.len() as u16 + 1, height: SAYS, ..inside }
        } else {
            Rect { x: list.right() + 1, width: beside.saturating_sub(1), ..inside }
        };
        page.paragraph(&switch.says, theme.dim(), (place, place.y), buffer);
    }
    if shown.len() < SWITCHES.len() {
        let rest = format!("{}-{}/{}", shown.start + 1, shown.end, SWITCHES.len());
        let x = inside.right().saturating_sub(rest.len() as u16);
        put(buffer, inside, x, inside.bottom().saturating_sub(1), &rest, theme.dim());
    }
}
