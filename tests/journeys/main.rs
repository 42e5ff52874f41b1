//! Journeys: the real program in a real terminal, from the first picture to the shell's next prompt.
//!
//! Every step waits for what a person would wait for, namely words on the screen, and never for a time to pass.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on should stop")]

mod learning;
mod leaving;
mod lessons;
mod moments;
mod opening;
mod samples;
mod terminal;
mod walking;
