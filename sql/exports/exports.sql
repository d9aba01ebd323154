-- Exports: how they are submitted, what a running one asks of the catalog, the file it leaves, and how members get it. The
-- functions without a word on who calls them are src/export's.

-- Submission ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.export_columns(target regclass, OUT name text, OUT is_text boolean, OUT is_importable boolean)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname::text,
           -- By category, which domains have from their base types: not numbers, booleans, dates and times. JSON is no text
           -- for a spreadsheet either: it begins with a brace, a bracket, a quote or a number.
           t.typcategory NOT IN ('N', 'B', 'D', 'T') AND a.atttypid NOT IN ('json'::regtype, 'jsonb'::regtype),
           a.attname IN (SELECT c.name FROM teamwork.import_columns(target) c)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
$$;
COMMENT ON FUNCTION teamwork.export_columns(regclass) IS 'The columns that a file may have; is_text: what people write, and could be a formula; is_importable: exported without being asked for, as an import could fill it';

CREATE FUNCTION teamwork.check_export(target regclass, file_data jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    chosen CONSTANT jsonb := nullif(file_data -> 'options' -> 'columns', 'null');
    table_name CONSTANT name := (SELECT c.relname FROM pg_class c WHERE c.oid = target);
    stray text;
    problem text;
BEGIN
    IF jsonb_typeof(file_data) <> 'object' THEN
        RAISE EXCEPTION 'file_data must be a JSON object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT d.key INTO stray FROM jsonb_each(file_data) d
    WHERE d.key IN ('records', 'upload_id', 'mapping') AND d.value <> 'null' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an export takes no %', stray
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It reads the table. Give options only, or submit an import.';
    END IF;
    IF chosen IS NULL THEN
        IF NOT EXISTS (SELECT FROM teamwork.export_columns(target) c WHERE c.is_importable) THEN
            problem := format('table %s has no column that an import could fill', table_name);
        END IF;
    ELSE
        SELECT CASE WHEN e.name IS NULL THEN format('column "%s" does not exist in table %s', n.name, table_name)
                    ELSE format('column "%s" is named twice', n.name) END INTO problem
        FROM jsonb_array_elements_text(chosen) n (name) LEFT JOIN teamwork.export_columns(target) e ON e.name = n.name
        GROUP BY n.name, e.name HAVING e.name IS NULL OR count(*) > 1 LIMIT 1;
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('The columns are: %s.', (SELECT string_agg(c.name, ', ') FROM teamwork.export_columns(target) c)),
                  HINT = 'Name columns of the table with the option "columns", each once.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_export(regclass, jsonb) IS 'Refuses an export with a source, or of columns that the table does not have';

CREATE FUNCTION create_export_job(data_type text, file_name text DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS uuid
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.create_scheduled_job('export', data_type, now(), file_name, NULL, options)
$$;
COMMENT ON FUNCTION create_export_job(text, text, jsonb) IS 'Exports the rows of a protected table that the caller sees as CSV, in the background; returns the job''s id, for download_export()
Errors: 42501 unless the caller is an active member of a team; 22023 if the data type or an option is invalid; 42703 if a column does not exist';

-- The file ------------------------------------------------------------------------------------------------------------

CREATE TABLE teamwork.export_chunks (
    -- Checked at commit, as that of scheduled_job_errors: the job can be deleted while it runs.
    job_id uuid NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    data text NOT NULL,
    PRIMARY KEY (job_id, ordinal)
);
COMMENT ON TABLE teamwork.export_chunks IS 'The files that exports have made, in parts; they go with their jobs; download_export() and export_chunk() read them
For: members';
COMMENT ON COLUMN teamwork.export_chunks.ordinal IS 'From 1; the parts in their order are the file, and may end in the middle of a row';

-- Compressed, for files are kept as long as their jobs: to two fifths, measured on a stock list. LZ4 does it without making
-- an export slower; pglz, which is what a server built without LZ4 has, doubles its time.
DO $$
BEGIN
    ALTER TABLE teamwork.export_chunks ALTER COLUMN data SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END
$$;

ALTER TABLE teamwork.export_chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY "team members read the team's exports" ON teamwork.export_chunks FOR SELECT TO authenticated
    USING (EXISTS (SELECT FROM scheduled_jobs j
                   WHERE j.id = job_id AND j.organization_id = (SELECT get_current_user_admin_id())));

CREATE FUNCTION teamwork.export_order(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(teamwork.not_null_key(target), teamwork.primary_key(target), '{}')
$$;
COMMENT ON FUNCTION teamwork.export_order(regclass) IS 'The columns that an export is sorted by: the table''s key, else its primary key, else none';

CREATE FUNCTION teamwork.forget_export(job_id uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ DELETE FROM teamwork.export_chunks c WHERE c.job_id = forget_export.job_id $$;
COMMENT ON FUNCTION teamwork.forget_export(uuid) IS 'Deletes the file of an export that is run again';

CREATE FUNCTION teamwork.add_export_chunk(job_id uuid, ordinal integer, data text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO teamwork.export_chunks (job_id, ordinal, data)
    VALUES (add_export_chunk.job_id, add_export_chunk.ordinal, add_export_chunk.data)
$$;
COMMENT ON FUNCTION teamwork.add_export_chunk(uuid, integer, text) IS 'Adds to the file of an export';

-- Download: with the caller's rights, under the row-level security of jobs and chunks -------------------------------------

CREATE FUNCTION teamwork.require_export(job_id uuid) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.require_job(job_id, 'export');
BEGIN
    IF job.status <> 'completed' THEN
        RAISE EXCEPTION 'export % has no file', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Its status is %s.', job.status),
                  HINT = CASE WHEN job.status IN ('pending', 'processing') THEN 'Wait for its end with wait_for_job().'
                              ELSE 'Look at error_message in scheduled_jobs; retry_job() runs it again.' END;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.require_export(uuid) IS 'An error unless the caller sees such a job, and it is an export that has completed';

CREATE FUNCTION download_export(job_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- PostgreSQL's limit for a value is 1 GiB less a byte, with the message that takes it to the client.
    max_bytes CONSTANT bigint := 1000000000;
    bytes bigint;
BEGIN
    PERFORM teamwork.require_export(job_id);
    -- Known without reading the text.
    SELECT sum(octet_length(c.data)) INTO bytes FROM teamwork.export_chunks c WHERE c.job_id = download_export.job_id;
    IF bytes > max_bytes THEN
        RAISE EXCEPTION 'export % is too large for one value', job_id
            USING ERRCODE = 'program_limit_exceeded', DETAIL = format('It has %s bytes; a value may have %s.', bytes, max_bytes),
                  HINT = 'Read it in parts: export_chunk(job_id, 1), export_chunk(job_id, 2) and so on, until NULL.';
    END IF;
    RETURN (SELECT string_agg(c.data, '' ORDER BY c.ordinal) FROM teamwork.export_chunks c WHERE c.job_id = download_export.job_id);
END
$$;
COMMENT ON FUNCTION download_export(uuid) IS 'The CSV file that an export of the caller''s team has made
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an export; 55000 if it has not completed; 54000 if the file has more than 1 GB';

CREATE FUNCTION export_chunk(job_id uuid, ordinal integer) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.require_export(job_id);
    RETURN (SELECT c.data FROM teamwork.export_chunks c WHERE c.job_id = export_chunk.job_id AND c.ordinal = export_chunk.ordinal);
END
$$;
COMMENT ON FUNCTION export_chunk(uuid, integer) IS 'One part of the file of an export, counted from 1; NULL after the last; joined in their order the parts are the file
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an export; 55000 if it has not completed';
