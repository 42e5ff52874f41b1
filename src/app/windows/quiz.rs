//! `g`: a question about this page, predicted before the answer is shown. Questions are made in `study/quiz/`.

use std::sync::Arc;

use super::{Behaviour, Entry, Line, LineRow, MicroscopeWindow, Outcome, Tone, TypedLine};
use crate::app::View;
use crate::app::deeds::step;
use crate::app::keys::{self, Command, Group, Key, Opener, Row, When, row, short};
use crate::app::stepping::{self, Stepping};
use crate::app::{Effect, Model, Reading, Target};
use crate::explain::Piece;
use crate::ground::lang::Text;
use crate::ground::text::half_width;
use crate::program::{Program, Slot};
use crate::study::quiz::{self, Answer, Answered, Asked, Ground, Item, Verdict, Wanted};

/// A question that is open, and what was answered.
#[derive(Debug, Clone)]
pub struct QuizWindow {
    /// The program that it is about.
    program: Arc<Program>,
    item: Box<Item>,
    /// The choice that Enter would give.
    chosen: usize,
    /// The number that Enter would give.
    typed: TypedLine,
    /// What was typed is no number.
    unread: bool,
    given: Option<(Answer, Verdict)>,
    /// The answer was shown to a room, and nobody's own was taken.
    shown: bool,
    /// Hands that were raised for each choice, each time that it was asked.
    hands: Vec<Vec<usize>>,
    /// Whether hands are being counted.
    counts: bool,
    /// Where the walk was before it came along.
    before: Box<(View, Stepping)>,
    /// The tensors that another question is looked for at; none where it is one that somebody wrote.
    slots: Vec<Slot>,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Choose(isize),
    /// Choose the one with that number, from 1.
    Number(usize),
    /// Answer; after that, open the arithmetic.
    Take,
    Another,
    /// Count hands.
    Hands,
    /// Show the answer to a room.
    Show,
    /// Ask the room once more.
    Anew,
}

/// Characters of a number.
const LONGEST: usize = 24;

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('g')],
        name: "quiz.open",
        group: Some(Group::Look),
        when: When::Always,
        short: short("考我", "ask me"),
        help: Text::new(
            "就这一页出一道题：先猜，再看答案；猜错了会说可能错在哪里",
            "a question about this page: predict first, then see; a wrong answer is told what was likely misunderstood",
        ),
    },
    after: "walk.compare",
    open: |model| {
        let slots = slots(model);
        match drawn(model, &slots, true) {
            Ok(item) => QuizWindow::open(model, item, slots),
            Err(why) => model.warn(why),
        }
        Vec::new()
    },
};

/// The tensors of the page, the one with the cursor first; on a page without any of its own all of the program.
fn slots(model: &Model) -> Vec<Slot> {
    let mut slots = vec![model.slot()];
    for slot in model.tensors(model.view.page) {
        if !slots.contains(&slot) {
            slots.push(slot);
        }
    }
    slots
}

/// A question about one of these tensors: at first about the number under the cursor, where that will do.
fn drawn(model: &mut Model, slots: &[Slot], here: bool) -> Result<Item, Text> {
    model.asked += 1;
    let at = model.address();
    // The same question does not begin every session: where the cursor stands counts too.
    let seed = [at.slot.0, at.cell.head, at.cell.row, at.cell.col]
        .into_iter()
        .fold(model.settings.seed ^ model.asked << 32, |seed, n| seed.wrapping_mul(31).wrapping_add(n as u64));
    let Some(trace) = model.trace() else {
        return Err(Text::new("还在计算，等一下再问", "the numbers are still being computed: ask again in a moment"));
    };
    let ground = Ground { sample: &model.material.sample, trace };
    let (head, sentence) = (Some(model.view.cursor.head), Some(model.view.cursor.batch));
    let wanted = slots.iter().map(|&slot| Wanted {
        slot: Some(slot),
        head,
        sentence,
        cell: Some(at).filter(|at| here && at.slot == slot),
        ..Wanted::default()
    });
    let mut items = wanted.filter_map(|wanted| quiz::draw_for(ground, &wanted, seed, &model.answers));
    items.next().ok_or_else(|| {
        Text::new(
            "这一页的数出不了没有歧义的题；换一页、换个头再试",
            "these numbers make no question with one clear answer: try another page or another head",
        )
    })
}

impl QuizWindow {
    /// Asks a question: the walk goes where it is asked, and what would give it away is covered.
    fn open(model: &mut Model, item: Item, slots: Vec<Slot>) {
        let before = Box::new((model.view.clone(), model.stepping.clone()));
        let mut window = Self {
            program: Arc::clone(model.program()),
            item: Box::new(item),
            chosen: 0,
            typed: TypedLine::default(),
            unread: false,
            given: None,
            shown: false,
            hands: Vec::new(),
            counts: false,
            before,
            slots,
        };
        model.read_now();
        stepping::leave(model);
        window.ask(model);
        model.open_window(window);
    }

    fn ask(&mut self, model: &mut Model) {
        (self.chosen, self.typed, self.unread, self.given) = (0, TypedLine::default(), false, None);
        (self.shown, self.counts) = (false, false);
        self.hands.clear();
        if let Some(at) = self.item.view {
            model.look_at(at, None);
        }
        model.view.covered.clone_from(&self.item.covered);
    }

    /// The question.
    pub fn item(&self) -> &Item {
        &self.item
    }

    /// The choice that Enter would give, or that was given.
    pub const fn chosen(&self) -> usize {
        self.chosen
    }

    /// The number as far as it is typed.
    pub const fn typed(&self) -> &TypedLine {
        &self.typed
    }

    /// What the answer was worth; none before one was given.
    pub fn verdict(&self) -> Option<Verdict> {
        self.given.map(|(_, verdict)| verdict)
    }

    /// The place of the right choice, once an answer was given.
    pub fn right(&self) -> Option<usize> {
        match self.item.asked {
            Asked::Choice { right, .. } => self.is_over().then_some(right),
            Asked::Number { .. } => None,
        }
    }

    /// Whether the answer is to be seen: it was given, or shown to a room.
    pub const fn is_over(&self) -> bool {
        self.given.is_some() || self.shown
    }

    /// Hands that were raised for a choice, each time that it was asked.
    pub fn hands(&self, choice: usize) -> Vec<usize> {
        self.hands.iter().map(|hands| hands.get(choice).copied().unwrap_or(0)).collect()
    }

    /// The counts of hands as far as they are typed; none while none are.
    pub fn counted(&self) -> Option<&TypedLine> {
        self.counts.then_some(&self.typed)
    }

    /// What is said of the answer: whether it is right, and what was likely misunderstood; none before one was given.
    pub fn feedback(&self) -> Option<(Tone, Text)> {
        let verdict = self.verdict()?;
        if verdict.right {
            return Some((Tone::Good, Text::new("✓ 对了。", "✓ Right.")));
        }
        let chosen = self.item.choices().get(self.chosen);
        if let Some(Text { zh, en }) = chosen.and_then(|choice| choice.why.as_ref()) {
            return Some((Tone::Bad, Text::owned(format!("✗ 不对。{zh}"), format!("✗ Not quite. {en}"))));
        }
        let likely = verdict.misconception.map(quiz::Misconception::says);
        Some((
            Tone::Bad,
            likely.map_or_else(
                || Text::new("✗ 不对。", "✗ Not quite."),
                |says| {
                    Text::owned(
                        format!("✗ 不对。多半是：{}。", says.zh),
                        format!("✗ Not quite. Most likely: {}.", says.en),
                    )
                },
            ),
        ))
    }

    /// What can be done next.
    pub fn next(&self) -> Text {
        let typed = self.item.asks_for_a_number();
        if self.counts {
            return Text::new(
                "每个选项有几只手？从 1 起，用空格隔开，Enter 记下",
                "how many hands for each choice, from 1, apart by spaces? Enter notes them",
            );
        }
        if self.shown {
            return Text::new("N 再问一遍全班", "N asks the class once more");
        }
        match (self.given.is_some(), self.unread) {
            (true, _) if self.slots.is_empty() && self.item.disputed.is_some() => {
                Text::new("Enter 看这一格怎么算，PgDn 继续", "Enter opens its arithmetic, PgDn goes on")
            }
            (true, _) if self.slots.is_empty() => Text::new("PgDn 继续上课", "PgDn goes on with the lesson"),
            (true, _) if self.item.disputed.is_some() => {
                Text::new("Enter 看这一格怎么算，g 再来一题", "Enter opens its arithmetic, g asks another")
            }
            (true, _) => Text::new("g 再来一题", "g asks another"),
            (_, true) => Text::new("这里要写一个数，例如 0.5 或 -2", "this takes a number, such as 0.5 or -2"),
            _ if typed => Text::new("写一个数，Enter 回答", "type a number, Enter answers"),
            _ => Text::new("选一个，Enter 回答", "choose one, Enter answers"),
        }
    }

    /// Notes the hands that were counted.
    fn note_hands(&mut self) {
        let counts: Vec<usize> = self.typed.value().split_whitespace().filter_map(|count| count.parse().ok()).collect();
        if !counts.is_empty() {
            self.hands.push(counts);
        }
        (self.counts, self.typed) = (false, TypedLine::default());
    }

    /// What a class does with a question: hands are counted, the answer is shown, it is asked once more.
    fn teach(&mut self, model: &mut Model, deed: Deed) {
        match deed {
            Deed::Hands if !self.item.choices().is_empty() && !self.is_over() => {
                (self.counts, self.typed) = (true, TypedLine::default());
            }
            Deed::Show if !self.item.choices().is_empty() && self.given.is_none() => {
                self.shown = true;
                model.view.covered.clear();
            }
            Deed::Anew if self.is_over() => {
                (self.given, self.shown) = (None, false);
                model.view.covered.clone_from(&self.item.covered);
            }
            _ => {}
        }
    }

    fn answer(&mut self, model: &mut Model) {
        let answer = match &self.item.asked {
            Asked::Choice { .. } => Answer::Choice(self.chosen),
            Asked::Number { .. } => {
                let plain: String = self.typed.value().trim().chars().map(half_width).collect();
                let Some(number) = plain.parse::<f64>().ok().filter(|x| x.is_finite()) else {
                    self.unread = true;
                    return;
                };
                Answer::Number(number)
            }
        };
        let verdict = self.item.judge(answer);
        self.given = Some((answer, verdict));
        let Item { concept, kind, disputed, .. } = &*self.item;
        model.answers.push(Answered { concept: *concept, kind: kind.clone(), right: verdict.right });
        model.view.covered.clear();
        if let Some(at) = disputed {
            model.look_at(*at, None);
        }
    }
}

impl Model {
    /// Asks a question that was made elsewhere: by a lesson. No other one follows it.
    pub fn open_question(&mut self, item: Item) {
        QuizWindow::open(self, item, Vec::new());
    }
}

impl Behaviour for QuizWindow {
    type Deed = Deed;
    const NAME: &'static str = "quiz";
    const TITLE: Text = Text::new("先猜一猜", "predict first");
    const DOCKS: bool = true;
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k')], "quiz.up", Deed::Choose(-1), short("选", "choose"), "选上一个答案", "the answer before"),
        row(&[Key::Down, Key::Char('j')], "quiz.down", Deed::Choose(1), short("选", "choose"), "选下一个答案", "the next answer"),
        row(keys::DIGITS, "quiz.number", Deed::Number(1), None, "选第几个答案；要写数的题，直接写数", "choose an answer by its number; where a number is asked for, type it"),
        row(&[Key::Enter], "quiz.take", Deed::Take, short("回答", "answer"), "回答；答完再按，就打开那一格的算式", "answer; once answered, open the arithmetic of the number in question"),
        row(&[Key::Char('g')], "quiz.another", Deed::Another, short("换一题", "another"), "换一题，没答的就跳过", "another question; one that was not answered is skipped"),
        row(&[Key::Char('V')], "quiz.hands", Deed::Hands, None, "全班举手：把每个选项的人数记在旁边", "a show of hands: note how many there are for each choice"),
        row(&[Key::Char('O')], "quiz.show", Deed::Show, None, "揭晓答案，不算谁答过", "show the answer, without one being given"),
        row(&[Key::Char('N')], "quiz.anew", Deed::Anew, None, "再问一遍全班：前后两次的人数并排", "ask the class once more: the hands of both times stand side by side"),
    ];

    fn deed(row: Deed, key: Key) -> Deed {
        match (row, key.digit()) {
            (Deed::Number(_), Some(digit)) => Deed::Number(digit),
            (deed, _) => deed,
        }
    }

    /// A number, while one is asked for. What no number holds stays a key.
    fn type_key(&mut self, _model: &mut Model, key: Key) -> Option<Outcome> {
        let plain = key.plain();
        if self.counts {
            return match plain {
                Key::Enter => {
                    self.note_hands();
                    Some(Outcome::stay())
                }
                Key::Esc => {
                    self.counts = false;
                    Some(Outcome::stay())
                }
                Key::Char(c) if !c.is_ascii_digit() && c != ' ' => Some(Outcome::stay()),
                _ => self.typed.take(plain, LONGEST).then(Outcome::stay),
            };
        }
        let writes = matches!(plain, Key::Char(c) if c.is_ascii_digit() || matches!(c, '.' | '-' | 'e'));
        let edits = matches!(plain, Key::Backspace | Key::Delete | Key::Left | Key::Right | Key::Home | Key::End);
        let takes = self.item.asks_for_a_number() && self.given.is_none() && (writes || edits);
        (takes && self.typed.take(plain, LONGEST)).then(|| {
            self.unread = false;
            Outcome::stay()
        })
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let choices = self.item.choices().len();
        match deed {
            Deed::Hands | Deed::Show | Deed::Anew => self.teach(model, deed),
            _ if self.shown && deed != Deed::Another => {}
            Deed::Choose(by) if self.given.is_none() => self.chosen = step(self.chosen, by, choices),
            Deed::Number(n) if self.given.is_none() && (1..=choices).contains(&n) => self.chosen = n - 1,
            Deed::Choose(_) | Deed::Number(_) => {}
            Deed::Take if self.given.is_none() => self.answer(model),
            Deed::Take => {
                if let Some(at) = self.item.disputed {
                    let window = MicroscopeWindow::on(model, at);
                    model.open_window(window);
                }
            }
            Deed::Another if self.slots.is_empty() => return Outcome::close(),
            Deed::Another => match drawn(model, &self.slots, false) {
                Ok(item) => {
                    *self.item = item;
                    self.ask(model);
                }
                Err(why) => model.warn(why),
            },
        }
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
        match target {
            Target::Row(row) if row == self.chosen && self.given.is_none() => self.press(model, Deed::Take),
            Target::Row(row) => self.press(model, Deed::Number(row + 1)),
            _ => Outcome::stay(),
        }
    }

    fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
        self.press(model, Deed::Choose(by))
    }

    /// It is about one program alone.
    fn keep(&mut self, model: &mut Model) -> Outcome {
        if Arc::ptr_eq(&self.program, model.program()) { Outcome::stay() } else { Outcome::close() }
    }

    /// The walk stands as it stood.
    fn leave(&self, model: &mut Model) -> Vec<Effect> {
        model.view.covered.clear();
        if Arc::ptr_eq(&self.program, model.program()) {
            (model.view, model.stepping) = (*self.before).clone();
            model.view.reading = Reading::Now;
        }
        Vec::new()
    }

    fn says(&self, _model: &Model) -> Vec<Line> {
        let mut lines = Vec::new();
        if self.given.is_none() {
            lines.extend(self.item.help.clone().map(|help| Line::Say(Tone::Dim, help)));
        }
        lines.push(Line::Say(Tone::Strong, self.item.question.clone()));
        lines.extend(self.item.choices().iter().enumerate().map(|(n, choice)| {
            let name = Text::same((n + 1).to_string());
            Line::Row(LineRow { name, chosen: n == self.chosen, entries: vec![Entry::words(choice.words.clone())] })
        }));
        if self.item.asks_for_a_number() {
            let typed = Piece { text: format!("> {}", self.typed.value()), role: None };
            lines.push(Line::Pieces(vec![typed]));
        }
        if let Some((tone, words)) = self.feedback() {
            lines.extend([Line::Say(tone, words), Line::say(self.item.because.clone())]);
        }
        lines.push(Line::Say(Tone::Key, self.next()));
        lines
    }
}
