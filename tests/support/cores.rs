//! The cores on which threads run.

/// Keeps this thread, and threads that it starts from now on, on one of the cores that the process
/// could use at first. Returns whether it does: there may be fewer cores, and only Linux can do it.
///
/// If client and server share a core, a wait is a switch to the other one. If each has its own, a wait
/// is an idle core. To wake it costs more than a small call, and a different amount each time.
#[cfg(target_os = "linux")]
pub fn stay_on_core(index: usize) -> bool {
    use std::sync::OnceLock;

    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    static AVAILABLE: OnceLock<Vec<usize>> = OnceLock::new();

    let available = AVAILABLE.get_or_init(|| {
        let set = sched_getaffinity(None).unwrap_or_default();
        (0..CpuSet::MAX_CPU)
            .filter(|core| set.is_set(*core))
            .collect()
    });
    let Some(core) = available.get(index) else {
        return false;
    };
    let mut set = CpuSet::new();
    set.set(*core);
    sched_setaffinity(None, &set).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub fn stay_on_core(_: usize) -> bool {
    false
}
