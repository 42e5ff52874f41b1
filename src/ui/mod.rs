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
mod targets;
mod theme;
mod wide;
mod widgets;
mod windows;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

pub use svg::svg;
pub use theme::{Depth, Theme};
pub use wide::WideRows;

use crate::app::presenting::Presenting;
use crate::app::windows::Window;
use crate::app::{Model, Target};
use targets::Targets;

/// The smallest terminal that holds a picture.
pub const SMALLEST: (u16, u16) = (80, 24);

/// Draws the whole screen.
pub fn view(model: &Model, theme: Theme, frame: &mut Frame) {
    draw(model, theme, &Targets::unasked(), frame);
}

/// Everything that can be pointed at on a screen of so many columns and rows, and where it is; what comes later lies on top.
pub fn targets(model: &Model, (columns, rows): (u16, u16)) -> Vec<(Rect, Target)> {
    let (targets, theme) = (Targets::collected(), Theme::of(Depth::None, &model.settings));
    let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
    let Ok(_) = terminal.draw(|frame| draw(model, theme, &targets, frame));
    targets.all()
}

/// What can be pointed at in a column and row of such a screen.
pub fn target(model: &Model, size: (u16, u16), place: (u16, u16)) -> Option<Target> {
    targets::on_top(&targets(model, size), place)
}

fn draw(model: &Model, theme: Theme, targets: &Targets, frame: &mut Frame) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.ground());
    if model.presenting().is_some_and(Presenting::is_blank) {
        return;
    }
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        screens::small::draw(model, theme, area, buffer);
    } else {
        screens::walk::draw(model, theme, targets, area, buffer);
        let places = screens::places::Places::of(model, area);
        let (dock, above) = (places.dock(), places.above(area));
        let mut docked = true;
        for window in model.windows.iter() {
            // What stands over a window that covers the walk covers it too.
            docked &= window.docks();
            let place = if docked { windows::Place::Dock(dock) } else { windows::Place::Over };
            let area = if docked { area } else { above };
            let cursor = windows::draw((model, theme, targets), window, (area, place), frame.buffer_mut());
            if let Some(position) = cursor {
                frame.set_cursor_position(position);
            }
        }
        // While a line is typed, that one speaks.
        if !matches!(model.windows.top(), None | Some(Window::Prompt(_))) {
            screens::notice(model, theme, area, frame.buffer_mut());
        }
    }
    if theme.ascii {
        theme::to_ascii(frame.buffer_mut());
    }
}

/// What is on the screen as SVG, in all the colours that a picture can have: without the line being typed and without what was
/// said last.
pub fn picture(model: &Model) -> String {
    let model = model.as_pictured();
    let theme = Theme::of(Depth::True, &model.settings);
    let size = (model.size.0.max(SMALLEST.0), model.size.1.max(SMALLEST.1));
    svg(&still(&model, theme, size), theme, &model.material.sample.text)
}

/// The whole screen as it would stand on a terminal of so many columns and rows.
pub fn still(model: &Model, theme: Theme, (columns, rows): (u16, u16)) -> Buffer {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
    let Ok(frame) = terminal.draw(|frame| view(model, theme, frame));
    frame.buffer.clone()
}
