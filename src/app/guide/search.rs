//! What fits the words somebody types: what holds them or, where nothing does, what holds their letters in that order.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// What can be looked for.
pub(super) struct Candidate {
    /// What is read first, in both languages.
    pub title: String,
    /// Words that it is to be found by.
    pub words: String,
    /// What else is said about it.
    pub others: String,
    /// Whether it goes before what fits as well.
    pub first: bool,
}

/// The positions of those that fit, the best first. All of them, in their order, where nothing is looked for.
pub(super) fn search(wanted: &str, candidates: &[Candidate]) -> Vec<usize> {
    let mut config = Config::DEFAULT;
    config.prefer_prefix = true;
    let mut matcher = Matcher::new(config);
    for kind in [AtomKind::Substring, AtomKind::Fuzzy] {
        let pattern = Pattern::new(wanted, CaseMatching::Ignore, Normalization::Smart, kind);
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (n, candidate) in candidates.iter().enumerate() {
            let mut score = |words: &str| pattern.score(Utf32Str::new(words, &mut Vec::new()), &mut matcher);
            // A query may also stand partly in the title and partly elsewhere.
            let Candidate { title, words, others, first } = candidate;
            let all = score(&format!("{title} {words} {others}"));
            let best = score(title).map(|score| 3 * score).max(score(words).map(|score| 2 * score)).max(all);
            let bonus = |score: u32| if *first { 2 * score } else { score };
            scored.extend(best.map(|score| (bonus(score), n)));
        }
        // Letters that are only strewn over a line are no find beside letters that stand together.
        let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
        scored.retain(|(score, _)| kind == AtomKind::Substring || 4 * score >= 3 * best);
        scored.sort_by(|(a, n), (b, m)| b.cmp(a).then(n.cmp(m)));
        if !scored.is_empty() {
            return scored.into_iter().map(|(_, n)| n).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &str) -> Vec<usize> {
        let candidate = |(title, others): &(&str, &str)| Candidate {
            title: (*title).into(),
            words: (*others).into(),
            others: String::new(),
            first: false,
        };
        let all = [
            ("hide later words", "mask causal 遮挡"),
            ("copy this number", "clipboard 复制"),
            ("who is faster", "race 赛跑"),
        ];
        search(wanted, &all.iter().map(candidate).collect::<Vec<_>>())
    }

    #[test]
    fn words_come_before_letters_and_titles_before_other_words() {
        assert_eq!(found("mask"), [0]);
        assert_eq!(found("MASK"), [0]);
        assert_eq!(found("遮挡"), [0]);
        assert_eq!(found("hide causal"), [0], "one word in the title, one beside it");
        assert_eq!(found("fstr"), [2], "letters in order");
        assert_eq!(found(""), [0, 1, 2]);
        assert_eq!(found("xyzzy"), [0_usize; 0]);
    }
}
