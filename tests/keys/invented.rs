//! Answers that would take too long to measure, made up: well formed, of any size, in the order in which they would come.

use std::sync::Arc;
use std::time::Duration;

use qkv::ground::lang::Text;
use qkv::kernels::Rung;
use qkv::program::{Backend, BackendKind};
use qkv::session::{Amount, ComputeError, News, Scaling};
use qkv::source::sample::{Sample, Scenario};
use qkv::study::heads::{self, How, METRICS, Over, Profile, Study};
use qkv::study::race::{
    Contender, Cut, Entry, Lane, NoTime, Point, Roof, Scene, Span, Split, Timeline, Times, What, Work,
};
use qkv::study::scaling::{self, Experiment, Outcome, Verdict};
use rand::{Rng, RngExt};

fn machine() -> Backend {
    Backend { name: "gpu", adapter: "Vulkan nothing (0.0, 1 bit)".into(), kind: BackendKind::Software }
}

/// What heads are like, by chance; the same heads as those of the weights that were asked about.
pub(crate) fn study(sample: &Sample, scenario: &Scenario, random: &mut impl Rng) -> Study {
    let turned = scenario.switches().turn_switches(sample);
    let program = turned.map_or_else(|_| Arc::clone(&sample.program), |turned| turned.program);
    let over = |random: &mut dyn FnMut() -> f64| Over { mean: random(), sd: random(), n: 12 };
    let profile = |head| {
        let mut chance = || random.random_range(0.0..2.0);
        let metrics = METRICS.iter().map(|_| (chance() > 0.2).then(|| over(&mut chance))).collect();
        Profile { head, metrics, asks: Vec::new(), label: None }
    };
    let heads = heads::all(&program).into_iter().map(profile).collect();
    Study { heads, sentences: 12, own: false, refused: 0, how: How::default() }
}

/// One row of pairs: what counts is that d and seed come back.
pub(crate) fn outcome(wanted: Experiment) -> Arc<Outcome> {
    let scores: Vec<f64> = (0..scaling::KEYS).map(|pair| wanted.score(pair)).collect();
    Arc::new(Outcome::new(wanted, &scores))
}

/// The end of an experiment, on the same few pairs.
pub(crate) fn scaling(wanted: Experiment) -> Arc<Scaling> {
    let verdict = Verdict { checked: 8, worst: 1e-7, at: 3, figures: 2e-7 };
    let outcome = Outcome::clone(&outcome(wanted));
    Arc::new(Scaling { outcome, scores: Vec::new(), verdict, by: machine(), fallback: None })
}

/// All that a race tells, from the adapter to the last point of the plot.
pub(crate) fn race(work: Work, random: &mut impl Rng) -> Vec<News> {
    let mut news = vec![News::Adapter(random.random_bool(0.8).then(machine))];
    let mut contenders = vec![Contender::NdarrayOne, Contender::NdarrayAll];
    contenders.extend(Rung::ALL.map(Contender::Rung));
    contenders.push(Contender::Ours(Rung::Register));
    let of = contenders.len();
    for (n, contender) in contenders.into_iter().enumerate() {
        news.push(News::Started { contender, n, of });
        let mut time = |most: u64| Duration::from_nanos(random.random_range(0..most));
        let mut warm: Vec<Duration> = (0..5).map(|_| time(30_000_000_000)).collect();
        warm.sort();
        let split = Split { upload: time(9999), queue: None, execute: time(99_999), read_back: time(9999) };
        let times = Times { cold: time(60_000_000_000), warm, error: 3e-7, split: Some(split) };
        let result = if random.random_bool(0.8) {
            Ok(times)
        } else {
            let (needed, limit) = (Amount::Bytes(1 << 40), Amount::Bytes(1 << 27));
            Err(NoTime::from(ComputeError::TooLarge { what: Text::same("scores"), needed, limit }))
        };
        news.push(News::In(Entry { contender, work, result }));
    }
    news.extend([News::Over, News::Roof(Roof { flops: 1e11, bytes: 1e10 })]);
    for n in 0..13 {
        let mut time = || Duration::from_nanos(random.random_range(0..1 << 30));
        news.push(News::Point(Point { batch: 1 << n, cpu: time(), adapter: time() }));
    }
    news
}

/// A scene of so many pieces, each of them anywhere.
pub(crate) fn timeline(scene: Scene, cut: Cut, pieces: usize, random: &mut impl Rng) -> Timeline {
    let pieces = if scene == Scene::Together { 1 } else { pieces };
    let (mut spans, mut host) = (Vec::new(), Duration::ZERO);
    for piece in 0..pieces {
        for what in [What::Upload, What::Submit, What::Wait] {
            if what == What::Upload && cut == Cut::Heads {
                continue;
            }
            let lasts = Duration::from_nanos(random.random_range(0..1_000_000));
            spans.push(Span { lane: Lane::Host, what, piece, from: host, to: host + lasts });
            host += lasts;
        }
        let to = host + Duration::from_nanos(random.random_range(0..1_000_000));
        spans.push(Span { lane: Lane::Device, what: What::Run, piece, from: host, to });
    }
    let done = host + Duration::from_millis(1);
    Timeline { scene, pieces, spans, submitted: host / 2, done, clocked: random.random_bool(0.8), losses: Vec::new() }
}
