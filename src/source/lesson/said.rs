//! Words with live numbers in them: `the largest is {weights.2[2,3] = 0.49}`.

use super::{Claim, Lesson};
use crate::ground::fault::Failure;
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::program::{Program, Statement, StatementError, Trace};
use crate::source::file::error::{Refusal, about, excerpt};
use crate::source::file::read::{self, Fields, Node, part, wrong_type};

/// Words with live numbers in them, in both languages.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    zh: Vec<SaidPiece>,
    en: Vec<SaidPiece>,
}

/// A piece of such words.
#[derive(Debug, Clone, PartialEq)]
pub enum SaidPiece {
    /// Words.
    Words(String),
    /// A number of the run.
    Number(Claim),
}

/// What stands for a number whose value is not known yet.
const UNKNOWN: &str = "0.00";

impl Said {
    /// The pieces in a language.
    pub fn pieces(&self, lang: Lang) -> &[SaidPiece] {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// The words with the numbers of a run; `?` for what that run does not have.
    pub fn text(&self, lang: Lang, program: &Program, trace: &Trace) -> String {
        self.with(lang, |claim| claim.statement.evaluate(program, trace).map_or_else(|_| "?".into(), |v| v.written))
    }

    /// The words with numbers written by `number`.
    fn with(&self, lang: Lang, number: impl Fn(&Claim) -> String) -> String {
        let pieces = self.pieces(lang).iter().map(|piece| match piece {
            SaidPiece::Words(words) => words.clone(),
            SaidPiece::Number(claim) => number(claim),
        });
        pieces.collect()
    }

    /// Everything that is claimed, or shown, in a language.
    pub fn claims(&self, lang: Lang) -> impl Iterator<Item = &Claim> {
        self.pieces(lang).iter().filter_map(|piece| match piece {
            SaidPiece::Number(claim) => Some(claim),
            SaidPiece::Words(_) => None,
        })
    }

    /// Reads `{ zh = "…", en = "…" }`.
    pub(super) fn read<'a>(what: &Text, node: &'a Node<'a>, source: &str) -> Result<Self, Refusal> {
        const FORM: Text = Text::new("{ zh = \"...\", en = \"...\" }", "{ zh = \"...\", en = \"...\" }");
        let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &FORM))?;
        let fields = Fields { place: what.clone(), at: node.span().start, table };
        fields.only(&["zh", "en"])?;
        Self::of(what, &fields, source)
    }

    /// Reads `zh` and `en` of a table.
    pub(super) fn of(what: &Text, fields: &Fields, source: &str) -> Result<Self, Refusal> {
        let side = |key: &str| -> Result<Vec<SaidPiece>, Refusal> {
            let missing = || {
                let words = Text::owned(
                    format!("{}：缺少 `{key}`；每段文字都要有 zh 和 en", what.zh),
                    format!("{} lacks its `{key}`; every text has zh and en", what.en),
                );
                Refusal::new(fields.at, words)
            };
            let read = |key: &Text, node| pieces(&part(what, &key.en), node, source);
            Ok(fields.find(key, read)?.ok_or_else(missing)?.value)
        };
        let said = Self { zh: side("zh")?, en: side("en")? };
        said.says_the_same(what, fields.at)?;
        Ok(said)
    }

    /// Both languages speak of the same numbers.
    fn says_the_same(&self, what: &Text, at: usize) -> Result<(), Refusal> {
        let of = |lang| {
            let mut texts: Vec<&str> = self.claims(lang).map(|claim| claim.text.as_str()).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let (zh, en) = (of(Lang::Zh), of(Lang::En));
        let alone = zh.iter().find(|text| !en.contains(text)).or(en.iter().find(|text| !zh.contains(text)));
        match alone {
            None => Ok(()),
            Some(text) => {
                let text = excerpt(text);
                Err(Refusal::new(
                    at,
                    Text::owned(
                        format!("{}：{{{text}}} 只在一种语言里出现；两边要说同样的数", what.zh),
                        format!("{}: {{{text}}} stands in one language alone; both speak of the same numbers", what.en),
                    ),
                ))
            }
        }
    }

    /// Refuses words that do not fit where they are shown.
    pub(super) fn fits(&self, what: &Text, at: usize, most: usize) -> Result<(), Refusal> {
        for lang in Lang::ALL {
            let words = self.with(lang, |_| UNKNOWN.to_owned());
            let lines = text::wrap(&words, Lesson::COLUMNS).len();
            if lines > most {
                let columns = Lesson::COLUMNS;
                let (zh, en) = match lang {
                    Lang::Zh => ("中文", "the Chinese"),
                    Lang::En => ("英文", "the English"),
                };
                return Err(Refusal::new(
                    at,
                    Text::owned(
                        format!("{}：{zh}有 {lines} 行，这一步最多 {most} 行、每行 {columns} 列；分成两步吧", what.zh),
                        format!(
                            "{}: {en} takes {lines} lines, this step has at most {most} of {columns} columns; make two of it",
                            what.en
                        ),
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// Words in one language, their numbers in braces.
fn pieces<'a>(what: &Text, node: &'a Node<'a>, source: &str) -> Result<Vec<SaidPiece>, Refusal> {
    let words = read::sentence(what, node)?;
    // Where the string stands in the file as it is read, places inside it are places of the file.
    let start = node.span().start + 1;
    let literal = source.get(start..).is_some_and(|rest| rest.starts_with(&words));
    let place = |inside: usize| if literal { start + inside } else { node.span().start };
    let refuse = |inside, words: Text| Err(Refusal::new(place(inside), about(what, &words)));

    let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), words.as_str());
    while let Some(next) = rest.find(['{', '}']) {
        let inside = words.len() - rest.len() + next;
        plain.push_str(&rest[..next]);
        let brace = &rest[next..=next];
        rest = &rest[next + 1..];
        if rest.starts_with(brace) {
            plain.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        let Some(ends) = rest.find('}').filter(|_| brace == "{") else {
            let words = Text::new(
                "「{」和「}」要成对；要写花括号本身就写两个",
                "`{` and `}` stand in pairs; write a brace itself twice",
            );
            return refuse(inside, words);
        };
        let claim = claim(&rest[..ends], place(inside + 1), literal).map_err(|refusal| refusal.of(what))?;
        if !plain.is_empty() {
            pieces.push(SaidPiece::Words(std::mem::take(&mut plain)));
        }
        pieces.push(SaidPiece::Number(claim));
        rest = &rest[ends + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(SaidPiece::Words(plain));
    }
    for piece in &pieces {
        if let SaidPiece::Words(words) = piece
            && let Some(number) = number_with_point(words)
        {
            let message = Text::owned(
                format!("{number} 写成了普通的字，没法核对：写成 {{地址 = {number}}}，别处来的数写成 {{{number}}}"),
                format!(
                    "{number} is plain text, which nothing checks: write {{ADDRESS = {number}}}, or {{{number}}} for a number from elsewhere"
                ),
            );
            return refuse(0, message);
        }
    }
    Ok(pieces)
}

/// The first number with a point: `0.47`, but neither `Q.2` nor `1.` at the end of a sentence.
fn number_with_point(words: &str) -> Option<&str> {
    let letters: Vec<(usize, char)> = words.char_indices().collect();
    let digit = |n: usize| letters.get(n).is_some_and(|(_, c)| c.is_ascii_digit());
    let point = (1..letters.len()).find(|&n| letters[n].1 == '.' && digit(n - 1) && digit(n + 1))?;
    let first = (0..point).rev().take_while(|&n| digit(n)).last()?;
    let last = (point + 1..letters.len()).take_while(|&n| digit(n)).last()?;
    Some(&words[letters[first].0..=letters[last].0])
}

/// Reads a statement that stands at a byte of the file.
pub(super) fn claim(text: &str, at: usize, literal: bool) -> Result<Claim, Refusal> {
    let text = text.trim();
    match Statement::parse(text) {
        Ok(statement) => Ok(Claim { at, text: text.to_owned(), statement }),
        Err(error) => {
            let inside = if let StatementError::Form { at, .. } = &error { *at } else { 0 };
            let found = excerpt(text);
            let words = error.words();
            let words = Text::owned(format!("{{{found}}}：{}", words.zh), format!("{{{found}}}: {}", words.en));
            Err(Refusal::new(if literal { at + inside } else { at }, words))
        }
    }
}
