//! Where everything stands on the screen of the walk: a function of its size and of the sentence's length alone, so that
//! nothing jumps from stage to stage, when a window is docked, or while a switch is turned.
//!
//! ```text
//! header                                      header
//! formula                                     formula
//! stages │ title, heads                       stages │ title, heads      │ words, or
//!        │ picture                                   │ picture           │ the docked window
//!        │ words, or the docked window               │ every head, what  │
//!        │ every head, what it is used for           │ it is used for    │
//! verdict, keys                               verdict, keys
//! ```

use ratatui::layout::{Constraint, Layout, Rect};

use super::fit::TALLEST;
use super::lesson;
use crate::app::Model;
use crate::app::lesson::Playing;

/// A screen of at least so many columns has the words, and docked windows, beside the picture.
const BESIDE: u16 = 160;

/// Columns of what stands beside the picture.
const SIDE: u16 = 62;

/// Lines of words, or of a docked window, under the picture: a rule or nothing, and seven lines.
const UNDER: u16 = 8;

/// The same in a lesson on a screen of few lines: nothing, and the arithmetic.
const UNDER_IN_LESSONS: u16 = 3;

/// The same where the step of the lesson has a window docked there: its own words stay to be read.
const UNDER_WITH_A_WINDOW: u16 = 7;

/// Fewer lines than this between head and foot are few.
const LOW: u16 = 20;

/// A body of at least this many lines also shows all heads.
const ROOM_FOR_HEADS: u16 = 28;

/// A body of at least this many lines also shows what the result is used for.
const ROOM_FOR_CONSUMERS: u16 = 43;

/// A picture is at least so tall where there is room: the weights of a model have more rows than a sentence.
const TALL: u16 = 16;

/// Of a long sentence the small matrices show a part.
pub(super) const SMALL_ROWS: u16 = 6;

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Places {
    pub(super) header: Rect,
    pub(super) formula: Rect,
    pub(super) stages: Rect,
    pub(super) divider: Rect,
    pub(super) title: Rect,
    pub(super) heads: Rect,
    pub(super) picture: Rect,
    pub(super) words: Rect,
    /// Every head, and what the result is used for; nothing where there is no room.
    pub(super) more: Rect,
    /// The lesson; nothing where none is played.
    pub(super) lesson: Rect,
    pub(super) verdict: Rect,
    pub(super) keys: Rect,
}

impl Places {
    pub(in crate::ui) fn of(model: &Model, area: Rect) -> Self {
        let line = Constraint::Length(1);
        let taught = if model.lesson().is_some() { lesson::HEIGHT } else { 0 };
        let [header, formula, middle, lesson, verdict, keys] =
            Layout::vertical([line, line, Constraint::Fill(1), Constraint::Length(taught), line, line]).areas(area);
        let beside = if area.width >= BESIDE { SIDE } else { 0 };
        // The stages of a whole layer have longer names.
        let sidebar = match area.width >= 110 {
            true => 20,
            false if model.program().layers() > 0 => 15,
            false => 13,
        };
        let [stages, divider, body, side] = Layout::horizontal([
            Constraint::Length(sidebar),
            Constraint::Length(2),
            Constraint::Fill(1),
            Constraint::Length(beside),
        ])
        .areas(middle);
        let body = Rect { width: body.width.saturating_sub(1), ..body };
        let roomy = body.height >= ROOM_FOR_HEADS;
        // Of a lesson on a small screen, its own words are those that are read.
        let low = taught > 0 && middle.height < LOW;
        let under = match (beside, low) {
            (0, true) if model.lesson().is_some_and(Playing::docks) => UNDER_WITH_A_WINDOW,
            (0, true) => UNDER_IN_LESSONS,
            (0, false) => UNDER,
            _ => 0,
        };
        let [title, heads, _, below] =
            Layout::vertical([line, line, Constraint::Length(u16::from(roomy)), Constraint::Fill(1)]).areas(body);
        let more = more(model, body.height, below.height.saturating_sub(under));
        // On a tall screen the matrices stand at their tallest, and what follows comes close behind.
        let tallest = longest(model).saturating_mul(TALLEST).saturating_add(5).max(TALL);
        let [picture, words, more, _] = Layout::vertical([
            Constraint::Length(tallest.min(below.height.saturating_sub(under + more))),
            Constraint::Length(under),
            Constraint::Length(more),
            Constraint::Fill(1),
        ])
        .areas(below);
        let words =
            if beside > 0 { Rect { x: side.x + 2, width: side.width.saturating_sub(3), ..side } } else { words };
        Self { header, formula, stages, divider, title, heads, picture, words, more, lesson, verdict, keys }
    }

    /// Where a docked window stands: beside the picture or under it, over no matrix that it speaks of.
    pub(in crate::ui) fn dock(&self) -> Rect {
        if self.words.x > self.picture.x {
            return Rect { x: self.words.x - 2, width: self.words.width + 2, ..self.words };
        }
        let under = if self.more.height > 0 { self.words.union(self.more) } else { self.words };
        // Where there is little room, the lesson folds into its rule.
        let fold = self.lesson.height.saturating_sub(1);
        if fold == 0 || under.height >= UNDER_WITH_A_WINDOW {
            return under;
        }
        Rect { height: under.height + fold, ..under }
    }

    /// Whether a docked window takes the place of the lesson's words, so that only its rule is left.
    pub(in crate::ui) fn folds(&self) -> bool {
        self.dock().intersects(self.lesson)
    }

    /// What windows over the walk may cover: everything above a lesson.
    pub(in crate::ui) fn above(&self, area: Rect) -> Rect {
        if self.lesson.height == 0 { area } else { Rect { height: self.lesson.y - area.y, ..area } }
    }
}

/// Rows of the longest sentence.
fn longest(model: &Model) -> u16 {
    let words = model.words().into_iter().map(|slot| model.program().shape(slot).rows.len);
    let longest = words.max().unwrap_or(0);
    u16::try_from(longest).unwrap_or(u16::MAX)
}

/// Lines for every head and for what the result is used for: the picture comes first.
fn more(model: &Model, height: u16, free: u16) -> u16 {
    // A title, two lines of names, the rows.
    let needed = longest(model).saturating_add(3);
    let one = longest(model).min(SMALL_ROWS) + 4;
    let wanted = match height {
        h if h >= ROOM_FOR_CONSUMERS => 2 * one,
        h if h >= ROOM_FOR_HEADS => one,
        _ => 0,
    };
    [wanted, wanted.min(one)].into_iter().find(|more| needed.saturating_add(*more) <= free).unwrap_or(0)
}
