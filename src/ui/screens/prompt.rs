//! `:`: a line to type a command, with what it can say above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use crate::app::{Model, Prompt, Purpose, command};
use crate::lang::Text;
use crate::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::put;

/// Draws the line at the bottom; returns where the terminal's cursor belongs.
pub(in crate::ui) fn draw(
    model: &Model,
    theme: Theme,
    prompt: &Prompt,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let lines = Rect { y: area.bottom().checked_sub(2)?, height: 2, ..area };
    Clear.render(lines, buffer);
    buffer.set_style(lines, theme.ground());
    match &prompt.error {
        Some(error) => put(buffer, lines, lines.x + 1, lines.y, model.say(error), theme.bad()),
        None => put(buffer, lines, lines.x + 1, lines.y, &hints(model, prompt, usize::from(area.width)), theme.dim()),
    };
    let typed = prompt.input.value();
    // The part around the cursor is shown where the line is longer than the screen.
    let room = usize::from(area.width).saturating_sub(4 + 20);
    let scroll = prompt.input.visual_scroll(room);
    let shown = skip_columns(typed, scroll);
    let sign = match prompt.purpose {
        Purpose::Command => ":".to_owned(),
        Purpose::Number(address) => format!("{} = ", address.display(model.program())),
    };
    let x = put(buffer, lines, lines.x + 1, lines.y + 1, &sign, theme.key());
    put(buffer, lines, x, lines.y + 1, shown, theme.ground());
    let at = prompt.input.visual_cursor().saturating_sub(scroll).min(room);
    Some(Position::new(x + at as u16, lines.y + 1))
}

/// The commands that begin with what was typed so far.
fn hints(model: &Model, prompt: &Prompt, width: usize) -> String {
    if prompt.purpose != Purpose::Command {
        let words = Text::new("输入新的数，Enter 确定，Esc 放弃", "type the new number; Enter sets it, Esc leaves it");
        return model.say(&words).to_owned();
    }
    let typed = prompt.input.value().trim_start();
    let word = typed.split_whitespace().next().unwrap_or("");
    let fitting = command::COMMANDS.iter().filter(|c| c.form.starts_with(word));
    let words: Vec<String> = fitting.map(|c| format!("{} {}", c.form, model.say(&c.help))).collect();
    text::cut(&words.join("   "), width.saturating_sub(2)).to_owned()
}

/// The text without its first columns.
fn skip_columns(text: &str, columns: usize) -> &str {
    &text[text::cut(text, columns).len()..]
}
