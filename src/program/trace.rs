//! What a run leaves behind: every tensor of the program, who computed it, and how long it took.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::measure::Measured;
use super::{Address, Alarm, Inputs, Layer, Ledger, Measure, Measures, Name, Override, Program, Slot, alarms};
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::math::numbers::Reading;
use crate::math::ops::whole;
use crate::math::tensor::{Cell, Shape, Tensor};

/// What kind of machine computed a trace. A software adapter is never called a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// A graphics card of its own, or a virtual one.
    Discrete,
    /// Graphics on the processor's chip.
    Integrated,
    /// A driver that computes shaders on the processor (llvmpipe, SwiftShader, WARP).
    Software,
    /// Our own f64 reference on the processor.
    Cpu,
}

/// What stands for a kernel where the processor made a stage of a program that a device ran.
pub(crate) const PROCESSOR: &str = "cpu";

/// Numbers of a tensor up to which it is measured before anybody looks at it: a larger one takes less than a frame.
const AT_ONCE: usize = 1 << 16;

/// Who computed a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backend {
    /// `gpu` when shaders ran, `cpu` when the reference did.
    pub name: &'static str,
    /// The adapter's own name and interface: `Vulkan llvmpipe (LLVM 15.0.6, 256 bits)`.
    pub adapter: String,
    /// What kind of machine it is.
    pub kind: BackendKind,
}

impl Backend {
    /// The processor, computing the reference.
    pub fn cpu() -> Self {
        Self { name: "cpu", adapter: "CPU, f64 reference".into(), kind: BackendKind::Cpu }
    }

    /// Who it is, for a person; an adapter is called as it calls itself.
    pub fn words(&self) -> Text {
        match self.kind {
            BackendKind::Cpu => Text::new("CPU（f64 参考）", "CPU, f64 reference"),
            _ => Text::same(self.adapter.clone()),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.adapter)
    }
}

/// Every intermediate tensor of one run, by address. What was given is shared with the [`Inputs`], and so is everything
/// between clones.
#[derive(Debug, Clone)]
pub struct Trace {
    tensors: Vec<Arc<Tensor<f32>>>,
    /// What is measured of each tensor when it is first asked for.
    measures: Arc<[Measured]>,
    /// What is broken, looked for when it is first asked for.
    alarms: Arc<OnceLock<Vec<Alarm>>>,
    overrides: Vec<Override>,
    kernels: Arc<[&'static str]>,
    /// What has been compared with the reference so far, by whoever does: the next run may share most tensors.
    checked: Arc<Mutex<Option<Ledger>>>,
    /// Which run it is: a device knows by it whose results still lie there.
    run: Arc<()>,
    /// Who computed it.
    pub by: Backend,
    /// From the first upload to the last number read back.
    pub elapsed: Duration,
}

impl Trace {
    /// A trace from the inputs and the outputs of all stages, in order.
    pub fn new(inputs: &Inputs, outputs: Vec<Tensor<f32>>, by: Backend, elapsed: Duration) -> Self {
        Self::sharing(inputs, outputs.into_iter().map(Arc::new).collect(), by, elapsed)
    }

    /// The same of outputs some of which an earlier run made.
    pub(crate) fn sharing(inputs: &Inputs, outputs: Vec<Arc<Tensor<f32>>>, by: Backend, elapsed: Duration) -> Self {
        let (mut tensors, mut outputs) = (Vec::new(), outputs.into_iter());
        for (&slot, given) in inputs.slots().iter().zip(inputs.tensors()) {
            tensors.extend(outputs.by_ref().take(slot.0 - tensors.len()));
            tensors.push(Arc::clone(given));
        }
        tensors.extend(outputs);
        let (measures, alarms) = (unmeasured(tensors.len()), Arc::default());
        let (overrides, kernels) = (inputs.overrides().to_vec(), Arc::default());
        let (checked, run) = (Arc::default(), Arc::default());
        Self { tensors, measures, alarms, overrides, kernels, checked, run, by, elapsed }
    }

    /// A trace made by the references, in f64 and rounded to f32 between stages: what the processor computes.
    pub fn by_reference(program: &Program, inputs: &Inputs, by: Backend) -> Self {
        let mut outputs = Vec::with_capacity(program.stages().len());
        refer(program, inputs, None, &mut outputs);
        Self::sharing(inputs, outputs, by, Duration::ZERO)
    }

    /// The same where an earlier run of the program left a trace and only some stages are stale.
    pub(crate) fn by_reference_since(
        program: &Program,
        inputs: &Inputs,
        last: &Self,
        stale: &[bool],
        by: Backend,
    ) -> Self {
        let mut outputs = Vec::with_capacity(program.stages().len());
        refer(program, inputs, Some((last, stale)), &mut outputs);
        Self::sharing(inputs, outputs, by, Duration::ZERO)
    }

    /// Which run it is.
    pub(crate) const fn run(&self) -> &Arc<()> {
        &self.run
    }

    /// The same as that run.
    #[must_use]
    pub(crate) fn of_run(self, run: Arc<()>) -> Self {
        Self { run, ..self }
    }

    /// Notes how far the comparison with the reference has come.
    pub(crate) fn note(&self, ledger: &Ledger) {
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(ledger.clone());
    }

    /// How far it has come.
    pub(crate) fn noted(&self) -> Option<Ledger> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, each stage made by a kernel of this name.
    #[must_use]
    pub(crate) fn with_kernels(self, kernels: Vec<&'static str>) -> Self {
        Self { kernels: kernels.into(), ..self }
    }

    /// Whether other kernels than the taught ones made some of it.
    pub(crate) fn is_fast(&self) -> bool {
        self.kernels.iter().any(|&kernel| kernel != "teach" && kernel != PROCESSOR)
    }

    /// The name of the kernel that made a stage; none where no kernel did.
    pub fn kernel(&self, stage: usize) -> Option<&'static str> {
        self.kernels.get(stage).copied()
    }

    /// Whether a computed number was overridden by hand: then nothing made it.
    pub fn is_overridden(&self, address: Address) -> bool {
        self.overrides.iter().any(|o| o.address == address)
    }

    /// The numbers that were overridden by hand.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Puts the overridden numbers of a tensor in the place of those that a reference computed.
    pub(crate) fn override_in(&self, slot: Slot, reference: &mut Tensor<f64>) {
        for o in self.overrides.iter().filter(|o| o.address.slot == slot) {
            reference.set(o.address.cell, f64::from(o.value));
        }
    }

    /// The stage that made a number: none for one that was given, or overridden by hand.
    pub fn made_by<'p>(&self, program: &'p Program, address: Address) -> Option<&'p super::Stage> {
        program.made_by(address.slot).filter(|_| !self.is_overridden(address))
    }

    /// The same with other numbers in tensors of the same shapes: something seen through a trace's addresses.
    #[must_use]
    pub fn with_tensors(&self, tensors: Vec<Arc<Tensor<f32>>>) -> Self {
        let (measures, alarms) = (unmeasured(tensors.len()), Arc::default());
        Self { measures, alarms, tensors, checked: Arc::default(), run: Arc::default(), ..self.clone() }
    }

    /// How the numbers of a tensor are written, wherever they are: in its picture, in a line, in a sentence.
    pub fn format(&self, slot: Slot) -> Format {
        self.measure(slot).format
    }

    /// What is measured of a tensor once, for every picture of it.
    pub(crate) fn measure(&self, slot: Slot) -> &Measure {
        self.measures[slot.0].get_or_init(|| Measure::of(self.tensor(slot)))
    }

    /// What is broken, as [`alarms`] finds it.
    pub fn alarms(&self, program: &Program) -> &[Alarm] {
        self.alarms.get_or_init(|| alarms(program, self))
    }

    /// Measures everything now, so that who draws it need not wait: that reads every number several times. What the last run
    /// had too is `known`, and is not measured again; large tensors, of which a model has hundreds, wait until one is looked at.
    #[must_use]
    pub(crate) fn measured(self, program: &Program, known: &mut Measures) -> Self {
        let trace = Self { measures: known.of(&self.tensors), ..self };
        for slot in program.slots().filter(|&slot| program.shape(slot).count() <= AT_ONCE) {
            trace.measure(slot);
        }
        trace.alarms(program);
        known.remember(&trace.tensors, &trace.measures);
        trace
    }

    /// One tensor.
    pub fn tensor(&self, slot: Slot) -> &Tensor<f32> {
        &self.tensors[slot.0]
    }

    /// One tensor, to be shared.
    pub fn shared(&self, slot: Slot) -> &Arc<Tensor<f32>> {
        &self.tensors[slot.0]
    }

    /// The tensor of that name in a layer, or outside of all, if the program has it.
    pub fn find(&self, program: &Program, layer: Option<Layer>, name: Name) -> Option<&Tensor<f32>> {
        program.find(layer, name).map(|slot| self.tensor(slot))
    }

    /// One number.
    pub fn get(&self, address: Address) -> f32 {
        self.tensor(address.slot).get(address.cell)
    }

    /// The cell of a tensor nearest to `cell`: what a cursor keeps when the stage or head changes.
    pub fn nearest(shape: &Shape, cell: Cell) -> Cell {
        let [b, h, r, c] = shape.lens();
        let keep = |i: usize, len: usize| i.min(len.saturating_sub(1));
        Cell { batch: keep(cell.batch, b), head: keep(cell.head, h), row: keep(cell.row, r), col: keep(cell.col, c) }
    }
}

/// Makes the stages behind these outputs by their references; of what an earlier run left, all that is not stale is kept.
pub(crate) fn refer(
    program: &Program,
    inputs: &Inputs,
    last: Option<(&Trace, &[bool])>,
    outputs: &mut Vec<Arc<Tensor<f32>>>,
) {
    for (n, stage) in program.stages().iter().enumerate().skip(outputs.len()) {
        if let Some((last, stale)) = last
            && stale.get(n) == Some(&false)
        {
            outputs.push(Arc::clone(last.shared(stage.output)));
            continue;
        }
        let made = |slot| Some(outputs.get(program.stage_of(slot)?)?.as_ref());
        let operand = |&slot| inputs.get(slot).or_else(|| made(slot));
        let operands: Vec<_> = stage.operands.iter().filter_map(operand).map(Reading::of).collect();
        let operands: Vec<_> = operands.iter().map(Reading::numbers).collect();
        let mut output = whole(stage.op.as_ref(), &operands, stage.shape).to_f32();
        for o in inputs.overrides_of(stage.output) {
            output.set(o.address.cell, o.value);
        }
        outputs.push(Arc::new(output));
    }
}

/// So many tensors, nothing of them known.
fn unmeasured(count: usize) -> Arc<[Measured]> {
    (0..count).map(|_| Arc::default()).collect()
}
