//! The code that computes a program, as it is written beside the picture.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use qkv::explain::code::code;
use qkv::source::sample::Sample;

fn of(sample: &str) -> Vec<String> {
    let sample = Sample::builtin(sample).unwrap().unwrap();
    code(&sample.program, &sample.program.sections()[0]).into_iter().map(|line| line.line).collect()
}

#[test]
fn the_code_is_the_program() {
    let lines = of("tiananmen");
    assert_eq!(lines.len(), 16);
    assert_eq!(
        lines[6..],
        [
            "Q = split(H @ W_q)",
            "K = split(H @ W_k)",
            "V = split(H @ W_v)",
            "scores = Q @ K.transpose(-2, -1)",
            "scaled = scores / math.sqrt(d)",
            "masked = scaled.masked_fill(mask == 0, -math.inf)",
            "weights = masked.softmax(dim=-1)",
            "context = weights @ V",
            "concat = context.transpose(0, 1).flatten(1)",
            "output = concat @ W_o",
        ]
    );
    assert!(of("h1h2").contains(&"Q = H @ W_q".to_owned()));
}
