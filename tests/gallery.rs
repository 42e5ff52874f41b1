//! The window of heads on screen: what keys do there, and what it shows.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use house::House;
use qkv::app::Key;
use qkv::app::windows::{Combine, HeadsWindow, Tiles, View, Window};
use qkv::ground::lang::Lang;
use qkv::math::tensor::Cell;
use qkv::program::Name;

fn heads(house: &House) -> &HeadsWindow {
    let Some(Window::Heads(heads)) = house.model.windows.top() else { panic!("{:?}", house.model.windows) };
    heads
}

fn weight(house: &House, head: usize, row: usize, col: usize) -> f32 {
    let trace = house.model.trace().unwrap();
    let weights = trace.find(house.model.program(), None, Name::Weights).unwrap();
    weights.get(Cell { batch: 0, head, row, col })
}

#[test]
fn arrows_choose_enter_enlarges_and_esc_always_returns() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("H");
    assert_eq!((heads(&house).view, heads(&house).chosen), (View::Gallery, 0));
    house.key(Key::Right).key(Key::Right);
    assert_eq!(heads(&house).chosen, 2);
    house.key(Key::Enter);
    assert!(house.picture(80, 24).contains("head 3 city and landmark"));
    house.key(Key::Esc);
    assert_eq!(heads(&house).opened, None);
    for view in [View::Lines, View::Reasons, View::Plane, View::Forms, View::Split, View::Gallery] {
        house.key(Key::Tab);
        assert_eq!(heads(&house).view, view);
        assert_eq!(heads(&house).chosen, 2, "every view shows the same head");
    }
    house.key(Key::Esc);
    assert!(house.model.windows.is_empty());
}

#[test]
fn marked_heads_are_averaged_and_compared() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("Ha");
    assert!(house.model.notice.as_ref().unwrap().text.en.contains("mark two"));
    house.press("*").key(Key::Right).press("*a");
    assert_eq!(heads(&house).opened, Some(Combine::Average));
    let combined = heads(&house).combined(&house.model).unwrap();
    for (row, col) in [(0, 0), (1, 3), (3, 1)] {
        let mean = f32::midpoint(weight(&house, 0, row, col), weight(&house, 1, row, col));
        assert!((combined.at(row, col) - mean).abs() < 1e-6);
    }
    house.press("=");
    let combined = heads(&house).combined(&house.model).unwrap();
    let difference = weight(&house, 0, 0, 1) - weight(&house, 1, 0, 1);
    assert!((combined.at(0, 1) - difference).abs() < 1e-6 && difference > 0.5);
    assert!(house.picture(80, 24).contains("head 1 minus head 2"));
}

#[test]
fn weights_are_hidden_and_the_window_says_so() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("H__");
    let shown = heads(&house).weights(&house.model, 0).unwrap();
    assert!((shown.at(0, 1) - weight(&house, 0, 0, 1)).abs() < 1e-9 && shown.at(0, 0) == 0.0);
    assert!(house.picture(80, 24).contains("weights below 0.1 are hidden (_)"));
    house.press("____#");
    let shown = heads(&house).weights(&house.model, 2).unwrap();
    let kept = |row: usize| (0..4).filter(|&col| shown.at(row, col) > 0.0).count();
    assert_eq!(kept(2), 1, "the largest alone");
    assert!(house.picture(80, 24).contains("only the 1 largest of each row (#)"));
}

#[test]
fn filters_use_many_sentences_and_bad_ones_stay_to_be_mended() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("H");
    assert!(house.model.study().is_some(), "measured when the window opens");
    house.press("&previous>0.7 & entropy<1").key(Key::Enter);
    assert_eq!(heads(&house).shown(&house.model), [3]);
    assert!(house.picture(80, 24).contains("1/4"));
    house.press("&").press("prev>0.7").key(Key::Enter);
    assert!(house.picture(80, 24).contains("there is no metric `prev`"));
    let (typed, _) = heads(&house).typing.as_ref().unwrap();
    assert_eq!(typed.value(), "prev>0.7");
    house.key(Key::Ctrl('u')).key(Key::Enter);
    assert_eq!(heads(&house).shown(&house.model).len(), 4, "an empty filter shows all");
    house.press("&previous>2").key(Key::Enter);
    assert!(house.picture(80, 24).contains("no head passes the filter"));
}

#[test]
fn heads_are_ordered_by_likeness() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("H").key(Key::Right).press("*~");
    let order = heads(&house).shown(&house.model);
    assert_eq!(order[0], 1, "the marked one leads");
    let trace = house.model.trace().unwrap();
    let weights = trace.find(house.model.program(), None, Name::Weights).unwrap();
    let distances: Vec<f64> = order[1..].iter().map(|&h| qkv::study::heads::distance(weights, 0, 1, h)).collect();
    assert!(distances.is_sorted(), "{distances:?}");
}

#[test]
fn a_silenced_head_no_longer_reaches_the_output() {
    let mut house = House::open("tiananmen", Lang::En);
    let output = |house: &House| {
        let trace = house.model.trace().unwrap();
        trace.find(house.model.program(), None, Name::Output).unwrap().clone()
    };
    let before = output(&house);
    let ranking = house.model.ranking().unwrap();
    house.press("Hx");
    let without = output(&house);
    let (_, changes) = ranking.heads.iter().find(|(head, _)| *head == 0).unwrap();
    for (row, change) in changes.iter().enumerate() {
        let gap = |col| {
            let cell = Cell { row, col, ..Cell::default() };
            f64::from(before.get(cell) - without.get(cell))
        };
        let length = (0..before.shape().cols.len).map(|col| gap(col).powi(2)).sum::<f64>().sqrt();
        assert!((length - change).abs() < 1e-5, "word {row}: {length} {change}");
    }
    assert!(house.picture(80, 24).contains("silenced: head 1 (x)"));
    house.press("x");
    assert_eq!(output(&house), before, "and speaks again, bit for bit");
    // On the walk: a weight, a row, a head, each by a key of its own on every page.
    house.key(Key::Esc).press("80");
    let at = house.model.address();
    assert_eq!(house.model.trace().unwrap().get(at), 0.0);
    house.press("X");
    assert!((0..4).all(|col| weight(&house, at.cell.head, at.cell.row, col) == 0.0));
    assert!(house.model.notice.as_ref().unwrap().text.en.contains("u undoes it"));
    house.press("uu");
    for page in ["8", "9"] {
        house.press(page).press("x");
        assert_eq!(house.model.material.scenario.silenced.iter().copied().collect::<Vec<_>>(), [at.cell.head.into()]);
        assert!(house.model.material.scenario.numbers.is_empty(), "a head, not a number");
        house.press("u");
    }
}

#[test]
fn a_query_is_pushed_in_the_plane() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("H").key(Key::Tab).key(Key::Tab).key(Key::Tab);
    let before = weight(&house, 0, 0, 0);
    for _ in 0..5 {
        house.key(Key::Right);
    }
    assert!(weight(&house, 0, 0, 0) > before + 0.02, "the query of the first word moved towards its own key");
    for _ in 0..5 {
        house.press("u");
    }
    assert_eq!(weight(&house, 0, 0, 0), before);
    // Of more than two dimensions there is only a projection.
    let mut house = House::open("batch64x8x256", Lang::En);
    house.press("H").key(Key::Tab).key(Key::Tab).key(Key::Tab);
    assert!(house.picture(120, 36).contains("% of the variance"));
    house.key(Key::Right);
    assert!(house.model.notice.as_ref().unwrap().text.en.contains("projection"));
}

#[test]
fn pictures_are_alike_in_size_and_keep_proportions() {
    let house = House::open("batch64x8x256", Lang::En);
    let mut model = house.model.clone();
    for size in [(80, 24), (120, 36), (200, 55)] {
        model.size = size;
        let tiles = Tiles::of(&model, 8);
        assert!(!tiles.numbers && tiles.dots.0 == tiles.dots.1, "16 words look at 16: square, {tiles:?}");
        assert!(tiles.dots.0.is_multiple_of(16) || tiles.dots.0 < 16, "all weights get as many dots: {tiles:?}");
        assert!(tiles.columns * tiles.rows >= 8, "{tiles:?}");
    }
    // Many heads on a small screen scroll.
    model.size = (80, 24);
    let tiles = Tiles::of(&model, 144);
    assert!(tiles.columns * tiles.rows < 144 && tiles.columns > 1);
}

#[test]
fn every_view_of_every_sample_at_every_size() {
    for sample in ["tiananmen", "h1h2", "translation", "translation-cross"] {
        let mut house = House::open(sample, Lang::Zh);
        house.press("H");
        for _ in 0..View::ALL.len() {
            for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
                assert!(house.picture(columns, rows).contains("多头总览"), "{sample}");
            }
            house.key(Key::Tab);
        }
    }
}

#[test]
fn the_window_as_pictures() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for (columns, rows) in [(80, 24), (200, 55)] {
            let mut house = House::open("tiananmen", lang);
            house.press("H").key(Key::Right);
            for n in 1..=View::ALL.len() {
                insta::assert_snapshot!(format!("{name}-{columns}x{rows}-{n}"), house.picture(columns, rows));
                house.key(Key::Tab);
            }
            house.key(Key::Esc).press("i");
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}-card"), house.picture(columns, rows));
        }
    }
}
