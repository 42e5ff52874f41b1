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

fn unescaped(typed: &str) -> String {
    let mut name = String::with_capacity(typed.len());
    let mut letters = typed.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(' ' | '\'' | '"' | '(' | ')' | '&') if letter == '\\' => {}
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
        }
    }
}
