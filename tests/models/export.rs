//! Writes what `check_with_transformers.py` compares: checkpoints, what they are asked, and the reference's answers.
//!
//! A case is a folder: the checkpoint, and `case.json` with `ids`, `types`, `mask` (null, or T×T of 0 and 1) and the
//! `outcome`, every number of it in full.

#![expect(clippy::unwrap_used, reason = "what cannot be written should stop")]

use std::fs;
use std::path::Path;

use ndarray::{Array2, ArrayBase, Axis, Data, Dimension};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::reference::{Asked, Checkpoint, Mask, Outcome};
use crate::tiny::{Family, Numbers, Tiny};

/// Writes every case into a folder of its own.
pub(crate) fn cases(folder: &Path) {
    for family in Family::ALL {
        let mut tinies = Vec::new();
        for numbers in Numbers::ALL {
            for shards in [1, 2] {
                let name = format!("{numbers:?}-{shards}");
                tinies.push((name.to_lowercase(), Tiny { numbers, shards, seed: 2, ..Tiny::of(family) }));
            }
        }
        tinies.extend(variants(family));
        tinies.extend((0..6).map(|seed| (format!("drawn-{seed}"), drawn(family, seed))));
        for (name, tiny) in tinies {
            case(&folder.join(format!("{}-{name}", family.model_type())), &tiny);
        }
    }
}

/// One option after another.
fn variants(family: Family) -> Vec<(String, Tiny)> {
    let own = Tiny::of(family);
    let mut variants = vec![
        ("other-prefix", Tiny { prefix: !own.prefix, ..own.clone() }),
        ("legacy", Tiny { legacy: true, ..own.clone() }),
        ("body", Tiny { head: false, prefix: false, ..own.clone() }),
        ("other-tie", Tiny { tied: !own.tied, ..own.clone() }),
        ("relu", Tiny { act: Some("relu"), ..own.clone() }),
        ("silu", Tiny { act: Some("silu"), ..own.clone() }),
        ("gelu", Tiny { act: Some("gelu"), ..own.clone() }),
        ("gelu-new", Tiny { act: Some("gelu_new"), ..own.clone() }),
        ("gelu-tanh", Tiny { act: Some("gelu_pytorch_tanh"), ..own.clone() }),
    ];
    match family {
        Family::Gpt2 => {
            variants.push(("ffn-of-4d", Tiny { ffn: 4 * own.d, ..own.clone() }));
            let flags = vec![("scale_attn_by_inverse_layer_idx", json!(true)), ("scale_attn_weights", json!(false))];
            variants.push(("scales", Tiny { more: flags, ..own }));
        }
        Family::Llama | Family::Mistral | Family::Qwen2 => {
            variants.push(("kv-1", Tiny { kv_heads: 1, ..own.clone() }));
            variants.push(("kv-all", Tiny { kv_heads: own.heads, ..own.clone() }));
            if family != Family::Llama {
                variants.push(("window", Tiny { window: Some(4), layers: 3, ..own.clone() }));
            }
            if family != Family::Qwen2 {
                variants.push(("wide-heads", Tiny { head_dim: Some(12), ..own.clone() }));
            }
            if family == Family::Llama {
                let linear = json!({"type": "linear", "factor": 4.0});
                variants.push(("linear-scaling", Tiny { rope_scaling: Some(linear), ..own.clone() }));
                let llama3 = json!({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0, "original_max_position_embeddings": 64});
                variants.push(("llama3-scaling", Tiny { rope_scaling: Some(llama3), rope_theta: 500.0, ..own }));
            }
        }
        _ => {}
    }
    variants.into_iter().map(|(name, tiny)| (name.to_owned(), tiny)).collect()
}

/// Any sizes.
fn drawn(family: Family, seed: u64) -> Tiny {
    let mut rng = ChaCha8Rng::seed_from_u64(100 + seed);
    let mut pick = |from: &[usize]| from[rng.random_range(0..from.len())];
    let heads = pick(&[1, 2, 4]);
    let shared = pick(&[1, 2, 4]);
    Tiny {
        seed,
        layers: pick(&[1, 2, 3]),
        heads,
        kv_heads: if family.reads_both_ways() || family == Family::Gpt2 { heads } else { (heads / shared).max(1) },
        d: pick(&[8, 16, 24, 32]),
        ffn: pick(&[16, 20, 64]),
        vocab: pick(&[20, 33, 60, 310]),
        positions: pick(&[16, 31]),
        numbers: Numbers::ALL[pick(&[0, 1, 2])],
        shards: pick(&[1, 2]),
        ..Tiny::of(family)
    }
}

/// One checkpoint, asked in several ways.
fn case(folder: &Path, tiny: &Tiny) {
    tiny.write(folder);
    let model = Checkpoint::open(folder);
    let mut rng = ChaCha8Rng::seed_from_u64(tiny.seed);
    let count = 12;
    let ids = tiny.ids(count, tiny.seed);
    // Any mask in which each sees itself.
    let seen = Array2::from_shape_fn((count, count), |(i, j)| u8::from(i == j || rng.random_range(0..2) == 0));
    let mut asked = vec![
        Asked::of(&ids),
        Asked::of(&ids[..1]),
        Asked { mask: Mask::Given(&seen), ..Asked::of(&ids) },
        Asked { mask: Mask::All, ..Asked::of(&ids) },
        Asked { mask: Mask::Causal, ..Asked::of(&ids) },
    ];
    let longest = tiny.ids(tiny.positions, tiny.seed + 1);
    asked.push(Asked::of(&longest));
    let types: Vec<u32> = (0..count as u32).map(|t| t / 7).collect();
    if tiny.types > 1 {
        asked.push(Asked { types: Some(&types), ..Asked::of(&ids) });
    }
    // RoBERTa counts its padding apart.
    let padded = [&ids[..5], &[1, 1], &ids[5..]].concat();
    if matches!(tiny.family, Family::Roberta | Family::XlmRoberta) {
        asked.push(Asked::of(&padded));
    }
    let answers: Vec<Value> = asked.iter().map(|asked| answer(asked, &model.run(asked))).collect();
    fs::write(folder.join("case.json"), json!(answers).to_string()).unwrap();
}

/// Answers a JSON list of lists of ids, into a file of the same name with `.answers.json` after it.
pub(crate) fn answers(model: &Path, asked: &Path) {
    let model = Checkpoint::open(model);
    let lists: Vec<Vec<u32>> = serde_json::from_slice(&fs::read(asked).unwrap()).unwrap();
    let answers: Vec<Value> = lists
        .iter()
        .map(|ids| {
            let asked = Asked::of(ids);
            answer(&asked, &model.run(&asked))
        })
        .collect();
    fs::write(format!("{}.answers.json", asked.display()), json!(answers).to_string()).unwrap();
}

/// What was asked and what came of it.
fn answer(asked: &Asked, outcome: &Outcome) -> Value {
    let n = asked.ids.len();
    let mask = match asked.mask {
        Mask::Family => None,
        Mask::All => Some(Array2::ones((n, n))),
        Mask::Causal => Some(Array2::from_shape_fn((n, n), |(i, j)| u8::from(j <= i))),
        Mask::Given(given) => Some(given.clone()),
    };
    let mask: Option<Vec<Vec<u8>>> = mask.map(|mask| mask.rows().into_iter().map(|row| row.to_vec()).collect());
    json!({
        "ids": asked.ids,
        "types": asked.types,
        "mask": mask,
        "outcome": {
            "hidden": outcome.hidden.iter().map(nested).collect::<Vec<_>>(),
            "attention": outcome.attention.iter().map(nested).collect::<Vec<_>>(),
            "q": outcome.q.iter().map(nested).collect::<Vec<_>>(),
            "k": outcome.k.iter().map(nested).collect::<Vec<_>>(),
            "v": outcome.v.iter().map(nested).collect::<Vec<_>>(),
            "concat": outcome.concat.iter().map(nested).collect::<Vec<_>>(),
            "final_norm": outcome.final_norm.as_ref().map(nested),
            "logits": outcome.logits.as_ref().map(nested),
        },
    })
}

/// Lists in lists.
fn nested<S: Data<Elem = f64>, D: Dimension>(array: &ArrayBase<S, D>) -> Value {
    let array = array.view().into_dyn();
    if array.ndim() == 0 {
        return json!(array.first());
    }
    array.axis_iter(Axis(0)).map(|part| nested(&part)).collect()
}
