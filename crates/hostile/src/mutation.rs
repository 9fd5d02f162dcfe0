//! Small damage to a document, by a seed.

/// What such documents break on: edges of numbers, of syntaxes, of encodings.
const TOKENS: [&[u8]; 28] = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"\r\n",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&#x110000;",
    b"]]>",
    b"<!--",
    b"\"",
    b"\\",
    b"\\ud800",
    b"{",
    b"[",
    b"null",
    b"-1",
    b"0",
    b"1e999",
    b"4294967296",
    b"18446744073709551616",
    b"10000-01-01",
    b"0000-00-00T00:00:00Z",
    b"9999-12-31T23:59:60Z",
    b"COUNT=1000000000",
    b"INTERVAL=0",
];

/// A source of damaged documents; the same seed damages alike (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Mutation(u64);

impl Mutation {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The document with one to four damages; `other` lends its parts.
    pub fn of(&mut self, document: &[u8], other: &[u8]) -> Vec<u8> {
        let mut damaged = document.to_vec();
        for _ in 0..=self.below(4) {
            self.damage(&mut damaged, other);
        }
        damaged
    }

    fn damage(&mut self, document: &mut Vec<u8>, other: &[u8]) {
        let part = self.part(document.len());
        match self.below(6) {
            0 => document.iter_mut().skip(part.start).take(1).for_each(|byte| *byte ^= 1 << self.below(8)),
            1 => drop(document.drain(part)),
            2 => {
                let token = TOKENS[self.below(TOKENS.len())];
                drop(document.splice(part, token.iter().copied()));
            }
            3 => {
                let again = document[part.clone()].repeat(1 + self.below(8));
                drop(document.splice(part.start..part.start, again));
            }
            4 => document.truncate(part.start),
            _ => {
                let lent = other[self.part(other.len())].to_vec();
                drop(document.splice(part, lent));
            }
        }
    }

    /// A part of something so long, mostly a short one.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { 400 } else { 12 };
        start..length.min(start + self.below(most))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % (limit.max(1) as u64)).unwrap_or(0)
    }
}
