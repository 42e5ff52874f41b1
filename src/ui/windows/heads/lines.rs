//! Two columns of words joined by lines: the stronger the line, the more one attends to the other.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line};

use super::Page;
use crate::app::windows::{HeadsWindow, Weights};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::widgets::{around, put};

/// Weights below this draw no line, or everything would be grey.
const FAINT: f32 = 0.02;

/// Dots to a line of text in braille.
const DOTS: f64 = 4.0;

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

    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let widest = |words: &[String]| words.iter().map(|w| text::columns(w)).max().unwrap_or(0).min(16) as u16 + 2;
    let (left, right) = (widest(&asking), widest(&answering));
    let middle = body.width.saturating_sub(left + right).min(70);
    let longest = asking.len().max(answering.len()).max(1);
    // As far apart as there is room, at most two lines; where there is none, a part around the chosen word.
    let apart = (usize::from(body.height) / longest).clamp(1, 5);
    let room = usize::from(body.height) / apart;
    let (rows, cols) = (around(window.word, room, asking.len()), around(window.word, room, answering.len()));
    for (n, row) in rows.clone().enumerate() {
        let chosen = row == window.word;
        let words = text::left(&asking[row], usize::from(left - 2));
        let style = if chosen { theme.chosen() } else { theme.ground() };
        put(buffer, body, body.x, body.y + (n * apart) as u16, &words, style);
    }
    for (n, col) in cols.clone().enumerate() {
        let words = text::cut(&answering[col], usize::from(right - 2));
        put(buffer, body, body.x + left + middle + 2, body.y + (n * apart) as u16, words, theme.ground());
    }
    let height = (apart * rows.len().max(cols.len())) as u16;
    let canvas = Rect { x: body.x + left, y: body.y, width: middle, height: height.min(body.height) };
    let weights: Vec<Weights> = heads.iter().filter_map(|&at| window.weights(model, at)).collect();
    let (wide, tall) = (f64::from(canvas.width) * 2.0, f64::from(canvas.height) * DOTS);
    let at = |n: usize| tall - (n * apart) as f64 * DOTS - DOTS / 2.0;
    let painted =
        Canvas::default().marker(Marker::Braille).x_bounds([0.0, wide]).y_bounds([0.0, tall]).paint(|context| {
            // The faint first, so that the strong lie above them.
            let mut lines = Vec::new();
            for (n, weights) in weights.iter().enumerate() {
                for (y, row) in rows.clone().enumerate().filter(|(_, row)| !window.only || *row == window.word) {
                    for (to, col) in cols.clone().enumerate() {
                        lines.push((weights.at(row, col), n, y, to, row == window.word));
                    }
                }
            }
            lines.retain(|(weight, ..)| *weight >= FAINT);
            lines.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (weight, n, from, to, chosen) in lines {
                let color = theme.line(n, weight, chosen || window.only);
                // A strong line is drawn thick.
                let thick = if weight >= 0.5 { 2 } else { 0 };
                for shift in 0..=thick {
                    let shift = f64::from(shift) - f64::from(thick) / 2.0;
                    context.draw(&Line { x1: 0.0, y1: at(from) + shift, x2: wide, y2: at(to) + shift, color });
                }
            }
        });
    painted.render(canvas, buffer);
    // The chosen word's numbers, where they fit beside the words.
    if let Some(weights) = weights.first() {
        for (n, col) in cols.enumerate() {
            let words = format!("{:.2}", weights.at(window.word.min(weights.rows.saturating_sub(1)), col));
            let x = body.x + left + middle + right + 1;
            put(buffer, body, x, body.y + (n * apart) as u16, &words, theme.dim());
        }
    }
}
