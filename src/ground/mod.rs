//! What everything stands on: words in two languages, how a number is written, text in columns.

pub mod lang;
pub mod number;
pub mod text;
