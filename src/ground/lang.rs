//! Words in two languages: [`Lang`] and [`Text`].
//!
//! Whatever a person reads is a value that holds both languages, so a missing translation does not
//! compile. Symbols (`Q`, `softmax`, `weights`) stay the papers' and are not translated.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The languages the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    #[default]
    En,
}

impl Lang {
    /// Every language, in the order in which `L` cycles through them.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The language after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The language a locale name asks for (`zh_CN.UTF-8`, `en-GB`): Chinese for `zh…`, otherwise English.
    pub fn from_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }
}

/// The same words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// 中文
    pub zh: Cow<'static, str>,
    /// English
    pub en: Cow<'static, str>,
}

impl Text {
    /// Words known when the program is compiled.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// Words put together at run time.
    pub fn owned(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: Cow::Owned(zh.into()), en: Cow::Owned(en.into()) }
    }

    /// A name that both languages share, such as a symbol or a word of the sample.
    pub fn same(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::owned(words.clone(), words)
    }

    /// The words in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_chooses_the_language() {
        for (locale, lang) in [
            ("zh_CN.UTF-8", Lang::Zh),
            ("zh-Hant-TW", Lang::Zh),
            ("en_US.UTF-8", Lang::En),
            ("C", Lang::En),
            ("", Lang::En),
        ] {
            assert_eq!(Lang::from_locale(locale), lang, "{locale}");
        }
    }
}
