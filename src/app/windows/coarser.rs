//! `c`: the weights between the pieces of words, and what they add up to between the words themselves.

use super::{Behaviour, Entry, Line, LineRow, Outcome};
use crate::app::Model;
use crate::app::deeds::{around, perform};
use crate::app::keys::{Command, Deed as Walk, Group, Key, Opener, Row, When, row, short};
use crate::ground::lang::Text;
use crate::math::tensor::{Cell, Tensor};
use crate::program::Name;
use crate::source::sample::Pieces;

/// The window of coarser words: which of the coarser cuts it shows.
#[derive(Debug, Clone)]
pub struct CoarserWindow {
    which: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Cut(isize),
    /// What the key does on the walk.
    Walk(Walk),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('c')],
        name: "coarser.open",
        group: Some(Group::Heads),
        when: When::Always,
        short: None,
        help: Text::new(
            "切得细的时候，旁边合成粗的来看",
            "where it is cut fine: the attention between whole words, beside it",
        ),
    },
    after: "walk.cut",
    open: |model| {
        if model.material.sample.coarser.is_empty() {
            model.warn(Text::new(
                "现在就是按词切的；先按 v 切得细一些（字、字节）",
                "the sentence is cut into words already; v cuts it finer, into characters or bytes",
            ));
        } else {
            model.open_window(CoarserWindow { which: 0 });
        }
        Vec::new()
    },
};

impl CoarserWindow {
    /// The coarser cut, the weights between the pieces, and those between the coarser words.
    pub fn shown<'a>(&self, model: &'a Model) -> Option<(&'a Pieces, &'a Tensor<f32>, Tensor<f32>)> {
        let pieces = model.material.sample.coarser.get(self.which)?;
        let fine = model.trace()?.find(model.program(), None, Name::Weights)?;
        Some((pieces, fine, pieces.coarsen(fine)?))
    }

    /// How coarse weights come from fine ones.
    pub fn rule(pieces: &Pieces) -> Text {
        let label = pieces.lens.label();
        Text::owned(
            format!(
                "每个粗格 = 被看的各块求和，去看的各块求平均：一个{0}看另一个{0}的权重。每行的和仍是 1。",
                label.zh
            ),
            format!(
                "Between {}: what the pieces looked at receive is summed, over the pieces that look it is averaged. Rows still sum to 1.",
                label.en
            ),
        )
    }

    /// The sentence and head that are shown.
    pub fn place(model: &Model) -> Cell {
        let head = model.view.cursor.head.min(model.program().heads() - 1);
        Cell { batch: model.view.cursor.batch, head, row: 0, col: 0 }
    }
}

impl Behaviour for CoarserWindow {
    type Deed = Deed;
    const NAME: &'static str = "coarser";
    const TITLE: Text = Text::new("细的和粗的", "fine and coarse");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Char(',')], "coarser.previous_head", Deed::Walk(Walk::PreviousHead), short("换头", "other heads"), "上一个头", "the head before"),
        row(&[Key::Char('.')], "coarser.next_head", Deed::Walk(Walk::NextHead), short("换头", "other heads"), "下一个头", "the next head"),
        row(&[Key::Char('c'), Key::Right, Key::Char('l')], "coarser.next", Deed::Cut(1), short("换一种合法", "another cut"), "换一种合法", "another coarser cut"),
        row(&[Key::Left, Key::Char('h')], "coarser.previous", Deed::Cut(-1), None, "上一种合法", "the coarser cut before"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match deed {
            Deed::Cut(by) => self.which = around(self.which, by, model.material.sample.coarser.len()),
            Deed::Walk(deed) => return perform(model, deed).into(),
        }
        Outcome::stay()
    }

    fn keep(&mut self, model: &mut Model) -> Outcome {
        if self.which < model.material.sample.coarser.len() { Outcome::stay() } else { Outcome::close() }
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let Some((pieces, _, coarse)) = self.shown(model) else { return Vec::new() };
        let place = Self::place(model);
        let mut lines = vec![Line::Heading(pieces.lens.label()), Line::say(Self::rule(pieces))];
        lines.push(Line::Columns(pieces.words.iter().map(|word| Text::same(word.as_str())).collect()));
        lines.extend(pieces.words.iter().enumerate().map(|(row, word)| {
            let weight = |col| Entry::words(Text::same(format!("{:.2}", coarse.get(place.moved(row, col)))));
            let entries = (0..coarse.shape().cols.len).map(weight).collect();
            Line::Row(LineRow { name: Text::same(word.as_str()), chosen: row == model.view.cursor.row, entries })
        }));
        lines
    }
}
