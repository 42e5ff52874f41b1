//! Taking it away: what is on the screen as a picture, the matrices of its page as LaTeX or CSV.

use std::path::Path;
use std::sync::Arc;

use super::reading::Reading;
use super::view::Page;
use super::windows::Window;
use super::{Effect, Model};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::program::{Program, Slot};
use crate::session::{Contents, Job, Kind, Matrices, MatrixFormat, NewFile, Run};

/// The ending of a picture.
pub(super) const PICTURE: &str = ".svg";

/// The ending of a sample.
const SAMPLE: &str = ".toml";

/// The file that somebody named, which has the ending of what goes into it or none; without a name, a free one of ours.
///
/// # Errors
/// Words for the person where the ending is that of something else.
pub(super) fn file(asked: &str, (stem, ending): (String, &'static str)) -> Result<NewFile, Text> {
    if asked.is_empty() {
        return Ok(NewFile::Free { stem, ending });
    }
    let wanted = ending.trim_start_matches('.');
    match Path::new(asked).extension() {
        None => Ok(NewFile::At(format!("{asked}{ending}"))),
        Some(found) if found.eq_ignore_ascii_case(wanted) => Ok(NewFile::At(asked.to_owned())),
        Some(_) => {
            let asked = visible(asked);
            let instead = Text::new(
                ":save 存样例，:picture 画图（.svg），:latex 和 :csv 写矩阵（.tex、.csv）",
                ":save writes a sample, :picture a picture (.svg), :latex and :csv matrices (.tex, .csv)",
            );
            Err(Text::owned(
                format!("{asked} 要以 {ending} 结尾；{}", instead.zh),
                format!("{asked} should end in {ending}; {}", instead.en),
            ))
        }
    }
}

/// The file of a sample, which is always named.
///
/// # Errors
/// As [`file`].
pub(super) fn sample_file(asked: &str) -> Result<NewFile, Text> {
    file(asked, (String::new(), SAMPLE))
}

/// Asks for a picture of the screen; the runtime, which can draw, draws it.
pub(super) fn picture(model: &mut Model, asked: &str) -> Result<Vec<Effect>, Text> {
    let file = file(asked, (stem(model, true), PICTURE))?;
    let ticket = model.want(Kind::Save);
    Ok(vec![Effect::Picture { ticket, file }])
}

/// Asks for the matrices of the page to be written: its result and what that is made of, the numbers as they are shown.
pub(super) fn matrices(model: &mut Model, asked: &str, format: MatrixFormat) -> Result<Vec<Effect>, Text> {
    let file = file(asked, (stem(model, false), format.ending()))?;
    let nothing = || Text::new("数还没有算出来", "there are no numbers yet");
    let results = model.results().ok_or_else(nothing)?;
    let run = Run { trace: results.shown().clone(), ..Run::clone(results.run()) };
    let matrices = Matrices {
        sample: Arc::clone(&model.material.sample),
        run: Arc::new(run),
        reading: read_as(model),
        slots: on_page(model.program(), model.view.page, &model.tensors(model.view.page)),
        sentence: model.view.cursor.batch,
        lang: model.settings.lang,
        format,
    };
    Ok(model.ask(Job::Save { file, contents: Contents::Matrices(Arc::new(matrices)) }))
}

/// The tensors of a page in the program's order: what it shows to move in, and of a stage all that it is made of.
fn on_page(program: &Program, page: Page, shown: &[Slot]) -> Vec<Slot> {
    let made_of = match page {
        Page::Beginning | Page::Words | Page::End => Vec::new(),
        Page::Stage(i) => program.stages()[i].operands.clone(),
    };
    program.slots().filter(|slot| shown.contains(slot) || made_of.contains(slot)).collect()
}

/// What the numbers are, where they are not those of now.
fn read_as(model: &Model) -> Option<Text> {
    let influence = || {
        let place = model.influence()?.of.display(model.program());
        Some(Text::owned(format!("对 {place} 的导数"), format!("derivatives by {place}")))
    };
    model.view.reading.words().or_else(influence)
}

/// The name of a file of ours: `qkv-weights`, of a window `qkv-heads`, of other numbers `qkv-weights-difference`.
fn stem(model: &Model, with_window: bool) -> String {
    let window = model.windows.iter().filter(|window| !matches!(window, Window::Prompt(_))).last();
    let page = match (window.filter(|_| with_window), model.view.page) {
        (Some(window), _) => window.context().name.to_owned(),
        (None, Page::Beginning) => "sentence".to_owned(),
        (None, Page::Words) => "words".to_owned(),
        (None, Page::End) => "summary".to_owned(),
        (None, Page::Stage(i)) => model.program().symbol(model.program().output_of(i)).to_string(),
    };
    let reading = match model.view.reading {
        Reading::Now => "",
        Reading::Before => "-before",
        Reading::Difference => "-difference",
        Reading::Influence => "-influence",
    };
    format!("qkv-{page}{reading}")
}

impl Model {
    /// The model as a picture shows it: without the line being typed and without what was said last.
    #[must_use]
    pub fn as_pictured(&self) -> Self {
        let mut model = self.clone();
        model.notice = None;
        model.close_line();
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_ending_of_what_goes_into_it() {
        let picture = |asked: &str| file(asked, ("qkv-weights".into(), PICTURE));
        assert_eq!(picture(""), Ok(NewFile::Free { stem: "qkv-weights".into(), ending: ".svg" }));
        assert_eq!(picture("a b/w.SVG"), Ok(NewFile::At("a b/w.SVG".into())));
        assert_eq!(picture("w"), Ok(NewFile::At("w.svg".into())));
        for asked in ["w.png", "w.toml", "w.2"] {
            let Text { zh, en } = picture(asked).unwrap_err();
            assert!(zh.contains("以 .svg 结尾") && en.contains("should end in .svg"), "{zh} {en}");
        }
        assert!(sample_file("stage.png").unwrap_err().en.contains(":picture"));
        assert_eq!(sample_file("mine"), Ok(NewFile::At("mine.toml".into())));
    }
}
