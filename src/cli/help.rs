//! `--help`: one page a command, in the reader's language. clap's own pages are English and take a Chinese character for one
//! column; what stands in them is read from the same definition.

use std::fmt::Write as _;

use clap::builder::Str;
use clap::{Arg, Command};
use qkv::ground::exit::Exit;
use qkv::ground::lang::{Lang, Text};
use qkv::ground::text::{columns, left, wrap};

/// What the help begins with: commands, and what they are for.
pub(crate) const EXAMPLES: [(&str, Text); 16] = [
    ("qkv", Text::new("打开屏幕，从「我爱北京天安门」开始", "open the screen on 我爱北京天安门")),
    ("qkv --sample h1h2 --lang zh", Text::new("另一个样例，用中文", "another sample, in Chinese")),
    ("qkv --text 他喜欢上海外滩", Text::new("你自己的句子，用同样的头", "a sentence of your own under the same heads")),
    ("qkv --weights random --seed 7", Text::new("同一句话，随机权重", "the same sentence with random weights")),
    ("qkv | less", Text::new("整个过程，纯文本", "the whole walk as plain text")),
    ("qkv show --stage weights --head 2", Text::new("一个矩阵", "one matrix")),
    ("qkv show --stage Q --format latex", Text::new("一个矩阵，写成 LaTeX", "a matrix as LaTeX")),
    ("qkv explain 'context.2[2,1]' --depth 3", Text::new("一个数从哪里来", "where one number came from")),
    ("qkv show --format json | jq .ledger", Text::new("全部张量，给别的程序用", "the whole trace, for other programs")),
    ("qkv heads", Text::new("每个头在许多句子上是什么样", "what each head is like over many sentences")),
    (
        "qkv scaling --d 4,64,256",
        Text::new("用随机向量看为什么除以 √d", "why scores are divided by √d, from random vectors"),
    ),
    ("qkv clinic", Text::new("真实代码里的错误，等着你来找", "real mistakes of attention code, to be found")),
    ("qkv quiz --n 5 --seed 7 --key", Text::new("一份练习题，附答案", "a worksheet with its answers")),
    ("qkv picture --stage weights > weights.svg", Text::new("把屏幕画成图", "the screen as a picture")),
    (
        "qkv train reverse",
        Text::new("一个小 Transformer 当场学会倒着写", "a small transformer learns to write backward"),
    ),
    ("qkv audit", Text::new("核对所有内置样例", "check every built-in sample against the f64 reference")),
];

/// What the examples and the exit codes stand under.
pub(crate) const ENDINGS: [Text; 2] = [Text::new("例子", "Examples"), Text::new("退出码", "Exit codes")];

/// The widest page: longer lines are hard to read.
const WIDEST: usize = 110;

/// The widest column of options; words of a longer one begin below it.
const WIDEST_OPTION: usize = 30;

/// An option or an argument as a page shows it.
pub(crate) struct OptionHelp {
    /// How it is written: `--seed <N>`.
    pub(crate) form: String,
    /// What it does, its default and its values.
    pub(crate) words: String,
}

/// The command line with a page for each command, of so many columns.
pub(crate) fn described(command: Command, lang: Lang, width: usize) -> Command {
    let width = width.clamp(40, WIDEST);
    let mut built = command.clone();
    built.build();
    let mut command = command.override_help(page(&built, None, lang, width));
    for sub in built.get_subcommands() {
        let page = page(sub, Some(sub.get_name()), lang, width);
        command = command.mut_subcommand(sub.get_name(), |sub| sub.override_help(page));
    }
    command
}

/// One page. `name` is that of the command; the program's own page has none, and is longer.
fn page(command: &Command, name: Option<&str>, lang: Lang, width: usize) -> String {
    let mut page = String::new();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let say = |text: &Text| text.get(lang).to_owned();
    let [examples, codes] = ENDINGS.map(|text| say(&text));
    for line in wrap(&about, width) {
        put(&mut page, &line);
    }
    if name.is_none() {
        let row = |(command, words): &(&str, Text)| OptionHelp { form: (*command).to_owned(), words: say(words) };
        section(&mut page, &examples, &EXAMPLES.iter().map(row).collect::<Vec<_>>(), width, usize::MAX, lang);
    }
    put(&mut page, "");
    put(
        &mut page,
        &format!("{}qkv {}", heading(lang, &say(&Text::new("用法", "Usage")), " "), usage(command, name, lang)),
    );
    if name.is_none() {
        let about = |sub: &Command| sub.get_about().map(ToString::to_string).unwrap_or_default();
        let row = |sub: &Command| OptionHelp { form: sub.get_name().to_owned(), words: about(sub) };
        let commands: Vec<_> = command.get_subcommands().map(row).collect();
        section(&mut page, &say(&Text::new("命令", "Commands")), &commands, width, WIDEST_OPTION, lang);
    }
    for (heading, options) in option_help(command, name, lang) {
        section(&mut page, &heading, &options, width, WIDEST_OPTION, lang);
    }
    if name.is_none() {
        let row = |exit: Exit| OptionHelp { form: exit.code().to_string(), words: say(&exit.meaning()) };
        section(&mut page, &codes, &Exit::ALL.map(row), width, WIDEST_OPTION, lang);
    }
    page
}

/// `explain [OPTIONS] <ADDRESS>`.
fn usage(command: &Command, name: Option<&str>, lang: Lang) -> String {
    let options = Text::new("[选项]", "[OPTIONS]");
    let mut usage: Vec<String> = name.map(str::to_owned).into_iter().collect();
    usage.push(options.get(lang).to_owned());
    usage.extend(command.get_positionals().map(form));
    if name.is_none() {
        usage.push(Text::new("[命令]", "[COMMAND]").get(lang).to_owned());
    }
    usage.join(" ")
}

/// The options of a built command that mean something to it, under their headings: its own first.
pub(crate) fn option_help(command: &Command, name: Option<&str>, lang: Lang) -> Vec<(String, Vec<OptionHelp>)> {
    let mut sections: Vec<(String, Vec<OptionHelp>)> = Vec::new();
    let last = Text::new("其他", "Others");
    let standing = |arg: &Arg| match arg.get_id().as_str() {
        "help" | "version" => 3,
        _ if arg.is_positional() => 0,
        _ if !arg.is_global_set() => 1,
        _ => 2,
    };
    let mut args: Vec<&Arg> = command.get_arguments().filter(|arg| means_something(arg, name)).collect();
    args.sort_by_key(|arg| standing(arg));
    for arg in args {
        let own = match standing(arg) {
            0 => Text::new("参数", "Arguments"),
            3 => last.clone(),
            _ => Text::new("选项", "Options"),
        };
        let heading = arg.get_help_heading().filter(|_| standing(arg) == 2).unwrap_or(own.get(lang)).to_owned();
        let option = OptionHelp { form: form(arg), words: words(arg, lang) };
        match sections.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, options)) => options.push(option),
            None => sections.push((heading, vec![option])),
        }
    }
    sections
}

/// Whether an option that holds everywhere does anything to a command.
fn means_something(arg: &Arg, name: Option<&str>) -> bool {
    let option = arg.get_id().as_str();
    if !arg.is_global_set() || option == "help" {
        return true;
    }
    match name {
        Some("quiz") if option == "lesson" => true,
        Some("present") if option == "layer" => false,
        None | Some("picture" | "present") => true,
        Some("notes") => matches!(option, "lang" | "ascii"),
        Some("similar") => matches!(option, "model" | "lang" | "ascii" | "backend"),
        Some("doctor") => matches!(option, "sample" | "model" | "import" | "lang" | "ascii" | "backend"),
        Some("train") => matches!(option, "layer" | "seed" | "lang" | "ascii" | "backend"),
        Some("bench" | "scaling") => matches!(option, "seed" | "lang" | "ascii" | "backend"),
        Some("learn" | "lesson") => matches!(option, "lang" | "ascii"),
        Some("clinic") => matches!(option, "lang" | "ascii" | "backend"),
        Some("completions" | "man") => option == "lang",
        Some(_) => {
            let shown = matches!(
                option,
                "sample" | "model" | "import" | "layer" | "text" | "text_file" | "lens" | "weights" | "seed"
            );
            shown || matches!(option, "lang" | "ascii" | "backend")
        }
    }
}

/// `-h, --help`, `--seed <N>`, `<ADDRESS>`.
fn form(arg: &Arg) -> String {
    let values: Vec<&str> = arg.get_value_names().unwrap_or_default().iter().map(Str::as_str).collect();
    let value = if arg.get_action().takes_values() { format!("<{}>", values.join("> <")) } else { String::new() };
    let Some(long) = arg.get_long() else { return value };
    let short = arg.get_short().map_or_else(String::new, |short| format!("-{short}, "));
    format!("{short}--{long} {value}").trim_end().to_owned()
}

/// What an option does, its default, and the values that it takes.
fn words(arg: &Arg, lang: Lang) -> String {
    let mut words = arg.get_help().map(ToString::to_string).unwrap_or_default();
    if !arg.get_action().takes_values() {
        return words;
    }
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !default.is_empty() {
        let default = default.join(",");
        let text = Text::owned(format!(" [默认：{default}]"), format!(" [default: {default}]"));
        words.push_str(text.get(lang));
    }
    let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !values.is_empty() {
        let text = Text::owned(format!(" [可选：{}]", values.join("、")), format!(" [values: {}]", values.join(", ")));
        words.push_str(text.get(lang));
    }
    words
}

/// A heading and its rows: forms in one column, words in another.
fn section(page: &mut String, title: &str, rows: &[OptionHelp], width: usize, widest: usize, lang: Lang) {
    let column = rows.iter().map(|row| columns(&row.form)).filter(|&form| form <= widest).max().unwrap_or(0);
    put(page, "");
    put(page, &heading(lang, title, ""));
    for OptionHelp { form, words } in rows {
        let lines = wrap(words, width.saturating_sub(column + 4).max(20));
        let (first, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        if columns(form) > column {
            put(page, &format!("  {form}"));
            put(page, &format!("  {:column$}  {first}", ""));
        } else {
            put(page, format!("  {}  {first}", left(form, column)).trim_end());
        }
        for line in rest {
            put(page, &format!("  {:column$}  {line}", ""));
        }
    }
}

/// A heading in bold, with the colon of its language.
fn heading(lang: Lang, title: &str, space: &str) -> String {
    let colon = Text::owned("：", format!(":{space}"));
    let bold = anstyle::Style::new().bold();
    format!("{bold}{title}{}{bold:#}", colon.get(lang))
}

fn put(page: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{line}");
}
