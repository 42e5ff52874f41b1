//! The theatre of training: how far it is, the curves, a filmstrip of every head, and one head large beside what it should be.
//!
//! ```text
//!  Ten letters, written backward: the first place writes the last letter.
//!  seed 1   η = 0.01   step 60   loss 0.231   97.5 % right on sentences kept back
//!  loss     ██▇▆▅▃▂▂▁▁▁▁          right  ▁▁▁▂▃▅▆▇████
//!  1.1   ░░░░  ░░▒░  ░▒▓░  ▒▓█░   should be  ▁▁▁█
//!        0     20    40    60
//! ```

mod curves;
mod film;
mod large;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::windows::{TheatreWindow, Tone};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::widgets::{below, put};

pub(super) fn draw(page: Page, theatre: &TheatreWindow, buffer: &mut Buffer) {
    let inside = page.full(&page.context.title, buffer);
    let y = page.paragraph(&theatre.task.says(), page.theme.ground(), (inside, inside.y), buffer);
    let title = theatre.task.title();
    let x = put(buffer, inside, inside.x, y, page.model.say(&title), page.theme.key()) + 3;
    let whole = page.say(&theatre.now());
    let fits = text::columns(&whole) <= usize::from(inside.right().saturating_sub(x));
    let now = if fits { whole } else { page.say(&theatre.now_in_short()) };
    put(buffer, inside, x, y, &now, page.theme.strong());
    let top = y + 1;

    let words = bottom(page, theatre, inside.width);
    let lines = words.len() as u16;
    let said = Rect { y: inside.bottom().saturating_sub(lines), height: lines, ..inside };
    for (n, (tone, line)) in words.iter().enumerate() {
        put(buffer, said, said.x, said.y + n as u16, line, page.tone(*tone));
    }
    let middle = Rect { y: top, height: said.y.saturating_sub(top), ..inside };
    if theatre.moment().is_none() {
        return;
    }
    let tall = curves::lines(middle.height);
    curves::draw(page, theatre, Rect { height: tall, ..middle }, buffer);
    let rest = below(middle, tall + 1);
    // One head large needs a line a word, and what stands above it; where there is no room for that the film has it all.
    let large = large::lines(theatre);
    let film = film::lines(theatre, rest.height.saturating_sub(large + 1));
    let (film, large) = match film {
        Some(film) => (film, large),
        None => (film::lines(theatre, rest.height).unwrap_or(rest.height), 0),
    };
    film::draw(page, theatre, Rect { height: film, ..rest }, buffer);
    if large > 0 {
        let place = below(rest, film + 1);
        large::draw(page, theatre, place, buffer);
    }
}

/// What stands at the bottom: how near the heads are, what goes on, wrapped.
fn bottom(page: Page, theatre: &TheatreWindow, width: u16) -> Vec<(Tone, String)> {
    let mut said = theatre.patterns();
    said.push(theatre.onwards());
    let wrap = |(tone, words): (Tone, Text)| {
        let lines = text::wrap(&page.say(&words), usize::from(width));
        lines.into_iter().map(move |line| (tone, line)).collect::<Vec<_>>()
    };
    said.into_iter().flat_map(wrap).collect()
}
