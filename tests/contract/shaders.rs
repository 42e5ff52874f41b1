//! Every shader by itself: valid, within what WebGPU promises, and laid out as its op writes it.

use naga::back::{PipelineConstants, pipeline_constants::process_overrides};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, Module};
use qkv::math::ops::{SHADERS, Shader};
use qkv::study::scaling;

/// Every shader and the file its twin lives in.
fn shaders() -> impl Iterator<Item = (String, &'static Shader)> {
    let op = |shader: &'static Shader| (format!("src/math/ops/{}.rs", shader.name), shader);
    let drawn = |shader: &'static Shader| ("src/study/scaling/draw.rs".to_owned(), shader);
    SHADERS.iter().map(op).chain(scaling::SHADERS.iter().map(drawn))
}

/// A shader as it is compiled: parsed, validated, `override`s at their defaults.
fn compiled(shader: &Shader) -> Module {
    let module = naga::front::wgsl::parse_str(shader.source).unwrap_or_else(|e| panic!("{}: {e}", shader.name));
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}: {e:?}", shader.name));
    let fixed = process_overrides(&module, &info, None, &PipelineConstants::default())
        .unwrap_or_else(|e| panic!("{}: {e}", shader.name));
    fixed.0.into_owned()
}

#[test]
fn every_shader_stays_within_what_every_device_promises() {
    for (_, shader) in shaders() {
        let module = compiled(shader);
        let [entry] = module.entry_points.as_slice() else { panic!("{}: one entry point, please", shader.name) };
        assert_eq!(entry.name, shader.name);
        assert!(entry.workgroup_size.iter().product::<u32>() <= 256, "{}", shader.name);

        let sizes = |space: fn(&AddressSpace) -> bool| {
            let of = |v: &naga::GlobalVariable| module.types[v.ty].inner.size(module.to_ctx());
            module.global_variables.iter().filter(move |(_, v)| space(&v.space)).map(move |(_, v)| of(v))
        };
        assert!(sizes(|s| *s == AddressSpace::WorkGroup).sum::<u32>() <= 16 << 10, "{}", shader.name);
        assert!(sizes(|s| matches!(s, AddressSpace::Storage { .. })).count() <= 8, "{}", shader.name);
    }
}

#[test]
fn sizes_come_first_and_the_result_last() {
    for (_, shader) in shaders() {
        let module = compiled(shader);
        let mut bound: Vec<_> =
            module.global_variables.iter().filter_map(|(_, v)| v.binding.map(|b| (b.binding, v.space))).collect();
        bound.sort_by_key(|(binding, _)| *binding);
        let last = bound.len() - 1;
        for (i, (binding, space)) in bound.into_iter().enumerate() {
            assert_eq!(binding as usize, i, "{}", shader.name);
            let writable = |a: naga::StorageAccess| a.contains(naga::StorageAccess::STORE);
            match space {
                AddressSpace::Uniform => assert_eq!(i, 0, "{}", shader.name),
                AddressSpace::Storage { access } => assert_eq!(writable(access), i == last, "{}", shader.name),
                other => panic!("{}: {other:?}", shader.name),
            }
        }
    }
}

#[test]
fn every_shader_opens_with_its_formula_and_its_twin() {
    for (twin, Shader { name, source }) in shaders() {
        let head: String = source.lines().take_while(|line| line.starts_with("//")).collect();
        assert!(head.contains('=') && head.contains(&twin), "{name}: {head}");
    }
}

#[test]
fn the_product_kernels_share_one_way_to_sum() {
    let sums: Vec<_> = SHADERS.iter().filter_map(|s| s.source.split_once("// -- A sum that keeps")).collect();
    assert_eq!(sums.len(), 13);
    assert!(sums.iter().all(|(_, sum)| *sum == sums[0].1), "the copies differ");
}
