//! The report as one web page that needs nothing else: no network, no file beside it. What each spec came
//! to is folded away; where there are many, it is packed, and unpacked by a script when it is opened.

mod bars;
mod bullet;
mod changes;
mod charts;
mod details;
mod pack;
mod page;
mod plane;

pub use page::render;
