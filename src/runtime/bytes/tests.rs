//! Every form a terminal sends, cut anywhere, and what is none.

use proptest::prelude::*;

use super::super::pointer::{Act, Pointer};
use super::Input::{Kind, Paste};
use super::*;
use crate::app::Key::{
    BackTab, Backspace, Char, Ctrl, Delete, Down, End, Enter, Esc, Home, Left, PageUp, Right, Tab, Up,
};

/// What is heard of bytes that come at once.
fn at_once(bytes: &[u8]) -> Vec<Input> {
    let mut out = Vec::new();
    Parser::default().advance(bytes, &mut out);
    out
}

/// The same, and then nothing more comes.
fn and_no_more(bytes: &[u8]) -> Vec<Input> {
    let (mut parser, mut out) = (Parser::default(), Vec::new());
    parser.advance(bytes, &mut out);
    if parser.patience().is_some() {
        parser.idle(&mut out);
    }
    assert_eq!(parser.patience(), None, "{bytes:?}: something has still begun");
    out
}

fn keys(keys: &[Key]) -> Vec<Input> {
    keys.iter().copied().map(Input::Key).collect()
}

#[test]
fn the_keys_of_a_terminal() {
    for (bytes, key) in [
        ("a", Char('a')),
        ("A", Char('A')),
        ("？", Char('？')),
        ("我", Char('我')),
        ("😀", Char('😀')),
        ("\r", Enter),
        ("\t", Tab),
        ("\x7f", Backspace),
        ("\x08", Backspace),
        ("\x03", Ctrl('c')),
        ("\x12", Ctrl('r')),
        ("\x1b[A", Up),
        ("\x1bOB", Down),
        ("\x1b[1;2C", Right),
        ("\x1b[1;5D", Left),
        ("\x1b[H", Home),
        ("\x1b[4~", End),
        ("\x1bOF", End),
        ("\x1b[5~", PageUp),
        ("\x1b[3~", Delete),
        ("\x1b[3;5~", Delete),
        ("\x1b[Z", BackTab),
        ("\x1bOM", Enter),
        ("\x1b[99;5u", Ctrl('c')),
        ("\x1b[27u", Esc),
        ("\x1b[97;2u", Char('A')),
        ("\x1b[9;2u", BackTab),
        ("\x1b[27;5;99~", Ctrl('c')),
    ] {
        assert_eq!(at_once(bytes.as_bytes()), keys(&[key]), "{bytes:?}");
    }
}

#[test]
fn what_is_no_key_of_ours_is_nothing() {
    for bytes in [
        "\x1b[2~",
        "\x1b[17~",
        "\x1bOP",
        "\x1b[[A",
        "\x1b[I",
        "\x1b[<0;3;4m",
        "\x1b[<35;3;4M",
        "\x1b[<2;3;4M",
        "\x1b[<0;3M",
        "\x1b[<0;0;1M",
        "\x1b[<0;70000;1M",
        "\x1b[M !!",
        "\x1b[?2026;2$y",
        "\x1b[97;3u",
        "\x1b[97;1:3u",
        "\x1b[1;3A",
        "\u{85}",
    ] {
        assert_eq!(at_once(format!("{bytes}q").as_bytes()), keys(&[Char('q')]), "{bytes:?}");
    }
}

#[test]
fn esc_is_esc_whatever_comes_at_once_behind_it() {
    assert_eq!(and_no_more(b"\x1b"), keys(&[Esc]));
    assert_eq!(at_once(b"\x1b:"), keys(&[Esc, Char(':')]));
    assert_eq!(at_once("\x1b我".as_bytes()), keys(&[Esc, Char('我')]));
    assert_eq!(at_once(b"\x1b\x03"), keys(&[Esc, Ctrl('c')]));
    assert_eq!(at_once(b"\x1b\r"), keys(&[Esc, Enter]));
    assert_eq!(at_once(b"\x1b\x1b[A"), keys(&[Esc, Up]));
    assert_eq!(and_no_more(b"\x1b\x1b"), keys(&[Esc, Esc]));
    assert_eq!(and_no_more(b"\x1b["), keys(&[Esc, Char('[')]));
    assert_eq!(and_no_more(b"\x1bO"), keys(&[Esc, Char('O')]));
    assert_eq!(at_once(b"\x1bOq"), keys(&[Esc, Char('O'), Char('q')]));
    assert_eq!(and_no_more(b"\x1b]"), keys(&[Esc, Char(']')]));
    assert_eq!(at_once(b"\x1b]q"), keys(&[Esc, Char(']'), Char('q')]));
    assert_eq!(at_once(b"\x1b]1q"), keys(&[Esc, Char(']'), Char('1'), Char('q')]));
}

/// Each of these used to make every key after it unheard.
#[test]
fn nothing_swallows_ctrl_c() {
    for bytes in [
        &b"\xff"[..],
        b"\x80",
        b"\xe6",
        b"\xe6\x88",
        b"\xf0\x9f",
        b"\x1b",
        b"\x1b[",
        b"\x1b[1;",
        b"\x1b[?2026;2$",
        b"\x1b[[",
        b"\x1b[M",
        b"\x1b[M!",
        b"\x1bO",
        b"\x1b]",
        b"\x1b]11;rgb:ff",
        b"\x1b]11;rgb:ff\x1b",
        b"\x1b[200~",
        b"\x1b[200~a\x1b[20",
    ] {
        let mut now = bytes.to_vec();
        now.push(CTRL_C);
        assert_eq!(at_once(&now).last(), Some(&Input::Key(Ctrl('c'))), "{bytes:?}");
        let (mut parser, mut out) = (Parser::default(), Vec::new());
        parser.advance(bytes, &mut out);
        parser.idle(&mut out);
        out.clear();
        parser.advance(b"q", &mut out);
        assert_eq!(out, keys(&[Char('q')]), "{bytes:?}, a pause, and a key");
    }
}

#[test]
fn a_paste_is_one_thing_with_whatever_is_in_it() {
    assert_eq!(at_once(b"\x1b[200~q\x1b[A:\r\n\x1b[201~n"), [Paste("q\x1b[A:\r\n".into()), Input::Key(Char('n'))]);
    assert_eq!(and_no_more(b"\x1b[200~half"), [Paste("half".into())]);
    assert_eq!(at_once(b"\x1b[200~half\x03"), [Paste("half".into()), Input::Key(Ctrl('c'))]);
    assert_eq!(at_once(b"\x1b[200~\xff\x1b[201~"), [Paste("\u{fffd}".into())]);
    assert_eq!(at_once(b"\x1b[201~q"), keys(&[Char('q')]), "an end without a beginning");
    let long = [b"\x1b[200~".to_vec(), vec![b'x'; 3 * LONGEST_PASTE], b"\x1b[201~q".to_vec()].concat();
    let heard = at_once(&long);
    assert!(matches!(&heard[0], Paste(text) if text.len() < LONGEST_PASTE), "a bound");
    assert_eq!(heard[1..], keys(&[Char('q')]), "and its end is still seen");
}

#[test]
fn the_mouse_and_its_place() {
    let pointer = |act, place| Input::Pointer(Pointer { act, place });
    for (bytes, act, place) in [
        ("\x1b[<0;3;4M", Act::Press, (2, 3)),
        ("\x1b[<4;1;1M", Act::Press, (0, 0)),
        ("\x1b[<64;120;36M", Act::Wheel(-1), (119, 35)),
        ("\x1b[<65;300;200M", Act::Wheel(1), (299, 199)),
    ] {
        assert_eq!(at_once(format!("{bytes}q").as_bytes()), [pointer(act, place), Input::Key(Char('q'))], "{bytes:?}");
    }
}

#[test]
fn answers_are_no_keys() {
    assert_eq!(at_once(b"\x1b[3;1Rq"), [Input::Column(1), Input::Key(Char('q'))]);
    let white = Input::Colour { ground: true, rgb: [1.0; 3] };
    for end in ["\x1b\\", "\x07"] {
        assert_eq!(at_once(format!("\x1b]11;rgb:ffff/ffff/ffff{end}").as_bytes()), std::slice::from_ref(&white));
    }
    assert_eq!(at_once(b"\x1b]11;rgb:ff/ff/ff\x1b\x1b[?62;22c"), [white, Kind], "ended with ESC alone");
    assert_eq!(
        at_once(b"\x1b]10;rgb:0000/8000/f\x07q"),
        [
            Input::Colour { ground: false, rgb: [0.0, f64::from(0x8000) / f64::from(0xffff), 1.0] },
            Input::Key(Char('q'))
        ]
    );
    // No colour after all: nothing of it is a key, and what follows is.
    for odd in ["\x1b]11;rgb:\x07", "\x1b]11;rgb:fffff0000/0/0\x07", "\x1b]11;rgb:ffff/f"] {
        assert_eq!(at_once(format!("{odd}q").as_bytes()), keys(&[Char('q')]), "{odd:?}");
    }
}

proptest! {
    /// However bytes are cut into reads, the same is heard; and whatever came, a key after a pause is heard.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(ESCAPE), Just(b'['), Just(b'O'), Just(b']')], 0..60),
                 cut in 0_usize..60) {
        let whole = at_once(&bytes);
        let (mut parser, mut out) = (Parser::default(), Vec::new());
        let (first, second) = bytes.split_at(cut.min(bytes.len()));
        parser.advance(first, &mut out);
        parser.advance(second, &mut out);
        prop_assert_eq!(&out, &whole);
        parser.idle(&mut out);
        out.clear();
        parser.advance(b"\x03", &mut out);
        prop_assert_eq!(out, keys(&[Ctrl('c')]));
    }

    /// No key that a person types is lost or changes its place.
    #[test]
    fn letters(text in "[ -~我愛é😀]{0,40}") {
        prop_assert_eq!(at_once(text.as_bytes()), text.chars().map(|c| Input::Key(Char(c))).collect::<Vec<_>>());
    }
}
