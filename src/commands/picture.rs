//! `qkv picture`: the screen as SVG.

use std::sync::Arc;

use clap::Args;
use qkv::app::{Key, Message, Model, Page, Status, update};
use qkv::engine::settle;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::ground::lang::Text;
use qkv::program::Slot;
use qkv::report::{Request, Selection, SelectionError};
use qkv::session::{Answer, Kind};
use qkv::ui::{self, Depth, Theme};

use super::{close_windows, compute, driver, model, print};
use crate::cli::{Options, ValueError, cell, said, size, whole};

/// What the screen in the picture shows.
#[derive(Debug, Args)]
pub(crate) struct Picture {
    #[arg(long, value_name = said("名字", "NAME"), help = said(
        "哪个阶段：H、Q、K、V、scores、weights、context…… [默认：H，词]",
        "The stage: H, Q, K, V, scores, weights, context ... [default: H, the words]",
    ))]
    stage: Option<String>,

    #[arg(long, value_name = "N", value_parser = whole::<usize>, help = said("一个头，从 1 数起", "One head, from 1"))]
    head: Option<usize>,

    #[arg(long, value_name = "N", value_parser = whole::<usize>, help = said(
        "一批里的一句，从 1 数起",
        "One sentence of a batch, from 1",
    ))]
    sentence: Option<usize>,

    #[arg(long, value_name = said("行,列", "ROW,COLUMN"), value_parser = cell, help = said(
        "光标在哪里，从 1 数起 [默认：最高的打分]",
        "Where the cursor stands, from 1 [default: the highest score]",
    ))]
    cell: Option<(usize, usize)>,

    #[arg(long, value_name = said("按键", "KEYS"), value_parser = keys, help = said(
        "先按这些键，用空格隔开：\"9 . Enter\"",
        "Press these keys first, apart by spaces: \"9 . Enter\"",
    ))]
    press: Option<Keys>,

    #[arg(long, value_name = said("列x行", "COLUMNSxROWS"), default_value = "120x36", value_parser = size, help = said(
        "终端有几列几行",
        "Columns and rows of the terminal",
    ))]
    size: (u16, u16),
}

impl Picture {
    /// The screen as it would stand on a terminal that shows every colour.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let mut model = model(options)?;
        let Picture { stage, head, sentence, cell, press, size } = self;
        let request = Request { stage: stage.clone(), layer: options.layer, head: *head, sentence: *sentence };
        let selection = Selection::new(&request, model.program())?;
        if stage.is_some() {
            let slot = selection.one(model.program())?;
            turn_to_section_of(&mut model, slot);
            (model.view.page, model.view.focus) = page(&model, slot)?;
        }
        let [_, _, rows, columns] = model.shape().lens();
        let cell = match *cell {
            Some((row, column)) => {
                let (row, column) = ((row, rows, Text::new("行", "row")), (column, columns, Text::new("列", "column")));
                Some((inside(row)?, inside(column)?))
            }
            None => None,
        };

        let mut driver = driver(options)?;
        let run = compute(&mut driver, &model.material.sample, options)?;
        if model.status == Status::Opening {
            model.status = Status::Open;
        }
        model.first_request();
        if let Some(ticket) = model.ticket(Kind::Run) {
            update(&mut model, Message::Answered(ticket, Ok(Answer::Run(Arc::new(run)))));
        }
        // The result has placed the cursor; what was asked for overrules it.
        let cursor = &mut model.view.cursor;
        cursor.head = head.map_or(cursor.head, |n| n - 1);
        cursor.batch = sentence.map_or(cursor.batch, |n| n - 1);
        (cursor.row, cursor.col) = cell.unwrap_or((cursor.row, cursor.col));

        update(&mut model, Message::Resize(size.0, size.1));
        for key in press.iter().flat_map(|keys| &keys.0) {
            let effects = update(&mut model, Message::Key(*key));
            settle(&mut model, &mut driver, effects, &|kind| kind != Kind::Open);
        }
        let theme = Theme::of(Depth::True, &model.settings);
        let drawing = ui::svg(&ui::still(&model, theme, *size), theme, &model.material.sample.text);
        print(|out| out.write_all(drawing.as_bytes()))
    }
}

/// Keys to be pressed.
#[derive(Debug, Clone)]
struct Keys(Vec<Key>);

/// Reads `9 . Enter`.
fn keys(text: &str) -> Result<Keys, ValueError> {
    text.split_whitespace().map(|name| Key::named(name).ok_or(ValueError::Keys)).collect::<Result<_, _>>().map(Keys)
}

/// Goes to the part of a model in which a tensor is made, or first used; what is folded there is opened where need be.
fn turn_to_section_of(model: &mut Model, slot: Slot) {
    if model.program().layers() == 0 {
        return;
    }
    close_windows(model);
    let program = model.program();
    let used = || program.stages().iter().position(|stage| stage.operands.contains(&slot));
    let stage = program.stage_of(slot).or_else(used);
    let section = program.sections().iter().position(|section| stage.is_some_and(|n| section.stages.contains(&n)));
    model.view.section = section.unwrap_or(model.view.section);
    model.view.unfolded = page(model, slot).is_err();
}

/// The page on which a tensor is shown, and its place there.
fn page(model: &Model, slot: Slot) -> Result<(Page, usize), SelectionError> {
    let shown: Vec<_> =
        model.pages_of_tensors().flat_map(|page| (0..).zip(model.tensors(page)).map(move |at| (page, at))).collect();
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
