//! `what_if` in a sample file: the switches and overridden numbers that it is opened with.
//!
//! ```toml
//! what_if = { divide_by = "d", temperature = 0.5, overrides = [{ at = "weights.2[1,3]", value = 0.9 }] }
//! ```

use super::error::{Refusal, about};
use super::format::choice;
use super::read::{At, Fields, Node, any_number, list_of, number, part, placed, words, wrong_type};
use super::{Sample, Scenario};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::program::attention::attention;
use crate::program::{Address, Divisor, Symbol, Wiring};

/// The keys, in the order in which they are written.
const KEYS: [&str; 8] =
    ["divide_by", "temperature", "projected", "swapped", "tied", "output_weights", "silenced", "overrides"];

/// What stands in the file, not yet compared with anything.
#[derive(Debug)]
pub(super) struct WhatIf {
    wiring: Wiring,
    /// From 1, as in the file.
    silenced: Vec<At<f32>>,
    overrides: Vec<At<(String, f32)>>,
}

/// Reads the table.
pub(super) fn what_if<'a>(what: &Text, node: &'a Node<'a>) -> Result<WhatIf, Refusal> {
    let table = node
        .get_ref()
        .as_table()
        .ok_or_else(|| wrong_type(what, node, &Text::new("一个装开关的表", "a table of switches")))?;
    let fields = Fields { place: Text::new("what_if ", "what_if"), at: node.span().start, table };
    fields.only(&KEYS)?;
    let flag =
        |key, usual: bool| -> Result<bool, Refusal> { Ok(fields.find(key, truth)?.map_or(usual, |at| at.value)) };
    let divisor = fields.find("divide_by", |what, node| choice(what, node, &Divisor::ALL.map(|d| (d.name(), d))))?;
    let temperature = match fields.find("temperature", |what, node| number(|| what.clone(), node))? {
        None => 1.0,
        Some(at) if Wiring::TEMPERATURES.contains(&at.value) => at.value,
        Some(at) => {
            let (least, most) = (Wiring::TEMPERATURES.start(), Wiring::TEMPERATURES.end());
            let found = at.value;
            return Err(at.refuse(Text::owned(
                format!("temperature：写的是 {found}，应当是 {least} 到 {most} 的数"),
                format!("temperature is {found}, expected a number from {least} to {most}"),
            )));
        }
    };
    let wiring = Wiring {
        divisor: divisor.map_or(Divisor::Root, |at| at.value),
        temperature,
        projected: flag("projected", true)?,
        swapped: flag("swapped", false)?,
        tied: flag("tied", false)?,
        joined: flag("output_weights", true)?,
    };
    let overrides = fields.find("overrides", list_of(placed(overridden)))?.map_or_else(Vec::new, |at| at.value);
    let heads = fields.find("silenced", list_of(placed(|what, node| number(|| what.clone(), node))))?;
    Ok(WhatIf { wiring, silenced: heads.map_or_else(Vec::new, |at| at.value), overrides })
}

fn truth<'a>(what: &Text, node: &'a Node<'a>) -> Result<bool, Refusal> {
    node.get_ref().as_bool().ok_or_else(|| wrong_type(what, node, &Text::new("真假值", "true or false")))
}

/// `{ at = "weights.2[1,3]", value = 0.9 }`
fn overridden<'a>(what: &Text, node: &'a Node<'a>) -> Result<(String, f32), Refusal> {
    const FORM: Text = Text::new("{ at = \"...\", value = ... }", "{ at = \"...\", value = ... }");
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &FORM))?;
    let fields = Fields { place: Text::new("override ", "an override"), at: node.span().start, table };
    fields.only(&["at", "value"])?;
    let value = fields.need("value", |key, node| any_number(|| part(what, &key.en), node))?.value;
    Ok((fields.need("at", words)?.value, value))
}

impl WhatIf {
    /// Compares the switches and addresses with a sample.
    pub(super) fn check(&self, at: usize, sample: &Sample) -> Result<Scenario, Refusal> {
        let heads = sample.program.heads();
        let head = |at: &At<f32>| match at.value {
            n if n.fract() == 0.0 && n >= 1.0 && n <= heads as f32 => Ok(n as usize - 1),
            n => Err(at.refuse(ours(&Text::owned(
                format!("没有头 {n}；应当从 1 到 {heads}"),
                format!("there is no head {n}; expected one from 1 to {heads}"),
            )))),
        };
        let silenced = self.silenced.iter().map(head).collect::<Result<_, Refusal>>()?;
        let plain = Scenario { wiring: self.wiring, silenced, ..Scenario::default() };
        let program = attention(sample.program.kind(), &sample.sizes, &self.wiring)
            .map_err(|error| Refusal::new(at, ours(&error.words())))?;
        self.overrides.iter().try_fold(plain, |scenario, entry| {
            let (place, value) = &entry.value;
            let address = Address::parse(place, &program).map_err(|error| entry.refuse(ours(&error.words())))?;
            if program.made_by(address.slot).is_none() {
                let symbol = program.symbol(address.slot);
                return Err(entry.refuse(ours(&Text::owned(
                    format!("{symbol} 是给定的；请在 [tensors] 下面改它"),
                    format!("{symbol} is given; change it below [tensors]"),
                ))));
            }
            scenario.with_number(&program, address, *value).map_err(|error| entry.refuse(ours(&error.words())))
        })
    }
}

/// Words about this table.
pub(super) fn ours(words: &Text) -> Text {
    about(&Text::same("what_if"), words)
}

/// The table as a file writes it, or nothing where nothing is changed.
pub(super) fn written(sample: &Sample) -> Option<String> {
    let Scenario { wiring, silenced, numbers, .. } = &sample.what_if;
    let usual = Wiring::default();
    let mut entries = Vec::new();
    let mut entry = |key: &str, differs: bool, value: String| {
        if differs {
            entries.push(format!("{key} = {value}"));
        }
    };
    entry("divide_by", wiring.divisor != usual.divisor, format!("\"{}\"", wiring.divisor.name()));
    entry("temperature", wiring.temperature != usual.temperature, format!("{:?}", wiring.temperature));
    entry("projected", wiring.projected != usual.projected, wiring.projected.to_string());
    entry("swapped", wiring.swapped != usual.swapped, wiring.swapped.to_string());
    entry("tied", wiring.tied != usual.tied, wiring.tied.to_string());
    entry("output_weights", wiring.joined != usual.joined, wiring.joined.to_string());
    let heads = silenced.iter().map(|head| (head + 1).to_string()).collect::<Vec<_>>().join(", ");
    entry("silenced", !silenced.is_empty(), format!("[{heads}]"));
    let program = attention(sample.program.kind(), &sample.sizes, wiring).ok()?;
    let overrides: Vec<String> = (numbers.iter())
        .filter_map(|(place, value)| {
            let slot = program.find_symbol(place.symbol)?;
            let at = Address { slot, cell: place.cell }.display(&program);
            Some(format!("{{ at = \"{at}\", value = {value:?} }}"))
        })
        .collect();
    entry("overrides", !overrides.is_empty(), format!("[{}]", overrides.join(", ")));
    (!entries.is_empty()).then(|| format!("{{ {} }}", entries.join(", ")))
}

impl Scenario {
    /// The sample as a file that opens as it is now: what was changed about the given numbers is written as the numbers,
    /// switches and overrides as such. `None` for a batch: a file holds one sentence.
    pub fn to_toml(&self, base: &Sample) -> Option<String> {
        let is_given = |symbol: Symbol| base.program.inputs().iter().any(|input| input.symbol == symbol);
        let (given, over): (Vec<_>, Vec<_>) = self.numbers.iter().partition(|(place, _)| is_given(place.symbol));
        let numbers = |of: Vec<(&super::Place, &f32)>| of.into_iter().map(|(place, value)| (*place, *value)).collect();
        let usual = Self::default();
        let inputs = Self { wiring: usual.wiring, silenced: usual.silenced, numbers: numbers(given), ..self.clone() };
        let what_if =
            Self { wiring: self.wiring, silenced: self.silenced.clone(), numbers: numbers(over), ..Self::default() };
        Sample { what_if, ..inputs.apply(base).ok()? }.to_toml()
    }
}
