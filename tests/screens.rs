//! The screens as pictures in text: every stage, both languages, the sizes people have.
//!
//! `cargo insta review` shows what changed. The CPU computes, so that the pictures are the same everywhere.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use house::{House, THEME, text};
use qkv::app::palette::PALETTES;
use qkv::app::{Key, Message, Page, update};
use qkv::ground::lang::Lang;
use qkv::session::{Answer, Kind};
use qkv::ui::{Depth, Theme};

#[test]
fn every_stage_in_both_languages_at_two_sizes() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for (columns, rows) in [(80, 24), (120, 40)] {
            let mut house = House::open("tiananmen", lang);
            house.press(".`");
            for position in 0..house.model.pages() {
                assert_eq!(house.model.position(), position);
                let slot = house.model.slot();
                let symbol = match house.model.view.page {
                    Page::Beginning => "beginning".to_owned(),
                    Page::End => "end".to_owned(),
                    Page::Words | Page::Stage(_) => house.model.program().symbol(slot).to_string(),
                };
                let picture = house.picture(columns, rows);
                assert_eq!(picture.lines().count(), usize::from(rows));
                insta::assert_snapshot!(format!("{name}-{columns}x{rows}-{position:02}-{symbol}"), picture);
                house.press("n");
            }
        }
    }
}

#[test]
fn the_other_samples() {
    for (sample, keys) in [
        ("h1h2", "8"),
        ("translation", "8"),
        ("translation-cross", "8"),
        ("batch64x8x256", "2"),
        ("batch64x8x256", "8>>"),
    ] {
        let mut house = House::open(sample, Lang::En);
        house.press(keys);
        insta::assert_snapshot!(format!("sample-{sample}-{}", &keys[..1]), house.picture(120, 36));
    }
}

#[test]
fn windows_over_the_walk() {
    let mut house = House::open("tiananmen", Lang::Zh);
    insta::assert_snapshot!("help-zh", house.press("?").picture(80, 24));
    house.key(Key::Esc);
    insta::assert_snapshot!("samples-zh", house.press("o").picture(80, 24));
    house.key(Key::Esc);
    house.press(":sample nothing-like-that");
    insta::assert_snapshot!("prompt-zh", house.picture(80, 24));
    house.key(Key::Enter);
    insta::assert_snapshot!("notice-zh", house.picture(80, 24));
    house.press(":head 9").key(Key::Enter);
    insta::assert_snapshot!("prompt-error-zh", house.picture(80, 24));
}

#[test]
fn too_small_says_what_it_needs_and_nothing_is_lost() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = house.press("5.").picture(80, 24);
    assert!(house.picture(40, 10).contains("80×24"));
    for size in [(0, 0), (1, 1), (1, 24), (80, 1), (79, 24), (80, 23)] {
        house.picture(size.0, size.1);
    }
    assert_eq!(house.picture(80, 24), before);
}

#[test]
fn ascii_uses_no_other_sign_beside_the_samples_words() {
    let mut house = House::open("h1h2", Lang::En);
    house.press("`");
    for _ in 0..house.model.pages() {
        let picture = text(&house.buffer(120, 36, Theme { ascii: true, ..THEME }));
        // The language switch names 中文 whatever the language.
        let foreign: Vec<char> = picture.chars().filter(|c| !c.is_ascii() && !"中文".contains(*c)).collect();
        assert!(foreign.is_empty(), "{foreign:?} in\n{picture}");
        house.press("n");
    }
}

#[test]
fn without_colour_the_cursor_and_its_sources_can_still_be_told() {
    use ratatui::style::{Color, Modifier};
    let mut house = House::open("tiananmen", Lang::En);
    let buffer = house.press("5").buffer(120, 36, Theme { depth: Depth::None, ..THEME });
    assert!(buffer.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    assert!(text(&buffer).contains("[4]"));
    let marked = |m| buffer.content.iter().any(|c| c.modifier.contains(m));
    assert!(marked(Modifier::REVERSED) && marked(Modifier::UNDERLINED) && marked(Modifier::DIM));
}

#[test]
fn sixteen_and_256_colours_use_no_others() {
    use ratatui::style::Color;
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press("`");
    for palette in PALETTES {
        for _ in 0..house.model.pages() {
            let sixteen = house.buffer(120, 36, Theme { depth: Depth::Sixteen, palette, ..THEME });
            let named = |c: Color| !matches!(c, Color::Rgb(..) | Color::Indexed(_));
            assert!(sixteen.content.iter().all(|c| named(c.fg) && named(c.bg)));
            let indexed = house.buffer(120, 36, Theme { depth: Depth::Indexed, palette, ..THEME });
            assert!(indexed.content.iter().all(|c| !matches!(c.fg, Color::Rgb(..)) && !matches!(c.bg, Color::Rgb(..))));
            house.press("n");
        }
        house.press("`");
    }
}

#[test]
fn a_stale_result_changes_nothing() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = house.press("8").picture(120, 36);
    let late = house.model.run().cloned().unwrap();
    let effects = update(&mut house.model, Message::Key(Key::Char('w')));
    let stale = house.model.ticket(Kind::Run).unwrap();
    house.carry_out(effects);
    let random = house.picture(120, 36);
    assert_ne!(before, random);
    update(&mut house.model, Message::Answered(stale, Ok(Answer::Run(late))));
    assert_eq!(house.picture(120, 36), random);
    assert_eq!(house.press("w").picture(120, 36), before, "w goes back to the sample's own weights");
}

#[test]
fn stepping_back_restores_the_picture() {
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press("`");
    let pictures: Vec<String> = (0..house.model.pages())
        .map(|_| {
            let picture = house.picture(120, 36);
            house.press("n");
            picture
        })
        .collect();
    for (n, picture) in pictures.iter().enumerate().rev() {
        assert_eq!(&house.picture(120, 36), picture, "page {n}");
        house.press("b");
    }
}
