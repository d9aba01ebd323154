-- Guards against losing things by accident: a column or a policy that pg_dump would lose, an extension dropped with the data in it.

CREATE FUNCTION teamwork.commands_on_own_tables(OUT target regclass, OUT name name) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT b.target, coalesce(p.polname, t.tgname, r.rulename, x.relname)
    FROM pg_event_trigger_ddl_commands() c
    LEFT JOIN pg_policy p ON c.classid = 'pg_policy'::regclass AND p.oid = c.objid
    LEFT JOIN pg_trigger t ON c.classid = 'pg_trigger'::regclass AND t.oid = c.objid
    LEFT JOIN pg_rewrite r ON c.classid = 'pg_rewrite'::regclass AND r.oid = c.objid
    LEFT JOIN pg_index i ON c.classid = 'pg_class'::regclass AND i.indexrelid = c.objid
    LEFT JOIN pg_class x ON x.oid = i.indexrelid
    JOIN teamwork.baseline b ON b.target = coalesce(p.polrelid, t.tgrelid, r.ev_class, i.indrelid, c.objid)
    WHERE NOT c.in_extension
$$;
COMMENT ON FUNCTION teamwork.commands_on_own_tables() IS 'In an event trigger: the extension''s tables of the command, and what was made on them; ALTER TABLE does not say';

CREATE FUNCTION teamwork.warn_of_additions() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    addition record;
BEGIN
    FOR addition IN
        SELECT a.* FROM teamwork.commands_on_own_tables() c, LATERAL (
            SELECT n.target, n.kind, n.name, n.fix, '' AS prefix FROM teamwork.baseline_additions() n
            UNION ALL
            SELECT o.target, o.kind, o.name, o.fix, 'that somebody has ' || o.change || ' the ' FROM teamwork.baseline_changes() o) a
        -- ALTER TABLE makes none of what has a command of its own.
        WHERE a.target = c.target
          AND CASE WHEN c.name IS NULL THEN a.kind NOT IN ('policy', 'trigger', 'rule', 'index') ELSE a.name = c.name END
        ORDER BY a.target::text, a.name, a.kind
    LOOP
        RAISE WARNING 'pg_dump will not carry % "%" of table %', addition.prefix || addition.kind, addition.name,
            teamwork.name_of(addition.target)
            USING DETAIL = CASE addition.kind
                      WHEN 'column' THEN 'The table belongs to the extension teamwork: CREATE EXTENSION makes it without the column, '
                                         'and the dumped rows do not fit it.'
                      ELSE 'The table belongs to the extension teamwork: CREATE EXTENSION makes it as the script says.' END,
                  HINT = CASE addition.kind
                      WHEN 'column' THEN format('Keep the column in a table of your own that references %1$I: '
                                                'ALTER TABLE %1$I DROP COLUMN %2$I.',
                                                (SELECT c.relname FROM pg_class c WHERE c.oid = addition.target), addition.name)
                      ELSE format('Make it again after each restore, or take it away: %s', addition.fix) END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.warn_of_additions() IS 'Event trigger: says what becomes of what is added to a table of the extension';
CREATE EVENT TRIGGER teamwork_warn_of_additions ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'CREATE POLICY', 'CREATE TRIGGER', 'CREATE INDEX', 'CREATE RULE')
    EXECUTE FUNCTION teamwork.warn_of_additions();
COMMENT ON EVENT TRIGGER teamwork_warn_of_additions IS 'Warns of what pg_dump would lose';

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
