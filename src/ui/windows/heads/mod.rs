//! The heads. A row of views, one file each, over one chosen head and one chosen word.
//!
//! ```text
//! ┌ heads   Tab view  Esc closes ────────────────────────────────┐
//! │ [gallery]  lines  an explanation?  plane  forms  split       │
//! │ …the view                                                    │
//! │ head 2 verb finds object · threshold 0.1                       │
//! └──────────────────────────────────────────────────────────────┘
//! ```

mod forms;
mod gallery;
mod lines;
mod plane;
mod reasons;
mod split;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::{HeadsWindow, View};
use crate::ground::lang::Text;
use crate::ui::widgets::put;

/// Draws the window.
pub(super) fn draw(page: Page, heads: &HeadsWindow, buffer: &mut Buffer) {
    let inside = page.full(&page.context.title, buffer);
    tabs(page, heads, inside, buffer);
    let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(2), ..inside };
    let last = Rect { y: inside.bottom().saturating_sub(1), height: 1, ..inside };
    match heads.view {
        View::Gallery => gallery::draw(page, heads, body, buffer),
        View::Lines => lines::draw(page, heads, body, buffer),
        View::Reasons => reasons::draw(page, heads, body, buffer),
        View::Plane => plane::draw(page, heads, body, buffer),
        View::Forms => forms::draw(page, heads, body, buffer),
        View::Split => split::draw(page, heads, body, buffer),
    }
    status(page, heads, last, buffer);
}

fn tabs(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let mut x = area.x;
    for (n, view) in View::ALL.into_iter().enumerate() {
        let style = if view == heads.view { page.theme.chosen() } else { page.theme.dim() };
        let right = put(buffer, area, x, area.y, &format!(" {} ", page.model.say(&view.label())), style);
        page.targets.note(Rect { x, width: right - x, height: 1, ..area }, Target::Tab(n));
        x = right + 1;
    }
}

/// Writes paragraphs, wrapped, as far as there is room.
fn paragraphs(page: Page, all: &[Text], area: Rect, buffer: &mut Buffer) {
    let mut y = area.y;
    for words in all {
        y = page.paragraph(words, page.theme.ground(), (area, y), buffer);
    }
}

/// What is chosen, what is hidden, and what was typed; or what is wrong.
fn status(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    if let Some((input, error)) = &heads.typing {
        let x = put(buffer, area, area.x, area.y, "/", theme.key());
        let style = if input.is_selected() { theme.chosen() } else { theme.strong() };
        let x = put(buffer, area, x, area.y, input.value(), style);
        buffer.set_style(
            Rect { x: area.x + 1 + input.column() as u16, width: 1, ..area }.intersection(area),
            theme.chosen(),
        );
        if let Some(error) = error {
            put(buffer, area, x + 2, area.y, &page.say(error), theme.bad());
        } else {
            let hint = Text::new("例如 previous>0.5 & entropy<1", "such as previous>0.5 & entropy<1");
            put(buffer, area, x + 2, area.y, &page.say(&hint), theme.dim());
        }
        return;
    }
    put(buffer, area, area.x, area.y, &page.say(&heads.status(model)), theme.key());
}
