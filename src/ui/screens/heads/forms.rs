//! What a head asks of whom (`W_q·W_kᵀ`) and what it moves (`W_v·W_o`), as tables over the named dimensions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::View;
use crate::explain::Names as _;
use crate::ground::lang::{Lang, Text};
use crate::ground::number::{Format, short};
use crate::ground::text;
use crate::math::tensor::Axis;
use crate::program::Role;
use crate::study::heads::{Form, Forms};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Matrix, Window, name_lines, put};

pub(super) fn draw(view: View, area: Rect, buffer: &mut Buffer) {
    let View { model, gallery, theme } = view;
    let head = gallery.chosen % model.program().heads();
    let Some(forms) = model.trace().and_then(|trace| Forms::of(model.program(), trace, None, head)) else {
        let none = Text::new(
            "这里没有 W：点积注意力直接拿词向量去比，谈不上双线性形式。",
            "There is no W here: dot-product attention compares the vectors themselves, so there is no form to show.",
        );
        view.tell(&[view.say(&none)], Rect { y: area.y + 1, ..area }, buffer);
        return;
    };
    let below = 5;
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(below + 1), ..area };
    let used = table(view, &forms.asks, "W_q·W_kᵀ", Role::Score, body, buffer);
    let rest = Rect { x: body.x + used + 3, width: body.width.saturating_sub(used + 3), ..body };
    if rest.width > 24 {
        table(view, &forms.moves, "W_v·W_o", Role::Context, rest, buffer);
    } else {
        let more = Text::new("W_v·W_o 要更宽的终端才放得下", "W_v·W_o needs a wider terminal");
        put(buffer, area, area.x, area.y, &view.say(&more), theme.dim());
    }
    let dimension = |n: usize| model.names().name(Axis::Model, head, n);
    let mut words = Vec::new();
    if let Some(((a, b), x)) = forms.asks.strongest() {
        let (a, b, x) = (dimension(a), dimension(b), short(f64::from(x)));
        words.push(match model.settings.lang {
            Lang::Zh => format!("这个头里最响的一问：「{a}」问，「{b}」答（{x}）。行是问的一方，列是答的一方：h_i · (W_q·W_kᵀ) · h_jᵀ 就是打分。"),
            Lang::En => format!("The loudest question of this head: {a} asks, {b} answers ({x}). Rows ask, columns answer: h_i · (W_q·W_kᵀ) · h_jᵀ is the score."),
        });
    }
    if let Some(share) = forms.asks.asymmetry() {
        let share = format!("{:.0}%", 100.0 * share);
        words.push(match model.settings.lang {
            Lang::Zh => format!("不对称的部分占 {share}：0% 是有问必有反问，100% 是问答的方向完全相反。"),
            Lang::En => format!("Asymmetric part: {share}. At 0% whoever asks is asked back alike; at 100% the answer is always the opposite."),
        });
    }
    view.tell(&words, Rect { y: area.bottom().saturating_sub(below), height: below, ..area }, buffer);
}

/// As much of a table as fits; returns the columns it took.
fn table(view: View, form: &Form, title: &str, role: Role, area: Rect, buffer: &mut Buffer) -> u16 {
    let View { model, theme, .. } = view;
    let (rows, cols) = form.numbers.dim();
    let names = model.names();
    let named = |n: usize| names.name(Axis::Model, 0, n);
    let out = |n: usize| if cols == rows { named(n) } else { names.name(Axis::Output, 0, n) };
    let (row_names, col_names): (Vec<String>, Vec<String>) =
        ((0..rows).map(named).collect(), (0..cols).map(out).collect());
    let label = (row_names.iter().map(|n| text::columns(n)).max().unwrap_or(0) as u16 + 1).min(12);
    let numbers: Vec<f32> = form.numbers.iter().copied().collect();
    let format = Format::of(&numbers);
    let cell = (format.width(numbers.iter().copied()) as u16 + 2).clamp(5, 9);
    let lines = name_lines(col_names.iter().map(String::as_str), cell);
    let room_cols = usize::from(area.width.saturating_sub(label) / cell).min(cols);
    let room_rows = usize::from(area.height.saturating_sub(2 + lines)).min(rows);
    let span = numbers.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
    let matrix = Matrix {
        title: format!("{}  {rows}×{cols}", super::super::signs(model, title)),
        role,
        row_names: &row_names,
        col_names: &col_names,
        number: &|r, c| Some(form.numbers[[r, c]]),
        lit: &|_, _| Lit::Even,
        mark: &|_, _| None,
        format,
        span,
        paint: Paint::Signed,
        window: Window { rows: 0..room_rows, cols: 0..room_cols },
        cell: (cell, 1),
        label,
        sums: false,
        names: lines,
        aside: false,
        lang: model.settings.lang,
    };
    let (width, _) = matrix.size();
    matrix.draw(theme, area, buffer);
    width
}
