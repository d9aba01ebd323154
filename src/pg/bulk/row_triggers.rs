//! Triggers that fire after each inserted row, as COPY fires them (`CopyMultiInsertBufferFlush` in `copyfrom.c`): queued when
//! all rows of a batch are in the table and its indexes, and run then, in the order of the rows. Foreign keys are among them.

use pack::Packed;
use pgrx::pg_sys;
use std::{ptr, slice};

/// What the executor keeps of a statement that inserts into a table.
pub struct RowTriggers {
    executor: *mut pg_sys::EState,
    target: *mut pg_sys::ResultRelInfo,
}

impl RowTriggers {
    /// To be called before the rows are inserted: what triggers run under a snapshot of the statement's (functions that are
    /// STABLE do) sees none of them. `wanted` are the triggers to fire; None when there are none.
    ///
    /// SAFETY: the table is open until the triggers have fired, or until an error ends the subtransaction.
    pub unsafe fn begin(table: pg_sys::Relation, wanted: &[pg_sys::Oid]) -> Option<Self> {
        // SAFETY: the caller's word; what is allocated goes with its memory context.
        unsafe {
            if wanted.is_empty() || (*table).trigdesc.is_null() {
                return None;
            }
            pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
            pg_sys::AfterTriggerBeginQuery();
            let executor = pg_sys::CreateExecutorState();
            let target = pg_sys::palloc0(size_of::<pg_sys::ResultRelInfo>()).cast();
            // The state has no range table, as that of deferred triggers has none (`AfterTriggerFireDeferred`).
            pg_sys::InitResultRelInfo(target, table, 0, ptr::null_mut(), 0);
            // A copy, of which the table knows nothing.
            let known = (*target).ri_TrigDesc;
            for trigger in slice::from_raw_parts_mut((*known).triggers, (*known).numtriggers as usize) {
                if !wanted.contains(&trigger.tgoid) {
                    trigger.tgenabled = pg_sys::TRIGGER_DISABLED as std::ffi::c_char;
                }
            }
            Some(Self { executor, target })
        }
    }

    /// Fires the triggers for the rows, which are at these places of the table. Raises what they raise.
    ///
    /// SAFETY: the tuples have the row type of the table.
    pub unsafe fn fire(self, packed: &mut Packed, ids: &[pg_sys::ItemPointerData]) {
        // SAFETY: the table is still open, and what this state is made of with it.
        unsafe {
            self.queue(packed, ids);
            pg_sys::AfterTriggerEndQuery(self.executor);
            // Firing has made slots, which hold on to the table's row type.
            pg_sys::ExecResetTupleTable((*self.executor).es_tupleTable, false);
            // The table, which firing has opened once more.
            pg_sys::ExecCloseResultRelations(self.executor);
            pg_sys::FreeExecutorState(self.executor);
            pg_sys::PopActiveSnapshot();
        }
    }

    /// Triggers with a WHEN are judged now.
    unsafe fn queue(&self, packed: &mut Packed, ids: &[pg_sys::ItemPointerData]) {
        // SAFETY: the slot is dropped before the header and the tuples that it refers to.
        unsafe {
            let table = (*self.target).ri_RelationDesc;
            let slot = pg_sys::MakeSingleTupleTableSlot((*table).rd_att, &pg_sys::TTSOpsHeapTuple);
            let mut header =
                pg_sys::HeapTupleData { t_tableOid: (*table).rd_id, ..pg_sys::HeapTupleData::default() };
            for (row, id) in ids.iter().enumerate() {
                let (word, len) = packed.extent(row);
                header.t_len = len as u32;
                header.t_self = *id;
                header.t_data = packed.memory().as_mut_ptr().add(word).cast();
                pg_sys::ExecStoreHeapTuple(&mut header, slot, false);
                pg_sys::ExecARInsertTriggers(
                    self.executor,
                    self.target,
                    slot,
                    ptr::null_mut(),
                    ptr::null_mut(),
                );
                let judging = (*self.executor).es_per_tuple_exprcontext;
                if !judging.is_null() {
                    pg_sys::MemoryContextReset((*judging).ecxt_per_tuple_memory);
                }
            }
            pg_sys::ExecDropSingleTupleTableSlot(slot);
        }
    }
}
