//! The commands that need no screen: load the sample, run it, hand the run to a report.
//!
//! Data goes to the standard output, words to the standard error. A reader who closes the pipe early
//! (`qkv show | head`) has seen enough: that is success.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use qkv::app::{Message, Model, Page, Settings, Status, update};
use qkv::compute::gpu::ladder::Ladder;
use qkv::engine::race::{Race, Tuned, refused, within};
use qkv::engine::{Engine, Watch};
use qkv::program::{Address, Slot};
use qkv::report::audit::{self, Finding};
use qkv::report::doctor::{self, Machine};
use qkv::report::{self, Request, Selection, SelectionError, Subject};
use qkv::session::ComputeError;
use qkv::session::{Answer, Choice, Kind, Run};
use qkv::study::race::Work;
use qkv::study::race::{Contender, NoTime};
use qkv::study::scaling::Experiment;
use qkv::ui::{self, Depth, Theme};

use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::Text;
use qkv::ground::text::Segmenter;
use qkv::source::sample::{Lexicon, Sample, Scenario};

use crate::cli::{
    self, Audit, AuditFormat, Backend, Bench, Command, Explain, ExplainFormat, Heads, Options, Picture, Scaling, Show,
    ShowFormat, Weights,
};
use crate::host::{reader, say};
use crate::load::{self, load, load_named};
use crate::{host, manual};

/// Time for one contender's warm runs in `qkv bench`: the plain rungs take seconds each.
const PATIENCE: Duration = Duration::from_secs(20);

/// Carries a command out.
pub(crate) fn run(command: &Command, options: &Options) -> Result<Exit, Fault> {
    match command {
        Command::Show(show) => self::show(show, options),
        Command::Picture(picture) => self::picture(picture, options),
        Command::Explain(explain) => self::explain(explain, options),
        Command::Scaling(scaling) => self::scaling(scaling, options),
        Command::Heads(heads) => self::heads(heads, options),
        Command::Bench(bench) => self::bench(bench, options),
        Command::Audit(audit) => self::audit(audit, options),
        Command::Doctor => self::doctor(options),
        Command::Completions { shell } => print(|out| out.write_all(&manual::completions(*shell))),
        Command::Man => print(|out| out.write_all(&manual::page()?)),
    }
}

/// The plain walk through a sample.
pub(crate) fn walk(options: &Options, sample: &Sample) -> Result<Exit, Fault> {
    let reader = reader(options);
    let run = compute(&mut engine(options)?, sample, options)?;
    print(|out| report::walk::write(&Subject { sample, run: &run, reader }, out))
}

fn show(show: &Show, options: &Options) -> Result<Exit, Fault> {
    let sample = load(options)?;
    let Show { stage, head, sentence, format } = show;
    let request = Request { stage: stage.clone(), head: *head, sentence: *sentence };
    let selection = Selection::new(&request, &sample.program)?;
    if *format == ShowFormat::Json {
        let narrowed = head.map(|_| "--head").or(sentence.map(|_| "--sentence"));
        narrowed.map_or(Ok(()), |option| Err(SelectionError::Whole(option)))?;
    }
    let reader = reader(options);
    let run = compute(&mut engine(options)?, &sample, options)?;
    let subject = Subject { sample: &sample, run: &run, reader };
    print(|out| match format {
        ShowFormat::Table => report::table::write(&subject, &selection.one_sentence(), out),
        ShowFormat::Json => report::json::write(&subject, &selection, out),
        ShowFormat::Csv => report::csv::write(&subject, &selection, out),
    })
}

/// The screen as it would stand on a terminal that shows every colour.
fn picture(picture: &Picture, options: &Options) -> Result<Exit, Fault> {
    let light = options.theme == cli::Theme::Light;
    let mut model = model(options, light)?;
    let Picture { stage, head, sentence, cell, size } = picture;
    let request = Request { stage: stage.clone(), head: *head, sentence: *sentence };
    let selection = Selection::new(&request, model.program())?;
    if stage.is_some() {
        (model.page, model.focus) = page(&model, selection.slots[0])?;
    }
    let [_, _, rows, columns] = model.shape().lens();
    let cell = match *cell {
        Some((row, column)) => {
            let (row, column) = ((row, rows, Text::new("行", "row")), (column, columns, Text::new("列", "column")));
            Some((inside(row)?, inside(column)?))
        }
        None => None,
    };

    let run = compute(&mut engine(options)?, &model.sample, options)?;
    if model.status == Status::Opening {
        model.status = Status::Open;
    }
    model.first_request();
    if let Some(ticket) = model.ticket(Kind::Run) {
        update(&mut model, Message::Answered(ticket, Ok(Answer::Run(Arc::new(run)))));
    }
    // The result has placed the cursor; what was asked for overrules it.
    let cursor = &mut model.cursor;
    cursor.head = head.map_or(cursor.head, |n| n - 1);
    cursor.batch = sentence.map_or(cursor.batch, |n| n - 1);
    (cursor.row, cursor.col) = cell.unwrap_or((cursor.row, cursor.col));

    let theme = Theme { depth: Depth::True, light, ascii: options.ascii };
    let drawing = ui::svg(&ui::still(&model, theme, *size), theme, &model.sample.text);
    print(|out| out.write_all(drawing.as_bytes()))
}

/// The page on which a tensor is shown, and its place there.
fn page(model: &Model, slot: Slot) -> Result<(Page, usize), SelectionError> {
    let pages = (0..model.pages()).filter_map(|position| model.page_at(position));
    let shown: Vec<_> = pages.flat_map(|page| (0..).zip(model.tensors(page)).map(move |at| (page, at))).collect();
    let found = shown.iter().find(|(_, (_, tensor))| *tensor == slot);
    let name = |slot| model.program().symbol(slot).to_string();
    found.map(|&(page, (focus, _))| (page, focus)).ok_or_else(|| SelectionError::Stage {
        name: name(slot),
        known: shown.iter().map(|&(_, (_, tensor))| name(tensor)).collect::<Vec<_>>().join(", "),
    })
}

/// A row or column, from 1, as the program counts it.
fn inside((asked, len, what): (usize, usize, Text)) -> Result<usize, SelectionError> {
    let index = asked.checked_sub(1).filter(|&index| index < len);
    index.ok_or(SelectionError::Outside { what, asked, len })
}

/// The model of the sample and the sentence asked for.
pub(crate) fn model(options: &Options, light: bool) -> Result<Model, Fault> {
    let (original, sentence) = load::own(options)?;
    let model = Model::new(Arc::new(original), settings(options, light));
    Ok(match sentence {
        Some((base, written, lens)) => model.with_sentence(Arc::new(base), written, lens),
        None => model,
    })
}

/// How the person wants to see things.
fn settings(options: &Options, light: bool) -> Settings {
    Settings {
        lang: host::language(options).0,
        light,
        ascii: options.ascii,
        backend: choice(options),
        random: options.weights == Weights::Random,
        seed: options.seed,
    }
}

fn explain(explain: &Explain, options: &Options) -> Result<Exit, Fault> {
    let sample = load(options)?;
    let Explain { address, depth, format } = explain;
    let address = Address::parse(address, &sample.program)?;
    let numbers = report::explain::count(&sample.program, address, *depth);
    if numbers > MOST_NUMBERS {
        return Err(CommandError::Depth(numbers).into());
    }
    let run = compute(&mut engine(options)?, &sample, options)?;
    let subject = Subject { sample: &sample, run: &run, reader: reader(options) };
    print(|out| match format {
        ExplainFormat::Text => report::explain::write(&subject, address, *depth, out),
        ExplainFormat::Latex => report::explain::write_latex(&subject, address, out),
        ExplainFormat::Json => report::explain::write_json(&subject, address, *depth, out),
    })
}

fn scaling(scaling: &Scaling, options: &Options) -> Result<Exit, Fault> {
    let experiments = scaling.d.iter().map(|&d| Experiment::new(d, scaling.pairs, options.seed));
    let experiments = experiments.collect::<Result<Vec<_>, _>>()?;
    let mut engine = engine(options)?;
    let mut runs = Vec::new();
    for experiment in experiments {
        runs.extend(engine.scaling(experiment, |_| ControlFlow::Continue(()))?);
    }
    // A device that fails is not asked again: the last run knows of every failure.
    heed(runs.last().and_then(|run| run.fallback.as_ref()), options)?;
    let reader = reader(options);
    print(|out| match scaling.format {
        AuditFormat::Table => report::scaling::write_table(&runs, reader, out),
        AuditFormat::Json => report::scaling::write_json(&runs, out),
    })?;
    Ok(if report::scaling::ok(&runs) { Exit::Done } else { Exit::Failed })
}

fn heads(heads: &Heads, options: &Options) -> Result<Exit, Fault> {
    // The corpus is put under the sample as it was read; what is shown may have another sentence.
    let (own, _) = load::own(options)?;
    let sample = load(options)?;
    let seed = (options.weights == Weights::Random).then_some(options.seed);
    let scenario = Scenario { seed, ..own.what_if.clone() };
    let reader = reader(options);
    let mut engine = engine(options)?;
    let (mut segmenter, lexicon) = (Segmenter::new(), Lexicon::builtin()?);
    let study = engine.study(&own, &scenario, (&mut segmenter, &lexicon), Watch::nobody())?;
    let run = compute(&mut engine, &sample, options)?;
    let subject = Subject { sample: &sample, run: &run, reader };
    let heads_of = report::heads::Heads { subject: &subject, study: &study };
    print(|out| match heads.format {
        ShowFormat::Table => report::heads::write_table(&heads_of, out),
        ShowFormat::Json => report::heads::write_json(&heads_of, out),
        ShowFormat::Csv => report::heads::write_csv(&heads_of, out),
    })
}

/// The race. Ctrl-C ends it: what was measured by then is printed all the same.
fn bench(bench: &Bench, options: &Options) -> Result<Exit, Fault> {
    let works = bench.tokens.iter().map(|&tokens| Work::new(bench.batch, tokens, bench.heads, bench.hidden));
    let works = works.collect::<Result<Vec<_>, _>>()?;
    let stopped = host::interrupted().map_err(CommandError::Signals)?;
    let stop = || stopped.load(Ordering::Relaxed);
    let ladder = match options.backend {
        Backend::Cpu => None,
        Backend::Gpu => Some(host::quietly(Ladder::open)?),
        Backend::Auto => host::quietly(Ladder::open).ok(),
    };
    let mut entries = Vec::new();
    let all = works.len();
    let asked = |c: &Contender| bench.only.is_empty() || bench.only.contains(&c.to_string());
    for (n, work) in works.into_iter().enumerate() {
        if stop() {
            break;
        }
        let race = match Race::new(ladder.as_ref(), work, options.seed) {
            Ok(race) => race,
            Err(why) => {
                entries
                    .extend(refused(ladder.as_ref(), work, &why).into_iter().filter(|entry| asked(&entry.contender)));
                continue;
            }
        };
        let contenders: Vec<_> = race.contenders(&mut Tuned::load()).into_iter().filter(asked).collect();
        for (m, &contender) in contenders.iter().enumerate() {
            if stop() {
                break;
            }
            let done = (n as f64 + m as f64 / contenders.len() as f64) / all as f64;
            host::progress(done, &format!("{} tokens: {contender}", work.tokens));
            entries.push(race.run(contender, bench.reps, &within(PATIENCE, &stop)));
        }
    }
    host::progress_over();
    let (by, reader) = (ladder.as_ref().map(Ladder::backend), reader(options));
    print(|out| match bench.format {
        AuditFormat::Table => report::bench::write_table(&entries, by, reader, out),
        AuditFormat::Json => report::bench::write_json(&entries, by, out),
    })?;
    let wrong = entries.iter().any(|entry| matches!(entry.result, Err(NoTime::Wrong(_))));
    Ok(if wrong { Exit::Failed } else { Exit::Done })
}

fn audit(audit: &Audit, options: &Options) -> Result<Exit, Fault> {
    let reader = reader(options);
    // A sentence of one's own is for one sample: the one asked for, or the default.
    let one = options.sample.is_some() || options.text.is_some() || options.lens.is_some();
    let samples = if one {
        vec![load(options)?]
    } else {
        Sample::names().map(|name| load_named(name, options)).collect::<Result<_, Fault>>()?
    };
    let mut engine = engine(options)?;
    let mut findings = Vec::new();
    for sample in &samples {
        let run = compute(&mut engine, sample, options)?;
        let finding = Finding::new(&Subject { sample, run: &run, reader });
        if audit.format == AuditFormat::Table {
            print(|out| finding.write_table(reader, out))?;
        }
        findings.push(finding);
    }
    print(|out| match audit.format {
        AuditFormat::Table => audit::write_summary(&findings, reader, out),
        AuditFormat::Json => audit::write_json(&findings, out),
    })?;
    Ok(if findings.iter().all(Finding::ok) { Exit::Done } else { Exit::Failed })
}

fn doctor(options: &Options) -> Result<Exit, Fault> {
    let reader = reader(options);
    let sample = load(options)?;
    let adapters = match choice(options) {
        Choice::Cpu => Vec::new(),
        Choice::Auto | Choice::Gpu => host::quietly(qkv::compute::gpu::adapters),
    };
    let proof = engine(options)?.run(&sample.program, &sample.inputs)?;
    let (_, language) = host::language(options);
    let machine = Machine {
        program: format!("{}, {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        adapters,
        proof,
        system: host::system(),
        terminal: host::terminal(),
        language,
    };
    print(|out| doctor::write(&machine, reader, out))
}

/// The backend asked for.
fn choice(options: &Options) -> Choice {
    match options.backend {
        Backend::Auto => Choice::Auto,
        Backend::Gpu => Choice::Gpu,
        Backend::Cpu => Choice::Cpu,
    }
}

fn engine(options: &Options) -> Result<Engine, Fault> {
    Ok(host::quietly(|| Engine::open(choice(options)))?)
}

/// Runs a sample, and says aloud when the CPU stood in for the GPU.
fn compute(engine: &mut Engine, sample: &Sample, options: &Options) -> Result<Run, Fault> {
    let run = engine.run(&sample.program, &sample.inputs)?;
    heed(run.fallback.as_ref(), options)?;
    Ok(run)
}

/// Says aloud why the CPU stood in for the GPU, which is a failure where nothing but the GPU would do.
fn heed(fallback: Option<&ComputeError>, options: &Options) -> Result<(), ComputeError> {
    match fallback {
        Some(why) if choice(options) == Choice::Gpu => Err(why.clone()),
        Some(why) => {
            say(&report::note(why, reader(options)));
            Ok(())
        }
        None => Ok(()),
    }
}

/// The most numbers that one explanation opens.
const MOST_NUMBERS: usize = 1_000_000;

/// A command that cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
enum CommandError {
    /// A depth that would open more numbers than anyone can read: about so many.
    Depth(usize),
    /// What the system does not let us print.
    Output(io::Error),
    /// The system takes no handler for Ctrl-C.
    Signals(io::Error),
}

impl Failure for CommandError {
    fn words(&self) -> Text {
        match self {
            Self::Depth(numbers) => Text::owned(
                format!("这个 --depth 会展开约 {numbers} 个数，超过 {MOST_NUMBERS} 个；请改小一点"),
                format!("--depth would open about {numbers} numbers, more than {MOST_NUMBERS}; choose a smaller one"),
            ),
            Self::Output(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("写不出结果：{zh}"), format!("the output could not be written: {en}"))
            }
            Self::Signals(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("接不到 Ctrl-C：{zh}"), format!("Ctrl-C cannot be heard: {en}"))
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Depth(_) => Exit::Input,
            Self::Output(_) | Self::Signals(_) => Exit::Failed,
        }
    }
}

/// Writes to the standard output, where a closed pipe is no failure.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit, Fault> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(CommandError::Output(why).into()),
        _ => Ok(Exit::Done),
    }
}
