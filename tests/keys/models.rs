//! The same over whole models: tiny ones of three families, in all windows.

use std::collections::BTreeSet;
use std::sync::Arc;

use qkv::app::{Key, Message};
use qkv::engine::{Builtin, Files, OnDisk};
use qkv::ground::fault::Fault;
use qkv::session::{Copied, Kind, Listed, Listing, NewFile};
use qkv::source::model::{Folder, Model};
use qkv::source::sample::Sample;
use qkv::study::learned::Learned;
use rand::RngExt;
use tempfile::TempDir;

use crate::hand::Hand;
use crate::tiny::{Family, Tiny};
use crate::{PER_PICTURE, PER_WORDS, all_keys, own_keys, share};

/// What they are called, and their families: one that reads both ways, and both that go on.
const MODELS: [(&str, Family); 3] = [("bert", Family::Bert), ("gpt2", Family::Gpt2), ("llama", Family::Llama)];

/// Its words are among those that every tiny vocabulary has pieces for.
const TEXT: &str = "the cat sat on the mat";

/// Other models and texts, and what is done about one.
const LINES: [&str; 14] = [
    "model bert",
    "model gpt2",
    "model llama",
    "layer 1",
    "layer 2",
    "stage weights",
    "stage layer2.mlp",
    "beside the cat sat on the cat",
    "beside a",
    "temperature 0.3",
    "window 1",
    "save mine",
    "reset",
    "sample tiananmen",
];

/// Keys between two such lines, and as many at most on what is no model.
const PER_LINE: usize = 150;
const AWAY: usize = 30;

/// The models, and the folders where they stand.
struct Shelf(Vec<(&'static str, Arc<Model>, TempDir)>);

impl Shelf {
    fn new() -> Self {
        let stand = |(name, family): (&'static str, Family)| {
            let folder = tempfile::tempdir().unwrap();
            Tiny { layers: 2, ..Tiny::of(family) }.write(folder.path());
            let on_disk: Arc<dyn Folder> = Arc::new(OnDisk::new(folder.path()));
            (name, Arc::new(Model::open(&on_disk, name).unwrap()), folder)
        };
        Self(MODELS.into_iter().map(stand).collect())
    }
}

impl Files for Shelf {
    fn load(&mut self, what: &str) -> Result<Sample, Fault> {
        match self.0.iter().find(|(name, ..)| *name == what) {
            Some((_, model, _)) => model.sample(TEXT),
            None => Builtin.load(what),
        }
    }

    fn lesson(&mut self, what: &str) -> Result<Vec<u8>, Fault> {
        Builtin.lesson(what)
    }

    fn keep(&mut self, learned: &Learned) -> Result<(), Fault> {
        Builtin.keep(learned)
    }

    fn save(&mut self, file: &NewFile, _: &str) -> Result<String, Fault> {
        Ok(file.name())
    }

    fn list(&mut self, _: &str) -> Vec<Listed> {
        MODELS.map(|(name, _)| Listed { name: name.to_owned(), what: Listing::Model }).into()
    }

    fn copy(&mut self, text: &str) -> Copied {
        Builtin.copy(text)
    }
}

#[test]
fn over_models() {
    let mut shelf = Shelf::new();
    let first = shelf.load("bert").unwrap();
    let mut hand = Hand::over(first, shelf, 18);
    let walk = all_keys();
    let (all, mut over, mut away, mut seen) = (share(), 0, 0, BTreeSet::new());
    for n in 0..all {
        if n % PER_LINE == PER_LINE - 1 {
            let line = LINES[hand.random.random_range(0..LINES.len())];
            hand.type_line(line);
            hand.settle();
        }
        let there = hand.model.material.sample.model.is_some();
        away = if there { 0 } else { away + 1 };
        if away == AWAY {
            let name = MODELS[hand.random.random_range(0..MODELS.len())].0;
            hand.type_line(&format!("model {name}"));
            hand.settle();
            away = 0;
        }
        let window = hand.model.windows.top().map(|window| window.context().name);
        seen.extend(window);
        over += usize::from(there);
        // Half of the time a key of the window that is open, so that what it can do is done.
        let own = window.map(own_keys).filter(|own| !own.is_empty() && hand.random.random_bool(0.5));
        let keys = own.as_ref().unwrap_or(&walk);
        let key = keys[hand.random.random_range(0..keys.len())];
        hand.tell(Message::Key(key));
        hand.hear();
        if n % PER_WORDS == 0 {
            hand.check_words();
        }
        if n % PER_PICTURE == 0 {
            hand.point();
            hand.hear();
            hand.draw();
        }
    }
    hand.type_line("model gpt2");
    hand.settle();
    assert!(hand.model.trace().is_some() && hand.model.material.sample.model.is_some());
    println!("{all} keys, over a model for {over}, in {seen:?}; answered: {:?}", hand.answered);
    assert!(over * 2 > all, "a model was there for {over} keys only");
    for window in ["map", "heads", "beside", "microscope", "card", "switches", "lens", "code", "line"] {
        assert!(seen.contains(window), "{window} was never open: {seen:?}");
    }
    for kind in [Kind::Run, Kind::Attribute, Kind::Beside, Kind::Load] {
        assert!(hand.answered.get(&kind).is_some_and(|&times| times > 5), "{kind:?}: {:?}", hand.answered);
    }
    // The way out is the same as everywhere.
    (0..6).for_each(|_| hand.tell(Message::Key(Key::Esc)));
    hand.draw();
}
