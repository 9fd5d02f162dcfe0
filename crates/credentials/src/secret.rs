//! Text that must not be seen by accident.

/// A secret. It cannot be printed: there is neither `Debug` nor `Display`. Its memory is overwritten when it goes,
/// as far as that is possible without unsafe code: copies that the system made are out of reach.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the request that carries it and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        // Or the compiler might leave out a write that nobody reads.
        std::hint::black_box(&bytes);
    }
}
