//! What the lens says of a number: by whom it was made, the step, the variables, the launch, the traffic, the reasons, the machine.

use std::collections::BTreeMap;

use super::super::{Line, Tone};
use super::{LensWindow, Turns, map};
use crate::app::words;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::kernels::mirror::{Access, Scalar, Tick, Value};
use crate::kernels::{self, Version};
use crate::program::Slot;
use crate::session::{Run, Seen};

/// Variables that are shown; older ones are left out.
const VARIABLES: usize = 14;

/// Lines that a step's loads, stores and decisions take at most, as a rule.
const EVENTS: usize = 2;

/// All of it. The machine is named with what its driver adds, where it is said `whole`.
pub(super) fn lines(lens: &LensWindow, (run, seen): (&Run, &Seen), whole: bool) -> Vec<Line> {
    let mut facts = Facts { lines: Vec::new() };
    facts.number(run, seen);
    match lens.turns {
        None => facts.step(lens, (run, seen)),
        Some(turns) => facts.group(seen, turns),
    }
    facts.lines.extend(map::lines(seen));
    facts.reads(run, seen);
    facts.traffic(run, seen);
    facts.reason(run, seen);
    facts.machine(run, seen, whole);
    facts.lines
}

/// How fast it goes on by itself, where it does.
fn playing(lens: &LensWindow) -> (String, String) {
    lens.playing.map_or_else(Default::default, |n| (format!("，每秒 {n} 步 ▶"), format!(", {n} a second ▶")))
}

struct Facts {
    lines: Vec<Line>,
}

impl Facts {
    fn head(&mut self, words: Text) {
        self.lines.push(Line::Heading(words));
    }

    fn say(&mut self, words: Text) {
        self.lines.push(Line::say(words));
    }

    /// What the number is by the trace, the device and the mirror.
    fn number(&mut self, run: &Run, seen: &Seen) {
        let known = run.trace.get(seen.address);
        self.head(Text::new("这个数", "the number"));
        let ok = |x: f32| (x <= -1e30 && known <= -1e30) || (x - known).abs() <= 1e-5 * known.abs().max(1.0);
        let row = |name: &Text, x: f32| {
            let value = if x <= -1e30 { "−∞".to_owned() } else { format!("{x:.7}") };
            let (mark, tone) = if ok(x) { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
            let words = |name: &str| format!("{name} {value} {mark}");
            Line::Exact(tone, Text::owned(words(&name.zh), words(&name.en)))
        };
        let device = Text::new("设备写的    ", "device       ");
        let mirror = Text::new("CPU 逐行重算", "CPU, by line ");
        match &seen.written {
            Some(Ok(x)) => self.lines.push(row(&device, *x)),
            Some(Err(why)) => {
                let Text { zh, en } = why.words();
                let words = Text::owned(format!("{} {zh}", device.zh), format!("{} {en}", device.en));
                self.lines.push(Line::Exact(Tone::Bad, words));
            }
            None => self.say(Text::new("没有适配器：由 CPU 逐行走", "no adapter: the CPU walks through it alone")),
        }
        self.lines.push(row(&mirror, seen.mirrored));
    }

    /// The step that was taken last, and what every variable holds. Once it goes on step by step, room is kept for all that
    /// there will be, so that what stands below does not move.
    fn step(&mut self, lens: &LensWindow, (run, seen): (&Run, &Seen)) {
        let ticks = &seen.recording.ticks;
        let shown = |tick: &&Tick| lens.shows(tick);
        let done = &ticks[..lens.steps.min(ticks.len())];
        let (n, all) = (done.iter().filter(shown).count(), ticks.iter().filter(shown).count());
        let (zh, en) = playing(lens);
        // A line in a loop comes again: which round this is, and how many there are.
        let line = done.last().map(|tick| tick.line);
        let rounds = |ticks: &[Tick]| ticks.iter().filter(|t| lens.shows(t) && Some(t.line) == line).count();
        let (round, of) = (rounds(done), rounds(ticks));
        let again = if of > 1 {
            Text::owned(
                format!("；这一行走 {of} 次，这是第 {round} 次"),
                format!("; this line runs {of} times, this is number {round}"),
            )
        } else {
            Text::same("")
        };
        self.head(Text::owned(
            format!("第 {n} 步，共 {all} 步{}{zh}", again.zh),
            format!("step {n} of {all}{}{en}", again.en),
        ));
        let Some((tick, before)) = done.split_last() else { return };
        // What a function loaded that was stepped over belongs to this step.
        let inside = before.iter().rev().take_while(|tick| !lens.shows(tick)).count();
        let over = &before[before.len() - inside..];
        let loads: Vec<Access> = over.iter().rev().chain([tick]).flat_map(|tick| tick.loads.clone()).collect();
        self.tick((run, seen), tick, &loads);
        let known = seen.recording.variables(lens.steps);
        let skip = known.len().saturating_sub(VARIABLES);
        for (name, value) in known.into_iter().skip(skip) {
            let fresh = tick.sets.iter().any(|(set, _)| set == name);
            let tone = if fresh { Tone::Strong } else { Tone::Plain };
            self.lines.push(Line::Exact(tone, Text::same(format!("{name} = {}", written(value)))));
        }
        let room = EVENTS + seen.recording.variables(ticks.len()).len().min(VARIABLES);
        self.lines.push(Line::Room(room));
    }

    /// What a step loaded, wrote and decided.
    fn tick(&mut self, (run, seen): (&Run, &Seen), tick: &Tick, loads: &[Access]) {
        if tick.barrier {
            self.say(Text::new("屏障（barrier）：等整个工作组到齐", "a barrier: the whole workgroup meets here"));
        }
        if let Some(yes) = tick.decided {
            let words = if yes {
                Text::new("条件成立", "the condition holds")
            } else {
                Text::new("条件不成立", "it does not hold")
            };
            self.say(words);
        }
        let list = |accesses: &[Access]| {
            let some: Vec<String> = accesses.iter().take(4).map(|access| place(run, seen, access)).collect();
            let more = if accesses.len() > 4 { " …" } else { "" };
            format!("{}{more}", some.join(" "))
        };
        if !loads.is_empty() {
            let from = list(loads);
            self.say(Text::owned(format!("从显存读 {from}"), format!("loads {from}")));
        }
        if !tick.stores.is_empty() {
            let to = list(&tick.stores);
            self.say(Text::owned(format!("写进显存 {to}"), format!("writes {to}")));
        }
    }

    /// How far each subgroup of the workgroup is.
    fn group(&mut self, seen: &Seen, turns: usize) {
        let lanes = Turns::lanes(seen);
        let progress = Turns::after(seen, turns);
        self.head(Text::owned(
            format!("整个工作组：一行是一个子组（subgroup，CUDA 叫 warp），{lanes} 个线程一起走；右边是走到的行号"),
            format!(
                "the whole workgroup: a row for each subgroup (CUDA: warp) of {lanes} invocations, on the right the line it is on"
            ),
        ));
        let all = seen.recording.waves.len().max(1);
        let own = seen.owner.local as usize / lanes;
        for (subgroup, steps) in progress.steps.iter().enumerate().take(32) {
            let line = steps.checked_sub(1).and_then(|at| seen.recording.waves.get(at)).map_or(0, |wave| wave.line);
            let waits = progress.waits(seen, subgroup);
            let words = match () {
                () if waits => Text::new("等屏障", "waits"),
                () if *steps == seen.recording.waves.len() => Text::new("完成", "done"),
                () => Text::owned(format!("第 {line} 行"), format!("line {line}")),
            };
            let tone = match () {
                () if waits => Tone::Bad,
                () if subgroup == own => Tone::Strong,
                () => Tone::Plain,
            };
            self.lines.push(Line::Bar { tone, name: format!("{subgroup:>3}"), share: (*steps, all), words });
        }
        self.say(Text::new(
            "左边 ► 是你的子组，▹ 是别的子组。谁先走，WGSL 不作保证，这里随意排了一个先后。",
            "On the left ► is your subgroup, ▹ are the others. WGSL promises no order among them; the one here is arbitrary.",
        ));
        if !seen.recording.waves.iter().any(|wave| wave.barrier) {
            self.say(Text::new(
                "这个着色器没有屏障：各走各的，互不等待。",
                "This kernel has no barrier: nobody waits for anybody.",
            ));
        }
    }

    /// The rows or tiles that the chosen invocation loads, from its first step to its last.
    fn reads(&mut self, run: &Run, seen: &Seen) {
        let loads = || seen.recording.ticks.iter().flat_map(|tick| &tick.loads);
        let (mut parts, mut padding) = (Vec::new(), false);
        for buffer in 0..seen.launch.buffers.len() {
            let places =
                loads().filter(|load| load.buffer == buffer).flat_map(|load| load.place..load.place + load.count);
            let mut found: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
            for place in places {
                match owner(run, seen, buffer, place) {
                    Some((symbol, cell)) => found.entry(symbol).or_default().push(cell),
                    None => padding = true,
                }
            }
            for (symbol, cells) in found {
                let range = |of: fn(&(usize, usize)) -> usize| {
                    let (least, most) = (cells.iter().map(of).min()?, cells.iter().map(of).max()?);
                    Some(if least < most { format!("{}…{}", least + 1, most + 1) } else { (least + 1).to_string() })
                };
                if let (Some(rows), Some(cols)) = (range(|cell| cell.0), range(|cell| cell.1)) {
                    parts.push(format!("{symbol}[{rows},{cols}]"));
                }
            }
        }
        if !parts.is_empty() {
            let all = parts.join(" ");
            let zeros =
                if padding { Text::new("，还有补的零", ", and zeros of the padding") } else { Text::same("") };
            self.say(Text::owned(format!("● 一共读了 {all}{}", zeros.zh), format!("● loads {all}{} in all", zeros.en)));
        }
    }

    /// How often the launch loads each number.
    fn traffic(&mut self, run: &Run, seen: &Seen) {
        self.head(Text::new("读取次数（整次启动，缓存之前）", "loads of the whole launch, before any cache"));
        let Some(loads) = &seen.loads else {
            self.say(Text::new("太大了，不数", "too much to count here"));
            return;
        };
        let mut padded = false;
        for (buffer, (storage, counts)) in seen.launch.buffers.iter().zip(loads).enumerate() {
            let total: u64 = counts.iter().map(|&n| u64::from(n)).sum();
            let read: Vec<u32> = counts.iter().copied().filter(|&n| n > 0).collect();
            if read.is_empty() {
                continue;
            }
            let (least, most) = (read.iter().min().unwrap_or(&0), read.iter().max().unwrap_or(&0));
            let each = if least == most { most.to_string() } else { format!("{least}–{most}") };
            let (symbol, count) = (name(run, seen, buffer), read.len());
            let planes = seen.launch.map.planes;
            let stored = storage.layout.rows * storage.layout.cols * storage.layout.planes(planes);
            // A tensor that all heads share may lie there once for each.
            let mut slots: Vec<Slot> = storage.holds.iter().map(|part| part.slot).collect();
            slots.sort_unstable();
            slots.dedup();
            let own: usize = slots.into_iter().map(|slot| run.program.shape(slot).count()).sum();
            let (real, copied) = (if own > 0 { own.min(stored) } else { stored }, own > 0 && stored > own);
            padded |= count > 2 * stored;
            let (zh, en) = match (copied, count > stored) {
                (false, false) => (format!("{count} 个数"), format!("{count} numbers")),
                (false, true) => {
                    (format!("{real} 个数（补零到 {count} 个）"), format!("{real} numbers ({count} with padding)"))
                }
                (true, false) => (
                    format!("{real} 个数（每个头各存一份，共 {count} 个）"),
                    format!("{real} numbers (a copy for each head: {count})"),
                ),
                (true, true) => (
                    format!("{real} 个数（每个头各存一份，补零到 {count} 个）"),
                    format!("{real} numbers (a copy for each head, {count} with padding)"),
                ),
            };
            self.say(Text::owned(
                format!("{symbol}：{zh}，读 {total} 次，每个 {each} 次"),
                format!("{symbol}: {en}, {total} loads, {each} per number"),
            ));
        }
        if padded {
            self.say(Text::new(
                "补零是为了让边上不用分支；矩阵这么小，读的大多是零。大矩阵上才看得出它省了多少。",
                "Padding saves branches at the edges. A matrix as small as this is mostly padding: what is saved shows on large ones.",
            ));
        }
        // The register rung lets such invocations go; the others need them to the end.
        let map = &seen.launch.map;
        let idle = !map.shape.0.is_multiple_of(map.tile().0.max(1));
        if idle && matches!(seen.version, Version::Fused(rung) if rung.keeps_idle()) {
            self.say(Text::new(
                "没有查询可算的线程把最后一行重读一遍。",
                "Invocations without a query of their own read the last one's row again.",
            ));
        }
    }

    /// Why this kernel ran, and why it is written as it is.
    fn reason(&mut self, run: &Run, seen: &Seen) {
        self.head(Text::new("为什么这样写", "why it is written so"));
        // By which kernel the device made the stage; a heavy program runs on the fast ones.
        let made = run.trace.kernel(seen.stage);
        let choice = match seen.version {
            _ if seen.written.is_none() => Text::new(
                "这里没有适配器：主画面上的数来自 CPU 上的 f64 参考，着色器由 CPU 逐行走一遍给你看。",
                "There is no adapter here: the numbers in the main view come from the f64 reference, and the CPU walks through the shader line by line.",
            ),
            version if made.is_some_and(|made| made != "teach") && made == Some(version.name()) => Text::owned(
                format!(
                    "主画面上的数就是这个核函数（{}）算的：这个程序太重，教学用的写法（teach）会让人等。",
                    version.name()
                ),
                format!(
                    "The numbers in the main view come from this kernel, {}: the program is too heavy for the one that is written to be read.",
                    version.name()
                ),
            ),
            _ if made.is_some_and(|made| made != "teach") => {
                let made = made.unwrap_or_default();
                Text::owned(
                    format!(
                        "这个核函数刚在适配器（显卡或软件驱动）上对同样的数跑了一遍；主画面上的数是 {made} 算的，因为这个程序算起来太重。"
                    ),
                    format!(
                        "This kernel has just run on the same numbers; those in the main view come from {made}, for the program is heavy."
                    ),
                )
            }
            Version::Taught if seen.versions.len() > 1 => Text::new(
                "主画面上的数就是这个教学用的核函数（teach）算的。按 Tab 换成别的写法；计算量大时，交给赛跑（R）里最快的那种写法。",
                "The numbers in the main view come from this kernel, teach, which is written to be read. Tab shows other ways to write it; heavy work goes to the one that the race (R) finds fastest.",
            ),
            Version::Taught => Text::new(
                "主画面上的数就是它算的。这一步只有这一种写法。",
                "The numbers in the main view come from it. This stage has no other kernel.",
            ),
            _ if matches!(seen.written, Some(Err(_))) => Text::new(
                "这种写法在适配器上没有跑成（原因在上面）；主画面上的数仍然是教学用的核函数 teach 算的。",
                "This version did not run on the adapter (the reason stands above); the numbers in the main view still come from teach, the kernel written to be read.",
            ),
            _ => Text::new(
                "这种写法刚在适配器上对同样的数跑了一遍；主画面上的数仍然是教学用的核函数 teach 算的。",
                "This version has just run on the same numbers; those in the main view still come from teach, the kernel written to be read.",
            ),
        };
        if let Some(reason) = kernels::reason(seen.launch.file) {
            self.say(reason);
        }
        self.say(choice);
    }

    fn machine(&mut self, run: &Run, seen: &Seen, whole: bool) {
        self.head(Text::new("机器", "the machine"));
        self.say(words::machine(&run.trace.by, whole));
        let Some(hardware) = &seen.hardware else { return };
        let lanes = hardware.lanes.map_or_else(|| "–".to_owned(), |lanes| lanes.to_string());
        let (shared, buffer) = (hardware.shared / 1024, hardware.buffer >> 20);
        self.say(Text::owned(
            format!(
                "{}；子组 {lanes} 个线程，工作组最多 {} 个线程、{shared} KiB 共享内存；一个缓冲区最多 {buffer} MiB；每个方向最多启动 {} 个工作组",
                hardware.driver, hardware.invocations, hardware.workgroups
            ),
            format!(
                "{}; subgroups of {lanes}, workgroups of up to {} invocations and {shared} KiB of shared memory; buffers of up to {buffer} MiB; up to {} workgroups in each direction",
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

/// What a buffer holds when it is read: of a kernel that works in place, what was there before.
fn name(run: &Run, seen: &Seen, buffer: usize) -> String {
    match seen.launch.in_place {
        Some(part) if buffer == seen.launch.result => run.program.symbol(part.slot).to_string(),
        _ => seen.launch.buffers.get(buffer).map_or_else(String::new, |storage| storage.symbol.to_owned()),
    }
}

/// The tensor, row and column of a place in a buffer, from 0; none where it is padding. A tensor of which a head has its own
/// columns is found with those, and Kᵀ is K.
fn owner(run: &Run, seen: &Seen, buffer: usize, place: usize) -> Option<(String, (usize, usize))> {
    let storage = seen.launch.buffers.get(buffer)?;
    let cell = seen.address.cell;
    let owners = storage.holds.iter().find_map(|part| {
        let plane = (cell.batch.min(part.planes.0.saturating_sub(1)), cell.head.min(part.planes.1.saturating_sub(1)));
        let (row, col) = part.layout.find(plane, place)?;
        let at = (row + part.from.0, col + part.from.1);
        let at = if part.layout.turned { (at.1, at.0) } else { at };
        let symbol = match seen.launch.in_place {
            Some(part) if buffer == seen.launch.result => run.program.symbol(part.slot),
            _ => run.program.symbol(part.slot),
        };
        Some((symbol.to_string(), at))
    });
    owners.or_else(|| {
        // What only passes through on its way to the result has the place of its matrix.
        let (row, col) = storage.layout.find((cell.batch, cell.head), place).filter(|_| storage.holds.is_empty())?;
        Some((name(run, seen, buffer), if storage.layout.turned { (col, row) } else { (row, col) }))
    })
}

/// Where some numbers lie, as the matrix has it: `H[3,5]`.
fn place(run: &Run, seen: &Seen, access: &Access) -> String {
    let Some((symbol, (row, col))) = owner(run, seen, access.buffer, access.place) else {
        return format!("{}+{} (0)", name(run, seen, access.buffer), access.place);
    };
    let turned = seen.launch.buffers.get(access.buffer).is_some_and(|storage| storage.layout.turned);
    let (rows, cols) = if turned { (access.count, 1) } else { (1, access.count) };
    let wide = |from: usize, count: usize| {
        if count > 1 { format!("{}…{}", from + 1, from + count) } else { (from + 1).to_string() }
    };
    format!("{symbol}[{},{}]", wide(row, rows), wide(col, cols))
}
