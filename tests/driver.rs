//! The driver: jobs in, answers out, broken off where nobody waits any more.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use qkv::engine::{Builtin, Driver, Watch};
use qkv::program::attention::Sizes;
use qkv::program::{Ledger, Name};
use qkv::session::{Answer, Job, Progress};
use qkv::source::sample::{Sample, Scenario};
use qkv::study::race::{Rules, Work};
use qkv::study::scaling::Experiment;

/// A sample that is too large to be checked at once.
fn large() -> Sample {
    let sizes = Sizes {
        batch: Some(24),
        tokens: 64,
        memory: 64,
        model: 512,
        heads: 8,
        features: 512,
        values: 512,
        output: Some(512),
    };
    Sample::drawn(sizes, 3).unwrap()
}

#[test]
fn of_a_large_run_the_stage_in_sight_is_checked_first_and_the_rest_behind_it() {
    let (sample, mut driver) = (large(), Driver::new(Builtin));
    let stages = sample.program.stages();
    let first = stages.iter().position(|stage| stage.symbol.name == Name::Scores).unwrap();
    let (program, inputs) = (Arc::clone(&sample.program), Arc::clone(&sample.inputs));
    let answer = driver.carry_out(&Job::Run { program, inputs, first }, Watch::nobody()).unwrap();
    let Some(Answer::Run(run)) = answer else { panic!("{answer:?}") };
    assert!(run.ledger.is_checked(first) && !run.ledger.is_complete() && run.ledger.ok());

    let pieces = AtomicUsize::new(0);
    let tell = |progress| {
        let Progress::Check(ledger) = progress else { panic!("{progress:?}") };
        let Ledger { stages, .. } = &ledger;
        assert_eq!(stages.len(), run.program.stages().len());
        pieces.fetch_add(1, Ordering::SeqCst);
    };
    let job = Job::Check(Arc::clone(&run));
    let stopped = || pieces.load(Ordering::SeqCst) == 1;
    assert!(driver.carry_out(&job, Watch::new(&tell, &stopped)).unwrap().is_none(), "broken off after a piece");
    let answer = driver.carry_out(&job, Watch::new(&tell, &|| false)).unwrap();
    let Some(Answer::Check(ledger)) = answer else { panic!("{answer:?}") };
    let pieces = pieces.into_inner();
    assert!(ledger.is_complete() && ledger.ok() && pieces > 2, "{pieces} pieces");
    assert_eq!(ledger.checked().percent(), 100);
}

#[test]
fn what_nobody_waits_for_is_broken_off() {
    let sample = Arc::new(Sample::builtin(Sample::DEFAULT).unwrap().unwrap());
    let work = Work::new(2, 4, 2, 8).unwrap();
    for job in [
        Job::Scaling(Experiment::new(64, 100_000, 1).unwrap()),
        Job::Study { sample, scenario: Scenario::default() },
        Job::Race { work, rules: Rules::on_screen() },
    ] {
        let mut driver = Driver::new(Builtin);
        let answer = driver.carry_out(&job, Watch::new(&|_| {}, &|| true)).unwrap();
        assert!(answer.is_none(), "{:?}: {answer:?}", job.kind());
    }
}

#[test]
fn what_is_not_there_is_said_in_both_languages() {
    let fault = Driver::new(Builtin).carry_out(&Job::Load("nobody".into()), Watch::nobody()).unwrap_err();
    assert!(fault.words().en.contains("nobody") && fault.words().zh.contains("nobody"));
    assert_ne!(fault.words().zh, fault.words().en);
}
