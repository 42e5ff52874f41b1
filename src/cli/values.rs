//! What is read behind an option.

use std::ops::RangeInclusive;
use std::str::FromStr;

use qkv::ground::exit::Exit;
use qkv::ground::fault::Failure;
use qkv::ground::lang::Text;
use qkv::ui::SMALLEST;

/// A value that an option does not take: what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub(crate) enum ValueError {
    /// A whole number.
    Whole,
    /// A whole number within a range.
    Within(RangeInclusive<usize>),
    /// A number from 0 to 1.
    Share,
    /// A number above 0.
    Rate,
    /// A row and a column.
    Cell,
    /// The size of a terminal.
    Size,
    /// Keys, by their names.
    Keys,
}

impl Failure for ValueError {
    fn words(&self) -> Text {
        match self {
            Self::Whole => Text::new("要写一个整数", "a whole number was expected"),
            Self::Within(range) if *range.end() == usize::MAX => {
                let least = range.start();
                Text::owned(format!("要写 {least} 以上的整数"), format!("a whole number from {least} on was expected"))
            }
            Self::Within(range) => {
                let (least, most) = (range.start(), range.end());
                Text::owned(
                    format!("要写 {least} 到 {most} 的整数"),
                    format!("a whole number from {least} to {most} was expected"),
                )
            }
            Self::Share => Text::new("要写 0 到 1 的数", "a number from 0 to 1 was expected"),
            Self::Rate => Text::new("要写大于 0 的数", "a number above 0 was expected"),
            Self::Cell => Text::new("要写行和列，从 1 数起：2,4", "write a row and a column, from 1: 2,4"),
            Self::Keys => Text::new(
                "要写键名，用空格隔开：n、Enter、Esc、Up、PageDown、Ctrl-d……",
                "write names of keys, apart by spaces: n, Enter, Esc, Up, PageDown, Ctrl-d ...",
            ),
            Self::Size => {
                let ((columns, rows), (most_columns, most_rows)) = (SMALLEST, LARGEST);
                Text::owned(
                    format!("要写列数和行数，从 {columns}x{rows} 到 {most_columns}x{most_rows}"),
                    format!("write columns and rows from {columns}x{rows} to {most_columns}x{most_rows}"),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// Reads a whole number.
pub(crate) fn whole<N: FromStr>(text: &str) -> Result<N, ValueError> {
    text.trim().parse().map_err(|_| ValueError::Whole)
}

/// Reads a whole number within a range, or says what was expected.
pub(crate) fn within(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, ValueError> + Clone {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| ValueError::Within(range.clone()))
    }
}

/// Reads a number from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, ValueError> {
    text.trim().parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or(ValueError::Share)
}

/// Reads a number above 0.
pub(crate) fn rate(text: &str) -> Result<f32, ValueError> {
    text.trim().parse().ok().filter(|rate: &f32| rate.is_finite() && *rate > 0.0).ok_or(ValueError::Rate)
}

/// Reads `2,4`.
pub(crate) fn cell(text: &str) -> Result<(usize, usize), ValueError> {
    let numbers = text.split_once(',').map(|(row, column)| (row.trim().parse(), column.trim().parse()));
    match numbers {
        Some((Ok(row), Ok(column))) => Ok((row, column)),
        _ => Err(ValueError::Cell),
    }
}

/// The largest picture: more than any terminal, and still small for a browser.
const LARGEST: (u16, u16) = (400, 200);

/// Reads `120x36`.
pub(crate) fn size(text: &str) -> Result<(u16, u16), ValueError> {
    let numbers = text.split_once(['x', '×']).map(|(columns, rows)| (columns.parse(), rows.parse()));
    match numbers {
        Some((Ok(columns), Ok(rows)))
            if (SMALLEST.0..=LARGEST.0).contains(&columns) && (SMALLEST.1..=LARGEST.1).contains(&rows) =>
        {
            Ok((columns, rows))
        }
        _ => Err(ValueError::Size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_lies_within_its_bounds() {
        assert_eq!((whole("7"), whole::<u64>("-1")), (Ok(7_u64), Err(ValueError::Whole)));
        assert_eq!((within(1..=4)(" 4 "), within(1..=4)("0")), (Ok(4), Err(ValueError::Within(1..=4))));
        assert_eq!(
            (share("0.99"), share("1.5"), share("x")),
            (Ok(0.99), Err(ValueError::Share), Err(ValueError::Share))
        );
        assert_eq!((rate("1e-3"), rate("0"), rate("inf")), (Ok(1e-3), Err(ValueError::Rate), Err(ValueError::Rate)));
        assert_eq!((cell("2, 4"), cell("2;4")), (Ok((2, 4)), Err(ValueError::Cell)));
        assert_eq!(
            (size("120x36"), size("120×36"), size("8x3")),
            (Ok((120, 36)), Ok((120, 36)), Err(ValueError::Size))
        );
    }

    #[test]
    fn every_error_speaks_both_languages() {
        for error in [
            ValueError::Whole,
            ValueError::Within(1..=4),
            ValueError::Within(1..=usize::MAX),
            ValueError::Share,
            ValueError::Rate,
            ValueError::Cell,
            ValueError::Size,
            ValueError::Keys,
        ] {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                ValueError::Whole
                | ValueError::Within(_)
                | ValueError::Share
                | ValueError::Rate
                | ValueError::Cell
                | ValueError::Size
                | ValueError::Keys => Exit::Input,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && en.is_ascii(), "{zh} {en}");
            assert_eq!((error.to_string().as_str(), error.exit()), (en.as_ref(), exit));
        }
    }
}
