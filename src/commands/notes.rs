//! `qkv notes`: what only the speaker sees, in a second terminal beside `qkv present`.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Instant;

use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::Text;
use qkv::ground::text::{visible, wrap};
use qkv::report::Reader;
use qkv::runtime::follow;
use qkv::session::Notes;

use crate::cli::Options;
use crate::host::{page_width, reader};

/// Why there are no notes.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
pub(crate) enum NotesError {
    /// Nobody shows a lesson.
    Nobody,
    /// What the system says about the socket.
    Broken(io::Error),
}

impl Failure for NotesError {
    fn words(&self) -> Text {
        match self {
            Self::Nobody => Text::new(
                "现在没有人在投课；先在另一个终端里运行 qkv present 课程",
                "nobody shows a lesson now; run qkv present LESSON in another terminal first",
            ),
            Self::Broken(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("接不上投课的那一边：{zh}"), format!("the lesson cannot be followed: {en}"))
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

/// Follows the lesson until it ends.
pub(crate) fn run(options: &Options) -> Result<Exit, Fault> {
    let (reader, begun) = (reader(options), Instant::now());
    let screen = io::stdout().is_terminal();
    let mut now: Option<(Notes, Instant)> = None;
    let followed = follow(|news| {
        let fresh = news.is_some();
        if let Some(notes) = news {
            now = Some((notes, Instant::now()));
        }
        // Where it is written to a file or a pipe, each step once.
        if !screen && !fresh {
            return true;
        }
        let Some((notes, since)) = &now else { return true };
        let page = page(notes, reader, (begun.elapsed().as_secs(), since.elapsed().as_secs()));
        let mut out = io::stdout().lock();
        let clear = if screen { "\u{1b}[H\u{1b}[J" } else { "" };
        writeln!(out, "{clear}{page}").and_then(|()| out.flush()).is_ok()
    });
    match followed {
        Ok(()) => Ok(Exit::Done),
        Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            Err(NotesError::Nobody.into())
        }
        Err(why) => Err(NotesError::Broken(why).into()),
    }
}

/// `12:04`
fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// The notes of a step: where one is and for how long, what to say, what comes next.
fn page(notes: &Notes, reader: Reader, (all, here): (u64, u64)) -> String {
    let width = page_width().clamp(40, 100);
    let Notes { lesson, minutes, step, of, .. } = notes;
    let (all, here) = (clock(all), clock(here));
    let head = reader.text(&Text::owned(
        format!("{lesson}  第 {step}/{of} 步   已讲 {all}，计划 {minutes} 分钟   这一步 {here}"),
        format!("{lesson}  step {step}/{of}   {all} of {minutes} min   this step {here}"),
    ));
    let mut lines = vec![head, String::new()];
    let mut say = |name: Text, words: Option<&String>| {
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            lines.push(format!("[{}]", reader.text(&name)));
            lines.extend(wrap(&reader.signs(words), width));
            lines.push(String::new());
        }
    };
    say(Text::new("这一步", "this step"), notes.title.as_ref());
    say(Text::new("备注", "notes"), notes.notes.as_ref());
    say(Text::new("屏幕上", "on the screen"), Some(&notes.says));
    say(Text::new("按键", "keys"), notes.keys.as_ref());
    say(Text::new("下一步", "next"), notes.next.as_ref());
    lines.iter().map(|line| visible(line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use qkv::ground::lang::Lang;

    use super::*;

    #[test]
    fn every_error_speaks_both_languages() {
        for error in [NotesError::Nobody, NotesError::Broken(ErrorKind::PermissionDenied.into())] {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                NotesError::Nobody | NotesError::Broken(_) => Exit::Failed,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && !en.is_empty(), "{zh} {en}");
            assert_eq!((zh.trim(), en.trim(), error.to_string().as_str()), (zh.as_ref(), en.as_ref(), en.as_ref()));
            assert_eq!(error.exit(), exit, "{en}");
        }
    }

    #[test]
    fn the_page_says_where_one_is_and_what_comes_next() {
        let notes = Notes {
            lesson: "A lesson".into(),
            minutes: 8,
            step: 2,
            of: 9,
            title: Some("Scores".into()),
            says: "The score is 4.".into(),
            notes: Some("Let them guess\u{1b}[2J.".into()),
            keys: None,
            next: Some("Scaling".into()),
        };
        let page = page(&notes, Reader { lang: Lang::En, ascii: false }, (125, 5));
        assert!(page.starts_with("A lesson  step 2/9   02:05 of 8 min   this step 00:05\n"), "{page}");
        assert!(page.contains("[next]\nScaling\n") && !page.contains('\u{1b}') && !page.contains("[keys]"), "{page}");
    }
}
