//! Walking through the stages with the keyboard.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use qkv::program::labels::label;
use qkv::source::sample::Sample;

use crate::terminal::{PLAIN, Setting, Terminal};

/// What the title line of every stage begins with, in walking order, in English.
fn titles(sample: &Sample) -> Vec<String> {
    let program = &sample.program;
    let title = |stage: usize| {
        let symbol = program.symbol(program.output_of(stage)).name;
        let label = label(symbol, program.kind());
        let name = if label.title.en == symbol.as_str() {
            symbol.to_string()
        } else {
            format!("{} {}", symbol, label.title.en)
        };
        format!("{name}   {}", label.formula)
    };
    (0..program.stages().len()).map(title).collect()
}

fn default() -> Sample {
    Sample::builtin(Sample::DEFAULT).unwrap().unwrap()
}

#[test]
fn every_stage_is_reached_and_the_walk_ends_at_the_last() {
    let mut terminal = Terminal::open();
    terminal.wait_for("H words");
    terminal.wait_for("every cell checked");
    let titles = titles(&default());
    assert_eq!(titles.len(), 10, "{titles:?}");
    for title in &titles {
        terminal.press("n");
        terminal.wait_for(title);
    }
    let last = titles.last().unwrap();
    // One step too many changes nothing: the language shows that the key has been read.
    terminal.press("nL");
    terminal.wait_for("逐格核对过");
    terminal.press("L");
    terminal.wait_for(last);
    for title in titles.iter().rev().skip(1) {
        terminal.press("b");
        terminal.wait_for(title);
    }
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn space_plays_the_sum_term_by_term_and_space_pauses() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("5");
    terminal.wait_for("scores.1[");
    // At its fastest, so that the next stage is reached soon.
    terminal.press("}}} ");
    terminal.wait_for_all(&["running sum", "term 2 of 2"]);
    terminal.wait_for("by term, 32/32");
    terminal.press(" ");
    terminal.wait_for("scaled   scaled = scores");
    terminal.press(" n");
    terminal.wait_until_gone("▶");
    terminal.press("\x1b");
    terminal.wait_until_gone("by term");
}

#[test]
fn steps_forward_and_back_by_hand() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("s2");
    terminal.wait_for_all(&["by term, 0/64", "8 terms, none added yet"]);
    terminal.press("nnn");
    terminal.wait_for_all(&["by term, 3/64", "term 3 of 8"]);
    terminal.press("bbb");
    terminal.wait_for("8 terms, none added yet");
    terminal.press("ss");
    terminal.wait_for("by row, 0/4");
    terminal.press("nn");
    terminal.wait_for("by row, 2/4");
}

#[test]
fn the_cpu_is_never_called_a_gpu() {
    let terminal = Terminal::open();
    terminal.wait_for("computed by the CPU");
    terminal.wait_until_gone("GPU");
}

#[test]
fn a_head_a_language_the_help_and_back() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("5");
    terminal.wait_for("scores.1[");
    terminal.press(".");
    terminal.wait_for("scores.2[");
    terminal.press(",,");
    terminal.wait_for("scores.4[");
    terminal.press("L");
    terminal.wait_for("下一步");
    terminal.press("?");
    terminal.wait_for("↑↓ 滚动");
    terminal.press("L");
    terminal.wait_for("↑↓ scroll");
    terminal.press("\x1b");
    terminal.wait_until_gone("↑↓ scroll");
    terminal.wait_for("scores.4[");
}

#[test]
fn the_cursor_moves_and_the_arithmetic_follows() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("g5");
    terminal.wait_for("scores.1[");
    // To the upper left corner, from wherever the cursor was placed.
    terminal.press("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[H");
    terminal.wait_for("scores.1[1,1]");
    terminal.press("\x1b[B\x1b[C\x1b[C");
    terminal.wait_for("scores.1[2,3]");
    terminal.press("hk");
    terminal.wait_for("scores.1[1,2]");
    terminal.press("\x1b[F");
    terminal.wait_for("scores.1[1,4]");
}

#[test]
fn random_weights_and_back() {
    let mut terminal = Terminal::open();
    terminal.wait_for("designed weights");
    terminal.press("w");
    terminal.wait_for_all(&["random weights", "seed 1"]);
    terminal.wait_for("every cell checked");
    terminal.command("seed 7");
    terminal.wait_for_all(&["random weights", "seed 7"]);
    terminal.press("w");
    terminal.wait_for("designed weights");
}

#[test]
fn a_causal_mask_hides_what_comes_later() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.command("stage masked");
    terminal.wait_for("masked.1[");
    terminal.press("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[F");
    terminal.wait_for("masked.1[1,4]");
    terminal.wait_until_gone("[x]");
    // The sample's own mask hides nothing, so the next one is the causal one.
    terminal.press("m");
    terminal.wait_for("[x]");
    // Then a window of neighbours, which hides it too, and all is seen again.
    terminal.press("m");
    terminal.wait_for("window of ");
    terminal.wait_for("[x]");
}

#[test]
fn any_size_and_back() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("5");
    terminal.wait_for("scores.1[");
    terminal.resize(20, 5);
    terminal.wait_for("80×24");
    // Keys work in the small window too.
    terminal.press(".L");
    terminal.wait_for("窗口太小");
    for (columns, rows) in [(120, 36), (200, 55), (80, 24)] {
        terminal.resize(columns, rows);
        // To the last corner, with the keys at the bottom.
        terminal.wait_until("the whole window filled", |screen| {
            let corner = screen.cell(rows - 1, columns - 1).unwrap();
            corner.bgcolor() != vt100::Color::Default && screen.rows(0, columns).last().unwrap().contains("q 退出")
        });
        terminal.wait_for("scores.2[");
    }
}

#[test]
fn a_terminal_without_a_cell_or_with_one() {
    for size in [(0, 0), (1, 1), (0, 24), (80, 0)] {
        let mut terminal = Terminal::with(&Setting { size, ..PLAIN });
        terminal.wait_until("the alternate screen", vt100::Screen::alternate_screen);
        terminal.press("n.L?j\x1b[6~");
        terminal.press(":x");
        terminal.resize(80, 24);
        terminal.wait_for_all(&["↑↓ 滚动", ":x"]);
        terminal.press("\x1b\x1b");
        terminal.wait_for("q 退出");
        terminal.press("\x03");
        let left = terminal.left_in_order();
        assert!(left.status.success(), "{size:?}: {}", left.text);
    }
}

#[test]
fn the_laboratory_draws_on_the_device_and_turns_d() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("d");
    terminal.wait_for_all(&["d = 64", "(8.000)", "512 pairs checked"]);
    terminal.press("\x1b[A");
    terminal.wait_for_all(&["d = 128", "(11.314)", "512 pairs checked"]);
    // Many at once: only the last is worth drawing.
    terminal.press(&"\x1b[C".repeat(40));
    terminal.wait_for_all(&["d = 168", "(12.961)", "512 pairs checked"]);
    terminal.press("q");
    terminal.wait_for("H words");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn the_window_of_heads_is_walked_by_keyboard_alone() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("H");
    terminal.wait_for_all(&["gallery", "2 verb finds object #2", "measured over 42 sentences"]);
    terminal.press("\x1b[C\x1b[C\x1b[C");
    terminal.wait_for("head 4 previous word");
    terminal.press("\t");
    terminal.wait_for("A: all marked heads");
    terminal.press("\t");
    terminal.wait_for("Rank correlation (Spearman)");
    terminal.press("\t");
    terminal.wait_for("q and k (exact: two numbers)");
    terminal.press("\t");
    terminal.wait_for("Asymmetric part");
    terminal.press("\t");
    terminal.wait_for("as many parameters: 8×8 = 4×(8×2) = 64");
    terminal.press("x");
    terminal.wait_for("silenced: head 4 (x)");
    terminal.press("q");
    terminal.wait_for_all(&["H words", "without head 4"]);
    terminal.press("q");
    let left = terminal.left_in_order();
    assert!(left.status.success());
}

#[test]
fn the_race_is_run_on_this_machine_and_left_in_the_middle() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("R");
    terminal.wait_for("64 sentences × 16 words, 8 heads");
    // Down to one sentence of four words, so that it is soon over.
    terminal.press(&"\x1b[B".repeat(6));
    terminal.press("\x1b[D\x1b[D");
    terminal.wait_for_all(&["1 sentence × 4 words", "ndarray-1", "ndarray-all", "Only the processor ran"]);
    terminal.press("\x1b[A");
    terminal.press("q");
    terminal.wait_for("H words");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn a_shader_is_stepped_through_and_the_queue_says_that_there_is_nobody_to_watch() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("K");
    terminal.wait_for("no shader made them");
    terminal.press("5K");
    terminal.wait_for_all(&["scores.", "matmul_transposed.wgsl", "the CPU walks through it alone", "step 0 of"]);
    terminal.press("nn");
    terminal.wait_for("step 2 of");
    // On to the tiled rung, its workgroup, and the first barrier.
    terminal.press("\t\t\tw ");
    terminal.wait_for_all(&["matmul_tiled.wgsl", "the whole workgroup", "workgroupBarrier();"]);
    terminal.press("q");
    terminal.wait_for("every cell checked");
    terminal.press("Q");
    terminal.wait_for("there is nothing to watch");
    terminal.press("q");
    terminal.wait_for("every cell checked");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// What was copied is in the terminal's clipboard as it is in the file for terminals that refuse it.
#[test]
fn a_line_of_arithmetic_goes_into_the_clipboard_and_into_a_file() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().to_str().unwrap();
    let mut terminal = Terminal::with(&Setting { variables: &[("XDG_STATE_HOME", state)], ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5y");
    terminal.wait_for_all(&["copied", "copied.txt"]);
    let text = std::fs::read_to_string(home.path().join("qkv/copied.txt")).unwrap();
    assert!(text.starts_with("scores"), "{text}");
    let mut written = String::new();
    CopyToClipboard::to_clipboard_from(text.trim_end()).write_ansi(&mut written).unwrap();
    let clipboard = String::from_utf8(terminal.clipboard()).unwrap();
    assert!(!clipboard.is_empty() && written.contains(&format!(";{clipboard}")), "{clipboard:?} is not {written:?}");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}
