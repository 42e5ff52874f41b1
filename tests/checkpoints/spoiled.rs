//! Good files spoiled at random, byte by byte and number by number: the reader says yes or no, soon, in little memory.

use std::time::{Duration, Instant};

use qkv::ground::fault::Failure;
use qkv::ground::text::disturbs;
use qkv::source::model::InMemory;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::SafeTensors;

use crate::maker::{Made, bert, bert_like, gpt2, llama};
use crate::open;

/// Files of each kind, where nobody asks for more.
const CASES: usize = 2000;

/// No file keeps the reader longer.
const LONGEST: Duration = Duration::from_secs(1);

/// What all readings together may take beyond what they began with.
#[cfg(target_os = "linux")]
const MEMORY: usize = 64 << 20;

fn cases() -> usize {
    std::env::var("QKV_CHECKPOINTS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

/// Numbers that readers get wrong.
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "255",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "-0.0",
    "1e-400",
];

/// Pieces of the formats, put anywhere.
const PIECES: [&str; 22] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "true",
    "\\",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "\"dtype\":\"I64\"",
    "\"__metadata__\"",
    "../",
    "\n",
    "爱",
    "F16",
    "\"type\":\"BPE\"",
];

/// Changes some places of a file.
fn spoil(bytes: &mut Vec<u8>, random: &mut impl Rng) {
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=bytes.len().saturating_sub(1));
        match random.random_range(0..7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.random_range(0..8),
            1 if !bytes.is_empty() => bytes[at] = random.random_range(0..=255),
            2 => {
                let end = (at + random.random_range(1..=20)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let piece = PIECES[random.random_range(0..PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            4 => {
                let end = (at + random.random_range(1..=40)).min(bytes.len());
                let copied = bytes[at..end].to_vec();
                let to = random.random_range(0..=bytes.len());
                bytes.splice(to..to, copied);
            }
            5 => bytes.truncate(at),
            _ => swap_number(bytes, at, random),
        }
    }
}

/// The next number from a place on becomes another.
fn swap_number(bytes: &mut Vec<u8>, at: usize, random: &mut impl Rng) {
    let Some(from) = bytes[at.min(bytes.len())..].iter().position(u8::is_ascii_digit).map(|found| at + found) else {
        return;
    };
    let to = bytes[from..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |found| from + found);
    let number = NUMBERS[random.random_range(0..NUMBERS.len())];
    bytes.splice(from..to, number.bytes());
}

/// The same, of a file's header alone: its length agrees afterwards, so that what it says is read.
fn spoil_header(bytes: &mut Vec<u8>, random: &mut impl Rng) {
    let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header = bytes[8..end].to_vec();
    spoil(&mut header, random);
    bytes.splice(..end, [&(header.len() as u64).to_le_bytes(), &header[..]].concat());
}

fn families() -> Vec<Made> {
    let roberta = bert_like("xlm-roberta", "roberta.", safetensors::Dtype::F16, ("weight", "bias"));
    vec![bert(), gpt2(), llama("llama", false), llama("qwen2", true), roberta]
}

/// Reads as many spoiled files as are asked for; `spoil` makes a folder of a family, `read` is what is done with it.
fn many(seed: u64, kind: &str, spoil: impl Fn(&Made, &mut ChaCha8Rng) -> InMemory, read: impl Fn(InMemory) -> bool) {
    let families = families();
    let (mut random, mut opened, mut slowest) = (ChaCha8Rng::seed_from_u64(seed), 0, Duration::ZERO);
    for n in 0..cases() {
        let folder = spoil(&families[n % families.len()], &mut random);
        let started = Instant::now();
        opened += usize::from(read(folder));
        slowest = slowest.max(started.elapsed());
        assert!(slowest < LONGEST, "{kind}, file {n}: {slowest:?}");
    }
    println!("{kind}: {} files, {opened} of them still good, the slowest in {slowest:?}", cases());
}

/// Opens and reads on; whatever is refused says so in words that disturb no terminal.
fn read(folder: InMemory) -> bool {
    let model = match open(folder) {
        Ok(model) => model,
        Err(error) => {
            let words = error.words();
            assert!(!words.zh.contains(disturbs) && !words.en.contains(disturbs), "{words:?}");
            assert!(words.en.len() < 1000, "{words:?}");
            return false;
        }
    };
    for (weight, _) in model.layout.iter() {
        // A number may be spoiled; that is said, too.
        let _ = model.weight(weight);
    }
    for text in [
        "I love 北京, Beijing! [MASK] <mask> \u{1F469}\u{200D}\u{1F680}",
        "",
        "  a\n\nlove\u{301} ﷺ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        if let Ok(pieces) = model.tokenizer.encode(text) {
            assert!(pieces.iter().all(|piece| (piece.id as usize) < model.config.vocabulary));
        }
    }
    true
}

#[test]
fn configurations() {
    let spoiled = |made: &Made, random: &mut ChaCha8Rng| {
        let mut text = serde_json::to_vec(&made.config).unwrap();
        spoil(&mut text, random);
        made.folder().with("config.json", text)
    };
    many(1, "config.json", spoiled, read);
}

#[test]
fn indices_of_shards() {
    let spoiled = |made: &Made, random: &mut ChaCha8Rng| {
        let folder = made.shards();
        let mut text = crate::maker::bytes_of(&folder, "model.safetensors.index.json");
        spoil(&mut text, random);
        folder.with("model.safetensors.index.json", text)
    };
    many(2, "model.safetensors.index.json", spoiled, read);
}

#[test]
fn headers_which_the_formats_own_reader_takes_too() {
    let spoiled = |made: &Made, random: &mut ChaCha8Rng| {
        let mut file = made.tensors.file();
        if random.random_bool(0.8) {
            spoil_header(&mut file, random);
        } else {
            spoil(&mut file, random);
        }
        made.folder().with("model.safetensors", file)
    };
    many(3, "model.safetensors", spoiled, |folder| {
        let bytes = crate::maker::bytes_of(&folder, "model.safetensors");
        let good = read(folder);
        assert!(!good || SafeTensors::deserialize(&bytes).is_ok(), "the format's own reader refuses it");
        good
    });
}

#[test]
fn tokenizers() {
    let spoiled = |made: &Made, random: &mut ChaCha8Rng| {
        let mut text = made.tokenizer.to_string().into_bytes();
        spoil(&mut text, random);
        made.folder().with("tokenizer.json", text)
    };
    many(4, "tokenizer.json", spoiled, read);
}

#[test]
fn vocabularies() {
    let words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ni\nlove\nbei\n##jing\n北\n京\n,\n.\n";
    let spoiled = |_: &Made, random: &mut ChaCha8Rng| {
        let mut text = words.as_bytes().to_vec();
        spoil(&mut text, random);
        bert().folder().without("tokenizer.json").with("vocab.txt", text)
    };
    many(5, "vocab.txt", spoiled, read);
}

/// A file that says it holds much does not make the reader take much.
#[test]
#[cfg(target_os = "linux")]
fn lies_about_sizes_take_no_memory() {
    let peak = |work: &dyn Fn()| {
        let status = || std::fs::read_to_string("/proc/self/status").unwrap();
        let of = |status: &str, key: &str| {
            let line = status.lines().find(|line| line.starts_with(key)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
        };
        let before = of(&status(), "VmRSS:");
        std::fs::write("/proc/self/clear_refs", "5").unwrap(); // the peak counts from here
        work();
        of(&status(), "VmHWM:").saturating_sub(before)
    };
    let families = families();
    let most = peak(&|| {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        for n in 0..cases().min(5000) {
            let made = &families[n % families.len()];
            let mut file = made.tensors.file();
            let end = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
            let mut header = file[8..end].to_vec();
            for _ in 0..3 {
                let at = random.random_range(0..header.len());
                swap_number(&mut header, at, &mut random);
            }
            file.splice(..end, [&(header.len() as u64).to_le_bytes(), &header[..]].concat());
            let mut config = serde_json::to_vec(&made.config).unwrap();
            let at = random.random_range(0..config.len());
            swap_number(&mut config, at, &mut random);
            let mut tokenizer = made.tokenizer.to_string().into_bytes();
            let at = random.random_range(0..tokenizer.len());
            swap_number(&mut tokenizer, at, &mut random);
            let folder = made.folder();
            read(match n % 3 {
                0 => folder.with("model.safetensors", file),
                1 => folder.with("config.json", config),
                _ => folder.with("tokenizer.json", tokenizer),
            });
        }
    });
    println!("{most} bytes at most");
    assert!(most < MEMORY, "{most} bytes");
}
