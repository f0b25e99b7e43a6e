//! Tests for machine-learning models, written as YAML specs.
//!
//! Data flows one way, and the modules stand in that order:
//!
//! ```text
//! Source ─▶ Document ─▶ Spec ─▶ Plan ─▶ Bound ─▶ Table ─▶ Fitted ─▶ Measurements ─▶ Verdicts ─▶ Outcome ─▶ reports
//!  text      text        spec    plan    plan     data     run        run             verdict     outcome    report
//! ```
//!
//! `session` is the one place where the phases meet; `docs/architecture.md` says who may import
//! whom, and a test holds the code to it.

pub mod cli;
pub mod data;
pub mod diagnostic;
pub mod kinds;
pub mod lsp;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod run;
pub mod session;
pub mod settings;
pub mod spec;
pub mod starter;
pub mod store;
pub mod suite;
pub mod text;
pub mod verdict;
