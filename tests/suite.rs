//! The one integration-test binary: every further file of tests is a module of it.

mod caching;
mod cases;
mod changes;
mod client;
mod command_line;
mod determinism;
mod editing;
mod editor;
mod fixes;
mod generated;
mod importance;
mod init;
mod language_server;
mod layering;
mod other_programs;
mod properties;
mod readme;
mod reports;
mod run_properties;
mod schema_for;
mod schemastore;
mod shells;
mod suites;
mod support;
mod watching;
mod whole_runs;
