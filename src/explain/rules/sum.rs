//! `C = Σ terms`: a dot product, with or without a bias behind it, a weighted sum of rows, or numbers of several operands added up.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip, Tick};
use crate::explain::opened::{tex_equals, tex_number};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::ground::number::{Format, short, short_is_exact};
use crate::math::ops::Term;
use crate::math::tensor::Cell;
use crate::program::Name;

/// See the module.
pub(super) struct Sum;

/// Terms shown of a sum that is too long to show them all.
const LARGEST: usize = 4;

/// Where so few terms have room, there is none for addresses either.
const FEW: usize = 3;

/// A row with more numbers than this is told by the number under the cursor alone.
const VECTOR: usize = 4;

impl Arithmetic for Sum {
    fn value(&self, terms: &[f64]) -> f64 {
        terms.iter().sum()
    }

    fn beside(&self, term: f64) -> Option<String> {
        Some(format!("= {}", short(term)))
    }

    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, most: usize) {
        // Where there is no room, the addresses of plain numbers are left out, and of a product its terms.
        if most >= FEW || !plain(made) {
            line.say(" = ").say(self.formula(made, names, &[]));
        }
        if most > 0 || plain(made) {
            line.say(" = ");
            spelled(line, made, if plain(made) { usize::MAX } else { most }, names.lang());
        }
        line.rounded |= most == 0;
        line.equals(made.value(), made.style());
    }

    /// `q(爱)·k(天安门)`, `h(爱)·W_q[:,1]`: which row meets which column. Of plain numbers the numbers.
    fn formula(&self, place: &Place, names: &dyn Names, _terms: &[f64]) -> String {
        if plain(place) {
            let terms = 0..place.sources.terms.len();
            return terms.map(|term| place.written(term)).collect::<Vec<_>>().join(" + ");
        }
        if pairs(place) {
            let written = |term: &Term| {
                let factors = term.factors.iter().map(|&factor| place.address_of(factor).display(place.program));
                factors.collect::<Vec<_>>().join(" · ")
            };
            return place.sources.terms.iter().map(written).collect::<Vec<_>>().join(" + ");
        }
        if down(place) {
            let column = |k: usize| {
                let factor = place.sources.terms.first().and_then(|term| term.factors.get(k)).copied();
                let of = factor.map_or(0, |factor| factor.cell.col + 1);
                format!("{}[:,{of}]", place.symbol(k))
            };
            return format!("{} · {}", column(0), column(1));
        }
        let vector = |input| match place.symbol(input).name {
            Name::H => "h",
            Name::M => "m",
            Name::Q => "q",
            Name::K => "k",
            other => other.as_str(),
        };
        let cell = place.cell();
        let factor = |k: usize| place.sources.terms.first().and_then(|term| term.factors.get(k)).map(|f| f.cell);
        let row = names.name(place.operand(0).rows.axis, cell.head, factor(0).unwrap_or(cell).row);
        if matches!(place.symbol(1).name, Name::K | Name::KRotated | Name::KShared) {
            let key = names.name(place.operand(1).rows.axis, cell.head, cell.col);
            return format!("{}({row})·{}({key})", vector(0), vector(1));
        }
        let column = factor(1).unwrap_or(cell).col;
        let product = format!("{}({row})·{}[:,{}]", vector(0), place.symbol(1).name, column + 1);
        match bias(place) {
            Some(term) => format!("{product} + {}", place.written(term)),
            None => product,
        }
    }

    fn latex(&self, made: &Made) -> String {
        let product =
            |t: &Term| t.factors.iter().map(|&f| tex_number(made.read(f))).collect::<Vec<_>>().join(r" \times ");
        let sum = made.sources.terms.iter().map(product).collect::<Vec<_>>().join(" + ");
        let exact = made.sources.terms.iter().flat_map(|t| &t.factors).all(|&f| short_is_exact(made.read(f)));
        format!("= {sum} {}", tex_equals(made.value(), exact))
    }

    /// A term a tick; of a weighted sum a row of the right operand, for the whole row of the result.
    fn ticks(&self, made: &Made) -> Vec<Tick> {
        let tick = if self.by_row(made) { Tick::Row } else { Tick::Term };
        (0..made.sources.terms.len()).map(tick).collect()
    }

    fn by_row(&self, place: &Place) -> bool {
        place.symbol(0).name == Name::Weights && !down(place)
    }

    fn took(&self, _made: &Made, tick: Tick) -> Vec<usize> {
        match tick {
            Tick::Term(k) | Tick::Row(k) => vec![k],
            _ => Vec::new(),
        }
    }

    fn running(&self, made: &Made, done: usize) -> Option<f64> {
        Some(partial(made, done))
    }

    fn ahead(&self, line: &mut Line, made: &Made, names: &dyn Names) {
        let terms = made.sources.terms.len();
        match (self.by_row(made), names.lang()) {
            (false, Lang::Zh) => {
                line.say(format!(" = {}", self.formula(made, names, &[]))).say(format!("   共 {terms} 项，还没开始加"))
            }
            (false, Lang::En) => line
                .say(format!(" = {}", self.formula(made, names, &[])))
                .say(format!("   {terms} terms, none added yet")),
            (true, Lang::Zh) => line.say(format!("   这一行是 {terms} 行 V 按权重相加，还没开始加")),
            (true, Lang::En) => {
                line.say(format!("   this row is {terms} rows of V added up by their weights, none yet"))
            }
        };
    }

    fn told(&self, line: &mut Line, made: &Made, (tick, done): (Tick, usize), names: &dyn Names, _most: usize) {
        let (k, what, whole_row) = match tick {
            Tick::Term(k) => (k, ("项", "term"), false),
            Tick::Row(k) => (k, ("行 V", "row of V,"), made.shape().cols.len <= VECTOR),
            _ => return,
        };
        if whole_row {
            row(line, made, (k, done), names);
        } else {
            line.coloured(made.display(), made.role()).say(so_far(names.lang()));
            term(line, made, (k, done));
        }
        // The k-th term is named by the dimension, or the word, that both factors share; a plain one by its operand.
        let name = match made.factor(k).filter(|_| plain(made)) {
            Some(number) => made.symbol(number.input).to_string(),
            None => match bias(made).filter(|&bias| bias == k).and_then(|bias| made.factor(bias)) {
                Some(number) => made.symbol(number.input).to_string(),
                None => taken(made, k, names),
            },
        };
        line.nth(names.lang(), what, (k + 1, made.sources.terms.len()), &name);
    }

    /// The right operand stands turned over, as Kᵀ, where its rows become the columns of the result.
    fn picture(&self, place: &Place) -> Vec<Element> {
        if plain(place) {
            let mut elements = Element::joined((0..place.stage.operands.len()).map(Element::operand), "+");
            elements.extend([Element::sign("="), Element::Result]);
            return elements;
        }
        let (right, cols) = (place.operand(1), place.shape().cols.axis);
        let turned = right.rows.axis == cols && right.cols.axis != cols;
        let right = Element::Operand { input: 1, turned: turned && !down(place), bare: false };
        let left = Element::Operand { input: 0, turned: down(place), bare: false };
        let mut elements = vec![left, Element::sign("·"), right];
        if bias(place).is_some() {
            elements.push(Element::sign(format!("+ {}", place.symbol(2).name)));
        }
        elements.extend([Element::sign("="), Element::Result]);
        elements
    }

    /// Both factors of every term, and their products as far as they have been added. Of plain numbers their rows.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        if plain(made) {
            return Some(added(made, names, done));
        }
        // A bias stands below W as a row that meets a 1.
        let factors = |k: usize| -> Vec<f32> {
            let read = |t: &Term| match (t.factors.as_slice(), k) {
                ([_], 0) => 1.0,
                ([bias], _) => made.read(*bias) as f32,
                (factors, k) => factors.get(k).map_or(1.0, |&f| made.read(f) as f32),
            };
            made.sources.terms.iter().map(read).collect()
        };
        let (left, right) = (factors(0), factors(1));
        let products: Vec<f32> = left.iter().zip(&right).map(|(a, b)| a * b).collect();
        let (cell, shape) = (made.cell(), made.shape());
        let from = made.factor(0).filter(|_| !down(made)).map_or(cell.row, |left| left.cell.row);
        let row = names.name(shape.rows.axis, cell.head, from);
        let column = names.name(shape.cols.axis, cell.head, cell.col);
        let added = done.unwrap_or(products.len());
        let took = match done.and_then(|done| self.last(made, done)) {
            Some(Tick::Term(k) | Tick::Row(k)) => k..k + 1,
            _ => 0..0,
        };
        let together = StripRow {
            name: match names.lang() {
                Lang::Zh => "= 乘积",
                Lang::En => "= products",
            }
            .into(),
            role: made.role(),
            written: Written::Own {
                format: Format::of(&products),
                span: products.iter().fold(0.0_f32, |m, x| m.max(x.abs())),
            },
            numbers: products.iter().enumerate().map(|(k, &x)| (k < added).then_some(x)).collect(),
            took: took.clone(),
        };
        let factor = |input: usize, name: String, numbers| StripRow {
            took: took.clone(),
            ..StripRow::of_operand(made, input, name, numbers)
        };
        let rows = vec![
            factor(0, format!("  {} {row}", made.symbol(0)), left),
            factor(1, format!("× {} {column}", made.symbol(1)), right),
            together,
        ];
        let bias = bias(made).map(|_| made.symbol(2).name.as_str().to_owned());
        let products = made.sources.terms.iter().filter(|term| term.factors.len() > 1).count();
        let columns = (0..products).map(|k| taken(made, k, names)).chain(bias).collect();
        Some(Strip { columns, rows, chosen: None, steps: false })
    }
}

/// Whether the terms are plain numbers, one of each operand, and no products.
fn plain(place: &Place) -> bool {
    place.sources.terms.iter().all(|term| term.factors.len() == 1)
}

/// Whether only some columns of a row take part: a feature is turned with the one that it is paired with.
fn pairs(place: &Place) -> bool {
    place.sources.terms.len() < place.operand(0).cols.len && !plain(place) && !down(place)
}

/// Whether the terms go down a column of both operands, as in Aᵀ · B; else along a row of the first.
fn down(place: &Place) -> bool {
    place.stage.op.name() == "transposed_matmul"
}

/// The name of the column that a term takes from the row of the first operand; of the row, where it goes down a column.
fn taken(place: &Place, term: usize, names: &dyn Names) -> String {
    if down(place) {
        let cell = place.factor(term).map_or(place.cell(), |factor| factor.cell);
        let several = place.sources.terms.len() > place.operand(0).rows.len;
        let row = names.name(place.operand(0).rows.axis, cell.head, cell.row);
        return if several { format!("{row}.{}", term / place.operand(0).rows.len + 1) } else { row };
    }
    let col = place.factor(term).map_or(term, |factor| factor.cell.col);
    names.name(place.operand(0).cols.axis, place.cell().head, col)
}

/// The term that is a bias, behind those of a product.
fn bias(place: &Place) -> Option<usize> {
    let last = place.sources.terms.len().checked_sub(1)?;
    (place.sources.terms[last].factors.len() == 1 && !plain(place)).then_some(last)
}

/// The rows of all operands, and what they come to.
fn added(made: &Made, names: &dyn Names, done: Option<usize>) -> Strip {
    let last = done.and_then(|done| Sum.last(made, done));
    let row = |input: usize| {
        let col = made.cell().col;
        let took = if last == Some(Tick::Term(input)) { col..col + 1 } else { 0..0 };
        let sign = if input > 0 { "+" } else { " " };
        StripRow { took, ..StripRow::beside(made, (sign, input), names) }
    };
    Strip::of_row(made, names, done, (0..made.stage.operands.len()).map(row).collect())
}

/// The terms, or the largest and the sum of the others.
fn spelled(line: &mut Line, made: &Made, most: usize, lang: Lang) {
    let terms = &made.sources.terms;
    let mut shown: Vec<usize> = (0..terms.len()).collect();
    if shown.len() > most {
        let values = made.products();
        shown.sort_by(|&a, &b| values[b].abs().total_cmp(&values[a].abs()));
        shown.truncate(most.min(LARGEST));
        shown.sort_unstable();
    }
    for (n, &i) in shown.iter().enumerate() {
        if n > 0 {
            line.say(" + ");
        }
        product(line, made, i);
    }
    let others = terms.len() - shown.len();
    if others > 0 {
        let rest: f64 = (0..terms.len()).filter(|i| !shown.contains(i)).map(|i| made.product(&terms[i])).sum();
        let format = made.style().format;
        line.rounded |= !format.says_exactly(rest);
        let rest = format.say(rest);
        line.say(match lang {
            Lang::Zh => format!(" + 其余 {others} 项共 {rest}"),
            Lang::En => format!(" + the other {others} terms, {rest} together"),
        });
    }
}

/// `0.50×0.30`
fn product(line: &mut Line, made: &Made, term: usize) {
    for (n, &factor) in made.sources.terms[term].factors.iter().enumerate() {
        if n > 0 {
            line.say("×");
        }
        line.number(made.read(factor), made.style_of(factor.input));
    }
}

/// What the first terms of a number add up to.
fn partial(made: &Made, done: usize) -> f64 {
    // Not `sum`, which begins at -0.
    made.sources.terms.iter().take(done).fold(0.0, |sum, term| sum + made.product(term))
}

/// What the first terms add up to; of all of them what the trace says.
fn reached(made: &Made, done: usize) -> f64 {
    if done >= made.sources.terms.len() { made.value() } else { partial(made, done) }
}

/// `3.20 + 0.50×0.30 ≈ 3.35`
fn term(line: &mut Line, made: &Made, (k, done): (usize, usize)) {
    line.number(partial(made, k), made.style()).say(" + ");
    product(line, made, k);
    line.equals(reached(made, done), made.style());
}

/// `context(爱)   sum so far (0.03, 0.06) + 0.85×(1, 0) ≈ (0.88, 0.06)`
fn row(line: &mut Line, made: &Made, (k, done): (usize, usize), names: &dyn Names) {
    let (cell, style) = (made.cell(), made.style());
    let numbers: Vec<Made> = (0..made.shape().cols.len).map(|col| made.at(Cell { col, ..cell })).collect();
    let factor = |m: &Made, n: usize| m.sources.terms[k].factors[n];
    let name = names.name(made.shape().rows.axis, cell.head, cell.row);
    line.coloured(format!("{}({name})", made.stage.symbol), style.role).say(so_far(names.lang()));
    line.vector(numbers.iter().map(|m| partial(m, k)), style).say(" + ");
    let share = factor(made, 0);
    line.number(made.read(share), made.style_of(share.input)).say("×");
    let value = factor(made, 1).input;
    line.vector(numbers.iter().map(|m| m.read(factor(m, 1))), made.style_of(value));
    let result: Vec<f64> = numbers.iter().map(|m| reached(m, done)).collect();
    line.rounded |= !result.iter().all(|&x| style.format.says_exactly(x));
    line.say(if line.rounded { " ≈ " } else { " = " }).vector(result.into_iter(), style);
}

const fn so_far(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "   累计 ",
        Lang::En => "   running sum ",
    }
}
