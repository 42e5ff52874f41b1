//! Words that several windows say.

use crate::ground::lang::Text;
use crate::program::{Backend, BackendKind};

/// Who computed, and what kind of machine it is. A software adapter is never called a GPU. What stands in brackets is the
/// driver's, and left out where it is not said `whole`.
pub fn machine(by: &Backend, whole: bool) -> Text {
    let kind = match by.kind {
        BackendKind::Discrete => Text::new("独立显卡", "discrete GPU"),
        BackendKind::Integrated => Text::new("集成显卡", "integrated GPU"),
        BackendKind::Software => Text::new("软件模拟，不是显卡", "software, not a GPU"),
        BackendKind::Cpu => return Text::new("CPU 计算，f64 参考", "computed by the CPU, f64 reference"),
    };
    let name = by.to_string();
    let name = if whole { &name } else { name.split(" (").next().unwrap_or_default() };
    Text::owned(format!("{}：{name}", kind.zh), format!("{}: {name}", kind.en))
}
