//! The line under the header: the whole formula, the part of it that the page is about lit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::signs;
use crate::app::Model;
use crate::explain::whole::{Part, projections, whole};
use crate::ground::text;
use crate::ui::theme::Theme;
use crate::ui::widgets::put;

/// Columns between two formulas.
const BETWEEN: u16 = 2;

pub(super) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let program = model.program();
    let slot = model.tensors(model.view.page).first().copied().filter(|_| model.view.page.shows_tensors());
    let mut x = area.x + 1;
    let formulas = std::iter::once(whole(program, model.layer())).chain(projections(program, model.layer()));
    for formula in formulas {
        let words = |part: &Part| signs(model, &part.text);
        let wide: usize = formula.iter().map(|part| text::columns(&words(part))).sum();
        if x + wide as u16 > area.right() {
            return;
        }
        for part in &formula {
            let lit = slot.is_some_and(|slot| part.belongs_to(slot));
            let role = theme.role(model.label(part.slot).role).add_modifier(Modifier::BOLD);
            let style = if lit {
                role.patch(theme.chosen())
            } else if slot.is_none() {
                role
            } else {
                theme.dim()
            };
            x = put(buffer, area, x, area.y, &words(part), style);
        }
        x += BETWEEN;
    }
}
