//! What rows in bulk go into, and their insertion.

use super::layout;
use super::row_keys::RowKeys;
use super::row_triggers::RowTrigger;
use crate::creator::Creator;
use crate::failure::Failure;
use crate::identity;
use crate::import::path::SqlPathReason;
use crate::import::read::Plan;
use crate::import::write::changes::EXACT_VALUES;
use crate::import::write::fault::is_fault_of_a_row;
use crate::pg::{self, BulkTarget, Index};
use crate::settings;
use crate::table::{Column, Shared, Target};
use pack::Packed;
use pgrx::Uuid;
use pgrx::datum::DatumWithOid;

pub struct BulkPath {
    pub target: BulkTarget,
    pub plan: Plan,
    /// The columns of each unique index.
    unique: Vec<Vec<String>>,
    keys: RowKeys,
    triggers: Vec<RowTrigger>,
    /// Whether rows can also be updated past the executor.
    pub can_update: bool,
}

/// The bulk path, or why rows have to go through the executor.
pub type Prepared = Result<BulkPath, Vec<SqlPathReason>>;

impl BulkPath {
    /// The target is locked, so that nobody changes what is found out about it.
    pub fn prepare(
        target: &Target,
        creator: &Creator,
        job: Option<Uuid>,
        is_small: bool,
    ) -> Result<Prepared, Failure> {
        let Some(job) = job else { return Ok(Err(vec![SqlPathReason::Preview])) };
        let obstacles = obstacles(target, creator, is_small);
        if !obstacles.is_empty() {
            return Ok(Err(obstacles));
        }
        let arguments: [DatumWithOid; 4] =
            [target.oid.into(), creator.id.into(), creator.team.into(), job.into()];
        if !pg::query_value::<bool>("SELECT teamwork.lock_parents($1, $2, $3, $4)", &arguments) {
            return Ok(Err(vec![SqlPathReason::ParentMissing]));
        }
        Ok(Ok(Self::of(target, creator, job)))
    }

    fn of(target: &Target, creator: &Creator, job: Uuid) -> Self {
        let columns = &target.columns;
        let names: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
        let indexes = layout::indexes(target);
        let unique = indexes.iter().zip(&target.indexes).filter(|(_, index)| index.is_unique);
        let named = |keys: &[usize]| keys.iter().map(|key| names[*key].clone()).collect();
        let unique = unique.map(|(index, _)| named(&index.attributes)).collect();
        let keys = indexes.iter().map(|index| index.attributes.clone()).collect();
        let bulk = BulkTarget {
            table: target.oid,
            indexes,
            places: columns.iter().map(layout::place).collect(),
            sequences: columns.iter().enumerate().filter_map(layout::numbering).collect(),
            times: (0..columns.len()).filter(|at| columns[*at].is_now).collect(),
            uuids: (0..columns.len()).filter(|at| columns[*at].is_random).collect(),
        };
        let plan = Plan { columns: layout::plan(target, creator, job), names, indexes: keys };
        Self {
            target: bulk,
            plan,
            unique,
            keys: RowKeys::of(target),
            triggers: RowTrigger::of(target),
            can_update: can_update(target),
        }
    }

    /// Whether the order of the rows decides which of them a unique index refuses, besides that of the key: rows that are
    /// updated may take or leave values there.
    pub fn is_order_sensitive(&self, columns: &[&Column]) -> bool {
        let changes =
            |name: &String| columns.iter().any(|column| column.name() == name && column.is_updatable());
        self.unique.iter().any(|names| names.iter().any(changes))
    }

    /// The same for rows that are made for another's plan, whose orders are those of the indexes that there were then; None where
    /// these are no rows for this one.
    pub fn for_rows_of(mut self, other: &Self) -> Option<Self> {
        for index in &mut self.target.indexes {
            // Where the values of other columns lie is not known of the rows.
            let is_located = |attribute| other.plan.indexes.iter().any(|keys| keys.contains(attribute));
            if !index.attributes.iter().all(is_located) {
                return None;
            }
            index.order = other.plan.indexes.iter().position(|keys| *keys == index.attributes);
        }
        let indexes: Vec<Index> = self.target.indexes.clone();
        self.plan.indexes = other.plan.indexes.clone();
        let target = BulkTarget { indexes, ..other.target.clone() };
        let are_right = self.target == target && self.plan == other.plan && self.keys == other.keys;
        are_right.then_some(self)
    }

    /// The keys of inserted rows as undo_import() wants them, where it does; `given` is the value of a file's column in a row,
    /// the rows counted as those of `packed`.
    pub fn keys<'b>(
        &self,
        packed: &Packed,
        given: impl Fn(usize, &str) -> Option<&'b str>,
    ) -> Option<String> {
        self.keys.of_rows(packed, given)
    }

    /// Inserts a batch; false when the database finds a fault with a row of it, and nothing is inserted. `values` are those of a
    /// column in its rows, None of a column that the file does not fill.
    pub fn insert<'v>(
        &self,
        packed: &mut Packed,
        creator: &Creator,
        job: Option<Uuid>,
        values: impl Fn(&str) -> Option<Vec<Option<&'v str>>>,
    ) -> Result<bool, Failure> {
        let shared = Shared::of(creator, job);
        let insert = || {
            let triggers: Vec<_> =
                self.triggers.iter().filter_map(|trigger| trigger.to_fire(shared, &values)).collect();
            // Triggers see the settings that they see of a statement.
            creator.act_with(&EXACT_VALUES, || pg::bulk_insert(&self.target, packed, &triggers));
        };
        match pg::subtransaction(insert) {
            Ok(()) => Ok(true),
            Err(error) if is_fault_of_a_row(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn obstacles(target: &Target, creator: &Creator, is_small: bool) -> Vec<SqlPathReason> {
    if is_small {
        return vec![SqlPathReason::SmallSource];
    }
    if !settings::bulk_imports() {
        return vec![SqlPathReason::BulkImportsOff];
    }
    // Nothing here asks or tells of the conflicts that the other levels look for.
    if !pg::is_read_committed() {
        return vec![SqlPathReason::NotReadCommitted];
    }
    if pg::is_left_out_of_wal(target.oid) {
        return vec![SqlPathReason::NotLogged];
    }
    let arguments: [DatumWithOid; 2] = [target.oid.into(), creator.role_name.as_str().into()];
    let of_table: Vec<String> = pg::query_column("SELECT teamwork.bulk_obstacles($1, $2)", &arguments);
    let rule = identity::rule_of(creator.id, target.oid);
    let forbidden =
        rule.filter(|rule| !["SELECT", "INSERT", "UPDATE"].iter().all(|command| rule.allows(command)));
    let of_rule = forbidden.map(|rule| format!("has a rule for the role {}", rule.role));
    let checks = target.checks.iter().map(|check| SqlPathReason::CheckByDatabase(check.name.clone()));
    of_table.into_iter().chain(of_rule).map(SqlPathReason::Table).chain(checks).collect()
}

fn can_update(target: &Target) -> bool {
    pg::query_value("SELECT NOT EXISTS (SELECT teamwork.update_obstacles($1))", &[target.oid.into()])
}
