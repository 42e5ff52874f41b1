//! What the picture shows where it does not show the numbers of now: those before the changes, the difference, or the
//! influence of one number on all that follow.

use super::panel::Scene;
use crate::app::{Model, Reading};
use crate::explain::Piece;
use crate::ground::lang::{Lang, Text};
use crate::ground::number::{Format, short};
use crate::program::{Address, Influence, Role};

/// What stands beside the name of the stage, in place of its formula.
pub(super) fn badge(model: &Model) -> Option<String> {
    if let Some(influence) = model.influence() {
        return Some(format!("∂/∂{}", influence.of.display(model.program())));
    }
    let words = model.view.reading.words()?;
    Some(model.say(&words).to_owned())
}

/// The number under the cursor, as the picture shows it.
pub(super) fn line(scene: Scene) -> Option<Vec<Piece>> {
    let Scene { model, trace, shown, .. } = scene;
    let at = model.address();
    let name = at.display(model.program());
    let role = model.label(at.slot).role;
    let (now, read) = (f64::from(trace.get(at)), f64::from(shown.get(at)));
    let (format, apart) = (trace.format(at.slot), shown.format(at.slot));
    let line = match model.view.reading {
        Reading::Now => return None,
        Reading::Before => match model.settings.lang {
            Lang::Zh => {
                vec![symbol(name, role), plain(format!(" 改动之前是 {}，现在是 {}", format.say(read), format.say(now)))]
            }
            Lang::En => {
                vec![symbol(name, role), plain(format!(" was {}; now it is {}", format.say(read), format.say(now)))]
            }
        },
        Reading::Difference if read.is_finite() => {
            let words = match model.settings.lang {
                Lang::Zh => ["现在", "之前"],
                Lang::En => ["now", "before"],
            };
            let numbers = format!(
                " = {} {} - {} {} = {}",
                words[0],
                format.say(now),
                words[1],
                signed(format, now - read),
                apart.say(read)
            );
            vec![plain("Δ".into()), symbol(name, role), plain(numbers)]
        }
        Reading::Difference => match model.settings.lang {
            Lang::Zh => vec![symbol(name, role), plain(" 现在或之前被遮住（−∞），没有差可算".into())],
            Lang::En => vec![symbol(name, role), plain(" is masked (−∞) now or before: there is no difference".into())],
        },
        Reading::Influence => {
            let influence = model.influence()?;
            let of = influence.of.display(model.program());
            let of_role = model.label(influence.of.slot).role;
            let by = format!(" = {}", apart.say(influence.on(at)));
            vec![plain("∂".into()), symbol(name, role), plain(" / ∂".into()), symbol(of, of_role), plain(by)]
        }
    };
    Some(line)
}

fn plain(text: String) -> Piece {
    Piece { text, role: None }
}

fn symbol(text: String, role: Role) -> Piece {
    Piece { text, role: Some(role) }
}

/// A number that follows a minus sign.
fn signed(format: Format, x: f64) -> String {
    let text = format.say(x);
    if x < 0.0 { format!("({text})") } else { text }
}

/// What the picture means, in place of what the stage does and what to look at.
pub(super) fn says(model: &Model) -> Option<Vec<String>> {
    let (at, program) = (model.address(), model.program());
    let text = match model.view.reading {
        Reading::Now => return None,
        Reading::Before => Text::new(
            "这些是改动之前的数。再按 = 看变了多少，按 Esc 回到现在。",
            "These are the numbers before the changes. = goes on to the difference, Esc back to now.",
        ),
        Reading::Difference => Text::new(
            "每一格都是现在减去之前：红的变大了，蓝的变小了，0 没有变，~0 变得太少写不出来。按 = 或 Esc 回到现在。",
            "Every cell is now minus before: red has grown, blue has shrunk, 0 has stayed, ~0 has changed too little to be written. = or Esc goes back to now.",
        ),
        Reading::Influence => {
            let influence = model.influence()?;
            let (of, here) = (influence.of.display(program), at.display(program));
            let by = influence.on(at);
            let means = if at == influence.of {
                Text::owned(
                    format!("正在看 {of} 的影响：翻到后面的步骤（PgDn），每一格是它对 {of} 的导数 ∂。f 或 Esc 结束。"),
                    format!(
                        "{of} is followed: on the later stages (PgDn) each cell is its derivative ∂ by {of}. f or Esc ends this."
                    ),
                )
            } else if by == 0.0 {
                Text::owned(
                    format!("{of} 增加一个很小的 δ，{here} 不变（导数 ∂ 是 0）。f 或 Esc 结束。"),
                    format!("When {of} grows by a small δ, {here} stays (the derivative ∂ is 0). f or Esc ends this."),
                )
            } else {
                let (zh, en) = if by > 0.0 { ("增加", "grows") } else { ("减少", "shrinks") };
                let format = model.shown()?.format(at.slot);
                let (times, by) = (format.say(by.abs()), format.say(by));
                Text::owned(
                    format!("{of} 增加一个很小的 δ，{here} 约{zh} {times}·δ（导数 ∂ 是 {by}）。f 或 Esc 结束。"),
                    format!(
                        "When {of} grows by a small δ, {here} {en} by about {times}·δ (the derivative ∂ is {by}). f or Esc ends this."
                    ),
                )
            };
            return Some(vec![model.say(&means).to_owned(), strongest(model, influence)]);
        }
    };
    Some(vec![model.say(&text).to_owned()])
}

/// The number that moves most at each later stage.
fn strongest(model: &Model, influence: &Influence) -> String {
    let program = model.program();
    let later = (0..program.stages().len()).map(|i| program.output_of(i)).filter(|&slot| slot != influence.of.slot);
    let most = later.filter_map(|slot| influence.strongest(slot));
    let say = |at: Address, by: f64| model.shown().map_or_else(|| short(by), |shown| shown.format(at.slot).say(by));
    let words: Vec<_> = most.map(|(at, by)| format!("{} {}", at.display(program), say(at, by))).collect();
    let lang = model.settings.lang;
    match (words.is_empty(), lang) {
        (true, Lang::Zh) => "它不影响任何一步。".into(),
        (true, Lang::En) => "It influences no stage at all.".into(),
        (false, Lang::Zh) => format!("每一步里导数最大的数：{}", words.join("  ")),
        (false, Lang::En) => format!("The largest derivative at each stage: {}", words.join("  ")),
    }
}

/// What is wrong with a number, or that it was changed by hand: the sign that stands after it.
pub(super) fn mark(model: &Model, at: Address) -> Option<char> {
    if model.alarms().iter().any(|alarm| alarm.breaks(at)) {
        return Some('!');
    }
    model.material.scenario.is_changed(model.program().symbol(at.slot), at.cell).then_some('*')
}
