//! Whether a table and its indexes are sound, and say the same.

use crate::fixture::{Database, number};
use postgres::Client;

/// What amcheck finds in the heap of a table and in that of its TOAST table.
const HEAPS: &str = "
SELECT coalesce(string_agg(format('%s: %s', c.oid::regclass, v.msg), E'\n'), '')
FROM pg_class t JOIN pg_class c ON c.oid IN (t.oid, t.reltoastrelid)
CROSS JOIN LATERAL verify_heapam(c.oid) v WHERE t.oid = $1::text::regclass";

/// How many B-trees of both are found sound; raises for one that is not. A standby can be asked less.
const TREES: &str = "
SELECT count(CASE WHEN pg_is_in_recovery() THEN bt_index_check(i.indexrelid, true)
                  ELSE bt_index_parent_check(i.indexrelid, true, true) END::text)
FROM pg_class t JOIN pg_index i ON i.indrelid IN (t.oid, t.reltoastrelid)
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
WHERE t.oid = $1::text::regclass AND i.indisvalid";

/// The B-trees that have an entry for every row.
const WHOLE_TREES: &str = "
SELECT i.indexrelid::regclass::text FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
WHERE i.indrelid = $1::text::regclass AND i.indisvalid AND i.indpred IS NULL";

/// The heap is sound, and so is every B-tree, whose entries are those of the heap.
pub fn assert_sound(database: &Database, table: &str) {
    let mut superuser = database.superuser();
    let is_standby: bool = superuser.query_one("SELECT pg_is_in_recovery()", &[]).unwrap().get(0);
    if !is_standby {
        superuser.batch_execute("CREATE EXTENSION IF NOT EXISTS amcheck").unwrap();
    }
    let faults: String = superuser.query_one(HEAPS, &[&table]).unwrap().get(0);
    assert_eq!(faults, "", "in the heap of {table}");
    let trees = superuser.query_one(TREES, &[&table]).unwrap_or_else(|error| panic!("{table}: {error:?}"));
    assert!(trees.get::<_, i64>(0) > 0, "{table} has no B-tree");
    if is_standby {
        return;
    }
    let by_heap = count_by(&mut superuser, table, "seqscan", "");
    for row in superuser.query(WHOLE_TREES, &[&table]).unwrap() {
        let index: String = row.get(0);
        // Nothing else looks for entries that lead to other rows. That the planner knows of one index only is taken back.
        let hide = format!(
            "UPDATE pg_index SET indisvalid = false WHERE indrelid = '{table}'::regclass AND indexrelid <> '{index}'::regclass"
        );
        let by_index = count_by(&mut superuser, table, "indexscan", &hide);
        assert_eq!(by_heap, by_index, "rows of {table} by its heap and by {index}");
    }
}

/// The rows that one way of scanning finds.
fn count_by(superuser: &mut Client, table: &str, way: &str, before: &str) -> i64 {
    let ways = ["seqscan", "indexscan", "indexonlyscan", "bitmapscan"];
    let off: String = ways.iter().map(|it| format!("SET LOCAL enable_{it} = off;")).collect();
    superuser.batch_execute(&format!("BEGIN; {off} SET LOCAL enable_{way} = on; {before}")).unwrap();
    let count = number(superuser, &format!("SELECT count(*) FROM {table}"));
    superuser.batch_execute("ROLLBACK").unwrap();
    count
}

/// Everybody's tables. Sequences are left out: the log is ahead of them.
const TABLES: &str = "SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relpersistence = 'p' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1";

/// Two databases have the same tables, and these the same rows.
pub fn assert_same_rows(one: &Database, other: &Database) {
    let [ours, theirs] = [one, other].map(|database| {
        let mut superuser = database.superuser();
        let tables: Vec<String> =
            superuser.query(TABLES, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        let hash = |table: String| {
            let rows = format!(
                "SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {table} t"
            );
            let hash: String = superuser.query_one(&rows, &[]).unwrap().get(0);
            format!("{table} {hash}")
        };
        tables.into_iter().map(hash).collect::<Vec<_>>()
    });
    assert!(!ours.is_empty());
    assert_eq!(ours, theirs);
}
