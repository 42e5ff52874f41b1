//! What WGSL's operators and built-in functions do to numbers, in f32 as on the device.

use naga::{BinaryOperator as Op, MathFunction as Math, UnaryOperator};

use super::MirrorError;
use super::value::{Scalar, Value};
use Scalar::{B, F, I, U};

pub(super) fn unary(op: UnaryOperator, x: &Value) -> Value {
    x.map(|x| match (op, x) {
        (UnaryOperator::Negate, F(x)) => F(-x),
        (UnaryOperator::Negate, I(x)) => I(x.wrapping_neg()),
        (UnaryOperator::LogicalNot, B(x)) => B(!x),
        (UnaryOperator::BitwiseNot, U(x)) => U(!x),
        (UnaryOperator::BitwiseNot, I(x)) => I(!x),
        (_, other) => other,
    })
}

pub(super) fn binary(op: Op, left: &Value, right: &Value) -> Value {
    left.zip(right, |a, b| match (a, b) {
        (F(a), F(b)) => floats(op, a, b),
        (I(a), I(b)) => signed(op, a, b),
        // The right side of a shift is unsigned whatever the left one is.
        (I(a), U(b)) if op == Op::ShiftLeft => I(a.wrapping_shl(b)),
        (I(a), U(b)) if op == Op::ShiftRight => I(a.wrapping_shr(b)),
        (B(a), B(b)) => truths(op, a, b),
        (a, b) => whole(op, a.bits(), b.bits()),
    })
}

fn floats(op: Op, a: f32, b: f32) -> Scalar {
    match op {
        Op::Add => F(a + b),
        Op::Subtract => F(a - b),
        Op::Multiply => F(a * b),
        Op::Divide => F(a / b),
        Op::Modulo => F(a % b),
        other => compared(other, a.partial_cmp(&b)),
    }
}

fn whole(op: Op, a: u32, b: u32) -> Scalar {
    match op {
        Op::Add => U(a.wrapping_add(b)),
        Op::Subtract => U(a.wrapping_sub(b)),
        Op::Multiply => U(a.wrapping_mul(b)),
        // Division by 0 gives the dividend, says WGSL.
        Op::Divide => U(a.checked_div(b).unwrap_or(a)),
        Op::Modulo => U(a.checked_rem(b).unwrap_or(0)),
        Op::And => U(a & b),
        Op::ExclusiveOr => U(a ^ b),
        Op::InclusiveOr => U(a | b),
        Op::ShiftLeft => U(a.wrapping_shl(b)),
        Op::ShiftRight => U(a.wrapping_shr(b)),
        other => compared(other, Some(a.cmp(&b))),
    }
}

fn signed(op: Op, a: i32, b: i32) -> Scalar {
    match op {
        Op::Divide => I(a.checked_div(b).unwrap_or(a)),
        Op::Modulo => I(a.checked_rem(b).unwrap_or(0)),
        Op::Equal | Op::NotEqual | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
            compared(op, Some(a.cmp(&b)))
        }
        other => match whole(other, a as u32, b as u32) {
            U(bits) => I(bits as i32),
            other => other,
        },
    }
}

fn truths(op: Op, a: bool, b: bool) -> Scalar {
    match op {
        Op::And | Op::LogicalAnd => B(a && b),
        Op::InclusiveOr | Op::LogicalOr => B(a || b),
        Op::ExclusiveOr => B(a != b),
        other => compared(other, Some(a.cmp(&b))),
    }
}

fn compared(op: Op, order: Option<std::cmp::Ordering>) -> Scalar {
    let Some(order) = order else { return B(op == Op::NotEqual) };
    B(match op {
        Op::Equal => order.is_eq(),
        Op::NotEqual => order.is_ne(),
        Op::Less => order.is_lt(),
        Op::LessEqual => order.is_le(),
        Op::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}

/// A built-in function of up to three arguments.
pub(super) fn math(function: Math, arguments: &[&Value]) -> Result<Value, MirrorError> {
    let unknown = || MirrorError::Unknown(format!("{function:?}"));
    let one = |f: fn(f32) -> f32| {
        let x = arguments.first().ok_or_else(unknown)?;
        Ok(x.map(|x| if let F(x) = x { F(f(x)) } else { x }))
    };
    match (function, arguments) {
        (Math::Min, [a, b]) => Ok(a.zip(b, |a, b| extreme(a, b, true))),
        (Math::Max, [a, b]) => Ok(a.zip(b, |a, b| extreme(a, b, false))),
        (Math::Fma, [a, b, c]) => {
            let product = |a: Scalar, b: Scalar, c: Scalar| match (a, b, c) {
                (F(a), F(b), F(c)) => F(a.mul_add(b, c)),
                (a, ..) => a,
            };
            Ok(match (a, b, c) {
                (Value::One(a), Value::One(b), Value::One(c)) => Value::One(product(*a, *b, *c)),
                (Value::Vector(a), Value::Vector(b), Value::Vector(c)) => {
                    Value::Vector((0..a.len()).map(|i| product(a[i], b[i], c[i])).collect())
                }
                _ => return Err(unknown()),
            })
        }
        (Math::Dot, [Value::Vector(a), Value::Vector(b)]) => {
            let product = |(a, b): (&Scalar, &Scalar)| if let (F(a), F(b)) = (a, b) { a * b } else { 0.0 };
            Ok(Value::One(F(a.iter().zip(b).map(product).sum())))
        }
        (Math::Abs, _) => one(f32::abs),
        (Math::Exp, _) => one(f32::exp),
        (Math::Exp2, _) => one(f32::exp2),
        (Math::Log, _) => one(f32::ln),
        (Math::Log2, _) => one(f32::log2),
        (Math::Sqrt, _) => one(f32::sqrt),
        (Math::InverseSqrt, _) => one(|x| x.sqrt().recip()),
        (Math::Floor, _) => one(f32::floor),
        (Math::Ceil, _) => one(f32::ceil),
        _ => Err(unknown()),
    }
}

/// The smaller or the larger of two numbers.
pub(super) fn extreme(a: Scalar, b: Scalar, least: bool) -> Scalar {
    match (a, b) {
        (F(a), F(b)) => F(if least { a.min(b) } else { a.max(b) }),
        (I(a), I(b)) => I(if least { a.min(b) } else { a.max(b) }),
        (a, b) => U(if least { a.bits().min(b.bits()) } else { a.bits().max(b.bits()) }),
    }
}
