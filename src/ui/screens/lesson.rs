//! The words of a lesson, under the walk and beside its windows: a rule with where one is, and what the step says.
//!
//! ```text
//! ── 看一眼 · 爱看着谁 ────────── 3/12  PgDn 下一步  PgUp 上一步  z 回到这一步 ──
//!  第 2 行加起来是 1，最大的是 0.49。
//!  ✓ 做到了
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Clear, Widget};

use super::signs;
use crate::app::lesson::{Open, Playing, commands};
use crate::app::{Model, Target};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::source::lesson::{Lesson, SaidPiece};
use crate::ui::targets::Targets;
use crate::ui::theme::Theme;
use crate::ui::widgets::put;

/// Lines of a lesson: the rule, and what a step may say.
pub(super) const HEIGHT: u16 = 1 + Lesson::LINES as u16;

/// Draws the lesson, where one is played; its last line alone where a window has taken the others.
pub(super) fn draw(
    (model, theme, targets): (&Model, Theme, &Targets),
    (area, folded): (Rect, bool),
    buffer: &mut Buffer,
) {
    let Some(playing) = model.lesson().filter(|_| area.height > 0) else { return };
    if folded {
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        return rule((model, theme, targets), playing, last, buffer);
    }
    Clear.render(area, buffer);
    buffer.set_style(area, theme.ground());
    rule((model, theme, targets), playing, Rect { height: 1, ..area }, buffer);
    let body = Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    words(model, theme, playing, body, buffer);
}

/// `── title · step ───── 3/12  PgDn next ──`
fn rule((model, theme, targets): (&Model, Theme, &Targets), playing: &Playing, area: Rect, buffer: &mut Buffer) {
    for x in area.left()..area.right() {
        put(buffer, area, x, area.y, "─", theme.dim());
    }
    let (n, of) = (playing.number() + 1, playing.lesson().steps.len());
    let place = format!(" {n}/{of} ");
    let keys: Vec<_> = commands().into_iter().filter_map(|row| Some((row.keys[0], row.short.as_ref()?))).collect();
    let columns =
        |(key, says): &(crate::app::Key, &Text)| text::columns(&key.name()) + text::columns(model.say(says)) + 3;
    let right = text::columns(&place) + keys.iter().map(columns).sum::<usize>() + 1;
    let step = playing.step().and_then(|step| step.title.as_ref());
    let title = model.say(&playing.lesson().about.title);
    let room = usize::from(area.width).saturating_sub(right + 4);
    let titles = step.map_or_else(|| title.to_owned(), |step| format!("{title} · {}", model.say(step)));
    let own = step.filter(|_| text::columns(&titles) + 2 > room).map(|step| model.say(step).to_owned());
    let titles = text::shortened(&signs(model, &own.unwrap_or(titles)), room.saturating_sub(2));
    put(buffer, area, area.x + 2, area.y, &format!(" {titles} "), theme.key());
    let mut x = area.right().saturating_sub(right as u16);
    x = put(buffer, area, x, area.y, &place, theme.strong());
    for (key, says) in keys {
        let from = x;
        x = put(buffer, area, x, area.y, &format!(" {}", key.name()), theme.key());
        x = put(buffer, area, x, area.y, &format!(" {}", model.say(says)), theme.dim());
        targets.note(Rect { x: from, width: x - from, ..area }, Target::Key(key));
        x = put(buffer, area, x, area.y, " ", theme.dim());
    }
}

/// What the step says, with its live numbers; what is still to be done, or that it is done.
fn words(model: &Model, theme: Theme, playing: &Playing, area: Rect, buffer: &mut Buffer) {
    let Some(step) = playing.step() else { return };
    let state = state(model, theme, playing);
    let hint = playing.hint();
    let mut y = area.y;
    for line in wrapped(model, theme, step.say.pieces(model.settings.lang), usize::from(area.width)) {
        let mut x = area.x;
        for (words, style) in line {
            x = put(buffer, area, x, y, &words, style);
        }
        y += 1;
    }
    // What is to be done is never what has no room.
    let said = hint.as_ref().map(|hint| (model.say(hint).to_owned(), theme.key())).or(state);
    if let Some((words, style)) = said {
        let lines = text::wrap(&signs(model, &words), usize::from(area.width));
        let y = y.min(area.bottom().saturating_sub(lines.len() as u16)).max(area.y);
        let place = Rect { y, height: area.bottom() - y, ..area };
        Clear.render(place, buffer);
        buffer.set_style(place, theme.ground());
        for (y, line) in (y..).zip(lines) {
            put(buffer, area, area.x, y, &line, style);
        }
    }
}

/// Whether something is still to be done here, or is done.
fn state(model: &Model, theme: Theme, playing: &Playing) -> Option<(String, Style)> {
    let (words, style) = match playing.open() {
        Some(Open::Deed) => {
            (Text::new("→ 自己动手；不会就按 PgDn 看提示", "→ do it yourself; PgDn shows a hint"), theme.key())
        }
        Some(Open::Question) => (Text::new("→ 按 PgDn 先答一道题", "→ PgDn asks you about it"), theme.key()),
        None if playing.is_done() => (Text::new("✓ 做到了，PgDn 继续", "✓ done; PgDn goes on"), theme.good()),
        None => return None,
    };
    Some((model.say(&words).to_owned(), style))
}

type Run = (String, Style);

/// Pieces broken into lines as plain words would be, each keeping its look.
fn wrapped(model: &Model, theme: Theme, pieces: &[SaidPiece], width: usize) -> Vec<Vec<Run>> {
    let runs: Vec<Run> = pieces.iter().map(|piece| run(model, theme, piece)).collect();
    let whole: String = runs.iter().map(|(words, _)| words.as_str()).collect();
    let mut letters = runs.iter().flat_map(|(words, style)| words.chars().map(move |c| (c, *style))).peekable();
    let mut lines = Vec::new();
    for line in text::wrap(&whole, width) {
        let mut out: Vec<Run> = Vec::new();
        for wanted in line.chars() {
            // Spaces at the end of a line are gone from it.
            while letters.peek().is_some_and(|(c, _)| *c != wanted) {
                letters.next();
            }
            let Some((c, style)) = letters.next() else { break };
            match out.last_mut() {
                Some((words, own)) if *own == style => words.push(c),
                _ => out.push((c.to_string(), style)),
            }
        }
        lines.push(out);
    }
    lines
}

/// A piece as it is written: numbers in the colour of what they mean, and marked like the cells that they come from.
fn run(model: &Model, theme: Theme, piece: &SaidPiece) -> Run {
    match piece {
        SaidPiece::Words(words) => (signs(model, words), theme.ground()),
        SaidPiece::Number(claim) if claim.statement.is_literal() => (claim.text.clone(), theme.ground()),
        SaidPiece::Number(claim) => {
            let value = model.trace().map(|trace| claim.statement.evaluate(model.program(), trace));
            let Some(Ok(value)) = value else { return ("?".to_owned(), theme.dim()) };
            let role = value.cells.first().map(|at| model.label(at.slot).role);
            let style = role.map_or_else(|| theme.strong(), |role| theme.role(role));
            // What was claimed and is not so any more is what the person changed.
            let style = if value.holds == Some(false) { theme.bad() } else { style };
            (value.written, style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED))
        }
    }
}
