-- The preview: an import that is run in the caller's session and taken back. src/import/preview.rs is the other half.

COMMENT ON FUNCTION teamwork.run_preview(text, text, text, text) IS 'What an import of a CSV by the caller would do: does it under row-level security, takes it back, and tells, as JSON; NULL for who is an active member of no team';

CREATE FUNCTION preview_import(data_type text, csv text, mapping jsonb DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target regclass;
BEGIN
    PERFORM teamwork.require_member();
    IF current_setting('transaction_read_only')::boolean THEN
        RAISE EXCEPTION 'cannot execute preview_import() in a read-only transaction'
            USING ERRCODE = 'read_only_sql_transaction',
                  DETAIL = 'A preview writes the rows and takes them back: the table itself says what would become of them.',
                  HINT = CASE WHEN pg_is_in_recovery() THEN 'Ask the primary server.' ELSE 'With PostgREST, call it by POST.' END;
    END IF;
    target := teamwork.check_data_type(data_type);
    mapping := coalesce(nullif(mapping, 'null'), '{}');
    options := coalesce(nullif(options, 'null'), '{}');
    PERFORM teamwork.check_options('import', options);
    PERFORM teamwork.check_mapping(target, mapping);
    RETURN teamwork.run_preview(data_type, coalesce(csv, ''), mapping::text, options::text)::jsonb;
END
$$;
COMMENT ON FUNCTION preview_import(text, text, jsonb, jsonb) IS 'What an import of the CSV would do: dialect, mapping, the first rows as they would be stored, and the counts; writes nothing
Errors: 42501 unless the caller is an active member of a team; 22023 if the data type or an option is invalid; 42703 if the mapping names a column that a file cannot fill; 22P04 if the text is not CSV; 25006 in a read-only transaction';
