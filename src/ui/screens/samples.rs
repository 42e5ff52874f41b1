//! `o`: the built-in samples, to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{List, Model};
use crate::ground::lang::Lang;
use crate::ground::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

pub(in crate::ui) fn draw(model: &Model, theme: Theme, list: &List, area: Rect, buffer: &mut Buffer) {
    let lang = model.settings.lang;
    let title = match lang {
        Lang::Zh => "打开样例   Enter 打开，Esc 关闭；自己的文件用 :sample 文件名",
        Lang::En => "open a sample   Enter opens, Esc closes; your own file with :sample FILE",
    };
    let window = Popup { title, width: 84, height: list.rows.len() as u16 + 2 };
    let inside = window.draw(theme, area, buffer);
    for (n, (name, title)) in list.rows.iter().enumerate() {
        let row = Rect { y: inside.y + n as u16, height: 1, ..inside }.intersection(inside);
        let style = if n == list.chosen { theme.chosen() } else { theme.ground() };
        buffer.set_style(row, style);
        let x = put(buffer, inside, row.x, row.y, &format!("{} {}", n + 1, text::left(name, 18)), theme.key());
        put(buffer, inside, x + 1, row.y, title.get(lang), style);
    }
}
