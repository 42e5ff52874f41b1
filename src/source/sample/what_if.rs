//! `what_if` in a sample file: the switches and overridden numbers that it is opened with.
//!
//! ```toml
//! what_if = { divide_by = "d", temperature = 0.5, overrides = [{ at = "weights.2[1,3]", value = 0.9 }] }
//! what_if = { targets = ["weights.2[1,3]"], optimizer = "adam", rate = 0.125 }
//! ```

use super::aim::RATES;
use super::format::choice;
use super::switches::{Saved, Switch};
use super::{Aim, EditError, Origin, Sample, Scenario, WordOrigin};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::attention::attention;
use crate::program::{Address, HeadPlace, MISTAKES, Mistake, Name, Optimizer, Program, Symbol};
use crate::source::file::error::{Refusal, about};
use crate::source::file::read::{At, Fields, Node, any_number, list_of, number, part, placed, words, wrong_type};

/// The keys that no switch has, behind those of the switches.
const OTHERS: [&str; 6] = ["mistake", "silenced", "overrides", "targets", "optimizer", "rate"];

/// The optimizers, as a file writes them.
const OPTIMIZERS: [(&str, Optimizer); 2] = [("sgd", Optimizer::Sgd), ("adam", Optimizer::Adam)];

/// What stands in the file, not yet compared with anything.
#[derive(Debug)]
pub(in crate::source) struct WhatIf {
    /// The keys that are there.
    pub(in crate::source) named: Vec<&'static str>,
    switches: Scenario,
    /// From 1, as in the file.
    silenced: Vec<At<f32>>,
    overrides: Vec<At<(String, f32)>>,
    targets: Vec<At<String>>,
    optimizer: Option<At<Optimizer>>,
    rate: Option<At<f32>>,
}

/// Reads the table.
pub(in crate::source) fn what_if<'a>(what: &Text, node: &'a Node<'a>) -> Result<WhatIf, Refusal> {
    let table = node
        .get_ref()
        .as_table()
        .ok_or_else(|| wrong_type(what, node, &Text::new("一个装开关的表", "a table of switches")))?;
    let fields = Fields { place: Text::new("what_if ", "what_if"), at: node.span().start, table };
    let keys: Vec<&'static str> = Switch::saved().map(|saved| saved.key).chain(OTHERS).collect();
    fields.only(&keys)?;
    let mut switches = Scenario::default();
    turned(&fields, &mut switches)?;
    let override_ = entry(Text::new("override ", "an override"));
    let overrides = fields.find("overrides", list_of(placed(override_)))?.map_or_else(Vec::new, |at| at.value);
    let heads = fields.find("silenced", list_of(placed(|what, node| number(|| what.clone(), node))))?;
    let targets = fields.find("targets", list_of(placed(words)))?.map_or_else(Vec::new, |at| at.value);
    let optimizer = fields.find("optimizer", |what, node| choice(what, node, &OPTIMIZERS))?;
    let rate = fields.find("rate", |what, node| number(|| what.clone(), node))?;
    let named = keys.into_iter().filter(|key| table.contains_key(*key)).collect();
    let silenced = heads.map_or_else(Vec::new, |at| at.value);
    Ok(WhatIf { named, switches, silenced, overrides, targets, optimizer, rate })
}

/// The switches of a table, a mistake among them.
pub(super) fn turned(fields: &Fields<'_>, scenario: &mut Scenario) -> Result<(), Refusal> {
    for saved in Switch::saved() {
        fields.find(saved.key, |what, node| (saved.read)(what, node, scenario))?;
    }
    scenario.wiring.mistake = fields.find("mistake", mistake)?.map(|at| at.value);
    Ok(())
}

/// `"softmax-over-queries"`
fn mistake<'a>(what: &Text, node: &'a Node<'a>) -> Result<&'static Mistake, Refusal> {
    let known: Vec<_> = MISTAKES.iter().map(|mistake| (mistake.name, mistake)).collect();
    choice(what, node, &known)
}

/// `{ at = "weights.2[1,3]", value = 0.9 }`
pub(super) fn entry<'a>(place: Text) -> impl Fn(&Text, &'a Node<'a>) -> Result<(String, f32), Refusal> {
    const FORM: Text = Text::new("{ at = \"...\", value = ... }", "{ at = \"...\", value = ... }");
    move |what, node| {
        let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &FORM))?;
        let fields = Fields { place: place.clone(), at: node.span().start, table };
        fields.only(&["at", "value"])?;
        let value = fields.need("value", |key, node| any_number(|| part(what, &key.en), node))?.value;
        Ok((fields.need("at", words)?.value, value))
    }
}

impl WhatIf {
    /// Compares the switches and addresses with a sample.
    pub(in crate::source) fn check(&self, at: usize, sample: &Sample) -> Result<Scenario, Refusal> {
        let heads = sample.program.heads();
        let head = |at: &At<f32>| match at.value {
            n if n.fract() == 0.0 && n >= 1.0 && n <= heads as f32 => {
                Ok(HeadPlace { layer: None, head: n as usize - 1 })
            }
            n => Err(at.refuse(ours(&Text::owned(
                format!("没有头 {n}；应当从 1 到 {heads}"),
                format!("there is no head {n}; expected one from 1 to {heads}"),
            )))),
        };
        let silenced = self.silenced.iter().map(head).collect::<Result<_, Refusal>>()?;
        let plain = Scenario { silenced, ..self.switches.clone() };
        let program = attention(sample.program.kind(), &sample.sizes, &plain.wiring)
            .map_err(|error| Refusal::new(at, ours(&error.words())))?;
        let plain = Scenario { aim: self.aim(&program)?, ..plain };
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

impl WhatIf {
    /// What the weights are to learn; none where nothing is aimed at.
    fn aim(&self, program: &Program) -> Result<Option<Aim>, Refusal> {
        if self.targets.is_empty() {
            let alone = self.optimizer.as_ref().map(|at| at.at).or(self.rate.as_ref().map(|at| at.at));
            return alone.map_or(Ok(None), |at| {
                let words =
                    Text::new("optimizer 和 rate 要和 targets 一起写", "optimizer and rate stand beside targets");
                Err(Refusal::new(at, ours(&words)))
            });
        }
        let optimizer = self.optimizer.as_ref().map(|at| at.value).unwrap_or_default();
        let mut aim = Aim::default().by(optimizer);
        if let Some(rate) = &self.rate {
            if !RATES.contains(&rate.value) {
                let (least, most) = (RATES.start(), RATES.end());
                return Err(rate.refuse(ours(&Text::owned(
                    format!("rate：写的是 {}，应当从 {least} 到 {most}", rate.value),
                    format!("rate is {}, expected one from {least} to {most}", rate.value),
                ))));
            }
            aim.rate = rate.value;
        }
        for target in &self.targets {
            let address =
                Address::parse(&target.value, program).map_err(|error| target.refuse(ours(&error.words())))?;
            let symbol = program.symbol(address.slot);
            if symbol.name != Name::Weights {
                return Err(target.refuse(ours(&Text::owned(
                    format!("目标是 weights 里的一格，{symbol} 不是"),
                    format!("a target is a number of weights, not of {symbol}"),
                ))));
            }
            let Cell { batch, head, row, col } = address.cell;
            if aim.targets.insert((batch, head, row), col).is_some() {
                return Err(target.refuse(ours(&Text::owned(
                    format!("{}：这一行已经有目标了", target.value),
                    format!("{}: this row has a target already", target.value),
                ))));
            }
        }
        Ok(Some(aim))
    }
}

/// Words about this table.
pub(super) fn ours(words: &Text) -> Text {
    about(&Text::same("what_if"), words)
}

/// The table as a file writes it, or nothing where nothing is changed.
pub(super) fn written(sample: &Sample) -> Option<String> {
    let Scenario { wiring, silenced, numbers, .. } = &sample.what_if;
    let written = |saved: &Saved| (saved.write)(&sample.what_if).map(|value| format!("{} = {value}", saved.key));
    let mut entries: Vec<String> = Switch::saved().filter_map(written).collect();
    let mut entry = |key: &str, differs: bool, value: String| {
        if differs {
            entries.push(format!("{key} = {value}"));
        }
    };
    let mistake = wiring.mistake.map_or("", |mistake| mistake.name);
    entry("mistake", !mistake.is_empty(), format!("\"{mistake}\""));
    let heads = silenced.iter().map(HeadPlace::to_string).collect::<Vec<_>>().join(", ");
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
    if let Some(aim) = sample.what_if.aim.as_ref().filter(|aim| !aim.targets.is_empty()) {
        let slot = program.find(None, Name::Weights)?;
        let targets = aim.targets.iter().map(|(&(batch, head, row), &col)| {
            format!("\"{}\"", Address { slot, cell: Cell { batch, head, row, col } }.display(&program))
        });
        entry("targets", true, format!("[{}]", targets.collect::<Vec<_>>().join(", ")));
        let optimizer =
            OPTIMIZERS.iter().find(|(_, optimizer)| *optimizer == aim.optimizer).map_or("", |(name, _)| name);
        entry("optimizer", aim.optimizer != Optimizer::default(), format!("\"{optimizer}\""));
        entry("rate", aim.rate.to_bits() != aim.optimizer.usual_rate().to_bits(), format!("{:?}", aim.rate));
    }
    (!entries.is_empty()).then(|| format!("{{ {} }}", entries.join(", ")))
}

impl Scenario {
    /// The sample as a file that opens as it is now: what was changed about the given numbers is written as the numbers,
    /// switches and overrides as such. Of a model, whose weights stand in its folder, the changes alone.
    ///
    /// # Errors
    /// [`EditError`], in the person's words, for a batch, since a file holds one sentence; for what was imported; for a model
    /// that stands in no folder; and for more than [`Sample::LARGEST_FILE`], which could not be opened again.
    pub fn to_toml(&self, base: &Sample) -> Result<String, EditError> {
        if let Some(within) = &base.model {
            return fits(super::model_file::written(self, base, within)?);
        }
        if base.program.kind().is_imported() {
            return Err(EditError(Text::new(
                "导入的张量存不进样例文件：样例文件要有词向量和 W",
                "what was imported does not fit into a sample file, which holds word vectors and W",
            )));
        }
        if base.program.kind().is_model() {
            return Err(EditError(Text::new(
                "整个小 Transformer 存不进样例文件：样例文件只装一次注意力",
                "a whole transformer does not fit into a sample file, which holds one attention",
            )));
        }
        let is_given = |symbol: Symbol| base.program.inputs().iter().any(|input| input.symbol == symbol);
        let (given, over): (Vec<_>, Vec<_>) = self.numbers.iter().partition(|(place, _)| is_given(place.symbol));
        let numbers = |of: Vec<(&super::Place, &f32)>| of.into_iter().map(|(place, value)| (*place, *value)).collect();
        let usual = Self::default();
        let inputs = Self { wiring: usual.wiring, silenced: usual.silenced, numbers: numbers(given), ..self.clone() }
            .untargeted();
        // The W that were learned stand in the file as numbers; what they are still to learn stands beside them.
        let aim = self.aim.as_ref().map(Aim::unlearned);
        let (wiring, silenced) = (self.wiring, self.silenced.clone());
        let what_if = Self { wiring, silenced, numbers: numbers(over), aim, ..Self::default() };
        let mut sample = Sample { what_if, ..inputs.apply(base)? };
        // A word with a number set by hand is no longer described by a lexicon, or by chance.
        for place in inputs.numbers.keys().filter(|place| place.symbol.name == Name::H) {
            if let Some(origin) = sample.word_origins.get_mut(place.cell.row) {
                *origin = WordOrigin::Given(Origin::Designed);
            }
        }
        let batch = Text::new("一批句子存不进一个样例文件", "a batch does not fit into a sample file");
        fits(sample.to_toml().ok_or(EditError(batch))?)
    }
}

/// A file that can be opened again.
fn fits(contents: String) -> Result<String, EditError> {
    let (found, most) = (contents.len() >> 20, Sample::LARGEST_FILE >> 20);
    if contents.len() <= Sample::LARGEST_FILE {
        return Ok(contents);
    }
    Err(EditError(Text::owned(
        format!("存下来有 {found} MiB，样例文件最多 {most} MiB，就再也打不开了"),
        format!("this would take {found} MiB, and a sample of more than {most} MiB could not be opened again"),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_opened_again_is_not_written() {
        let file = |bytes: usize| "#".repeat(bytes);
        assert!(fits(file(Sample::LARGEST_FILE)).is_ok());
        let error = fits(file(Sample::LARGEST_FILE + (1 << 20))).unwrap_err();
        assert!(error.0.en.contains("65 MiB") && error.0.zh.contains("64 MiB"), "{error:?}");
    }
}
