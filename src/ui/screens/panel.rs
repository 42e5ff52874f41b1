//! One tensor as it takes part in a picture: which head, which columns, turned over or not, what is lit.

use std::collections::HashMap;
use std::ops::Range;

use super::set::Density;
use crate::app::{Model, Page};
use crate::explain::Names;
use crate::ground::lang::Lang;
use crate::ground::number::Format;
use crate::math::tensor::{Axis, Cell};
use crate::program::{Address, Name, Role, Slot, Trace};
use crate::source::sample::WordOrigin;
use crate::ui::targets::Targets;
use crate::ui::theme::{Lit, Theme};
use crate::ui::widgets::{Cells, Window, around};

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
    /// The numbers that a lesson speaks of.
    pub spoken_of: &'a [Address],
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

/// Columns of the name of a row.
pub(super) const NAME: usize = 11;

/// A word with the sign of who says what it means: in H whoever it is, elsewhere only that nobody does.
fn marked(model: &Model, slot: Slot, (axis, index): (Axis, usize), name: String) -> String {
    let (sample, kind) = (&model.material.sample, model.program().kind());
    let described = match axis {
        Axis::Token => !kind.has_one_query(),
        Axis::Memory => !kind.has_memory(),
        _ => false,
    };
    let all = model.program().symbol(slot).name == Name::H;
    let random = || sample.word_origins.get(index).is_some_and(WordOrigin::is_random);
    match sample.mark(index).filter(|_| described && (all || random())) {
        Some((sign, _)) => format!("{}{sign}", crate::ground::text::shortened(&name, NAME - 1)),
        None => name,
    }
}

/// On the page of the words, what the signs beside them stand for.
fn legend(model: &Model, slot: Slot) -> String {
    let legend = model.material.sample.legend();
    let here = model.view.page == Page::Words && model.program().symbol(slot).name == Name::H;
    legend.filter(|_| here).map_or_else(String::new, |legend| model.say(&legend).to_owned())
}

/// A tensor in a picture.
#[expect(clippy::struct_excessive_bools, reason = "how it is drawn: each is asked for on its own")]
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
    /// How closely its cells are set.
    pub density: Density,
    /// The row and column of the tensor that stay in sight, where nothing in it is lit.
    pub around: Option<(usize, usize)>,
    /// Whether it may be narrower than its title, which is cut then.
    pub cuts_title: bool,
    /// Whether what is not singled out is dimmed, for a room that should look at one thing.
    pub spotlit: bool,
    /// A title in place of symbol and size.
    pub name: Option<String>,
    /// The title where it is cut otherwise.
    pub short_name: Option<String>,
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
            density: Density::Tight,
            cuts_title: false,
            around: None,
            spotlit: model.presenting().is_some(),
            short_name: None,
            name: None,
            note: legend(model, slot),
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
    pub(super) fn at(&self, row: usize, col: usize) -> Cell {
        let (row, col) = if self.turned { (col, row) } else { (row, col) };
        Cell { batch: self.batch, head: self.head, row, col: self.cols.start + col }
    }

    /// What rows and columns are, with their numbers, as drawn.
    pub(super) fn axes(&self, model: &Model) -> ((Axis, usize), (Axis, usize)) {
        let shape = model.program().shape(self.slot);
        let ((rows, cols), lens) = ((shape.rows.axis, shape.cols.axis), self.lens(model));
        if self.turned { ((cols, lens.0), (rows, lens.1)) } else { ((rows, lens.0), (cols, lens.1)) }
    }

    /// What the rows are: matrices of the same rows can share their names.
    pub(super) fn rows(&self, model: &Model) -> (Axis, usize) {
        (self.axes(model).0.0, self.head)
    }

    pub(super) fn names(&self, model: &Model, of_rows: bool) -> Vec<String> {
        let shape = model.program().shape(self.slot);
        let names = model.names();
        let name = |axis: Axis, i| marked(model, self.slot, (axis, i), names.name(axis, self.head, i));
        if of_rows == self.turned {
            self.cols.clone().map(|i| name(shape.cols.axis, i)).collect()
        } else {
            (0..shape.rows.len).map(|i| name(shape.rows.axis, i)).collect()
        }
    }

    pub(super) fn lit(&self, row: usize, col: usize) -> Lit {
        let cell = self.at(row, col);
        if self.cursor.is_some_and(|c| (c.row, c.col) == (cell.row, cell.col)) {
            return Lit::Cursor;
        }
        match &self.light {
            Light::Sources(cells) => cells.get(&(cell.row, cell.col)).copied().unwrap_or(Lit::Off),
            Light::Aside => Lit::Off,
            Light::Cursor(r, c) if (cell.row, cell.col) == (*r, *c) => Lit::Cursor,
            Light::Cursor(r, _) if cell.row == *r => Lit::Source,
            Light::Cursor(..) if self.spotlit => Lit::Off,
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
            _ => self.around.unwrap_or((0, self.cols.start)),
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

    pub(super) fn role(&self, model: &Model) -> Role {
        model.label(self.slot).role
    }

    /// How its numbers are written.
    pub(super) fn format(&self, scene: Scene) -> Format {
        let format = scene.shown.format(self.slot);
        if self.density == Density::Short { format.shorter() } else { format }
    }

    /// Whether the sums of its rows are worth a column.
    pub(super) fn has_sums(&self, model: &Model) -> bool {
        let weights = model.program().symbol(self.slot).name == Name::Weights && model.view.reading.is_of_a_run();
        weights && self.light != Light::Aside && self.name.is_none() && self.density.cells() != Cells::Heat
    }

    /// `Kᵀ 2×4`, with the note; of a matrix without numbers, with the one under the cursor.
    pub(super) fn title(&self, scene: Scene) -> String {
        let Scene { model, shown, .. } = scene;
        let turned = if self.turned { "ᵀ" } else { "" };
        let short = self.short_name.as_ref().filter(|_| self.cuts_title);
        let mut title = match short.or(self.name.as_ref()) {
            Some(name) => name.clone(),
            None => format!("{}{turned}  {}", model.symbol_here(self.slot), self.size(model)),
        };
        if !self.note.is_empty() && self.name.is_none() {
            title = format!("{title}  {}", self.note);
        }
        let under = match self.light {
            Light::Cursor(row, col) => Some(Cell { batch: self.batch, head: self.head, row, col }),
            _ => self.cursor,
        };
        match under.filter(|_| self.density.cells() == Cells::Heat) {
            Some(cell) => {
                let at = Address { slot: self.slot, cell };
                let covered = model.view.covers(at).then(|| "?".to_owned());
                let number = covered.unwrap_or_else(|| self.format(scene).write(shown.get(at)));
                format!("{title}  [{},{}] {number}", cell.row + 1, cell.col + 1)
            }
            None => title,
        }
    }

    /// `头 2`, `head 2`.
    pub(crate) fn head_note(lang: Lang, head: usize) -> String {
        match lang {
            Lang::Zh => format!("头 {}", head + 1),
            Lang::En => format!("head {}", head + 1),
        }
    }
}
