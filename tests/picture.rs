//! The picture that the program makes of itself: the same letters in the same columns as the screen.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use std::process::Command;
use std::sync::Arc;

use qkv::app::palette::{DARK, PALETTES};
use qkv::app::{Model, Settings};
use qkv::engine::{Builtin, Driver, settle};
use qkv::ground::lang::Lang;
use qkv::ground::text::columns;
use qkv::session::Choice;
use qkv::source::sample::Sample;
use qkv::ui::{Depth, Theme, still, svg};
use ratatui::buffer::Buffer;

/// What is drawn as a line instead of written.
const LINES: &str = "─│┌┐└┘├┤┬┴┼";

fn model(sample: &str, lang: Lang) -> Model {
    let sample = Arc::new(Sample::builtin(sample).unwrap().unwrap());
    let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    let mut model = Model::new(sample, settings);
    let effects = model.first_request();
    settle(&mut model, &mut Driver::new(Builtin), effects, &|_| true);
    model
}

/// The letters of a buffer with the column and row of each; spaces and lines left out.
fn letters_on_screen(buffer: &Buffer) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if !symbol.trim().is_empty() && !LINES.contains(symbol) {
                found.push((usize::from(y), usize::from(x), symbol.to_owned()));
            }
            x += columns(symbol).max(1) as u16;
        }
    }
    found
}

/// The same of a picture: places are counted in cells of 9 by 20, the baseline at 15.
fn letters_in_picture(document: &str) -> Vec<(usize, usize, String)> {
    let xml = roxmltree::Document::parse(document).unwrap();
    let mut found = Vec::new();
    for text in xml.descendants().filter(|node| node.has_tag_name("text")) {
        let y: usize = text.attribute("y").unwrap().parse().unwrap();
        assert_eq!(y % 20, 15);
        for span in text.children() {
            let words = span.text().unwrap();
            let places: Vec<usize> =
                span.attribute("x").unwrap().split(' ').map(|x| x.parse::<usize>().unwrap() / 9).collect();
            let glyphs: Vec<String> =
                if places.len() == 1 { vec![words.to_owned()] } else { words.chars().map(String::from).collect() };
            assert_eq!(glyphs.len(), places.len(), "a place for each glyph of {words}");
            let letters = places.into_iter().zip(glyphs).filter(|(_, glyph)| glyph != " ");
            found.extend(letters.map(|(x, glyph)| (y / 20, x, glyph)));
        }
    }
    found
}

#[test]
fn the_picture_holds_every_letter_of_the_screen_in_its_place() {
    for lang in Lang::ALL {
        for sample in ["tiananmen", "translation-cross"] {
            let mut model = model(sample, lang);
            for position in 0..model.pages() {
                model.view.page = model.page_at(position).unwrap();
                for palette in PALETTES {
                    let theme = Theme { depth: Depth::True, palette, ascii: false };
                    let buffer = still(&model, theme, (120, 36));
                    let document = svg(&buffer, theme, "");
                    assert_eq!(letters_in_picture(&document), letters_on_screen(&buffer), "{sample} {position}");
                    assert!(document.len() < 300_000, "{} bytes", document.len());
                }
            }
        }
    }
}

/// What the program prints, its complaints and its exit code.
fn picture(args: &[&str]) -> (String, String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_qkv"))
        .args(["--backend", "cpu", "picture"])
        .args(args)
        .env("LC_ALL", "en_US.UTF-8")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// A picture that must come out well, as one text with its rows.
fn rows(args: &[&str]) -> Vec<String> {
    let (document, complaint, code) = picture(args);
    assert_eq!((code, complaint.as_str()), (Some(0), ""), "{args:?}");
    assert!(document.len() < 300_000, "{args:?}: {} bytes", document.len());
    let mut rows = vec![String::new(); 200];
    for (y, _, glyph) in letters_in_picture(&document) {
        rows[y].push_str(&glyph);
    }
    rows
}

#[test]
fn the_command_shows_what_it_is_asked_for() {
    let holds = |args: &[&str], words: &str| {
        let rows = rows(args);
        assert!(rows.iter().any(|row| row.contains(words)), "{args:?}: no `{words}` in {rows:#?}");
    };
    holds(&["--stage", "scores", "--head", "2", "--cell", "2,4"], "scores.2[2,4]=q(爱)·k(天安门)");
    holds(&["--stage", "SCORES", "--head", "2", "--cell", "2,3", "--lang", "zh"], "打分");
    holds(&["--stage", "weights", "--sample", "h1h2"], "0.73");
    holds(&["--stage", "W_q", "--cell", "2,1"], "W_q[2,1]=2");
    holds(&["--stage", "Q", "--sentence", "5", "--sample", "batch64x8x256"], "sentence5/64");
    holds(&["--text", "他喜欢上海外滩", "--lang", "zh", "--stage", "scores"], "他喜欢上海外滩");
    holds(&["--weights", "random", "--seed", "7"], "randomweights,seed7");
    holds(&[], "everycellchecked,worsterror");
    holds(&["--stage", "weights", "--size", "200x55"], "softmax");
    assert!(rows(&["--ascii", "--stage", "scores"]).iter().all(|row| !row.contains(['×', '·', 'ᵀ'])));
    let (dark, light) = (picture(&[]).0, picture(&["--theme", "light"]).0);
    assert_ne!(dark, light);
    assert_eq!(dark, picture(&[]).0, "the same picture every time");
}

#[test]
fn a_picture_that_cannot_be_is_refused_with_2() {
    for (args, words) in [
        (&["--stage", "wieghts"][..], "there is no stage `wieghts`"),
        (&["--head", "5"], "it goes from 1 to 4"),
        (&["--sentence", "2"], "it goes from 1 to 1"),
        (&["--stage", "scores", "--cell", "5,1"], "there is no row 5 in this sample; it goes from 1 to 4"),
        (&["--stage", "Q", "--cell", "1,0"], "there is no column 0"),
        (&["--cell", "1"], "write a row and a column"),
        (&["--size", "79x24"], "from 80x24 to"),
        (&["--size", "100000x36"], "from 80x24 to"),
        (&["--size", "huge"], "write columns and rows"),
        (&["--sample", "tianmen"], "did you mean `tiananmen`?"),
    ] {
        let (document, complaint, code) = picture(args);
        assert_eq!((code, document.as_str()), (Some(2), ""), "{args:?}: {complaint}");
        assert!(complaint.contains(words), "{args:?}: no `{words}` in {complaint}");
    }
}
