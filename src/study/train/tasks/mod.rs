//! The tasks, a file each.

pub(super) mod brackets;
pub(super) mod induction;
pub(super) mod previous;
pub(super) mod reverse;
pub(super) mod sort;
pub(super) mod translation;
