//! A `.npz` file: a zip of `NumPy`'s arrays. The zip is read by a crate, each array as far as its own header says and not further.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use zip::ZipArchive;
use zip::result::ZipError;

use super::npy::{self, Header, Item, Refused};
use super::tensors::words;
use super::{ImportError, Named, Store, TOKENS, finite};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::source::model::error::shown;
use crate::source::model::{Folder, FolderError, ModelError};

/// The arrays of a file, at most.
const ARRAYS: usize = 4096;

/// The bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// A file of a folder, as something that is read along.
struct Along {
    folder: Arc<dyn Folder>,
    name: String,
    size: u64,
    at: u64,
}

impl Read for Along {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = left.min(into.len());
        let Some(piece) = into.get_mut(..count).filter(|piece| !piece.is_empty()) else { return Ok(0) };
        self.folder.read(&self.name, self.at, piece).map_err(|why| io::Error::other(why.words().en.into_owned()))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Along {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// See the module.
pub(super) struct Npz {
    file: String,
    zip: ZipArchive<BufReader<Along>>,
    arrays: Vec<Named>,
}

impl Npz {
    /// Reads the list of the zip, and the header of every array.
    pub(super) fn open(folder: &Arc<dyn Folder>, name: &str) -> Result<Self, ImportError> {
        let file = folder.called(name);
        let failed = |why| ModelError::Folder { file: file.clone(), why };
        let size = folder.size(name).map_err(failed)?.ok_or_else(|| failed(FolderError::Gone))?;
        let along = Along { folder: Arc::clone(folder), name: name.to_owned(), size, at: 0 };
        let mut zip = ZipArchive::new(BufReader::with_capacity(PIECE, along)).map_err(|why| broken(&file, &why))?;
        if zip.len() > ARRAYS {
            let found = zip.len();
            let message = Text::owned(
                format!("里面有 {found} 个数组，最多 {ARRAYS} 个"),
                format!("it holds {found} arrays, the most is {ARRAYS}"),
            );
            return Err(ImportError::Zip { file, message });
        }
        let names: Vec<String> =
            zip.file_names().filter_map(|name| name.strip_suffix(".npy")).map(str::to_owned).collect();
        let mut arrays = Vec::new();
        for name in names {
            // What is not asked for may be of any kind.
            if super::build::is_looked_for(&name) {
                let header = header(&file, &mut zip, &name)?.0;
                arrays.push((name, header.shape));
            } else {
                arrays.push((name, Vec::new()));
            }
        }
        arrays.sort();
        Ok(Self { file, zip, arrays })
    }

    /// The items of an array, each handed on in turn.
    fn items(&mut self, name: &str, mut take: impl FnMut(&Header, &[u8])) -> Result<Header, ImportError> {
        let (header, mut from) = header(&self.file, &mut self.zip, name)?;
        let (each, ends) = (header.item.bytes(), |why: &io::Error| cut(&self.file, name, why));
        let mut left = header.count().unwrap_or(0);
        if let Some(most) = PIECE.checked_div(each) {
            let most = most.max(1);
            let mut piece = vec![0; most.min(left) * each];
            while left > 0 {
                let count = most.min(left);
                let bytes = piece.get_mut(..count * each).unwrap_or_default();
                from.read_exact(bytes).map_err(|why| ends(&why))?;
                bytes.chunks_exact(each).for_each(|item| take(&header, item));
                left -= count;
            }
        }
        // The end is where the zip compares what was read with its checksum.
        if from.read(&mut [0]).map_err(|why| ends(&why))? == 0 {
            return Ok(header);
        }
        let message = Text::new("后面还有多出来的字节", "more bytes follow than its shape has");
        Err(ImportError::array(&self.file, name, message))
    }
}

/// The header of an array, and what follows it.
fn header<'a>(
    file: &str,
    zip: &'a mut ZipArchive<BufReader<Along>>,
    name: &str,
) -> Result<(Header, impl Read + use<'a>), ImportError> {
    let mut entry = zip.by_name(&format!("{name}.npy")).map_err(|why| match why {
        ZipError::Io(why) => cut(file, name, &why),
        why => broken(file, &why),
    })?;
    let header = Header::read(&mut entry).map_err(|refused| match refused {
        Refused::Read(why) => cut(file, name, &why),
        Refused::Says(message) => ImportError::array(file, name, message),
    })?;
    Ok((header, entry))
}

/// An array that ends too early, or whose bytes are not those that were written.
fn cut(file: &str, name: &str, why: &io::Error) -> ImportError {
    let message = if why.kind() == io::ErrorKind::UnexpectedEof {
        Text::new("还没读完，数据就没了：文件不完整", "its data ends too early: the file is not whole")
    } else {
        let why = shown(&why.to_string());
        Text::owned(
            format!("解压不了，文件坏了（库的原话：{why}）"),
            format!("it cannot be unpacked, the file is damaged ({why})"),
        )
    };
    ImportError::array(file, name, message)
}

/// A zip that is none.
fn broken(file: &str, why: &ZipError) -> ImportError {
    let why = shown(&why.to_string());
    let message = Text::owned(
        format!("不是完好的 .npz（一个 zip 文件；库的原话：{why}）"),
        format!("this is no sound .npz, which is a zip file ({why})"),
    );
    ImportError::Zip { file: file.to_owned(), message }
}

impl Store for Npz {
    fn file(&self) -> &str {
        &self.file
    }

    fn arrays(&self) -> &[Named] {
        &self.arrays
    }

    fn read(&mut self, name: &str) -> Result<Vec<f32>, ImportError> {
        let (header, _) = header(&self.file, &mut self.zip, name)?;
        if matches!(header.item, Item::Unicode(_) | Item::Bytes(_)) {
            let message = Text::new("里面是文字，要的是数", "it holds words where numbers are expected");
            return Err(ImportError::array(&self.file, name, message));
        }
        let mut numbers = Vec::new();
        self.items(name, |header, bytes| numbers.push(npy::number(header.item, bytes, header.big_endian)))?;
        if header.fortran {
            numbers = npy::rows_first(&header.shape, &numbers);
        }
        finite(&self.file, name, &header.shape, &numbers)?;
        Ok(numbers)
    }

    fn tokens(&mut self) -> Result<Option<Vec<String>>, ImportError> {
        const NAME: &str = "tokens";
        if !self.arrays.iter().any(|(name, _)| name == NAME) {
            return Ok(None);
        }
        let header = header(&self.file, &mut self.zip, NAME)?.0;
        let bytes = header.count().and_then(|count| count.checked_mul(header.item.bytes()));
        if bytes.is_none_or(|bytes| bytes > TOKENS) {
            let message = Text::owned(
                format!("太大了：词最多 {TOKENS} 字节"),
                format!("it is too large: tokens have at most {TOKENS} bytes"),
            );
            return Err(ImportError::array(&self.file, NAME, message));
        }
        let (mut found, mut json) = (Vec::new(), Vec::new());
        let header = self.items(NAME, |header, item| match header.item {
            Item::Whole(1, false) => json.extend_from_slice(item),
            _ => found.push(npy::word(header.item, item, header.big_endian)),
        })?;
        if header.item == Item::Whole(1, false) {
            return words(&self.file, NAME, &String::from_utf8_lossy(&json)).map(Some);
        }
        let message = || {
            Text::new(
                "应该是文字：np.array([...], dtype=str)，或者写成 JSON 的 uint8 字节",
                "expected words: np.array([...], dtype=str), or the uint8 bytes of a JSON list",
            )
        };
        let found: Option<Vec<String>> = found.into_iter().collect();
        found.map(Some).ok_or_else(|| ImportError::array(&self.file, NAME, message()))
    }
}
