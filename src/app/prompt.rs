//! A line being typed: a command, a number, or a sentence.

use tui_input::{Input, InputRequest};

use super::command;
use super::edits::{ask_for, put};
use super::keymap::Key;
use super::orders::carry_out;
use super::{Effect, Model, Overlay};
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::program::Address;

/// A line longer than this is not typed by a person.
const LONGEST_LINE: usize = 1 << 16;

/// A line being typed.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed.
    pub input: Input,
    /// What was wrong with it.
    pub error: Option<Text>,
    /// It was sent, and the answer is awaited: what is wrong with it comes back to this line.
    pub waiting: bool,
}

/// What a line is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// A command.
    #[default]
    Command,
    /// A number for this place.
    Number(Address),
    /// A sentence, to be cut through this lens.
    Sentence(Lens),
}

pub(super) fn press(model: &mut Model, key: Key, mut prompt: Prompt) -> Vec<Effect> {
    match key {
        Key::Esc => return Vec::new(),
        Key::Enter if prompt.input.value().trim().is_empty() => return Vec::new(),
        Key::Enter if matches!(prompt.purpose, Purpose::Number(_)) => return enter_number(model, prompt),
        Key::Enter if let Purpose::Sentence(lens) = prompt.purpose => {
            let written = prompt.input.value().to_owned();
            model.overlay = Overlay::Prompt(Prompt { waiting: true, error: None, ..prompt });
            return ask_for(model, written, lens);
        }
        Key::Tab if let Purpose::Sentence(lens) = prompt.purpose => {
            prompt.purpose = Purpose::Sentence(lens.next());
        }
        Key::Enter => {
            return match command::parse(prompt.input.value()) {
                Ok(command) => carry_out(model, command, &prompt),
                Err(error) => {
                    // The line stays, to be mended.
                    model.overlay = Overlay::Prompt(Prompt { error: Some(error), ..prompt });
                    Vec::new()
                }
            };
        }
        _ => type_key(&mut prompt.input, key, LONGEST_LINE),
    }
    (prompt.error, prompt.waiting) = (None, false);
    model.overlay = Overlay::Prompt(prompt);
    Vec::new()
}

/// Puts the typed number where the prompt was opened; one that will not do stays, to be mended.
fn enter_number(model: &mut Model, prompt: Prompt) -> Vec<Effect> {
    let Purpose::Number(address) = prompt.purpose else { return Vec::new() };
    let value = prompt.input.value().trim().parse::<f32>();
    let changed = match value {
        Ok(value) => put(model, address, value),
        Err(_) => Err(Text::new("要写一个数，例如 0.5 或 -2", "write a number, such as 0.5 or -2")),
    };
    changed.unwrap_or_else(|error| {
        model.overlay = Overlay::Prompt(Prompt { error: Some(error), ..prompt });
        Vec::new()
    })
}

/// A key in a line that is being typed: a character, or one that moves or deletes.
pub(super) fn type_key(input: &mut Input, key: Key, longest: usize) {
    let request = match key {
        Key::Char(c) if input.value().len() < longest => InputRequest::InsertChar(c),
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete => InputRequest::DeleteNextChar,
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Ctrl('u') => InputRequest::DeleteLine,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        _ => return,
    };
    input.handle(request);
}

/// Puts pasted text where the cursor of the line is. What a line cannot hold stays out, and the line says so.
pub(super) fn paste(prompt: &mut Prompt, text: &str) {
    let at: usize = prompt.input.value().chars().take(prompt.input.cursor()).map(char::len_utf8).sum();
    let (before, after) = prompt.input.value().split_at(at);
    let pasted: String = text.chars().filter(|c| !c.is_control()).collect();
    if before.len() + pasted.len() + after.len() > LONGEST_LINE {
        prompt.error = Some(Text::owned(
            format!("粘贴的内容太长，一行最多 {LONGEST_LINE} 字节；原来的还在"),
            format!("too long to paste: a line holds {LONGEST_LINE} bytes; what was typed is still here"),
        ));
        return;
    }
    let cursor = prompt.input.cursor() + pasted.chars().count();
    prompt.input = Input::new(format!("{before}{pasted}{after}")).with_cursor(cursor);
    prompt.error = None;
}
