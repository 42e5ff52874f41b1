//! The command line: one row a command.

use super::path::path;
use crate::ground::lang::{Lang, Text};
use crate::program::{Mistake, Wiring};
use crate::session::{Choice, MatrixFormat};

/// What a typed line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Open a built-in sample or a file.
    Sample(String),
    /// Draw random weights from this seed.
    Seed(u64),
    /// The sample's own weights.
    Own,
    /// Go to the stage of that name or number.
    Stage(String),
    /// Open a real model: the folder that holds it.
    Model(String),
    /// Import tensors that another program computed: the file that holds them.
    Import(String),
    /// Go to this layer, from 1.
    Layer(usize),
    /// Show this head, from 1.
    Head(usize),
    /// Show this sentence of a batch, from 1.
    Sentence(usize),
    /// Speak this language.
    Lang(Lang),
    /// Compute on this backend.
    Backend(Choice),
    /// Divide scores by this too.
    Temperature(f32),
    /// Let words look so many places around.
    Window(usize),
    /// Play a lesson: built in, or a file; `end` leaves the one that is played.
    Lesson(String),
    /// Make a mistake in the program; none where it is to be right again.
    Mistake(Option<&'static Mistake>),
    /// Show another sentence beside the one that is shown.
    Beside(String),
    /// Write the sample as it is now to a file.
    Save(String),
    /// Write what is on the screen as a picture, to a file of that name; without one, of a name of ours.
    Picture(String),
    /// Write the matrices of the page, likewise.
    Matrices(MatrixFormat, String),
    /// Everything as it was.
    Reset,
    /// Say what can be done, and what fits these words.
    Help(String),
    /// Leave.
    Quit,
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// The word that it begins with.
    pub word: &'static str,
    /// What follows: one of these, in capitals where it stands for something. None where nothing follows.
    takes: &'static [&'static str],
    /// What it does.
    pub help: Text,
    /// Reads the argument; `None` when it will not do.
    read: fn(&str) -> Option<Command>,
}

/// Every command.
pub(crate) const COMMANDS: &[Row] = &[
    Row {
        word: "sample",
        takes: &["NAME", "FILE"],
        help: Text::new("打开样例", "open a sample"),
        read: |x| named(x).map(Command::Sample),
    },
    Row {
        word: "model",
        takes: &["DIR"],
        help: Text::new("打开一个真实的模型", "open a real model"),
        read: |x| named(x).map(Command::Model),
    },
    Row {
        word: "import",
        takes: &["FILE"],
        help: Text::new("导入别的程序算好的 Q、K、V 或注意力", "import Q, K, V or attention of another program"),
        read: |x| named(x).map(Command::Import),
    },
    Row {
        word: "layer",
        takes: &["N"],
        help: Text::new("到模型的某一层", "go to a layer of a model"),
        read: |x| x.parse().ok().map(Command::Layer),
    },
    Row {
        word: "stage",
        takes: &["NAME", "N"],
        help: Text::new("到某一步", "go to a stage"),
        read: |x| (!x.is_empty()).then(|| Command::Stage(x.to_owned())),
    },
    Row {
        word: "head",
        takes: &["N"],
        help: Text::new("看某个头", "show a head"),
        read: |x| x.parse().ok().map(Command::Head),
    },
    Row {
        word: "sentence",
        takes: &["N"],
        help: Text::new("看批次里的某一句", "show a sentence of the batch"),
        read: |x| x.parse().ok().map(Command::Sentence),
    },
    Row {
        word: "beside",
        takes: &["TEXT"],
        help: Text::new("再写一句，两句并排看", "a second sentence, beside this one"),
        read: |x| (!x.is_empty()).then(|| Command::Beside(x.to_owned())),
    },
    Row {
        word: "seed",
        takes: &["N"],
        help: Text::new("用这个种子的随机权重", "random weights from this seed"),
        read: |x| x.parse().ok().map(Command::Seed),
    },
    Row {
        word: "own",
        takes: &[],
        help: Text::new("样例自己的权重", "the sample's own weights"),
        read: |x| x.is_empty().then_some(Command::Own),
    },
    Row {
        word: "lang",
        takes: &["zh", "en"],
        help: Text::new("语言", "language"),
        read: |x| match x {
            "zh" => Some(Command::Lang(Lang::Zh)),
            "en" => Some(Command::Lang(Lang::En)),
            _ => None,
        },
    },
    Row {
        word: "backend",
        takes: &Choice::NAMES,
        help: Text::new("由谁计算", "who computes"),
        read: |x| Choice::by_name(x).map(Command::Backend),
    },
    Row {
        word: "temperature",
        takes: &["T"],
        help: Text::new("温度，0.05 到 20", "temperature, 0.05 to 20"),
        read: |x| x.parse().ok().filter(|t| Wiring::TEMPERATURES.contains(t)).map(Command::Temperature),
    },
    Row {
        word: "window",
        takes: &["N"],
        help: Text::new("只看前后 N 词", "look only N words around"),
        read: |x| x.parse().ok().map(Command::Window),
    },
    Row {
        word: "lesson",
        takes: &["NAME", "FILE", "end"],
        help: Text::new("上一课；end 离开课程", "play a lesson; end leaves it"),
        read: |x| named(x).map(Command::Lesson),
    },
    Row {
        word: "mistake",
        takes: &["NAME", "none"],
        help: Text::new("程序里犯一个真实的错误", "a real mistake in the program"),
        read: |x| match x {
            "none" => Some(Command::Mistake(None)),
            name => Mistake::by_name(name).map(|mistake| Command::Mistake(Some(mistake))),
        },
    },
    Row {
        word: "save",
        takes: &["FILE"],
        help: Text::new("存成新的样例文件", "save as a new sample file"),
        read: |x| named(x).map(Command::Save),
    },
    Row {
        word: "picture",
        takes: &["[FILE]"],
        help: Text::new("画面存成图（SVG）", "the screen as a picture (SVG)"),
        read: |x| Some(Command::Picture(x.to_owned())),
    },
    Row {
        word: "latex",
        takes: &["[FILE]"],
        help: Text::new("这一页的矩阵存成 LaTeX", "the matrices of this page as LaTeX"),
        read: |x| Some(Command::Matrices(MatrixFormat::Latex, x.to_owned())),
    },
    Row {
        word: "csv",
        takes: &["[FILE]"],
        help: Text::new("这一页的矩阵存成 CSV", "the matrices of this page as CSV"),
        read: |x| Some(Command::Matrices(MatrixFormat::Csv, x.to_owned())),
    },
    Row {
        word: "reset",
        takes: &[],
        help: Text::new("全部复原", "everything as it was"),
        read: |x| x.is_empty().then_some(Command::Reset),
    },
    Row {
        word: "help",
        takes: &["WORDS"],
        help: Text::new("能做什么，怎么做", "what can be done, and how"),
        read: |x| Some(Command::Help(x.to_owned())),
    },
    Row {
        word: "quit", takes: &[], help: Text::new("退出", "quit"), read: |x| x.is_empty().then_some(Command::Quit)
    },
];

impl Row {
    /// How it is typed.
    pub fn form(&self) -> String {
        if self.takes.is_empty() { self.word.to_owned() } else { format!("{} {}", self.word, self.takes.join("|")) }
    }

    /// Whether something follows its word.
    pub const fn takes_more(&self) -> bool {
        !self.takes.is_empty()
    }

    /// Whether the path of a file or a folder may follow.
    pub fn takes_a_path(&self) -> bool {
        self.takes.iter().any(|word| ["FILE", "[FILE]", "DIR"].contains(word))
    }

    /// What may follow it where that is one of a few words.
    pub fn choices(&self) -> impl Iterator<Item = &'static str> {
        self.takes.iter().copied().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
    }
}

/// The row that a word stands for: its own, or the only one that begins with it.
///
/// # Errors
/// The words that it may stand for.
pub fn row(word: &str) -> Result<&'static Row, Vec<&'static str>> {
    let begins: Vec<&Row> = COMMANDS.iter().filter(|row| row.word.starts_with(word)).collect();
    let own = begins.iter().find(|row| row.word == word).copied();
    match (own, begins.as_slice()) {
        (Some(row), _) => Ok(row),
        (None, [row]) if !word.is_empty() => Ok(*row),
        (None, []) => Err(COMMANDS.iter().map(|row| row.word).collect()),
        (None, several) => Err(several.iter().map(|row| row.word).collect()),
    }
}

/// The file that is named; none where nothing is.
fn named(typed: &str) -> Option<String> {
    Some(path(typed)).filter(|path| !path.is_empty())
}

/// Reads a typed line. A command may be shortened as long as it is clear which.
///
/// # Errors
/// Words for the person: what was expected.
pub fn parse(line: &str) -> Result<Command, Text> {
    let line = line.trim().trim_start_matches([':', '：']).trim();
    // As in q!; a sentence may end so.
    let line = if line.contains(char::is_whitespace) { line } else { line.trim_end_matches('!') };
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let row = row(word).map_err(|known| {
        let known = known.join(" ");
        Text::owned(format!("没有这个命令；可用的有：{known}"), format!("unknown; there are: {known}"))
    })?;
    (row.read)(rest).ok_or_else(|| {
        let form = row.form();
        Text::owned(format!("写法是 :{form}"), format!("write :{form}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_commands_or_say_what_was_expected() {
        assert_eq!(parse(":sample my file.toml"), Ok(Command::Sample("my file.toml".into())));
        assert_eq!(parse("sample 'my file.toml'"), Ok(Command::Sample("my file.toml".into())));
        assert_eq!(parse(r"save my\ file.toml"), Ok(Command::Save("my file.toml".into())));
        assert_eq!(parse("save ''").unwrap_err().en, "write :save FILE");
        assert_eq!(parse(" head 2 "), Ok(Command::Head(2)));
        assert_eq!(parse("seed x").unwrap_err().en, "write :seed N");
        assert!(parse("dance").unwrap_err().en.contains("sample"));
        assert_eq!(parse("：head 2"), Ok(Command::Head(2)), "as a Chinese keyboard writes it");
        assert_eq!((parse("q"), parse("q!"), parse("quit")), (Ok(Command::Quit), Ok(Command::Quit), Ok(Command::Quit)));
        assert_eq!(parse("temp 2"), Ok(Command::Temperature(2.0)));
        assert_eq!(parse("help mask"), Ok(Command::Help("mask".into())));
        assert_eq!(parse("sa x").unwrap_err().en, "unknown; there are: sample save");
        let lang = COMMANDS.iter().find(|row| row.word == "lang").unwrap();
        assert_eq!(lang.choices().collect::<Vec<_>>(), ["zh", "en"]);
        assert!(parse("").is_err());
    }
}
