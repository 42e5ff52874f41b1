//! The windows: what `crate::app::windows` says, laid out. One file each, one row of the `match` in [`draw`].

mod beside;
mod card;
mod clinic;
mod coarser;
mod code;
mod heads;
mod help;
mod laboratory;
mod learn;
mod lens;
mod lessons;
mod map;
mod microscope;
mod prompt;
mod queue;
mod quiz;
mod race;
mod samples;
mod switches;
mod theatre;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::screens::signs;
use crate::app::keys::{self, Context};
use crate::app::windows::{Tone, Window};
use crate::app::{Model, Target};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::targets::Targets;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Dock, Popup, put};

/// Draws a window over what lies under it; returns where the terminal's cursor belongs, while something is typed.
pub(super) fn draw(
    (model, theme, targets): (&Model, Theme, &Targets),
    window: &Window,
    (area, place): (Rect, Place),
    buffer: &mut Buffer,
) -> Option<Position> {
    let page = Page { model, theme, targets, context: window.context(), area, place };
    match window {
        Window::Help(help) => return Some(help::draw(page, help, buffer)),
        Window::Microscope(microscope) => microscope::draw(page, microscope, buffer),
        Window::Switches(switches) => switches::draw(page, switches, buffer),
        Window::Clinic(clinic) => clinic::draw(page, clinic, buffer),
        Window::Quiz(quiz) => return quiz::draw(page, quiz, buffer),
        Window::Laboratory(laboratory) => laboratory::draw(page, laboratory, buffer),
        Window::Race(race) => race::draw(page, race, buffer),
        Window::Queue(queue) => queue::draw(page, queue, buffer),
        Window::Lens(lens) => lens::draw(page, lens, buffer),
        Window::Heads(heads) => heads::draw(page, heads, buffer),
        Window::Beside(beside) => beside::draw(page, beside, buffer),
        Window::Coarser(coarser) => coarser::draw(page, coarser, buffer),
        Window::Map(map) => map::draw(page, map, buffer),
        Window::Card(card) => card::draw(page, card, buffer),
        Window::Code(_) => code::draw(page, buffer),
        Window::Lessons(lessons) => lessons::draw(page, lessons, buffer),
        Window::Learn(learn) => learn::draw(page, learn, buffer),
        Window::Theatre(theatre) => theatre::draw(page, theatre, buffer),
        Window::Samples(samples) => samples::draw(page, samples, buffer),
        Window::Prompt(prompt) => return prompt::draw(page, prompt, buffer),
    }
    None
}

/// Where a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Over what lies under it.
    Over,
    /// Where the walk has room for it.
    Dock(Rect),
}

/// What a window is drawn with.
#[derive(Clone, Copy)]
struct Page<'a> {
    model: &'a Model,
    theme: Theme,
    targets: &'a Targets,
    context: &'static Context,
    /// The whole screen.
    area: Rect,
    place: Place,
}

impl Page<'_> {
    /// Words in the reader's language and signs.
    fn say(self, words: &Text) -> String {
        signs(self.model, self.model.say(words))
    }

    /// Columns inside a window that would like to be so wide.
    fn inside(self, width: u16) -> u16 {
        match self.place {
            Place::Over => Popup::width(width, self.area).saturating_sub(4),
            Place::Dock(dock) => Dock::inside(dock, self.area).width,
        }
    }

    /// The border with the title and the keys; returns the room inside.
    fn frame(self, title: &Text, (width, height): (u16, u16), buffer: &mut Buffer) -> Rect {
        let title = self.model.say(title);
        // The title stands between two corners and two spaces.
        let whole = match self.place {
            Place::Over => Popup::width(width, self.area),
            Place::Dock(dock) => dock.width,
        };
        let room = usize::from(whole.saturating_sub(4)).saturating_sub(text::columns(title) + 3);
        // The keys of a docked window stand in the last line of the screen.
        let line = match self.place {
            Place::Over => format!("   {}", keys::line(self.context, self.model.settings.lang, room)),
            Place::Dock(_) => String::new(),
        };
        let title = signs(self.model, &format!("{title}{line}"));
        match self.place {
            Place::Over => {
                let inside = Popup { title: &title, width, height }.draw(self.theme, self.area, buffer);
                let border = Rect { x: inside.x.saturating_sub(2), y: inside.y.saturating_sub(1), ..inside };
                let border = Rect { width: inside.width + 4, height: inside.height + 2, ..border };
                self.targets.note(border.intersection(self.area), Target::Window);
                inside
            }
            Place::Dock(dock) => {
                self.targets.note(dock, Target::Window);
                Dock { title: &title }.draw(self.theme, (dock, self.area), buffer)
            }
        }
    }

    /// The whole screen as a window.
    fn full(self, title: &Text, buffer: &mut Buffer) -> Rect {
        self.frame(title, (self.area.width, self.area.height), buffer)
    }

    /// How words of a tone look.
    fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.theme.ground(),
            Tone::Strong => self.theme.strong(),
            Tone::Dim => self.theme.dim(),
            Tone::Key => self.theme.key(),
            Tone::Good => self.theme.good(),
            Tone::Bad => self.theme.bad(),
        }
    }

    /// Paragraphs from the top of an area, without their first `from` lines where not all of them fit: then the last line says how
    /// to come to the others. Returns the line below them.
    fn passages(self, all: &[(Tone, Text)], from: usize, area: Rect, buffer: &mut Buffer) -> u16 {
        let wrapped = |(tone, words): &(Tone, Text)| {
            let style = self.tone(*tone);
            text::wrap(&self.say(words), usize::from(area.width)).into_iter().map(move |line| (line, style))
        };
        let lines: Vec<(String, Style)> = all.iter().flat_map(wrapped).collect();
        let height = usize::from(area.height);
        let (from, room) = if lines.len() <= height {
            (0, height)
        } else {
            let room = height.saturating_sub(1);
            // Not farther than until the last is in sight.
            (from.min(lines.len() - room), room)
        };
        let mut y = area.y;
        for (line, style) in lines.iter().skip(from).take(room) {
            put(buffer, area, area.x, y, line, *style);
            y += 1;
        }
        if lines.len() > height {
            let more = if from + room < lines.len() {
                Text::new("PgDn 下面还有", "PgDn: more below")
            } else {
                Text::new("PgUp 上面还有", "PgUp: more above")
            };
            put(buffer, area, area.x, y, &self.say(&more), self.theme.key());
            y += 1;
        }
        y
    }

    /// A paragraph, wrapped, from the line `y` of an area on; returns the line below it.
    fn paragraph(self, words: &Text, style: Style, (area, mut y): (Rect, u16), buffer: &mut Buffer) -> u16 {
        for line in text::wrap(&self.say(words), usize::from(area.width)) {
            put(buffer, area, area.x, y, &line, style);
            y += 1;
        }
        y
    }
}
