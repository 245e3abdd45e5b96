//! Everything random: ids, names, amounts and signatures, all decided by a seed.
//! It must not know what the values are for beyond their shape.

use sha2::{Digest, Sha256};

/// Random values that depend on nothing but the seed and what they are for, so that adding a subscription to a scenario
/// leaves all others as they were.
#[derive(Debug)]
pub(crate) struct Draw(fastrand::Rng);

impl Draw {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(seed.to_le_bytes())
            .chain_update(purpose)
            .finalize();
        let mut first = [0_u8; 8];
        for (to, from) in first.iter_mut().zip(digest) {
            *to = from;
        }
        Self(fastrand::Rng::with_seed(u64::from_le_bytes(first)))
    }

    pub(crate) fn guid(&mut self) -> String {
        let random = self.0.u128(..);
        let version = (random & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{version:032x}");
        let mut text = String::with_capacity(36);
        for (at, digit) in hex.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(digit);
        }
        text
    }

    /// `E`, a letter or digit that is not A, and eight more: how invoices of the online services programme are named.
    pub(crate) fn invoice_name(&mut self) -> String {
        let rest: String = (0..8)
            .map(|_| self.0.alphanumeric().to_ascii_uppercase())
            .collect();
        format!("E0{rest}")
    }

    /// So many decimal digits, the first of which is not 0.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        let first = self.0.u32(1..10).to_string();
        let rest = (1..count).map(|_| self.0.u32(0..10).to_string());
        std::iter::once(first).chain(rest).collect()
    }

    /// `H6RI-TXWC-BG7-PGB`: how billing profiles are named.
    pub(crate) fn profile_name(&mut self) -> String {
        let mut group = |count: usize| -> String {
            (0..count)
                .map(|_| self.0.alphanumeric().to_ascii_uppercase())
                .collect()
        };
        format!("{}-{}-BG7-{}GB", group(4), group(4), group(1))
    }

    pub(crate) fn document_name(&mut self) -> String {
        self.0.u32(10_000_000..99_999_999).to_string()
    }

    pub(crate) fn number(&mut self, range: std::ops::Range<i64>) -> i64 {
        self.0.i64(range)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill(&mut bytes);
        bytes
    }

    pub(crate) fn shuffle<T>(&mut self, of: &mut [T]) {
        self.0.shuffle(of);
    }

    pub(crate) fn choice<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.0.usize(0..of.len().max(1)))
    }
}
