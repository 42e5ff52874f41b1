//! Words of any script as names of rows and columns: every number stays in its place.

use proptest::prelude::*;
use qkv::app::palette::Palette;
use qkv::app::{Key, Message, Settings};
use qkv::ground::lang::{Lang, Text};
use qkv::ground::text::columns;
use qkv::source::sample::{HeadCard, Sample};
use qkv::ui::{Depth, SMALLEST};
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use crate::scene::{SETTINGS, Scene};

/// What names are made of: Chinese, English, Korean, Thai with its marks, Arabic, Hebrew, emoji of every kind.
const PARTS: [&str; 18] = [
    "我",
    "天安门",
    "word",
    "a",
    " ",
    "한국",
    "ก็",
    "سلام",
    "שלום",
    "e\u{301}",
    "😀",
    "👩\u{200d}🚀",
    "🇨🇳",
    "👍🏽",
    "é",
    "ﾊﾟ",
    "…",
    "—",
];

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(0..PARTS.len(), 1..7).prop_map(|parts| parts.iter().map(|&n| PARTS[n]).collect())
}

/// Where one looks from.
#[derive(Debug, Clone)]
struct View {
    page: usize,
    head: usize,
    moves: Vec<usize>,
    settings: Settings,
}

fn view() -> impl Strategy<Value = View> {
    let settings =
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(zh, light, ascii, random)| {
            let lang = if zh { Lang::Zh } else { Lang::En };
            Settings { lang, palette: Palette::on(light), ascii, random, ..SETTINGS }
        });
    let moves = prop::collection::vec(0..4usize, 0..6);
    (0..13usize, 0..4usize, moves, settings).prop_map(|(page, head, moves, settings)| View {
        page,
        head,
        moves,
        settings,
    })
}

/// The smaller samples, whose words and dimensions are named at will.
fn sample(which: usize) -> Sample {
    let small = Sample::names().filter(|name| *name != Sample::BATCH);
    let names: Vec<_> = small.collect();
    Sample::builtin(names[which % names.len()]).unwrap().unwrap()
}

/// The sample with other names, as many as it needs.
fn renamed(sample: &Sample, names: &[String]) -> Sample {
    let mut next = names.iter().cycle().cloned();
    let mut words = |n: usize| (0..n).map(|_| next.next().unwrap()).collect::<Vec<_>>();
    let tokens = words(sample.tokens.len());
    let memory_tokens = words(sample.memory_tokens.len());
    let query_token = words(1).remove(0);
    let mut texts = |n: usize| words(n).into_iter().map(Text::same).collect::<Vec<_>>();
    let dimensions = texts(sample.dimensions.len());
    let heads = (sample.heads.iter())
        .map(|card| HeadCard {
            name: card.name.as_ref().map(|_| texts(1).remove(0)),
            intent: card.intent.clone(),
            features: texts(card.features.len()),
            values: texts(card.values.len()),
        })
        .collect();
    Sample { tokens, memory_tokens, query_token, dimensions, heads, gloss: Vec::new(), ..sample.clone() }
}

/// The same view of a sample.
fn look(sample: Sample, view: &View) -> Scene {
    let mut scene = Scene::new(sample, view.settings);
    let arrows = [Key::Up, Key::Down, Key::Left, Key::Right];
    let keys = std::iter::repeat_n(Key::Char('n'), view.page)
        .chain(std::iter::repeat_n(Key::Char('.'), view.head))
        .chain(view.moves.iter().map(|&n| arrows[n]));
    keys.for_each(|key| scene.tell(Message::Key(key)));
    scene
}

/// The column of the line between the stages and the picture.
fn separator(buffer: &Buffer) -> u16 {
    if buffer.area.width >= 110 { 20 } else { 13 }
}

/// The columns of a row where a glyph begins: a wide one covers the cell after it.
fn visible(buffer: &Buffer, y: u16) -> Vec<u16> {
    let inside = |x: &u16| *x < buffer.area.width;
    let after = |&x: &u16| Some(x + (columns(buffer[(x, y)].symbol()) as u16).max(1)).filter(inside);
    std::iter::successors(Some(0).filter(inside), after).collect()
}

/// No glyph covers another, the last one of every row ends at the right edge, and the line beside the stages is straight.
fn right_edge_holds(buffer: &Buffer) -> Result<(), TestCaseError> {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        let visible = visible(buffer, y);
        for (n, &x) in visible.iter().enumerate() {
            let symbol = buffer[(x, y)].symbol();
            prop_assert!(columns(symbol) > 0, "row {y}, column {x} holds {symbol:?}, which has no width");
            let end = x + columns(symbol) as u16;
            prop_assert_eq!(visible.get(n + 1).copied().unwrap_or(area.width), end, "row {} ends elsewhere", y);
            for covered in x + 1..end {
                let under = buffer[(covered, y)].symbol();
                prop_assert!(under == " ", "row {y}: {symbol:?} in column {x} covers {under:?}");
            }
        }
        // Below the header and the formula, above the verdict and the keys.
        if y > 1 && y + 2 < area.bottom() {
            let x = separator(buffer);
            let line = buffer[(x, y)].symbol();
            prop_assert!(visible.contains(&x) && ["│", "|"].contains(&line), "row {y}: {line:?} in place of the line");
        }
    }
    Ok(())
}

/// The coloured cells of a picture, with what is written in them.
fn numbers(buffer: &Buffer) -> Vec<(u16, u16, Color, String)> {
    let area = buffer.area;
    // The last cell beside the formula is always bare.
    let ground = buffer[(area.right() - 1, 1)].bg;
    let picture = (area.top() + 4..area.bottom() - 2)
        .flat_map(|y| visible(buffer, y).into_iter().filter(|&x| x > separator(buffer)).map(move |x| (x, y)));
    picture
        .map(|(x, y)| (x, y, buffer[(x, y)].bg, buffer[(x, y)].symbol().to_owned()))
        .filter(|(_, _, colour, _)| *colour != ground)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Names are compared with plain letters of the same width: every coloured cell stays where it is.
    #[test]
    fn names_move_no_number(names in prop::collection::vec(name(), 1..12), which in 0..4usize, view in view()) {
        // The first page shows words, not cells.
        prop_assume!(view.page > 0);
        let sample = sample(which);
        let plain: Vec<String> = names.iter().map(|name| "n".repeat(columns(name))).collect();
        let foreign = look(renamed(&sample, &names), &view);
        let plain = look(renamed(&sample, &plain), &view);
        for size in [SMALLEST, (120, 36), (200, 55)] {
            let (shown, meant) = (foreign.draw(Depth::True, size), plain.draw(Depth::True, size));
            right_edge_holds(&shown)?;
            prop_assert!(!numbers(&shown).is_empty(), "there are numbers on the screen");
            prop_assert_eq!(numbers(&shown), numbers(&meant), "{:?}", size);
        }
    }

    /// Any size, any depth of colour.
    #[test]
    fn every_size_is_drawn(
        names in prop::collection::vec(name(), 1..12),
        which in 0..4usize,
        view in view(),
        depth in prop::sample::select(vec![Depth::True, Depth::Indexed, Depth::Sixteen, Depth::None]),
        sizes in prop::collection::vec((0..=250u16, 0..=80u16), 8),
        over in prop::sample::select(vec!['z', '?', 'o', ':']),
    ) {
        let mut scene = look(renamed(&sample(which), &names), &view);
        scene.tell(Message::Key(Key::Char(over)));
        if over == ':' {
            scene.tell(Message::Paste(names.concat()));
        }
        for size in sizes {
            let buffer = scene.draw(depth, size);
            if over == 'z' && size.0 >= SMALLEST.0 && size.1 >= SMALLEST.1 {
                right_edge_holds(&buffer)?;
            }
        }
    }
}
