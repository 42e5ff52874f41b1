//! The built-in samples, to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::SamplesWindow;
use crate::ground::text;
use crate::ui::widgets::put;

pub(super) fn draw(page: Page, window: &SamplesWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let number = window.rows.len().to_string().len();
    let named = window.rows.iter().map(|(name, _)| text::columns(name)).max().unwrap_or(0) + 1;
    let inside = page.frame(&page.context.title, (84, window.rows.len() as u16 + 2), buffer);
    for (n, (name, title)) in window.rows.iter().enumerate() {
        let row = Rect { y: inside.y + n as u16, height: 1, ..inside }.intersection(inside);
        let style = if n == window.chosen { theme.chosen() } else { theme.ground() };
        page.targets.note(row, Target::Row(n));
        buffer.set_style(row, style);
        let x =
            put(buffer, inside, row.x, row.y, &format!("{:>number$} {}", n + 1, text::left(name, named)), theme.key());
        put(buffer, inside, x + 1, row.y, model.say(title), style);
    }
}
