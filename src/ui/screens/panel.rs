//! One tensor as it takes part in a picture: which head, which columns, turned over or not, what is lit.

use std::collections::HashMap;
use std::ops::Range;

use super::reading::mark;
use crate::app::{Model, Target};
use crate::explain::{Names, Shown};
use crate::ground::lang::Lang;
use crate::ground::number::Format;
use crate::math::tensor::{Axis, Cell};
use crate::program::{Address, Name, Role, Slot, Trace};
use crate::ui::targets::Targets;
use crate::ui::theme::{Lit, Paint, Theme};
use crate::ui::widgets::{Matrix, Window, around, name_lines};

/// What a picture is drawn from.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub model: &'a Model,
    /// The numbers of the program that the model shows.
    pub trace: &'a Trace,
    /// The numbers that its pictures show: these, those before the changes, the difference, an influence.
    pub shown: &'a Trace,
    pub theme: Theme,
    pub targets: &'a Targets,
}

/// What is lit in a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Light {
    /// Every cell counts alike.
    Even,
    /// These cells made the number under the cursor; in slow motion some of them stand out.
    Sources(HashMap<(usize, usize), Lit>),
    /// The number under the cursor, and its row.
    Cursor(usize, usize),
    /// Nothing here is looked at.
    Aside,
}

/// Of a large tensor only so many numbers are measured: the format is one for all, only signs and lengths vary.
const SAMPLED: usize = 2048;

/// A tensor in a picture.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub slot: Slot,
    /// Sentence and head that are shown.
    pub batch: usize,
    pub head: usize,
    /// Rows and columns change places, as in Kᵀ.
    pub turned: bool,
    /// The columns that take part, such as one head's share of `W_q`.
    pub cols: Range<usize>,
    pub light: Light,
    /// The cursor, while it is in a given tensor beside the result.
    pub cursor: Option<Cell>,
    /// Whether the rows have their names beside them.
    pub labelled: bool,
    /// Without brackets and names of columns, where room is short.
    pub dense: bool,
    /// A title in place of symbol and size.
    pub name: Option<String>,
    /// Words after the title.
    pub note: String,
}

impl Panel {
    /// The whole matrix of the sentence and head under the cursor.
    pub(super) fn new(model: &Model, slot: Slot, light: Light) -> Self {
        let shape = model.program().shape(slot);
        let cell = shape.clamp(Trace::nearest(&shape, model.view.cursor));
        Self {
            slot,
            batch: cell.batch,
            head: cell.head,
            turned: false,
            cols: model.columns(slot),
            cursor: (model.slot() == slot && model.view.focus > 0).then(|| model.address().cell),
            light,
            labelled: true,
            dense: false,
            name: None,
            note: String::new(),
        }
    }

    /// Rows and columns as drawn.
    pub(super) fn lens(&self, model: &Model) -> (usize, usize) {
        let rows = model.program().shape(self.slot).rows.len;
        if self.turned { (self.cols.len(), rows) } else { (rows, self.cols.len()) }
    }

    /// `4×2`, as drawn.
    pub(super) fn size(&self, model: &Model) -> String {
        let (rows, cols) = self.lens(model);
        format!("{rows}×{cols}")
    }

    /// The cell of the tensor that stands at a drawn row and column.
    fn cell(&self, row: usize, col: usize) -> Cell {
        let (row, col) = if self.turned { (col, row) } else { (row, col) };
        Cell { batch: self.batch, head: self.head, row, col: self.cols.start + col }
    }

    fn names(&self, model: &Model, of_rows: bool) -> Vec<String> {
        let shape = model.program().shape(self.slot);
        let names = model.names();
        let name = |axis: Axis, i| names.name(axis, self.head, i);
        if of_rows == self.turned {
            self.cols.clone().map(|i| name(shape.cols.axis, i)).collect()
        } else {
            (0..shape.rows.len).map(|i| name(shape.rows.axis, i)).collect()
        }
    }

    fn lit(&self, row: usize, col: usize) -> Lit {
        let cell = self.cell(row, col);
        if self.cursor.is_some_and(|c| (c.row, c.col) == (cell.row, cell.col)) {
            return Lit::Cursor;
        }
        match &self.light {
            Light::Sources(cells) => cells.get(&(cell.row, cell.col)).copied().unwrap_or(Lit::Off),
            Light::Aside => Lit::Off,
            Light::Cursor(r, c) if (cell.row, cell.col) == (*r, *c) => Lit::Cursor,
            Light::Cursor(r, _) if cell.row == *r => Lit::Source,
            Light::Cursor(..) | Light::Even => Lit::Even,
        }
    }

    /// The drawn row and column that should stay in sight.
    fn focus(&self) -> (usize, usize) {
        let (row, col) = match &self.light {
            _ if self.cursor.is_some() => self.cursor.map_or((0, 0), |c| (c.row, c.col)),
            Light::Cursor(r, c) => (*r, *c),
            Light::Sources(cells) => {
                let first = |f: fn(&(usize, usize)) -> usize| cells.keys().map(f).min().unwrap_or(0);
                (first(|c| c.0), first(|c| c.1))
            }
            _ => (0, self.cols.start),
        };
        let col = col.saturating_sub(self.cols.start);
        if self.turned { (col, row) } else { (row, col) }
    }

    /// The part of the matrix that is shown when there is room for so many rows and columns.
    pub(super) fn window(&self, model: &Model, rows: usize, cols: usize) -> Window {
        let (all_rows, all_cols) = self.lens(model);
        let (row, col) = self.focus();
        Window { rows: around(row, rows, all_rows), cols: around(col, cols, all_cols) }
    }

    pub(crate) fn role(&self, model: &Model) -> Role {
        model.label(self.slot).role
    }

    /// How its numbers are written.
    pub(super) fn format(&self, model: &Model) -> Format {
        let format = model.format(self.slot).unwrap_or(Format { decimals: 2, scientific: false });
        if self.dense { Format { decimals: format.decimals.min(2), ..format } } else { format }
    }

    /// Columns of the widest number in sight.
    fn digits(&self, scene: Scene) -> usize {
        let tensor = scene.shown.tensor(self.slot);
        self.format(scene.model).width(tensor.numbers().take(SAMPLED).map(|x| if x.is_finite() { x } else { 0.0 }))
    }

    /// The narrowest cell: the widest number between its brackets.
    pub(crate) fn tight(&self, scene: Scene) -> u16 {
        (self.digits(scene) + 2).max(5) as u16
    }

    /// The cell of a small matrix: with room for the names of its columns, or just for this head's numbers.
    pub(super) fn small(&self, scene: Scene) -> u16 {
        if !self.dense {
            return self.comfortable(scene);
        }
        let numbers = scene.shown.tensor(self.slot).matrix(self.batch, self.head);
        let finite = numbers.iter().take(SAMPLED).map(|&x| if x.is_finite() { x } else { 0.0 });
        self.format(scene.model).width(finite) as u16 + 1
    }

    /// Cells wide enough for the names of the columns too.
    pub(crate) fn comfortable(&self, scene: Scene) -> u16 {
        let names = self.names(scene.model, false);
        let widest = names.iter().map(|n| crate::ground::text::columns(n)).max().unwrap_or(0) as u16;
        self.tight(scene).max((widest + 2).min(11))
    }

    /// Lines that the names of its columns need at that width.
    pub(crate) fn name_lines(&self, model: &Model, cell: u16) -> u16 {
        let names = self.names(model, false);
        name_lines(names.iter().map(String::as_str), cell)
    }

    /// Columns for the names of the rows.
    pub(super) fn label(&self, model: &Model) -> u16 {
        if !self.labelled {
            return 0;
        }
        let widest = self.names(model, true).iter().map(|n| crate::ground::text::columns(n)).max().unwrap_or(0);
        (widest as u16 + 1).min(12)
    }

    /// Whether the sums of its rows are worth a column.
    pub(crate) fn has_sums(&self, model: &Model) -> bool {
        let weights = model.program().symbol(self.slot).name == Name::Weights && model.view.reading.is_of_a_run();
        weights && self.light != Light::Aside && self.name.is_none()
    }

    /// Draws the window at a place, with cells of that size.
    pub(super) fn draw(
        &self,
        scene: Scene,
        window: Window,
        cell: (u16, u16),
        names: u16,
        area: ratatui::layout::Rect,
        buffer: &mut ratatui::buffer::Buffer,
    ) -> (u16, u16) {
        let Scene { model, shown: trace, theme, targets, .. } = scene;
        let (row_names, col_names) = (self.names(model, true), self.names(model, false));
        let tensor = trace.tensor(self.slot);
        let role = self.role(model);
        let shares = model.view.reading.is_of_a_run();
        let partial = model.partial().filter(|u| u.slot == self.slot);
        let shown = |r, c| partial.as_ref().map_or(Shown::Done, |u| u.shown(self.cell(r, c)));
        let matrix = Matrix {
            title: self.title(model),
            role,
            row_names: &row_names,
            col_names: &col_names,
            number: &|r, c| match shown(r, c) {
                Shown::NotYet => None,
                Shown::Running(sum) => Some(sum as f32),
                Shown::Done => Some(tensor.get(self.cell(r, c))),
            },
            lit: &|r, c| match (self.lit(r, c), shown(r, c)) {
                (Lit::Cursor, Shown::Running(_)) => Lit::Running,
                (Lit::Source, Shown::NotYet) => Lit::Off,
                (lit, _) => lit,
            },
            mark: &|r, c| mark(model, Address { slot: self.slot, cell: self.cell(r, c) }),
            format: self.format(model),
            span: if shares && role == Role::Weight { 1.0 } else { model.span(self.slot).unwrap_or(1.0) },
            paint: if shares && matches!(role, Role::Weight | Role::Mask) { Paint::Share } else { Paint::Signed },
            window,
            cell,
            label: self.label(model),
            sums: self.has_sums(model),
            names: if self.dense { 0 } else { names },
            aside: self.light == Light::Aside,
            lang: model.settings.lang,
        };
        let size = matrix.size();
        for (place, row, col) in matrix.cells(area) {
            targets.note(place, Target::Number(Address { slot: self.slot, cell: self.cell(row, col) }));
        }
        matrix.draw(theme, area, buffer);
        size
    }

    /// `Kᵀ 2×4`, with the note.
    pub(super) fn title(&self, model: &Model) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let turned = if self.turned { "ᵀ" } else { "" };
        let note = if self.note.is_empty() { String::new() } else { format!("  {}", self.note) };
        format!("{}{turned}  {}{note}", model.program().symbol(self.slot), self.size(model))
    }

    /// `头 2`, `head 2`.
    pub(crate) fn head_note(lang: Lang, head: usize) -> String {
        match lang {
            Lang::Zh => format!("头 {}", head + 1),
            Lang::En => format!("head {}", head + 1),
        }
    }
}
