//! docs/KEYS.md, generated from the tables.

use std::fmt::Write as _;

use super::{REPAINT, STOP, contexts};

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
            let keys: Vec<String> = command.keys.iter().map(|key| format!("`{}`", key.name())).collect();
            let [zh, en] = [&command.help.zh, &command.help.en].map(|help| help.replace('|', "\\|"));
            let _ = writeln!(text, "| {} | `{}` | {zh} | {en} |", keys.join(" "), command.name);
        }
    }
    let [anew, stop] = [REPAINT, STOP].map(super::Key::name);
    let _ = writeln!(
        text,
        "\n`{anew}` 把整个画面重画一遍；`{stop}` 先停下，回到 shell，`fg` 再回来。\n\n\
         `{anew}` draws everything anew; `{stop}` goes back to the shell until `fg`."
    );
    text
}
