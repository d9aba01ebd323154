//! What a page says of itself, and whether it is on the way to the last leaf.

use super::{OPAQUE, PAGE, PAGE_HEADER};

/// `BTREE_MAGIC`.
const MAGIC: u32 = 0x05_3162;
/// `BTREE_VERSION`. PostgreSQL 11 and before made others, which `pg_upgrade` keeps.
const VERSION: u32 = 4;
/// `P_NONE`.
const NO_PAGE: u32 = 0;
/// `pd_special` of `PageHeaderData`: where the opaque data begin.
const SPECIAL: usize = 16;

/// `BTP_LEAF`.
const LEAF: u16 = 1;
/// `BTP_META`.
const META: u16 = 1 << 3;
/// `BTP_ROOT`, `BTP_SPLIT_END` (what VACUUM asks for) and `BTP_HAS_GARBAGE` (a hint). Any other flag is of a page that
/// is deleted, half dead, or half split.
const HARMLESS: u16 = 1 << 1 | 1 << 5 | 1 << 6;

/// `BTPageOpaqueData`, as far as it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Opaque {
    next: u32,
    level: u32,
    flags: u16,
}

impl Opaque {
    /// Of a page of a B-tree; `None` where it is none (`_bt_checkpage` in `nbtpage.c`), such as one that nobody has
    /// begun.
    pub fn of(page: &[u8; PAGE]) -> Option<Self> {
        let start = PAGE - OPAQUE;
        let special = u16::from_ne_bytes([page[SPECIAL], page[SPECIAL + 1]]);
        let flags = u16::from_ne_bytes([page[start + 12], page[start + 13]]);
        let is_tree = usize::from(special) == start;
        is_tree.then(|| Self { next: number(page, start + 4), level: number(page, start + 8), flags })
    }

    /// Whether the page is a leaf, the last of its level, and whole.
    pub fn is_last_leaf(&self) -> bool {
        self.flags & !HARMLESS == LEAF && self.level == 0 && self.next == NO_PAGE
    }

    /// Whether the page is above the leaves, at that level, the last there, and whole.
    pub fn is_last_above(&self, level: u32) -> bool {
        self.flags & !HARMLESS == 0 && level > 0 && self.level == level && self.next == NO_PAGE
    }
}

/// Where the page is that an index says of itself on (`BTREE_METAPAGE`).
pub const META_PAGE: u32 = 0;

/// `BTMetaPageData`, as far as it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    root: u32,
    level: u32,
    /// Whether equal keys are alike to the bit, and may share an item (`btm_allequalimage`).
    pub all_equal_image: bool,
}

impl Meta {
    /// `None` where the page is none of this version (`_bt_getmeta` in `nbtpage.c`).
    pub fn of(page: &[u8; PAGE]) -> Option<Self> {
        let field = |at: usize| number(page, PAGE_HEADER + at);
        let is_meta = Opaque::of(page).is_some_and(|opaque| opaque.flags & META != 0);
        let meta = Self { root: field(16), level: field(20), all_equal_image: page[PAGE_HEADER + 40] != 0 };
        (is_meta && field(0) == MAGIC && field(4) == VERSION).then_some(meta)
    }

    /// The page where a search begins, and its level (`btm_fastroot`); `None` in an empty index.
    pub fn root(&self) -> Option<(u32, u32)> {
        (self.root != NO_PAGE).then_some((self.root, self.level))
    }
}

fn number(page: &[u8; PAGE], at: usize) -> u32 {
    u32::from_ne_bytes([page[at], page[at + 1], page[at + 2], page[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(next: u32, level: u32, flags: u16) -> [u8; PAGE] {
        let mut page = [0; PAGE];
        page[SPECIAL..SPECIAL + 2].copy_from_slice(&((PAGE - OPAQUE) as u16).to_ne_bytes());
        page[PAGE - 12..PAGE - 8].copy_from_slice(&next.to_ne_bytes());
        page[PAGE - 8..PAGE - 4].copy_from_slice(&level.to_ne_bytes());
        page[PAGE - 4..PAGE - 2].copy_from_slice(&flags.to_ne_bytes());
        page
    }

    fn opaque(next: u32, level: u32, flags: u16) -> Opaque {
        Opaque::of(&page(next, level, flags)).expect("a page of a tree")
    }

    #[test]
    fn only_whole_last_leaves_are_appended_to() {
        for flags in [LEAF, LEAF | 1 << 1, LEAF | 1 << 5, LEAF | 1 << 6] {
            assert!(opaque(NO_PAGE, 0, flags).is_last_leaf(), "{flags}");
        }
        // Deleted, a meta page, half dead, half split, deleted with its transaction.
        for flag in [1 << 2, META, 1 << 4, 1 << 7, 1 << 8] {
            assert!(!opaque(NO_PAGE, 0, LEAF | flag).is_last_leaf(), "{flag}");
            assert!(!opaque(NO_PAGE, 1, flag).is_last_above(1), "{flag}");
        }
        assert!(!opaque(7, 0, LEAF).is_last_leaf(), "others follow");
        assert!(!opaque(NO_PAGE, 1, LEAF).is_last_leaf(), "of another level");
        assert!(!opaque(NO_PAGE, 0, 0).is_last_leaf(), "no leaf");
    }

    #[test]
    fn the_way_down_is_that_of_the_last_pages() {
        assert!(opaque(NO_PAGE, 2, 1 << 1).is_last_above(2));
        assert!(!opaque(NO_PAGE, 2, 0).is_last_above(1), "of another level");
        assert!(!opaque(9, 2, 0).is_last_above(2), "others follow");
        assert!(!opaque(NO_PAGE, 0, LEAF).is_last_above(1), "a leaf");
        assert!(Opaque::of(&[0; PAGE]).is_none(), "nobody has begun it");
    }

    #[test]
    fn a_meta_page_is_of_this_version() {
        let meta = |magic: u32, version: u32, root: u32, flags: u16| {
            let mut page = page(NO_PAGE, 0, flags);
            for (at, field) in [(0, magic), (4, version), (16, root), (20, 2)] {
                page[PAGE_HEADER + at..PAGE_HEADER + at + 4].copy_from_slice(&field.to_ne_bytes());
            }
            Meta::of(&page).map(|meta| meta.root())
        };
        assert_eq!(meta(MAGIC, VERSION, 3, META), Some(Some((3, 2))));
        assert_eq!(meta(MAGIC, VERSION, NO_PAGE, META), Some(None));
        for other in [meta(1, VERSION, 3, META), meta(MAGIC, 3, 3, META), meta(MAGIC, VERSION, 3, LEAF)] {
            assert_eq!(other, None);
        }
    }
}
