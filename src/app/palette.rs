//! The themes: one row each, colours as numbers by what they mean. A drawing takes every colour from here.

use crate::ground::lang::Text;
use crate::program::Role;

/// Red, green and blue.
pub type Rgb = (u8, u8, u8);

/// The colours of one theme.
#[derive(Debug, PartialEq, Eq)]
pub struct Palette {
    /// What `--theme` takes.
    pub name: &'static str,
    /// What a person calls it.
    pub title: Text,
    /// Dark letters on a light ground: what a terminal gets that says its ground is light, and how sixteen colours are used.
    pub light: bool,
    /// What lies under everything.
    pub ground: Rgb,
    /// Plain letters.
    pub ink: Rgb,
    /// What has gone wrong.
    pub bad: Rgb,
    /// What numbers of a role are written in.
    pub roles: Roles,
}

/// A colour a role.
#[derive(Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the roles")]
pub struct Roles {
    pub word: Rgb,
    pub parameter: Rgb,
    pub query: Rgb,
    pub key: Rgb,
    pub value: Rgb,
    pub score: Rgb,
    pub mask: Rgb,
    pub weight: Rgb,
    pub context: Rgb,
}

/// Every theme, in the order in which the key goes through them.
pub static PALETTES: [&Palette; 3] = [&DARK, &LIGHT, &CONTRAST];

/// Light letters on a dark ground.
pub static DARK: Palette = Palette {
    name: "dark",
    title: Text::new("深色", "dark"),
    light: false,
    ground: (18, 20, 26),
    ink: (216, 222, 233),
    bad: (255, 96, 88),
    roles: Roles {
        word: (220, 226, 236),
        parameter: (150, 166, 186),
        query: (245, 167, 66),
        key: (98, 190, 245),
        value: (92, 206, 146),
        score: (238, 132, 114),
        mask: (136, 144, 156),
        weight: (246, 218, 92),
        context: (202, 152, 240),
    },
};

/// Dark letters on a light ground.
pub(crate) static LIGHT: Palette = Palette {
    name: "light",
    title: Text::new("浅色", "light"),
    light: true,
    ground: (252, 252, 250),
    ink: (36, 40, 48),
    bad: (196, 22, 22),
    roles: Roles {
        word: (40, 44, 52),
        parameter: (92, 104, 120),
        query: (178, 98, 0),
        key: (0, 104, 170),
        value: (0, 122, 68),
        score: (184, 58, 40),
        mask: (110, 116, 126),
        weight: (146, 110, 0),
        context: (120, 60, 176),
    },
};

/// Bright letters on black: for a projector in a lit room.
pub static CONTRAST: Palette = Palette {
    name: "contrast",
    title: Text::new("高对比", "high contrast"),
    light: false,
    ground: (0, 0, 0),
    ink: (255, 255, 255),
    bad: (255, 110, 100),
    roles: Roles {
        word: (255, 255, 255),
        parameter: (190, 206, 226),
        query: (255, 180, 60),
        key: (110, 210, 255),
        value: (90, 235, 150),
        score: (255, 140, 120),
        mask: (170, 178, 190),
        weight: (255, 232, 90),
        context: (220, 170, 255),
    },
};

impl Palette {
    /// The theme of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PALETTES.iter().find(|palette| palette.name == name).copied()
    }

    /// The first theme for a light or a dark ground.
    pub fn on(light: bool) -> &'static Self {
        PALETTES.iter().find(|palette| palette.light == light).copied().unwrap_or(&DARK)
    }

    /// The one after this.
    pub fn next(&self) -> &'static Self {
        let at = PALETTES.iter().position(|palette| palette.name == self.name).unwrap_or(0);
        PALETTES[(at + 1) % PALETTES.len()]
    }

    /// What numbers of a role are written in.
    pub(crate) const fn role(&self, role: Role) -> Rgb {
        match role {
            Role::Word => self.roles.word,
            Role::Parameter => self.roles.parameter,
            Role::Query => self.roles.query,
            Role::Key => self.roles.key,
            Role::Value => self.roles.value,
            Role::Score => self.roles.score,
            Role::Mask => self.roles.mask,
            Role::Weight => self.roles.weight,
            Role::Context => self.roles.context,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_through_every_theme_and_each_has_its_name() {
        let mut at = PALETTES[0];
        for palette in PALETTES {
            assert_eq!(at, palette);
            assert_eq!(Palette::named(palette.name), Some(palette));
            at = at.next();
        }
        assert_eq!(at, PALETTES[0]);
        assert!(Palette::on(true).light && !Palette::on(false).light);
    }
}
