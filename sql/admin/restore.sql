-- Restoring: while pg_dump's script fills the tables, the engine waits. The script commits table by table, so a job would
-- find its upload missing, or draw ids that rows to come already have. The session that restores holds an advisory lock
-- until it ends; teamwork.restoring(), in teams/quotas.sql, keeps the triggers out of its way.

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
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The first question costs next to nothing, and is the only one when nobody restores. The second one is about the
    -- holder: the lock is anybody's to take, the engine is not anybody's to stop.
    RETURN NOT pg_try_advisory_xact_lock_shared(1952939891, 1) AND EXISTS (
        SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock'
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND (l.classid, l.objid, l.objsubid) = (1952939891, 1, 2)
          AND pg_has_role(a.usesysid, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE'));
END
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
