//! Taking it away: the picture is the screen, the numbers are those of the page, and every file is named.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

mod house;

use std::collections::HashMap;

use house::House;
use qkv::app::Key;
use qkv::ground::lang::Lang;
use qkv::ground::number::Format;
use qkv::math::tensor::{Cell, MASKED};
use qkv::program::{Name, Slot, Trace};
use qkv::source::sample::Sample;
use qkv::ui;

/// The file that a key or a command wrote.
fn last(house: &House) -> (String, String) {
    house.files().pop().unwrap()
}

fn notice(house: &House) -> String {
    let notice = house.model.notice.as_ref().unwrap();
    house.model.say(&notice.text).to_owned()
}

/// Types a command.
fn order(house: &mut House, line: &str) {
    house.press(":").press(line).key(Key::Enter);
}

#[test]
fn on_every_page_and_in_every_window_a_key_writes_the_screen() {
    for lang in Lang::ALL {
        let mut house = House::open(Sample::DEFAULT, lang);
        let mut names = Vec::new();
        let mut shoot = |house: &mut House, size: (u16, u16)| {
            house.model.notice = None;
            let screen = house.picture(size.0, size.1);
            let expected = ui::picture(&house.model);
            house.press("P");
            let (name, picture) = last(house);
            assert_eq!(picture, expected, "{name}: the screen as it was when the key was pressed");
            assert!(notice(house).contains(&name), "{}", notice(house));
            assert!(house.picture(size.0, size.1).contains(&name), "{name} is said where it is seen");
            // Letter for letter what stands there, lines drawn.
            let xml = roxmltree::Document::parse(&picture).unwrap();
            let drawn: String =
                xml.descendants().filter(|n| n.has_tag_name("tspan")).filter_map(|n| n.text()).collect();
            let is_letter = |c: &char| c.is_alphanumeric() && !('\u{2500}'..='\u{257f}').contains(c);
            assert_eq!(drawn.chars().filter(is_letter).count(), screen.chars().filter(is_letter).count(), "{name}");
            names.push(name);
        };
        for size in [(120, 36), (80, 24)] {
            for n in 0..house.model.pages() {
                house.model.view.page = house.model.page_at(n).unwrap();
                shoot(&mut house, size);
            }
            // In the help every letter is looked for.
            for window in ["S", "H", "d", "i", "o", "K"] {
                house.press("8").press(window);
                shoot(&mut house, size);
                house.key(Key::Esc);
                while !house.model.windows.is_empty() {
                    house.key(Key::Esc);
                }
            }
        }
        for name in ["qkv-words.svg", "qkv-weights.svg", "qkv-output.svg", "qkv-switches.svg", "qkv-heads.svg"] {
            assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
        }
    }
}

/// What a CSV file says, by tensor, head, row and column from 0; masked numbers are empty there.
fn read(csv: &str) -> HashMap<(String, usize, usize, usize), Option<f32>> {
    let mut lines = ::csv::Reader::from_reader(csv.as_bytes());
    let row = |line: csv::StringRecord| {
        let at = |n: usize| line[n].parse::<usize>().map_or(0, |n| n - 1);
        ((line[0].to_owned(), at(2), at(3), at(4)), line[7].parse().ok())
    };
    lines.records().map(|line| row(line.unwrap())).collect()
}

/// Whether a file holds these tensors of a trace and nothing else, of one sentence.
fn holds(csv: &str, house: &House, trace: &Trace, names: &[Name], batch: usize) {
    let program = house.model.program();
    let slots: Vec<Slot> = names.iter().map(|&name| program.find(None, name).unwrap()).collect();
    let numbers = read(csv);
    let mut count = 0;
    for slot in slots {
        let tensor = trace.tensor(slot);
        let batched = tensor.shape().batch.is_some();
        for cell in tensor.shape().cells().filter(|cell| !batched || cell.batch == batch) {
            let place = (program.symbol(slot).to_string(), cell.head, cell.row, cell.col);
            let expected = Some(tensor.get(cell)).filter(|x| *x != MASKED);
            assert_eq!(numbers[&place].map(f32::to_bits), expected.map(f32::to_bits), "{place:?}");
            count += 1;
        }
    }
    assert_eq!(numbers.len(), count, "nothing else");
}

#[test]
fn a_key_writes_the_matrices_of_the_page_to_the_last_bit() {
    let mut house = House::open(Sample::DEFAULT, Lang::Zh);
    let made_of = [
        ("1", &[Name::H][..]),
        ("2", &[Name::H, Name::WQ, Name::Q]),
        ("5", &[Name::Q, Name::K, Name::Scores]),
        ("8", &[Name::Masked, Name::Weights]),
    ];
    for (page, names) in made_of {
        let page = house.press(page).press("C");
        let trace = page.model.trace().unwrap().clone();
        let (name, csv) = last(page);
        let stage = names.last().unwrap().as_str();
        assert_eq!(name, if stage == "H" { "qkv-words.csv".to_owned() } else { format!("qkv-{stage}.csv") });
        assert!(notice(page).contains(&name));
        holds(&csv, page, &trace, names, 0);
    }
    assert!(last(&house).1.contains("weights,,2,2,4,爱,天安门,"), "{}", last(&house).1);

    // Of a batch the sentence that is shown; from inside a window, too.
    let mut batch = House::open(Sample::BATCH, Lang::En);
    batch.press("8>>H").press("C");
    let trace = batch.model.trace().unwrap().clone();
    let csv = last(&batch).1;
    assert!(csv.lines().skip(1).all(|line| line.split(',').nth(1) == Some("3")));
    holds(&csv, &batch, &trace, &[Name::Masked, Name::Weights], 2);
}

#[test]
fn what_is_shown_is_what_is_written() {
    let mut house = House::open(Sample::DEFAULT, Lang::En);
    house.press("5").press("++").press("==").press("C");
    let shown = house.model.shown().unwrap().clone();
    let (name, csv) = last(&house);
    assert_eq!(name, "qkv-scores-difference.csv");
    holds(&csv, &house, &shown, &[Name::Q, Name::K, Name::Scores], 0);
    assert_eq!(read(&csv).values().filter(|x| x.is_some_and(|x| x != 0.0)).count(), 1, "one score was raised");
    house.press("M");
    let (name, tex) = last(&house);
    assert!(name == "qkv-scores-difference.tex" && tex.lines().nth(1) == Some("% difference"), "{name}: {tex}");
    house.press("=").press("M");
    assert!(last(&house).1.lines().nth(1).unwrap().contains("passed"), "{}", last(&house).1);
}

#[test]
fn latex_writes_the_numbers_of_the_screen() {
    let mut house = House::open(Sample::DEFAULT, Lang::Zh);
    house.press("8M");
    let (name, tex) = last(&house);
    assert_eq!(name, "qkv-weights.tex");
    let slot = house.model.program().find(None, Name::Weights).unwrap();
    let weights = house.model.trace().unwrap().tensor(slot).clone();
    let format = Format::of(weights.as_slice());
    for head in 0..4 {
        let row =
            |row| (0..4).map(|col| format.write(weights.get(Cell { batch: 0, head, row, col }))).collect::<Vec<_>>();
        let lines: Vec<String> = (0..4).map(|i| format!("& {} \\\\", row(i).join(" & "))).collect();
        let (_, matrix) = tex.split_once(&format!("\\mathrm{{weights}}^{{({})}} =", head + 1)).unwrap();
        let matrix = matrix.split_once("\\end{array}").unwrap().0;
        assert!(lines.iter().all(|line| matrix.contains(line)), "{lines:?} in {matrix}");
    }
}

#[test]
fn a_file_can_be_named_and_has_the_ending_of_what_is_in_it() {
    for (lang, refused) in [(Lang::Zh, "要以"), (Lang::En, "should end in")] {
        let mut house = House::open(Sample::DEFAULT, lang);
        house.press("8");
        let screen = ui::picture(&house.model);
        for (line, name) in [
            ("picture my screen.svg", "my screen.svg"),
            ("picture shot", "shot.svg"),
            ("picture", "qkv-weights.svg"),
            ("latex w.tex", "w.tex"),
            ("csv w", "w.csv"),
            ("csv", "qkv-weights.csv"),
            ("save mine", "mine.toml"),
            ("take.picture", "qkv-weights.svg"),
        ] {
            order(&mut house, line);
            assert_eq!(last(&house).0, name);
            assert!(notice(&house).contains(name) && house.model.windows.is_empty(), "{line}");
        }
        let pictures = house.files().into_iter().map(|file| file.1).filter(|contents| contents.starts_with("<svg"));
        let pictures: Vec<String> = pictures.collect();
        assert_eq!(pictures.len(), 4);
        assert!(pictures.iter().all(|picture| *picture == screen), "without the line that was typed");
        let written = house.files().len();
        for line in
            ["save stage.png", "save stage.svg", "picture stage.png", "picture a.toml", "latex a.csv", "csv a.tex"]
        {
            order(&mut house, line);
            let picture = house.picture(120, 36);
            assert!(picture.contains(refused) && picture.contains(":picture"), "{line}: {picture}");
            house.key(Key::Esc);
        }
        assert_eq!(house.files().len(), written, "nothing was written");
    }
}

#[test]
fn playing_goes_on_while_a_picture_is_taken() {
    let mut house = House::open(Sample::DEFAULT, Lang::En);
    house.press("5 ");
    assert!(house.model.stepping.playing);
    house.press("PCM");
    assert!(house.model.stepping.playing);
    assert_eq!(house.files().len(), 3);
}
