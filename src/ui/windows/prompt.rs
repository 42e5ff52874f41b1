//! `:`, `e` and `/`: a line to type a command, a number or a sentence, with what it can say above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use super::{Page, Place};
use crate::app::Target;
use crate::app::windows::{PromptWindow, Purpose, Tone};
use crate::ground::text;
use crate::ui::widgets::put;

/// Draws the line at the bottom; returns where the terminal's cursor belongs.
pub(super) fn draw(page: Page, prompt: &PromptWindow, buffer: &mut Buffer) -> Option<Position> {
    let Page { model, theme, area, .. } = page;
    let (tone, above) = prompt.above(model);
    let mut above = model.say(&above);
    // Of many commands, those that fit on a line.
    if tone == Tone::Dim && matches!(prompt.purpose, Purpose::Command(_)) {
        above = text::cut(above, usize::from(area.width).saturating_sub(2));
    }
    // Where the walk has room for it; else at the bottom. A long complaint grows upwards, so that nothing of it is lost.
    let room = if let Place::Dock(dock) = page.place { dock } else { area };
    let above = text::wrap(above, usize::from(room.width.saturating_sub(2)));
    let wanted = above.len() as u16 + 2;
    let height = if let Place::Dock(dock) = page.place { wanted.max(dock.height) } else { wanted - 1 };
    let height = height.min(room.bottom());
    let lines = Rect { y: room.bottom() - height, height, ..room };
    Clear.render(lines, buffer);
    page.targets.note(lines, Target::Window);
    buffer.set_style(lines, theme.ground());
    let style = page.tone(tone);
    for (y, line) in (lines.y..).zip(&above) {
        put(buffer, lines, lines.x + 1, y, line, style);
    }
    let line = lines.bottom().checked_sub(1)?;
    let typed = prompt.input.value();
    // The part around the cursor is shown where the line is longer than the screen.
    let room = usize::from(area.width).saturating_sub(4 + 20);
    let scroll = prompt.input.scroll(room);
    let shown = skip_columns(typed, scroll);
    let sign = match &prompt.purpose {
        Purpose::Command(_) => ":".to_owned(),
        Purpose::Number(place) => format!("{} = ", place.display()),
        Purpose::Sentence(lens) => format!("/ {}: ", model.say(&lens.label())),
    };
    let x = put(buffer, lines, lines.x + 1, line, &sign, theme.key());
    let style = if prompt.input.is_selected() { theme.chosen() } else { theme.ground() };
    put(buffer, lines, x, line, shown, style);
    let at = prompt.input.column().saturating_sub(scroll).min(room);
    Some(Position::new(x + at as u16, line))
}

/// The text without its first columns.
fn skip_columns(text: &str, columns: usize) -> &str {
    &text[text::cut(text, columns).len()..]
}
