-- Restoring: while pg_dump's script fills the tables, the engine waits. The script commits table by table, so a job would
-- find its upload missing, or draw ids that rows to come already have. The session that restores holds an advisory lock
-- until it ends; teamwork.restoring(), in 21_quotas.sql, keeps the triggers out of its way.

CREATE FUNCTION teamwork.hold_engine() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Waits for a claim that is being committed. Taken again and again under pg_dump --inserts, which costs nothing.
    PERFORM pg_advisory_lock(1952939891, 1);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.hold_engine() IS 'Trigger: no job starts in this database until the session that restores it has ended';

CREATE FUNCTION teamwork.restore_is_running() RETURNS boolean
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    -- The first question costs next to nothing, and is the only one when nobody restores. The second one is about the
    -- holder: the lock is anybody's to take, the engine is not anybody's to stop.
    SELECT NOT pg_try_advisory_xact_lock_shared(1952939891, 1) AND EXISTS (
        SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock'
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (l.classid, l.objid, l.objsubid) = (1952939891, 1, 2)
          AND pg_has_role(a.usesysid, (SELECT extowner FROM pg_extension WHERE extname = 'teamwork'), 'USAGE'))
$$;
COMMENT ON FUNCTION teamwork.restore_is_running() IS 'Whether a session that restores a dump of this database is still connected';

CREATE FUNCTION teamwork.replace_protection() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM teamwork.protections p WHERE p.target = NEW.target;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.replace_protection() IS 'Trigger: rows restored into a table that was protected anew bring their registration';

CREATE TRIGGER replace_protection BEFORE INSERT ON teamwork.protections
    FOR EACH ROW WHEN (teamwork.restoring()) EXECUTE FUNCTION teamwork.replace_protection();

-- Columns that the extension does not know -----------------------------------------------------------------------------

CREATE TABLE teamwork.shipped_columns (
    target regclass PRIMARY KEY,
    columns name[] NOT NULL
);
COMMENT ON TABLE teamwork.shipped_columns IS 'The columns that the extension gives its tables; any other column is a stranger to pg_dump';

CREATE FUNCTION teamwork.record_shipped_columns() RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO teamwork.shipped_columns AS s (target, columns)
    SELECT c.oid, array_agg(a.attname ORDER BY a.attnum)
    FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'teamwork'
    JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'r'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    GROUP BY c.oid
    ON CONFLICT ON CONSTRAINT shipped_columns_pkey DO UPDATE SET columns = excluded.columns
$$;
COMMENT ON FUNCTION teamwork.record_shipped_columns() IS 'Remembers the columns of the extension''s tables; install and upgrade scripts end with it';

CREATE FUNCTION teamwork.warn_of_new_columns() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stranger record;
BEGIN
    FOR stranger IN
        SELECT DISTINCT a.attrelid::regclass AS target, a.attname AS name
        FROM pg_event_trigger_ddl_commands() c
        JOIN teamwork.shipped_columns s ON c.classid = 'pg_class'::regclass AND s.target = c.objid
        JOIN pg_attribute a ON a.attrelid = c.objid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (s.columns)
        WHERE c.command_tag = 'ALTER TABLE' AND NOT c.in_extension
    LOOP
        RAISE WARNING 'pg_dump will not carry column "%" of table %', stranger.name, stranger.target
            USING DETAIL = 'The table belongs to the extension teamwork: CREATE EXTENSION makes it without the column, and the dumped rows do not fit it.',
                  HINT = format('Keep the column in a table of your own that references %1$s: ALTER TABLE %1$s DROP COLUMN %2$I.',
                                stranger.target, stranger.name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.warn_of_new_columns() IS 'Event trigger: says what becomes of a column that is added to a table of the extension';
CREATE EVENT TRIGGER teamwork_warn_of_new_columns ON ddl_command_end WHEN TAG IN ('ALTER TABLE')
    EXECUTE FUNCTION teamwork.warn_of_new_columns();
COMMENT ON EVENT TRIGGER teamwork_warn_of_new_columns IS 'Warns of columns that pg_dump would lose';

-- Dropping ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.arm_drop_guard() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Any native function: the call loads the library, which refuses the drop (src/drop_guard.rs), where it is not preloaded.
    PERFORM teamwork.current_user_id();
END
$$;
COMMENT ON FUNCTION teamwork.arm_drop_guard() IS 'Event trigger: loads the library before a command that may drop the extension';
CREATE EVENT TRIGGER teamwork_arm_drop_guard ON ddl_command_start WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
    EXECUTE FUNCTION teamwork.arm_drop_guard();
COMMENT ON EVENT TRIGGER teamwork_arm_drop_guard IS 'DROP EXTENSION refuses while team data is there, unless teamwork.allow_drop is on';
