-- The error file: the refused rows of an import, to be corrected and sent again. With the caller's rights, under the
-- row-level security of jobs and refusals.

COMMENT ON FUNCTION teamwork.error_file_header(text[], text) IS 'The first row of a file of refused rows: the columns of the file that they came in, and import_error';
COMMENT ON FUNCTION teamwork.error_file_record(text, jsonb, text[], text[], text) IS 'A row of a file of refused rows: the record as it came, as far as it is whole, and the reason; with cells that a spreadsheet would run made harmless';
COMMENT ON FUNCTION teamwork.error_file_mark(jsonb, jsonb) IS 'What a file of refused rows has behind each reason: how numbers and dates were read, so that they are read alike when they come back';

CREATE FUNCTION teamwork.refused_records(job_id uuid, mapping jsonb, OUT line bigint, OUT raw text, OUT reason text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.line, (array_agg(e.raw ORDER BY e.id))[1],
           string_agg(concat(coalesce(c.name, e.column_name) || ': ', e.message, ' (' || e.suggestion || ')'), '; ' ORDER BY e.id)
    FROM @extschema@.scheduled_job_errors e
    -- The column as the file calls it, where one column of the file went there.
    LEFT JOIN (SELECT m.value AS target, min(m.key) AS name FROM jsonb_each_text(mapping) m GROUP BY m.value HAVING count(*) = 1) c
        ON c.target = e.column_name
    WHERE e.job_id = refused_records.job_id
    GROUP BY e.line
$$;
COMMENT ON FUNCTION teamwork.refused_records(uuid, jsonb) IS 'The rows that an import refused, each once, with all its reasons in words';

CREATE FUNCTION teamwork.require_import(job_id uuid) RETURNS scheduled_jobs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.require_job(job_id, 'import');
BEGIN
    IF job.status IN ('pending', 'processing') THEN
        RAISE EXCEPTION 'import % has not ended', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Its status is %s.', job.status),
                  HINT = 'Wait for its end with wait_for_job().';
    END IF;
    RETURN job;
END
$$;
COMMENT ON FUNCTION teamwork.require_import(uuid) IS 'The job, if the caller sees it, and it is an import that has ended';

CREATE FUNCTION import_errors_csv(job_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- PostgreSQL's limit for a value is 1 GiB less a byte, with the message that takes it to the client.
    max_bytes CONSTANT bigint := 1000000000;
    job CONSTANT @extschema@.scheduled_jobs := teamwork.require_import(job_id);
    dialect CONSTANT jsonb := nullif(job.report -> 'dialect', 'null');
    delimiter CONSTANT text := coalesce(dialect ->> 'delimiter', ',');
    newline CONSTANT text := coalesce(dialect ->> 'newline', E'\n');
    header CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(job.report -> 'header'));
    mark CONSTANT text := teamwork.error_file_mark(coalesce(job.report -> 'locale', '{}'), dialect);
    -- Of records and sheets: numbers become texts, and are read in the way of their column.
    commas CONSTANT text[] := ARRAY(SELECT m.key FROM jsonb_each_text(job.report -> 'mapping') m
                                    WHERE job.report #>> ARRAY['locale', m.value, 'decimal'] = ',');
    -- U+FEFF tells an import that the rows are UTF-8 now, whatever option goes with them.
    byte_order_mark CONSTANT text := CASE WHEN dialect ->> 'encoding' <> 'UTF-8' THEN chr(65279) ELSE '' END;
    first_row CONSTANT text := byte_order_mark || teamwork.error_file_header(header, delimiter) || newline;
    bytes bigint;
BEGIN
    IF job.report -> 'header' IS NULL THEN
        RAISE EXCEPTION 'import % has no error file', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Its status is %s: none of its rows was imported.', job.status),
                  HINT = 'Correct the file that was sent, by what error_message and scheduled_job_errors say, and send it again.';
    END IF;
    -- Before anything is put together. Quotes can double a record, and each has its line end.
    SELECT sum(octet_length(r.raw) + octet_length(r.reason) + octet_length(mark) + cardinality(header) + 2) INTO bytes
    FROM teamwork.refused_records(job_id, job.report -> 'mapping') r;
    IF bytes > max_bytes THEN
        RAISE EXCEPTION 'the refused rows of import % are too large for one value', job_id
            USING ERRCODE = 'program_limit_exceeded', DETAIL = format('They have %s bytes; a value may have %s.', bytes, max_bytes),
                  HINT = 'Read them in parts from scheduled_job_errors, ordered by line; raw is the record as it stands in the file.';
    END IF;
    RETURN first_row || coalesce((
        SELECT string_agg(
            teamwork.error_file_record(coalesce(r.raw, ''), dialect, header, commas, r.reason || mark) || newline, '' ORDER BY r.line)
        FROM teamwork.refused_records(job_id, job.report -> 'mapping') r), '');
END
$$;
COMMENT ON FUNCTION import_errors_csv(uuid) IS 'The rows that an import refused, in the columns of the file, with a column import_error that says why; correct them and import them again with the same mapping
Errors: P0002 if the caller''s team has no such job; 42809 if the job is not an import; 55000 if it has not ended, or failed as a whole; 54000 if the rows have more than 1 GB';
