//! What the queue says: the scenes with their times, the async trap, what this driver does.

use std::time::Duration;

use super::super::{Line, Tone};
use super::QueueWindow;
use crate::app::Model;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::program::BackendKind;
use crate::study::race::{Cut, QUEUED, Scene, Timeline, Work};

/// Everything, line by line.
pub(super) fn lines(queue: &QueueWindow, model: &Model) -> Vec<Line> {
    let mut lines = vec![Line::Heading(queue.what())];
    if let Some(why) = queue.why_not() {
        lines.push(Line::Say(Tone::Bad, why));
        return lines;
    }
    for scene in Scene::of(queue.cut) {
        lines.push(Line::Say(Tone::Key, queue.name(scene)));
        lines.push(match queue.time(scene) {
            Some(time) => Line::Say(Tone::Strong, time),
            None => Line::Say(Tone::Dim, QueueWindow::measuring()),
        });
    }
    if let Some(clocks) = queue.clocks() {
        lines.push(Line::Heading(QueueWindow::trap_heading()));
        let said = |(name, time): (Text, Duration)| {
            let time = milliseconds(time);
            Line::say(Text::owned(format!("{}：{time} ms", name.zh), format!("{}: {time} ms", name.en)))
        };
        lines.extend(clocks.map(said));
    }
    lines.extend(queue.trap(model).into_iter().map(|(tone, words)| Line::Say(tone, words)));
    lines
}

/// A time as it is written.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

impl QueueWindow {
    /// The work and how it is handed over.
    pub fn what(&self) -> Text {
        let pieces = self.pieces;
        let s = if pieces == 1 { "" } else { "s" };
        let Work { batch, heads, .. } = QUEUED;
        let d = QUEUED.features();
        match self.cut {
            Cut::Sentences => Text::owned(
                format!("{batch} 句注意力交给设备，分成 {pieces} 份。主机交出去就走，设备稍后才做完。"),
                format!(
                    "{batch} sentences of attention, in {pieces} piece{s}. The host hands over and goes on; the device finishes later."
                ),
            ),
            Cut::Steps => Text::owned(
                format!(
                    "小 Transformer 训练 {pieces} 步，每步交三次：前向、反向、更新。loss.backward() 和 optimizer.step() 交出去就返回，算完要等。"
                ),
                format!(
                    "A small transformer learns for {pieces} step{s}, each handed over in three: forward, backward, step. loss.backward() and optimizer.step() return at once; the work is done later."
                ),
            ),
            Cut::Heads => Text::owned(
                format!(
                    "{heads} 个头、每头 {d} 维的注意力，分成 {pieces} 次提交，每次提交启动三个核函数。头和头互不相干，一次提交就能全算。"
                ),
                format!(
                    "{heads} heads of {d} numbers, attention in {pieces} submission{s} of three dispatches. No head needs another: one submission does all of them at once."
                ),
            ),
        }
    }

    /// Why nothing can be watched, where that is so.
    pub(crate) fn why_not(&self) -> Option<Text> {
        let why = self.failed.as_ref()?;
        Some(Text::owned(format!("没有可以看的：{}", why.zh), format!("there is nothing to watch: {}", why.en)))
    }

    /// What a scene is called.
    pub const fn name(&self, scene: Scene) -> Text {
        match (scene, self.cut) {
            (Scene::OneByOne, Cut::Steps) => {
                Text::new("前向、反向、更新，每次都 synchronize()", "synchronize() after forward, backward and step")
            }
            (Scene::Ahead, Cut::Steps) => {
                Text::new("全部排进队列，最后 synchronize() 一次", "all queued, one synchronize() at the end")
            }
            (scene, _) => Self::plain_name(scene),
        }
    }

    /// The same of finished weights.
    const fn plain_name(scene: Scene) -> Text {
        match scene {
            Scene::Reading => Text::new("每一步都读一次 loss.item()", "loss.item() is read every step"),
            Scene::OneByOne => Text::new("交一份等一份（循环里同步）", "one by one (synchronize in the loop)"),
            Scene::Ahead => Text::new("一口气全交，最后等一次（流水线）", "all handed over, one wait (pipelined)"),
            Scene::Together => Text::new("合成一份，一次提交", "all in one submission"),
        }
    }

    /// In place of a scene's time, until it is there.
    pub(crate) const fn measuring() -> Text {
        Text::new("正在测……", "measuring ...")
    }

    /// How long a scene took, beside the first.
    pub fn time(&self, scene: Scene) -> Option<Text> {
        let timeline = self.timeline(scene)?;
        let time = format!("{} ms", milliseconds(timeline.done));
        let Some(first) = self.timeline(Scene::OneByOne).filter(|_| scene != Scene::OneByOne) else {
            return Some(Text::same(time));
        };
        let times = first.done.as_secs_f64() / timeline.done.as_secs_f64().max(1e-9);
        let (faster, slower) = (short(times), short(times.recip()));
        Some(if times < 1.0 {
            Text::owned(
                format!("{time}（更慢，用时是 {slower} 倍）"),
                format!("{time} (slower: {slower} times as long)"),
            )
        } else {
            Text::owned(format!("{time}（速度是 {faster} 倍）"), format!("{time} ({faster} times as fast)"))
        })
    }

    /// In place of a device's line, where it has no clock.
    pub(crate) const fn no_clock() -> Text {
        Text::new("这个设备没有自己的时钟，看不见", "this device has no clock of its own to look at")
    }

    /// What the two clocks are about.
    pub(crate) const fn trap_heading() -> Text {
        Text::new("异步陷阱：什么时候看表？", "the async trap: when does one look at the clock?")
    }

    /// The scene in which all the work is handed over before anybody waits.
    const fn whole(&self) -> Scene {
        match self.cut {
            Cut::Steps => Scene::Ahead,
            Cut::Sentences | Cut::Heads => Scene::Together,
        }
    }

    /// What reading the loss every step costs, and that the steps were steps of learning.
    fn reading(&self) -> Option<Text> {
        let (reading, ahead) = (self.timeline(Scene::Reading)?, self.timeline(Scene::Ahead)?);
        let (first, last) = (reading.losses.first()?, reading.losses.last()?);
        let (read, queued) = (milliseconds(reading.done), milliseconds(ahead.done));
        Some(Text::owned(
            format!(
                "loss.item() 要等这一步算完才知道是几：每步都读就每步都等（{read} ms，对 {queued} ms）。隔几十步读一次就好。损失 {first:.3} → {last:.3}。"
            ),
            format!(
                "loss.item() has to wait until the step is done: read every step, the host waits every step ({read} ms beside {queued} ms). Once in a while is enough. Loss {first:.3} → {last:.3}."
            ),
        ))
    }

    /// The same work by two clocks: one stopped after the submission, one after the wait.
    pub fn clocks(&self) -> Option<[(Text, Duration); 2]> {
        let timeline = self.timeline(self.whole())?;
        Some([
            (Text::new("提交完就看", "after submit"), timeline.submitted),
            (Text::new("等做完再看", "after wait"), timeline.done),
        ])
    }

    /// What to learn from the two clocks, and what this driver does differently.
    pub fn trap(&self, model: &Model) -> Vec<(Tone, Text)> {
        let Some(timeline) = self.timeline(self.whole()) else { return Vec::new() };
        let trap = timeline.trap();
        let times = if trap < 10.0 { short(trap) } else { format!("{trap:.0}") };
        let mut all = vec![(
            Tone::Strong,
            Text::owned(
                format!("差 {times} 倍。不等就停表，量到的只是交活的时间：GPU 的计时一定要先同步。"),
                format!(
                    "A factor of {times}. A clock stopped without waiting measures only the hand-over: synchronize before you time a GPU."
                ),
            ),
        )];
        all.extend(self.reading().map(|words| (Tone::Plain, words)));
        // Some drivers let no host run ahead: the submission itself waits.
        if self.timeline(Scene::Ahead).is_some_and(|ahead| ahead.pieces > 1 && ahead.trap() < 1.5) {
            let words = Text::new(
                "这里的驱动不让主机跑远：前一份没做完，下一次提交自己就在等（主机那行几乎全是 s）。",
                "This driver lets no host run far ahead: the next submission itself waits for the one before (the host's line is mostly s).",
            );
            all.push((Tone::Plain, words));
        }
        all.push((
            Tone::Plain,
            Text::new(
                "WebGPU 只有一条队列：先提交的先做，不必 synchronize，结果也不会乱；等待只为了读回和计时。CUDA 可以有多条流（stream），让互不相干的核函数和拷贝重叠。",
                "WebGPU has one queue: what is submitted first is done first, and results are right without a synchronize; waiting is for reading back and for timing. CUDA may have several streams, whose kernels and copies can overlap.",
            ),
        ));
        let slower = |one: &Timeline| timeline.done.as_secs_f64() > 1.1 * one.done.as_secs_f64();
        if self.timeline(Scene::OneByOne).is_some_and(slower) {
            let software = model.run().is_some_and(|run| run.trace.by.kind == BackendKind::Software);
            let words = if software {
                Text::new(
                    "合成一份反而慢：软件适配器上核心就那么几个，活儿一样多，机器上别的程序也在抢。按 r 再测。",
                    "All in one was slower: a software adapter has the same few cores for the same work, and other programs want them too. r measures again.",
                )
            } else {
                Text::new("这一次合成一份反而慢。按 r 再测。", "This time all in one was slower. r measures again.")
            };
            all.push((Tone::Plain, words));
        }
        all
    }
}
