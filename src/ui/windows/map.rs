//! The map of a model.
//!
//! ```text
//! 6 layers × 12 heads   previous, in this sentence
//!            1     2     3     4  …
//! layer 1  0.03  0.01 [1.00] 0.12
//! layer 2  …
//! the weight on the previous word
//! layer 1 head 3: entropy 0.01  largest weight 1.00  …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::MapWindow;
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::program::Role;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{around, put};

/// Columns of a cell, the widest first; in the last there is room for two digits.
const CELLS: [u16; 3] = [6, 5, NARROW];
const NARROW: u16 = 3;

/// Columns of the names of the layers.
const NAME: u16 = 9;

/// Lines for the heading, the numbers of the heads, and the words below.
const ABOVE: u16 = 2;
const BELOW: u16 = 5;

pub(super) fn draw(page: Page, map: &MapWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let ((layers, all), heads) = (MapWindow::size(model), map.columns(model));
    // The head that stays chosen has no cell of its own where there is one for all.
    let at = map.head.min(heads.saturating_sub(1));
    let room = page.area.width.saturating_sub(NAME + 6);
    let cell = CELLS.into_iter().find(|cell| all as u16 * cell <= room).unwrap_or(NARROW);
    let wide = NAME + (all as u16 * cell).max(60);
    let high = layers as u16 + ABOVE + BELOW + 2;
    // What covers the last line, and with it the keys, is wide enough to show them in its own title.
    let wide = if high < page.area.height { wide + 4 } else { page.area.width };
    let inside = page.frame(&page.context.title, (wide, high), buffer);
    put(
        buffer,
        inside,
        inside.x,
        inside.y,
        &text::shortened(&page.say(&map.heading(model)), inside.width.into()),
        theme.strong(),
    );
    let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1 + BELOW), ..inside };
    let (across, down) = (inside.width.saturating_sub(NAME) / cell, body.height.saturating_sub(1));
    let (cols, rows) = (around(at, across.into(), heads), around(map.layer, down.into(), layers));
    for (n, head) in cols.clone().enumerate() {
        let style = if head == at { theme.key() } else { theme.dim() };
        let number = text::right(&page.say(&map.column(model, head)), usize::from(cell) - 1);
        put(buffer, body, body.x + NAME + n as u16 * cell, body.y, &number, style);
    }
    let span = map.span(model);
    for (n, layer) in rows.clone().enumerate() {
        let y = body.y + 1 + n as u16;
        let name = match model.settings.lang {
            Lang::Zh => format!("第 {} 层", layer + 1),
            Lang::En => format!("layer {}", layer + 1),
        };
        let style = if layer == map.layer { theme.key() } else { theme.dim() };
        put(buffer, body, body.x, y, &name, style);
        for (m, head) in cols.clone().enumerate() {
            let place = Rect { x: body.x + NAME + m as u16 * cell, y, width: cell - 1, height: 1 }.intersection(body);
            let target = if heads == all { head } else { map.head };
            page.targets.note(place, Target::Row(layer * all + target));
            let chosen = (layer, head) == (map.layer, at);
            let number = map.number(model, layer, head);
            let words = match number {
                _ if heads == all && MapWindow::is_silenced(model, layer, head) => "x".to_owned(),
                None => "-".to_owned(),
                Some(x) if cell > NARROW => format!("{x:.2}"),
                // Two digits of a share; of a larger number the whole part.
                Some(x) if span <= 1.0 => format!("{:.0}", (100.0 * x).min(99.0)),
                Some(x) => format!("{x:.0}"),
            };
            let words = text::right(&words, usize::from(cell) - 1);
            let share = number.map_or(0.0, |x| (x / span) as f32);
            let lit = if chosen { Lit::Cursor } else { Lit::Even };
            put(buffer, body, place.x, y, &words, theme.cell(Paint::Share, Role::Weight, share, lit));
        }
    }
    let mut below = Rect { y: inside.bottom().saturating_sub(BELOW), height: BELOW, ..inside };
    let hundredths =
        (cell == NARROW && span <= 1.0).then(|| Text::new("格子里的数是百分之几。", "The numbers are hundredths."));
    if let Some(words) = part(&rows, layers, &cols, heads).or(hundredths) {
        put(buffer, below, below.x, below.y, &page.say(&words), theme.dim());
    }
    below = Rect { y: below.y + 1, height: below.height.saturating_sub(1), ..below };
    for words in map.about(model) {
        let y = page.paragraph(&words, theme.ground(), (below, below.y), buffer);
        below = Rect { height: below.bottom().saturating_sub(y), y, ..below };
    }
}

/// Which layers and heads are in sight, where not all are.
fn part(rows: &std::ops::Range<usize>, layers: usize, cols: &std::ops::Range<usize>, heads: usize) -> Option<Text> {
    if rows.len() >= layers && cols.len() >= heads {
        return None;
    }
    let (l, h) = ((rows.start + 1, rows.end), (cols.start + 1, cols.end));
    Some(Text::owned(
        format!("第 {}-{} 层（共 {layers}），头 {}-{}（共 {heads}）", l.0, l.1, h.0, h.1),
        format!("layers {}-{} of {layers}, heads {}-{} of {heads}", l.0, l.1, h.0, h.1),
    ))
}
