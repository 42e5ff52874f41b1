//! Whole models on the screen: the map, the walk from layer to layer, the microscope through them, heads silenced by layer.
//!
//! The models are tiny ones of every family, from a seed, as `models/tiny.rs` writes them.

#![expect(clippy::panic, reason = "tests")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod house;
#[path = "models/tiny.rs"]
mod tiny;

use std::sync::Arc;

use house::House;
use qkv::app::palette::DARK;
use qkv::app::windows::{BesideWindow, Window};
use qkv::app::{Key, Model, Page, Settings};
use qkv::compute::{Compute, Cpu};
use qkv::engine::OnDisk;
use qkv::ground::lang::Lang;
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::{Address, HeadPlace, Layer, MISTAKES, Name, Program, Trace, Wiring};
use qkv::session::Choice;
use qkv::source::model::{Folder, Model as Checkpoint};
use qkv::source::sample::{MaskChoice, ModelFile, SWITCHES, Scenario};
use tiny::{Family, Tiny};

/// A tiny model of a family on the screen, the map closed. Its folder is gone: another text would need it.
fn open(family: Family, lang: Lang) -> House {
    opened(family, lang).0
}

/// The same, and the folder that it was read from.
fn opened(family: Family, lang: Lang) -> (House, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let tiny = Tiny { layers: 3, ..Tiny::of(family) };
    tiny.write(folder.path());
    let on_disk: Arc<dyn Folder> = Arc::new(OnDisk::new(folder.path()));
    let model = Arc::new(Checkpoint::open(&on_disk, "tiny").unwrap());
    let pieces = tiny.pieces();
    let text =
        pieces.iter().filter(|piece| piece.chars().all(char::is_alphanumeric)).take(5).cloned().collect::<Vec<_>>();
    let sample = model.sample(&text.join(" ")).unwrap();
    let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    let mut house = House::new(Model::new(Arc::new(sample), settings));
    assert!(matches!(house.model.windows.top(), Some(Window::Map(_))), "the map is the way in");
    house.key(Key::Esc);
    assert!(house.model.windows.is_empty());
    (house, folder)
}

fn name(house: &House) -> Option<Name> {
    match house.model.view.page {
        Page::Stage(stage) => Some(house.model.program().stages()[stage].symbol.name),
        _ => None,
    }
}

fn hidden(house: &House, layer: usize) -> Tensor<f32> {
    let run = house.model.run().unwrap();
    run.trace.find(&run.program, Some(Layer(layer)), Name::Hidden).unwrap().clone()
}

fn typed(house: &mut House, line: &str) {
    house.press(":").press(line).key(Key::Enter);
}

#[test]
fn words_that_the_mask_hides_are_not_listed_as_weighed() {
    let mut house = open(Family::Gpt2, Lang::En);
    let mut whole = 0;
    for _ in 0..house.model.material.sample.tokens.len() {
        let (row, words) = (house.model.view.cursor.row, house.picture(200, 40));
        let listed = words.lines().find_map(|line| line.split_once("softmax →")).unwrap().1;
        let listed: Vec<&str> = listed.split_whitespace().collect();
        // A piece and its weight each; of a long row the largest.
        let (count, all) = (listed.len() / 2, !listed.contains(&"…"));
        assert!(if all { count == row + 1 } else { count <= row + 1 }, "row {row}: {listed:?}");
        whole += usize::from(all);
        house.key(Key::Up);
    }
    assert!(whole >= 3, "{whole}");
}

#[test]
fn the_map_leads_into_any_layer_and_head() {
    for family in Family::ALL {
        let mut house = open(family, Lang::En);
        house.press("B");
        for key in [Key::Down, Key::Down, Key::Right] {
            house.key(key);
        }
        let words = house.picture(120, 40);
        assert!(words.contains("3 layers × 4 heads") && words.contains("layer 3 head 2"), "{words}");
        house.key(Key::Enter);
        assert!(house.model.windows.is_empty());
        assert_eq!(
            (house.model.layer(), name(&house), house.model.view.cursor.head),
            (Some(Layer(2)), Some(Name::Weights), 1)
        );
        assert!(house.picture(120, 40).contains("layer 3/3"));
    }
}

#[test]
fn the_map_shows_what_the_heads_do_in_this_sentence() {
    let mut house = open(Family::Bert, Lang::En);
    house.press("B");
    let run = house.model.run().unwrap();
    let weights = run.trace.find(&run.program, Some(Layer(0)), Name::Weights).unwrap();
    // The mean weight on the previous word, of the first head, by hand.
    let rows = weights.matrix(0, 0).nrows();
    let mean = (1..rows).map(|i| f64::from(weights.matrix(0, 0)[[i, i - 1]])).sum::<f64>() / (rows - 1) as f64;
    let Some(Window::Map(map)) = house.model.windows.top() else { panic!("no map") };
    assert!((map.number(&house.model, 0, 0).unwrap() - mean).abs() < 1e-9);
    let shown = format!("{mean:.2}");
    assert!(house.picture(120, 40).lines().any(|line| line.contains("layer 1") && line.contains(&shown)));
}

#[test]
fn brackets_go_from_layer_to_layer_and_stay_at_the_stage() {
    for family in Family::ALL {
        let mut house = open(family, Lang::Zh);
        typed(&mut house, "stage scores");
        assert_eq!((house.model.layer(), name(&house)), (Some(Layer(0)), Some(Name::Scores)));
        house.press("))");
        assert_eq!((house.model.layer(), name(&house)), (Some(Layer(2)), Some(Name::Scores)));
        house.press("(");
        assert_eq!(house.model.layer(), Some(Layer(1)));
        typed(&mut house, "layer 3");
        assert_eq!(house.model.layer(), Some(Layer(2)));
        typed(&mut house, "stage layer1.weights");
        assert_eq!((house.model.layer(), name(&house)), (Some(Layer(0)), Some(Name::Weights)));
        typed(&mut house, "layer 4");
        assert!(house.picture(120, 40).contains("层的编号是 1 到 3"));
    }
}

#[test]
fn what_stands_around_attention_is_folded_until_it_is_opened() {
    let mut house = open(Family::Gpt2, Lang::En);
    let names = |house: &House| -> Vec<Name> {
        let pages = (0..house.model.pages()).filter_map(|n| house.model.page_at(n));
        let stage = |page| {
            if let Page::Stage(stage) = page { Some(house.model.program().stages()[stage].symbol.name) } else { None }
        };
        pages.filter_map(stage).collect()
    };
    let folded = names(&house);
    assert!(
        folded.contains(&Name::Weights) && !folded.contains(&Name::Mlp) && !folded.contains(&Name::Norm1),
        "{folded:?}"
    );
    house.press("F");
    let all = names(&house);
    assert!(
        [Name::Norm1, Name::Residual, Name::Inner, Name::Activation, Name::Mlp].iter().all(|name| all.contains(name))
    );
    house.press("F");
    assert_eq!(names(&house), folded);
    // A folded stage that is asked for by name is shown all the same.
    typed(&mut house, "stage mlp");
    assert_eq!(name(&house), Some(Name::Mlp));
    assert!(house.model.page_at(house.model.position()) == Some(house.model.view.page));
}

#[test]
fn a_silenced_head_changes_its_layer_and_those_behind_it() {
    for family in Family::ALL {
        let mut house = open(family, Lang::En);
        let before: Vec<Tensor<f32>> = (0..3).map(|layer| hidden(&house, layer)).collect();
        typed(&mut house, "stage layer2.weights");
        typed(&mut house, "head 3");
        house.press("x");
        let silenced = &house.model.material.scenario.silenced;
        assert_eq!(silenced.iter().collect::<Vec<_>>(), [&HeadPlace { layer: Some(Layer(1)), head: 2 }]);
        assert!(house.model.run().unwrap().ledger.ok());
        assert_eq!(hidden(&house, 0), before[0]);
        assert_ne!(hidden(&house, 1), before[1]);
        assert_ne!(hidden(&house, 2), before[2]);
        house.press("u");
        assert_eq!((0..3).map(|layer| hidden(&house, layer)).collect::<Vec<_>>(), before);
    }
}

/// The weights that the window of heads shows of the head that is chosen.
fn shown(house: &House) -> Vec<f32> {
    let Some(Window::Heads(heads)) = house.model.windows.top() else { panic!("closed") };
    heads.weights(&house.model, heads.chosen).unwrap().numbers
}

#[test]
fn attention_is_read_three_ways_by_one_key() {
    for family in Family::ALL {
        let mut house = open(family, Lang::En);
        typed(&mut house, "stage layer3.weights");
        house.press("H").key(Key::Enter);
        let raw = shown(&house);
        assert!(house.picture(120, 40).contains("No proof that what is taken is large"));
        house.press("%");
        let (values, picture) = (shown(&house), house.picture(120, 40));
        assert!(picture.contains("weighted by values (%)") && picture.contains("vectors may cancel"), "{picture}");
        assert_ne!(raw, values);
        house.press("%");
        let picture = house.picture(120, 40);
        assert!(picture.contains("layers 1–3") && picture.contains("a possible way"), "{picture}");
        // The same from the weights of every layer, added up one product at a time.
        let run = Arc::clone(house.model.run().unwrap());
        let words = raw.len().isqrt();
        let mut rolled: Vec<f64> = (0..words * words).map(|n| f64::from(u8::from(n / words == n % words))).collect();
        for layer in 0..3 {
            let weights = run.trace.find(&run.program, Some(Layer(layer)), Name::Weights).unwrap();
            let heads = weights.shape().heads.unwrap();
            let step = |row: usize, col: usize| {
                let of = |head| f64::from(weights.get(Cell::at(row, col).in_head(head)));
                let mean = (0..heads).map(of).sum::<f64>() / heads as f64;
                mean / 2.0 + if row == col { 0.5 } else { 0.0 }
            };
            let entry = |n: usize| (0..words).map(|k| step(n / words, k) * rolled[k * words + n % words]).sum();
            rolled = (0..words * words).map(entry).collect();
        }
        let found = shown(&house);
        assert!(found.iter().zip(&rolled).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6), "{family:?}");
        for row in [&values, &found].into_iter().flat_map(|all| all.chunks(words)) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{row:?}");
        }
        // All of a layer are one: three pictures, and the map says so.
        house.key(Key::Enter);
        house.key(Key::Left);
        assert!(house.picture(120, 40).contains("layers 1–2"));
        house.key(Key::Esc);
        house.press("B");
        assert!(house.picture(120, 40).contains("rollout, in this sentence"));
        house.press("%");
        assert!(!house.picture(120, 40).contains("rollout"), "raw again");
    }
}

#[test]
fn the_microscope_goes_down_through_the_layers_to_the_words() {
    for family in Family::ALL {
        let mut house = open(family, Lang::En);
        typed(&mut house, "stage layer3.weights");
        let program = Arc::clone(house.model.program());
        let (mut layers, mut trail) = (Vec::new(), Vec::new());
        house.key(Key::Enter);
        for _ in 0..120 {
            let Some(Window::Microscope(microscope)) = house.model.windows.top() else { panic!("closed") };
            let (look, opened) = microscope.opened(&house.model).unwrap();
            layers.push(program.symbol(look.address.slot).layer);
            trail.push(look.address.display(&program));
            if opened.op.is_none() {
                break;
            }
            // The terms of a sum add up to the number, in every layer.
            if opened.rule == Some(qkv::math::ops::Rule::Sum) {
                let sum: f64 = opened.terms.iter().map(|term| term.value).sum();
                assert!(
                    (sum - opened.value).abs() <= 1e-4 * opened.value.abs().max(1.0),
                    "{family:?} {sum} {}",
                    opened.value
                );
            }
            // The largest term may be a bias, or the factor chosen in it a weight: then to the next number that was computed.
            for n in 0..40 {
                let Some(Window::Microscope(microscope)) = house.model.windows.top() else { panic!("closed") };
                let next = microscope.chosen(&house.model);
                if next.is_none_or(|next| program.made_by(next.slot).is_some()) {
                    break;
                }
                house.key([Key::Left, if n < 20 { Key::Up } else { Key::Down }][n % 2]);
            }
            house.key(Key::Enter);
        }
        layers.dedup();
        assert!(layers.len() >= 3, "{family:?}: {trail:?}");
        assert_eq!(layers[..3], [Some(Layer(2)), Some(Layer(1)), Some(Layer(0))], "{family:?}");
        let Some(Window::Microscope(microscope)) = house.model.windows.top() else { panic!("closed") };
        let end = microscope.opened(&house.model).unwrap().0.address;
        assert!(program.made_by(end.slot).is_none(), "{family:?}: the way ends at what was given");
        // The walk has come along.
        house.picture(120, 40);
    }
}

#[test]
fn every_page_of_every_model_is_drawn_at_every_size() {
    for family in Family::ALL {
        for lang in [Lang::Zh, Lang::En] {
            let mut house = open(family, lang);
            house.press("F");
            for section in 0..house.model.program().sections().len() {
                if section == 0 {
                    house.press("((((((");
                } else {
                    house.press(")");
                }
                for position in 0..house.model.pages() {
                    house.press("`");
                    (0..position).for_each(|_| {
                        house.key(Key::PageDown);
                    });
                    for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
                        let picture = house.picture(columns, rows);
                        assert!(picture.lines().count() == usize::from(rows), "{family:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_likeliest_words_are_those_of_the_numbers() {
    let mut house = open(Family::Gpt2, Lang::En);
    typed(&mut house, "stage probabilities");
    assert_eq!(name(&house), Some(Name::Probabilities));
    let run = house.model.run().unwrap();
    let row: Vec<f32> = run.trace.find(&run.program, None, Name::Probabilities).unwrap().numbers().collect();
    assert!((row.iter().map(|&x| f64::from(x)).sum::<f64>() - 1.0).abs() < 1e-5);
    let best = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let sample = &house.model.material.sample;
    let word = sample.model.as_ref().unwrap().model.checkpoint.tokenizer.decode(best as u32);
    let picture = house.picture(120, 40);
    let first = picture.lines().find(|line| line.contains(word.trim())).unwrap();
    assert!(first.contains("  1  "), "{word} is not the first of {picture}");
}

#[test]
fn the_formula_and_the_code_are_those_of_the_layer() {
    let mut house = open(Family::Llama, Lang::En);
    let picture = house.picture(200, 55);
    assert!(picture.contains("output = concat(softmax(rotate(Q)·rotate(K)ᵀ/√d + mask)·V)·W_o"), "{picture}");
    house.press("p");
    let code = house.picture(120, 55);
    assert!(code.contains("rsqrt()") && code.contains("torch.nn.functional.silu(gate)"), "{code}");
}

#[test]
fn two_texts_of_a_model_stand_beside_each_other() {
    for family in Family::ALL {
        let (mut house, _folder) = opened(family, Lang::En);
        let first = house.model.material.sample.text.clone();
        let mut words: Vec<&str> = first.split(' ').collect();
        (*words.last_mut().unwrap(), words[1]) = (words[0], words[1]);
        let other = words.join(" ");
        typed(&mut house, "stage layer2.weights");
        typed(&mut house, &format!("beside {other}"));
        let Some(Window::Beside(window)) = house.model.windows.top() else { panic!("{:?}", house.model.notice) };
        let (window, pairs) = (window.clone(), BesideWindow::pairs(&house.model));
        let apart: Vec<usize> = (0..pairs.len()).filter(|&n| !pairs[n].same).collect();
        // One word, of one piece or of several.
        let together = apart.windows(2).all(|two| two[0] + 1 == two[1]);
        assert!((1..=3).contains(&apart.len()) && together, "{family:?}: {pairs:?}");
        // The second text by itself gives the same numbers.
        let sample = house.model.material.sample.model.as_ref().unwrap().model.sample(&other).unwrap();
        let alone = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        let rows = window.rows(&house.model, window.chosen).unwrap();
        for (pair, (a, b)) in pairs.iter().zip(&rows.weights) {
            let weight = |run: &Trace, program: &Program, row: Option<usize>, col: Option<usize>| {
                let weights = run.find(program, Some(Layer(1)), Name::Weights).unwrap();
                row.zip(col).map(|(row, col)| f64::from(weights.get(Cell::at(row, col).in_head(window.chosen % 4))))
            };
            let run = house.model.run().unwrap();
            let asking = pairs[window.row];
            assert_eq!(*a, weight(&run.trace, &run.program, asking.first, pair.first));
            assert_eq!(*b, weight(&alone, &sample.program, asking.second, pair.second));
        }
        let picture = house.picture(120, 36);
        assert!(picture.contains("layer 2, head 1") && picture.contains("½Σ|Δ|"), "{picture}");
        assert!(picture.contains("this row moved most in heads"), "{picture}");
        // Who does not see the other word is as before.
        if !family.reads_both_ways() {
            while !matches!(house.model.windows.top(), Some(Window::Beside(at)) if at.row == apart[0] - 1) {
                house.key(Key::Up);
            }
            assert!(house.picture(120, 36).contains("is the same in both sentences"));
        }
        for (columns, rows) in [(40, 12), (80, 24), (200, 55)] {
            house.picture(columns, rows);
        }
    }
}

#[test]
fn what_is_changed_is_changed_about_the_second_sentence_too() {
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press(";");
    assert!(house.picture(120, 36).contains("beside 我爱北京天安门"), "the first sentence, to be changed");
    house.key(Key::Esc);
    typed(&mut house, "beside 我爱上海外滩");
    assert!(matches!(house.model.windows.top(), Some(Window::Beside(_))));
    let picture = house.picture(120, 36);
    assert!(picture.contains("第二句") && picture.contains("外滩"), "{picture}");
    let before = house.model.second().unwrap().run.clone();
    house.press(";");
    assert!(house.model.windows.is_empty(), "the key that opened it closes it");
    house.press("mm");
    house.press(";");
    let now = house.model.second().unwrap();
    assert_eq!(now.scenario.mask, house.model.material.scenario.mask);
    let weights = |run: &qkv::session::Run| run.trace.find(&run.program, None, Name::Weights).unwrap().clone();
    assert_ne!(weights(&before), weights(&now.run));
    house.key(Key::Esc);
    typed(&mut house, "sample translation-cross");
    typed(&mut house, "beside a b");
    assert!(house.picture(120, 36).contains("两句并排只用于自注意力"));
}

#[test]
fn what_was_changed_about_a_model_is_saved_and_read_again() {
    for family in Family::ALL {
        let (mut house, folder) = opened(family, Lang::En);
        typed(&mut house, "stage layer3.weights");
        house.press("x").press("e0.75").key(Key::Enter);
        typed(&mut house, "layer 1");
        house.press("x");
        typed(&mut house, "window 1");
        typed(&mut house, "temperature 0.5");
        typed(&mut house, "save mine");
        let (name, contents) = house.files().pop().unwrap();
        assert_eq!(name, "mine.toml");
        assert!(contents.len() < 1000, "the weights stay in their folder: {contents}");
        let file = ModelFile::read(contents.as_bytes(), &name).unwrap().unwrap();
        assert_eq!(std::path::Path::new(file.folder()), folder.path());
        let on_disk: Arc<dyn Folder> = Arc::new(OnDisk::new(file.folder()));
        let read = file.of(&Arc::new(Checkpoint::open(&on_disk, "tiny").unwrap())).unwrap();
        let (scenario, shown) = (&house.model.material.scenario, &house.model.material.sample);
        assert_eq!((scenario.silenced.len(), scenario.numbers.len()), (2, 1), "{contents}");
        assert_eq!((&read.what_if, &read.text), (scenario, &shown.text), "{contents}");
        let again = read.as_saved().unwrap();
        assert_eq!(again.inputs.tensors(), shown.inputs.tensors());
        assert_eq!(again.inputs.overrides(), shown.inputs.overrides());
        assert_eq!(again.program.wiring(), shown.program.wiring());
        assert_eq!(read.what_if.to_toml(&read).unwrap(), contents);
    }
}

#[test]
fn every_switch_of_a_model_is_saved() {
    let (house, folder) = opened(Family::Gpt2, Lang::En);
    let on_disk: Arc<dyn Folder> = Arc::new(OnDisk::new(folder.path()));
    let model = Arc::new(Checkpoint::open(&on_disk, "tiny").unwrap());
    let base = &house.model.material.base;
    let weight = base.program.find(Some(Layer(1)), Name::WQ).unwrap();
    let weight = Address { slot: weight, cell: Cell::at(2, 3) };
    let mistaken = MISTAKES.iter().map(|mistake| Scenario {
        wiring: Wiring { mistake: Some(mistake), ..Wiring::default() },
        ..Scenario::default()
    });
    let turned = SWITCHES.iter().flat_map(|switch| {
        [1, -1].map(|by| {
            let mut scenario = Scenario::default();
            (switch.turn)(&mut scenario, by);
            scenario
        })
    });
    let others = [MaskChoice::Window(0), MaskChoice::Window(7)].map(|mask| Scenario { mask, ..Scenario::default() });
    let seeds = [0, u64::MAX].map(|seed| Scenario { seed: Some(seed), ..Scenario::default() });
    let mut saved = 0;
    for scenario in mistaken.chain(turned).chain(others).chain(seeds) {
        // A weight that takes no part under a switch keeps its number.
        let scenario = scenario.with_number(&base.program, weight, 1.5e-7).unwrap();
        let Ok(file) = scenario.to_toml(base) else {
            assert!(scenario.apply(base).is_err(), "what can be shown can be saved: {scenario:?}");
            continue;
        };
        saved += 1;
        let read = ModelFile::read(file.as_bytes(), "x.toml").unwrap().unwrap().of(&model);
        assert_eq!(read.unwrap_or_else(|error| panic!("{error}\n{file}")).what_if, scenario, "{file}");
    }
    assert!(saved > 20, "{saved}");
}

/// Whoever opens the second folder of the morning has to see which model it is.
#[test]
fn the_first_line_names_the_model_in_both_languages_and_keeps_its_sizes() {
    for (lang, sizes) in [(Lang::Zh, "3 层"), (Lang::En, "3 layers")] {
        let mut house = open(Family::Bert, lang);
        for width in [120, 200] {
            let first = house.picture(width, 36).lines().next().unwrap().to_owned();
            assert!(first.contains(sizes) && first.contains("tiny"), "{width}: {first}");
        }
        let narrow = house.picture(80, 24).lines().next().unwrap().to_owned();
        assert!(!narrow.contains("tiny"), "first the sizes, where there is room: {narrow}");
    }
}
