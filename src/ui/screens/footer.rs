//! The last two lines: the ledger's verdict and who computed, then the keys that apply now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::app::keys::{self, Command, When};
use crate::app::{Key, Model, Status, StepSize, Target, words};
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::program::Kind;
use crate::ui::targets::Targets;
use crate::ui::theme::{Depth, Theme};
use crate::ui::widgets::put;

/// `✓ 与参考一致 1.2e-7   Vulkan llvmpipe …   软件模拟`, or a notice in its place.
pub(super) fn verdict(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(notice) = &model.notice {
        return say(model.say(&notice.text), notice.bad, theme, area, buffer);
    }
    buffer.set_style(area, theme.bar());
    let lang = model.settings.lang;
    let Some(run) = model.run().filter(|_| model.trace().is_some()) else { return };
    let worst = run.ledger.worst();
    let figure = worst.map_or_else(|| "0".to_owned(), |w| format!("{:.1e}", w.worst));
    let place = worst.map_or_else(String::new, |w| w.at.display(&run.program));
    let (mark, style) = if run.ledger.ok() { ("✓", theme.good()) } else { ("✗", theme.bad()) };
    let so_far = (!run.ledger.is_complete()).then(|| run.ledger.checked().percent());
    let words = match (run.ledger.ok(), lang) {
        (true, Lang::Zh) => match so_far {
            None => format!("{mark} 逐格核对过，最大误差 {figure}"),
            Some(so_far) => format!("{mark} 已核对 {so_far}%，最大误差 {figure}"),
        },
        (true, Lang::En) => match so_far {
            None => format!("{mark} every cell checked, worst error {figure}"),
            Some(so_far) => format!("{mark} {so_far}% checked so far, worst error {figure}"),
        },
        (false, Lang::Zh) => format!("{mark} 与参考不符：{place} 误差 {figure}"),
        (false, Lang::En) => format!("{mark} differs from the reference: {place} by {figure}"),
    };
    // Where something broke, that is more than who computed it: here first, else at the earliest stage.
    let here = model.alarms().iter().find(|alarm| alarm.at.slot == model.slot());
    let alarm = here.or(model.alarms().first()).map(|alarm| format!("! {}", model.say(&alarm.words(&run.program))));
    let cramped = |alarm: &String| text::columns(&words) + text::columns(alarm) + 4 > usize::from(area.width);
    let words = if alarm.as_ref().is_some_and(cramped) { format!("{mark} {figure}") } else { words };
    let x = put(buffer, area, area.x + 1, area.y, &words, style.patch(bar_only(theme)));
    if let Some(words) = alarm {
        put(buffer, area, x + 3, area.y, &words, theme.bad().patch(bar_only(theme)));
        return;
    }
    // What is cut says so.
    let mut last = |x: u16, words: &str| {
        let room = usize::from(area.right().saturating_sub(x + 1));
        put(buffer, area, x, area.y, &text::shortened(words, room), theme.bar())
    };
    let x = last(x + 3, model.say(&words::machine(&run.trace.by, model.is_wide())));
    last(x + 2, why_not_gpu(model).get(lang));
}

/// A line for the person. A long one grows upwards over the walk, so that nothing of it is lost.
pub(super) fn say(words: &str, bad: bool, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let lines = text::wrap(words, usize::from(area.width.saturating_sub(2)));
    let above = (lines.len() as u16).saturating_sub(1).min(area.y);
    let area = Rect { y: area.y - above, height: above + area.height, ..area };
    Clear.render(area, buffer);
    buffer.set_style(area, theme.ground().patch(theme.bar()));
    let style = if bad { theme.bad() } else { theme.good() };
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        put(buffer, area, area.x + 1, y, &line, style.patch(bar_only(theme)));
    }
}

/// The bar's ground without its letters.
fn bar_only(theme: Theme) -> ratatui::style::Style {
    match theme.depth {
        // A reversed bar would turn the letters' colour into its ground.
        Depth::Sixteen | Depth::None => ratatui::style::Style { fg: None, ..theme.bar() }.not_reversed(),
        _ => ratatui::style::Style { fg: None, ..theme.bar() },
    }
}

/// Why the CPU computes, where it does, and what would change that.
fn why_not_gpu(model: &Model) -> Text {
    match &model.status {
        Status::Opening => Text::new("正在打开显卡", "opening the adapter"),
        Status::None(_) => {
            Text::new("没有可用的显卡驱动；qkv doctor 告诉你装什么", "no adapter; qkv doctor says what to install")
        }
        Status::Open | Status::NotWanted => Text::new("", ""),
    }
}

/// The keys that apply now, as many as fit; quit and help always do.
pub(super) fn keys((model, theme, targets): (&Model, Theme, &Targets), area: Rect, buffer: &mut Buffer) {
    // A window that stands beside the picture has the keys.
    if let Some(window) = model.windows.top() {
        let line = keys::line(window.context(), model.settings.lang, usize::from(area.width.saturating_sub(2)));
        put(buffer, area, area.x + 1, area.y, &line, theme.key());
        return;
    }
    let applies = |when| match when {
        When::Always => true,
        When::ManyHeads => model.program().heads() > 1,
        When::ManyLayers => model.program().layers() > 0,
        When::ManySections => model.has_sections(),
        When::ManySentences => model.program().batch() > 1,
        When::ManyTensors => model.tensors(model.view.page).len() > 1,
        When::OwnSentence => model.material.original.takes_sentences().is_ok(),
        When::Output => model.program().kind() != Kind::ImportedAttention,
        When::SmallSteps => model.stepping.step_size != StepSize::Stage || area.width >= 110,
    };
    let arrows = Text::new("移动", "move");
    let hint = |b: &Command| Some((Some(b.keys[0]), b.keys[0].name(), model.say(b.short.as_ref()?).to_owned()));
    let mut hints: Vec<(Option<Key>, String, String)> =
        keys::here(model).into_iter().filter(|b| applies(b.when)).filter_map(hint).collect();
    hints.insert(2.min(hints.len()), (None, "←↑↓→".to_owned(), model.say(&arrows).to_owned()));
    let width = |(_, key, does): &(Option<Key>, String, String)| text::columns(key) + text::columns(does) + 3;
    // What matters least is dropped until the rest fits: the walk stands first, then what matters here; help and quit last.
    while hints.len() > 3 && hints.iter().map(width).sum::<usize>() > usize::from(area.width) {
        hints.remove(hints.len() - 3);
    }
    let mut x = area.x + 1;
    for (pressed, key, does) in hints {
        let right = put(buffer, area, x, area.y, &key, theme.key());
        let right = put(buffer, area, right + 1, area.y, &does, theme.dim());
        if let Some(pressed) = pressed {
            targets.note(Rect { x, width: right - x, ..area }, Target::Key(pressed));
        }
        x = right + 2;
    }
}
