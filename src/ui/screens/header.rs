//! The first line: what is shown, where its weights come from, and its sizes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::signs;
use crate::app::Model;
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::ground::text::Lens;
use crate::program::{Kind, Name};
use crate::ui::theme::Theme;
use crate::ui::widgets::put;

pub(super) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    buffer.set_style(area, theme.bar());
    let origin = model.caption().origin.label();
    let lang = model.settings.lang;
    let seed = model.caption().seed.map_or_else(String::new, |n| match lang {
        Lang::Zh => format!("，种子 {n}"),
        Lang::En => format!(", seed {n}"),
    });
    let apart = model.say(&Text::new("，", ", ")).to_owned();
    let switches = model.caption().switches.iter().fold(String::new(), |all, words| all + &apart + model.say(words));
    let x = put(buffer, area, area.x + 1, area.y, "qkv", theme.strong().patch(theme.bar()));
    let sizes = sizes(model);
    let room = usize::from(area.right().saturating_sub(x + 2)).saturating_sub(text::columns(&sizes) + 3);
    let edited = if model.caption().edited { Text::new("（改过）", " (edited)") } else { Text::new("", "") };
    let random = model.caption().random.map_or_else(String::new, |words| format!("{apart}{}", model.say(&words)));
    let origin = format!("{}{seed}{random}{switches}{}", model.say(&origin), model.say(&edited));
    // The sentence keeps a third of the line; what does not fit beside it is left out.
    let all = usize::from(area.right().saturating_sub(x + 2)).saturating_sub(text::columns(&origin) + 3);
    let room = room.saturating_sub(text::columns(&origin) + 3).max(usize::from(area.width) / 3);
    let sentence = &model.material.sample.text;
    let shown = signs(model, &text::shortened(sentence, room));
    let x = put(buffer, area, x + 2, area.y, &shown, theme.strong().patch(theme.bar()));
    // The name of a model gives way to its sizes, a meaning does not: those stand beside every matrix.
    let whole = text::columns(sentence);
    let name = named(model).filter(|name| whole + text::columns(name) + text::columns(&sizes) + 3 <= all);
    let meaning = name.or_else(|| foreign(model).filter(|words| whole + text::columns(words) <= all));
    let x = meaning.map_or(x, |words| put(buffer, area, x, area.y, &words, theme.bar()));
    let x = put(buffer, area, x + 3, area.y, &origin, theme.bar());
    if text::columns(&sizes) as u16 + 3 <= area.right().saturating_sub(x) {
        put(buffer, area, x + 3, area.y, &sizes, theme.bar());
    }
}

/// `  (all-MiniLM-L6-v2)`: the model that has read the sentence.
fn named(model: &Model) -> Option<String> {
    let sample = &model.material.sample;
    sample.model.as_ref()?;
    let name = signs(model, model.say(&sample.title));
    Some(match model.settings.lang {
        Lang::Zh => format!("（{name}）"),
        Lang::En => format!("  ({name})"),
    })
}

/// `  (I, love, Beijing, Tiananmen)`: in English, what the words of a sentence in another script mean, one by one, or else its
/// title.
fn foreign(model: &Model) -> Option<String> {
    let sample = &model.material.sample;
    if model.settings.lang != Lang::En || sample.text.is_ascii() || sample.model.is_some() {
        return None;
    }
    if !sample.gloss.is_empty() {
        return Some(format!("  ({})", sample.gloss.join(", ")));
    }
    (sample.title.en != sample.text).then(|| format!("  ({})", sample.title.en))
}

/// `4 words × 8 dims × 4 heads`
fn sizes(model: &Model) -> String {
    let program = model.program();
    let handed = model.words().first().map(|&slot| program.shape(slot));
    let asked = program.find(None, Name::H).map(|slot| program.shape(slot)).or(handed);
    let words = asked.map_or(0, |shape| shape.rows.len);
    let memory = program.find(None, Name::M).map(|s| program.shape(s).rows.len);
    let dims = asked.map_or(0, |shape| shape.cols.len);
    let (heads, batch) = (program.heads(), program.batch());
    let lang = model.settings.lang;
    let mut parts = Vec::new();
    if batch > 1 {
        parts.push(match lang {
            Lang::Zh => format!("{batch} 句"),
            Lang::En => format!("{batch} sentences"),
        });
    }
    parts.push(match (lang, memory, program.kind().has_one_query()) {
        (Lang::Zh, Some(m), _) => format!("{words} 词问 {m} 词"),
        (Lang::En, Some(m), _) => format!("{words} words ask {m}"),
        (Lang::Zh, None, true) => format!("1 个查询看 {words} 词"),
        (Lang::En, None, true) => format!("1 query over {words} words"),
        (Lang::Zh, ..) if program.layers() > 0 => format!("{words} 词元"),
        (Lang::En, ..) if program.layers() > 0 => format!("{words} tokens"),
        // Tokens are called after the way the sentence is cut.
        (Lang::Zh, ..) => match model.material.lens {
            Lens::Words => format!("{words} 词"),
            Lens::Characters => format!("{words} 字"),
            Lens::Bytes => format!("{words} 字节"),
        },
        (Lang::En, ..) => match model.material.lens {
            Lens::Words => format!("{words} words"),
            Lens::Characters => format!("{words} characters"),
            Lens::Bytes => format!("{words} bytes"),
        },
    });
    // Attention alone has no vectors.
    if program.kind() != Kind::ImportedAttention {
        parts.push(match lang {
            Lang::Zh => format!("{dims} 维"),
            Lang::En => format!("{dims} dims"),
        });
    }
    if program.layers() > 0 {
        let layers = program.layers();
        parts.push(match lang {
            Lang::Zh => format!("{layers} 层"),
            Lang::En => format!("{layers} layers"),
        });
    }
    parts.push(match (lang, heads) {
        (Lang::Zh, _) => format!("{heads} 头"),
        (Lang::En, 1) => "1 head".into(),
        (Lang::En, _) => format!("{heads} heads"),
    });
    parts.join(" × ")
}
