//! A large projection cut into heads, beside one head's own small one: the same numbers.

use ndarray::{Axis, Slice};

use crate::app::Model;
use crate::ground::lang::Text;
use crate::program::{Name, TOLERANCE};

/// A large projection cut into heads, beside one head's own small one.
#[derive(Debug, Clone)]
pub struct Split {
    /// Rows of H and its columns, heads, numbers of a head.
    pub sizes: (usize, usize, usize, usize),
    /// The head.
    pub head: usize,
    /// The largest difference between the two.
    pub apart: f64,
    /// Whether that is rounding.
    pub agrees: bool,
    /// The small one's numbers, row by row.
    pub small: Vec<f64>,
}

impl Split {
    /// A head's own small projection, beside what was cut from the large one; none where there is no `W_q`.
    pub(super) fn of(model: &Model, head: usize) -> Option<Self> {
        let (program, trace) = (model.program(), model.trace()?);
        let made = program.made_by(model.find(Name::Q)?)?;
        let [words, weights, ..] = made.operands.as_slice() else { return None };
        let (h, w, q) = (trace.tensor(*words), trace.tensor(*weights), trace.tensor(made.output));
        let (heads, d, batch) = (program.heads(), q.shape().cols.len, model.view.cursor.batch);
        // This head's own columns of W_q alone.
        let own = w.matrix(0, 0).slice_axis(Axis(1), Slice::from(head * d..(head + 1) * d)).mapv(f64::from);
        let small = h.matrix(batch, 0).mapv(f64::from).dot(&own);
        let cut = q.matrix(batch, head);
        let apart = small.iter().zip(&cut).map(|(x, &cut)| (x - f64::from(cut)).abs()).fold(0.0, f64::max);
        let agrees = apart <= TOLERANCE * f64::from(q.numbers().fold(1.0_f32, |m, x| m.max(x.abs())));
        let sizes = (h.shape().rows.len, h.shape().cols.len, heads, d);
        Some(Self { sizes, head, apart, agrees, small: small.into_iter().collect() })
    }

    /// In place of it, where there is nothing to split.
    pub const fn none() -> Text {
        Text::new("这里没有 W_q，没有投影可切。", "There is no W_q here, so there is nothing to split.")
    }

    /// What the large one is.
    pub fn large(&self) -> Text {
        let (_, inner, heads, d) = self.sizes;
        let all = heads * d;
        Text::owned(
            format!("一个大的：H · W_q（{inner}×{all}），再按头切开"),
            format!("one large: H · W_q ({inner}×{all}), then cut"),
        )
    }

    /// What the small ones are.
    pub fn many(&self) -> Text {
        let (_, inner, heads, d) = self.sizes;
        Text::owned(
            format!("{heads} 个小的：每个头 H · W_q（{inner}×{d}）"),
            format!("{heads} small: H · W_q of each head ({inner}×{d})"),
        )
    }

    /// Whether they are the same.
    pub fn verdict(&self) -> Text {
        let (_, inner, heads, d) = self.sizes;
        let (mark, apart, all) = (if self.agrees { "✓" } else { "✗" }, self.apart, heads * d);
        let parameters = inner * all;
        Text::owned(
            format!(
                "{mark} 两边最大相差 {apart:.1e}；参数一样多：{inner}×{all} = {heads}×({inner}×{d}) = {parameters}"
            ),
            format!(
                "{mark} the two differ by {apart:.1e} at most; as many parameters: {inner}×{all} = {heads}×({inner}×{d}) = {parameters}"
            ),
        )
    }

    /// Why heads are set side by side.
    pub(crate) const fn average() -> Text {
        Text::new(
            "要是不拼接而取平均，各头的上下文就混成一份，分不清来自哪个头；拼接之后，由 W_o 决定每个头的每一列占多少。",
            "If the heads were averaged instead, their contexts would blend and nobody could tell which came from which; side by side, W_o decides how much of each column counts.",
        )
    }
}
