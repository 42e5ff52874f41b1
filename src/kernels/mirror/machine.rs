//! A workgroup at work: all invocations take a statement together, those that are left out stand still.
//!
//! What an expression is worth to one invocation is worked out in `expressions`.

mod expressions;

use naga::{
    BuiltIn, CollectiveOperation, Expression, Function, GatherMode, Handle, Span, Statement, SubgroupOperation,
};

use super::record::{Access, Recorder, Recording, Tick};
use super::value::{Pointee, Pointer, Root, Scalar, Value};
use super::{Memory, Mirror, MirrorError, arithmetic, memory};

/// Which invocations take part.
type Mask = Vec<bool>;

/// A workgroup.
pub(super) struct Machine<'m> {
    mirror: &'m Mirror<'m>,
    group: [u32; 3],
    /// The invocations that are here, by their number in the workgroup.
    members: Vec<u32>,
    memory: &'m mut Memory,
    /// Workgroup memory, by global variable.
    shared: Vec<Vec<u32>>,
    recorder: Option<Recorder>,
    depth: usize,
    left: u64,
}

/// A function while it runs.
struct Frame<'m> {
    function: &'m Function,
    /// By expression, then by invocation.
    values: Vec<Vec<Value>>,
    /// By variable, then by invocation.
    locals: Vec<Vec<Vec<u32>>>,
    arguments: Vec<Vec<Value>>,
    returned: Mask,
    broken: Mask,
    continued: Mask,
    result: Vec<Value>,
    /// Variables that begin with a value, by the line that says so: they are noted when the watched invocation gets there.
    beginnings: Vec<(u32, String, Value)>,
}

impl<'m> Machine<'m> {
    pub(super) fn new(
        mirror: &'m Mirror<'m>,
        group: [u32; 3],
        members: Vec<u32>,
        memory: &'m mut Memory,
        recorder: Option<Recorder>,
        left: u64,
    ) -> Self {
        let words = |variable: &naga::GlobalVariable| match variable.space {
            naga::AddressSpace::WorkGroup | naga::AddressSpace::Private => {
                memory::words(&mirror.module, mirror.context(), variable.ty)
            }
            _ => 0,
        };
        let shared = mirror.module.global_variables.iter().map(|(_, variable)| vec![0; words(variable)]).collect();
        Self { mirror, group, members, memory, shared, recorder, depth: 0, left }
    }

    pub(super) fn run(&mut self) -> Result<(), MirrorError> {
        let mirror = self.mirror;
        let Some(entry) = mirror.module.entry_points.first() else { return Ok(()) };
        let arguments =
            entry.function.arguments.iter().map(|argument| self.builtin(argument)).collect::<Result<_, _>>()?;
        let everyone = vec![true; self.members.len()];
        self.call(&entry.function, arguments, &everyone).map(drop)
    }

    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn into_recording(self) -> Recording {
        self.recorder.map_or_else(Recording::default, Recorder::finish)
    }

    /// What an argument of the entry point is, for every invocation.
    fn builtin(&self, argument: &naga::FunctionArgument) -> Result<Vec<Value>, MirrorError> {
        let Some(naga::Binding::BuiltIn(builtin)) = argument.binding else {
            return Err(MirrorError::Unknown(format!("{:?}", argument.binding)));
        };
        let [wx, wy, _] = self.mirror.workgroup;
        let lanes = self.mirror.launch.lanes.max(1);
        let of = |&local: &u32| {
            let three = |xs: [u32; 3]| Value::Vector(xs.map(Scalar::U).to_vec());
            let one = |x: u32| Value::One(Scalar::U(x));
            let at = [local % wx, local / wx % wy, local / wx / wy];
            let global = std::array::from_fn(|i| self.group[i] * self.mirror.workgroup[i] + at[i]);
            Ok(match builtin {
                BuiltIn::GlobalInvocationId => three(global),
                BuiltIn::LocalInvocationId => three(at),
                BuiltIn::LocalInvocationIndex => one(local),
                BuiltIn::WorkGroupId => three(self.group),
                BuiltIn::NumWorkGroups => three(self.mirror.launch.workgroups),
                BuiltIn::SubgroupInvocationId => one(local % lanes),
                BuiltIn::SubgroupSize => one(lanes),
                BuiltIn::SubgroupId => one(local / lanes),
                other => return Err(MirrorError::Unknown(format!("{other:?}"))),
            })
        };
        self.members.iter().map(of).collect()
    }

    fn call(
        &mut self,
        function: &'m Function,
        arguments: Vec<Vec<Value>>,
        mask: &Mask,
    ) -> Result<Vec<Value>, MirrorError> {
        let (module, context, count) = (&self.mirror.module, self.mirror.context(), self.members.len());
        let locals = function.local_variables.iter();
        let locals = locals.map(|(_, local)| vec![vec![0; memory::words(module, context, local.ty)]; count]).collect();
        let none = vec![false; count];
        let mut frame = Frame {
            function,
            values: vec![Vec::new(); function.expressions.len()],
            locals,
            arguments,
            returned: none.clone(),
            broken: none.clone(),
            continued: none,
            result: vec![Value::None; count],
            beginnings: Vec::new(),
        };
        for (handle, local) in function.local_variables.iter() {
            let Some(init) = local.init else { continue };
            for i in (0..count).filter(|&i| mask[i]) {
                let value = self.value(&mut frame, init, i)?;
                memory::write(module, Pointee::Type(local.ty), &value, &mut frame.locals[handle.index()][i]);
                if let (Some(name), true) = (&local.name, self.is_watched(i)) {
                    let line = self.line(function.local_variables.get_span(handle));
                    frame.beginnings.push((line, name.clone(), value));
                }
            }
        }
        self.block(&mut frame, &function.body, mask)?;
        Ok(frame.result)
    }

    fn block(&mut self, frame: &mut Frame<'m>, block: &'m naga::Block, mask: &Mask) -> Result<(), MirrorError> {
        for (statement, span) in block.span_iter() {
            let stopped = |i: usize| frame.returned[i] || frame.broken[i] || frame.continued[i];
            let active: Mask = mask.iter().enumerate().map(|(i, on)| *on && !stopped(i)).collect();
            if !active.contains(&true) {
                return Ok(());
            }
            self.statement(frame, statement, *span, &active)?;
        }
        Ok(())
    }

    fn statement(
        &mut self,
        frame: &mut Frame<'m>,
        statement: &'m Statement,
        span: Span,
        mask: &Mask,
    ) -> Result<(), MirrorError> {
        let here = || (0..mask.len()).filter(|&i| mask[i]);
        match statement {
            Statement::Emit(range) => {
                for handle in range.clone() {
                    for i in here() {
                        let value = self.evaluate(frame, handle, i)?;
                        self.keep(frame, handle, i, value);
                    }
                    self.named(frame, handle, span, mask);
                }
            }
            Statement::Block(block) => self.block(frame, block, mask)?,
            Statement::If { condition, accept, reject } => {
                let mut truth = vec![false; mask.len()];
                for i in here() {
                    truth[i] = self.value(frame, *condition, i)?.truth();
                }
                if !is_shortcut(frame.function, accept, reject) {
                    let line = self.span_of(frame, *condition, span);
                    let watched = self.recorder.as_ref().and_then(|recorder| truth.get(recorder.watched).copied());
                    self.step(frame, mask, Tick { decided: watched, ..tick(line, self.depth) });
                }
                let then = (0..mask.len()).map(|i| mask[i] && truth[i]).collect();
                let otherwise = (0..mask.len()).map(|i| mask[i] && !truth[i]).collect();
                self.block(frame, accept, &then)?;
                self.block(frame, reject, &otherwise)?;
            }
            Statement::Loop { body, continuing, break_if } => {
                self.repeat(frame, (body, continuing, *break_if), mask)?;
            }
            Statement::Break => here().for_each(|i| frame.broken[i] = true),
            Statement::Continue => here().for_each(|i| frame.continued[i] = true),
            Statement::Return { value } => {
                for i in here() {
                    if let Some(value) = value {
                        frame.result[i] = self.value(frame, *value, i)?;
                    }
                    frame.returned[i] = true;
                }
                // The end of a function is a return too, but stands on no line.
                let line = self.line(span);
                if line > 0 {
                    self.step(frame, mask, tick(line, self.depth));
                }
            }
            Statement::ControlBarrier(_) | Statement::MemoryBarrier(_) => {
                self.step(frame, mask, Tick { barrier: true, ..tick(self.line(span), self.depth) });
            }
            Statement::Store { pointer, value } => self.store(frame, (*pointer, *value), span, mask)?,
            Statement::ImageStore { image, coordinate, value, array_index: None } => {
                self.store_texels(frame, (*image, *coordinate, *value), span, mask)?;
            }
            Statement::Call { function, arguments, result } => {
                let mut given = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    let mut values = vec![Value::None; mask.len()];
                    for i in here() {
                        values[i] = self.value(frame, *argument, i)?;
                    }
                    given.push(values);
                }
                self.depth += 1;
                let values = self.call(&self.mirror.module.functions[*function], given, mask)?;
                self.depth -= 1;
                if let Some(result) = result {
                    here().for_each(|i| self.keep(frame, *result, i, values[i].clone()));
                    self.named(frame, *result, span, mask);
                }
            }
            Statement::SubgroupGather { mode, argument, result } => {
                for i in here() {
                    let from = self.source(frame, *mode, i, mask)?;
                    let value = self.value(frame, *argument, from)?;
                    self.keep(frame, *result, i, value);
                }
                self.named(frame, *result, span, mask);
            }
            Statement::SubgroupCollectiveOperation { op, collective_op, argument, result } => {
                if *collective_op != CollectiveOperation::Reduce {
                    return Err(MirrorError::Unknown(format!("{collective_op:?}")));
                }
                for i in here() {
                    let value = self.reduce(frame, *op, *argument, i, mask)?;
                    self.keep(frame, *result, i, value);
                }
                self.named(frame, *result, span, mask);
            }
            other => return Err(MirrorError::Unknown(format!("{other:?}"))),
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        frame: &mut Frame<'m>,
        (body, continuing, break_if): (&'m naga::Block, &'m naga::Block, Option<Handle<Expression>>),
        mask: &Mask,
    ) -> Result<(), MirrorError> {
        let none = vec![false; mask.len()];
        let outer =
            (std::mem::replace(&mut frame.broken, none.clone()), std::mem::replace(&mut frame.continued, none.clone()));
        loop {
            let on = |frame: &Frame<'_>| -> Mask {
                (0..mask.len()).map(|i| mask[i] && !frame.broken[i] && !frame.returned[i]).collect()
            };
            let active = on(frame);
            if !active.contains(&true) {
                break;
            }
            self.block(frame, body, &active)?;
            frame.continued.clone_from(&none);
            let active = on(frame);
            self.block(frame, continuing, &active)?;
            if let Some(condition) = break_if {
                for i in (0..mask.len()).filter(|&i| active[i]) {
                    frame.broken[i] |= self.value(frame, condition, i)?.truth();
                }
            }
        }
        (frame.broken, frame.continued) = outer;
        Ok(())
    }

    fn store(
        &mut self,
        frame: &mut Frame<'m>,
        (pointer, value): (Handle<Expression>, Handle<Expression>),
        span: Span,
        mask: &Mask,
    ) -> Result<(), MirrorError> {
        let (module, context) = (&self.mirror.module, self.mirror.context());
        let line = self.line(span);
        let watched = self.recorder.as_ref().map(|recorder| recorder.watched);
        let mut noted = tick(line, self.depth);
        let nameless = is_nameless(frame.function, pointer);
        for i in (0..mask.len()).filter(|&i| mask[i]) {
            let value = self.value(frame, value, i)?;
            let Some(to) = self.value(frame, pointer, i)?.pointer() else { continue };
            let width = memory::width(module, context, to.to);
            if Some(i) == watched {
                match to.root {
                    Root::Local(handle) => {
                        let local = &frame.function.local_variables[handle];
                        let part = if to.word == 0 && to.to == Pointee::Type(local.ty) {
                            String::new()
                        } else {
                            format!("[{}]", to.word / width.max(1))
                        };
                        if let Some(name) = &local.name {
                            noted.sets.push((format!("{name}{part}"), value.clone()));
                        }
                    }
                    Root::Global(handle) => {
                        if let Some(buffer) = self.buffer(handle) {
                            noted.stores.push(Access { buffer, place: to.word, count: width });
                        } else {
                            let name = module.global_variables[handle].name.clone().unwrap_or_default();
                            noted.sets.push((format!("{name}[{}]", to.word / width.max(1)), value.clone()));
                        }
                    }
                }
            }
            let words = match to.root {
                Root::Local(handle) => &mut frame.locals[handle.index()][i],
                Root::Global(handle) => match self.buffer(handle) {
                    Some(buffer) => &mut self.memory.buffers[buffer],
                    None => &mut self.shared[handle.index()],
                },
            };
            if let Some(words) = words.get_mut(to.word..) {
                memory::write(module, to.to, &value, words);
            }
        }
        if !nameless {
            self.step(frame, mask, noted);
        }
        Ok(())
    }

    fn store_texels(
        &mut self,
        frame: &mut Frame<'m>,
        (image, at, value): (Handle<Expression>, Handle<Expression>, Handle<Expression>),
        span: Span,
        mask: &Mask,
    ) -> Result<(), MirrorError> {
        let mut noted = tick(self.line(span), self.depth);
        for i in (0..mask.len()).filter(|&i| mask[i]) {
            let value = self.value(frame, value, i)?;
            let Some((buffer, place)) = self.texel(frame, (image, at), i)? else { continue };
            if self.is_watched(i) {
                noted.stores.push(Access { buffer, place, count: 4 });
            }
            let words = &mut self.memory.buffers[buffer][place..];
            words.iter_mut().zip(0..4).for_each(|(word, n)| *word = value.part(n).scalar().map_or(0, Scalar::bits));
        }
        self.step(frame, mask, noted);
        Ok(())
    }

    /// Which texture, and where in it a texel begins; none outside of it.
    fn texel(
        &mut self,
        frame: &mut Frame<'m>,
        (image, at): (Handle<Expression>, Handle<Expression>),
        i: usize,
    ) -> Result<Option<(usize, usize)>, MirrorError> {
        let at = self.value(frame, at, i)?;
        let image = self.value(frame, image, i)?.pointer();
        let Some(Pointer { root: Root::Global(handle), .. }) = image else { return Ok(None) };
        let texture = self.buffer(handle);
        let place = (at.part(0).index(), at.part(1).index());
        Ok(texture.and_then(|texture| Some((texture, self.memory.texel(texture, place)?))))
    }

    /// The invocation that a gather takes its value from; its own where that one is not there.
    fn source(&mut self, frame: &mut Frame<'m>, mode: GatherMode, i: usize, mask: &Mask) -> Result<usize, MirrorError> {
        let lanes = self.mirror.launch.lanes.max(1) as usize;
        let first = i - i % lanes;
        let lane = match mode {
            GatherMode::BroadcastFirst => {
                (first..first + lanes).find(|&j| mask.get(j) == Some(&true)).unwrap_or(i) - first
            }
            GatherMode::Broadcast(lane) | GatherMode::Shuffle(lane) => self.value(frame, lane, i)?.index(),
            other => return Err(MirrorError::Unknown(format!("{other:?}"))),
        };
        Ok(if mask.get(first + lane) == Some(&true) && lane < lanes { first + lane } else { i })
    }

    /// What a subgroup makes of all its values together.
    fn reduce(
        &mut self,
        frame: &mut Frame<'m>,
        op: SubgroupOperation,
        argument: Handle<Expression>,
        i: usize,
        mask: &Mask,
    ) -> Result<Value, MirrorError> {
        let lanes = self.mirror.launch.lanes.max(1) as usize;
        let first = i - i % lanes;
        let mut sum = Value::None;
        for j in (first..first + lanes).filter(|&j| mask.get(j) == Some(&true)) {
            let value = self.value(frame, argument, j)?;
            sum = match (op, &sum) {
                (_, Value::None) => value,
                (SubgroupOperation::Add, sum) => arithmetic::binary(naga::BinaryOperator::Add, sum, &value),
                (SubgroupOperation::Max, sum) => sum.zip(&value, |a, b| arithmetic::extreme(a, b, false)),
                (SubgroupOperation::Min, sum) => sum.zip(&value, |a, b| arithmetic::extreme(a, b, true)),
                (other, _) => return Err(MirrorError::Unknown(format!("{other:?}"))),
            };
        }
        Ok(sum)
    }

    fn keep(&self, frame: &mut Frame<'m>, handle: Handle<Expression>, i: usize, value: Value) {
        let values = &mut frame.values[handle.index()];
        if values.is_empty() {
            values.resize(self.members.len(), Value::None);
        }
        values[i] = value;
    }

    /// Which storage buffer or texture a variable is bound to.
    fn buffer(&self, handle: Handle<naga::GlobalVariable>) -> Option<usize> {
        let variable = &self.mirror.module.global_variables[handle];
        let storage = matches!(variable.space, naga::AddressSpace::Storage { .. } | naga::AddressSpace::Handle);
        let binding = variable.binding.filter(|_| storage)?.binding as usize;
        binding.checked_sub(1).filter(|&buffer| buffer < self.memory.buffers.len())
    }

    /// A `let` that got its value.
    fn named(&mut self, frame: &mut Frame<'m>, handle: Handle<Expression>, span: Span, mask: &Mask) {
        let Some(recorder) = &self.recorder else { return };
        let Some(name) = frame.function.named_expressions.get(&handle) else { return };
        let value = frame.values[handle.index()].get(recorder.watched).cloned().unwrap_or(Value::None);
        let line = self.span_of(frame, handle, span);
        let sets =
            if matches!(value, Value::None | Value::Pointer(_)) { Vec::new() } else { vec![(name.clone(), value)] };
        self.step(frame, mask, Tick { sets, ..tick(line, self.depth) });
    }

    fn step(&mut self, frame: &mut Frame<'m>, mask: &Mask, tick: Tick) {
        let Some(recorder) = &mut self.recorder else { return };
        let reached = |(line, ..): &mut (u32, String, Value)| *line <= tick.line;
        for (line, name, value) in frame.beginnings.extract_if(.., reached) {
            recorder.step(mask, Tick { sets: vec![(name, value)], begins: true, ..self::tick(line, self.depth) });
        }
        recorder.step(mask, tick);
    }

    fn is_watched(&self, i: usize) -> bool {
        self.recorder.as_ref().is_some_and(|recorder| recorder.watched == i)
    }

    fn line(&self, span: Span) -> u32 {
        self.mirror.line(span.to_range())
    }

    /// The line of an expression; of its statement where the compiler gave it none.
    fn span_of(&self, frame: &Frame<'m>, handle: Handle<Expression>, otherwise: Span) -> u32 {
        match self.line(frame.function.expressions.get_span(handle)) {
            0 => self.line(otherwise),
            line => line,
        }
    }
}

/// Whether an `if` is none of the source: `a || b` is one to the compiler, which keeps the answer in a variable without a name.
fn is_shortcut(function: &Function, accept: &naga::Block, reject: &naga::Block) -> bool {
    [accept, reject].into_iter().all(|block| {
        block
            .iter()
            .last()
            .is_some_and(|last| matches!(last, Statement::Store { pointer, .. } if is_nameless(function, *pointer)))
    })
}

/// Whether a pointer is a variable that has no name in the source.
fn is_nameless(function: &Function, pointer: Handle<Expression>) -> bool {
    let Expression::LocalVariable(local) = function.expressions[pointer] else { return false };
    function.local_variables[local].name.is_none()
}

fn tick(line: u32, depth: usize) -> Tick {
    let (sets, loads, stores) = (Vec::new(), Vec::new(), Vec::new());
    Tick { line, depth, sets, loads, stores, decided: None, barrier: false, begins: false }
}
