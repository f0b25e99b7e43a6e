//! Folders under `tests/cases`, each a spec with its data and what the command says of it.
