//! How a step sets the screen: which sample under which scenario, and where the walk stands.

use std::sync::Arc;

use toml::de::DeValue;

use super::Claim;
use super::Material;
use super::said::claim;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::program::{Address, Name, Program};
use crate::source::file::error::{Refusal, about, excerpt};
use crate::source::file::read::{
    At, Fields, Node, any_number, count, list_of, part, placed, sentence, words, wrong_type,
};
use crate::source::sample::format::choice;
use crate::source::sample::what_if::{WhatIf, what_if};
use crate::source::sample::{Aim, MaskChoice, Place, Sample, Scenario, Switch};

/// A sample under a scenario, ready to run.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The sample as it was read.
    pub original: Arc<Sample>,
    /// The same with the sentence of the lesson, where it has one.
    pub base: Arc<Sample>,
    /// With the switches turned.
    pub turned: Arc<Sample>,
    /// With the numbers changed too: what is run.
    pub sample: Arc<Sample>,
    /// What is changed.
    pub scenario: Scenario,
    /// The sentence of the lesson as it is written.
    pub written: Option<String>,
    /// What the sentence is cut into.
    pub lens: Lens,
}

/// A page of the walk as a file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageName {
    /// The first page.
    Beginning,
    /// The words and their vectors.
    Words,
    /// The stage that makes this tensor.
    Stage(Name),
    /// The last page.
    End,
}

/// Where the walk stands. What is none is as it was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spot {
    /// The page.
    pub page: Option<PageName>,
    /// The head, from 0.
    pub head: Option<usize>,
    /// The sentence of a batch, from 0.
    pub sentence: Option<usize>,
    /// The number under the cursor, and whether any of its row will do.
    pub cell: Option<(Address, bool)>,
}

/// What must be so for a deed to be done. What is none may be anyhow.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// Where the walk stands.
    pub spot: Spot,
    /// The window on top, by its name.
    pub window: Option<At<String>>,
    /// What is said about the numbers.
    pub claim: Option<Claim>,
    mask: Option<MaskChoice>,
    positions: Option<bool>,
    /// The seed; none for the sample's own weights.
    weights: Option<At<Option<u64>>>,
    switches: Option<(Vec<&'static str>, Scenario)>,
    edits: Option<Vec<(Place, f32)>>,
}

impl Condition {
    /// Whether a scenario is as is asked for.
    pub fn allows(&self, now: &Scenario) -> bool {
        self.mask.is_none_or(|mask| now.mask == mask)
            && self.positions.is_none_or(|positions| now.positions == positions)
            && self.weights.as_ref().is_none_or(|seed| now.seed == seed.value)
            && self.switches.as_ref().is_none_or(|(named, wanted)| wanted_switches(named, wanted, now))
            && self.edits.as_ref().is_none_or(|edits| {
                let is_so = |(place, value): &(Place, f32)| now.numbers.get(place) == Some(value);
                if edits.is_empty() { now.numbers.is_empty() } else { edits.iter().all(is_so) }
            })
    }
}

fn wanted_switches(named: &[&'static str], wanted: &Scenario, now: &Scenario) -> bool {
    named.iter().all(|&key| match key {
        "mistake" => now.wiring.mistake == wanted.wiring.mistake,
        "silenced" => now.silenced == wanted.silenced,
        "overrides" => wanted.numbers.iter().all(|(place, value)| now.numbers.get(place) == Some(value)),
        "targets" => aimed(now).map(|aim| &aim.targets) == aimed(wanted).map(|aim| &aim.targets),
        "optimizer" => aimed(now).map(|aim| aim.optimizer) == aimed(wanted).map(|aim| aim.optimizer),
        "rate" => aimed(now).map(|aim| aim.rate) == aimed(wanted).map(|aim| aim.rate),
        key => Switch::stands_alike(key, wanted, now),
    })
}

/// What is aimed at; none where that is nothing.
fn aimed(scenario: &Scenario) -> Option<&Aim> {
    scenario.aim.as_ref().filter(|aim| !aim.targets.is_empty())
}

/// The keys that set the screen.
pub(super) const KEYS: [&str; 14] = [
    "sample",
    "text",
    "lens",
    "stage",
    "head",
    "sentence",
    "cell",
    "what_if",
    "mask",
    "positions",
    "weights",
    "edits",
    "window",
    "commands",
];

/// The keys of [`KEYS`] that may stand in a condition.
pub(super) const CONDITIONS: [&str; 10] =
    ["stage", "head", "sentence", "cell", "what_if", "mask", "positions", "weights", "edits", "window"];

/// An address and a number, as they are written.
type Edit = At<(String, f32)>;

/// The same as it is written, not yet compared with anything.
#[derive(Debug, Default)]
pub(super) struct Setting {
    sample: Option<At<String>>,
    text: Option<At<String>>,
    lens: Option<At<Lens>>,
    stage: Option<At<PageName>>,
    head: Option<At<usize>>,
    sentence: Option<At<usize>>,
    cell: Option<At<String>>,
    what_if: Option<At<WhatIf>>,
    mask: Option<At<MaskChoice>>,
    positions: Option<At<bool>>,
    weights: Option<At<Option<u64>>>,
    edits: Option<At<Vec<Edit>>>,
    pub(super) window: Option<At<String>>,
    pub(super) commands: Vec<At<String>>,
}

impl Setting {
    /// Reads the keys of a table that set the screen.
    pub(super) fn read(fields: &Fields) -> Result<Self, Refusal> {
        let lenses = Lens::ALL.map(|lens| (lens.name(), lens));
        let commands = fields.find("commands", list_of(placed(words)))?;
        Ok(Self {
            sample: fields.find("sample", words)?,
            text: fields.find("text", sentence)?,
            lens: fields.find("lens", |what, node| choice(what, node, &lenses))?,
            stage: fields.find("stage", page)?,
            head: fields.find("head", count)?,
            sentence: fields.find("sentence", count)?,
            cell: fields.find("cell", words)?,
            what_if: fields.find("what_if", what_if)?,
            mask: fields.find("mask", mask)?,
            positions: fields.find("positions", truth)?,
            weights: fields.find("weights", weights)?,
            edits: fields.find("edits", list_of(placed(edit)))?,
            window: fields.find("window", words)?,
            commands: commands.map_or_else(Vec::new, |at| at.value),
        })
    }

    /// What is shown where this is set on what was shown before.
    pub(super) fn onto(&self, before: Option<&Arc<Shown>>, material: &mut dyn Material) -> Result<Arc<Shown>, Refusal> {
        let mut shown = self.material(before, material)?;
        let base = Arc::clone(&shown.base);
        let mut scenario = shown.scenario.clone();
        if let Some(asked) = &self.what_if {
            let wanted = asked.value.check(asked.at, &base)?;
            (scenario.wiring, scenario.silenced, scenario.numbers) = (wanted.wiring, wanted.silenced, wanted.numbers);
            scenario.aim = wanted.aim;
        }
        scenario.mask = self.mask.as_ref().map_or(scenario.mask, |at| at.value);
        scenario.positions = self.positions.as_ref().map_or(scenario.positions, |at| at.value);
        scenario.seed = self.weights.as_ref().map_or(scenario.seed, |at| at.value);
        let at = self.place();
        let refuse = |words: &Text| Refusal::new(at, words.clone());
        let turned = scenario.switches().turn_switches(&base).map_err(|error| refuse(&error.words()))?;
        if let Some(edits) = &self.edits {
            let over: Vec<_> = self.what_if.iter().flat_map(|_| scenario.numbers.clone()).collect();
            scenario.numbers = over.into_iter().collect();
            for (place, value) in edited(&edits.value, &scenario, &turned.program)? {
                scenario.numbers.insert(place, value);
            }
        }
        let sample = scenario.put_numbers(&turned).map_err(|error| refuse(&error.words()))?;
        (shown.turned, shown.sample, shown.scenario) = (Arc::new(turned), Arc::new(sample), scenario);
        Ok(Arc::new(shown))
    }

    /// The sample and sentence, as they were or anew.
    fn material(&self, before: Option<&Arc<Shown>>, material: &mut dyn Material) -> Result<Shown, Refusal> {
        let mut shown = match (&self.sample, before) {
            (None, Some(before)) => Shown::clone(before),
            (None, None) => return Err(Refusal::new(0, Text::new("缺少 `sample`", "`sample` is missing"))),
            (Some(name), _) => {
                let sample = material.sample(&name.value).map_err(|words| name.refuse(words))?;
                let scenario = sample.what_if.clone();
                let sample = Arc::new(sample);
                Shown {
                    original: Arc::clone(&sample),
                    base: Arc::clone(&sample),
                    turned: Arc::clone(&sample),
                    sample,
                    scenario,
                    written: None,
                    lens: Lens::default(),
                }
            }
        };
        if let Some(text) = &self.text {
            let lens = self.lens.as_ref().map_or(Lens::default(), |at| at.value);
            let sample = material.sentence(&shown.original, &text.value, lens).map_err(|words| text.refuse(words))?;
            (shown.base, shown.scenario) = (Arc::new(sample), Scenario::default());
            (shown.written, shown.lens) = (Some(text.value.clone()), lens);
        } else if let Some(lens) = &self.lens {
            return Err(lens.refuse(Text::new("`lens` 要和 `text` 一起写", "`lens` stands beside a `text`")));
        }
        Ok(shown)
    }

    /// Where the first key of it stands.
    fn place(&self) -> usize {
        let places = [
            self.what_if.as_ref().map(|at| at.at),
            self.mask.as_ref().map(|at| at.at),
            self.positions.as_ref().map(|at| at.at),
            self.weights.as_ref().map(|at| at.at),
            self.edits.as_ref().map(|at| at.at),
            self.sample.as_ref().map(|at| at.at),
        ];
        places.into_iter().flatten().min().unwrap_or(0)
    }

    /// Where the walk stands on a program; what is not named stays as `before`, but for the cursor.
    pub(super) fn spot(&self, before: &Spot, program: &Program) -> Result<Spot, Refusal> {
        let mut spot = Spot { cell: None, ..before.clone() };
        if let Some(stage) = &self.stage {
            spot.page = Some(stage.value);
        }
        let within = |asked: &At<usize>, len: usize, what: Text| {
            if asked.value <= len {
                return Ok(Some(asked.value - 1));
            }
            Err(asked.refuse(Text::owned(
                format!("没有第 {} 个{}：一共 {len} 个", asked.value, what.zh),
                format!("there is no {} {}: there are {len}", what.en, asked.value),
            )))
        };
        if let Some(head) = &self.head {
            spot.head = within(head, program.heads(), Text::new("头", "head"))?;
        }
        if let Some(sentence) = &self.sentence {
            spot.sentence = within(sentence, program.batch(), Text::new("句子", "sentence"))?;
        }
        if let Some(cell) = &self.cell {
            let row = cell.value.trim().ends_with(",*]");
            let text = if row { cell.value.replace(",*]", ",1]") } else { cell.value.clone() };
            let address = Address::parse(&text, program).map_err(|error| cell.refuse(error.words()))?;
            let name = program.symbol(address.slot).name;
            let given = matches!(name, Name::H | Name::M | Name::Query);
            spot.page = Some(if given { PageName::Words } else { PageName::Stage(name) });
            // A tensor that a stage is given is looked at where it goes in, which the player finds.
            if program.shape(address.slot).heads.is_some() {
                spot.head = Some(address.cell.head);
            }
            if program.shape(address.slot).batch.is_some() {
                spot.sentence = Some(address.cell.batch);
            }
            spot.cell = Some((address, row));
        }
        if let Some(PageName::Stage(name)) = spot.page
            && program.find(None, name).is_none()
        {
            let at = self.stage.as_ref().map_or_else(|| self.place(), |stage| stage.at);
            let known: Vec<_> = program.stages().iter().map(|stage| stage.symbol.to_string()).collect();
            let known = known.join(" ");
            return Err(Refusal::new(
                at,
                Text::owned(
                    format!("这里没有「{name}」这一步；有 sentence H {known} summary"),
                    format!("there is no stage {name} here; there are sentence H {known} summary"),
                ),
            ));
        }
        Ok(spot)
    }

    /// The same as a condition on what is shown.
    pub(super) fn condition(self, claim: Option<Claim>, shown: &Shown) -> Result<Condition, Refusal> {
        let program = &shown.sample.program;
        let switches = match &self.what_if {
            Some(asked) => Some((asked.value.named.clone(), asked.value.check(asked.at, &shown.base)?)),
            None => None,
        };
        let edits = match &self.edits {
            Some(edits) => Some(edited(&edits.value, &shown.scenario, program)?),
            None => None,
        };
        Ok(Condition {
            spot: self.spot(&Spot::default(), program)?,
            window: self.window,
            claim,
            mask: self.mask.map(|at| at.value),
            positions: self.positions.map(|at| at.value),
            weights: self.weights,
            switches,
            edits,
        })
    }
}

/// Numbers set by hand, with the places where they go.
fn edited(edits: &[Edit], scenario: &Scenario, program: &Program) -> Result<Vec<(Place, f32)>, Refusal> {
    let place = |edit: &Edit| {
        let (text, value) = &edit.value;
        let address = Address::parse(text, program).map_err(|error| edit.refuse(error.words()))?;
        scenario.with_number(program, address, *value).map_err(|error| edit.refuse(error.words()))?;
        Ok((Place { symbol: program.symbol(address.slot), cell: address.cell }, *value))
    };
    edits.iter().map(place).collect()
}

fn page<'a>(what: &Text, node: &'a Node<'a>) -> Result<PageName, Refusal> {
    let written = words(what, node)?;
    match written.as_str() {
        "sentence" => return Ok(PageName::Beginning),
        "summary" => return Ok(PageName::End),
        "H" | "M" | "q" => return Ok(PageName::Words),
        _ => {}
    }
    Name::parse(&written).map(PageName::Stage).ok_or_else(|| {
        let known: Vec<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
        let (found, known) = (excerpt(&written), known.join(" "));
        let words = Text::owned(
            format!("没有「{found}」这一步；可以写 sentence {known} summary"),
            format!("there is no stage `{found}`; expected one of sentence {known} summary"),
        );
        Refusal::new(node.span().start, about(what, &words))
    })
}

fn truth<'a>(what: &Text, node: &'a Node<'a>) -> Result<bool, Refusal> {
    node.get_ref().as_bool().ok_or_else(|| wrong_type(what, node, &Text::new("true 或 false", "true or false")))
}

/// `"own"`, `"none"`, `"causal"`, `{ window = 2 }`.
fn mask<'a>(what: &Text, node: &'a Node<'a>) -> Result<MaskChoice, Refusal> {
    let DeValue::Table(table) = node.get_ref() else {
        let known = [("own", MaskChoice::Own), ("none", MaskChoice::Open), ("causal", MaskChoice::Causal)];
        return choice(what, node, &known);
    };
    let fields = Fields { place: what.clone(), at: node.span().start, table };
    fields.only(&["window"])?;
    Ok(MaskChoice::Window(fields.need("window", count)?.value))
}

/// `"own"`, `{ random = 7 }`.
fn weights<'a>(what: &Text, node: &'a Node<'a>) -> Result<Option<u64>, Refusal> {
    let DeValue::Table(table) = node.get_ref() else { return choice(what, node, &[("own", None)]) };
    let fields = Fields { place: what.clone(), at: node.span().start, table };
    fields.only(&["random"])?;
    Ok(Some(fields.need("random", count)?.value as u64))
}

/// `{ at = "H[2,3]", value = 1 }`
fn edit<'a>(what: &Text, node: &'a Node<'a>) -> Result<(String, f32), Refusal> {
    const FORM: Text = Text::new("{ at = \"...\", value = ... }", "{ at = \"...\", value = ... }");
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &FORM))?;
    let fields = Fields { place: what.clone(), at: node.span().start, table };
    fields.only(&["at", "value"])?;
    let value = fields.need("value", |key, node| any_number(|| part(what, &key.en), node))?.value;
    Ok((fields.need("at", words)?.value, value))
}

/// A statement that must hold.
pub(super) fn stated<'a>(what: &Text, node: &'a Node<'a>, source: &str) -> Result<Claim, Refusal> {
    let text = words(what, node)?;
    let start = node.span().start + 1;
    let literal = source.get(start..).is_some_and(|rest| rest.starts_with(&text));
    let claim = claim(&text, if literal { start } else { node.span().start }, literal).map_err(|r| r.of(what))?;
    if claim.statement.claims() {
        return Ok(claim);
    }
    let words = Text::new("要写成比较，例如 weights.2[1,2] > 0.5", "write a comparison, such as weights.2[1,2] > 0.5");
    Err(Refusal::new(node.span().start, about(what, &words)))
}
