//! The filmstrip: a row for every head, a picture for every moment, and at its end what the head should look like.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::Page;
use crate::app::Target;
use crate::app::windows::TheatreWindow;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::HeadPlace;
use crate::study::heads::means;
use crate::ui::theme::Paint;
use crate::ui::widgets::{Dots, put};

/// Columns of a head's name.
const NAME: u16 = 6;

/// Lines that a picture has at least.
const LEAST: u16 = 3;

/// Lines of the whole strip in so much room: the pictures and the steps below them; none where they do not fit.
pub(super) fn lines(theatre: &TheatreWindow, room: u16) -> Option<u16> {
    let heads = theatre.heads().len() as u16;
    let each = room.saturating_sub(1) / heads.max(1);
    let each = each.min(natural(theatre) + 1);
    (each > LEAST || heads == 0).then_some(heads * each + 1)
}

/// Lines that a picture takes without anything being left out: two words a line.
fn natural(theatre: &TheatreWindow) -> u16 {
    let Some(moment) = theatre.moment() else { return LEAST };
    let most = moment.weights.iter().map(|weights| weights.shape().rows.len).max().unwrap_or(0);
    (most as u16).div_ceil(2).max(LEAST)
}

pub(super) fn draw(page: Page, theatre: &TheatreWindow, area: Rect, buffer: &mut Buffer) {
    let heads = theatre.heads();
    if heads.is_empty() {
        return;
    }
    // Each row of pictures with an empty line below.
    let each = (area.height.saturating_sub(1) / heads.len() as u16).max(LEAST);
    let tall = each.saturating_sub(1).clamp(2, natural(theatre));
    let wide = 2 * tall;
    let right = area.right().saturating_sub(wide);
    let room = usize::from(right.saturating_sub(area.x + NAME + 3) / (wide + 1));
    let film = theatre.film(room);
    let Some(here) = film.iter().min_by_key(|&&n| n.abs_diff(theatre.at)).copied() else { return };
    for (row, &head) in heads.iter().enumerate() {
        let y = area.y + row as u16 * each;
        let line = Rect { y, height: tall, ..area }.intersection(area);
        page.targets.note(Rect { width: NAME, ..line }, Target::Row(row));
        let chosen = row == theatre.chosen_position();
        let style = if chosen { page.theme.chosen() } else { page.theme.dim() };
        put(buffer, line, area.x, y, page.model.say(&theatre.name(head)), style);
        for (column, &n) in film.iter().enumerate() {
            // The picture in the column of the moment that is looked at is that moment's own.
            let n = if n == here { theatre.at } else { n };
            let Some(moment) = theatre.moments.get(n) else { continue };
            let Some((rows, cols, numbers)) = theatre.weights(moment, head) else { continue };
            let place = Rect { x: area.x + NAME + column as u16 * (wide + 1), width: wide, ..line };
            picture(page, ((rows, cols), &numbers), place, buffer);
        }
        if let Some((cols, numbers)) = should_be(theatre, head) {
            let rows = numbers.len() / cols.max(1);
            picture(page, ((rows, cols), &numbers), Rect { x: right, width: wide, ..line }, buffer);
        }
    }
    let y = area.y + heads.len() as u16 * each - u16::from(each > tall);
    for (column, &n) in film.iter().enumerate() {
        let (n, style) = if n == here { (theatre.at, page.theme.key()) } else { (n, page.theme.dim()) };
        let Some(moment) = theatre.moments.get(n) else { continue };
        let x = area.x + NAME + column as u16 * (wide + 1);
        let words = moment.checkpoint.step.to_string();
        put(buffer, area, x, y, text::cut(&words, usize::from(wide)), style);
    }
    let words = Text::new("该是", "ideal");
    let words = page.model.say(&words);
    let x = right.min(area.right().saturating_sub(text::columns(words) as u16));
    put(buffer, area, x, y, words, page.theme.good());
}

/// What a head should look like.
fn should_be(theatre: &TheatreWindow, head: HeadPlace) -> Option<(usize, Vec<f32>)> {
    let moment = theatre.moment()?;
    let (_, cols, _) = theatre.weights(moment, head)?;
    let (pattern, _) = theatre.nearest(moment, head)?;
    Some((cols, theatre.right(pattern, cols)))
}

/// Weights as dots.
fn picture(page: Page, (of, numbers): ((usize, usize), &[f32]), area: Rect, buffer: &mut Buffer) {
    let means = means(of, numbers, (area.width, 2 * area.height));
    Dots { means: &means, across: area.width, paint: Paint::Share }.draw(page.theme, area, buffer);
}
