//! `o`: the built-in samples, to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::lang::Lang;
use crate::sample;
use crate::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

pub(in crate::ui) fn draw(model: &Model, theme: &Theme, chosen: usize, area: Rect, buffer: &mut Buffer) {
    let lang = model.settings.lang;
    let title = match lang {
        Lang::Zh => "打开样例   Enter 打开,Esc 关闭;自己的文件用 :sample 文件名",
        Lang::En => "open a sample   Enter opens, Esc closes; your own file with :sample FILE",
    };
    let names = sample::builtin_names();
    let window = Popup { title, width: 76, height: names.len() as u16 + 2 };
    let inside = window.draw(theme, area, buffer);
    for (n, name) in names.iter().enumerate() {
        let row = Rect { y: inside.y + n as u16, height: 1, ..inside }.intersection(inside);
        if n == chosen {
            buffer.set_style(row, theme.chosen());
        }
        let x = put(buffer, inside, row.x, row.y, &format!("{} {}", n + 1, text::left(name, 20)), theme.key());
        let title = sample::builtin_title(name);
        put(buffer, inside, x + 1, row.y, title.get(lang), theme.ground().patch(if n == chosen { theme.chosen() } else { theme.ground() }));
    }
}
