//! `:`, `e` and `/`: a line to type a command, a number or a sentence, with what it can say above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};

use crate::app::{Model, Prompt, Purpose, command};
use crate::ground::lang::Text;
use crate::ground::text;
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
    let above = match &prompt.error {
        Some(error) => model.say(error).to_owned(),
        None if prompt.waiting => model.say(&Text::new("稍等……", "one moment ...")).to_owned(),
        None => hints(model, prompt, usize::from(area.width)),
    };
    // A long complaint grows upwards, so that nothing of it is lost.
    let above = text::wrap(&above, usize::from(area.width.saturating_sub(2)));
    let height = (above.len() as u16 + 1).min(area.height);
    let lines = Rect { y: area.bottom() - height, height, ..area };
    Clear.render(lines, buffer);
    buffer.set_style(lines, theme.ground());
    let style = if prompt.error.is_some() { theme.bad() } else { theme.dim() };
    for (y, line) in (lines.y..).zip(&above) {
        put(buffer, lines, lines.x + 1, y, line, style);
    }
    let line = lines.bottom().checked_sub(1)?;
    let typed = prompt.input.value();
    // The part around the cursor is shown where the line is longer than the screen.
    let room = usize::from(area.width).saturating_sub(4 + 20);
    let scroll = prompt.input.visual_scroll(room);
    let shown = skip_columns(typed, scroll);
    let sign = match prompt.purpose {
        Purpose::Command => ":".to_owned(),
        Purpose::Number(address) => format!("{} = ", address.display(model.program())),
        Purpose::Sentence(lens) => format!("/ {}: ", model.say(&lens.label())),
    };
    let x = put(buffer, lines, lines.x + 1, line, &sign, theme.key());
    put(buffer, lines, x, line, shown, theme.ground());
    let at = prompt.input.visual_cursor().saturating_sub(scroll).min(room);
    Some(Position::new(x + at as u16, line))
}

/// The commands that begin with what was typed so far.
fn hints(model: &Model, prompt: &Prompt, width: usize) -> String {
    let words = match prompt.purpose {
        Purpose::Command => None,
        Purpose::Number(_) => {
            Some(Text::new("输入新的数，Enter 确定，Esc 放弃", "type the new number; Enter sets it, Esc leaves it"))
        }
        Purpose::Sentence(_) => Some(Text::new(
            "写一句话，Enter 确定，Esc 放弃；Tab 换切法（词、字、字节），| 自己断词",
            "type a sentence, Enter takes it, Esc leaves it; Tab: words, characters, bytes; | sets a boundary",
        )),
    };
    if let Some(words) = words {
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
