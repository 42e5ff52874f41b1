//! The last page: what came in, what went out, what was not drawn, and where to go on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::fit::{Line, Part};
use super::panel::{Light, Panel, Scene};
use super::places::Places;
use super::signs;
use crate::app::{Model, Page};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Slot;
use crate::ui::theme::Lit;
use crate::ui::widgets::put;

/// What went in and what came out, by their own names.
pub(super) fn title(model: &Model) -> Text {
    let named = |slot| (model.symbol_here(slot), model.label(slot).title);
    let (came, went) = (came_in(model).map(named), model.tensors(Page::End).first().copied().map(named));
    let (Some((came, came_title)), Some((went, went_title))) = (came, went) else {
        return Text::new("走完了", "The end");
    };
    let named = |symbol: &str, title: &str, beside: &str| {
        if title == symbol { title.to_owned() } else { format!("{title}{beside}") }
    };
    let zh = |symbol: &str, title: &Text| named(symbol, &title.zh, &format!(" {symbol}"));
    let en = |symbol: &str, title: &Text| named(symbol, &title.en, &format!(" ({symbol})"));
    Text::owned(
        format!("走完了：进去的是{}，出来的是{}", zh(&came, &came_title), zh(&went, &went_title)),
        format!("The end: {} went in, {} came out", en(&came, &came_title), en(&went, &went_title)),
    )
}

/// What the first and the last page are about where there is no attention: before and behind the layers of a model.
pub(super) fn outside_layers(model: &Model) -> Text {
    if model.section().stages.start == 0 {
        Text::new("词元怎么变成第一层收到的向量？", "How do tokens become the vectors that the first layer receives?")
    } else {
        Text::new("模型从最后的向量里读出什么？", "What does the model read out of the last vectors?")
    }
}

/// The tensor that the words came in with.
fn came_in(model: &Model) -> Option<Slot> {
    model.words().first().copied()
}

/// What came in, and what went out.
pub(super) fn picture(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let model = scene.model;
    let last = model.address();
    let row = |slot| {
        let cols = model.program().shape(slot).cols.len;
        Panel::new(model, slot, Light::Sources((0..cols).map(|col| ((last.cell.row, col), Lit::Source)).collect()))
    };
    let mut parts: Vec<Part> = came_in(model).into_iter().map(row).map(Part::Panel).collect();
    parts.push(Part::Sign("→".to_owned()));
    parts.push(Part::Panel(Panel::new(model, last.slot, Light::Cursor(last.cell.row, last.cell.col))));
    Line::fit(scene, parts, (area.width, area.height)).draw(scene, area, buffer);
}

/// What was not drawn, and where to go on.
pub(super) fn words(scene: Scene, places: &Places, buffer: &mut Buffer) {
    let model = scene.model;
    let area = places.words;
    let mut y = area.y + 1;
    for (words, style) in [(left_out(model), scene.theme.ground()), (onwards(model), scene.theme.key())] {
        for line in text::wrap(&signs(model, model.say(&words)), usize::from(area.width)) {
            put(buffer, area, area.x, y, &line, style);
            y += 1;
        }
        y += u16::from(area.height > 8);
    }
}

fn left_out(model: &Model) -> Text {
    let drawn = !model.program().kind().is_imported();
    if model.layer().is_some() && drawn {
        return if model.folded() > 0 {
            Text::new(
                "折起来没走的：残差、归一化、前馈网络，按 F 展开。) 到下一层，B 看所有的层。",
                "Folded, not walked: the residual, the norms and the feed-forward network; F unfolds them. ) goes to the \
                 next layer, B to the map of all.",
            )
        } else {
            Text::new(
                "一层就是这些，没有别的了。) 到下一层，B 看所有的层。",
                "This is all that a layer does. ) goes to the next layer, B to the map of all.",
            )
        };
    }
    if model.program().layers() > 0 && drawn {
        return Text::new("( ) 到别的层，B 看所有的层。", "( ) goes to other layers, B to the map of all.");
    }
    Text::new(
        "这里没画的：真正的 Transformer 还会把结果加回 h（残差），做归一化，过一个前馈网络，一层层重复下去；那里的 W 是训练出来的。",
        "Not drawn here: a real Transformer adds the result back to h (the residual), normalizes it, passes it through a \
         feed-forward network, and repeats all this layer by layer; and its W are learned by training.",
    )
}

fn onwards(model: &Model) -> Text {
    let heads = model.program().heads() > 1;
    Text::owned(
        format!(
            "接着试：/ 自己的句子{}  S 如果……会怎样  d 为什么除以 √d  K 显卡怎么算  R 谁算得快  g 考考自己  ` 从头再来",
            if heads { "  H 看各个头" } else { "" }
        ),
        format!(
            "Go on: / your own sentence{}  S what if  d why √d  K the GPU at work  R who is faster  g a question  ` first page",
            if heads { "  H the heads" } else { "" }
        ),
    )
}
