//! What if: the sample changed by hand, by switches, by rows.

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::history::State;
use super::update::recompute;
use super::{Effect, Model};
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::math::tensor::{Cell, Tensor};
use crate::program::{Address, HeadPlace, Name, Role, labels};
use crate::session::{Job, Kind};
use crate::source::sample::{MaskChoice, Sample, Scenario};

/// Makes the sample of another scenario, to be undone.
///
/// # Errors
/// Words for the person; nothing has changed then.
pub(super) fn change(model: &mut Model, scenario: Scenario) -> Result<Vec<Effect>, Text> {
    let switches = scenario.switches();
    let before = &model.material;
    let (turned, earlier) = if switches == before.scenario.switches() {
        (Arc::clone(&before.turned), Some((&before.scenario, &*before.sample)))
    } else {
        (Arc::new(switches.turn_switches(&before.base).map_err(|error| error.0)?), None)
    };
    let sample = scenario.put_numbers_after(&turned, earlier).map_err(|error| error.0)?;
    model.change_to(State { scenario, ..model.state() }, turned, Arc::new(sample));
    Ok(recompute(model))
}

/// The same; what cannot be done is said.
pub(super) fn try_change(model: &mut Model, scenario: Scenario) -> Vec<Effect> {
    let changed = change(model, scenario);
    or_warn(model, changed)
}

/// What is to be done, or nothing and a notice that says why.
pub(super) fn or_warn(model: &mut Model, result: Result<Vec<Effect>, Text>) -> Vec<Effect> {
    result.unwrap_or_else(|error| {
        model.warn(error);
        Vec::new()
    })
}

/// The same for what takes the place of much: where it is done, that is said, and how to take it back.
pub(super) fn done_or_warn(model: &mut Model, result: Result<Vec<Effect>, Text>, done: &Text) -> Vec<Effect> {
    if result.is_ok() {
        model.say_undoable(done);
    }
    or_warn(model, result)
}

/// Changes one number: a given one, or a computed one that is overridden from then on.
///
/// # Errors
/// Words for the person; nothing has changed then.
pub(super) fn put(model: &mut Model, address: Address, value: f32) -> Result<Vec<Effect>, Text> {
    let scenario = model.material.scenario.with_number(model.program(), address, value).map_err(|error| error.0)?;
    change(model, scenario)
}

/// Changes the number under the cursor.
pub(super) fn edit(model: &mut Model, change: impl Fn(f32) -> f32) -> Vec<Effect> {
    let address = model.address();
    let Some(now) = number(model, address) else { return Vec::new() };
    let put = put(model, address, change(now));
    or_warn(model, put)
}

/// A number as it is now: given, or computed.
pub(super) fn number(model: &Model, address: Address) -> Option<f32> {
    match model.material.sample.inputs.get(address.slot) {
        Some(tensor) => Some(tensor.get(address.cell)),
        None => model.trace().map(|trace| trace.get(address)),
    }
}

/// Takes the change of the number under the cursor back.
pub(super) fn take_back(model: &mut Model) -> Vec<Effect> {
    if let Some(scenario) = model.material.scenario.without_number(model.program(), model.address()) {
        return try_change(model, scenario);
    }
    model.warn(Text::new("这个数没有改过", "this number was not changed"));
    Vec::new()
}

/// The columns of the row under the cursor that the page shows.
fn row(model: &Model) -> Vec<Address> {
    let (slot, address) = (model.slot(), model.address());
    model.columns(slot).map(|col| Address { slot, cell: Cell { col, ..address.cell } }).collect()
}

/// Changes the whole row under the cursor.
///
/// # Errors
/// Words for the person; nothing has changed then.
pub(super) fn put_row(model: &mut Model, numbers: &[f32]) -> Result<Vec<Effect>, Text> {
    let places = row(model);
    if numbers.len() != places.len() {
        let (found, expected) = (numbers.len(), places.len());
        return Err(Text::owned(
            format!("这一行要 {expected} 个数，粘贴来的有 {found} 个"),
            format!("this row takes {expected} numbers, {found} were pasted"),
        ));
    }
    let mut scenario = model.material.scenario.clone();
    for (address, &value) in places.into_iter().zip(numbers) {
        scenario = scenario.with_number(model.program(), address, value).map_err(|error| error.0)?;
    }
    change(model, scenario)
}

/// The row under the cursor drawn anew, the same numbers for the same place and the same number of changes: words and
/// weights from a normal distribution, attention weights as shares, a mask of 0 and 1 that leaves one open.
pub(super) fn randomise_row(model: &mut Model) -> Vec<Effect> {
    let (places, address) = (row(model), model.address());
    let symbol = model.program().symbol(address.slot);
    let count = places.len();
    let mut rng = ChaCha8Rng::seed_from_u64(model.settings.seed ^ ((model.changes << 16) + address.cell.row as u64));
    let mut normal = || -> f32 { StandardNormal.sample(&mut rng) };
    let mut drawn: Vec<f32> = (0..count).map(|_| normal()).collect();
    match labels::of(model.program(), address.slot).role {
        Role::Weight => {
            let sum: f32 = drawn.iter().map(|x| x.exp()).sum();
            drawn = drawn.iter().map(|x| tidy(x.exp() / sum)).collect();
            // Rounded shares still sum to 1: the last one takes what is left.
            let others: f32 = drawn.iter().take(count - 1).sum();
            if let Some(last) = drawn.last_mut() {
                *last = 1.0 - others;
            }
        }
        Role::Mask => {
            drawn = drawn.iter().map(|x| f32::from(u8::from(*x > 0.0))).collect();
            if let Some(own) = drawn.get_mut(address.cell.row.min(count - 1)) {
                *own = 1.0;
            }
        }
        _ => drawn = drawn.iter().map(|x| (x * 100.0).round() / 100.0).collect(),
    }
    debug_assert!(symbol.name != Name::Mask || drawn.contains(&1.0));
    let put = put_row(model, &drawn);
    done_or_warn(model, put, &Text::new("这一行换成了随机数", "this row is drawn at random now"))
}

/// Numbers pasted over the row under the cursor: separated by spaces, commas, semicolons or tabs, in brackets or not.
pub(super) fn paste_row(model: &mut Model, text: &str) -> Vec<Effect> {
    let apart = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '[' | ']' | '\u{ff0c}' | '\u{ff1b}');
    let words: Vec<&str> = text.split(apart).filter(|word| !word.is_empty()).take(1 << 16).collect();
    let numbers: Result<Vec<f32>, _> = words.iter().map(|word| word.parse::<f32>().map_err(|_| *word)).collect();
    let put = match numbers {
        Ok(numbers) => put_row(model, &numbers),
        Err(word) => {
            let word = crate::ground::text::cut(word, 20);
            Err(Text::owned(
                format!("粘贴来的「{word}」不是数，这一行没有改"),
                format!("\"{word}\" in what was pasted is no number; the row stays as it was"),
            ))
        }
    };
    or_warn(model, put)
}

/// The next mask that differs from this one.
pub(super) fn next_mask(model: &mut Model) -> Vec<Effect> {
    let choices = std::iter::successors(Some(model.material.scenario.mask.next()), |choice| Some(choice.next()));
    let differs = |choice: &MaskChoice| {
        let masked = model.material.base.with_mask(*choice);
        masked.is_some_and(|s| mask_of(&s) != mask_of(&model.material.turned))
    };
    let Some(mask) = choices.take(MaskChoice::COUNT - 1).find(differs) else {
        model.warn(Text::new("这个样例没有别的遮挡方式", "there is no other mask for this sample"));
        return Vec::new();
    };
    let changed = change(model, Scenario { mask, ..model.material.scenario.clone() });
    let now = mask_words(&model.material.base, mask);
    done_or_warn(model, changed, &Text::owned(format!("遮挡：{}", now.zh), format!("mask: {}", now.en)))
}

/// What a mask lets words see; of the sample's own, which of the others it is like.
fn mask_words(base: &Sample, mask: MaskChoice) -> Text {
    if mask != MaskChoice::Own {
        return mask.says();
    }
    let choices = std::iter::successors(Some(mask.next()), |choice| Some(choice.next())).take(MaskChoice::COUNT - 1);
    let same = |choice: &MaskChoice| base.with_mask(*choice).is_some_and(|other| mask_of(&other) == mask_of(base));
    let own = choices.into_iter().find(same).map_or_else(|| Text::new("自定义的", "one of its own"), MaskChoice::says);
    Text::owned(format!("样例自带的（{}）", own.zh), format!("the sample's own ({})", own.en))
}

fn mask_of(sample: &Sample) -> Option<&Tensor<f32>> {
    sample
        .program
        .inputs()
        .iter()
        .find(|input| input.symbol.name == Name::Mask)
        .and_then(|mask| sample.inputs.get(mask.slot))
}

/// Random weights, or the sample's own again. Numbers changed by hand go: they were changes of other weights.
pub(super) fn weights(model: &mut Model, seed: Option<u64>) -> Vec<Effect> {
    let edited = !model.material.scenario.numbers.is_empty();
    let changed = change(model, Scenario { seed, ..model.material.scenario.switches().unlearned() });
    model.baseline = None;
    if edited {
        let gone = Text::new("换了权重，手工改的数不再算数", "other weights: numbers changed by hand are left out");
        return done_or_warn(model, changed, &gone);
    }
    or_warn(model, changed)
}

/// Asks for a sentence to be cut and described. The sample's own sentence in words is there already.
pub(super) fn ask_for(model: &mut Model, written: String, lens: Lens) -> Vec<Effect> {
    if written == model.material.original.text && lens == Lens::Words {
        let original = Arc::clone(&model.material.original);
        let mut effects = model.cancel(Kind::Sentence);
        effects.extend(show_sentence(model, original, None, lens));
        return effects;
    }
    model.ask(Job::Sentence { sample: Arc::clone(&model.material.original), written, lens })
}

/// Shows a sentence of one's own under the same switches. Numbers changed by hand go: their words are gone.
pub(super) fn show_sentence(model: &mut Model, base: Arc<Sample>, written: Option<String>, lens: Lens) -> Vec<Effect> {
    let edited = !model.material.scenario.numbers.is_empty();
    // Targets are places in the sentence that goes; what was learned is about words' dimensions, and stays.
    let scenario = model.material.scenario.switches().untargeted();
    match scenario.turn_switches(&base) {
        Ok(turned) => {
            let turned = Arc::new(turned);
            let next = State { base, scenario, lens, written, ..model.state() };
            model.change_to(next, Arc::clone(&turned), turned);
            (model.baseline, model.view.fresh, model.view.steered) = (None, true, false);
            if edited {
                let gone =
                    Text::new("换了句子，手工改的数不再算数", "another sentence: numbers changed by hand are left out");
                model.say_undoable(&gone);
            }
            recompute(model)
        }
        Err(error) => {
            model.warn(error.0);
            Vec::new()
        }
    }
}

/// Makes every number of the row under the cursor 0.
pub(super) fn silence_row(model: &mut Model) -> Vec<Effect> {
    let zeros = vec![0.0; row(model).len()];
    let put = put_row(model, &zeros);
    done_or_warn(model, put, &Text::new("这一行全变成 0 了", "this row is all 0 now"))
}

/// Silences a head, or lets it speak again.
pub(super) fn silence_head(model: &mut Model, at: HeadPlace) -> Vec<Effect> {
    let mut scenario = model.material.scenario.clone();
    let place = HeadPlace { head: at.head.min(model.program().heads() - 1), ..at };
    if !scenario.silenced.remove(&place) {
        scenario.silenced.insert(place);
    }
    try_change(model, scenario)
}

/// How far one press of `+` moves: whole steps among whole numbers, tenths elsewhere.
pub(super) fn nudge(model: &Model) -> f32 {
    let whole = model.format(model.slot()).is_some_and(|f| f.decimals == 0);
    if whole { 1.0 } else { 0.1 }
}

/// Tenths that add up without dust: 0.1 + 0.2 is 0.3.
pub(super) fn tidy(x: f32) -> f32 {
    if x.abs() > 1e6 { x } else { (x * 1000.0).round() / 1000.0 }
}
