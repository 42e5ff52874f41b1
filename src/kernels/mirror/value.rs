//! Numbers, vectors, structs and pointers.

use std::fmt;

use naga::{Handle, ScalarKind, Type};

use crate::ground::number::short;

/// One number or truth value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// f32
    F(f32),
    /// u32
    U(u32),
    /// i32
    I(i32),
    /// bool
    B(bool),
}

impl Scalar {
    /// Its bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::F(x) => x.to_bits(),
            Self::U(x) => x,
            Self::I(x) => x as u32,
            Self::B(x) => x.into(),
        }
    }

    /// The number of that kind with these bits.
    pub(super) fn of_bits(kind: ScalarKind, bits: u32) -> Self {
        match kind {
            ScalarKind::Float | ScalarKind::AbstractFloat => Self::F(f32::from_bits(bits)),
            ScalarKind::Uint => Self::U(bits),
            ScalarKind::Sint | ScalarKind::AbstractInt => Self::I(bits as i32),
            ScalarKind::Bool => Self::B(bits != 0),
        }
    }

    /// The nearest number of another kind.
    pub(super) fn convert(self, kind: ScalarKind) -> Self {
        let x = match self {
            Self::F(x) => f64::from(x),
            Self::U(x) => f64::from(x),
            Self::I(x) => f64::from(x),
            Self::B(x) => f64::from(u8::from(x)),
        };
        match kind {
            ScalarKind::Float | ScalarKind::AbstractFloat => Self::F(x as f32),
            ScalarKind::Uint => Self::U(x as u32),
            ScalarKind::Sint | ScalarKind::AbstractInt => Self::I(x as i32),
            ScalarKind::Bool => Self::B(x != 0.0),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F(x) if *x <= -1e30 => f.write_str("−∞"),
            Self::F(x) => f.write_str(&short(f64::from(*x))),
            Self::U(x) => write!(f, "{x}"),
            Self::I(x) => write!(f, "{x}"),
            Self::B(x) => write!(f, "{x}"),
        }
    }
}

/// What an expression is worth.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not computed yet, or by an invocation that stands still.
    None,
    /// One number.
    One(Scalar),
    /// Two to four numbers.
    Vector(Vec<Scalar>),
    /// The parts of a struct or an array.
    Many(Vec<Value>),
    /// Where something is kept.
    Pointer(Pointer),
}

/// A variable, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointer {
    pub(super) root: Root,
    /// Words from the variable's beginning.
    pub(super) word: usize,
    pub(super) to: Pointee,
}

/// Whose variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Root {
    Global(Handle<naga::GlobalVariable>),
    Local(Handle<naga::LocalVariable>),
}

/// What a pointer points to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pointee {
    Type(Handle<Type>),
    /// A component of a vector.
    Part(ScalarKind),
}

impl Value {
    pub(super) fn scalar(&self) -> Option<Scalar> {
        if let Self::One(scalar) = self { Some(*scalar) } else { None }
    }

    pub(super) fn truth(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.bits() != 0)
    }

    /// As an index.
    pub(super) fn index(&self) -> usize {
        self.scalar().map_or(0, |scalar| scalar.bits() as usize)
    }

    pub(super) fn pointer(&self) -> Option<Pointer> {
        if let Self::Pointer(pointer) = self { Some(*pointer) } else { None }
    }

    /// The same done to each number.
    pub(super) fn map(&self, f: impl Fn(Scalar) -> Scalar) -> Self {
        match self {
            Self::One(x) => Self::One(f(*x)),
            Self::Vector(xs) => Self::Vector(xs.iter().map(|&x| f(x)).collect()),
            other => other.clone(),
        }
    }

    /// Number by number; a single one goes with each of a vector.
    pub(super) fn zip(&self, other: &Self, f: impl Fn(Scalar, Scalar) -> Scalar) -> Self {
        match (self, other) {
            (Self::One(a), Self::One(b)) => Self::One(f(*a, *b)),
            (Self::Vector(a), Self::Vector(b)) => Self::Vector(a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()),
            (Self::Vector(a), Self::One(b)) => Self::Vector(a.iter().map(|&a| f(a, *b)).collect()),
            (Self::One(a), Self::Vector(b)) => Self::Vector(b.iter().map(|&b| f(*a, b)).collect()),
            _ => Self::None,
        }
    }

    /// A part, by its position.
    pub(super) fn part(&self, index: usize) -> Self {
        match self {
            Self::Vector(xs) => xs.get(index).map_or(Self::None, |&x| Self::One(x)),
            Self::Many(parts) => parts.get(index).cloned().unwrap_or(Self::None),
            _ => Self::None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &mut dyn Iterator<Item = String>| {
            let parts: Vec<String> = parts.collect();
            write!(f, "({})", parts.join(", "))
        };
        match self {
            Self::One(x) => x.fmt(f),
            Self::Vector(xs) => list(f, &mut xs.iter().map(ToString::to_string)),
            Self::Many(parts) => list(f, &mut parts.iter().map(ToString::to_string)),
            Self::None | Self::Pointer(_) => f.write_str("·"),
        }
    }
}
