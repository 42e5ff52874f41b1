//! A file's name as it is typed, dropped or pasted into a line: quoted or escaped as a shell would have it.

/// The name that is meant: without quotation marks around it, and without the backslashes before its spaces and quotation
/// marks. A backslash before anything else stays: other systems part folders with it.
pub(super) fn path(typed: &str) -> String {
    let typed = typed.trim();
    for quote in ['\'', '"'] {
        if let Some(inside) = typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return if quote == '"' { unescaped(inside) } else { inside.to_owned() };
        }
    }
    unescaped(typed)
}

/// What is meant by the beginning of a name: quotation marks may be open still.
pub(super) fn beginning(typed: &str) -> String {
    match typed.strip_prefix(['\'', '"']) {
        Some(inside) if typed.starts_with('"') => unescaped(inside),
        Some(inside) => inside.to_owned(),
        None => unescaped(typed),
    }
}

/// A name as it is typed, so that [`path`] reads it again.
pub(super) fn escaped(name: &str) -> String {
    let mut typed = String::with_capacity(name.len());
    for letter in name.chars() {
        if ESCAPED.contains(&letter) {
            typed.push('\\');
        }
        typed.push(letter);
    }
    typed
}

/// The letters before which a backslash goes.
const ESCAPED: [char; 6] = [' ', '\'', '"', '(', ')', '&'];

fn unescaped(typed: &str) -> String {
    let mut name = String::with_capacity(typed.len());
    let mut letters = typed.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '\\' && ESCAPED.contains(next) => {}
            _ => name.push(letter),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_a_shell_reads_them() {
        for (typed, meant) in [
            ("my file.toml", "my file.toml"),
            ("'my file.toml'", "my file.toml"),
            ("\"my file.toml\" ", "my file.toml"),
            (r"my\ file\ \(1\).toml", "my file (1).toml"),
            (r#""it\"s.toml""#, "it\"s.toml"),
            (r"C:\samples\x.toml", r"C:\samples\x.toml"),
            ("~/x.toml", "~/x.toml"),
            ("'", "'"),
            ("''", ""),
        ] {
            assert_eq!(path(typed), meant, "{typed}");
            assert_eq!(path(&escaped(meant)), meant);
        }
        for (typed, meant) in [("'my fi", "my fi"), (r#""it\"s"#, "it\"s"), (r"my\ fi", "my fi"), ("a'b", "a'b")] {
            assert_eq!(beginning(typed), meant, "{typed}");
        }
    }
}
