//! What clap refuses, in words of ours: clap's are English.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Failure;
use qkv::ground::lang::Text;
use qkv::ground::text::visible;

use super::values::ValueError;

/// A command line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub(crate) enum Refusal {
    /// No such option.
    Option { found: String, meant: Option<String> },
    /// A word that nothing asked for.
    Word { found: String },
    /// No such command.
    Command { found: String, meant: Option<String> },
    /// A value that is none of those that the option takes.
    Value { option: String, found: String, meant: Option<String>, known: Vec<String> },
    /// A value of the wrong form.
    Form { option: String, found: String, expected: Text },
    /// An option without its value.
    NoValue { option: String, known: Vec<String> },
    /// An option that takes no value.
    NeedlessValue { option: String },
    /// What has to be there and is not.
    Missing { what: Vec<String> },
    /// Twice the same.
    Twice { option: String },
    /// Two that exclude each other.
    Together { option: String, other: String },
    /// Bytes that are no text.
    NotText,
    /// What clap may say one day.
    Other { words: String },
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let strings = |kind| match error.get(kind) {
            Some(ContextValue::String(one)) => vec![one.clone()],
            Some(ContextValue::Strings(all)) => all.clone(),
            _ => Vec::new(),
        };
        let one = |kind| strings(kind).into_iter().next();
        let found = |kind| one(kind).unwrap_or_default();
        // clap writes `--seed <N>`: the value's name says nothing here.
        let bare = |arg: String| arg.split(' ').next().map(str::to_owned).unwrap_or_default();
        let option = || bare(found(ContextKind::InvalidArg));
        let known = || strings(ContextKind::ValidValue);
        match error.kind() {
            ErrorKind::UnknownArgument => {
                let arg = option();
                if arg.starts_with('-') {
                    Self::Option { found: arg, meant: one(ContextKind::SuggestedArg).map(bare) }
                } else {
                    Self::Word { found: found(ContextKind::InvalidArg) }
                }
            }
            ErrorKind::InvalidSubcommand => Self::Command {
                found: found(ContextKind::InvalidSubcommand),
                meant: one(ContextKind::SuggestedSubcommand),
            },
            ErrorKind::InvalidValue if found(ContextKind::InvalidValue).is_empty() => {
                Self::NoValue { option: option(), known: known() }
            }
            ErrorKind::InvalidValue => Self::Value {
                option: option(),
                found: found(ContextKind::InvalidValue),
                meant: one(ContextKind::SuggestedValue),
                known: known(),
            },
            ErrorKind::ValueValidation => {
                let why = std::error::Error::source(error);
                let ours = why.and_then(|why| why.downcast_ref::<ValueError>()).map(Failure::words);
                let expected = ours.or_else(|| why.map(|why| Text::same(why.to_string())));
                let expected = expected.unwrap_or(Text::new("", ""));
                Self::Form { option: option(), found: found(ContextKind::InvalidValue), expected }
            }
            ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
                Self::NoValue { option: option(), known: known() }
            }
            ErrorKind::TooManyValues => Self::NeedlessValue { option: option() },
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => {
                Self::Missing { what: strings(ContextKind::InvalidArg) }
            }
            ErrorKind::ArgumentConflict => match one(ContextKind::PriorArg).map(bare) {
                Some(other) if other != option() => Self::Together { option: option(), other },
                _ => Self::Twice { option: option() },
            },
            ErrorKind::InvalidUtf8 => Self::NotText,
            _ => {
                let words = error.render().to_string();
                Self::Other { words: words.split_whitespace().collect::<Vec<_>>().join(" ") }
            }
        }
    }
}

impl Failure for Refusal {
    fn words(&self) -> Text {
        let meant = |meant: &Option<String>| match meant {
            Some(meant) => {
                let meant = visible(meant);
                Text::owned(format!("；是不是 {meant}？"), format!("; did you mean {meant}?"))
            }
            None => Text::new("", ""),
        };
        let near_or_all = |near: &Option<String>| match near {
            Some(_) => meant(near),
            None => Text::new("；有哪些见 --help", "; --help lists all"),
        };
        let listed = |known: &[String]| match known {
            [] => Text::new("", ""),
            known => {
                Text::owned(format!("；可选：{}", known.join("、")), format!("; possible values: {}", known.join(", ")))
            }
        };
        match self {
            Self::Option { found, meant: near } => {
                let (found, near) = (visible(found), near_or_all(near));
                Text::owned(
                    format!("没有选项「{found}」{}", near.zh),
                    format!("there is no option `{found}`{}", near.en),
                )
            }
            Self::Word { found } => {
                let found = visible(found);
                Text::owned(
                    format!("「{found}」是多出来的；用法见 --help"),
                    format!("`{found}` is one word too many; --help shows the usage"),
                )
            }
            Self::Command { found, meant: near } => {
                let (found, near) = (visible(found), near_or_all(near));
                Text::owned(
                    format!("没有命令「{found}」{}", near.zh),
                    format!("there is no command `{found}`{}", near.en),
                )
            }
            Self::Value { option, found, meant: near, known } => {
                let (found, near, known) = (visible(found), meant(near), listed(known));
                Text::owned(
                    format!("{option} 不能是「{found}」{}{}", near.zh, known.zh),
                    format!("{option} cannot be `{found}`{}{}", near.en, known.en),
                )
            }
            Self::Form { option, found, expected } => {
                let found = visible(found);
                Text::owned(
                    format!("{option} 不能是「{found}」：{}", expected.zh),
                    format!("{option} cannot be `{found}`: {}", expected.en),
                )
            }
            Self::NoValue { option, known } => {
                let known = listed(known);
                Text::owned(
                    format!("{option} 后面要跟一个值{}", known.zh),
                    format!("{option} needs a value behind it{}", known.en),
                )
            }
            Self::NeedlessValue { option } => {
                Text::owned(format!("{option} 后面不跟值"), format!("{option} takes no value"))
            }
            Self::Missing { what } => {
                let what = what.join(" ");
                Text::owned(format!("还缺 {what}；用法见 --help"), format!("{what} is missing; --help shows the usage"))
            }
            Self::Twice { option } => Text::owned(format!("{option} 写了两次"), format!("{option} stands twice")),
            Self::Together { option, other } => Text::owned(
                format!("{option} 和 {other} 不能一起用"),
                format!("{option} and {other} exclude each other"),
            ),
            Self::NotText => {
                Text::new("命令行里有不是 UTF-8 的字节", "the command line holds bytes that are not UTF-8")
            }
            Self::Other { words } => {
                let words = visible(words);
                Text::owned(format!("命令行看不懂：{words}"), format!("the command line is not understood: {words}"))
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_speaks_both_languages() {
        let (meant, known) = (Some("--seed".to_owned()), vec!["zh".to_owned(), "en".to_owned()]);
        let option = || "--sede".to_owned();
        for refusal in [
            Refusal::Option { found: option(), meant: meant.clone() },
            Refusal::Option { found: option(), meant: None },
            Refusal::Word { found: option() },
            Refusal::Command { found: option(), meant: None },
            Refusal::Value { option: option(), found: "x".into(), meant, known: known.clone() },
            Refusal::Form { option: option(), found: "x".into(), expected: ValueError::Whole.words() },
            Refusal::NoValue { option: option(), known },
            Refusal::NeedlessValue { option: option() },
            Refusal::Missing { what: vec![option()] },
            Refusal::Twice { option: option() },
            Refusal::Together { option: option(), other: "--seed".into() },
            Refusal::NotText,
            Refusal::Other { words: "no".into() },
        ] {
            // A variant that is not listed above does not compile.
            let exit = match &refusal {
                Refusal::Option { .. }
                | Refusal::Word { .. }
                | Refusal::Command { .. }
                | Refusal::Value { .. }
                | Refusal::Form { .. }
                | Refusal::NoValue { .. }
                | Refusal::NeedlessValue { .. }
                | Refusal::Missing { .. }
                | Refusal::Twice { .. }
                | Refusal::Together { .. }
                | Refusal::NotText
                | Refusal::Other { .. } => Exit::Input,
            };
            let Text { zh, en } = refusal.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && en.is_ascii(), "{zh} {en}");
            assert_eq!((refusal.to_string().as_str(), refusal.exit()), (en.as_ref(), exit));
        }
    }
}
