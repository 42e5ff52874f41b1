//! Statements about numbers: read, evaluated on a run, true or false.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use qkv::ground::fault::Failure;
use qkv::program::{Backend, Statement, StatementError, Trace};
use qkv::source::sample::Sample;

fn run(name: &str) -> (Sample, Trace) {
    let sample = Sample::builtin(name).unwrap().unwrap();
    let trace = Trace::by_reference(&sample.program, &sample.inputs, Backend::cpu());
    (sample, trace)
}

fn value(text: &str) -> Result<f64, StatementError> {
    let (sample, trace) = run("tiananmen");
    Ok(Statement::parse(text)?.evaluate(&sample.program, &trace)?.number)
}

fn holds(text: &str) -> bool {
    let (sample, trace) = run("tiananmen");
    Statement::parse(text).unwrap().evaluate(&sample.program, &trace).unwrap().holds.unwrap()
}

#[test]
fn arithmetic_is_read_as_it_is_written() {
    for (text, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("8 / 2 / 2", 2.0),
        ("8 - 2 - 2", 4.0),
        ("-2 * -3", 6.0),
        ("sqrt(exp(ln(4)))", 2.0),
        ("abs(1 - 3)", 2.0),
        ("1e-3 * 1000", 1.0),
        ("rows(H) * columns(H)", 4.0 * 9.0),
    ] {
        let found = value(text);
        let sizes = run("tiananmen").0.sizes;
        let expected = if text.starts_with("rows") { (sizes.tokens * sizes.model) as f64 } else { expected };
        assert!((found.clone().unwrap() - expected).abs() < 1e-9, "{text}: {found:?}");
    }
}

#[test]
fn regions_run_over_rows_columns_and_heads() {
    let (sample, trace) = run("tiananmen");
    let weights = trace.find(&sample.program, None, qkv::program::Name::Weights).unwrap();
    let get = |head, row, col| f64::from(weights.get(qkv::math::tensor::Cell::at(row, col).in_head(head)));
    let near = |text: &str, x: f64| assert!((value(text).unwrap() - x).abs() < 1e-6, "{text} is not {x}");
    near("sum(weights.2[2,*])", (0..4).map(|col| get(1, 1, col)).sum());
    near("sum(weights.2[*,4])", (0..4).map(|row| get(1, row, 3)).sum());
    near("sum(weights.*[2,4])", (0..4).map(|head| get(head, 1, 3)).sum());
    near("max(weights.2[*,*])", (0..16).map(|n| get(1, n / 4, n % 4)).fold(0.0, f64::max));
    near("mean(weights.2[2,*])", 0.25);
    let entropy: f64 = (0..4).map(|col| get(1, 1, col)).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    near("entropy(weights.2[2,*])", entropy);
}

#[test]
fn what_is_claimed_holds_as_far_as_the_digits_go() {
    assert!(holds("sum(weights.1[2,*]) = 1"));
    assert!(holds("max(weights.1[2,*]) <= 1"));
    assert!(holds("sum(weights.1[2,*]) = 1.0") && holds("2.04 = 2.0") && !holds("2.06 = 2.0"));
    assert!(!holds("2.01 = 2") && holds("2.01 != 2"));
    // What differs by rounding alone is not larger.
    assert!(!holds("1 + 1e-7 > 1") && holds("1 + 1e-7 >= 1") && holds("1.1 > 1"));
}

#[test]
fn what_cannot_be_read_or_found_says_so() {
    for (text, words) in [
        ("", "expected a number, an address or a function here"),
        ("1 +", "expected a number, an address or a function here"),
        ("weights.2", "expected [row,column] or (...) here"),
        (
            "sine(1)",
            "there is no function `sine`; there are sum mean max min largest entropy norm exp ln sqrt abs rows columns",
        ),
        ("sum(1)", "expected an address, such as weights.2[1,*] here"),
        ("1 2", "expected a sign, a comparison or the end here"),
        ("(1", "expected `)` here"),
        ("weights.9[1,1]", "weights.9[1,1] lies outside: the head goes from 1 to 4"),
        ("rows(R)", "there is no `R` here"),
        ("sum(weights.2[9,*])", "weights.2[9,1] lies outside: the row goes from 1 to 4"),
    ] {
        assert_eq!(value(text).unwrap_err().words().en, words, "{text}");
    }
    let deep = "(".repeat(5000);
    assert!(Statement::parse(&deep).is_err(), "no deeper than it is wise to go");
    let (sample, trace) = run("tiananmen");
    let text = "sum(weights.1[2,*]) = 3";
    let refused = Statement::parse(text).unwrap().verify(text, &sample.program, &trace).unwrap_err();
    assert_eq!(refused.words().en, "`sum(weights.1[2,*]) = 3` does not hold: the left side is 1.000000");
}

#[test]
fn the_largest_is_only_named_where_there_is_one() {
    let (sample, trace) = run("tiananmen");
    for (head, row) in (1..=4).flat_map(|head| (1..=4).map(move |row| (head, row))) {
        let text = format!("largest(weights.{head}[{row},*])");
        let largest = Statement::parse(&text).unwrap().evaluate(&sample.program, &trace);
        let shares: Vec<f64> = (1..=4).map(|col| value(&format!("weights.{head}[{row},{col}]")).unwrap()).collect();
        let top = shares.iter().copied().fold(0.0, f64::max);
        let all: Vec<usize> = (1..=4).filter(|n| (shares[n - 1] - top).abs() < 1e-5).collect();
        match largest {
            Ok(value) => assert_eq!(all, [value.number as usize], "{text}"),
            Err(error) => assert!(all.len() > 1 && matches!(error, StatementError::Tie(_)), "{text}: {error}"),
        }
    }
}
