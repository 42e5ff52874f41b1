//! Random frames, drawn one over the other, against the last of them drawn alone.
//!
//! ```text
//! frames ──ratatui's diff, marked by WideRows──▶ bytes ──▶ vt100 ──┐
//!                                                                  ├─ the same in every cell
//! the last frame, every cell of it ────────────▶ bytes ──▶ vt100 ──┘
//! ```

use std::num::NonZeroU16;

use proptest::prelude::*;
use qkv::ground::text::columns;
use qkv::ui::WideRows;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::{Clear, Widget};

const COLUMNS: u16 = 24;
const ROWS: u16 = 5;

/// What may stand in a frame: ASCII, Chinese, Korean, half-width kana, emoji, emoji joined to one, flags, combining marks.
const GLYPHS: [&str; 16] =
    [" ", " ", "a", "1", "│", "·", "我", "天", "한", "ｱ", "😀", "🚀", "👩\u{200d}🚀", "🇨🇳", "e\u{301}", "n\u{303}"];

/// A terminal that does not know a joined emoji draws its parts one after the other, until the next cell covers them.
const SPILL: u16 = 4;

const GROUNDS: [Color; 4] = [Color::Reset, Color::Rgb(60, 20, 20), Color::Blue, Color::Indexed(35)];

/// A stretch of glyphs on one ground.
type Stretch = (Vec<usize>, usize);

/// Rows of stretches, and perhaps a window over them: its corner and size.
#[derive(Debug, Clone)]
struct Frame {
    rows: Vec<Vec<Stretch>>,
    window: Option<(u16, u16, u16, u16)>,
}

fn frame() -> impl Strategy<Value = Frame> {
    let stretch = (prop::collection::vec(0..GLYPHS.len(), 1..6), 0..GROUNDS.len());
    // Half of the rows are empty: glyphs come and go.
    let row = prop_oneof![Just(Vec::new()), prop::collection::vec(stretch, 1..8)];
    let window = prop::option::of((0..COLUMNS - 4, 0..ROWS - 1, 2..8u16, 1..4u16));
    (prop::collection::vec(row, usize::from(ROWS)), window).prop_map(|(rows, window)| Frame { rows, window })
}

fn area() -> Rect {
    Rect::new(0, 0, COLUMNS, ROWS)
}

impl Frame {
    fn draw(&self) -> Buffer {
        let mut buffer = Buffer::empty(area());
        for (y, row) in (0..).zip(&self.rows) {
            let mut x = 0;
            for (glyphs, ground) in row {
                for glyph in glyphs.iter().map(|&n| GLYPHS[n]) {
                    let width = columns(glyph) as u16;
                    let room = if glyph.contains('\u{200d}') { width + SPILL } else { width };
                    if x + room <= COLUMNS {
                        buffer.set_string(x, y, glyph, Style::new().bg(GROUNDS[*ground]));
                        x += width;
                    }
                }
            }
        }
        if let Some((x, y, width, height)) = self.window {
            let window = Rect::new(x, y, width, height).intersection(area());
            // As every window of the program does.
            for y in window.top()..window.bottom() {
                if window.x > 0 && columns(buffer[(window.x - 1, y)].symbol()) > 1 {
                    buffer[(window.x - 1, y)].set_symbol(" ");
                }
            }
            Clear.render(window, &mut buffer);
            buffer.set_style(window, Style::new().bg(Color::Green));
        }
        buffer
    }
}

/// What a terminal shows: the text and the ground of every cell.
type Picture = Vec<(String, vt100::Color)>;

struct Terminal {
    parser: vt100::Parser,
    before: Buffer,
}

impl Terminal {
    fn new() -> Self {
        let size = |n| NonZeroU16::new(n).unwrap();
        Self { parser: vt100::Parser::new(size(ROWS), size(COLUMNS), 0), before: Buffer::empty(area()) }
    }

    fn show(&mut self, next: Buffer) {
        let mut bytes = Vec::new();
        let mut backend = CrosstermBackend::new(&mut bytes);
        backend.draw(self.before.diff_iter(&next)).unwrap();
        self.parser.process(&bytes);
        self.before = next;
    }

    fn picture(&self) -> Picture {
        let cell = |y, x| {
            let cell = self.parser.screen().cell(y, x).unwrap();
            // A cell that was never written and one that holds a space look the same.
            let text = if cell.has_contents() { cell.contents() } else { " " };
            (text.to_owned(), cell.bgcolor())
        };
        (0..ROWS).flat_map(|y| (0..COLUMNS).map(move |x| cell(y, x))).collect()
    }
}

/// The frame alone, every cell of it.
fn alone(frame: &Frame) -> Picture {
    let mut buffer = frame.draw();
    for cell in &mut buffer.content {
        cell.set_diff_option(CellDiffOption::AlwaysUpdate);
    }
    let mut terminal = Terminal::new();
    terminal.show(buffer);
    terminal.picture()
}

/// How many cells of all pictures are not as they would be alone.
fn stale(frames: &[Frame], marked: bool) -> usize {
    let (mut terminal, mut wide) = (Terminal::new(), WideRows::default());
    let mut wrong = 0;
    for frame in frames {
        let mut buffer = frame.draw();
        if marked {
            wide.mark(&mut buffer);
        }
        terminal.show(buffer);
        wrong += terminal.picture().iter().zip(alone(frame)).filter(|(shown, meant)| **shown != *meant).count();
    }
    wrong
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_stays_behind(frames in prop::collection::vec(frame(), 2..6)) {
        prop_assert_eq!(stale(&frames, true), 0);
    }
}

/// The reason for `WideRows`. The day this fails ratatui has been mended, and `src/ui/wide.rs` may go.
#[test]
fn without_the_marks_something_does() {
    let row = |glyphs: &[usize], ground| vec![(glyphs.to_vec(), ground)];
    let [space, wide] = [0, 6];
    let with = |first| {
        let mut rows = vec![first];
        rows.resize(usize::from(ROWS), Vec::new());
        Frame { rows, window: None }
    };
    let frames = [with(row(&[wide, wide], 1)), with(row(&[space, wide], 2)), with(row(&[space, space, space], 0))];
    assert_ne!(stale(&frames, false), 0);
    assert_eq!(stale(&frames, true), 0);
}
