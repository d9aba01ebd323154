//! Values of variable length: a header, of one byte or of four, and the payload. Columns whose storage is PLAIN, which
//! have no headers of one byte (`ATT_IS_PACKABLE` in `heaptuple.c`), are not written here.

/// The longest payload that a header of one byte can tell: `VARATT_SHORT_MAX` in `postgres.h`, less the header.
const MAX_SHORT: usize = 126;
/// Bytes of the other header (`VARHDRSZ`), and its alignment: that of all types here (`typalign` in `pg_type.dat`).
pub(crate) const LONG: usize = 4;

/// Appends a varlena, aligned if its header needs that; returns where it starts.
pub(crate) fn write(payload: &[u8], out: &mut Vec<u8>) -> usize {
    if payload.len() <= MAX_SHORT {
        out.push(short_header(payload.len()));
    } else {
        out.resize(out.len().next_multiple_of(LONG), 0);
        out.extend_from_slice(&long_header(payload.len()));
    }
    out.extend_from_slice(payload);
    out.len() - payload.len() - header_of(payload.len())
}

/// Where a varlena of so many bytes may start.
pub(crate) fn alignment(bytes: usize) -> usize {
    if bytes <= MAX_SHORT + 1 { 1 } else { LONG }
}

fn header_of(payload: usize) -> usize {
    if payload <= MAX_SHORT { 1 } else { LONG }
}

/// `SET_VARSIZE_1B` of a payload of so many bytes.
fn short_header(payload: usize) -> u8 {
    let total = payload as u8 + 1;
    if cfg!(target_endian = "little") { total << 1 | 1 } else { total | 0x80 }
}

/// `SET_VARSIZE_4B`.
pub(crate) fn long_header(payload: usize) -> [u8; LONG] {
    let total = (payload + LONG) as u32;
    if cfg!(target_endian = "little") { (total << 2).to_ne_bytes() } else { total.to_ne_bytes() }
}
