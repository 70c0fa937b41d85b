//! What stands for an event under the hash: the leaf, and the tree over all leaves (RFC 6962).
//!
//! The leaf is a commitment. Facts here have so little entropy (who joined which branch when)
//! that an unsalted hash shown to a witness would be a dictionary look-up.

use sha2::{Digest, Sha256};

use crate::ids::LedgerId;
use crate::values::Position;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The random bytes that hide an event behind its leaf.
pub type Salt = [u8; 32];

const LEAF_PREFIX: &[u8; 11] = b"rollbook/1\n";
const COMMITMENT_PREFIX: &[u8; 11] = b"rollbook/c1";

/// The length of every leaf in bytes.
pub const LEAF_LENGTH: usize = 11 + 16 + 8 + 32;

/// One entry of the tree: `"rollbook/1\n" ‖ ledger ‖ position ‖ commitment`.
pub type Leaf = [u8; LEAF_LENGTH];

/// The leaf of one event:
/// `commitment = SHA-256("rollbook/c1" ‖ salt ‖ envelope length (u32) ‖ envelope ‖ payload)`.
///
/// # Panics
/// When the envelope is 4 GiB or longer.
#[must_use]
pub fn leaf(
    ledger: LedgerId,
    position: Position,
    salt: &Salt,
    envelope: &[u8],
    payload: &[u8],
) -> Leaf {
    let length = u32::try_from(envelope.len()).expect("an envelope is shorter than 4 GiB");
    let commitment = Sha256::new()
        .chain_update(COMMITMENT_PREFIX)
        .chain_update(salt)
        .chain_update(length.to_be_bytes())
        .chain_update(envelope)
        .chain_update(payload)
        .finalize();
    let mut leaf = [0; LEAF_LENGTH];
    leaf[..11].copy_from_slice(LEAF_PREFIX);
    leaf[11..27].copy_from_slice(ledger.0.as_bytes());
    leaf[27..35].copy_from_slice(&position.0.to_be_bytes());
    leaf[35..].copy_from_slice(&commitment);
    leaf
}

/// The right edge of the tree: one hash per complete subtree, largest first. It is all that an
/// append needs to know, and at most 64 hashes however long the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

/// Bytes that are no frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the frontier of a tree")]
pub struct NotAFrontier;

impl Frontier {
    /// Adds a leaf on the right.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut hash: Hash = Sha256::new().chain_update([0]).chain_update(leaf).finalize().into();
        let mut size = self.size;
        while size & 1 == 1 {
            let left = self.subtrees.pop().expect("one subtree per bit that is set in the size");
            hash = node(&left, &hash);
            size >>= 1;
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The Merkle tree hash of RFC 6962 over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        match subtrees.next() {
            None => Sha256::digest([]).into(),
            Some(last) => subtrees.fold(*last, |right, left| node(left, &right)),
        }
    }

    /// The frontier as bytes: the size (u64, big endian), then the hashes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.size.to_be_bytes()[..], self.subtrees.as_flattened()].concat()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the number of hashes does not belong to the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAFrontier> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(NotAFrontier)?;
        let size = u64::from_be_bytes(*size);
        let (subtrees, rest) = hashes.as_chunks::<32>();
        if !rest.is_empty() || subtrees.len() != size.count_ones() as usize {
            return Err(NotAFrontier);
        }
        Ok(Self { size, subtrees: subtrees.to_vec() })
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, section 2.1, word for word.
    fn by_definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => Sha256::new().chain_update([0]).chain_update(leaf).finalize().into(),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_frontier_has_the_root_of_rfc_6962_at_every_size() {
        let leaves: Vec<Vec<u8>> = (0_u8..70).map(|n| vec![n; usize::from(n)]).collect();
        let mut frontier = Frontier::default();
        for size in 0..=leaves.len() {
            assert_eq!(frontier.root(), by_definition(&leaves[..size]), "size {size}");
            assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Ok(frontier.clone()));
            if let Some(leaf) = leaves.get(size) {
                frontier.push(leaf);
            }
        }
    }

    #[test]
    fn the_root_of_no_leaves_is_the_known_one() {
        assert_eq!(Frontier::default().root()[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    }

    #[test]
    fn bytes_of_another_length_are_no_frontier() {
        assert_eq!(Frontier::from_bytes(&[0; 7]), Err(NotAFrontier));
        assert_eq!(Frontier::from_bytes(&[0; 40]), Err(NotAFrontier));
    }
}
