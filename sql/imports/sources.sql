-- Sources: files sent in parts, and the functions that make jobs of them.

CREATE FUNCTION create_upload(file_name text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    upload uuid;
BEGIN
    INSERT INTO teamwork.uploads (organization_id, created_by, file_name)
    VALUES (teamwork.require_member(), teamwork.current_user_id(), create_upload.file_name) RETURNING uploads.id INTO upload;
    RETURN upload;
END
$$;
COMMENT ON FUNCTION create_upload(text) IS 'Begins a file: append_upload() adds its bytes, create_background_import_job() imports it
Errors: 42501 unless the caller is an active member of a team';

CREATE FUNCTION append_upload(upload_id uuid, chunk bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part_size CONSTANT integer := 256 * 1024;
    bytes_before bigint;
BEGIN
    -- The row lock gives concurrent appends an order.
    SELECT u.bytes INTO bytes_before FROM teamwork.uploads u
    WHERE u.id = upload_id AND u.created_by = teamwork.current_user_id()
      AND u.organization_id = @extschema@.get_current_user_admin_id() FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'upload % does not exist', upload_id
            USING ERRCODE = 'no_data_found', HINT = 'Only the member who began an upload adds to it; create_upload() begins one.';
    END IF;
    INSERT INTO teamwork.upload_chunks (upload_id, byte_offset, data)
    SELECT append_upload.upload_id, bytes_before + part, substr(chunk, part + 1, part_size)
    FROM generate_series(0, coalesce(length(chunk), 0) - 1, part_size) part;
    UPDATE teamwork.uploads u SET bytes = u.bytes + coalesce(length(chunk), 0) WHERE u.id = upload_id;
    RETURN bytes_before + coalesce(length(chunk), 0);
END
$$;
COMMENT ON FUNCTION append_upload(uuid, bytea) IS 'Adds bytes to an upload that the caller began; returns the number of bytes so far
Errors: P0002 unless the caller began this upload';

CREATE FUNCTION create_scheduled_job(job_type text, data_type text, scheduled_time timestamptz DEFAULT now(),
                                     file_name text DEFAULT NULL, file_data jsonb DEFAULT NULL, options jsonb DEFAULT '{}')
    RETURNS uuid
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO @extschema@.scheduled_jobs (job_type, data_type, scheduled_time, file_name, file_data)
    VALUES (create_scheduled_job.job_type, create_scheduled_job.data_type, coalesce(create_scheduled_job.scheduled_time, now()),
            create_scheduled_job.file_name,
            coalesce(create_scheduled_job.file_data, '{}') || jsonb_build_object('options',
                coalesce(create_scheduled_job.file_data -> 'options', '{}') || coalesce(options, '{}')))
    RETURNING scheduled_jobs.id
$$;
COMMENT ON FUNCTION create_scheduled_job(text, text, timestamptz, text, jsonb, jsonb) IS 'Submits an import or an export, for now or for later; returns the job''s id
Errors: 42501 unless the caller is an active member of a team; 22023 if the data type, an option or the source is invalid; 42703 if a column does not exist; P0002 if the upload does not exist; 23514 if job_type or scheduled_time is not allowed';

CREATE FUNCTION create_background_import_job(data_type text, csv text DEFAULT NULL, records jsonb DEFAULT NULL,
                                             upload_id uuid DEFAULT NULL, mapping jsonb DEFAULT NULL,
                                             file_name text DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    upload uuid := upload_id;
BEGIN
    IF num_nonnulls(csv, records, upload_id) <> 1 THEN
        RAISE EXCEPTION 'an import needs exactly one source'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = CASE num_nonnulls(csv, records, upload_id) WHEN 0 THEN 'None was given.' ELSE 'Several were given.' END,
                  HINT = 'Give csv, records or upload_id.';
    END IF;
    PERFORM teamwork.check_data_type(data_type);
    IF csv IS NOT NULL THEN
        upload := @extschema@.create_upload(file_name);
        PERFORM @extschema@.append_upload(upload, convert_to(csv, 'UTF8'));
        -- Text has been decoded, whatever its file was in.
        IF options ? 'encoding' THEN
            PERFORM teamwork.check_options('import', options);
            options := options || '{"encoding": "utf-8"}';
        END IF;
    END IF;
    RETURN @extschema@.create_scheduled_job('import', data_type, now(), file_name,
        jsonb_strip_nulls(jsonb_build_object('upload_id', upload)) || jsonb_build_object('mapping', coalesce(mapping, '{}'))
            || CASE WHEN records IS NULL THEN '{}' ELSE jsonb_build_object('records', records) END,
        options);
END
$$;
COMMENT ON FUNCTION create_background_import_job(text, text, jsonb, uuid, jsonb, text, jsonb) IS 'Imports CSV text, records or an upload into a protected table, in the background; returns the job''s id
Errors: 42501 unless the caller is an active member of a team; 22023 unless there is exactly one source, or if the data type or an option is invalid; 42703 if the mapping names a column that a file cannot fill; P0002 if the upload does not exist';
