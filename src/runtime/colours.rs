//! Whether the terminal's ground is light: what it answers when it is asked for its colours.

#![cfg_attr(not(unix), expect(dead_code, reason = "elsewhere a library asks, before there is a loop"))]

/// What has been said so far.
#[derive(Debug, Default)]
pub(super) struct Colours {
    /// How bright letters and ground are: relative luminance, 0 to 1.
    letters: Option<f64>,
    ground: Option<f64>,
    ended: bool,
}

/// Black letters and white letters stand out equally from a ground of this luminance: L* = 50 (CIE 1976).
const MIDDLE: f64 = 0.184;

impl Colours {
    /// One of the answers: red, green and blue from 0 to 1.
    pub(super) fn hear(&mut self, ground: bool, rgb: [f64; 3]) {
        *(if ground { &mut self.ground } else { &mut self.letters }) = Some(luminance(rgb));
    }

    /// No more answers come: the terminal has answered what was asked last.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether nothing more is to be expected.
    pub(crate) fn are_known(&self) -> bool {
        self.ended || self.letters.is_some() && self.ground.is_some()
    }

    /// Whether the ground is light; none where the terminal has not said it.
    pub(super) fn light(&self) -> Option<bool> {
        let ground = self.ground?;
        let letters = self.letters.filter(|&letters| letters != ground);
        Some(ground > letters.unwrap_or(MIDDLE))
    }
}

/// Relative luminance of an sRGB colour (IEC 61966-2-1).
fn luminance(rgb: [f64; 3]) -> f64 {
    let linear = rgb.map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_is_light_where_letters_are_darker() {
        let (black, white, grey, dark) = ([0.0; 3], [1.0; 3], [0.6; 3], [0.1, 0.1, 0.2]);
        for (letters, ground, light) in [
            (Some(black), Some(white), Some(true)),
            (Some(white), Some(black), Some(false)),
            (Some(white), Some(grey), Some(false)),
            (Some(black), Some(grey), Some(true)),
            (None, Some(white), Some(true)),
            (None, Some(dark), Some(false)),
            (Some(grey), Some(grey), Some(true)),
            (Some(white), None, None),
            (None, None, None),
        ] {
            let mut colours = Colours::default();
            for (is_ground, rgb) in [(false, letters), (true, ground)] {
                if let Some(rgb) = rgb {
                    colours.hear(is_ground, rgb);
                }
            }
            assert_eq!(colours.light(), light, "{letters:?} on {ground:?}");
            assert_eq!(colours.are_known(), letters.is_some() && ground.is_some());
            colours.end();
            assert!(colours.are_known());
        }
    }
}
