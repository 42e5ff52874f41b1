//! What host and device did when: the queue between them, as measured.
//!
//! A host hands work over and goes on; the device does it some time later. How long something took depends on when one looks
//! at the clock.

use std::time::Duration;

use super::Work;

/// Steps of learning that are watched at most.
const STEPS: usize = 32;

/// How a host hands several pieces of work over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scene {
    /// Upload, submit, wait; then the next piece. A synchronize in the loop.
    OneByOne,
    /// Upload and submit every piece, wait once at the end: the next upload runs while the device computes.
    Ahead,
    /// All pieces in one upload and one launch.
    Together,
    /// Of learning: the loss is read after every step, which waits for it.
    Reading,
}

impl Scene {
    /// Those of finished weights, the most patient first.
    pub const ALL: [Self; 3] = [Self::OneByOne, Self::Ahead, Self::Together];

    /// Those of some work, the most patient first.
    pub const fn of(cut: Cut) -> [Self; 3] {
        match cut {
            Cut::Sentences | Cut::Heads => Self::ALL,
            Cut::Steps => [Self::OneByOne, Self::Reading, Self::Ahead],
        }
    }
}

/// Along what a piece of work is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Some sentences a piece, each with all its heads, from X to Y.
    Sentences,
    /// Some heads a piece, each over all sentences: attention alone, for Q, K and V of all heads are there already.
    Heads,
    /// Steps of learning, each in three pieces: forward, backward, step.
    Steps,
}

/// What the three pieces of a step of learning are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// `loss = model(x)`
    Forward,
    /// `loss.backward()`
    Backward,
    /// `optimizer.step()`
    Step,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Forward, Self::Backward, Self::Step];

    /// The phase of a piece, of the pieces of all steps.
    pub const fn of(piece: usize) -> Self {
        Self::ALL[piece % 3]
    }
}

impl Cut {
    /// How many pieces at most.
    pub fn most(self, work: Work) -> usize {
        match self {
            Self::Sentences => work.batch,
            Self::Heads => work.heads,
            Self::Steps => STEPS,
        }
    }

    /// Sentences or heads in each of so many pieces.
    pub fn share(self, work: Work, pieces: usize) -> usize {
        (self.most(work) / pieces.max(1)).max(1)
    }
}

/// Where the time of one run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// Numbers go to the device.
    pub upload: Duration,
    /// Between the hand-over and the answer, the computing left out; none where the device has no clock of its own.
    pub queue: Option<Duration>,
    /// The device computes; with the queue where it has no clock.
    pub execute: Duration,
    /// Numbers come back.
    pub read_back: Duration,
}

/// What a machine can do at most: the two lines of the roofline (Williams, Waterman and Patterson 2009).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Roof {
    /// Floating-point operations a second.
    pub flops: f64,
    /// Bytes a second that go to or come from memory.
    pub bytes: f64,
}

impl Roof {
    /// The least time that some work can take: every number it needs comes from memory once, every one it makes goes there.
    pub fn floor(&self, work: Work) -> Duration {
        let (rows, hidden) = (work.rows() as f64, work.hidden as f64);
        // X, Q, K, V twice, concat twice, Y; and four matrices of weights.
        let bytes = 4.0 * (10.0 * rows * hidden + 4.0 * hidden * hidden);
        Duration::from_secs_f64((work.operations() / self.flops.max(1.0)).max(bytes / self.bytes.max(1.0)))
    }
}

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The processor's.
    Host,
    /// The device's.
    Device,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Numbers go to the device.
    Upload,
    /// Commands are recorded and handed over.
    Submit,
    /// The host waits for the device.
    Wait,
    /// The device computes.
    Run,
}

/// One stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Whose.
    pub lane: Lane,
    /// What was done.
    pub what: What,
    /// Which piece, from 0.
    pub piece: usize,
    /// From the beginning of the scene.
    pub from: Duration,
    /// From the beginning of the scene.
    pub to: Duration,
}

/// One scene as it went.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// Which.
    pub scene: Scene,
    /// Pieces that were handed over.
    pub pieces: usize,
    /// Everything, in the order in which it was noted.
    pub spans: Vec<Span>,
    /// When the last submission came back to the host: what a clock shows that does not wait.
    pub submitted: Duration,
    /// When the device was done: what a clock shows that does.
    pub done: Duration,
    /// Whether the device's own clock measured its stretches; otherwise there are none.
    pub clocked: bool,
    /// Of learning: the losses that were read, the last one at the end.
    pub losses: Vec<f32>,
}

impl Timeline {
    /// How much longer the work took than a clock says that does not wait.
    pub fn trap(&self) -> f64 {
        self.done.as_secs_f64() / self.submitted.as_secs_f64().max(1e-9)
    }

    /// Time of the device that was spent computing.
    pub fn busy(&self) -> Duration {
        self.spans.iter().filter(|span| span.lane == Lane::Device).map(|span| span.to.saturating_sub(span.from)).sum()
    }
}
