//! Is attention an explanation? The words that one word looks at, by weight, by what they really add to the output, and by
//! what is missing without them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::View;
use crate::ground::lang::{Lang, Text};
use crate::ground::number::short;
use crate::ground::text;
use crate::program::Role;
use crate::study::heads::{Parts, ranks};
use crate::ui::widgets::put;

/// Columns of a word, and of a number with its rank and bar.
const WORD: u16 = 14;
const NUMBER: u16 = 20;

/// Columns of a bar.
const BAR: f64 = 8.0;

pub(super) fn draw(view: View, area: Rect, buffer: &mut Buffer) {
    let View { model, gallery, theme } = view;
    let Some(parts) = model.trace().and_then(|t| Parts::of(model.program(), t, None, model.cursor.batch)) else {
        return;
    };
    let heads: Vec<usize> =
        if gallery.together { (0..parts.heads()).collect() } else { vec![gallery.chosen % parts.heads()] };
    let word = gallery.word.min(parts.queries().saturating_sub(1));
    let reasons = parts.reasons(&heads, word);
    let (asking, answering) = (view.asking(), view.answering());
    let name = asking.get(word).cloned().unwrap_or_default();
    let over = match (gallery.together, model.settings.lang) {
        (true, Lang::Zh) => "所有头合起来（A 只看一个头）".to_owned(),
        (true, Lang::En) => "all heads together (A: one head)".to_owned(),
        (false, Lang::Zh) => format!("头 {}（A 所有头合起来）", view.head_name(gallery.chosen)),
        (false, Lang::En) => format!("head {} (A: all heads together)", view.head_name(gallery.chosen)),
    };
    let heading = match model.settings.lang {
        Lang::Zh => format!("「{name}」看别的词：{over}"),
        Lang::En => format!("{name} looks at other words: {over}"),
    };
    put(buffer, area, area.x, area.y + 1, &heading, theme.strong());
    let columns = [
        Text::new("权重", "weight"),
        Text::new("‖权重·v·W_o‖", "‖weight·v·W_o‖"),
        Text::new("拿掉它，输出变多少", "output moves without"),
    ];
    for (n, column) in columns.iter().enumerate() {
        put(buffer, area, area.x + WORD + n as u16 * NUMBER, area.y + 2, &view.say(column), theme.dim());
    }
    let mut order: Vec<usize> = (0..reasons.weights.len()).collect();
    order.sort_by(|&a, &b| reasons.weights[b].total_cmp(&reasons.weights[a]).then(a.cmp(&b)));
    let room = usize::from(area.height.saturating_sub(11)).max(3);
    let lists = [&reasons.weights, &reasons.norms, &reasons.effects].map(|list| (list, ranks(list)));
    for (line, &j) in order.iter().take(room).enumerate() {
        let y = area.y + 3 + line as u16;
        let differs = reasons.disagreement.is_some_and(|(most, ..)| most == j);
        let style = if differs { theme.key() } else { theme.ground() };
        put(buffer, area, area.x, y, &text::left(&answering[j], usize::from(WORD) - 1), style);
        for (n, (list, ranks)) in lists.iter().enumerate() {
            let largest = list.iter().fold(0.0_f64, |m, x| m.max(*x));
            let share = if largest > 0.0 { list[j] / largest } else { 0.0 };
            let bar = "█".repeat((share * BAR).round() as usize);
            let x = put(
                buffer,
                area,
                area.x + WORD + n as u16 * NUMBER,
                y,
                &format!("{:.2} #{:<3} ", list[j], ranks[j]),
                style,
            );
            put(buffer, area, x, y, &bar, theme.role(Role::Weight));
        }
    }
    let y = area.y + 4 + order.len().min(room) as u16;
    let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    let correlation = |r: Option<f64>| r.map_or_else(|| view.say(&Text::new("没法比", "undefined")), short);
    let (a, b) = (correlation(reasons.weights_norms), correlation(reasons.weights_effects));
    let mut words = vec![match model.settings.lang {
        Lang::Zh => format!("名次相关（斯皮尔曼）：权重与 ‖权重·v·W_o‖ {a}，权重与拿掉的效果 {b}。"),
        Lang::En => {
            format!("Rank correlation (Spearman): weight with ‖weight·v·W_o‖ {a}, weight with what is missing {b}.")
        }
    }];
    words.push(match (reasons.disagreement, model.settings.lang) {
        (None, Lang::Zh) => "三种排法在这里说的是一回事。".to_owned(),
        (None, Lang::En) => "Here weight and effect put the words in the same order.".to_owned(),
        (Some((j, by_weight, by_effect)), Lang::Zh) => {
            format!("最不一致的是「{}」：按权重排第 {by_weight}，按拿掉的效果排第 {by_effect}。", answering[j])
        }
        (Some((j, by_weight, by_effect)), Lang::En) => {
            format!(
                "They disagree most about {}: number {by_weight} by weight, number {by_effect} by effect.",
                answering[j]
            )
        }
    });
    words.push(view.say(&Text::new(
        "权重只说从哪里取，不说取来的是什么、后面用没用上：权重高，证明不了它就是原因。",
        "A weight says where something was taken from, not what was taken or whether it was used: a high weight does not prove a cause.",
    )));
    view.tell(&words, below, buffer);
}
