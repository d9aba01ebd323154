//! Which currency a number had.

use serde::{Deserialize, Serialize};

/// A code, such as `USD`, or a sign that several currencies share, such as `kr`: at most four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency([u8; 4]);

impl Currency {
    pub(crate) const EURO: Currency = Currency(*b"EUR\0");

    pub(crate) fn new(name: &str) -> Option<Self> {
        let mut bytes = [0; 4];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Currency(bytes))
    }

    pub(crate) fn as_str(&self) -> &str {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }
}
