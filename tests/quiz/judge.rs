//! Which answers to a question are right, asked of [`super::reference`] alone: what a question means is read from its English
//! words, and every choice is held against the numbers on its own.

use qkv::ground::lang::{Lang, Text};
use qkv::math::tensor::{Axis, Cell};
use qkv::program::{Address, Name, Program, Trace};
use qkv::source::sample::Sample;
use qkv::study::quiz::{Asked, Item};

use super::reference::{Numbers, Otherwise, numbers};

/// A refusal, in words for whoever reads the test.
type Verdict = Result<(), String>;

/// A question, and what it was made from.
pub(crate) struct Judge<'a> {
    pub sample: &'a Sample,
    pub trace: &'a Trace,
    pub item: &'a Item,
    /// The reference for the sentence that the question is about.
    pub numbers: &'a Numbers,
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

/// Words that mean the same in both languages, wherever one of them stands.
const SAME: [(&str, &str); 12] = [
    ("正数", "positive"),
    ("正好是 0", "exactly 0"),
    ("减半", "halved"),
    ("加倍", "doubled"),
    ("变小：", "it falls:"),
    ("变大：", "it rises:"),
    ("都不变", "nothing changes"),
    ("好几行、好几列", "several rows and several columns"),
    ("这一行哪个词", "which word would get"),
    ("缺的那一项", "missing term"),
    ("从高到低", "rom high to low"),
    ("」这一列", "only in the column"),
];

/// The figures of a text, sorted: languages put them in different places.
fn figures(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_matches(['.', '-']).to_owned());
    let mut found: Vec<String> = words.filter(|word| word.contains(|c: char| c.is_ascii_digit())).collect();
    found.sort();
    found
}

/// The number behind a word, up to the next space or mark.
fn after(text: &str, word: &str) -> f64 {
    let rest = text.split_once(word).unwrap_or_else(|| panic!("no `{word}` in {text}")).1.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e'))).unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches(['.', '-']);
    number.parse().unwrap_or_else(|_| panic!("`{number}` after `{word}` in {text}"))
}

impl Judge<'_> {
    fn program(&self) -> &Program {
        &self.sample.program
    }

    fn first(&self) -> Address {
        self.item.cells[0]
    }

    fn name(&self) -> Name {
        self.program().symbol(self.first().slot).name
    }

    fn question(&self) -> &str {
        &self.item.question.en
    }

    /// Three units of the last digit in which the numbers of a tensor are written; whole numbers differ by one at least.
    fn three_units(&self, name: Name) -> f64 {
        let format = self.trace.format(self.program().find(None, name).unwrap());
        assert!(!format.scientific, "powers of ten have no unit");
        if format.decimals == 0 { 0.03 } else { 3.0 * 10_f64.powi(-(format.decimals as i32)) }
    }

    /// The names of columns of words or features, in English; those that occur twice with their place.
    fn columns(&self, axis: Axis, head: usize, len: usize) -> Vec<String> {
        let one = |lang: Lang, n: usize| {
            let named = self.sample.name(axis, head, n);
            named.map_or_else(|| (n + 1).to_string(), |text: Text| text.get(lang).to_owned())
        };
        let plain: Vec<(String, String)> = (0..len).map(|n| (one(Lang::Zh, n), one(Lang::En, n))).collect();
        let twice = |n: usize| (0..len).any(|m| m != n && (plain[m].0 == plain[n].0 || plain[m].1 == plain[n].1));
        (0..len)
            .map(|n| if twice(n) { format!("{} (number {})", plain[n].1, n + 1) } else { plain[n].1.clone() })
            .collect()
    }

    fn words(&self) -> Vec<String> {
        let shape = self.program().shape(self.program().find(None, Name::Weights).unwrap());
        self.columns(shape.cols.axis, self.first().cell.head, shape.cols.len)
    }

    /// The column that a choice names.
    fn column(&self, words: &str) -> Result<usize, String> {
        let all = self.words();
        let mut found = (0..all.len()).filter(|&n| all[n] == words);
        match (found.next(), found.next()) {
            (Some(n), None) => Ok(n),
            _ => Err(format!("{words} is not one of {all:?}")),
        }
    }

    /// Everything that must hold of an item.
    pub(crate) fn item(&self) -> Verdict {
        self.words_are_there()?;
        match &self.item.asked {
            Asked::Choice { choices, right } => {
                ensure((3..=4).contains(&choices.len()), || format!("{} choices", choices.len()))?;
                for (n, one) in choices.iter().enumerate() {
                    for other in &choices[..n] {
                        let alike = one.words.zh == other.words.zh || one.words.en == other.words.en;
                        ensure(!alike, || format!("two choices are written {}", one.words.en))?;
                    }
                }
                ensure(choices[*right].misconception.is_none(), || "the right one is a misconception".into())?;
                let holds = choices.iter().map(|choice| self.holds(&choice.words.en)).collect::<Result<Vec<_>, _>>()?;
                let expected: Vec<bool> = (0..choices.len()).map(|n| n == *right).collect();
                ensure(holds == expected, || format!("of {:?} the reference finds {holds:?}", self.item.choices()))
            }
            Asked::Number { right, within, near } => {
                let real = self.number()?;
                ensure((real - right).abs() <= (1e-4 * real.abs()).max(1e-4), || format!("{right} should be {real}"))?;
                ensure(*within > 0.0 && (real - right).abs() < *within, || "not within its own bounds".into())?;
                if self.item.kind == "estimate" {
                    ensure(real.abs() >= self.three_units(self.name()) * 0.999, || {
                        format!("{real} can hardly be seen")
                    })?;
                    ensure((within - 0.2 * right.abs()).abs() < 1e-9, || "20 % is asked for".into())?;
                }
                for (n, one) in near.iter().enumerate() {
                    ensure((one.number - real).abs() > *within, || format!("{one:?} would be right"))?;
                    let alike = near[..n].iter().any(|other| (other.number - one.number).abs() < 1e-6);
                    ensure(!alike, || format!("{one:?} stands twice"))?;
                }
                Ok(())
            }
        }
    }

    /// Both languages say something, and no cell that is asked about lies outside its tensor.
    fn words_are_there(&self) -> Verdict {
        let Item { question, because, help, given, cells, covered, .. } = self.item;
        for text in [question, because].into_iter().chain(help).chain(given) {
            ensure(!text.zh.trim().is_empty() && !text.en.trim().is_empty(), || format!("{text:?} is empty"))?;
        }
        // What is judged in English is what stands in Chinese: the same numbers and addresses, the same constant words.
        for text in [question].into_iter().chain(self.item.choices().iter().map(|choice| &choice.words)) {
            let (zh, en) = (figures(&text.zh), figures(&text.en));
            ensure(zh == en, || format!("{text:?}: {zh:?} is not {en:?}"))?;
            for (zh, en) in SAME {
                ensure(text.zh.contains(zh) == text.en.contains(en), || format!("{text:?} says two things"))?;
            }
        }
        let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        ensure(question.zh.chars().any(chinese), || format!("{} is not Chinese", question.zh))?;
        ensure(!cells.is_empty(), || "about nothing".into())?;
        let inside = |at: &Address| self.program().shape(at.slot).contains(at.cell);
        ensure(cells.iter().chain(covered).all(inside), || "a cell that is not there".into())
    }

    /// Whether a choice is right.
    fn holds(&self, choice: &str) -> Result<bool, String> {
        let at = self.first().cell;
        match &*self.item.kind {
            "largest-weight" => self.wins(choice, self.numbers.row(Name::Weights, at), Name::Weights),
            "unmasked" => {
                let open = numbers(self.sample, at.batch, Otherwise { open: true, ..Otherwise::default() });
                let here = self.numbers.row(Name::Masked, at);
                ensure(here.contains(&f64::NEG_INFINITY), || "nothing is masked".into())?;
                let row = open.row(Name::Weights, at);
                let top = row.iter().copied().fold(0.0, f64::max);
                self.wins(choice, open.row(Name::Masked, at), Name::Scaled).inspect(|&wins| {
                    assert!(!wins || row[self.column(choice).unwrap()] == top, "the score and the weight agree");
                })
            }
            "sign" => {
                let score = self.numbers.get(Name::Scores, at);
                let zero = score.abs() < 1e-9;
                ensure(zero || score.abs() >= self.three_units(Name::Scores) * 0.999, || {
                    format!("{score} is nearly 0")
                })?;
                Ok(match choice {
                    "positive" => score > 1e-9,
                    "negative" => score < -1e-9,
                    "exactly 0" => zero,
                    other => return Err(format!("{other} is no sign")),
                })
            }
            "order" => {
                let columns = choice.split(" > ").map(|name| self.column(name)).collect::<Result<Vec<_>, _>>()?;
                let asked: Vec<usize> = self.item.cells.iter().map(|at| at.cell.col).collect();
                let mut sorted = columns.clone();
                sorted.sort_unstable();
                ensure(sorted == asked, || format!("{choice} is not about {asked:?}"))?;
                let row = self.numbers.row(Name::Scores, at);
                let apart = self.three_units(Name::Scores) * 0.999;
                for (n, &a) in columns.iter().enumerate() {
                    for &b in &columns[..n] {
                        ensure((row[a] - row[b]).abs() >= apart, || format!("{} and {} are close", row[a], row[b]))?;
                    }
                }
                Ok(columns.windows(2).all(|pair| row[pair[0]] > row[pair[1]]))
            }
            "temperature" => {
                let times = if self.question().contains("halved") { 0.5 } else { 2.0 };
                ensure((times == 2.0) == self.question().contains("doubled"), || "neither halved nor doubled".into())?;
                let other = Otherwise { temperature: Some(times), ..Otherwise::default() };
                let entropy = |numbers: &Numbers| {
                    let row = numbers.row(Name::Weights, at);
                    row.iter().filter(|w| **w > 0.0).map(|w| -w * w.ln()).sum::<f64>()
                };
                let moved = entropy(&numbers(self.sample, at.batch, other)) - entropy(self.numbers);
                ensure(moved.abs() < 1e-5 || moved.abs() >= 0.0299, || format!("the entropy moves by {moved}"))?;
                Ok(match choice.split(':').next() {
                    Some("it falls") => moved < -1e-5,
                    Some("it rises") => moved > 1e-5,
                    Some("it stays") => moved.abs() <= 1e-5,
                    _ => return Err(format!("{choice} is no change")),
                })
            }
            "edit" => self.changes(choice),
            "wrong-cell" => {
                let (name, number) = choice.rsplit_once(' ').ok_or("no number")?;
                let shape = self.program().shape(self.first().slot);
                let names = self.columns(shape.cols.axis, at.head, shape.cols.len);
                let col = names.iter().position(|own| own == name).ok_or_else(|| format!("{name} is no column"))?;
                let real = self.numbers.get(self.name(), at.moved(at.row, col));
                let three = self.three_units(self.name());
                let written = if number == "~0" { 0.0 } else { number.parse::<f64>().map_err(|e| e.to_string())? };
                let whole = self.trace.format(self.first().slot).decimals == 0;
                let off = (written - real).abs();
                // As it is written it is rounded: by half a unit at most.
                let (least, most) = if whole { (0.5, 1e-3) } else { (three * 0.83, three / 5.9) };
                ensure(off >= least || off <= most, || format!("{choice} is neither right nor wrong: {real}"))?;
                Ok(off >= least)
            }
            "shape" => self.shape().map(|shape| choice == shape),
            "copied" => {
                let from = Address::parse(choice, self.program()).map_err(|e| e.to_string())?;
                let d = self.numbers.of(Name::Context)[0][0].len();
                let block = (at.col / d, at.row, at.col % d);
                Ok((from.cell.head, from.cell.row, from.cell.col) == block
                    && self.program().symbol(from.slot).name == Name::Context)
            }
            other => Err(format!("nobody judges {other}")),
        }
    }

    /// Whether the column that a choice names is the largest of a row, and clearly.
    fn wins(&self, choice: &str, row: &[f64], of: Name) -> Result<bool, String> {
        let column = self.column(choice)?;
        let mut sorted = row.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let apart = sorted[0] - sorted[1];
        ensure(apart >= self.three_units(of) * 0.999, || format!("a margin of {apart} in {row:?}"))?;
        Ok(row[column] == sorted[0])
    }

    /// Whether the numbers that change are those that a choice says.
    fn changes(&self, choice: &str) -> Result<bool, String> {
        let (question, at) = (self.question(), self.first());
        let new = after(question, " to ");
        let watched = question.split("which numbers of ").nth(1).and_then(|rest| rest.split(' ').next());
        let watched = watched.and_then(Name::parse).ok_or("nothing is watched")?;
        let head = if question.contains("ead ") { after(question, "ead ") as usize - 1 } else { at.cell.head };
        let other = Otherwise { number: Some((self.name(), at.cell, new)), ..Otherwise::default() };
        let after = numbers(self.sample, at.cell.batch, other);
        let matrix = |numbers: &Numbers| {
            let heads = numbers.of(watched);
            heads[if heads.len() == 1 { 0 } else { head }].clone()
        };
        let (old, new) = (matrix(self.numbers), matrix(&after));
        let mut moved = Vec::new();
        for (i, (a, b)) in old.iter().zip(&new).enumerate() {
            for (j, (x, y)) in a.iter().zip(b).enumerate() {
                let by = if x == y { 0.0 } else { (x - y).abs() };
                if by > 1e-9 {
                    ensure(by >= self.three_units(watched) * 0.98, || format!("{watched}[{i},{j}] moves by {by}"))?;
                    moved.push((i, j));
                }
            }
        }
        let count = |mut all: Vec<usize>| {
            all.sort_unstable();
            all.dedup();
            all
        };
        let rows = count(moved.iter().map(|cell| cell.0).collect());
        let cols = count(moved.iter().map(|cell| cell.1).collect());
        let shape = self.program().shape(self.program().find(None, watched).unwrap());
        let row_names = self.columns(shape.rows.axis, head, shape.rows.len);
        let col_names = self.columns(shape.cols.axis, head, shape.cols.len);
        Ok(if choice == "nothing changes" {
            moved.is_empty()
        } else if choice == "numbers in several rows and several columns" {
            rows.len() > 1 && cols.len() > 1
        } else if let Some(row) = choice.strip_prefix("only in the row ") {
            rows.len() == 1 && row_names[rows[0]] == row
        } else if let Some(col) = choice.strip_prefix("only in the column ") {
            cols.len() == 1 && col_names[cols[0]] == col
        } else {
            return Err(format!("{choice} is no place"));
        })
    }

    /// The shape that is asked for.
    fn shape(&self) -> Result<String, String> {
        let question = self.question();
        let tokens = if question.contains("a sentence of ") {
            after(question, "a sentence of ")
        } else {
            after(question, "Say ")
        };
        let answers = if question.contains("look at ") { after(question, "look at ") } else { tokens };
        let (model, d, d_v) = (after(question, "d_model = "), after(question, " d = "), after(question, "d_v = "));
        let heads = question.split("d_model = ").nth(1).map(|rest| after(rest, ", ")).ok_or("no heads")?;
        let name = question.split("columns has ").nth(1).and_then(|rest| Name::parse(rest.split([' ', '?']).next()?));
        let (rows, cols) = match name.ok_or("no tensor")? {
            Name::Q => (tokens, d),
            Name::K => (answers, d),
            Name::V => (answers, d_v),
            Name::Scores | Name::Weights => (tokens, answers),
            Name::Context => (tokens, d_v),
            Name::Concat => (tokens, heads * d_v),
            Name::Output => (tokens, model),
            other => return Err(format!("nobody asks for {other}")),
        };
        Ok(format!("{rows}×{cols}"))
    }

    /// The number that is asked for.
    fn number(&self) -> Result<f64, String> {
        let at = self.first().cell;
        let whole = self.numbers.get(self.name(), at);
        let question = self.question();
        match &*self.item.kind {
            "missing-term" if question.contains("missing term") => {
                let sum = question.split(" = ").nth(1).ok_or("no sum")?;
                let blank = sum.split(" + ").position(|term| term == "?").ok_or("no blank")?;
                let (left, right) = self.factors(at, blank)?;
                let product = left * right;
                let clear = product == 0.0 || product.abs() >= self.three_units(self.name()) * 0.99;
                ensure(clear, || format!("{product} can hardly be seen"))?;
                Ok(product)
            }
            "missing-term" | "estimate" => Ok(whole),
            other => Err(format!("nobody judges {other}")),
        }
    }

    /// The factors of a term of a sum.
    fn factors(&self, at: Cell, term: usize) -> Result<(f64, f64), String> {
        let wiring = self.program().wiring();
        let (n, get) = (term, |name, row, col| self.numbers.get(name, at.moved(row, col)));
        let kind = self.program().kind();
        let answers = kind.answers().unwrap_or(kind.asks());
        let d = self.numbers.of(self.name())[0][0].len();
        let col = if matches!(self.name(), Name::Q | Name::K | Name::V) { at.head * d + at.col } else { at.col };
        let (mut w_q, mut w_k) = (Name::WQ, Name::WK);
        if wiring.swapped {
            (w_q, w_k) = (w_k, w_q);
        }
        let w_v = if wiring.tied { w_k } else { Name::WV };
        Ok(match self.name() {
            Name::Q => (get(kind.asks(), at.row, n), get(w_q, n, col)),
            Name::K => (get(answers, at.row, n), get(w_k, n, col)),
            Name::V => (get(answers, at.row, n), get(w_v, n, col)),
            Name::Scores => (get(Name::Q, at.row, n), get(Name::K, at.col, n)),
            Name::Context => (get(Name::Weights, at.row, n), get(Name::V, n, at.col)),
            Name::Output => (get(Name::Concat, at.row, n), get(Name::WO, n, col)),
            other => return Err(format!("{other} is no sum")),
        })
    }
}
