//! Safetensors files: their headers, and the numbers of one tensor at a time.
//!
//! ```text
//! 8 bytes: n │ n bytes of JSON: name -> dtype, shape, [begin, end) │ the numbers of all tensors, end to end
//! ```
//!
//! Opening reads the headers alone. Numbers are read in pieces of [`PIECE`] bytes and become f32 on the way, so a file never
//! stands in memory a second time. The `safetensors` crate wants the whole file as one slice, and does not say which tensor
//! or which byte it refuses; the tests hold this reader against it.
//!
//! Source: the format's own description, <https://github.com/huggingface/safetensors#format>.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::error::{ModelError, shown};
use super::folder::{Folder, FolderError, plain};
use super::json::{self, Entries, complaint, not_json};
use crate::ground::lang::Text;

/// The file of a checkpoint that is one file.
pub const SINGLE: &str = "model.safetensors";
/// The file that says which tensor stands in which file, of a checkpoint that is several.
pub const SHARDS: &str = "model.safetensors.index.json";

/// The bytes of a header, at most, as the format's own reader has it.
const HEADER: u64 = 100_000_000;
/// The bytes of an index of shards, at most.
const INDEX: u64 = 64 << 20;
/// The files of a checkpoint, at most.
const FILES: usize = 1024;
/// The axes of a tensor, at most.
const AXES: usize = 16;
/// How many bytes are read at a time.
pub const PIECE: usize = 1 << 20;

/// How a tensor's numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// 32 bits.
    F32,
    /// 16 bits, IEEE 754.
    F16,
    /// 16 bits: the upper half of an f32.
    Bf16,
    /// Something that no weight of ours is written in, by its name and its bits.
    Other(&'static str, u64),
}

/// What the format knows, with its bits.
const OTHERS: [(&str, u64); 20] = [
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
    ("I16", 16),
    ("U16", 16),
    ("I32", 32),
    ("U32", 32),
    ("C64", 64),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
    ("C128", 128),
];

impl Dtype {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "F32" => Self::F32,
            "F16" => Self::F16,
            "BF16" => Self::Bf16,
            _ => OTHERS.iter().find(|(other, _)| *other == name).map(|(name, bits)| Self::Other(name, *bits))?,
        })
    }

    /// Its name in the format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Other(name, _) => name,
        }
    }

    const fn bits(self) -> u64 {
        match self {
            Self::F32 => 32,
            Self::F16 | Self::Bf16 => 16,
            Self::Other(_, bits) => bits,
        }
    }

    /// The bytes of one number of a weight.
    const fn bytes(self) -> Option<usize> {
        match self {
            Self::F32 => Some(4),
            Self::F16 | Self::Bf16 => Some(2),
            Self::Other(..) => None,
        }
    }

    /// The bytes of one number of what is written in double precision or as bytes too: no weight of a model is, what other
    /// programs export may be.
    fn bytes_of_any(self) -> Option<usize> {
        match self {
            Self::Other("F64", _) => Some(8),
            Self::Other("BOOL" | "U8", _) => Some(1),
            known => known.bytes(),
        }
    }
}

/// Where a tensor stands, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The file of the folder.
    pub file: Arc<str>,
    /// How its numbers are written.
    pub dtype: Dtype,
    /// Its axes, outermost first; none for a single number.
    pub shape: Vec<usize>,
    /// Its bytes in the file.
    pub bytes: Range<u64>,
}

impl Entry {
    /// Rows and columns, as a matrix: the last axis are the columns, a vector is one row.
    pub fn matrix(&self) -> (usize, usize) {
        let columns = self.shape.last().copied().unwrap_or(1);
        (self.shape.iter().rev().skip(1).product(), columns)
    }

    /// How many numbers there are.
    pub fn numbers(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The tensors of a checkpoint by name, over all its files.
#[derive(Clone)]
pub struct Index {
    folder: Arc<dyn Folder>,
    /// The file that names them all.
    file: String,
    tensors: BTreeMap<String, Entry>,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("file", &self.file).field("tensors", &self.tensors).finish_non_exhaustive()
    }
}

impl Index {
    /// Reads the headers of `model.safetensors`, or of the files that `model.safetensors.index.json` names.
    ///
    /// # Errors
    /// [`ModelError`] for a missing file, and for whatever the format does not allow: which file, which byte or tensor.
    pub fn open(folder: Arc<dyn Folder>) -> Result<Self, ModelError> {
        let called = |name: &str| folder.called(name);
        if let Some(size) = size(&*folder, SINGLE)? {
            let (tensors, _) = header(&*folder, &SINGLE.into(), size)?;
            return Ok(Self { file: called(SINGLE), folder, tensors });
        }
        let Some(bytes) = json::whole(&*folder, SHARDS, INDEX)? else { return Err(missing(&*folder)?) };
        let tensors = shards(&*folder, &bytes)?;
        let file = called(SHARDS);
        Ok(Self { folder, file, tensors })
    }

    /// Reads the header of one file of any name, and what is said in it for people: the entries of `__metadata__`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(in crate::source) fn of_file(folder: Arc<dyn Folder>, name: &str) -> Result<(Self, Metadata), ModelError> {
        let called = folder.called(name);
        let why = FolderError::Gone;
        let size = size(&*folder, name)?.ok_or_else(|| ModelError::Folder { file: called.clone(), why })?;
        let (tensors, metadata) = header(&*folder, &name.into(), size)?;
        Ok((Self { folder, file: called, tensors }, metadata))
    }

    /// All numbers of a tensor that need not be a weight of a model: in double precision or as bytes too.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(in crate::source) fn read_any(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let entry =
            self.get(name).ok_or_else(|| ModelError::NoTensor { file: self.file.clone(), tensor: name.to_owned() })?;
        if entry.dtype.bytes_of_any().is_none() {
            let found = entry.dtype.name();
            return Err(self.refuse(
                name,
                Text::owned(
                    format!("它的类型是 {found}；能读的是 F64、F32、F16、BF16，掩码也可以是 BOOL 或 U8"),
                    format!("its dtype is {found}; F64, F32, F16 and BF16 are read, of a mask BOOL and U8 too"),
                ),
            ));
        }
        let mut all = room(name, entry.numbers())?;
        self.pieces(name, entry, 0..entry.numbers(), |_, piece| all.extend_from_slice(piece))?;
        Ok(all)
    }

    /// The names of all tensors with where they stand, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.tensors.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    /// Where a tensor stands.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.tensors.get(name)
    }

    /// The file in which a tensor stands or, of one that there is not, should be named.
    pub(super) fn file_of(&self, name: &str) -> String {
        self.get(name).map_or_else(|| self.file.clone(), |entry| self.folder.called(&entry.file))
    }

    /// Where a tensor stands that has to be there, written as a weight can be.
    ///
    /// # Errors
    /// [`ModelError::NoTensor`], and [`ModelError::Tensor`] for another dtype than F32, F16 and BF16.
    pub fn weight(&self, name: &str) -> Result<&Entry, ModelError> {
        let entry =
            self.get(name).ok_or_else(|| ModelError::NoTensor { file: self.file.clone(), tensor: name.to_owned() })?;
        if entry.dtype.bytes().is_some() {
            return Ok(entry);
        }
        let found = entry.dtype.name();
        Err(self.refuse(
            name,
            Text::owned(
                format!("它的类型是 {found}，权重只能是 F32、F16 或 BF16"),
                format!("its dtype is {found}, weights are F32, F16 or BF16"),
            ),
        ))
    }

    /// Something wrong with a tensor.
    pub(super) fn refuse(&self, name: &str, message: Text) -> ModelError {
        ModelError::tensor(&self.file_of(name), name, message)
    }

    /// All numbers of a tensor, row by row as they stand in the file.
    ///
    /// # Errors
    /// [`ModelError`] for a tensor that is not there or no weight, for a number that is not finite, for want of memory, and
    /// for a file that cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let entry = self.weight(name)?;
        let mut all = room(name, entry.numbers())?;
        self.pieces(name, entry, 0..entry.numbers(), |_, piece| all.extend_from_slice(piece))?;
        Ok(all)
    }

    /// A matrix with rows and columns exchanged: `[out, in]`, as linear layers are mostly stored, becomes `[in, out]`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_transposed(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let entry = self.weight(name)?;
        let (rows, columns) = entry.matrix();
        let mut all = room(name, entry.numbers())?;
        all.resize(entry.numbers(), 0.0);
        let (mut row, mut column) = (0, 0);
        self.pieces(name, entry, 0..entry.numbers(), |_, piece| {
            for number in piece {
                if let Some(cell) = all.get_mut(column * rows + row) {
                    *cell = *number;
                }
                column += 1;
                if column == columns {
                    (row, column) = (row + 1, 0);
                }
            }
        })?;
        Ok(all)
    }

    /// Some columns of a matrix, row by row: `[rows, columns.len()]`. GPT-2 keeps `W_q`, `W_k` and `W_v` side by side.
    ///
    /// # Errors
    /// As [`read`](Self::read), and for columns that the matrix does not have.
    pub fn read_columns(&self, name: &str, wanted: Range<usize>) -> Result<Vec<f32>, ModelError> {
        let entry = self.weight(name)?;
        let (rows, columns) = entry.matrix();
        if wanted.start > wanted.end || wanted.end > columns {
            let (from, to) = (wanted.start.saturating_add(1), wanted.end);
            return Err(self.refuse(
                name,
                Text::owned(
                    format!("要第 {from} 到 {to} 列，可是只有 {columns} 列"),
                    format!("columns {from} to {to} are asked for, it has {columns}"),
                ),
            ));
        }
        let mut kept = room(name, rows.saturating_mul(wanted.len()))?;
        let mut column = 0;
        self.pieces(name, entry, 0..entry.numbers(), |_, piece| {
            let mut rest = piece;
            while !rest.is_empty() {
                let (line, after) = rest.split_at(rest.len().min(columns - column));
                let (from, to) = (wanted.start.max(column), wanted.end.min(column + line.len()));
                if let Some(found) = from.checked_sub(column).and_then(|from| line.get(from..to.saturating_sub(column)))
                {
                    kept.extend_from_slice(found);
                }
                column = (column + line.len()) % columns;
                rest = after;
            }
        })?;
        Ok(kept)
    }

    /// Some rows of a matrix, in the order asked for: `[rows.len(), columns]`. Nothing else of it is read.
    ///
    /// # Errors
    /// As [`read`](Self::read), and for a row that the matrix does not have.
    pub fn rows(&self, name: &str, wanted: &[usize]) -> Result<Vec<f32>, ModelError> {
        let entry = self.weight(name)?;
        let (rows, columns) = entry.matrix();
        let mut kept = room(name, wanted.len().saturating_mul(columns))?;
        for &row in wanted {
            if row >= rows {
                let row = row.saturating_add(1);
                return Err(self.refuse(
                    name,
                    Text::owned(
                        format!("要第 {row} 行，可是只有 {rows} 行"),
                        format!("row {row} is asked for, it has {rows}"),
                    ),
                ));
            }
            self.pieces(name, entry, row * columns..(row + 1) * columns, |_, piece| kept.extend_from_slice(piece))?;
        }
        Ok(kept)
    }

    /// Reads some numbers of a tensor piece by piece; each piece comes with the number at which it begins.
    fn pieces(
        &self,
        name: &str,
        entry: &Entry,
        wanted: Range<usize>,
        mut take: impl FnMut(usize, &[f32]),
    ) -> Result<(), ModelError> {
        let Some(each) = entry.dtype.bytes_of_any() else { return Ok(()) };
        let failed = |why| ModelError::Folder { file: self.folder.called(&entry.file), why };
        let most = wanted.len().min(PIECE / each);
        let (mut bytes, mut numbers) = (vec![0; most * each], Vec::with_capacity(most));
        let mut at = wanted.start;
        while at < wanted.end {
            let count = most.min(wanted.end - at);
            let piece = bytes.get_mut(..count * each).unwrap_or_default();
            self.folder.read(&entry.file, entry.bytes.start + (at * each) as u64, piece).map_err(failed)?;
            numbers.clear();
            decode(entry.dtype, piece, &mut numbers);
            if let Some(bad) = numbers.iter().position(|number| !number.is_finite()) {
                let (_, columns) = entry.matrix();
                let found = numbers.get(bad).map_or_else(String::new, f32::to_string);
                return Err(ModelError::NotFinite {
                    file: self.folder.called(&entry.file),
                    tensor: name.to_owned(),
                    row: (at + bad) / columns + 1,
                    column: (at + bad) % columns + 1,
                    found,
                });
            }
            take(at, &numbers);
            at += count;
        }
        Ok(())
    }
}

/// Room for so many numbers, or the refusal where this machine has none.
fn room(tensor: &str, numbers: usize) -> Result<Vec<f32>, ModelError> {
    let mut all = Vec::new();
    all.try_reserve_exact(numbers)
        .map_err(|_| ModelError::Memory { tensor: tensor.to_owned(), needed: (numbers as u64).saturating_mul(4) })?;
    Ok(all)
}

/// Bytes, the lowest first, become numbers.
fn decode(dtype: Dtype, bytes: &[u8], into: &mut Vec<f32>) {
    match dtype {
        Dtype::F32 => into.extend(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four))),
        Dtype::F16 => {
            into.extend(bytes.as_chunks().0.iter().map(|two| half::f16::from_le_bytes(*two).to_f32()));
        }
        Dtype::Bf16 => {
            into.extend(bytes.as_chunks().0.iter().map(|two| half::bf16::from_le_bytes(*two).to_f32()));
        }
        Dtype::Other("F64", _) => {
            into.extend(bytes.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight) as f32));
        }
        Dtype::Other("BOOL" | "U8", _) => into.extend(bytes.iter().copied().map(f32::from)),
        Dtype::Other(..) => {}
    }
}

fn size(folder: &dyn Folder, name: &str) -> Result<Option<u64>, ModelError> {
    folder.size(name).map_err(|why| ModelError::Folder { file: folder.called(name), why })
}

/// Neither of the two files: what there is instead, where that is something known.
fn missing(folder: &dyn Folder) -> Result<ModelError, ModelError> {
    let mut instead = None;
    for name in ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.onnx"]
    {
        if instead.is_none() && size(folder, name)?.is_some() {
            instead = Some(name);
        }
    }
    let why = match instead {
        Some(name) => Text::owned(
            format!("权重只从 safetensors 文件里读；目录里的 {name} 是别的格式，请先转换"),
            format!(
                "weights are read from safetensors files; {name} in the folder is of another format, convert it first"
            ),
        ),
        None => Text::new("权重从 safetensors 文件里读", "weights are read from safetensors files"),
    };
    Ok(ModelError::Missing { file: format!("{} ({SHARDS})", folder.called(SINGLE)), why })
}

/// One tensor of a header, as the format has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// What is said about a file for people: keys and values.
type Metadata = Vec<(String, String)>;

/// A whole header: the tensors, and what else is said about the file.
struct Header(Vec<(String, Stored)>, Metadata);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let (mut tensors, mut metadata) = (Vec::new(), Vec::new());
                let mut seen = std::collections::HashSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format_args!("duplicate key `{}`", shown(&name))));
                    }
                    if name == "__metadata__" {
                        metadata = map.next_value::<Entries<String>>()?.0;
                    } else {
                        tensors.push((name, map.next_value()?));
                    }
                }
                Ok(Header(tensors, metadata))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

/// The tensors of one file, and what is said about it.
fn header(folder: &dyn Folder, file: &Arc<str>, size: u64) -> Result<(BTreeMap<String, Entry>, Metadata), ModelError> {
    let called = folder.called(file);
    let failed = |why| ModelError::Folder { file: called.clone(), why };
    let bytes = |at, message| ModelError::bytes(&called, at, message);
    if size < 8 {
        return Err(bytes(
            size,
            Text::owned(
                format!("文件只有 {size} 字节；safetensors 文件以 8 字节的长度开头"),
                format!("the file has {size} bytes; a safetensors file begins with 8 bytes that say a length"),
            ),
        ));
    }
    let mut length = [0; 8];
    folder.read(file, 0, &mut length).map_err(failed)?;
    let length = u64::from_le_bytes(length);
    let most = HEADER.min(size - 8);
    if length < 2 || length > most {
        return Err(bytes(
            0,
            Text::owned(
                format!("写着文件头有 {length} 字节，应该是 2 到 {most}（文件共 {size} 字节）"),
                format!("the header is said to have {length} bytes, expected 2 to {most} (the file has {size})"),
            ),
        ));
    }
    let mut text = vec![0; usize::try_from(length).unwrap_or_default()];
    folder.read(file, 8, &mut text).map_err(failed)?;
    let text = std::str::from_utf8(&text).map_err(|error| {
        bytes(8 + error.valid_up_to() as u64, Text::new("文件头不是 UTF-8", "the header is not UTF-8"))
    })?;
    if !text.starts_with('{') {
        return Err(bytes(8, Text::new("文件头应该以 { 开头", "the header should begin with {")));
    }
    let Header(tensors, metadata) = serde_json::from_str(text).map_err(|error| {
        let (at, message) = complaint(&error, text);
        bytes(8 + at as u64, message)
    })?;
    let data = 8 + length;
    let tensors = laid_out(&called, tensors, data, size)?
        .into_iter()
        .map(|(name, dtype, shape, bytes)| (name, Entry { file: file.clone(), dtype, shape, bytes }));
    Ok((tensors.collect(), metadata))
}

type LaidOut = (String, Dtype, Vec<usize>, Range<u64>);

/// The tensors of a file, each as large as its shape says, end to end from the end of the header to the end of the file.
fn laid_out(file: &str, tensors: Vec<(String, Stored)>, data: u64, size: u64) -> Result<Vec<LaidOut>, ModelError> {
    let mut all = Vec::with_capacity(tensors.len());
    for (name, stored) in tensors {
        let refuse = |message| Err(ModelError::tensor(file, &name, message));
        let Some(dtype) = Dtype::parse(&stored.dtype) else {
            let found = shown(&stored.dtype);
            return refuse(Text::owned(
                format!("没有叫 \"{found}\" 的类型；权重是 F32、F16 或 BF16"),
                format!("there is no dtype \"{found}\"; weights are F32, F16 or BF16"),
            ));
        };
        let (begin, end) = stored.data_offsets;
        let room = size - data;
        if begin > end || end > room {
            return refuse(Text::owned(
                format!("data_offsets 是 [{begin}, {end}]，可是文件头后面只有 {room} 字节"),
                format!("its data_offsets are [{begin}, {end}], but {room} bytes follow the header"),
            ));
        }
        let axes = stored.shape.len();
        if axes > AXES {
            return refuse(Text::owned(
                format!("形状有 {axes} 个轴，最多 {AXES} 个"),
                format!("its shape has {axes} axes, the most is {AXES}"),
            ));
        }
        let shape: Option<Vec<usize>> = stored.shape.iter().map(|axis| usize::try_from(*axis).ok()).collect();
        // Also of a tensor without numbers, whose other axes could be anything.
        let numbers = stored.shape.iter().try_fold(1_u64, |product, axis| product.checked_mul((*axis).max(1)));
        let none = stored.shape.contains(&0);
        let numbers = numbers.map(|numbers| if none { 0 } else { numbers });
        let bits = numbers.and_then(|numbers| numbers.checked_mul(dtype.bits()));
        let fits = bits.is_some_and(|bits| bits.is_multiple_of(8) && bits / 8 == end - begin);
        let Some(shape) = shape.filter(|_| fits) else {
            let (shape, dtype, found) = (axes_of(&stored.shape), dtype.name(), end - begin);
            let needed = bits.map_or_else(|| "2^64".to_owned(), |bits| (bits / 8).to_string());
            return refuse(Text::owned(
                format!("形状 {shape} 的 {dtype} 要 {needed} 字节，data_offsets 却给了 {found} 字节"),
                format!("its shape {shape} of {dtype} takes {needed} bytes, its data_offsets have {found}"),
            ));
        };
        all.push((name, dtype, shape, data + begin..data + end));
    }
    all.sort_by_key(|(_, _, _, bytes)| (bytes.start, bytes.end));
    let mut before: Option<&str> = None;
    let mut at = data;
    for (name, _, _, bytes) in &all {
        if bytes.start != at {
            let (begin, expected) = (bytes.start - data, at - data);
            let (zh, en) = match before {
                Some(before) => {
                    let before = shown(before);
                    (format!("在 {before} 的后面"), format!("where {before} ends"))
                }
                None => ("在最前面".to_owned(), "at the front".to_owned()),
            };
            return Err(ModelError::tensor(
                file,
                name,
                Text::owned(
                    format!(
                        "从 data_offsets {begin} 开始，应该从 {expected} 开始，{zh}：张量之间不能重叠，也不能有空隙"
                    ),
                    format!(
                        "it begins at data_offsets {begin}, expected {expected}, {en}: tensors neither overlap nor leave gaps"
                    ),
                ),
            ));
        }
        (at, before) = (bytes.end, Some(name.as_str()));
    }
    if at != size {
        return Err(ModelError::bytes(
            file,
            at,
            Text::owned(
                format!("张量到这里就完了，文件却还有 {} 字节", size - at),
                format!("the tensors end here, yet {} bytes follow", size - at),
            ),
        ));
    }
    Ok(all)
}

fn axes_of(shape: &[impl ToString]) -> String {
    let axes: Vec<_> = shape.iter().map(ToString::to_string).collect();
    format!("[{}]", axes.join(", "))
}

impl Entry {
    /// The shape as a message shows it.
    pub(super) fn shown(&self) -> String {
        axes_of(&self.shape)
    }
}

/// What we read of an index of shards.
#[derive(Deserialize)]
struct Shards {
    weight_map: Entries<String>,
}

/// The tensors of all files that an index names.
fn shards(folder: &dyn Folder, bytes: &[u8]) -> Result<BTreeMap<String, Entry>, ModelError> {
    let called = folder.called(SHARDS);
    let text = json::utf8(bytes, &called)?;
    let Shards { weight_map: Entries(map) } =
        serde_json::from_str(text).map_err(|error| not_json(&error, text, &called))?;
    let place = |tensor: &str| format!("weight_map[\"{}\"]", shown(tensor));
    let mut files: BTreeMap<&str, BTreeMap<String, Entry>> = BTreeMap::new();
    for (tensor, file) in &map {
        if files.contains_key(file.as_str()) {
            continue;
        }
        let refuse = |message| Err(ModelError::value(&called, place(tensor), message));
        let shown = shown(file);
        if !plain(file) {
            return refuse(Text::owned(
                format!("\"{shown}\" 不是这个目录里一个文件的名字"),
                format!("\"{shown}\" is not the name of a file inside this folder"),
            ));
        }
        if files.len() == FILES {
            return refuse(Text::owned(
                format!("文件太多：一个模型最多 {FILES} 个"),
                format!("too many files: a model has at most {FILES}"),
            ));
        }
        let Some(size) = size(folder, file)? else {
            return refuse(Text::owned(
                format!("目录里没有文件 {shown}"),
                format!("there is no file {shown} in the folder"),
            ));
        };
        let (tensors, _) = header(folder, &file.as_str().into(), size)?;
        files.insert(file, tensors);
    }
    let mut all = BTreeMap::new();
    for (tensor, file) in &map {
        let Some(entry) = files.get_mut(file.as_str()).and_then(|tensors| tensors.remove(tensor)) else {
            let shown = shown(file);
            return Err(ModelError::value(
                &called,
                place(tensor),
                Text::owned(format!("文件 {shown} 里没有这个张量"), format!("the file {shown} holds no such tensor")),
            ));
        };
        all.insert(tensor.clone(), entry);
    }
    Ok(all)
}
