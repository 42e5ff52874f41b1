//! A real model, where `QKV_MODEL` names its folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use qkv::engine::OnDisk;
use qkv::source::model::{Checkpoint, Folder};

#[test]
fn a_real_model_opens_and_cuts_texts() {
    let Some(path) = std::env::var_os("QKV_MODEL") else { return println!("skipped: QKV_MODEL names no folder") };
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(path));
    let started = Instant::now();
    let model = Checkpoint::open(&folder).unwrap();
    println!("opened in {:?}: {:#?}", started.elapsed(), model.config);
    for text in ["I love Tiananmen Square in Beijing.", "我爱北京天安门", "Don't cut [MASK] café ﬁne 👩‍🚀"]
    {
        let pieces = model.pieces(text).unwrap();
        assert!(pieces.iter().all(|piece| (piece.id as usize) < model.config.vocabulary));
        println!(
            "{}",
            pieces.iter().map(|piece| format!("{} {}", piece.text, piece.id)).collect::<Vec<_>>().join(" | ")
        );
    }
    let (started, mut numbers) = (Instant::now(), 0);
    for (weight, place) in model.layout.iter() {
        let found = model.weight(weight).unwrap().unwrap();
        assert_eq!((found.rows, found.columns), place.shape, "{weight:?}");
        assert_eq!(found.numbers.len(), found.rows * found.columns);
        numbers += found.numbers.len();
    }
    println!("{numbers} numbers read in {:?}", started.elapsed());
}

/// What the published tokenizer makes of a sentence.
#[derive(serde::Deserialize)]
struct Cut {
    text: String,
    ids: Vec<u32>,
    pieces: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Cuts {
    sentences: Vec<Cut>,
}

/// The sentences of `tests/models/minilm-tokens.json`, where the model is the one that they were cut for.
#[test]
fn a_real_model_cuts_as_its_publishers_tokenizer_does() {
    let Some(path) = std::env::var_os("QKV_MODEL") else { return println!("skipped: QKV_MODEL names no folder") };
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(path));
    let model = Checkpoint::open(&folder).unwrap();
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models/minilm-tokens.json");
    let (Ok(known), (6, 384, 30522)) =
        (std::fs::read(known), (model.config.layers, model.config.model, model.config.vocabulary))
    else {
        return println!("skipped: nobody has cut sentences for this model");
    };
    let Cuts { sentences } = serde_json::from_slice(&known).unwrap();
    for Cut { text, ids, pieces } in &sentences {
        let (found, words): (Vec<_>, Vec<_>) = model.pieces(text).unwrap().into_iter().map(|p| (p.id, p.text)).unzip();
        assert_eq!((&found, &words), (ids, pieces), "{text:?}");
    }
    assert!(sentences.len() >= 50);
    println!("{} sentences are cut alike", sentences.len());
}
