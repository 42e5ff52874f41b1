//! Sentences that learners stumbled over, word for word, and when heads are called by what they were designed for.

use qkv::app::{Key, Model};
use qkv::compute::{Compute, Cpu};
use qkv::explain::{self, opened};
use qkv::ground::lang::Lang;
use qkv::ground::text::{Lens, Segmenter};
use qkv::program::{Address, Divisor, Wiring};
use qkv::source::sample::{Lexicon, MaskChoice, Sample, Scenario};

use crate::house::House;

/// A sample under a scenario, run.
struct Case {
    sample: Sample,
    trace: qkv::program::Trace,
}

impl Case {
    fn of(sample: &Sample, scenario: &Scenario) -> Self {
        let sample = scenario.apply(sample).unwrap();
        let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        Self { sample, trace }
    }

    fn at(&self, address: &str) -> Address {
        Address::parse(address, &self.sample.program).unwrap()
    }

    fn look(&self, address: &str, lang: Lang) -> String {
        explain::look(&self.sample.program, &self.trace, self.at(address), &self.sample.names_in(lang))
    }

    fn line(&self, address: &str) -> String {
        let names = self.sample.names_in(Lang::En);
        let pieces = explain::arithmetic(&self.sample.program, &self.trace, self.at(address), &names);
        pieces.into_iter().map(|piece| piece.text).collect()
    }

    fn latex(&self, address: &str) -> String {
        opened::latex(&self.sample.program, &self.trace, self.at(address))
    }
}

fn builtin(name: &str) -> Sample {
    Sample::builtin(name).unwrap().unwrap()
}

fn causal() -> Scenario {
    Scenario { mask: MaskChoice::Causal, ..Scenario::default() }
}

#[test]
fn what_is_sought_and_masked_is_not_called_nothing() {
    let case = Case::of(&builtin("tiananmen"), &causal());
    let zh = case.look("weights.2[2,1]", Lang::Zh);
    assert_eq!(
        zh,
        "「爱」分数最高的「北京」、「天安门」（2.83）都被遮住了。「爱」给它能看的 2 个词打的分一样，注意力就平均分：每个 0.50。"
    );
    let en = case.look("weights.2[2,1]", Lang::En);
    assert!(en.contains("hidden by the mask") && !en.contains("nothing to look for"), "{en}");
    let first = case.look("context.2[1,1]", Lang::En);
    assert_eq!(first, "The whole weight of 我 is on 我: its context is the value of 我.");
    let empty = case.look("weights.3[2,1]", Lang::Zh);
    assert!(empty.starts_with("「爱」的查询是 0，没有要找的东西：注意力平均分给它能看的 2 个词"), "{empty}");
}

#[test]
fn rows_set_by_hand_say_so() {
    let sample = builtin("tiananmen");
    let at = |cell: &str| Address::parse(cell, &sample.program).unwrap();
    let one = Scenario::default().with_number(&sample.program, at("weights.2[2,3]"), 0.0).unwrap();
    let case = Case::of(&sample, &one);
    assert_eq!(
        case.look("weights.2[2,1]", Lang::Zh),
        "「爱」这一行里，「北京」的数是指定的，不是算出来的。看「爱」这一行，不是 0 的有：天安门 0.47，我 0.03，爱 0.03。\
         「爱」这一行的权重加起来是 0.53，不是 1。"
    );
    let all = ["weights.2[2,1]", "weights.2[2,2]", "weights.2[2,3]", "weights.2[2,4]"];
    let none = all.iter().fold(Scenario::default(), |s, cell| s.with_number(&sample.program, at(cell), 0.0).unwrap());
    let said = Case::of(&sample, &none).look("weights.2[2,1]", Lang::En);
    assert_eq!(
        said,
        "The row of 爱 was set, not computed. The row of 爱 is all 0. The weights of 爱 add up to 0, not to 1."
    );
}

#[test]
fn a_divisor_is_written_as_it_came_about() {
    let (tiananmen, h1h2) = (builtin("tiananmen"), builtin("h1h2"));
    let divided = |sample: &Sample, divisor, temperature| {
        let wiring = Wiring { divisor, temperature, ..Wiring::default() };
        Case::of(sample, &Scenario { wiring, ..Scenario::default() })
    };
    let cases = [
        (&tiananmen, Divisor::Root, 1.0, "4 / √2 ≈ 2.83", r"\frac{4}{\sqrt{2}} \approx 2.83"),
        (&tiananmen, Divisor::Whole, 1.0, "4 / 2 = 2", r"\frac{4}{2} = 2"),
        (&tiananmen, Divisor::Root, 2.0, "4 / (√2·2) ≈ 1.41", r"\frac{4}{\sqrt{2} \cdot 2} \approx 1.41"),
        (&tiananmen, Divisor::One, 2.0, "4 / 2 = 2", r"\frac{4}{2} = 2"),
        (&tiananmen, Divisor::Whole, 0.1, "4 / (2·0.10) = 20", r"\frac{4}{2 \cdot 0.10} = 20"),
        (&h1h2, Divisor::Root, 1.0, "8 / √4 = 4", r"\frac{8}{\sqrt{4}} = 4"),
        (&h1h2, Divisor::Whole, 1.0, "8 / 4 = 2", r"\frac{8}{4} = 2"),
    ];
    for (sample, divisor, temperature, line, latex) in cases {
        let case = divided(sample, divisor, temperature);
        let at = if sample.name == "h1h2" { "scaled[1,2]" } else { "scaled.2[2,4]" };
        assert!(case.line(at).ends_with(line), "{} without {line}", case.line(at));
        assert!(case.latex(at).ends_with(latex), "{} without {latex}", case.latex(at));
    }
    // What is exact is not called about.
    let case = Case::of(&tiananmen, &Scenario::default());
    assert!(case.latex("scores.2[2,4]").ends_with("= 4") && case.latex("weights.2[1,1]").ends_with("= 0.25"));
    assert!(
        case.latex("weights.2[2,4]").contains(r"\approx 0.47") && case.latex("context.2[2,2]").contains(r"\approx")
    );
}

#[test]
fn words_that_repeat_are_numbered() {
    let (lexicon, mut segmenter) = (Lexicon::builtin().unwrap(), Segmenter::default());
    let sample = builtin("tiananmen");
    let sample = sample.with_sentence("我爱北京北京", Lens::Words, &mut segmenter, &lexicon).unwrap();
    let case = Case::of(&sample, &Scenario::default());
    let said = case.look("weights.2[2,1]", Lang::En);
    assert_eq!(said, "Look at the row of 爱: it attends most to 北京 (1) 0.47 and 北京 (2) 0.47.");
}

#[test]
fn a_small_weight_does_not_read_as_a_masked_one() {
    let wiring = Wiring { temperature: 0.05, ..Wiring::default() };
    let case = Case::of(&builtin("tiananmen"), &Scenario { wiring, ..causal() });
    let weights = case.at("weights.1[2,1]").slot;
    let (small, masked) = (case.trace.get(case.at("weights.1[2,2]")), case.trace.get(case.at("weights.1[2,4]")));
    let format = case.trace.format(weights);
    assert!(small > 0.0 && small < 1e-13 && masked == 0.0);
    assert_eq!((format.write(small), format.write(masked)), ("~0".to_owned(), "0.00".to_owned()));
}

fn names(model: &Model) -> Vec<Option<&str>> {
    (0..model.program().heads()).map(|head| model.head_name(head).map(|name| name.en.as_ref())).collect()
}

#[test]
fn heads_are_called_by_their_design_only_while_they_follow_it() {
    let mut house = House::open("tiananmen", Lang::En);
    let all = [Some("subject and verb"), Some("verb finds object"), Some("city and landmark"), Some("previous word")];
    assert_eq!(names(&house.model), all);
    // Before there are scores nobody attends to anything.
    house.press("n.");
    assert!(!house.picture(120, 36).contains("verb finds object"), "the page of Q");
    house.press("nnn");
    assert!(house.picture(120, 36).contains("verb finds object"), "the page of scores");
    house.press("nnn");
    assert!(house.picture(120, 36).contains("Designed for this: 爱 looks for its object"), "the page of weights");
    // The causal mask hides what 爱 looks for.
    house.press("mm");
    assert_eq!(house.model.head_name(1), None);
    let picture = house.picture(120, 36);
    assert!(!picture.contains("Designed for this") && !picture.contains("verb finds object"), "{picture}");
    // Q and K swapped: head 1 is symmetric, head 2 is not.
    let mut house = House::open("tiananmen", Lang::En);
    house.press("S").key(Key::Down);
    for _ in 0..4 {
        house.key(Key::Down);
    }
    house.key(Key::Right).key(Key::Esc);
    assert!(house.model.program().wiring().swapped, "the sixth switch");
    assert_eq!(names(&house.model)[..2], [Some("subject and verb"), None]);
    // Without W a head is some columns of the words, and those have the words' own names.
    let bare = Scenario { wiring: Wiring { projected: false, ..Wiring::default() }, ..Scenario::default() };
    let case = Case::of(&builtin("tiananmen"), &bare);
    assert!(case.sample.heads.iter().all(|card| card.name.is_none() && card.intent.is_none()));
    let label = qkv::program::labels::of(&case.sample.program, case.at("Q.2[3,1]").slot);
    assert_eq!(label.formula, "[Q.1 | Q.2 | …] = H");
    assert!(label.says.zh.contains("头 1 的查询是 H 的第 1–2 列，头 2 的是第 3–4 列"), "{}", label.says.zh);
    assert_eq!(
        case.look("Q.2[3,1]", Lang::En),
        "Look at the row of 北京: what is not 0 in its query is place 1, city 1."
    );
}

#[test]
fn a_change_is_told_with_the_number_before_and_after() {
    let mut house = House::open("tiananmen", Lang::Zh);
    let said = |house: &House| house.model.moved_words().map(|words| (words.zh.to_string(), words.en.to_string()));
    assert_eq!(said(&house), None);
    // On the page of the weights the causal mask hides words; hidden is no change of 1.
    house.press("nnnnnn");
    house.press("mm");
    let (zh, en) = said(&house).unwrap();
    assert!(zh.contains("这一步新遮住 24 个分数") && en.contains("here 24 scores newly hidden"), "{zh}\n{en}");
    assert!(zh.contains("output 里变化最大的是 output["), "{zh}");
    house.press("n");
    let (zh, _) = said(&house).unwrap();
    assert!(zh.contains("这一步变化最大的是 weights.") && zh.contains(" → "), "{zh}");
    // A stage that is gone is a change too.
    let mut house = House::open("tiananmen", Lang::En);
    house.press("S");
    for _ in 0..7 {
        house.key(Key::Down);
    }
    house.key(Key::Right).key(Key::Esc);
    assert!(!house.model.program().wiring().joined, "the eighth switch");
    let (_, en) = said(&house).unwrap();
    assert_eq!(en, "Changed: output is gone. u undoes");
}

#[test]
fn a_row_that_does_not_add_up_names_what_was_set() {
    let sample = builtin("tiananmen");
    for cell in ["weights.2[2,1]", "weights.2[2,3]"] {
        let at = Address::parse(cell, &sample.program).unwrap();
        let case = Case::of(&sample, &Scenario::default().with_number(&sample.program, at, 0.6).unwrap());
        let alarms = qkv::program::alarms(&case.sample.program, &case.trace);
        let words = alarms[0].words(&case.sample.program);
        assert!(words.zh.ends_with(&format!("不是 1：{cell} 被改过")), "{}", words.zh);
        assert!(words.zh.starts_with("weights.2[2,1] 这一行加起来是 1."), "{}", words.zh);
    }
}

#[test]
fn tokens_are_counted_by_what_they_are() {
    let mut house = House::open("tiananmen", Lang::Zh);
    assert!(house.picture(120, 36).lines().next().unwrap().contains("4 词"));
    house.press("v");
    assert!(house.picture(120, 36).lines().next().unwrap().contains("7 字"));
    house.press("v");
    assert!(house.picture(120, 36).lines().next().unwrap().contains("21 字节"));
}
