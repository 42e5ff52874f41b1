//! The right side of the GPU lens: the number, the step, the variables, the launch, the traffic, the reasons, the machine.

use super::{Line, map};
use crate::app::{KernelLens, Model, Progress};
use crate::engine::Seen;
use crate::kernels::{self, Version};
use crate::lang::Text;
use crate::mirror::{Access, Scalar, Tick, Value};
use crate::number::short;
use crate::text;
use crate::ui::theme::Theme;

/// Variables that are shown; older ones are left out.
const VARIABLES: usize = 14;

pub(super) fn lines(model: &Model, theme: Theme, lens: &KernelLens, seen: &Seen, width: usize) -> Vec<Line> {
    let mut page = Page { model, theme, width, lines: Vec::new() };
    page.number(seen);
    match lens.turns {
        None => page.step(lens, seen),
        Some(turns) => page.group(seen, turns),
    }
    page.lines.extend(map::lines(model, theme, seen, width));
    page.traffic(seen);
    page.reason(seen);
    page.machine(seen);
    page.lines
}

struct Page<'a> {
    model: &'a Model,
    theme: Theme,
    width: usize,
    lines: Vec<Line>,
}

impl Page<'_> {
    fn head(&mut self, words: &Text) {
        if !self.lines.is_empty() {
            self.lines.push((String::new(), self.theme.ground()));
        }
        self.lines.push((self.model.say(words).to_owned(), self.theme.key()));
    }

    fn say(&mut self, words: &Text) {
        for line in text::wrap(self.model.say(words), self.width) {
            self.lines.push((line, self.theme.ground()));
        }
    }

    /// What the number is by the trace, the device and the mirror.
    fn number(&mut self, seen: &Seen) {
        let theme = self.theme;
        let known = self.model.trace().map(|trace| trace.get(seen.address));
        self.head(&Text::new("这个数", "the number"));
        let ok = |x: f32| known.is_none_or(|k| (x <= -1e30 && k <= -1e30) || (x - k).abs() <= 1e-5 * k.abs().max(1.0));
        let row = |name: &str, x: f32| {
            let value = if x <= -1e30 { "−∞".to_owned() } else { format!("{x:.7}") };
            (
                format!("{name} {value} {}", if ok(x) { "✓" } else { "✗" }),
                if ok(x) { theme.good() } else { theme.bad() },
            )
        };
        let named = |text: &Text| self.model.say(text).to_owned();
        let device = named(&Text::new("设备写的", "device "));
        let mirror = named(&Text::new("镜像算的", "mirror "));
        match &seen.written {
            Some(Ok(x)) => self.lines.push(row(&device, *x)),
            Some(Err(why)) => self.lines.push((format!("{device} {why}"), theme.bad())),
            None => self.say(&Text::new("没有适配器：只有镜像在走", "no adapter: the mirror walks alone")),
        }
        self.lines.push(row(&mirror, seen.mirrored));
    }

    /// The step that was taken last, and what every variable holds.
    fn step(&mut self, lens: &KernelLens, seen: &Seen) {
        let (n, all) = (lens.steps, seen.recording.ticks.len());
        self.head(&Text::owned(format!("第 {n} 步，共 {all} 步"), format!("step {n} of {all}")));
        let Some(tick) = n.checked_sub(1).and_then(|at| seen.recording.ticks.get(at)) else { return };
        self.tick(seen, tick);
        let known = seen.recording.variables(n);
        let skip = known.len().saturating_sub(VARIABLES);
        for (name, value) in known.into_iter().skip(skip) {
            let fresh = tick.sets.iter().any(|(set, _)| set == name);
            let style = if fresh { self.theme.strong() } else { self.theme.ground() };
            let line = format!("{name} = {}", written(value));
            self.lines.push((text::cut(&line, self.width).to_owned(), style));
        }
    }

    /// What a step loaded, wrote and decided.
    fn tick(&mut self, seen: &Seen, tick: &Tick) {
        if tick.barrier {
            self.say(&Text::new("栅栏：等整个工作组到齐", "a barrier: the whole workgroup meets here"));
        }
        if let Some(yes) = tick.decided {
            let words = if yes {
                Text::new("条件成立", "the condition holds")
            } else {
                Text::new("条件不成立", "it does not hold")
            };
            self.say(&words);
        }
        let list = |accesses: &[Access]| {
            let some: Vec<String> = accesses.iter().take(4).map(|access| place(seen, access)).collect();
            let more = if accesses.len() > 4 { " …" } else { "" };
            format!("{}{more}", some.join(" "))
        };
        if !tick.loads.is_empty() {
            let from = list(&tick.loads);
            self.say(&Text::owned(format!("从显存读 {from}"), format!("loads {from}")));
        }
        if !tick.stores.is_empty() {
            let to = list(&tick.stores);
            self.say(&Text::owned(format!("写进显存 {to}"), format!("writes {to}")));
        }
    }

    /// How far each subgroup of the workgroup is.
    fn group(&mut self, seen: &Seen, turns: usize) {
        let lanes = Progress::lanes(seen);
        let progress = Progress::after(seen, turns);
        self.head(&Text::owned(
            format!("整个工作组：每行一个子组（{lanes} 个线程同走一行）"),
            format!("the whole workgroup: a row for each subgroup of {lanes}"),
        ));
        let all = seen.recording.waves.len().max(1);
        let room = self.width.saturating_sub(22).clamp(6, 40);
        let own = seen.owner.local as usize / lanes;
        for (subgroup, steps) in progress.steps.iter().enumerate().take(32) {
            let line = steps.checked_sub(1).and_then(|at| seen.recording.waves.get(at)).map_or(0, |wave| wave.line);
            let done = steps * room / all;
            let bar = format!("{}{}", "█".repeat(done), "·".repeat(room - done));
            let waits = progress.waits(seen, subgroup);
            let state = match () {
                () if waits => self.model.say(&Text::new("等栅栏", "waits")).to_owned(),
                () if *steps == seen.recording.waves.len() => self.model.say(&Text::new("完成", "done")).to_owned(),
                () => format!("{line:>4}"),
            };
            let style = match () {
                () if waits => self.theme.bad(),
                () if subgroup == own => self.theme.strong(),
                () => self.theme.ground(),
            };
            self.lines.push((format!("{subgroup:>3} {bar} {state}"), style));
        }
        if !seen.recording.waves.iter().any(|wave| wave.barrier) {
            self.say(&Text::new(
                "这个着色器没有栅栏：各走各的，谁也不等谁。分块（tiled）的写法里有。",
                "This kernel has no barrier: nobody waits for anybody. The tiled rung has some.",
            ));
        }
    }

    /// How often the launch loads each number.
    fn traffic(&mut self, seen: &Seen) {
        self.head(&Text::new("显存流量（整次发射）", "traffic of the whole launch"));
        let Some(loads) = &seen.loads else {
            self.say(&Text::new("太大了，不数", "too much to count here"));
            return;
        };
        for (storage, counts) in seen.launch.buffers.iter().zip(loads) {
            let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
            let read: Vec<u32> = counts.iter().copied().filter(|&n| n > 0).collect();
            if read.is_empty() {
                continue;
            }
            let (least, most) = (read.iter().min().unwrap_or(&0), read.iter().max().unwrap_or(&0));
            let each = if least == most { most.to_string() } else { format!("{least}–{most}") };
            let (symbol, count) = (storage.symbol, read.len());
            self.say(&Text::owned(
                format!("{symbol}：{count} 个数，读 {total} 次，每个 {each} 次"),
                format!("{symbol}: {count} numbers loaded {total} times, each {each}"),
            ));
        }
    }

    /// Why this kernel ran, and why it is written as it is.
    fn reason(&mut self, seen: &Seen) {
        self.head(&Text::new("为什么这样写", "why it is written so"));
        let choice = match seen.version {
            Version::Taught => Text::new(
                "屏幕上的数就是它算的：一步一步都看得懂，求和带补偿，什么输入都对得上参考。大活儿交给比赛里最快的那一级（R）。",
                "The numbers on the screen are its work: every step can be read, its sums are compensated and agree with the reference for any input. Heavy work goes to the rung that the race finds fastest (R).",
            ),
            _ => Text::new(
                "你换上的这一级刚在适配器上对同样的数跑了一遍；屏幕上的数仍是 teach 算的。",
                "You chose this rung: it has just run on the same numbers. Those on the screen are still teach's.",
            ),
        };
        if let Some(reason) = kernels::reason(seen.launch.file) {
            self.say(&reason);
        }
        self.say(&choice);
    }

    fn machine(&mut self, seen: &Seen) {
        self.head(&Text::new("机器", "the machine"));
        let by = self.model.run.as_ref().map(|run| super::super::footer::machine(self.model, &run.trace.by));
        for line in by.iter().flat_map(|by| text::wrap(by, self.width)) {
            self.lines.push((line, self.theme.ground()));
        }
        let Some(hardware) = &seen.hardware else { return };
        let lanes = hardware.lanes.map_or_else(|| "–".to_owned(), |lanes| lanes.to_string());
        let (shared, buffer) = (hardware.shared / 1024, hardware.buffer >> 20);
        self.say(&Text::owned(
            format!(
                "{}；子组 {lanes} 个线程，工作组最多 {} 个线程、{shared} KiB 共享内存；一个缓冲区最多 {buffer} MiB；每个方向最多发射 {} 个工作组",
                hardware.driver, hardware.invocations, hardware.workgroups
            ),
            format!(
                "{}; subgroups of {lanes}, workgroups of up to {} invocations and {shared} KiB; buffers of up to {buffer} MiB; up to {} workgroups in each direction",
                hardware.driver, hardware.invocations, hardware.workgroups
            ),
        ));
    }
}

/// A value in short.
fn written(value: &Value) -> String {
    match value {
        Value::One(Scalar::F(x)) if x.abs() < 1e30 => short(f64::from(*x)),
        other => other.to_string(),
    }
}

/// Where some numbers lie, as the matrix has it: `H[3,5]`.
fn place(seen: &Seen, access: &Access) -> String {
    let Some(storage) = seen.launch.buffers.get(access.buffer) else { return String::new() };
    let cell = seen.address.cell;
    let Some((row, col)) = storage.lies.find((cell.batch, cell.head), access.place) else {
        return format!("{}+{}", storage.symbol, access.place);
    };
    let wide = if access.count > 1 { format!("…{}", col + access.count) } else { String::new() };
    format!("{}[{},{}{wide}]", storage.symbol, row + 1, col + 1)
}
