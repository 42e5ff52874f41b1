//! Which kernel makes which stages: the taught one makes one, a rung as many as it can together.

use super::super::flat::{Flat, Groups};
use super::super::fused::{Fused, divisor};
use super::super::launch::Launch;
use super::super::layout::{Layout, Part, Storage};
use super::super::product::{Epilogue, Factor, Padded, Planes, strided};
use super::super::rows;
use super::super::rung::Rung;
use super::super::rungs::{Softmax, Takes};
use super::super::seen::Seen;
use super::super::stage::{Version, lens};
use super::super::texels::epilogues;
use super::{Order, Planner, Step};
use crate::program::{Slot, Stage};

impl Planner<'_> {
    /// Plans the stage, and those after it that its kernel makes too. Gives how many.
    pub(super) fn cover(&mut self, stage: usize) -> usize {
        let of = &self.program.stages()[stage];
        let Some(rung) = self.order.rungs.get(stage).copied().flatten() else { return self.taught(stage) };
        let covered = match of.op.name() {
            "project" | "project_biased" => self.projections(stage, rung),
            "matmul_transposed" => self.attention(stage, rung).or_else(|| self.planes(stage, rung)),
            "mask" => self.hide_and_share(stage, rung).or_else(|| self.by_texels(stage)),
            "softmax" => self.by_texels(stage).or_else(|| self.share(stage, rung)),
            "matmul" if of.shape.heads.is_some() => self.planes(stage, rung),
            "matmul" | "matmul_biased" => self.whole(stage, rung),
            "concat" => self.side_by_side(stage),
            _ => self.by_texels(stage),
        };
        covered.unwrap_or_else(|| self.taught(stage))
    }

    /// By its own kernel.
    fn taught(&mut self, stage: usize) -> usize {
        let (of, output) = (&self.program.stages()[stage], self.program.output_of(stage));
        let mut bound: Vec<usize> = of.operands.iter().map(|&slot| self.plain(slot)).collect();
        let launch = Launch::taught(self.program, of, output);
        bound.extend(launch.buffers.last().map(|made| self.hold(made.clone(), false)));
        self.step(launch, bound);
        1
    }

    /// Q, K and V from the same words: one product, their weights side by side, their biases below them.
    fn projections(&mut self, first: usize, rung: Rung) -> Option<usize> {
        let stages = self.program.stages();
        let words = stages[first].operands[0];
        let alike = |n: &usize| {
            let (stage, shape) = (&stages[*n], stages[first].shape);
            let same = stage.op.name() == stages[first].op.name() && stage.operands[0] == words;
            let same = same && stage.shape.heads == shape.heads;
            same && self.order.rungs[*n] == Some(rung)
        };
        let group: Vec<usize> = (first..stages.len()).take_while(alike).collect();
        let ((sentences, heads), (rows, _)) = lens(stages[first].shape);
        let apart = group.iter().map(|&n| stages[n].shape.cols.len).max()?.next_multiple_of(4);
        let side = heads * apart;
        let model = self.program.shape(words).cols.len;
        let ones = (stages[first].operands.len() > 2).then(|| model.next_multiple_of(4));
        let inner = ones.map_or(model, |ones| ones + 1);
        let slots: Vec<Slot> = group.iter().flat_map(|&n| stages[n].operands[1..].iter().copied()).collect();
        let (a, b, c) = self.flats(rung, (sentences, rows), (inner, &slots), group.len() * side);
        if ones.is_some() && a.beside > 1 {
            return None;
        }
        let groups = |n: usize| Groups { count: heads, cols: stages[n].shape.cols.len, apart };
        let weights = |(at, &n): (usize, &usize)| b.grouped(stages[n].operands[1], (1, model), at * side, groups(n));
        let biases = ones.into_iter().flat_map(|ones| {
            let bias = move |(at, &n): (usize, &usize)| b.row(stages[n].operands[2], ones, at * side, groups(n));
            group.iter().enumerate().flat_map(bias)
        });
        let weights = b.storage("W", group.iter().enumerate().flat_map(weights).chain(biases).collect());
        let part = |(at, &n): (usize, &usize)| {
            let layout = c.layout((at * side, apart), (rows, stages[n].shape.cols.len));
            Part::whole(self.program.output_of(n), (sentences, heads), layout)
        };
        let made = c.storage("QKV", group.iter().enumerate().map(part).collect());
        let words = a.storage(
            self.program.symbol(words).name.as_str(),
            a.grouped(words, (sentences, rows), 0, Groups::one(model)),
        );
        let words = Storage { ones, ..words };
        self.product(rung, (inner, group.len() * side), [a, b, c], [words, weights, made], None);
        for &n in &group {
            self.plan.versions[n] = Version::Rung(rung);
        }
        Some(group.len())
    }

    /// A product of whole sentences with one matrix that all of them share, a bias below it.
    fn whole(&mut self, stage: usize, rung: Rung) -> Option<usize> {
        let of = &self.program.stages()[stage];
        let [left, right, bias @ ..] = of.operands.as_slice() else { return None };
        let (left, right) = (*left, *right);
        let (weights, words) = (self.program.shape(right), self.program.shape(left));
        if weights.batch.or(weights.heads).or(words.heads).is_some() {
            return None;
        }
        let ((sentences, _), (rows, cols)) = lens(of.shape);
        let groups = self.groups.get(&left).copied().unwrap_or(Groups::one(words.cols.len));
        let ones = (!bias.is_empty()).then(|| groups.width().next_multiple_of(4));
        let inner = ones.map_or(groups.width(), |ones| ones + 1);
        let (a, b, c) = self.flats(rung, (sentences, rows), (inner, &of.operands[1..]), cols);
        if ones.is_some() && a.beside > 1 {
            return None;
        }
        // The rows of the weights lie where the columns of the words do.
        let part = |group: usize| {
            let layout = Layout { start: group * groups.apart * b.down, ..b.layout((0, 0), (groups.cols, cols)) };
            Part { slot: right, planes: (1, 1), from: (group * groups.cols, 0), layout }
        };
        let mut parts = if groups.cols == groups.apart {
            b.grouped(right, (1, words.cols.len), 0, Groups::one(cols))
        } else {
            (0..groups.count).map(part).collect()
        };
        parts.extend(ones.iter().flat_map(|&ones| b.row(bias[0], ones, 0, Groups::one(cols))));
        let epilogue = self.epilogue(stage, rung);
        let covered = if epilogue.is_some() { 2 } else { 1 };
        let output = self.program.output_of(stage + covered - 1);
        let (c, made_ones) = if epilogue.is_some() { self.flat_for(output, rung, (1, rows), cols) } else { (c, None) };
        let made = c.grouped(output, (sentences, rows), 0, Groups::one(cols));
        let made = c.storage(self.program.symbol(output).name.as_str(), made);
        let words = a.storage(self.program.symbol(left).name.as_str(), a.grouped(left, (sentences, rows), 0, groups));
        let buffers = [
            Storage { ones, ..words },
            b.storage(self.program.symbol(right).name.as_str(), parts),
            Storage { ones: made_ones, ..made },
        ];
        self.product(rung, (inner, cols), [a, b, c], buffers, epilogue);
        for n in stage..stage + covered {
            self.plan.versions[n] = Version::Rung(rung);
        }
        Some(covered)
    }

    /// The stage after a product that its kernel makes before it writes the sums down: one that works number by number, where nobody
    /// wants to see the sums. That takes one sentence, and columns that fill subgroups: what is padding stays as it was.
    fn epilogue(&mut self, stage: usize, rung: Rung) -> Option<(Epilogue, Option<usize>)> {
        let (product, next) = (self.program.output_of(stage), self.program.stages().get(stage + 1)?);
        let (planes, (_, cols)) = lens(next.shape);
        let (_, to_cols, _) = rung.spec().product.padding(self.order.lanes);
        let able = planes == (1, 1) && cols.is_multiple_of(to_cols) && self.is_inner(stage);
        if !able || self.order.rungs[stage + 1] != Some(rung) {
            return None;
        }
        let op = epilogues(rung).find(|op| *op == next.op.name())?;
        let others: Vec<Slot> = next.operands.iter().copied().filter(|&slot| slot != product).collect();
        let (other, bound) = match others.as_slice() {
            [] if next.operands.len() == 1 => (None, None),
            &[slot] => {
                let (at, part) = self.in_texture(slot)?;
                let storage = self.plan.storages[at].clone();
                (Some(Storage { layout: part.layout, ..storage }), Some(at))
            }
            _ => return None,
        };
        Some((Epilogue { op, other }, bound))
    }

    /// The matrices of a product of whole batches: rows × inner, inner × columns, rows × columns. The second, made of these
    /// tensors, comes in panels where the rung wants that and the host fills it in.
    fn flats(
        &self,
        rung: Rung,
        rows: (usize, usize),
        (inner, weights): (usize, &[Slot]),
        cols: usize,
    ) -> (Flat, Flat, Flat) {
        let &Order { lanes, texels, .. } = self.order;
        let (_, to_cols, to_inner) = rung.spec().product.padding(lanes);
        let a = Flat::new(rung, lanes, rows, (inner, to_inner), texels);
        let c = Flat::new(rung, lanes, rows, (cols, to_cols), texels);
        let b = Flat { rows: a.cols, ..Flat::new(rung, lanes, (1, a.cols), (cols, to_cols), usize::MAX) };
        let given = weights.iter().all(|&slot| self.program.made_by(slot).is_none());
        let panels = rung.spec().product.panels(lanes).filter(|_| given).map(|(panel, wide)| b.in_panels(panel, wide));
        let b = panels.filter(|b| self.fits(&b.storage("", Vec::new()))).unwrap_or(b);
        (a, b, c)
    }

    fn product(
        &mut self,
        rung: Rung,
        (inner, cols): (usize, usize),
        [a, b, c]: [Flat; 3],
        [left, right, made]: [Storage; 3],
        epilogue: Option<(Epilogue, Option<usize>)>,
    ) {
        let (epilogue, other) = epilogue.unzip();
        let rows = a.below * a.words;
        let launch = if matches!(rung.spec().product.takes, Takes::Strided) {
            let view = |flat: &Flat, rows: usize, cols: usize| Layout::rows(rows, cols, flat.down);
            let views = [view(&a, rows, inner), view(&b, inner, cols), view(&c, rows, cols)];
            let [left, right, made] = [(&left, views[0]), (&right, views[1]), (&made, views[2])]
                .map(|(storage, view)| Factor { storage: storage.clone(), view });
            strided(&rung.spec().product, (1, 1), 1.0, [left, right, made])
        } else {
            let product = Padded {
                rung,
                lanes: self.order.lanes,
                planes: (a.beside, 1),
                shape: (rows, cols),
                sizes: [a.rows, c.cols, a.cols],
                steps: [a.cols, 0, c.cols],
                careful: false,
                epilogue,
            };
            product.launch([left.clone(), right.clone(), made.clone()])
        };
        let mut bound = vec![self.want(left), self.want(right)];
        bound.extend(other.flatten());
        bound.push(self.hold(made, false));
        self.step(launch, bound);
    }

    /// Scores, softmax and sum in one, where nobody wants to see what lies in between.
    fn attention(&mut self, first: usize, rung: Rung) -> Option<usize> {
        let fused = Fused::at(self.program, first)?;
        let &Order { lanes, texels, launches, .. } = self.order;
        let (_, to_cols, _) = rung.spec().product.padding(lanes);
        let last = fused.stages.1;
        let one = (first..=last).all(|n| self.order.rungs[n] == Some(rung)) && (first..last).all(|n| self.is_inner(n));
        if !one || !rung.fuses(fused.d4()) {
            return None;
        }
        let (sentences, heads) = fused.planes();
        let qkv = Flat::new(rung, lanes, (sentences, fused.words()), (3 * fused.side(), to_cols), texels);
        let next = self.program.stages().get(last + 1).filter(|next| next.op.name() == "concat");
        let output = next.map_or(self.program.output_of(last), |next| next.output);
        let (out, ones) = self.flat_for(output, rung, (sentences, fused.queries()), fused.side());
        if qkv.below != out.below {
            return None;
        }
        let context = fused.context(&out, self.program.output_of(last));
        let groups = Groups { count: heads, cols: context.layout.cols, apart: 4 * fused.d4() };
        let (holds, covered) = self.with_concat(last, rung, &out, (context, groups));
        let from = fused.qkv(&qkv);
        let seen = self.order.seen;
        let mask = (seen == Seen::Masked).then(|| self.by_rows(fused.mask));
        let to = Storage { ones, ..out.storage(self.program.stages()[last].symbol.name.as_str(), holds) };
        let mut bound = vec![self.want(from.clone())];
        bound.extend(mask.is_some().then(|| self.plain(fused.mask)));
        bound.push(self.hold(to.clone(), false));
        let share = (heads / launches.max(1)).max(1);
        for head in (0..heads).step_by(share) {
            let some = (head, share.min(heads - head));
            let buffers = (from.clone(), mask.clone(), to.clone());
            let launch = fused.launch((rung, lanes), (&qkv, &out), buffers, (some, seen))?;
            self.step(launch, bound.clone());
        }
        for n in first..=last {
            self.plan.versions[n] = Version::Fused(rung);
        }
        Some(last - first + covered)
    }

    /// A context in a matrix of the heads side by side: where the next stage is concat, it is there already. Gives what the matrix
    /// holds, and how many stages that covers.
    pub(super) fn with_concat(
        &mut self,
        stage: usize,
        rung: Rung,
        out: &Flat,
        (context, groups): (Part, Groups),
    ) -> (Vec<Part>, usize) {
        let next = self.program.stages().get(stage + 1);
        let follows = next.is_some_and(|next| next.op.name() == "concat" && next.operands == [context.slot]);
        // A number of the context that is set by hand has to be heeded by concat.
        if !follows || self.order.rungs[stage + 1] != Some(rung) || self.order.by_hand.contains(&context.slot) {
            return (vec![context], 1);
        }
        let concat = self.program.output_of(stage + 1);
        self.groups.insert(concat, groups);
        self.plan.versions[stage + 1] = Version::Rung(rung);
        let mut holds = vec![context];
        holds.extend(out.grouped(concat, (context.planes.0, context.layout.rows), 0, groups));
        (holds, 2)
    }

    /// A product of each head by itself: scores, with ÷ √d where nobody wants to see them, or the context, with concat.
    fn planes(&mut self, stage: usize, rung: Rung) -> Option<usize> {
        let &Order { lanes, texels, .. } = self.order;
        let of = &self.program.stages()[stage];
        let (planes, (rows, cols)) = lens(of.shape);
        let [left, right] = of.operands.as_slice().try_into().ok()?;
        let turned = of.op.name() == "matmul_transposed";
        let inner = self.program.shape(left).cols.len;
        let wanted = Planes { rung, lanes, of: planes, size: (rows, cols, inner) };
        let symbol = |slot| self.program.symbol(slot).name.as_str();
        let output = self.program.output_of(stage);
        if !matches!(rung.spec().product.takes, Takes::Strided) {
            let a = wanted.a(symbol(left)).holding(left, planes, false);
            let b = wanted.b(symbol(right)).holding(right, planes, turned);
            let (c, covered) = match self.beside(stage, rung) {
                Some(beside) => beside,
                None => (wanted.c(of.symbol.name.as_str()).holding(output, planes, false), 1),
            };
            let long = |storage: &Storage| storage.texels.is_some_and(|wide| wide.max(storage.height()) > texels);
            if [&a, &b, &c].into_iter().any(long) {
                return self.planes(stage, Rung::Coalesced); // one that reads numbers wherever they lie
            }
            let a = self.lying(left, &a).unwrap_or_else(|| (self.want(a.clone()), a));
            let b = self.lying(right, &b).unwrap_or_else(|| (self.want(b.clone()), b));
            let launch = wanted.launch(&[a.1, b.1, c.clone()]);
            let bound = vec![a.0, b.0, self.hold(c, false)];
            self.step(launch, bound);
            for n in stage..stage + covered {
                self.plan.versions[n] = Version::Rung(rung);
            }
            return Some(covered);
        }
        let (a, b) = (self.factor(left), self.factor(right));
        let b_view = if turned { b.1.view.transposed() } else { b.1.view };
        let b = (b.0, Factor { view: b_view, ..b.1 });
        let (made, view, scale, covered) = if turned {
            let (slot, scale, covered) = self.scaled(stage);
            let made = Storage::plain(of.symbol.name.as_str(), slot, of.shape);
            (made.clone(), made.layout, scale, covered)
        } else {
            let apart = cols.next_multiple_of(4);
            let (_, _, to_inner) = rung.spec().product.padding(lanes);
            let out = Flat::new(rung, lanes, (planes.0, rows), (planes.1 * apart, to_inner), texels);
            let view = out.layout((0, apart), (rows, cols));
            let groups = Groups { count: planes.1, cols, apart };
            let (holds, covered) = self.with_concat(stage, rung, &out, (Part::whole(output, planes, view), groups));
            (out.storage(of.symbol.name.as_str(), holds), view, 1.0, covered)
        };
        let launch = strided(&rung.spec().product, planes, scale, [a.1, b.1, Factor { storage: made.clone(), view }]);
        let bound = vec![a.0, b.0, self.hold(made, false)];
        self.step(launch, bound);
        for n in stage..stage + covered {
            self.plan.versions[n] = Version::Rung(rung);
        }
        Some(covered)
    }

    /// What scores are multiplied by where they are divided next and nobody wants to see them before, and how many stages that is.
    fn scaled(&self, stage: usize) -> (Slot, f64, usize) {
        let (of, next) = (&self.program.stages()[stage], self.program.stages().get(stage + 1));
        let same = self.order.rungs.get(stage + 1) == self.order.rungs.get(stage);
        let by = next.filter(|next| next.op.name() == "scale" && same && self.is_inner(stage));
        match by.and_then(|next| divisor(next.op.as_ref(), of.shape)) {
            Some(divisor) => (self.program.output_of(stage + 1), divisor.recip(), 2),
            None => (self.program.output_of(stage), 1.0, 1),
        }
    }

    /// Mask and softmax in one.
    fn hide_and_share(&mut self, stage: usize, rung: Rung) -> Option<usize> {
        let (of, next) = (&self.program.stages()[stage], self.program.stages().get(stage + 1)?);
        let softmax = rung.spec().softmax.as_ref().or(Rung::Naive.spec().softmax.as_ref())?;
        let open = self.order.seen == Seen::All;
        let able = softmax.masks || open;
        if next.op.name() != "softmax" || self.order.rungs[stage + 1] != Some(rung) || !able || !self.is_inner(stage) {
            return None;
        }
        let mask = (!open).then_some(of.operands[1]);
        self.weights((softmax, rung), (stage, of.operands[0]), mask, stage + 1);
        self.plan.versions[stage] = Version::Rung(rung);
        Some(2)
    }

    /// Softmax.
    fn share(&mut self, stage: usize, rung: Rung) -> Option<usize> {
        let softmax = rung.spec().softmax.as_ref()?;
        self.weights((softmax, rung), (stage, self.program.stages()[stage].operands[0]), None, stage);
        Some(1)
    }

    /// Softmax of the scores that are an operand of `reader`, in place where nobody wants to see them, else in a copy.
    fn weights(
        &mut self,
        (softmax, rung): (&Softmax, Rung),
        (reader, scores): (usize, Slot),
        mask: Option<Slot>,
        stage: usize,
    ) {
        let shape = self.program.stages()[stage].shape;
        let made = self.by_rows(self.program.output_of(stage));
        let from = self.plain(scores);
        let free = !self.plan.given[from] && !self.is_wanted(scores) && self.readers(scores).eq([reader]);
        let (to, copy) = if free {
            self.plan.storages[from] = Storage { symbol: self.plan.storages[from].symbol, ..made.clone() };
            (from, None)
        } else {
            let to = self.hold(made.clone(), false);
            (to, Some((from, to)))
        };
        let shown = mask.map(|slot| self.by_rows(slot));
        let scores = Part::plain(scores, shape);
        let launch = rows::launch((rung, self.order.lanes), (softmax, shape), (scores, shown, made));
        let bound = [to].into_iter().chain(mask.map(|slot| self.plain(slot))).collect();
        self.plan.steps.push(Step { launch, bound, copy });
        self.plan.versions[stage] = Version::Rung(rung);
    }

    /// Concat: the context is brought to where the heads lie side by side, which is all there is to it.
    fn side_by_side(&mut self, stage: usize) -> Option<usize> {
        let &Order { lanes, texels, .. } = self.order;
        let rung = self.order.rungs[stage]?;
        let context = self.program.stages()[stage].operands[0];
        let (planes, (rows, cols)) = lens(self.program.shape(context));
        let (_, _, to_inner) = rung.spec().product.padding(lanes);
        let groups = Groups { count: planes.1, cols, apart: cols.next_multiple_of(4) };
        let out = Flat::new(rung, lanes, (planes.0, rows), (groups.width(), to_inner), texels);
        let slot = self.program.output_of(stage);
        let part = Part::whole(context, planes, out.layout((0, groups.apart), (rows, cols)));
        let at = self.want(out.storage(self.program.symbol(slot).name.as_str(), vec![part]));
        self.plan.storages[at].holds.extend(out.grouped(slot, (planes.0, rows), 0, groups));
        self.groups.insert(slot, groups);
        self.plan.versions[stage] = Version::Rung(rung);
        Some(1)
    }

    fn is_wanted(&self, slot: Slot) -> bool {
        let shown = self.order.wanted.as_ref().is_none_or(|wanted| wanted.contains(&slot));
        shown || self.order.by_hand.contains(&slot)
    }

    /// The stages that read a tensor.
    pub(super) fn readers(&self, slot: Slot) -> impl Iterator<Item = usize> {
        let reads = move |(n, stage): (usize, &Stage)| stage.operands.contains(&slot).then_some(n);
        self.program.stages().iter().enumerate().filter_map(reads)
    }

    /// Whether nobody but the next stage wants a stage's result.
    fn is_inner(&self, stage: usize) -> bool {
        let slot = self.program.output_of(stage);
        !self.is_wanted(slot) && self.readers(slot).eq([stage + 1])
    }
}
