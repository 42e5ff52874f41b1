//! `what_if` in a sample file: the switches and overridden numbers that it is opened with.
//!
//! ```toml
//! what_if = { divide_by = "d", temperature = 0.5, overrides = [{ at = "weights.2[1,3]", value = 0.9 }] }
//! ```

use super::error::Fault;
use super::format::choice;
use super::read::{At, Fields, Node, any_number, list_of, number, placed, words, wrong_type};
use super::{Sample, Scenario};
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
pub(super) fn what_if<'a>(what: &str, node: &'a Node<'a>) -> Result<WhatIf, Fault> {
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, "a table of switches"))?;
    let fields = Fields { place: "what_if", at: node.span().start, table };
    fields.only(&KEYS)?;
    let flag = |key, usual: bool| -> Result<bool, Fault> { Ok(fields.find(key, truth)?.map_or(usual, |at| at.value)) };
    let divisor = fields.find("divide_by", |what, node| choice(what, node, &Divisor::ALL.map(|d| (d.name(), d))))?;
    let temperature = match fields.find("temperature", |what, node| number(|| what.to_owned(), node))? {
        None => 1.0,
        Some(at) if Wiring::TEMPERATURES.contains(&at.value) => at.value,
        Some(at) => {
            let (least, most) = (Wiring::TEMPERATURES.start(), Wiring::TEMPERATURES.end());
            return Err(at.fault(format!("temperature is {}, expected a number from {least} to {most}", at.value)));
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
    let heads = fields.find("silenced", list_of(placed(|what, node| number(|| what.to_owned(), node))))?;
    Ok(WhatIf { wiring, silenced: heads.map_or_else(Vec::new, |at| at.value), overrides })
}

fn truth<'a>(what: &str, node: &'a Node<'a>) -> Result<bool, Fault> {
    node.get_ref().as_bool().ok_or_else(|| wrong_type(what, node, "true or false"))
}

/// `{ at = "weights.2[1,3]", value = 0.9 }`
fn overridden<'a>(what: &str, node: &'a Node<'a>) -> Result<(String, f32), Fault> {
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, "{ at = \"...\", value = ... }"))?;
    let fields = Fields { place: "an override", at: node.span().start, table };
    fields.only(&["at", "value"])?;
    let value = fields.need("value", |key, node| any_number(|| format!("{what}, {key}"), node))?.value;
    Ok((fields.need("at", words)?.value, value))
}

impl WhatIf {
    /// Compares the switches and addresses with a sample.
    pub(super) fn check(&self, at: usize, sample: &Sample) -> Result<Scenario, Fault> {
        let heads = sample.program.heads();
        let head = |at: &At<f32>| match at.value {
            n if n.fract() == 0.0 && n >= 1.0 && n <= heads as f32 => Ok(n as usize - 1),
            n => Err(at.fault(format!("what_if: there is no head {n}; expected one from 1 to {heads}"))),
        };
        let silenced = self.silenced.iter().map(head).collect::<Result<_, Fault>>()?;
        let plain = Scenario { wiring: self.wiring, silenced, ..Scenario::default() };
        let program = attention(sample.program.kind(), &sample.sizes, &self.wiring)
            .map_err(|error| Fault::new(at, format!("what_if: {error}")))?;
        self.overrides.iter().try_fold(plain, |scenario, entry| {
            let (place, value) = &entry.value;
            let address = Address::parse(place, &program).map_err(|error| entry.fault(format!("what_if: {error}")))?;
            if program.made_by(address.slot).is_none() {
                let symbol = program.symbol(address.slot);
                return Err(entry.fault(format!("what_if: {symbol} is given; change it below [tensors]")));
            }
            scenario
                .with_number(&program, address, *value)
                .map_err(|error| entry.fault(format!("what_if: {}", error.0.en)))
        })
    }
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
