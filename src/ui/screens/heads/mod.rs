//! `H`: the heads. A row of views, one file each, over one chosen head and one chosen word.
//!
//! ```text
//! ┌ heads   Tab another view   Esc closes ───────────────────────┐
//! │ [gallery]  lines  an explanation?  plane  forms  split       │
//! │ …the view                                                    │
//! │ head 2 verb and object · threshold 0.1                       │
//! └──────────────────────────────────────────────────────────────┘
//! ```

mod forms;
mod gallery;
mod lines;
mod plane;
mod reasons;
mod split;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Gallery, Model, Sight};
use crate::explain::Names as _;
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

/// What a view is drawn from.
#[derive(Clone, Copy)]
struct View<'a> {
    model: &'a Model,
    gallery: &'a Gallery,
    theme: Theme,
}

impl View<'_> {
    /// Words in the reader's language.
    fn say(&self, text: &Text) -> String {
        super::signs(self.model, self.model.say(text))
    }

    /// `头 2 动词和宾语`
    fn head_name(&self, at: usize) -> String {
        let heads = crate::study::heads::all(self.model.program());
        let Some(head) = heads.get(at) else { return String::new() };
        let layers = heads.iter().any(|h| h.layer.is_some());
        let number =
            if layers { format!("{}.{}", head.layer_number(), head.head + 1) } else { (head.head + 1).to_string() };
        let card = self.model.sample.heads.get(head.head).and_then(|card| card.name.as_ref());
        let name = card.map_or_else(String::new, |name| format!(" {}", self.model.say(name)));
        format!("{number}{name}")
    }

    /// The words that ask.
    fn asking(&self) -> Vec<String> {
        let shape = self.weights_shape();
        let names = self.model.names();
        shape.map_or_else(Vec::new, |s| (0..s.rows.len).map(|i| names.name(s.rows.axis, 0, i)).collect())
    }

    /// The words that are looked at.
    fn answering(&self) -> Vec<String> {
        let shape = self.weights_shape();
        let names = self.model.names();
        shape.map_or_else(Vec::new, |s| (0..s.cols.len).map(|i| names.name(s.cols.axis, 0, i)).collect())
    }

    fn weights_shape(&self) -> Option<crate::math::tensor::Shape> {
        let program = self.model.program();
        program.find(None, crate::program::Name::Weights).map(|slot| program.shape(slot))
    }

    /// Writes paragraphs, wrapped; returns the line after them.
    fn tell(&self, paragraphs: &[String], area: Rect, buffer: &mut Buffer) -> u16 {
        let mut y = area.y;
        for paragraph in paragraphs {
            for line in text::wrap(&super::signs(self.model, paragraph), usize::from(area.width)) {
                put(buffer, area, area.x, y, &line, self.theme.ground());
                y += 1;
            }
        }
        y
    }
}

pub(in crate::ui) fn draw(model: &Model, theme: Theme, gallery: &Gallery, area: Rect, buffer: &mut Buffer) {
    let title = match model.settings.lang {
        Lang::Zh => "看头   Tab 换看法  ←→ 换头  n b 换词  m 标记  x 关掉  Esc 关闭",
        Lang::En => "heads   Tab view  Left Right head  n b word  m mark  x silence  Esc closes",
    };
    let title = super::signs(model, title);
    let inside = Popup { title: &title, width: area.width, height: area.height }.draw(theme, area, buffer);
    tabs(model, theme, gallery, inside, buffer);
    let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(2), ..inside };
    let last = Rect { y: inside.bottom().saturating_sub(1), height: 1, ..inside };
    let view = View { model, gallery, theme };
    match gallery.sight {
        Sight::Gallery => gallery::draw(view, body, buffer),
        Sight::Lines => lines::draw(view, body, buffer),
        Sight::Reasons => reasons::draw(view, body, buffer),
        Sight::Plane => plane::draw(view, body, buffer),
        Sight::Forms => forms::draw(view, body, buffer),
        Sight::Split => split::draw(view, body, buffer),
    }
    status(view, last, buffer);
}

fn tabs(model: &Model, theme: Theme, gallery: &Gallery, area: Rect, buffer: &mut Buffer) {
    let mut x = area.x;
    for sight in Sight::ALL {
        let style = if sight == gallery.sight { theme.chosen() } else { theme.dim() };
        x = put(buffer, area, x, area.y, &format!(" {} ", model.say(&sight.label())), style) + 1;
    }
}

/// What is chosen, what is hidden, and what was typed; or what is wrong.
fn status(view: View, area: Rect, buffer: &mut Buffer) {
    let View { model, gallery, theme } = view;
    let lang = model.settings.lang;
    if let Some((input, error)) = &gallery.typing {
        let x = put(buffer, area, area.x, area.y, "/", theme.key());
        let x = put(buffer, area, x, area.y, input.value(), theme.strong());
        buffer.set_style(
            Rect { x: area.x + 1 + input.visual_cursor() as u16, width: 1, ..area }.intersection(area),
            theme.chosen(),
        );
        if let Some(error) = error {
            put(buffer, area, x + 2, area.y, &view.say(error), theme.bad());
        } else {
            let hint = Text::new("例如 previous>0.5 & entropy<1", "such as previous>0.5 & entropy<1");
            put(buffer, area, x + 2, area.y, &view.say(&hint), theme.dim());
        }
        return;
    }
    if let Some(notice) = &model.notice {
        let style = if notice.bad { theme.bad() } else { theme.good() };
        put(buffer, area, area.x, area.y, &view.say(&notice.text), style);
        return;
    }
    let mut parts = vec![match lang {
        Lang::Zh => format!("头 {}", view.head_name(gallery.chosen)),
        Lang::En => format!("head {}", view.head_name(gallery.chosen)),
    }];
    if gallery.threshold() > 0.0 {
        parts.push(match lang {
            Lang::Zh => format!("小于 {} 的权重已隐藏（t）", gallery.threshold()),
            Lang::En => format!("weights below {} are hidden (t)", gallery.threshold()),
        });
    }
    if let Some(kept) = gallery.kept() {
        parts.push(match lang {
            Lang::Zh => format!("每行只留最大的 {kept} 个（K）"),
            Lang::En => format!("only the {kept} largest of each row (K)"),
        });
    }
    if let Some(at) = gallery.alike {
        parts.push(match lang {
            Lang::Zh => format!("按和头 {} 像不像来排（~）", at + 1),
            Lang::En => format!("ordered by likeness to head {} (~)", at + 1),
        });
    }
    if let Some(filter) = &gallery.filter {
        let (shown, all) = (gallery.shown(model).len(), crate::study::heads::all(model.program()).len());
        parts.push(format!("/{} {shown}/{all}", filter.written));
    }
    let silenced: Vec<String> = model.scenario.silenced.iter().map(|h| (h + 1).to_string()).collect();
    if !silenced.is_empty() {
        parts.push(match lang {
            Lang::Zh => format!("关掉了头 {}（x）", silenced.join(" ")),
            Lang::En => format!("silenced: head {} (x)", silenced.join(" ")),
        });
    }
    put(buffer, area, area.x, area.y, &super::signs(model, &parts.join("   ")), theme.key());
}
