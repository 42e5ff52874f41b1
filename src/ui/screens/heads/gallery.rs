//! Every head as a picture of equal scale: written where there is room for numbers, else dots. One of them fills the window.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::View;
use crate::app::{Combine, NAMED, NUMBER, Tiles, Weights};
use crate::ground::lang::{Lang, Text};
use crate::ground::number::{Format, short};
use crate::ground::text;
use crate::program::Role;
use crate::study::heads::METRICS;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Dots, Matrix, SUMS, Window, around, column_names, put};

/// Lines that what is measured needs.
const MEASURED: u16 = 6;

pub(super) fn draw(view: View, area: Rect, buffer: &mut Buffer) {
    if view.gallery.opened.is_some() {
        return large(view, area, buffer);
    }
    let View { model, gallery, theme } = view;
    let shown = gallery.shown(model);
    if shown.is_empty() {
        let nothing = match model.settings.lang {
            Lang::Zh => "没有头符合筛选；/ 改筛选",
            Lang::En => "no head passes the filter; / changes it",
        };
        put(buffer, area, area.x, area.y + 1, nothing, theme.dim());
        return;
    }
    let tiles = Tiles::of(model, shown.len());
    // Each head's share in the output: the ranking that silencing would give.
    let ranking = model.ranking();
    let chosen = shown.iter().position(|&at| at == gallery.chosen).unwrap_or(0);
    let first = (chosen / tiles.columns + 1).saturating_sub(tiles.rows);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    for (n, &at) in shown.iter().enumerate().skip(first * tiles.columns).take(tiles.columns * tiles.rows) {
        let (column, row) = ((n % tiles.columns) as u16, (n / tiles.columns - first) as u16);
        let place = Rect {
            x: body.x + column * tiles.size.0,
            y: body.y + row * tiles.size.1,
            width: tiles.size.0 - 2,
            height: tiles.size.1 - 1,
        }
        .intersection(body);
        let mark = if gallery.marked.contains(&at) { "*" } else { "" };
        let silent = if model.scenario.silenced.contains(&at) { " (x)" } else { "" };
        let rank = ranking.as_ref().and_then(|r| r.heads.iter().position(|(head, _)| *head == at));
        let rank = rank.map_or_else(String::new, |rank| format!(" #{}", rank + 1));
        let name = format!("{mark}{}{silent}", view.head_name(at));
        let room = usize::from(place.width).saturating_sub(text::columns(&rank));
        let title = format!("{}{rank}", text::cut(&name, room));
        let style = if n == chosen { theme.chosen() } else { theme.strong() };
        put(buffer, place, place.x, place.y, &title, style);
        let Some(weights) = gallery.weights(model, at) else { continue };
        let picture = Rect { y: place.y + 1, height: place.height.saturating_sub(1), ..place };
        if tiles.numbers {
            numbers(view, &weights, tiles.label, picture, buffer);
        } else {
            let of = (weights.rows, weights.cols);
            let dots = Dots { of, numbers: &weights.numbers, paint: Paint::Share, grid: tiles.dots };
            dots.draw(theme, picture, buffer);
        }
    }
    // What the chosen head is like, where the pictures leave room.
    let lines = shown.len().div_ceil(tiles.columns).min(tiles.rows) as u16 * tiles.size.1;
    let below = Rect { y: body.y + lines, height: body.height.saturating_sub(lines), ..body };
    if below.height >= MEASURED {
        view.tell(&measured(view), below, buffer);
    }
    let (from, to) = (first * tiles.columns + 1, ((first + tiles.rows) * tiles.columns).min(shown.len()));
    let hint = match model.settings.lang {
        Lang::Zh => {
            format!("# 后面的数：按「没有它输出变多少」排第几。Enter 放大{}", part(Lang::Zh, from, to, shown.len()))
        }
        Lang::En => format!(
            "#: its rank by how far the output moves without it. Enter enlarges{}",
            part(Lang::En, from, to, shown.len())
        ),
    };
    put(buffer, area, area.x, area.y, text::cut(&hint, usize::from(area.width)), theme.dim());
}

/// What the chosen head is called and why, and its metrics over many sentences.
fn measured(view: View) -> Vec<String> {
    let View { model, gallery, .. } = view;
    let Some((study, profile)) = model.study().and_then(|study| Some((study, study.heads.get(gallery.chosen)?))) else {
        return vec![view.say(&Text::new("正在许多句子上测量……", "measuring over many sentences ..."))];
    };
    let label = profile.label.as_ref().map_or_else(
        || view.say(&Text::new("混合", "mixed")),
        |label| format!("{} ({})", model.say(&label.name), model.say(&label.because)),
    );
    let n = study.sentences;
    let name = view.head_name(gallery.chosen);
    let heading = match model.settings.lang {
        Lang::Zh => format!("头 {name}，{n} 句话上测出来：{label}"),
        Lang::En => format!("head {name}, measured over {n} sentences: {label}"),
    };
    let numbers = METRICS
        .iter()
        .zip(&profile.metrics)
        .filter_map(|(metric, over)| over.map(|o| format!("{} {:.2} ± {:.2}", metric.key, o.mean, o.sd)));
    let intent = model.sample.heads.get(gallery.chosen % model.program().heads()).and_then(|card| card.intent.as_ref());
    let intent = intent.map(|intent| model.say(intent).to_owned());
    [heading, numbers.collect::<Vec<_>>().join("   ")].into_iter().chain(intent).collect()
}

/// Which heads are in sight, where not all are.
fn part(lang: Lang, from: usize, to: usize, all: usize) -> String {
    match lang {
        _ if to - from + 1 >= all => String::new(),
        Lang::Zh => format!("   第 {from}-{to} 个，共 {all} 个"),
        Lang::En => format!("   {from}-{to} of {all}"),
    }
}

fn numbers(view: View, weights: &Weights, label: u16, area: Rect, buffer: &mut Buffer) {
    let theme = view.theme;
    let (mut area, mut width) = (area, NUMBER);
    if label > 0 {
        let (asking, answering) = (view.asking(), view.answering());
        width = NAMED;
        let names = answering.iter().map(|name| (name.as_str(), theme.dim()));
        column_names(buffer, area, (area.x + label, area.y), width, names, 1);
        for (row, name) in asking.iter().enumerate() {
            let name = text::cut(name, usize::from(label) - 1);
            put(buffer, area, area.x, area.y + 1 + row as u16, name, theme.dim());
        }
        area = Rect {
            x: area.x + label,
            y: area.y + 1,
            width: area.width.saturating_sub(label),
            height: area.height.saturating_sub(1),
        };
    }
    for row in 0..weights.rows.min(usize::from(area.height)) {
        for col in 0..weights.cols {
            let x = weights.at(row, col);
            let words = text::right(&format!("{x:.2} "), usize::from(width));
            let style = theme.cell(Paint::Share, Role::Weight, x, Lit::Even);
            put(buffer, area, area.x + col as u16 * width, area.y + row as u16, &words, style);
        }
    }
}

/// One picture, as large as it gets: the chosen head, the mean of the marked, or the difference of two.
fn large(view: View, area: Rect, buffer: &mut Buffer) {
    let View { model, gallery, theme } = view;
    let Some(weights) = gallery.combined(model) else { return };
    let combine = gallery.opened.unwrap_or_default();
    let marked: Vec<String> = gallery.marked.iter().map(|at| (at + 1).to_string()).collect();
    let title = match (combine, model.settings.lang) {
        (Combine::Chosen, Lang::Zh) => format!("头 {}", view.head_name(gallery.chosen)),
        (Combine::Chosen, Lang::En) => format!("head {}", view.head_name(gallery.chosen)),
        (Combine::Average, Lang::Zh) => format!("头 {} 的平均", marked.join("、")),
        (Combine::Average, Lang::En) => format!("the mean of heads {}", marked.join(", ")),
        (Combine::Difference, Lang::Zh) => format!("头 {} 减去头 {}", marked[0], marked[1]),
        (Combine::Difference, Lang::En) => format!("head {} minus head {}", marked[0], marked[1]),
    };
    let (asking, answering) = (view.asking(), view.answering());
    let widest = |names: &[String]| names.iter().map(|n| text::columns(n)).max().unwrap_or(0) as u16;
    let label = (widest(&asking) + 1).min(12);
    let cell = (widest(&answering) + 2).clamp(7, 11);
    let room = usize::from(area.width.saturating_sub(label + SUMS) / cell);
    let lines = usize::from(area.height.saturating_sub(6));
    let signed = combine == Combine::Difference;
    let matrix = Matrix {
        title,
        role: Role::Weight,
        row_names: &asking,
        col_names: &answering,
        number: &|r, c| Some(weights.at(r, c)),
        lit: &|r, _| if r == gallery.word { Lit::Source } else { Lit::Even },
        mark: &|_, _| None,
        format: Format { decimals: 2, scientific: false },
        span: 1.0,
        paint: if signed { Paint::Signed } else { Paint::Share },
        window: Window {
            rows: around(gallery.word.min(weights.rows - 1), lines, weights.rows),
            cols: around(0, room, weights.cols),
        },
        cell: (cell, 1),
        label,
        sums: !signed && gallery.threshold() == 0.0 && gallery.kept().is_none(),
        names: 1,
        aside: false,
        lang: model.settings.lang,
    };
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    matrix.draw(theme, below, buffer);
    let (_, height) = matrix.size();
    let y = below.y + height + 1;
    if combine == Combine::Chosen && y < area.bottom() {
        let rest = Rect { y, height: area.bottom() - y, ..area };
        silence(view, rest, buffer);
    }
}

/// What the output would lose without the chosen head, word by word.
fn silence(view: View, area: Rect, buffer: &mut Buffer) {
    let View { model, gallery, .. } = view;
    let Some(ranking) = model.ranking() else { return };
    let Some(rank) = ranking.heads.iter().position(|(head, _)| *head == gallery.chosen) else { return };
    let (_, changes) = &ranking.heads[rank];
    let words: Vec<String> =
        view.asking().iter().zip(changes).take(12).map(|(word, x)| format!("{word} {}", short(*x))).collect();
    let silenced = model.scenario.silenced.contains(&gallery.chosen);
    let text = match (silenced, model.settings.lang) {
        (true, Lang::Zh) => "这个头已经关掉：它的话到不了输出。x 再打开。".to_owned(),
        (true, Lang::En) => {
            "This head is silenced: what it says does not reach the output. x lets it speak again.".to_owned()
        }
        (false, Lang::Zh) => format!(
            "没有这个头，输出要变多少（‖Δ‖，每个词）：{}。在 {} 个头里排第 {}。x 关掉它看看。",
            words.join("  "),
            ranking.heads.len(),
            rank + 1
        ),
        (false, Lang::En) => format!(
            "How far the output moves without this head (‖Δ‖ for each word): {}. Rank {} of {}. x silences it.",
            words.join("  "),
            rank + 1,
            ranking.heads.len()
        ),
    };
    view.tell(&[text], area, buffer);
}
