//! JSON web tokens in their compact form (RFC 7515, RFC 7519).

use super::key::{KeyError, Seal, SigningKey};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value, json};

/// Takes base64 with and without padding. RFC 7515 has none, and azure-identity for Python pads all three parts.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A token taken apart. Nothing of it was verified.
#[derive(Debug)]
pub struct Token<'a> {
    /// What the signature is about, and under which key.
    pub header: Map<String, Value>,
    /// What is claimed.
    pub claims: Map<String, Value>,
    /// The text that is signed.
    pub signed: &'a str,
    /// Its signature.
    pub signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a token apart; `None` if it is none.
    pub fn read(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: part(header)?,
            claims: part(claims)?,
            signed,
            signature: LENIENT.decode(signature).ok()?,
        })
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// A claim that is a time, in seconds since 1970.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.claims.get(name)?;
        // RFC 7519 allows fractions.
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }
}

/// A signed token of some claims.
pub fn sign(claims: &Value, key: &SigningKey, seal: Seal) -> Result<String, KeyError> {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": key.id(), "x5t": key.id() });
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.seal(seal, &signed)?);
    Ok(format!("{signed}.{signature}"))
}

/// Compares without telling by its duration where the difference is.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn part(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&LENIENT.decode(text).ok()?).ok()
}
