//! Opens what was encrypted for a subscriber, after the texts of the standards and without the libraries that closed it:
//! RSA-OAEP (RFC 8017), HMAC (RFC 2104), AES in CBC mode with PKCS #7 padding (FIPS 197, SP 800-38A).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use num_bigint::BigUint;
use serde_json::Value;
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// A certificate in base64, and its key.
pub struct Subscriber {
    pub certificate: String,
    modulus: BigUint,
    exponent: BigUint,
}

impl Subscriber {
    /// The subscriber of the tests.
    pub fn known() -> Self {
        let lines: Vec<&str> = include_str!("../data/subscriber.txt").lines().collect();
        let value = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        let number = |name: &str| BigUint::parse_bytes(value(name).as_bytes(), 16).unwrap();
        Self {
            certificate: value("certificate").to_owned(),
            modulus: number("modulus"),
            exponent: number("exponent"),
        }
    }

    /// What an `encryptedContent` holds.
    #[track_caller]
    pub fn open(&self, content: &Value) -> Value {
        let bytes = |name: &str| STANDARD.decode(content[name].as_str().unwrap()).unwrap();
        let key = self.oaep(&bytes("dataKey"));
        let key: [u8; 32] = key.try_into().unwrap();
        let data = bytes("data");
        assert_eq!(hmac(&key, &data).to_vec(), bytes("dataSignature"), "the signature");
        let plain = decrypt(&key, &data);
        serde_json::from_slice(&plain).unwrap()
    }

    /// EME-OAEP decoding with SHA-1 and an empty label (RFC 8017, 7.1.2).
    fn oaep(&self, cipher: &[u8]) -> Vec<u8> {
        let block = BigUint::from_bytes_be(cipher).modpow(&self.exponent, &self.modulus).to_bytes_be();
        // The leading zero byte is lost in a number.
        let mut block = [vec![0; cipher.len() - block.len()], block].concat();
        assert_eq!(block[0], 0);
        let (seed, data) = block[1..].split_at_mut(20);
        mask(seed, data);
        mask(data, seed);
        assert_eq!(data[..20], Sha1::digest(b"")[..], "the hash of the label");
        let start = 20 + data[20..].iter().position(|byte| *byte == 1).unwrap();
        assert!(data[20..start].iter().all(|byte| *byte == 0));
        data[start + 1..].to_vec()
    }
}

/// The claims of a token whose RS256 signature holds under one of the published keys (RFC 8017, 8.2.2).
#[track_caller]
pub fn claims(token: &str, keys: &Value) -> Value {
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&bytes(header)).unwrap();
    assert_eq!(header["alg"], "RS256");
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let number = |name: &str| BigUint::from_bytes_be(&bytes(key[name].as_str().unwrap()));
    let block = BigUint::from_bytes_be(&bytes(signature)).modpow(&number("e"), &number("n")).to_bytes_be();
    // DigestInfo of SHA-256 (RFC 8017, 9.2).
    let kind = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0, 4,
        32,
    ];
    let wanted = [&kind[..], &Sha256::digest(signed)[..]].concat();
    assert!(
        block.ends_with(&wanted) && block[0] == 1 && block[block.len() - wanted.len() - 1] == 0,
        "the signature"
    );
    serde_json::from_slice(&bytes(claims)).unwrap()
}

/// MGF1 with SHA-1 over `seed`, laid on `target`.
fn mask(target: &mut [u8], seed: &[u8]) {
    for (number, chunk) in target.chunks_mut(20).enumerate() {
        let counter = u32::try_from(number).unwrap().to_be_bytes();
        let hash = Sha1::new().chain_update(seed).chain_update(counter).finalize();
        chunk.iter_mut().zip(hash).for_each(|(byte, mask)| *byte ^= mask);
    }
}

fn hmac(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    let pad = |with: u8| -> [u8; 64] { std::array::from_fn(|at| key.get(at).copied().unwrap_or(0) ^ with) };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(data).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// AES-256-CBC, whose first vector is the beginning of the key, without its padding.
fn decrypt(key: &[u8; 32], data: &[u8]) -> Vec<u8> {
    let (forward, backward) = boxes();
    let keys = round_keys(key, &forward);
    let mut before: [u8; 16] = std::array::from_fn(|at| key[at]);
    let mut plain = Vec::new();
    for block in data.chunks(16) {
        let block: [u8; 16] = block.try_into().unwrap();
        let opened = inverse_cipher(block, &keys, &backward);
        plain.extend(opened.iter().zip(before).map(|(byte, chained)| byte ^ chained));
        before = block;
    }
    let padding = *plain.last().unwrap();
    assert!((1..=16).contains(&padding) && plain.ends_with(&vec![padding; padding.into()]), "the padding");
    plain.truncate(plain.len() - usize::from(padding));
    plain
}

/// Product in the field of 256 elements (FIPS 197, 4.2).
fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a = (a << 1) ^ if a & 0x80 != 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    product
}

/// The substitution table and its inverse (FIPS 197, 5.1.1).
fn boxes() -> ([u8; 256], [u8; 256]) {
    let (mut forward, mut backward) = ([0; 256], [0; 256]);
    for value in 0..=255_u8 {
        let inverse = (0..=255_u8).find(|other| times(value, *other) == 1).unwrap_or(0);
        let turned = |by: u32| inverse.rotate_left(by);
        let image = inverse ^ turned(1) ^ turned(2) ^ turned(3) ^ turned(4) ^ 0x63;
        forward[usize::from(value)] = image;
        backward[usize::from(image)] = value;
    }
    (forward, backward)
}

/// The key expansion for 256 bits: fifteen keys of four words (FIPS 197, 5.2).
fn round_keys(key: &[u8; 32], forward: &[u8; 256]) -> Vec<[u8; 16]> {
    let substitute = |word: [u8; 4]| word.map(|byte| forward[usize::from(byte)]);
    let mut words: Vec<[u8; 4]> = key.chunks(4).map(|word| word.try_into().unwrap()).collect();
    let mut constant = 1;
    while words.len() < 60 {
        let mut word = words[words.len() - 1];
        if words.len().is_multiple_of(8) {
            word.rotate_left(1);
            word = substitute(word);
            word[0] ^= constant;
            constant = times(constant, 2);
        } else if words.len() % 8 == 4 {
            word = substitute(word);
        }
        let earlier = words[words.len() - 8];
        words.push(std::array::from_fn(|at| word[at] ^ earlier[at]));
    }
    words.chunks(4).map(|four| four.concat().try_into().unwrap()).collect()
}

/// The inverse cipher (FIPS 197, 5.3). Columns lie one after the other.
fn inverse_cipher(block: [u8; 16], keys: &[[u8; 16]], backward: &[u8; 256]) -> [u8; 16] {
    let add = |state: [u8; 16], key: &[u8; 16]| -> [u8; 16] { std::array::from_fn(|at| state[at] ^ key[at]) };
    let mut state = add(block, &keys[14]);
    for round in (0..14).rev() {
        // Rows are shifted back, bytes substituted back.
        let shifted: [u8; 16] = std::array::from_fn(|at| {
            let (column, row) = (at / 4, at % 4);
            backward[usize::from(state[4 * ((column + 4 - row) % 4) + row])]
        });
        state = add(shifted, &keys[round]);
        if round > 0 {
            let mixed = |at: usize| {
                let (column, row) = (at / 4 * 4, at % 4);
                let factors = [14, 11, 13, 9];
                (0..4).fold(0, |sum, one| sum ^ times(state[column + (row + one) % 4], factors[one]))
            };
            state = std::array::from_fn(mixed);
        }
    }
    state
}

#[test]
fn the_cipher_is_that_of_the_standard() {
    // FIPS 197, appendix C.3.
    let key: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let cipher = 0x8ea2_b7ca_5167_45bf_eafc_4990_4b49_6089_u128.to_be_bytes();
    let (forward, backward) = boxes();
    let plain = inverse_cipher(cipher, &round_keys(&key, &forward), &backward);
    assert_eq!(plain, 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes());
}
