//! One large projection cut into heads, or as many small projections: the same numbers. Then concat, and `W_o`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::View;
use crate::ground::lang::{Lang, Text};
use crate::ground::number::Format;
use crate::ground::text;
use crate::math::tensor::{Cell, Tensor};
use crate::program::{Name, Role, TOLERANCE};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::put;

/// Of a large tensor only so many numbers are measured.
const SAMPLED: usize = 2048;

pub(super) fn draw(view: View, area: Rect, buffer: &mut Buffer) {
    let View { model, gallery, theme } = view;
    let program = model.program();
    let find = |name| model.trace().and_then(|trace| trace.find(program, None, name));
    let (Some(h), Some(w), Some(q)) = (find(Name::H), find(Name::WQ), find(Name::Q)) else {
        let none = Text::new("这里没有 W_q，没有什么可拆的。", "There is no W_q here, so there is nothing to split.");
        view.tell(&[view.say(&none)], Rect { y: area.y + 1, ..area }, buffer);
        return;
    };
    let (heads, d) = (program.heads(), q.shape().cols.len);
    let head = gallery.chosen % heads;
    let (rows, inner) = (h.shape().rows.len, h.shape().cols.len);
    let batch = model.cursor.batch;
    // Left: Q as the kernel made it, all heads from the whole of W_q in one go. Right: this head's own columns of W_q alone.
    let own = small(w, head, d);
    let alone = |row: usize, col: usize| {
        let term = |m: usize| {
            let factor = f64::from(own.get(Cell { row: m, col, ..Cell::default() }));
            f64::from(h.get(Cell { batch, head: 0, row, col: m })) * factor
        };
        (0..inner).map(term).sum::<f64>()
    };
    let cut = |row: usize, col: usize| q.get(Cell { batch, head: col / d, row, col: col % d });
    let cells = (0..rows).flat_map(|row| (0..d).map(move |col| (row, col)));
    let apart = cells.map(|(r, c)| (alone(r, c) - f64::from(cut(r, head * d + c))).abs()).fold(0.0, f64::max);
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
    let big = match model.settings.lang {
        Lang::Zh => format!("一个大的：H · W_q（{inner}×{}），再按头切开", heads * d),
        Lang::En => format!("one large: H · W_q ({inner}×{}), then cut", heads * d),
    };
    let many = match model.settings.lang {
        Lang::Zh => format!("{heads} 个小的：每个头 H · W_q（{inner}×{d}）"),
        Lang::En => format!("{heads} small: H · W_q of each head ({inner}×{d})"),
    };
    put(buffer, left, left.x, left.y, &big, theme.role(Role::Query));
    put(buffer, right, right.x, right.y, &many, theme.role(Role::Query));
    let shown = rows.min(usize::from(area.height.saturating_sub(12)).max(2));
    let format = Format::of(q.as_slice());
    let format = Format { decimals: format.decimals.min(2), ..format };
    // Where not all columns fit, those of the chosen head are among them.
    let width = format.width(q.numbers().take(SAMPLED)) + 1;
    let fit = (usize::from(left.width).saturating_sub(9) / width).clamp(1, heads * d);
    let first = (head * d).min(heads * d - fit);
    let number = |r: usize, c: usize| cut(r, first + c);
    let lit = |c: usize| (first + c) / d == head;
    grid(view, (shown, fit), format, &number, &lit, Rect { y: left.y + 1, ..left }, buffer);
    let number = |r: usize, c: usize| alone(r, c) as f32;
    grid(view, (shown, d), format, &number, &|_| true, Rect { y: right.y + 1, ..right }, buffer);
    let mut y = left.y + 2 + shown as u16;
    y = strip(view, Rect { y, height: area.bottom().saturating_sub(y), ..area }, buffer) + 1;
    let parameters = w.as_slice().len();
    let ok = apart <= TOLERANCE * f64::from(q.numbers().fold(1.0_f32, |m, x| m.max(x.abs())));
    let (mark, style) = if ok { ("✓", theme.good()) } else { ("✗", theme.bad()) };
    let verdict = match model.settings.lang {
        Lang::Zh => format!(
            "{mark} 两边最大相差 {apart:.1e}；参数一样多：{inner}×{} = {heads}×({inner}×{d}) = {parameters}",
            heads * d
        ),
        Lang::En => format!(
            "{mark} the two differ by {apart:.1e} at most; as many parameters: {inner}×{} = {heads}×({inner}×{d}) = {parameters}",
            heads * d
        ),
    };
    let verdict = super::super::signs(model, &verdict);
    for line in text::wrap(&verdict, usize::from(area.width)) {
        put(buffer, area, area.x, y, &line, style);
        y += 1;
    }
    let average = Text::new(
        "要是不拼接而取平均：各头的意见混成一份，谁说的就分不清了；拼接让 W_o 决定每个头听多少。",
        "If the heads were averaged instead: their answers would blend, and who said what would be lost. Side by side, W_o decides how much of each is heard.",
    );
    view.tell(&[view.say(&average)], Rect { y, height: area.bottom().saturating_sub(y), ..area }, buffer);
}

/// A head's own columns.
fn small(w: &Tensor<f32>, head: usize, d: usize) -> Tensor<f32> {
    let shape = *w.shape();
    let columns = crate::math::tensor::Dim { len: d, ..shape.cols };
    Tensor::from_fn(crate::math::tensor::Shape { cols: columns, ..shape }, |c| {
        w.get(Cell { col: head * d + c.col, ..c })
    })
}

/// Numbers in cells, those of the chosen head lit.
fn grid(
    view: View,
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
    let names = view.asking();
    let label = names.iter().map(|n| text::columns(n)).max().unwrap_or(0).min(8) + 1;
    for (r, name) in names.iter().enumerate().take(rows) {
        let y = area.y + r as u16;
        put(buffer, area, area.x, y, &text::left(name, label - 1), view.theme.dim());
        for c in 0..cols.min(usize::from(area.width).saturating_sub(label) / width) {
            let x = number(r, c);
            let style =
                view.theme.cell(Paint::Signed, Role::Query, x / span, if lit(c) { Lit::Source } else { Lit::Off });
            put(buffer, area, area.x + (label + c * width) as u16, y, &text::right(&format.write(x), width), style);
        }
    }
}

/// The chosen word's concat in the heads' colours, the mean of the heads beside it, and what `W_o` makes of the first.
fn strip(view: View, area: Rect, buffer: &mut Buffer) -> u16 {
    let View { model, gallery, theme } = view;
    let program = model.program();
    let Some(context) = model.trace().and_then(|trace| trace.find(program, None, Name::Context)) else { return area.y };
    let [batches, heads, rows, d] = context.shape().lens();
    let (batch, row) = (model.cursor.batch.min(batches - 1), gallery.word.min(rows - 1));
    let number = |head, col| context.get(Cell { batch, head, row, col });
    let name = view.asking().get(row).cloned().unwrap_or_default();
    let mut x = put(buffer, area, area.x, area.y, &format!("concat {name}: "), theme.strong());
    for head in 0..heads {
        for col in 0..d {
            x = put(buffer, area, x, area.y, &format!("{:.2} ", number(head, col)), theme.series(head));
        }
        x = put(buffer, area, x, area.y, "| ", theme.dim());
    }
    put(buffer, area, x, area.y, "· W_o → output", theme.role(Role::Context));
    let heading = view.say(&Text::new("取平均就只剩：", "the mean would leave: "));
    let mut x = put(buffer, area, area.x, area.y + 1, &heading, theme.dim());
    for col in 0..d {
        let mean = (0..heads).map(|head| number(head, col)).sum::<f32>() / heads as f32;
        x = put(buffer, area, x, area.y + 1, &format!("{mean:.2} "), theme.ground());
    }
    area.y + 2
}
