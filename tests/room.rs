//! Every matrix has its room: what the model holds stands on the screen, or the screen says what it leaves out.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use std::collections::BTreeSet;
use std::sync::Arc;

use house::House;
use qkv::app::palette::DARK;
use qkv::app::{Key, Model, Page, Settings, Target};
use qkv::ground::lang::Lang;
use qkv::ground::text::{Lens, Segmenter};
use qkv::program::{Address, Slot};
use qkv::session::Choice;
use qkv::source::sample::{Lexicon, Sample};
use qkv::ui::targets;
use ratatui::layout::Rect;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 55)];

/// Words of everyday sentences, one after the other.
const CHINESE: [&str; 8] = ["我", "爱", "北京", "天安门", "你", "喜欢", "上海", "外滩"];
const ENGLISH: [&str; 7] = ["the", "small", "cat", "sees", "a", "red", "bird"];

fn sentence(lang: Lang, words: usize) -> Sample {
    let (sample, list): (&str, &[&str]) = match lang {
        Lang::Zh => ("tiananmen", &CHINESE),
        Lang::En => ("english", &ENGLISH),
    };
    let written = (0..words).map(|n| list[n % list.len()]).collect::<Vec<_>>().join("|");
    let sample = Sample::builtin(sample).unwrap().unwrap();
    let (mut segmenter, lexicon) = (Segmenter::default(), Lexicon::builtin().unwrap());
    let own = sample.with_sentence(&written, Lens::Words, &mut segmenter, &lexicon).unwrap();
    assert_eq!(own.tokens.len(), words, "{written}");
    own
}

fn open(lang: Lang, words: usize) -> House {
    let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    House::new(Model::new(Arc::new(sentence(lang, words)), settings))
}

/// The first cell of each number of a tensor: that in the picture, which is drawn before everything else.
fn drawn(all: &[(Rect, Target)], slot: Slot) -> Vec<(Rect, Address)> {
    let mut seen = BTreeSet::new();
    let numbers = all.iter().filter_map(|(place, target)| match target {
        Target::Number(address) if address.slot == slot => Some((*place, *address)),
        _ => None,
    });
    numbers.filter(|(_, a)| seen.insert((a.cell.head, a.cell.row, a.cell.col))).collect()
}

/// Those of the head that is shown; of a tensor whose heads all stand in the picture, those of the first.
fn of_this_head(model: &Model, cells: Vec<(Rect, Address)>) -> Vec<(Rect, Address)> {
    let has_heads = |slot: Slot| model.program().shape(slot).heads.is_some();
    let result = model.tensors(model.view.page)[0];
    let head = if has_heads(result) { model.address().cell.head } else { 0 };
    cells.into_iter().filter(|(_, a)| a.cell.head == head || !has_heads(a.slot)).collect()
}

/// What is shown of an axis: its first and last, and whether all between them is there too.
fn range(shown: &BTreeSet<usize>) -> (usize, usize) {
    let (first, last) = (*shown.first().unwrap(), *shown.last().unwrap());
    assert_eq!(shown.len(), last - first + 1, "what is shown has no gaps: {shown:?}");
    (first, last)
}

#[test]
fn what_does_not_fit_is_announced_and_no_line_is_wasted() {
    let (mut pages, mut cut) = (0, 0);
    for lang in [Lang::Zh, Lang::En] {
        for words in [1, 2, 5, 7, 10, 14, 30, 64] {
            let mut house = open(lang, words);
            for size in SIZES {
                house.press("1");
                let status = |picture: &str| picture.lines().nth(usize::from(size.1) - 2).unwrap().to_owned();
                let whole = status(&house.picture(size.0, size.1));
                for _ in house.model.pages_of_tensors().collect::<Vec<_>>() {
                    let picture = house.picture(size.0, size.1);
                    let what = format!("{words} words at {size:?}, {:?}", house.model.view.page);
                    cut += usize::from(page(&house.model, size, &picture, &what));
                    pages += 1;
                    assert_eq!(status(&picture), whole, "{what}: something is written over the status line\n{picture}");
                    // A window beside the picture takes room from it, and none of the line either.
                    house.press("i");
                    let docked = house.picture(size.0, size.1);
                    assert_eq!(status(&docked), whole, "{what}, docked\n{docked}");
                    house.key(Key::Esc).press("n");
                }
            }
        }
    }
    assert!(pages > 400 && cut > 50, "{pages} pages, {cut} of them with a matrix that is shown in part");
}

/// Holds one page against what the model holds. Whether a matrix of it was shown in part.
fn page(model: &Model, size: (u16, u16), picture: &str, what: &str) -> bool {
    let lines: Vec<&str> = picture.lines().collect();
    let all = targets(model, size);
    let result = model.tensors(model.view.page)[0];
    let mut cut = false;
    let mut shown_slots = vec![result];
    if let Page::Stage(stage) = model.view.page {
        shown_slots.extend(&model.program().stages()[stage].operands);
    }
    for slot in shown_slots {
        let cells = of_this_head(model, drawn(&all, slot));
        assert!(!cells.is_empty(), "{what}: nothing of {}\n{picture}", model.program().symbol(slot));
        let shape = model.program().shape(slot);
        let rows: BTreeSet<usize> = cells.iter().map(|(_, a)| a.cell.row).collect();
        let cols: BTreeSet<usize> = cells.iter().map(|(_, a)| a.cell.col).collect();
        let columns_of_page = model.columns(slot);
        for (shown, len, start) in [(rows, shape.rows.len, 0), (cols, columns_of_page.len(), columns_of_page.start)] {
            let (first, last) = range(&shown);
            if shown.len() < len {
                cut = true;
                let place = format!("{}-{}/{len}", first - start + 1, last - start + 1);
                assert!(
                    picture.contains(&place),
                    "{what}: {} shows {place} and does not say so\n{picture}",
                    model.program().symbol(slot)
                );
            }
        }
        // Its title stands whole above it.
        let symbol = model.program().symbol(slot).to_string();
        let top = cells.iter().map(|(place, _)| place.y).min().unwrap();
        let above = &lines[usize::from(top).saturating_sub(4)..usize::from(top)];
        assert!(above.iter().any(|line| line.contains(&symbol)), "{what}: no title {symbol}\n{picture}");
    }
    // Rows of the result that are left out leave no empty line behind.
    let cells = of_this_head(model, drawn(&all, result));
    let rows: BTreeSet<usize> = cells.iter().map(|(_, a)| a.cell.row).collect();
    if rows.len() < model.program().shape(result).rows.len {
        let bottom = cells.iter().map(|(place, _)| place.bottom()).max().unwrap();
        let is_blank = |line: &&&str| line.split_once('│').is_some_and(|(_, beside)| beside.trim().is_empty());
        let below = &lines[usize::from(bottom)..usize::from(size.1) - 2];
        assert!(below[0].contains('/'), "{what}: the line below a cut matrix says which part it is\n{picture}");
        // One line sets the words apart, where they follow.
        let blank = below[1..].iter().take_while(is_blank).count();
        assert!(blank <= 1, "{what}: {blank} blank lines\n{picture}");
    }
    cut
}

#[test]
fn product_pages_show_the_product() {
    // H · W_q = Q, each of them whole, at every size.
    for size in SIZES {
        let mut house = House::open("tiananmen", Lang::Zh);
        for key in ["2", "3", "4"] {
            let picture = house.press(key).picture(size.0, size.1);
            let all = targets(&house.model, size);
            let Page::Stage(stage) = house.model.view.page else { panic!("{key} is a stage") };
            let of = &house.model.program().stages()[stage];
            let result = house.model.program().output_of(stage);
            for slot in of.operands.iter().copied().chain([result]) {
                let wanted = house.model.program().shape(slot).rows.len * house.model.columns(slot).len();
                let own = drawn(&all, slot);
                let own = own.iter().filter(|(_, a)| a.cell.head == house.model.address().cell.head || slot != result);
                assert_eq!(own.count(), wanted, "{size:?} {key}\n{picture}");
            }
            // A column stands as a column: the numbers of W below one another.
            let w = drawn(&all, of.operands[1]);
            let first: BTreeSet<u16> =
                w.iter().filter(|(_, a)| a.cell.col == w[0].1.cell.col).map(|(p, _)| p.x).collect();
            assert_eq!(first.len(), 1);
        }
    }
}

#[test]
fn a_docked_window_leaves_every_matrix_where_it_was() {
    for size in SIZES {
        for keys in ["S", "i", "e", "\n"] {
            let mut house = House::open("tiananmen", Lang::En);
            house.press("9");
            let numbers = |house: &House| {
                let all = targets(&house.model, size);
                let slot = house.model.tensors(house.model.view.page)[0];
                let operands = match house.model.view.page {
                    Page::Stage(stage) => house.model.program().stages()[stage].operands.clone(),
                    _ => Vec::new(),
                };
                // Other heads stand small below, where the window comes instead.
                let head = house.model.view.cursor.head;
                let all = operands.into_iter().chain([slot]).flat_map(|slot| drawn(&all, slot));
                let is_here = |slot: Slot| house.model.program().shape(slot).heads.is_some();
                all.filter(|(_, a)| a.cell.head == head || !is_here(a.slot)).collect::<Vec<_>>()
            };
            house.picture(size.0, size.1);
            let before = numbers(&house);
            if keys == "\n" {
                house.key(Key::Enter)
            } else {
                house.press(keys)
            };
            assert!(!house.model.windows.is_empty(), "{keys:?} opens a window");
            let picture = house.picture(size.0, size.1);
            assert_eq!(numbers(&house), before, "{keys:?} at {size:?}\n{picture}");
            // It stands over no number.
            let all = targets(&house.model, size);
            let window = all.iter().find(|(_, target)| *target == Target::Window).unwrap().0;
            let covered: Vec<_> = before.iter().filter(|(place, _)| window.intersects(*place)).collect();
            assert!(covered.is_empty(), "{keys:?} at {size:?} covers {covered:?}\n{picture}");
        }
    }
}

#[test]
fn the_walk_comes_along_with_the_microscope_and_goes_back() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("9.");
    let (page, cursor) = (house.model.view.page, house.model.view.cursor);
    // context ← weights ← masked ← scaled ← scores ← Q ← H or W_q
    let names = ["weights", "masked", "scaled", "scores", "Q"];
    house.key(Key::Enter);
    for name in names {
        house.key(Key::Enter);
        let symbol = house.model.program().symbol(house.model.slot()).to_string();
        assert_eq!(symbol, name);
    }
    // What is opened matters: none of them was a zero on the way.
    let at = house.model.address();
    assert!(house.model.trace().unwrap().get(at) != 0.0, "{}", at.display(house.model.program()));
    for _ in 0..=names.len() {
        house.key(Key::Esc);
    }
    assert!(house.model.windows.is_empty());
    assert_eq!((house.model.view.page, house.model.view.cursor), (page, cursor));
}

#[test]
fn a_turned_switch_changes_the_numbers_while_it_is_turned() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("6");
    let before = house.picture(80, 24);
    house.press("S");
    let opened = house.picture(80, 24);
    house.key(Key::Right);
    let turned = house.picture(80, 24);
    assert!(!house.model.windows.is_empty());
    let numbers = |picture: &str| picture.lines().skip(4).take(9).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(&before), numbers(&opened), "opening it changes no number");
    assert_ne!(numbers(&opened), numbers(&turned), "turning it does, in sight\n{turned}");
}

#[test]
fn the_first_page_says_what_was_set_by_hand() {
    let mut house = House::open("tiananmen", Lang::En);
    assert!(house.press("`").picture(120, 36).contains("softmax → "));
    // A weight set by hand is none that softmax made; the other words' rows are as they were.
    house.press("8e0.5").key(Key::Enter);
    let picture = house.press("`").picture(120, 36);
    assert!(picture.contains("set by hand → ") && !picture.contains("softmax → "), "{picture}");
    let other = house.key(Key::Down).picture(120, 36);
    assert!(other.contains("softmax → ") && other.contains("·v("), "{other}");
    // The same of a context, of which no sum of values is told.
    house.press("9e3").key(Key::Enter);
    let picture = house.press("`").picture(120, 36);
    assert!(picture.contains("): set by hand") && !picture.contains("·v("), "{picture}");
}
