//! Wide glyphs: nothing stale stays behind a Chinese character or an emoji, and nothing is pushed out of its column.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

mod frames;
mod keys;
mod names;
mod scene;
