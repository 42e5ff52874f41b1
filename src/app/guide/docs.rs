//! docs/TASKS.md, made from the table.

use std::fmt::Write as _;

use super::{Group, TASKS};
use crate::app::Model;

/// The whole page: the tasks, group by group. Keys are those on the sample that the model shows.
pub fn markdown(model: &Model) -> String {
    let mut text = String::from(
        "# 想做什么 · What you may want to do\n\n\
         每一件事按哪些键。程序里按 `?`，再打几个字，就能找到它们；Enter 直接做。开头的数字是哪一页，已经在那一页就不用按。\n\n\
         Each thing and its keys. In the program, `?` and a few letters find them, and Enter does it. A number at the beginning is \
         the page; whoever is there already leaves it out.\n\n\
         Generated from the table in `src/app/guide/tasks.rs`, as `QKV_UPDATE_DOCS=1 cargo test --test tasks` writes it; the same \
         test walks it.\n",
    );
    for group in Group::ALL {
        let tasks: Vec<_> = TASKS.iter().filter(|task| task.group == group).collect();
        if tasks.is_empty() {
            continue;
        }
        let title = group.title();
        let _ = writeln!(text, "\n## {} · {}\n", title.zh, title.en);
        text.push_str("| 想做什么 | you ask | 按键 · keys | 看到什么 | you see |\n|---|---|---|---|---|\n");
        for task in tasks {
            let cells =
                [&task.asks.zh, &task.asks.en, &task.answer.zh, &task.answer.en].map(|words| words.replace('|', "\\|"));
            let [asks_zh, asks, answer_zh, answer] = cells;
            let _ = writeln!(text, "| {asks_zh} | {asks} | `{}` | {answer_zh} | {answer} |", task.way(model));
        }
    }
    text
}
