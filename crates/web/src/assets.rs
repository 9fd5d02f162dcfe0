//! What pages load besides themselves. Each file's address holds its digest, so that browsers keep it for good.

use axum::http::header;
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::LazyLock;

const STYLE: &str = include_str!("../assets/style.css");
const ICON: &str = include_str!("../assets/icon.svg");

/// Where the stylesheet is.
pub(crate) static STYLE_PATH: LazyLock<String> = LazyLock::new(|| format!("/assets/{}.css", digest(STYLE)));
/// Where the icon is.
pub(crate) static ICON_PATH: LazyLock<String> = LazyLock::new(|| format!("/assets/{}.svg", digest(ICON)));

pub(crate) async fn style() -> impl IntoResponse {
    kept("text/css; charset=utf-8", STYLE)
}

pub(crate) async fn icon() -> impl IntoResponse {
    kept("image/svg+xml", ICON)
}

fn kept(media_type: &'static str, content: &'static str) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")],
        content,
    )
}

fn digest(content: &str) -> String {
    Sha256::digest(content).iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
