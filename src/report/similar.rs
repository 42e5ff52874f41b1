//! `qkv similar`: one vector for each text, and the cosines between them.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Align, Grid};
use super::{Reader, json};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::source::model::Pooling;
use crate::source::model::pooling::cosine;

/// The name and version of the JSON format.
const FORMAT: &str = "qkv-similar/1";

/// A text, its pieces and its vector.
#[derive(Debug, Clone, Serialize)]
pub struct Pooled {
    /// As written.
    pub text: String,
    /// How the model cut it.
    pub tokens: Vec<String>,
    /// Its vector, of length 1.
    pub vector: Vec<f64>,
}

/// Texts under one model.
#[derive(Debug, Clone)]
pub struct Similar {
    /// What the model is called.
    pub model: String,
    /// How many vectors become one, and whether the model's own files say so.
    pub pooling: (Pooling, bool),
    /// The texts.
    pub texts: Vec<Pooled>,
}

impl Similar {
    fn cosines(&self) -> Vec<Vec<f64>> {
        let row = |a: &Pooled| self.texts.iter().map(|b| cosine(&a.vector, &b.vector)).collect();
        self.texts.iter().map(row).collect()
    }

    /// Writes the texts with their numbers, and every cosine.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn write_text(&self, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
        let (pooling, own) = self.pooling;
        let (how, d) = (pooling.words(), self.texts.first().map_or(0, |text| text.vector.len()));
        let by = if own {
            Text::new("模型的 1_Pooling/config.json 这样写", "as the model's 1_Pooling/config.json says")
        } else {
            Text::new("模型没有写明，取均值", "the model does not say, so the mean")
        };
        let words = Text::owned(
            format!("{}：{}，特殊词元也算，长度归一；{d} 个数（{}）", self.model, how.zh, by.zh),
            format!(
                "{}: {} of the last hidden vectors, special pieces included, made to length 1; {d} numbers ({})",
                self.model, how.en, by.en
            ),
        );
        writeln!(out, "# {}\n", reader.text(&words))?;
        let mut grid = Grid::new([Align::Right, Align::Left]);
        for (n, text) in self.texts.iter().enumerate() {
            grid.row([(n + 1).to_string(), visible(&text.text)]);
        }
        grid.write(out, 0)?;
        writeln!(out)?;
        if let [a, b] = &self.texts[..] {
            let cosine = cosine(&a.vector, &b.vector);
            let words = Text::owned(format!("余弦 {cosine:.4}"), format!("cosine {cosine:.4}"));
            return writeln!(out, "{}", reader.text(&words));
        }
        let mut grid = Grid::new([Align::Right]);
        let corner = reader.text(&Text::new("余弦", "cosine"));
        grid.row(std::iter::once(corner).chain((1..=self.texts.len()).map(|n| n.to_string())));
        for (n, row) in self.cosines().into_iter().enumerate() {
            grid.row(std::iter::once((n + 1).to_string()).chain(row.into_iter().map(|x| format!("{x:.4}"))));
        }
        grid.write(out, 0)
    }

    /// Writes texts, vectors and cosines as one line of JSON, `qkv-similar/1`.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Document<'a> {
            format: &'static str,
            model: &'a str,
            pooling: &'static str,
            texts: &'a [Pooled],
            cosines: Vec<Vec<f64>>,
        }
        let (pooling, cosines) = (self.pooling.0.name(), self.cosines());
        json::line(&Document { format: FORMAT, model: &self.model, pooling, texts: &self.texts, cosines }, out)
    }
}
