//! Properties of documents and decoding over generated specs.
