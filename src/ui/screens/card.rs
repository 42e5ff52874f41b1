//! `i`: the card of a head. What it is meant for, where it was designed, and what each word really looks at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::lang::{Lang, Text};
use crate::program::{Address, Symbol, explain};
use crate::sample::Origin;
use crate::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

pub(in crate::ui) fn draw(model: &Model, theme: Theme, first: usize, area: Rect, buffer: &mut Buffer) {
    let head = model.cursor.head.min(model.program().heads().saturating_sub(1));
    let title = match model.settings.lang {
        Lang::Zh => format!("头 {} / {}   , . 换头，Esc 关闭", head + 1, model.program().heads()),
        Lang::En => format!("head {} of {}   , . other heads, Esc closes", head + 1, model.program().heads()),
    };
    let width = (area.width - 4).min(84);
    let lines = lines(model, theme, head, usize::from(width) - 4);
    let window = Popup { title: &title, width, height: (lines.len() as u16 + 2).clamp(6, area.height - 2) };
    let inside = window.draw(theme, area, buffer);
    let first = first.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (n, (line, style)) in lines.iter().skip(first).enumerate() {
        put(buffer, inside, inside.x, inside.y + n as u16, line, *style);
    }
}

/// The card, wrapped.
fn lines(model: &Model, theme: Theme, head: usize, width: usize) -> Vec<(String, Style)> {
    let mut lines = Vec::new();
    let mut say = |words: &str, style: Style| lines.extend(text::wrap(words, width).into_iter().map(|l| (l, style)));
    let card = model.sample.heads.get(head);
    let meant = card.and_then(|c| c.name.as_ref().zip(c.intent.as_ref()));
    if let Some((name, intent)) = meant {
        say(model.say(name), theme.strong());
        say(model.say(intent), theme.ground());
    } else {
        let nobody = match model.sample.origin {
            Origin::Random => Text::new(
                "这些权重是随机抽的，这个头没有任何用意：下面的高低只是巧合。",
                "These weights were drawn at random, so this head is meant for nothing: what is high or low below is chance.",
            ),
            _ => Text::new("没有人说过这个头想找什么。", "Nobody has said what this head is meant for."),
        };
        say(model.say(&nobody), theme.ground());
    }
    say(" ", theme.ground());
    let real = Text::new("每个词真正看了谁（刚刚算出来的）：", "Where each word really looks (just computed):");
    say(model.say(&real), theme.dim());
    let (Some(trace), Some(slot)) = (model.trace(), model.program().find(Symbol::WEIGHTS)) else { return lines };
    let names = model.names();
    for row in 0..model.program().shape(slot).rows.len {
        let cell = crate::tensor::Cell { batch: model.cursor.batch, head, row, col: 0 };
        say(&explain::look(model.program(), trace, Address { slot, cell }, &names), theme.ground());
    }
    lines
}
