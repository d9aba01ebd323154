//! The hash of a file, by which the same file is known again.

use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// Known when the whole file has been read.
#[derive(Clone, Default)]
pub struct FileHash(Arc<OnceLock<String>>);

/// Hashes a file while it is read.
pub struct Hasher {
    state: Sha256,
    hash: FileHash,
}

impl FileHash {
    pub fn of(bytes: &[u8]) -> Self {
        let hash = Self::default();
        let mut hasher = hash.hasher();
        hasher.update(bytes);
        hasher.finish();
        hash
    }

    pub fn hasher(&self) -> Hasher {
        Hasher { state: Sha256::new(), hash: self.clone() }
    }

    /// SHA-256, in hexadecimal digits; `None` of records, and before the end of the file.
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
    }

    /// The end of the file.
    pub fn finish(&mut self) {
        let digest = std::mem::take(&mut self.state).finalize();
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        // Once is enough.
        let _ = self.hash.0.set(digits);
    }
}
