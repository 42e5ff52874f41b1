//! Mishaps on demand, so that tests see what they leave behind. Only debug builds have them.

/// Whether `QKV_PANIC` asks for the mishap of this name.
pub(super) fn asked(mishap: &str) -> bool {
    cfg!(debug_assertions) && std::env::var("QKV_PANIC").is_ok_and(|asked| asked == mishap)
}

/// Panics where `QKV_PANIC` names this place (`loop`, `worker`, `device`, `keyboard`); with a `!` behind it, in a way that
/// nobody can catch.
pub(super) fn rehearse(place: &str) {
    assert!(!asked(place), "rehearsed in the {place}");
    no_way_out(asked(&format!("{place}!")));
}

/// As a callback of a library in C would be: it may not unwind.
extern "C" fn no_way_out(panics: bool) {
    assert!(!panics, "rehearsed where nothing may unwind");
}
