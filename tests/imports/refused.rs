//! What will not do is refused: which file, which array, where in it, and what was expected.

use half::f16;
use qkv::ground::text::disturbs;

use super::maker::{even, json, npy, npz, safetensors, unicode, zipped};
use super::{complaint, open};

const TOKENS: [&str; 3] = ["a", "b", "c"];

fn attention(change: impl FnOnce(&mut Vec<f32>)) -> (Vec<usize>, Vec<f32>) {
    let (shape, mut numbers) = even(2, 2, 3);
    change(&mut numbers);
    (shape, numbers)
}

/// The same complaint whatever the format.
fn everywhere(shape: &[usize], numbers: &[f32], says: &[&str]) {
    let arrays = [("attention", shape, numbers)];
    let files = [
        ("x.npz", npz(&TOKENS, &arrays)),
        ("x.safetensors", safetensors(&TOKENS, &arrays)),
        ("x.json", json(&TOKENS, &arrays).into_bytes()),
    ];
    for (name, bytes) in files {
        let words = complaint(name, bytes);
        assert!(says.iter().all(|part| words.en.contains(part)), "{name}: {} lacks one of {says:?}", words.en);
    }
}

#[test]
fn rows_that_are_no_shares_are_named() {
    // Layer 2, head 1, row 3: the ninth row of three.
    let (shape, numbers) = attention(|numbers| numbers[8 * 3] += 0.02);
    everywhere(&shape, &numbers, &["attention", "layer 2, head 1, row 3 sums to", "expected 1", "model.eval()"]);
    let (shape, numbers) = attention(|numbers| numbers[8 * 3 + 1] = -0.25);
    everywhere(&shape, &numbers, &["layer 2, head 1, row 3, column 2 is -0.25", "scores before softmax"]);
    // What half precision rounds is no fault.
    let (shape, numbers) = attention(|numbers| numbers[8 * 3] += 0.009);
    assert!(open("x.npz", npz(&TOKENS, &[("attention", &shape, &numbers)])).is_ok());
}

#[test]
fn numbers_that_are_none_are_named() {
    for bad in [f32::NAN, f32::INFINITY] {
        let (shape, numbers) = attention(|numbers| numbers[20] = bad);
        for (name, bytes) in [
            ("x.npz", npz(&TOKENS, &[("attention", &shape, &numbers)])),
            ("x.safetensors", safetensors(&TOKENS, &[("attention", &shape, &numbers)])),
        ] {
            let words = complaint(name, bytes);
            assert!(words.en.contains("attention") && words.en.contains("finite"), "{}", words.en);
        }
        let words = complaint("x.npz", npz(&TOKENS, &[("attention", &shape, &numbers)]));
        assert!(words.en.contains("[2,1,1,3]"), "{}", words.en);
    }
    let words = complaint("x.json", r#"{"attention": [[1.0, NaN], [0.5, 0.5]]}"#);
    assert!(words.en.contains("x.json:1:22"), "{}", words.en);
    assert!(complaint("x.json", r#"{"attention": [[1e300]]}"#).en.contains("[1,1] is inf"));
}

#[test]
fn shapes_that_do_not_fit_are_named() {
    everywhere(&[2, 2, 3, 1], &[1.0; 12], &["3 × 1", "equal ones"]);
    everywhere(&[4], &[1.0; 4], &["its shape is [4]", "[layers, heads, T, ...]"]);
    everywhere(&[1, 1, 2, 2], &[0.5; 4], &["tokens", "there are 3 tokens, the arrays have 2"]);
    let q = [0.5_f32; 12];
    let words =
        complaint("x.npz", npz(&TOKENS, &[("Q", &[2, 3, 2], &q), ("K", &[1, 3, 2], &q[..6]), ("V", &[2, 3, 2], &q)]));
    assert!(
        words.en.contains("x.npz, K: its shape is [1, 1, 3, 2]") && words.en.contains("repeat_interleave"),
        "{}",
        words.en
    );
    let words = complaint("x.npz", npz(&TOKENS, &[("Q", &[2, 3, 2], &q), ("K", &[2, 3, 2], &q)]));
    assert!(words.en.contains("x.npz, V: it is missing"), "{}", words.en);
    let (shape, numbers) = even(1, 2, 3);
    let words = complaint("x.npz", npz(&TOKENS, &[("Q", &[2, 3, 2], &q), ("attention", &shape, &numbers)]));
    assert!(words.en.contains("keep either"), "{}", words.en);
    let words = complaint("x.npz", npz(&TOKENS, &[("layer2.attention", &[2, 3, 3], &numbers)]));
    assert!(words.en.contains("layer1.attention: this layer is missing"), "{}", words.en);
    let words = complaint("x.npz", npz(&TOKENS, &[("logits", &[3], &[0.0; 3])]));
    assert!(words.en.contains("neither attention nor Q, K and V; it holds logits, tokens"), "{}", words.en);
    let words = complaint("x.npz", npz(&TOKENS, &[("attention", &shape, &numbers), ("mask", &[3, 3], &[1.0; 9])]));
    assert!(words.en.contains("mask has no use"), "{}", words.en);
    let qkv = |mask: &[f32]| {
        let shape = [2, 3, 2];
        npz(&TOKENS, &[("Q", &shape, &q), ("K", &shape, &q), ("V", &shape, &q), ("mask", &[3, 3], mask)])
    };
    assert!(complaint("x.npz", qkv(&[0.5; 9])).en.contains("[1,1] is 0.5"));
    assert!(open("x.npz", qkv(&[0.0; 9])).unwrap_err().words().en.contains("the mask hides every key from query 1"));
}

#[test]
fn ragged_lists_are_refused_where_they_stand() {
    for (source, says) in [
        ("{\"attention\":\n [[0.5, 0.5],\n  [1.0]]}", "x.json:3:7: this list has 1 entries, those before it 2"),
        ("{\"attention\": [[1.0], 1.0]}", "x.json:1:25: a number within 1 brackets, elsewhere numbers stand within 2"),
        ("{\"attention\": [[]]}", "this list is empty"),
        ("{\"attention\": 1}", "a number within 0 brackets"),
        ("{\"attention\": [[[[[[[1]]]]]]]}", "another bracket"),
        ("{\"attention\": [[1, [1]]]}", "another bracket"),
        ("{\"attention\": \"x\"}", "expected a list of numbers"),
        ("{\"attention\": [[1.0]], \"attention\": [[1.0]]}", "duplicate key"),
        ("{\"tokens\": [1], \"attention\": [[1.0]]}", "expected a string"),
        ("{\"attention\": [[1.0]]", "not JSON"),
        ("[]", "expected an object"),
    ] {
        let words = complaint("x.json", source);
        assert!(words.en.contains(says), "{source}: {}", words.en);
    }
}

#[test]
fn what_numpy_would_run_code_for_is_not_read() {
    let words = complaint("x.npz", zipped(&[("attention.npy", npy("|O", &[1, 1], false, b"cos\nsystem\n"))]));
    assert!(words.en.contains("run code"), "{}", words.en);
    let words = complaint("x.npz", zipped(&[("attention.npy", npy("<c8", &[1, 1], false, &[0; 8]))]));
    assert!(words.en.contains("its dtype is <c8"), "{}", words.en);
    let words = complaint("x.npz", zipped(&[("attention.npy", npy("<U4", &[1, 1], false, &[0; 16]))]));
    assert!(words.en.contains("holds words"), "{}", words.en);
}

#[test]
fn broken_files_are_refused() {
    let (shape, numbers) = even(2, 2, 3);
    let whole = npz(&TOKENS, &[("attention", &shape, &numbers)]);
    assert!(complaint("x.npz", &whole[..whole.len() - 9]).en.contains("no sound .npz"));
    assert!(complaint("x.npz", *b"").en.contains("no sound .npz"));
    assert!(complaint("x.npz", *b"PK\x03\x04").en.contains("no sound .npz"));
    let short = zipped(&[("attention.npy", npy("<f4", &[1, 2, 3, 3], false, &[0; 8]))]);
    assert!(complaint("x.npz", short).en.contains("ends too early"));
    let long = zipped(&[("attention.npy", npy("<f4", &[1, 1], false, &[0, 0, 128, 63, 9]))]);
    assert!(complaint("x.npz", long).en.contains("more bytes follow"));
    let tensors = safetensors(&TOKENS, &[("attention", &shape, &numbers)]);
    assert!(complaint("x.safetensors", &tensors[..tensors.len() - 4]).en.contains("attention"));
    assert!(complaint("x.safetensors", &tensors[..6]).en.contains("6 bytes"));
    let words = complaint("x.txt", *b"");
    assert!(words.en.contains(".npz, .safetensors or .json"));
    let listed = safetensors(&[], &[("attention", &shape, &numbers)]);
    assert!(open("x.safetensors", listed).is_ok());
}

#[test]
fn a_bomb_is_never_unpacked() {
    // 4 GB of zeros pack into a few MB; what its header says decides what is read.
    let zeros = vec![0; 1 << 24];
    let bomb = npy("<f4", &[1 << 20, 1 << 20], false, &zeros);
    let words = complaint("x.npz", zipped(&[("attention.npy", bomb)]));
    assert!(words.en.contains("at most 256 layers"), "{}", words.en);
    let tail = npy("<f4", &[1, 1], false, &zeros);
    assert!(complaint("x.npz", zipped(&[("attention.npy", tail)])).en.contains("more bytes follow"));
    let words = npy("<U9999999", &[1], false, &zeros);
    let one = npy("<f4", &[1, 1], false, &1.0_f32.to_le_bytes());
    let words = complaint("x.npz", zipped(&[("attention.npy", one.clone()), ("tokens.npy", words)]));
    assert!(words.en.contains("tokens") && words.en.contains("too large"), "{}", words.en);
    // Nothing of an array that is not asked for is read.
    assert!(open("x.npz", zipped(&[("attention.npy", one), ("other.npy", zeros)])).is_ok());
}

#[test]
fn numbers_of_every_precision_are_read() {
    let half: Vec<u8> = [0.25, 0.75, 1.0, 0.0].iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
    let double: Vec<u8> = [0.25_f64, 0.75, 1.0, 0.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let big: Vec<u8> = [0.25_f32, 0.75, 1.0, 0.0].iter().flat_map(|x| x.to_be_bytes()).collect();
    // Columns first: the second number of the file is the first of the second row.
    let columns: Vec<u8> = [0.25_f32, 1.0, 0.75, 0.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    for (descr, fortran, bytes) in
        [("<f2", false, half), ("<f8", false, double), (">f4", false, big), ("<f4", true, columns)]
    {
        let file =
            zipped(&[("attention.npy", npy(descr, &[2, 2], fortran, &bytes)), ("tokens.npy", unicode(&["a", "b"]))]);
        let sample = open("x.npz", file).unwrap();
        assert_eq!(sample.inputs.tensors()[0].as_slice(), [0.25, 0.75, 1.0, 0.0], "{descr}");
    }
    let listed = npy("|u1", &[9], false, br#"["a","b"]"#);
    let numbers =
        npy("<f4", &[2, 2], false, &[1.0_f32, 0.0, 0.0, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
    assert_eq!(
        open("x.npz", zipped(&[("attention.npy", numbers), ("tokens.npy", listed)])).unwrap().tokens,
        ["a", "b"]
    );
}

#[test]
fn what_a_file_calls_things_cannot_disturb_a_terminal() {
    let words = complaint("x.npz", npz(&[], &[("evil\u{1b}[2J", &[1], &[0.0])]));
    assert!(!words.en.contains(disturbs) && !words.zh.contains(disturbs), "{words:?}");
}
