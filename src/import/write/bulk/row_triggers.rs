//! What fires after each row, and the foreign keys that need not: where all values of a batch have their parents, which are
//! locked, no row of it can be refused.

use crate::table::{ForeignKey, Shared, Target};
use pgrx::pg_sys;
use std::rc::Rc;

/// A trigger of the table.
pub struct RowTrigger {
    trigger: pg_sys::Oid,
    /// The number of the key that it checks, in `foreign_keys`.
    key: Option<usize>,
    foreign_keys: Rc<[ForeignKey]>,
}

impl RowTrigger {
    pub fn of(target: &Target) -> Vec<Self> {
        let keys = &target.foreign_keys;
        let trigger = |trigger: &crate::table::RowTrigger| Self {
            trigger: trigger.oid.into(),
            key: trigger.foreign_key.and_then(|oid| keys.iter().position(|key| key.oid == oid)),
            foreign_keys: keys.clone(),
        };
        target.row_triggers.iter().map(trigger).collect()
    }

    /// The trigger, unless it is that of a key whose values all have their parents; `values` are those of a column in the rows to be
    /// inserted, None of one that the file does not fill. To be called before they are: who removes a parent afterwards finds them.
    pub fn to_fire<'v>(
        &self,
        shared: Option<Shared>,
        values: impl Fn(&str) -> Option<Vec<Option<&'v str>>>,
    ) -> Option<pg_sys::Oid> {
        let is_proved =
            self.key.map(|key| &self.foreign_keys[key]).zip(shared).is_some_and(|(key, shared)| {
                values(&key.column).is_some_and(|values| key.all_have_parents(&values, shared))
            });
        (!is_proved).then_some(self.trigger)
    }
}
