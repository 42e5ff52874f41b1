//! When one number is changed, which numbers of a later tensor change with it?

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::math::tensor::Cell;
use crate::program::{Address, Inputs, Name, Override, Slot, Trace, labels};
use crate::study::Concept;
use crate::study::quiz::Misconception;
use crate::study::quiz::choices::Choices;
use crate::study::quiz::ground::Ground;

pub(super) const KIND: Kind = Kind {
    name: "edit",
    title: Text::new("改一个数，哪里会变", "what changes with this number"),
    stages: &[Name::H, Name::M, Name::Q, Name::K, Name::Scores, Name::Weights, Name::V, Name::Context],
    concept,
    draw,
};

/// What a page's question changes, and where it asks for the change.
const fn route(page: Name) -> Option<(Name, Name)> {
    match page {
        Name::H => Some((Name::H, Name::Q)),
        Name::M => Some((Name::M, Name::K)),
        Name::Q | Name::Scores => Some((Name::Q, Name::Scores)),
        Name::K => Some((Name::K, Name::Scores)),
        Name::Weights => Some((Name::K, Name::Weights)),
        Name::V => Some((Name::V, Name::Weights)),
        Name::Context => Some((Name::V, Name::Context)),
        _ => None,
    }
}

const fn concept(page: Name) -> Concept {
    match page {
        Name::H | Name::M => Concept::Projection,
        Name::Q | Name::K | Name::Scores => Concept::Scores,
        Name::Weights => Concept::Softmax,
        _ => Concept::WeightedSum,
    }
}

/// Where numbers have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    Nothing,
    Row,
    Column,
    Several,
}

fn draw(draw: &mut Draw) -> Option<Item> {
    let ground = draw.ground;
    let page = ground.name_of(draw.at.slot);
    let (edited, watched) = route(page)?;
    let (edited, watched) = (ground.beside(draw.at.slot, edited)?, ground.beside(draw.at.slot, watched)?);
    let [_, _, rows, cols] = ground.shape(edited).lens();
    let cell = if draw.at.slot == edited {
        draw.at.cell
    } else {
        let (row, col) = (draw.below(rows), draw.below(cols));
        draw.at.cell.moved(row, col)
    };
    let at = ground.at(edited, cell);
    let heads = ground.shape(watched).heads.unwrap_or(1);
    // What has no heads is used by all of them: one is asked about.
    let head = if ground.shape(edited).heads.is_some() { at.cell.head.min(heads - 1) } else { draw.below(heads) };
    let old = ground.get(at);
    let by = [-2.0, -1.0, 1.0, 2.0, 3.0][draw.below(5)];
    let new = f64::from(rounded(old + by));
    let view = Watched { slot: watched, head };
    let lines = Lines::of(ground, at, view);
    let (region, seen) = changed(ground, at, new as f32, (view, &lines))?;

    let names = |region: Region| match region {
        Region::Nothing => Text::new("都不变", "nothing changes"),
        Region::Row => lines.row.1.clone(),
        Region::Column => lines.col.1.clone(),
        Region::Several => Text::new("好几行、好几列都有数变", "numbers in several rows and several columns"),
    };
    let mut choices = Choices::of(names(region));
    for other in [Region::Row, Region::Column, Region::Several, Region::Nothing] {
        if other != region {
            choices.wrong(names(other), misread(region, other, (ground.name_of(edited), ground.name_of(watched))));
        }
    }
    let asked = choices.shuffled(&mut draw.rng)?;

    let (what, of) = (ground.display(at), ground.program().symbol(watched).to_string());
    let place = ground.place(Address { slot: watched, cell: seen });
    let (old, new) = (ground.write(edited, old), short(new));
    let formula = labels::of(ground.program(), watched).formula;
    Some(Item {
        kind: KIND.name.into(),
        concept: concept(page),
        help: draw.help.of(
            None,
            Text::owned(
                format!("{formula}：想想 {what} 在哪些格里用到，乘的又是不是 0。"),
                format!("{formula}: think which numbers take {what}, and whether they multiply it by 0."),
            ),
            Text::owned(format!("看 {formula}。"), format!("Look at {formula}.")),
        ),
        given: partner(ground, at, view).into_iter().collect(),
        question: Text::owned(
            format!("{}把 {what} 从 {old} 改成 {new}，{of} 里哪些数会变？", place.zh),
            format!("{}when {what} is changed from {old} to {new}, which numbers of {of} change?", place.en),
        ),
        asked,
        cells: vec![at],
        view: Some(Address { slot: watched, cell: view.first(ground, at) }),
        covered: Vec::new(),
        disputed: Some(Address { slot: watched, cell: seen }),
        because: because(region, &names(region), (&what, &of), ground.name_of(edited)),
    })
}

/// Two digits, as a number that is typed would have.
fn rounded(x: f64) -> f32 {
    ((x * 100.0).round() / 100.0) as f32
}

/// The tensor and the head in which changes are looked for.
#[derive(Debug, Clone, Copy)]
struct Watched {
    slot: Slot,
    head: usize,
}

impl Watched {
    /// The first number there.
    fn first(self, ground: Ground, at: Address) -> Cell {
        ground.shape(self.slot).clamp(Cell { head: self.head, row: 0, col: 0, ..at.cell })
    }
}

/// One row and one column, with their words as choices.
struct Lines {
    row: (usize, Text),
    col: (usize, Text),
}

impl Lines {
    /// The row and the column that the changed number belongs to: a key is a column of the scores, a feature of a value one
    /// of the contexts.
    fn of(ground: Ground, at: Address, watched: Watched) -> Self {
        let shape = ground.shape(watched.slot);
        let word = matches!(ground.name_of(watched.slot), Name::Scores | Name::Weights);
        let row = at.cell.row.min(shape.rows.len - 1);
        let col = if word { at.cell.row } else { at.cell.col }.min(shape.cols.len - 1);
        let of_row = ground.names(shape.rows.axis, watched.head, shape.rows.len).swap_remove(row);
        let of_col = ground.names(shape.cols.axis, watched.head, shape.cols.len).swap_remove(col);
        Self {
            row: (row, Text::owned(format!("只有「{}」这一行", of_row.zh), format!("only in the row {}", of_row.en))),
            col: (col, Text::owned(format!("只有「{}」这一列", of_col.zh), format!("only in the column {}", of_col.en))),
        }
    }
}

/// Where the numbers of one head change, and one of them; none where that is not clear, or where more than one of the
/// choices would be right.
fn changed(ground: Ground, at: Address, new: f32, (watched, lines): (Watched, &Lines)) -> Option<(Region, Cell)> {
    let before = ground.again(ground.program(), ground.inputs())?;
    let after = ground.again(ground.program(), &edited(ground, at, new)?)?;
    let shape = ground.shape(watched.slot);
    let here = |cell: &Cell| cell.head == watched.head && cell.batch == shape.clamp(at.cell).batch;
    let mut moved: Vec<Cell> = Vec::new();
    for cell in shape.cells().filter(here) {
        let number = |trace: &Trace| f64::from(trace.tensor(watched.slot).get(cell));
        let (x, y) = (number(&before), number(&after));
        if x != y {
            // A change too small to be seen is neither one nor none.
            ground.clear(watched.slot, x, y).then(|| moved.push(cell))?;
        }
    }
    let Some(&seen) = moved.first() else { return Some((Region::Nothing, watched.first(ground, at))) };
    let (one_row, one_col) = (moved.iter().all(|c| c.row == seen.row), moved.iter().all(|c| c.col == seen.col));
    let region = match (one_row, one_col) {
        (true, true) => None,
        (true, false) => (seen.row == lines.row.0).then_some(Region::Row),
        (false, true) => (seen.col == lines.col.0).then_some(Region::Column),
        (false, false) => Some(Region::Several),
    };
    region.map(|region| (region, seen))
}

/// What the changed number is multiplied by: `Q.2[:,1] = (0, 2, 0, 0)`.
fn partner(ground: Ground, at: Address, watched: Watched) -> Option<Text> {
    let with = match (ground.name_of(at.slot), ground.name_of(watched.slot)) {
        (Name::H | Name::M, _) => return row_of_w(ground, at, watched),
        (Name::Q, _) => Name::K,
        (Name::K, _) => Name::Q,
        (Name::V, Name::Context) => Name::Weights,
        _ => return None,
    };
    let slot = ground.beside(watched.slot, with)?;
    // A key or a query meets its own feature of the others; a value its own word's weights.
    let col = if with == Name::Weights { at.cell.row } else { at.cell.col };
    let cells = (0..ground.shape(slot).rows.len).map(|row| ground.at(slot, at.cell.moved(row, col)));
    let numbers = cells.map(|at| ground.write(slot, ground.get(at))).collect::<Vec<_>>().join(", ");
    let head = ground.shape(slot).heads.map(|_| format!(".{}", watched.head + 1)).unwrap_or_default();
    Some(Text::same(format!("{}{head}[:,{}] = ({numbers})", ground.program().symbol(slot), col + 1)))
}

/// The row of W that a dimension of a word is multiplied by, as far as it makes one head: `W_q[5,1:2] = (0, 2)`.
fn row_of_w(ground: Ground, at: Address, watched: Watched) -> Option<Text> {
    let w = *ground.program().made_by(watched.slot)?.operands.get(1)?;
    let d = ground.shape(watched.slot).cols.len;
    let (first, row) = (watched.head * d, at.cell.col);
    let number = |col| ground.write(w, ground.get(ground.at(w, Cell::at(row, col))));
    let numbers = (first..first + d).map(number).collect::<Vec<_>>().join(", ");
    Some(Text::same(format!("{}[{},{}:{}] = ({numbers})", ground.program().symbol(w), row + 1, first + 1, first + d)))
}

/// The numbers with one of them changed.
fn edited(ground: Ground, at: Address, new: f32) -> Option<Inputs> {
    let (program, inputs) = (ground.program(), ground.inputs());
    if let Some(tensor) = inputs.get(at.slot) {
        let mut tensor = tensor.clone();
        tensor.set(at.cell, new);
        return inputs.with_tensors(program, [(at.slot, tensor)]).ok();
    }
    let mut overrides = inputs.overrides().to_vec();
    overrides.retain(|o| o.address != at);
    overrides.push(Override { address: at, value: new });
    Some(inputs.clone().with_overrides(program, overrides))
}

/// Who thinks of this region where that one changes.
fn misread(right: Region, thought: Region, (edited, watched): (Name, Name)) -> Option<Misconception> {
    match (right, thought) {
        (Region::Row, Region::Column) | (Region::Column, Region::Row) => Some(Misconception::TookColumn),
        (Region::Several, Region::Column | Region::Row) if watched == Name::Weights => Some(Misconception::OnlyOneWeight),
        (Region::Nothing, _) if (edited, watched) == (Name::V, Name::Weights) => Some(Misconception::KeyForValue),
        (_, Region::Several) => Some(Misconception::ReachesEverything),
        (_, Region::Nothing) => Some(Misconception::ReachesNothing),
        _ => None,
    }
}

fn because(region: Region, words: &Text, (what, watched): (&str, &str), edited: Name) -> Text {
    let try_it = Text::new("按 e 改一改就能看到，u 撤销。", "The key e changes it and shows it; u undoes that.");
    let why = match region {
        Region::Nothing if edited == Name::V => Text::new(
            "权重只由查询和键决定，值不参加：它等着被加起来。",
            "Weights come from queries and keys alone; values take no part in them, they wait to be added up.",
        ),
        Region::Nothing => Text::owned(
            format!("{watched} 里没有一个数因 {what} 而变：用到它的地方，乘的都是 0，或者根本没用到它。"),
            format!("No number of {watched} changes with {what}: what takes it multiplies it by 0, or nothing takes it."),
        ),
        Region::Several => Text::owned(
            format!("{what} 变了，{watched} 里好几行、好几列都跟着变。"),
            format!("With {what}, numbers of {watched} change in several rows and several columns."),
        ),
        Region::Row | Region::Column => Text::owned(
            format!("{watched} 里只有用到 {what} 的那些数会变：{}。", words.zh),
            format!("Of {watched} only what is made from {what} changes: {}.", words.en),
        ),
    };
    Text::owned(format!("{}{}", why.zh, try_it.zh), format!("{} {}", why.en, try_it.en))
}
