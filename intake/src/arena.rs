//! Many short texts in one string.

/// Bytes that an arena can tell apart; the offsets' upper bit marks what is NULL.
const ROOM: usize = (1 << 31) - 1;

const NULL: u32 = 1 << 31;

/// Texts and NULLs, appended one after the other: an offset of four bytes each, and no allocation of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Arena {
    text: String,
    /// Where each text ends, and the next begins.
    ends: Vec<u32>,
}

impl Arena {
    /// Keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(crate) fn push(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        self.end(text.is_some());
    }

    /// Appends what `write` appends; it tells whether that is a text rather than NULL. After an error the arena must be
    /// truncated.
    pub(crate) fn write<E>(&mut self, write: impl FnOnce(&mut String) -> Result<bool, E>) -> Result<(), E> {
        let is_text = write(&mut self.text)?;
        self.end(is_text);
        Ok(())
    }

    fn end(&mut self, is_text: bool) {
        let end = self.text.len().min(ROOM) as u32;
        self.ends.push(if is_text { end } else { end | NULL });
    }

    /// Text number `index`, from 0.
    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let end = self.ends[index];
        (end & NULL == 0).then(|| &self.text[self.start(index)..end as usize])
    }

    /// Keeps the first `len` texts.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.text.truncate(self.start(len));
        self.ends.truncate(len);
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| (self.ends[before] & !NULL) as usize)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Whether the last text lies beyond what offsets reach: it must be truncated away.
    pub(crate) fn overflows(&self) -> bool {
        self.text.len() > ROOM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_texts_are_told_from_null() {
        let mut arena = Arena::default();
        for text in [None, Some(""), Some("é"), None, Some("b")] {
            arena.push(text);
        }
        let texts: Vec<_> = (0..5).map(|index| arena.get(index)).collect();
        assert_eq!(texts, [None, Some(""), Some("é"), None, Some("b")]);
    }

    #[test]
    fn what_is_truncated_leaves_no_trace() {
        let mut arena = Arena::default();
        arena.push(Some("a"));
        arena.push(None);
        let before = arena.clone();
        arena.push(Some("b"));
        let failed = arena.write(|text| {
            text.push_str("half");
            Err(())
        });
        assert!(failed.is_err());
        arena.truncate(2);
        assert_eq!(arena, before);
    }
}
