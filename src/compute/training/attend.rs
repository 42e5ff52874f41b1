//! One attention, head by head, from queries, keys and values to the context, and back.

use super::kernels::{self, Matrix, MatrixMut};
use super::plan::Attend;

/// The gradients of queries, keys and values, and what each is worth before.
type Into = [(Vec<f32>, f32); 3];

impl Attend {
    /// Where the matrices of a head of a sentence begin: queries, keys, values, weights, context.
    const fn at(&self, sentence: usize, head: usize) -> [usize; 5] {
        let plane = self.asks * self.answers;
        [
            sentence * self.asks * self.heads * self.features + head * self.features,
            sentence * self.answers * self.heads * self.features + head * self.features,
            sentence * self.answers * self.heads * self.values + head * self.values,
            (sentence * self.heads + head) * plane,
            sentence * self.asks * self.heads * self.values + head * self.values,
        ]
    }

    fn planes(&self, sentences: usize) -> impl Iterator<Item = [usize; 5]> + '_ {
        (0..sentences).flat_map(move |sentence| (0..self.heads).map(move |head| self.at(sentence, head)))
    }

    /// `weights = softmax(Q·Kᵀ / √d)`, `context = weights · V`.
    pub(super) fn forward(&self, made: &[Vec<f32>], sentences: usize, weights: &mut [f32], context: &mut [f32]) {
        let (q, k, v) = (&made[self.q.0], &made[self.k.0], &made[self.v.0]);
        let (wide, long) = (self.heads * self.features, self.heads * self.values);
        for [q_at, k_at, v_at, plane, c_at] in self.planes(sentences) {
            let weights = &mut weights[plane..plane + self.asks * self.answers];
            let queries = Matrix::part(q, q_at, (self.asks, self.features), wide);
            let keys = Matrix::part(k, k_at, (self.answers, self.features), wide);
            kernels::product(self.divisor.recip(), queries, keys.turned(), 0.0, MatrixMut::new(weights, self.answers));
            for (row, weights) in weights.chunks_mut(self.answers).enumerate() {
                if let Some(mask) = &self.mask {
                    let mask = &mask[row * self.answers..(row + 1) * self.answers];
                    weights.iter_mut().zip(mask).for_each(|(x, &open)| {
                        if open == 0.0 {
                            *x = f32::MIN;
                        }
                    });
                }
                let (_, sum) = kernels::exponentials(weights);
                let share = 1.0 / sum;
                for x in weights.iter_mut() {
                    *x *= share;
                }
            }
            let values = Matrix::part(v, v_at, (self.answers, self.values), long);
            let context = MatrixMut::part(context, c_at, (self.asks, self.values), long);
            kernels::product(1.0, Matrix::new(weights, self.answers), values, 0.0, context);
        }
    }

    /// From the gradient of the context to those of the weights, and of queries, keys and values.
    pub(super) fn back(
        &self,
        made: &[Vec<f32>],
        sentences: usize,
        of_context: &[f32],
        of_weights: &mut [f32],
        room: &mut Vec<f32>,
        mut into: Into,
    ) -> [Vec<f32>; 3] {
        let (q, k, v, weights) = (&made[self.q.0], &made[self.k.0], &made[self.v.0], &made[self.weights.0]);
        let (wide, long) = (self.heads * self.features, self.heads * self.values);
        room.resize(self.asks * self.answers, 0.0);
        let [of_q, of_k, of_v] = &mut into;
        for [q_at, k_at, v_at, plane, c_at] in self.planes(sentences) {
            let weights = &weights[plane..plane + self.asks * self.answers];
            let of_weights = &mut of_weights[plane..plane + self.asks * self.answers];
            let context = Matrix::part(of_context, c_at, (self.asks, self.values), long);
            // dV = weightsᵀ · dC        dW = dC · Vᵀ
            let turned = Matrix::new(weights, self.answers).turned();
            kernels::product(
                1.0,
                turned,
                context,
                of_v.1,
                MatrixMut::part(&mut of_v.0, v_at, (self.answers, self.values), long),
            );
            let values = Matrix::part(v, v_at, (self.answers, self.values), long).turned();
            kernels::product(1.0, context, values, 0.0, MatrixMut::new(of_weights, self.answers));
            // dS = W · (dW − Σ W·dW) / √d
            let rows = weights.chunks(self.answers).zip(of_weights.chunks(self.answers));
            for ((weights, gradient), out) in rows.zip(room.chunks_mut(self.answers)) {
                let mean = weights.iter().zip(gradient).map(|(w, g)| w * g).sum::<f32>();
                let factor = self.divisor.recip();
                out.iter_mut()
                    .zip(weights.iter().zip(gradient))
                    .for_each(|(out, (w, g))| *out = w * (g - mean) * factor);
            }
            // dQ = dS · K        dK = dSᵀ · Q
            let scores = Matrix::new(room, self.answers);
            let keys = Matrix::part(k, k_at, (self.answers, self.features), wide);
            kernels::product(
                1.0,
                scores,
                keys,
                of_q.1,
                MatrixMut::part(&mut of_q.0, q_at, (self.asks, self.features), wide),
            );
            let queries = Matrix::part(q, q_at, (self.asks, self.features), wide);
            kernels::product(
                1.0,
                scores.turned(),
                queries,
                of_k.1,
                MatrixMut::part(&mut of_k.0, k_at, (self.answers, self.features), wide),
            );
        }
        into.map(|(gradient, _)| gradient)
    }
}
