-- teamwork.protect_table: the one place where policies on team data are made, for the extension's tables and the user's.

COMMENT ON FUNCTION teamwork.ids_are_generated() IS 'True, in a policy for INSERT: statements with OVERRIDING SYSTEM VALUE are refused when they are planned';
COMMENT ON FUNCTION teamwork.refuse_chosen_ids(internal) IS 'Planner support of teamwork.ids_are_generated(): refuses statements that choose ids';

CREATE TABLE teamwork.protections (
    target regclass PRIMARY KEY,
    key_columns text[] NOT NULL DEFAULT '{}',
    -- The extension's own tables are registered by its script, not by a dump.
    is_preset boolean NOT NULL DEFAULT false,
    protected_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE teamwork.protections IS 'The tables that teamwork.protect_table guards: import and export targets by their name';

CREATE FUNCTION teamwork.forget_dropped() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM teamwork.protections p WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.target);
END
$$;
COMMENT ON FUNCTION teamwork.forget_dropped() IS 'Event trigger: a dropped table is protected no more';
CREATE EVENT TRIGGER teamwork_forget_dropped ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION')
    EXECUTE FUNCTION teamwork.forget_dropped();
COMMENT ON EVENT TRIGGER teamwork_forget_dropped IS 'Keeps teamwork.protections true';

CREATE FUNCTION teamwork.add_team_columns(target regclass, backfill_admin uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    has_strays boolean;
BEGIN
    EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS owner_id uuid, ADD COLUMN IF NOT EXISTS admin_id uuid,
                    ADD COLUMN IF NOT EXISTS created_at timestamptz DEFAULT now(),
                    ADD COLUMN IF NOT EXISTS updated_at timestamptz DEFAULT now()', target);
    EXECUTE format('UPDATE %s SET owner_id = coalesce(owner_id, $1), admin_id = coalesce(admin_id, $1),
                    created_at = coalesce(created_at, now()), updated_at = coalesce(updated_at, now())
                    WHERE num_nulls(owner_id, admin_id, created_at, updated_at) > 0', target) USING backfill_admin;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE num_nulls(owner_id, admin_id) > 0)', target) INTO has_strays;
    IF has_strays THEN
        RAISE EXCEPTION 'table % has rows that belong to no team', teamwork.name_of(target)
            USING ERRCODE = 'not_null_violation',
                  HINT = 'Name the admin they shall belong to: teamwork.protect_table(target, backfill_admin => ''…'').';
    END IF;
    EXECUTE format('ALTER TABLE %s
        ALTER owner_id SET DEFAULT auth.uid(), ALTER owner_id SET NOT NULL,
        ALTER admin_id SET DEFAULT @extschema@.get_current_user_admin_id(), ALTER admin_id SET NOT NULL,
        ALTER created_at SET DEFAULT now(), ALTER created_at SET NOT NULL,
        ALTER updated_at SET DEFAULT now(), ALTER updated_at SET NOT NULL', target);
END
$$;
COMMENT ON FUNCTION teamwork.add_team_columns(regclass, uuid) IS 'Gives a table owner_id, admin_id, created_at and updated_at, with defaults, filled and NOT NULL';

CREATE FUNCTION teamwork.has_index(target regclass, columns text[], must_be_unique boolean) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = target AND i.indpred IS NULL AND (i.indisunique OR NOT must_be_unique)
          AND columns = (SELECT array_agg(a.attname::text ORDER BY k.place)
                         FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, place)
                         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum))
$$;
COMMENT ON FUNCTION teamwork.has_index(regclass, text[], boolean) IS 'Whether a table has a whole index over just these columns, in this order';

CREATE FUNCTION teamwork.add_team_keys(target regclass, key_columns text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        -- An account that goes leaves its rows without an owner, and teamwork.keep_owner gives them to the admin.
        SELECT * FROM (VALUES ('owner_id', 'auth.users', ' ON DELETE SET NULL'),
                              ('admin_id', '@extschema@.user_profiles', '')) c (name, parent, action)
        WHERE NOT EXISTS (
            SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = c.name
            WHERE k.contype = 'f' AND k.conrelid = target AND k.conkey = ARRAY[a.attnum]
              AND k.confrelid = c.parent::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (%I) REFERENCES %s (id)%s', target, wanted.name, wanted.parent, wanted.action);
    END LOOP;
    IF NOT teamwork.has_index(target, ARRAY['owner_id'], false) THEN
        EXECUTE format('CREATE INDEX ON %s (owner_id)', target);
    END IF;
    IF cardinality(key_columns) = 0 AND NOT teamwork.has_index(target, ARRAY['admin_id', 'created_at'], false) THEN
        EXECUTE format('CREATE INDEX ON %s (admin_id, created_at DESC)', target);
    ELSIF cardinality(key_columns) > 0 AND NOT teamwork.has_index(target, array_prepend('admin_id', key_columns), true) THEN
        -- Leads with the team, so it serves the policies too.
        EXECUTE format('CREATE UNIQUE INDEX ON %s (admin_id, %s)', target,
                       (SELECT string_agg(quote_ident(u.name), ', ' ORDER BY u.place)
                        FROM unnest(key_columns) WITH ORDINALITY u (name, place)));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.add_team_keys(regclass, text[]) IS 'Gives a table its foreign keys, and an index led by admin_id: unique over the key columns, where there are any';

CREATE FUNCTION teamwork.keep_owner() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        RAISE EXCEPTION 'permission denied to change the owner or the team of a row in table %', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'owner_id and admin_id say who made the row and whose it is.',
                  HINT = 'Leave owner_id and admin_id out of the update.';
    END IF;
    NEW.owner_id := coalesce(NEW.owner_id, NEW.admin_id);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.keep_owner() IS 'Trigger: nobody under row-level security moves a row to another team or owner; a row whose owner''s account is deleted becomes the admin''s';

CREATE FUNCTION teamwork.team_policies(target regclass, OUT name name, OUT command text, OUT read_rule text, OUT write_rule text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.command, CASE WHEN p.command <> 'INSERT' THEN t.own_team END,
           CASE WHEN p.command = 'INSERT'
                THEN t.own_team || ' AND owner_id = (SELECT teamwork.current_user_id()) AND teamwork.ids_are_generated()' END
    FROM (VALUES ('team members read team rows', 'SELECT'), ('team members add rows as themselves', 'INSERT'),
                 ('team members edit team rows', 'UPDATE'), ('team members delete team rows', 'DELETE')) p (name, command),
        -- One equality: it finds the index, and (SELECT …) makes it one call a statement.
        LATERAL (SELECT format('admin_id = (SELECT CASE WHEN teamwork.role_may(%L::regclass::oid, %L::text) '
                               'THEN @extschema@.get_current_user_admin_id() ELSE NULL::uuid END AS team)',
                               teamwork.full_name(target), p.command)) t (own_team)
$$;
COMMENT ON FUNCTION teamwork.team_policies(regclass) IS 'The four policies of a table of team data';

CREATE FUNCTION teamwork.children_of(target regclass) RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE child AS (
        SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = target
        UNION SELECT i.inhrelid FROM pg_inherits i JOIN child c ON i.inhparent = c.inhrelid)
    SELECT c.inhrelid::regclass FROM child c
$$;
COMMENT ON FUNCTION teamwork.children_of(regclass) IS 'The partitions and heirs of a table, at every level';

CREATE FUNCTION teamwork.serials_of(target regclass) RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.objid::regclass FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = target AND d.deptype = 'a'
$$;
COMMENT ON FUNCTION teamwork.serials_of(regclass) IS 'The sequences of a table''s serial columns';

CREATE FUNCTION teamwork.add_team_policies(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted record;
    child regclass;
BEGIN
    FOR wanted IN SELECT * FROM teamwork.team_policies(target) LOOP
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', wanted.name, target);
        EXECUTE format('CREATE POLICY %I ON %s FOR %s TO authenticated %s%s', wanted.name, target, wanted.command,
                       'USING (' || wanted.read_rule || ')', 'WITH CHECK (' || wanted.write_rule || ')');
    END LOOP;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', target);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO authenticated', target);
    EXECUTE format('GRANT ALL ON %s TO service_role', target);
    -- The default of a serial column asks for the caller's right to the sequence; that of an identity column does not.
    FOR child IN SELECT teamwork.serials_of(target) LOOP
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM PUBLIC, anon, authenticated', child);
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO authenticated, service_role', child);
    END LOOP;
    -- A partition read by its own name knows nothing of its parent's policies.
    FOR child IN SELECT teamwork.children_of(target) LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', child);
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.add_team_policies(regclass) IS 'Gives a table its four policies, row-level security enabled and forced, and its grants';

CREATE FUNCTION teamwork.row_changes(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- By their bytes, as json and point have no equality. Generated columns are not computed yet when the trigger asks, and
    -- PostgreSQL does not let it: there every update stamps.
    SELECT 'old.* OPERATOR(pg_catalog.*<>) new.*'
    WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attgenerated <> '' AND NOT a.attisdropped)
$$;
COMMENT ON FUNCTION teamwork.row_changes(regclass) IS 'The condition under which an update changes a row; NULL where it cannot be asked';

CREATE FUNCTION teamwork.add_team_triggers(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- None on INSERT: a row trigger there takes the fast path away from every bulk load.
    EXECUTE format('CREATE OR REPLACE TRIGGER keep_owner BEFORE UPDATE ON %s FOR EACH ROW
                    WHEN ((OLD.owner_id, OLD.admin_id) IS DISTINCT FROM (NEW.owner_id, NEW.admin_id))
                    EXECUTE FUNCTION teamwork.keep_owner()', target);
    EXECUTE format('CREATE OR REPLACE TRIGGER touch_row BEFORE UPDATE ON %s FOR EACH ROW %s EXECUTE FUNCTION teamwork.touch_row()',
                   target, 'WHEN (' || teamwork.row_changes(target) || ')');
END
$$;
COMMENT ON FUNCTION teamwork.add_team_triggers(regclass) IS 'Gives a table the triggers that keep owner and team and stamp updated_at';

CREATE FUNCTION teamwork.protect_table(target regclass, key_columns text[] DEFAULT NULL, backfill_admin uuid DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = error
AS $$
DECLARE
    keys CONSTANT text[] := coalesce(
        protect_table.key_columns, (SELECT p.key_columns FROM teamwork.protections p WHERE p.target = protect_table.target), '{}');
BEGIN
    PERFORM teamwork.check_protectable(target, keys);
    PERFORM teamwork.add_team_columns(target, backfill_admin);
    PERFORM teamwork.add_team_keys(target, keys);
    PERFORM teamwork.add_team_policies(target);
    PERFORM teamwork.add_team_triggers(target);
    INSERT INTO teamwork.protections AS p (target, key_columns) VALUES (protect_table.target, keys)
    ON CONFLICT ON CONSTRAINT protections_pkey DO UPDATE SET key_columns = excluded.key_columns;
END
$$;
COMMENT ON FUNCTION teamwork.protect_table(regclass, text[], uuid) IS 'Makes a table team data: columns, defaults, keys, policies and grants; from then on it is a target of imports and exports under its name; can be repeated
For: administrators
Errors: 22004 if the table is NULL; 42P01 if it does not exist; 42809 if it is not an ordinary table, or belongs to an extension; 42501 if it belongs to somebody else or is a system catalog; 42703 if a key column does not exist; 55000 if it has a permissive policy of its own; 23502 if a row has no team and backfill_admin is not given';

CREATE VIEW teamwork.protected_tables WITH (security_invoker = true) AS
    SELECT p.target, n.nspname AS schema_name, c.relname AS data_type, p.key_columns,
           c.relrowsecurity AND c.relforcerowsecurity AS row_security, p.protected_at
    FROM teamwork.protections p
    JOIN pg_catalog.pg_class c ON c.oid = p.target
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;
COMMENT ON VIEW teamwork.protected_tables IS 'The tables that teamwork.protect_table() has protected
For: administrators';
COMMENT ON COLUMN teamwork.protected_tables.data_type IS 'The name by which jobs call the table';
COMMENT ON COLUMN teamwork.protected_tables.key_columns IS 'What tells a team''s rows apart; imports find existing rows by it';
COMMENT ON COLUMN teamwork.protected_tables.row_security IS 'Whether row-level security is enabled and forced';

CREATE FUNCTION teamwork.target_of(data_type text) RETURNS regclass
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT t.target FROM teamwork.protected_tables t
            WHERE target_of.data_type IN (t.data_type, t.schema_name || '.' || t.data_type)
            -- Two tables of one name: the extension's own comes first; the other is reached as schema.table.
            ORDER BY t.schema_name <> '@extschema@', t.schema_name LIMIT 1);
END
$$;
COMMENT ON FUNCTION teamwork.target_of(text) IS 'The protected table that a job''s data_type names; NULL when there is none';
