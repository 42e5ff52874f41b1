//! Opening a number: the terms make it, and every factor lives where it says.

use qkv::engine::Engine;
use qkv::explain::{open, opened};
use qkv::ground::lang::Lang;
use qkv::program::{Address, Program, Rule};
use qkv::source::sample::{MaskChoice, Sample, Scenario};

#[test]
fn terms_recombine_to_the_number_for_every_cell_of_every_stored_sample() {
    for sample in Sample::names().filter(|&n| n != Sample::BATCH).map(|n| Sample::builtin(n).unwrap().unwrap()) {
        let run = Engine::new().run(&sample.program, &sample.inputs).unwrap();
        let program: &Program = &sample.program;
        for (i, stage) in program.stages().iter().enumerate() {
            for cell in stage.shape.cells() {
                let address = Address { slot: program.output_of(i), cell };
                let opened = open(program, &run.trace, address);
                let sum: f64 = opened.terms.iter().map(|t| t.value).sum();
                let value = match opened.rule {
                    Some(Rule::Sum | Rule::Copy | Rule::Product) => sum,
                    Some(Rule::Quotient(by)) => sum / by,
                    Some(Rule::Gate) if opened.terms[1].value == 0.0 => f64::NEG_INFINITY,
                    Some(Rule::Gate) => opened.terms[0].value,
                    Some(Rule::Mean) => sum / opened.terms.len() as f64,
                    Some(Rule::Softmax(chosen) | Rule::SoftmaxColumn(chosen) | Rule::SoftmaxUnshifted(chosen)) => {
                        opened.terms[chosen].value / sum
                    }
                    Some(rule) => panic!("{rule:?} in a sample that is one attention"),
                    None => panic!("a stage without arithmetic"),
                };
                let close = value == opened.value || (value - opened.value).abs() <= 1e-6 * value.abs().max(1.0);
                assert!(close, "{} {}: {value} {}", sample.name, address.display(program), opened.value);
                for factor in opened.terms.iter().flat_map(|t| &t.factors) {
                    let text = factor.address.display(program);
                    assert_eq!(Address::parse(&text, program).unwrap(), factor.address);
                    assert_eq!(f64::from(run.trace.get(factor.address)).to_bits(), factor.value.to_bits());
                }
            }
        }
    }
}

#[test]
fn latex_writes_the_papers_symbols() {
    let sample = Sample::builtin("h1h2").unwrap().unwrap();
    let run = Engine::new().run(&sample.program, &sample.inputs).unwrap();
    let latex = |a: &str| opened::latex(&sample.program, &run.trace, Address::parse(a, &sample.program).unwrap());
    assert_eq!(latex("H[1,2]"), "H_{1,2} = 2");
    assert!(latex("scaled[1,1]").contains(r"\sqrt{4}"), "{}", latex("scaled[1,1]"));
    assert!(
        latex("weights[1,1]").starts_with(r"\mathrm{weights}^{(1)}_{1,1} = \frac{e^{"),
        "{}",
        latex("weights[1,1]")
    );
}

#[test]
fn a_hidden_number_says_that_its_mask_is_zero() {
    let sample = Sample::builtin("tiananmen").unwrap().unwrap();
    let causal = Scenario { mask: MaskChoice::Causal, ..Scenario::default() };
    let sample = causal.put_numbers(&causal.turn_switches(&sample).unwrap()).unwrap();
    let run = Engine::new().run(&sample.program, &sample.inputs).unwrap();
    let names = sample.names_in(Lang::En);
    for (place, formula) in [("1,2", "scaled.1[1,2], mask = 0"), ("2,1", "scaled.1[2,1], mask = 1")] {
        let address = Address::parse(&format!("masked.1[{place}]"), &sample.program).unwrap();
        let json = opened::json(&sample.program, &run.trace, address, 1, &names);
        assert_eq!(serde_json::to_value(json).unwrap()["formula"], formula);
    }
}

#[test]
fn depth_opens_factors_in_turn_down_to_the_inputs() {
    let sample = Sample::builtin("tiananmen").unwrap().unwrap();
    let run = Engine::new().run(&sample.program, &sample.inputs).unwrap();
    let address = Address::parse("context.2[2,1]", &sample.program).unwrap();
    let names = sample.names_in(Lang::En);
    let value = |depth| {
        let json = opened::json(&sample.program, &run.trace, address, depth, &names);
        serde_json::to_value(json).unwrap()
    };
    assert!(value(1)["terms"][0]["factors"][0].get("terms").is_none());
    let deep = value(9);
    let mut here = &deep["terms"][0]["factors"][0];
    let mut path = Vec::new();
    while let Some(address) = here["address"].as_str() {
        path.push(address.split(['.', '[']).next().unwrap().to_owned());
        here = &here["terms"][0]["factors"][0];
    }
    assert_eq!(path, ["weights", "masked", "scaled", "scores", "Q", "H"]);
}
