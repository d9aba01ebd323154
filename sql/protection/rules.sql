-- Rules per role: what a role may not do with a protected table, and what of it the role does not see. They are data, in the hands
-- of the database administrator. Which commands are allowed, the policies ask native code (src/rules.rs): so a table with rules has the
-- same four policies, with one equality each, and a query the same plan. Hidden columns are replaced while a statement is planned.

CREATE TABLE teamwork.table_rules (
    target regclass NOT NULL REFERENCES teamwork.protections (target) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin', 'manager', 'staff')),
    commands text[] NOT NULL DEFAULT '{SELECT,INSERT,UPDATE,DELETE}' CHECK (commands <@ '{SELECT,INSERT,UPDATE,DELETE}'),
    hidden_columns text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (target, role)
);
COMMENT ON TABLE teamwork.table_rules IS 'What a role may not do with a protected table, and what of it the role does not see; teamwork.set_table_rule() writes it
For: administrators';
COMMENT ON COLUMN teamwork.table_rules.commands IS 'What the role may do: SELECT, INSERT, UPDATE, DELETE';
COMMENT ON COLUMN teamwork.table_rules.hidden_columns IS 'What is NULL for the role when it reads, and what it may not write';

COMMENT ON FUNCTION teamwork.role_may(oid, text) IS 'Whether no rule of a table forbids the command to the caller''s role: what the policies ask';
COMMENT ON FUNCTION teamwork.forget_plans(oid) IS 'Makes every session plan its statements on a table anew, when the current transaction commits';

COMMENT ON FUNCTION teamwork.arm_masks(internal) IS 'Planner support of teamwork.role_may(): loads the library before the statement runs';
COMMENT ON FUNCTION teamwork.hidden_columns(oid) IS 'The columns of a table that the caller''s role does not see';
COMMENT ON FUNCTION teamwork.is_visible(oid, text) IS 'Whether the caller''s role sees a column of a table: what a statement that reads a hidden column asks for each row';

CREATE FUNCTION teamwork.check_rule(target regclass, role text, commands text[], hidden_columns text[]) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    IF target IS NULL OR role IS NULL THEN
        RAISE EXCEPTION '% must not be null', CASE WHEN target IS NULL THEN 'target' ELSE 'role' END
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Name a table and a role: teamwork.set_table_rule(''orders'', role => ''staff'', commands => ''{SELECT}'').';
    ELSIF NOT EXISTS (SELECT FROM teamwork.protections p WHERE p.target = check_rule.target) THEN
        RAISE EXCEPTION 'table % is not protected', teamwork.name_of(target)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT teamwork.protect_table(%L);', teamwork.full_name(target));
    ELSIF role NOT IN ('admin', 'manager', 'staff') THEN
        RAISE EXCEPTION 'unrecognized role: %', quote_literal(role)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The roles are admin, manager and staff.';
    END IF;
    SELECT coalesce(quote_literal(c), 'NULL') INTO wrong FROM unnest(commands) c
    WHERE coalesce(upper(c) NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'), true);
    IF FOUND THEN
        RAISE EXCEPTION 'unrecognized command: %', wrong
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The commands are SELECT, INSERT, UPDATE and DELETE.';
    END IF;
    SELECT coalesce(h, 'NULL') INTO wrong FROM unnest(hidden_columns) h
    WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = h AND a.attnum > 0 AND NOT a.attisdropped);
    IF FOUND THEN
        RAISE EXCEPTION 'column "%" of table % does not exist', wrong, teamwork.name_of(target) USING ERRCODE = 'undefined_column';
    END IF;
    SELECT h INTO wrong FROM unnest(hidden_columns) h WHERE h IN (SELECT teamwork.open_columns(target));
    IF FOUND THEN
        RAISE EXCEPTION 'column "%" of table % cannot be hidden', wrong, teamwork.name_of(target)
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Rows are found by their keys, and shared by their team.',
                  HINT = 'Close the table for the role: commands => ''{}''.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_rule(regclass, text, text[], text[]) IS 'Refuses a rule that makes no sense';

CREATE FUNCTION teamwork.open_columns(target regclass) RETURNS SETOF name
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = target AND (
        a.attname IN ('owner_id', 'admin_id', 'created_at', 'updated_at', 'updated_by', 'import_id')
        OR a.attnum IN (SELECT k FROM pg_index i, unnest(i.indkey::smallint[]) k WHERE i.indrelid = target AND i.indisunique))
$$;
COMMENT ON FUNCTION teamwork.open_columns(regclass) IS 'The columns that no rule can hide: the team''s, and those of unique keys';

CREATE FUNCTION teamwork.set_table_rule(target regclass, role text, commands text[] DEFAULT NULL, hidden_columns text[] DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    every_command CONSTANT text[] := '{SELECT,INSERT,UPDATE,DELETE}';
    wanted record;
BEGIN
    PERFORM teamwork.check_rule(target, role, commands, hidden_columns);
    SELECT ARRAY(SELECT c FROM unnest(every_command) c WHERE c IN (SELECT upper(w) FROM unnest(
               coalesce(set_table_rule.commands, r.commands, every_command)) w)) AS commands,
           coalesce(set_table_rule.hidden_columns, r.hidden_columns, '{}') AS hidden_columns
    INTO wanted
    FROM (SELECT) once LEFT JOIN teamwork.table_rules r ON (r.target, r.role) = (set_table_rule.target, set_table_rule.role);
    IF wanted.commands = every_command AND wanted.hidden_columns = '{}' THEN
        DELETE FROM teamwork.table_rules r WHERE (r.target, r.role) = (set_table_rule.target, set_table_rule.role);
    ELSE
        INSERT INTO teamwork.table_rules AS r (target, role, commands, hidden_columns)
        VALUES (set_table_rule.target, set_table_rule.role, wanted.commands, wanted.hidden_columns)
        ON CONFLICT ON CONSTRAINT table_rules_pkey
            DO UPDATE SET commands = excluded.commands, hidden_columns = excluded.hidden_columns;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.set_table_rule(regclass, text, text[], text[]) IS 'Says what a role of every team may do with a protected table, and which columns are NULL for it; what is not given stays as it is, and a rule that forbids and hides nothing is no rule any more
For: administrators
Errors: 22004 if the table or the role is NULL; 55000 if the table is not protected; 22023 if there is no such role or command, or the column cannot be hidden; 42703 if the column does not exist';

CREATE FUNCTION teamwork.closed_data_types() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(n.name), '{}')
    FROM teamwork.table_rules r JOIN teamwork.protected_tables t ON t.target = r.target,
        unnest(ARRAY[t.data_type::text, t.schema_name || '.' || t.data_type]) n (name)
    WHERE r.role = @extschema@.get_current_user_role() AND (r.hidden_columns <> '{}' OR 'SELECT' <> ALL (r.commands))
$$;
COMMENT ON FUNCTION teamwork.closed_data_types() IS 'The data types of which the caller''s role does not see everything';

-- What becomes of a rule -----------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.hidden_values(target regclass, known jsonb, written jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    -- Clients that write whole rows send back the NULL that they have read.
    SELECT h INTO wrong FROM unnest(teamwork.hidden_columns(target)) h WHERE written -> h NOT IN ('null', known -> h);
    IF FOUND THEN
        RAISE EXCEPTION 'permission denied for column % of table %', wrong, (SELECT c.relname FROM pg_class c WHERE c.oid = target)
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('A rule of the table hides the column from the role %s.', @extschema@.get_current_user_role()),
                  HINT = 'Leave the column out of the update.';
    END IF;
    RETURN (SELECT jsonb_object_agg(h, known -> h) FROM unnest(teamwork.hidden_columns(target)) h);
END
$$;
COMMENT ON FUNCTION teamwork.hidden_values(regclass, jsonb, jsonb) IS 'What a row keeps in the columns that the caller does not see, as it was and as it is written; refuses other values';

CREATE FUNCTION teamwork.forget_rule() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.forget_callers();
    -- The table may be gone, and its rule with it.
    PERFORM teamwork.forget_plans(c.oid) FROM pg_class c WHERE c.oid = CASE TG_OP WHEN 'DELETE' THEN OLD.target ELSE NEW.target END;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.forget_rule() IS 'Trigger: a rule counts from the next statement of every session';

CREATE TRIGGER forget_rule AFTER INSERT OR UPDATE OR DELETE ON teamwork.table_rules
    FOR EACH ROW EXECUTE FUNCTION teamwork.forget_rule();
-- A rule that arrives by replication is one.
ALTER TABLE teamwork.table_rules ENABLE ALWAYS TRIGGER forget_rule;
