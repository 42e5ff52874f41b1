//! What a terminal too small for a picture shows: which size it needs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::ground::lang::Lang;
use crate::ground::text;
use crate::ui::SMALLEST;
use crate::ui::theme::Theme;
use crate::ui::widgets::put;

pub(in crate::ui) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let (columns, rows) = SMALLEST;
    let (w, h) = (area.width, area.height);
    let words = match model.settings.lang {
        Lang::Zh => format!("窗口太小：现在 {w}×{h}，至少要 {columns}×{rows}。请放大窗口或缩小字号；q 退出。"),
        Lang::En => format!(
            "Too small: {w}×{h}, at least {columns}×{rows} is needed. Enlarge the window or shrink the font; q quits."
        ),
    };
    for (n, line) in text::wrap(&words, usize::from(area.width)).iter().enumerate() {
        put(buffer, area, area.x, area.y + n as u16, line, theme.ground());
    }
}
