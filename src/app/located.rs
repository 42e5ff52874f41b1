//! An address with the program it belongs to: what a window keeps of a number cannot be used on another program.

use std::sync::Arc;

use crate::program::{Address, Program};

/// A number of one program.
#[derive(Debug, Clone)]
pub struct Located {
    program: Arc<Program>,
    address: Address,
}

impl Located {
    /// A number of a program.
    pub fn new(program: &Arc<Program>, address: Address) -> Self {
        Self { program: Arc::clone(program), address }
    }

    /// Where it is in a program; none where that is another one.
    pub fn within(&self, program: &Arc<Program>) -> Option<Address> {
        Arc::ptr_eq(&self.program, program).then_some(self.address)
    }

    /// `Q.2[3,1]`
    pub fn display(&self) -> String {
        self.address.display(&self.program)
    }
}
