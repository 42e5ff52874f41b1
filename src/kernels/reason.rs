//! Why each kernel is written as it is, in a learner's words. The op of a shader and the rung of a kernel say their own.

use super::rung::Rung;
use super::transfer;
use crate::ground::lang::Text;
use crate::math::ops;

/// The reason for a kernel, by the name of its file; none for one that makes no stage.
pub fn reason(file: &str) -> Option<Text> {
    if file == transfer::FILE {
        return Some(transfer::REASON);
    }
    let files = Rung::ALL.into_iter().flat_map(|rung| {
        let spec = rung.spec();
        let softmax = spec.softmax.as_ref().map(|softmax| &softmax.file);
        let attention = spec.attention.as_ref().map(|attention| &attention.file);
        let texels = spec.texels.iter().flat_map(|texels| [&texels.each, &texels.rows]);
        [Some(&spec.product.file), softmax, attention].into_iter().flatten().chain(texels)
    });
    files.into_iter().find(|known| known.name == file).map(|known| known.reason.clone()).or_else(|| ops::reason(file))
}
