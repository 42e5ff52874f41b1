//! How much room each matrix of a picture gets.
//!
//! First the whole of every matrix with its numbers, with as much air as there is; then closer cells with fewer digits, the
//! widest matrix first and the result last; then colours alone, with the number under the cursor in the title; and only then a
//! window on the columns. Rows that do not fit are scrolled. What is left out is announced under its matrix.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::{Density, Panel, Scene};
use crate::ground::text;
use crate::ui::widgets::{Cells, Window, put};

/// A panel, or the sign between two.
#[expect(clippy::large_enum_variant, reason = "a handful a picture, most of them panels")]
#[derive(Debug, Clone)]
pub(super) enum Part {
    Panel(Panel),
    Sign(String),
}

/// The airy ways to set cells, the airiest first.
const AIRY: [Density; 6] =
    [Density::Airy(6), Density::Airy(4), Density::Airy(2), Density::Airy(1), Density::Airy(0), Density::Tight];

/// Rows of a cell that a whole room can read.
const LARGE: u16 = 2;

/// Rows of the tallest cell.
pub(super) const TALLEST: u16 = 3;

/// Columns of a matrix that is scrolled, at least.
const FEWEST: usize = 3;

/// Parts in a line, and the room they take.
#[derive(Debug)]
pub(super) struct Line {
    parts: Vec<Part>,
    /// Columns left and right of a sign.
    gap: u16,
    /// Columns of a matrix that are shown at most.
    cols: usize,
    /// Rows of a matrix that are shown at most, with the line that says so.
    rows: usize,
    /// Rows of a cell.
    tall: u16,
    /// Lines for the names of the columns.
    names: u16,
}

impl Line {
    /// Parts side by side in an area of that size.
    pub(super) fn fit(scene: Scene, parts: Vec<Part>, (width, height): (u16, u16)) -> Self {
        let mut line = Self { parts, gap: 2, cols: usize::MAX, rows: usize::MAX, tall: 1, names: 1 };
        let tall = (1..=TALLEST).rev();
        for (density, tall) in AIRY.iter().flat_map(|&density| tall.clone().map(move |tall| (density, tall))) {
            line.set(scene, density, tall);
            if line.width(scene) <= width && line.height(scene) <= height {
                return line;
            }
        }
        let wide = AIRY.into_iter().find(|&density| {
            line.set(scene, density, 1);
            line.width(scene) <= width
        });
        if wide.is_none() {
            line.crowd(scene, width);
        }
        line.flatten(scene, height);
        line.scroll(scene, height);
        line
    }

    /// One matrix in large cells, two lines high: for a room. As many of its rows and columns as there is place for, around the
    /// cursor.
    pub(super) fn large(scene: Scene, panel: Panel, (width, height): (u16, u16)) -> Self {
        let parts = vec![Part::Panel(panel)];
        let mut line = Self { parts, gap: 2, cols: usize::MAX, rows: usize::MAX, tall: LARGE, names: 1 };
        line.set(scene, Density::Airy(2), LARGE);
        line.cut_columns(scene, width);
        let room = height.saturating_sub(1 + line.names);
        let rows = line.panels().map(|panel| panel.lens(scene.model).0).max().unwrap_or(0);
        if rows > usize::from(room / LARGE) || line.cols != usize::MAX {
            line.rows = usize::from(room.saturating_sub(1) / LARGE).max(1);
        }
        line
    }

    /// Whether it stands in large cells.
    pub(super) fn is_large(&self) -> bool {
        let airy = |panel: &Panel| matches!(panel.density, Density::Airy(air) if air >= 2);
        self.tall >= LARGE && self.panels().all(airy)
    }

    /// Matrices of one kind side by side, all of them set alike.
    pub(super) fn alike(scene: Scene, parts: Vec<Part>, (width, height): (u16, u16)) -> Self {
        let mut line = Self { parts, gap: 2, cols: usize::MAX, rows: usize::MAX, tall: 1, names: 1 };
        let closer = [Density::Close, Density::Short, Density::Heat, Density::Thin];
        let ways = AIRY.into_iter().skip(AIRY.len() - 2).chain(closer);
        for cuts_title in [false, true] {
            line.panels_mut().for_each(|panel| panel.cuts_title = cuts_title);
            for density in ways.clone() {
                line.set(scene, density, 1);
                if line.width(scene) <= width {
                    line.scroll(scene, height);
                    return line;
                }
                line.share_names(scene);
            }
        }
        line.scroll(scene, height);
        line
    }

    fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.parts.iter().filter_map(|part| if let Part::Panel(panel) = part { Some(panel) } else { None })
    }

    fn panels_mut(&mut self) -> impl Iterator<Item = &mut Panel> {
        self.parts.iter_mut().filter_map(|part| if let Part::Panel(panel) = part { Some(panel) } else { None })
    }

    /// All cells alike.
    fn set(&mut self, scene: Scene, density: Density, tall: u16) {
        self.tall = tall;
        self.set_all(density);
        self.count_names(scene);
    }

    fn count_names(&mut self, scene: Scene) {
        let lines = self.panels().map(|panel| panel.name_lines(scene.model, panel.cell(scene))).max();
        self.names = lines.unwrap_or(1);
    }

    /// Closer, until it is narrow enough.
    fn crowd(&mut self, scene: Scene, width: u16) {
        self.gap = 1;
        self.share_names(scene);
        // The head is named above all of them.
        self.panels_mut().for_each(|panel| panel.note.clear());
        self.condense(scene, width);
        if self.width(scene) > width {
            // Their symbols are enough, or the beginning of them: the sizes stand in the line of the title.
            self.panels_mut().for_each(|panel| panel.cuts_title = true);
            self.set_all(Density::Tight);
            self.condense(scene, width);
        }
        self.relax(scene, width);
        self.cut_columns(scene, width);
        self.count_names(scene);
    }

    /// As many columns as fit, found by halving: a row may have thousands.
    fn cut_columns(&mut self, scene: Scene, width: u16) {
        if self.width(scene) <= width {
            return;
        }
        let all = self.panels().map(|panel| panel.lens(scene.model).1).max().unwrap_or(0);
        let (mut fits, mut too_many) = (FEWEST, all);
        while fits + 1 < too_many {
            self.cols = usize::midpoint(fits, too_many);
            if self.width(scene) <= width { fits = self.cols } else { too_many = self.cols }
        }
        self.cols = fits;
    }

    /// Closer and closer, until it is narrow enough or there is nothing left to give up.
    fn condense(&mut self, scene: Scene, width: u16) {
        let last = self.panels().count().saturating_sub(1);
        while self.width(scene) > width {
            let closer = self.panels().enumerate().filter_map(|(n, panel)| {
                let density = panel.closer(scene)?;
                // Numbers are kept as long as fewer digits help, and those of the result the longest.
                let numbers = density.cells() != Cells::Heat;
                Some(((numbers, n != last, panel.width(scene, usize::MAX)), n, density))
            });
            let Some((_, next, density)) = closer.max_by_key(|(rank, ..)| *rank) else { break };
            self.set_one(next, density);
        }
    }

    fn set_all(&mut self, density: Density) {
        self.panels_mut().for_each(|panel| panel.density = density);
    }

    fn set_one(&mut self, n: usize, density: Density) {
        self.panels_mut().skip(n).take(1).for_each(|panel| panel.density = density);
    }

    /// What one matrix has given up may have left room for another: the result first.
    fn relax(&mut self, scene: Scene, width: u16) {
        for n in (0..self.panels().count()).rev() {
            let Some(now) = self.panels().nth(n).map(|panel| panel.density) else { return };
            let roomier = [Density::Tight, Density::Close, Density::Short, Density::Heat];
            let fits = roomier.into_iter().filter(|density| *density < now).find(|&density| {
                self.set_one(n, density);
                self.width(scene) <= width
            });
            self.set_one(n, fits.unwrap_or(now));
        }
    }

    /// Matrices whose rows have the same names share them: rows of one line stand side by side.
    fn share_names(&mut self, scene: Scene) {
        let mut named = Vec::new();
        for panel in self.panels_mut().filter(|panel| panel.labelled) {
            let rows = panel.rows(scene.model);
            panel.labelled = !named.contains(&rows);
            named.push(rows);
        }
    }

    /// Where a row more counts, names of columns take one line: cells without brackets name only the column in play.
    fn flatten(&mut self, scene: Scene, height: u16) {
        let rows = self.panels().map(|panel| panel.lens(scene.model).0).max().unwrap_or(0);
        if self.names > 1 && rows > usize::from(height.saturating_sub(1 + self.names)) {
            let framed = self.panels_mut().filter(|panel| panel.density.cells() == Cells::Framed);
            framed.for_each(|panel| panel.density = Density::Close);
            self.count_names(scene);
        }
    }

    /// As many rows as there are lines for.
    fn scroll(&mut self, scene: Scene, height: u16) {
        let room = usize::from(height.saturating_sub(1 + self.names));
        // A line below says which part is shown, of rows and of columns.
        let cut = |panel: &Panel| {
            let (rows, cols) = panel.lens(scene.model);
            rows > room || (cols > self.cols && rows >= room)
        };
        if self.panels().any(cut) {
            self.rows = room.saturating_sub(1).max(1);
        }
    }

    /// Whether every matrix is shown with all of its columns, side by side in that width.
    pub(super) fn fits(&self, scene: Scene, width: u16) -> bool {
        self.cols == usize::MAX && self.width(scene) <= width
    }

    fn width(&self, scene: Scene) -> u16 {
        let part = |part: &Part| match part {
            Part::Sign(sign) => self.sign(sign),
            Part::Panel(panel) => panel.width(scene, panel.lens(scene.model).1.min(self.cols)),
        };
        self.parts.iter().map(part).fold(0, u16::saturating_add)
    }

    /// Columns of a sign: a word needs fewer around it than a dot.
    fn sign(&self, sign: &str) -> u16 {
        text::columns(sign) as u16 + 2 * self.beside(sign)
    }

    fn beside(&self, sign: &str) -> u16 {
        if text::columns(sign) > 3 { 1 } else { self.gap }
    }

    /// Lines that it takes.
    pub(super) fn height(&self, scene: Scene) -> u16 {
        let lines = |panel: &Panel| {
            let (rows, cols) = panel.lens(scene.model);
            let hint = usize::from(rows > self.rows || cols > self.cols);
            (rows.min(self.rows) * usize::from(self.tall) + hint).min(usize::from(u16::MAX / 2)) as u16
        };
        1 + self.names + self.panels().map(lines).max().unwrap_or(0)
    }

    /// The part of each matrix that is shown: where two have the same rows, or the same columns, the same part, that of the later
    /// one, so that what belongs together stands side by side.
    fn windows(&self, scene: Scene) -> Vec<Window> {
        let model = scene.model;
        let panels: Vec<&Panel> = self.panels().collect();
        let own = |panel: &Panel| {
            let (rows, cols) = panel.lens(model);
            panel.window(model, rows.min(self.rows), cols.min(self.cols))
        };
        let mut windows: Vec<Window> = panels.iter().map(|panel| own(panel)).collect();
        for n in (0..panels.len()).rev() {
            for before in 0..n {
                if panels[before].axes(model).0 == panels[n].axes(model).0 {
                    windows[before].rows = windows[n].rows.clone();
                }
                if panels[before].axes(model).1 == panels[n].axes(model).1 {
                    windows[before].cols = windows[n].cols.clone();
                }
            }
        }
        windows
    }

    pub(super) fn draw(&self, scene: Scene, area: Rect, buffer: &mut Buffer) {
        let Scene { model, theme, .. } = scene;
        let shortest = self.panels().map(|panel| panel.lens(model).0.min(self.rows)).min().unwrap_or(1) as u16;
        let middle = area.y + 1 + self.names + (shortest * self.tall).saturating_sub(1) / 2;
        let mut x = area.x;
        let windows = self.windows(scene);
        let mut next = 0;
        for part in &self.parts {
            match part {
                Part::Panel(panel) => {
                    let cols = panel.lens(model).1;
                    let Some(window) = windows.get(next).cloned() else { continue };
                    next += 1;
                    let width = panel.width(scene, cols.min(self.cols)).min(area.right().saturating_sub(x));
                    let room = Rect { x, width, ..area };
                    // Rows with one name have one hint.
                    let panel = Panel { says_rows: panel.labelled || next == windows.len(), ..panel.clone() };
                    panel.draw(scene, window, (panel.cell(scene), self.tall), self.names, room, buffer);
                    x += width;
                }
                Part::Sign(sign) => {
                    put(buffer, area, x + self.beside(sign), middle, sign, theme.strong());
                    x += self.sign(sign);
                }
            }
        }
    }
}
