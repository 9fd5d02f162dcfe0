//! Certificates that stand for an application.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::time::Time;

/// rsaEncryption (RFC 8017, appendix A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Why something is no certificate for an application.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It is no X.509 certificate.
    #[error("it is no X.509 certificate in PEM, or as base64 of its DER encoding: {0}")]
    Unreadable(String),
    /// Its key is not RSA.
    #[error("its key is not RSA, which Entra asks for: assertions are signed with RS256 or PS256")]
    NotRsa,
}

/// A certificate registered on an application.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Id of the registration.
    pub key_id: String,
    /// The certificate, DER.
    der: Vec<u8>,
    /// Its public key, DER (PKCS#1).
    public_key: Vec<u8>,
    /// From when it holds.
    pub starts: Timestamp,
    /// Until when it holds.
    pub ends: Timestamp,
}

/// How an assertion is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// RSASSA-PKCS1-v1_5: `RS256`.
    Pkcs1,
    /// RSASSA-PSS: `PS256`.
    Pss,
}

impl Certificate {
    /// Reads PEM, or the base64 of DER as Graph's `keyCredential` has it.
    pub fn read(text: &str, key_id: String) -> Result<Self, CertificateError> {
        let unreadable = |error: &dyn std::fmt::Display| CertificateError::Unreadable(error.to_string());
        let parsed = if text.contains("-----BEGIN") {
            let chain = X509::load_pem_chain(text.as_bytes()).map_err(|error| unreadable(&error))?;
            chain.into_iter().next().ok_or_else(|| unreadable(&"it is empty"))?
        } else {
            let joined: String = text.split_whitespace().collect();
            let der = STANDARD.decode(joined).map_err(|error| unreadable(&error))?;
            X509::from_der(&der).map_err(|error| unreadable(&error))?
        };
        let about = parsed.tbs_certificate();
        let key = about.subject_public_key_info();
        if key.algorithm.oid != RSA {
            return Err(CertificateError::NotRsa);
        }
        Ok(Self {
            key_id,
            der: parsed.to_der().map_err(|error| unreadable(&error))?,
            public_key: key.subject_public_key.raw_bytes().to_vec(),
            starts: moment(&about.validity().not_before),
            ends: moment(&about.validity().not_after),
        })
    }

    /// The SHA-1 thumbprint in hexadecimal digits, as the portal shows it.
    pub fn thumbprint(&self) -> String {
        self.hash(&SHA1_FOR_LEGACY_USE_ONLY).iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// The thumbprints as an assertion's header has them: `x5t` (SHA-1) and `x5t#S256` (SHA-256).
    pub fn header_thumbprints(&self) -> (String, String) {
        let text = |algorithm| URL_SAFE_NO_PAD.encode(self.hash(algorithm));
        (text(&SHA1_FOR_LEGACY_USE_ONLY), text(&SHA256))
    }

    /// Whether a text was signed with the certificate's key.
    pub fn verifies(&self, padding: Padding, text: &str, signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match padding {
            Padding::Pkcs1 => &RSA_PKCS1_2048_8192_SHA256,
            Padding::Pss => &RSA_PSS_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(algorithm, &self.public_key).verify(text.as_bytes(), signature).is_ok()
    }

    fn hash(&self, algorithm: &'static Algorithm) -> Vec<u8> {
        digest(algorithm, &self.der).as_ref().to_vec()
    }
}

/// The moment of a certificate's date; those beyond any calendar are the end of all days.
fn moment(time: &Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
