//! One vector for a whole text: how the vectors of its pieces become one, as sentence-transformers keeps it in
//! `1_Pooling/config.json`.

use super::error::ModelError;
use super::folder::Folder;
use super::json::{Document, utf8, whole};
use crate::ground::lang::Text;

/// The file, inside [`Pooling::FOLDER`].
const CONFIG: &str = "config.json";

/// How many vectors become one. Special pieces take part, as they do in sentence-transformers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pooling {
    /// The mean over all pieces.
    #[default]
    Mean,
    /// Their sum over the root of their number.
    MeanRoot,
    /// The vector of the first piece, `[CLS]`.
    First,
    /// The vector of the last piece.
    Last,
    /// In every column the largest.
    Largest,
}

/// The keys of the file, and what each asks for.
const MODES: [(&str, Option<Pooling>); 6] = [
    ("pooling_mode_cls_token", Some(Pooling::First)),
    ("pooling_mode_mean_tokens", Some(Pooling::Mean)),
    ("pooling_mode_max_tokens", Some(Pooling::Largest)),
    ("pooling_mode_mean_sqrt_len_tokens", Some(Pooling::MeanRoot)),
    ("pooling_mode_weightedmean_tokens", None),
    ("pooling_mode_lasttoken", Some(Pooling::Last)),
];

impl Pooling {
    /// The folder that holds the file, inside that of the model.
    pub const FOLDER: &str = "1_Pooling";

    /// What the file in this folder asks for; none where there is no such file.
    ///
    /// # Errors
    /// [`ModelError`] for what is no JSON, for a way that we do not compute, and for several at once.
    pub fn read(folder: &dyn Folder) -> Result<Option<Self>, ModelError> {
        let bytes = whole(folder, CONFIG, super::config::LARGEST)?;
        bytes.map(|bytes| Self::parse(&bytes, &folder.called(CONFIG))).transpose()
    }

    /// Reads the file; `file` is what errors call it.
    ///
    /// # Errors
    /// As [`Pooling::read`].
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, ModelError> {
        let document = Document::parse(utf8(bytes, file)?, file)?;
        let mut found = None;
        for (key, mode) in MODES {
            let Some(at) = document.get(key) else { continue };
            if !at.flag()? {
                continue;
            }
            let Some(mode) = mode.filter(|_| found.is_none()) else {
                return Err(at.refuse(Text::owned(
                    format!("{key} 是 true，这里只会取其中一种：均值、第一个、最后一个、最大值"),
                    format!("{key} is true; computed here is one of mean, first, last and largest"),
                )));
            };
            found = Some(mode);
        }
        Ok(found.unwrap_or_default())
    }

    /// In words.
    pub fn words(self) -> Text {
        match self {
            Self::Mean => Text::new("所有词元的均值", "the mean over all pieces"),
            Self::MeanRoot => Text::new("所有词元之和除以 √n", "the sum over all pieces, divided by √n"),
            Self::First => Text::new("第一个词元的向量", "the vector of the first piece"),
            Self::Last => Text::new("最后一个词元的向量", "the vector of the last piece"),
            Self::Largest => Text::new("每一列的最大值", "the largest number of each column"),
        }
    }

    /// Its name in JSON, as in sentence-transformers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::MeanRoot => "mean_sqrt_len",
            Self::First => "cls",
            Self::Last => "lasttoken",
            Self::Largest => "max",
        }
    }

    /// One vector of length 1 out of one a piece, `columns` numbers each.
    pub fn vector(self, numbers: &[f32], columns: usize) -> Vec<f64> {
        let rows: Vec<&[f32]> = numbers.chunks_exact(columns.max(1)).collect();
        let over = |fold: &dyn Fn(f64, f64) -> f64, begin: f64| -> Vec<f64> {
            let column = |c: usize| rows.iter().map(|row| f64::from(row[c])).fold(begin, fold);
            (0..columns).map(column).collect()
        };
        let one = |row: Option<&&[f32]>| row.map(|row| row.iter().map(|&x| f64::from(x)).collect()).unwrap_or_default();
        let n = rows.len().max(1) as f64;
        let sum = || over(&|a, b| a + b, 0.0);
        let mut vector: Vec<f64> = match self {
            Self::Mean => sum().into_iter().map(|x| x / n).collect(),
            Self::MeanRoot => sum().into_iter().map(|x| x / n.sqrt()).collect(),
            Self::First => one(rows.first()),
            Self::Last => one(rows.last()),
            Self::Largest => over(&f64::max, f64::NEG_INFINITY),
        };
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length > 0.0 {
            for x in &mut vector {
                *x /= length;
            }
        }
        vector
    }
}

/// The cosine of two vectors of length 1.
pub fn cosine(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_become_one_of_length_1() {
        let rows = [3.0, 0.0, 1.0, 8.0];
        let near = |pooling: Pooling, expected: [f64; 2]| {
            let found = pooling.vector(&rows, 2);
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{pooling:?} {found:?}");
        };
        // (2, 4) / √20, and the same direction for the sum over the root.
        near(Pooling::Mean, [2.0 / 20f64.sqrt(), 4.0 / 20f64.sqrt()]);
        near(Pooling::MeanRoot, [2.0 / 20f64.sqrt(), 4.0 / 20f64.sqrt()]);
        near(Pooling::First, [1.0, 0.0]);
        near(Pooling::Last, [1.0 / 65f64.sqrt(), 8.0 / 65f64.sqrt()]);
        near(Pooling::Largest, [3.0 / 73f64.sqrt(), 8.0 / 73f64.sqrt()]);
        assert_eq!(Pooling::Mean.vector(&[0.0, 0.0], 2), [0.0, 0.0], "nothing has no direction");
        assert!((cosine(&[1.0, 0.0], &[0.6, 0.8]) - 0.6).abs() < 1e-12);
    }

    #[test]
    fn the_file_says_which() {
        let parse = |text: &str| Pooling::parse(text.as_bytes(), "1_Pooling/config.json");
        assert_eq!(parse("{}"), Ok(Pooling::Mean));
        assert_eq!(
            parse("{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}"),
            Ok(Pooling::First)
        );
        for refused in [
            "{\"pooling_mode_weightedmean_tokens\": true}",
            "{\"pooling_mode_cls_token\": true, \"pooling_mode_max_tokens\": true}",
            "{\"pooling_mode_cls_token\": 1}",
            "[",
        ] {
            assert!(parse(refused).unwrap_err().to_string().contains("1_Pooling/config.json"), "{refused}");
        }
    }
}
