//! What words mean, and who says so: the lexicon, word classes, chance; where words stand; the heads of the English sample.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on fails its test")]

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use qkv::compute::{Compute, Cpu};
use qkv::ground::lang::Text;
use qkv::ground::text::{Lens, Segmenter};
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::{Address, Name};
use qkv::source::sample::{Lexicon, NumberOrigin, Origin, Sample, Scenario, WordOrigin};

/// One segmenter for all tests: its dictionary is loaded once.
fn segmenter() -> MutexGuard<'static, Segmenter> {
    static SHARED: LazyLock<Mutex<Segmenter>> = LazyLock::new(Mutex::default);
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lexicon() -> &'static Lexicon {
    static SHARED: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::builtin().unwrap_or_else(|error| panic!("{error}")));
    &SHARED
}

fn builtin(name: &str) -> Sample {
    Sample::builtin(name).unwrap().unwrap()
}

fn typed(sample: &str, written: &str) -> Sample {
    cut(sample, written, Lens::Words)
}

fn cut(sample: &str, written: &str, lens: Lens) -> Sample {
    let typed = builtin(sample).with_sentence(written, lens, &mut segmenter(), lexicon());
    typed.unwrap_or_else(|error| panic!("{written}: {error}"))
}

fn weights(sample: &Sample) -> Tensor<f32> {
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    trace.find(&sample.program, None, Name::Weights).unwrap().clone()
}

/// The words of a sample's own dimensions of meaning, one row a token.
fn meanings(sample: &Sample) -> Vec<Vec<f32>> {
    let h = sample.input(Name::H).unwrap();
    let row = |row| sample.meanings().into_iter().map(|col| h.get(Cell::at(row, col))).collect();
    (0..sample.tokens.len()).map(row).collect()
}

// ---- where words stand

/// A sentence of so many words of a language, another for every number.
fn sentence(chinese: bool, words: usize) -> String {
    let of_language = |word: &&str| word.is_ascii() != chinese && word.chars().all(char::is_alphabetic);
    let all: Vec<&str> = lexicon().words().filter(of_language).collect();
    let word = |i: usize| all[(i * 7919 + words * 104_729) % all.len()];
    (0..words).map(word).collect::<Vec<_>>().join(if chinese { "|" } else { " " })
}

#[test]
fn the_previous_word_is_found_in_sentences_of_1_to_64_words() {
    for (sample, chinese) in [("tiananmen", true), ("tiananmen", false), ("english", true), ("english", false)] {
        for words in 1..=64 {
            let written = sentence(chinese, words);
            let typed = typed(sample, &written);
            assert_eq!(typed.tokens.len(), words, "{written}");
            let weights = weights(&typed);
            for row in 0..words {
                let before = row.saturating_sub(1);
                let weight = |col| weights.get(Cell::at(row, col).in_head(3));
                let most = (0..words).max_by(|&a, &b| weight(a).total_cmp(&weight(b)));
                assert_eq!(most, Some(before), "{sample}, word {} of {words}", row + 1);
                assert!(weight(before) >= 0.8, "{sample}, word {} of {words}: {}", row + 1, weight(before));
            }
        }
    }
}

#[test]
fn no_two_places_are_alike() {
    let sample = typed("tiananmen", &sentence(true, 64));
    let h = sample.input(Name::H).unwrap();
    let places: Vec<Vec<f32>> = (0..64).map(|row| (5..8).map(|col| h.get(Cell::at(row, col))).collect()).collect();
    assert!((0..64).all(|i| (0..i).all(|j| places[i] != places[j])));
    assert_eq!(places[63], [1.0, 8.0, 64.0]);
}

// ---- the heads of the English sample

/// Whether the head of that number, from 1, looks from one word mostly at others, given by number from 1.
fn looks(weights: &Tensor<f32>, head: usize, from: usize, at: &[usize], least: f32) {
    let weight = |col: usize| weights.get(Cell::at(from - 1, col - 1).in_head(head - 1));
    let share: f32 = at.iter().map(|&col| weight(col)).sum();
    let even = at.iter().all(|&col| weight(col) >= 0.6 * share / at.len() as f32);
    assert!(share >= least && even, "head {head}, word {from} at {at:?}: {share}");
}

#[test]
fn articles_adjectives_and_verbs_find_their_nouns() {
    for written in [
        "The black cat chases a small mouse",
        "My old friend loves the big city",
        "A little bird watches the green tree",
        "The happy children eat some sweet apples",
    ] {
        let weights = weights(&typed("english", written));
        for (article, noun) in [(1, 3), (5, 7)] {
            looks(&weights, 1, article, &[noun], 0.85);
        }
        for (adjective, noun) in [(2, 3), (6, 7)] {
            looks(&weights, 2, adjective, &[noun], 0.85);
        }
        looks(&weights, 3, 4, &[3, 7], 0.85);
        // The other way round there is nothing to find.
        for (head, noun, other) in [(1, 3, 1), (2, 3, 2), (3, 3, 4), (3, 7, 4)] {
            let back = weights.get(Cell::at(noun - 1, other - 1).in_head(head - 1));
            assert!(back < 0.35, "{written}: head {head}, word {noun} looks back at {other}: {back}");
        }
    }
    // With a preposition between, and in a second clause.
    let weights = weights(&typed("english", "The tall woman buys a red apple and the young boy eats a sweet cake"));
    for (article, noun) in [(1, 3), (5, 7), (9, 11), (13, 15)] {
        looks(&weights, 1, article, &[noun], 0.8);
        looks(&weights, 2, article + 1, &[noun], 0.8);
    }
    for (verb, nouns) in [(4, [3, 7]), (12, [11, 15])] {
        looks(&weights, 3, verb, &nouns, 0.6);
    }
}

#[test]
fn the_english_samples_own_sentence_comes_out_as_its_file_says() {
    let own = builtin("english");
    assert_eq!(format!("{:?}", typed("english", &own.text)), format!("{own:?}"));
    // The lexicon says of its words what the sample says.
    let columns: Vec<usize> = (own.meanings().iter())
        .map(|&col| lexicon().dimensions().iter().position(|known| known.en == own.dimensions[col].en).unwrap())
        .collect();
    for (word, meaning) in own.tokens.iter().zip(meanings(&own)) {
        let described = lexicon().describe(word).unwrap();
        assert_eq!(columns.iter().map(|&at| described[at]).collect::<Vec<_>>(), meaning, "{word}");
    }
}

// ---- what words mean

#[test]
fn the_everyday_english_words_all_mean_something() {
    let file = include_str!("../samples/english-words.toml");
    let list = Lexicon::parse(file, "english-words").unwrap_or_else(|error| panic!("{error}"));
    let words: Vec<&str> = list.words().collect();
    assert!(words.len() >= 2000, "{}", words.len());
    let chinese = Lexicon::parse(include_str!("../samples/lexicon.toml"), "lexicon").unwrap();
    assert_eq!(chinese.dimensions(), list.dimensions());
    for name in ["tiananmen", "english"] {
        for some in words.chunks(100) {
            let sample = typed(name, &some.join(" "));
            assert_eq!((sample.tokens.len(), sample.random_words()), (some.len(), Vec::new()), "{some:?}");
        }
    }
}

#[test]
fn forms_of_a_word_mean_what_the_word_means() {
    for (form, word) in [
        ("cats", "cat"),
        ("CITIES", "city"),
        ("Beijing's", "Beijing"),
        ("Beijing’s", "Beijing"),
        ("children's", "children"),
        ("teachers'", "teacher"),
        ("chases", "chase"),
        ("loved", "love"),
        ("studied", "study"),
        ("running", "run"),
        ("bigger", "big"),
        ("happiest", "happy"),
        ("ｌｏｎｄｏｎ", "London"),
        ("愛", "爱"),
        ("天安門", "天安门"),
    ] {
        assert!(lexicon().describe(word).is_some(), "{word}");
        assert_eq!(
            (lexicon().describe(form), lexicon().about(form)),
            (lexicon().describe(word), lexicon().about(word))
        );
    }
    for word in ["flurbs", "wated", "'s", "catest"] {
        assert_eq!(lexicon().describe(word), None, "{word}");
    }
    // Of words that nobody described too, so that one word has one vector.
    let flurb = meanings(&typed("tiananmen", "flurb"));
    for same in ["Flurb", "flurb's", "Flurb’s", "ＦＬＵＲＢ", "flu\u{ad}rb"] {
        assert_eq!(meanings(&typed("tiananmen", same)), flurb, "{same}");
    }
}

#[test]
fn traditional_characters_mean_what_simplified_ones_mean() {
    let (own, typed) = (builtin("tiananmen"), typed("tiananmen", "我愛北京天安門"));
    assert_eq!(typed.tokens, ["我", "愛", "北京", "天安門"]);
    assert_eq!(typed.inputs, own.inputs);
    assert_eq!(typed.word_origins, own.word_origins);
}

#[test]
fn everyday_chinese_words_mean_something() {
    let class = |word: &str| match typed("tiananmen", word).word_origins[0].clone() {
        WordOrigin::Class(about) => about.en.into_owned(),
        origin => panic!("{word}: {origin:?}"),
    };
    for (word, expected) in [
        ("宁波", "name of a place"),
        ("敦煌", "name of a place"),
        ("俺", "pronoun"),
        ("桌子", "noun"),
        ("老百姓", "noun"),
        ("跳舞", "verb"),
        ("游泳", "noun made of a verb"),
        ("温暖", "noun made of an adjective"),
        ("勇敢", "adjective"),
        ("春节", "word for a time"),
        ("星期天", "word for a time"),
        ("七", "number"),
        ("忽然", "adverb"),
        ("关于", "preposition"),
        ("而且", "conjunction"),
        ("一心一意", "idiom"),
        ("联合国", "name of an organisation"),
        ("室外", "word for a place"),
    ] {
        assert_eq!(class(word), expected, "{word}");
    }
    // A verb looks for a place, whoever describes them; a place does not look back.
    let weights = weights(&typed("tiananmen", "我游览宁波"));
    assert!(weights.get(Cell::at(1, 2).in_head(1)) > 0.8);
    assert!((weights.get(Cell::at(2, 1).in_head(1)) - 1.0 / 3.0).abs() < 1e-6);
    // Everyday sentences have no word without a meaning.
    for written in [
        "今天早上我在公园里看见一只白色的小狗",
        "妈妈做的红烧肉特别好吃",
        "下个星期我们要坐高铁去杭州旅游",
        "爷爷喜欢一边喝茶一边听京剧",
        "她昨天在图书馆借了三本历史书",
        "孩子们在操场上踢足球",
        "春天来了，桃花开了",
        "老师说，学习外语要多听多说",
        "请问附近有没有便宜一点的饭馆",
        "雨停了，天空出现了一道彩虹",
    ] {
        let sample = typed("tiananmen", written);
        assert!(sample.random_words().is_empty(), "{:?} {:?}", sample.tokens, sample.random_words());
    }
}

// ---- who says so

fn origin(sample: &Sample, name: Name, row: usize, col: usize, changed: &Scenario) -> NumberOrigin {
    let slot = sample.program.find(None, name).unwrap();
    sample.number_origin(Address { slot, cell: Cell::at(row, col) }, changed)
}

#[test]
fn every_number_says_where_it_came_from() {
    let plain = Scenario::default();
    let sample = typed("tiananmen", "我游览上海宁波flurb");
    let says = |name, row, col| origin(&sample, name, row, col, &plain).says().en.into_owned();
    assert_eq!(says(Name::H, 0, 0), "designed by hand");
    assert_eq!(says(Name::H, 1, 0), "from the lexicon: going about");
    assert_eq!(says(Name::H, 2, 3), "from the lexicon: cities");
    assert_eq!(says(Name::H, 3, 2), "from its word class: name of a place (jieba's dictionary)");
    assert_eq!(says(Name::H, 4, 1), "drawn at random: it means nothing");
    assert_eq!(says(Name::H, 4, 6), "follows from where the word stands in the sentence");
    assert_eq!(says(Name::WQ, 0, 0), "designed by hand");
    assert_eq!(says(Name::Weights, 0, 0), "computed");
    assert_eq!(says(Name::Mask, 0, 0), "follows from the mask: 1 is seen, 0 is hidden");
    let marks: String = sample.word_origins.iter().filter_map(WordOrigin::mark).map(|(sign, _)| sign).collect();
    assert_eq!((marks.as_str(), sample.randomness().unwrap().en.as_ref()), ("++~*", "1 word random"));

    let slot = sample.program.find(None, Name::H).unwrap();
    let changed = plain.with_number(&sample.program, Address { slot, cell: Cell::at(2, 3) }, 0.5).unwrap();
    assert_eq!(origin(&sample, Name::H, 2, 3, &changed), NumberOrigin::Hand);
    assert_ne!(origin(&sample, Name::H, 2, 2, &changed), NumberOrigin::Hand);

    // Random weights leave the words what they are.
    let drawn = builtin("tiananmen").with_random_weights(1);
    assert_eq!(origin(&drawn, Name::WQ, 0, 0, &plain), NumberOrigin::Given(Origin::Random));
    assert_eq!(origin(&drawn, Name::H, 0, 0, &plain).says().en, "designed by hand");
    assert_eq!(drawn.randomness(), None);
    let cross = builtin("translation-cross").with_random_weights(1);
    assert_eq!(origin(&cross, Name::M, 0, 0, &plain), NumberOrigin::Given(Origin::Designed));
    let batch = builtin("batch64x8x256");
    assert_eq!(origin(&batch, Name::H, 0, 0, &plain).says().en, "drawn at random: it means nothing");
    assert_eq!(batch.randomness().unwrap().en, "random word vectors");

    // Pieces say whose numbers they copy.
    let fine = cut("tiananmen", "我去上海", Lens::Characters);
    let says = |row| origin(&fine, Name::H, row, 3, &plain).says();
    assert_eq!(says(2).en, "from the lexicon: cities; every piece copies the numbers of the whole word 上海");
    assert_eq!(says(1), Text::new("来自词典：走动", "from the lexicon: going about"));
}
