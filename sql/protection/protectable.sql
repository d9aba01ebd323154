-- What teamwork.protect_table can protect, and how it is called: statements name the schema, for they run under a search_path of
-- pg_catalog alone, and messages name it where it is not the extension's own.

CREATE FUNCTION teamwork.full_name(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.full_name(regclass) IS 'A relation''s name as any search_path understands it';

CREATE FUNCTION teamwork.name_of(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((
        SELECT CASE WHEN c.relnamespace = '@extschema@'::regnamespace OR pg_table_is_visible(c.oid) THEN quote_ident(c.relname)
                    ELSE teamwork.full_name(target) END
        FROM pg_class c WHERE c.oid = target), target::text)
$$;
COMMENT ON FUNCTION teamwork.name_of(regclass) IS 'A relation''s name as people write it: with its schema, unless that is the extension''s';

CREATE FUNCTION teamwork.check_kind(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation record;
    hint text;
    extension name;
BEGIN
    SELECT c.*, CASE WHEN c.relpersistence = 't' THEN 'temporary' ELSE k.name END AS kind INTO relation
    FROM pg_class c
    LEFT JOIN (VALUES ('v', 'view'), ('m', 'materialized view'), ('f', 'foreign table'), ('S', 'sequence'),
                      ('i', 'index'), ('I', 'index'), ('c', 'composite type'), ('t', 'TOAST table')) k (code, name)
        ON k.code = c.relkind::text
    WHERE c.oid = target;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'relation with OID % does not exist', target::oid USING ERRCODE = 'undefined_table';
    ELSIF target::oid < 16384 THEN
        RAISE EXCEPTION 'permission denied: "%" is a system catalog', relation.relname USING ERRCODE = 'insufficient_privilege';
    ELSIF relation.kind IS NOT NULL OR relation.relispartition THEN
        hint := CASE
            WHEN relation.kind = 'temporary' THEN 'Nobody but this session sees a temporary table; make it a permanent one.'
            WHEN relation.relispartition
                THEN format('Protect the partitioned table: teamwork.protect_table(%L).', teamwork.name_of(pg_partition_root(target)))
            WHEN relation.kind = 'view' THEN 'Protect the tables beneath a view, and make the view WITH (security_invoker).'
            WHEN relation.kind = 'materialized view'
                THEN 'Row-level security does not reach a materialized view; use a view WITH (security_invoker).'
            WHEN relation.kind = 'foreign table'
                THEN 'Row-level security does not reach a foreign table; protect it where it is stored, or copy it into a table.'
            ELSE 'Name a table.' END;
        RAISE EXCEPTION 'cannot protect %: it is %', teamwork.name_of(target),
                        CASE WHEN relation.kind = 'temporary' THEN 'temporary'
                             WHEN relation.relispartition THEN 'a partition'
                             WHEN relation.kind = 'index' THEN 'an index'
                             ELSE 'a ' || relation.kind END
            USING ERRCODE = 'wrong_object_type', HINT = hint;
    ELSIF NOT pg_has_role(current_user, relation.relowner, 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of table %', relation.relname
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('It belongs to %s.', relation.relowner::regrole);
    END IF;
    -- The extension's own script may, before it has registered its tables for pg_dump; afterwards only as a repair.
    SELECT e.extname INTO extension FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = check_kind.target AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND (e.extname <> 'teamwork' OR check_kind.target = ANY (e.extconfig))
      AND NOT EXISTS (SELECT FROM teamwork.protections p WHERE p.target = check_kind.target AND p.is_preset);
    IF FOUND THEN
        RAISE EXCEPTION 'cannot protect %: it belongs to the extension %', teamwork.name_of(target), extension
            USING ERRCODE = 'wrong_object_type',
                  HINT = 'An update of the extension, and pg_dump, would not know of the change; protect a table of your own.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_kind(regclass) IS 'Refuses what is not a table, not permanent, not the caller''s, or an extension''s';

CREATE FUNCTION teamwork.check_protectable(target regclass, key_columns text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing text;
    foreign_policy text;
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'target must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name a table: teamwork.protect_table(''orders'').';
    END IF;
    PERFORM teamwork.check_kind(target);
    SELECT c INTO missing FROM unnest(key_columns) c
    WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped);
    IF FOUND THEN
        RAISE EXCEPTION 'key column "%" does not exist in table %', missing, teamwork.name_of(target) USING ERRCODE = 'undefined_column';
    END IF;
    -- Permissive policies add up: one of somebody else's would open what ours close.
    SELECT p.polname INTO foreign_policy FROM pg_policy p
    WHERE p.polrelid = target AND p.polpermissive AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies(target) t);
    IF FOUND THEN
        RAISE EXCEPTION 'table % has the policy "%" already', teamwork.name_of(target), foreign_policy
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'A permissive policy would let rows through that the team''s policies keep back.',
                  HINT = format('DROP POLICY %I ON %s, or make it AS RESTRICTIVE.', foreign_policy, teamwork.name_of(target));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_protectable(regclass, text[]) IS 'Refuses what protect_table cannot protect';
