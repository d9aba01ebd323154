-- What an import has to know of its table, in one call: teamwork.table_description(). src/import is the only caller. Each part is a
-- function that can be looked at by itself. They are PL/pgSQL, which keeps its plans: to plan these queries takes longer than to run them.

CREATE FUNCTION teamwork.table_columns(target regclass, OUT name text, OUT type text, OUT stored_type text, OUT modifier integer,
                                       OUT is_plain_varlena boolean, OUT is_fillable boolean, OUT is_required boolean,
                                       OUT is_not_null boolean, OUT is_key boolean, OUT is_primary_key boolean,
                                       OUT identity_kind text, OUT default_expression text, OUT default_text text,
                                       OUT default_node text, OUT sequence bigint, OUT is_now boolean, OUT is_random boolean,
                                       OUT labels text[], OUT label_ids bigint[])
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    modified CONSTANT name[] := ARRAY(SELECT teamwork.trigger_modified_columns(target));
    key_columns CONSTANT text[] := (SELECT p.key_columns FROM teamwork.protections p WHERE p.target = table_columns.target);
    primary_key CONSTANT smallint[] := (SELECT i.indkey::smallint[] FROM pg_index i WHERE i.indrelid = target AND i.indisprimary);
    -- What the team's own columns hold, the engine says.
    team_columns CONSTANT name[] := '{owner_id, admin_id, created_at, updated_at, updated_by, import_id}';
BEGIN
    RETURN QUERY
    -- A dropped column keeps its place.
    SELECT CASE WHEN NOT a.attisdropped THEN a.attname::text END,
           CASE WHEN NOT a.attisdropped THEN format_type(a.atttypid, -1) END,
           format_type(a.atttypid, a.atttypmod)
               || CASE WHEN a.attcollation <> t.typcollation THEN format(' COLLATE %s', a.attcollation::regcollation) ELSE '' END,
           a.atttypmod,
           a.attlen < 0 AND a.attstorage = 'p',
           NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = '' AND a.attname <> ALL (team_columns),
           a.attnotnull AND NOT a.attisdropped AND NOT a.atthasdef AND a.attidentity = '' AND a.attname <> ALL (modified),
           a.attnotnull AND NOT a.attisdropped,
           coalesce(a.attname = ANY (key_columns), false),
           coalesce(a.attnum = ANY (primary_key), false),
           CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           e.default_expression,
           -- In a form that no setting changes. What is cast to a varchar is not cut: pack sees what is too long.
           CASE WHEN e.default_expression IS NOT NULL THEN CASE a.atttypid
               WHEN 'timestamptz'::regtype
                   THEN format('to_jsonb(timezone(''UTC'', (%s)::timestamptz)) #>> ''{}'' || ''Z''', e.default_expression)
               WHEN 'timestamp'::regtype THEN format('to_jsonb((%s)::timestamp) #>> ''{}''', e.default_expression)
               WHEN 'date'::regtype THEN format('to_jsonb((%s)::date) #>> ''{}''', e.default_expression)
               WHEN 'varchar'::regtype THEN format('(%s)::text', e.default_expression)
               WHEN 'bpchar'::regtype THEN format('(%s)::text', e.default_expression)
               ELSE format('((%s)::%s)::text', e.default_expression, format_type(a.atttypid, a.atttypmod)) END END,
           d.adbin::text,
           s.sequence::oid::bigint,
           a.atttypid = 'timestamptz'::regtype AND a.atttypmod < 0
               AND coalesce(e.default_expression IN ('now()', 'CURRENT_TIMESTAMP'), false),
           CASE WHEN a.atttypid = 'uuid'::regtype AND e.default_expression ~ '(gen_random_uuid|uuid_generate_v4)\(\)$'
                THEN e.default_expression IN (SELECT teamwork.random_uuids()) ELSE false END,
           l.labels, l.ids
    FROM pg_attribute a
    LEFT JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
    LEFT JOIN LATERAL pg_get_expr(d.adbin, d.adrelid) e (default_expression) ON d.adbin IS NOT NULL
    LEFT JOIN LATERAL (SELECT CASE WHEN a.attidentity <> '' OR e.default_expression LIKE 'nextval(%'
                                   THEN pg_get_serial_sequence(target::text, a.attname)::regclass END) s (sequence)
        -- Of a default it is the whole.
        ON a.attidentity <> '' OR e.default_expression = format('nextval(%L::regclass)', s.sequence)
    LEFT JOIN LATERAL (SELECT array_agg(m.enumlabel::text ORDER BY m.enumsortorder), array_agg(m.oid::bigint ORDER BY m.enumsortorder)
                       FROM pg_enum m WHERE m.enumtypid = a.atttypid) l (labels, ids) ON t.typtype = 'e'
    WHERE a.attrelid = target AND a.attnum > 0 ORDER BY a.attnum;
END
$$;
COMMENT ON FUNCTION teamwork.table_columns(regclass) IS 'The columns of a table in their physical order, with what fills them when a file does not; a dropped one has no name';

CREATE FUNCTION teamwork.import_columns(target regclass, OUT name text, OUT type text, OUT modifier integer) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.name, c.type, c.modifier FROM teamwork.table_columns(target) c
    WHERE c.is_fillable AND c.name <> ALL (teamwork.hidden_columns(target))
$$;
COMMENT ON FUNCTION teamwork.import_columns(regclass) IS 'The columns of a table that a file of the caller''s may fill: not the team''s, nor generated ones, nor hidden ones';

CREATE FUNCTION teamwork.table_checks(target regclass, OUT name text, OUT expression text, OUT columns text[], OUT is_deterministic boolean,
                                      OUT is_unmodified boolean)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    modified CONSTANT name[] := ARRAY(SELECT teamwork.trigger_modified_columns(target));
BEGIN
    RETURN QUERY
    SELECT c.conname::text, pg_get_expr(c.conbin, c.conrelid), k.columns, k.is_deterministic, k.is_unmodified
    FROM pg_constraint c
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(a.attname::text), '{}'), coalesce(bool_and(coalesce(l.collisdeterministic, true)), true),
                               coalesce(bool_and(a.attname <> ALL (modified)), true)
                        FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation
                        WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) k (columns, is_deterministic, is_unmodified)
    WHERE c.conrelid = target AND c.contype = 'c'
    ORDER BY c.conname;
END
$$;
COMMENT ON FUNCTION teamwork.table_checks(regclass) IS 'The CHECK constraints of a table; is_deterministic: texts of its columns are equal only if their bytes are; is_unmodified: nothing changes its columns before a row is inserted, so that it can be asked of a row before';

CREATE FUNCTION teamwork.table_indexes(target regclass, OUT oid bigint, OUT attributes smallint[], OUT is_unique boolean,
                                       OUT key_columns text[])
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT i.indexrelid::bigint, i.indkey::smallint[], i.indisunique,
           CASE WHEN i.indexprs IS NULL AND i.indpred IS NULL THEN
               ARRAY(SELECT a.attname::text FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, place)
                     JOIN pg_attribute a ON a.attrelid = target AND a.attnum = k.number
                     WHERE k.place <= i.indnkeyatts ORDER BY k.place) END
    FROM pg_index i WHERE i.indrelid = target AND i.indislive
    -- As the executor does: by their ids, so that two sessions meet in the same order.
    ORDER BY i.indexrelid;
END
$$;
COMMENT ON FUNCTION teamwork.table_indexes(regclass) IS 'The indexes of a table with the numbers of their columns, included ones too, 0 for an expression; key_columns, if the index looks at columns only, and at all rows';

CREATE FUNCTION teamwork.table_constraints(target regclass, OUT name text, OUT columns text[]) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    -- A partition's indexes have names of their own, its other constraints have not.
    SELECT n.name::text, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = n.relation AND a.attnum = ANY (n.numbers))
    FROM (SELECT c.conname, c.conrelid, c.conkey FROM pg_constraint c WHERE c.conrelid = target AND c.contype IN ('c', 'f')
          UNION ALL
          SELECT x.relname, i.indrelid, i.indkey::smallint[] FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
          WHERE i.indrelid IN (SELECT target UNION SELECT p.relid FROM pg_partition_tree(target) p)
            AND (i.indisunique OR i.indisexclusion)) n (name, relation, numbers);
END
$$;
COMMENT ON FUNCTION teamwork.table_constraints(regclass) IS 'What errors about a table''s rows call by name, with the columns that it is about';

CREATE FUNCTION teamwork.table_foreign_keys(target regclass, OUT oid bigint, OUT column_name text, OUT lock_parents_sql text,
                                            OUT missing_parents_sql text, OUT parent_owner bigint)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT k.oid::bigint, min(m.own)::text,
           format('SELECT pg_catalog.count(*) FROM (SELECT FROM ONLY %s p WHERE %s FOR KEY SHARE) held',
                  k.confrelid::regclass, string_agg(format(m.condition, format('ANY ($1::%s[])', m.type)), ' AND ')),
           format('SELECT pg_catalog.array_agg(v.value) FROM pg_catalog.unnest($1::pg_catalog.text[]) v (value) '
                  'WHERE NOT EXISTS (SELECT FROM ONLY %s p WHERE %s)',
                  k.confrelid::regclass, string_agg(format(m.condition, format('v.value::%s', m.type)), ' AND ')),
           c.relowner::bigint
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.confrelid AND c.relkind = 'r'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.place IS NULL THEN a.attname END,
               format_type(a.atttypid, a.atttypmod),
               -- A format of its own, for what stands for the value.
               format('p.%s OPERATOR(pg_catalog.%s) %s', replace(quote_ident(p.attname), '%', '%%'),
                      replace(o.oprname, '%', '%%'), coalesce(s.place, '%s')),
               -- A cast or an operator of somebody's own may do anything, here as the parents' owner.
               y.typnamespace = 'pg_catalog'::regnamespace AND o.oprnamespace = 'pg_catalog'::regnamespace
               -- A NULL in the file stays one.
               AND (s.place IS NOT NULL OR NOT (a.attnotnull AND a.atthasdef))
        FROM unnest(k.conkey, k.confkey, k.conpfeqop) u (own, parents, operator)
        JOIN pg_attribute a ON a.attrelid = target AND a.attnum = u.own
        JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = u.parents
        JOIN pg_operator o ON o.oid = u.operator
        JOIN pg_type y ON y.oid = a.atttypid
        LEFT JOIN (VALUES ('owner_id', '$2'), ('admin_id', '$3'), ('import_id', '$4')) s (name, place) ON s.name = a.attname
    ) m (own, type, condition, is_plain)
    -- A row may be the parent of another one of the same batch. With MATCH FULL a NULL in one column is no match.
    WHERE k.conrelid = target AND k.contype = 'f' AND k.confrelid <> target AND (cardinality(k.conkey) = 1 OR k.confmatchtype = 's')
    GROUP BY k.oid, k.confrelid, c.relowner HAVING count(m.own) = 1 AND bool_and(m.is_plain);
END
$$;
COMMENT ON FUNCTION teamwork.table_foreign_keys(regclass) IS 'The foreign keys of a table that have one column besides those of the owner, the team and the job, with two statements for the parents'' owner about the values $1 (text[]), of the owner $2, the team $3 and the job $4: one locks the parents and counts them, the other lists the values that have none';

CREATE FUNCTION teamwork.table_row_triggers(target regclass, OUT oid bigint, OUT foreign_key bigint) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT t.oid::bigint, k.oid::bigint
    FROM teamwork.enabled_triggers t LEFT JOIN pg_constraint k ON k.oid = t.constraint_id AND k.contype = 'f'
    WHERE t.relation = target AND t.timing = 'after' AND t.level = 'row' AND t.on_insert
      AND t.constraint_id NOT IN (SELECT c.id FROM teamwork.common_keys(target) c)
    ORDER BY t.oid;
END
$$;
COMMENT ON FUNCTION teamwork.table_row_triggers(regclass) IS 'The triggers of a table that fire after each row of an import in bulk, but for those of common_keys(); with the foreign key that they check, if they do';

CREATE FUNCTION teamwork.table_description(target regclass) RETURNS json
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'name', format('%I.%I', n.nspname, c.relname),
            'is_partitioned', c.relkind = 'p',
            'has_import_id', EXISTS (SELECT FROM pg_attribute a
                                     WHERE a.attrelid = target AND a.attname = 'import_id' AND a.atttypid = 'uuid'::regtype),
            'row_identity', teamwork.row_identity(target),
            'columns', ARRAY(SELECT d FROM teamwork.table_columns(target) d),
            'checks', ARRAY(SELECT d FROM teamwork.table_checks(target) d),
            'indexes', ARRAY(SELECT d FROM teamwork.table_indexes(target) d),
            'constraints', ARRAY(SELECT d FROM teamwork.table_constraints(target) d),
            'foreign_keys', ARRAY(SELECT d FROM teamwork.table_foreign_keys(target) d),
            'row_triggers', ARRAY(SELECT d FROM teamwork.table_row_triggers(target) d))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target);
END
$$;
COMMENT ON FUNCTION teamwork.table_description(regclass) IS 'What an import has to know of a table: its name as any search_path understands it, the columns by which a row is found again, and table_columns(), table_checks(), table_indexes(), table_constraints(), table_foreign_keys() and table_row_triggers(); NULL when it is gone';
