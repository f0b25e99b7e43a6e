//! The one thread pool: polars' own, shared by every kernel of every spec.

/// Runs `work` inside the pool, so that parallel loops in it use the pool's threads.
pub fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    polars_core::runtime::THREAD_POOL.install(work)
}
