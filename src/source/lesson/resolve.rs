//! From a draft to a lesson: for every step its sample, scenario and place are found, each compared with the program.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeTable;

use super::draft::{AskDraft, AskedDraft, Head, StepDraft, WaitDraft, steps};
use super::setting::{PageName, Shown, Spot};
use super::{About, Ask, Asked, Lesson, Material, Step, Wait};
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::source::file::error::{Refusal, not_toml};
use crate::source::file::read::{At, Fields};
use crate::source::sample::Sample;

/// What a person calls the whole file.
const PLACE: Text = Text::new("课程", "the lesson");

/// No more errors than somebody would mend at once.
const MOST_ERRORS: usize = 20;

/// Reads and checks a whole file.
pub(super) fn lesson(source: &str, file: &str, material: &mut dyn Material) -> Result<Lesson, Vec<Refusal>> {
    let one = |refusal| vec![refusal];
    if source.len() > Lesson::LARGEST_FILE {
        let (found, most) = (source.len(), Lesson::LARGEST_FILE);
        let words = Text::owned(
            format!("文件有 {found} 字节，课程最多 {most} 字节"),
            format!("the file has {found} bytes, a lesson has at most {most}"),
        );
        return Err(one(Refusal::new(0, words)));
    }
    let document = DeTable::parse(source).map_err(|error| one(not_toml(&error)))?;
    let fields = Fields { place: PLACE, at: 0, table: document.get_ref() };
    let head = Head::read(&fields).map_err(one)?;
    let drafts = steps(&fields).map_err(one)?;

    let mut known = Known { material, samples: BTreeMap::new() };
    let first = head.setting.onto(None, &mut known).map_err(one)?;
    let (mut steps, mut errors) = (Vec::new(), Vec::new());
    let (mut shown, mut spot) = (first, Spot { page: Some(PageName::Beginning), ..Spot::default() });
    for (number, node) in (1..).zip(drafts.value) {
        let step = StepDraft::read(number, node, source).and_then(|draft| draft.resolve((&shown, &spot), &mut known));
        match step {
            Ok(step) => {
                (shown, spot) = (Arc::clone(&step.shown), step.spot.clone());
                steps.push(step);
            }
            Err(refusal) => errors.push(refusal),
        }
        if errors.len() >= MOST_ERRORS {
            break;
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Lesson { about: head.about, steps, code: head.code, file: file.to_owned(), source: source.into() })
}

/// Reads what a lesson is about.
pub(super) fn about(source: &str) -> Result<About, Refusal> {
    let document = DeTable::parse(source).map_err(|error| not_toml(&error))?;
    Ok(Head::read(&Fields { place: PLACE, at: 0, table: document.get_ref() })?.about)
}

/// Material that is asked for only once.
struct Known<'a> {
    material: &'a mut dyn Material,
    samples: BTreeMap<String, Sample>,
}

impl Material for Known<'_> {
    fn sample(&mut self, name: &str) -> Result<Sample, Text> {
        if let Some(sample) = self.samples.get(name) {
            return Ok(sample.clone());
        }
        let sample = self.material.sample(name)?;
        self.samples.insert(name.to_owned(), sample.clone());
        Ok(sample)
    }

    fn sentence(&mut self, sample: &Sample, written: &str, lens: Lens) -> Result<Sample, Text> {
        self.material.sentence(sample, written, lens)
    }
}

impl StepDraft {
    /// The step behind what was shown before it.
    fn resolve(self, (shown, spot): (&Arc<Shown>, &Spot), material: &mut dyn Material) -> Result<Step, Refusal> {
        let shown = self.setting.onto(Some(shown), material)?;
        let spot = self.setting.spot(spot, &shown.sample.program)?;
        let wait = self.wait.map(|wait| wait.resolve(&shown)).transpose()?;
        Ok(Step {
            at: self.at,
            title: self.title,
            say: self.say,
            notes: self.notes,
            spot,
            window: self.setting.window,
            commands: self.setting.commands,
            claims: self.claims,
            wait,
            ask: self.ask.map(AskDraft::resolve),
            shown,
        })
    }
}

impl WaitDraft {
    fn resolve(self, shown: &Shown) -> Result<Wait, Refusal> {
        let keys = self.keys.value.split_whitespace().map(str::to_owned).collect();
        Ok(Wait {
            at: self.at,
            until: self.until.condition(self.claim, shown)?,
            keys: At { at: self.keys.at, value: keys },
            hint: self.hint,
        })
    }
}

impl AskDraft {
    fn resolve(self) -> Ask {
        let what = match self.what {
            AskedDraft::Kind { kind, cell, level } => Asked::Kind { kind, cell, level },
            AskedDraft::Own { question, choices, answer, why } => {
                Asked::Own { question, choices, answer: answer.map(|at| at.value - 1), why }
            }
        };
        Ask { at: self.at, what, cover: self.cover }
    }
}
