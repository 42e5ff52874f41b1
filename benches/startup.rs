//! From the start of the process to the first picture in a terminal, and what the program costs while nobody touches it.
//!
//! `cargo bench --bench startup`. The aims are 50 ms and no time at all.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const RUNS: usize = 30;
const COLUMNS: u16 = 120;
const ROWS: u16 = 36;

/// How long the program is left alone.
const IDLE: Duration = Duration::from_secs(3);

/// What a terminal answers when it is asked for its colours: as all do, at once.
const DARK: &[u8] = b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;22c";

const CASES: [(&str, &[&str]); 3] = [
    ("qkv", &[]),
    ("qkv --theme dark", &["--theme", "dark"]),
    ("qkv --backend cpu --theme dark", &["--backend", "cpu", "--theme", "dark"]),
];

fn main() {
    println!(
        "start of the process to what stands on the screen, in ms, {RUNS} runs; the aim is a first picture within 50\n"
    );
    println!("{:<32} {:>8} {:>8} {:>8}   {:>8}", "", "median", "p90", "worst", "checked");
    for (name, args) in CASES {
        let (mut first, mut checked) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let mut screen = Screen::open(args);
            first.push(screen.until(|text| text.contains("我爱北京天安门")));
            checked.push(screen.until(|text| text.contains('✓')));
        }
        first.sort();
        checked.sort();
        let at =
            |times: &[Duration], share: f64| times[((RUNS - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
        let [median, p90, worst] = [0.5, 0.9, 1.0].map(|share| at(&first, share));
        println!("{name:<32} {median:>8.1} {p90:>8.1} {worst:>8.1}   {:>8.1}", at(&checked, 0.5));
    }
    println!("\nprocessor time in {} s without a key, in ms; the aim is none", IDLE.as_secs());
    for (name, args) in CASES {
        let mut screen = Screen::open(args);
        // Open, with its numbers, and done with the adapter.
        screen.until(|text| text.contains('✓') && !text.contains("opening the adapter"));
        match idle(screen.child.process_id().unwrap()) {
            Some(spent) => println!("{name:<32} {:>8}", spent.as_millis()),
            None => println!("{name:<32} {:>8}", "unknown"),
        }
    }
}

/// The program in a terminal.
struct Screen {
    started: Instant,
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    keyboard: Box<dyn Write + Send>,
    parser: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Screen {
    fn open(args: &[&str]) -> Self {
        let pty = native_pty_system().openpty(PtySize { rows: ROWS, cols: COLUMNS, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_qkv"));
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "en_US.UTF-8")] {
            command.env(name, value);
        }
        command.args(args);
        let (reader, keyboard) = (pty.master.try_clone_reader().unwrap(), pty.master.take_writer().unwrap());
        let size = |n| NonZeroU16::new(n).unwrap();
        let started = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let parser = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        Self { started, child, reader, keyboard, parser, _master: pty.master }
    }

    /// Reads until the screen is as expected; returns how long after the start that was.
    fn until(&mut self, expected: impl Fn(&str) -> bool) -> Duration {
        let mut bytes = [0; 16384];
        while !expected(&self.parser.screen().contents()) {
            let n = self.reader.read(&mut bytes).unwrap();
            if bytes[..n].windows(6).any(|w| w == b"\x1b]11;?") {
                self.keyboard.write_all(DARK).unwrap();
            }
            self.parser.process(&bytes[..n]);
        }
        self.started.elapsed()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Leave as a person does, and read what is left, so that the program is not kept waiting.
        let _ = self.keyboard.write_all(b"\x03");
        let mut bytes = [0; 16384];
        while matches!(self.reader.read(&mut bytes), Ok(1..)) {}
        let _ = self.child.wait();
    }
}

/// The processor time a process takes while nothing happens, where the system tells.
fn idle(pid: u32) -> Option<Duration> {
    let before = ticks(pid)?;
    thread::sleep(IDLE);
    // Linux counts in hundredths of a second.
    Some(Duration::from_millis(10 * (ticks(pid)? - before)))
}

/// User and system time of a process (proc(5)): fields 14 and 15, the 12th and 13th after the name.
fn ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<u64> = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
    Some(fields.iter().sum())
}
