//! What everything stands on: words in two languages, what can go wrong, how a number is written, text in columns.

pub mod exit;
pub mod fault;
pub mod lang;
pub mod number;
pub mod signs;
pub mod text;
