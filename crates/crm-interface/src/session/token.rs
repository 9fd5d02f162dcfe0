//! Tokens: a login without a password on the wire (session attribute `auth`).
//!
//! Public (administrator guide of CRM.interface, *Session attributes*, *Authentication*): a token is short-lived, meant
//! for one use and for one interface; when it is given, user and password are ignored. How the vendor builds it is not
//! published; what follows is ours.
//!
//! A token is `1.USER.TIME.NONCE.MAC`: USER is the login in base64 for addresses, TIME the milliseconds since 1970 in
//! decimal, NONCE 16 random bytes and MAC the HMAC-SHA-256 of everything before its dot, both in hexadecimal. The key is
//! PBKDF2-HMAC-SHA-256 of the password; the salt holds the login, so that equal passwords give different keys. A
//! password of 40 hexadecimal digits, as the embedded CRM makes them, is random and takes 1,000 rounds; others take
//! 600,000 (OWASP Password Storage Cheat Sheet).

use super::{ROUNDS_CHOSEN, ROUNDS_MADE, Secret, slow_hash};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt::Write;

/// Random bytes in a token.
pub const NONCE_BYTES: usize = 16;

const VERSION: &str = "1";
/// A token is longer than this by no honest means.
const LONGEST: usize = 1_024;

/// The key of a login's tokens, as good as its password.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// Derives the key. Slow on purpose for a password that a person chose: do it once.
    pub fn derive(user: &str, password: &Secret) -> Self {
        let digits = password.reveal().as_bytes();
        let made = digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit);
        let salt = format!("tandem-crm-interface token 1\n{}", user.to_lowercase());
        Self(slow_hash(password, salt.as_bytes(), if made { ROUNDS_MADE } else { ROUNDS_CHOSEN }))
    }

    /// The key as it was kept; none if these are not 64 hexadecimal digits.
    pub fn from_hexadecimal(text: &str) -> Option<Self> {
        let bytes = bytes(text)?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The key in hexadecimal, to be kept where passwords are kept.
    pub fn to_hexadecimal(&self) -> Secret {
        Secret::new(hexadecimal(&self.0))
    }

    /// Makes a token for `user`. The nonce must be random and never used before.
    pub fn token(&self, user: &str, now: Timestamp, nonce: [u8; NONCE_BYTES]) -> Secret {
        let user = URL_SAFE_NO_PAD.encode(user);
        let signed = format!("{VERSION}.{user}.{}.{}", now.as_millisecond(), hexadecimal(&nonce));
        let mac = hexadecimal(&self.mac(&signed).finalize().into_bytes());
        Secret::new(format!("{signed}.{mac}"))
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        // HMAC takes keys of any length; the fallback is never used.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
        mac.update(signed.as_bytes());
        mac
    }
}

/// A token as it was read; nothing in it is true before [`Token::is_genuine`].
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose token it says it is.
    pub user: String,
    /// When it says it was made.
    pub issued: Timestamp,
    /// The nonce, in hexadecimal.
    pub nonce: String,
    signed: String,
    mac: Vec<u8>,
}

/// Text that is no token. It says nothing of the text, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("auth holds no token of this program: 1.USER.TIME.NONCE.MAC")]
pub struct TokenError;

impl Token {
    /// Reads a token.
    pub fn read(text: &Secret) -> Result<Self, TokenError> {
        let text = text.reveal();
        if text.len() > LONGEST {
            return Err(TokenError);
        }
        let (signed, mac) = text.rsplit_once('.').ok_or(TokenError)?;
        let mut parts = signed.split('.');
        let mut part = || parts.next().ok_or(TokenError);
        if part()? != VERSION {
            return Err(TokenError);
        }
        let user = URL_SAFE_NO_PAD.decode(part()?).map_err(|_| TokenError)?;
        let issued = part()?.parse::<i64>().map_err(|_| TokenError)?;
        let nonce = part()?.to_owned();
        if nonce.len() != 2 * NONCE_BYTES || bytes(&nonce).is_none() || parts.next().is_some() {
            return Err(TokenError);
        }
        Ok(Self {
            user: String::from_utf8(user).map_err(|_| TokenError)?,
            issued: Timestamp::from_millisecond(issued).map_err(|_| TokenError)?,
            nonce,
            signed: signed.to_owned(),
            mac: bytes(mac).ok_or(TokenError)?,
        })
    }

    /// Whether whoever made it knew the key. Takes equally long for every wrong one.
    pub fn is_genuine(&self, key: &TokenKey) -> bool {
        key.mac(&self.signed).verify_slice(&self.mac).is_ok()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes of lower-case hexadecimal digits: one text for each, so that a nonce has no second spelling.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (TokenKey, Secret) {
        let key = TokenKey::derive("OCSU", &Secret::new("0123456789abcdef0123456789abcdef01234567"));
        let token = key.token("OCSU", "2026-03-02T08:00:00Z".parse().unwrap(), [7; NONCE_BYTES]);
        (key, token)
    }

    #[test]
    fn a_token_says_who_and_when_and_is_genuine_by_its_key_only() {
        let (key, token) = made();
        let read = Token::read(&token).unwrap();
        assert_eq!((read.user.as_str(), read.nonce.as_str()), ("OCSU", "07".repeat(16).as_str()));
        assert_eq!(read.issued.to_string(), "2026-03-02T08:00:00Z");
        assert!(read.is_genuine(&key));
        let other = TokenKey::derive("ocsu2", &Secret::new("0123456789abcdef0123456789abcdef01234567"));
        assert!(!read.is_genuine(&other));
        let kept = TokenKey::from_hexadecimal(key.to_hexadecimal().reveal()).unwrap();
        assert!(read.is_genuine(&kept));
    }

    #[test]
    fn a_key_is_what_others_derive() {
        // Both by the PBKDF2 of Python's hashlib.
        let expected = [
            (
                "0123456789abcdef0123456789abcdef01234567",
                "f6f1a2516daa4baf2d7e1fad22b5ff8801864ae4347f601777eb14a185329541",
            ),
            ("summer", "9fbe05473f3115aa05d0087378df64be7fdce0f8fd43e3d390e40cf897943b8a"),
        ];
        for (password, key) in expected {
            assert_eq!(TokenKey::derive("OCSU", &Secret::new(password)).to_hexadecimal().reveal(), key);
        }
    }

    #[test]
    fn no_byte_of_a_token_can_be_changed() {
        let (key, token) = made();
        let text = token.reveal().to_owned();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let changed = Secret::new(String::from_utf8(bytes).unwrap());
            assert!(!Token::read(&changed).is_ok_and(|token| token.is_genuine(&key)), "byte {at}");
        }
        for text in ["", "1", "1.a.b.c.d", &format!("{text}0"), &text.to_uppercase(), &"x".repeat(5000)] {
            assert!(!Token::read(&Secret::new(text)).is_ok_and(|token| token.is_genuine(&key)), "{text}");
        }
    }
}
