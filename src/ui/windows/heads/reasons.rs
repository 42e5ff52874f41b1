//! Is attention an explanation? The words that one word looks at, by weight, by what they really add to the output, and by
//! what is missing without them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Page, paragraphs};
use crate::app::windows::{HeadsWindow, Reasoned};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::ui::widgets::{below, put};

/// Columns of a word, and of a number with its rank and bar.
const WORD: u16 = 14;
const NUMBER: u16 = 20;

/// Columns of a bar.
const BAR: f64 = 8.0;

pub(super) fn draw(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let Some(reasoned) = heads.reasoned(model) else {
        let lacking: Vec<Text> = HeadsWindow::lacking(model).into_iter().collect();
        return paragraphs(page, &lacking, below(area, 1), buffer);
    };
    let answering = HeadsWindow::answering(model);
    put(buffer, area, area.x, area.y + 1, model.say(&heads.reasons_heading(model)), theme.strong());
    for (n, column) in Reasoned::columns().iter().enumerate() {
        put(buffer, area, area.x + WORD + n as u16 * NUMBER, area.y + 2, &page.say(column), theme.dim());
    }
    let room = usize::from(area.height.saturating_sub(11)).max(3);
    for (line, &j) in reasoned.order.iter().take(room).enumerate() {
        let y = area.y + 3 + line as u16;
        let style = if reasoned.differs(j) { theme.key() } else { theme.ground() };
        put(buffer, area, area.x, y, &text::left(&answering[j], usize::from(WORD) - 1), style);
        for (n, (list, ranks)) in reasoned.lists.iter().enumerate() {
            let largest = list.iter().fold(0.0_f64, |m, x| m.max(*x));
            let share = if largest > 0.0 { list[j] / largest } else { 0.0 };
            let bar = "█".repeat((share * BAR).round() as usize);
            let number = format!("{:.2} #{:<3} ", list[j], ranks[j]);
            let x = put(buffer, area, area.x + WORD + n as u16 * NUMBER, y, &number, style);
            put(buffer, area, x, y, &bar, theme.role(Role::Weight));
        }
    }
    let y = area.y + 4 + reasoned.order.len().min(room) as u16;
    let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    paragraphs(page, &reasoned.words(&answering), below, buffer);
}
