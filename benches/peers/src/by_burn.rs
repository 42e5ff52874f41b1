//! burn, on the processor and through wgpu on the adapter, as its users write attention.

use std::error::Error;

use burn::tensor::activation::softmax;
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};
use qkv::study::race::Work;

use crate::{Forward, Numbers};

pub fn forward<'a, B: Backend>(work: Work, numbers: &Numbers, device: B::Device) -> Forward<'a>
where
    B::Device: 'a,
{
    let Work { batch, tokens, heads, hidden } = work;
    let d = work.features();
    let matrix = |numbers: &[f32], rows: usize| {
        Tensor::<B, 2>::from_data(TensorData::new(numbers.to_vec(), [rows, hidden]), &device)
    };
    let x = matrix(&numbers.x, work.rows());
    let w: Vec<Tensor<B, 2>> = numbers.w.iter().map(|w| matrix(w, hidden)).collect();
    Box::new(move |wanted| {
        let part = |w: &Tensor<B, 2>| x.clone().matmul(w.clone()).reshape([batch, tokens, heads, d]).swap_dims(1, 2);
        let (q, k, v) = (part(&w[0]), part(&w[1]), part(&w[2])); // batch × heads × tokens × d
        let scores = q.matmul(k.transpose()).div_scalar((d as f32).sqrt());
        let context = softmax(scores, 3).matmul(v);
        let concat = context.swap_dims(1, 2).reshape([work.rows(), hidden]);
        let y = concat.matmul(w[3].clone());
        let failed = |why: String| -> Box<dyn Error> { why.into() };
        if !wanted {
            B::sync(&device).map_err(|why| failed(format!("{why:?}")))?;
            return Ok(Vec::new());
        }
        y.into_data().to_vec::<f32>().map_err(|why| failed(format!("{why:?}")))
    })
}
