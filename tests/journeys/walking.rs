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
    terminal.wait_for("and how does it know?");
    terminal.wait_for("every cell checked");
    let titles = titles(&default());
    assert_eq!(titles.len(), 10, "{titles:?}");
    terminal.press("n");
    terminal.wait_for("H words");
    for title in &titles {
        terminal.press("n");
        terminal.wait_for(title);
    }
    terminal.press("n");
    terminal.wait_for("The end: words (H) went in, output came out");
    // One step too many changes nothing: the language shows that the key has been read.
    terminal.press("nL");
    terminal.wait_for("走完了");
    terminal.press("L");
    terminal.wait_for("The end: words (H) went in, output came out");
    for title in titles.iter().rev() {
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
    terminal.wait_for_all(&["↑↓ 选", "这个数是从哪里来的"]);
    // Letters look for something there, in either language.
    terminal.press("faster");
    terminal.wait_for("CPU 和 GPU 谁更快");
    terminal.press("\x1b");
    terminal.wait_for("这个数是从哪里来的");
    terminal.press("\x1b");
    terminal.wait_until_gone("↑↓ 选");
    terminal.press("L");
    terminal.wait_for("scores.4[");
}

#[test]
fn the_cursor_moves_and_the_arithmetic_follows() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("`5");
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
        terminal.press("n.L?\x1b[6~");
        terminal.press(":x");
        // As soon as there is room for a word, it says what is missing.
        terminal.resize(24, 4);
        terminal.wait_for_all(&["窗口太小", "24×4"]);
        terminal.resize(80, 24);
        terminal.wait_for_all(&["↑↓ 选", "找什么：:x"]);
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
    terminal.wait_for("and how does it know?");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn the_window_of_heads_is_walked_by_keyboard_alone() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("H");
    terminal.wait_for_all(&["gallery", "2 verb finds object #1", "measured over 42 sentences"]);
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
    terminal.wait_for_all(&["and how does it know?", "without head 4"]);
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
    terminal.wait_for("and how does it know?");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn a_shader_is_stepped_through_and_the_queue_says_that_there_is_nobody_to_watch() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("1K");
    terminal.wait_for("no shader made them");
    terminal.press("5K");
    terminal.wait_for_all(&["scores.", "matmul_transposed.wgsl", "the CPU walks through it alone", "step 0 of"]);
    terminal.press("nn");
    terminal.wait_for("step 2 of");
    // On to the tiled rung, its workgroup, and the first barrier.
    terminal.press("\t\t\tA]");
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

#[test]
fn the_mouse_is_listened_to_and_given_back() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    assert!(terminal.listens_to_the_mouse());
    // The fifth row of the list of stages, then the wheel over it.
    terminal.press("\x1b[<0;3;8M\x1b[<0;3;8m");
    terminal.wait_for("scores   scores = Q");
    terminal.press("\x1b[<65;3;8M");
    terminal.wait_for("scaled   scaled = scores");
    // Held up and let go on, it listens again; the shell in between has its mouse back.
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
    let args = ["--backend", "cpu", "--theme", "dark", "--no-mouse"];
    let mut terminal = Terminal::with(&Setting { args: &args, ..PLAIN });
    terminal.wait_for("every cell checked");
    assert!(!terminal.listens_to_the_mouse());
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

/// A `tmux` that keeps what it is given, and says how it was called.
const KEEPS: &str = "#!/bin/sh\necho \"$@\" >> \"$XDG_STATE_HOME/called\"\ncat > \"$XDG_STATE_HOME/buffer\"\n";

/// One from before 3.2: it knows no `-w`.
const OLD: &str = "#!/bin/sh\ncase \"$*\" in *-w*) exit 1;; esac\ncat > \"$XDG_STATE_HOME/buffer\"\n";

/// One whose server is gone.
const GONE: &str = "#!/bin/sh\nexit 1\n";

/// Inside tmux what is copied goes into tmux's buffer and nowhere else, and the words say where it is.
#[test]
fn inside_tmux_a_line_goes_into_its_buffer() {
    use std::os::unix::fs::PermissionsExt;
    for (tmux, words) in
        [(KEEPS, "copied to tmux's buffer"), (OLD, "copied to tmux's buffer"), (GONE, "no clipboard took it")]
    {
        let home = tempfile::tempdir().unwrap();
        let program = home.path().join("tmux");
        std::fs::write(&program, tmux).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let state = home.path().to_str().unwrap();
        let path = format!("{state}:{}", std::env::var("PATH").unwrap());
        let variables = [("XDG_STATE_HOME", state), ("TMUX", "/tmp/tmux-0/default,1,0"), ("PATH", &path)];
        let mut terminal = Terminal::with(&Setting { variables: &variables, size: (160, 30), ..PLAIN });
        terminal.wait_for("every cell checked");
        terminal.press("5y");
        terminal.wait_for_all(&[words, "copied.txt"]);
        let kept = std::fs::read_to_string(home.path().join("qkv/copied.txt")).unwrap();
        let buffer = std::fs::read_to_string(home.path().join("buffer")).unwrap_or_default();
        assert_eq!(buffer, if tmux == GONE { "" } else { kept.trim_end() });
        if tmux == KEEPS {
            assert_eq!(std::fs::read_to_string(home.path().join("called")).unwrap(), "load-buffer -w -\n");
        }
        assert!(terminal.clipboard().is_empty(), "nothing for a terminal that would not pass it on");
        terminal.press("q");
        assert!(terminal.left_in_order().status.success());
    }
}

/// Where no file can be written either, nothing is called copied.
#[test]
fn what_was_not_copied_is_not_called_so() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("file");
    std::fs::write(&state, "").unwrap();
    let state = state.to_str().unwrap();
    let nowhere = [("XDG_STATE_HOME", state), ("TMUX", "x"), ("PATH", "/nonexistent")];
    let mut terminal = Terminal::with(&Setting { variables: &nowhere, ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5y");
    terminal.wait_for("not copied: no clipboard took it, and no file could be written");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
    let mut terminal = Terminal::with(&Setting { variables: &nowhere[..1], size: (160, 30), ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5y");
    terminal.wait_for("which may not have taken it; no file could be written");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// Pictures and numbers land in the folder one stands in, under names that overwrite nothing.
#[test]
fn what_is_taken_away_lies_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("qkv-scores.svg"), "mine").unwrap();
    let mut terminal = Terminal::with(&Setting { directory: Some(folder.path()), ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5P");
    terminal.wait_for("saved as qkv-scores-2.svg");
    terminal.press("C");
    terminal.wait_for("saved as qkv-scores.csv");
    terminal.press("M");
    terminal.wait_for("saved as qkv-scores.tex");
    terminal.command("picture here.svg");
    terminal.wait_for("saved as here.svg");
    terminal.command("picture here.svg");
    terminal.wait_for("here.svg is already there");
    terminal.press("\x1b");
    terminal.wait_until_gone("already there");
    terminal.press("HP");
    terminal.wait_for("saved as qkv-heads.svg");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("qkv-scores.svg"), "mine");
    assert_eq!(read("qkv-scores-2.svg"), read("here.svg"));
    assert!(read("here.svg").starts_with("<svg") && read("qkv-scores.csv").contains("scores,,2,2,4,"));
    assert!(read("qkv-scores.tex").contains("\\mathrm{scores}^{(2)}"));
    terminal.press("q");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}
