//! Where does a number of concat come from?

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Address, Name};
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;

pub(super) const KIND: Kind = Kind {
    name: "copied",
    title: Text::new("这个数是从哪个头抄来的", "which head a number is copied from"),
    stages: &[Name::Concat, Name::Output],
    concept: |_| Concept::Heads,
    draw,
};

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let concat = ground.beside(draw.at.slot, Name::Concat)?;
    let context = ground.beside(draw.at.slot, Name::Context)?;
    let [_, heads, rows, d] = ground.shape(context).lens();
    if heads < 2 {
        return None;
    }
    let col = draw.below(heads * d);
    let at = ground.at(concat, draw.at.cell.moved(draw.at.cell.row, col));
    ground.trace.made_by(ground.program(), at)?;
    let from = |head: usize, row: usize, col: usize| Address { slot: context, cell: Cell { head, row, col, ..at.cell } };
    let right = from(col / d, at.cell.row, col % d);
    let name = |at: Address| Text::same(ground.display(at));
    let mut choices = Choices::of(name(right));
    if col / heads < d {
        choices.wrong(name(from(col % heads, at.cell.row, col / heads)), Misconception::HeadsInterleaved);
    }
    if col % d < rows && at.cell.row < d {
        choices.wrong(name(from(col / d, col % d, at.cell.row)), Misconception::TurnedOver);
    }
    for by in 1..heads {
        choices.wrong(name(from((col / d + by) % heads, at.cell.row, col % d)), None);
    }
    for other in 0..d {
        choices.wrong(name(from(col / d, at.cell.row, other)), None);
    }
    let asked = choices.shuffled(&mut draw.rng)?;
    // The cursor lights up what a number is copied from: it stands on that of another head.
    let elsewhere = Address { cell: at.cell.moved(at.cell.row, (col + d) % (heads * d)), ..at };
    let (what, head, column) = (ground.display(at), col / d + 1, col % d + 1);
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::Heads,
        help: draw.help.of(
            None,
            Text::owned(
                format!("每个头占 d_v = {d} 列：头 1 是第 1 到 {d} 列，头 2 从第 {} 列开始……", d + 1),
                format!("Each head has d_v = {d} columns: head 1 columns 1 to {d}, head 2 from column {} on ...", d + 1),
            ),
            Text::owned(format!("{heads} 个头左右并排，每个头 d_v = {d} 列。"), format!("{heads} heads side by side, each with d_v = {d} columns.")),
        ),
        given: vec![Text::owned(format!("{heads} 个头，d_v = {d}"), format!("{heads} heads, d_v = {d}"))],
        question: Text::owned(format!("{what} 是从哪里抄来的？"), format!("Where is {what} copied from?")),
        asked,
        cells: vec![at],
        view: Some(elsewhere),
        covered: ground.veil(&[at]),
        disputed: Some(at),
        because: Text::owned(
            format!("第 {} 列在头 {head} 的那一块里，是它的第 {column} 列。", col + 1),
            format!("Column {} lies in the block of head {head}, and is its column {column}.", col + 1),
        ),
    })
}
