//! A number opened: its formula, its arithmetic, and the terms it is made of, each of which opens in turn.
//!
//! ```text
//!  context.2[2,1] <- weights.2[2,4] <- masked.2[2,4]
//!    weights(爱)·V[:,1]
//!    context.2[2,1] = 0.03×0 + ... ≈ 0.03
//!    > weights.2[2,1]  0.03  ×  V.2[1,1]  0     0
//!      weights.2[2,2]  0.03  ×  V.2[2,1]  1     0.03
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::Page;
use crate::app::windows::{Look, MicroscopeWindow, ranked};
use crate::app::{Model, Target};
use crate::explain::{self, Opened, opened::Factor, opened::Term};
use crate::ground::number::short;
use crate::ground::text;
use crate::ui::widgets::{fitting, flow, put};

/// Columns of a factor: its address and its value, with the names of its row and column where there is room for them.
const FACTOR: (u16, u16) = (22, 36);

/// Columns for what a term counts for.
const BESIDE: u16 = 10;

/// In fewer lines than these nothing stands apart.
const SHORT: u16 = 12;

pub(super) fn draw(page: Page, window: &MicroscopeWindow, buffer: &mut Buffer) {
    let Page { model, theme, area, .. } = page;
    let (Some(trace), Some((look, opened))) = (model.trace(), window.opened(model)) else { return };
    let lines = opened.terms.len() as u16 + 12;
    let size = ((area.width - 2).min(96), lines.clamp(12, area.height - 2));
    let inside = page.frame(&page.context.title, size, buffer);
    let mut y = inside.y;
    put(buffer, inside, inside.x, y, &breadcrumb(window, usize::from(inside.width)), theme.key());
    let short = inside.height < SHORT;
    y += if short { 1 } else { 2 };
    let names = model.names();
    let label = model.label(look.address.slot);
    let formula = opened.formula(model.program(), &names);
    if !short {
        let head = if formula.is_empty() { model.say(&label.title).to_owned() } else { formula };
        put(buffer, inside, inside.x, y, &head, theme.strong());
        y += 1;
    }
    let most = if short { 2 } else { 3 };
    let spelled = |terms| explain::arithmetic_of(model.program(), trace, look.address, &names, terms);
    let pieces = fitting(spelled, &[usize::MAX, 8, 3, 2, 1, 0], (inside.width, most));
    y = flow(&pieces, theme, Rect { y, height: most, ..inside }.intersection(inside), buffer) + u16::from(!short);
    if opened.terms.is_empty() {
        let given = MicroscopeWindow::given(model, look.address);
        for line in text::wrap(model.say(&given), usize::from(inside.width)) {
            put(buffer, inside, inside.x, y, &line, theme.strong());
            y += 1;
        }
        for (n, line) in text::wrap(model.say(&label.says), usize::from(inside.width)).iter().enumerate() {
            put(buffer, inside, inside.x, y + n as u16, line, theme.ground());
        }
        return;
    }
    let list = Rect { y, height: inside.bottom().saturating_sub(y), ..inside };
    terms(page, &opened, look, list, buffer);
}

/// The way down, its beginning left out where it is too long.
fn breadcrumb(window: &MicroscopeWindow, width: usize) -> String {
    let names = window.names();
    let whole = (0..names.len()).map(|from| names[from..].join(" ← "));
    let fits = whole.enumerate().map(|(n, path)| if n > 0 { format!("… ← {path}") } else { path });
    fits.into_iter().find(|path| text::columns(path) <= width).unwrap_or_default()
}

/// The terms, the chosen one in sight; what is out of sight is counted and added up.
fn terms(page: Page, opened: &Opened, look: Look, area: Rect, buffer: &mut Buffer) {
    let order = ranked(opened);
    let all = usize::from(area.height);
    let room = if order.len() > all { all.saturating_sub(1) } else { all }.max(1);
    let first = if order.len() > room { look.term.saturating_sub(room / 2).min(order.len() - room) } else { 0 };
    let shown = &order[first..order.len().min(first + room)];
    for (n, &t) in shown.iter().enumerate() {
        let chosen = first + n == look.term;
        let row = Rect { y: area.y + n as u16, height: 1, ..area }.intersection(area);
        page.targets.note(row, Target::Row(first + n));
        term(page, (opened, &opened.terms[t]), (chosen, look.factor), row, buffer);
    }
    if shown.len() < order.len() {
        let rest: f64 = order.iter().filter(|t| !shown.contains(t)).map(|&t| opened.terms[t].value).sum();
        let count = order.len() - shown.len();
        let words = MicroscopeWindow::others(count, rest);
        put(buffer, area, area.x + 2, area.bottom().saturating_sub(1), page.model.say(&words), page.theme.dim());
    }
}

/// `> weights.2[2,1] 0.03  ×  V.2[1,1] 0   =  0`
fn term(page: Page, (opened, term): (&Opened, &Term), (chosen, factor): (bool, usize), row: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    put(buffer, row, row.x, row.y, if chosen { "▸" } else { " " }, theme.key());
    let factor = factor.min(term.factors.len().saturating_sub(1));
    let wide = (row.width.saturating_sub(2 + BESIDE) / (term.factors.len().max(1) as u16)).clamp(FACTOR.0, FACTOR.1);
    let mut x = row.x + 2;
    for (k, f) in term.factors.iter().enumerate() {
        if k > 0 {
            x = put(buffer, row, x, row.y, "× ", theme.dim());
        }
        let style = theme.role(model.label(f.address.slot).role);
        let style = if chosen && k == factor { style.patch(theme.chosen()) } else { style };
        put(buffer, row, x, row.y, &words(model, f, usize::from(wide) - 2), style.add_modifier(Modifier::BOLD));
        x += wide;
    }
    put(buffer, row, x, row.y, &opened.beside(term), theme.ground());
}

/// `weights.2[2,1]  0.03  (爱, 我)`, as much of it as fits.
fn words(model: &Model, factor: &Factor, width: usize) -> String {
    use crate::explain::Names as _;
    let shape = model.program().shape(factor.address.slot);
    let (names, cell) = (model.names(), factor.address.cell);
    let row = names.name(shape.rows.axis, cell.head, cell.row);
    let col = names.name(shape.cols.axis, cell.head, cell.col);
    let number = format!("{}  {}", factor.address.display(model.program()), short(factor.value));
    let named = format!("{number}  ({row}, {col})");
    if text::columns(&named) <= width { named } else { number }
}
