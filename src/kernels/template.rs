//! WGSL with repeated lines: kernels that are unrolled for their sizes stay readable as files.
//!
//! ```text
//! const D4: u32 = 8u;         the value that was asked for stands here afterwards
//! //: each C below D4         the lines up to the matching end stand once for each C = 0, 1, ...
//! o$C = QKV[mine + $Cu];      $C is replaced; with 0 or 1 repetitions it is a switch
//! //: end
//! $LOAD(C) $LANE(C)           C / LANES and C % LANES
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// WGSL, as it stands in its file or written out.
#[derive(Debug, Clone, Eq)]
pub enum Source {
    /// What stands in a file.
    File(&'static str),
    /// What was written out; all that is written out alike is one text in memory.
    Written(Arc<str>),
}

impl Deref for Source {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::File(text) => text,
            Self::Written(text) => text,
        }
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        Self::Written(text.into())
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        let (one, other): (&str, &str) = (self, other);
        (one.as_ptr(), one.len()) == (other.as_ptr(), other.len()) || one == other
    }
}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        str::hash(self, state);
    }
}

/// How many texts are kept: every kernel of a few models. Some are written for one width of heads alone.
const MOST: usize = 256;

/// A shader's name, and the constants that it was written out with.
type Key = (&'static str, Vec<(&'static str, usize)>);

/// What was written out already. A model's plan asks for the same few shaders once a stage, and every run makes a plan.
static WRITTEN: LazyLock<Mutex<HashMap<Key, Arc<str>>>> = LazyLock::new(Mutex::default);

/// The shader of that name with its constants put in and its repeated lines written out, once for all who ask.
pub(super) fn written(name: &'static str, source: &str, constants: Vec<(&'static str, usize)>) -> Source {
    let mut known = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST {
        known.clear();
    }
    let text = known.entry((name, constants)).or_insert_with_key(|(_, constants)| unrolled(source, constants).into());
    Source::Written(Arc::clone(text))
}

/// A shader with its constants put in and its repeated lines written out.
pub fn unrolled(source: &str, constants: &[(&str, usize)]) -> String {
    let mut text = source.to_owned();
    for (name, value) in constants {
        let start = format!("const {name}: u32 = ");
        if let Some(at) = text.find(&start) {
            let end = text[at..].find(';').map_or(text.len(), |n| at + n);
            text.replace_range(at..end, &format!("{start}{value}u"));
        }
        text = text.replace(&format!("${name}"), &value.to_string());
        text = text.replace(&format!("below {name}"), &format!("below {value}"));
    }
    let lanes = constants.iter().find(|(name, _)| *name == "LANES").map_or(1, |(_, n)| *n);
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    expand(&lines, lanes, &mut out);
    out
}

fn expand(lines: &[&str], lanes: usize, out: &mut String) {
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let Some(rest) = line.trim().strip_prefix("//: each ") else {
            let _ = writeln!(out, "{line}");
            at += 1;
            continue;
        };
        let (name, count) = rest.split_once(" below ").unwrap_or((rest, "0"));
        let count: usize = count.trim().parse().unwrap_or(0);
        let (mut depth, mut end) = (1, at + 1);
        while end < lines.len() && depth > 0 {
            depth += usize::from(lines[end].trim().starts_with("//: each "));
            depth -= usize::from(lines[end].trim() == "//: end");
            end += 1;
        }
        let inside = &lines[at + 1..end.saturating_sub(1).max(at + 1)];
        for n in 0..count {
            let put = |line: &&str| {
                line.replace(&format!("$LOAD({name})"), &(n / lanes).to_string())
                    .replace(&format!("$LANE({name})"), &(n % lanes).to_string())
                    .replace(&format!("${name}"), &n.to_string())
            };
            let written: Vec<String> = inside.iter().map(put).collect();
            let written: Vec<&str> = written.iter().map(String::as_str).collect();
            expand(&written, lanes, out);
        }
        at = end;
    }
}
