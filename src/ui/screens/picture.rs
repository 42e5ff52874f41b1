//! One stage as one picture: its operands and its result as what they are.
//!
//! ```text
//!   Q 4×2        Kᵀ 2×4         scores 4×4
//!   ▒▒▒▒    ·    ▒▒▒▒▒▒▒▒   =   ▒▒▒▒▒▒▒▒
//! ```

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::fit::{Line, Part};
use super::panel::{Light, Panel, Scene};
use super::{predictions, signs};
use crate::app::windows::Window;
use crate::app::{Model, Page, Reading};
use crate::explain::{self, Element, Written};
use crate::ground::number::Format;
use crate::math::ops::{Operand, Sources};
use crate::program::{Address, Role, Slot, Stage};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Strip, StripRow};

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

/// The number that Enter opens, while the microscope stands beside the picture.
fn opened_next(model: &Model) -> Option<Address> {
    match model.windows.top()? {
        Window::Microscope(microscope) => microscope.chosen(model),
        _ => None,
    }
}

/// One operand with the cells lit that made the number under the cursor.
fn operand(model: &Model, stage: &Stage, sources: &Sources, input: usize) -> Panel {
    let made_of = sources.terms.iter().flat_map(|t| &t.factors);
    let mut light = sources_lit(model, made_of, |f| f.input == input);
    // What the microscope would open next.
    let next = opened_next(model).filter(|next| next.slot == stage.operands[input]);
    if let (Some(next), Light::Sources(lit)) = (next, &mut light) {
        lit.insert((next.cell.row, next.cell.col), Lit::Factor);
    }
    let mut panel = Panel::new(model, stage.operands[input], light);
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
    let slot = stage.operands[input];
    // `context.2`: its size stands in the line of the title.
    let name = Some(format!("{}.{}", model.symbol_here(slot), head + 1));
    let short_name = Some(format!(".{}", head + 1));
    Panel { head, name, short_name, labelled: head == 0, ..Panel::new(model, slot, light) }
}

/// The shape bar: `(4×2) · (2×4) = (4×4)`.
pub(super) fn shapes(model: &Model) -> String {
    let part = |p: &Part| match p {
        Part::Panel(panel) => format!("({})", panel.size(model)),
        Part::Sign(sign) => sign.clone(),
    };
    parts(model).iter().map(part).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Draws the picture into an area. In slow motion, steps that the picture does not show stand under it.
pub(super) fn draw(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let Scene { model, theme, .. } = scene;
    if let Some(slot) = predictions::predicted(model) {
        return predictions::draw(scene, slot, area, buffer);
    }
    let steps = model.partial().and_then(|_| described(scene)).filter(|strip| strip.steps);
    let steps = steps.map(|steps| drawn(model, steps));
    let below = steps.as_ref().map_or(0, |strip| strip.height(area.width) + 1);
    let room = (area.width, area.height.saturating_sub(below));
    let mut line = Line::fit(scene, parts(model), room);
    if model.presenting().is_some() && !line.is_large() {
        // Where not all of it can be read from afar, the matrix that the cursor is in.
        let slot = model.slot();
        let here = parts(model).into_iter().rev().find_map(|part| match part {
            Part::Panel(panel) if panel.slot == slot => Some(Panel { labelled: true, ..panel }),
            _ => None,
        });
        if let Some(panel) = here {
            line = Line::large(scene, panel, room);
        }
    }
    line.draw(scene, area, buffer);
    if let Some(strip) = steps {
        let y = (area.y + line.height() + 1).min(area.bottom());
        strip.draw(theme, Rect { y, height: area.bottom() - y, ..area }, buffer);
    }
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
