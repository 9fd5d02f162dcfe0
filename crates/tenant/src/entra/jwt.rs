//! Access tokens: JSON web tokens under a keyed digest (HMAC-SHA-256, RFC 2104). Clients must not look inside.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A signed token of some claims.
pub fn sign(claims: &Value, key: &str) -> String {
    let header = json!({ "typ": "JWT", "alg": "HS256" });
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(digest(key, &signed));
    format!("{signed}.{signature}")
}

/// The claims of a token, if its signature holds.
pub fn open(token: &str, key: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !same(&signature, &digest(key, signed)) {
        return None;
    }
    let (_, claims) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// Compares without telling by its duration where the difference is.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn digest(key: &str, text: &str) -> [u8; 32] {
    let mut block = [0_u8; 64];
    let hashed = Sha256::digest(key.as_bytes());
    let key = if key.len() > block.len() { &hashed[..] } else { key.as_bytes() };
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_hmac() {
        // RFC 4231, test case 2.
        let hex: String =
            digest("Jefe", "what do ya want for nothing?").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_changed_token_is_no_token() {
        let token = sign(&json!({"exp": 1}), "key");
        assert!(open(&token, "key").is_some());
        assert!(open(&token.replace('.', ".a"), "key").is_none());
        assert!(open(&token, "other").is_none());
    }
}
