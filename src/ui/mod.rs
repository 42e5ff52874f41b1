//! The picture: `view(&Model, &mut Frame)`.
//!
//! ```text
//! header     what is shown, and the ledger's verdict on it
//! sidebar    the stages            screens/   one file each
//! body       one stage, one picture            widgets/   know nothing of the model
//! footer     the keys that apply now
//! ```

mod screens;
mod svg;
mod theme;
mod wide;
mod widgets;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::{Frame, Terminal};

pub use svg::svg;
pub use theme::{Depth, Theme};
pub use wide::WideRows;

use crate::app::{Model, Overlay};

/// The smallest terminal that holds a picture.
pub const SMALLEST: (u16, u16) = (80, 24);

/// Draws the whole screen.
pub fn view(model: &Model, theme: Theme, frame: &mut Frame) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.ground());
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        screens::small::draw(model, theme, area, buffer);
    } else {
        screens::walk::draw(model, theme, area, buffer);
        match &model.overlay {
            Overlay::None => {}
            Overlay::Help(line) => screens::help::draw(model, theme, *line, area, buffer),
            Overlay::Card(line) => screens::card::draw(model, theme, *line, area, buffer),
            Overlay::Microscope(microscope) => screens::microscope::draw(model, theme, microscope, area, buffer),
            Overlay::Samples(list) => screens::samples::draw(model, theme, list, area, buffer),
            Overlay::Switches(chosen) => screens::switches::draw(model, theme, *chosen, area, buffer),
            Overlay::Coarser(which) => screens::coarser::draw(model, theme, *which, area, buffer),
            Overlay::Race(track) => screens::race::draw(model, theme, track, area, buffer),
            Overlay::Queue(queue) => screens::queue::draw(model, theme, queue, area, buffer),
            Overlay::Kernel(lens) => screens::kernel::draw(model, theme, lens, area, buffer),
            Overlay::Heads(gallery) => screens::heads::draw(model, theme, gallery, area, buffer),
            Overlay::Laboratory(lab) => screens::laboratory::draw(model, theme, lab, area, buffer),
            Overlay::Prompt(prompt) => {
                if let Some(position) = screens::prompt::draw(model, theme, prompt, area, buffer) {
                    frame.set_cursor_position(position);
                }
            }
        }
    }
    if theme.ascii {
        theme::to_ascii(frame.buffer_mut());
    }
}

/// The whole screen as it would stand on a terminal of so many columns and rows.
pub fn still(model: &Model, theme: Theme, (columns, rows): (u16, u16)) -> Buffer {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
    let Ok(frame) = terminal.draw(|frame| view(model, theme, frame));
    frame.buffer.clone()
}
