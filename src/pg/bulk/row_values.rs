//! A row taken apart, and put together again.

use pgrx::pg_sys;

/// The values of a row, by attribute.
pub struct Values {
    pub values: Vec<pg_sys::Datum>,
    pub nulls: Vec<bool>,
}

impl Values {
    pub fn new(width: usize) -> Self {
        Self { values: vec![pg_sys::Datum::null(); width], nulls: vec![true; width] }
    }

    pub fn take(&mut self, attribute: usize, from: &Self) {
        self.values[attribute] = from.values[attribute];
        self.nulls[attribute] = from.nulls[attribute];
    }

    /// SAFETY: the tuple is of that description, and stays as long as the values are used.
    pub unsafe fn read(&mut self, tuple: pg_sys::HeapTuple, description: pg_sys::TupleDesc) {
        // SAFETY: the caller's word; there is room for each attribute.
        unsafe {
            pg_sys::heap_deform_tuple(tuple, description, self.values.as_mut_ptr(), self.nulls.as_mut_ptr());
        }
    }

    /// SAFETY: the values are those of the description.
    pub unsafe fn form(&mut self, description: pg_sys::TupleDesc) -> pg_sys::HeapTuple {
        // SAFETY: the caller's word.
        unsafe { pg_sys::heap_form_tuple(description, self.values.as_mut_ptr(), self.nulls.as_mut_ptr()) }
    }
}

/// The description of some attributes of a row.
/// SAFETY: they are attributes of that description.
pub unsafe fn part(description: pg_sys::TupleDesc, attributes: &[usize]) -> pg_sys::TupleDesc {
    // SAFETY: the caller's word; there are as many as there is room for.
    unsafe {
        let part = pg_sys::CreateTemplateTupleDesc(attributes.len() as i32);
        for (to, from) in (1..).zip(attributes) {
            pg_sys::TupleDescCopyEntry(part, to, description, *from as i16 + 1);
        }
        pg_sys::BlessTupleDesc(part)
    }
}
