//! Sentences of one's own: cutting them, describing their words, running them under a sample's heads.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that cannot go on fails its test"
)]

use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use qkv::compute::{Compute, Cpu};
use qkv::ground::fault::Failure;
use qkv::ground::lang::Text;
use qkv::ground::text::{LETTERS, Lens, Segmenter, TOKENS, TextError, is_blank};
use qkv::math::tensor::{Axis, Cell, Shape, Tensor};
use qkv::program::{Name, Trace};
use qkv::source::sample::Pieces;
use qkv::source::sample::{Lexicon, MaskChoice, Sample, SentenceError};

/// One segmenter for all tests: its dictionary is loaded once. A test that failed leaves it as good as before.
fn segmenter() -> MutexGuard<'static, Segmenter> {
    static SHARED: LazyLock<Mutex<Segmenter>> = LazyLock::new(Mutex::default);
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cut(written: &str, lens: Lens) -> Vec<String> {
    let cut = segmenter().cut(written, lens).unwrap_or_else(|error| panic!("{written}: {error}"));
    cut.tokens.into_iter().map(|token| token.text).collect()
}

fn refused(written: &str) -> TextError {
    let errors = Lens::ALL.map(|lens| segmenter().cut(written, lens).unwrap_err());
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
    errors[0].clone()
}

fn tiananmen() -> Sample {
    Sample::builtin("tiananmen").unwrap().unwrap()
}

fn sentence(written: &str, lens: Lens) -> Sample {
    let lexicon = Lexicon::builtin().unwrap();
    tiananmen().with_sentence(written, lens, &mut segmenter(), &lexicon).unwrap_or_else(|e| panic!("{written}: {e}"))
}

fn run(sample: &Sample) -> Trace {
    Cpu::default().run(&sample.program, &sample.inputs).expect("the CPU always computes")
}

fn weights(sample: &Sample) -> Tensor<f32> {
    run(sample).find(&sample.program, None, Name::Weights).unwrap().clone()
}

fn h(sample: &Sample) -> &Tensor<f32> {
    sample.inputs.get(sample.program.find(None, Name::H).unwrap()).unwrap()
}

// ---- cutting

#[test]
fn words_come_from_the_dictionary_and_from_unicode() {
    for (written, words) in [
        ("我爱北京天安门", "我 爱 北京 天安门"),
        ("他喜欢上海外滩", "他 喜欢 上海 外滩"),
        ("I love London Bridge", "I love London Bridge"),
        ("我love北京, don't you?", "我 love 北京 , don't you ?"),
        ("2026年π≈3.14", "2026 年 π ≈ 3.14"),
        ("  a\u{3000}b  ", "a b"),
        ("👩‍🚀去北京", "👩‍🚀 去 北京"),
        ("葛\u{e0100}家", "葛\u{e0100} 家"),
    ] {
        assert_eq!(cut(written, Lens::Words).join(" "), words, "{written}");
    }
}

#[test]
fn the_dictionary_is_loaded_when_chinese_is_first_cut_into_words() {
    let mut segmenter = Segmenter::new();
    segmenter.cut("I love London Bridge", Lens::Words).unwrap();
    segmenter.cut("我爱北京", Lens::Characters).unwrap();
    assert!(!segmenter.is_loaded());
    segmenter.cut("我爱北京", Lens::Words).unwrap();
    assert!(segmenter.is_loaded());
}

#[test]
fn characters_are_graphemes_and_bytes_are_utf_8() {
    assert_eq!(cut("北京 e\u{301}👩‍🚀", Lens::Characters), ["北", "京", "e\u{301}", "👩‍🚀"]);
    assert_eq!(cut("我 a", Lens::Bytes), ["E6", "88", "91", "20", "61"]);
}

#[test]
fn a_boundary_set_by_hand_holds_in_every_lens() {
    assert_eq!(cut("我爱北|京天安门", Lens::Words), ["我", "爱", "北", "京", "天安门"]);
    assert_eq!(cut("南京市长", Lens::Words)[0], "南京市");
    assert_eq!(cut("南京|市长", Lens::Words), ["南京", "市长"]);
    assert_eq!(cut("||un|happy|", Lens::Words), ["un", "happy"]);
    // A mark that a boundary parts from its letter stands alone.
    assert_eq!(cut("e|\u{301}", Lens::Characters), ["e", "U+0301"]);
    assert_eq!(cut("a|b", Lens::Bytes), ["61", "62"]);
    let cut = segmenter().cut("北|京", Lens::Words).unwrap();
    assert_eq!((cut.text.as_str(), cut.tokens[1].range.clone()), ("北京", 3..6));
}

#[test]
fn bad_sentences_are_refused_with_a_reason_in_both_languages() {
    for empty in ["", "   ", "|", " | \u{3000}| "] {
        assert_eq!(refused(empty), TextError::Empty, "{empty:?}");
    }
    assert_eq!(refused(&"x".repeat(10_000)), TextError::TooLong { found: 10_000 });
    assert_eq!(refused(&"我".repeat(LETTERS + 1)), TextError::TooLong { found: LETTERS + 1 });
    for (written, found, at) in [("\u{1b}[2J", '\u{1b}', 1), ("北京\u{202e}x", '\u{202e}', 3), ("\0", '\0', 1)] {
        assert_eq!(refused(written), TextError::Control { found, at });
    }
    assert_eq!(cut(&"a ".repeat(TOKENS), Lens::Words).len(), TOKENS);
    let many = segmenter().cut(&"a ".repeat(TOKENS + 1), Lens::Words).unwrap_err();
    assert_eq!(many, TextError::TooManyTokens { found: TOKENS + 1, lens: Lens::Words });
    let long = segmenter().cut(&"a".repeat(1001), Lens::Words).unwrap_err();
    assert_eq!(long, TextError::LongWord { found: 1001 });

    let control = TextError::Control { found: '\u{1b}', at: 1 };
    for error in [TextError::Empty, TextError::TooLong { found: 9 }, control, many, long] {
        let Text { zh, en } = error.words();
        assert_eq!(error.to_string(), en);
        assert!(en.is_ascii() && zh.chars().any(|c| c > '\u{4e00}') && !zh.contains(','), "{zh} {en}");
    }
}

#[test]
fn line_breaks_and_tabs_part_words() {
    let pasted = segmenter().cut("the cat\r\nsat on\tthe mat\u{2028}", Lens::Words).unwrap();
    let words: Vec<&str> = pasted.tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(words, ["the", "cat", "sat", "on", "the", "mat"]);
    assert_eq!(pasted.text, "the cat  sat on the mat", "as it is shown: one line");
}

#[test]
fn what_nobody_sees_makes_no_word() {
    for lens in [Lens::Words, Lens::Characters] {
        assert_eq!(cut("我\u{200b} a\u{feff} \u{2060} \u{ad}b \u{200d}", lens).len(), 3, "{}", lens.name());
    }
    assert_eq!(cut("❤\u{fe0f}", Lens::Words), ["❤\u{fe0f}"], "what belongs to a sign stays with it");
    assert_eq!(refused("\u{200b} \u{feff}"), TextError::Empty);
}

#[test]
fn traditional_sentences_are_cut_as_simplified_ones_and_stay_as_typed() {
    assert_eq!(cut("我愛北京天安門", Lens::Words), ["我", "愛", "北京", "天安門"]);
    assert_eq!(cut("他們參觀長城和故宮", Lens::Words), ["他們", "參觀", "長城", "和", "故宮"]);
}

#[test]
fn right_to_left_words_keep_the_order_in_which_they_are_read() {
    assert_eq!(cut("אני אוהב את לונדון", Lens::Words), ["אני", "אוהב", "את", "לונדון"]);
}

#[test]
fn what_has_no_shape_of_its_own_is_shown_by_its_code_point() {
    for lens in [Lens::Words, Lens::Characters] {
        assert_eq!(cut("\u{301}", lens), ["U+0301"]);
        assert_eq!(cut("a \u{301}\u{302} b", lens), ["a", "U+0301", "b"]);
        assert_eq!(cut("\u{93e}", lens), ["U+093E"]);
    }
    assert_eq!(cut("\u{301}", Lens::Bytes), ["CC", "81"]);
}

/// Text of every kind: words of both languages, marks, joiners, boundaries, spaces.
fn any_text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        4 => proptest::sample::select(vec!["我", "爱", "北京", "天安门", "love", "London", " ", "|", "\u{301}", "\u{200d}", "👩‍🚀",
            "אב", "क्षि", "か", ".", "7", "\u{fe0f}", "\u{3000}", "e"]).prop_map(String::from),
        1 => proptest::char::any().prop_map(String::from),
    ];
    proptest::collection::vec(bit, 0..60).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn cuts_cover_the_sentence_in_order_and_nest(written in any_text()) {
        let mut segmenter = segmenter();
        let cuts = Lens::ALL.map(|lens| segmenter.cut(&written, lens));
        for cut in cuts.iter().flatten() {
            let mut end = 0;
            for token in &cut.tokens {
                prop_assert!(token.range.start >= end && token.range.end > token.range.start, "{token:?}");
                prop_assert!(cut.text.get(end..token.range.start).is_none_or(is_blank));
                prop_assert!(!token.text.is_empty());
                end = token.range.end;
            }
            prop_assert_eq!(end, cut.text.len());
        }
        if let [Ok(words), Ok(characters), Ok(bytes)] = &cuts {
            for (fine, coarse) in [(bytes, characters), (bytes, words), (characters, words), (words, words)] {
                let pieces = Pieces::new(fine, coarse);
                prop_assert!(pieces.is_some(), "{} in {}", fine.lens.name(), coarse.lens.name());
            }
        } else {
            // Which characters will do does not depend on the lens.
            prop_assert!(cuts.iter().all(Result::is_err), "{cuts:?}");
        }
    }

    #[test]
    fn coarsened_rows_still_sum_to_1(lengths in proptest::collection::vec(1usize..5, 1..9), seed in any::<u64>(), heads in 1usize..4) {
        let of: Vec<usize> = lengths.iter().enumerate().flat_map(|(word, &n)| std::iter::repeat_n(word, n)).collect();
        let words: Vec<String> = (0..lengths.len()).map(|i| i.to_string()).collect();
        let pieces = Pieces { lens: Lens::Words, words, of };
        let n = pieces.of.len();
        let shape = Shape::matrix(Axis::Token.of(n), Axis::Token.of(n)).with_heads(heads);
        // Any positive numbers, divided by the sum of their row.
        let raw = |cell: Cell| 1.0 + ((seed ^ (shape.offset(cell) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) % 1000) as f32;
        let sum = |cell: Cell| (0..n).map(|col| raw(Cell { col, ..cell })).sum::<f32>();
        let fine = Tensor::from_fn(shape, |cell| raw(cell) / sum(cell));
        let coarse = pieces.coarsen(&fine).expect("as many tokens as pieces");
        prop_assert_eq!(coarse.shape().lens(), [1, heads, lengths.len(), lengths.len()]);
        for head in 0..heads {
            for (row, numbers) in coarse.matrix(0, head).rows().into_iter().enumerate() {
                prop_assert!((numbers.sum() - 1.0).abs() < 1e-5, "row {row}: {numbers}");
            }
        }
        prop_assert!(pieces.coarsen(&coarse).is_none() || n == lengths.len());
    }
}

#[test]
fn coarse_weights_are_sums_over_keys_and_means_over_queries() {
    let pieces = Pieces { lens: Lens::Words, words: vec!["a".into(), "bc".into()], of: vec![0, 1, 1] };
    let shape = Shape::matrix(Axis::Token.of(3), Axis::Token.of(3)).with_heads(1);
    let fine = Tensor::from_vec(shape, vec![0.5, 0.25, 0.25, 0.0, 1.0, 0.0, 0.5, 0.0, 0.5]).unwrap();
    assert_eq!(pieces.coarsen(&fine).unwrap().as_slice(), [0.5, 0.5, 0.25, 0.75]);
}

#[test]
fn cuts_of_two_sentences_are_not_compared() {
    let mut segmenter = segmenter();
    let mut cut = |text, lens| segmenter.cut(text, lens).unwrap();
    let (words, bytes) = (cut("ab c", Lens::Words), cut("ab c", Lens::Bytes));
    assert_eq!(Pieces::new(&bytes, &words).unwrap().of, [0, 0, 1, 1], "a space leads to the next word");
    assert_eq!(Pieces::new(&words, &bytes), None, "that way round it is no comparison");
    assert_eq!(Pieces::new(&cut("ab d", Lens::Bytes), &words), None);
}

// ---- the lexicon

#[test]
fn the_lexicon_is_large_and_every_word_is_one_word() {
    let lexicon = Lexicon::builtin().unwrap_or_else(|error| panic!("{error}"));
    let words: Vec<&str> = lexicon.words().collect();
    let chinese = words.iter().filter(|word| word.starts_with(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))).count();
    let english = words.iter().filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())).count();
    assert!(words.len() >= 300 && chinese >= 120 && english >= 120, "{} {chinese} {english}", words.len());
    let mut segmenter = segmenter();
    let split: Vec<_> =
        words.iter().filter(|word| segmenter.cut(word, Lens::Words).unwrap().tokens.len() != 1).collect();
    assert!(split.is_empty(), "no sentence ever finds these: {split:?}");
    for word in words {
        let row = lexicon.describe(word).unwrap();
        assert_eq!(row.len(), lexicon.dimensions().len(), "{word}");
        assert!(row.iter().all(|x| (0.0..=1.0).contains(x)), "{word}");
        assert!(lexicon.about(word).is_some_and(|about| !about.zh.contains(',')), "{word}");
    }
}

#[test]
fn the_lexicon_speaks_the_designed_samples_dimensions() {
    let (lexicon, sample) = (Lexicon::builtin().unwrap(), tiananmen());
    assert_eq!(&lexicon.dimensions()[..5], &sample.dimensions[..5]);
    // It also says of the sample's own words what the sample says.
    for (row, word) in sample.tokens.iter().enumerate() {
        let own: Vec<f32> = (0..5).map(|col| h(&sample).get(Cell::at(row, col))).collect();
        assert_eq!(lexicon.describe(word).map(|row| &row[..5]), Some(own.as_slice()), "{word}");
    }
    for little in ["的", "the", "，"] {
        assert_eq!(lexicon.describe(little).map(|row| &row[..5]), Some([0.0; 5].as_slice()), "{little}");
    }
    assert_eq!(lexicon.describe("LONDON"), lexicon.describe("london"));
    assert_eq!(lexicon.describe("flurb"), None);
}

#[test]
fn a_bad_lexicon_is_refused_where_it_is_wrong() {
    let good = "format = \"qkv-lexicon/1\"\ndimensions = [{ zh = \"地\", en = \"place\" }]\n\
                [[group]]\nabout = { zh = \"城\", en = \"towns\" }\ndescribes = { place = 1 }\nwords = [\"Rome\"]\n";
    assert_eq!(Lexicon::parse(good, "x").unwrap().describe("rome"), Some([1.0].as_slice()));
    for (from, to, message) in [
        ("[\"Rome\"]", "[\"Rome\", \"ROME\"]", "x:6:18: `ROME` is described twice"),
        ("[\"Rome\"]", "[]", "x:6:9: words is empty, expected at least one word"),
        ("[\"Rome\"]", "[\"\"]", "x:6:10: words, entry 1 is empty"),
        ("[\"Rome\"]", "[\"a\\u0007\"]", "x:6:10: words, entry 1 holds the control character U+0007"),
        ("{ place = 1 }", "{ plaice = 1 }", "x:5:15: unknown key `plaice` in `describes`; did you mean `place`?"),
        ("{ place = 1 }", "{ place = nan }", "x:5:23: describes, place is nan, expected a finite number"),
        ("{ place = 1 }", "7", "x:5:13: describes is a number, expected a table"),
        ("describes = { place = 1 }\n", "", "x:3:1: `describes` is missing in a group"),
        ("lexicon/1", "lexicon/2", "x:1:10: format is \"qkv-lexicon/2\", expected \"qkv-lexicon/1\""),
        ("[[group]]", "[[groups]]", "x:3:3: unknown key `groups` in the lexicon; did you mean `group`?"),
        (
            "en = \"place\" }]",
            "en = \"place\" }, { zh = \"处\", en = \"place\" }]",
            "x:2:43: the dimension `place` stands twice",
        ),
        ("about", "about =", "x:4:"),
    ] {
        let error = Lexicon::parse(&good.replacen(from, to, 1), "x").unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}\nexpected {message}");
    }
}

// ---- a sentence under a sample's heads

#[test]
fn the_samples_own_sentence_comes_out_as_its_file_says() {
    let (own, typed) = (tiananmen(), sentence("我爱北京天安门", Lens::Words));
    assert_eq!(format!("{typed:?}"), format!("{own:?}"), "every number, name and intent");
}

#[test]
fn other_sentences_behave_as_the_samples_own() {
    for written in [
        "他喜欢上海外滩",
        "I love London Bridge",
        "学生参观南京城墙",
        "She visits Beijing Tiananmen",
        "我们热爱西安钟楼",
    ] {
        let sample = sentence(written, Lens::Words);
        assert_eq!((sample.tokens.len(), sample.random_words()), (4, Vec::new()), "{:?}", sample.tokens);
        let weights = weights(&sample);
        let w = |head, row, col| weights.get(Cell::at(row, col).in_head(head));
        let [subject, verb, city, landmark] = [0, 1, 2, 3];
        assert!(w(0, subject, verb) >= 0.8 && w(0, verb, subject) >= 0.8, "{written}: subject and verb");
        assert!(w(1, verb, city) + w(1, verb, landmark) >= 0.9, "{written}: the verb's object");
        assert!(w(1, city, verb) < 0.3 && w(1, landmark, verb) < 0.3, "{written}: an object does not look back");
        assert!(w(2, city, landmark) >= 0.8 && w(2, landmark, city) >= 0.8, "{written}: city and landmark");
        assert!((1..4).all(|row| w(3, row, row - 1) >= 0.5), "{written}: the previous word");
        assert_eq!((sample.text.as_str(), sample.title.en.as_ref()), (written, written));
        assert!(
            sample.heads.iter().all(|card| card.name.is_some() && card.intent.is_none()),
            "intents name other words"
        );
    }
}

#[test]
fn little_words_look_for_nothing() {
    let sample = sentence("他的朋友喜欢上海", Lens::Words);
    let weights = weights(&sample);
    for head in 0..3 {
        let row: Vec<f32> = (0..5).map(|col| weights.get(Cell::at(1, col).in_head(head))).collect();
        assert!(row.iter().all(|w| (w - 0.2).abs() < 1e-6), "的 in head {head}: {row:?}");
    }
}

#[test]
fn unknown_words_are_marked_and_keep_their_numbers_in_every_sentence() {
    let (one, two) = (sentence("flurb loves 北京", Lens::Words), sentence("I love the Flurb", Lens::Words));
    assert_eq!((one.random_words(), two.random_words()), (vec![0], vec![3]));
    let meaning = |sample: &Sample, row| (0..5).map(|col| h(sample).get(Cell::at(row, col))).collect::<Vec<_>>();
    assert_eq!(meaning(&one, 0), meaning(&two, 3));
    assert_ne!(meaning(&one, 0), meaning(&sentence("blurf", Lens::Words), 0));
    // What the seed means is part of what a sentence shows: it stays the same in every version.
    assert_eq!(meaning(&one, 0), [-0.21, -0.13, 0.03, 0.02, 0.24]);
    // Typed again over a sentence with unknown words, they do not pass for the sample's own.
    let again = one.with_sentence("flurb", Lens::Words, &mut segmenter(), &Lexicon::builtin().unwrap()).unwrap();
    assert_eq!(again.random_words(), [0]);
}

#[test]
fn unknown_words_stay_marked_in_a_saved_sample() {
    let sample = sentence("flurb loves 北京 blurf", Lens::Words);
    let written = sample.to_toml().unwrap();
    let back = Sample::parse(&written, "written").unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(format!("{back:?}"), format!("{sample:?}"));
    let origins = written.lines().find(|line| line.starts_with("word_origins")).unwrap();
    for (listed, message) in [
        ("[]", "word_origins has 0 entries, expected 4: one for each token"),
        (
            "[\"known\"]",
            "word_origins, entry 1 is \"known\", expected \"designed\" or \"trained\" or \"random\" or \"imported\"",
        ),
        ("[{ lexikon = 1 }]", "unknown key `lexikon` in word_origins, entry 1; did you mean `lexicon`?"),
        ("[{}]", "`class` is missing in word_origins, entry 1"),
    ] {
        let error = Sample::parse(&written.replace(origins, &format!("word_origins = {listed}")), "x").unwrap_err();
        assert_eq!(error.message.en, message);
    }
    // Of random weights the words are still what they were.
    let drawn = sample.with_random_weights(1);
    let back = Sample::parse(&drawn.to_toml().unwrap(), "written").unwrap();
    assert_eq!(format!("{back:?}"), format!("{drawn:?}"));
}

#[test]
fn pieces_share_their_words_meaning_and_stand_where_they_stand() {
    for (lens, length) in [(Lens::Characters, 1), (Lens::Bytes, 3)] {
        let (fine, own) = (sentence("我爱北京天安门", lens), tiananmen());
        assert_eq!(fine.tokens.len(), 7 * length);
        let pieces = &fine.coarser[0];
        assert_eq!((pieces.lens, &pieces.words), (Lens::Words, &own.tokens));
        for (token, &word) in pieces.of.iter().enumerate() {
            for col in 0..5 {
                assert_eq!(h(&fine).get(Cell::at(token, col)), h(&own).get(Cell::at(word, col)), "piece {token}");
            }
            let place: Vec<f32> = (5..8).map(|col| h(&fine).get(Cell::at(token, col))).collect();
            let at = (token + 1) as f32;
            assert_eq!(place, [1.0, at / 8.0, at * at / 64.0]);
        }
        // Seen as words again, the heads that go by meaning still look where they should.
        let coarse = pieces.coarsen(&weights(&fine)).unwrap();
        let w = |head, row, col| coarse.get(Cell::at(row, col).in_head(head));
        assert!(w(0, 0, 1) >= 0.7 && w(0, 1, 0) >= 0.7 && w(1, 1, 2) + w(1, 1, 3) >= 0.9);
        assert!(w(2, 2, 3) >= 0.8 && w(2, 3, 2) >= 0.8);
        for head in 0..4 {
            assert!(coarse.matrix(0, head).rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-5));
        }
    }
    let lenses: Vec<_> = sentence("我爱", Lens::Bytes).coarser.iter().map(|pieces| pieces.lens).collect();
    assert_eq!(lenses, [Lens::Words, Lens::Characters]);
    assert!(sentence("我爱", Lens::Words).coarser.is_empty());
}

#[test]
fn the_bytes_of_a_space_mean_nothing_and_are_not_unknown() {
    let sample = sentence("flurb 北京", Lens::Bytes);
    assert_eq!(sample.random_words(), [0, 1, 2, 3, 4]);
    assert!((0..5).all(|col| h(&sample).get(Cell::at(5, col)) == 0.0));
}

#[test]
fn sentences_of_1_and_of_512_tokens_run() {
    let one = weights(&sentence("天安门", Lens::Words));
    assert!(one.numbers().all(|w| w == 1.0), "a single word looks at itself");
    let sample = sentence(&"I love London . ".repeat(TOKENS / 4), Lens::Words);
    let weights = weights(&sample);
    assert_eq!(weights.shape().lens(), [1, 4, TOKENS, TOKENS]);
    for head in 0..4 {
        assert!(weights.matrix(0, head).rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-4));
    }
}

#[test]
fn masks_and_random_weights_go_with_the_sentence() {
    let lexicon = Lexicon::builtin().unwrap();
    let type_in =
        |sample: &Sample, written: &str| sample.with_sentence(written, Lens::Words, &mut segmenter(), &lexicon);
    let causal = type_in(&tiananmen().with_mask(MaskChoice::Causal).unwrap(), "I love London and Paris").unwrap();
    let weights = weights(&causal);
    assert!((0..5).all(|row| (row + 1..5).all(|col| weights.get(Cell::at(row, col)) == 0.0)));
    let random = |sample: Sample| sample.with_random_weights(3).inputs;
    assert_eq!(
        random(sentence("I love London", Lens::Words)),
        type_in(&tiananmen().with_random_weights(3), "I love London").unwrap().inputs
    );

    // A mask painted by hand has a meaning at its own length only.
    let file = tiananmen().to_toml().unwrap();
    let painted = file.replace("mask = \"none\"", "mask = [[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]");
    let painted = Sample::parse(&painted, "painted").unwrap();
    assert!(type_in(&painted, "他喜欢上海外滩").is_ok());
    let error = type_in(&painted, "他喜欢上海").unwrap_err();
    assert_eq!(error.to_string(), "the mask of the sample tiananmen is drawn for 4 tokens, the sentence has 3");
}

#[test]
fn samples_without_a_lexicon_say_why() {
    let lexicon = Lexicon::builtin().unwrap();
    for (name, why) in [
        ("h1h2", "its dimensions have no names"),
        ("batch64x8x256", "its dimensions have no names"),
        ("translation", "it is dot-product, not self-attention"),
        ("translation-cross", "it is cross-attention, not self-attention"),
    ] {
        let sample = Sample::builtin(name).unwrap().unwrap();
        let error = sample.with_sentence("I", Lens::Words, &mut segmenter(), &lexicon).unwrap_err();
        assert!(matches!(error, SentenceError::NoLexicon { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("the sample {name} has no lexicon: {why}; tiananmen has one"));
    }
    let renamed = tiananmen().to_toml().unwrap().replace("en = \"city\"", "en = \"colour\"");
    let error = Sample::parse(&renamed, "x").unwrap().with_sentence("I", Lens::Words, &mut segmenter(), &lexicon);
    assert!(error.unwrap_err().to_string().contains("no word is described by its dimension `colour`"));
}

// ---- the command line

fn qkv(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).env("LC_ALL", "en_US.UTF-8").env("COLUMNS", "100").args(["--backend", "cpu"]);
    let Output { status, stdout, stderr } = command.args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn json(args: &[&str]) -> serde_json::Value {
    let (code, out, err) = qkv(args);
    assert_eq!(code, Some(0), "{err}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_typed_sentence_holds_for_every_command() {
    let trace = json(&["show", "--format", "json", "--text", "他喜欢上海外滩"]);
    assert_eq!(trace["tokens"], serde_json::json!(["他", "喜欢", "上海", "外滩"]));
    assert!(trace.get("unknown").is_none() && trace["ledger"]["ok"] == true);
    let (code, walk, err) = qkv(&["--text", "I love London Bridge"]);
    assert!(code == Some(0) && walk.starts_with("I love London Bridge\n") && err.is_empty(), "{err}");
    let (code, audit, err) = qkv(&["audit", "--text", "flurb", "--lens", "bytes"]);
    assert!(code == Some(0) && audit.contains("tiananmen") && !audit.contains("h1h2"), "{audit}{err}");
    let (code, picture, err) = qkv(&["picture", "--text", "I love London Bridge"]);
    assert!(code == Some(0) && picture.contains("Bridge"), "{err}");
    assert_eq!(json(&["show", "--format", "json", "--lens", "characters"])["tokens"][2], "北");
    assert_eq!(json(&["show", "--format", "json", "--lens", "bytes"])["tokens"][0], "E6");
    assert_eq!(json(&["show", "--format", "json", "--lens", "words", "--sample", "h1h2"])["tokens"][0], "h1");
}

#[test]
fn unknown_words_are_said_in_json_in_the_table_and_on_stderr() {
    let words = "no lexicon and no word class describes these words, so they have random vectors: 1 flurb, 4 blurf\n";
    let args = ["show", "--text", "flurb 爱北京 blurf"];
    let (code, table, err) = qkv(&args);
    assert_eq!((code, err), (Some(0), format!("qkv: {words}")));
    assert!(table.contains(&format!("# {words}")), "{table}");
    assert_eq!(json(&[&args[..], &["--format", "json"]].concat())["unknown"], serde_json::json!([1, 4]));
    // Pieces are called by their word's name.
    let (_, _, err) = qkv(&[&args[..], &["--lens", "characters"]].concat());
    assert_eq!(err, format!("qkv: {words}"));
}

#[test]
fn a_bad_sentence_ends_with_2_and_names_the_option() {
    let long = "x".repeat(10_000);
    for (args, message) in [
        (["--text", ""], "--text: the sentence is empty, expected at least one word"),
        (["--text", " | "], "--text: the sentence is empty, expected at least one word"),
        (["--text", &long], "--text: the sentence has 10000 characters, the most is 5000"),
        (["--text", "a\u{7}"], "--text: character 2 is the control character U+0007, which a sentence cannot hold"),
        (["--lens", "letters"], "--lens cannot be `letters`; possible values: words, characters, bytes"),
    ] {
        for command in [["show"].as_slice(), &["audit"], &[]] {
            let (code, out, err) = qkv(&[command, &args].concat());
            assert!(code == Some(2) && out.is_empty() && err.contains(message), "{command:?} {code:?}: {err}");
        }
    }
    let (code, _, err) = qkv(&["show", "--sample", "h1h2", "--lens", "bytes"]);
    assert_eq!(
        (code, err.as_str()),
        (Some(2), "qkv: --lens: the sample h1h2 has no lexicon: its dimensions have no names; tiananmen has one\n")
    );
    let (_, _, err) = qkv(&["show", "--lang", "zh", "--text", ""]);
    assert_eq!(err, "qkv: --text: 句子是空的，请至少写一个词\n");
}
