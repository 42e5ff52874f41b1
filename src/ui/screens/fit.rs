//! How much room each matrix of a picture gets.
//!
//! First the whole of every matrix with its numbers, with as much air as there is; then closer cells with fewer digits, the
//! widest matrix first and the result last; then colours alone, with the number under the cursor in the title; and only then a
//! window on the columns. Rows that do not fit are scrolled. What is left out is announced under its matrix.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::{Panel, Scene};
use super::set::{Density, Set};
use crate::app::Model;
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

/// A part with what is measured of it.
#[expect(clippy::large_enum_variant, reason = "a handful a picture, most of them panels")]
#[derive(Debug, Clone)]
enum Piece {
    Set(Set),
    Sign(String),
}

/// Parts in a line, and the room they take.
#[derive(Debug)]
pub(super) struct Line {
    pieces: Vec<Piece>,
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
        let piece = |part| match part {
            Part::Panel(panel) => Piece::Set(Set::new(scene, panel)),
            Part::Sign(sign) => Piece::Sign(sign),
        };
        let mut line = Self::of(parts.into_iter().map(piece).collect());
        let tall = (1..=TALLEST).rev();
        for (density, tall) in AIRY.iter().flat_map(|&density| tall.clone().map(move |tall| (density, tall))) {
            line.set(density, tall);
            if line.width(scene) <= width && line.height() <= height {
                return line;
            }
        }
        let wide = AIRY.into_iter().find(|&density| {
            line.set(density, 1);
            line.width(scene) <= width
        });
        if wide.is_none() {
            line.crowd(scene, width);
        }
        line.flatten(height);
        line.scroll(height);
        line
    }

    /// One matrix in large cells, two lines high: for a room. As many of its rows and columns as there is place for, around the
    /// cursor.
    pub(super) fn large(scene: Scene, panel: Panel, (width, height): (u16, u16)) -> Self {
        let mut line = Self::of(vec![Piece::Set(Set::new(scene, panel))]);
        line.set(Density::Airy(2), LARGE);
        line.cut_columns(scene, width);
        let room = height.saturating_sub(1 + line.names);
        let rows = line.sets().map(|set| set.lens.0).max().unwrap_or(0);
        if rows > usize::from(room / LARGE) || line.cols != usize::MAX {
            line.rows = usize::from(room.saturating_sub(1) / LARGE).max(1);
        }
        line
    }

    /// Whether it stands in large cells.
    pub(super) fn is_large(&self) -> bool {
        let airy = |set: &Set| matches!(set.panel.density, Density::Airy(air) if air >= 2);
        self.tall >= LARGE && self.sets().all(airy)
    }

    /// Matrices of one kind side by side, all of them set alike.
    pub(super) fn alike(scene: Scene, sets: &[Set], (width, height): (u16, u16)) -> Self {
        let gap = |n| (n > 0).then(|| Piece::Sign(String::new()));
        let pieces = sets.iter().cloned().enumerate().flat_map(|(n, set)| gap(n).into_iter().chain([Piece::Set(set)]));
        let mut line = Self::of(pieces.collect());
        // Numbers lose digits only where they cannot stand nearer to each other.
        let closer =
            [(Density::Close, 2), (Density::Close, 1), (Density::Short, 2), (Density::Heat, 2), (Density::Thin, 2)];
        let ways = AIRY.into_iter().skip(AIRY.len() - 2).map(|density| (density, 2)).chain(closer);
        for cuts_title in [false, true] {
            line.panels_mut().for_each(|panel| panel.cuts_title = cuts_title);
            for (density, gap) in ways.clone() {
                line.gap = gap;
                line.set(density, 1);
                if line.width(scene) <= width {
                    line.scroll(height);
                    return line;
                }
                line.share_names(scene);
            }
        }
        line.scroll(height);
        line
    }

    fn of(pieces: Vec<Piece>) -> Self {
        Self { pieces, gap: 2, cols: usize::MAX, rows: usize::MAX, tall: 1, names: 1 }
    }

    fn sets(&self) -> impl Iterator<Item = &Set> {
        self.pieces.iter().filter_map(|piece| if let Piece::Set(set) = piece { Some(set) } else { None })
    }

    fn panels_mut(&mut self) -> impl Iterator<Item = &mut Panel> {
        let sets =
            self.pieces.iter_mut().filter_map(|piece| if let Piece::Set(set) = piece { Some(set) } else { None });
        sets.map(|set| &mut set.panel)
    }

    /// All cells alike.
    fn set(&mut self, density: Density, tall: u16) {
        self.tall = tall;
        self.set_all(density);
        self.count_names();
    }

    fn count_names(&mut self) {
        self.names = self.sets().map(Set::name_lines).max().unwrap_or(1);
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
        self.count_names();
    }

    /// As many columns as fit, found by halving: a row may have thousands.
    fn cut_columns(&mut self, scene: Scene, width: u16) {
        if self.width(scene) <= width {
            return;
        }
        let all = self.sets().map(|set| set.lens.1).max().unwrap_or(0);
        let (mut fits, mut too_many) = (FEWEST, all);
        while fits + 1 < too_many {
            self.cols = usize::midpoint(fits, too_many);
            if self.width(scene) <= width { fits = self.cols } else { too_many = self.cols }
        }
        self.cols = fits;
    }

    /// Closer and closer, until it is narrow enough or there is nothing left to give up.
    fn condense(&mut self, scene: Scene, width: u16) {
        let last = self.sets().count().saturating_sub(1);
        while self.width(scene) > width {
            let closer = self.sets().enumerate().filter_map(|(n, set)| {
                let density = set.closer(scene)?;
                // Numbers are kept as long as fewer digits help, and those of the result the longest.
                let numbers = density.cells() != Cells::Heat;
                Some(((numbers, n != last, set.width(scene, usize::MAX)), n, density))
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
        for n in (0..self.sets().count()).rev() {
            let Some(now) = self.sets().nth(n).map(|set| set.panel.density) else { return };
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
    fn flatten(&mut self, height: u16) {
        let rows = self.sets().map(|set| set.lens.0).max().unwrap_or(0);
        if self.names > 1 && rows > usize::from(height.saturating_sub(1 + self.names)) {
            let framed = self.panels_mut().filter(|panel| panel.density.cells() == Cells::Framed);
            framed.for_each(|panel| panel.density = Density::Close);
            self.count_names();
        }
    }

    /// As many rows as there are lines for.
    fn scroll(&mut self, height: u16) {
        let room = usize::from(height.saturating_sub(1 + self.names));
        // A line below says which part is shown, of rows and of columns.
        let cut = |set: &Set| {
            let (rows, cols) = set.lens;
            rows > room || (cols > self.cols && rows >= room)
        };
        if self.sets().any(cut) {
            self.rows = room.saturating_sub(1).max(1);
        }
    }

    /// Whether every matrix is shown with all of its columns, side by side in that width.
    pub(super) fn fits(&self, scene: Scene, width: u16) -> bool {
        self.cols == usize::MAX && self.width(scene) <= width
    }

    fn width(&self, scene: Scene) -> u16 {
        let piece = |piece: &Piece| match piece {
            Piece::Sign(sign) => self.sign(sign),
            Piece::Set(set) => set.width(scene, set.lens.1.min(self.cols)),
        };
        self.pieces.iter().map(piece).fold(0, u16::saturating_add)
    }

    /// Columns of a sign: a word needs fewer around it than a dot.
    fn sign(&self, sign: &str) -> u16 {
        text::columns(sign) as u16 + 2 * self.beside(sign)
    }

    fn beside(&self, sign: &str) -> u16 {
        if text::columns(sign) > 3 { 1 } else { self.gap }
    }

    /// Lines that it takes.
    pub(super) fn height(&self) -> u16 {
        let lines = |set: &Set| {
            let (rows, cols) = set.lens;
            let hint = usize::from(rows > self.rows || cols > self.cols);
            (rows.min(self.rows) * usize::from(self.tall) + hint).min(usize::from(u16::MAX / 2)) as u16
        };
        1 + self.names + self.sets().map(lines).max().unwrap_or(0)
    }

    /// The part of each matrix that is shown: where two have the same rows, or the same columns, the same part, that of the later
    /// one, so that what belongs together stands side by side.
    fn windows(&self, model: &Model) -> Vec<Window> {
        let panels: Vec<&Panel> = self.sets().map(|set| &set.panel).collect();
        let mut windows: Vec<Window> = self.sets().map(|set| set.window(model, self.rows, self.cols)).collect();
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
        let shortest = self.sets().map(|set| set.lens.0.min(self.rows)).min().unwrap_or(1) as u16;
        let middle = area.y + 1 + self.names + (shortest * self.tall).saturating_sub(1) / 2;
        let mut x = area.x;
        let windows = self.windows(model);
        let mut next = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Set(set) => {
                    let Some(window) = windows.get(next).cloned() else { continue };
                    next += 1;
                    let width = set.width(scene, set.lens.1.min(self.cols)).min(area.right().saturating_sub(x));
                    let room = Rect { x, width, ..area };
                    // Rows with one name have one hint.
                    let says_rows = set.panel.labelled || next == windows.len() && !set.panel.cuts_title;
                    set.draw(scene, window, (self.tall, self.names), says_rows, room, buffer);
                    x += width;
                }
                Piece::Sign(sign) => {
                    put(buffer, area, x + self.beside(sign), middle, sign, theme.strong());
                    x += self.sign(sign);
                }
            }
        }
    }
}
