//! One stage as one picture: its operands and its result as what they are.
//!
//! ```text
//!   Q 4×2        Kᵀ 2×4         scores 4×4          side by side where there is room
//!   ▒▒▒▒    ·    ▒▒▒▒▒▒▒▒   =   ▒▒▒▒▒▒▒▒
//!
//!   q(爱)        2    0                             else lined up term by term,
//!   × k(天安门)  2    0                             over the result
//!   scores 4×4
//! ```

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::{Light, Panel, Scene};
use super::signs;
use crate::app::{Model, Page, Reading};
use crate::explain::{self, Element, Written};
use crate::ground::number::Format;
use crate::ground::text;
use crate::math::ops::{Operand, Sources};
use crate::program::{Role, Slot, Stage};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{SUMS, Strip, StripRow, Window, put};

/// A panel, or the sign between two.
pub(super) enum Part {
    Panel(Panel),
    Sign(String),
}

/// The picture of the page under the cursor, left to right.
pub(super) fn parts(model: &Model) -> Vec<Part> {
    let Page::Stage(index) = model.view.page else { return words(model) };
    let program = model.program();
    let stage = &program.stages()[index];
    let address = model.result(index);
    let sources = program.sources(stage, address.cell);
    let part = |element| match element {
        Element::Operand { input, turned, bare } => {
            Part::Panel(Panel { turned, labelled: !bare, ..operand(model, stage, &sources, input) })
        }
        Element::Head { input, head } => Part::Panel(one_head(model, stage, &sources, (input, head))),
        Element::Sign(sign) => Part::Sign(signs(model, &sign)),
        Element::Result => Part::Panel(result(model, index)),
    };
    explain::picture(program, address).into_iter().map(part).collect()
}

/// The words themselves: every tensor of the page, the cursor in one of them.
fn words(model: &Model) -> Vec<Part> {
    let (here, address) = (model.slot(), model.address());
    let panel = |slot| {
        let light = if slot == here { Light::Cursor(address.cell.row, address.cell.col) } else { Light::Even };
        Part::Panel(Panel::new(model, slot, light))
    };
    let mut parts = Vec::new();
    for slot in model.tensors(Page::Words) {
        if !parts.is_empty() {
            parts.push(Part::Sign(String::new()));
        }
        parts.push(panel(slot));
    }
    parts
}

/// The cells that made a number. In slow motion a whole row may be in work, and what the last tick took stands out.
fn sources_lit<'a>(
    model: &Model,
    made_of: impl Iterator<Item = &'a Operand>,
    here: impl Fn(&Operand) -> bool,
) -> Light {
    let mut lit: HashMap<(usize, usize), Lit> = HashMap::new();
    let mut light = |operands: &mut dyn Iterator<Item = &Operand>, how: Lit| {
        lit.extend(operands.filter(|o| here(o)).map(|o| ((o.cell.row, o.cell.col), how)));
    };
    light(&mut { made_of }, Lit::Source);
    if let Some(u) = model.partial() {
        light(&mut u.ticks.takes(u.at.cell).iter(), Lit::Source);
        light(&mut u.ticks.took(u.at).iter(), Lit::Factor);
    }
    Light::Sources(lit)
}

/// One operand with the cells lit that made the number under the cursor.
fn operand(model: &Model, stage: &Stage, sources: &Sources, input: usize) -> Panel {
    let made_of = sources.terms.iter().flat_map(|t| &t.factors);
    let mut panel = Panel::new(model, stage.operands[input], sources_lit(model, made_of, |f| f.input == input));
    let shape = model.program().shape(panel.slot);
    // Weights that hold all heads side by side show the columns of this head alone.
    if panel.cols.len() < shape.cols.len && stage.shape.heads.is_some_and(|h| h > 1) {
        panel.note = Panel::head_note(model.settings.lang, model.view.cursor.head);
    }
    panel
}

/// The stage's result, with the number that is singled out.
fn result(model: &Model, stage: usize) -> Panel {
    let address = model.result(stage);
    let at = (address.cell.row, address.cell.col);
    let light =
        if model.view.focus == 0 { Light::Cursor(at.0, at.1) } else { Light::Sources([(at, Lit::Source)].into()) };
    Panel::new(model, address.slot, light)
}

/// One head of an operand, where all of them stand side by side.
fn one_head(model: &Model, stage: &Stage, sources: &Sources, (input, head): (usize, usize)) -> Panel {
    let made_of = sources.terms.iter().flat_map(|t| &t.factors);
    let light = sources_lit(model, made_of, |f| f.cell.head == head);
    let note = Panel::head_note(model.settings.lang, head);
    Panel { head, note, labelled: head == 0, ..Panel::new(model, stage.operands[input], light) }
}

/// The shape bar: `(4×2) · (2×4) = (4×4)`.
pub(super) fn shapes(model: &Model) -> String {
    let part = |p: &Part| match p {
        Part::Panel(panel) => format!("({})", panel.size(model)),
        Part::Sign(sign) => sign.clone(),
    };
    parts(model).iter().map(part).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Columns left and right of a sign: a word needs fewer than a dot.
fn gap(sign: &str) -> u16 {
    if text::columns(sign) > 3 { 1 } else { 2 }
}

fn sign_width(sign: &str) -> u16 {
    text::columns(sign) as u16 + 2 * gap(sign)
}

/// How parts are set: one line of the picture.
struct Setting {
    /// Columns of a cell of each part; 0 for a sign.
    cells: Vec<u16>,
    /// Rows of a cell.
    tall: u16,
    /// Lines for the names of the columns.
    names: u16,
    width: u16,
    height: u16,
}

/// How wide a panel's cells are.
type Cells = fn(&Panel, Scene) -> u16;

/// The ways to set cells, the airiest first.
const WAYS: [(Cells, u16); 6] = [
    (Panel::comfortable, 6),
    (Panel::comfortable, 4),
    (Panel::comfortable, 2),
    (Panel::comfortable, 1),
    (Panel::comfortable, 0),
    (Panel::tight, 0),
];

fn set(scene: Scene, parts: &[Part], (cells, air): (Cells, u16), tall: u16) -> Setting {
    let Scene { model, .. } = scene;
    let mut setting = Setting { cells: Vec::new(), tall, names: 1, width: 0, height: 0 };
    let mut rows = 0;
    for part in parts {
        let (cell, width) = match part {
            Part::Sign(sign) => (0, sign_width(sign)),
            Part::Panel(panel) => {
                let cell = cells(panel, scene) + air;
                let (tall, cols) = panel.lens(model);
                rows = rows.max(tall.min(usize::from(u16::MAX / 4)) as u16);
                setting.names = setting.names.max(panel.name_lines(model, cell));
                (cell, panel_width(panel, model, cols, cell))
            }
        };
        setting.cells.push(cell);
        setting.width = setting.width.saturating_add(width);
    }
    setting.height = 1 + setting.names + rows * tall;
    setting
}

fn panel_width(panel: &Panel, model: &Model, cols: usize, cell: u16) -> u16 {
    let sums = if panel.has_sums(model) { SUMS } else { 0 };
    let grid = (cols.min(usize::from(u16::MAX / 64)) as u16).saturating_mul(cell);
    panel.label(model) + grid.saturating_add(sums).max(text::columns(&panel.title(model)) as u16)
}

/// Draws the picture into an area: side by side with as much air as fits, else the result on a line of its own,
/// else folded.
pub(super) fn draw(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let Scene { model, theme, .. } = scene;
    let parts = parts(model);
    let fits = |s: &Setting, height: u16| s.width <= area.width && s.height <= height;
    // In slow motion, steps that the picture does not show stand under it.
    let steps = model.partial().and_then(|_| described(scene)).filter(|strip| strip.steps);
    let steps = steps.map(|steps| drawn(model, steps));
    let below = steps.as_ref().map_or(0, |strip| strip.height(area.width) + 1);
    for way in WAYS {
        let room = area.height.saturating_sub(below);
        let tallest = (1..=3).rev().map(|tall| set(scene, &parts, way, tall)).find(|s| fits(s, room));
        if let Some(setting) = tallest {
            line_of(scene, &parts, &setting, area, buffer);
            if let Some(strip) = steps {
                let y = area.y + setting.height + 1;
                strip.draw(theme, Rect { y, height: area.bottom() - y, ..area }, buffer);
            }
            return;
        }
    }
    if below > 0 {
        return fold(scene, area, buffer);
    }
    let equals = parts.iter().rposition(|p| matches!(p, Part::Sign(_))).unwrap_or(0);
    let (above, below) = parts.split_at(equals);
    for way in WAYS {
        let lines = (1..=3).rev().map(|tall| (set(scene, above, way, tall), set(scene, below, way, tall)));
        let fitting = |(first, second): &(Setting, Setting)| {
            fits(first, area.height) && fits(second, area.height.saturating_sub(first.height + 1))
        };
        if let Some((first, second)) = lines.into_iter().find(|lines| fitting(lines)) {
            line_of(scene, above, &first, area, buffer);
            let y = area.y + first.height + 1;
            let rest = Rect { y, height: area.bottom() - y, ..area };
            line_of(scene, below, &second, rest, buffer);
            return;
        }
    }
    fold(scene, area, buffer);
}

fn line_of(scene: Scene, parts: &[Part], set: &Setting, area: Rect, buffer: &mut Buffer) {
    let Scene { model, theme, .. } = scene;
    let rows = |p: &Part| if let Part::Panel(panel) = p { Some(panel.lens(model).0 as u16) } else { None };
    let shortest = parts.iter().filter_map(rows).min().unwrap_or(1);
    let middle = area.y + 1 + set.names + (shortest * set.tall - 1) / 2;
    let mut x = area.x;
    for (part, &cell) in parts.iter().zip(&set.cells) {
        match part {
            Part::Panel(panel) => {
                let (rows, cols) = panel.lens(model);
                let window = Window { rows: 0..rows, cols: 0..cols };
                let room = Rect { x, width: area.right().saturating_sub(x), ..area };
                panel.draw(scene, window, (cell, set.tall), set.names, room, buffer);
                x += panel_width(panel, model, cols, cell);
            }
            Part::Sign(sign) => {
                put(buffer, area, x + gap(sign), middle, sign, theme.strong());
                x += sign_width(sign);
            }
        }
    }
}

/// Too narrow for all: the terms of the number under the cursor in rows, and the result below.
fn fold(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let Scene { model, theme, .. } = scene;
    let mut area = area;
    if let Some(strip) = described(scene).map(|strip| drawn(model, strip)) {
        strip.draw(theme, area, buffer);
        let used = (strip.height(area.width) + 1).min(area.height);
        area = Rect { y: area.y + used, height: area.height - used, ..area };
    }
    let address = model.address();
    let mut result = Panel::new(model, address.slot, Light::Cursor(address.cell.row, address.cell.col));
    let (all_rows, all_cols) = result.lens(model);
    let sums = if result.has_sums(model) { SUMS } else { 0 };
    let room = area.width.saturating_sub(result.label(model) + sums);
    let others: Vec<_> = model.tensors(model.view.page).into_iter().filter(|&slot| slot != address.slot).collect();
    if !others.is_empty() {
        let symbols: Vec<_> = others.iter().map(|&slot| model.program().symbol(slot).to_string()).collect();
        result.note = format!("Tab: {}", symbols.join(" "));
    }
    let roomy = result.comfortable(scene);
    let cell = if all_cols as u16 * roomy <= room { roomy } else { result.tight(scene) };
    let names = result.name_lines(model, cell);
    let lines = area.height.saturating_sub(1 + names);
    let cols = usize::from(room / cell);
    // Of a matrix that is shown in part, one more line says which part.
    let partly = all_rows > usize::from(lines) || all_cols > cols;
    let window = result.window(model, usize::from(lines.saturating_sub(u16::from(partly))), cols);
    result.draw(scene, window, (cell, 1), names, area, buffer);
}

/// The number under the cursor, what made it lined up row by row; none for the words themselves.
fn described(scene: Scene) -> Option<explain::Strip> {
    let Scene { model, trace, .. } = scene;
    // What was before, or moves, is not spelled out: the terms are those of now.
    let Page::Stage(index) = model.view.page else { return None };
    if model.view.reading != Reading::Now {
        return None;
    }
    let done = model.partial().map(|u| u.at.done);
    explain::strip(model.program(), trace, model.result(index), &model.names(), done)
}

/// The rows as they are drawn.
fn drawn(model: &Model, strip: explain::Strip) -> Strip {
    let row = |row: explain::StripRow| {
        let share = matches!(row.role, Role::Weight | Role::Mask);
        let (format, span, share) = match row.written {
            Written::As(Slot(slot)) => {
                let span = if share { 1.0 } else { model.span(Slot(slot), model.view.cursor).unwrap_or(1.0) };
                (model.format(Slot(slot)).unwrap_or(TWO), span, share)
            }
            Written::Shares => (TWO, 1.0, true),
            Written::Own { format, span } => (format, span, false),
        };
        let paint = if share { Paint::Share } else { Paint::Signed };
        StripRow { name: row.name, role: row.role, paint, numbers: row.numbers, format, span, took: row.took }
    };
    Strip { col_names: strip.columns, rows: strip.rows.into_iter().map(row).collect(), chosen: strip.chosen }
}

/// Two decimals, where nothing else is known of a row.
const TWO: Format = Format { decimals: 2, scientific: false };
