//! The walk: the stages at the left, the picture of one stage, its arithmetic and its words.
//!
//! ```text
//!  qkv  我爱北京天安门   designed weights   4 words × 8 dims × 4 heads
//!  1 H      |  5 scores  scores = Q · Kᵀ   (4×2) · (2×4) = (4×4)
//!  2 Q      |  head 1  [head 2]  head 3  head 4
//!  …        |
//! ▸5 scores |  picture
//!  …        |
//!           |  scores.2[2,4] = q(爱)·k(天安门) = 2×2 + 0×0 = 4
//!           |  what happens here, and what to look at
//!           |  the same stage in every head; what it is used for next
//!  ✓ 1.2e-7  Vulkan llvmpipe
//!  n next  b back  …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::fit::Line;
use super::panel::{Light, Panel, Scene};
use super::places::{Places, SMALL_ROWS};
use super::set::Set;
use super::{beginning, end, footer, formula, header, lesson, picture, predictions, reading, signs};
use crate::app::windows::Window;
use crate::app::{Model, Page, Target};
use crate::explain::{self, Piece};
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::math::tensor::Axis;
use crate::program::{Name, Stage};
use crate::ui::targets::Targets;
use crate::ui::theme::Theme;
use crate::ui::widgets::{below, fitting, flow, put};

/// Draws the whole walk.
pub(in crate::ui) fn draw(model: &Model, theme: Theme, targets: &Targets, area: Rect, buffer: &mut Buffer) {
    let places = Places::of(model, area);
    header::draw(model, theme, places.header, buffer);
    formula::draw(model, theme, places.formula, buffer);
    stages((model, theme, targets), places.stages, buffer);
    let line = places.divider;
    for y in line.top()..line.bottom() {
        put(buffer, line, line.x, y, "│", theme.dim());
    }
    stage((model, theme, targets), &places, buffer);
    let folded = places.folds() && model.windows.iter().any(Window::docks);
    lesson::draw((model, theme, targets), (places.lesson, folded), buffer);
    footer::verdict(model, theme, places.verdict, buffer);
    footer::keys((model, theme, targets), places.keys, buffer);
}

/// The list of stages, with where we are.
fn stages((model, theme, targets): (&Model, Theme, &Targets), area: Rect, buffer: &mut Buffer) {
    for position in 0..model.pages() {
        let Some(page) = model.page_at(position) else { continue };
        let y = area.y + position as u16;
        let here = position == model.position();
        let row = Rect { y, height: 1, ..area }.intersection(area);
        targets.note(row, Target::Page(position));
        if here {
            buffer.set_style(row, theme.chosen());
        }
        let mark = if here { "▸" } else { " " };
        let style = if here { theme.strong() } else { theme.dim() };
        let named = match page {
            Page::Beginning => Some(Text::new("一句话", "sentence")),
            Page::End => Some(Text::new("回头看", "summary")),
            Page::Words | Page::Stage(_) => None,
        };
        if let Some(words) = named {
            put(buffer, area, area.x, y, &format!("{mark}    {}", model.say(&words)), style);
            continue;
        }
        let Some(&slot) = model.tensors(page).first() else { continue };
        let label = model.label(slot);
        let x = put(buffer, area, area.x, y, &format!("{mark}{position:>2} "), style);
        let role = theme.role(label.role);
        let symbol = model.program().symbol(slot).name.to_string();
        let x = put(buffer, area, x, y, &symbol, if here { role.add_modifier(Modifier::BOLD) } else { role });
        let title = model.say(&label.title);
        let column = area.x + 12;
        let fits = column + text::columns(title) as u16 <= area.right() && x < column;
        if fits && title != symbol {
            put(buffer, area, column, y, title, theme.dim());
        }
    }
    let folded = model.folded();
    if model.program().layers() > 0 {
        let y = area.y + model.pages() as u16 + 1;
        let words = match (model.settings.lang, folded) {
            (Lang::Zh, 0) => "F 收起".to_owned(),
            (Lang::En, 0) => "F folds".to_owned(),
            (Lang::Zh, n) => format!("F 展开 {n} 步"),
            (Lang::En, n) => format!("F unfolds {n}"),
        };
        let some = model.layer().is_some();
        if some {
            put(buffer, area, area.x + 1, y, &words, theme.dim());
        }
        let all = model.program().layers();
        let layer = match (model.settings.lang, model.layer()) {
            (Lang::Zh, Some(layer)) => format!("( ) 第 {}/{all} 层", layer.0 + 1),
            (Lang::En, Some(layer)) => format!("( ) layer {}/{all}", layer.0 + 1),
            (Lang::Zh, None) => "( ) 换层".to_owned(),
            (Lang::En, None) => "( ) layers".to_owned(),
        };
        put(buffer, area, area.x + 1, y + 1, &layer, theme.key());
    } else if model.has_sections() {
        let y = area.y + model.pages() as u16 + 1;
        let here = model.section().direction;
        let words = format!("( ) {}", model.say(&here.title()));
        put(buffer, area, area.x + 1, y, &words, theme.key());
    }
}

/// The page: title, heads, picture, arithmetic, words, and what else there is room for.
fn stage((model, theme, targets): (&Model, Theme, &Targets), places: &Places, buffer: &mut Buffer) {
    title(model, theme, places.title, buffer);
    heads((model, theme, targets), places.heads, buffer);
    let Some(trace) = model.trace() else {
        let waiting = match model.settings.lang {
            Lang::Zh => "正在计算……",
            Lang::En => "computing ...",
        };
        put(buffer, places.picture, places.picture.x, places.picture.y, waiting, theme.dim());
        return;
    };
    let spoken_of = model.spoken_of();
    let scene = Scene { model, trace, shown: model.shown().unwrap_or(trace), theme, targets, spoken_of: &spoken_of };
    if let Some(slot) = predictions::predicted(model).filter(|_| !model.view.page.shows_tensors()) {
        return predictions::draw(scene, slot, places.picture, buffer);
    }
    match model.view.page {
        Page::Beginning if model.find(Name::Weights).is_none() => return explanation(scene, places.words, buffer),
        Page::Beginning => {
            beginning::links(scene, places.picture, buffer);
            beginning::steps(scene, places, buffer);
            if places.more.height > 0 && model.program().heads() > 1 {
                every_head(scene, places.more, buffer);
            }
            return;
        }
        Page::End => {
            end::picture(scene, places.picture, buffer);
            return end::words(scene, places, buffer);
        }
        Page::Words | Page::Stage(_) => {}
    }
    picture::draw(scene, places.picture, buffer);
    explanation(scene, places.words, buffer);
    let made = model.tensors(model.view.page)[0];
    let has_heads = model.program().shape(made).heads.is_some_and(|h| h > 1);
    let mut more = places.more;
    if more.height > 0 && has_heads {
        let used = every_head(scene, more, buffer);
        more = below(more, used);
    }
    if more.height > 3 {
        consumers(scene, more, buffer);
    }
}

/// `5 scores 打分   scores = Q · Kᵀ   (4×2) · (2×4) = (4×4)`
fn title(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let asked = match model.view.page {
        // Before and behind the layers of a model nobody looks at anybody.
        Page::Beginning | Page::End if model.find(Name::Weights).is_none() => Some(end::outside_layers(model)),
        Page::Beginning => Some(beginning::question(model)),
        Page::End => Some(end::title(model)),
        Page::Words | Page::Stage(_) => None,
    };
    if let Some(words) = asked {
        let style = theme.key();
        put(buffer, area, area.x, area.y, &text::shortened(&signs(model, model.say(&words)), area.width.into()), style);
        return;
    }
    let slot = model.tensors(model.view.page)[0];
    let label = model.label(slot);
    let (symbol, title) = (model.symbol_here(slot), model.say(&label.title));
    let name = if title == symbol { symbol } else { format!("{symbol} {title}") };
    let x = put(buffer, area, area.x, area.y, &name, theme.role(label.role).add_modifier(Modifier::BOLD));
    let badge = reading::badge(model);
    let formula = signs(model, badge.as_deref().unwrap_or(&label.formula));
    let gap = if formula.is_empty() { 0 } else { 3 };
    let style = if badge.is_some() { theme.key() } else { theme.strong() };
    let x = put(buffer, area, x + gap, area.y, &formula, style);
    let area = slow_motion(model, theme, (area, x), buffer);
    let shapes = signs(model, &picture::shapes(model));
    if text::columns(&shapes) as u16 + 3 <= area.right().saturating_sub(x) {
        put(buffer, area, x + 3, area.y, &shapes, theme.dim());
    }
}

/// `▸ by term 3/48, 4 a second`: the size of a step, how far it has come, and the keys where there is room; at the right. Returns
/// what is left of the line.
fn slow_motion(model: &Model, theme: Theme, (area, x): (Rect, u16), buffer: &mut Buffer) -> Rect {
    let Some((done, all)) = model.progress() else { return area };
    let (lang, stepping) = (model.settings.lang, &model.stepping);
    let (size, speed) = (model.say(&stepping.step_size.label()).to_owned(), stepping.speed());
    let mut words = vec![match lang {
        Lang::Zh => format!("{size} · 第 {done}/{all} 步"),
        Lang::En => format!("{size}, {done}/{all}"),
    }];
    let keys = match (stepping.playing, lang) {
        (true, Lang::Zh) => format!("每秒 {speed} 步  {{ 慢 }} 快  空格暂停"),
        (true, Lang::En) => format!("{speed} a second  {{ slower }} faster  Space pauses"),
        (false, Lang::Zh) => "n 进  b 退  空格播放  s 步长  Esc 全显示".to_owned(),
        (false, Lang::En) => "n forward  b back  Space plays  s step size  Esc all".to_owned(),
    };
    if stepping.playing {
        words[0] = format!("▶ {}", words[0]);
    }
    let few = match lang {
        Lang::Zh => "n b 空格 s",
        Lang::En => "n b Space s",
    };
    words.extend([few, keys.as_str()].map(|keys| format!("{}   {keys}", words[0])));
    let room = usize::from(area.right().saturating_sub(x + 3));
    let Some(words) = words.iter().rev().find(|words| text::columns(words) <= room) else { return area };
    let at = area.right() - text::columns(words) as u16;
    put(buffer, area, at, area.y, words, theme.key());
    Rect { width: at.saturating_sub(area.x + 1), ..area }
}

/// `head 1  [2 action → object]  3 …`, and the sentence of a batch.
fn heads((model, theme, targets): (&Model, Theme, &Targets), area: Rect, buffer: &mut Buffer) {
    let (lang, count) = (model.settings.lang, model.program().heads());
    let mut x = area.x;
    if model.program().batch() > 1 {
        let (n, of) = (model.view.cursor.batch + 1, model.program().batch());
        let words = match lang {
            Lang::Zh => format!("第 {n}/{of} 句   "),
            Lang::En => format!("sentence {n}/{of}   "),
        };
        x = put(buffer, area, x, area.y, &words, theme.strong());
    }
    if count < 2 || model.find(Name::Scores).is_none() {
        return;
    }
    let word = match lang {
        Lang::Zh => "头 ",
        Lang::En => "head ",
    };
    x = put(buffer, area, x, area.y, word, theme.dim());
    let here = head_in_view(model);
    let name = |head: usize, full: bool| {
        let card = model.head_name(head).filter(|_| full && model.page_has_attention());
        card.map_or_else(|| format!(" {} ", head + 1), |name| format!(" {} {} ", head + 1, name.get(lang)))
    };
    // Every head's name where they fit, else only that of the head that is shown.
    let all: usize = (0..count).map(|h| text::columns(&name(h, true)) + 1).sum();
    let full = all <= usize::from(area.right().saturating_sub(x));
    for head in 0..count {
        let chosen = here == Some(head);
        let style = if chosen { theme.chosen() } else { theme.dim() };
        let right = put(buffer, area, x, area.y, &name(head, full || chosen), style);
        targets.note(Rect { x, width: right - x, height: 1, ..area }, Target::Head(head));
        x = right + 1;
    }
}

/// The head that the number under the cursor belongs to: the one that is shown, of concat the one whose column it is.
fn head_in_view(model: &Model) -> Option<usize> {
    let Page::Stage(index) = model.view.page else { return Some(model.view.cursor.head) };
    let stage = &model.program().stages()[index];
    if stage.shape.heads.is_some() {
        return Some(model.view.cursor.head.min(model.program().heads() - 1));
    }
    let sources = model.program().sources(stage, model.result(index).cell);
    let from = sources.terms.first()?.factors.first()?;
    model.program().shape(stage.operands[from.input]).heads.map(|_| from.cell.head)
}

/// Words in more lines than these stand apart from the arithmetic.
const SHORT: u16 = 8;

/// The arithmetic of the number under the cursor, what the stage does, and what to look at.
fn explanation(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let Scene { model, trace, theme, .. } = scene;
    let names = model.names();
    // As many terms as two lines hold; the result is never what is left out.
    let partial = model.partial().filter(|_| model.view.focus == 0);
    let spelled = |most| match partial {
        Some(u) => u.ticks.told(u.at, &names, most),
        None => explain::arithmetic_of(model.program(), trace, model.address(), &names, most),
    };
    // What a question is about to ask for is not told beside it.
    let asks = model.view.covers_something();
    let pieces = if model.view.covers(model.address()) {
        let (name, role) = (model.address().display(model.program()), model.label(model.slot()).role);
        vec![Piece { text: name, role: Some(role) }, Piece { text: " = ?".to_owned(), role: None }]
    } else {
        reading::line(scene).unwrap_or_else(|| fitting(spelled, &[8, 3, 2, 1, 0], (area.width, 2)))
    };
    let pieces: Vec<Piece> =
        pieces.into_iter().map(|piece| Piece { text: signs(model, &piece.text), ..piece }).collect();
    let mut y = area.y + 1;
    y = flow(&pieces, theme, Rect { y, height: 2.min(area.height.saturating_sub(1)), ..area }, buffer);
    if area.height > SHORT {
        y += 1;
    }
    let looking = explain::look(model.program(), trace, model.address(), &names);
    let label = model.label(model.slot());
    // What a row comes to is not told before it is there.
    let there = !asks && partial.is_none_or(|u| u.ticks.row_is_done(u.at));
    let mut paragraphs = Vec::new();
    if let Some(says) = reading::says(model) {
        paragraphs.extend(says.into_iter().map(|words| (words, theme.ground())));
    } else {
        paragraphs.push((model.say(&label.says).to_owned(), theme.ground()));
        paragraphs.extend((there && !looking.is_empty()).then_some((looking, theme.strong())));
    }
    if !asks {
        paragraphs.extend(model.moved_words().map(|words| (model.say(&words).to_owned(), theme.key())));
        paragraphs.extend(aside(model).into_iter().map(|words| (words, theme.dim())));
    }
    for (n, (words, style)) in paragraphs.into_iter().enumerate() {
        let extra = n > 1;
        let lines = text::wrap(&signs(model, &words), usize::from(area.width));
        // What does not fit whole is left out, but for the first two.
        if y + lines.len() as u16 > area.bottom() && (extra || model.lesson().is_some()) {
            break;
        }
        for line in lines {
            put(buffer, area, area.x, y, &line, style);
            y += 1;
        }
    }
}

/// What is good to know where there is room: where a given number comes from, and what the head is meant for.
fn aside(model: &Model) -> Vec<String> {
    let address = model.address();
    let given = model.program().made_by(address.slot).is_none();
    let origin = given.then(|| (address.display(model.program()), model.number_origin(address).says()));
    let origin = origin.map(|(name, says)| match model.settings.lang {
        Lang::Zh => format!("{name}：{}。", says.zh),
        Lang::En => format!("{name}: {}.", says.en),
    });
    let mut lines: Vec<String> = origin.into_iter().collect();
    let made = model.program().shape(model.tensors(model.view.page)[0]);
    let head = made.heads.filter(|_| model.page_has_attention()).map(|_| model.view.cursor.head);
    let intent = head.and_then(|head| model.head_intent(head));
    lines.extend(intent.map(|intent| model.say(&intent).to_owned()));
    lines
}

/// The result of this stage in every head, side by side. Returns the lines it took.
fn every_head(scene: Scene, area: Rect, buffer: &mut Buffer) -> u16 {
    let Scene { model, theme, .. } = scene;
    let words = match model.settings.lang {
        Lang::Zh => "同一步，每个头各算各的：",
        Lang::En => "the same step in every head, each on its own:",
    };
    put(buffer, area, area.x, area.y, words, theme.dim());
    let Some(stage) = model.stage() else { return 0 };
    let address = model.result(stage);
    let panels = (0..model.program().heads()).map(|head| {
        let here = head == address.cell.head;
        let light = if here { Light::Cursor(address.cell.row, address.cell.col) } else { Light::Even };
        let mut panel = Panel::new(model, address.slot, light);
        let card = model.head_name(head).filter(|_| model.page_has_attention());
        let name = card.map_or_else(String::new, |n| format!(" {}", n.get(model.settings.lang)));
        panel.name = Some(format!("{}{name}", head + 1));
        panel.head = head;
        // All show the same part, so that they can be compared.
        panel.around = Some((address.cell.row, address.cell.col));
        panel
    });
    row_of(scene, panels.collect(), address.cell.head, below(area, 1), buffer) + 2
}

/// The stages that go on with what this one made.
fn consumers(scene: Scene, area: Rect, buffer: &mut Buffer) {
    let Scene { model, theme, .. } = scene;
    let made = model.tensors(model.view.page);
    let uses = |stage: &Stage| stage.operands.iter().any(|slot| made[..1].contains(slot));
    // Of a whole vocabulary no small picture can be made.
    let small = |stage: &Stage| stage.shape.cols.axis != Axis::Vocabulary;
    let stages = model.program().stages().iter().enumerate().filter(|(_, stage)| uses(stage) && small(stage));
    let panels: Vec<Panel> =
        stages.map(|(i, _)| Panel::new(model, model.program().output_of(i), Light::Even)).collect();
    if panels.is_empty() {
        return;
    }
    let words = match model.settings.lang {
        Lang::Zh => "接下来用在哪里：",
        Lang::En => "what it is used for next:",
    };
    put(buffer, area, area.x, area.y, words, theme.dim());
    row_of(scene, panels, 0, below(area, 1), buffer);
}

/// Small matrices in a row, all of them set alike: the closer, the more there are. Where even colours alone do not fit, as
/// many as do, among them the one at `keep`, and a word on the others. Returns the lines they took.
fn row_of(scene: Scene, panels: Vec<Panel>, keep: usize, area: Rect, buffer: &mut Buffer) -> u16 {
    let Scene { model, theme, .. } = scene;
    let sets: Vec<Set> = panels.into_iter().map(|panel| Set::new(scene, panel)).collect();
    let count = sets.len();
    let keep = keep.min(count.saturating_sub(1));
    let height = area.height.min(SMALL_ROWS + 3);
    let most = |room: usize| {
        let start = keep.saturating_sub(room / 2).min(count - room);
        (start, Line::alike(scene, &sets[start..start + room], (area.width, height)))
    };
    let fitting = (1..=count)
        .rev()
        .map(|room| (room, most(room)))
        .find(|(room, (_, line))| *room == 1 || line.fits(scene, area.width));
    let Some((room, (start, line))) = fitting else { return 0 };
    line.draw(scene, area, buffer);
    let used = line.height();
    if room == count {
        return used;
    }
    let words = match model.settings.lang {
        Lang::Zh => format!("共 {count} 个，这里是第 {}-{} 个", start + 1, start + room),
        Lang::En => format!("{}-{} of {count}", start + 1, start + room),
    };
    put(buffer, area, area.x, area.y + used, &words, theme.dim());
    used + 1
}
