//! Files that cannot be used: each is refused at its place, in words that say what was expected.
#![expect(clippy::expect_used, reason = "a helper that cannot go on fails its test")]

use proptest::prelude::*;
use qkv::compute::{Compute, Cpu};
use qkv::ground::fault::Failure;
use qkv::program::Name;
use qkv::source::sample::Sample;

/// A small correct file to spoil.
const GOOD: &str = r#"format = "qkv-sample/1"
name = "small"
title = { zh = "小", en = "small" }
program = "self-attention"
weights = "designed"
text = "a b c"
tokens = ["a", "b", "c"]
heads = 2
mask = "none"
dimensions = [{ zh = "一", en = "one" }, { zh = "二", en = "two" }]

[tensors]
H = [
  [1, 0],
  [0, 1],
  [1, 1],
]
W_q = [[1, 0, 2, 0], [0, 1, 0, 2]]
W_k = [[1, 0, 2, 0], [0, 1, 0, 2]]
W_v = [[1, 0], [0, 1]]
W_o = [[1, 2, 3], [4, 5, 6]]
"#;

/// The good file with one passage changed.
fn spoiled(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from} is not in the file");
    GOOD.replacen(from, to, 1)
}

fn complaint(source: &str) -> String {
    Sample::parse(source, "x.toml").expect_err(source).to_string()
}

/// Spoils the good file in many ways and compares the complaints.
fn refused(cases: &[(&str, &str, &str)]) {
    for (from, to, expected) in cases {
        assert_eq!(complaint(&spoiled(from, to)), format!("x.toml:{expected}"), "{from} -> {to}");
    }
}

#[test]
fn the_file_to_spoil_is_good() {
    Sample::parse(GOOD, "x.toml").unwrap();
}

#[test]
fn keys_and_types() {
    refused(&[
        ("heads", "haeds", "8:1: unknown key `haeds` in the sample; did you mean `heads`?"),
        ("W_o", "W_out", "21:1: unknown key `W_out` in [tensors]; did you mean `W_o`?"),
        (
            "en = \"small\"",
            "en = \"small\", fr = \"petit\"",
            "3:35: unknown key `fr` in a text in two languages; the keys there are zh, en",
        ),
        (", en = \"small\"", "", "3:9: title lacks its `en`; every text has zh and en"),
        ("qkv-sample/1", "qkv-sample/2", "1:10: format is \"qkv-sample/2\", expected \"qkv-sample/1\""),
        ("format = \"qkv-sample/1\"\n", "", "1:1: `format` is missing in the sample"),
        ("name = \"small\"", "", "1:1: `name` is missing in the sample"),
        ("\"small\"", "\"../small\"", "2:8: name is \"../small\", expected letters, digits, - and _ only"),
        ("\"small\"", "\"\"", "2:8: name is empty"),
        ("\"small\"", "3", "2:8: name is a number, expected a string"),
        (
            "{ zh = \"小\", en = \"small\" }",
            "\"small\"",
            "3:9: title is a string, expected { zh = \"...\", en = \"...\" }",
        ),
        (
            "self-attention",
            "self-atention",
            "4:11: program is \"self-atention\", expected \"dot-product\" or \"self-attention\" or \"cross-attention\"",
        ),
        (
            "designed",
            "made up",
            "5:11: weights is \"made up\", expected \"designed\" or \"trained\" or \"random\" or \"imported\"",
        ),
        ("text = \"a b c\"\n", "", "1:1: `text` is missing in the sample"),
        ("\"a b c\"", "\"a\\u001b[31m\"", "6:8: text holds the control character U+001B"),
        ("\"a b c\"", "\"a\u{202e}b\"", "6:8: text holds the control character U+202E"),
        ("tokens = [\"a\", \"b\", \"c\"]", "tokens = \"a b c\"", "7:10: tokens is a string, expected a list"),
        ("\"b\", \"c\"]", "2, \"c\"]", "7:16: tokens, entry 2 is a number, expected a string"),
        ("\"b\", \"c\"]", "\"\", \"c\"]", "7:16: tokens, entry 2 is empty"),
        ("heads = 2", "heads = 2.0", "8:9: heads is a number with a point, expected a whole number"),
        ("heads = 2", "heads = 0", "8:9: heads is 0, expected a whole number from 1"),
        ("heads = 2", "heads = -1", "8:9: heads is -1, expected a whole number from 1"),
        (
            "mask = \"none\"",
            "mask = true",
            "9:8: mask is true or false, expected \"none\", \"causal\" or rows of 0 and 1",
        ),
        ("mask = \"none\"", "mask = \"past\"", "9:8: mask is \"past\", expected \"none\" or \"causal\""),
        ("[tensors]", "[tensor]", "12:2: unknown key `tensor` in the sample; did you mean `tensors`?"),
        (
            "[tensors]",
            "[tensors]\ngloss = [\"x\"]",
            "13:1: `gloss` stands below [tensors] and so belongs to it; move it above",
        ),
        (
            "name = ",
            "colour = ",
            "2:1: unknown key `colour` in the sample; the keys there are format, name, title, program, weights, given, text, tokens, memory_tokens, gloss, word_origins, query_token, heads, mask, dimensions, head_names, head_intents, feature_names, value_names, what_if, training, tensors",
        ),
        ("heads = 2", "heads = 2\nheads = 2", "9:1: not TOML: duplicate key"),
        ("heads = 2", "heads = ", "8:9: not TOML: string values must be quoted, expected literal string"),
        (
            "W_v = [[1, 0], [0, 1]]",
            "W_v = [[1, 0], [0, 1]",
            "21:1: not TOML: missing comma between array elements, expected `,`",
        ),
    ]);
}

/// The parser speaks English; what it says most often is said in Chinese too, with line and column, and else it is named.
#[test]
fn what_is_no_toml_is_said_in_chinese() {
    let words = |toml: &str| Sample::parse(toml, "x.toml").unwrap_err().words().zh;
    for (toml, says) in [
        ("a = 1\na = 2", "2:1: 不是合格的 TOML：这个键前面已经写过了"),
        ("a 1", "1:3: 不是合格的 TOML：键的后面少了 `=` 和它的值"),
        ("a = { b 1 }", "1:9: 不是合格的 TOML：键和值之间少了 `=`"),
        ("a == 1", "1:4: 不是合格的 TOML：多了一个 `=`"),
        ("a = { b = 1 c = 2 }", "1:15: 不是合格的 TOML：前面少了一个逗号：花括号里每两对之间要有逗号"),
        ("a = [\"x\" \"y\"]", "1:10: 不是合格的 TOML：列表里两项之间少了逗号"),
        ("a = ", "1:5: 不是合格的 TOML：这里的值不对：文字要放在引号里，列表里的数要用逗号隔开，`=` 后面不能空着"),
        ("a = \"x", "1:7: 不是合格的 TOML：字符串没有写完：少了结尾的双引号"),
        ("a = 'x", "1:7: 不是合格的 TOML：字符串没有写完：少了结尾的单引号"),
        ("a = tru", "1:5: 不是合格的 TOML：这里只能是 true 或者 false；文字要放在引号里"),
        ("a = [1, 2", "1:10: 不是合格的 TOML：列表没有写完：少了 `]`"),
        ("[tensors", "1:9: 不是合格的 TOML：方括号没有写完：少了 `]`"),
        ("名 = 1", "1:1: 不是合格的 TOML：键只能用英文字母、数字、`-` 和 `_`，别的要放在引号里"),
        ("= 3", "1:1: 不是合格的 TOML：`=` 前面少了键"),
        (
            "a = 1\na.b = 2",
            "2:1: 不是合格的 TOML。解析器只会英文，它的原话是：cannot extend value of type integer with a dotted key",
        ),
    ] {
        assert_eq!(words(toml), format!("x.toml:{says}"), "{toml}");
    }
}

#[test]
fn numbers() {
    refused(&[
        ("  [0, 1],", "  [0, nan],", "15:7: H, row 2, column 2 is nan, expected a finite number"),
        ("  [0, 1],", "  [-inf, 1],", "15:4: H, row 2, column 1 is -inf, expected a finite number"),
        (
            "  [0, 1],",
            "  [0, 1e39],",
            "15:7: H, row 2, column 2 is 1e39, too large: a sample's numbers stay within ±1000000, so that no product leaves f32",
        ),
        (
            "  [0, 1],",
            "  [0, 1e999],",
            "15:7: H, row 2, column 2 is 1e999, too large: a sample's numbers stay within ±1000000, so that no product leaves f32",
        ),
        (
            "  [0, 1],",
            "  [0, 3000000],",
            "15:7: H, row 2, column 2 is 3000000, too large: a sample's numbers stay within ±1000000, so that no product leaves f32",
        ),
        (
            "  [0, 1],",
            "  [0, 99999999999999999999999999999999999999999999999999],",
            "15:7: H, row 2, column 2 is 9999999999999999999999999999999999999999..., too large: a sample's numbers stay within ±1000000, so that no product leaves f32",
        ),
        (
            "  [0, 1],",
            "  [0, 1e-42],",
            "15:7: H, row 2, column 2 is 1e-42, too small for f32: write 0, or at least 1.2e-38",
        ),
        ("  [0, 1],", "  [0, \"1\"],", "15:7: H, row 2, column 2 is a string, expected a number"),
        ("  [0, 1],", "  [0, 1, 2],", "15:3: H, row 2 has 3 numbers, the row above has 2"),
        ("  [1, 1],", "  [1],", "16:3: H, row 3 has 1 number, the rows above have 2"),
        ("  [1, 1],", "  [],", "16:3: H, row 3 has no numbers"),
        ("  [1, 1],", "  1,", "16:3: H, row 3 is a number, expected a list"),
        ("W_v = [[1, 0], [0, 1]]", "W_v = []", "20:7: W_v has no rows"),
        ("W_v = [[1, 0], [0, 1]]", "W_v = [[], []]", "20:8: W_v, row 1 has no numbers"),
    ]);
}

#[test]
fn counts_and_shapes() {
    refused(&[
        ("[\"a\", \"b\", \"c\"]", "[]", "7:10: tokens is empty, expected at least one word"),
        (
            "[\"a\", \"b\", \"c\"]",
            "[\"a\", \"b\"]",
            "13:5: H has 3 rows, expected 2: one for each of the 2 words in tokens",
        ),
        ("heads = 2", "heads = 3", "8:9: 3 heads cannot share the 4 columns of W_q evenly"),
        ("heads = 2", "heads = 4", "8:9: 4 heads cannot share the 2 columns of W_v evenly"),
        ("heads = 2", "heads = 65", "8:9: heads is 65, the most is 64"),
        (
            "W_q = [[1, 0, 2, 0], [0, 1, 0, 2]]",
            "W_q = [[1, 0, 2, 0]]",
            "18:7: W_q is 1×4, expected 2×4: one row for each column of H",
        ),
        (
            "W_k = [[1, 0, 2, 0], [0, 1, 0, 2]]",
            "W_k = [[1, 0], [0, 1]]",
            "19:7: W_k is 2×2, expected 2×4: as wide as W_q",
        ),
        (
            "W_v = [[1, 0], [0, 1]]",
            "W_v = [[1, 0], [0, 1], [1, 1]]",
            "20:7: W_v is 3×2, expected 2×2: one row for each column of H",
        ),
        (
            "W_o = [[1, 2, 3], [4, 5, 6]]",
            "W_o = [[1, 2, 3]]",
            "21:7: W_o is 1×3, expected 2×3: one row for each column of W_v",
        ),
        ("W_v = [[1, 0], [0, 1]]\n", "", "12:1: W_v is missing; self-attention needs H, W_q, W_k, W_v"),
        ("H = [", "q = [[1, 0]]\nH = [", "13:5: q does not belong to self-attention; it takes H, W_q, W_k, W_v, W_o"),
        ("H = [", "M = [[1, 0]]\nH = [", "13:5: M does not belong to self-attention; it takes H, W_q, W_k, W_v, W_o"),
        (", { zh = \"二\", en = \"two\" }", "", "10:14: dimensions has 1 entry, expected 2: one for each column of H"),
        (
            "heads = 2",
            "heads = 2\nmemory_tokens = [\"x\"]",
            "9:17: `memory_tokens` does not belong to self-attention: only cross-attention has a memory",
        ),
        (
            "heads = 2",
            "heads = 2\nquery_token = \"x\"",
            "9:15: `query_token` does not belong to self-attention: only dot-product has a single query",
        ),
        ("heads = 2", "heads = 2\ngloss = [\"x\"]", "9:9: gloss has 1 entry, expected 3: one for each token"),
        (
            "heads = 2",
            "heads = 2\nhead_names = [{ zh = \"x\", en = \"x\" }]",
            "9:14: head_names has 1 entry, expected 2: one for each head",
        ),
        (
            "heads = 2",
            "heads = 2\nhead_intents = []",
            "9:16: head_intents has 0 entries, expected 2: one for each head",
        ),
        (
            "heads = 2",
            "heads = 2\nfeature_names = [[]]",
            "9:17: feature_names has 1 entry, expected 2: one list for each head",
        ),
        (
            "heads = 2",
            "heads = 2\nvalue_names = [[{ zh = \"x\", en = \"x\" }], []]",
            "9:42: value_names, head 2 has 0 entries, expected 1: one for each of the head's columns",
        ),
    ]);
}

#[test]
fn masks() {
    refused(&[
        (
            "\"none\"",
            "[[1, 0, 0], [1, 1, 0]]",
            "9:8: mask is 2×3, expected 3×3: one row for each query, one column for each key",
        ),
        (
            "\"none\"",
            "[[1, 0], [1, 1], [1, 1]]",
            "9:8: mask is 3×2, expected 3×3: one row for each query, one column for each key",
        ),
        (
            "\"none\"",
            "[[0, -inf, -inf], [0, 0, -inf]]",
            "9:13: mask, row 1, column 2 is -inf: that is a mask to be added to scores (0 is seen, -inf hidden); here it is the other way round, 1 is seen and 0 hidden: write 1 for 0, and 0 for -inf",
        ),
        (
            "\"none\"",
            "[[0, -1e9, 0], [0, 0, 0], [0, 0, 0]]",
            "9:13: mask, row 1, column 2 is -1e9: that is a mask to be added to scores (0 is seen, -1e9 hidden); here it is the other way round, 1 is seen and 0 hidden: write 1 for 0, and 0 for -1e9",
        ),
        ("\"none\"", "[[1, 0, 0], [0, 0.5, 0], [1, 1, 1]]", "9:20: mask, row 2, column 2 is 0.5, expected 0 or 1"),
        (
            "\"none\"",
            "[\n  [1, 0, 0],\n  [0, 0, 0],\n  [1, 1, 1]]",
            "11:3: mask, row 2 hides every key; leave at least one 1 in it",
        ),
    ]);
}

#[test]
fn a_mask_may_be_true_and_false_and_numbers_may_lack_a_digit() {
    let read = |source: &str| Sample::parse(source, "x.toml").unwrap_or_else(|error| panic!("{error}"));
    let numbers = read(&spoiled("\"none\"", "[[1, 0, 0], [1, 1, 0], [1, 1, 1]]"));
    let words = read(&spoiled("\"none\"", "[[true, false, false], [true, true, false], [true, true, true]]"));
    assert_eq!(words.inputs, numbers.inputs);
    let short = read(&spoiled("  [0, 1],", "  [.5, 1.],"));
    assert_eq!(short.inputs, read(&spoiled("  [0, 1],", "  [0.5, 1.0],")).inputs);
    // What stands behind such a number is still found where it stands.
    refused(&[("  [0, 1],", "  [1., x],", "15:8: not TOML: string values must be quoted, expected literal string")]);
}

#[test]
fn other_kinds_of_program() {
    let weights = GOOD.split_once("W_q").unwrap().1;
    let dot = spoiled("self-attention", "dot-product").replace(&format!("W_q{weights}"), "q = [[1, 0]]\n");
    Sample::parse(&dot, "x.toml").unwrap();
    let cross = spoiled("self-attention", "cross-attention")
        .replace("heads = 2", "heads = 2\nmemory_tokens = [\"x\", \"y\"]")
        .replace("[tensors]", "[tensors]\nM = [[1, 0], [0, 1]]");
    Sample::parse(&cross, "x.toml").unwrap();
    for (good, from, to, expected) in [
        (&dot, "q = [[1, 0]]", "", "12:1: q is missing; dot-product needs q, H"),
        (&dot, "q = [[1, 0]]", "q = [[1, 0], [0, 1]]", "18:5: q is 2×2, expected 1×2: one query, as wide as H"),
        (&dot, "q = [[1, 0]]", "q = [[1, 0, 0]]", "18:5: q is 1×3, expected 1×2: one query, as wide as H"),
        (&dot, "[tensors]", "[tensors]\nW_o = [[1], [0]]", "13:7: W_o does not belong to dot-product; it takes q, H"),
        (&dot, "heads = 2", "heads = 3", "8:9: 3 heads cannot share the 2 columns of H evenly"),
        (&dot, "\"none\"", "\"causal\"", "9:8: a causal mask needs as many queries as keys, here are 1 and 3"),
        (
            &dot,
            "heads = 2",
            "heads = 2\nvalue_names = []",
            "9:15: `value_names` does not belong to dot-product: its values are the dimensions",
        ),
        (&cross, "M = [[1, 0], [0, 1]]", "", "13:1: M is missing; cross-attention needs H, M, W_q, W_k, W_v"),
        (&cross, "M = [[1, 0], [0, 1]]", "M = [[1], [0]]", "14:5: M is 2×1, expected 2×2: as wide as H"),
        (
            &cross,
            "M = [[1, 0], [0, 1]]",
            "M = [[1, 0]]",
            "14:5: M has 1 row, expected 2: one for each of the 2 words in memory_tokens",
        ),
        (
            &cross,
            "memory_tokens = [\"x\", \"y\"]",
            "",
            "1:1: `memory_tokens` is missing; cross-attention needs one word for each row of M",
        ),
        (&cross, "\"none\"", "\"causal\"", "10:8: a causal mask needs as many queries as keys, here are 3 and 2"),
    ] {
        assert!(good.contains(from), "{from} is not in the file");
        assert_eq!(complaint(&good.replacen(from, to, 1)), format!("x.toml:{expected}"));
    }
}

#[test]
fn masks_that_fit() {
    for mask in ["\"causal\"", "[[1, 0, 0], [1.0, 0, 1], [0, 0, 1]]"] {
        let sample = Sample::parse(&spoiled("\"none\"", mask), "x.toml").unwrap();
        let back = Sample::parse(&sample.to_toml().unwrap(), "x.toml").unwrap();
        assert_eq!(back.inputs, sample.inputs);
        assert!(!sample.to_toml().unwrap().contains("\"none\""));
    }
}

#[test]
fn bytes_that_are_no_text() {
    let bytes = [b"name = \"x\"\ntext = \"\xe5\x8c\x97", b"\xff\"\n".as_slice()].concat();
    let error = Sample::from_bytes(&bytes, "x.toml").unwrap_err();
    assert_eq!(error.to_string(), "x.toml:2:10: byte 0xFF is not UTF-8; save the file as UTF-8");
    assert_eq!(Sample::from_bytes(GOOD.as_bytes(), "x.toml").unwrap().name, "small");
    assert_eq!(complaint(""), "x.toml:1:1: `format` is missing in the sample");
}

#[test]
fn ten_megabytes_on_one_line_give_a_short_answer() {
    const N: usize = 10 << 20;
    for source in [
        "a".repeat(N),
        "[".repeat(N),
        "# ".repeat(N / 2),
        format!("{} = 1", "k".repeat(N)),
        spoiled("a b c", &"a".repeat(N)),
        spoiled("\"none\"", &format!("\"{}\"", "m".repeat(N))),
        spoiled("heads = 2", &format!("heads = {}", "2".repeat(N))),
        spoiled("  [0, 1],", &format!("  [0, 0.{}],", "é".repeat(N / 2))),
        spoiled("  [0, 1],", &format!("  [0, {}],", "1".repeat(N))),
        spoiled("heads = 2", &format!("heads = 2\n{} = 1", "k".repeat(N))),
        spoiled("  [1, 1],", &format!("  [{}],", "1,".repeat(N / 2))),
    ] {
        let message = complaint(&source);
        assert!(message.chars().count() < 320, "{} characters", message.chars().count());
    }
}

/// The default sample, to be spoiled at random.
const TIANANMEN: &str = include_str!("../samples/tiananmen.toml");

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes: Vec<u8>) {
        prop_assert!(Sample::from_bytes(&bytes, "x.toml").is_err());
    }

    #[test]
    fn any_small_change_is_answered(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, "[\\[\\]{}\",=.#0-9a-z \n一-龥]{0,6}"), 1..4)
    ) {
        let mut letters: Vec<char> = TIANANMEN.chars().collect();
        for (place, removed, inserted) in changes {
            let start = place.index(letters.len());
            let end = (start + removed).min(letters.len());
            letters.splice(start..end, inserted.chars());
        }
        let source: String = letters.into_iter().collect();
        if let Ok(sample) = Sample::parse(&source, "x.toml") {
            // What is accepted can be computed and written down.
            let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
            for slot in sample.program.slots().filter(|&slot| sample.program.symbol(slot).name != Name::Masked) {
                prop_assert!(trace.tensor(slot).numbers().all(f32::is_finite), "{}", sample.program.symbol(slot));
            }
            let back = Sample::parse(&sample.to_toml().unwrap(), "written");
            prop_assert_eq!(back.map(|back| back.inputs), Ok(sample.inputs));
        }
    }
}
