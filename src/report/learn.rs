//! `qkv learn`: the lessons, the concepts behind them, and what comes next.

use std::io::{self, Write};

use serde::Serialize;

use super::Reader;
use super::grid::{Align, Grid};
use crate::ground::lang::Text;
use crate::source::lesson::About;
use crate::study::Concept;
use crate::study::learned::{Learned, concepts};

/// The name and version of the JSON format.
const FORMAT: &str = "qkv-learn/1";

/// The lessons, and what somebody has learned.
#[derive(Debug)]
pub struct Learn<'a> {
    /// What the lessons are about, in order.
    pub lessons: &'a [About],
    /// What was learned.
    pub learned: &'a Learned,
}

impl Learn<'_> {
    /// The lesson to take next.
    fn next(&self) -> Option<&About> {
        self.learned.proposed(self.lessons).and_then(|n| self.lessons.get(n))
    }

    /// The concepts of all lessons, and those that were asked about.
    fn concepts(&self) -> impl Iterator<Item = Concept> {
        let taught = |concept: &Concept| self.lessons.iter().any(|about| concepts(about).any(|own| own == *concept));
        Concept::ALL.iter().copied().filter(move |concept| taught(concept) || self.learned.known(*concept).asked > 0)
    }

    /// Aligned columns for people.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn write_table(&self, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
        let say = |zh: &'static str, en: &'static str| reader.text(&Text::new(zh, en));
        let mut grid = Grid::new([Align::Right, Align::Left, Align::Left, Align::Right, Align::Right]);
        grid.row([
            String::new(),
            say("课程", "lesson"),
            say("讲什么", "about"),
            say("分钟", "minutes"),
            say("进度", "progress"),
        ]);
        for (n, about) in (1..).zip(self.lessons) {
            let reached = self.learned.reached(&about.name);
            let progress = match (reached.finished, reached.step) {
                (true, _) => say("上完了", "finished"),
                (false, 0) => "-".to_owned(),
                (false, step) => format!("{step}/{}", reached.of),
            };
            let title = reader.text(&about.title);
            grid.row([n.to_string(), about.name.clone(), title, about.minutes.to_string(), progress]);
        }
        grid.write(out, 0)?;
        writeln!(out)?;
        let mut grid = Grid::new([Align::Left, Align::Left, Align::Right]);
        grid.row([say("概念", "concept"), say("是什么", "what it is"), say("答对", "right")]);
        for concept in self.concepts() {
            let known = self.learned.known(concept);
            let mut right = if known.asked == 0 { "-".to_owned() } else { format!("{}/{}", known.right, known.asked) };
            if known.is_weak() {
                right.push_str(&say("，再看看", ", look again"));
            }
            grid.row([concept.as_str().to_owned(), reader.text(&concept.title()), right]);
        }
        grid.write(out, 0)?;
        writeln!(out)?;
        let words = match self.next() {
            Some(about) => {
                let (name, Text { zh, en }) = (&about.name, &about.title);
                Text::owned(
                    format!("接下来：{zh}    qkv --lesson {name}"),
                    format!("next: {en}    qkv --lesson {name}"),
                )
            }
            None => Text::new("全都学完了。", "All of it is learned."),
        };
        writeln!(out, "{}", reader.text(&words))
    }

    /// The same as `qkv-learn/1`.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Lesson<'a> {
            name: &'a str,
            title: Titles<'a>,
            minutes: usize,
            concepts: Vec<&'static str>,
            step: usize,
            finished: bool,
        }
        #[derive(Serialize)]
        struct Titles<'a> {
            zh: &'a str,
            en: &'a str,
        }
        #[derive(Serialize)]
        struct Of {
            name: &'static str,
            right: usize,
            asked: usize,
            last: bool,
        }
        #[derive(Serialize)]
        struct Document<'a> {
            format: &'static str,
            lessons: Vec<Lesson<'a>>,
            concepts: Vec<Of>,
            next: Option<&'a str>,
        }
        fn lesson<'a>(learned: &Learned, about: &'a About) -> Lesson<'a> {
            let About { name, title, minutes, .. } = about;
            let reached = learned.reached(name);
            Lesson {
                name,
                title: Titles { zh: &title.zh, en: &title.en },
                minutes: *minutes,
                concepts: concepts(about).map(Concept::as_str).collect(),
                step: reached.step,
                finished: reached.finished,
            }
        }
        let of = |concept: Concept| {
            let known = self.learned.known(concept);
            Of { name: concept.as_str(), right: known.right, asked: known.asked, last: known.last }
        };
        let document = Document {
            format: FORMAT,
            lessons: self.lessons.iter().map(|about| lesson(self.learned, about)).collect(),
            concepts: self.concepts().map(of).collect(),
            next: self.next().map(|about| about.name.as_str()),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}
