//! Arrays become a sample: which of them are there, whether their shapes fit together, whether attention is attention.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ImportError, Store, place};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::ground::text::{WORD_LETTERS, visible};
use crate::math::tensor::Tensor;
use crate::program::attention::Sizes;
use crate::program::imported::{Given, ImportedSizes, ROW_SUM, imported};
use crate::program::{Inputs, Name, Symbol, Wiring};
use crate::source::sample::{HeadCard, Origin, Sample, Scenario, WordOrigin};

/// T, at most.
const TOKENS: usize = 512;
/// Layers, heads of a layer, columns of a head: at most.
const LAYERS: usize = 256;
const HEADS: usize = 256;
const COLUMNS: usize = 4096;
/// Numbers of all layers of one array, at most: 24 layers of 16 heads over 512 tokens.
const NUMBERS: usize = 1 << 27;
/// The same where four arrays of scores and weights are computed from what is given.
const COMPUTED: usize = 1 << 26;

/// What a share may be below 0 by rounding.
const BELOW: f32 = -1e-6;

/// The arrays that are looked for.
const KNOWN: [Name; 5] = [Name::Q, Name::K, Name::V, Name::Attention, Name::Mask];

/// `layer3.attention`: the number of the layer as it is written, and what it holds.
fn of_layer(name: &str) -> Option<(usize, Name)> {
    let (number, what) = name.strip_prefix("layer")?.split_once('.')?;
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| plain)?, known(what)?))
}

fn known(name: &str) -> Option<Name> {
    KNOWN.into_iter().find(|known| known.as_str() == name)
}

/// Whether an array of that name means something here.
pub(super) fn is_looked_for(name: &str) -> bool {
    name == "tokens" || known(name).is_some() || of_layer(name).is_some()
}

/// Where the layers of something stand: in one array, or each in one of its own.
enum Stands {
    Whole(String),
    Apart(Vec<String>),
}

/// Layers, heads, rows, columns.
type Four = [usize; 4];

/// The four axes of an array of all layers, or of one; a batch of one sentence does not count.
fn four(shape: &[usize], one_layer: bool) -> Option<Four> {
    match (shape, one_layer) {
        (&[layers, 1, heads, rows, cols] | &[1, layers, heads, rows, cols] | &[layers, heads, rows, cols], false) => {
            Some([layers, heads, rows, cols])
        }
        (&[1, heads, rows, cols], true) | (&[heads, rows, cols], _) => Some([1, heads, rows, cols]),
        (&[rows, cols], _) => Some([1, 1, rows, cols]),
        _ => None,
    }
}

fn axes(shape: &[usize]) -> String {
    let axes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    format!("[{}]", axes.join(", "))
}

/// A file's arrays, by what they are.
struct Arrays<'s, S: Store> {
    store: &'s mut S,
    stands: BTreeMap<Name, Stands>,
}

/// A refusal of one array.
fn refuse<T>(file: &str, array: &str, zh: impl Into<String>, en: impl Into<String>) -> Result<T, ImportError> {
    Err(ImportError::array(file, array, Text::owned(zh.into(), en.into())))
}

impl<'s, S: Store> Arrays<'s, S> {
    fn find(store: &'s mut S) -> Result<Self, ImportError> {
        let mut stands = BTreeMap::new();
        let mut apart: BTreeMap<Name, BTreeMap<usize, String>> = BTreeMap::new();
        for (name, _) in store.arrays() {
            if let Some(what) = known(name) {
                stands.insert(what, Stands::Whole(name.clone()));
            } else if let Some((layer, what)) = of_layer(name) {
                apart.entry(what).or_default().insert(layer, name.clone());
            }
        }
        for (what, layers) in apart {
            let first = layers.keys().next().copied().unwrap_or(0);
            let missing = (first..).zip(layers.keys()).find(|(expected, found)| expected != *found);
            if first > 1 || missing.is_some() {
                let wanted = if first > 1 { 1 } else { missing.map_or(1, |(expected, _)| expected) };
                return refuse(
                    store.file(),
                    &format!("layer{wanted}.{what}"),
                    "没有这一层；层从 0 或 1 数起，中间不能缺",
                    "this layer is missing; layers count from 0 or 1, without gaps",
                );
            }
            if let Some(Stands::Whole(name)) = stands.get(&what) {
                return refuse(
                    store.file(),
                    name,
                    "有一个总的数组，又有一层一个的；请只留一种",
                    "there is one array of all layers and one of each too; keep either",
                );
            }
            stands.insert(what, Stands::Apart(layers.into_values().collect()));
        }
        Ok(Self { store, stands })
    }

    fn shape(&self, name: &str) -> &[usize] {
        let found = self.store.arrays().iter().find(|(other, _)| other == name);
        found.map(|(_, shape)| shape.as_slice()).unwrap_or_default()
    }

    /// The name that errors call something by.
    fn called(&self, what: Name) -> &str {
        match self.stands.get(&what) {
            Some(Stands::Whole(name)) => name,
            Some(Stands::Apart(names)) => names.first().map_or(what.as_str(), String::as_str),
            None => what.as_str(),
        }
    }

    /// The axes of something, over all layers.
    fn axes(&self, what: Name) -> Result<Four, ImportError> {
        let judge = |name: &str, one_layer| {
            let shape = self.shape(name);
            four(shape, one_layer).map_or_else(
                || {
                    let (shape, expected) =
                        (axes(shape), if one_layer { "[heads, T, ...]" } else { "[layers, heads, T, ...]" });
                    refuse(
                        self.store.file(),
                        name,
                        format!("形状是 {shape}，应该是 {expected}"),
                        format!("its shape is {shape}, expected {expected}"),
                    )
                },
                |axes| self.bounded(name, axes),
            )
        };
        match self.stands.get(&what) {
            None => refuse(
                self.store.file(),
                what.as_str(),
                "没有这个数组；Q、K、V 要一起给，或者只给 attention",
                "it is missing; Q, K and V belong together, or give attention alone",
            ),
            Some(Stands::Whole(name)) => judge(name, false),
            Some(Stands::Apart(names)) => {
                let mut first: Option<Four> = None;
                for name in names {
                    let found = judge(name, true)?;
                    let expected = *first.get_or_insert(found);
                    if found != expected {
                        let (found, expected) = (axes(&found[1..]), axes(&expected[1..]));
                        return refuse(
                            self.store.file(),
                            name,
                            format!("形状是 {found}，第一层是 {expected}；各层要一样"),
                            format!("its shape is {found}, that of the first layer {expected}; all layers are alike"),
                        );
                    }
                }
                let [_, heads, rows, cols] = first.unwrap_or_default();
                self.bounded(self.called(what), [names.len(), heads, rows, cols])
            }
        }
    }

    /// Axes within bounds.
    fn bounded(&self, name: &str, found: Four) -> Result<Four, ImportError> {
        let [layers, heads, rows, cols] = found;
        let limits = [(layers, LAYERS), (heads, HEADS), (rows, TOKENS), (cols, COLUMNS)];
        let count = found.iter().try_fold(1_usize, |product, &axis| product.checked_mul(axis));
        if limits.iter().all(|&(axis, most)| (1..=most).contains(&axis)) && count.is_some_and(|n| n <= NUMBERS) {
            return Ok(found);
        }
        let (found, most) = (axes(&found), NUMBERS >> 20);
        refuse(
            self.store.file(),
            name,
            format!(
                "形状是 {found}；最多 {LAYERS} 层、{HEADS} 个头、{TOKENS} 个词、每个头 {COLUMNS} 列，一共 {most} 百万（2^20）个数；也不能是 0"
            ),
            format!(
                "its shape is {found}; at most {LAYERS} layers, {HEADS} heads, {TOKENS} tokens, {COLUMNS} columns a head and {most} million (2^20) numbers in all, and no axis of 0"
            ),
        )
    }

    /// The numbers of something, a layer at a time.
    fn layers(&mut self, what: Name, layers: usize) -> Result<Vec<Vec<f32>>, ImportError> {
        match self.stands.get(&what) {
            Some(Stands::Apart(names)) => names.iter().map(|name| self.store.read(name)).collect(),
            Some(Stands::Whole(name)) => {
                let numbers = self.store.read(name)?;
                let each = numbers.len() / layers.max(1);
                Ok(numbers.chunks(each.max(1)).map(<[f32]>::to_vec).collect())
            }
            None => Ok(Vec::new()),
        }
    }
}

/// The sizes of what a file gives.
fn sizes<S: Store>(arrays: &Arrays<S>) -> Result<ImportedSizes, ImportError> {
    let (file, has) = (arrays.store.file(), |what: Name| arrays.stands.contains_key(&what));
    let vectors = [Name::Q, Name::K, Name::V].into_iter().any(has);
    if vectors && has(Name::Attention) {
        return refuse(
            file,
            arrays.called(Name::Attention),
            "既有 attention 又有 Q、K、V；请只留一种：有 Q、K、V 时注意力由它们算出来",
            "there are Q, K and V as well; keep either: from Q, K and V attention is computed",
        );
    }
    if !vectors && !has(Name::Attention) {
        let found = arrays.store.arrays().iter().map(|(name, _)| name.clone()).collect();
        return Err(ImportError::Nothing { file: file.to_owned(), found });
    }
    if !vectors {
        let [layers, heads, tokens, cols] = arrays.axes(Name::Attention)?;
        if tokens != cols {
            return refuse(
                file,
                arrays.called(Name::Attention),
                format!("最后两个轴是 {tokens} × {cols}，应该一样长：同一句话里的词互相看"),
                format!(
                    "its last axes are {tokens} × {cols}, expected equal ones: the words of one sentence look at each other"
                ),
            );
        }
        if has(Name::Mask) {
            return refuse(
                file,
                arrays.called(Name::Mask),
                "只给 attention 时用不上掩码：它已经算在里面了",
                "beside attention alone a mask has no use: it is in there already",
            );
        }
        return Ok(ImportedSizes { tokens, layers, heads, given: Given::Attention });
    }
    let (q, k, v) = (arrays.axes(Name::Q)?, arrays.axes(Name::K)?, arrays.axes(Name::V)?);
    let [layers, heads, tokens, features] = q;
    for (what, found, same) in [(Name::K, k, k == q), (Name::V, v, v[..3] == q[..3])] {
        if same {
            continue;
        }
        let (name, found, q) = (arrays.called(what), axes(&found), axes(&q));
        let (mut zh, mut en) = (
            format!("形状是 {found}，Q 是 {q}；要一样"),
            format!("its shape is {found}, that of Q {q}; they must agree"),
        );
        if arrays.axes(what)?[1] < heads {
            zh.push_str("。几个查询头共用一个键头的模型：先用 repeat_interleave(h // h_kv, dim=1) 展开");
            en.push_str(". Where heads of queries share keys, repeat those first: repeat_interleave(h // h_kv, dim=1)");
        }
        return refuse(file, name, zh, en);
    }
    if layers * heads * tokens * tokens > COMPUTED {
        let most = COMPUTED >> 20;
        return refuse(
            file,
            arrays.called(Name::Q),
            format!("要算的分数太多：{layers} × {heads} × {tokens} × {tokens}，最多 {most} 百万（2^20）个；请少取几层"),
            format!(
                "too many scores to compute: {layers} × {heads} × {tokens} × {tokens}, at most {most} million (2^20); take fewer layers"
            ),
        );
    }
    Ok(ImportedSizes { tokens, layers, heads, given: Given::Vectors { features, values: v[3] } })
}

/// Whether rows are shares: none below 0, each with a sum of 1.
fn shares(file: &str, name: &str, at: (usize, &[usize]), numbers: &[f32]) -> Result<(), ImportError> {
    let (layer, shape) = at;
    let cols = shape.last().copied().unwrap_or(1).max(1);
    for (n, row) in numbers.chunks(cols).enumerate() {
        let where_ = |col: usize| {
            let inside = place(shape, n * cols + col);
            let parts: Vec<&str> = inside.trim_matches(['[', ']']).split(',').collect();
            let (head, row) = (parts.first().copied().unwrap_or_default(), parts.get(1).copied().unwrap_or_default());
            let layer = layer + 1;
            Text::owned(
                format!("第 {layer} 层，头 {head}，第 {row} 行"),
                format!("layer {layer}, head {head}, row {row}"),
            )
        };
        if let Some((col, share)) = row.iter().enumerate().find(|(_, share)| **share < BELOW) {
            let Text { zh, en } = where_(col);
            let col = col + 1;
            return refuse(
                file,
                name,
                format!("{zh}第 {col} 列是 {share}；注意力权重不会小于 0，这像是 softmax 之前的分数"),
                format!(
                    "{en}, column {col} is {share}; attention weights are not below 0, these look like scores before softmax"
                ),
            );
        }
        let sum: f64 = row.iter().map(|&share| f64::from(share)).sum();
        if (sum - 1.0).abs() > ROW_SUM {
            let Text { zh, en } = where_(0);
            return refuse(
                file,
                name,
                format!(
                    "{zh}加起来是 {sum:.4}，应该是 1（相差不超过 {ROW_SUM}）；导出之前先 model.eval()，关掉 dropout"
                ),
                format!(
                    "{en} sums to {sum:.4}, expected 1 within {ROW_SUM}; call model.eval() before exporting, so that dropout is off"
                ),
            );
        }
    }
    Ok(())
}

/// The tokens of a file, fit for a screen; numbers where it has none.
fn tokens<S: Store>(store: &mut S, expected: usize) -> Result<Vec<String>, ImportError> {
    let Some(found) = store.tokens()? else {
        return Ok((1..=expected).map(|n| n.to_string()).collect());
    };
    let count = found.len();
    if count != expected {
        return refuse(
            store.file(),
            "tokens",
            format!("有 {count} 个词，数组里是 {expected} 个"),
            format!("there are {count} tokens, the arrays have {expected}"),
        );
    }
    if let Some(long) = found.iter().position(|token| token.chars().nth(WORD_LETTERS).is_some()) {
        let long = long + 1;
        return refuse(
            store.file(),
            "tokens",
            format!("第 {long} 个词超过 {WORD_LETTERS} 个字符"),
            format!("token {long} has more than {WORD_LETTERS} characters"),
        );
    }
    Ok(found.iter().map(|token| if token.is_empty() { "\"\"".to_owned() } else { visible(token) }).collect())
}

/// The mask of a file for so many tokens; everything open where it has none.
fn mask<S: Store>(arrays: &mut Arrays<S>, tokens: usize) -> Result<Vec<f32>, ImportError> {
    let Some(Stands::Whole(name)) = arrays.stands.get(&Name::Mask) else { return Ok(vec![1.0; tokens * tokens]) };
    let shape = arrays.shape(name);
    let inner: Vec<usize> = shape.iter().copied().skip_while(|&axis| axis == 1 && tokens > 1).collect();
    let fits = if tokens == 1 { shape.iter().all(|&axis| axis == 1) } else { inner == [tokens, tokens] };
    if !fits {
        let shape = axes(shape);
        return refuse(
            arrays.store.file(),
            name,
            format!("形状是 {shape}，应该是 [{tokens}, {tokens}]：第几个词能不能看第几个词"),
            format!("its shape is {shape}, expected [{tokens}, {tokens}]: which word may look at which"),
        );
    }
    let numbers = arrays.store.read(name)?;
    if let Some(at) = numbers.iter().position(|&number| number != 0.0 && number != 1.0) {
        let (at, found) = (place(&[tokens, tokens], at), numbers.get(at).copied().unwrap_or_default());
        return refuse(
            arrays.store.file(),
            name,
            format!("{at} 是 {found}；掩码里只有 1（可以看）和 0（不许看）"),
            format!("{at} is {found}; a mask holds 1, may be looked at, and 0, may not"),
        );
    }
    Ok(numbers)
}

/// What a file is called without its folder and ending, as a name that can be typed.
fn stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain: String = stem.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    if plain.is_empty() { "imported".to_owned() } else { plain }
}

/// The sample that a file's arrays make up.
pub(super) fn sample<S: Store>(name: &str, store: &mut S) -> Result<Sample, Fault> {
    let mut arrays = Arrays::find(store)?;
    let sizes = sizes(&arrays)?;
    let tokens = tokens(arrays.store, sizes.tokens)?;
    let program = imported(&sizes, &Wiring::default())?;
    let mut tensors: BTreeMap<Symbol, Arc<Tensor<f32>>> = BTreeMap::new();
    let (given, features, values): (&[Name], usize, usize) = match sizes.given {
        Given::Vectors { features, values } => (&[Name::Q, Name::K, Name::V], features, values),
        Given::Attention => (&[Name::Attention], 1, 1),
    };
    for &what in given {
        let layers = arrays.layers(what, sizes.layers)?;
        for (at, numbers) in layers.into_iter().enumerate() {
            let symbol = what.of(sizes.layer(at));
            let Some(shape) = program.find_symbol(symbol).map(|slot| program.shape(slot)) else { continue };
            if what == Name::Attention {
                let shape = [sizes.heads, sizes.tokens, sizes.tokens];
                shares(arrays.store.file(), arrays.called(what), (at, &shape), &numbers)?;
            }
            if let Some(tensor) = Tensor::from_vec(shape, numbers) {
                tensors.insert(symbol, Arc::new(tensor));
            }
        }
    }
    if sizes.given != Given::Attention {
        let numbers = mask(&mut arrays, sizes.tokens)?;
        let masks = program.inputs().iter().filter(|input| input.symbol.name == Name::Mask);
        let shared = masks.clone().next().and_then(|input| Tensor::from_vec(input.shape, numbers)).map(Arc::new);
        tensors.extend(masks.filter_map(|input| Some((input.symbol, Arc::clone(shared.as_ref()?)))));
    }
    let inputs = Inputs::new(&program, |symbol| tensors.get(&symbol).map(Arc::clone))?;
    Ok(Sample {
        name: stem(name),
        title: Text::same(visible(name)),
        origin: Origin::Imported,
        given: Origin::Imported,
        text: tokens.join(" "),
        memory_tokens: Vec::new(),
        gloss: Vec::new(),
        word_origins: vec![WordOrigin::Given(Origin::Imported); tokens.len()],
        coarser: Vec::new(),
        query_token: String::new(),
        dimensions: Vec::new(),
        training: None,
        vocabulary: Arc::default(),
        heads: vec![HeadCard::default(); sizes.heads],
        sizes: Sizes {
            batch: None,
            tokens: sizes.tokens,
            memory: sizes.tokens,
            model: sizes.heads * features,
            heads: sizes.heads,
            features: sizes.heads * features,
            values: sizes.heads * values,
            output: None,
        },
        tokens,
        program: Arc::new(program),
        inputs: Arc::new(inputs),
        what_if: Scenario::default(),
        model: None,
    })
}
