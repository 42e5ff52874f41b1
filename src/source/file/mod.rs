//! What all our files share: TOML read value by value, each with the place where it stands, and refusals that say file, line and
//! column.

pub(in crate::source) mod error;
pub(in crate::source) mod read;

pub use error::FileError;

use crate::ground::lang::Text;
use error::Refusal;

/// The bytes of a file as text; `file` is what errors call it.
///
/// # Errors
/// [`FileError`] for the first byte that is not UTF-8.
pub(in crate::source) fn utf8<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, FileError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let found = bytes.get(at).copied().unwrap_or_default();
        let readable = String::from_utf8_lossy(&bytes[..at]);
        let message = Text::owned(
            format!("字节 0x{found:02X} 不是 UTF-8；请把文件存成 UTF-8"),
            format!("byte 0x{found:02X} is not UTF-8; save the file as UTF-8"),
        );
        Refusal::new(at, message).locate(&readable, file)
    })
}
