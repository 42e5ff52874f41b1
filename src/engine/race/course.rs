//! A whole race: every contender in turn, then the roof and the crossing.

use super::{PATIENCE, Race, Tuned, refused, search, threads, within};
use crate::compute::Compute;
use crate::compute::gpu::Gpu;
use crate::engine::Watch;
use crate::session::{News, Progress};
use crate::study::race::{Contender, Entry, NoTime, Rules, Work};

/// Runs a race and tells what happens; `false` where it was broken off.
pub(in crate::engine) fn race(gpu: Option<&Gpu>, work: Work, rules: &Rules, watch: Watch<'_>) -> bool {
    let tell = |news| watch.tell(Progress::Race(news));
    let stop = || watch.stopped();
    let gpu = gpu.cloned().map(|gpu| gpu.patient(PATIENCE));
    tell(News::Adapter(gpu.as_ref().map(|gpu| gpu.backend().clone())));
    let race = match Race::new(gpu.as_ref(), work, rules.seed) {
        Ok(race) => race,
        Err(why) => {
            let entries = refused(gpu.as_ref(), work, &why);
            entries.into_iter().filter(|entry| rules.admit(entry.contender)).for_each(|entry| tell(News::In(entry)));
            tell(News::Over);
            return true;
        }
    };
    let mut tuned = Tuned::load();
    let contenders: Vec<_> = race.contenders(&mut tuned).into_iter().filter(|c| rules.admit(*c)).collect();
    let of = contenders.len();
    for (n, contender) in contenders.into_iter().enumerate() {
        if stop() {
            return false;
        }
        tell(News::Started { contender, n, of });
        let slow = matches!(contender, Contender::Rung(rung) if !rung.is_fused());
        let entry = if slow && rules.bearable.is_some_and(|bearable| work.operations() > bearable) {
            let why = NoTime::TooSlow;
            Entry { contender, work, result: Err(why) }
        } else {
            race.run(contender, rules.repetitions, &within(rules.patience, &stop))
        };
        tell(News::In(entry));
    }
    tell(News::Over);
    if let (Some(gpu), true) = (&gpu, rules.search) {
        // Not measured, not shown: what fails here leaves the race as it is.
        if let Ok(roof) = gpu.roof() {
            tell(News::Roof(roof));
        }
        let mut tell_point = |point| {
            tell(News::Point(point));
            !stop()
        };
        if let Some(rung) = race.choose(&mut tuned) {
            let _ = search(gpu, work, rung, threads(), &mut tell_point);
        }
    }
    !stop()
}
