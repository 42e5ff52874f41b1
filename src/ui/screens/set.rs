//! A panel as it is set in a line: what its cells need at each density, from names and numbers that are measured once.

use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::{Light, NAME, Panel, Scene};
use super::reading::mark;
use crate::app::{Model, Target};
use crate::explain::Shown;
use crate::ground::text::columns;
use crate::program::{Address, Role};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Cells, Matrix, SUMS, Window};

/// How closely the cells of a panel are set: whole numbers as long as they fit, then fewer digits, then colours alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Density {
    /// So many columns more than the names of the columns need.
    Airy(u16),
    /// The widest number between its brackets.
    Tight,
    /// The widest number, just clear of its neighbour.
    Close,
    /// One digit behind the point.
    Short,
    /// Two columns of colour.
    Heat,
    /// One column of colour.
    Thin,
}

impl Density {
    /// The next closer one, if there is any.
    pub(super) const fn closer(self) -> Option<Self> {
        match self {
            Self::Airy(_) => Some(Self::Tight),
            Self::Tight => Some(Self::Close),
            Self::Close => Some(Self::Short),
            Self::Short => Some(Self::Heat),
            Self::Heat => Some(Self::Thin),
            Self::Thin => None,
        }
    }

    /// How numbers stand in such cells.
    pub(super) const fn cells(self) -> Cells {
        match self {
            Self::Airy(_) | Self::Tight => Cells::Framed,
            Self::Close | Self::Short => Cells::Close,
            Self::Heat | Self::Thin => Cells::Heat,
        }
    }
}

/// Columns of `↓13-19/64→13-19/64`, where a part of a matrix is shown.
const HINT: u16 = 18;

/// Columns of one that speaks of columns alone.
const SHORT_HINT: u16 = 12;

/// A panel, and what is measured of it once.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub panel: Panel,
    /// Rows and columns as drawn.
    pub lens: (usize, usize),
    rows: Names,
    cols: Names,
    /// Columns of its widest number, and of the widest with one digit behind the point.
    digits: (u16, u16),
}

/// Names of rows or of columns.
#[derive(Debug, Clone)]
struct Names {
    all: Rc<[String]>,
    /// Columns of the widest.
    widest: usize,
}

impl Names {
    fn of(all: Vec<String>) -> Self {
        let widest = all.iter().map(|name| columns(name)).max().unwrap_or(0);
        Self { all: all.into(), widest }
    }
}

impl Set {
    pub(super) fn new(scene: Scene, panel: Panel) -> Self {
        let Scene { model, shown, .. } = scene;
        let (rows, cols) = (Names::of(panel.names(model, true)), Names::of(panel.names(model, false)));
        let measure = shown.measure(panel.slot);
        let digits = (measure.width as u16, measure.shorter as u16);
        Self { lens: panel.lens(model), rows, cols, digits, panel }
    }

    /// The next closer setting of its cells that makes it narrower, if there is any.
    pub(super) fn closer(&self, scene: Scene) -> Option<Density> {
        let width = self.width(scene, usize::MAX);
        let mut next = self.clone();
        while let Some(density) = next.panel.density.closer() {
            next.panel.density = density;
            if next.width(scene, usize::MAX) < width {
                return Some(density);
            }
        }
        None
    }

    /// Columns of a cell.
    pub(super) fn cell(&self) -> u16 {
        let (digits, shorter) = self.digits;
        let tight = (digits + 2).max(5);
        match self.panel.density {
            Density::Airy(air) => tight.max((self.cols.widest as u16 + 2).min(11)) + air,
            Density::Tight => tight,
            Density::Close => digits + 1,
            Density::Short => shorter + 1,
            Density::Heat => 2,
            Density::Thin => 1,
        }
    }

    /// Lines that the names of its columns need.
    pub(super) fn name_lines(&self) -> u16 {
        let framed = self.panel.density.cells() == Cells::Framed;
        1 + u16::from(framed && self.cols.widest >= usize::from(self.cell()))
    }

    /// Columns of so many columns of cells, with what stands beside and above them.
    pub(super) fn width(&self, scene: Scene, cols: usize) -> u16 {
        let panel = &self.panel;
        let sums = if panel.has_sums(scene.model) { SUMS } else { 0 };
        let grid = (cols.min(self.lens.1).min(usize::from(u16::MAX / 64)) as u16).saturating_mul(self.cell());
        // The line that says which part is shown stands whole below it.
        let hint = if panel.cuts_title && !panel.labelled { SHORT_HINT } else { HINT };
        let grid = if cols < self.lens.1 { grid.max(hint) } else { grid };
        let title = if panel.cuts_title { 3 } else { columns(&panel.title(scene)) as u16 };
        self.label() + grid.saturating_add(sums).max(title)
    }

    /// Columns for the names of the rows.
    fn label(&self) -> u16 {
        if self.panel.labelled { (self.rows.widest.min(NAME) + 1) as u16 } else { 0 }
    }

    /// The part of the matrix that is shown when there is room for so many rows and columns.
    pub(super) fn window(&self, model: &Model, rows: usize, cols: usize) -> Window {
        self.panel.window(model, rows.min(self.lens.0), cols.min(self.lens.1))
    }

    /// Draws the window at a place, with cells so many rows tall and so many lines for the names of the columns.
    pub(super) fn draw(
        &self,
        scene: Scene,
        window: Window,
        (tall, names): (u16, u16),
        says_rows: bool,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let Scene { model, shown: trace, theme, targets, spoken_of, .. } = scene;
        let panel = &self.panel;
        let (tensor, role) = (trace.tensor(panel.slot), panel.role(model));
        let shares = model.view.reading.is_of_a_run();
        let partial = model.partial().filter(|u| u.slot == panel.slot);
        let shown = |r, c| partial.as_ref().map_or(Shown::Done, |u| u.shown(panel.at(r, c)));
        let matrix = Matrix {
            title: panel.title(scene),
            role,
            row_names: &self.rows.all,
            col_names: &self.cols.all,
            number: &|r, c| match shown(r, c) {
                Shown::NotYet => None,
                Shown::Running(sum) => Some(sum as f32),
                Shown::Done => Some(tensor.get(panel.at(r, c))),
            },
            covered: &|r, c| model.view.covers(Address { slot: panel.slot, cell: panel.at(r, c) }),
            lit: &|r, c| match (panel.lit(r, c), shown(r, c)) {
                (Lit::Cursor, Shown::Running(_)) => Lit::Running,
                (Lit::Source, Shown::NotYet) => Lit::Off,
                (Lit::Cursor, _) => Lit::Cursor,
                (_, Shown::Done) if spoken_of.contains(&Address { slot: panel.slot, cell: panel.at(r, c) }) => {
                    Lit::SpokenOf
                }
                (lit, _) => lit,
            },
            mark: &|r, c| mark(model, Address { slot: panel.slot, cell: panel.at(r, c) }),
            format: panel.format(scene),
            span: &|r, c| {
                let one = shares && role == Role::Weight;
                if one { 1.0 } else { model.span(panel.slot, panel.at(r, c)).unwrap_or(1.0) }
            },
            paint: if shares && matches!(role, Role::Weight | Role::Mask) { Paint::Share } else { Paint::Signed },
            window,
            cell: (self.cell(), tall),
            label: self.label(),
            sums: panel.has_sums(model),
            names,
            cells: panel.density.cells(),
            says_rows,
            aside: panel.light == Light::Aside,
            lang: model.settings.lang,
        };
        for (place, row, col) in matrix.places(area) {
            targets.note(place, Target::Number(Address { slot: panel.slot, cell: panel.at(row, col) }));
        }
        matrix.draw(theme, area, buffer);
    }
}
