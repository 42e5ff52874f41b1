//! Rows of words that line up in a terminal, where a Chinese character takes two columns.

use std::io::{self, Write};

use crate::ground::text::{columns, left, right};

/// On which side of its column a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Rows of words. A column is as wide as its widest word; two spaces stand between columns.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// An empty grid. Columns beyond the alignments given are aligned as the last one.
    pub(super) fn new(aligns: impl Into<Vec<Align>>) -> Self {
        Self { aligns: aligns.into(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, words: impl IntoIterator<Item = String>) {
        self.rows.push(words.into_iter().collect());
    }

    /// The rows as lines, without spaces at their ends.
    pub(super) fn lines(&self) -> Vec<String> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |i: usize| self.rows.iter().filter_map(|row| row.get(i)).map(|w| columns(w)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count).map(width).collect();
        let align = |i: usize| self.aligns.get(i).or(self.aligns.last()).copied().unwrap_or(Align::Left);
        let line = |row: &Vec<String>| {
            let words: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(i, word)| match align(i) {
                    Align::Left => left(word, widths[i]),
                    Align::Right => right(word, widths[i]),
                })
                .collect();
            words.join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }

    /// Writes the lines, each after `indent` spaces.
    pub(super) fn write(&self, out: &mut dyn Write, indent: usize) -> io::Result<()> {
        for line in self.lines() {
            writeln!(out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_edges_line_up_whatever_the_words_are() {
        let mut grid = Grid::new([Align::Left, Align::Right]);
        grid.row(["", "我", "天安门", "👩‍🚀"].map(String::from));
        grid.row(["天安门", "0.5", "-10.25", "1"].map(String::from));
        grid.row(["a", "0", "0", "123.0"].map(String::from));
        let lines = grid.lines();
        assert!(lines.iter().all(|l| columns(l) == columns(&lines[0])), "{lines:#?}");
    }
}
