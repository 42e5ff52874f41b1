//! What a terminal sends, byte by byte, as keys, pastes and answers.
//!
//! Nothing that begins can swallow what comes after it: a sequence is given up at the first byte that cannot belong to it,
//! or when nothing more comes ([`Parser::idle`]), and a control character is heard inside everything, Ctrl-C above all.
//! The forms are those of ECMA-48 and of xterm (<https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>).

use std::time::Duration;

use super::pointer::{Act, Pointer};
use crate::app::Key;

/// What a terminal said.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The colour of its letters, or of its ground: red, green and blue from 0 to 1.
    Colour { ground: bool, rgb: [f64; 3] },
    /// What kind of terminal it is (DA1). Every terminal tells that, so it ends what was asked before it.
    Kind,
    /// The column in which its cursor stands, from 1.
    Column(u16),
    /// Something was done with the mouse.
    Pointer(Pointer),
}

/// How long a begun sequence may stand still before it is taken for what it looks like: Esc, then keys. A terminal sends
/// the bytes of a sequence at once; over a line they may come in two parts.
const PAUSE: Duration = Duration::from_millis(50);

/// The same for what is long, a paste or a colour.
const LONG_PAUSE: Duration = Duration::from_secs(1);

/// The longest sequence that means anything.
const LONGEST: usize = 64;

/// The longest paste; what is beyond is left out.
const LONGEST_PASTE: usize = 1 << 20;

const ESCAPE: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const END_OF_PASTE: &[u8] = b"\x1b[201~";

/// The colours that are asked for: `ESC ] 10 ; …` answers for letters, `ESC ] 11 ; …` for the ground.
const COLOURS: [&[u8]; 2] = [b"10;", b"11;"];

/// What has begun.
#[derive(Debug, Default)]
enum State {
    #[default]
    Nothing,
    /// `ESC`
    Escape,
    /// `ESC [`, then parameters
    Control(Vec<u8>),
    /// `ESC [ [`, a function key of the Linux console
    Function,
    /// `ESC [ M`, then three bytes of a mouse that nobody asked for
    Mouse(usize),
    /// `ESC O`
    Single,
    /// `ESC ]`, then a colour
    Colour(Vec<u8>),
    /// The `ESC` of the `ESC \` that ends a colour
    ColourEnd(Vec<u8>),
    /// The first bytes of a character, and how many it has
    Character(Vec<u8>, usize),
    /// `ESC [ 200 ~`, then text
    Paste(Vec<u8>),
}

/// Reads bytes.
#[derive(Debug, Default)]
pub(super) struct Parser {
    state: State,
}

impl Parser {
    /// How long to wait for more bytes before [`Self::idle`]; for ever where nothing has begun.
    pub(super) fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Nothing => None,
            State::Paste(_) => Some(LONG_PAUSE),
            State::Colour(body) if body.len() >= COLOURS[0].len() => Some(LONG_PAUSE),
            _ => Some(PAUSE),
        }
    }

    /// Reads bytes as they came.
    pub(super) fn advance(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        for &byte in bytes {
            self.byte(byte, out);
        }
    }

    /// Nothing more comes: what has begun is taken for what it looks like, or given up.
    pub(super) fn idle(&mut self, out: &mut Vec<Input>) {
        match std::mem::take(&mut self.state) {
            State::Escape => out.push(Input::Key(Key::Esc)),
            State::Control(body) if body.is_empty() => spelled("[", out),
            State::Single => spelled("O", out),
            State::Colour(body) if body.len() < COLOURS[0].len() => spelled_bytes(b"]", &body, out),
            State::ColourEnd(body) => out.extend(colour(&body)),
            State::Paste(text) => out.push(paste(&text)),
            State::Nothing
            | State::Control(_)
            | State::Function
            | State::Mouse(_)
            | State::Colour(_)
            | State::Character(..) => {}
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<Input>) {
        match std::mem::take(&mut self.state) {
            State::Nothing => self.begin(byte, out),
            State::Escape => match byte {
                b'[' => self.state = State::Control(Vec::new()),
                b'O' => self.state = State::Single,
                b']' => self.state = State::Colour(Vec::new()),
                // Esc and at once a key: tmux and slow hands send it like Alt and that key.
                _ => {
                    out.push(Input::Key(Key::Esc));
                    self.begin(byte, out);
                }
            },
            State::Control(body) => self.control(body, byte, out),
            State::Function | State::Mouse(_) if is_control(byte) => self.begin(byte, out),
            State::Function | State::Mouse(1) => {}
            State::Mouse(more) => self.state = State::Mouse(more - 1),
            State::Single => match byte {
                b'M' => out.push(Input::Key(Key::Enter)),
                b'P'..=b'S' => {}
                _ => {
                    if let Some(key) = arrow(byte) {
                        out.push(Input::Key(key));
                    } else {
                        spelled("O", out);
                        self.begin(byte, out);
                    }
                }
            },
            State::Colour(body) => self.colour(body, byte, out),
            State::ColourEnd(body) => {
                out.extend(colour(&body));
                if byte != b'\\' {
                    self.state = State::Escape;
                    // Some end a colour with ESC alone (rxvt-unicode before 9.31): then the next sequence begins here.
                    if byte != ESCAPE {
                        self.byte(byte, out);
                    }
                }
            }
            State::Character(mut bytes, len) => {
                if byte & 0b1100_0000 != 0b1000_0000 {
                    return self.begin(byte, out);
                }
                bytes.push(byte);
                if bytes.len() < len {
                    self.state = State::Character(bytes, len);
                } else if let Ok(text) = str::from_utf8(&bytes) {
                    out.extend(text.chars().filter(|c| !c.is_control()).map(|c| Input::Key(Key::Char(c))));
                }
            }
            State::Paste(mut text) => {
                // No terminal pastes a Ctrl-C: somebody wants to leave a paste that does not end.
                if byte == CTRL_C {
                    out.push(paste(&text));
                    return self.begin(byte, out);
                }
                if text.len() >= LONGEST_PASTE {
                    // Only the last bytes change now, so that the end is still seen.
                    text.drain(LONGEST_PASTE - END_OF_PASTE.len()..=LONGEST_PASTE - END_OF_PASTE.len());
                }
                text.push(byte);
                if text.ends_with(END_OF_PASTE) {
                    text.truncate(text.len() - END_OF_PASTE.len());
                    out.push(paste(&text));
                } else {
                    self.state = State::Paste(text);
                }
            }
        }
    }

    /// A byte where nothing has begun.
    fn begin(&mut self, byte: u8, out: &mut Vec<Input>) {
        let key = match byte {
            ESCAPE => return self.state = State::Escape,
            b'\r' => Key::Enter,
            b'\t' => Key::Tab,
            0x7f | 0x08 => Key::Backspace,
            0x00 => Key::Ctrl(' '),
            0x01..=0x1a => Key::Ctrl((byte - 1 + b'a') as char),
            0x1c..=0x1f => Key::Ctrl((byte - 0x1c + b'4') as char),
            0x20..=0x7e => Key::Char(byte as char),
            0xc2..=0xdf => return self.state = State::Character(vec![byte], 2),
            0xe0..=0xef => return self.state = State::Character(vec![byte], 3),
            0xf0..=0xf4 => return self.state = State::Character(vec![byte], 4),
            // No character begins so.
            0x80..=0xc1 | 0xf5..=0xff => return,
        };
        out.push(Input::Key(key));
    }

    /// The next byte of `ESC [ …`.
    fn control(&mut self, mut body: Vec<u8>, byte: u8, out: &mut Vec<Input>) {
        match byte {
            0x20..=0x3f if body.len() < LONGEST => {
                body.push(byte);
                self.state = State::Control(body);
            }
            b'[' if body.is_empty() => self.state = State::Function,
            b'M' if body.is_empty() => self.state = State::Mouse(3),
            b'~' if body == b"200" => self.state = State::Paste(Vec::new()),
            0x40..=0x7e => out.extend(sequence(&body, byte)),
            0x20..=0x3f => {}
            _ => self.begin(byte, out),
        }
    }

    /// The next byte of `ESC ] …`.
    fn colour(&mut self, mut body: Vec<u8>, byte: u8, out: &mut Vec<Input>) {
        match byte {
            0x07 => return out.extend(colour(&body)),
            ESCAPE if body.len() >= COLOURS[0].len() => return self.state = State::ColourEnd(body),
            _ => {}
        }
        body.push(byte);
        if of_a_colour(&body) {
            self.state = State::Colour(body);
            return;
        }
        body.pop();
        if body.len() < COLOURS[0].len() {
            // Not what was asked for: Esc, then keys.
            spelled_bytes(b"]", &body, out);
        }
        self.begin(byte, out);
    }
}

/// A control character, which is heard inside a sequence too.
fn is_control(byte: u8) -> bool {
    byte < 0x20 || byte == 0x7f
}

/// Esc, and a key that looked like the beginning of something.
fn spelled(key: &str, out: &mut Vec<Input>) {
    out.push(Input::Key(Key::Esc));
    out.extend(key.chars().map(|c| Input::Key(Key::Char(c))));
}

fn spelled_bytes(first: &[u8], then: &[u8], out: &mut Vec<Input>) {
    out.push(Input::Key(Key::Esc));
    out.extend(first.iter().chain(then).map(|&byte| Input::Key(Key::Char(byte as char))));
}

fn paste(text: &[u8]) -> Input {
    Input::Paste(String::from_utf8_lossy(text).into_owned())
}

/// The key of the last byte of `ESC [ …` or `ESC O …`.
fn arrow(byte: u8) -> Option<Key> {
    Some(match byte {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        _ => return None,
    })
}

/// What a whole `ESC [ body last` means; nothing for the many that mean nothing here.
fn sequence(body: &[u8], last: u8) -> Option<Input> {
    if last == b'c' && body.starts_with(b"?") {
        return Some(Input::Kind);
    }
    if let Some(body) = body.strip_prefix(b"<") {
        return pointer(body, last);
    }
    let numbers = numbers(body)?;
    let number = |at: usize| numbers.get(at).and_then(|part| part[0]);
    // Also what Shift and F3 send; whoever has not asked for a column leaves it.
    if let (b'R', Some(column)) = (last, number(1)) {
        return u16::try_from(column).ok().map(Input::Column);
    }
    // One more than a bit each for shift, alt and control; the next part says pressed, repeated or released.
    let held = number(1).unwrap_or(1).saturating_sub(1);
    let (shift, alt, control) = (held & 1 != 0, held & 2 != 0, held & 4 != 0);
    let released = numbers.get(1).is_some_and(|part| part[1] == Some(3));
    if alt || released {
        return None;
    }
    let character = |code: u32| {
        let c = char::from_u32(code).filter(|c| !c.is_control())?;
        Some(if control {
            Key::Ctrl(c.to_ascii_lowercase())
        } else if shift {
            Key::Char(c.to_ascii_uppercase())
        } else {
            Key::Char(c)
        })
    };
    let named = |code: u32| match code {
        9 if shift => Some(Key::BackTab),
        9 => Some(Key::Tab),
        13 => Some(Key::Enter),
        27 => Some(Key::Esc),
        127 => Some(Key::Backspace),
        _ => character(code),
    };
    let key = match (last, number(0)) {
        (b'Z', _) => Key::BackTab,
        (b'u', Some(code)) => named(code)?,
        (b'~', Some(27)) => named(number(2)?)?,
        (b'~', Some(1 | 7)) => Key::Home,
        (b'~', Some(3)) => Key::Delete,
        (b'~', Some(4 | 8)) => Key::End,
        (b'~', Some(5)) => Key::PageUp,
        (b'~', Some(6)) => Key::PageDown,
        (b'~', Some(15)) => Key::F5,
        _ => arrow(last)?,
    };
    Some(Input::Key(key))
}

/// What a mouse sends in xterm's form 1006, `ESC [ < button ; column ; row M`: the first button, or the wheel.
fn pointer(body: &[u8], last: u8) -> Option<Input> {
    let [button, column, row] = numbers(body)?[..] else { return None };
    let from_0 = |part: [Option<u32>; 2]| u16::try_from(part[0]?.checked_sub(1)?).ok();
    // Shift, Alt and Control held count 4, 8 and 16; a button let go ends with `m`.
    let act = match (button[0]? & !(4 | 8 | 16), last) {
        (0, b'M') => Act::Press,
        (64, b'M') => Act::Wheel(-1),
        (65, b'M') => Act::Wheel(1),
        _ => return None,
    };
    Some(Input::Pointer(Pointer { act, place: (from_0(column)?, from_0(row)?) }))
}

/// The parameters `1;2:3`, each with what stands behind its first colon; none where there is anything else.
fn numbers(body: &[u8]) -> Option<Vec<[Option<u32>; 2]>> {
    let text = str::from_utf8(body).ok()?;
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b';' || byte == b':') {
        return None;
    }
    let part = |part: &str| {
        let mut numbers = part.split(':').map(|number| number.parse().ok());
        [numbers.next().flatten(), numbers.next().flatten()]
    };
    Some(text.split(';').map(part).collect())
}

/// Whether the answer to a question for colours may begin so.
fn of_a_colour(body: &[u8]) -> bool {
    let (head, colour) = body.split_at(body.len().min(COLOURS[0].len()));
    let asked = COLOURS.iter().any(|asked| asked.starts_with(head));
    asked && body.len() <= LONGEST && colour.iter().all(|&byte| byte.is_ascii_hexdigit() || b":/#rg".contains(&byte))
}

/// `11;rgb:ffff/ffff/ffff`, with one to four digits each.
fn colour(body: &[u8]) -> Option<Input> {
    let text = str::from_utf8(body).ok()?;
    let (number, colour) = text.split_once(';')?;
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut parts = parts.split('/').map(|digits| {
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|&most| most > 0)?;
        Some(f64::from(u32::from_str_radix(digits, 16).ok()?) / f64::from(most))
    });
    let mut next = || parts.next().flatten();
    Some(Input::Colour { ground: number == "11", rgb: [next()?, next()?, next()?] })
}

#[cfg(test)]
mod tests;
