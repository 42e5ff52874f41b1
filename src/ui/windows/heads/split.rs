//! One large projection cut into heads, or as many small projections: the same numbers. Then concat, and `W_o`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Page, paragraphs};
use crate::app::windows::{HeadsWindow, Split};
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::ground::text;
use crate::math::tensor::Cell;
use crate::program::{Name, Role};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{below, put};

/// Of a large tensor only so many numbers are measured.
const SAMPLED: usize = 2048;

pub(super) fn draw(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let q = model.trace().and_then(|trace| trace.find(model.program(), None, Name::Q));
    let (Some(q), Some(split)) = (q, heads.split(model)) else {
        return paragraphs(page, &[Split::none()], below(area, 1), buffer);
    };
    let ((rows, _, count, d), head, batch) = (split.sizes, split.head, model.view.cursor.batch);
    // Left: Q as the kernel made it, all heads from the whole of W_q in one go. Right: this head's own columns of W_q alone.
    let cut = |row: usize, col: usize| q.get(Cell { batch, head: col / d, row, col: col % d });
    let half = area.width / 2;
    let (left, right) = (
        Rect { width: half - 1, y: area.y + 1, height: area.height.saturating_sub(1), ..area },
        Rect {
            x: area.x + half + 1,
            y: area.y + 1,
            width: area.width - half - 1,
            height: area.height.saturating_sub(1),
        },
    );
    put(buffer, left, left.x, left.y, model.say(&split.large()), theme.role(Role::Query));
    put(buffer, right, right.x, right.y, model.say(&split.many()), theme.role(Role::Query));
    let shown = rows.min(usize::from(area.height.saturating_sub(12)).max(2));
    let format = Format::of(q.as_slice());
    let format = Format { decimals: format.decimals.min(2), ..format };
    // Where not all columns fit, those of the chosen head are among them.
    let width = format.width(q.numbers().take(SAMPLED)) + 1;
    let fit = (usize::from(left.width).saturating_sub(9) / width).clamp(1, count * d);
    let first = (head * d).min(count * d - fit);
    let number = |r: usize, c: usize| cut(r, first + c);
    let lit = |c: usize| (first + c) / d == head;
    grid(page, (shown, fit), format, &number, &lit, below(left, 1), buffer);
    let number = |r: usize, c: usize| split.small.get(r * d + c).map_or(0.0, |&x| x as f32);
    grid(page, (shown, d), format, &number, &|_| true, below(right, 1), buffer);
    let mut y = left.y + 2 + shown as u16;
    y = strip(page, heads, Rect { y, height: area.bottom().saturating_sub(y), ..area }, buffer) + 1;
    let style = if split.agrees { theme.good() } else { theme.bad() };
    y = page.paragraph(&split.verdict(), style, (area, y), buffer);
    paragraphs(page, &[Split::average()], Rect { y, height: area.bottom().saturating_sub(y), ..area }, buffer);
}

/// Numbers in cells, those of the chosen head lit.
fn grid(
    page: Page,
    (rows, cols): (usize, usize),
    format: Format,
    number: &dyn Fn(usize, usize) -> f32,
    lit: &dyn Fn(usize) -> bool,
    area: Rect,
    buffer: &mut Buffer,
) {
    let all: Vec<f32> = (0..rows).flat_map(|r| (0..cols).map(move |c| (r, c))).map(|(r, c)| number(r, c)).collect();
    let width = format.width(all.iter().copied()) + 1;
    let span = all.iter().fold(1e-6_f32, |m, x| m.max(x.abs()));
    let names = HeadsWindow::asking(page.model);
    let label = names.iter().map(|n| text::columns(n)).max().unwrap_or(0).min(8) + 1;
    for (r, name) in names.iter().enumerate().take(rows) {
        let y = area.y + r as u16;
        put(buffer, area, area.x, y, &text::left(name, label - 1), page.theme.dim());
        for c in 0..cols.min(usize::from(area.width).saturating_sub(label) / width) {
            let x = number(r, c);
            let style =
                page.theme.cell(Paint::Signed, Role::Query, x / span, if lit(c) { Lit::Source } else { Lit::Off });
            put(buffer, area, area.x + (label + c * width) as u16, y, &text::right(&format.write(x), width), style);
        }
    }
}

/// The chosen word's concat in the heads' colours, the mean of the heads beside it, and what `W_o` makes of the first.
fn strip(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) -> u16 {
    let Page { model, theme, .. } = page;
    let program = model.program();
    let Some(context) = model.trace().and_then(|trace| trace.find(program, None, Name::Context)) else { return area.y };
    let [batches, count, rows, d] = context.shape().lens();
    let (batch, row) = (model.view.cursor.batch.min(batches - 1), heads.word.min(rows - 1));
    let number = |head, col| context.get(Cell { batch, head, row, col });
    let name = HeadsWindow::asking(page.model).get(row).cloned().unwrap_or_default();
    let mut x = put(buffer, area, area.x, area.y, &format!("concat {name}: "), theme.strong());
    for head in 0..count {
        for col in 0..d {
            x = put(buffer, area, x, area.y, &format!("{:.2} ", number(head, col)), theme.series(head));
        }
        x = put(buffer, area, x, area.y, "| ", theme.dim());
    }
    put(buffer, area, x, area.y, "· W_o → output", theme.role(Role::Context));
    let heading = page.say(&Text::new("取平均就只剩：", "the mean would leave: "));
    let mut x = put(buffer, area, area.x, area.y + 1, &heading, theme.dim());
    for col in 0..d {
        let mean = (0..count).map(|head| number(head, col)).sum::<f32>() / count as f32;
        x = put(buffer, area, x, area.y + 1, &format!("{mean:.2} "), theme.ground());
    }
    area.y + 2
}
