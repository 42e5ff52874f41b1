//! `i`: the card of a head. What it is meant for, where it was designed, and what each word really looks at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::explain;
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::program::{Address, Name};
use crate::source::sample::Origin;
use crate::study::heads::{METRICS, metrics, naming, view};
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

/// What the head is called by the rules, why, and its metrics over many sentences beside those of this one.
fn measured(model: &Model, at: usize) -> Vec<(String, bool)> {
    let lang = model.settings.lang;
    let Some((study, profile)) = model.study().and_then(|study| Some((study, study.heads.get(at)?))) else {
        let waiting = Text::new("正在许多句子上测量这个头……", "measuring this head over many sentences ...");
        return vec![(model.say(&waiting).to_owned(), false), (" ".into(), false)];
    };
    let (n, own) = (study.sentences, study.own);
    let mixed = Text::new("混合", "mixed");
    let label = model.say(profile.label.as_ref().map_or(&mixed, |label| &label.name)).to_owned();
    let mut lines = vec![match (own, lang) {
        (false, Lang::Zh) => (format!("{n} 句话上测出来：{label}"), true),
        (false, Lang::En) => (format!("Measured over {n} sentences: {label}"), true),
        (true, Lang::Zh) => (format!("样例自己的 {n} 句话上测出来：{label}"), true),
        (true, Lang::En) => (format!("Measured over the sample's own {n} sentences: {label}"), true),
    }];
    lines.extend(profile.label.as_ref().map(|label| (model.say(&label.because).to_owned(), false)));
    let here = model.trace().map(|trace| {
        metrics::measure(&view(
            &model.sample,
            trace.tensor(profile.head.weights),
            model.cursor.batch,
            profile.head.head,
        ))
    });
    for (i, (metric, over)) in METRICS.iter().zip(&profile.metrics).enumerate() {
        let Some(over) = over else { continue };
        let now = here.as_ref().and_then(|here| here[i]).map_or_else(|| "-   ".to_owned(), |x| format!("{x:.2}"));
        let name = text::left(model.say(&metric.name), 16);
        let numbers = format!("{:.2} ± {:.2}", over.mean, over.sd);
        lines.push(match lang {
            Lang::Zh => (format!("{name} {numbers}  这一句 {now}   {}", metric.says.zh), false),
            Lang::En => (format!("{name} {numbers}  here {now}   {}", metric.says.en), false),
        });
    }
    lines.push((" ".into(), false));
    lines
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
    for (words, strong) in measured(model, head) {
        say(&super::signs(model, &words), if strong { theme.strong() } else { theme.ground() });
    }
    let real = Text::new("每个词真正看了谁（刚刚算出来的）：", "Where each word really looks (just computed):");
    say(model.say(&real), theme.dim());
    let (Some(trace), Some(slot)) = (model.trace(), model.program().find(None, Name::Weights)) else {
        return lines;
    };
    let names = model.names();
    for row in 0..model.program().shape(slot).rows.len {
        let cell = crate::math::tensor::Cell { batch: model.cursor.batch, head, row, col: 0 };
        say(&explain::look(model.program(), trace, Address { slot, cell }, &names), theme.ground());
    }
    say(" ", theme.ground());
    say(&super::signs(model, model.say(&naming::rules())), theme.dim());
    lines
}
