-- Revocation: sessions remember who is calling; a change of profiles makes all of them look again at their next statement.

COMMENT ON FUNCTION teamwork.forget_callers() IS 'Makes every session look at the profiles anew, when the current transaction commits';

CREATE FUNCTION teamwork.forget_callers_on_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.forget_callers();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.forget_callers_on_change() IS 'Trigger: a change of profiles counts from the next statement of every session';

-- By row, as logical replication fires no triggers of statements but those of TRUNCATE; and always, also where
-- session_replication_role is replica. Many rows of a transaction make one announcement.
CREATE TRIGGER forget_callers AFTER INSERT OR DELETE ON user_profiles
    FOR EACH ROW EXECUTE FUNCTION teamwork.forget_callers_on_change();
CREATE TRIGGER forget_callers_of_changed AFTER UPDATE ON user_profiles
    FOR EACH ROW WHEN ((OLD.id, OLD.role, OLD.admin_id, OLD.is_active) IS DISTINCT FROM (NEW.id, NEW.role, NEW.admin_id, NEW.is_active))
    EXECUTE FUNCTION teamwork.forget_callers_on_change();
CREATE TRIGGER forget_callers_of_all AFTER TRUNCATE ON user_profiles
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.forget_callers_on_change();
ALTER TABLE user_profiles ENABLE ALWAYS TRIGGER forget_callers, ENABLE ALWAYS TRIGGER forget_callers_of_changed,
    ENABLE ALWAYS TRIGGER forget_callers_of_all;

CREATE FUNCTION teamwork.keep_always() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    weakened record;
BEGIN
    FOR weakened IN
        SELECT t.tgrelid::regclass AS target, t.tgname AS name
        FROM pg_event_trigger_ddl_commands() c JOIN pg_trigger t ON c.classid = 'pg_class'::regclass AND t.tgrelid = c.objid
        WHERE t.tgfoid IN (to_regproc('teamwork.forget_callers_on_change'), to_regproc('teamwork.forget_rule'))
          AND t.tgenabled = 'O' AND NOT c.in_extension
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', weakened.target, weakened.name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.keep_always() IS 'Event trigger: ENABLE TRIGGER ALL, with which pg_restore --disable-triggers ends, leaves revocation as it was';
CREATE EVENT TRIGGER teamwork_keep_always ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION teamwork.keep_always();
COMMENT ON EVENT TRIGGER teamwork_keep_always IS 'Revocation reaches open sessions however a change of profiles arrives';
