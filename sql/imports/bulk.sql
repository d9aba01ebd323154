-- The bulk path: what has to be true of a table so that rows may go into it past the executor, and what such rows hold.
-- src/import/bulk.rs is the only caller, but for what src/import/suspects.rs asks.

CREATE FUNCTION teamwork.bulk_obstacles(target regclass, role name) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'is no plain table' FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE c.oid = target AND (c.relkind <> 'r' OR c.relispartition OR c.relhassubclass OR a.amname IS DISTINCT FROM 'heap')
    UNION ALL
    SELECT format('has the rule %s', r.rulename) FROM pg_rewrite r WHERE r.ev_class = target
    UNION ALL
    -- What fires after each row, table_row_triggers() has fired. What fires on UPDATE, once a statement, does so also on an INSERT ...
    -- ON CONFLICT DO UPDATE that updates nothing. The internal ones are those of keys.
    SELECT format('has the trigger %s', t.name) FROM teamwork.enabled_triggers t
    WHERE t.relation = target AND NOT t.is_internal
      AND (t.on_insert AND ((t.timing, t.level) <> ('after', 'row') OR t.has_new_table) OR t.on_update AND t.level = 'statement')
    UNION ALL
    SELECT format('has the constraint %s', k.conname) FROM pg_constraint k
    WHERE k.conrelid = target AND (k.contype = 'x' OR k.contype IN ('p', 'u') AND k.condeferrable)
    UNION ALL
    SELECT format('has the index %s', i.indexrelid::regclass) FROM pg_index i
    -- Invalid ones take entries as any, as soon as they are ready; to those that are not, they come when this transaction has ended.
    WHERE i.indrelid = target AND i.indislive
      AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR NOT i.indimmediate OR i.indisexclusion)
    UNION ALL
    SELECT format('has the generated column %s', a.attname) FROM pg_attribute a
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
    UNION ALL
    -- A domain has constraints and a default of its own, for NULL too.
    SELECT format('has the column %s of type %s, which has rules of its own', a.attname, a.atttypid::regtype)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND (t.typtype = 'd' OR t.typdefault IS NOT NULL)
    UNION ALL
    SELECT teamwork.policy_drift(target)
    UNION ALL
    SELECT format('has the policy "%s"', p.polname) FROM pg_policy p
    WHERE p.polrelid = target AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies(target) t)
    UNION ALL
    SELECT format('refuses %s to %s', w.privilege, role) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) w (privilege)
    WHERE NOT has_table_privilege(role, target, w.privilege)
    UNION ALL
    SELECT format('is in the schema %s, which %s may not use', n.nspname, role)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = target AND NOT has_schema_privilege(role, n.oid, 'USAGE')
    UNION ALL
    SELECT format('has no policy for %s', role) WHERE NOT pg_has_role(role, 'authenticated', 'USAGE')
$$;
COMMENT ON FUNCTION teamwork.bulk_obstacles(regclass, name) IS 'Why rows cannot go into a table past the executor: what an INSERT by that role would do that the bulk path does not';

CREATE FUNCTION teamwork.random_uuids() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s()', p.oid::regproc) FROM pg_proc p
    LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    LEFT JOIN pg_extension e ON e.oid = d.refobjid
    WHERE (p.proname = 'gen_random_uuid' AND (p.pronamespace = 'pg_catalog'::regnamespace OR e.extname = 'pgcrypto')
           OR p.proname = 'uuid_generate_v4' AND e.extname = 'uuid-ossp')
      AND p.pronargs = 0 AND has_function_privilege('public', p.oid, 'EXECUTE')
$$;
COMMENT ON FUNCTION teamwork.random_uuids() IS 'The calls, as a default is printed, that make a random UUID of version 4 and that everybody may make';

CREATE FUNCTION teamwork.common_keys(target regclass, OUT id oid, OUT attribute name) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.oid, a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = target AND k.conkey = ARRAY[a.attnum]
    WHERE k.conrelid = target AND k.contype = 'f' AND a.attname IN ('owner_id', 'admin_id', 'import_id')
$$;
COMMENT ON FUNCTION teamwork.common_keys(regclass) IS 'The foreign keys of a table in which every row of an import has the same value: owner, team or job';

CREATE FUNCTION teamwork.lock_parents(target regclass, owner uuid, team uuid, job uuid) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    is_there boolean;
BEGIN
    FOR parent IN
        SELECT k.confrelid::regclass AS name, p.attname AS key,
               CASE c.attribute WHEN 'owner_id' THEN owner WHEN 'admin_id' THEN team ELSE job END AS value
        FROM teamwork.common_keys(target) c
        JOIN pg_constraint k ON k.oid = c.id
        JOIN pg_attribute p ON p.attrelid = k.confrelid AND k.confkey = ARRAY[p.attnum]
    LOOP
        EXECUTE format('SELECT true FROM ONLY %s p WHERE p.%I = $1 FOR KEY SHARE', parent.name, parent.key)
            INTO is_there USING parent.value;
        IF is_there IS NULL THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION teamwork.lock_parents(regclass, uuid, uuid, uuid) IS 'Proves the common_keys() of every row of an import at once: locks their parents, as each row''s own check would; false when one is not there';

CREATE FUNCTION teamwork.unneeded_triggers(target regclass, owner uuid, team uuid, job uuid) RETURNS oid[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A trigger before the row may give it another owner, team or job, and a rule another table.
    IF EXISTS (SELECT FROM teamwork.enabled_triggers t
               WHERE t.relation = target AND t.timing = 'before' AND t.level = 'row' AND t.on_insert)
       OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = target)
       OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = target AND c.relkind = 'r')
       OR NOT teamwork.lock_parents(target, owner, team, job) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT t.oid FROM teamwork.enabled_triggers t JOIN teamwork.common_keys(target) k ON k.id = t.constraint_id
                 WHERE t.relation = target AND t.timing = 'after' AND t.level = 'row' AND t.on_insert);
END
$$;
COMMENT ON FUNCTION teamwork.unneeded_triggers(regclass, uuid, uuid, uuid) IS 'The triggers that would check the common_keys() of each row that an import inserts by statements, if lock_parents() has proved them all at once';

CREATE FUNCTION teamwork.update_obstacles(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- keep_owner has nothing to do as long as nobody changes a row's owner, team or id, and what touch_row does,
    -- the bulk path does. Foreign keys to the table have nothing to do either: they want a unique index, whose columns no update in
    -- bulk changes.
    SELECT format('has the trigger %s', t.name) FROM teamwork.enabled_triggers t
    WHERE t.relation = target AND NOT t.is_internal AND t.on_update AND t.name NOT IN ('keep_owner', 'touch_row')
    UNION ALL
    SELECT format('has the foreign key %s', k.conname) FROM pg_constraint k
    WHERE k.conrelid = target AND k.contype = 'f' AND k.oid NOT IN (SELECT c.id FROM teamwork.common_keys(target) c)
    UNION ALL
    SELECT teamwork.trigger_drift(target)
    UNION ALL
    SELECT 'is written to without its triggers' WHERE current_setting('session_replication_role') = 'replica'
    UNION ALL
    SELECT 'has no updated_at of type timestamptz' WHERE NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = target AND a.attname = 'updated_at' AND a.atttypid = 'timestamptz'::regtype AND a.atttypmod < 0)
    UNION ALL
    SELECT 'has no updated_by of type uuid' WHERE NOT EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = 'updated_by' AND a.atttypid = 'uuid'::regtype)
    UNION ALL
    -- Others are true of what an update leaves as it is.
    SELECT format('has the constraint %s, which nobody has proved of its rows', k.conname) FROM pg_constraint k
    WHERE k.conrelid = target AND k.contype IN ('c', 'n') AND NOT k.convalidated
    UNION ALL
    -- An UPDATE proves that subscribers can find the row.
    SELECT format('is published by %s', p.pubname) FROM pg_publication_tables p
    JOIN pg_class c ON c.relname = p.tablename JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
    WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.update_obstacles(regclass) IS 'Why rows that the table has already cannot be updated on the bulk path: what an UPDATE would do that the bulk path does not; no rows when nothing is in the way
For: administrators
Errors: none';
