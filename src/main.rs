//! The `mlspec` program.

fn main() -> std::process::ExitCode {
    mlspec::cli::main()
}
