//! Tensors that lie on the device, by identity: what was uploaded once is not uploaded again, whoever asks.
//!
//! A tensor is known by where its shared numbers lie. Whoever remembers one keeps a weak reference, so that this place cannot
//! become another tensor's, and nobody can change the numbers in place meanwhile. What no program holds any more goes when a piece of work ends; of
//! what is idle, the longest unused beyond [`MOST`] bytes goes too.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::ComputeError;
use super::device::Device;
use super::storage::DeviceTensor;
use crate::kernels::{Part, Storage};
use crate::math::tensor::Tensor;
use crate::program::{Inputs, Slot};

/// Bytes of tensors that are kept although no plan uses them now. The memory of a software adapter is the processor's, and what
/// comes again is uploaded again.
const MOST: u64 = 64 << 20;

/// What was uploaded since the device was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uploads {
    /// Tensors; several that lie side by side count each.
    pub tensors: u64,
    /// Bytes, with their padding.
    pub bytes: u64,
}

/// Whose numbers lie in a storage, and how. As long as one is kept, no other tensor can come to lie where these do: two are the
/// same only where they are of the same tensors.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    parts: Vec<(Weak<Tensor<f32>>, Part)>,
    numbers: usize,
    texels: Option<usize>,
    ones: Option<usize>,
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        let parts = || self.parts.iter().zip(&other.parts);
        let room = |identity: &Self| (identity.numbers, identity.texels, identity.ones, identity.parts.len());
        room(self) == room(other) && parts().all(|(mine, its)| Weak::ptr_eq(&mine.0, &its.0) && mine.1 == its.1)
    }
}

struct Resident {
    identity: Identity,
    numbers: Arc<DeviceTensor>,
    used: u64,
}

/// The tensors on one device.
#[derive(Default)]
pub(super) struct Residents {
    all: Mutex<Vec<Resident>>,
    clock: AtomicU64,
    tensors: AtomicU64,
    bytes: AtomicU64,
}

impl Identity {
    /// Of what these inputs put into a storage.
    pub(super) fn of(storage: &Storage, inputs: &Inputs) -> Result<Self, ComputeError> {
        let part = |part: &Part| {
            let tensor = given(inputs, part.slot)?;
            // The same tensor may be another slot of another program.
            Ok((Arc::downgrade(tensor), Part { slot: Slot(0), ..*part }))
        };
        let parts = storage.holds.iter().map(part).collect::<Result<_, ComputeError>>()?;
        Ok(Self { parts, numbers: storage.numbers, texels: storage.texels, ones: storage.ones })
    }

    /// Whether a tensor of it is gone, so that nobody can ask for it again.
    pub(super) fn is_gone(&self) -> bool {
        self.parts.iter().any(|(tensor, _)| tensor.strong_count() == 0)
    }
}

/// The tensor that a program is given for a slot.
fn given(inputs: &Inputs, slot: Slot) -> Result<&Arc<Tensor<f32>>, ComputeError> {
    let missing = || ComputeError::Refused(format!("no tensor for slot {}", slot.0));
    inputs.shared(slot).ok_or_else(missing)
}

impl Residents {
    /// A storage filled with what these inputs put into it: the one that lies there already, or a new one.
    pub(super) fn get(
        &self,
        device: &Device,
        (storage, identity): (&Storage, &Identity),
        inputs: &Inputs,
    ) -> Result<Arc<DeviceTensor>, ComputeError> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.iter_mut().find(|resident| resident.identity == *identity) {
            found.used = now;
            return Ok(Arc::clone(&found.numbers));
        }
        drop(all); // uploading may take a while
        let numbers = Arc::new(DeviceTensor::new(device, storage));
        device.check()?;
        fill(device, &numbers, storage, inputs)?;
        let mut slots: Vec<Slot> = storage.holds.iter().map(|part| part.slot).collect();
        slots.dedup();
        self.tensors.fetch_add(slots.len() as u64, Ordering::Relaxed);
        self.bytes.fetch_add(numbers.bytes(), Ordering::Relaxed);
        let resident = Resident { identity: identity.clone(), numbers: Arc::clone(&numbers), used: now };
        all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(resident);
        make_room(&mut all);
        Ok(numbers)
    }

    /// Lets go of what nobody can ask for again, and of what is idle beyond [`MOST`].
    pub(super) fn tidy(&self) {
        make_room(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Bytes of everything that lies there.
    pub(super) fn held(&self) -> u64 {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|resident| resident.numbers.bytes()).sum()
    }

    /// Lets go of everything that nobody uses now.
    pub(super) fn clear(&self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What was uploaded so far.
    pub(super) fn uploads(&self) -> Uploads {
        Uploads { tensors: self.tensors.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

/// Fills a storage from the inputs, piece by piece.
pub(super) fn fill(
    device: &Device,
    numbers: &DeviceTensor,
    storage: &Storage,
    inputs: &Inputs,
) -> Result<(), ComputeError> {
    if let [part] = storage.holds.as_slice() {
        let tensor = given(inputs, part.slot)?;
        if storage.is_plain(*tensor.shape()) {
            return numbers.upload(device, tensor.as_slice());
        }
    }
    let parts = storage.holds.iter().map(|part| Ok((*part, given(inputs, part.slot)?)));
    let parts = parts.collect::<Result<Vec<_>, ComputeError>>()?;
    numbers.fill(device, |first, window| {
        for (part, tensor) in &parts {
            part.pack(tensor, f32::MIN, first, window);
        }
        storage.put_ones(first, window);
    })
}

/// Lets go of what belongs to no program any more, and of the longest unused of what is idle beyond [`MOST`].
fn make_room(all: &mut Vec<Resident>) {
    all.retain(|resident| !resident.identity.is_gone());
    let is_idle = |resident: &Resident| Arc::strong_count(&resident.numbers) == 1;
    let mut bytes: u64 = all.iter().filter(|resident| is_idle(resident)).map(|resident| resident.numbers.bytes()).sum();
    while bytes > MOST {
        let idle = all.iter().enumerate().filter(|(_, resident)| is_idle(resident));
        let Some((oldest, _)) = idle.min_by_key(|(_, resident)| resident.used) else { return };
        bytes -= all.swap_remove(oldest).numbers.bytes();
    }
}
