//! What a person takes away: a new file and what goes into it, or words on a clipboard.

use std::sync::Arc;

use super::Run;
use crate::ground::lang::{Lang, Text};
use crate::program::Slot;
use crate::source::sample::Sample;
use crate::study::train::Moment;

/// Where a new file goes. What is there already stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewFile {
    /// To this path.
    At(String),
    /// Under a name of ours, here; where it is taken, with the first number behind it that is free.
    Free {
        /// The name without number and ending.
        stem: String,
        /// The ending, with its dot.
        ending: &'static str,
    },
}

impl NewFile {
    /// What it is to be called.
    pub fn name(&self) -> String {
        match self {
            Self::At(path) => path.clone(),
            Self::Free { stem, ending } => format!("{stem}{ending}"),
        }
    }
}

/// What goes into a file.
#[derive(Debug, Clone)]
pub enum Contents {
    /// This text.
    Text(String),
    /// These matrices, to be written down.
    Matrices(Arc<Matrices>),
    /// The attention of a learner on one of the sentences that are kept back, as a sample.
    Learned {
        /// The learner.
        moment: Arc<Moment>,
        /// The sentence, from 0.
        sentence: usize,
        /// What makes it anew.
        command: String,
    },
}

/// The matrices of a stage, and how they are to be written.
#[derive(Debug, Clone)]
pub struct Matrices {
    /// What has names for their rows and columns.
    pub sample: Arc<Sample>,
    /// What holds their numbers.
    pub run: Arc<Run>,
    /// What the numbers are, where they are not those of a run.
    pub reading: Option<Text>,
    /// Which.
    pub slots: Vec<Slot>,
    /// The sentence of a batch.
    pub sentence: usize,
    /// The language of names and words.
    pub lang: Lang,
    /// As what they are written.
    pub format: MatrixFormat,
}

/// How matrices are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatrixFormat {
    /// For a paper.
    Latex,
    /// For other programs.
    Csv,
}

impl MatrixFormat {
    /// The ending of such a file.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Latex => ".tex",
            Self::Csv => ".csv",
        }
    }
}

/// Where copied words are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Which clipboard was given them.
    pub clipboard: Clipboard,
    /// The file that holds them too, where one could be written.
    pub file: Option<String>,
}

/// A clipboard that words were given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// The terminal's, which does not say whether it took them.
    Terminal,
    /// tmux's own buffer.
    Tmux,
    /// None took them.
    Nowhere,
}

impl Copied {
    /// Where they are, for a person.
    pub fn words(&self) -> Text {
        let Self { clipboard, file } = self;
        let too = file.as_ref().map_or(Text::new("", ""), |file| {
            Text::owned(format!("，也写进了 {file}"), format!(", and written to {file}"))
        });
        match (clipboard, file) {
            (Clipboard::Terminal, Some(_)) => Text::owned(
                format!("已复制：交给了终端的剪贴板{}", too.zh),
                format!("copied: handed to the terminal's clipboard{}", too.en),
            ),
            (Clipboard::Terminal, None) => Text::new(
                "交给了终端的剪贴板，终端收没收不知道；备份文件写不了",
                "handed to the terminal's clipboard, which may not have taken it; no file could be written",
            ),
            (Clipboard::Tmux, _) => Text::owned(
                format!("已复制到 tmux 的缓冲区（前缀键加 ] 粘贴）{}", too.zh),
                format!("copied to tmux's buffer (its prefix, then ] pastes it){}", too.en),
            ),
            (Clipboard::Nowhere, Some(file)) => {
                Text::owned(format!("剪贴板没有收下，写进了 {file}"), format!("no clipboard took it; it is in {file}"))
            }
            (Clipboard::Nowhere, None) => Text::new(
                "没有复制成：剪贴板没有收下，文件也写不了",
                "not copied: no clipboard took it, and no file could be written",
            ),
        }
    }

    /// Whether they are anywhere at all.
    pub const fn is_somewhere(&self) -> bool {
        !matches!((self.clipboard, &self.file), (Clipboard::Nowhere, None))
    }
}
