-- Guards against losing data by accident: a column that pg_dump would lose, an extension dropped with the data in it.

CREATE FUNCTION teamwork.warn_of_new_columns() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stranger record;
BEGIN
    FOR stranger IN
        SELECT DISTINCT t.relname AS target, a.attname AS name
        FROM pg_event_trigger_ddl_commands() c
        JOIN pg_class t ON t.oid = c.objid
        JOIN pg_attribute a ON c.classid = 'pg_class'::regclass AND a.attrelid = c.objid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.command_tag = 'ALTER TABLE' AND NOT c.in_extension
          AND c.objid IN (SELECT b.target FROM teamwork.baseline b)
          AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (c.objid, 'column', a.attname))
    LOOP
        RAISE WARNING 'pg_dump will not carry column "%" of table %', stranger.name, stranger.target
            USING DETAIL = 'The table belongs to the extension teamwork: CREATE EXTENSION makes it without the column, '
                           'and the dumped rows do not fit it.',
                  HINT = format('Keep the column in a table of your own that references %1$I: ALTER TABLE %1$I DROP COLUMN %2$I.',
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
