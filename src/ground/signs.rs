//! Our own signs and what ASCII has for them: one row a sign. The sample's own words stay as they are.

/// A sign, how a text spells it, and what stands for it where it has a column of its own.
struct Sign(char, &'static str, &'static str);

/// Every sign beyond ASCII that our words, formulas and pictures use.
const SIGNS: &[Sign] = &[
    Sign('·', "*", "*"),
    Sign('×', "x", "x"),
    Sign('÷', "/", "/"),
    Sign('√', "sqrt ", "r"),
    Sign('⊙', "*", "*"),
    Sign('ᵀ', "^T", "'"),
    Sign('′', "'", "'"),
    Sign('²', "^2", "2"),
    Sign('→', "->", ">"),
    Sign('←', "<-", "<"),
    Sign('↔', "<->", "-"),
    Sign('↑', "^", "^"),
    Sign('↓', "v", "v"),
    Sign('▲', "^", "^"),
    Sign('▸', ">", ">"),
    Sign('▶', ">", ">"),
    Sign('►', ">", ">"),
    Sign('▹', ":", ":"),
    Sign('≤', "<=", "<"),
    Sign('≥', ">=", ">"),
    Sign('≈', "~", "~"),
    Sign('±', "+-", "+"),
    Sign('−', "-", "-"),
    Sign('–', "-", "-"),
    Sign('—', "-", "-"),
    Sign('─', "-", "-"),
    Sign('━', "-", "-"),
    Sign('│', "|", "|"),
    Sign('┃', "|", "|"),
    Sign('‖', "|", "|"),
    Sign('┌', "+", "+"),
    Sign('┐', "+", "+"),
    Sign('└', "+", "+"),
    Sign('┘', "+", "+"),
    Sign('├', "+", "+"),
    Sign('┤', "+", "+"),
    Sign('┬', "+", "+"),
    Sign('┴', "+", "+"),
    Sign('┼', "+", "+"),
    Sign('╭', "+", "+"),
    Sign('╮', "+", "+"),
    Sign('╰', "+", "+"),
    Sign('╯', "+", "+"),
    Sign('…', "...", "."),
    Sign('Σ', "sum ", "S"),
    Sign('σ', "sigma", "s"),
    Sign('∞', "inf", "i"),
    Sign('Δ', "d", "d"),
    Sign('δ', "delta", "d"),
    Sign('∂', "d", "d"),
    Sign('β', "beta", "b"),
    Sign('γ', "gamma", "g"),
    Sign('η', "eta", "e"),
    Sign('₁', "1", "1"),
    Sign('₂', "2", "2"),
    Sign('°', "o", "o"),
    Sign('✓', "v", "v"),
    Sign('✗', "!", "!"),
    Sign('░', ".", "."),
    Sign('▒', "+", "+"),
    Sign('▓', "%", "%"),
    Sign('█', "#", "#"),
    Sign('▀', "#", "#"),
    Sign('▄', "#", "#"),
    Sign('■', "#", "#"),
    Sign('□', "=", "="),
    Sign('␣', "_", "_"),
    Sign('●', "@", "@"),
    Sign('○', "o", "o"),
];

fn sign(c: char) -> Option<&'static Sign> {
    SIGNS.iter().find(|Sign(sign, ..)| *sign == c)
}

/// A text with our signs spelled out.
pub(crate) fn spelled(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match sign(c) {
            Some(Sign(_, words, _)) => plain.push_str(words),
            None => plain.push(c),
        }
    }
    plain
}

/// What stands for a sign in a column of its own; none where it is no sign of ours. The dots in which lines are drawn are.
pub(crate) fn in_a_column(symbol: &str) -> Option<&'static str> {
    let c = symbol.chars().next()?;
    if ('\u{2801}'..='\u{28FF}').contains(&c) {
        return Some(".");
    }
    sign(c).map(|Sign(.., column)| *column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_sign_has_one_row_and_one_column() {
        let mut seen = HashSet::new();
        for Sign(sign, words, column) in SIGNS {
            assert!(seen.insert(sign), "{sign} has two rows");
            assert!(words.is_ascii() && column.is_ascii() && column.len() == 1, "{sign}");
        }
        // What must be told apart is told apart, in a text and in a column.
        for (a, b) in [('●', '○'), ('■', '□'), ('✓', '✗'), ('█', '▒'), ('►', '▹')] {
            assert_ne!(in_a_column(&a.to_string()), in_a_column(&b.to_string()));
            assert_ne!(spelled(&a.to_string()), spelled(&b.to_string()));
        }
    }
}
