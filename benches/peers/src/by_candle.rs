//! candle on the processor, as its users write attention.

use std::error::Error;

use candle_core::{Device, Tensor};
use candle_nn::ops::softmax_last_dim;
use qkv::study::race::Work;

use crate::{Forward, Numbers};

pub fn forward<'a>(work: Work, numbers: &Numbers) -> Result<Forward<'a>, Box<dyn Error>> {
    let Work { batch, tokens, heads, hidden } = work;
    let d = work.features();
    let x = Tensor::from_slice(&numbers.x, (work.rows(), hidden), &Device::Cpu)?;
    let mut w = Vec::new();
    for weights in &numbers.w {
        w.push(Tensor::from_slice(weights, (hidden, hidden), &Device::Cpu)?);
    }
    Ok(Box::new(move |wanted| {
        let part = |w: &Tensor| x.matmul(w)?.reshape((batch, tokens, heads, d))?.transpose(1, 2)?.contiguous();
        let (q, k, v) = (part(&w[0])?, part(&w[1])?, part(&w[2])?); // batch × heads × tokens × d
        let scores = (q.matmul(&k.t()?)? / (d as f64).sqrt())?;
        let context = softmax_last_dim(&scores)?.matmul(&v)?;
        let concat = context.transpose(1, 2)?.contiguous()?.reshape((work.rows(), hidden))?;
        let y = concat.matmul(&w[3])?;
        Ok(if wanted { y.flatten_all()?.to_vec1()? } else { Vec::new() })
    }))
}
