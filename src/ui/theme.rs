//! Colour by meaning, for terminals of every kind.
//!
//! A role (query, key, value, weight …) has one colour on every screen. Signed numbers lie on a scale
//! from blue over the ground to red (`RdBu` of `ColorBrewer`), shares on one from the ground to yellow (Cividis: Nuñez, Anderton and
//! Renslow 2018); both can be read by the colour-blind. The cursor is an inverse that no number's colour can be. Every cell
//! carries its number or a sign, and the cursor has brackets, so that nothing depends on colour alone.

use anstyle::RgbColor;
use colorous::{CIVIDIS, RED_BLUE};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::app::Settings;
use crate::app::palette::{Palette, Rgb};
use crate::ground::signs;
use crate::program::Role;

/// Whose colours several heads borrow when they are drawn over each other.
const SERIES: [Role; 6] = [Role::Weight, Role::Key, Role::Value, Role::Context, Role::Query, Role::Score];

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// 24 bits.
    True,
    /// 256.
    Indexed,
    /// 16.
    Sixteen,
    /// None (`NO_COLOR`): bold, dim and reverse only.
    None,
}

/// How a cell takes part in what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lit {
    /// Not in play: dimmed, not hidden.
    Off,
    /// Nothing is singled out: every cell counts.
    Even,
    /// One of the cells that made the number under the cursor.
    Source,
    /// A number that the words of a lesson speak of: underlined there and here.
    SpokenOf,
    /// In slow motion, one of the cells that the last tick took.
    Factor,
    /// The number under the cursor, of which only a part has been added up.
    Running,
    /// The number under the cursor.
    Cursor,
}

/// The scale a matrix is coloured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Diverging around 0.
    Signed,
    /// Sequential from 0 to 1.
    Share,
}

/// The colours of one terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// How many colours it shows.
    pub depth: Depth,
    /// The colours themselves.
    pub palette: &'static Palette,
    /// Only ASCII beside the words of the sample.
    pub ascii: bool,
}

/// A colour in numbers, and among the sixteen.
struct Ink(Rgb, Color);

/// The nearest of the sixteen colours, on a dark ground.
const fn sixteen(role: Role) -> Color {
    match role {
        Role::Word => Color::White,
        Role::Parameter | Role::Mask => Color::Gray,
        Role::Query => Color::Yellow,
        Role::Key => Color::LightCyan,
        Role::Value => Color::LightGreen,
        Role::Score => Color::LightRed,
        Role::Weight => Color::LightYellow,
        Role::Context => Color::LightMagenta,
    }
}

impl Theme {
    /// The theme of a terminal that shows so many colours, as the person wants it.
    pub const fn of(depth: Depth, settings: &Settings) -> Self {
        Self { depth, palette: settings.palette, ascii: settings.ascii }
    }

    const fn ground_rgb(self) -> Rgb {
        self.palette.ground
    }

    const fn ink_rgb(self) -> Rgb {
        self.palette.ink
    }

    const fn ink(self, role: Role) -> Ink {
        Ink(self.palette.role(role), sixteen(role))
    }

    /// The colour of a number on its scale, before it is laid over the ground: on a dark ground the brighter the larger, on a
    /// light one the darker.
    fn scale(self, paint: Paint, x: f32) -> Rgb {
        let size = f64::from(x.abs().clamp(0.0, 1.0));
        let light = self.palette.light;
        let color = match paint {
            Paint::Share if light => CIVIDIS.eval_continuous(1.0 - 0.8 * size),
            Paint::Share => CIVIDIS.eval_continuous(0.3 + 0.62 * size),
            Paint::Signed => {
                let arm = if light { 0.25 + 0.55 * size } else { 0.8 - 0.2 * size };
                RED_BLUE.eval_continuous(0.5 - arm.copysign(f64::from(x)) / 2.0)
            }
        };
        (color.r, color.g, color.b)
    }

    /// The same among the sixteen.
    const fn sixteenth(paint: Paint, x: f32) -> Color {
        match paint {
            Paint::Share => Color::LightYellow,
            Paint::Signed if x < 0.0 => Color::LightBlue,
            Paint::Signed => Color::LightRed,
        }
    }

    fn rgb(self, (r, g, b): Rgb) -> Color {
        match self.depth {
            Depth::True => Color::Rgb(r, g, b),
            Depth::Indexed => Color::Indexed(anstyle_lossy::rgb_to_xterm(RgbColor(r, g, b)).index()),
            Depth::Sixteen | Depth::None => Color::Reset,
        }
    }

    fn foreground(self, ink: &Ink) -> Style {
        match self.depth {
            Depth::None => Style::new(),
            Depth::Sixteen => Style::new().fg(on_light(ink.1, self.palette.light)),
            _ => Style::new().fg(self.rgb(ink.0)),
        }
    }

    /// The whole screen.
    pub fn ground(self) -> Style {
        match self.depth {
            Depth::True | Depth::Indexed => Style::new().fg(self.rgb(self.ink_rgb())).bg(self.rgb(self.ground_rgb())),
            Depth::Sixteen if self.palette.light => Style::new().fg(Color::Black).bg(Color::White),
            Depth::Sixteen => Style::new().fg(Color::Gray).bg(Color::Black),
            Depth::None => Style::new(),
        }
    }

    /// What a number of this role is written in.
    pub(crate) fn role(self, role: Role) -> Style {
        self.foreground(&self.ink(role))
    }

    /// Words that step back.
    pub(crate) fn dim(self) -> Style {
        match self.depth {
            Depth::None => Style::new().add_modifier(Modifier::DIM),
            Depth::Sixteen => Style::new().fg(Color::DarkGray),
            _ => Style::new().fg(self.rgb(mix(self.ground_rgb(), self.ink_rgb(), 0.5))),
        }
    }

    /// Words that step forward.
    #[expect(clippy::unused_self, reason = "asked of a theme like every other style; no palette makes it stronger yet")]
    pub(crate) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A bar across the screen, such as the header.
    pub fn bar(self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().bg(self.rgb(mix(self.ground_rgb(), self.ink_rgb(), 0.12))),
        }
    }

    /// What is chosen in a list.
    pub fn chosen(self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            _ => Style::new().bg(self.rgb(mix(self.ground_rgb(), self.ink_rgb(), 0.25))).add_modifier(Modifier::BOLD),
        }
    }

    /// Good news.
    pub fn good(self) -> Style {
        self.role(Role::Value)
    }

    /// Bad news.
    pub fn bad(self) -> Style {
        self.foreground(&Ink(self.palette.bad, Color::LightRed)).add_modifier(Modifier::BOLD)
    }

    /// A number that breaks an invariant.
    pub fn alarm(self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => self.bad().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            _ => self.bad().bg(self.rgb(self.ground_rgb())).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// A key, where it is named.
    pub fn key(self) -> Style {
        self.role(Role::Key).add_modifier(Modifier::BOLD)
    }

    /// A number in its cell. `x` is its place on the scale, −1 to 1.
    pub fn cell(self, paint: Paint, role: Role, x: f32, lit: Lit) -> Style {
        match lit {
            Lit::Cursor => return self.cursor(),
            Lit::Factor => return self.factor(role),
            Lit::Running => return self.running(role),
            Lit::SpokenOf => {
                return self.cell(paint, role, x, Lit::Source).add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
            }
            _ => {}
        }
        match self.depth {
            Depth::True | Depth::Indexed => self.shaded(paint, x, lit),
            Depth::Sixteen => self.tinted(paint, x, lit),
            Depth::None => match lit {
                Lit::Source => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
                Lit::Off => Style::new().add_modifier(Modifier::DIM),
                _ => Style::new(),
            },
        }
    }

    /// The ground of a number on its scale, for dots without numbers; none on a terminal with few colours.
    pub fn dot(self, paint: Paint, x: f32) -> Option<Color> {
        match self.depth {
            Depth::True | Depth::Indexed => self.shaded(paint, x, Lit::Source).bg,
            _ => None,
        }
    }

    /// The ground of a canvas: that of the screen.
    pub(crate) fn canvas(self) -> Color {
        self.ground().bg.unwrap_or(Color::Reset)
    }

    /// Whether grounds can be shaded as finely as numbers differ.
    pub(crate) const fn has_shades(self) -> bool {
        matches!(self.depth, Depth::True | Depth::Indexed)
    }

    /// The colour of one of several heads drawn over each other.
    pub(crate) fn series(self, n: usize) -> Style {
        self.role(SERIES[n % SERIES.len()])
    }

    /// The colour of a line between two words: the stronger the weight, the brighter.
    pub fn line(self, n: usize, weight: f32, near: bool) -> Color {
        let strength = weight.clamp(0.0, 1.0).sqrt() * if near { 1.0 } else { 0.45 };
        let ink = self.ink(SERIES[n % SERIES.len()]);
        match self.depth {
            Depth::True | Depth::Indexed => self.rgb(mix(self.ground_rgb(), ink.0, 0.15 + 0.85 * strength)),
            Depth::Sixteen if strength < 0.4 => Color::DarkGray,
            Depth::Sixteen => on_light(ink.1, self.palette.light),
            Depth::None => Color::Reset,
        }
    }

    /// The number under the cursor: letters and ground change places.
    fn cursor(self) -> Style {
        let style = match self.depth {
            Depth::None | Depth::Sixteen => self.ground().add_modifier(Modifier::REVERSED),
            _ => Style::new().fg(self.rgb(self.ground_rgb())).bg(self.rgb(self.ink_rgb())),
        };
        style.add_modifier(Modifier::BOLD)
    }

    /// A number that is taken into another just now.
    fn factor(self, role: Role) -> Style {
        let style = match self.depth {
            Depth::None => Style::new().add_modifier(Modifier::REVERSED),
            Depth::Sixteen => Style::new().fg(Color::Black).bg(on_light(sixteen(role), self.palette.light)),
            _ => Style::new().fg(self.rgb(self.ground_rgb())).bg(self.rgb(self.palette.role(role))),
        };
        style.add_modifier(Modifier::BOLD)
    }

    fn running(self, role: Role) -> Style {
        match self.depth {
            Depth::None => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            Depth::Sixteen => self.role(role).add_modifier(Modifier::REVERSED),
            _ => Style::new().fg(self.rgb(self.palette.role(role))).patch(self.chosen()),
        }
    }

    fn shaded(self, paint: Paint, x: f32, lit: Lit) -> Style {
        let color = self.scale(paint, x);
        let strength = x.abs().clamp(0.0, 1.0).sqrt() * 0.9;
        let (base, strength, ink) = match lit {
            Lit::Off => (0.04, strength * 0.38, 0.45),
            Lit::Source => (0.16, strength, 1.0),
            _ => (0.06, strength * 0.85, 0.92),
        };
        let ground = mix(self.ground_rgb(), self.ink_rgb(), base);
        let back = mix(ground, color, strength);
        let letters = if lit == Lit::Off { mix(back, self.ink_rgb(), ink) } else { readable_on(back) };
        let style = Style::new().fg(self.rgb(letters)).bg(self.rgb(back));
        if lit == Lit::Source { style.add_modifier(Modifier::BOLD) } else { style }
    }

    fn tinted(self, paint: Paint, x: f32, lit: Lit) -> Style {
        if x.abs() < 1e-6 {
            return if lit == Lit::Source { self.strong() } else { self.dim() };
        }
        let style = Style::new().fg(on_light(Self::sixteenth(paint, x), self.palette.light));
        match lit {
            Lit::Off => self.dim(),
            Lit::Source => style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            _ if x.abs() >= 0.5 => style.add_modifier(Modifier::BOLD),
            _ => style,
        }
    }
}

/// The bright one of two colours is hard to read on white: take the dark one.
fn on_light(color: Color, light: bool) -> Color {
    if !light {
        return color;
    }
    match color {
        Color::LightRed => Color::Red,
        Color::LightBlue | Color::Yellow => Color::Blue, // yellow cannot be read on white
        Color::LightCyan => Color::Cyan,
        Color::LightGreen => Color::Green,
        Color::LightMagenta => Color::Magenta,
        Color::LightYellow | Color::White | Color::Gray => Color::Black,
        other => other,
    }
}

/// The colour `t` of the way from `a` to `b`.
fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    let channel = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * t).round() as u8;
    (channel(a.0, b.0), channel(a.1, b.1), channel(a.2, b.2))
}

/// Black or white, whichever can be read on the colour (ITU-R BT.601 luma).
fn readable_on((r, g, b): Rgb) -> Rgb {
    let luma = 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
    if luma > 140.0 { (10, 12, 16) } else { (240, 243, 248) }
}

/// Our own signs in ASCII, one column for one column. Words of the sample stay as they are.
pub(super) fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(plain) = signs::in_a_column(cell.symbol()) {
            cell.set_symbol(plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::palette::PALETTES;

    fn themes() -> impl Iterator<Item = Theme> {
        PALETTES.into_iter().map(|palette| Theme { depth: Depth::True, palette, ascii: false })
    }

    fn luma(color: Option<Color>) -> f64 {
        let Some(Color::Rgb(r, g, b)) = color else { return f64::NAN };
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    /// How far apart two colours are, red, green and blue each counting alike.
    fn apart(a: Option<Color>, b: Option<Color>) -> f64 {
        let (Some(Color::Rgb(r, g, b)), Some(Color::Rgb(x, y, z))) = (a, b) else { return f64::NAN };
        [(r, x), (g, y), (b, z)].into_iter().map(|(a, b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn no_number_has_the_colour_of_the_cursor() {
        for theme in themes() {
            let cursor = theme.cell(Paint::Share, Role::Weight, 0.5, Lit::Cursor).bg;
            for (paint, step) in
                [Paint::Share, Paint::Signed].into_iter().flat_map(|p| (-100..=100).map(move |s| (p, s)))
            {
                for lit in [Lit::Off, Lit::Even, Lit::Source] {
                    let own = theme.cell(paint, Role::Weight, f32::from(step as i8) / 100.0, lit).bg;
                    assert!(apart(own, cursor) > 60.0, "{step} {own:?} beside {cursor:?}");
                }
            }
        }
    }

    #[test]
    fn a_larger_number_stands_out_more() {
        for theme in themes() {
            let ground = luma(theme.ground().bg);
            for (paint, sign) in [(Paint::Share, 1.0), (Paint::Signed, 1.0), (Paint::Signed, -1.0)] {
                let away = |step: i8| {
                    (luma(theme.cell(paint, Role::Weight, sign * f32::from(step) / 20.0, Lit::Even).bg) - ground).abs()
                };
                assert!((1..=20).all(|step| away(step) > away(step - 1)), "{paint:?} {sign} {}", theme.palette.name);
            }
        }
    }
}
