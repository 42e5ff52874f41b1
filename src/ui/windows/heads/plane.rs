//! Queries, keys and values of a head as points: exact where they have two numbers, else by principal components.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line};

use super::{Page, paragraphs};
use crate::app::windows::{HeadsWindow, plane_title};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::study::heads::Point;
use crate::ui::widgets::{below, put};

/// What a point is.
struct Dot {
    at: Point,
    words: String,
    role: Role,
    /// Drawn with an arrow from the origin.
    arrow: bool,
}

pub(super) fn draw(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let Some((asked, moved)) = heads.planes(model) else {
        let lacking: Vec<Text> = HeadsWindow::lacking(model).into_iter().collect();
        return paragraphs(page, &lacking, below(area, 1), buffer);
    };
    let (asking, answering) = (HeadsWindow::asking(model), HeadsWindow::answering(model));
    let word = heads.word.min(asking.len().saturating_sub(1));
    let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();

    let half = area.width / 2;
    let height = area.height.saturating_sub(6);
    let left = Rect { y: area.y + 1, width: half - 1, height, ..area };
    let right = Rect { x: area.x + half + 1, y: area.y + 1, width: area.width - half - 1, height };

    // Queries and keys live in one space. Of the queries only the chosen one has an arrow: the others would hide it.
    let queries = asked.points.len().saturating_sub(answering.len());
    let mut dots = Vec::new();
    for (i, &at) in asked.points.iter().enumerate() {
        let (words, role, arrow) = match i.checked_sub(queries) {
            None => (format!("q {}", name(&asking, i)), Role::Query, i == word),
            Some(j) => (format!("k {}", name(&answering, j)), Role::Key, true),
        };
        if role == Role::Key || i == word {
            dots.push(Dot { at, words, role, arrow });
        }
    }
    // The query above the keys; a right angle is one only where the plane is exact.
    dots.sort_by_key(|dot| dot.role == Role::Query);
    let q = asked.points.get(word).copied().filter(|_| asked.explained.is_none());
    points(page, &dots, asked.origin, (&[], q), left, buffer);

    // The last of these is the chosen word's context.
    let Some((&at, values)) = moved.points.split_last() else { return };
    let value =
        |(&at, name): (&Point, &String)| Dot { at, words: format!("v {name}"), role: Role::Value, arrow: false };
    let mut dots: Vec<Dot> = values.iter().zip(&answering).map(value).collect();
    let hull = hull(values);
    dots.push(Dot { at, words: format!("context {}", name(&asking, word)), role: Role::Context, arrow: true });
    points(page, &dots, moved.origin, (&hull, None), right, buffer);

    put(buffer, area, left.x, area.y, &page.say(&plane_title(&asked, true)), theme.role(Role::Query));
    put(buffer, area, right.x, area.y, &page.say(&plane_title(&moved, false)), theme.role(Role::Value));
    let below = Rect { y: area.bottom().saturating_sub(5), height: 5, ..area };
    paragraphs(page, &heads.plane_words(model, &asked), below, buffer);
}

/// Points, arrows from the origin, an outline, and where keys fall on the line of a query; in one scale for both axes.
fn points(
    page: Page,
    dots: &[Dot],
    origin: Point,
    (outline, along): (&[Point], Option<Point>),
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = page.theme;
    let all = || dots.iter().map(|dot| dot.at).chain([origin]);
    let middle = |f: fn(&Point) -> f64| {
        let (least, most) = all().map(|p| f(&p)).fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
        (f64::midpoint(least, most), most - least)
    };
    let ((x, wide), (y, tall)) = (middle(|p| p.x), middle(|p| p.y));
    // A character is twice as tall as it is wide; some room is left for the words.
    let (columns, lines) = (f64::from(area.width.max(4)), 2.0 * f64::from(area.height.max(2)));
    let scale = (wide / (columns - 14.0).max(4.0)).max(tall / (lines - 6.0).max(2.0)).max(1e-6);
    let (half_x, half_y) = (scale * columns / 2.0, scale * lines / 2.0);
    let color = |role: Role| theme.role(role).fg.unwrap_or(Color::Reset);
    let dim = theme.dim().fg.unwrap_or(Color::Reset);
    Canvas::default()
        .background_color(theme.canvas())
        .marker(if theme.ascii { Marker::Custom('.') } else { Marker::Braille })
        .x_bounds([x - half_x, x + half_x])
        .y_bounds([y - half_y, y + half_y])
        .paint(|context| {
            let mut line =
                |a: Point, b: Point, color| context.draw(&Line { x1: a.x, y1: a.y, x2: b.x, y2: b.y, color });
            line(Point { x: x - half_x, y: origin.y }, Point { x: x + half_x, y: origin.y }, dim);
            line(Point { x: origin.x, y: y - half_y }, Point { x: origin.x, y: y + half_y }, dim);
            for (a, b) in outline.iter().zip(outline.iter().cycle().skip(1)) {
                line(*a, *b, dim);
            }
            // The dot product as projection: from each key straight down onto the line of the query.
            if let Some(q) = along {
                let foot = |k: Point| {
                    let (dx, dy) = (q.x - origin.x, q.y - origin.y);
                    let length = dx * dx + dy * dy;
                    let t = ((k.x - origin.x) * dx + (k.y - origin.y) * dy) / length;
                    if length > 0.0 { Point { x: origin.x + t * dx, y: origin.y + t * dy } } else { k }
                };
                for k in dots.iter().filter(|dot| dot.role == Role::Key) {
                    line(k.at, foot(k.at), dim);
                }
            }
            for dot in dots.iter().filter(|dot| dot.arrow) {
                line(origin, dot.at, color(dot.role));
            }
        })
        .render(area, buffer);
    // The points where they are; then their words, a line lower where others stand.
    let place = |dot: &Dot| {
        let across = ((dot.at.x - (x - half_x)) / (2.0 * half_x) * f64::from(area.width)) as u16;
        let down = (((y + half_y) - dot.at.y) / (2.0 * half_y) * f64::from(area.height)) as u16;
        (area.x + across.min(area.width.saturating_sub(1)), area.y + down.min(area.height.saturating_sub(1)))
    };
    let mut taken: Vec<(u16, u16, u16)> = dots.iter().map(place).map(|(x, y)| (x, x + 1, y)).collect();
    for dot in dots {
        let (x, y) = place(dot);
        put(buffer, area, x, y, "●", theme.role(dot.role));
    }
    for dot in dots {
        let (x, mut y) = place(dot);
        let width = text::columns(&dot.words) as u16;
        let right = x + 2;
        let x = if right + width > area.right() { x.saturating_sub(width + 1).max(area.x) } else { right };
        while taken.iter().any(|&(a, b, line)| line == y && x < b && x + width > a) && y + 1 < area.bottom() {
            y += 1;
        }
        taken.push((x, x + width, y));
        put(buffer, area, x, y, &dot.words, theme.role(dot.role));
    }
}

/// The outline of points: the corners of their convex hull, in order (Andrew's monotone chain).
fn hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let turn = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while chain.len() > 1 && turn(chain[chain.len() - 2], chain[chain.len() - 1], p) <= 0.0 {
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    [half(&mut sorted.iter().copied()), half(&mut sorted.iter().rev().copied())].concat()
}
