//! The code that computes what is shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::CodeWindow;
use crate::ui::widgets::{around, put};

pub(super) fn draw(page: Page, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let lines = CodeWindow::lines(model);
    let inside = page.frame(&page.context.title, (84, lines.len() as u16 + 2), buffer);
    let lit = lines.iter().position(|line| CodeWindow::is_lit(model, line));
    let from = lines.iter().position(|line| line.makes.is_some()).unwrap_or(0);
    let shown = around(lit.unwrap_or(from), inside.height.into(), lines.len());
    for (y, n) in (inside.y..).zip(shown.clone()) {
        let line = &lines[n];
        let row = Rect { y, height: 1, ..inside };
        let style = if CodeWindow::is_lit(model, line) { theme.chosen() } else { theme.ground() };
        page.targets.note(row, Target::Row(n));
        buffer.set_style(row, style);
        let x = put(buffer, inside, inside.x, y, &format!("{:>2} ", n + 1), theme.dim());
        let text = page.say(&crate::ground::lang::Text::same(line.line.clone()));
        put(buffer, inside, x, y, &text, style);
    }
    // What is out of sight above or below says so at the right.
    let sign = match (shown.start > 0, shown.end < lines.len()) {
        (true, true) => "↑↓",
        (true, false) => "↑",
        (false, true) => "↓",
        (false, false) => return,
    };
    let sign = page.say(&crate::ground::lang::Text::same(sign));
    put(buffer, inside, inside.right().saturating_sub(3), inside.y, &sign, theme.dim());
}
