//! Same spec, same data, same seed: the same bytes, whatever the number of threads.
