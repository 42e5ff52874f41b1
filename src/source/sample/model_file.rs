//! `qkv-model/1`: the folder of a model, a text, and what was changed, as a file.
//!
//! ```toml
//! format = "qkv-model/1"
//! model = "/home/me/models/gpt2"
//! text = "The cat sat on the"
//! mask = "causal"
//! silenced = ["layer4.2"]
//! numbers = [{ at = "layer4.weights.2[5,3]", value = 0.0 }]
//! [switches]
//! temperature = 0.5
//! ```

use std::fmt::Write;
use std::str::FromStr;
use std::sync::Arc;

use toml::Value;
use toml::de::DeTable;

use super::format::choice;
use super::switches::{Saved, Switch};
use super::what_if::{entry, turned};
use super::{EditError, MaskChoice, Sample, Scenario};
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::program::{Address, HeadPlace, Layer, Name, Program};
use crate::source::file::error::{FileError, Refusal, excerpt};
use crate::source::file::read::{At, Fields, Node, STRING, list_of, placed, words, written as as_written, wrong_type};
use crate::source::file::utf8;
use crate::source::model::{InModel, Model};

/// The version of the file format, its first key.
const FORMAT: &str = "qkv-model/1";

/// As an expected type.
const WHOLE: Text = Text::new("不小于 0 的整数", "a whole number from 0");

/// The keys of a file, in the order in which one is written.
const KEYS: [&str; 9] = ["format", "model", "text", "seed", "mask", "positions", "silenced", "numbers", "switches"];

/// A file whose keys and types are right; the model is not opened yet.
#[derive(Debug)]
pub struct ModelFile {
    /// The file, as errors call it, and what stands in it.
    file: String,
    source: String,
    model: At<String>,
    text: Option<At<String>>,
    switches: At<Scenario>,
    silenced: Vec<At<String>>,
    numbers: Vec<At<(String, f32)>>,
}

impl ModelFile {
    /// Reads the bytes of a file; none where it is another kind of file. `file` is what errors call it.
    ///
    /// # Errors
    /// [`FileError`] says where, what was found and what was expected.
    pub fn read(bytes: &[u8], file: &str) -> Result<Option<Self>, FileError> {
        // A sample of many numbers is not parsed twice.
        let Ok(source) = utf8(bytes, file) else { return Ok(None) };
        let Some(document) = source.contains(FORMAT).then(|| DeTable::parse(source).ok()).flatten() else {
            return Ok(None);
        };
        let format = document.get_ref().get("format").and_then(|node| node.get_ref().as_str());
        if format != Some(FORMAT) {
            return Ok(None);
        }
        Self::draft(document.get_ref(), source, file).map(Some).map_err(|refusal| refusal.locate(source, file))
    }

    fn draft<'a>(document: &'a DeTable<'a>, source: &str, file: &str) -> Result<Self, Refusal> {
        let fields = Fields { place: Text::new("文件", "the file"), at: 0, table: document };
        fields.only(&KEYS)?;
        let seed = fields.find("seed", whole)?.map(|seed| seed.value);
        let mut scenario = Scenario { seed, ..Scenario::default() };
        if let Some(mask) = fields.find("mask", mask)? {
            scenario.mask = mask.value;
        }
        let positions = fields.find("positions", truth)?;
        let table = fields.find("switches", |what, node| switches(what, node, &mut scenario))?;
        let mut at = table.map_or(0, |table| table.at);
        if let Some(positions) = positions.filter(|positions| !positions.value) {
            // Of all switches only this one is there in some samples and not in others.
            (scenario.positions, at) = (false, positions.at);
        }
        let change = entry(Text::new("改动", "a change"));
        Ok(Self {
            file: file.to_owned(),
            source: source.to_owned(),
            model: fields.need("model", words)?,
            text: fields.find("text", any_text)?,
            switches: At { at, value: scenario },
            silenced: fields.find("silenced", list_of(placed(words)))?.map_or_else(Vec::new, |at| at.value),
            numbers: fields.find("numbers", list_of(placed(change)))?.map_or_else(Vec::new, |at| at.value),
        })
    }

    /// The folder that it names, as it is written.
    pub fn folder(&self) -> &str {
        &self.model.value
    }

    /// What is wrong with that folder, where it is named.
    pub fn refuse_folder(&self, why: &Fault) -> FileError {
        self.model.refuse(why.words().clone()).locate(&self.source, &self.file)
    }

    /// The text under the model, with what was changed about it.
    ///
    /// # Errors
    /// [`FileError`] says where, what was found and what was expected.
    pub fn of(&self, model: &Arc<Model>) -> Result<Sample, FileError> {
        self.sample(model).map_err(|refusal| refusal.locate(&self.source, &self.file))
    }

    fn sample(&self, model: &Arc<Model>) -> Result<Sample, Refusal> {
        let (at, text) = self.text.as_ref().map_or((0, model.first_text()), |text| (text.at, text.value.as_str()));
        let base = model.sample(text).map_err(|why| Refusal::new(at, why.words().clone()))?;
        let refuse = |at: usize| move |error: EditError| Refusal::new(at, error.words());
        let silenced = self.silenced.iter().map(|entry| head(entry, &base.program)).collect::<Result<_, _>>()?;
        let scenario = Scenario { silenced, ..self.switches.value.clone() };
        let turned = scenario.turn_switches(&base).map_err(refuse(self.switches.at))?;
        let scenario = self.numbers.iter().try_fold(scenario, |scenario, entry| {
            let (place, value) = &entry.value;
            // A weight that takes no part for the moment keeps its number too.
            let programs = [&turned.program, &base.program];
            let found = programs.map(|program| Address::parse(place, program).map(|address| (program, address)));
            let [turned, own] = found;
            let (program, address) =
                turned.or_else(|error| own.map_err(|_| error)).map_err(|error| entry.refuse(error.words()))?;
            scenario.with_number(program, address, *value).map_err(refuse(entry.at))
        })?;
        // A row of the mask may be hidden whole.
        scenario.put_numbers(&turned).map_err(refuse(self.numbers.first().map_or(0, |entry| entry.at)))?;
        Ok(Sample { what_if: scenario, ..base })
    }
}

/// `"none"`, `"causal"`, or how many words around are seen.
fn mask<'a>(what: &Text, node: &'a Node<'a>) -> Result<MaskChoice, Refusal> {
    if node.get_ref().as_integer().is_some() {
        return whole(what, node).map(MaskChoice::Window);
    }
    choice(what, node, &[("none", MaskChoice::Open), ("causal", MaskChoice::Causal)])
}

/// Any text: the model's own tokenizer says what it takes.
fn any_text<'a>(what: &Text, node: &'a Node<'a>) -> Result<String, Refusal> {
    node.get_ref().as_str().map(str::to_owned).ok_or_else(|| wrong_type(what, node, &STRING))
}

/// A whole number that is not negative.
fn whole<'a, T: FromStr>(what: &Text, node: &'a Node<'a>) -> Result<T, Refusal> {
    let digits = node.get_ref().as_integer().filter(|digits| digits.radix() == 10);
    digits.and_then(|digits| digits.as_str().parse().ok()).ok_or_else(|| {
        let Some(found) = as_written(node).map(excerpt) else { return wrong_type(what, node, &WHOLE) };
        let (zh, en) = (format!("写的是 {found}，应当是{}", WHOLE.zh), format!("is {found}, expected {}", WHOLE.en));
        Refusal::new(node.span().start, Text::owned(format!("{}：{zh}", what.zh), format!("{} {en}", what.en)))
    })
}

fn truth<'a>(what: &Text, node: &'a Node<'a>) -> Result<bool, Refusal> {
    node.get_ref().as_bool().ok_or_else(|| wrong_type(what, node, &Text::new("真假值", "true or false")))
}

/// The table of switches, a mistake among them.
fn switches<'a>(what: &Text, node: &'a Node<'a>, scenario: &mut Scenario) -> Result<(), Refusal> {
    let table = node
        .get_ref()
        .as_table()
        .ok_or_else(|| wrong_type(what, node, &Text::new("一个装开关的表", "a table of switches")))?;
    let fields = Fields { place: Text::new("[switches] ", "[switches]"), at: node.span().start, table };
    let keys: Vec<&str> = Switch::saved().map(|saved| saved.key).chain(["mistake"]).collect();
    fields.only(&keys)?;
    turned(&fields, scenario)
}

/// `layer4.2`: layer 4, head 2.
fn head(entry: &At<String>, program: &Program) -> Result<HeadPlace, Refusal> {
    let (layers, heads) = (program.layers(), program.heads());
    let place = entry.value.split_once('.').and_then(|(layer, head)| {
        let head = head.parse::<usize>().ok()?.checked_sub(1)?;
        Some(HeadPlace { layer: Some(Layer::parse(layer)?), head })
    });
    let there = |place: &HeadPlace| place.head < heads && program.find(place.layer, Name::Context).is_some();
    place.filter(there).ok_or_else(|| {
        let found = excerpt(&entry.value);
        entry.refuse(Text::owned(
            format!("没有头 {found}；应当是 layer1.1 到 layer{layers}.{heads}"),
            format!("there is no head {found}; expected one from layer1.1 to layer{layers}.{heads}"),
        ))
    })
}

/// A model's text and what was changed about it, as a file that [`ModelFile::read`] reads again.
///
/// # Errors
/// [`EditError`] where the model does not stand in a folder that could be named.
pub(super) fn written(scenario: &Scenario, base: &Sample, within: &InModel) -> Result<String, EditError> {
    let Some(folder) = &within.model.place else {
        return Err(EditError(Text::new(
            "这个模型不在磁盘的目录里，存下来也找不回它",
            "this model stands in no folder on the disk: a file could not name it",
        )));
    };
    let quoted = |words: &str| Value::String(words.to_owned()).to_string();
    let mut file = format!("format = {}\nmodel = {}\ntext = {}\n", quoted(FORMAT), quoted(folder), quoted(&base.text));
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing into a string cannot fail.
            let _ = writeln!(file, "{key} = {value}");
        }
    };
    line("seed", scenario.seed.map(|seed| seed.to_string()));
    line(
        "mask",
        match scenario.mask {
            MaskChoice::Own => None,
            MaskChoice::Open => Some(quoted("none")),
            MaskChoice::Causal => Some(quoted("causal")),
            MaskChoice::Window(n) => Some(n.to_string()),
        },
    );
    line("positions", (!scenario.positions).then(|| "false".to_owned()));
    let list = |entries: Vec<String>| (!entries.is_empty()).then(|| format!("[{}]", entries.join(", ")));
    line("silenced", list(scenario.silenced.iter().map(|head| quoted(&head.to_string())).collect()));
    let turned = scenario.turn_switches(base)?.program;
    let numbers = scenario.numbers.iter().filter_map(|(place, value)| {
        let slot_of = |program: &Arc<Program>| Some((Arc::clone(program), program.find_symbol(place.symbol)?));
        let (program, slot) = slot_of(&turned).or_else(|| slot_of(&base.program))?;
        let at = Address { slot, cell: place.cell }.display(&program);
        Some(format!("\n    {{ at = {}, value = {value:?} }}", quoted(&at)))
    });
    line("numbers", list(numbers.collect()));
    let written = |saved: &Saved| (saved.write)(scenario).map(|value| format!("{} = {value}\n", saved.key));
    let mut switches: String = Switch::saved().filter_map(written).collect();
    if let Some(mistake) = scenario.wiring.mistake {
        let _ = writeln!(switches, "mistake = {}", quoted(mistake.name));
    }
    if !switches.is_empty() {
        let _ = write!(file, "\n[switches]\n{switches}");
    }
    Ok(file)
}
