//! Sentences of one's own on the screen: what was pasted, who says what a word means, what nobody sees, and files that open again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on fails its test")]

mod house;

use std::sync::Arc;

use house::{House, THEME, text};
use qkv::app::palette::DARK;
use qkv::app::{Key, Message, Model, Settings};
use qkv::ground::lang::Lang;
use qkv::ground::text::{LETTERS, Lens, Segmenter, TOKENS};
use qkv::program::{Address, Name};
use qkv::session::Choice;
use qkv::source::sample::{Lexicon, Sample, Scenario};
use qkv::ui::Theme;

fn typed(sample: &str, written: &str, lens: Lens) -> Sample {
    let own = Sample::builtin(sample).unwrap().unwrap();
    let typed = own.with_sentence(written, lens, &mut Segmenter::new(), &Lexicon::builtin().unwrap());
    typed.unwrap_or_else(|error| panic!("{written}: {error}"))
}

/// The screen with a sample in it.
fn shown(sample: Sample, lang: Lang) -> House {
    let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    House::new(Model::new(Arc::new(sample), settings))
}

#[test]
fn who_describes_a_word_stands_beside_it_in_both_languages() {
    for (lang, header, legend, lexicon, class, random) in [
        (
            Lang::En,
            "designed weights, 1 word random",
            "+ lexicon  ~ word class  * random",
            "from the lexicon: cities",
            "from its word class: name of a place",
            "drawn at random: it means nothing",
        ),
        (
            Lang::Zh,
            "手工设计的权重，1 个词随机",
            "+ 词典  ~ 词类  * 随机",
            "来自词典：城市",
            "来自词类：地名",
            "随机抽取的数，没有含义",
        ),
    ] {
        let mut house = shown(typed("tiananmen", "我游览上海宁波flurb", Lens::Words), lang);
        for (columns, rows) in [(80, 24), (120, 36)] {
            let picture = house.press("1").picture(columns, rows);
            assert!(picture.contains(header) && picture.contains(legend), "{picture}");
            for word in ["游览+", "上海+", "宁波~", "flurb*"] {
                assert!(picture.contains(word), "{word}\n{picture}");
            }
            assert!(!picture.contains("我+") && !picture.contains("我*"), "{picture}");
        }
        // Elsewhere only what means nothing is marked, and the first line says so on every page.
        for page in ["2", "5", "8"] {
            let picture = house.press(page).picture(120, 36);
            assert!(picture.contains("flurb*") && picture.contains(header), "{picture}");
            // H itself stands on the page of the queries.
            assert_eq!(picture.contains("上海+"), page == "2", "{picture}");
        }
        // At the cell: under the picture, and opened.
        house.press("1").key(Key::Home);
        for says in [None, Some(lexicon), Some(lexicon), Some(class), Some(random)] {
            let picture = house.picture(120, 36);
            let opened = house.key(Key::Enter).picture(120, 36);
            house.key(Key::Esc).key(Key::Down);
            let Some(says) = says.filter(|says| *says != lexicon || picture.contains("H[3,")) else { continue };
            assert!(picture.contains(says) && opened.contains(says), "{says}\n{picture}\n{opened}");
        }
    }
}

#[test]
fn marks_are_plain_and_words_stay_whole_in_ascii() {
    let mut house = shown(typed("tiananmen", "flurbgurblingly loves London", Lens::Words), Lang::En);
    let plain = Theme { ascii: true, ..THEME };
    let picture = text(&house.press("1").buffer(80, 24, plain));
    assert!(picture.is_ascii() && picture.contains("flurbgurb.*") && picture.contains("London+"), "{picture}");
}

#[test]
fn glosses_stand_on_every_page_in_english() {
    let mut house = House::open("tiananmen", Lang::En);
    for page in ["1", "2", "3", "4", "5", "6", "7", "8", "9"] {
        for (columns, rows) in [(80, 24), (120, 36)] {
            let picture = house.press(page).picture(columns, rows);
            let first = picture.lines().next().unwrap();
            assert!(first.contains("我爱北京天安门  (I, love, Beijing, Tiananmen)"), "{page}: {first}");
        }
    }
    let mut house = House::open("tiananmen", Lang::Zh);
    assert!(!house.picture(120, 36).contains("Beijing"));
}

#[test]
fn the_card_says_where_the_weights_come_from() {
    for (lang, says) in [(Lang::En, "weights: designed by hand"), (Lang::Zh, "权重：手工设计的数")] {
        let picture = House::open("english", lang).press("i").picture(120, 36);
        assert!(picture.contains(says), "{picture}");
    }
}

#[test]
fn a_pasted_line_break_parts_words() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("/").key(Key::Ctrl('u'));
    house.tell(Message::Paste("the cat\r\nsat on\tthe mat\n".to_owned()));
    house.key(Key::Enter);
    assert_eq!(house.model.material.sample.tokens, ["the", "cat", "sat", "on", "the", "mat"]);
}

#[test]
fn blank_tokens_have_a_sign() {
    let file = Sample::builtin("h1h2").unwrap().unwrap();
    let blank = Sample { tokens: [" ", "  ", "\u{200b}", "d"].map(String::from)[..file.tokens.len()].to_vec(), ..file };
    let picture = shown(blank.clone(), Lang::En).press("2").picture(120, 36);
    assert!(picture.contains("␣"), "{picture}");
    let picture = text(&shown(blank, Lang::En).press("2").buffer(120, 36, Theme { ascii: true, ..THEME }));
    assert!(picture.contains("| _ ") && picture.is_ascii(), "{picture}");
}

#[test]
fn whatever_is_saved_can_be_opened_again() {
    let long = "天".repeat(LETTERS / 10) + &" a".repeat(9);
    let many = "I love London . ".repeat(TOKENS / 4);
    let letters = "北京 flurb’s ".repeat(50);
    for sample in ["tiananmen", "english"] {
        for written in
            [long.as_str(), &many, &letters, "\"quoted\\\" 'words' = [1., #x]", "我愛\u{200b}北京\n天安門", "宁波"]
        {
            for lens in Lens::ALL {
                let Ok(cut) = Sample::builtin(sample).unwrap().unwrap().with_sentence(
                    written,
                    lens,
                    &mut Segmenter::new(),
                    &Lexicon::builtin().unwrap(),
                ) else {
                    continue;
                };
                let file = cut.to_toml().unwrap();
                let back = Sample::parse(&file, "saved").unwrap_or_else(|error| panic!("{error}\n{written}"));
                assert_eq!(back.inputs, cut.inputs, "{written}");
                assert_eq!((&back.tokens, &back.word_origins), (&cut.tokens, &cut.word_origins), "{written}");
            }
        }
    }
    // Numbers at the ends of what can be typed; a word that was changed by hand is no longer the lexicon's.
    let base = typed("tiananmen", "我去上海", Lens::Words);
    let slot = |name| base.program.find(None, name).unwrap();
    let mut scenario = Scenario::default();
    for (name, value) in [(Name::H, 1e-40), (Name::WQ, -1e6), (Name::WV, f32::MIN_POSITIVE), (Name::Scores, 3e38)] {
        let address = Address { slot: slot(name), cell: qkv::math::tensor::Cell::at(2, 2) };
        scenario = scenario.with_number(&base.program, address, value).unwrap();
    }
    let saved = scenario.to_toml(&base).unwrap();
    let back = Sample::parse(&saved, "saved").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(back.as_saved().unwrap().inputs, scenario.apply(&base).unwrap().inputs);
    let says = |sample: &Sample, row| {
        let at = Address { slot: slot(Name::H), cell: qkv::math::tensor::Cell::at(row, 3) };
        sample.number_origin(at, &Scenario::default()).says().en
    };
    assert_eq!(
        (says(&back, 2).as_ref(), says(&back, 1).as_ref()),
        ("designed by hand", "from the lexicon: going about")
    );
}

/// The first look goes where meanings meet. By their places alone the last words would score highest: the later the farther from 0.
#[test]
fn the_first_look_goes_where_meanings_meet() {
    let words = |house: &House| {
        let (at, tokens) = (house.model.address().cell, &house.model.material.sample.tokens);
        (at.head + 1, tokens[at.row].clone(), tokens[at.col].clone())
    };
    let mut house = House::open("english", Lang::En);
    house.press("5");
    let mut seen = vec![words(&house)];
    for _ in 1..4 {
        house.press(".");
        seen.push(words(&house));
    }
    let expected = [(1, "a", "mouse"), (2, "small", "mouse"), (3, "chases", "cat"), (4, "mouse", "small")];
    assert_eq!(seen, expected.map(|(head, row, col)| (head, row.to_owned(), col.to_owned())));
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5");
    assert_eq!(words(&house), (1, "我".to_owned(), "爱".to_owned()));
}

/// A word far behind has large columns of place; what it means is said all the same.
#[test]
fn the_sentence_on_h_says_what_a_word_means_and_not_where_it_stands() {
    for (lang, says, word) in [
        (Lang::En, "Look at the row of mouse. What it means: noun 1; the rest is 0 or tells its place", "mouse"),
        (Lang::Zh, "看「mouse」这一行。它的意思：名词 1；别的列是 0，或者说的是位置", "mouse"),
    ] {
        let mut house = House::open("english", lang);
        house.press("1jjjjjj");
        assert_eq!(house.model.material.sample.tokens[house.model.address().cell.row], word);
        let picture = house.picture(200, 55).replace(['\n', '│'], "");
        let joined = |words: &str| words.split_whitespace().collect::<String>();
        assert!(joined(&picture).contains(&joined(says)) || house.picture(120, 36).contains(says), "{picture}");
    }
}
