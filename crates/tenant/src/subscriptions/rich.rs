//! Contents that come with notifications, encrypted for the subscriber
//! (`concepts/change-notifications-with-resource-data.md`): the content with a key of its own by AES-256-CBC, the key
//! with the subscriber's public key by RSA-OAEP.

use crate::ids::Sequence;
use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, PublicKey};
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::sync::Arc;
use x509_cert::der::{Decode, Encode};

/// The certificate of a subscriber.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The subscriber's name for it.
    pub id: Box<str>,
    /// As it came.
    pub text: Arc<str>,
    key: Arc<PublicKey>,
    thumbprint: Box<str>,
}

impl Certificate {
    /// Reads a certificate in base64. Its key must be one of RSA, of 2,048 to 4,096 bits; nobody looks at its issuer.
    pub fn read(text: &str, id: &str) -> Result<Self, String> {
        let bytes = STANDARD.decode(text.trim()).map_err(|error| format!("it is not base64: {error}."))?;
        let certificate = x509_cert::Certificate::from_der(&bytes)
            .map_err(|error| format!("it is no X.509 certificate: {error}."))?;
        let key = certificate.tbs_certificate().subject_public_key_info().to_der();
        let key = key.map_err(|error| format!("its key cannot be read: {error}."))?;
        let key = PublicKey::from_public_key_der(&key)
            .map_err(|error| format!("its key is no RSA key: {error}."))?;
        let bits = key.n().bit_width();
        if !(2048..=4096).contains(&bits) {
            return Err(format!("its key has {bits} bits; 2048 to 4096 are allowed."));
        }
        let thumbprint = Sha1::digest(&bytes).iter().map(|byte| format!("{byte:02X}")).collect::<String>();
        Ok(Self { id: id.into(), text: text.into(), key: Arc::new(key), thumbprint: thumbprint.into() })
    }

    /// The `encryptedContent` of a notification. All that is random in it comes from the tenant's sequence.
    pub fn encrypted(&self, content: &Value, sequence: &mut Sequence) -> Option<Value> {
        let mut chance = ChaCha20Rng::seed_from_u64(sequence.bits());
        let mut key = [0_u8; 32];
        chance.fill_bytes(&mut key);
        let start: [u8; 16] = std::array::from_fn(|at| key[at]);
        let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &start.into());
        let data = cipher.encrypt_padded_vec::<Pkcs7>(content.to_string().as_bytes());
        let mut signature = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        signature.update(&data);
        let data_key = self.key.encrypt(&mut chance, Oaep::<Sha1>::new(), &key).ok()?;
        Some(json!({
            "data": STANDARD.encode(data),
            "dataSignature": STANDARD.encode(signature.finalize().into_bytes()),
            "dataKey": STANDARD.encode(data_key),
            "encryptionCertificateId": self.id,
            "encryptionCertificateThumbprint": self.thumbprint,
        }))
    }
}

/// What of an item comes with a notification: the selected properties.
pub fn selected(mut content: Map<String, Value>, names: &[String]) -> Value {
    content.retain(|name, _| names.iter().any(|one| one.eq_ignore_ascii_case(name)));
    Value::Object(content)
}
