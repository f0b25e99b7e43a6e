//! Runs specs side by side on threads of their own, and survives a crash in any of them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Deep enough for the recursive parsers of the libraries below.
pub(super) const STACK_BYTES: usize = 16 << 20;

/// A panic, caught: what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash(pub String);

/// Runs `work` on each item, `jobs` at a time, and returns the results in the order of the items.
/// `done` sees each result as it comes; once it answers false no further item is begun, and the
/// items that were not begun have no result.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
    done: impl Fn(usize, &Result<R, Crash>) -> bool + Sync,
) -> Vec<Option<Result<R, Crash>>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<R, Crash>>>> =
        Mutex::new(items.iter().map(|_| None).collect());
    let take = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            let result = catch_unwind(AssertUnwindSafe(|| work(item)))
                .map_err(|payload| Crash(words(&*payload)));
            if !done(at, &result) {
                next.store(items.len(), Ordering::Relaxed);
            }
            results.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
        }
    };
    thread::scope(|scope| {
        for job in 0..jobs.clamp(1, items.len().max(1)) {
            let builder =
                thread::Builder::new().name(format!("spec-{job}")).stack_size(STACK_BYTES);
            if builder.spawn_scoped(scope, take).is_err() {
                // Without another thread the ones that run take the rest; with none this one does.
                if job == 0 {
                    take();
                }
                break;
            }
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic said.
pub fn words(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_stays_with_its_item() {
        let results = each(
            &[1, 2, 3, 4],
            2,
            |item| if *item == 2 { panic!("item {item} broke") } else { item * 10 },
            |_, _| true,
        );
        let results: Vec<_> = results.into_iter().flatten().collect();
        assert_eq!(results[0], Ok(10));
        assert_eq!(results[1], Err(Crash("item 2 broke".to_owned())));
        assert_eq!(results[3], Ok(40));
    }

    #[test]
    fn nothing_is_begun_after_a_stop() {
        let results = each(&[1, 2, 3], 1, |item| *item, |at, _| at == 0);
        assert_eq!(results, [Some(Ok(1)), Some(Ok(2)), None]);
    }
}
