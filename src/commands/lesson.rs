//! `qkv lesson`: a new lesson to write in, and lessons checked from their first step to their last.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use qkv::engine::{Builtin, Driver, check_lesson};
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault};
use qkv::ground::lang::Text;
use qkv::ground::text::visible;
use qkv::runtime::write_new;
use qkv::source::lesson::{BUILTIN, BuiltinLesson, Lesson, LessonError, TEMPLATE};

use super::{print, settings};
use crate::cli::{Options, said};
use crate::host::{reader, say};
use crate::load;

/// What to do with lessons.
#[derive(Debug, Args)]
pub(crate) struct Lessons {
    #[arg(value_name = said("做什么", "WHAT"), help = said(
        "new 写一份带注释的模板；check 从头到尾核对一课",
        "new writes a commented template; check verifies a lesson from beginning to end",
    ))]
    action: Action,

    #[arg(value_name = said("文件", "FILE"), help = said(
        "写到哪里 [默认：标准输出]；核对哪些 [默认：所有内置的课程]",
        "Where to write it [default: the standard output]; what to check [default: every built-in lesson]",
    ))]
    files: Vec<String>,
}

/// What can be done with lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    New,
    Check,
}

impl Lessons {
    /// Does it.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        match self.action {
            Action::New => self.begin(options),
            Action::Check => self.check(options),
        }
    }

    /// Writes the template.
    fn begin(&self, options: &Options) -> Result<Exit, Fault> {
        let Some(file) = self.files.first() else { return print(|out| out.write_all(TEMPLATE.source.as_bytes())) };
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str());
        let name = stem.filter(|stem| !stem.is_empty() && stem.chars().all(letters)).unwrap_or("my-lesson");
        let contents = TEMPLATE.source.replace("\"my-lesson\"", &format!("\"{name}\""));
        let file = write_new(file, &contents)?;
        let file = visible(&file);
        say(&reader(options).text(&Text::owned(
            format!("写好了 {file}；qkv lesson check {file} 核对它，qkv --lesson {file} 来上"),
            format!("wrote {file}; qkv lesson check {file} verifies it, qkv --lesson {file} plays it"),
        )));
        Ok(Exit::Done)
    }

    /// Checks lessons: says everything that is wrong, or what was found in order.
    fn check(&self, options: &Options) -> Result<Exit, Fault> {
        let named = if self.files.is_empty() {
            BUILTIN.iter().map(|lesson| BuiltinLesson::name(lesson).to_owned()).collect()
        } else {
            self.files.clone()
        };
        let (reader, mut exit) = (reader(options), Exit::Done);
        let mut driver = Driver::new(Builtin);
        for what in &named {
            let errors = match load::lesson(what) {
                Ok(lesson) => {
                    let lesson = Arc::new(lesson);
                    let errors = check_lesson(&lesson, settings(options), &mut driver);
                    if errors.is_empty() {
                        let words = reader.text(&in_order(what, &lesson));
                        print(|out| writeln!(out, "{words}"))?;
                    }
                    errors
                }
                Err(fault) => {
                    exit = fault.exit();
                    say(&reader.text(fault.words()));
                    continue;
                }
            };
            if !errors.is_empty() {
                let error = LessonError(errors);
                exit = error.exit();
                say(&reader.text(&error.words()));
            }
        }
        Ok(exit)
    }
}

/// What a lesson is that has nothing wrong with it.
fn in_order(what: &str, lesson: &Lesson) -> Text {
    let (what, steps, claims) = (visible(what), lesson.steps.len(), lesson.claims());
    Text::owned(
        format!("{what}：{steps} 步，{claims} 处数字和说法都核对过"),
        format!("{what}: {steps} steps, {claims} numbers and claims verified"),
    )
}
