//! One array of a `.npz`: `NumPy`'s own header, and what its numbers and words are written in.
//!
//! ```text
//! \x93NUMPY, version, length │ {'descr': '<f4', 'fortran_order': False, 'shape': (6, 12, 9, 9), } │ the numbers
//! ```
//!
//! Source: the format's own description, <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The crates
//! that read it bring a grammar of Python's literals; this header is three keys.

use std::io::{self, Read};

use crate::ground::lang::Text;
use crate::source::model::error::shown;

/// The bytes of a header, at most.
const HEADER: usize = 1 << 16;
/// The axes of an array, at most.
const AXES: usize = 8;

/// What one item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A floating-point number of so many bytes.
    Float(usize),
    /// A whole number of so many bytes, with a sign or without.
    Whole(usize, bool),
    /// A word of at most so many characters, four bytes each.
    Unicode(usize),
    /// A word of at most so many bytes.
    Bytes(usize),
}

impl Item {
    /// The bytes of one.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Float(bytes) | Self::Whole(bytes, _) | Self::Bytes(bytes) => bytes,
            Self::Unicode(letters) => letters.saturating_mul(4),
        }
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) item: Item,
    /// Whether the highest byte stands first.
    pub(super) big_endian: bool,
    /// Whether the first axis runs fastest.
    pub(super) fortran: bool,
    /// The axes, outermost first.
    pub(super) shape: Vec<usize>,
}

/// Why an array is refused.
pub(super) enum Refused {
    /// It ends too early, or the zip around it is broken.
    Read(io::Error),
    /// It says something that will not do.
    Says(Text),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

fn says<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Says(Text::owned(zh.into(), en.into())))
}

impl Header {
    /// Reads a header; the numbers come next.
    pub(super) fn read(from: &mut impl Read) -> Result<Self, Refused> {
        let mut begin = [0; 8];
        from.read_exact(&mut begin)?;
        let Some([major, _]) = begin.strip_prefix(b"\x93NUMPY") else {
            return says("不是 NumPy 的数组：开头应该是 \\x93NUMPY", "no array of NumPy, which begins with \\x93NUMPY");
        };
        let length = if *major == 1 {
            let mut two = [0; 2];
            from.read_exact(&mut two)?;
            usize::from(u16::from_le_bytes(two))
        } else {
            let mut four = [0; 4];
            from.read_exact(&mut four)?;
            usize::try_from(u32::from_le_bytes(four)).unwrap_or(usize::MAX)
        };
        if length > HEADER {
            return says(
                format!("写着头有 {length} 字节，最多 {HEADER}"),
                format!("its header is said to have {length} bytes, the most is {HEADER}"),
            );
        }
        let mut header = vec![0; length];
        from.read_exact(&mut header)?;
        let Ok(header) = std::str::from_utf8(&header) else {
            return says("数组的头不是 UTF-8", "its header is not UTF-8");
        };
        Self::parse(header)
    }

    fn parse(header: &str) -> Result<Self, Refused> {
        let written = || shown(header.trim());
        let unknown = || {
            Refused::Says(Text::owned(
                format!("看不懂数组的头：{}", written()),
                format!("its header cannot be understood: {}", written()),
            ))
        };
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        let inside = header.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or_else(unknown)?;
        let mut rest = inside.trim_start();
        while !rest.is_empty() {
            let (key, after) = quoted(rest).ok_or_else(unknown)?;
            let after = after.trim_start().strip_prefix(':').ok_or_else(unknown)?.trim_start();
            let after = match key {
                "descr" => {
                    let Some((word, after)) = quoted(after) else {
                        return says(
                            "它是由几个字段拼成的数组；要的是普通的数",
                            "it is an array of records; plain numbers are expected",
                        );
                    };
                    descr = Some(word);
                    after
                }
                "fortran_order" => {
                    let (value, word) = if after.starts_with("True") { (true, "True") } else { (false, "False") };
                    fortran = Some(value);
                    after.strip_prefix(word).ok_or_else(unknown)?
                }
                "shape" => {
                    let (axes, after) =
                        after.strip_prefix('(').and_then(|axes| axes.split_once(')')).ok_or_else(unknown)?;
                    let axes = axes.split(',').map(str::trim).filter(|axis| !axis.is_empty());
                    let axes: Option<Vec<usize>> = axes.map(|axis| axis.trim_end_matches('L').parse().ok()).collect();
                    shape = Some(axes.filter(|axes| axes.len() <= AXES).ok_or_else(unknown)?);
                    after
                }
                _ => return Err(unknown()),
            };
            rest = after.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        let (descr, fortran, shape) = descr.zip(fortran).zip(shape).map(|((d, f), s)| (d, f, s)).ok_or_else(unknown)?;
        let (item, big_endian) = item(descr)?;
        Ok(Self { item, big_endian, fortran, shape })
    }

    /// How many items there are; none where that does not fit.
    pub(super) fn count(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, &axis| product.checked_mul(axis))
    }
}

/// A word between quotes, and what stands behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.get(1..)?.split_once(quote)
}

/// `<f4`: the item, and whether its highest byte stands first.
fn item(descr: &str) -> Result<(Item, bool), Refused> {
    let mut letters = descr.chars();
    let (order, kind, size) = (letters.next(), letters.next(), letters.as_str().parse::<usize>().ok());
    let item = match (kind, size) {
        (Some('f'), Some(bytes @ (2 | 4 | 8))) => Some(Item::Float(bytes)),
        (Some('b'), Some(1)) => Some(Item::Whole(1, false)),
        (Some('u'), Some(bytes @ (1 | 2 | 4 | 8))) => Some(Item::Whole(bytes, false)),
        (Some('i'), Some(bytes @ (1 | 2 | 4 | 8))) => Some(Item::Whole(bytes, true)),
        (Some('U'), Some(letters)) => Some(Item::Unicode(letters)),
        (Some('S'), Some(bytes)) => Some(Item::Bytes(bytes)),
        _ => None,
    };
    match (item, order) {
        (Some(item), Some('<' | '|' | '=')) => Ok((item, false)),
        (Some(item), Some('>')) => Ok((item, true)),
        _ if kind == Some('O') => says(
            "它存的是 Python 对象（dtype=object）。那要执行代码才能读，这里不读；请存成数，或者 np.array([...], dtype=str)",
            "it holds Python objects (dtype=object). Reading those would run code, so they are not read; store numbers, or np.array([...], dtype=str)",
        ),
        _ => {
            let found = shown(descr);
            says(
                format!("它的类型是 {found}；能读的是 float16、float32、float64，掩码也可以是整数或 bool"),
                format!("its dtype is {found}; float16, float32 and float64 are read, of a mask integers and bool too"),
            )
        }
    }
}

/// One item as a number; bytes of any other length than the item's are 0.
pub(super) fn number(item: Item, bytes: &[u8], big_endian: bool) -> f32 {
    let mut low = [0_u8; 8];
    for (at, byte) in bytes.iter().take(8).enumerate() {
        let place = if big_endian { bytes.len().min(8) - 1 - at } else { at };
        if let Some(slot) = low.get_mut(place) {
            *slot = *byte;
        }
    }
    let whole = u64::from_le_bytes(low);
    match item {
        Item::Float(2) => half::f16::from_bits(whole as u16).to_f32(),
        Item::Float(4) => f32::from_bits(whole as u32),
        Item::Float(_) => f64::from_bits(whole) as f32,
        Item::Whole(1, true) => f32::from(whole as u8 as i8),
        Item::Whole(2, true) => f32::from(whole as u16 as i16),
        Item::Whole(4, true) => whole as u32 as i32 as f32,
        Item::Whole(_, true) => whole as i64 as f32,
        Item::Whole(..) => whole as f32,
        Item::Unicode(_) | Item::Bytes(_) => 0.0,
    }
}

/// One item as a word, the zeros behind it left out; none where it is no text.
pub(super) fn word(item: Item, bytes: &[u8], big_endian: bool) -> Option<String> {
    match item {
        Item::Bytes(_) => {
            let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            String::from_utf8(bytes.get(..end)?.to_vec()).ok()
        }
        Item::Unicode(_) => {
            let letter =
                |four: &[u8; 4]| if big_endian { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
            let mut letters: Vec<u32> = bytes.as_chunks().0.iter().map(letter).collect();
            while letters.last() == Some(&0) {
                letters.pop();
            }
            letters.into_iter().map(char::from_u32).collect()
        }
        Item::Float(_) | Item::Whole(..) => None,
    }
}

/// Numbers whose first axis ran fastest, in the order in which the last one does.
pub(super) fn rows_first(shape: &[usize], numbers: &[f32]) -> Vec<f32> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut step = 1;
    for &axis in shape {
        strides.push(step);
        step *= axis;
    }
    let at = |n: usize| {
        let mut rest = n;
        shape.iter().zip(&strides).rev().fold(0, |place, (&axis, stride)| {
            let index = rest % axis.max(1);
            rest /= axis.max(1);
            place + index * stride
        })
    };
    (0..numbers.len()).map(|n| numbers.get(at(n)).copied().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(header: &str) -> Result<Header, String> {
        Header::parse(header).map_err(|refused| match refused {
            Refused::Says(words) => words.en.into_owned(),
            Refused::Read(error) => error.to_string(),
        })
    }

    #[test]
    fn a_header_as_numpy_writes_it_is_read() {
        let header = parse("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 12, 9, 9), }   \n").unwrap();
        assert_eq!(
            header,
            Header { item: Item::Float(4), big_endian: false, fortran: false, shape: vec![6, 12, 9, 9] }
        );
        assert_eq!(parse("{'shape': (3,), 'descr': '>U5', 'fortran_order': True}").unwrap().item, Item::Unicode(5));
        assert_eq!(parse("{'descr': '|b1', 'fortran_order': False, 'shape': ()}").unwrap().count(), Some(1));
    }

    #[test]
    fn headers_that_will_not_do_are_refused() {
        assert!(parse("{'descr': '|O', 'fortran_order': False, 'shape': (3,)}").unwrap_err().contains("run code"));
        assert!(parse("{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}").unwrap_err().contains("<c8"));
        assert!(
            parse("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}").unwrap_err().contains("records")
        );
        for bad in
            ["", "{", "{}", "{'shape': (-1,)}", "{'descr' '<f4'}", "{'x': 1}", "{'descr': '<f4', 'fortran_order': 7}"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let huge = parse("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999)}").unwrap();
        assert_eq!(huge.count(), None);
    }

    #[test]
    fn numbers_of_every_kind_are_read() {
        assert_eq!(number(Item::Float(2), &[0x00, 0x3c], false), 1.0);
        assert_eq!(number(Item::Float(4), &1.5_f32.to_be_bytes(), true), 1.5);
        assert_eq!(number(Item::Float(8), &(-0.25_f64).to_le_bytes(), false), -0.25);
        assert_eq!(number(Item::Whole(2, true), &(-3_i16).to_le_bytes(), false), -3.0);
        assert_eq!(number(Item::Whole(1, false), &[200], false), 200.0);
        assert_eq!(word(Item::Unicode(3), &[0x31, 0x72, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], false).as_deref(), Some("爱"));
        assert_eq!(word(Item::Bytes(4), b"ab\0\0", false).as_deref(), Some("ab"));
        assert_eq!(word(Item::Unicode(1), &[0xff, 0xff, 0xff, 0xff], false), None);
    }

    #[test]
    fn what_ran_columns_first_runs_rows_first() {
        // [[1, 2, 3], [4, 5, 6]] as Fortran keeps it.
        assert_eq!(rows_first(&[2, 3], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }
}
