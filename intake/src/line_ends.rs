//! Line ends: LF, CRLF and CR, mixed at will.

use memchr::{memchr2, memchr2_iter};

/// Where the first line ends.
pub(crate) fn first_end(bytes: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', bytes)
}

/// Counts LF, CRLF and CR, each as one.
pub(crate) fn count(bytes: &[u8]) -> u64 {
    let ends = memchr2_iter(b'\n', b'\r', bytes);
    ends.filter(|&at| bytes[at] == b'\r' || at == 0 || bytes[at - 1] != b'\r').count() as u64
}
