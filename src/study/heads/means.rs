//! A matrix of weights made smaller, to be seen as a whole.

/// The matrix (rows × columns, row by row) as a grid of so many places across and down: each the mean of the numbers under it, or
/// where there are more places than numbers the number at it.
pub fn means((rows, cols): (usize, usize), numbers: &[f32], (across, down): (u16, u16)) -> Vec<f32> {
    let part = |at: usize, places: usize, len: usize| {
        let (start, end) = (at * len / places.max(1), (at + 1) * len / places.max(1));
        start..end.max(start + 1).min(len)
    };
    let (across, down) = (usize::from(across), usize::from(down));
    let wide: Vec<_> = (0..across).map(|x| part(x, across, cols)).collect();
    let mut made = Vec::with_capacity(across * down);
    for y in 0..down {
        let tall = part(y, down, rows);
        let count = tall.len();
        // The rows under a line of the grid are added up first: what lies side by side is added quickly.
        let mut sums = vec![0.0_f32; cols];
        for row in tall.filter_map(|r| numbers.get(r * cols..(r + 1) * cols)) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        made.extend(wide.iter().map(|part| {
            let under = sums.get(part.clone()).unwrap_or_default();
            under.iter().sum::<f32>() / (count * under.len()).max(1) as f32
        }));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_mean_of_what_lies_under_it() {
        let numbers: Vec<f32> = (0..12).map(|n| n as f32).collect();
        assert_eq!(means((3, 4), &numbers, (4, 3)), numbers);
        // Rows 0 | 1 and 2, columns 0 and 1 | 2 and 3.
        assert_eq!(means((3, 4), &numbers, (2, 2)), [0.5, 2.5, 6.5, 8.5]);
        assert_eq!(means((1, 2), &[0.25, 0.75], (4, 2)), [0.25, 0.25, 0.75, 0.75, 0.25, 0.25, 0.75, 0.75]);
        assert_eq!(means((0, 0), &[], (2, 1)), [0.0, 0.0]);
    }
}
