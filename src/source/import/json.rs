//! A `.json` file: `{"tokens": ["我", …], "attention": [[[[0.1, …]]]]}`, or Q, K and V in place of attention.
//!
//! Lists of numbers are read into one row of numbers each, with the axes that the brackets make; a list of another length than
//! its neighbours is refused where it stands.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::build::is_looked_for;
use super::{ImportError, Named, Store, finite};
use crate::ground::lang::Text;
use crate::source::model::error::shown;
use crate::source::model::{Folder, FolderError, ModelError, json};

/// The bytes of a file, at most: written as text a number takes many.
const LARGEST: u64 = 512 << 20;

/// Brackets inside each other, at most.
const DEEPEST: usize = 6;

/// See the module.
pub(super) struct Json {
    file: String,
    arrays: Vec<Named>,
    numbers: BTreeMap<String, Vec<f32>>,
    tokens: Option<Vec<String>>,
}

impl Json {
    /// Reads a file whole.
    pub(super) fn open(folder: &dyn Folder, name: &str) -> Result<Self, ImportError> {
        let file = folder.called(name);
        let why = FolderError::Gone;
        let bytes = json::whole(folder, name, LARGEST)?.ok_or(ModelError::Folder { file: file.clone(), why })?;
        let source = json::utf8(&bytes, &file)?;
        let said = RefCell::new(None);
        let mut from = serde_json::Deserializer::from_str(source);
        let read = Whole { said: &said }.deserialize(&mut from).and_then(|found| from.end().map(|()| found));
        let found = read.map_err(|error| {
            let (at, theirs) = json::complaint(&error, source);
            json::at_byte(source, at, &file, said.take().unwrap_or(theirs))
        })?;
        let arrays = found.arrays.iter().map(|(name, array)| (name.clone(), array.shape.clone())).collect();
        let numbers = found.arrays.into_iter().map(|(name, array)| (name, array.numbers)).collect();
        Ok(Self { file, arrays, numbers, tokens: found.tokens })
    }
}

impl Store for Json {
    fn file(&self) -> &str {
        &self.file
    }

    fn arrays(&self) -> &[Named] {
        &self.arrays
    }

    fn read(&mut self, name: &str) -> Result<Vec<f32>, ImportError> {
        let numbers = self.numbers.remove(name).unwrap_or_default();
        let shape = self.arrays.iter().find(|(other, _)| other == name).map(|(_, shape)| shape.as_slice());
        finite(&self.file, name, shape.unwrap_or_default(), &numbers)?;
        Ok(numbers)
    }

    fn tokens(&mut self) -> Result<Option<Vec<String>>, ImportError> {
        Ok(self.tokens.take())
    }
}

/// What a file holds.
#[derive(Default)]
struct Found {
    tokens: Option<Vec<String>>,
    arrays: BTreeMap<String, Array>,
}

/// Numbers, and the axes they have; an axis is known when its first list has ended.
#[derive(Default)]
struct Array {
    shape: Vec<usize>,
    numbers: Vec<f32>,
    /// In how many brackets the numbers stand.
    depth: Option<usize>,
}

/// Our own words about what is wrong, which the parser's error only carries the place of.
type Said = RefCell<Option<Text>>;

fn refuse<T, E: serde::de::Error>(said: &Said, words: Text) -> Result<T, E> {
    let error = E::custom(&words.en);
    said.replace(Some(words));
    Err(error)
}

/// The whole file.
struct Whole<'s> {
    said: &'s Said,
}

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let (mut found, mut seen) = (Found::default(), std::collections::HashSet::new());
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("duplicate key `{}`", shown(&key))));
            }
            if key == "tokens" {
                found.tokens = Some(map.next_value()?);
            } else if is_looked_for(&key) {
                let mut array = Array::default();
                map.next_value_seed(List { array: &mut array, depth: 0, said: self.said })?;
                found.arrays.insert(key, array);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// A list of an array, inside so many others; or one of its numbers.
struct List<'a> {
    array: &'a mut Array,
    depth: usize,
    said: &'a Said,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl List<'_> {
    fn number<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        let depth = *self.array.depth.get_or_insert(self.depth);
        if depth == self.depth && depth > 0 {
            self.array.numbers.push(number as f32);
            return Ok(());
        }
        let deep = self.depth;
        refuse(
            self.said,
            Text::owned(
                format!("这里是数，套在 {deep} 层方括号里；别处的数套在 {depth} 层里"),
                format!("a number within {deep} brackets, elsewhere numbers stand within {depth}"),
            ),
        )
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.number(f64::from(u8::from(value)))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.number(value as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.number(value as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.number(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { array, depth, said } = self;
        if depth >= DEEPEST || array.depth.is_some_and(|numbers| depth >= numbers) {
            let words = Text::owned(
                format!("这里又是一层方括号；数组最多 {DEEPEST} 层，每个数套的层数要一样"),
                format!("another bracket; an array has at most {DEEPEST}, as many around each number"),
            );
            return refuse(said, words);
        }
        if array.shape.len() <= depth {
            array.shape.resize(depth + 1, 0);
        }
        let mut count = 0;
        while list.next_element_seed(List { array: &mut *array, depth: depth + 1, said })?.is_some() {
            count += 1;
        }
        let Some(expected) = array.shape.get_mut(depth) else { return Ok(()) };
        if *expected == 0 && count > 0 {
            *expected = count;
        }
        let expected = *expected;
        if count == expected && count > 0 {
            return Ok(());
        }
        let words = if count == 0 {
            Text::new("这个列表是空的", "this list is empty")
        } else {
            Text::owned(
                format!("这个列表有 {count} 个，前面同一层的有 {expected} 个；长短要一样"),
                format!("this list has {count} entries, those before it {expected}; all must be of one length"),
            )
        };
        refuse(said, words)
    }
}
