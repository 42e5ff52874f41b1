//! Good files spoiled at random: the reader says yes or no, soon, in little memory.

use std::time::{Duration, Instant};

use qkv::ground::text::disturbs;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::maker::{even, json, npz, safetensors};
use super::open;

/// Files of each format, where nobody asks for more.
const CASES: usize = 1500;

/// No file keeps the reader longer.
const LONGEST: Duration = Duration::from_secs(1);

/// What all readings together may take beyond what they began with.
#[cfg(target_os = "linux")]
const MEMORY: usize = 64 << 20;

/// Pieces of the formats, put anywhere.
const PIECES: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    "[[[[[[[[[",
    ",",
    "null",
    "true",
    "\"",
    "1e999",
    "-1",
    "4294967296",
    "18446744073709551615",
    "NaN",
    "'shape': (9999999999, )",
    "<f8",
    "|O",
    "<U99999999",
    "PK\u{1}\u{2}",
    "\"attention\"",
];

fn spoil(bytes: &mut Vec<u8>, random: &mut impl Rng) {
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=bytes.len().saturating_sub(1));
        match random.random_range(0..6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.random_range(0..8),
            1 if !bytes.is_empty() => bytes[at] = random.random(),
            2 => bytes.truncate(at),
            3 => {
                let piece = PIECES[random.random_range(0..PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            4 => {
                let end = (at + random.random_range(1..16)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let end = (at + 8).min(bytes.len());
                bytes[at..end].fill(if random.random() { 0xff } else { 0 });
            }
        }
    }
}

/// The most memory that this process has held.
#[cfg(target_os = "linux")]
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[test]
fn a_spoiled_file_is_read_or_refused_soon_and_in_little_memory() {
    let cases = std::env::var("QKV_IMPORTS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let (shape, numbers) = even(2, 2, 4);
    let tokens = ["我", "爱", "北京", "天安门"];
    let q = [0.5_f32; 32];
    let vectors = [
        ("Q", &[2, 2, 4, 2][..], &q[..]),
        ("K", &[2, 2, 4, 2], &q),
        ("V", &[2, 2, 4, 2], &q),
        ("mask", &[4, 4], &[1.0; 16]),
    ];
    let attention = [("attention", &shape[..], &numbers[..])];
    let files = [
        ("x.npz", npz(&tokens, &attention)),
        ("x.npz", npz(&tokens, &vectors)),
        ("x.safetensors", safetensors(&tokens, &attention)),
        ("x.json", json(&tokens, &vectors).into_bytes()),
    ];
    let mut random = ChaCha8Rng::seed_from_u64(7);
    #[cfg(target_os = "linux")]
    let before = peak();
    let (mut read, mut refused) = (0, 0);
    for n in 0..cases {
        for (name, good) in &files {
            let mut bytes = good.clone();
            spoil(&mut bytes, &mut random);
            let begun = Instant::now();
            match open(name, bytes.clone()) {
                Ok(sample) => {
                    read += 1;
                    let finite =
                        sample.inputs.tensors().iter().all(|tensor| tensor.as_slice().iter().all(|x| x.is_finite()));
                    assert!(finite, "case {n} of {name}");
                    assert!(sample.tokens.iter().all(|token| !token.contains(disturbs)), "case {n} of {name}");
                }
                Err(fault) => {
                    refused += 1;
                    let words = fault.words();
                    assert!(
                        !words.en.is_empty() && !words.zh.is_empty() && !words.en.contains(disturbs),
                        "case {n}: {words:?}"
                    );
                }
            }
            assert!(begun.elapsed() < LONGEST, "case {n} of {name} took {:?}", begun.elapsed());
        }
    }
    assert!(read > 0 && refused > cases, "{read} read, {refused} refused");
    #[cfg(target_os = "linux")]
    assert!(peak() - before < MEMORY, "{} MiB", (peak() - before) >> 20);
}
