//! Every rung of the ladder does the same work: equal to the f64 reference on shapes that divide nothing.
//!
//! `QKV_SHAPES=500 cargo test --test ladder` tries as many; drivers compile most kernels anew for each head size.

use std::time::Duration;

use qkv::compute::gpu::ladder::Ladder;
use qkv::engine::race::{Race, Tuned, cpu, search, within};
use qkv::kernels::template::unrolled;
use qkv::kernels::{Rung, WIDEST, attention, reason, sources};
use qkv::math::ops::SHADERS;
use qkv::study::race::TOLERANCE;
use qkv::study::race::{Contender, NAMES, NoTime, Point};
use qkv::study::race::{Cut, Numbers, Scene, Work};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Shapes tried unless more are asked for.
const SHAPES: usize = 16;

/// The adapter; none where there is none and none is compulsory.
fn ladder() -> Option<Ladder> {
    match Ladder::open() {
        Ok(ladder) => Some(ladder),
        Err(why) => {
            assert!(std::env::var_os("QKV_REQUIRE_GPU").is_none(), "{why}");
            None
        }
    }
}

fn furthest(work: Work, numbers: &Numbers, y: &[f32], rows: impl Iterator<Item = usize>) -> f64 {
    let off = |row: usize| {
        let reference = numbers.reference(work, row);
        let found = &y[row * work.hidden..(row + 1) * work.hidden];
        let worst = reference.iter().zip(found).map(|(r, x)| (f64::from(*x) - r).abs() / r.abs().max(1.0));
        worst.fold(0.0, |m: f64, x| if x.is_nan() { f64::INFINITY } else { m.max(x) })
    };
    rows.map(off).fold(0.0, f64::max)
}

#[test]
fn every_rung_equals_the_reference_on_any_shape() {
    let Some(ladder) = ladder() else { return };
    let shapes = std::env::var("QKV_SHAPES").ok().and_then(|n| n.parse().ok()).unwrap_or(SHAPES);
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut tried = [0; Rung::ALL.len()];
    for n in 0..shapes {
        let heads = random.random_range(1..=16);
        let features = random.random_range(1..=300 / heads);
        let tokens = random.random_range(1..=if n % 4 == 0 { 300 } else { 40 });
        let batch = random.random_range(1..=3);
        let work = Work::new(batch, tokens, heads, heads * features).unwrap();
        let mut numbers = Numbers::of(work, n as u64);
        if n % 3 == 0 {
            // Every word sees itself and, by chance, others.
            let open = |at: usize| at / tokens == at % tokens || random.random_bool(0.4);
            numbers.mask = Some((0..tokens * tokens).map(open).map(|open| f32::from(u8::from(open))).collect());
        }
        let rows = [0, work.rows() / 2, work.rows() - 1];
        for rung in ladder.rungs(work) {
            let prepared = ladder.prepare(work, &numbers, rung).unwrap();
            ladder.forward(&prepared).unwrap();
            let y = ladder.result(&prepared).unwrap();
            let worst = furthest(work, &numbers, &y, rows.into_iter());
            assert!(worst < 1e-5, "{} {work:?}: {worst:e}", rung.name());
            tried[rung as usize] += 1;
        }
    }
    // The last rung needs subgroups of one size, which not every adapter has.
    assert!(tried[..Rung::Subgroup as usize].iter().all(|&n| n == shapes), "{tried:?}");
}

#[test]
fn more_rows_than_a_texture_has_lie_side_by_side() {
    let Some(ladder) = ladder() else { return };
    let work = Work::new(1500, 45, 2, 8).unwrap(); // textures have 8192 to 32768 rows
    let numbers = Numbers::of(work, 3);
    for rung in ladder.rungs(work).into_iter().filter(|rung| rung.is_fused()) {
        let prepared = ladder.prepare(work, &numbers, rung).unwrap();
        ladder.forward(&prepared).unwrap();
        let y = ladder.result(&prepared).unwrap();
        let worst = furthest(work, &numbers, &y, (0..work.rows()).step_by(997).chain([work.rows() - 1]));
        assert!(worst < 1e-5, "{}: {worst:e}", rung.name());
    }
}

#[test]
fn heads_in_launches_of_their_own_give_the_same() {
    let Some(ladder) = ladder() else { return };
    let work = Work::new(3, 21, 6, 48).unwrap();
    let numbers = Numbers::of(work, 4);
    for (rung, launches) in
        ladder.rungs(work).into_iter().filter(|r| r.is_fused()).flat_map(|r| [(r, 2), (r, 4), (r, 6)])
    {
        let prepared = ladder.prepare_cut(work, &numbers, rung, launches).unwrap();
        ladder.forward(&prepared).unwrap();
        let y = ladder.result(&prepared).unwrap();
        assert!(furthest(work, &numbers, &y, 0..work.rows()) < 1e-5, "{} in {launches}", rung.name());
    }
}

#[test]
fn the_processor_equals_the_reference_on_one_thread_and_on_three() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    for seed in 0..20 {
        let heads = random.random_range(1..=8);
        let hidden = heads * random.random_range(1..=12);
        let work = Work::new(random.random_range(1..=5), random.random_range(1..=20), heads, hidden).unwrap();
        let numbers = Numbers::of(work, seed);
        for threads in [1, 3] {
            let y = cpu::forward(work, &numbers, threads);
            assert!(furthest(work, &numbers, &y, 0..work.rows()) < 1e-5, "{work:?} on {threads}");
        }
    }
}

#[test]
fn fused_attention_needs_memory_by_the_words_not_by_their_square() {
    let Some(ladder) = ladder() else { return };
    let bytes = |tokens: usize, rung: Rung| {
        let work = Work::new(1, tokens, 2, 16).unwrap();
        ladder.prepare(work, &Numbers::of(work, 1), rung).unwrap().bytes as f64
    };
    let growth = |rung| bytes(2048, rung) / bytes(512, rung);
    assert!(growth(Rung::Register) < 4.1, "{}", growth(Rung::Register));
    assert!(growth(Rung::Coalesced) > 10.0, "scores are written down: {}", growth(Rung::Coalesced));
}

#[test]
fn what_is_too_large_is_refused_before_anything_is_allocated() {
    let Some(ladder) = ladder() else { return };
    let work = Work::new(64, 2048, 8, 64).unwrap();
    let numbers = Numbers { x: Vec::new(), w: Default::default(), mask: None };
    let why = ladder.prepare(work, &numbers, Rung::Naive).err().unwrap().to_string();
    assert!(why.starts_with("scores: 8192 MiB needed"), "{why}");
}

#[test]
fn the_race_shows_no_time_of_a_wrong_result_and_stops_when_told() {
    let ladder = ladder();
    let work = Work::new(2, 9, 2, 8).unwrap();
    let race = Race::new(ladder.as_ref(), work, 1).unwrap();
    let contenders = race.contenders(&mut Tuned::default());
    assert!(contenders.len() >= 2 && contenders.iter().all(|c| NAMES.contains(&c.to_string().as_str())));
    for contender in contenders {
        let entry = race.run(contender, 3, &|| false);
        let times = entry.result.unwrap();
        assert!(times.error < TOLERANCE && times.warm.len() == 3 && times.warm.is_sorted(), "{contender}");
        assert_eq!(race.run(contender, 3, &|| true).result.unwrap().warm.len(), 0, "the cold run is kept");
    }
    let hurried = race.run(Contender::NdarrayOne, 5, &within(Duration::ZERO, &|| false)).result.unwrap();
    assert_eq!(hurried.warm.len(), 1, "one warm run always happens");
    let alone = Race::new(None, work, 1).unwrap().run(Contender::Rung(Rung::Naive), 1, &|| false);
    assert_eq!(alone.result, Err(NoTime::NoAdapter));
}

#[test]
fn every_rung_stays_within_what_every_device_promises() {
    let mut written = vec![("peak", sources::PEAK.to_owned())];
    for lanes in [4, 8, 16] {
        let constants = [("LANES", lanes), ("ROWS", 4), ("MASKED", 1)];
        let plain = sources::ALL.iter().filter(|(file, _)| !file.starts_with("attention"));
        written.extend(plain.map(|(file, source)| (*file, unrolled(source, &constants))));
        for (rung, d4) in Rung::ALL.into_iter().flat_map(|rung| (1..=WIDEST).map(move |d4| (rung, d4))) {
            if rung.fuses(d4) && (d4 < 3 || d4 % 16 == 0 || d4 == WIDEST) {
                written.push(attention(rung, d4, lanes, true));
            }
        }
    }
    for (file, source) in written {
        let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|why| panic!("{file}: {why}"));
        let mut validator =
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::SUBGROUP);
        validator.subgroup_stages(naga::valid::ShaderStages::COMPUTE);
        validator.subgroup_operations(naga::valid::SubgroupOperationSet::all());
        validator.validate(&module).unwrap_or_else(|why| panic!("{file}: {why:?}"));
        let workgroup: u32 = module.entry_points[0].workgroup_size.iter().product();
        let global = |space: fn(&naga::AddressSpace) -> bool| {
            module.global_variables.iter().filter(move |(_, variable)| space(&variable.space))
        };
        let size = |ty: naga::Handle<naga::Type>| module.types[ty].inner.size(module.to_ctx());
        let shared: u32 = global(|s| *s == naga::AddressSpace::WorkGroup).map(|(_, v)| size(v.ty)).sum();
        let buffers = global(|s| matches!(s, naga::AddressSpace::Storage { .. })).count();
        let textures = global(|s| *s == naga::AddressSpace::Handle).count();
        let within = workgroup <= 256 && shared <= 16 << 10 && buffers <= 8 && textures <= 4;
        assert!(within, "{file}: {workgroup} {shared} {buffers} {textures}");
        let told = reason(&format!("ladder/{}", file.trim_start_matches("ladder/"))).is_some();
        assert!(told || file == "peak", "{file}: the lens has no reason for it");
    }
    for shader in SHADERS {
        assert!(reason(shader.name).is_some(), "{}: the lens has no reason for it", shader.name);
    }
}

#[test]
fn a_device_lost_in_the_middle_of_a_race_leaves_the_processor_running() {
    let Some(ladder) = ladder() else { return };
    let work = Work::new(2, 9, 2, 8).unwrap();
    let race = Race::new(Some(&ladder), work, 1).unwrap();
    let prepared = ladder.prepare(work, &Numbers::of(work, 1), Rung::Register).unwrap();
    ladder.forward(&prepared).unwrap();
    ladder.lose();
    assert!(
        ladder.forward(&prepared).is_err()
            && ladder.timeline(Scene::Ahead, (work, Cut::Sentences, 2), Rung::Tiled).is_err()
    );
    for rung in ladder.rungs(work) {
        let Err(NoTime::Device(why)) = race.run(Contender::Rung(rung), 2, &|| false).result else {
            panic!("{}", rung.name())
        };
        assert!(why.to_string().contains("lost"), "{why}");
    }
    let on_cpu = race.run(Contender::NdarrayAll, 2, &|| false).result.unwrap();
    assert_eq!(on_cpu.warm.len(), 2);
}

#[test]
fn repeated_lines_are_written_out() {
    let source = "const N: u32 = 9u;\n//: each A below N\nx$A;\n//: each B below 2\ny$A_$B;\n//: end\n//: end\nz$N;";
    let written = unrolled(source, &[("N", 2)]);
    assert_eq!(written, "const N: u32 = 2u;\nx0;\ny0_0;\ny0_1;\nx1;\ny1_0;\ny1_1;\nz2;\n");
}

#[test]
fn no_rung_is_faster_than_the_roof() {
    let Some(ladder) = ladder() else { return };
    let roof = ladder.roof().unwrap();
    assert!(roof.flops > 1e8 && roof.bytes > 1e8, "{roof:?}");
    let work = Work::new(4, 64, 4, 64).unwrap();
    let race = Race::new(Some(&ladder), work, 1).unwrap();
    for rung in ladder.rungs(work) {
        let times = race.run(Contender::Rung(rung), 5, &|| false).result.unwrap();
        assert!(times.least() > roof.floor(work), "{}: {times:?} under {roof:?}", rung.name());
        assert!(times.split.is_some());
    }
}

#[test]
fn the_search_for_the_crossing_doubles_until_it_is_told_to_stop() {
    let Some(ladder) = ladder() else { return };
    let work = Work::new(1, 8, 2, 16).unwrap();
    let mut points = Vec::new();
    let mut tell = |point: Point| {
        points.push(point.batch);
        points.len() < 4
    };
    search(&ladder, work, Rung::Register, 2, &mut tell).unwrap();
    assert_eq!(points, [1, 2, 4, 8]);
}

#[test]
fn what_the_trial_chose_is_remembered_by_adapter_and_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache").join("tuned.toml");
    let (work, other) = (Work::new(4, 16, 2, 16).unwrap(), Work::new(4, 32, 2, 16).unwrap());
    let mut tuned = Tuned::at(path.clone());
    tuned.remember("this one", work, Rung::Register);
    let again = Tuned::at(path.clone());
    assert_eq!(again.rung("this one", work), Some(Rung::Register));
    assert_eq!((again.rung("this one", other), again.rung("another", work)), (None, None));
    std::fs::write(&path, "rungs = 7").unwrap();
    assert_eq!(Tuned::at(path.clone()).rung("this one", work), None, "a broken file is as good as none");

    let Some(ladder) = ladder() else { return };
    let mut tuned = Tuned::at(path.clone());
    let chosen = Race::new(Some(&ladder), work, 1).unwrap().choose(&mut tuned).unwrap();
    assert_eq!(Tuned::at(path.clone()).rung(&ladder.machine(), work), Some(chosen));
    // What is remembered decides, whatever a new trial would say.
    tuned.remember(&ladder.machine(), work, Rung::Tiled);
    assert_eq!(Race::new(Some(&ladder), work, 1).unwrap().choose(&mut Tuned::at(path)), Some(Rung::Tiled));
}
