//! What an expression is worth to one invocation.

use naga::{Expression, Handle, Literal, SwizzleComponent, TypeInner};

use super::{Frame, Machine};
use crate::kernels::mirror::record::Access;
use crate::kernels::mirror::value::{Pointee, Pointer, Root, Scalar, Value};
use crate::kernels::mirror::{MirrorError, arithmetic, memory};

impl<'m> Machine<'m> {
    /// A value that was computed before, or one that needs no computing.
    pub(super) fn value(
        &mut self,
        frame: &mut Frame<'m>,
        handle: Handle<Expression>,
        i: usize,
    ) -> Result<Value, MirrorError> {
        match frame.values[handle.index()].get(i) {
            Some(value) if *value != Value::None => Ok(value.clone()),
            _ => self.evaluate(frame, handle, i),
        }
    }

    pub(super) fn evaluate(
        &mut self,
        frame: &mut Frame<'m>,
        handle: Handle<Expression>,
        i: usize,
    ) -> Result<Value, MirrorError> {
        self.left = self.left.checked_sub(1).ok_or(MirrorError::TooLong)?;
        let module = &self.mirror.module;
        let expression = &frame.function.expressions[handle];
        match expression {
            Expression::Literal(_) | Expression::Constant(_) | Expression::ZeroValue(_) | Expression::Override(_) => {
                constant(module, expression)
            }
            Expression::FunctionArgument(n) => Ok(frame.arguments[*n as usize][i].clone()),
            Expression::LocalVariable(local) => {
                let to = Pointee::Type(frame.function.local_variables[*local].ty);
                Ok(Value::Pointer(Pointer { root: Root::Local(*local), word: 0, to }))
            }
            Expression::GlobalVariable(global) => {
                let to = Pointee::Type(module.global_variables[*global].ty);
                Ok(Value::Pointer(Pointer { root: Root::Global(*global), word: 0, to }))
            }
            Expression::Compose { ty, components } => {
                let parts = components.iter().map(|part| self.value(frame, *part, i)).collect::<Result<Vec<_>, _>>()?;
                Ok(composed(&module.types[*ty].inner, parts))
            }
            Expression::Splat { size, value } => {
                let value = self.value(frame, *value, i)?;
                Ok(Value::Vector(vec![value.scalar().unwrap_or(Scalar::F(0.0)); *size as usize]))
            }
            Expression::Swizzle { size, vector, pattern } => {
                let vector = self.value(frame, *vector, i)?;
                let part = |component: &SwizzleComponent| vector.part(*component as usize).scalar();
                Ok(Value::Vector(pattern[..*size as usize].iter().filter_map(part).collect()))
            }
            Expression::AccessIndex { base, index } => {
                let base = self.value(frame, *base, i)?;
                Ok(self.part(&base, *index as usize))
            }
            Expression::Access { base, index } => {
                let index = self.value(frame, *index, i)?.index();
                let base = self.value(frame, *base, i)?;
                Ok(self.part(&base, index))
            }
            Expression::Load { pointer } => {
                let pointer = self.value(frame, *pointer, i)?;
                Ok(self.load(frame, &pointer, i))
            }
            Expression::ImageLoad { image, coordinate, array_index: None, sample: None, .. } => {
                let Some((texture, place)) = self.texel(frame, (*image, *coordinate), i)? else {
                    return Ok(Value::Vector(vec![Scalar::F(0.0); 4]));
                };
                self.note_load(Access { buffer: texture, place, count: 4 }, i);
                let words = &self.memory.buffers[texture][place..place + 4];
                Ok(Value::Vector(words.iter().map(|&bits| Scalar::F(f32::from_bits(bits))).collect()))
            }
            Expression::Unary { op, expr } => Ok(arithmetic::unary(*op, &self.value(frame, *expr, i)?)),
            Expression::Binary { op, left, right } => {
                let (left, right) = (self.value(frame, *left, i)?, self.value(frame, *right, i)?);
                Ok(arithmetic::binary(*op, &left, &right))
            }
            Expression::Select { condition, accept, reject } => {
                let condition = self.value(frame, *condition, i)?;
                let (accept, reject) = (self.value(frame, *accept, i)?, self.value(frame, *reject, i)?);
                Ok(match condition {
                    Value::Vector(which) => {
                        let part = |(n, on): (usize, &Scalar)| {
                            if on.bits() != 0 { accept.part(n).scalar() } else { reject.part(n).scalar() }
                        };
                        Value::Vector(which.iter().enumerate().filter_map(part).collect())
                    }
                    one if one.truth() => accept,
                    _ => reject,
                })
            }
            Expression::As { expr, kind, convert } => {
                let value = self.value(frame, *expr, i)?;
                Ok(value.map(|x| if convert.is_some() { x.convert(*kind) } else { Scalar::of_bits(*kind, x.bits()) }))
            }
            Expression::Math { fun, arg, arg1, arg2, .. } => {
                let mut values = vec![self.value(frame, *arg, i)?];
                for argument in [arg1, arg2].into_iter().flatten() {
                    values.push(self.value(frame, *argument, i)?);
                }
                arithmetic::math(*fun, &values.iter().collect::<Vec<_>>())
            }
            // Set by the statement that computes it; not there for an invocation that stood still.
            Expression::CallResult(_) | Expression::SubgroupOperationResult { .. } => {
                Ok(frame.values[handle.index()].get(i).cloned().unwrap_or(Value::None))
            }
            other => Err(MirrorError::Unknown(format!("{other:?}"))),
        }
    }

    /// A part of a value, or of what a pointer points to.
    fn part(&self, base: &Value, index: usize) -> Value {
        let Value::Pointer(Pointer { root, word, to: Pointee::Type(ty) }) = *base else { return base.part(index) };
        let to = memory::step(&self.mirror.module, ty, index);
        to.map_or(Value::None, |(to, words)| Value::Pointer(Pointer { root, word: word + words, to }))
    }

    pub(super) fn load(&mut self, frame: &Frame<'m>, pointer: &Value, i: usize) -> Value {
        let Some(Pointer { root, word, to }) = pointer.pointer() else { return Value::None };
        let module = &self.mirror.module;
        let words = match root {
            Root::Local(handle) => &frame.locals[handle.index()][i],
            Root::Global(handle) => match (self.buffer(handle), module.global_variables[handle].space) {
                (Some(buffer), _) => {
                    let count = memory::width(module, self.mirror.context(), to);
                    self.note_load(Access { buffer, place: word, count }, i);
                    &self.memory.buffers[buffer]
                }
                (None, naga::AddressSpace::Uniform) => &self.memory.size,
                (None, _) => &self.shared[handle.index()],
            },
        };
        memory::read(module, to, words.get(word..).unwrap_or(&[]))
    }

    /// Counts a load; the watched invocation's is noted.
    pub(super) fn note_load(&mut self, access: Access, i: usize) {
        let Access { buffer, place, count } = access;
        let loads = &mut self.memory.loads[buffer];
        let end = (place + count).min(loads.len());
        loads[place.min(end)..end].iter_mut().for_each(|n| *n += 1);
        if let Some(recorder) = self.recorder.as_mut().filter(|recorder| recorder.watched == i) {
            recorder.loaded(access);
        }
    }
}

/// A vector from numbers and shorter vectors; anything else from its parts.
fn composed(inner: &TypeInner, parts: Vec<Value>) -> Value {
    if !matches!(inner, TypeInner::Vector { .. }) {
        return Value::Many(parts);
    }
    let numbers = |part: Value| match part {
        Value::One(x) => vec![x],
        Value::Vector(xs) => xs,
        _ => Vec::new(),
    };
    Value::Vector(parts.into_iter().flat_map(numbers).collect())
}

/// What stays the same wherever it stands.
fn constant(module: &naga::Module, expression: &Expression) -> Result<Value, MirrorError> {
    let of = |handle: Handle<Expression>| constant(module, &module.global_expressions[handle]);
    match expression {
        Expression::Literal(literal) => literal_value(*literal),
        Expression::ZeroValue(ty) => Ok(memory::zero(module, *ty)),
        Expression::Constant(handle) => of(module.constants[*handle].init),
        Expression::Override(handle) => {
            module.overrides[*handle].init.map_or_else(|| Err(MirrorError::Unknown("Override".into())), of)
        }
        Expression::Compose { ty, components } => {
            let parts = components.iter().map(|part| of(*part)).collect::<Result<Vec<_>, _>>()?;
            Ok(composed(&module.types[*ty].inner, parts))
        }
        Expression::Splat { size, value } => {
            Ok(Value::Vector(vec![of(*value)?.scalar().unwrap_or(Scalar::F(0.0)); *size as usize]))
        }
        other => Err(MirrorError::Unknown(format!("{other:?}"))),
    }
}

fn literal_value(literal: Literal) -> Result<Value, MirrorError> {
    let scalar = match literal {
        Literal::F32(x) => Scalar::F(x),
        Literal::U32(x) => Scalar::U(x),
        Literal::I32(x) => Scalar::I(x),
        Literal::Bool(x) => Scalar::B(x),
        other => return Err(MirrorError::Unknown(format!("{other:?}"))),
    };
    Ok(Value::One(scalar))
}
