//! The checksum that a ZIP archive keeps of each member.
//! Must not know: archives; it sees bytes.

/// The polynomial of IEEE 802.3, lowest bit first.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// What each value of a byte adds. One table of a kilobyte: faster ways take sixteen, and all that is downloaded would
/// have to carry them.
const TABLE: [u32; 256] = table();

/// The CRC-32 of `bytes`, taken up after `before`: 0 at the start, else what came of the bytes so far.
pub fn crc32(before: u32, bytes: &[u8]) -> u32 {
    let mut state = !before;
    for byte in bytes {
        let [lowest, ..] = state.to_le_bytes();
        let added = TABLE.get(usize::from(lowest ^ byte)).copied().unwrap_or_default();
        state = state >> 8 ^ added;
    }
    !state
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut rest: &mut [u32] = &mut table;
    let mut byte = 0;
    while let [entry, others @ ..] = rest {
        *entry = entry_of(byte);
        rest = others;
        byte += 1;
    }
    table
}

const fn entry_of(byte: u32) -> u32 {
    let mut entry = byte;
    let mut bit = 0;
    while bit < 8 {
        entry = if entry & 1 == 1 {
            entry >> 1 ^ POLYNOMIAL
        } else {
            entry >> 1
        };
        bit += 1;
    }
    entry
}
