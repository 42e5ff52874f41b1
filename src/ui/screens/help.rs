//! `?`: every key and command, from their tables.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Model, command, keymap};
use crate::ground::lang::Lang;
use crate::ground::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

/// Columns of the window, and of the keys in it.
const WIDTH: u16 = 76;
const KEYS: usize = 20;

pub(in crate::ui) fn draw(model: &Model, theme: Theme, first: usize, area: Rect, buffer: &mut Buffer) {
    let lang = model.settings.lang;
    let keys = |b: &keymap::Binding| b.keys.iter().map(|k| k.name()).collect::<Vec<_>>().join(" ");
    let mut lines: Vec<(String, String)> =
        keymap::bindings().iter().map(|b| (keys(b), b.help.get(lang).to_owned())).collect();
    let (heads, kernel) = match lang {
        Lang::Zh => ("看头的窗口（H）里：", "GPU 镜头（K）里："),
        Lang::En => ("in the window of heads (H):", "in the GPU lens (K):"),
    };
    lines.extend(own(heads, &keymap::head_bindings(), lang));
    lines.extend(own(kernel, &keymap::kernel_bindings(), lang));
    lines.push((String::new(), String::new()));
    lines.extend(command::COMMANDS.iter().map(|c| (format!(":{}", c.form), c.help.get(lang).to_owned())));
    let lines: Vec<(String, String)> = lines.into_iter().flat_map(wrapped).collect();
    let title = match lang {
        Lang::Zh => "帮助   上下键滚动，Esc 关闭",
        Lang::En => "help   Up and Down scroll, Esc closes",
    };
    let window = Popup { title, width: WIDTH, height: (lines.len() as u16 + 2).min(area.height - 2) };
    let inside = window.draw(theme, area, buffer);
    let shown = usize::from(inside.height);
    let first = first.min(lines.len().saturating_sub(shown));
    for (n, (key, does)) in lines.iter().skip(first).take(shown).enumerate() {
        let y = inside.y + n as u16;
        put(buffer, inside, inside.x, y, &text::left(key, KEYS.max(text::columns(key))), theme.key());
        put(buffer, inside, inside.x + KEYS.max(text::columns(key)) as u16 + 2, y, does, theme.ground());
    }
    if first + shown < lines.len() {
        let more = match lang {
            Lang::Zh => "下面还有",
            Lang::En => "more below",
        };
        put(buffer, area, inside.right().saturating_sub(12), inside.bottom(), more, theme.key());
    }
}

/// A row as it fits into the window: what does not fit beside the keys goes on below.
fn wrapped((key, does): (String, String)) -> Vec<(String, String)> {
    let room = usize::from(WIDTH).saturating_sub(6 + KEYS.max(text::columns(&key)));
    let mut parts = text::wrap(&does, room).into_iter();
    let first = (key, parts.next().unwrap_or_default());
    [first].into_iter().chain(parts.map(|part| (String::new(), part))).collect()
}

/// The keys of a window with keys of its own, under a heading.
fn own<D>(heading: &str, bindings: &[keymap::OwnBinding<D>], lang: Lang) -> Vec<(String, String)> {
    let keys = |b: &keymap::OwnBinding<D>| b.keys.iter().map(|k| k.name()).collect::<Vec<_>>().join(" ");
    let rows = bindings.iter().map(|b| (keys(b), b.help.get(lang).to_owned()));
    [(String::new(), String::new()), (heading.to_owned(), String::new())].into_iter().chain(rows).collect()
}
