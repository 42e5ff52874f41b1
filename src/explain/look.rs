//! What to look at near a number, in the reader's language.

use super::Names;
use super::rules::quotient::root;
use crate::ground::lang::Lang;
use crate::ground::number::short;
use crate::math::tensor::{Axis, Cell, MASKED};
use crate::program::{Address, Name, Program, Rule, Trace};

/// What to look at near a cell, in the reader's language; empty where there is nothing to say.
pub fn look(program: &Program, trace: &Trace, address: Address, names: &dyn Names) -> String {
    let view = Row { program, trace, address, names };
    match program.symbol(address.slot).name {
        Name::Q | Name::K | Name::V => view.projected(),
        Name::Scores => view.scored(),
        Name::Scaled => view.scaled(),
        Name::Masked => view.masked(),
        Name::Weights => view.weighted(),
        Name::Context => view.mixed(),
        Name::Concat => view.joined(),
        Name::Output => view.written_back(),
        _ => view.described(),
    }
}

/// The row of the cell that is looked at.
struct Row<'a> {
    program: &'a Program,
    trace: &'a Trace,
    address: Address,
    names: &'a dyn Names,
}

impl Row<'_> {
    fn shape(&self) -> crate::math::tensor::Shape {
        self.program.shape(self.address.slot)
    }

    fn numbers(&self) -> Vec<f32> {
        let Cell { batch, head, row, .. } = self.address.cell;
        self.trace.tensor(self.address.slot).matrix(batch, head).row(row).to_vec()
    }

    fn word(&self) -> String {
        self.called(self.shape().rows.axis, self.address.cell.row)
    }

    fn column(&self, index: usize) -> String {
        self.called(self.shape().cols.axis, index)
    }

    /// A name, or what a bare number counts.
    fn called(&self, axis: Axis, index: usize) -> String {
        let name = self.names.name(axis, self.address.cell.head, index);
        if !name.bytes().all(|b| b.is_ascii_digit()) {
            return name;
        }
        match axis {
            Axis::Token | Axis::Memory => self.say(format!("第 {name} 词"), format!("word {name}")),
            _ => self.say(format!("第 {name} 维"), format!("dimension {name}")),
        }
    }

    /// The columns that are not masked, largest number first.
    fn ranked(&self) -> Vec<(usize, f32)> {
        let mut ranked: Vec<_> = self.numbers().into_iter().enumerate().filter(|&(_, x)| x != MASKED).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }

    fn say(&self, zh: String, en: String) -> String {
        match self.names.lang() {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The row is the same everywhere: nothing stands out.
    fn is_flat(&self) -> bool {
        let ranked = self.ranked();
        match (ranked.first(), ranked.last()) {
            (Some(first), Some(last)) => first.1 - last.1 <= 1e-6 * first.1.abs().max(1.0),
            _ => true,
        }
    }

    /// Column of largest magnitude.
    fn strongest(&self) -> Option<(usize, f32)> {
        self.ranked().into_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
    }

    fn described(&self) -> String {
        let word = self.word();
        let present: Vec<String> = self
            .ranked()
            .into_iter()
            .filter(|&(_, x)| x.abs() > 1e-6)
            .take(3)
            .map(|(j, x)| format!("{} {}", self.column(j), short(f64::from(x))))
            .collect();
        if present.is_empty() {
            return self.say(format!("「{word}」这一行全是 0。"), format!("The row of {word} is all 0."));
        }
        self.say(
            format!("看「{word}」这一行：{}。", present.join("，")),
            format!("Look at the row of {word}: {}.", present.join(", ")),
        )
    }

    fn projected(&self) -> String {
        let word = self.word();
        let (zh, en) = match self.program.symbol(self.address.slot).name {
            Name::Q => ("查询", "query"),
            Name::K => ("键", "key"),
            _ => ("值", "value"),
        };
        let Some((j, x)) = self.strongest().filter(|s| s.1.abs() > 1e-6) else {
            return match self.program.symbol(self.address.slot).name {
                Name::Q => self.say(
                    format!("「{word}」的查询全是 0：它在这个头里没有要找的东西。"),
                    format!("The query of {word} is all 0: in this head it has nothing to look for."),
                ),
                Name::K => self.say(
                    format!("「{word}」的键全是 0：谁的查询来比，分数都是 0。"),
                    format!("The key of {word} is all 0: every query scores 0 with it."),
                ),
                _ => self.say(
                    format!("「{word}」的{zh}全是 0：谁看它，都带不回什么。"),
                    format!("The {en} of {word} is all 0: whoever looks at it brings nothing back."),
                ),
            };
        };
        let feature = self.column(j);
        let value = short(f64::from(x));
        self.say(
            format!("看「{word}」这一行：它的{zh}主要在「{feature}」上（{value}）。"),
            format!("Look at the row of {word}: its {en} lies mostly along \"{feature}\" ({value})."),
        )
    }

    fn scored(&self) -> String {
        let word = self.word();
        if self.is_flat() {
            return self.say(
                format!("「{word}」给每个词打的分都一样：在这个头里它谁也不偏爱。"),
                format!("{word} scores every word the same: in this head it prefers nobody."),
            );
        }
        let best = self.best(|x, top| top - x <= 1e-6 * top.abs().max(1.0));
        let top = self.ranked().first().map_or_else(String::new, |t| short(f64::from(t.1)));
        self.say(
            format!("看「{word}」这一行：分数最高的是{}（{top}）。", quoted(&best)),
            format!("Look at the row of {word}: the highest score is {} ({top}).", best.join(", ")),
        )
    }

    /// Names of the columns close to the top, best first, at most three.
    fn best(&self, near: impl Fn(f32, f32) -> bool) -> Vec<String> {
        let ranked = self.ranked();
        let top = ranked.first().map_or(0.0, |t| t.1);
        ranked.into_iter().filter(|&(_, x)| near(x, top)).take(3).map(|(j, _)| self.column(j)).collect()
    }

    fn scaled(&self) -> String {
        let Some(stage) = self.program.made_by(self.address.slot) else { return String::new() };
        let Rule::Quotient(by) = self.program.sources(stage, self.address.cell).rule else { return String::new() };
        let (word, root) = (self.word(), root(by));
        if self.numbers().iter().all(|&x| x == 0.0) {
            return self.say(
                format!("「{word}」这一行全是 0，除以 {root} 还是 0。"),
                format!("The row of {word} is all 0, and stays 0 divided by {root}."),
            );
        }
        self.say(
            format!("看「{word}」这一行：高低次序没变，只是都除以了 {root}。"),
            format!("Look at the row of {word}: the order stays, every score is divided by {root}."),
        )
    }

    fn masked(&self) -> String {
        let word = self.word();
        let row = self.numbers();
        let hidden = row.iter().filter(|&&x| x == MASKED).count();
        if hidden == 0 {
            return self.say(
                format!("「{word}」可以看所有 {} 个词，这一行没有变化。", row.len()),
                format!("{word} may look at all {} words; its row is unchanged.", row.len()),
            );
        }
        let open = row.len() - hidden;
        self.say(
            format!("「{word}」只能看 {open} 个词，另外 {hidden} 个被遮住了（写作 x）。"),
            format!("{word} may look at {open} of {} words; {hidden} are hidden (written x).", row.len()),
        )
    }

    fn weighted(&self) -> String {
        let word = self.word();
        let ranked = self.ranked();
        let open = ranked.iter().filter(|&&(_, x)| x > 0.0).count();
        if open > 1 && self.flat_where_open() {
            let share = short(1.0 / open as f64);
            return self.say(
                format!("「{word}」没有特别要找的，于是把注意力平均分给 {open} 个词，每份 {share}。"),
                format!("{word} has nothing to look for, so it spreads its attention evenly: {share} for each of {open} words."),
            );
        }
        let top: Vec<_> = ranked.into_iter().filter(|&(_, x)| x >= 0.2).take(3).collect();
        if top.is_empty() {
            return self.say(
                format!("「{word}」把注意力分散给了很多词，没有哪个超过 0.2。"),
                format!("{word} scatters its attention over many words; none gets more than 0.2."),
            );
        }
        let shares = |quote: fn(String) -> String, joint: &str| {
            let share = |&(j, x): &(usize, f32)| format!("{} {}", quote(self.column(j)), short(f64::from(x)));
            top.iter().map(share).collect::<Vec<_>>().join(joint)
        };
        self.say(
            format!("看「{word}」这一行：注意力给了{}。", shares(|w| format!("「{w}」"), "、")),
            format!("Look at the row of {word}: its attention goes to {}.", shares(|w| w, " and ")),
        )
    }

    /// All weights that are not 0 are the same.
    fn flat_where_open(&self) -> bool {
        let open: Vec<f32> = self.numbers().into_iter().filter(|&x| x > 0.0).collect();
        let (low, high) = open.iter().fold((f32::INFINITY, 0.0_f32), |(l, h), &x| (l.min(x), h.max(x)));
        high - low <= 1e-5
    }

    fn mixed(&self) -> String {
        let layer = self.program.symbol(self.address.slot).layer;
        let weights = self
            .program
            .find(layer, Name::Weights)
            .map(|slot| Row { address: Address { slot, ..self.address }, ..*self });
        let Some(weights) = weights else { return String::new() };
        let Some(&(j, share)) = weights.ranked().first() else { return String::new() };
        let (word, from, share) = (self.word(), weights.column(j), short(f64::from(share)));
        if weights.flat_where_open() {
            return self.say(
                format!("「{word}」平均地取了每个词的值：它的上下文是大家的平均。"),
                format!("{word} takes every word's value in equal parts: its context is their average."),
            );
        }
        self.say(
            format!("「{word}」取得最多的是「{from}」的值，占 {share}。"),
            format!("{word} takes most from the value of {from}: a share of {share}."),
        )
    }

    fn joined(&self) -> String {
        let Some(stage) = self.program.made_by(self.address.slot) else { return String::new() };
        let sources = self.program.sources(stage, self.address.cell);
        let Some(from) = sources.terms.first().and_then(|t| t.factors.first()) else { return String::new() };
        let (column, head) = (self.address.cell.col + 1, from.cell.head + 1);
        self.say(
            format!("第 {column} 列来自头 {head} 的第 {} 列，数字一点没变。", from.cell.col + 1),
            format!("Column {column} is column {} of head {head}, not a digit changed.", from.cell.col + 1),
        )
    }

    fn written_back(&self) -> String {
        let word = self.word();
        let top: Vec<String> = self
            .ranked()
            .into_iter()
            .take(2)
            .map(|(j, x)| format!("{} {}", self.column(j), short(f64::from(x))))
            .collect();
        self.say(
            format!("看「{word}」这一行：它从上下文里得到最多的是 {}。", top.join("、")),
            format!("Look at the row of {word}: what it gained most from its context is {}.", top.join(" and ")),
        )
    }
}

/// 「爱」、「北京」
fn quoted(words: &[String]) -> String {
    words.iter().map(|w| format!("「{w}」")).collect::<Vec<_>>().join("、")
}
