//! A kernel that cannot be carried out here.

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;

/// Why a kernel cannot be carried out here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum MirrorError {
    /// It is no valid WGSL; in the compiler's words.
    Invalid(String),
    /// It has so many entry points, and not one.
    EntryPoints(usize),
    /// It uses something that the mirror does not know, as naga calls it.
    Unknown(String),
    /// It takes too many steps to be carried out here.
    TooLong,
}

impl Failure for MirrorError {
    fn words(&self) -> Text {
        match self {
            Self::Invalid(why) => {
                Text::owned(format!("着色器通不过编译：{why}"), format!("the shader does not compile: {why}"))
            }
            Self::EntryPoints(found) => Text::owned(
                format!("着色器要有一个入口，这里有 {found} 个"),
                format!("a shader has one entry point, this one has {found}"),
            ),
            Self::Unknown(what) => {
                Text::owned(format!("逐步演示还不认识 {what}"), format!("the mirror does not know {what}"))
            }
            Self::TooLong => Text::new("步数太多，逐步演示走不完", "too many steps for the mirror"),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}
