//! Imported tensors on the screen: the map, the gallery, the walk; what is not there says so.

use std::sync::Arc;

use qkv::app::palette::DARK;
use qkv::app::windows::Window;
use qkv::app::{Key, Model, Settings};
use qkv::ground::lang::Lang;
use qkv::program::{HeadPlace, Layer};
use qkv::session::Choice;

use super::fixture;
use super::house::House;

fn shown(name: &str, lang: Lang) -> House {
    let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    let mut house = House::new(Model::new(Arc::new(fixture(name)), settings));
    assert!(matches!(house.model.windows.top(), Some(Window::Map(_))), "the map is the way in");
    let map = house.picture(120, 36);
    assert!(map.contains(if lang == Lang::En { "imported weights" } else { "导入的权重" }), "{map}");
    house.key(Key::Esc);
    house
}

#[test]
fn the_map_and_the_gallery_know_every_head() {
    let mut house = shown("minilm.npz", Lang::En);
    assert!(house.press("B").picture(120, 36).contains("6 layers × 12 heads"));
    house.key(Key::Esc).press("H");
    for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
        let gallery = house.picture(columns, rows);
        let all = gallery.contains("6.12") || gallery.contains("of 72");
        assert!(gallery.contains("1.3") && all && !gallery.contains("its rank"), "{gallery}");
    }
}

#[test]
fn what_a_file_does_not_hold_is_said() {
    let mut house = shown("minilm.npz", Lang::En);
    let first = house.picture(120, 36);
    assert!(first.contains("not in the file") && !first.contains("v([CLS])") && !first.contains("dims"), "{first}");
    house.press("H").key(Key::Tab).key(Key::Tab);
    for _ in 0..2 {
        let view = house.picture(120, 36);
        assert!(view.contains("attention alone, no Q, K or V"), "{view}");
        house.key(Key::Tab);
    }
    house.key(Key::Esc).press("x");
    assert!(house.picture(120, 36).contains("without values there is no output"), "{}", house.picture(120, 36));
}

#[test]
fn what_cannot_be_asked_of_it_is_not_offered_and_refused_at_the_key() {
    for (lang, sentence, silence, refusal) in
        [(Lang::Zh, "/ 句子", "x 关头", "它是导入的"), (Lang::En, "/ sentence", "x silence", "it was imported")]
    {
        let keys = |house: &mut House| house.picture(400, 55).lines().last().unwrap().to_owned();
        let own = keys(&mut House::open("tiananmen", lang));
        assert!(own.contains(sentence) && own.contains(silence), "{own}");
        let mut house = shown("minilm.npz", lang);
        let here = keys(&mut house);
        assert!(!here.contains(sentence) && !here.contains(silence), "{here}");
        for key in ["/", "v"] {
            house.press(key);
            assert!(house.model.windows.is_empty(), "nobody is asked to type what cannot be taken");
            assert!(house.picture(120, 36).contains(refusal), "{}", house.picture(120, 36));
            house.key(Key::Esc);
        }
        // Heads of imported vectors do add to an output.
        let vectors = keys(&mut shown("qkv.safetensors", lang));
        assert!(vectors.contains(silence), "{vectors}");
    }
}

#[test]
fn vectors_are_walked_from_scores_to_context_and_heads_can_be_silenced() {
    for lang in Lang::ALL {
        let mut house = shown("qkv.safetensors", lang);
        let walk = house.picture(120, 36);
        for stage in ["scores", "scaled", "masked", "weights", "context"] {
            assert!(walk.contains(stage), "{walk}");
        }
        house.press("x");
        let silenced = &house.model.material.scenario.silenced;
        assert_eq!(silenced.iter().collect::<Vec<_>>(), [&HeadPlace { layer: Some(Layer(0)), head: 0 }]);
    }
}

#[test]
fn another_file_is_opened_by_its_name_and_no_other_kind() {
    let mut house = shown("minilm.npz", Lang::En);
    house.press(":").press("import notes.txt").key(Key::Enter);
    assert!(house.picture(120, 36).contains(".npz, .safetensors or .json"));
}
