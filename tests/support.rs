//! What the tests share: running the program, and folders to run it in.
