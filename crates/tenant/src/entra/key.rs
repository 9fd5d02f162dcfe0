//! The key under which a tenant signs its tokens. It follows from the seed: the same tenant has the same key again.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::PrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Length of the modulus; Entra's keys have it.
const BITS: usize = 2048;

/// How many keys a process remembers.
const REMEMBERED: usize = 16;

/// Why no key could be made. None of the reasons can arise from a caller's input.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Making the key failed.
    #[error("the signing key cannot be made: {0}")]
    Make(#[from] rsa::Error),
    /// Writing the key down failed.
    #[error("the signing key cannot be written: {0}")]
    Write(#[from] rsa::pkcs8::Error),
    /// The key cannot be read by what signs.
    #[error("the signing key cannot be used: {0}")]
    Use(#[from] ring::error::KeyRejected),
    /// The certificate cannot be made.
    #[error("the certificate of the signing key cannot be made: {0}")]
    Certify(#[from] rcgen::Error),
    /// Signing failed.
    #[error("a token cannot be signed")]
    Sign,
}

/// What stands where a token's signature does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Seal {
    /// A signature, which everybody can check against the key that is published.
    #[default]
    Signature,
    /// A digest, as long as a signature, which the tenant alone recognises.
    Digest,
}

/// A key with its certificate.
#[derive(Debug)]
pub struct SigningKey {
    pair: RsaKeyPair,
    certificate: Vec<u8>,
}

impl SigningKey {
    /// The key of a seed. Primes take a while to find, so that a process remembers the keys that it made.
    pub fn of(seed: u64) -> Result<Arc<Self>, KeyError> {
        static MADE: Mutex<BTreeMap<u64, Arc<SigningKey>>> = Mutex::new(BTreeMap::new());
        // Held while one is made: whoever asks for the same one meanwhile had better wait than make it too.
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = made.get(&seed) {
            return Ok(key.clone());
        }
        let key = Arc::new(Self::make(seed)?);
        if made.len() >= REMEMBERED {
            made.clear();
        }
        made.insert(seed, key.clone());
        Ok(key)
    }

    fn make(seed: u64) -> Result<Self, KeyError> {
        let private = PrivateKey::new(&mut ChaCha20Rng::seed_from_u64(seed), BITS)?.to_pkcs8_der()?;
        let pair = RsaKeyPair::from_pkcs8(private.as_bytes())?;
        let certified = KeyPair::from_pkcs8_der_and_sign_algo(
            &PrivatePkcs8KeyDer::from(private.as_bytes()),
            &PKCS_RSA_SHA256,
        )?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "accounts.accesscontrol.windows.net");
        params.serial_number = Some(SerialNumber::from(seed));
        let certificate = params.self_signed(&certified)?.der().to_vec();
        Ok(Self { pair, certificate })
    }

    /// The key's name: the thumbprint of its certificate, as Entra's keys are named.
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.certificate))
    }

    /// The signature of a text (RSASSA-PKCS1-v1_5 with SHA-256).
    pub fn sign(&self, text: &str) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        // This padding draws nothing: the same text has the same signature.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| KeyError::Sign)?;
        Ok(signature)
    }

    /// Whether a signature is this key's.
    pub fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        self.components()
            .verify(&ring::signature::RSA_PKCS1_2048_8192_SHA256, text.as_bytes(), signature)
            .is_ok()
    }

    /// What is put under a text.
    pub fn seal(&self, seal: Seal, text: &str) -> Result<Vec<u8>, KeyError> {
        match seal {
            Seal::Signature => self.sign(text),
            Seal::Digest => Ok(self.digest(text)),
        }
    }

    /// Whether this is what is put under a text.
    pub fn recognises(&self, seal: Seal, text: &str, sealed: &[u8]) -> bool {
        match seal {
            Seal::Signature => self.verifies(text, sealed),
            Seal::Digest => self.digest(text) == sealed,
        }
    }

    fn digest(&self, text: &str) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        context.update(&self.certificate);
        context.update(text.as_bytes());
        context.finish().as_ref().repeat(BITS / SHA256.output_len() / 8)
    }

    /// The public half as a JSON web key (RFC 7517).
    pub fn jwk(&self) -> Value {
        let PublicKeyComponents { n, e } = self.components();
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.id(),
            "x5t": self.id(),
            "n": URL_SAFE_NO_PAD.encode(n),
            "e": URL_SAFE_NO_PAD.encode(e),
            "x5c": [STANDARD.encode(&self.certificate)],
        })
    }

    fn components(&self) -> PublicKeyComponents<Vec<u8>> {
        PublicKeyComponents::from(self.pair.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_key_and_another_seed_another() {
        let (one, again) = (SigningKey::make(1).unwrap(), SigningKey::of(1).unwrap());
        assert_eq!(one.jwk(), again.jwk());
        assert_ne!(SigningKey::of(2).unwrap().id(), one.id());
    }

    #[test]
    fn a_digest_is_as_long_as_a_signature_and_holds_for_its_text_and_key_alone() {
        let key = SigningKey::of(1).unwrap();
        let sealed = key.seal(Seal::Digest, "text").unwrap();
        assert_eq!(sealed.len(), key.seal(Seal::Signature, "text").unwrap().len());
        assert!(key.recognises(Seal::Digest, "text", &sealed));
        assert!(!key.recognises(Seal::Digest, "texts", &sealed));
        assert!(!key.recognises(Seal::Signature, "text", &sealed));
        assert!(!SigningKey::of(2).unwrap().recognises(Seal::Digest, "text", &sealed));
    }

    #[test]
    fn a_signature_holds_for_its_text_alone() {
        let key = SigningKey::of(1).unwrap();
        let signature = key.sign("text").unwrap();
        assert_eq!(signature, key.sign("text").unwrap());
        assert!(key.verifies("text", &signature));
        assert!(!key.verifies("texts", &signature));
        assert!(!SigningKey::of(2).unwrap().verifies("text", &signature));
    }
}
