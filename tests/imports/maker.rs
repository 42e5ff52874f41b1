//! Files as other programs write them.

use std::io::Write;

use safetensors::tensor::{Dtype, TensorView};

/// A named array.
pub(crate) type Array<'a> = (&'a str, &'a [usize], &'a [f32]);

/// Attention whose rows are different and sum to 1: shape and numbers.
pub(crate) fn even(layers: usize, heads: usize, tokens: usize) -> (Vec<usize>, Vec<f32>) {
    let row = |n: usize| (0..tokens).map(move |col| if col == n % tokens { 0.5 } else { 0.5 / (tokens - 1) as f32 });
    (vec![layers, heads, tokens, tokens], (0..layers * heads * tokens).flat_map(row).collect())
}

fn nested(shape: &[usize], numbers: &[f32]) -> String {
    let Some((first, rest)) = shape.split_first() else { return format!("{:?}", numbers[0]) };
    let each = numbers.len() / first;
    let parts: Vec<String> = numbers.chunks(each).map(|part| nested(rest, part)).collect();
    format!("[{}]", parts.join(", "))
}

pub(crate) fn json(tokens: &[&str], arrays: &[Array]) -> String {
    let mut entries: Vec<String> = Vec::new();
    if !tokens.is_empty() {
        entries.push(format!("\"tokens\": {}", serde_json::to_string(tokens).unwrap()));
    }
    entries.extend(arrays.iter().map(|(name, shape, numbers)| format!("\"{name}\": {}", nested(shape, numbers))));
    format!("{{{}}}", entries.join(",\n"))
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

pub(crate) fn safetensors(tokens: &[&str], arrays: &[Array]) -> Vec<u8> {
    let numbers: Vec<Vec<u8>> = arrays.iter().map(|(_, _, numbers)| bytes(numbers)).collect();
    let views = arrays
        .iter()
        .zip(&numbers)
        .map(|((name, shape, _), bytes)| (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()));
    let metadata = (!tokens.is_empty())
        .then(|| [("tokens".to_owned(), serde_json::to_string(tokens).unwrap())].into_iter().collect());
    safetensors::serialize(views, metadata).unwrap()
}

/// An array as `NumPy` writes it.
pub(crate) fn npy(descr: &str, shape: &[usize], fortran: bool, data: &[u8]) -> Vec<u8> {
    let axes = shape.iter().map(|axis| format!("{axis}, ")).collect::<Vec<_>>().concat();
    let fortran = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({axes}), }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// A zip of such files.
pub(crate) fn zipped(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in entries {
        zip.start_file(*name, packed).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Words as `NumPy` keeps them.
pub(crate) fn unicode(tokens: &[&str]) -> Vec<u8> {
    let longest = tokens.iter().map(|token| token.chars().count()).max().unwrap_or(0);
    let word = |token: &&str| {
        let mut letters: Vec<u32> = token.chars().map(u32::from).collect();
        letters.resize(longest, 0);
        letters.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>()
    };
    npy(&format!("<U{longest}"), &[tokens.len()], false, &tokens.iter().flat_map(word).collect::<Vec<u8>>())
}

pub(crate) fn npz(tokens: &[&str], arrays: &[Array]) -> Vec<u8> {
    let names: Vec<String> = arrays.iter().map(|(name, ..)| format!("{name}.npy")).collect();
    let mut entries: Vec<(&str, Vec<u8>)> = names
        .iter()
        .zip(arrays)
        .map(|(name, (_, shape, numbers))| (name.as_str(), npy("<f4", shape, false, &bytes(numbers))))
        .collect();
    if !tokens.is_empty() {
        entries.push(("tokens.npy", unicode(tokens)));
    }
    zipped(&entries)
}
