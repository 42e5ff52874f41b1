//! The launch as a map: workgroups as boxes over the result, heads behind one another, the chosen invocation in its workgroup.

use super::Line;
use crate::app::Model;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::kernels::Owner;
use crate::session::Seen;
use crate::ui::theme::Theme;

/// Boxes drawn down and across at most.
const MOST: (usize, usize) = (6, 24);

pub(super) fn lines(model: &Model, theme: Theme, seen: &Seen, width: usize) -> Vec<Line> {
    let map = &seen.launch.map;
    let (down, across, planes) = map.groups();
    let (tile_rows, tile_cols) = map.tile();
    let [wx, wy, _] = seen.workgroup;
    let [gx, gy, gz] = seen.owner.group;
    let mut lines: Vec<Line> = vec![(String::new(), theme.ground())];
    let mut say = |words: &Text, style| {
        lines.extend(text::wrap(model.say(words), width).into_iter().map(|line| (line, style)));
    };
    say(&Text::new("这次启动", "the launch"), theme.key());
    let [x, y, z] = seen.launch.workgroups;
    let all = seen.launch.invocations();
    say(
        &Text::owned(
            format!("{x}×{y}×{z} 个工作组，每组 {wx}×{wy} 个线程，共 {all} 个"),
            format!("{x}×{y}×{z} workgroups of {wx}×{wy} invocations: {all}"),
        ),
        theme.ground(),
    );
    let heads = map.planes.1;
    if planes > 1 {
        // Every head is a layer of the same launch: all of them run side by side.
        let layers: String = (0..planes.min(width / 2)).map(|n| if n == gz as usize { "■ " } else { "□ " }).collect();
        say(
            &Text::owned(
                format!("z = 头（{heads} 个头同时算，一次启动）："),
                format!("z = heads, {heads} of them side by side in one launch:"),
            ),
            theme.ground(),
        );
        say(&Text::same(layers.trim_end()), theme.strong());
    }
    say(&Text::new("铺在结果上的工作组：", "workgroups over the result:"), theme.ground());
    let (row, col) = map.origin(seen.owner.group);
    let (own_row, own_col) = (row / tile_rows.max(1), col / tile_cols.max(1));
    let (rows, cols) = (MOST.0.min(down), MOST.1.min(across).min(width / 2));
    let (first_row, first_col) = (own_row.saturating_sub(rows - 1), own_col.saturating_sub(cols - 1));
    for r in first_row..first_row + rows {
        let boxes = (first_col..first_col + cols).map(|c| if (r, c) == (own_row, own_col) { "■ " } else { "□ " });
        say(&Text::same(boxes.collect::<String>().trim_end().to_owned()), theme.strong());
    }
    let (r1, c1) = ((row + tile_rows).min(map.shape.0), (col + tile_cols).min(map.shape.1));
    say(
        &Text::owned(
            format!("■ 工作组 ({gx},{gy},{gz})：结果的第 {} 行、第 {} 列", span(row + 1, r1), span(col + 1, c1)),
            format!(
                "■ workgroup ({gx},{gy},{gz}): {} {}, {} {}",
                if row + 1 < r1 { "rows" } else { "row" },
                span(row + 1, r1),
                if col + 1 < c1 { "columns" } else { "column" },
                span(col + 1, c1)
            ),
        ),
        theme.ground(),
    );
    let local = seen.owner.local;
    let (lx, ly) = (local % wx, local / wx);
    let global = [gx * wx + lx, gy * wy + ly, gz];
    say(
        &Text::owned(
            format!("● 线程 ({lx},{ly})：全局编号 ({},{},{})", global[0], global[1], global[2]),
            format!("● invocation ({lx},{ly}): global id ({},{},{})", global[0], global[1], global[2]),
        ),
        theme.ground(),
    );
    if wx as usize * 2 <= width && wy <= 16 {
        for y in 0..wy {
            let dots = (0..wx).map(|x| match (x, y) {
                at if at == (lx, ly) => "● ",
                (x, y) if map.has_cells(Owner { local: y * wx + x, ..seen.owner }) => "○ ",
                _ => "· ",
            });
            say(&Text::same(dots.collect::<String>().trim_end().to_owned()), theme.ground());
        }
        say(&Text::new("○ 也有格子要算，· 没有", "○ others with cells of their own, · without"), theme.dim());
    }
    if map.own != (1, 1) || map.shared > 1 {
        let (r, c) = map.own;
        let shared = map.shared;
        let real = (r.min(map.shape.0), c.min(map.shape.1));
        let words = if shared > 1 {
            Text::owned(format!("{shared} 个线程合算一行"), format!("{shared} invocations share a row"))
        } else {
            Text::owned(format!("一个线程算 {r}×{c} 格"), format!("an invocation makes {r}×{c} cells"))
        };
        let clipped = Text::owned(
            format!("一个线程算 {r}×{c} 格，这里只有 {}×{} 格是真的", real.0, real.1),
            format!("an invocation makes {r}×{c} cells; here only {}×{} are real", real.0, real.1),
        );
        let words = if shared > 1 || real == (r, c) { words } else { clipped };
        say(&words, theme.ground());
    }
    lines
}

/// `1–4`, or `2` where there is but one.
fn span(from: usize, to: usize) -> String {
    if from < to { format!("{from}–{to}") } else { from.to_string() }
}
