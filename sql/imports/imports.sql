-- Imports: what a running import asks of the catalog and of its source, and how it keeps what it refused. src/import is the
-- only caller.

-- The one place that takes pg_trigger.tgtype apart, by the names that trigger.h gives its bits.
CREATE VIEW teamwork.enabled_triggers WITH (security_invoker = true) AS
    SELECT t.tgrelid AS relation, t.oid, t.tgname AS name, t.tgfoid AS function, t.tgconstraint AS constraint_id,
           t.tgisinternal AS is_internal,
           CASE WHEN t.tgtype & 64 <> 0 THEN 'instead of' WHEN t.tgtype & 2 <> 0 THEN 'before' ELSE 'after' END AS timing,
           CASE WHEN t.tgtype & 1 <> 0 THEN 'row' ELSE 'statement' END AS level,
           t.tgtype & 4 <> 0 AS on_insert, t.tgtype & 16 <> 0 AS on_update,
           t.tgnewtable IS NOT NULL AS has_new_table
    FROM pg_catalog.pg_trigger t WHERE t.tgenabled <> 'D';
COMMENT ON VIEW teamwork.enabled_triggers IS 'The triggers of all tables that are not disabled, with when they fire';

CREATE FUNCTION teamwork.trigger_modified_columns(target regclass) RETURNS SETOF name
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    WITH trigger_functions AS (
        SELECT CASE l.lanname WHEN 'plpgsql' THEN lower(p.prosrc) END AS body
        FROM teamwork.enabled_triggers t JOIN pg_proc p ON p.oid = t.function JOIN pg_language l ON l.oid = p.prolang
        WHERE t.relation IN (SELECT target UNION SELECT r.relid FROM pg_partition_tree(target) r)
          AND t.timing = 'before' AND t.level = 'row' AND t.on_insert
    ), named AS (
        -- PL/pgSQL changes a column where it is written NEW.column, and in no other way unless NEW as a whole goes somewhere, or
        -- something else is returned.
        SELECT replace(trim('"' FROM m.name[1]), '""', '"') AS name
        FROM trigger_functions f CROSS JOIN regexp_matches(f.body, '\mnew\s*\.\s*("(?:[^"]|"")+"|[\w$]+)', 'g') m (name)
    )
    SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
      AND (lower(a.attname) IN (SELECT n.name FROM named n)
           OR EXISTS (SELECT FROM trigger_functions f
                      WHERE f.body IS NULL OR f.body LIKE '%u&"%'
                         OR regexp_replace(f.body, '\mnew\s*\.\s*("|[\w$])|\mreturn\s+new\s*;', '', 'g') ~ '\m(new|return)\M')
           OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = target));
END
$$;
COMMENT ON FUNCTION teamwork.trigger_modified_columns(regclass) IS 'The columns that a trigger or a rule may change before a row is inserted; all of them where that cannot be told';

CREATE FUNCTION teamwork.primary_key(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = target AND i.indisprimary AND k.place <= i.indnkeyatts
$$;
COMMENT ON FUNCTION teamwork.primary_key(regclass) IS 'The columns of a table''s primary key; NULL when it has none';

CREATE FUNCTION teamwork.not_null_key(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.key_columns FROM teamwork.protections p
    WHERE p.target = not_null_key.target AND p.key_columns <> '{}' AND NOT EXISTS (
        SELECT FROM unnest(p.key_columns) k LEFT JOIN pg_attribute a ON a.attrelid = p.target AND a.attname = k
        WHERE a.attnotnull IS NOT TRUE)
$$;
COMMENT ON FUNCTION teamwork.not_null_key(regclass) IS 'The columns of a table''s key, if it tells a team''s rows apart, as it does where it has no NULL; else NULL';

CREATE FUNCTION teamwork.row_identity(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(teamwork.primary_key(target), teamwork.not_null_key(target), '{}') $$;
COMMENT ON FUNCTION teamwork.row_identity(regclass) IS 'The columns by which a row is found again: the primary key''s, else the key''s, else none';

CREATE FUNCTION teamwork.describe_target(target regclass, OUT name text, OUT is_partitioned boolean, OUT has_import_id boolean,
                                         OUT identity text[])
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'p',
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = 'import_id' AND a.atttypid = 'uuid'::regtype),
           teamwork.row_identity(target)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.describe_target(regclass) IS 'A table''s name as any search_path understands it, and what an import has to know of it';

-- Functions that every job calls are PL/pgSQL, which keeps its plans.

CREATE FUNCTION teamwork.upload_bytes(upload_id uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT u.bytes FROM teamwork.uploads u WHERE u.id = upload_id);
END
$$;
COMMENT ON FUNCTION teamwork.upload_bytes(uuid) IS 'The size of an upload; NULL when there is none';

CREATE FUNCTION teamwork.upload_chunk(upload_id uuid, byte_offset bigint) RETURNS bytea
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT c.data FROM teamwork.upload_chunks c
            WHERE c.upload_id = upload_chunk.upload_id AND c.byte_offset = upload_chunk.byte_offset);
END
$$;
COMMENT ON FUNCTION teamwork.upload_chunk(uuid, bigint) IS 'The chunk of an upload that starts at the offset; NULL at the end';

CREATE FUNCTION teamwork.job_records(job_id uuid) RETURNS SETOF text
    -- SQL, whose rows a cursor fetches as they come.
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.value::text FROM @extschema@.scheduled_jobs j CROSS JOIN LATERAL jsonb_array_elements(j.file_data -> 'records') r
    WHERE j.id = job_id
$$;
COMMENT ON FUNCTION teamwork.job_records(uuid) IS 'The records of a job, as JSON texts in their order';

CREATE FUNCTION teamwork.outline_records(job_id uuid, max_bytes integer, OUT keys text[], OUT bytes bigint, OUT records text) RETURNS record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source CONSTANT jsonb := (SELECT j.file_data -> 'records' FROM @extschema@.scheduled_jobs j WHERE j.id = job_id);
BEGIN
    -- As text they are shorter: a number of one digit takes ten times as much.
    IF pg_column_size(source) <= 16 * max_bytes THEN
        records := source::text;
    END IF;
    IF coalesce(octet_length(records) > max_bytes, true) THEN
        SELECT sum(octet_length(r.value::text)) INTO bytes FROM jsonb_array_elements(source) r;
        keys := ARRAY(
            SELECT k.key FROM jsonb_array_elements(source) WITH ORDINALITY r (record, place)
            CROSS JOIN LATERAL jsonb_object_keys(CASE jsonb_typeof(r.record) WHEN 'object' THEN r.record ELSE '{}' END)
                WITH ORDINALITY k (key, place)
            GROUP BY k.key ORDER BY min(r.place), min(k.place));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.outline_records(uuid, integer) IS 'The records of a job, as JSON, if they may be not larger than that as text; if they may be larger, every key that some record has and their size as text';

CREATE FUNCTION teamwork.record_refusals(job_id uuid, lines bigint[], byte_offsets bigint[], column_names text[], cell_values text[],
                                         codes text[], messages text[], suggestions text[], raws text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO @extschema@.scheduled_job_errors (job_id, line, byte_offset, column_name, value, code, message, suggestion, raw)
    SELECT record_refusals.job_id, r.* FROM unnest(lines, byte_offsets, column_names, cell_values, codes, messages, suggestions, raws) r
$$;
COMMENT ON FUNCTION teamwork.record_refusals(uuid, bigint[], bigint[], text[], text[], text[], text[], text[], text[]) IS 'Keeps the reasons for refused rows, one per cell';

CREATE FUNCTION teamwork.imported_before(organization uuid, data_type text, file_hash text, OUT imported_by text, OUT imported_on text,
                                         OUT file_name text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j.creator_name, to_char(j.completed_at, 'YYYY-MM-DD'), j.file_name FROM @extschema@.scheduled_jobs j
    WHERE j.organization_id = organization AND j.report ->> 'file_hash' = imported_before.file_hash AND j.status = 'completed'
      AND j.data_type = imported_before.data_type AND NOT j.report ?| '{undo, dry_run}'
    ORDER BY j.completed_at DESC LIMIT 1
$$;
COMMENT ON FUNCTION teamwork.imported_before(uuid, text, text) IS 'The latest import of a file of that hash into a table by a team, if it was not undone';
