//! The audit over its public surface, on small hand-made worlds.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

mod equality;
mod verdict;
mod worlds;
