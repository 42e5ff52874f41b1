//! Two columns of words joined by lines: the stronger the line, the more one attends to the other.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::windows::{HeadsWindow, Weights};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::widgets::{Links, put};

pub(super) fn draw(page: Page, window: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let (asking, answering) = (HeadsWindow::asking(model), HeadsWindow::answering(model));
    let heads: Vec<usize> = if window.together && !window.marked.is_empty() {
        window.marked.iter().copied().collect()
    } else {
        vec![window.chosen]
    };
    let names: Vec<String> = heads.iter().map(|&at| HeadsWindow::head_name(model, at)).collect();
    let mut x = area.x;
    for (n, name) in names.iter().enumerate() {
        x = put(buffer, area, x, area.y, &format!("━ {name}"), theme.series(n)) + 3;
    }
    let hint = Text::new("! 只看一个词  A 标记的头一起画", "!: one word only  A: all marked heads");
    let hint = page.say(&hint);
    let x = area.right().saturating_sub(text::columns(&hint) as u16);
    put(buffer, area, x, area.y, &hint, theme.dim());

    let y = page.paragraph(&window.caution(model), theme.dim(), (area, area.y + 1), buffer);
    let body = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    let weights: Vec<Weights> = heads.iter().filter_map(|&at| window.weights(model, at)).collect();
    let links = Links {
        asking: &asking,
        answering: &answering,
        heads: weights.len(),
        weight: &|head, row, col| weights.get(head).map_or(0.0, |weights| weights.at(row, col)),
        chosen: window.word,
        only: window.only,
    };
    links.draw(theme, body, buffer);
}
