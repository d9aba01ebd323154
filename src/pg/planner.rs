//! The INSERT that is being planned, for a planner support function: PostgreSQL calls one with the function call that it would
//! like to see replaced by something simpler.

use pgrx::datum::Internal;
use pgrx::pg_sys::{self, CmdType, NodeTag};
use pgrx::prelude::*;
use pgrx::{IntoDatum, PgList, is_a};
use std::ffi::CStr;

/// The INSERT, or the MERGE that inserts, in whose policy the call stands. Planner and statement live for as long as the call.
pub struct PlannedInsert {
    root: *mut pg_sys::PlannerInfo,
    table: pg_sys::Oid,
}

/// What ON CONFLICT finds existing rows by: a constraint, or the numbers of columns.
pub struct ConflictKey {
    constraint: pg_sys::Oid,
    columns: Vec<i16>,
}

impl PlannedInsert {
    /// `None` when the request asks for something else than a replacement, or the call stands in no INSERT. Anybody can call the
    /// function anywhere: its argument has to be a column of the table that is written. Where that can be asked for, so can the row.
    pub fn of(request: &Internal) -> Option<Self> {
        // SAFETY: PostgreSQL calls support functions, and with an `internal` argument nobody else can. Every request is a
        // node; its tag says which. A statement that writes has its table in the range table, counted from 1; 0 is none.
        unsafe {
            let node = request.get::<pg_sys::Node>()?;
            if !is_a(std::ptr::from_ref(node).cast_mut(), NodeTag::T_SupportRequestSimplify) {
                return None;
            }
            let request = request.get::<pg_sys::SupportRequestSimplify>()?;
            let root = request.root;
            let parse = root.as_ref()?.parse.as_ref()?;
            let argument = PgList::<pg_sys::Node>::from_pg((*request.fcall).args).get_ptr(0)?;
            if !is_a(argument, NodeTag::T_Var) {
                return None;
            }
            let column = &*argument.cast::<pg_sys::Var>();
            if column.varno != parse.resultRelation || column.varlevelsup != 0 {
                return None;
            }
            let position = usize::try_from(parse.resultRelation).ok()?.checked_sub(1)?;
            let entry = PgList::<pg_sys::RangeTblEntry>::from_pg(parse.rtable).get_ptr(position)?;
            matches!(parse.commandType, CmdType::CMD_INSERT | CmdType::CMD_MERGE)
                .then_some(Self { root, table: (*entry).relid })
        }
    }

    fn parse(&self) -> &pg_sys::Query {
        // SAFETY: checked by `of`.
        unsafe { &*(*self.root).parse }
    }

    /// What is inserted, column by column.
    fn entries(&self) -> Vec<*mut pg_sys::TargetEntry> {
        let parse = self.parse();
        // SAFETY: the lists hold target entries, and MergeActions. A resjunk entry is no column.
        unsafe {
            let actions = PgList::<pg_sys::MergeAction>::from_pg(parse.mergeActionList);
            let own = (parse.commandType == CmdType::CMD_INSERT).then_some(parse.targetList);
            let inserting = actions.iter_ptr().filter(|action| (**action).commandType == CmdType::CMD_INSERT);
            let lists = own.into_iter().chain(inserting.map(|action| (*action).targetList));
            let entries = lists
                .flat_map(|list| PgList::<pg_sys::TargetEntry>::from_pg(list).iter_ptr().collect::<Vec<_>>());
            entries.filter(|entry| !(**entry).resjunk).collect()
        }
    }

    /// The columns of these names that the table has.
    pub fn columns(&self, names: &[&str]) -> Vec<i16> {
        self.columns_that(|attribute| names.contains(&attribute.name()))
    }

    /// The columns that are GENERATED … AS IDENTITY.
    pub fn identity_columns(&self) -> Vec<i16> {
        self.columns_that(|attribute| attribute.attidentity != 0)
    }

    fn columns_that(&self, is_wanted: impl Fn(&pg_sys::FormData_pg_attribute) -> bool) -> Vec<i16> {
        self.with_table(|table| {
            // SAFETY: the description stays as long as the table is open.
            let description = unsafe { pgrx::PgTupleDesc::from_pg_unchecked((*table).rd_att) };
            let wanted =
                description.iter().filter(|attribute| !attribute.attisdropped && is_wanted(attribute));
            wanted.map(|attribute| attribute.attnum).collect()
        })
    }

    /// The statement has locked its table already.
    fn with_table<R>(&self, body: impl FnOnce(pg_sys::Relation) -> R) -> R {
        // SAFETY: opened and closed; when the body raises, the transaction's end closes it.
        unsafe {
            let table = pg_sys::relation_open(self.table, pg_sys::NoLock as i32);
            let result = body(table);
            pg_sys::relation_close(table, pg_sys::NoLock as i32);
            result
        }
    }

    /// Whether the statement gives one of these columns a value that is not the next one of its sequence.
    pub fn gives(&self, columns: &[i16]) -> bool {
        let mut entries = self.entries().into_iter();
        // SAFETY: entries of this statement.
        entries.any(|entry| unsafe {
            columns.contains(&(*entry).resno) && !self.is_next_value((*entry).expr.cast())
        })
    }

    /// Whether it is the next value of a sequence, in every row of a VALUES list.
    unsafe fn is_next_value(&self, expression: *mut pg_sys::Node) -> bool {
        // SAFETY: a node's tag says what it is. A Var names a relation of this statement, counted from 1, and its column; the
        // lists of a VALUES list all have as many expressions.
        unsafe {
            if !is_a(expression, NodeTag::T_Var) {
                return is_a(expression, NodeTag::T_NextValueExpr);
            }
            let var = expression.cast::<pg_sys::Var>();
            let place = |number: i32| usize::try_from(number).unwrap_or_default().wrapping_sub(1);
            let entries = PgList::<pg_sys::RangeTblEntry>::from_pg(self.parse().rtable);
            let lists = match entries.get_ptr(place((*var).varno)) {
                Some(entry) if (*entry).rtekind == pg_sys::RTEKind::RTE_VALUES => (*entry).values_lists,
                _ => return false,
            };
            let column = place(i32::from((*var).varattno));
            PgList::<pg_sys::List>::from_pg(lists).iter_ptr().all(|row| {
                let value = PgList::<pg_sys::Node>::from_pg(row).get_ptr(column);
                value.is_some_and(|value| is_a(value, NodeTag::T_NextValueExpr))
            })
        }
    }

    /// Makes NULL mean the default in these columns. The planner has not come to what becomes of the rows yet: policies are looked
    /// at before, and the statement that is planned is a copy.
    pub fn fill_nulls(&self, columns: &[i16]) {
        self.rewrite(columns, |given, default| {
            // SAFETY: makes a node in the planner's memory of two others, which have the type of the column.
            unsafe {
                if default.is_null()
                    || is_a(given, NodeTag::T_NextValueExpr)
                    || pg_sys::equal(given.cast(), default.cast())
                {
                    return given;
                }
                let mut node = PgBox::<pg_sys::CoalesceExpr>::alloc_node(NodeTag::T_CoalesceExpr);
                let mut either = PgList::new();
                either.push(given);
                either.push(default);
                node.coalescetype = pg_sys::exprType(given);
                node.coalescecollid = pg_sys::exprCollation(given);
                node.args = either.into_pg();
                node.location = -1;
                node.into_pg().cast()
            }
        });
    }

    /// Puts the default into these columns, whatever the statement gives them.
    pub fn use_defaults(&self, columns: &[i16]) {
        self.rewrite(columns, |given, default| if default.is_null() { given } else { default });
    }

    /// Puts what a function of the schema `teamwork` without arguments returns into these columns, if it is of their type.
    pub fn use_result(&self, columns: &[i16], function: &CStr, kind: pg_sys::Oid) {
        self.rewrite(columns, |given, _| {
            // SAFETY: looks at a node's type.
            if unsafe { pg_sys::exprType(given) } == kind { call(function, kind, Vec::new()) } else { given }
        });
    }

    /// `with`: from what is given and the column's default; a null pointer where it has none.
    fn rewrite(
        &self,
        columns: &[i16],
        with: impl Fn(*mut pg_sys::Node, *mut pg_sys::Node) -> *mut pg_sys::Node,
    ) {
        for entry in self.entries() {
            // SAFETY: an entry of this statement, whose column the table has. What is made new is simplified, as the rest has been.
            unsafe {
                let column = (*entry).resno;
                if columns.contains(&column) {
                    let default = self.with_table(|table| pg_sys::build_column_default(table, column.into()));
                    let expression = with((*entry).expr.cast(), default);
                    (*entry).expr = pg_sys::eval_const_expressions(self.root, expression).cast();
                }
            }
        }
    }

    /// `None` without ON CONFLICT, and where its key is not columns only.
    pub fn conflict_key(&self) -> Option<ConflictKey> {
        // SAFETY: the list holds InferenceElems; a node's tag says what it is.
        unsafe {
            let conflict = self.parse().onConflict.as_ref()?;
            let elements = PgList::<pg_sys::InferenceElem>::from_pg(conflict.arbiterElems);
            let column = |element: *mut pg_sys::InferenceElem| {
                let node = (*element).expr;
                is_a(node, NodeTag::T_Var).then(|| (*node.cast::<pg_sys::Var>()).varattno)
            };
            let columns: Vec<i16> = elements.iter_ptr().map(column).collect::<Option<_>>()?;
            let key = ConflictKey { constraint: conflict.constraint, columns };
            (!key.columns.is_empty() || key.constraint != pg_sys::InvalidOid).then_some(key)
        }
    }

    /// A call of a function of the schema `teamwork` with the table, the key, if there is one, and the row that is to be inserted.
    pub fn call_with_row(&self, function: &CStr, key: Option<ConflictKey>) -> Internal {
        let mut arguments = vec![(constant(pg_sys::REGCLASSOID, 4, self.table.into()), pg_sys::REGCLASSOID)];
        if let Some(ConflictKey { constraint, columns }) = key {
            arguments.push((constant(pg_sys::OIDOID, 4, constraint.into()), pg_sys::OIDOID));
            let columns = columns.into_datum().expect("an array, be it empty");
            arguments.push((constant(pg_sys::INT2ARRAYOID, -1, columns), pg_sys::INT2ARRAYOID));
        }
        // SAFETY: makes a node in the planner's memory. A row of the table is the result relation's whole row.
        let row = unsafe {
            let position = self.parse().resultRelation;
            let entry =
                PgList::<pg_sys::RangeTblEntry>::from_pg(self.parse().rtable).get_ptr(position as usize - 1);
            pg_sys::makeWholeRowVar(entry.expect("the table of the statement"), position, 0, false)
        };
        arguments.push((row.cast(), pg_sys::RECORDOID));
        Internal::from(Some(pg_sys::Datum::from(call(function, pg_sys::BOOLOID, arguments))))
    }
}

/// A call of a function of the schema `teamwork`, with arguments and their types.
fn call(
    function: &CStr,
    returns: pg_sys::Oid,
    arguments: Vec<(*mut pg_sys::Node, pg_sys::Oid)>,
) -> *mut pg_sys::Node {
    let (nodes, types): (Vec<_>, Vec<_>) = arguments.into_iter().unzip();
    // SAFETY: makes nodes in the planner's memory; the names are NUL-terminated, and only read.
    unsafe {
        let (mut name, mut list) = (PgList::new(), PgList::new());
        name.push(pg_sys::makeString(c"teamwork".as_ptr().cast_mut()));
        name.push(pg_sys::makeString(function.as_ptr().cast_mut()));
        nodes.into_iter().for_each(|node| list.push(node));
        let function = pg_sys::LookupFuncName(name.into_pg(), types.len() as i32, types.as_ptr(), false);
        let (none, form) = (pg_sys::InvalidOid, pg_sys::CoercionForm::COERCE_EXPLICIT_CALL);
        pg_sys::makeFuncExpr(function, returns, list.into_pg(), none, none, form).cast()
    }
}

/// `width`: that of `pg_type`, below 0 of what is passed by its address.
fn constant(kind: pg_sys::Oid, width: i32, value: pg_sys::Datum) -> *mut pg_sys::Node {
    // SAFETY: makes a node in the planner's memory, where the value is, too.
    unsafe { pg_sys::makeConst(kind, -1, pg_sys::InvalidOid, width, value, false, width > 0).cast() }
}

/// The answer to a request: what takes the place of the call.
pub fn replacement(value: bool) -> Internal {
    // SAFETY: allocates a node in the planner's memory.
    Internal::from(Some(pg_sys::Datum::from(unsafe { pg_sys::makeBoolConst(value, false) })))
}

/// The call stays.
pub fn no_replacement() -> Internal {
    // A null pointer, and not an SQL NULL.
    Internal::from(Some(pg_sys::Datum::null()))
}
