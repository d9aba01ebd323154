//! Items of a leaf: index tuples, equal keys shared by the rows of a posting list as `_bt_form_posting` in `nbtdedup.c`
//! makes one.

use super::{ITEM_ID, MAX_ITEM, MAX_POSTING, ROW, WORD};

/// `INDEX_ALT_TID_MASK`: a tuple of several rows, on a leaf.
const IS_POSTING: u16 = 0x2000;
/// `BT_IS_POSTING`, beside the number of rows.
const POSTING: u16 = 0x2000;
/// `BT_OFFSET_MASK`.
const COUNT: u16 = 0x0FFF;
/// `INDEX_SIZE_MASK`.
const SIZE: u16 = 0x1FFF;

/// `ItemPointerData`: the high and the low half of the block's number, and the item's. Rows are ordered as these are.
pub type Row = [u16; 3];

/// Items that are to go onto a page, as long as it has room.
#[derive(Debug, Default)]
pub struct Items {
    /// The items, each from a new word on.
    memory: Vec<u64>,
    /// The first word and the bytes of each.
    extents: Vec<(usize, usize)>,
    /// The bytes of the page that are left.
    room: usize,
    /// The rows of the last item.
    rows: Vec<Row>,
}

impl Items {
    /// No items yet, and so many bytes of room on the page.
    pub fn within(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    /// Begins an item with a tuple of one row; false when there is no room for it, on this page or on any
    /// (`BTMaxItemSize`).
    pub fn begin(&mut self, tuple: &[u64]) -> bool {
        self.finish();
        let bytes = size_of_val(tuple);
        let taken = bytes + ITEM_ID;
        if bytes > MAX_ITEM || taken > self.room {
            return false;
        }
        self.room -= taken;
        self.extents.push((self.memory.len(), bytes));
        self.rows.push(head(tuple).0);
        self.memory.extend_from_slice(tuple);
        true
    }

    /// Adds a row to the last item; false when there is none, or no room. Key and rows are bounded together, as in
    /// `_bt_dedup_save_htid` (`nbtdedup.c`).
    pub fn share(&mut self, row: Row) -> bool {
        let Some((_, key)) = self.extents.last().copied().filter(|_| !self.rows.is_empty()) else {
            return false;
        };
        let before = key + list(self.rows.len());
        let after = key + list(self.rows.len() + 1);
        if after > MAX_POSTING || after - before > self.room {
            return false;
        }
        self.room -= after - before;
        self.rows.push(row);
        true
    }

    /// Gives the last item its rows.
    pub fn finish(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let Some((word, bytes)) = self.extents.last_mut().filter(|_| rows.len() > 1) else { return };
        let key = *bytes;
        *bytes += list(rows.len());
        let (_, info) = head(&self.memory[*word..]);
        // Where the list begins, in place of a block's number, and how many rows it has.
        let list = [0, key as u16, POSTING | rows.len() as u16];
        self.memory[*word] = word_of(list, info & !SIZE | IS_POSTING | *bytes as u16);
        let halves: Vec<u16> = rows.into_iter().flatten().collect();
        let whole = |halves: &[u16]| std::array::from_fn(|at| halves.get(at).copied().unwrap_or_default());
        self.memory.extend(halves.chunks(4).map(|halves| of_halves(whole(halves))));
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// Each item.
    pub fn iter(&self) -> impl Iterator<Item = &[u64]> {
        self.extents.iter().map(|(word, bytes)| &self.memory[*word..*word + *bytes / WORD])
    }
}

/// The bytes of so many rows after a key, in whole words. Every row of a list is in it, also the first; one row needs
/// none.
fn list(rows: usize) -> usize {
    if rows > 1 { (rows * ROW).next_multiple_of(WORD) } else { 0 }
}

/// The last row of a tuple on a leaf (`BTreeTupleGetMaxHeapTID`).
pub fn last_row(tuple: &[u64]) -> Row {
    let (row, info) = head(tuple);
    if info & IS_POSTING == 0 {
        return row;
    }
    // The list follows the key: it begins where the block's number says.
    let half = |at: usize| halves(tuple[at / 4])[at % 4];
    let last = usize::from(row[1]) / 2 + (usize::from(row[2] & COUNT) - 1) * 3;
    [half(last), half(last + 1), half(last + 2)]
}

/// `IndexTupleData`: `t_tid` and `t_info`.
fn head(tuple: &[u64]) -> (Row, u16) {
    let [high, low, item, info] = halves(tuple[0]);
    ([high, low, item], info)
}

fn word_of([high, low, item]: Row, info: u16) -> u64 {
    of_halves([high, low, item, info])
}

fn halves(word: u64) -> [u16; 4] {
    let bytes = word.to_ne_bytes();
    std::array::from_fn(|half| u16::from_ne_bytes([bytes[2 * half], bytes[2 * half + 1]]))
}

fn of_halves(halves: [u16; 4]) -> u64 {
    let mut bytes = [0; WORD];
    halves
        .iter()
        .zip(bytes.chunks_exact_mut(2))
        .for_each(|(half, two)| two.copy_from_slice(&half.to_ne_bytes()));
    u64::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A tuple of one row with a key of so many words.
    fn tuple(key: usize, row: Row) -> Vec<u64> {
        let mut tuple = vec![0x0101_0101_0101_0101; key + 1];
        tuple[0] = word_of(row, 0x4000 | ((key + 1) * WORD) as u16);
        tuple
    }

    fn row(number: usize) -> Row {
        [0, (number / 100) as u16, (number % 100 + 1) as u16]
    }

    /// The items of so many equal keys, as many as fit into the room.
    fn items(key: usize, rows: usize, room: usize) -> (Items, usize) {
        let mut items = Items::within(room);
        let fits =
            |items: &mut Items, number| items.share(row(number)) || items.begin(&tuple(key, row(number)));
        let taken = (0..rows).take_while(|number| fits(&mut items, *number)).count();
        items.finish();
        (items, taken)
    }

    /// The rows that an item says it has.
    fn rows_of(item: &[u64]) -> Vec<Row> {
        let (first, info) = head(item);
        if info & IS_POSTING == 0 {
            return vec![first];
        }
        let all: Vec<u16> = item.iter().flat_map(|word| halves(*word)).collect();
        let list = all[usize::from(first[1]) / 2..].chunks_exact(3).take(usize::from(first[2] & COUNT));
        list.map(|row| [row[0], row[1], row[2]]).collect()
    }

    #[test]
    fn the_limits_are_nbtrees() {
        assert_eq!((MAX_ITEM, MAX_POSTING), (2_704, 812));
    }

    #[test]
    fn whole_items_are_within_the_limit_for_every_size_of_key() {
        for key in 0..=PAGE_WORDS {
            let (items, taken) = items(key, 400, 8_000);
            let bytes: Vec<usize> = items.iter().map(size_of_val).collect();
            assert!(bytes.iter().all(|bytes| *bytes <= MAX_ITEM), "{key}: {bytes:?}");
            let alone = (key + 1) * WORD;
            assert!(bytes.iter().all(|bytes| *bytes == alone || *bytes <= MAX_POSTING), "{key}: {bytes:?}");
            assert!(bytes.iter().sum::<usize>() + bytes.len() * ITEM_ID <= 8_000, "{key}: {bytes:?}");
            assert_eq!(taken > 0, alone <= MAX_ITEM, "{key}");
        }
    }

    const PAGE_WORDS: usize = super::super::PAGE / WORD;

    proptest! {
        #[test]
        fn no_row_is_lost_and_each_item_is_as_long_as_it_says(key in 0_usize..400, rows in 0_usize..500, room in 0_usize..8_192) {
            let (items, taken) = items(key, rows, room);
            let found: Vec<Row> = items.iter().flat_map(rows_of).collect();
            prop_assert_eq!(found, (0..taken).map(row).collect::<Vec<_>>());
            for item in items.iter() {
                prop_assert_eq!(usize::from(head(item).1 & SIZE), size_of_val(item));
                prop_assert_eq!(last_row(item), *rows_of(item).last().expect("an item has rows"));
            }
        }
    }
}
