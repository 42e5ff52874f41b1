//! `qkv doctor`: what this machine can do, and what is missing.

use std::io::{self, Write};

use super::grid::{Align, Grid};
use super::{Reader, verdict};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::program::BackendKind;
use crate::session::AdapterReport;
use crate::session::Run;

/// What was found out about a machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The version of the program, its system and processor: `0.1.0, linux x86_64`.
    pub program: String,
    /// Every adapter the drivers offer, best first; each was opened and tested.
    pub adapters: Vec<AdapterReport>,
    /// A run of the default sample on whichever backend was chosen: the self-test that a person can read.
    pub proof: Run,
    /// The system, which decides what to install.
    pub system: System,
    /// The terminal.
    pub terminal: Terminal,
    /// Where the language comes from: `LANG=zh_CN.UTF-8`, `--lang`.
    pub language: String,
}

/// A terminal, as far as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Its name: `TERM`.
    pub name: String,
    /// Columns and rows, where the output is a terminal.
    pub size: Option<(u16, u16)>,
    /// The colours it draws.
    pub colours: Colours,
}

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// None, or the person wants none.
    None,
    /// The sixteen of the terminal's own palette.
    Sixteen,
    /// The palette of 256.
    Palette,
    /// 24 bits.
    True,
}

/// Systems that install drivers differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux distributions with apt.
    Debian,
    /// Linux distributions with dnf.
    Fedora,
    /// Linux distributions with pacman.
    Arch,
    /// Any other Linux.
    Linux,
    /// macOS: Metal is part of it.
    Mac,
    /// Windows: DirectX is part of it.
    Windows,
    /// Anything else.
    Other,
}

impl System {
    /// The system of this name (`std::env::consts::OS`), on Linux by its `/etc/os-release`.
    pub fn detect(os: &str, release: &str) -> Self {
        let id = |line: &str| {
            let (key, value) = line.split_once('=')?;
            matches!(key, "ID" | "ID_LIKE").then(|| value.trim_matches('"').to_ascii_lowercase())
        };
        let ids: Vec<String> = release.lines().filter_map(id).collect();
        let is = |names: &[&str]| ids.iter().any(|id| id.split_whitespace().any(|word| names.contains(&word)));
        match os {
            "macos" => Self::Mac,
            "windows" => Self::Windows,
            "linux" if is(&["debian", "ubuntu"]) => Self::Debian,
            "linux" if is(&["fedora", "rhel"]) => Self::Fedora,
            "linux" if is(&["arch"]) => Self::Arch,
            "linux" => Self::Linux,
            _ => Self::Other,
        }
    }

    /// What to do where there is no adapter.
    pub(crate) fn remedy(self) -> Text {
        let install = |command: &str| {
            Text::owned(
                format!("安装显卡厂商的 Vulkan 驱动；没有显卡时装 Mesa 的软件驱动：{command}"),
                format!("install the Vulkan driver of your card; without a card, Mesa's software driver: {command}"),
            )
        };
        match self {
            Self::Debian => install("sudo apt install mesa-vulkan-drivers libvulkan1"),
            Self::Fedora => install("sudo dnf install mesa-vulkan-drivers vulkan-loader"),
            Self::Arch => install("sudo pacman -S vulkan-swrast vulkan-icd-loader"),
            Self::Linux => install("mesa-vulkan-drivers, libvulkan1"),
            Self::Mac => Text::new(
                "macOS 自带 Metal;虚拟机或远程会话里可能没有",
                "macOS brings Metal with it; a virtual machine or a remote session may lack it",
            ),
            Self::Windows => Text::new("更新显卡驱动", "update the driver of your graphics card"),
            Self::Other => Text::new("安装 Vulkan 驱动", "install a Vulkan driver"),
        }
    }
}

/// Writes what was found.
///
/// # Errors
/// What `out` refuses.
pub fn write(machine: &Machine, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let mut grid = Grid::new([Align::Left]);
    let mut row = |name: Text, value: String| grid.row([reader.text(&name), value]);

    row(Text::new("程序", "program"), format!("qkv {}", machine.program));
    if machine.adapters.is_empty() {
        row(Text::new("图形适配器", "adapters"), reader.text(&Text::new("没有", "none")));
    }
    for adapter in &machine.adapters {
        let AdapterReport { backend, driver, verdict, .. } = adapter;
        let kind = reader.text(&kind(backend.kind));
        let verdict = match verdict {
            Ok(()) => reader.text(&Text::new("可用", "works")),
            Err(why) => {
                let Text { zh, en } = why.words();
                reader.text(&Text::owned(format!("不可用：{zh}"), format!("unfit: {en}")))
            }
        };
        row(Text::new("图形适配器", "adapter"), format!("{backend} ({kind}), {}: {verdict}", visible(driver)));
    }
    let by = &machine.proof.trace.by;
    row(Text::new("由谁计算", "computes"), format!("{by} ({})", reader.text(&kind(by.kind))));
    row(Text::new("自检", "self-test"), verdict(&machine.proof, reader));
    row(Text::new("用时", "time"), format!("{:.1} ms", machine.proof.trace.elapsed.as_secs_f64() * 1e3));
    row(Text::new("终端", "terminal"), reader.text(&terminal(&machine.terminal)));
    let name = Text::new("中文", "English");
    row(Text::new("语言", "language"), format!("{} ({})", reader.text(&name), visible(&machine.language)));
    grid.write(out, 0)?;

    if let Some(advice) = advice(machine) {
        writeln!(out, "\n{}", reader.text(&advice))?;
    }
    Ok(())
}

/// The kind of an adapter, in words. A software adapter is never called a GPU.
fn kind(kind: BackendKind) -> Text {
    match kind {
        BackendKind::Discrete => Text::new("独立 GPU", "discrete GPU"),
        BackendKind::Integrated => Text::new("集成 GPU", "integrated GPU"),
        BackendKind::Software => Text::new("软件驱动，在处理器上运行着色器", "software: shaders on the processor"),
        BackendKind::Cpu => Text::new("处理器，不用着色器", "the processor, without shaders"),
    }
}

fn terminal(terminal: &Terminal) -> Text {
    let colours = match terminal.colours {
        Colours::None => Text::new("无颜色", "no colours"),
        Colours::Sixteen => Text::new("16 色", "16 colours"),
        Colours::Palette => Text::new("256 色", "256 colours"),
        Colours::True => Text::new("真彩色", "true colour"),
    };
    let size = match terminal.size {
        Some((columns, rows)) => Text::same(format!("{columns}×{rows}")),
        None => Text::new("输出不是终端", "the output is no terminal"),
    };
    let name = if terminal.name.is_empty() { String::new() } else { format!("{}, ", visible(&terminal.name)) };
    Text::owned(format!("{name}{}，{}", size.zh, colours.zh), format!("{name}{}, {}", size.en, colours.en))
}

/// What to do, where something is missing.
fn advice(machine: &Machine) -> Option<Text> {
    let why = machine.proof.fallback.as_ref()?.words();
    let remedy = machine.system.remedy();
    Some(Text::owned(
        format!("没有用上 GPU：{}。\n办法：{}。", why.zh, remedy.zh),
        format!("No GPU is used: {}.\nWhat helps: {}.", why.en, remedy.en),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_fits_the_system() {
        for (os, release, system) in [
            ("linux", "ID=debian\nVERSION_ID=\"13\"", System::Debian),
            ("linux", "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"", System::Debian),
            ("linux", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", System::Fedora),
            ("linux", "ID=arch", System::Arch),
            ("linux", "ID=nixos", System::Linux),
            ("linux", "", System::Linux),
            ("macos", "", System::Mac),
            ("freebsd", "", System::Other),
        ] {
            assert_eq!(System::detect(os, release), system, "{os} {release}");
        }
        assert!(System::Debian.remedy().en.contains("mesa-vulkan-drivers"));
    }
}
