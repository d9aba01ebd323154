-- What there is to undo: the rows that an import has inserted or changed, and the times that it left on them.

CREATE FUNCTION teamwork.later_updates(job_id uuid, target regclass, OUT key text[], OUT at timestamptz) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT e.value ->> k FROM unnest(teamwork.row_identity(target)) k), max(c.at)
    FROM teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.before) e
    WHERE c.job_id = later_updates.job_id AND EXISTS (
        SELECT FROM @extschema@.scheduled_jobs j WHERE j.id = later_updates.job_id AND j.file_data #> '{options,commit_every}' IS NOT NULL)
    GROUP BY 1
$$;
COMMENT ON FUNCTION teamwork.later_updates(uuid, regclass) IS 'The keys of rows that an import with commits in between has changed, and the time that it left on them';

CREATE FUNCTION teamwork.inserted_rows(job_id uuid, target regclass, OUT image text, OUT stamp timestamptz) RETURNS SETOF record
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := (SELECT j FROM @extschema@.scheduled_jobs j WHERE j.id = job_id);
    identity CONSTANT text[] := teamwork.row_identity(target);
    -- A later commit of the import may have changed a row again. That is rare, and to look for it takes time.
    later CONSTANT text := CASE WHEN EXISTS (SELECT FROM teamwork.later_updates(job_id, target))
        THEN 'LEFT JOIN teamwork.later_updates($1, $5) u ON u.key = ARRAY(SELECT row_to_json(k.*) ->> i FROM unnest($6) i)'
        ELSE 'CROSS JOIN (SELECT NULL::timestamptz AS at) u' END;
    -- The mark can be copied with the row; the copy is of a later time. Children come after their parents: the last row goes first.
    marked CONSTANT text := 'SELECT row_to_json(k.*)::text, greatest(u.at, t.created_at) FROM %s t CROSS JOIN LATERAL (SELECT %s) k %s
                             WHERE t.import_id = $1 AND t.admin_id = $2 AND t.created_at BETWEEN $3 AND $4 ORDER BY %2$s DESC';
BEGIN
    RETURN QUERY
        SELECT e.value::text, greatest(u.at, c.at)
        FROM teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.inserted) WITH ORDINALITY e (value, place)
        LEFT JOIN teamwork.later_updates(job.id, target) u
        ON u.key = ARRAY(SELECT e.value ->> i FROM unnest(identity) i)
        WHERE c.job_id = inserted_rows.job_id ORDER BY c.ordinal DESC, e.place DESC;
    IF (SELECT t.has_import_id FROM teamwork.describe_target(target) t) THEN
        RETURN QUERY EXECUTE format(marked, teamwork.full_name(target),
                (SELECT string_agg(format('t.%I', k), ', ') FROM unnest(identity) k), later)
            USING job.id, job.organization_id, job.created_at, job.completed_at, target, identity;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.inserted_rows(uuid, regclass) IS 'The keys of the rows that an import has inserted, the last first, and the time that it left on them';

CREATE FUNCTION teamwork.updated_rows(job_id uuid, target regclass, OUT image text, OUT stamp timestamptz) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH identity AS MATERIALIZED (
        SELECT teamwork.row_identity(target) AS columns
    ), change AS (
        SELECT c.ordinal, c.at, e.value AS image, ARRAY(SELECT e.value ->> k FROM unnest(i.columns) k) AS key
        FROM identity i, teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.before) e
        WHERE c.job_id = updated_rows.job_id
    ), own AS (
        SELECT ARRAY(SELECT e.value ->> k FROM unnest(i.columns) k) AS key
        FROM identity i, teamwork.import_changes c CROSS JOIN LATERAL json_array_elements(c.inserted) e
        WHERE c.job_id = updated_rows.job_id
    )
    -- A file that has a row twice changes it twice: the first image counts, and the last time. Rows of its own just go.
    SELECT DISTINCT ON (c.key) c.image::text, max(c.at) OVER (PARTITION BY c.key)
    FROM change c
    WHERE c.image ->> 'import_id' IS DISTINCT FROM updated_rows.job_id::text AND NOT EXISTS (SELECT FROM own WHERE own.key = c.key)
    ORDER BY c.key, c.ordinal
$$;
COMMENT ON FUNCTION teamwork.updated_rows(uuid, regclass) IS 'What the rows that an import has changed were before it, and the time that it left on them';
