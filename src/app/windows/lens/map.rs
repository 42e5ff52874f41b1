//! The launch as a map: workgroups as boxes over the result, heads behind one another, the chosen invocation in its workgroup.

use super::super::{Line, Marks, Tone};
use crate::ground::lang::Text;
use crate::kernels::Owner;
use crate::session::Seen;

/// Boxes drawn down and across at most.
const MOST: (usize, usize) = (6, 24);

pub(super) fn lines(seen: &Seen) -> Vec<Line> {
    let map = &seen.launch.map;
    let (down, across, planes) = map.groups();
    let (tile_rows, tile_cols) = map.tile();
    let [wx, wy, _] = seen.workgroup;
    let [gx, gy, gz] = seen.owner.group;
    let mut lines = vec![Line::Heading(Text::new("这次启动", "the launch"))];
    let [x, y, z] = seen.launch.workgroups;
    let all = seen.launch.invocations();
    lines.push(Line::say(Text::owned(
        format!("{x}×{y}×{z} 个工作组，每组 {wx}×{wy} 个线程，共 {all} 个"),
        format!("{x}×{y}×{z} workgroups of {wx}×{wy} invocations: {all}"),
    )));
    let heads = map.planes.1;
    if planes > 1 {
        // Every head is a layer of the same launch: all of them run side by side.
        let sentences = map.planes.0;
        lines.push(Line::say(if sentences == 1 {
            Text::owned(
                format!("z = 头（{heads} 个头同时算，一次启动）："),
                format!("z = heads, {heads} of them side by side in one launch:"),
            )
        } else {
            Text::owned(
                format!("z = 句 × 头（{sentences} 句 × {heads} 头 = {planes} 层，一次启动）："),
                format!("z = sentences × heads: {sentences} × {heads} = {planes} layers in one launch:"),
            )
        }));
        let layers = (0..planes).map(|n| if n == gz as usize { '■' } else { '□' }).collect();
        lines.push(Line::Marks(Marks { tone: Tone::Strong, rows: vec![layers], focus: 0, legend: None }));
    }
    lines.push(Line::say(Text::new("铺在结果上的工作组：", "workgroups over the result:")));
    let (row, col) = map.origin(seen.owner.group);
    let (own_row, own_col) = (row / tile_rows.max(1), col / tile_cols.max(1));
    let (rows, cols) = (MOST.0.min(down), MOST.1.min(across));
    let (first_row, first_col) = (own_row.saturating_sub(rows - 1), own_col.saturating_sub(cols - 1));
    let sign = |at: (usize, usize)| if at == (own_row, own_col) { '■' } else { '□' };
    let boxes = (first_row..first_row + rows).map(|r| (first_col..first_col + cols).map(|c| sign((r, c))).collect());
    let focus = own_col - first_col;
    lines.push(Line::Marks(Marks { tone: Tone::Strong, rows: boxes.collect(), focus, legend: None }));
    let (r1, c1) = ((row + tile_rows).min(map.shape.0), (col + tile_cols).min(map.shape.1));
    lines.push(Line::say(Text::owned(
        format!("■ 工作组 ({gx},{gy},{gz})：结果的第 {} 行、第 {} 列", span(row + 1, r1), span(col + 1, c1)),
        format!(
            "■ workgroup ({gx},{gy},{gz}): {} {}, {} {}",
            if row + 1 < r1 { "rows" } else { "row" },
            span(row + 1, r1),
            if col + 1 < c1 { "columns" } else { "column" },
            span(col + 1, c1)
        ),
    )));
    let local = seen.owner.local;
    let (lx, ly) = (local % wx, local / wx);
    let global = [gx * wx + lx, gy * wy + ly, gz];
    let axes = if map.turned {
        Text::new("x 数行", "x counts rows")
    } else {
        Text::new("x 数列，y 数行", "x counts columns, y rows")
    };
    lines.push(Line::say(Text::owned(
        format!(
            "● 线程 ({lx},{ly})：全局编号 ({},{},{})；先 x 后 y，都从 0 数起，{axes}",
            global[0],
            global[1],
            global[2],
            axes = axes.zh
        ),
        format!(
            "● invocation ({lx},{ly}): global id ({},{},{}); x, then y, from 0: {axes}",
            global[0],
            global[1],
            global[2],
            axes = axes.en
        ),
    )));
    if wy <= 16 {
        let dot = |at: (u32, u32)| match at {
            at if at == (lx, ly) => '●',
            (x, y) if map.has_cells(Owner { local: y * wx + x, ..seen.owner }) => '○',
            _ => '·',
        };
        let rows = (0..wy).map(|y| (0..wx).map(|x| dot((x, y))).collect()).collect();
        let legend = Some(Text::new("○ 也有格子要算，· 没有", "○ others with cells of their own, · without"));
        lines.push(Line::Marks(Marks { tone: Tone::Plain, rows, focus: 0, legend }));
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
        lines.push(Line::say(words));
    }
    lines
}

/// `1–4`, or `2` where there is but one.
fn span(from: usize, to: usize) -> String {
    if from < to { format!("{from}–{to}") } else { from.to_string() }
}
