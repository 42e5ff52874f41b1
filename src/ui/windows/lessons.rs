//! The lessons, to choose from: what each is, how long it takes, how far one has come; below, what the chosen one is for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::LessonsWindow;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::widgets::{around, put};

/// Columns at the right: minutes, and how far one has come.
const RIGHT: usize = 15;

/// Lines for goals: the most that a lesson has, and one above them.
const GOALS: u16 = 5;

pub(super) fn draw(page: Page, window: &LessonsWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let wanted = window.lessons.len() as u16 + GOALS + 2;
    let inside = page.frame(&page.context.title, (92, wanted), buffer);
    let list = Rect { height: inside.height.saturating_sub(GOALS), ..inside };
    let shown = around(window.chosen, list.height.into(), window.lessons.len());
    for (y, n) in (list.y..).zip(shown) {
        let about = &window.lessons[n];
        let row = Rect { y, height: 1, ..list };
        let style = if n == window.chosen { theme.chosen() } else { theme.ground() };
        page.targets.note(row, Target::Row(n));
        buffer.set_style(row, style);
        let x = put(buffer, list, row.x, y, &format!("{:>2} ", n + 1), theme.key());
        let room = usize::from(list.width).saturating_sub(3 + RIGHT);
        put(buffer, list, x, y, &text::shortened(&page.say(&about.title), room), style);
        let minutes = about.minutes;
        let minutes = model.say(&Text::owned(format!("{minutes} 分钟"), format!("{minutes} min"))).to_owned();
        let right = list.right().saturating_sub(RIGHT as u16);
        put(buffer, list, right, y, &text::right(&minutes, 8), theme.dim());
        let mark = page.say(&LessonsWindow::mark(model.learned().reached(&about.name)));
        put(buffer, list, right + 9, y, &text::right(&mark, 5), theme.good());
    }
    let mut y = list.bottom() + 1;
    for goal in window.goals() {
        y = page.paragraph(goal, theme.dim(), (inside, y), buffer);
    }
}
