//! What if: everything that was changed about a sample, as one value.
//!
//! A [`Scenario`] is applied to a sample as it was read and gives the sample that is shown. Changes do not depend on the
//! order in which they were made: a number changed by hand stays changed when a switch is turned, and one that has no
//! place for the moment (an entry of `W_q` while the W are off) comes back with its tensor.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Aim, EditError, HeadCard, MaskChoice, SWITCHES, Sample};
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::math::tensor::{Cell, Tensor};
use crate::program::attention::attention;
use crate::program::imported::{Given, imported};
use crate::program::{
    Address, HeadPlace, InputError, Inputs, Kind, Layer, Name, Override, Program, Slot, Symbol, Wiring,
};

/// The largest given number: no product of two could leave f32.
const LARGEST: f32 = 1e6;

/// The largest overridden one. What is computed from it may leave f32, and an alarm then says so.
const LARGEST_OVERRIDE: f32 = 3e38;

/// Where a changed number lives: the same place whatever the switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The tensor.
    pub symbol: Symbol,
    /// The cell.
    pub cell: Cell,
}

/// Everything that was changed about a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The seed of random weights, where they replace the sample's own.
    pub seed: Option<u64>,
    /// The mask.
    pub mask: MaskChoice,
    /// Whether words know where they stand.
    pub positions: bool,
    /// How the parts are put together.
    pub wiring: Wiring,
    /// The heads that are switched off: what they say does not reach the output.
    pub silenced: BTreeSet<HeadPlace>,
    /// Numbers changed by hand: given ones, and computed ones that are overridden.
    pub numbers: BTreeMap<Place, f32>,
    /// What the W are to learn, and have learned.
    pub aim: Option<Aim>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: None,
            mask: MaskChoice::Own,
            positions: true,
            wiring: Wiring::default(),
            silenced: BTreeSet::new(),
            numbers: BTreeMap::new(),
            aim: None,
        }
    }
}

impl Scenario {
    /// Whether anything but the seed was changed.
    pub fn is_plain(&self) -> bool {
        *self == Self { seed: self.seed, ..Self::default() }
    }

    /// The same without the numbers changed by hand.
    #[must_use]
    pub fn switches(&self) -> Self {
        Self { numbers: BTreeMap::new(), ..self.clone() }
    }

    /// The sample as it would be.
    ///
    /// # Errors
    /// [`EditError`], in the person's words, for a switch that this sample does not have.
    pub fn apply(&self, base: &Sample) -> Result<Sample, EditError> {
        self.put_numbers(&self.turn_switches(base)?)
    }

    /// The sample with all switches turned and no number changed by hand.
    ///
    /// # Errors
    /// As [`Scenario::apply`].
    pub fn turn_switches(&self, base: &Sample) -> Result<Sample, EditError> {
        let mut sample = base.clone();
        if let Some(seed) = self.seed {
            sample = sample.with_random_weights(seed);
        }
        if !self.positions {
            sample = sample.without_positions()?;
        }
        if self.mask != MaskChoice::Own {
            let refused = || {
                EditError(match base.program.kind() {
                    Kind::ImportedAttention => Text::new(
                        "文件只给了注意力权重，掩码已经算在里面了；给 Q、K、V 才能换掩码",
                        "the file gives the weights alone, their mask is in them already; another needs Q, K and V",
                    ),
                    _ => Text::new(
                        "这个样例不能这样遮挡：两句话之间没有先后",
                        "this mask makes no sense here: words of two sentences have no order",
                    ),
                })
            };
            sample = sample.with_mask(self.mask).ok_or_else(refused)?;
        }
        let sample = sample.with_wiring(&self.wiring)?.without_heads(&self.silenced)?;
        match &self.aim {
            Some(aim) => sample.with_aim(aim),
            None => Ok(sample),
        }
    }

    /// A sample whose switches are turned, with the numbers changed by hand.
    ///
    /// # Errors
    /// [`EditError`], in the person's words, for a mask that would hide a whole row.
    pub fn put_numbers(&self, turned: &Sample) -> Result<Sample, EditError> {
        self.put_numbers_after(turned, None)
    }

    /// The same, where it is known what an earlier scenario made of this turned sample. Tensors in which the same numbers are
    /// changed are shared with that: they are known on the device and need not be measured again.
    ///
    /// # Errors
    /// As [`Scenario::put_numbers`].
    pub(crate) fn put_numbers_after(
        &self,
        turned: &Sample,
        earlier: Option<(&Self, &Sample)>,
    ) -> Result<Sample, EditError> {
        if self.numbers.is_empty() {
            return Ok(turned.clone());
        }
        let program = &turned.program;
        let mut changed: BTreeMap<Slot, Arc<Tensor<f32>>> = BTreeMap::new();
        let mut overrides = turned.inputs.overrides().to_vec();
        let earlier = earlier.map(|(scenario, sample)| (scenario.by_slot(program), sample));
        for (slot, cells) in self.by_slot(program) {
            let Some(given) = turned.inputs.get(slot) else {
                for (cell, value) in cells {
                    let address = Address { slot, cell };
                    overrides.retain(|o| o.address != address);
                    overrides.push(Override { address, value });
                }
                continue;
            };
            let same = earlier.as_ref().filter(|(numbers, _)| numbers.get(&slot) == Some(&cells));
            let shared = same.and_then(|(_, sample)| sample.inputs.shared(slot)).map(Arc::clone);
            let tensor = shared.unwrap_or_else(|| {
                let mut tensor = given.clone();
                for (cell, value) in cells {
                    tensor.set(cell, value);
                }
                Arc::new(tensor)
            });
            changed.insert(slot, tensor);
        }
        let inputs = turned.inputs.with_tensors(program, changed).map_err(refusal)?;
        let inputs = inputs.with_overrides(program, overrides);
        Ok(Sample { inputs: Arc::new(inputs), ..turned.clone() })
    }

    /// The changed numbers that a program has, tensor by tensor.
    fn by_slot(&self, program: &Program) -> BTreeMap<Slot, Vec<(Cell, f32)>> {
        let mut numbers: BTreeMap<Slot, Vec<(Cell, f32)>> = BTreeMap::new();
        for (place, &value) in &self.numbers {
            let slot = program.find_symbol(place.symbol).filter(|&slot| program.shape(slot).contains(place.cell));
            if let Some(slot) = slot {
                numbers.entry(slot).or_default().push((place.cell, value));
            }
        }
        numbers
    }

    /// What of it means the same in any sentence: the switches, and the numbers of the weight matrices.
    #[must_use]
    pub(crate) fn of_weights(&self) -> Self {
        let of_w = |place: &Place| [Name::WQ, Name::WK, Name::WV, Name::WO].contains(&place.symbol.name);
        let numbers = self.numbers.iter().filter(|(place, _)| of_w(place)).map(|(&place, &x)| (place, x)).collect();
        Self { numbers, ..self.clone() }.untargeted()
    }

    /// Whether a number was changed by hand.
    pub(crate) fn is_changed(&self, symbol: Symbol, cell: Cell) -> bool {
        self.numbers.contains_key(&Place { symbol, cell })
    }

    /// The same with one more number changed.
    ///
    /// # Errors
    /// [`EditError`], in the person's words: for a number out of range, a mask entry other than 0 or 1, a result that
    /// cannot be overridden.
    pub fn with_number(&self, program: &Program, address: Address, value: f32) -> Result<Self, EditError> {
        let symbol = program.symbol(address.slot);
        let given = program.made_by(address.slot).is_none();
        let largest = if given { LARGEST } else { LARGEST_OVERRIDE };
        let refuse = |zh: String, en: String| Err(EditError(Text::owned(zh, en)));
        if matches!(symbol.name, Name::Masked | Name::Concat) {
            let place = if symbol.name == Name::Masked { "mask" } else { "context" };
            return refuse(
                format!("{symbol} 只是照搬，不能直接改：改 {place} 吧"),
                format!("{symbol} is a copy and cannot be set: change {place} instead"),
            );
        }
        if !value.is_finite() || value.abs() > largest {
            return refuse(format!("要写一个不超过 ±{largest:e} 的数"), format!("write a number within ±{largest:e}"));
        }
        if symbol.name == Name::Mask && value != 0.0 && value != 1.0 {
            return refuse("mask 里只能是 0 或 1".into(), "the mask holds only 0 and 1".into());
        }
        // Too small to be written in full digits, and so for a file: nothing.
        let value = if value.is_subnormal() { 0.0 } else { value };
        let mut changed = self.clone();
        changed.numbers.insert(Place { symbol, cell: address.cell }, value);
        Ok(changed)
    }

    /// The same with one number as it was; `None` where it was not changed.
    pub(crate) fn without_number(&self, program: &Program, address: Address) -> Option<Self> {
        let mut changed = self.clone();
        changed.numbers.remove(&Place { symbol: program.symbol(address.slot), cell: address.cell })?;
        Some(changed)
    }

    /// The switches that are turned, in a few words each: the mask first, the silenced heads and a mistake last.
    pub fn turned(&self) -> Vec<Text> {
        let says = |leads: bool| {
            let rows = SWITCHES.iter().filter(move |switch| switch.leads == leads);
            rows.filter_map(|switch| (switch.turned)(self))
        };
        let mut words: Vec<Text> = says(true).chain(says(false)).collect();
        if !self.silenced.is_empty() {
            let heads = self.silenced.iter().map(HeadPlace::to_string).collect::<Vec<_>>().join(" ");
            words.push(Text::owned(format!("关掉头 {heads}"), format!("without head {heads}")));
        }
        if let Some(steps) = self.aim.as_ref().map(|aim| aim.learned.steps).filter(|steps| *steps > 0) {
            let s = if steps == 1 { "" } else { "s" };
            words.push(Text::owned(format!("学了 {steps} 步"), format!("{steps} step{s} of learning")));
        }
        words.extend(self.wiring.mistake.map(|mistake| {
            if self.wiring.unnamed {
                return Text::new("程序里有一处错误", "a mistake in the program");
            }
            Text::owned(format!("错误：{}", mistake.title.zh), format!("mistake: {}", mistake.title.en))
        }));
        words
    }

    /// Everything that is different from a sample, one line each: `H[2,3]: 1 → 0.5`.
    pub fn changes(&self, base: &Sample) -> Vec<Text> {
        let mut lines = Vec::new();
        if let Some(seed) = self.seed {
            lines.push(Text::owned(format!("随机权重，种子 {seed}"), format!("random weights, seed {seed}")));
        }
        lines.extend(self.turned());
        let switches = self.switches().turn_switches(base);
        let sample = switches.as_ref().unwrap_or(base);
        for (place, &value) in &self.numbers {
            let Some(slot) = sample.program.find_symbol(place.symbol) else { continue };
            let name = Address { slot, cell: place.cell }.display(&sample.program);
            let value = short(f64::from(value));
            lines.push(match sample.inputs.get(slot) {
                Some(tensor) => Text::same(format!("{name}: {} → {value}", short(f64::from(tensor.get(place.cell))))),
                None => Text::owned(format!("{name} 手工指定为 {value}"), format!("{name} set to {value} by hand")),
            });
        }
        lines
    }
}

/// What a program says against changed numbers, for a person.
fn refusal(error: InputError) -> EditError {
    EditError(match error {
        InputError::WholeRowMasked { row } => Text::owned(
            format!("第 {row} 行至少要留一个 1：总得有一个词可看"),
            format!("row {row} must keep at least one 1: there must be a word to look at"),
        ),
        error => error.words(),
    })
}

impl Sample {
    /// The same sample with its parts put together otherwise.
    fn with_wiring(self, wiring: &Wiring) -> Result<Self, EditError> {
        if self.program.wiring() == wiring {
            return Ok(self);
        }
        self.check_imported(wiring)?;
        let program = self.wired(wiring).map_err(|fault| {
            let Text { zh, en } = fault.words();
            EditError(Text::owned(format!("这个样例拼不起来：{zh}"), format!("this does not fit together: {en}")))
        })?;
        let inputs = Inputs::new(&program, |symbol| self.input(symbol).map(Arc::clone)).map_err(refusal)?;
        let cut = !wiring.projected && self.program.kind().has_weights();
        let heads = if cut { self.cards_of_cut_words() } else { self.heads.clone() };
        Ok(Self { program: Arc::new(program), inputs: Arc::new(inputs), heads, ..self })
    }

    /// The program of this sample, its parts put together as the wiring says.
    fn wired(&self, wiring: &Wiring) -> Result<Program, Fault> {
        match (&self.model, self.program.imported_sizes()) {
            (Some(within), _) => within.program(wiring),
            (None, Some(sizes)) => Ok(imported(&sizes, wiring)?),
            (None, None) => Ok(attention(self.program.kind(), &self.sizes, wiring)?),
        }
    }

    /// Of what was imported only that can be put together otherwise which is computed here: what scores are divided by.
    fn check_imported(&self, wiring: &Wiring) -> Result<(), EditError> {
        let Some(sizes) = self.program.imported_sizes() else { return Ok(()) };
        let computed = Wiring { divisor: wiring.divisor, temperature: wiring.temperature, ..Wiring::default() };
        match sizes.given {
            Given::Vectors { .. } if *wiring == computed => Ok(()),
            Given::Vectors { .. } => Err(EditError(Text::new(
                "文件直接给了 Q、K、V，这里没有 W 可换",
                "the file gives Q, K and V themselves: there are no W to put together otherwise",
            ))),
            Given::Attention => Err(EditError(Text::new(
                "文件只给了注意力权重，前面没有可改的步骤；给 Q、K、V 才行",
                "the file gives the weights alone, there is nothing before them to change; that needs Q, K and V",
            ))),
        }
    }

    /// The cards of heads without W: what they were designed for is gone with the W, and each one's columns are columns of
    /// the words, by the names they have there.
    fn cards_of_cut_words(&self) -> Vec<HeadCard> {
        let heads = self.heads.len().max(1);
        let wide = self.dimensions.len() / heads;
        let card = |head: usize| {
            let own: Vec<Text> = self.dimensions.iter().skip(head * wide).take(wide).cloned().collect();
            HeadCard { features: own.clone(), values: own, ..HeadCard::default() }
        };
        (0..self.heads.len()).map(card).collect()
    }

    /// The same sample with heads that do not reach the output: their rows of `W_o` are 0; without `W_o` their columns of `W_v`;
    /// without that either, their context.
    fn without_heads(self, silenced: &BTreeSet<HeadPlace>) -> Result<Self, EditError> {
        let heads = self.program.heads();
        if self.program.kind() == Kind::ImportedAttention && !silenced.is_empty() {
            return Err(EditError(Text::new(
                "文件只给了注意力权重：没有值，也就没有输出可以少掉这个头",
                "the file gives the weights alone: without values there is no output that could lack a head",
            )));
        }
        let there = |place: &HeadPlace| place.head < heads && self.program.find(place.layer, Name::Context).is_some();
        if let Some(place) = silenced.iter().find(|place| !there(place)) {
            return Err(EditError(Text::owned(
                format!("没有头 {place}：一共 {heads} 个"),
                format!("there is no head {place}: there are {heads}"),
            )));
        }
        let mut by_layer: BTreeMap<Option<Layer>, BTreeSet<usize>> = BTreeMap::new();
        for place in silenced {
            by_layer.entry(place.layer).or_default().insert(place.head);
        }
        by_layer.into_iter().try_fold(self, |sample, (layer, heads)| sample.without_heads_of(layer, &heads))
    }

    /// The same for the heads of one layer.
    fn without_heads_of(self, layer: Option<Layer>, silenced: &BTreeSet<usize>) -> Result<Self, EditError> {
        let given = [Name::WO, Name::WV].into_iter().find_map(|name| {
            let slot = self.program.find(layer, name)?;
            Some((name, slot, self.inputs.get(slot)?))
        });
        let Some((matrix, slot, tensor)) = given else {
            let Some(context) = self.program.find(layer, Name::Context) else { return Ok(self) };
            let cells = self.program.shape(context).cells().filter(|cell| silenced.contains(&cell.head));
            let zero = |cell| Override { address: Address { slot: context, cell }, value: 0.0 };
            let overrides = self.inputs.overrides().iter().copied().chain(cells.map(zero)).collect();
            let inputs = Inputs::clone(&self.inputs).with_overrides(&self.program, overrides);
            return Ok(Self { inputs: Arc::new(inputs), ..self });
        };
        let shape = *tensor.shape();
        let all = if matrix == Name::WO { shape.rows.len } else { shape.cols.len };
        let wide = all / self.program.heads().max(1);
        let head = |c: Cell| if matrix == Name::WO { c.row } else { c.col } / wide.max(1);
        let quiet = Tensor::from_fn(shape, |c| if silenced.contains(&head(c)) { 0.0 } else { tensor.get(c) });
        let inputs = self.inputs.with_tensors(&self.program, [(slot, quiet)]).map_err(refusal)?;
        Ok(Self { inputs: Arc::new(inputs), ..self })
    }

    /// The same sample with the columns of its words that tell a place set to 0.
    fn without_positions(self) -> Result<Self, EditError> {
        let places: Vec<usize> =
            (0..self.dimensions.len()).filter(|&col| super::sentence::tells_a_place(&self.dimensions[col])).collect();
        if places.is_empty() {
            return Err(EditError(Text::new(
                "这个样例的词向量里没有位置",
                "the words of this sample do not know where they stand",
            )));
        }
        let stripped = |tensor: &Tensor<f32>| {
            Tensor::from_fn(*tensor.shape(), |c: Cell| if places.contains(&c.col) { 0.0 } else { tensor.get(c) })
        };
        let words = [Name::H, Name::M, Name::Query].into_iter().filter_map(|name| {
            let slot = self.program.find(None, name)?;
            Some((slot, stripped(self.inputs.get(slot)?)))
        });
        let inputs = self.inputs.with_tensors(&self.program, words).map_err(refusal)?;
        Ok(Self { inputs: Arc::new(inputs), ..self })
    }
}
