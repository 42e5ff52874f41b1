//! How a number is written: as many digits as it needs to be told from its neighbours, and aligned.

/// The way all numbers of one matrix are written, so that its columns line up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Digits behind the point.
    pub decimals: usize,
    /// `1.2e-7` instead of `0.00000012`.
    pub scientific: bool,
}

/// A number that rounds to 0 and is none.
const ALMOST_ZERO: &str = "~0";

/// Tensors beyond this many numbers are not searched for neighbours that look alike.
const SEARCHED: usize = 4096;

impl Format {
    /// Two digits behind the point: shares, and whatever has no picture of its own.
    pub const TWO: Self = Self { decimals: 2, scientific: false };

    /// The shortest format in which these numbers can be told apart: none behind the point for
    /// whole numbers, two usually, up to four where two would make different numbers look the same.
    pub fn of(numbers: &[f32]) -> Self {
        let finite = || numbers.iter().copied().filter(|x| x.is_finite());
        let largest = finite().fold(0.0_f32, |m, x| m.max(x.abs()));
        if largest >= 1e5 || (largest > 0.0 && largest < 1e-3) {
            return Self { decimals: 1, scientific: true };
        }
        if finite().all(|x| x.fract() == 0.0) {
            return Self { decimals: 0, scientific: false };
        }
        let least = if largest >= 1000.0 { 1 } else { 2 };
        let decimals = (least..4).find(|&d| numbers.len() > SEARCHED || told_apart(finite(), d, largest)).unwrap_or(4);
        Self { decimals, scientific: false }
    }

    /// The same with one digit behind the point, at most.
    #[must_use]
    pub(crate) fn shorter(self) -> Self {
        Self { decimals: self.decimals.min(1), ..self }
    }

    /// The number, without padding. `~0` is a number that is not 0 but too small for so many digits: what is masked, or has
    /// not changed, is 0.00, and must not read the same.
    pub fn write(self, x: f32) -> String {
        let Self { decimals, scientific } = self;
        if x == f32::NEG_INFINITY {
            return "-inf".into();
        }
        if scientific && x != 0.0 && x.is_finite() {
            return format!("{x:.decimals$e}");
        }
        if x == 0.0 {
            return format!("{:.decimals$}", 0.0);
        }
        let text = format!("{x:.decimals$}");
        if text.bytes().all(|b| matches!(b, b'0' | b'.' | b'-')) { ALMOST_ZERO.into() } else { text }
    }

    /// The number in a line or a sentence beside its picture: with as many digits, whole numbers bare, and one that is small
    /// and not 0 with the digits that it has.
    pub fn say(self, x: f64) -> String {
        let narrow = x as f32;
        if !narrow.is_finite() || x.fract() == 0.0 {
            return short(x);
        }
        let text = self.write(narrow);
        if text == ALMOST_ZERO { short(x) } else { text }
    }

    /// Whether [`say`](Self::say) says the number exactly.
    pub fn says_exactly(self, x: f64) -> bool {
        x == f64::NEG_INFINITY || self.say(x).parse::<f64>().is_ok_and(|y| (x - y).abs() <= 1e-6 * x.abs())
    }

    /// The width of the widest of these numbers.
    pub fn width(self, numbers: impl Iterator<Item = f32>) -> usize {
        let written = |x: f32| self.write(x).len();
        let tiny = 0.5 * 10_f32.powi(-(self.decimals as i32));
        if self.scientific {
            return numbers.map(written).max().unwrap_or(1);
        }
        // The farther from zero the longer, so only the two ends need to be written: a screen asks this of thousands.
        let mut hidden = 0;
        let (mut least, mut most) = (0.0_f32, 0.0_f32);
        for x in numbers {
            if x.is_finite() {
                (least, most) = (least.min(x), most.max(x));
                // What is farther from zero is longer, but for this sign in a matrix of whole numbers.
                if x != 0.0 && x.abs() <= tiny && self.decimals == 0 {
                    hidden = hidden.max(written(x));
                }
            } else {
                hidden = hidden.max(written(x));
            }
        }
        written(least).max(written(most)).max(hidden)
    }
}

/// Numbers closer than this share of the largest may look alike.
const ALIKE: f64 = 0.02;

/// Whether numbers that clearly differ also look different with so many digits behind the point.
fn told_apart(numbers: impl Iterator<Item = f32>, decimals: usize, largest: f32) -> bool {
    let unit = 10_f64.powi(-(decimals as i32));
    let mut sorted: Vec<f64> = numbers.map(f64::from).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.windows(2).all(|pair| {
        let gap = pair[1] - pair[0];
        gap <= f64::from(largest) * ALIKE || (pair[0] / unit).round() != (pair[1] / unit).round()
    })
}

/// One number on its own, in a sentence: whole numbers bare, others with three significant digits.
pub fn short(x: f64) -> String {
    if x == f64::NEG_INFINITY {
        return "-inf".into();
    }
    let size = x.abs();
    if x == 0.0 {
        return "0".into(); // and not -0
    }
    if x.fract() == 0.0 && size < 1e6 {
        return format!("{x:.0}");
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{x:.2e}");
    }
    let decimals = if size >= 100.0 {
        1
    } else if size >= 0.1 {
        2
    } else {
        4
    };
    format!("{x:.decimals$}")
}

/// Whether [`short`] writes the number exactly.
pub(crate) fn short_is_exact(x: f64) -> bool {
    x == f64::NEG_INFINITY || short(x).parse::<f64>().is_ok_and(|y| (x - y).abs() <= 1e-6 * x.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_stay_bare_and_close_ones_get_more_digits() {
        assert_eq!(Format::of(&[0.0, 2.0, -4.0]).decimals, 0);
        assert_eq!(Format::of(&[0.05, 0.85]).decimals, 2);
        assert_eq!(Format::of(&[0.021, 0.024, 0.09]).decimals, 3);
        assert_eq!(Format::of(&[0.849, 0.0498, 0.0503]).decimals, 2);
        assert!(Format::of(&[1e6, 2.5]).scientific);
        assert!(Format::of(&[1e-7, 0.0]).scientific);
    }

    #[test]
    fn no_negative_zero_and_masked_is_infinite() {
        let two = Format { decimals: 2, scientific: false };
        assert_eq!((two.write(-0.0), two.write(0.0)), ("0.00".into(), "0.00".into()));
        assert_eq!(short(-0.0), "0");
        assert_eq!(two.write(-0.5), "-0.50");
        assert_eq!(two.write(f32::NEG_INFINITY), "-inf");
    }

    #[test]
    fn a_small_number_does_not_read_as_none() {
        let two = Format { decimals: 2, scientific: false };
        for small in [1e-13, -1e-13, 0.004, -0.004] {
            assert_eq!(two.write(small), "~0");
        }
        assert_eq!(two.write(0.005_1), "0.01");
        for (x, said, exact) in
            [(2.0, "2", true), (0.25, "0.25", true), (0.0591, "0.06", false), (0.0042, "0.0042", true)]
        {
            assert_eq!((two.say(x).as_str(), two.says_exactly(x)), (said, exact));
        }
    }

    #[test]
    fn the_width_is_that_of_the_longest() {
        let numbers = [0.0, 9.996, -9.994, -0.001, 99.5, -12.0, 123.4, f32::NEG_INFINITY];
        for decimals in 0..4 {
            let format = Format { decimals, scientific: false };
            for many in 1..=numbers.len() {
                for some in numbers.windows(many) {
                    let zero_too = some.iter().chain(&[0.0]);
                    let longest = zero_too.map(|&x| format.write(x).len()).max();
                    assert_eq!(Some(format.width(some.iter().copied())), longest, "{some:?}");
                }
            }
        }
    }

    #[test]
    fn a_number_in_a_sentence_is_short() {
        for (x, text) in [(4.0, "4"), (2.828_427, "2.83"), (0.05, "0.0500"), (1.2e-7, "1.20e-7"), (-0.5, "-0.50")] {
            assert_eq!(short(x), text);
        }
        assert!(short_is_exact(0.5) && !short_is_exact(2.828_427));
    }
}
