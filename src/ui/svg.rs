//! A finished screen as a picture that any browser shows.
//!
//! Every glyph has a place of its own, so the grid holds whatever font the reader has, Chinese included; a renderer
//! that reads only the first place of a run still comes out right with the usual fonts, whose letters are 0.6 of their
//! size wide. Lines are drawn, not written: they meet at any line height.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Ansi256Color;
use anstyle_lossy::palette;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::theme::{Depth, Theme};
use crate::ground::text;

/// A cell in SVG units.
const WIDTH: u16 = 9;
const HEIGHT: u16 = 20;

/// Letters of this size are as wide as a cell.
const FONT_SIZE: u16 = 15;

/// From the top of a cell to the line that letters stand on.
const BASELINE: u16 = 15;

/// A Chinese glyph is as wide as its size: what is left of its two columns.
const WIDE_GAP: u16 = 2 * WIDTH - FONT_SIZE;

/// Around the screen.
const MARGIN: u16 = 9;

/// Fixed-width fonts of the usual systems, then those they have for Chinese.
const FONTS: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', \
                     'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace";

type Rgb = (u8, u8, u8);

/// What letters look like. Letters that look alike are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    ink: Rgb,
    bold: bool,
    underlined: bool,
}

/// One glyph, its column and how many it takes, and the ground it stands on.
struct Glyph<'a> {
    x: u16,
    width: u16,
    symbol: &'a str,
    look: Look,
    ground: Rgb,
}

/// The screen as an SVG document; the title is what a reader hears who cannot see it.
pub fn svg(buffer: &Buffer, theme: Theme, title: &str) -> String {
    let (ink, paper) = colours(theme);
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (width, height) = (columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN);
    let rows: Vec<Vec<Glyph<'_>>> = (0..rows).map(|y| glyphs(buffer, y, (ink, paper))).collect();

    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"-{MARGIN} -{MARGIN} {width} {height}\">\n<title>{}</title>\n\
         <rect x=\"-{MARGIN}\" y=\"-{MARGIN}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n\
         <g shape-rendering=\"crispEdges\">\n",
        escaped(title),
        hex(paper)
    );
    grounds(&rows, paper, &mut out);
    out.push_str("</g>\n<g fill=\"none\">\n");
    lines(&rows, &mut out);
    let _ = writeln!(out, "</g>\n<g font-family=\"{FONTS}\" font-size=\"{FONT_SIZE}\" fill=\"{}\">", hex(ink));
    letters(&rows, ink, &mut out);
    out.push_str("</g>\n</svg>\n");
    out
}

/// Letters and ground where a cell says nothing of its own.
fn colours(theme: Theme) -> (Rgb, Rgb) {
    let ground = Theme { depth: Depth::True, ..theme }.ground();
    let known = |color: Option<Color>| color.and_then(rgb).unwrap_or_default();
    (known(ground.fg), known(ground.bg))
}

/// A colour as the web knows it; none where it is left to the terminal.
fn rgb(color: Color) -> Option<Rgb> {
    let index = match color {
        Color::Rgb(r, g, b) => return Some((r, g, b)),
        Color::Reset => return None,
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    let color = anstyle_lossy::xterm_to_rgb(Ansi256Color(index), palette::DEFAULT);
    Some((color.0, color.1, color.2))
}

fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The glyphs of one row. The second half of a wide one is its own.
fn glyphs(buffer: &Buffer, y: u16, ground: (Rgb, Rgb)) -> Vec<Glyph<'_>> {
    let (left, top, columns) = (buffer.area.x, buffer.area.y, buffer.area.width);
    let mut row = Vec::new();
    let mut x = 0;
    while x < columns {
        let cell = &buffer[(left + x, top + y)];
        let width = (text::columns(cell.symbol()).max(1) as u16).min(columns - x);
        let (look, ground) = look(cell, ground);
        row.push(Glyph { x, width, symbol: cell.symbol(), look, ground });
        x += width;
    }
    row
}

/// Letters and ground of one cell.
fn look(cell: &Cell, (ink, paper): (Rgb, Rgb)) -> (Look, Rgb) {
    let has = |modifier| cell.modifier.contains(modifier);
    let (mut front, mut back) = (rgb(cell.fg).unwrap_or(ink), rgb(cell.bg).unwrap_or(paper));
    if has(Modifier::REVERSED) {
        std::mem::swap(&mut front, &mut back);
    }
    if has(Modifier::DIM) {
        let between = |a: u8, b: u8| u8::midpoint(a, b);
        front = (between(front.0, back.0), between(front.1, back.1), between(front.2, back.2));
    }
    (Look { ink: front, bold: has(Modifier::BOLD), underlined: has(Modifier::UNDERLINED) }, back)
}

/// A rectangle of one colour, in columns and rows.
struct Ground {
    x: u16,
    width: u16,
    top: u16,
    height: u16,
    fill: Rgb,
}

/// Coloured grounds, as few rectangles as rows and columns allow.
fn grounds(rows: &[Vec<Glyph<'_>>], paper: Rgb, out: &mut String) {
    let mut open: Vec<Ground> = Vec::new();
    for (y, row) in (0..).zip(rows) {
        let mut next: Vec<Ground> = Vec::new();
        for glyph in row.iter().filter(|g| g.ground != paper) {
            match next.last_mut() {
                Some(last) if last.fill == glyph.ground && last.x + last.width == glyph.x => last.width += glyph.width,
                _ => next.push(Ground { x: glyph.x, width: glyph.width, top: y, height: 1, fill: glyph.ground }),
            }
        }
        for above in open {
            let same = |g: &&mut Ground| (g.x, g.width, g.fill) == (above.x, above.width, above.fill);
            match next.iter_mut().find(same) {
                Some(below) => (below.top, below.height) = (above.top, above.height + 1),
                None => above.write(out),
            }
        }
        open = next;
    }
    for ground in open {
        ground.write(out);
    }
}

impl Ground {
    fn write(&self, out: &mut String) {
        let Self { x, width, top, height, fill } = self;
        let (x, y, width, height) = (x * WIDTH, top * HEIGHT, width * WIDTH, height * HEIGHT);
        let _ =
            writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"/>", hex(*fill));
    }
}

/// Whether a line leaves the middle of a cell upwards, to the right, downwards, to the left.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    let arms = match symbol {
        "─" | "━" => "rl",
        "│" | "┃" => "ud",
        "┌" | "╭" => "rd",
        "┐" | "╮" => "dl",
        "└" | "╰" => "ur",
        "┘" | "╯" => "ul",
        "├" => "urd",
        "┤" => "udl",
        "┬" => "rdl",
        "┴" => "url",
        "┼" => "urdl",
        _ => return None,
    };
    Some(['u', 'r', 'd', 'l'].map(|arm| arms.contains(arm)))
}

/// The lines of borders, one path a colour.
fn lines(rows: &[Vec<Glyph<'_>>], out: &mut String) {
    let mut paths: BTreeMap<Rgb, String> = BTreeMap::new();
    for (y, row) in (0..).zip(rows) {
        for glyph in row {
            let Some([up, right, down, left]) = arms(glyph.symbol) else { continue };
            let path = paths.entry(glyph.look.ink).or_default();
            let (x, y) = (glyph.x * WIDTH + WIDTH / 2, y * HEIGHT + HEIGHT / 2);
            let (top, bottom) = (if up { y - HEIGHT / 2 } else { y }, if down { y + HEIGHT / 2 } else { y });
            let (start, end) = (if left { x - WIDTH / 2 } else { x }, if right { x + WIDTH / 2 } else { x });
            if top < bottom {
                let _ = write!(path, "M{x} {top}V{bottom}");
            }
            if start < end {
                let _ = write!(path, "M{start} {y}H{end}");
            }
        }
    }
    for (ink, path) in paths {
        let _ = writeln!(out, "<path stroke=\"{}\" d=\"{path}\"/>", hex(ink));
    }
}

/// Letters of one look and width that stand together, and where each one begins.
struct Run {
    look: Look,
    wide: bool,
    text: String,
    places: Vec<u16>,
    /// The column after the last.
    end: u16,
    /// Holds one glyph of several code points, whose places a renderer may count as it likes.
    closed: bool,
}

/// All letters, one element a row.
fn letters(rows: &[Vec<Glyph<'_>>], ink: Rgb, out: &mut String) {
    for (y, row) in (0..).zip(rows) {
        let runs = runs(row);
        if runs.is_empty() {
            continue;
        }
        let _ = write!(out, "<text y=\"{}\">", y * HEIGHT + BASELINE);
        for run in &runs {
            run.write(ink, out);
        }
        out.push_str("</text>\n");
    }
}

/// The letters of a row. A single space stays with its neighbours; a wider gap ends a run.
fn runs(row: &[Glyph<'_>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for glyph in row.iter().filter(|g| !g.symbol.trim().is_empty() && arms(g.symbol).is_none()) {
        let alone = glyph.symbol.chars().any(|c| c.len_utf16() > 1) || glyph.symbol.chars().count() > 1;
        match runs.last_mut() {
            Some(run) if !alone && run.goes_on_with(glyph) => run.push(glyph),
            _ => {
                let mut run = Run {
                    look: glyph.look,
                    wide: glyph.width > 1,
                    text: String::new(),
                    places: Vec::new(),
                    end: glyph.x,
                    closed: alone,
                };
                run.push(glyph);
                runs.push(run);
            }
        }
    }
    runs
}

impl Run {
    fn goes_on_with(&self, glyph: &Glyph<'_>) -> bool {
        let gap = u16::from(!self.wide);
        !self.closed && self.look == glyph.look && self.wide == (glyph.width > 1) && glyph.x <= self.end + gap
    }

    fn push(&mut self, glyph: &Glyph<'_>) {
        if glyph.x > self.end {
            self.text.push(' ');
            self.places.push(self.end * WIDTH);
        }
        self.text.push_str(glyph.symbol);
        self.places.push(glyph.x * WIDTH + if self.wide { WIDE_GAP / 2 } else { 0 });
        self.end = glyph.x + glyph.width;
    }

    fn write(&self, ink: Rgb, out: &mut String) {
        let places: Vec<String> = self.places.iter().map(u16::to_string).collect();
        let _ = write!(out, "<tspan x=\"{}\"", places.join(" "));
        if self.wide {
            let _ = write!(out, " letter-spacing=\"{WIDE_GAP}\"");
        }
        if self.look.ink != ink {
            let _ = write!(out, " fill=\"{}\"", hex(self.look.ink));
        }
        if self.look.bold {
            out.push_str(" font-weight=\"bold\"");
        }
        if self.look.underlined {
            out.push_str(" text-decoration=\"underline\"");
        }
        let _ = write!(out, ">{}</tspan>", escaped(&self.text));
    }
}

/// The text as XML holds it. What XML cannot hold at all becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;
    use crate::app::palette::DARK;

    const THEME: Theme = Theme { depth: Depth::True, palette: &DARK, ascii: false };

    fn drawn(words: &[(&str, Style)]) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, words.len() as u16));
        for (y, (words, style)) in (0..).zip(words) {
            buffer.set_string(0, y, words, *style);
        }
        svg(&buffer, THEME, "a <b> & \"c\" \u{7}")
    }

    /// Letters and the x of each, of one row.
    fn placed(document: &str, row: usize) -> Vec<(String, String)> {
        let xml = roxmltree::Document::parse(document).unwrap();
        let text = xml.descendants().filter(|n| n.has_tag_name("text")).nth(row).unwrap();
        let spans = text.children().map(|n| (n.text().unwrap().to_owned(), n.attribute("x").unwrap().to_owned()));
        spans.collect()
    }

    #[test]
    fn every_glyph_stands_in_its_own_columns() {
        let plain = Style::new();
        let document = drawn(&[("a我爱b c   d", plain), ("👩‍🚀x", plain)]);
        let row = |n| placed(&document, n);
        let expected =
            |spans: &[(&str, &str)]| spans.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect::<Vec<_>>();
        assert_eq!(row(0), expected(&[("a", "0"), ("我爱", "10 28"), ("b c", "45 54 63"), ("d", "99")]));
        assert_eq!(row(1), expected(&[("👩‍🚀", "1"), ("x", "18")]));
    }

    #[test]
    fn what_xml_forbids_is_escaped() {
        let document = drawn(&[("a<b>&\"c\"", Style::new())]);
        assert_eq!(placed(&document, 0)[0].0, "a<b>&\"c\"");
        assert!(document.contains("<title>a &lt;b&gt; &amp; &quot;c&quot; \u{fffd}</title>"));
    }

    #[test]
    fn grounds_of_one_colour_are_one_rectangle() {
        let blue = Style::new().bg(Color::Rgb(0, 0, 255));
        let rectangles = |document: &str| document.matches("fill=\"#0000ff\"").count();
        assert_eq!(rectangles(&drawn(&[("爱 b", blue), ("abcd", blue)])), 1);
        assert_eq!(rectangles(&drawn(&[("爱 b", blue), ("abc", blue)])), 2);
        let document = drawn(&[("爱 b", blue), ("abcd", blue)]);
        assert!(document.contains("<rect x=\"0\" y=\"0\" width=\"36\" height=\"40\" fill=\"#0000ff\"/>"), "{document}");
    }

    #[test]
    fn colours_of_every_kind_are_known() {
        let reversed = Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::REVERSED);
        assert!(drawn(&[("x", reversed)]).contains("height=\"20\" fill=\"#010203\""));
        assert!(drawn(&[("x", Style::new().fg(Color::Indexed(196)))]).contains("fill=\"#ff0000\""));
        assert!(drawn(&[("x", Style::new().fg(Color::White))]).contains("fill=\"#ffffff\""));
        let bold = Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        assert!(drawn(&[("x", bold)]).contains("font-weight=\"bold\" text-decoration=\"underline\""));
    }

    #[test]
    fn borders_are_lines_that_meet() {
        let document = drawn(&[("┌─┐", Style::new()), ("└─┘", Style::new())]);
        assert!(!document.contains("<tspan"), "no glyphs");
        assert_eq!(document.matches("<path").count(), 1);
        // Down from the upper corner, up from the lower one: they meet between the rows.
        assert!(document.contains("M4 10V20") && document.contains("M4 20V30"), "{document}");
    }
}
