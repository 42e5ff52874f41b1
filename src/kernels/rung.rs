//! The rungs of the ladder: the same work by kernels that are written better and better.

use super::rungs::{self, Lies, Lines, Spec};
use super::seen::Seen;
use super::template::Source;
use super::transfer::Way;

/// A way to write the kernels. Each has a file of its own in `rungs/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rung {
    /// One invocation a cell, neighbours far apart in memory.
    Naive,
    /// The same, neighbours side by side.
    Coalesced,
    /// Tiles in workgroup memory.
    Tiled,
    /// Tiles in registers, softmax fused.
    Register,
    /// Tiles in workgroup memory, and in registers what an invocation makes of them; softmax fused.
    Block,
    /// Tiles in registers, loads shared by the subgroup, softmax fused.
    Subgroup,
}

impl Rung {
    /// All of them, the plainest first.
    pub const ALL: [Self; 6] = [Self::Naive, Self::Coalesced, Self::Tiled, Self::Register, Self::Block, Self::Subgroup];

    /// What it is made of.
    pub(super) const fn spec(self) -> &'static Spec {
        match self {
            Self::Naive => &rungs::NAIVE,
            Self::Coalesced => &rungs::COALESCED,
            Self::Tiled => &rungs::TILED,
            Self::Register => &rungs::REGISTER,
            Self::Block => &rungs::BLOCK,
            Self::Subgroup => &rungs::SUBGROUP,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// The rung of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }

    /// Whether softmax is part of the attention kernel, so that scores are never written down.
    pub const fn is_fused(self) -> bool {
        self.spec().attention.is_some()
    }

    /// Whether a trial of rungs gives it a chance: the plain ones take seconds and win nowhere.
    pub const fn is_tried(self) -> bool {
        self.is_fused() || matches!(self, Self::Tiled)
    }

    /// Whether its attention kernel, written out for heads of so many vec4, is one that drivers compile in a few seconds.
    pub(crate) fn fuses(self, d4: usize) -> bool {
        self.spec().attention.as_ref().is_some_and(|attention| d4 <= attention.widest)
    }

    /// Lanes of a subgroup that its kernels ask for, where there are so many; 1 where they do not ask.
    pub(super) const fn lanes(self, lanes: usize) -> u32 {
        if self.spec().subgroups { lanes as u32 } else { 1 }
    }

    /// Whether it runs where subgroups are so wide; none where they vary or kernels may not use them.
    pub(crate) const fn runs_on(self, lanes: Option<usize>) -> bool {
        match lanes {
            None => !self.spec().subgroups,
            Some(_) => true,
        }
    }

    /// Whether invocations of its attention kernel that have no query of their own stay to the end.
    pub(crate) fn keeps_idle(self) -> bool {
        self.spec().attention.as_ref().is_some_and(|attention| attention.idle)
    }
}

/// Multiplies and adds in registers and does nothing else: the roof over all kernels.
pub const PEAK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/ladder/peak.wgsl"));

/// Every kernel of every rung, written out for some lanes and some widths of heads: `(file, WGSL)`. Who compares them knows
/// whether a kernel has changed; who compiles them knows whether all are valid.
pub fn written_out(lanes: usize, widths: &[usize]) -> Vec<(&'static str, Source)> {
    let mut written = vec![("ladder/peak", Source::File(PEAK))];
    for rung in Rung::ALL {
        let Spec { product, softmax, attention, texels, .. } = rung.spec();
        let mut lines: Vec<Lines> = Lies::ALL.into_iter().map(Lines::plain).collect();
        lines.extend(Lies::ALL.map(|lies| Lines { careful: true, ..Lines::plain(lies) }));
        let epilogues = [None].into_iter().chain(super::texels::epilogues(rung).map(Some));
        let panels = [1, product.panels_at_once(lanes, 0)];
        let epilogues = epilogues.flat_map(|epilogue| panels.map(|panels| (epilogue, panels)));
        lines.extend(epilogues.map(|(epilogue, panels)| Lines { panels, epilogue, ..Lines::plain(Lies::Panels) }));
        written.extend(lines.into_iter().map(|lines| (product.file.name, product.source(lanes, lines))));
        written.extend(softmax.iter().map(|softmax| (softmax.file.name, softmax.source(lanes, softmax.masks))));
        for (op, texels) in super::texels::ops().flat_map(|op| texels.iter().map(move |texels| (op, texels))) {
            for one in [true, false] {
                let (file, source) = texels.source(op, lanes, one);
                written.push((file.name, source));
            }
        }
        if let Some(attention) = attention {
            let widths = widths.iter().filter(|&&d4| d4 <= attention.widest);
            let seen = |&d4: &usize| [Seen::All, Seen::Earlier, Seen::Masked].map(|seen| (d4, seen));
            let written_for = |(d4, seen)| (attention.file.name, attention.source(d4, lanes, seen));
            written.extend(widths.flat_map(seen).map(written_for));
        }
    }
    for (from, to) in [(false, false), (false, true), (true, false), (true, true)] {
        for (way, vectors) in [(Way::Single, false), (Way::Whole, true), (Way::Whole, false), (Way::Turned, false)] {
            // Squares are turned between textures alone, and what lies in a buffer is moved whole only by fours.
            let able = match way {
                Way::Single => true,
                Way::Whole => vectors || from,
                Way::Turned => from && to,
            };
            written.extend(able.then(|| (super::transfer::FILE, super::transfer::source(from, to, way, vectors))));
        }
    }
    written
}
