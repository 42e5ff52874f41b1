//! Statements read, by descent: each rule of the grammar is a function.

use super::{Count, Expression, Function, Over, Relation, Sign, Statement, StatementError};
use crate::ground::lang::Text;

/// Brackets in brackets beyond this are refused: the reader goes as deep as they do.
const DEEPEST: usize = 32;

const OVERS: [(&str, Over); 7] = [
    ("sum", Over::Sum),
    ("mean", Over::Mean),
    ("max", Over::Max),
    ("min", Over::Min),
    ("largest", Over::Largest),
    ("entropy", Over::Entropy),
    ("norm", Over::Norm),
];

const FUNCTIONS: [(&str, Function); 4] =
    [("exp", Function::Exp), ("ln", Function::Ln), ("sqrt", Function::Sqrt), ("abs", Function::Abs)];

const COUNTS: [(&str, Count); 2] = [("rows", Count::Rows), ("columns", Count::Columns)];

/// The names of all functions.
pub(super) fn known() -> Vec<&'static str> {
    let names = OVERS.iter().map(|(name, _)| *name);
    names.chain(FUNCTIONS.iter().map(|(name, _)| *name)).chain(COUNTS.iter().map(|(name, _)| *name)).collect()
}

fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
}

pub(super) fn statement(text: &str) -> Result<Statement, StatementError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let left = reader.sum()?;
    let relations = [
        ("!=", Relation::Unequal),
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("==", Relation::Equal),
        ("=", Relation::Equal),
        ("<", Relation::Less),
        (">", Relation::Greater),
    ];
    let claim = match relations.into_iter().find(|(sign, _)| reader.takes(sign)) {
        Some((_, relation)) => Some((relation, reader.sum()?)),
        None => None,
    };
    if !reader.rest().is_empty() {
        return Err(reader.expected(Text::new("运算符、比较或者结尾", "a sign, a comparison or the end")));
    }
    Ok(Statement { left, claim })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let spaces = rest.len() - rest.trim_start().len();
        self.at += spaces;
        &rest[spaces..]
    }

    fn takes(&mut self, sign: &str) -> bool {
        let there = self.rest().starts_with(sign);
        self.at += if there { sign.len() } else { 0 };
        there
    }

    fn expected(&self, expected: Text) -> StatementError {
        StatementError::Form { at: self.at, expected }
    }

    fn sum(&mut self) -> Result<Expression, StatementError> {
        let mut left = self.product()?;
        loop {
            let sign = if self.takes("+") {
                Sign::Plus
            } else if self.takes("-") {
                Sign::Minus
            } else {
                return Ok(left);
            };
            left = Expression::Two(Box::new(left), sign, Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expression, StatementError> {
        let mut left = self.factor()?;
        loop {
            let sign = if self.takes("*") {
                Sign::Times
            } else if self.takes("/") {
                Sign::Over
            } else {
                return Ok(left);
            };
            left = Expression::Two(Box::new(left), sign, Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Expression, StatementError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.expected(Text::new("少一些括号", "fewer brackets")));
        }
        let factor = self.bare_factor();
        self.depth -= 1;
        factor
    }

    fn bare_factor(&mut self) -> Result<Expression, StatementError> {
        if self.takes("-") {
            let inner = self.factor()?;
            return Ok(match inner {
                Expression::Number(x, digits) => Expression::Number(-x, digits),
                other => Expression::Negative(Box::new(other)),
            });
        }
        if self.takes("(") {
            let inner = self.sum()?;
            self.close()?;
            return Ok(inner);
        }
        let rest = self.rest();
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(rest);
        }
        let word = self.word();
        if word.is_empty() {
            return Err(self.expected(Text::new("数、地址或函数", "a number, an address or a function")));
        }
        if self.rest().starts_with('[') {
            return Ok(Expression::At(self.address(word)?));
        }
        if !self.takes("(") {
            return Err(self.expected(Text::new("[行,列] 或 (…)", "[row,column] or (...)")));
        }
        let call = if let Some(over) = named(&OVERS, word) {
            let name = self.word();
            Expression::Over(over, self.address(name)?)
        } else if let Some(count) = named(&COUNTS, word) {
            Expression::Count(count, self.word().to_owned())
        } else if let Some(function) = named(&FUNCTIONS, word) {
            Expression::Of(function, Box::new(self.sum()?))
        } else {
            return Err(StatementError::Function(word.to_owned()));
        };
        self.close()?;
        Ok(call)
    }

    fn close(&mut self) -> Result<(), StatementError> {
        if self.takes(")") { Ok(()) } else { Err(self.expected(Text::new("「)」", "`)`"))) }
    }

    fn number(&mut self, rest: &str) -> Result<Expression, StatementError> {
        let ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        // 1e-5, and no more of an e than that.
        let tail = rest[ends..].strip_prefix('e').map(|tail| tail.strip_prefix('-').unwrap_or(tail));
        let power = tail.map_or(0, |tail| tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        let ends = if power > 0 { ends + 1 + usize::from(rest[ends + 1..].starts_with('-')) + power } else { ends };
        let written = &rest[..ends];
        let number = written.parse::<f64>().ok().filter(|x| x.is_finite());
        let number = number.ok_or_else(|| self.expected(Text::new("一个数", "a number")))?;
        self.at += ends;
        let digits = written.split_once('.').map(|(_, digits)| digits.len()).filter(|_| power == 0);
        Ok(Expression::Number(number, digits))
    }

    /// Letters, digits, `_`, `.` and `*`: a name, with its layer and head.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '*'));
        let mut word = &rest[..ends.unwrap_or(rest.len())];
        // `rows(H) * 2`: a star that follows no point is a sign.
        if let Some(star) = word.find('*').filter(|&star| !word[..star].ends_with('.')) {
            word = &word[..star];
        }
        self.at += word.len();
        word
    }

    /// The rest of an address whose name is read.
    fn address(&mut self, name: &str) -> Result<String, StatementError> {
        let rest = self.rest();
        let ends = rest.find(']').filter(|_| rest.starts_with('[') && !name.is_empty());
        let ends = ends.ok_or_else(|| {
            self.expected(Text::new("地址，例如 weights.2[1,*]", "an address, such as weights.2[1,*]"))
        })?;
        let mut place = rest[..=ends].to_owned();
        self.at += ends + 1;
        if self.text[self.at..].starts_with('@') {
            self.at += 1;
            let rest = &self.text[self.at..];
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            place.push('@');
            place.push_str(&rest[..digits]);
            self.at += digits;
        }
        Ok(format!("{name}{place}"))
    }
}
