use super::*;

#[test]
fn the_same_seed_and_step_give_the_same_sentences() {
    for task in Task::ALL {
        let sizes = task.sizes();
        let examples = task.practice(7, 3);
        assert_eq!(examples, task.practice(7, 3), "{}", task.name());
        assert_ne!(examples, task.practice(7, 4), "{}", task.name());
        assert_ne!(examples, task.practice(8, 3), "{}", task.name());
        for example in examples.iter().chain(&task.held_out(7)) {
            assert_eq!((example.words.len(), example.targets.len()), (sizes.tokens, sizes.tokens), "{}", task.name());
            assert_eq!(example.memory.len(), sizes.memory, "{}", task.name());
            assert!(example.words.iter().all(|&word| word < sizes.vocabulary), "{}", task.name());
            assert!(example.memory.iter().all(|&word| word < sizes.memory_vocabulary), "{}", task.name());
            assert!(example.targets.iter().any(Option::is_some) || task == Task::Brackets, "{}", task.name());
        }
    }
}

#[test]
fn the_patterns_point_at_what_is_to_be_written() {
    for task in [Task::Reverse, Task::Previous, Task::Induction, Task::Brackets, Task::Sort] {
        for example in task.practice(1, 0) {
            let Some(pattern) = task.patterns().last() else { continue };
            for (i, right) in (pattern.links)(&example).into_iter().enumerate() {
                if let (Some(target), false) = (example.targets[i], right.is_empty()) {
                    assert!(right.iter().all(|&j| example.words[j] == target), "{} at {i}: {example:?}", task.name());
                }
            }
        }
    }
}

#[test]
fn the_pairs_are_a_few_hundred_sentences_and_say_the_same() {
    let pairs = Pairs::parse(include_str!("../../../samples/trained/pairs.toml")).unwrap();
    assert!((300..1000).contains(&pairs.pairs.len()));
    let said = |pair: &Pair| {
        let words = |numbers: &[usize], words: &[String]| {
            numbers.iter().map(|&n| words[n].as_str()).collect::<Vec<_>>().join(" ")
        };
        (words(&pair.chinese, &pairs.chinese), words(&pair.english, &pairs.english))
    };
    let known = &pairs.pairs[0];
    assert_eq!(said(known), ("我 爱 北京 天安门".into(), "I love Tiananmen in Beijing".into()));
    assert_eq!(known.from, [Some(0), Some(1), Some(3), None, Some(2)]);
    let mut sentences: Vec<String> = pairs.pairs.iter().map(|pair| said(pair).0).collect();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), pairs.pairs.len(), "each once");
    // Whatever is to be translated has been seen in some other sentence.
    let (kept, practice) = pairs.held_out(64);
    for word in kept.iter().flat_map(|pair| &pair.english) {
        assert!(practice.iter().any(|pair| pair.english.contains(word)), "{}", pairs.english[*word]);
    }
}

#[test]
fn a_grammar_that_does_not_hold_together_says_where() {
    let grammar = |words: &str, en: &str| {
        format!("format = \"qkv-pairs/1\"\n[forms]\n[words.a]\n{words}\n[[pattern]]\nzh = \"{{a}}\"\nen = \"{en}\"\n")
    };
    assert_eq!(Pairs::parse(&grammar("\"猫\" = [\"cat\"]", "{b}")), Err(PairsError::Unknown("b".into())));
    assert_eq!(Pairs::parse(&grammar("\"猫\" = [\"a cat\"]", "{a}")), Err(PairsError::Uneven("猫".into())));
    assert!(matches!(Pairs::parse("format = \"qkv-pairs/2\""), Err(PairsError::File(_))));
    assert_eq!(Pairs::parse(&grammar("\"猫\" = [\"cat\"]", "{a}")).unwrap().pairs.len(), 1);
}

#[test]
fn a_decoder_sees_nothing_of_what_it_is_to_write() {
    let program = Task::Translation.program().unwrap();
    let mask = |layer| {
        let slot = program.find(Some(Layer(layer)), Name::Mask).unwrap();
        Task::Translation.mask(&program, Some(Layer(layer)), program.shape(slot))
    };
    assert!(mask(0).numbers().all(|x| x == 1.0) && mask(2).numbers().all(|x| x == 1.0));
    assert!(mask(1).shape().cells().all(|cell| (mask(1).get(cell) == 1.0) == (cell.col <= cell.row)));
}

#[test]
fn a_step_moves_weights_against_their_gradients() {
    let mut checkpoint = Checkpoint::new(Task::Reverse, 1).unwrap();
    let before = checkpoint.clone();
    let gradients: Vec<Vec<f32>> = checkpoint.weights.iter().map(|w| vec![0.5; w.as_slice().len()]).collect();
    checkpoint.take_step(2.0, &gradients, 0.1);
    // Adam's first step is the rate itself, whatever the size of the gradient; the rate is still rising.
    let rate = before.rate_now(0.1);
    for (new, old) in checkpoint.weights.iter().zip(&before.weights) {
        for (new, old) in new.numbers().zip(old.numbers()) {
            assert!((old - new - rate).abs() < 1e-6, "{old} {new}");
        }
    }
    assert_eq!((checkpoint.step, checkpoint.losses.as_slice()), (1, &[2.0][..]));
    assert_eq!(before.step, 0, "who holds an earlier moment keeps it");
}
