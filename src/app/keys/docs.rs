//! docs/KEYS.md, generated from the tables.

use std::fmt::Write as _;

use super::{Key, MEANINGS, Meaning, REPAINT, STOP, contexts};

/// The name of a key as code; of the mark that code begins with, between two of them.
fn code(key: Key) -> String {
    match key.name().as_str() {
        "`" => "`` ` ``".to_owned(),
        name => format!("`{name}`"),
    }
}

/// The whole page: a section per context.
pub fn markdown() -> String {
    let mut text = String::from(
        "# 按键 · Keys\n\nGenerated from the tables in `src/app/keys/` and `src/app/windows/`; `QKV_UPDATE_DOCS=1 cargo test` writes it anew. \
         Every command has a name: `:race.again` typed in the race does what its key does.\n",
    );
    for super::Listed { title, commands, .. } in contexts() {
        let _ = writeln!(text, "\n## {} · {}\n", title.zh, title.en);
        text.push_str("| 按键 · key | 命令 · command | 作用 | does |\n|---|---|---|---|\n");
        for command in commands {
            let keys: Vec<String> = command.keys.iter().map(|&key| code(key)).collect();
            let [zh, en] = [&command.help.zh, &command.help.en].map(|help| help.replace('|', "\\|"));
            let _ = writeln!(text, "| {} | `{}` | {zh} | {en} |", keys.join(" "), command.name);
        }
    }
    text.push_str("\n## 一个键一个意思 · One key, one meaning\n\n");
    text.push_str("在好几个地方都能用的键，意思处处一样。\n\nA key that works in several places means the same in all of them.\n\n");
    text.push_str("| 按键 · key | 意思 | means | 命令 · commands |\n|---|---|---|---|\n");
    for Meaning { keys, means, commands } in MEANINGS {
        let commands: Vec<String> = commands.iter().map(|name| format!("`{name}`")).collect();
        let keys: Vec<String> = keys.iter().map(|&key| code(key)).collect();
        let _ = writeln!(text, "| {} | {} | {} | {} |", keys.join(" "), means.zh, means.en, commands.join(" "));
    }
    let [anew, stop] = [REPAINT, STOP].map(super::Key::name);
    let _ = writeln!(
        text,
        "\n`{anew}` 把整个画面重画一遍；`{stop}` 先停下，回到 shell，`fg` 再回来。\n\n\
         `{anew}` draws everything anew; `{stop}` goes back to the shell until `fg`.\n\n\
         鼠标：点一个数，光标就到那里，再点一次打开它；点阶段、头、标签、窗口里的一行，就选中它；滚轮上下移动。要用鼠标选文字，按住 Shift，或者用 \
         `--no-mouse`。中文输入法打出的 ？：、 就是 ? : /。\n\n\
         The mouse: a click on a number puts the cursor there, another one opens it; a click on a stage, a head, a tab or a row of a \
         window chooses it; the wheel moves up and down. To select text hold Shift, or use `--no-mouse`. The ？：、 of a Chinese \
         input method are ? : /."
    );
    text
}
