//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod attest;
mod audit_page;
mod baseline;
mod cache;
mod cargo_messages;
mod changes;
mod command_line;
mod corpus;
mod documentation;
mod embedded;
mod exposure;
mod fix;
mod formats;
mod history;
mod hostile;
mod init;
mod marks;
mod permissions;
mod properties;
mod sarif;
mod selection;
mod shards;
mod sides;
mod staged;
mod support;
mod suppress;
mod survey;
