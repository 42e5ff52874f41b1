//! `R`: the race. Bars come as runs finish; who is checked, how fast, and who wins at this size.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

mod plot;

use super::Page;
use crate::app::windows::RaceWindow;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::study::race::{Contender, Entry};
use crate::ui::widgets::{below, put};

/// Columns of a name, and where the bars begin.
const NAME: u16 = 18;
const BAR: u16 = 62;

/// Where the figures end.
const ENDS: [u16; 4] = [29, 41, 51, 60];

/// The shortest time that a bar shows, in ms; each further column is the same factor.
const SHORTEST: f64 = 0.05;

/// The longest, in ms.
const LONGEST: f64 = 20_000.0;

pub(super) fn draw(page: Page, race: &RaceWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let inside = page.full(&page.context.title, buffer);
    put(buffer, inside, inside.x, inside.y, &page.say(&race.what()), theme.strong());
    let adapter = page.say(&race.machine(model.is_wide()));
    put(buffer, inside, inside.x, inside.y + 1, &adapter, theme.dim());
    if race.plot {
        let rest = below(inside, 3);
        plot::draw(page, race, rest, buffer);
        return;
    }
    let who = page.say(&RaceWindow::who());
    if text::columns(&who) <= usize::from(inside.width) {
        put(buffer, inside, inside.x, inside.y + 2, &who, theme.dim());
    }
    for (heading, end) in RaceWindow::columns().iter().zip(ENDS) {
        let words = page.say(heading);
        put(buffer, inside, inside.x + end - text::columns(&words) as u16, inside.y + 3, &words, theme.dim());
    }
    let bars = if inside.width >= BAR + 24 {
        Text::new("时间（对数） ░ 首次", "time (log)  ░ the first run")
    } else {
        Text::new("时间  ░ 首次", "time  ░ first")
    };
    put(buffer, inside, inside.x + BAR, inside.y + 3, &page.say(&bars), theme.dim());
    let mut y = inside.y + 4;
    for entry in &race.entries {
        row(page, entry, Rect { y, height: 1, ..inside }, buffer);
        y += 1;
    }
    if let Some(running) = race.running() {
        put(buffer, inside, inside.x, y, &page.say(&running), theme.key());
    }
    y = (y + 2).min(inside.bottom());
    plot::draw(page, race, Rect { y, height: inside.bottom().saturating_sub(y), ..inside }, buffer);
}

fn row(page: Page, entry: &Entry, area: Rect, buffer: &mut Buffer) {
    let theme = page.theme;
    let cpu = matches!(entry.contender, Contender::NdarrayOne | Contender::NdarrayAll);
    let style = theme.role(if cpu { Role::Key } else { Role::Weight });
    let (name, figures) = RaceWindow::row(entry);
    put(buffer, area, area.x, area.y, &name, style);
    let (figures, times) = match (figures, &entry.result) {
        (Ok(figures), Ok(times)) => (figures, times),
        (figures, _) => {
            let why = figures.err().unwrap_or_else(|| Text::same(""));
            put(buffer, area, area.x + NAME + 1, area.y, &page.say(&why), theme.dim());
            return;
        }
    };
    for (words, end) in figures.iter().zip(ENDS) {
        put(buffer, area, area.x + end - (text::columns(words) as u16).min(end), area.y, words, theme.ground());
    }
    let room = f64::from(area.width.saturating_sub(BAR));
    let share = |ms: f64| (ms.clamp(SHORTEST, LONGEST) / SHORTEST).ln() / (LONGEST / SHORTEST).ln();
    // The first run, in which the driver compiles, behind the warm ones.
    for (sign, time, style) in [("░", times.cold, theme.dim()), ("█", times.median(), style)] {
        let bar = sign.repeat((share(time.as_secs_f64() * 1e3) * room).round().max(1.0) as usize);
        put(buffer, area, area.x + BAR, area.y, &bar, style);
    }
}
