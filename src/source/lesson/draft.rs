//! The lesson file `qkv-lesson/1` as it is written: every key read and typed, nothing yet compared with anything else.

use super::said::Said;
use super::setting::{CONDITIONS, KEYS as SETTING, Setting, stated};
use super::{About, Choice, Claim, CodeLine, FORMAT, Lesson};
use crate::ground::lang::Text;
use crate::program::Name;
use crate::source::file::error::{Refusal, about, excerpt};
use crate::source::file::read::{At, Fields, Node, count, list_of, placed, text, words, wrong_type};
use crate::source::sample::format::choice;

/// The keys of a file, but for those that set the screen of its first step.
const KEYS: [&str; 9] = ["format", "name", "title", "minutes", "goals", "concepts", "sample", "step", "code"];

/// The most steps.
const STEPS: usize = 60;

/// The most choices of a question.
const CHOICES: usize = 5;

/// Everything above the steps.
pub(super) struct Head {
    pub(super) about: About,
    pub(super) setting: Setting,
    pub(super) code: Vec<CodeLine>,
}

/// A step.
pub(super) struct StepDraft {
    pub(super) at: usize,
    pub(super) title: Option<Text>,
    pub(super) say: Said,
    pub(super) notes: Option<Text>,
    pub(super) setting: Setting,
    pub(super) claims: Vec<Claim>,
    pub(super) wait: Option<WaitDraft>,
    pub(super) ask: Option<AskDraft>,
}

pub(super) struct WaitDraft {
    pub(super) at: usize,
    pub(super) until: Setting,
    pub(super) claim: Option<Claim>,
    pub(super) keys: At<String>,
    pub(super) hint: Option<Text>,
}

pub(super) struct AskDraft {
    pub(super) at: usize,
    pub(super) what: AskedDraft,
    pub(super) cover: Vec<At<String>>,
}

pub(super) enum AskedDraft {
    Kind { kind: At<String>, cell: Option<At<String>>, level: Option<At<String>> },
    Own { question: Said, choices: Vec<Choice>, answer: Option<At<usize>>, why: Option<Said> },
}

/// The steps of a document, none of them read yet.
pub(super) fn steps<'a>(fields: &Fields<'a>) -> Result<At<&'a [Node<'a>]>, Refusal> {
    let steps = fields.need("step", |what, node| tables(what, node, "[[step]]"))?;
    let found = steps.value.len();
    if found == 0 || found > STEPS {
        let words = Text::owned(
            format!("有 {found} 步，应当是 1 到 {STEPS} 步"),
            format!("a lesson has 1 to {STEPS} steps, this one {found}"),
        );
        return Err(steps.refuse(words));
    }
    Ok(steps)
}

fn tables<'a>(what: &Text, node: &'a Node<'a>, form: &'static str) -> Result<&'a [Node<'a>], Refusal> {
    node.get_ref().as_array().map(|array| &**array).ok_or_else(|| wrong_type(what, node, &Text::new(form, form)))
}

fn table<'a>(what: &Text, node: &'a Node<'a>) -> Result<Fields<'a>, Refusal> {
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &Text::new("表", "a table")))?;
    Ok(Fields { place: what.clone(), at: node.span().start, table })
}

impl Head {
    pub(super) fn read(fields: &Fields) -> Result<Self, Refusal> {
        fields.need("format", |what, node| choice(what, node, &[(FORMAT, ())]))?;
        fields.only(&KEYS)?;
        fields.need("sample", words)?;
        let goals = fields.need("goals", list_of(text))?;
        if !(1..=4).contains(&goals.value.len()) {
            return Err(goals.refuse(Text::new("目标写 1 到 4 条", "write 1 to 4 goals")));
        }
        let code = fields.find("code", |what, node| tables(what, node, "[[code]]")?.iter().map(code).collect())?;
        Ok(Self {
            about: About {
                name: name(fields)?,
                title: fields.need("title", text)?.value,
                minutes: fields.need("minutes", count)?.value,
                goals: goals.value,
                concepts: fields.need("concepts", list_of(placed(words)))?.value,
            },
            setting: Setting::read(fields)?,
            code: code.map_or_else(Vec::new, |at: At<Vec<CodeLine>>| at.value),
        })
    }
}

/// A name of letters, digits, - and _.
fn name(fields: &Fields) -> Result<String, Refusal> {
    let name = fields.need("name", words)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.value.chars().all(plain) {
        return Ok(name.value);
    }
    Err(name.refuse(Text::new("name：只用字母、数字、- 和 _", "name is written in letters, digits, - and _")))
}

/// `line = "Q = H @ W_q"`, `stage = "Q"`
fn code<'a>(node: &'a Node<'a>) -> Result<CodeLine, Refusal> {
    let what = Text::same("[[code]]");
    let fields = table(&what, node)?;
    fields.only(&["line", "stage"])?;
    let line = fields.need("line", |what, node| match node.get_ref().as_str() {
        Some("") => Ok(String::new()), // a line between two others
        _ => words(what, node),
    })?;
    let stage = fields.find("stage", |what, node| {
        let written = words(what, node)?;
        Name::parse(&written).ok_or_else(|| {
            let found = excerpt(&written);
            let words = Text::owned(format!("没有「{found}」"), format!("there is no `{found}`"));
            Refusal::new(node.span().start, about(what, &words))
        })
    })?;
    Ok(CodeLine { line: line.value, stage: stage.map(|at| at.value) })
}

impl StepDraft {
    pub(super) fn read<'a>(number: usize, node: &'a Node<'a>, source: &str) -> Result<Self, Refusal> {
        let what = Text::owned(format!("第 {number} 步"), format!("step {number}"));
        let fields = table(&what, node)?;
        let own = ["title", "say", "notes", "claims", "wait", "ask"];
        let known: Vec<&str> = own.into_iter().chain(SETTING).collect();
        fields.only(&known)?;
        let say = fields.need("say", |what, node| Said::read(what, node, source))?;
        // Where something is to be done, that takes the last line.
        let asks = fields.table.contains_key("wait") || fields.table.contains_key("ask");
        say.value.fits(&what, say.at, Lesson::LINES - usize::from(asks))?;
        let claims = fields.find("claims", list_of(|what, node| stated(what, node, source)))?;
        Ok(Self {
            at: fields.at,
            title: fields.find("title", text)?.map(|at| at.value),
            say: say.value,
            notes: fields.find("notes", text)?.map(|at| at.value),
            setting: Setting::read(&fields)?,
            claims: claims.map_or_else(Vec::new, |at| at.value),
            wait: fields.find("wait", |what, node| WaitDraft::read(what, node, source))?.map(|at| at.value),
            ask: fields.find("ask", |what, node| AskDraft::read(what, node, source))?.map(|at| at.value),
        })
    }
}

impl WaitDraft {
    fn read<'a>(what: &Text, node: &'a Node<'a>, source: &str) -> Result<Self, Refusal> {
        let fields = table(what, node)?;
        fields.only(&["until", "keys", "hint"])?;
        let (until, claim) = fields
            .need("until", |what, node| {
                let fields = table(what, node)?;
                let known: Vec<&str> = CONDITIONS.into_iter().chain(["claim"]).collect();
                fields.only(&known)?;
                let claim = fields.find("claim", |what, node| stated(what, node, source))?;
                if fields.table.is_empty() {
                    let words = Text::new("`until` 里要写等什么", "`until` says what is waited for");
                    return Err(Refusal::new(node.span().start, words));
                }
                Ok((Setting::read(&fields)?, claim.map(|at| at.value)))
            })?
            .value;
        Ok(Self {
            at: fields.at,
            until,
            claim,
            keys: fields.need("keys", words)?,
            hint: fields.find("hint", text)?.map(|at| at.value),
        })
    }
}

impl AskDraft {
    fn read<'a>(what: &Text, node: &'a Node<'a>, source: &str) -> Result<Self, Refusal> {
        let fields = table(what, node)?;
        let cover = fields.find("cover", list_of(placed(words)))?.map_or_else(Vec::new, |at| at.value);
        let what = if fields.table.contains_key("kind") {
            fields.only(&["kind", "cell", "level", "cover"])?;
            AskedDraft::Kind {
                kind: fields.need("kind", words)?,
                cell: fields.find("cell", words)?,
                level: fields.find("level", words)?,
            }
        } else {
            fields.only(&["question", "choices", "answer", "why", "cover"])?;
            let said = |what: &Text, node| Said::read(what, node, source);
            let question = fields.need("question", said)?;
            question.value.fits(&Text::same("question"), question.at, Lesson::LINES)?;
            let choices = fields.need("choices", list_of(|what, node| choice_of(what, node, source)))?;
            let answer = fields.find("answer", count)?;
            check_answer(&choices, answer.as_ref())?;
            AskedDraft::Own {
                question: question.value,
                choices: choices.value,
                answer,
                why: fields.find("why", said)?.map(|at| at.value),
            }
        };
        Ok(Self { at: fields.at, what, cover })
    }
}

/// `{ zh = "…", en = "…", holds = "…", why = { … } }`
fn choice_of<'a>(what: &Text, node: &'a Node<'a>, source: &str) -> Result<Choice, Refusal> {
    let fields = table(what, node)?;
    fields.only(&["zh", "en", "holds", "why"])?;
    Ok(Choice {
        words: Said::of(what, &fields, source)?,
        holds: fields.find("holds", |what, node| stated(what, node, source))?.map(|at| at.value),
        why: fields.find("why", |what, node| Said::read(what, node, source))?.map(|at| at.value),
    })
}

/// Two to five different choices, and one way to tell which is right.
fn check_answer(choices: &At<Vec<Choice>>, answer: Option<&At<usize>>) -> Result<(), Refusal> {
    let found = choices.value.len();
    if !(2..=CHOICES).contains(&found) {
        let words = Text::owned(
            format!("有 {found} 个选项，应当是 2 到 {CHOICES} 个"),
            format!("a question has 2 to {CHOICES} choices, this one {found}"),
        );
        return Err(choices.refuse(words));
    }
    let alike = |n: usize| choices.value[..n].iter().any(|other| other.words == choices.value[n].words);
    if let Some(n) = (1..found).find(|&n| alike(n)) {
        let n = n + 1;
        let words = Text::owned(format!("第 {n} 个选项和前面的一样"), format!("choice {n} is the same as one before"));
        return Err(choices.refuse(words));
    }
    let stated = choices.value.iter().filter(|choice| choice.holds.is_some()).count();
    match answer {
        Some(answer) if answer.value > found => {
            let n = answer.value;
            let words = Text::owned(format!("没有第 {n} 个选项"), format!("there is no choice {n}"));
            Err(answer.refuse(words))
        }
        None if stated == 0 => Err(choices.refuse(Text::new(
            "哪个选项对？写 answer，或者给选项写 holds",
            "which choice is right? write `answer`, or `holds` in the choices",
        ))),
        _ => Ok(()),
    }
}
