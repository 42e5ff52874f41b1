//! The reference for checkpoints and the tiny checkpoints it reads, held to what must be so of any of them.
//!
//! `reference.rs` computes, `tiny.rs` writes; both say at their heads how to call them, and neither needs the program.
//! A test of the program takes them with `#[path = "models/reference.rs"] mod reference;`. What they compute was
//! compared with transformers: `check_with_transformers.py`, for which `export.rs` writes the cases. The same script
//! made `minilm-tokens.json`: what the tokenizer of a published BERT makes of sentences in many scripts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a check that cannot go on should stop")]

mod export;
mod reference;
mod tiny;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ndarray::{Array2, Array3, Axis};
use serde_json::json;

use reference::{Asked, Checkpoint, Mask, Outcome, erf, outcome, rotate};
use tiny::{Data, Family, Numbers, Tensor, Tiny, write_tensors};

/// Writes it into a folder that goes again, and reads it.
fn written(tiny: &Tiny) -> Checkpoint {
    let folder = tempfile::tempdir().unwrap();
    tiny.write(folder.path());
    Checkpoint::open(folder.path())
}

fn run(tiny: &Tiny, ids: &[u32]) -> Outcome {
    written(tiny).run(&Asked::of(ids))
}

/// The largest difference of any hidden state.
fn apart(one: &Outcome, other: &Outcome) -> f64 {
    let pairs = one.hidden.iter().zip(&other.hidden);
    pairs.flat_map(|(a, b)| (a - b).into_iter()).map(f64::abs).fold(0.0, f64::max)
}

fn finite(outcome: &Outcome) -> bool {
    let tables = outcome.hidden.iter().chain(&outcome.concat).chain(&outcome.final_norm).chain(&outcome.logits);
    tables.flatten().all(|one| one.is_finite())
}

#[test]
fn weights_of_each_query_sum_to_1_and_none_looks_ahead() {
    for family in Family::ALL {
        let tiny = Tiny { layers: 3, ..Tiny::of(family) };
        let outcome = run(&tiny, &tiny.ids(11, 3));
        assert_eq!((outcome.hidden.len(), outcome.attention.len()), (4, 3));
        assert!(finite(&outcome));
        for weights in &outcome.attention {
            assert_eq!(weights.dim(), (4, 11, 11));
            assert!(weights.sum_axis(Axis(2)).iter().all(|sum| (sum - 1.0).abs() < 1e-12), "{family:?}");
            let ahead = weights.indexed_iter().filter(|((_, i, j), _)| j > i);
            let zero = |weight: f64| if family.reads_both_ways() { weight > 0.0 } else { weight == 0.0 };
            assert!(ahead.into_iter().all(|(_, &weight)| zero(weight)), "{family:?}");
        }
    }
}

#[test]
fn attention_is_not_flat() {
    for family in Family::ALL {
        let tiny = Tiny::of(family);
        let outcome = run(&tiny, &tiny.ids(16, 5));
        for weights in &outcome.attention {
            for head in weights.outer_iter() {
                let largest = head.map_axis(Axis(1), |row| row.iter().copied().fold(0.0, f64::max));
                assert!(largest.mean().unwrap() > 3.0 / 16.0, "{family:?} {largest}");
            }
        }
    }
}

#[test]
fn one_token_works_and_so_does_the_longest_sentence_but_no_longer_one() {
    for family in Family::ALL {
        let tiny = Tiny { positions: 16, ..Tiny::of(family) };
        let model = written(&tiny);
        let one = model.run(&Asked::of(&tiny.ids(1, 1)));
        assert!(finite(&one));
        assert!(one.attention.iter().flatten().all(|&weight| weight == 1.0));
        let longest = model.run(&Asked::of(&tiny.ids(16, 1)));
        assert!(finite(&longest));
        assert_eq!(longest.logits.unwrap().dim(), (16, tiny.vocab));
        // What is rotated has no table of positions that would end.
        if !matches!(family, Family::Llama | Family::Mistral | Family::Qwen2) {
            let longer = catch_unwind(AssertUnwindSafe(|| model.run(&Asked::of(&tiny.ids(17, 1)))));
            assert!(longer.is_err(), "{family:?}");
        }
    }
}

#[test]
fn what_comes_later_changes_nothing_before_it() {
    for family in [Family::Gpt2, Family::Llama, Family::Mistral, Family::Qwen2] {
        let tiny = Tiny::of(family);
        let model = written(&tiny);
        let ids = tiny.ids(10, 8);
        let (whole, start) = (model.run(&Asked::of(&ids)), model.run(&Asked::of(&ids[..6])));
        for (long, short) in whole.hidden.iter().zip(&start.hidden) {
            let differences = short.indexed_iter().map(|(at, one)| (one - long[at]).abs());
            assert!(differences.fold(0.0, f64::max) < 1e-12, "{family:?}");
        }
    }
}

#[test]
fn shards_hold_what_one_file_holds() {
    for family in Family::ALL {
        for numbers in Numbers::ALL {
            let one = Tiny { numbers, ..Tiny::of(family) };
            let two = Tiny { shards: 2, ..one.clone() };
            let ids = one.ids(7, 2);
            assert_eq!(run(&one, &ids), run(&two, &ids), "{family:?} {numbers:?}");
        }
    }
}

#[test]
fn half_precision_is_f32_rounded_first() {
    for family in Family::ALL {
        for numbers in [Numbers::F16, Numbers::Bf16] {
            let half = Tiny { numbers, ..Tiny::of(family) };
            let rounded = Tiny { rounded: Some(numbers), ..Tiny::of(family) };
            let ids = half.ids(7, 2);
            let (half, rounded, plain) = (run(&half, &ids), run(&rounded, &ids), run(&Tiny::of(family), &ids));
            assert_eq!(half, rounded, "{family:?} {numbers:?}");
            assert!(apart(&half, &plain) > 1e-6, "rounding shows: {family:?} {numbers:?}");
        }
    }
}

#[test]
fn other_names_are_the_same_weights() {
    for family in Family::ALL {
        let plain = Tiny::of(family);
        let ids = plain.ids(9, 4);
        let expected = run(&plain, &ids);
        for (prefix, legacy) in [(true, true), (false, false), (false, true), (true, false)] {
            assert_eq!(expected, run(&Tiny { prefix, legacy, ..plain.clone() }, &ids), "{family:?} {prefix} {legacy}");
        }
        // Without a head all stays but the logits.
        let without = run(&Tiny { head: false, prefix: false, ..plain }, &ids);
        assert_eq!(Outcome { logits: None, ..expected }, without, "{family:?}");
    }
}

#[test]
fn at_position_0_nothing_is_turned_and_only_distances_count() {
    let frequencies = [1.0, 0.1, 0.003];
    let row = |t: usize, c: usize| (((7 * t + 3 * c) % 11) as f64).sin();
    let x = Array3::from_shape_fn((2, 9, 6), |(h, _, c)| row(h, c));
    let turned = rotate(&x, &frequencies);
    assert_eq!(x.index_axis(Axis(1), 0), turned.index_axis(Axis(1), 0));
    assert_ne!(x.index_axis(Axis(1), 1), turned.index_axis(Axis(1), 1));
    let dot = |i: usize, j: usize| (0..6).map(|c| turned[[0, i, c]] * turned[[1, j, c]]).sum::<f64>();
    assert!((dot(8, 5) - dot(4, 1)).abs() < 1e-12);
    assert!((dot(8, 5) - dot(8, 4)).abs() > 1e-3);
}

#[test]
fn as_many_keys_as_queries_is_plain_attention_and_shared_keys_are_repeated_ones() {
    for family in [Family::Llama, Family::Mistral, Family::Qwen2] {
        let grouped = Tiny { kv_heads: 2, ..Tiny::of(family) };
        let ids = grouped.ids(8, 6);
        let expected = run(&grouped, &ids);
        assert_eq!(expected.k[0].dim(), (2, 8, 8));
        let plain = Tiny { kv_heads: 4, ..grouped.clone() };
        let folder = tempfile::tempdir().unwrap();
        let tensors: Vec<Tensor> = grouped.tensors().into_iter().map(|tensor| repeated(tensor, 8)).collect();
        write_tensors(folder.path(), &tensors, Numbers::F32, 1);
        plain.write_texts(folder.path());
        let repeated = outcome(folder.path(), &ids);
        assert!(apart(&expected, &repeated) < 1e-12, "{family:?}");
        // A file that does not say how many has as many as queries.
        let silent = Tiny { more: vec![("num_key_value_heads", json!(null))], ..plain };
        silent.write_texts(folder.path());
        assert_eq!(repeated, outcome(folder.path(), &ids));
    }
}

/// Each head of the keys and values twice.
fn repeated(mut tensor: Tensor, head_dim: usize) -> Tensor {
    if tensor.name.contains("k_proj") || tensor.name.contains("v_proj") {
        let Data::Weights(weights) = &tensor.data else { panic!("weights") };
        let head = head_dim * tensor.shape.get(1).unwrap_or(&1);
        tensor.data = Data::Weights(weights.chunks(head).flat_map(|head| [head, head].concat()).collect());
        tensor.shape[0] *= 2;
    }
    tensor
}

#[test]
fn a_mask_that_is_given_is_the_one_that_counts() {
    for family in Family::ALL {
        let tiny = Tiny::of(family);
        let model = written(&tiny);
        let ids = tiny.ids(9, 9);
        let with = |mask| model.run(&Asked { mask, ..Asked::of(&ids) });
        let (ones, below) = (Array2::ones((9, 9)), Array2::from_shape_fn((9, 9), |(i, j)| u8::from(j <= i)));
        assert_eq!(with(Mask::Given(&ones)), with(Mask::All));
        assert_eq!(with(Mask::Given(&below)), with(Mask::Causal));
        let own = if family.reads_both_ways() { Mask::All } else { Mask::Causal };
        assert_eq!(with(Mask::Family), with(own));
        assert!(apart(&with(Mask::All), &with(Mask::Causal)) > 0.01);
        let diagonal = Array2::from_diag_elem(9, 1);
        assert!(with(Mask::Given(&diagonal)).attention[1].iter().all(|&weight| weight == 0.0 || weight == 1.0));
    }
}

#[test]
fn a_window_ends_where_it_says() {
    for family in [Family::Mistral, Family::Qwen2] {
        let tiny = Tiny { window: Some(3), ..Tiny::of(family) };
        let outcome = run(&tiny, &tiny.ids(8, 2));
        let slides = |layer: usize| family == Family::Mistral || layer >= 1;
        for (layer, weights) in outcome.attention.iter().enumerate() {
            let seen = |i: usize, j: usize| j <= i && (!slides(layer) || i - j < 3);
            assert!(weights.indexed_iter().all(|((_, i, j), &weight)| (weight > 0.0) == seen(i, j)), "{family:?}");
        }
    }
}

#[test]
fn token_types_and_padding_are_read() {
    let tiny = Tiny::of(Family::Bert);
    let model = written(&tiny);
    let ids = tiny.ids(6, 1);
    let with = |types| model.run(&Asked { types, ..Asked::of(&ids) });
    assert_eq!(with(None), with(Some(&[0; 6])));
    assert!(apart(&with(None), &with(Some(&[0, 0, 0, 1, 1, 1]))) > 0.01);
    // RoBERTa's padding stands on a position of its own and takes none of the others.
    let tiny = Tiny::of(Family::Roberta);
    let model = written(&tiny);
    let ids = tiny.ids(3, 1);
    let padded = model.run(&Asked::of(&[ids[0], 1, ids[1], 1, ids[2]]));
    let plain = model.run(&Asked::of(&ids));
    assert_eq!(padded.hidden[0].row(4), plain.hidden[0].row(2));
    assert_eq!(padded.hidden[0].row(1), padded.hidden[0].row(3));
}

#[test]
fn todays_keys_of_rotation_say_what_the_old_ones_say() {
    let llama3 = json!({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64});
    let mut all: Vec<Outcome> = Vec::new();
    for scaling in [json!(null), json!({"type": "linear", "factor": 2.0}), llama3] {
        let old = Tiny { rope_theta: 500.0, rope_scaling: Some(scaling.clone()), ..Tiny::of(Family::Llama) };
        let ids = old.ids(9, 9);
        let folder = tempfile::tempdir().unwrap();
        old.write(folder.path());
        let expected = outcome(folder.path(), &ids);
        let mut parameters = if scaling.is_null() { json!({"rope_type": "default"}) } else { scaling };
        parameters["rope_theta"] = json!(500.0);
        let (gone, new) = (json!(null), ("rope_parameters", parameters));
        let new = Tiny { more: vec![("rope_theta", gone.clone()), ("rope_scaling", gone), new], ..old };
        new.write_texts(folder.path());
        assert_eq!(expected, outcome(folder.path(), &ids));
        assert!(all.iter().all(|other| apart(other, &expected) > 0.01));
        all.push(expected);
    }
}

#[test]
fn the_error_function_is_as_tables_have_it() {
    let known = [(0.0, 0.0), (0.5, 0.520_499_877_813_046_5), (1.0, 0.842_700_792_949_714_9)];
    let larger = [(2.0, 0.995_322_265_018_952_7), (3.5, 0.999_999_256_901_627_7), (7.0, 1.0)];
    for (z, expected) in known.into_iter().chain(larger) {
        assert!((erf(z) - expected).abs() < 1e-14, "{z}: {}", erf(z));
        assert_eq!(erf(-z), -erf(z));
    }
}

#[test]
fn every_vocabulary_is_as_large_as_it_says_and_names_each_piece_once() {
    for family in Family::ALL {
        for vocab in [20, 37, 60, Tiny::of(family).vocab, 400] {
            let tiny = Tiny { vocab, ..Tiny::of(family) };
            let mut pieces = tiny.pieces();
            assert_eq!(pieces.len(), vocab);
            pieces.sort();
            pieces.dedup();
            assert_eq!(pieces.len(), vocab, "{family:?} {vocab}");
            assert!(tiny.ids(50, 1).iter().all(|&id| (id as usize) < vocab));
        }
    }
}

/// Not run by itself: writes checkpoints and answers where `QKV_CASES` says, for `check_with_transformers.py`.
#[test]
#[ignore = "writes what check_with_transformers.py compares"]
fn export_cases() {
    export::cases(Path::new(&std::env::var("QKV_CASES").expect("QKV_CASES is a folder")));
}

/// Not run by itself: answers the questions of the file `QKV_ASKED` about the checkpoint `QKV_MODEL`, beside that file.
#[test]
#[ignore = "answers what check_with_transformers.py asks"]
fn export_answers() {
    let path = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is a path"));
    export::answers(Path::new(&path("QKV_MODEL")), Path::new(&path("QKV_ASKED")));
}
