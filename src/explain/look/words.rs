//! A claim in words, in either language.

use super::{Claim, Entry, Fact};
use crate::explain::Names;
use crate::explain::rules::quotient;
use crate::ground::lang::Lang;
use crate::math::tensor::{Axis, Dim, Shape};
use crate::program::{Name, Program, Slot, Trace};

/// So many names are spelled out; of more, the others are counted.
const SPELLED: usize = 3;

impl Claim {
    /// The claim in the language of the names.
    pub fn words(&self, program: &Program, trace: &Trace, names: &dyn Names) -> String {
        let name = program.symbol(self.at.slot).name;
        Speaker { claim: self, program, trace, names, name }.words()
    }
}

/// Who says it.
struct Speaker<'a> {
    claim: &'a Claim,
    program: &'a Program,
    trace: &'a Trace,
    names: &'a dyn Names,
    /// The tensor that is spoken of.
    name: Name,
}

impl Speaker<'_> {
    fn words(&self) -> String {
        match &self.claim.fact {
            Fact::Zero => self.zero(),
            Fact::Present(entries) => self.present(entries),
            Fact::Largest(entries) => self.largest(entries),
            Fact::Meaning { entries, all } => self.meaning(entries, *all),
            Fact::SameScore { score, no_query } => self.same_score(*score, *no_query),
            Fact::Best { columns, score } => self.best(columns, *score),
            Fact::Divided => self.divided(),
            Fact::Undivided => {
                let word = self.word();
                self.say(
                    format!("「{word}」这一行的分数没有除，原样往下走。"),
                    format!("The scores of {word} are not divided; they go on as they are."),
                )
            }
            Fact::Open { open, of } => self.open(*open, *of),
            Fact::Hidden { columns, score } => self.hidden(columns, *score),
            Fact::Alone { column } => {
                let (word, only, all) = (self.word(), self.column(*column), self.written(self.claim.at.slot, 1.0));
                self.say(
                    format!("「{word}」只能看「{only}」，所以全部权重都归它：{all}。"),
                    format!("{word} may look at {only} alone, which takes the whole weight: {all}."),
                )
            }
            Fact::Even { columns, share, of, no_query } => self.even(columns, *share, *of, *no_query),
            Fact::Shares(entries) => {
                let word = self.word();
                let share = |e: &Entry| (self.column(e.column), self.number(e.number));
                let (zh, en): (Vec<_>, Vec<_>) =
                    entries.iter().map(share).map(|(w, x)| (format!("「{w}」 {x}"), format!("{w} {x}"))).unzip();
                self.say(
                    format!("看「{word}」这一行：注意力给得最多的是{}。", zh.join("、")),
                    format!("Look at the row of {word}: it attends most to {}.", en.join(" and ")),
                )
            }
            Fact::Scattered(Entry { column, number }) => {
                let (word, most, share) = (self.word(), self.column(*column), self.number(*number));
                self.say(
                    format!("「{word}」的注意力很分散：最多的「{most}」也只有 {share}。"),
                    format!("{word} scatters its attention: even {most}, which gets most, has only {share}."),
                )
            }
            Fact::ByHand(columns) => self.by_hand(columns),
            Fact::Sum(sum) => {
                let (word, sum) = (self.word(), self.trace.format(self.claim.at.slot).say(*sum));
                self.say(
                    format!("「{word}」这一行的权重加起来是 {sum}，不是 1。"),
                    format!("The weights of {word} add up to {sum}, not to 1."),
                )
            }
            Fact::Average { columns, of } => self.average(columns, *of),
            Fact::Most { columns, share } => {
                let word = self.word();
                let share = self.written(self.shares(), *share);
                let (zh, en) = (self.quoted(columns), self.listed(columns));
                self.say(
                    format!("「{word}」取得最多的是{zh}的值，份额 {share}。"),
                    format!("{word} takes most from the value of {en}: a share of {share}."),
                )
            }
            Fact::Copied { head, column } => {
                let (here, head, column) = (self.claim.at.cell.col + 1, head + 1, column + 1);
                self.say(
                    format!("第 {here} 列来自头 {head} 的第 {column} 列，数字一点没变。"),
                    format!("Column {here} is column {column} of head {head}, not a digit changed."),
                )
            }
        }
    }

    fn say(&self, zh: String, en: String) -> String {
        match self.names.lang() {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn shape(&self) -> Shape {
        self.program.shape(self.claim.at.slot)
    }

    /// The word whose row it is.
    fn word(&self) -> String {
        self.called(self.shape().rows, self.claim.at.cell.row)
    }

    /// A column of the row, or a word that the context is made of.
    fn column(&self, index: usize) -> String {
        let axis = if self.name == Name::Context
            && !matches!(self.claim.fact, Fact::Present(_) | Fact::Largest(_) | Fact::ByHand(_))
        {
            self.program.shape(self.shares()).cols
        } else {
            self.shape().cols
        };
        self.called(axis, index)
    }

    /// A name, numbered where others along the axis have the same, or what a bare number counts.
    fn called(&self, along: Dim, index: usize) -> String {
        let (axis, head) = (along.axis, self.claim.at.cell.head);
        let name = |i| self.names.name(axis, head, i);
        let own = name(index);
        if own == (index + 1).to_string() {
            return match axis {
                Axis::Token | Axis::Memory => self.say(format!("第 {own} 词"), format!("word {own}")),
                _ => self.say(format!("第 {own} 维"), format!("dimension {own}")),
            };
        }
        let (before, after) = (0..index)
            .chain(index + 1..along.len)
            .filter(|&i| name(i) == own)
            .fold((0, 0), |(before, after), i| if i < index { (before + 1, after) } else { (before, after + 1) });
        if before + after == 0 { own } else { format!("{own} ({})", before + 1) }
    }

    /// Another tensor of this attention.
    fn beside(&self, name: Name) -> Slot {
        let layer = self.program.symbol(self.claim.at.slot).layer;
        self.program.find(layer, name).unwrap_or(self.claim.at.slot)
    }

    /// What the values are shared by.
    fn shares(&self) -> Slot {
        let layer = self.program.symbol(self.claim.at.slot).layer;
        self.program.shares(layer).unwrap_or(self.claim.at.slot)
    }

    /// A number with the digits that the picture of its tensor has.
    fn written(&self, slot: Slot, x: f32) -> String {
        self.trace.format(slot).say(f64::from(x))
    }

    fn number(&self, x: f32) -> String {
        self.written(self.claim.at.slot, x)
    }

    /// 「北京」、「天安门」, 「北京」等 5 个
    fn quoted(&self, columns: &[usize]) -> String {
        let names = columns.iter().take(SPELLED).map(|&j| format!("「{}」", self.column(j)));
        let names = names.collect::<Vec<_>>().join("、");
        if columns.len() > SPELLED { format!("{names}等 {} 个", columns.len()) } else { names }
    }

    /// 北京 and 天安门; 北京, 天安门 and 3 more
    fn listed(&self, columns: &[usize]) -> String {
        let mut names: Vec<String> = columns.iter().take(SPELLED).map(|&j| self.column(j)).collect();
        if columns.len() > SPELLED {
            names.push(format!("{} more", columns.len() - SPELLED));
        }
        match names.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => names.concat(),
        }
    }

    /// The names and numbers of a row.
    fn entries(&self, entries: &[Entry]) -> (String, String) {
        let each: Vec<String> =
            entries.iter().map(|e| format!("{} {}", self.column(e.column), self.number(e.number))).collect();
        (each.join("，"), each.join(", "))
    }

    fn zero(&self) -> String {
        let word = self.word();
        let (zh, en) = match self.name {
            Name::Q => (
                format!("「{word}」的查询全是 0：它在这个头里没有要找的东西。"),
                format!("The query of {word} is all 0: in this head it has nothing to look for."),
            ),
            Name::K => (
                format!("「{word}」的键全是 0：谁的查询来比，分数都是 0。"),
                format!("The key of {word} is all 0: every query scores 0 with it."),
            ),
            Name::V => (
                format!("「{word}」的值全是 0：谁看它，都带不回什么。"),
                format!("The value of {word} is all 0: whoever looks at it brings nothing back."),
            ),
            Name::Scaled => {
                let by = quotient::divisor(self.program, self.claim.at);
                (
                    format!("「{word}」这一行全是 0，除以 {by} 还是 0。"),
                    format!("The row of {word} is all 0, and stays 0 divided by {by}."),
                )
            }
            _ => (format!("「{word}」这一行全是 0。"), format!("The row of {word} is all 0.")),
        };
        self.say(zh, en)
    }

    /// Query, key or value, where the row is one.
    fn role(&self) -> Option<(&'static str, &'static str)> {
        match self.name {
            Name::Q | Name::Query => Some(("查询", "query")),
            Name::K => Some(("键", "key")),
            Name::V => Some(("值", "value")),
            Name::Context => Some(("上下文", "context")),
            Name::Output => Some(("输出", "output")),
            _ => None,
        }
    }

    fn present(&self, entries: &[Entry]) -> String {
        let word = self.word();
        let (zh, en) = self.entries(entries);
        match (self.role(), entries) {
            (Some((role_zh, role)), [only]) => {
                let (feature, value) = (self.column(only.column), self.number(only.number));
                self.say(
                    format!("看「{word}」这一行：它的{role_zh}只在「{feature}」上不是 0（{value}）。"),
                    format!("Look at the row of {word}: its {role} lies wholly along \"{feature}\" ({value})."),
                )
            }
            (Some((role_zh, role)), _) => self.say(
                format!("看「{word}」这一行：它的{role_zh}里不是 0 的是 {zh}。"),
                format!("Look at the row of {word}: what is not 0 in its {role} is {en}."),
            ),
            (None, _) => self.say(
                format!("看「{word}」这一行，不是 0 的有：{zh}。"),
                format!("Look at the row of {word}; what is not 0 there: {en}."),
            ),
        }
    }

    fn largest(&self, entries: &[Entry]) -> String {
        let word = self.word();
        let (zh, en) = self.entries(entries);
        match self.role() {
            Some((role_zh, role)) => self.say(
                format!("看「{word}」这一行：它的{role_zh}里绝对值最大的是 {zh}。"),
                format!("Look at the row of {word}: the largest in its {role}, signs aside, are {en}."),
            ),
            None => self.say(
                format!("看「{word}」这一行，绝对值最大的是：{zh}。"),
                format!("Look at the row of {word}; the largest numbers, signs aside: {en}."),
            ),
        }
    }

    fn meaning(&self, entries: &[Entry], all: bool) -> String {
        let word = self.word();
        let (zh, en) = self.entries(entries);
        if all {
            return self.say(
                format!("看「{word}」这一行。它的意思：{zh}；别的列是 0，或者说的是位置。"),
                format!("Look at the row of {word}. What it means: {en}; the rest is 0 or tells its place."),
            );
        }
        self.say(
            format!("看「{word}」这一行。它的意思里，绝对值最大的是：{zh}。"),
            format!("Look at the row of {word}. In what it means, the largest numbers, signs aside: {en}."),
        )
    }

    fn same_score(&self, score: f32, no_query: bool) -> String {
        let (word, score) = (self.word(), self.number(score));
        if no_query {
            return self.say(
                format!("「{word}」的查询是 0，和哪个键的点积都是 0：在这个头里它没有要找的东西。"),
                format!("The query of {word} is 0, and so is its product with every key: in this head it has nothing to look for."),
            );
        }
        self.say(
            format!("「{word}」给每个词打的分都是 {score}：在这个头里它没有偏向。"),
            format!("{word} scores every word {score}: in this head it prefers none."),
        )
    }

    fn best(&self, columns: &[usize], score: f32) -> String {
        let (word, score) = (self.word(), self.number(score));
        self.say(
            format!("看「{word}」这一行：分数最高的是{}（{score}）。", self.quoted(columns)),
            format!("Look at the row of {word}: the highest score is that of {} ({score}).", self.listed(columns)),
        )
    }

    fn divided(&self) -> String {
        let (word, by) = (self.word(), quotient::divisor(self.program, self.claim.at));
        self.say(
            format!("看「{word}」这一行：高低次序没变，只是都除以了 {by}。"),
            format!("Look at the row of {word}: the order stays, every score is divided by {by}."),
        )
    }

    fn open(&self, open: usize, of: usize) -> String {
        let word = self.word();
        if open == of {
            return self.say(
                format!("「{word}」可以看所有 {of} 个词，没有遮挡。"),
                format!("{word} may look at all {of} words; nothing is hidden from it."),
            );
        }
        let hidden = of - open;
        self.say(
            format!("「{word}」只能看 {open} 个词，另外 {hidden} 个被遮住了：分数变成 −∞，表里写作 x。"),
            format!("{word} may look at {open} of {of} words; {hidden} are hidden: their scores become −∞, written x."),
        )
    }

    fn hidden(&self, columns: &[usize], score: f32) -> String {
        let word = self.word();
        let score = self.written(self.beside(Name::Scaled), score);
        let (zh, en) = (self.quoted(columns), self.listed(columns));
        let (zh_rest, rest) = if columns.len() == 1 { ("", "is") } else { ("都", "are") };
        self.say(
            format!("「{word}」分数最高的{zh}（{score}）{zh_rest}被遮住了。"),
            format!("What {word} scores highest, {en} ({score}), {rest} hidden by the mask."),
        )
    }

    fn even(&self, columns: &[usize], share: f32, of: usize, no_query: bool) -> String {
        let (word, share, open) = (self.word(), self.number(share), columns.len());
        let (zh_over, over) = if open == of {
            (format!("所有 {of} 个词"), format!("all {of} words"))
        } else {
            (format!("它能看的 {open} 个词"), format!("the {open} words it may see"))
        };
        if no_query {
            return self.say(
                format!("「{word}」的查询是 0，没有要找的东西：注意力平均分给{zh_over}，每个 {share}。"),
                format!("The query of {word} is 0, it has nothing to look for: attention spreads evenly over {over}, {share} each."),
            );
        }
        self.say(
            format!("「{word}」给{zh_over}打的分一样，注意力就平均分：每个 {share}。"),
            format!("{word} scores {over} the same, so attention spreads evenly: {share} each."),
        )
    }

    fn by_hand(&self, columns: &[usize]) -> String {
        let (word, count) = (self.word(), columns.len());
        if count == self.shape().cols.len {
            return self.say(
                format!("「{word}」这一行是指定的，不是算出来的。"),
                format!("The row of {word} was set, not computed."),
            );
        }
        self.say(
            format!("「{word}」这一行里，{}的数是指定的，不是算出来的。", self.quoted(columns)),
            format!("In the row of {word}, {} was set, not computed.", self.listed(columns)),
        )
    }

    fn average(&self, columns: &[usize], of: usize) -> String {
        let word = self.word();
        if let [only] = columns {
            let from = self.column(*only);
            return self.say(
                format!("「{word}」的全部权重都在「{from}」上：它的上下文就是「{from}」的值。"),
                format!("The whole weight of {word} is on {from}: its context is the value of {from}."),
            );
        }
        if columns.len() == of {
            return self.say(
                format!("「{word}」平均地取了每个词的值：它的上下文是所有值的平均。"),
                format!("{word} takes every word's value in equal parts: its context is their average."),
            );
        }
        self.say(
            format!("「{word}」平均地取了{}的值：它的上下文是这 {} 个值的平均。", self.quoted(columns), columns.len()),
            format!(
                "{word} takes the values of {} in equal parts: its context is their average.",
                self.listed(columns)
            ),
        )
    }
}
