-- Submission: from a client's INSERT or function call to a job that may run. What cannot run is refused here, at once.

CREATE FUNCTION teamwork.require_member() RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team CONSTANT uuid := @extschema@.get_current_user_admin_id();
BEGIN
    IF team IS NULL THEN
        RAISE EXCEPTION 'the caller is not an active member of any team'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('The caller is %s.',
                                  coalesce('user ' || teamwork.current_user_id(), 'nobody: the request has no valid claims')),
                  HINT = 'Sign in with an active profile; an admin can reactivate a member with reactivate_team_member().';
    END IF;
    RETURN team;
END
$$;
COMMENT ON FUNCTION teamwork.require_member() IS 'The caller''s team, or an error for who is an active member of none';

CREATE FUNCTION teamwork.check_data_type(data_type text) RETURNS regclass
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT regclass := teamwork.target_of(data_type);
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'data type % does not exist', coalesce(quote_ident(data_type), 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('The data types are: %s.',
                                  (SELECT string_agg(t.data_type, ', ' ORDER BY t.data_type) FROM teamwork.protected_tables t)),
                  HINT = 'A data type is the name of a table that teamwork.protect_table has protected.';
    END IF;
    RETURN target;
END
$$;
COMMENT ON FUNCTION teamwork.check_data_type(text) IS 'The protected table of that name, or an error that lists the names there are';

COMMENT ON FUNCTION teamwork.option_fault(text, jsonb) IS 'The first of the options that such a job does not have, or that has a value which it cannot have, with what to give instead';
COMMENT ON FUNCTION teamwork.job_options() IS 'The options of imports, of exports and of read_csv() (kind), each with its values and its meaning
For: members
Errors: none';

CREATE FUNCTION teamwork.check_options(job_type text, options jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fault record;
BEGIN
    IF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION '% options must be a JSON object', job_type USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO fault FROM teamwork.option_fault(job_type, options);
    IF fault.is_known THEN
        RAISE EXCEPTION 'invalid value for % option "%": %', job_type, fault.option, options -> fault.option
            USING ERRCODE = 'invalid_parameter_value', HINT = fault.hint;
    ELSIF FOUND THEN
        RAISE EXCEPTION 'unrecognized % option "%"', job_type, fault.option
            USING ERRCODE = 'invalid_parameter_value', HINT = fault.hint;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_options(text, jsonb) IS 'Refuses options that such jobs do not have, and values that an option does not take';

CREATE FUNCTION teamwork.check_mapping(target regclass, mapping jsonb) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown text;
BEGIN
    IF jsonb_typeof(mapping) <> 'object' THEN
        RAISE EXCEPTION 'mapping must be a JSON object' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write {"CSV column": "table_column"}, or null for a column to leave out.';
    END IF;
    SELECT m.value INTO unknown FROM jsonb_each_text(mapping) m
    -- {"location": "Main St"} is no column of the file.
    WHERE m.value IS NOT NULL AND m.key <> 'location' AND NOT EXISTS (
        SELECT FROM teamwork.import_columns(target) c
        -- A report shows attributes as attributes.key; what it shows can be sent back.
        -- Several columns fill one together: +column is added, -column is taken off.
        WHERE m.value IN (c.name, '+' || c.name, '-' || c.name)
           OR (c.name, c.type) = ('attributes', 'jsonb') AND starts_with(m.value, 'attributes.'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'mapping names column "%", which does not exist in table % or cannot be imported', unknown,
                        (SELECT c.relname FROM pg_class c WHERE c.oid = target)
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('The columns are: %s.', (SELECT string_agg(c.name, ', ') FROM teamwork.import_columns(target) c));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_mapping(regclass, jsonb) IS 'Refuses a mapping to columns that the table does not have';

CREATE FUNCTION teamwork.check_source(file_data jsonb, organization uuid) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    records CONSTANT jsonb := nullif(file_data -> 'records', 'null');
    upload CONSTANT text := file_data ->> 'upload_id';
BEGIN
    IF num_nonnulls(records, upload) <> 1 THEN
        RAISE EXCEPTION 'an import needs exactly one source'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = CASE num_nonnulls(records, upload) WHEN 0 THEN 'None was given.' ELSE 'Two were given.' END,
                  HINT = 'Give file_data as {"records": […]} or {"upload_id": "…"}, or call create_background_import_job().';
    ELSIF records IS NOT NULL AND jsonb_typeof(records) <> 'array' THEN
        RAISE EXCEPTION 'records must be a JSON array of objects' USING ERRCODE = 'invalid_parameter_value';
    ELSIF records = '[]' THEN
        RAISE EXCEPTION 'records is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'There is nothing to import.';
    ELSIF upload IS NOT NULL AND NOT EXISTS (
            SELECT FROM teamwork.uploads u WHERE u.id::text = lower(upload) AND u.organization_id = organization) THEN
        RAISE EXCEPTION 'upload % does not exist', upload
            USING ERRCODE = 'no_data_found', HINT = 'create_upload() and append_upload() make one.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_source(jsonb, uuid) IS 'Refuses an import without exactly one source that the team owns';

CREATE FUNCTION teamwork.check_rules(job scheduled_jobs, target regclass) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text[] := CASE job.job_type WHEN 'export' THEN '{SELECT}' ELSE '{INSERT,UPDATE}' END;
BEGIN
    -- A service submits for somebody: the job itself is refused what its creator may not do.
    IF job.created_by = teamwork.current_user_id()
       AND NOT EXISTS (SELECT FROM unnest(wanted) w WHERE teamwork.role_may(target, w)) THEN
        RAISE EXCEPTION 'permission denied to % %', job.job_type, job.data_type
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('A rule of the table forbids %s to the role %s.', array_to_string(wanted, ' and '),
                                  @extschema@.get_current_user_role());
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_rules(scheduled_jobs, regclass) IS 'Refuses a job that the rules of its table forbid to the caller';

CREATE FUNCTION teamwork.check_job(job scheduled_jobs) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT regclass := teamwork.check_data_type(job.data_type);
    options CONSTANT jsonb := coalesce(nullif(job.file_data -> 'options', 'null'), '{}');
BEGIN
    PERFORM teamwork.check_rules(job, target);
    IF job.job_type = 'export' THEN
        PERFORM teamwork.check_options('export', options);
        PERFORM teamwork.check_export(target, job.file_data);
        RETURN;
    END IF;
    PERFORM teamwork.check_source(job.file_data, job.organization_id);
    PERFORM teamwork.check_options('import', options);
    PERFORM teamwork.check_mapping(target, coalesce(nullif(job.file_data -> 'mapping', 'null'), '{}'));
END
$$;
COMMENT ON FUNCTION teamwork.check_job(scheduled_jobs) IS 'Refuses a job that cannot run';

CREATE FUNCTION teamwork.reset_engine_columns(job scheduled_jobs) RETURNS scheduled_jobs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    job.submitted_as := current_user;
    job.status := 'pending';
    job.created_at := now();
    job.attempts := 0;
    job.crashes := 0;
    job.started_at := NULL;
    job.completed_at := NULL;
    job.error_message := NULL;
    job.record_count := NULL;
    job.progress := NULL;
    job.report := NULL;
    job.checkpoint := NULL;
    job.lease := NULL;
    RETURN job;
END
$$;
COMMENT ON FUNCTION teamwork.reset_engine_columns(scheduled_jobs) IS 'The job with everything that only the engine writes set to what is true of a new job';

CREATE FUNCTION teamwork.admit_job() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        PERFORM teamwork.require_member();
        NEW.created_by := teamwork.current_user_id();
    END IF;
    -- Services name the creator and the team of a job. What became of it nobody makes up but a superuser.
    IF NOT current_setting('is_superuser')::boolean THEN
        NEW := teamwork.reset_engine_columns(NEW);
    END IF;
    NEW.file_data := coalesce(NEW.file_data, '{}');
    PERFORM teamwork.check_job(NEW);
    NEW.creator_name := coalesce(NEW.creator_name, (SELECT p.full_name FROM @extschema@.user_profiles p WHERE p.id = NEW.created_by));
    NEW.upload_id := (NEW.file_data ->> 'upload_id')::uuid;
    NEW.waits_until := CASE WHEN NEW.scheduled_time > teamwork.engine_time() THEN NEW.scheduled_time END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.admit_job() IS 'Trigger: a new job belongs to its caller, starts from the beginning, and can run';

CREATE FUNCTION teamwork.reschedule_job() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.waits_until := CASE WHEN NEW.scheduled_time > teamwork.engine_time() THEN NEW.scheduled_time END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.reschedule_job() IS 'Trigger: a pending job becomes due at its new time';

CREATE TRIGGER admit_job BEFORE INSERT ON scheduled_jobs
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.admit_job();

CREATE TRIGGER reschedule_job BEFORE UPDATE OF scheduled_time ON scheduled_jobs
    FOR EACH ROW WHEN (NEW.status = 'pending' AND OLD.scheduled_time <> NEW.scheduled_time) EXECUTE FUNCTION teamwork.reschedule_job();

CREATE FUNCTION teamwork.wake_on_job() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.wake();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.wake() IS 'Wakes the engine when the current transaction commits';
COMMENT ON FUNCTION teamwork.engine_time() IS 'The engine''s clock: clock_timestamp() moved by teamwork.clock_offset';
COMMENT ON FUNCTION teamwork.wake_on_job() IS 'Trigger: the commit of new or changed jobs wakes the scheduler';

CREATE TRIGGER wake_on_job AFTER INSERT OR UPDATE OF scheduled_time ON scheduled_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.wake_on_job();

CREATE TRIGGER hold_engine BEFORE INSERT ON scheduled_jobs
    FOR EACH STATEMENT WHEN (teamwork.restoring()) EXECUTE FUNCTION teamwork.hold_engine();
