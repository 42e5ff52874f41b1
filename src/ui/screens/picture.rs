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
use crate::app::{Model, Page, Reading, Underway};
use crate::explain::{Names, Shown, Tick, root};
use crate::ground::lang::Lang;
use crate::ground::number::{Format, short};
use crate::ground::text;
use crate::math::ops::{Exponentials, Operand, Rule, Sources};
use crate::math::tensor::Cell;
use crate::program::{Address, Name, Role, Stage, labels};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{SUMS, Strip, StripRow, Window, put};

/// A panel, or the sign between two.
pub(super) enum Part {
    Panel(Panel),
    Sign(String),
}

/// The picture of the page under the cursor, left to right.
pub(super) fn parts(model: &Model) -> Vec<Part> {
    let Page::Stage(index) = model.page else { return words(model) };
    let program = model.program();
    let stage = &program.stages()[index];
    let address = model.result(index);
    let sources = program.sources(stage, address.cell);
    let operand = |input: usize| operand(model, stage, &sources, input);
    let result = Part::Panel(result(model, index));
    let sign = |s: &str| Part::Sign(signs(model, s));
    match (stage.symbol.name, sources.rule) {
        (_, Rule::Sum) => {
            let mut right = operand(1);
            right.turned = stage.symbol.name == Name::Scores;
            vec![Part::Panel(operand(0)), sign("·"), Part::Panel(right), sign("="), result]
        }
        (_, Rule::Quotient(by)) => {
            vec![Part::Panel(operand(0)), sign(&format!("/ {}", root(by))), sign("="), result]
        }
        (_, Rule::Gate) => {
            let mut mask = operand(1);
            mask.labelled = false;
            vec![Part::Panel(operand(0)), sign("where"), Part::Panel(mask), sign("→"), result]
        }
        (_, Rule::Softmax(_)) => vec![Part::Panel(operand(0)), sign("softmax →"), result],
        (Name::Concat, _) => concat(model, stage, &sources, result),
        _ => vec![Part::Panel(operand(0)), sign("="), result],
    }
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
    if let Some(u) = model.underway() {
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
        panel.note = Panel::head_note(model.settings.lang, model.cursor.head);
    }
    panel
}

/// The stage's result, with the number that is singled out.
fn result(model: &Model, stage: usize) -> Panel {
    let address = model.result(stage);
    let at = (address.cell.row, address.cell.col);
    let light = if model.focus == 0 { Light::Cursor(at.0, at.1) } else { Light::Sources([(at, Lit::Source)].into()) };
    Panel::new(model, address.slot, light)
}

/// Every head's context, and all of them side by side.
fn concat(model: &Model, stage: &Stage, sources: &Sources, result: Part) -> Vec<Part> {
    let mut parts = Vec::new();
    for head in 0..model.program().heads() {
        if head > 0 {
            parts.push(Part::Sign("|".into()));
        }
        let made_of = sources.terms.iter().flat_map(|t| &t.factors);
        let light = sources_lit(model, made_of, |f| f.cell.head == head);
        let mut panel = Panel::new(model, stage.operands[0], light);
        (panel.head, panel.labelled, panel.note) = (head, head == 0, Panel::head_note(model.settings.lang, head));
        parts.push(Part::Panel(panel));
    }
    parts.push(Part::Sign("=".into()));
    parts.push(result);
    parts
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
    // Softmax in slow motion shows its steps under the picture.
    let steps = model.underway().filter(|u| u.ticks.is_softmax()).and_then(|_| strip(scene));
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
    if let Some(strip) = strip(scene) {
        strip.draw(theme, area, buffer);
        let used = (strip.height(area.width) + 1).min(area.height);
        area = Rect { y: area.y + used, height: area.height - used, ..area };
    }
    let address = model.address();
    let mut result = Panel::new(model, address.slot, Light::Cursor(address.cell.row, address.cell.col));
    let (all_rows, all_cols) = result.lens(model);
    let sums = if result.has_sums(model) { SUMS } else { 0 };
    let room = area.width.saturating_sub(result.label(model) + sums);
    let others: Vec<_> = model.tensors(model.page).into_iter().filter(|&slot| slot != address.slot).collect();
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

/// The number under the cursor, its operands lined up term by term; none for the words themselves.
fn strip(scene: Scene) -> Option<Strip> {
    let Scene { model, trace, .. } = scene;
    // What was before, or moves, is not spelled out: the terms are those of now.
    let Page::Stage(index) = model.page else { return None };
    if model.reading != Reading::Now {
        return None;
    }
    let program = model.program();
    let stage = &program.stages()[index];
    let address = model.result(index);
    let sources = program.sources(stage, address.cell);
    let read = |input: usize, cell: Cell| trace.get(Address { slot: stage.operands[input], cell });
    let names = model.names();
    let shape = program.shape(address.slot);
    let row_name = names.name(shape.rows.axis, address.cell.head, address.cell.row);
    let underway = model.underway();
    // What the last tick took of an operand's row: of a sum one term, else what it read.
    let last = underway.as_ref().and_then(|u| u.ticks.last(u.at));
    let took = match last {
        Some(Tick::Term(k) | Tick::Row(k) | Tick::Difference(k)) => k..k + 1,
        Some(Tick::Whole) => address.cell.col..address.cell.col + 1,
        Some(Tick::Max) => 0..usize::MAX,
        _ => 0..0,
    };
    let row = |name: String, input: usize, numbers: Vec<f32>| {
        let symbol = program.symbol(stage.operands[input]);
        let role = labels::label(symbol.name, program.kind()).role;
        StripRow { took: took.clone(), ..numbers_row(model, name, role, stage.operands[input].0, numbers) }
    };
    let whole_row = |input: usize| {
        let cols = program.shape(stage.operands[input]).cols.len;
        let at = |j| program.shape(stage.operands[input]).clamp(address.cell.moved(address.cell.row, j));
        (0..cols).map(|j| read(input, at(j))).collect::<Vec<_>>()
    };
    let result_row = || {
        let number = |j| {
            let cell = address.cell.moved(address.cell.row, j);
            let there = underway.as_ref().is_none_or(|u| u.shown(cell) == Shown::Done);
            there.then(|| trace.get(Address { cell, ..address }))
        };
        let mut row = numbers_row(
            model,
            format!("= {} {row_name}", stage.symbol),
            model.label(address.slot).role,
            address.slot.0,
            Vec::new(),
        );
        row.numbers = (0..shape.cols.len).map(number).collect();
        row
    };
    let operand = |input: usize| program.symbol(stage.operands[input]);
    let columns = |n: usize| (0..n).map(|j| names.name(shape.cols.axis, address.cell.head, j)).collect::<Vec<_>>();
    match sources.rule {
        Rule::Sum => {
            let factor = |k: usize| -> Vec<f32> { sources.terms.iter().map(|t| read(k, t.factors[k].cell)).collect() };
            let (ours, theirs) = (factor(0), factor(1));
            let products: Vec<f32> = ours.iter().zip(&theirs).map(|(a, b)| a * b).collect();
            let inner = program.shape(stage.operands[0]).cols;
            let right = program.shape(stage.operands[1]);
            let axis = if stage.symbol.name == Name::Scores { right.rows.axis } else { shape.cols.axis };
            let right_name = format!("× {} {}", operand(1), names.name(axis, address.cell.head, address.cell.col));
            let role = model.label(address.slot).role;
            let name = match model.settings.lang {
                Lang::Zh => "= 乘积",
                Lang::En => "= products",
            };
            let format = Format::of(&products);
            let span = products.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
            let added = underway.as_ref().map_or(products.len(), |u| u.at.done);
            let numbers = products.iter().enumerate().map(|(k, &x)| (k < added).then_some(x)).collect();
            let paint = Paint::Signed;
            let together = StripRow { name: name.into(), role, paint, numbers, format, span, took: took.clone() };
            Some(Strip {
                col_names: (0..inner.len).map(|m| names.name(inner.axis, address.cell.head, m)).collect(),
                rows: vec![row(format!("  {} {row_name}", operand(0)), 0, ours), row(right_name, 1, theirs), together],
                chosen: None,
            })
        }
        Rule::Quotient(_) => {
            let rows = vec![row(format!("  {} {row_name}", operand(0)), 0, whole_row(0)), result_row()];
            Some(Strip { col_names: columns(shape.cols.len), rows, chosen: Some(address.cell.col) })
        }
        Rule::Gate => {
            let rows = vec![
                row(format!("  {} {row_name}", operand(0)), 0, whole_row(0)),
                row("· mask".into(), 1, whole_row(1)),
                result_row(),
            ];
            Some(Strip { col_names: columns(shape.cols.len), rows, chosen: Some(address.cell.col) })
        }
        Rule::Softmax(_) => {
            let scores = whole_row(0);
            let steps = Exponentials::of(&scores.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
            let given = row(format!("  {} {row_name}", operand(0)), 0, scores.clone());
            let between = match underway {
                Some(u) => in_slow_motion(model, u, &given, &steps),
                None => vec![exponentials(model, &steps)],
            };
            let rows = [vec![given], between, vec![result_row()]].concat();
            Some(Strip { col_names: columns(shape.cols.len), rows, chosen: Some(address.cell.col) })
        }
        Rule::Copy => None,
    }
}

/// `exp(x - max)` of a row of scores.
fn exponentials(model: &Model, steps: &Exponentials) -> StripRow {
    let name = match model.settings.lang {
        Lang::Zh => "  exp(x - 最大值)",
        Lang::En => "  exp(x - max)",
    };
    StripRow {
        name: name.into(),
        role: Role::Score,
        paint: Paint::Share,
        numbers: steps.exp.iter().map(|&x| Some(x as f32)).collect(),
        format: Format { decimals: 2, scientific: false },
        span: 1.0,
        took: 0..0,
    }
}

/// Columns for the names of the steps, so that nothing moves when a number is added to them.
const STEP: usize = 16;

/// The steps between scores and shares, as far as they have come: differences to the maximum, exponentials and their sum.
fn in_slow_motion(model: &Model, u: Underway, scores: &StripRow, steps: &Exponentials) -> Vec<StripRow> {
    let last = u.ticks.last(u.at);
    let share = last == Some(Tick::Share) || u.at.cell.col > 0;
    let count = steps.exp.len();
    // How many columns each step has come through.
    let (differences, exps, summed) = match last {
        _ if share => (count, count, true),
        Some(Tick::Difference(j)) => (j + 1, 0, false),
        Some(Tick::Exponential(j)) => (count, j + 1, false),
        Some(Tick::Total) => (count, count, true),
        _ => (0, 0, false),
    };
    let max = if last.is_some() || share { short(steps.max) } else { String::new() };
    let names = match model.settings.lang {
        Lang::Zh => [format!("  减最大值 {max}"), "  exp".to_owned()],
        Lang::En => [format!("  - max {max}"), "  exp".to_owned()],
    };
    let sum = if summed { format!("  Σ {}", short(steps.sum)) } else { String::new() };
    let so_far = |x: f32, j: usize, made: usize| (j < made || x == f32::NEG_INFINITY).then_some(x);
    let difference = |(j, x): (usize, &Option<f32>)| so_far(x.unwrap_or_default() - steps.max as f32, j, differences);
    let took = |tick: Option<Tick>| match tick {
        Some(Tick::Difference(j) | Tick::Exponential(j)) => j..j + 1,
        Some(Tick::Total) => 0..count,
        Some(Tick::Share) => u.at.cell.col..u.at.cell.col + 1,
        _ => 0..0,
    };
    let less = StripRow {
        name: text::left(&names[0], STEP),
        numbers: scores.numbers.iter().enumerate().map(difference).collect(),
        took: took(last.filter(|t| matches!(t, Tick::Difference(_) | Tick::Exponential(_)))),
        ..scores.clone()
    };
    let mut exp = exponentials(model, steps);
    exp.name = text::left(&format!("{}{sum}", names[1]), STEP);
    exp.numbers = (0..count).map(|j| (j < exps).then_some(steps.exp[j] as f32)).collect();
    exp.took = took(last.filter(|t| !matches!(t, Tick::Difference(_))));
    vec![less, exp]
}

fn numbers_row(model: &Model, name: String, role: Role, slot: usize, numbers: Vec<f32>) -> StripRow {
    let format = model.formats.get(slot).copied().unwrap_or(Format { decimals: 2, scientific: false });
    let share = matches!(role, Role::Weight | Role::Mask);
    let span = if share { 1.0 } else { model.spans.get(slot).copied().unwrap_or(1.0) };
    let paint = if share { Paint::Share } else { Paint::Signed };
    StripRow { name, role, paint, numbers: numbers.into_iter().map(Some).collect(), format, span, took: 0..0 }
}
