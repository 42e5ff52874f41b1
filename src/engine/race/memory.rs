//! Whether some work fits into memory, asked before anything is allocated: a system that runs out of memory kills without a word.

use sysinfo::System;

use super::NoTime;

/// Refuses what takes more than three quarters of the free memory.
pub(super) fn fits(needed: u64, free: Option<u64>) -> Result<(), NoTime> {
    match free {
        Some(free) if needed > free / 4 * 3 => Err(NoTime::Memory { needed, free }),
        _ => Ok(()),
    }
}

/// Bytes that are free, here and within the limits that a container sets; none where the system does not tell.
pub(super) fn free() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory();
    // What a container's files take of its memory is given back when it is needed: that does not count.
    let contained = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory.saturating_sub(limits.rss));
    Some(system.available_memory().min(contained)).filter(|&bytes| bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::race::Work;

    #[test]
    fn what_does_not_fit_is_refused_with_both_figures() {
        let work = Work { batch: 64, tokens: 64, heads: 8, hidden: 256 };
        assert_eq!(fits(work.bytes(2), Some(1 << 30)), Ok(()));
        assert_eq!(fits(work.bytes(2), None), Ok(()), "nobody knows");
        let long = Work { batch: 1, tokens: 100_000, ..work };
        let Err(why) = fits(long.bytes(2), Some(8 << 30)) else { panic!("80 GB of scores") };
        assert_eq!(why.to_string(), "it needs 75.1 GiB of memory, 8.0 GiB are free");
        assert!(fits(Work { tokens: usize::MAX, ..work }.bytes(2), Some(u64::MAX / 2)).is_err(), "it saturates");
    }

    #[test]
    fn this_system_tells() {
        assert!(free().is_some_and(|bytes| bytes > 1 << 20));
    }
}
